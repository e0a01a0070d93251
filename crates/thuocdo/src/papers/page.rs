//! A page of an official document as a PDF, with a place for its signature.
//!
//! No font travels with the product: a letter with marks that the reader's own font lacks is drawn without some of them,
//! and the table of letters says what it is, so that searching and copying give the words as they are.

use std::collections::BTreeMap;
use std::fmt::Write;

use criteria::date::Date;
use cycle::time;

use super::Paper;

/// Room for the signature, in bytes.
const SIGNATURE_BYTES: usize = 6_000;

/// The name of the glyph that draws a letter.
fn glyph(letter: char) -> String {
    #[rustfmt::skip]
    const SIGNS: [(char, &str); 26] = [
        (' ', "space"), ('.', "period"), (',', "comma"), (':', "colon"), (';', "semicolon"), ('/', "slash"),
        ('-', "hyphen"), ('_', "underscore"), ('(', "parenleft"), (')', "parenright"), ('0', "zero"), ('1', "one"),
        ('2', "two"), ('3', "three"), ('4', "four"), ('5', "five"), ('6', "six"), ('7', "seven"), ('8', "eight"),
        ('9', "nine"), ('đ', "d"), ('Đ', "Eth"), ('–', "endash"), ('“', "quotedblleft"), ('”', "quotedblright"), ('%', "percent"),
    ];
    if let Some((_, name)) = SIGNS.iter().find(|(sign, _)| *sign == letter) {
        return (*name).to_owned();
    }
    // Of several marks the circumflex is kept; the horn and the breve are in no standard font.
    const MARKED: &str = "âêôÂÊÔàáãèéìíòóõùúýÀÁÃÈÉÌÍÒÓÕÙÚÝ";
    let folded = scoring::notation::fold(&letter.to_string());
    let base = folded.chars().next().filter(char::is_ascii_alphabetic).unwrap_or('o');
    let base = if letter.is_uppercase() { base.to_ascii_uppercase() } else { base };
    let hat = "âầấẩẫậêềếểễệôồốổỗộ".contains(letter.to_lowercase().next().unwrap_or(letter));
    if hat {
        return format!("{base}circumflex");
    }
    if !MARKED.contains(letter) {
        return base.to_string();
    }
    let mark = match letter.to_lowercase().next() {
        Some('à' | 'è' | 'ì' | 'ò' | 'ù') => "grave",
        Some('ã' | 'õ') => "tilde",
        _ => "acute",
    };
    format!("{base}{mark}")
}

/// The letters of a page, by the byte that stands for each.
#[derive(Default)]
struct Letters(BTreeMap<char, u8>);

impl Letters {
    fn code(&mut self, text: &str) -> String {
        let mut hex = String::new();
        for letter in text.chars() {
            let next = u8::try_from(self.0.len() + 1).unwrap_or(u8::MAX);
            let code = *self.0.entry(letter).or_insert(next);
            let _ = write!(hex, "{code:02X}");
        }
        hex
    }

    fn by_code(&self) -> Vec<(u8, char)> {
        let mut all: Vec<(u8, char)> = self.0.iter().map(|(letter, code)| (*code, *letter)).collect();
        all.sort_unstable();
        all
    }

    fn encoding(&self) -> String {
        let names: Vec<String> = self.by_code().iter().map(|(_, letter)| format!("/{}", glyph(*letter))).collect();
        format!("<< /Type /Encoding /Differences [1 {}] >>", names.join(" "))
    }

    fn to_unicode(&self) -> String {
        let mut table = String::from(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n\
             1 begincodespacerange <00> <FF> endcodespacerange\n",
        );
        for part in self.by_code().chunks(100) {
            let _ = writeln!(table, "{} beginbfchar", part.len());
            for (code, letter) in part {
                let _ = writeln!(table, "<{code:02X}> <{:04X}>", u32::from(*letter));
            }
            table.push_str("endbfchar\n");
        }
        table.push_str("endcmap CMapName currentdict /CMap defineresource pop end end");
        table
    }
}

