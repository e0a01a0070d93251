//! The front of a document: its kind, number, date, issuer, annex, title and level, told from the prose around the tables.

use std::sync::LazyLock;

use criteria::Text;
use criteria::date::Day;
use criteria::model::Document;
use regex::Regex;

use super::plain::{Plain, plain};
use super::values::{day, pattern};

/// What the front says.
#[derive(Clone, Debug, PartialEq)]
pub struct Front {
    /// The document.
    pub document: Document,
    /// The set's title.
    pub title: String,
    /// The level of the units, as an id.
    pub level: String,
    /// The first year that it is applied to.
    pub year: i16,
    /// What could not be read.
    pub doubts: Vec<Text>,
}

/// Kinds of documents with their signs in a number.
const KINDS: &[(&str, &str, &str)] = &[
    ("quyet dinh", "QĐ", "Quyết định"),
    ("ke hoach", "KH", "Kế hoạch"),
    ("cong van", "UBND-", "Công văn"),
    ("thong tu", "TT", "Thông tư"),
    ("huong dan", "HD", "Hướng dẫn"),
];

/// Levels: words of a title, the id.
const LEVELS: &[(&str, &str)] = &[
    ("cap xa", "commune"),
    ("xa, phuong", "commune"),
    ("thi tran", "commune"),
    ("cap huyen", "district"),
    ("cap so", "department"),
    ("so, ban, nganh", "department"),
    ("so, nganh", "department"),
    ("cap tinh", "province"),
    (" xa ", "commune"),
    (" huyen ", "district"),
];

/// Reads the front of a document from its prose.
pub fn front(prose: &[String], heads: &[String]) -> Front {
    let mut doubts = Vec::new();
    let all = prose.join("\n");
    let plain_all = Plain::new(&all);
    let (number, at) = number(&plain_all).unwrap_or_else(|| {
        doubts.push(Text::new("không đọc được số, ký hiệu văn bản", "the document's number could not be read"));
        ("?".to_owned(), 0)
    });
    let kind = kind(&number, &plain_all.text);
    if kind == "Văn bản" {
        doubts.push(Text::new("không rõ loại văn bản", "the kind of the document is not clear"));
    }
    // The date beside the number is the document's own; else the first full date.
    let near: String = plain_all.text.get(at..).unwrap_or_default().chars().take(160).collect();
    let date = day(&near).or_else(|| place_and_date(prose)).or_else(|| day(&all)).unwrap_or_else(|| {
        doubts.push(Text::new("không đọc được ngày ban hành", "the day of issue could not be read"));
        Day(criteria::date::Date::constant(year_of(&plain_all.text).unwrap_or(1900), 1, 1))
    });
    let year = title_year(&plain_all.text).unwrap_or_else(|| date.0.year());
    if !(1901..=9998).contains(&year) {
        doubts.push(Text::new("không rõ năm áp dụng", "the year of application is not clear"));
    }
    let issuer = issuer(&plain_all, at).unwrap_or_else(|| {
        doubts.push(Text::new("không đọc được cơ quan ban hành", "the issuer could not be read"));
        "?".to_owned()
    });
    let title = title(prose).unwrap_or_else(|| {
        doubts.push(Text::new("không thấy tên bộ chỉ số", "no title was found"));
        "Bộ chỉ số chưa có tên".to_owned()
    });
    let words = format!(
        " {} {} {} ",
        plain(&title),
        plain(prose.get(..12).unwrap_or(prose).join(" ").as_str()),
        plain(&heads.join(" "))
    );
    let level = LEVELS.iter().find(|(words_of, _)| format!(" {} ", plain(&title)).contains(words_of));
    let level = level.or_else(|| LEVELS.iter().find(|(words_of, _)| words.contains(words_of)));
    let level = level.map_or_else(
        || {
            doubts.push(Text::new("không rõ cấp áp dụng", "the level is not clear"));
            "unit".to_owned()
        },
        |(_, id)| (*id).to_owned(),
    );
    let document = Document { kind: kind.to_owned(), number, date, issuer, annex: annex(prose) };
    Front { document, title, level, year: year.clamp(1900, 9998), doubts }
}

fn number(plain: &Plain<'_>) -> Option<(String, usize)> {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:ban hanh kem theo|kem theo) (?:quyet dinh|ke hoach|cong van|thong tu)(?: so)?:? ?(?:\.{3,} ?)?(\d{0,5} ?/ ?[a-z0-9&-]+(?: ?/ ?[a-z0-9&-]+)?)",
        )
    });
    static HEAD: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\bso:? ?(\d{1,5} ?/ ?[a-z0-9&-]{2,}(?: ?/ ?[a-z0-9&-]+)?)"));
    let found = OWN.captures(&plain.text).or_else(|| HEAD.captures(&plain.text))?;
    let group = found.get(1)?;
    let printed: String = plain.printed(group.range()).chars().filter(|letter| !letter.is_whitespace()).collect();
    let printed = printed.trim_end_matches(['-', '/', '.', ',']).to_owned();
    // Dots in place of a number: the document was not numbered yet.
    let printed = if printed.starts_with('/') { format!("…{printed}") } else { printed };
    Some((printed, found.get(0)?.start()))
}

