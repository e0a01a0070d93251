//! What an official document says of itself, by the state's format (Decree 30/2020): number and sign, day, issuing body,
//! what it is about. Read as proposals: whoever uses them says where they came from.

use criteria::date::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

use crate::plain_words;

/// Lines in which the head of a document is looked for.
const HEAD_LINES: usize = 60;
/// Longest of what is read, in letters.
const LETTERS_MAX: usize = 300;

/// What a document says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Number and sign (số, ký hiệu), such as 12/QĐ-UBND.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The day of issue (ngày ban hành).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// The issuing body (cơ quan ban hành).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What it is about (trích yếu).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The encoding from before Unicode that the text was converted from, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_from: Option<String>,
}

fn pattern(cell: &'static OnceLock<Option<Regex>>, text: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(text).ok()).as_ref()
}

fn number_in(line: &str) -> Option<String> {
    static NUMBER: OnceLock<Option<Regex>> = OnceLock::new();
    let found = pattern(
        &NUMBER,
        r"(?i:(?:^|[\s\t])số)\s*[:.]?\s*(\d{1,5}[a-zđ]?)\s*/\s*((?:\d{4}\s*/\s*)?[\p{Lu}][\p{Lu}\d&.]*(?:\s*[-–]\s*[\p{Lu}][\p{Lu}\d&.]*)*)",
    )?
    .captures(line)?;
    let sign: String = found[2].chars().filter(|letter| !letter.is_whitespace()).collect();
    Some(format!("{}/{}", &found[1], sign.replace('–', "-")))
}

fn day_in(line: &str) -> Option<Date> {
    static DAY: OnceLock<Option<Regex>> = OnceLock::new();
    let found = pattern(&DAY, r"(?i)ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})")?.captures(line)?;
    Date::new(found[3].parse().ok()?, found[2].parse().ok()?, found[1].parse().ok()?).ok()
}

/// Names of kinds of documents that stand alone on a line above what the document is about.
const KINDS: [&str; 14] = [
    "quyet dinh",
    "ke hoach",
    "bao cao",
    "thong bao",
    "chi thi",
    "nghi quyet",
    "chuong trinh",
    "phuong an",
    "de an",
    "huong dan",
    "quy che",
    "quy dinh",
    "to trinh",
    "bien ban",
];

fn plain(text: &str) -> String {
    plain_words(text).collect::<Vec<_>>().join(" ")
}

fn is_motto(plain: &str) -> bool {
    plain.is_empty()
        || plain.starts_with("cong hoa xa hoi chu nghia")
        || plain.starts_with("doc lap tu do hanh phuc")
        || plain.starts_with("dang cong san viet nam")
}

fn shortened(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches([' ', ':', ';', '-', '–', '_', '.', ',']).to_owned();
    (!text.is_empty()).then(|| text.chars().take(LETTERS_MAX).collect())
}

/// Reads a document's text, line by line; columns on one line are set apart by tabs.
pub fn read(text: &str) -> Facts {
    let converted = crate::legacy::recognise(text);
    let decoded = converted.map(|encoding| encoding.decode(text));
    let lines: Vec<&str> = decoded.as_deref().unwrap_or(text).lines().take(HEAD_LINES).collect();
    let mut facts = Facts {
        converted_from: converted.map(|encoding| match encoding {
            crate::legacy::Encoding::Tcvn3 { .. } => "TCVN3".to_owned(),
            crate::legacy::Encoding::Vni => "VNI".to_owned(),
        }),
        ..Facts::default()
    };
    let Some(number_line) = lines.iter().position(|line| number_in(line).is_some()) else {
        facts.day = lines.iter().take(12).find_map(|line| day_in(line));
        return facts;
    };
    facts.number = number_in(lines[number_line]);
    // The day stands at the height of the number, or a line or two beside it.
    let near = &lines[number_line.saturating_sub(3)..(number_line + 4).min(lines.len())];
    facts.day = near.iter().find_map(|line| day_in(line));
    let above: Vec<&str> = lines[..number_line]
        .iter()
        .flat_map(|line| line.split('\t'))
        .map(str::trim)
        .filter(|part| !is_motto(&plain(part)) && day_in(part).is_none())
        .collect();
    // "UBND HUYỆN A / UBND XÃ B": the nearest to the number issues; a name over two lines is put together.
    let issuer = match above.as_slice() {
        [.., first, second]
            if plain(first).ends_with("uy ban nhan dan") || plain(first).ends_with("hoi dong nhan dan") =>
        {
            format!("{first} {second}")
        }
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    };
    facts.issuer = shortened(&issuer);
    facts.about = about(&lines, number_line).and_then(|text| shortened(&text));
    facts
}

