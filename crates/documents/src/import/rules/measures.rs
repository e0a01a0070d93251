//! What is counted of what: the nouns of the documents, and the figures that a share is made of.

use criteria::model::{Figure, FigureKind};

use super::{Words, figure, short};

/// Something that is counted: the id of its figure and how people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// The figure's id.
    pub id: &'static str,
    /// What is counted.
    pub label: &'static str,
}

/// Phrases in plain form with what they count, the longer and more telling first.
const NOUNS: &[(&str, &str, &str)] = &[
    ("do tuoi lao dong", "working_age", "người trong độ tuổi lao động"),
    ("tu 15 tuoi", "age_15", "người từ 15 tuổi trở lên"),
    ("truong thanh", "adults", "người ở độ tuổi trưởng thành"),
    ("dien thoai thong minh tren dia ban", "smartphone_users", "người dùng điện thoại thông minh"),
    ("ho gia dinh", "households", "hộ gia đình"),
    ("ho kinh doanh", "businesses", "doanh nghiệp, hộ kinh doanh"),
    ("co so kinh doanh", "businesses", "cơ sở kinh doanh"),
    ("doanh nghiep nho va vua", "smes", "doanh nghiệp nhỏ và vừa"),
    ("doanh nghiep", "enterprises", "doanh nghiệp"),
    ("to dan pho", "hamlets", "thôn, tổ dân phố"),
    ("thon", "hamlets", "thôn, tổ dân phố"),
    ("cbccvc", "staff", "cán bộ, công chức, viên chức và người lao động"),
    ("cong chuc, vien chuc", "staff", "cán bộ, công chức, viên chức và người lao động"),
    ("can bo, cong chuc", "staff", "cán bộ, công chức"),
    ("nguoi lao dong", "workers", "người lao động"),
    ("nhan su", "staff", "cán bộ, công chức, viên chức và người lao động"),
    ("cong chuc", "civil_servants", "công chức"),
    ("vien chuc", "public_employees", "viên chức"),
    ("may tram", "workstations", "máy trạm"),
    ("may chu", "servers", "máy chủ"),
    ("may tinh", "computers", "máy tính"),
    ("he thong thong tin", "systems", "hệ thống thông tin"),
    ("thu tuc hanh chinh", "procedures", "thủ tục hành chính"),
    ("tthc", "procedures", "thủ tục hành chính"),
    ("dvctt", "online_services", "dịch vụ công trực tuyến"),
    ("dich vu cong truc tuyen", "online_services", "dịch vụ công trực tuyến"),
    ("ho so", "dossiers", "hồ sơ"),
    ("phan anh", "field_reports", "phản ánh"),
    ("cau hoi", "questions", "câu hỏi"),
    ("van ban", "documents", "văn bản"),
    ("nen tang", "platforms", "nền tảng"),
    ("co quan/don vi thuoc", "subordinate_units", "cơ quan, đơn vị trực thuộc"),
    ("don vi truc thuoc", "subordinate_units", "đơn vị trực thuộc"),
    ("su co", "incidents", "sự cố"),
    ("ngan sach", "budget", "tổng chi ngân sách"),
    ("nguoi dan", "population", "người dân"),
    ("dan so", "population", "người dân"),
    ("cong dan", "population", "người dân"),
];

/// What plain words count, first by the phrase that stands first in them.
pub fn whole_of(plain: &str) -> Option<Noun> {
    let padded = format!(" {plain} ").replace([':', ';', '(', ')', '.'], " ");
    NOUNS
        .iter()
        .filter_map(|(phrase, id, label)| {
            let at = padded.find(&format!(" {phrase}"))?;
            let behind = padded[at + 1 + phrase.len()..].chars().next();
            behind.is_none_or(|letter| !letter.is_ascii_alphanumeric()).then_some((at, Noun { id, label }))
        })
        .min_by_key(|(at, _)| *at)
        .map(|(_, noun)| noun)
}

/// The part and the whole of a share as references, with the figures that the indicator declares for them. Whether the
/// whole is known from the words, too.
pub fn part_and_whole(words: &Words<'_>, of: &str) -> (String, String, Vec<Figure>, bool) {
    let noun = whole_of(of).or_else(|| whole_of(&words.name.text));
    let name = short(words.wording.name);
    let mut figures = vec![figure("part", format!("Số đạt: {name}"), FigureKind::Count, noun.map(|noun| noun.label))];
    if let Some(noun) = noun
        && let Some(known) = words.wording.profile.iter().find(|known| known.id == noun.id)
        && known.kind == FigureKind::Count
    {
        return ("part".to_owned(), format!("profile.{}", noun.id), figures, true);
    }
    let label = match noun {
        Some(noun) => format!("Tổng số {}", noun.label),
        None => format!("Tổng số để tính tỷ lệ: {name}"),
    };
    figures.push(figure("whole", label, FigureKind::Count, noun.map(|noun| noun.label)));
    ("part".to_owned(), "whole".to_owned(), figures, noun.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_that_stands_first_is_counted() {
        for (words, id) in [
            ("100% ho gia dinh co may tinh", "households"),
            ("100% cbccvc dang ky", "staff"),
            ("nguoi tu 15 tuoi tro len", "age_15"),
            ("100% nguoi dan truong thanh", "population"),
        ] {
            assert_eq!(whole_of(words).map(|noun| noun.id), Some(id), "{words}");
        }
        assert_eq!(whole_of("100% noi dung"), None);
    }
}
