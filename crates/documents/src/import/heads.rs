//! What a column is, by its head, with or without diacritics.

use serde::Serialize;

use super::plain::plain;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// TT, STT.
    No,
    /// Tiêu chí, chỉ số, nội dung.
    Name,
    /// Điểm tối đa.
    Points,
    /// Thời gian hoàn thành.
    Due,
    /// Hướng dẫn thực hiện, nội dung thực hiện.
    Guidance,
    /// Điều kiện đảm bảo, cách tính điểm.
    Conditions,
    /// Tài liệu kiểm chứng.
    Evidence,
    /// Ghi chú.
    Notes,
    /// Nguồn cung cấp dữ liệu.
    Source,
    /// Cơ quan thẩm định.
    Appraiser,
    /// Chủ trì, tham mưu.
    Lead,
    /// Phối hợp.
    Coordinating,
    /// Cấp áp dụng, and the levels below it.
    Level,
    /// A column to be filled in: điểm tự chấm, kết quả.
    Filled,
    /// A head that is not known.
    Unknown,
}

impl Column {
    /// The name of the column, as the report writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Name => "name",
            Self::Points => "points",
            Self::Due => "due",
            Self::Guidance => "guidance",
            Self::Conditions => "conditions",
            Self::Evidence => "evidence",
            Self::Notes => "notes",
            Self::Source => "source",
            Self::Appraiser => "appraiser",
            Self::Lead => "lead",
            Self::Coordinating => "coordinating",
            Self::Level => "level",
            Self::Filled => "filled",
            Self::Unknown => "unknown",
        }
    }
}

/// Phrases of heads, the more telling first: the first phrase that stands in a head decides.
const PHRASES: &[(&str, Column)] = &[
    ("tu cham", Column::Filled),
    ("tu danh gia", Column::Filled),
    ("diem tham dinh", Column::Filled),
    ("diem dat", Column::Filled),
    ("thong tin so luong", Column::Filled),
    ("cach xac dinh", Column::Conditions),
    ("cach tinh", Column::Conditions),
    ("cach cham", Column::Conditions),
    ("phuong phap tinh", Column::Conditions),
    ("phuong phap xac dinh", Column::Conditions),
    ("cong thuc", Column::Conditions),
    ("huong dan cham diem", Column::Conditions),
    ("huong dan tinh diem", Column::Conditions),
    ("dieu kien", Column::Conditions),
    ("muc danh gia", Column::Conditions),
    ("thang diem danh gia", Column::Conditions),
    ("thoi gian", Column::Due),
    ("thoi han", Column::Due),
    ("thoi diem", Column::Due),
    ("han hoan thanh", Column::Due),
    ("ngay hoan thanh", Column::Due),
    ("kiem chung", Column::Evidence),
    ("minh chung", Column::Evidence),
    ("chung minh", Column::Evidence),
    ("ho so chung", Column::Evidence),
    ("tai lieu", Column::Evidence),
    ("ghi chu", Column::Notes),
    ("ket qua", Column::Filled),
    ("nguon", Column::Source),
    ("noi cung cap", Column::Source),
    ("tham dinh", Column::Appraiser),
    ("don vi danh gia", Column::Appraiser),
    ("co quan danh gia", Column::Appraiser),
    ("phoi hop", Column::Coordinating),
    ("chu tri", Column::Lead),
    ("tham muu", Column::Lead),
    ("phan cong", Column::Lead),
    ("phu trach", Column::Lead),
    ("chiu trach nhiem", Column::Lead),
    ("don vi thuc hien", Column::Lead),
    ("co quan thuc hien", Column::Lead),
    ("nguoi thuc hien", Column::Lead),
    ("bo phan thuc hien", Column::Lead),
    ("can bo cong chuc", Column::Lead),
    ("cap ap dung", Column::Level),
    ("doi tuong ap dung", Column::Level),
    ("diem toi da", Column::Points),
    ("so diem", Column::Points),
    ("thang diem", Column::Points),
    ("diem chuan", Column::Points),
    ("diem so", Column::Points),
    ("diem", Column::Points),
    ("huong dan", Column::Guidance),
    ("noi dung thuc hien", Column::Guidance),
    ("yeu cau", Column::Guidance),
    ("tieu chi", Column::Name),
    ("chi so", Column::Name),
    ("chi tieu", Column::Name),
    ("ten thong tin", Column::Name),
    ("noi dung", Column::Name),
    ("nhiem vu", Column::Name),
    ("thuc hien", Column::Guidance),
];

/// Heads that are a word of their own.
const WORDS: &[(&str, Column)] = &[
    ("tt", Column::No),
    ("stt", Column::No),
    ("so tt", Column::No),
    ("so thu tu", Column::No),
    ("ma", Column::No),
    ("ma so", Column::No),
    ("ma tieu chi", Column::No),
    ("ma chi so", Column::No),
    ("so", Column::Level),
    ("huyen", Column::Level),
    ("xa", Column::Level),
    ("tinh", Column::Level),
    ("cap so", Column::Level),
    ("cap huyen", Column::Level),
    ("cap xa", Column::Level),
];

