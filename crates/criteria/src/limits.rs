//! Every limit on outside data, with its unit. A limit that is met is an error that names it, never a silent cut.

/// Largest text file of a set or plan, in bytes.
pub const SET_FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most pillars of a set.
pub const PILLARS_MAX: usize = 100;
/// Most indicators of a set.
pub const INDICATORS_MAX: usize = 2_000;
/// Deepest nesting of parts within parts.
pub const RULE_DEPTH_MAX: usize = 8;
/// Most parts, options, steps or children of one rule.
pub const RULE_PARTS_MAX: usize = 200;
/// Most problems reported of one file; the rest is counted.
pub const PROBLEMS_MAX: usize = 200;
/// Deepest nesting of tables in a TOML file.
pub const TOML_DEPTH_MAX: usize = 32;

/// Largest file of figures, in bytes.
pub const FIGURES_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most figures in one file (a country: 3,321 communes × some 150 figures).
pub const FIGURES_MAX: usize = 2_000_000;
/// Most units in one file of figures.
pub const UNITS_MAX: usize = 20_000;
/// Most bytes of one value of a figure.
pub const VALUE_BYTES_MAX: usize = 4_096;
/// Most rows of one sheet that are read.
pub const SHEET_ROWS_MAX: usize = 100_000;
/// Most columns of one sheet that are read.
pub const SHEET_COLUMNS_MAX: usize = 4_096;
/// Most cells of the rectangle that a sheet's values span, empty ones included.
pub const SHEET_CELLS_MAX: usize = 4_000_000;
/// Most bytes of the texts of one sheet, each use of a shared text counted.
pub const SHEET_TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most robustness draws of one ranking.
pub const DRAWS_MAX: u32 = 100_000;
/// Most bytes that a workbook may unpack to.
pub const WORKBOOK_UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Most files inside a workbook.
pub const WORKBOOK_FILES_MAX: usize = 2_000;