fn about(lines: &[&str], number_line: usize) -> Option<String> {
    static LETTER: OnceLock<Option<Regex>> = OnceLock::new();
    let ends = |line: &str| {
        let plain = plain(line);
        plain.is_empty()
            || plain.starts_with("can cu")
            || plain.starts_with("kinh gui")
            || plain.starts_with("thuc hien")
            || plain.starts_with("dieu 1")
            || line.trim().starts_with(['_', '-', '–'])
            || (line.chars().any(char::is_alphabetic) && line.to_uppercase() == line)
    };
    for at in number_line..lines.len() {
        for part in lines[at].split('\t') {
            // Of a letter: "V/v …" below the number.
            if let Some(found) = pattern(&LETTER, r"(?i)^\s*(?:V\s*/\s*v|Về\s+việc)\s*[:.]?\s*(.+)$")?.captures(part)
            {
                let more = lines[at + 1..].iter().take(3).map(|line| line.split('\t').next().unwrap_or_default());
                let more = more.take_while(|line| !ends(line) && day_in(line).is_none());
                return Some(std::iter::once(&found[1]).chain(more).collect::<Vec<_>>().join(" "));
            }
            if KINDS.contains(&plain(part).as_str()) && part.trim().to_uppercase() == part.trim() {
                let own = lines[at + 1..].iter().skip_while(|line| plain(line).is_empty()).take(5);
                let own: Vec<&str> = own.take_while(|line| !ends(line)).copied().collect();
                let own = own.join(" ");
                let own = own.trim_start();
                let rest = ["Về việc", "V/v"].iter().find_map(|start| own.strip_prefix(start)).unwrap_or(own);
                return (!rest.is_empty()).then(|| rest.to_owned());
            }
        }
    }
    None
}

impl Facts {
    /// What makes two files the same document: number, day and issuing body, without marks and capitals.
    pub fn key(&self) -> Option<String> {
        let (number, day) = (self.number.as_ref()?, self.day?);
        let issuer = self.issuer.as_deref().map(plain).unwrap_or_default();
        Some(format!("{}|{day}|{issuer}", number.to_uppercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECISION: &str = "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ HÒA BÌNH\tĐộc lập - Tự do - Hạnh phúc
_______
Số: 12 /QĐ - UBND\tHòa Bình, ngày 15 tháng 3 năm 2023

QUYẾT ĐỊNH
Về việc thành lập Ban Chỉ đạo
chuyển đổi số xã Hòa Bình
_______
CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ
Căn cứ Luật Tổ chức chính quyền địa phương";

    #[test]
    fn a_decision_says_who_when_and_what() {
        let facts = read(DECISION);
        assert_eq!(facts.number.as_deref(), Some("12/QĐ-UBND"));
        assert_eq!(facts.day, Date::new(2023, 3, 15).ok());
        assert_eq!(facts.issuer.as_deref(), Some("ỦY BAN NHÂN DÂN XÃ HÒA BÌNH"));
        assert_eq!(facts.about.as_deref(), Some("thành lập Ban Chỉ đạo chuyển đổi số xã Hòa Bình"));
        assert_eq!(facts.key().as_deref(), Some("12/QĐ-UBND|2023-03-15|uy ban nhan dan xa hoa binh"));
    }

    #[test]
    fn a_letter_says_what_it_is_about_below_its_number() {
        let facts = read(
            "UBND HUYỆN A\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nUBND XÃ B\tĐộc lập – Tự do – Hạnh phúc\nSố: 114/UBND-VHXH\tB, ngày 2 tháng 4 năm 2024\nV/v đôn đốc thực hiện\nchỉ số chuyển đổi số\nKính gửi: Các ban, ngành",
        );
        assert_eq!(facts.number.as_deref(), Some("114/UBND-VHXH"));
        assert_eq!(facts.issuer.as_deref(), Some("UBND XÃ B"));
        assert_eq!(facts.about.as_deref(), Some("đôn đốc thực hiện chỉ số chuyển đổi số"));
    }

    #[test]
    fn a_text_in_an_old_encoding_is_converted_and_says_so() {
        let old =
            crate::legacy::Encoding::Tcvn3 { capitals: false }.encode(&DECISION.to_lowercase().replace("số:", "Số:"));
        let facts = read(&old);
        assert_eq!(facts.converted_from.as_deref(), Some("TCVN3"));
        assert_eq!(facts.day, Date::new(2023, 3, 15).ok());
    }

    #[test]
    fn what_is_no_document_says_nothing() {
        for text in ["", "Số", "số: 5", "ngày 45 tháng 13 năm 2023", "Số: /QĐ", "\t\t\n\t"] {
            assert_eq!(read(text), Facts::default(), "{text:?}");
        }
    }
}
