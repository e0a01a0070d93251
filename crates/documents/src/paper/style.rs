//! How each kind of paragraph looks, after Annex I of Decree 30/2020/NĐ-CP: sizes in points, lengths in millimetres.

use super::Align;

/// The page of A4, in millimetres.
pub const PAGE_MM: (f32, f32) = (210.0, 297.0);
/// Margins in millimetres: top, right, bottom, left (the decree: 20–25, 15–20, 20–25, 30–35).
pub const MARGINS_MM: (f32, f32, f32, f32) = (20.0, 20.0, 20.0, 30.0);
/// Margins of a page on its side: where it is bound is now above.
pub const LANDSCAPE_MARGINS_MM: (f32, f32, f32, f32) = (25.0, 20.0, 20.0, 20.0);
/// From the upper edge of the page to the top of its number, in millimetres.
pub const PAGE_NUMBER_MM: f32 = 10.0;
/// The width of lines, in points.
pub const LINE_POINTS: f32 = 0.5;
/// The room within a table's cell, in points: left and right, above and below.
pub const CELL_POINTS: (f32, f32) = (3.6, 2.4);
/// The typeface by name; a printer that has not got it takes one with the same widths.
pub const TYPEFACE: &str = "Times New Roman";

/// What a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// Cơ quan chủ quản.
    Superior,
    /// Cơ quan ban hành.
    Issuer,
    /// Quốc hiệu.
    Nation,
    /// Tiêu ngữ.
    Motto,
    /// Số, ký hiệu.
    Number,
    /// Trích yếu of a letter, below its number.
    About,
    /// Địa danh, thời gian.
    PlaceDay,
    /// Tên loại.
    Kind,
    /// Trích yếu.
    Subject,
    /// Kính gửi.
    To,
    /// Căn cứ.
    Basis,
    /// Who decides, in the middle of a decision, and words that stand out alone.
    Decides,
    /// A heading in the text.
    Heading,
    /// The text.
    Body,
    /// A line of a list.
    Item,
    /// Words above or below a table.
    Note,
    /// Nơi nhận.
    CopiesHead,
    /// One that gets a copy.
    Copy,
    /// Quyền hạn, chức vụ of the one who signs.
    Signs,
    /// The name of the one who signs, below the room for the signature.
    SignsName,
    /// Phụ lục, with its number.
    Annex,
    /// The annex's title.
    AnnexTitle,
    /// Which paper the annex goes with.
    AnnexOf,
    /// A table's cell.
    Cell,
    /// A table's head.
    CellHead,
    /// A page's number.
    PageNumber,
}

/// How a kind of paragraph looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Its name in Word.
    pub name: &'static str,
    /// The size of letters, in half points.
    pub half_points: u16,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Where lines stand.
    pub align: Align,
    /// How far the first line is moved in, in millimetres.
    pub first_mm: f32,
    /// How far all lines are moved in on both sides, in millimetres.
    pub inset_mm: f32,
    /// The room above, in points.
    pub before: f32,
    /// The room below, in points.
    pub after: f32,
    /// The height of lines, in percent of single spacing.
    pub spacing_percent: u16,
    /// Whether it stays on the page of what follows.
    pub keep: bool,
    /// A line below, in percent of the width of the words.
    pub rule_percent: u8,
    /// Its level in the contents.
    pub level: Option<u8>,
}

const PLAIN: Look = Look {
    name: "",
    half_points: 28,
    bold: false,
    italic: false,
    align: Align::Justify,
    first_mm: 0.0,
    inset_mm: 0.0,
    before: 0.0,
    after: 0.0,
    spacing_percent: 100,
    keep: false,
    rule_percent: 0,
    level: None,
};
const MIDDLE: Look = Look { align: Align::Center, ..PLAIN };
const BOLD: Look = Look { bold: true, ..MIDDLE };