/// The lines of a document: left edge, height, size, words.
fn lines(paper: &Paper<'_>) -> Vec<(u32, u32, u32, String)> {
    let day: Date = time::day_of(paper.at);
    let place = paper.unit.split_once(' ').map_or(paper.unit, |(_, place)| place);
    let number = paper.number;
    let mut lines = vec![
        (60, 780, 11, "ỦY BAN NHÂN DÂN".to_owned()),
        (290, 780, 11, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM".to_owned()),
        (60, 764, 11, paper.unit.to_uppercase()),
        (330, 764, 11, "Độc lập - Tự do - Hạnh phúc".to_owned()),
        (60, 740, 11, format!("Số: {number}")),
        (290, 740, 11, format!("{place}, ngày {} tháng {} năm {}", day.day(), day.month(), day.year())),
        (230, 706, 14, paper.kind.to_owned()),
        (100, 686, 12, format!("Về việc {}", paper.about)),
        (60, 650, 12, format!("Căn cứ chương trình công tác năm {} của {};", day.year(), paper.unit)),
        (60, 632, 12, format!("Theo đề nghị của bộ phận Văn hóa – Xã hội {},", paper.unit)),
        (60, 604, 12, format!("Điều 1. {} tổ chức thực hiện việc {}.", paper.unit, paper.about)),
        (60, 586, 12, format!("Điều 2. Các bộ phận của {place} báo cáo kết quả hằng quý, kèm số {number}.")),
        (60, 568, 12, format!("Điều 3. Văn bản có hiệu lực từ ngày {}/{}/{}.", day.day(), day.month(), day.year())),
        (340, 520, 12, paper.position.to_uppercase()),
        (340, 440, 12, paper.signer.to_owned()),
    ];
    lines.push((60, 80, 9, "TÀI LIỆU MẪU: mọi đơn vị, người và số liệu ở đây đều là bịa đặt.".to_owned()));
    lines
}

fn content(paper: &Paper<'_>, letters: &mut Letters) -> String {
    let mut content = String::from("BT\n");
    for (x, y, size, words) in lines(paper) {
        let _ = writeln!(content, "/F1 {size} Tf 1 0 0 1 {x} {y} Tm <{}> Tj", letters.code(&words));
    }
    content.push_str("ET");
    content
}

fn stream(text: &str) -> String {
    format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len())
}

/// A document with its signature, made by `sign` over everything but the place where it stands.
pub fn signed(paper: &Paper<'_>, sign: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut letters = Letters::default();
    let page = content(paper, &mut letters);
    let at = time::zone();
    let claimed = paper.at.to_zoned(at).strftime("D:%Y%m%d%H%M%S+07'00'").to_string();
    let empty = "0".repeat(SIGNATURE_BYTES * 2);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] /SigFlags 3 >> >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> /Annots [8 0 R] >>"
            .to_owned(),
        stream(&page),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding 6 0 R /ToUnicode 7 0 R >>".to_owned(),
        letters.encoding(),
        stream(&letters.to_unicode()),
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /Rect [0 0 0 0] /F 132 /P 3 0 R /V 9 0 R >>"
            .to_owned(),
        format!(
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M ({claimed}) \
             /ByteRange [0 0000000000 0000000000 0000000000] /Contents <{empty}> >>"
        ),
    ];
    let mut pdf = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = pdf.len();
    let _ = write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(pdf, "{place:010} 00000 n ");
    }
    let _ = write!(pdf, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    let from = pdf.find(&format!("<{empty}>"))?;
    let to = from + empty.len() + 2;
    let range = format!("/ByteRange [0 {from:010} {to:010} {:010}]", pdf.len() - to);
    let mut pdf = pdf.replacen("/ByteRange [0 0000000000 0000000000 0000000000]", &range, 1).into_bytes();
    let value = sign(&[&pdf[..from], &pdf[to..]].concat())?;
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    pdf.get_mut(from + 1..from + 1 + hex.len()).filter(|_| hex.len() <= empty.len())?.copy_from_slice(hex.as_bytes());
    Some(pdf)
}

/// Puts another page in the place of the signed one, as somebody would who hopes that nobody looks.
pub fn alter(pdf: &mut Vec<u8>, paper: &Paper<'_>) {
    let mut letters = Letters::default();
    let page = content(paper, &mut letters);
    let moved = page.replacen("1 0 0 1 60 650 Tm", "1 0 0 1 60 652 Tm", 1);
    let text = String::from_utf8_lossy(pdf).into_owned();
    let before: usize = text
        .rsplit_once("startxref\n")
        .and_then(|(_, rest)| rest.lines().next())
        .and_then(|at| at.parse().ok())
        .unwrap_or(0);
    let place = pdf.len();
    let mut more = format!("4 0 obj\n{}\nendobj\n", stream(&moved));
    let table = place + more.len();
    let _ = write!(
        more,
        "xref\n4 1\n{place:010} 00000 n \ntrailer\n<< /Size 10 /Root 1 0 R /Prev {before} >>\nstartxref\n{table}\n%%EOF\n"
    );
    pdf.extend(more.bytes());
}