fn kind(number: &str, plain_all: &str) -> &'static str {
    let by_sign = KINDS.iter().find(|(_, sign, _)| number.split(['/', '-']).any(|piece| piece == *sign));
    let by_sign = by_sign.or_else(|| KINDS.iter().find(|(_, sign, _)| sign.ends_with('-') && number.contains(*sign)));
    let by_word =
        || KINDS.iter().filter_map(|(word, _, kind)| Some((plain_all.find(word)?, *kind))).min().map(|(_, kind)| kind);
    by_sign.map(|(_, _, kind)| *kind).or_else(by_word).unwrap_or("Văn bản")
}

/// "Khe Tre, ngày 08 tháng 5 năm 2024".
fn place_and_date(prose: &[String]) -> Option<Day> {
    prose.iter().filter(|line| plain(line).contains(", ngay ")).find_map(|line| day(line))
}

fn year_of(plain_all: &str) -> Option<i16> {
    static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(20\d{2})\b"));
    YEAR.find(plain_all)?.as_str().parse().ok()
}

/// The year that a title names: "năm 2024".
fn title_year(plain_all: &str) -> Option<i16> {
    static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:chuyen doi so|dti)\)?[^.]{0,60}? nam (20\d{2})\b"));
    YEAR.captures(plain_all)?[1].parse().ok()
}

/// The body whose name stands behind the number, else at the head of the paper, else anywhere.
fn issuer(plain: &Plain<'_>, number_at: usize) -> Option<String> {
    static OF: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\bcua ((?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd)(?: (?:tinh|thanh pho|huyen|quan|xa|phuong|thi tran|thi xa))?",
            r"|bo|so|van phong|thu tuong)\b"
        ))
    });
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b((?:uy ban nhan dan|ubnd) (?:tinh|thanh pho|huyen|quan|xa|phuong|thi tran|thi xa))\b")
    });
    let text = &plain.text;
    let near_end = text.len().min(number_at + 200);
    let near = OF.captures(&text[number_at..near_end]).and_then(|found| found.get(1));
    let near = near.map(|group| (number_at + group.start(), number_at + group.end()));
    let whole = |found: regex::Match<'_>| (found.start(), found.end());
    let head = HEAD.captures(text).and_then(|found| found.get(1)).map(whole);
    let any = OF.captures(text).and_then(|found| found.get(1)).map(whole);
    let named = |(start, end): (usize, usize)| {
        let body = plain.printed(start..end);
        let rest = plain.printed(end..text.len().min(end + 60));
        let line = rest.split(['\n', ')', ';', ',', '.', '*']).next().unwrap_or_default();
        let name: Vec<&str> =
            line.split_whitespace().take(5).take_while(|word| word.starts_with(char::is_uppercase)).collect();
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        (format!("{body} {}", name.join(" ")).trim().to_owned(), !name.is_empty())
    };
    let found: Vec<(String, bool)> = [near, head, any].into_iter().flatten().map(named).collect();
    found.iter().find(|(_, has_name)| *has_name).or(found.first()).map(|(body, _)| body.clone())
}

fn annex(prose: &[String]) -> Option<String> {
    static ANNEX: LazyLock<Regex> = LazyLock::new(|| pattern(r"^#* ?(phu luc(?: (?:so )?(?:\d+|[ivx]+))?)\b"));
    prose.iter().find_map(|line| {
        let plain = Plain::new(line);
        let found = ANNEX.captures(&plain.text)?.get(1)?;
        Some(plain.printed(found.range()).to_owned())
    })
}

/// The title: from "BỘ CHỈ SỐ …" or "BẢNG …" on, over the lines in capitals.
fn title(prose: &[String]) -> Option<String> {
    let starts =
        ["bo chi so", "bo tieu chi", "bang tieu chi", "bang chi so", "bang phu luc", "v/v giao nhiem vu", "phan cong"];
    let begins =
        |start: &&str| prose.iter().position(|line| plain(line.trim_start_matches(['#', ' '])).starts_with(*start));
    let names = |line: &String| {
        let words = plain(line);
        words.len() < 200 && ["chi so", "tieu chi", "chuyen doi so"].iter().any(|name| words.contains(name))
    };
    let first = starts.iter().find_map(begins).or_else(|| prose.iter().position(names))?;
    let mut title = prose[first].trim_start_matches(['#', ' ']).to_owned();
    let capitals = |line: &str| line.chars().any(char::is_alphabetic) && !line.chars().any(char::is_lowercase);
    let in_capitals = capitals(&title);
    for line in prose[first + 1..].iter().take(3) {
        if !in_capitals || !capitals(line) {
            break;
        }
        title = format!("{} {line}", title.trim());
    }
    Some(title.split_whitespace().collect::<Vec<_>>().join(" "))
}