impl Style {
    /// All styles.
    pub const ALL: [Self; 26] = [
        Self::Superior,
        Self::Issuer,
        Self::Nation,
        Self::Motto,
        Self::Number,
        Self::About,
        Self::PlaceDay,
        Self::Kind,
        Self::Subject,
        Self::To,
        Self::Basis,
        Self::Decides,
        Self::Heading,
        Self::Body,
        Self::Item,
        Self::Note,
        Self::CopiesHead,
        Self::Copy,
        Self::Signs,
        Self::SignsName,
        Self::Annex,
        Self::AnnexTitle,
        Self::AnnexOf,
        Self::Cell,
        Self::CellHead,
        Self::PageNumber,
    ];

    /// How it looks.
    pub const fn look(self) -> Look {
        match self {
            Self::Superior => Look { name: "Cơ quan chủ quản", half_points: 26, ..MIDDLE },
            Self::Issuer => Look { name: "Cơ quan ban hành", half_points: 26, rule_percent: 40, after: 8.0, ..BOLD },
            Self::Nation => Look { name: "Quốc hiệu", half_points: 25, ..BOLD },
            Self::Motto => Look { name: "Tiêu ngữ", rule_percent: 100, after: 8.0, ..BOLD },
            Self::Number => Look { name: "Số ký hiệu", half_points: 26, ..MIDDLE },
            Self::About => Look { name: "Trích yếu công văn", half_points: 25, before: 6.0, ..MIDDLE },
            Self::PlaceDay => Look { name: "Địa danh thời gian", italic: true, ..MIDDLE },
            Self::Kind => Look { name: "Tên loại", before: 16.0, keep: true, level: Some(1), ..BOLD },
            Self::Subject => Look { name: "Trích yếu", rule_percent: 35, after: 12.0, keep: true, ..BOLD },
            Self::To => {
                Look { name: "Kính gửi", before: 14.0, after: 10.0, inset_mm: 20.0, align: Align::Left, ..PLAIN }
            }
            Self::Basis => Look { name: "Căn cứ", italic: true, ..BODY },
            Self::Decides => Look { name: "Quyết nghị", before: 8.0, after: 6.0, keep: true, ..BOLD },
            Self::Heading => {
                Look {
                    name: "Đề mục", align: Align::Left, before: 6.0, after: 4.0, keep: true, level: Some(2), ..BOLD
                }
            }
            Self::Body => BODY,
            Self::Item => Look { name: "Dòng liệt kê", ..BODY },
            Self::Note => Look { name: "Ghi chú", half_points: 24, italic: true, before: 4.0, after: 4.0, ..PLAIN },
            Self::CopiesHead => Look { name: "Nơi nhận", half_points: 24, italic: true, align: Align::Left, ..BOLD },
            Self::Copy => Look { name: "Nơi nhận dòng", half_points: 22, align: Align::Left, ..PLAIN },
            Self::Signs => Look { name: "Chức vụ ký", ..BOLD },
            Self::SignsName => Look { name: "Người ký", before: 78.0, ..BOLD },
            Self::Annex => Look { name: "Phụ lục", keep: true, level: Some(1), ..BOLD },
            Self::AnnexTitle => Look { name: "Tên phụ lục", keep: true, ..BOLD },
            Self::AnnexOf => {
                Look {
                    name: "Phụ lục kèm theo", italic: true, rule_percent: 35, after: 12.0, keep: true, ..MIDDLE
                }
            }
            Self::Cell => Look { name: "Ô bảng", half_points: 24, align: Align::Left, ..PLAIN },
            Self::CellHead => Look { name: "Đầu bảng", half_points: 24, ..BOLD },
            Self::PageNumber => Look { name: "Số trang", half_points: 26, ..MIDDLE },
        }
    }

    /// Its identity in Word.
    pub fn id(self) -> String {
        format!("{self:?}")
    }
}

const BODY: Look = Look { name: "Nội dung", first_mm: 12.7, after: 6.0, spacing_percent: 112, ..PLAIN };