/// Most bytes of a head: what is longer is a cell's words.
const HEAD_BYTES_MAX: usize = 90;

/// What a head says; `None` for an empty one.
pub fn column(head: &str) -> Option<Column> {
    let folded = criteria::quote::fold(head);
    if folded.is_empty() {
        return None;
    }
    if let Some((_, column)) = WORDS.iter().find(|(word, _)| *word == folded) {
        return Some(*column);
    }
    if folded.len() > HEAD_BYTES_MAX {
        return Some(Column::Unknown);
    }
    let padded = format!(" {folded} ");
    let known = PHRASES.iter().find(|(phrase, _)| padded.contains(&format!(" {phrase} ")));
    Some(known.map_or(Column::Unknown, |(_, column)| *column))
}

/// The columns that a row of heads names, where it is one: a name, and two more that are known. Of two columns with the
/// same head the first has it.
pub fn columns<S: AsRef<str>>(cells: &[S]) -> Option<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for cell in cells {
        let mut found = column(cell.as_ref()).unwrap_or(Column::Unknown);
        let repeats = !matches!(found, Column::Level | Column::Filled | Column::Unknown) && columns.contains(&found);
        if repeats {
            // "Chỉ số" beside "Nội dung": the second tells what is to be done.
            let free = found == Column::Name && !columns.contains(&Column::Guidance);
            found = if free { Column::Guidance } else { Column::Unknown };
        }
        columns.push(found);
    }
    if !columns.contains(&Column::Name)
        && let Some(guidance) = columns.iter_mut().find(|column| **column == Column::Guidance)
    {
        *guidance = Column::Name;
    }
    let known = columns.iter().filter(|column| !matches!(column, Column::Unknown | Column::Level)).count();
    let tells = columns.iter().any(|column| {
        matches!(
            column,
            Column::Points | Column::Due | Column::Guidance | Column::Conditions | Column::Evidence | Column::Lead
        )
    });
    (columns.contains(&Column::Name) && known >= 3 && tells).then_some(columns)
}

/// Whether a row is the heads of a table of criteria.
pub fn is_heads<S: AsRef<str>>(cells: &[S]) -> bool {
    let short = cells.iter().all(|cell| cell.as_ref().len() <= HEAD_BYTES_MAX * 2);
    short && !has_values(cells) && columns(cells).is_some()
}

/// Whether a row begins with a number, or gives points: its other words may sound like heads, it is none.
fn has_values<S: AsRef<str>>(cells: &[S]) -> bool {
    let first = cells.iter().map(|cell| cell.as_ref().trim()).find(|cell| !cell.is_empty());
    let numbered = first.is_some_and(|first| super::outline::number(first).is_some());
    let gives =
        |cell: &str| cell.starts_with(|first: char| first.is_ascii_digit()) && super::values::points(cell).is_some();
    numbered || cells.iter().any(|cell| gives(cell.as_ref().trim()))
}

/// Whether a row is the heads of the unit profile: "Tên thông tin" and what is to be filled in.
pub fn is_profile_heads<S: AsRef<str>>(cells: &[S]) -> bool {
    let heads: Vec<String> = cells.iter().map(|cell| plain(cell.as_ref())).collect();
    heads.iter().any(|head| head.starts_with("ten thong tin") || head.starts_with("thong tin chung"))
        && heads.iter().filter(|head| !head.is_empty()).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_known_with_and_without_diacritics() {
        let heads = [
            "TT",
            "Tiêu chí",
            "Hướng dẫn nội dung thực hiện",
            "Tài liệu kiểm chứng",
            "Cán bộ, công chức tham mưu, thực hiện",
            "Thời gian, hoàn thành",
        ];
        let expected = [Column::No, Column::Name, Column::Guidance, Column::Evidence, Column::Lead, Column::Due];
        assert_eq!(columns(&heads).as_deref(), Some(&expected[..]));
        let bare: Vec<String> = heads.iter().map(|head| plain(head)).collect();
        assert_eq!(columns(&bare).as_deref(), Some(&expected[..]));
        assert_eq!(column("Cách xác định và tính điểm"), Some(Column::Conditions));
        assert_eq!(column("Điểm tự chấm"), Some(Column::Filled));
    }

    #[test]
    fn a_row_of_words_is_no_row_of_heads() {
        assert_eq!(columns(&["1.1", "Ban hành Quyết định", "10", "31.10"]), None);
        let row = ["3.2", "Chữ ký số qua SIM", "10 điểm", "trước ngày 31/10/2025", "Hướng dẫn triển khai", "Điều kiện"];
        assert!(!is_heads(&row) && !is_heads(&row[1..]), "numbers and points are values");
        assert!(!is_heads(&["I", "Tên thông tin", "Thông tin/ Số lượng"]));
        assert!(is_profile_heads(&["I", "Tên thông tin", "Thông tin/ Số lượng"]));
    }
}
