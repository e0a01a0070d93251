//! Every limit on a document that is imported, with its unit. A limit that is met refuses the file and is named.

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most bytes that one part of a packed file (DOCX, XLSX) may unpack to.
pub const PART_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most bytes that all parts together may unpack to, by what the file declares.
pub const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most parts of a packed file.
pub const PARTS_MAX: usize = 2_000;
/// Most unpacked bytes for one packed byte of a part larger than [`RATIO_FREE_BYTES`].
pub const RATIO_MAX: u64 = 200;
/// Unpacked bytes below which the ratio does not matter.
pub const RATIO_FREE_BYTES: u64 = 1024 * 1024;
/// Deepest nesting of elements in XML or HTML.
pub const DEPTH_MAX: usize = 256;
/// Most tables of one document.
pub const TABLES_MAX: usize = 2_000;
/// Most rows of one document, over all its tables.
pub const ROWS_MAX: usize = 20_000;
/// Most columns of one table.
pub const COLUMNS_MAX: usize = 64;
/// Most bytes of one tag of HTML; what is longer is read as words.
pub const TAG_BYTES_MAX: usize = 4 * 1024;
/// Most segments of one indicator's words that become steps, parts or answers.
pub const SEGMENTS_MAX: usize = 50;
/// Most pages of a PDF.
pub const PDF_PAGES_MAX: usize = 400;
/// Most rows that an HTML cell or a merged cell may span.
pub const SPAN_MAX: usize = 1_000;
/// Most lines of a document.
pub const LINES_MAX: usize = 200_000;
/// Most bytes of text of one cell.
pub const CELL_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of text of the document as it is kept beside the draft.
pub const TEXT_BYTES_MAX: usize = criteria::limits::SET_FILE_BYTES_MAX;
/// Most records (pillars, groups, indicators) of a draft.
pub const RECORDS_MAX: usize = criteria::limits::INDICATORS_MAX * 2;
