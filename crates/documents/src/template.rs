//! The workbook that officials fill in: a sheet a pillar, units in rows, the law's words above each field, cells typed
//! and bounded.
//!
//! Reading never depends on labels: a hidden row names each column's figure, and a very hidden sheet says which set,
//! which content and which year the workbook was made for.

use std::collections::HashMap;

use criteria::model::{Figure, FigureKind, Indicator, ReadingStatus};
use criteria::quote::readable;
use criteria::{Language, Number};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};
use scoring::{Cell, Figures, Program, Slot, UnitFigures, number_text};

/// The very hidden sheet that says what the workbook is for.
pub(crate) const META_SHEET: &str = "_thuocdo";
/// The very hidden sheet with the answers of choices.
const LISTS_SHEET: &str = "_luachon";
/// What stands in the first column of the hidden row of references.
pub(crate) const REFERENCES_MARK: &str = "#ref";
/// The first row of data.
const FIRST_ROW: u32 = 6;
/// Rows that are typed and bounded where no units are named.
const BLANK_ROWS: u32 = 60;
/// Excel's longest sheet name.
const SHEET_NAME_MAX: usize = 31;
/// Excel's tallest row, in points.
const ROW_HEIGHT_MAX: f64 = 409.0;
/// How wide a field is, in characters.
const FIELD_WIDTH: f64 = 30.0;
/// How wide the only field of an indicator is, so that the law's words have room above it.
const LONE_FIELD_WIDTH: f64 = 46.0;

const INK: Color = Color::RGB(0x1D_1D_1B);
const QUIET: Color = Color::RGB(0x5F_5B_55);
const LAW_PAPER: Color = Color::RGB(0xFB_F6_EA);
const FIELD_LINE: Color = Color::RGB(0xB9_B4_AC);
const ACCENT: Color = Color::RGB(0x0B_5C_7A);
const WASH: Color = Color::RGB(0xF3_F5_F6);

/// The formats of a workbook: ink on white, one accent, the law on warm paper.
pub(crate) struct Look {
    pub title: Format,
    pub heading: Format,
    pub law: Format,
    pub label: Format,
    pub hint: Format,
    pub unit: Format,
    pub text: Format,
    field: Format,
}

impl Look {
    pub fn new() -> Self {
        let base = || Format::new().set_font_name("Arial").set_font_size(10).set_font_color(INK);
        let boxed = |format: Format| format.set_border(FormatBorder::Thin).set_border_color(FIELD_LINE);
        let top = |format: Format| format.set_text_wrap().set_align(FormatAlign::Top);
        Self {
            title: base().set_font_size(14).set_bold(),
            heading: boxed(top(base().set_bold().set_font_color(ACCENT).set_background_color(WASH))),
            law: boxed(top(base().set_font_name("Times New Roman").set_background_color(LAW_PAPER))),
            label: boxed(top(base().set_bold())),
            hint: boxed(top(base().set_font_size(9).set_font_color(QUIET))),
            unit: boxed(base().set_bold()),
            text: top(base()),
            field: boxed(base()),
        }
    }
}

/// The height of a row, in points, in which `text` stands in a column `width` characters wide. Programs that open the
/// file do not all fit rows to wrapped text by themselves.
pub(crate) fn row_height(text: &str, width: f64) -> f64 {
    // A little less than the width: bold letters and capitals are wider than the average one.
    let per_line = (width * 0.92).max(4.0);
    let lines: f64 = text.lines().map(|line| (line.chars().count() as f64 / per_line).ceil().max(1.0)).sum();
    (lines.max(1.0) * 13.2 + 4.0).min(ROW_HEIGHT_MAX)
}

/// The workbook for `units`, with the values of `figures` where there are any.
///
/// # Errors
/// Only what the writer of the file format refuses: more rows or columns than a sheet holds.
pub fn template(
    program: &Program,
    units: &[String],
    figures: Option<&Figures>,
    language: Language,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let look = Look::new();
    let mut lists = Lists { answers: Vec::new() };
    guide(book.add_worksheet(), program, &look, language)?;
    let known = figures.map_or(&[][..], |figures| &figures.units);
    let by_name = known.iter().map(|unit| (unit.unit.as_str(), unit)).collect();
    let mut maker = Maker { by_name, program, units, figures, look: &look, lists: &mut lists };
    if !program.set.head.round.is_empty() {
        maker.round(book.add_worksheet())?;
    }
    maker.profile(book.add_worksheet())?;
    for (index, pillar) in program.set.pillars.iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(index, &pillar.pillar.no, &readable(&pillar.pillar.name)))?;
        maker.pillar(sheet, index)?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name(LISTS_SHEET)?.set_very_hidden(true);
    for (column, answers) in lists.answers.iter().enumerate() {
        for (row, answer) in answers.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, answer)?;
        }
    }
    meta(book.add_worksheet(), program)?;
    book.save_to_buffer()
}

/// Which set, content and year the workbook is for.
fn meta(sheet: &mut Worksheet, program: &Program) -> Result<(), XlsxError> {
    sheet.set_name(META_SHEET)?.set_very_hidden(true);
    let year = program.year.to_string();
    let hash = program.set_hash.clone();
    let rows =
        [("format", "1"), ("set", program.set.head.id.as_str()), ("hash", hash.as_str()), ("year", year.as_str())];
    for (row, (key, value)) in rows.into_iter().enumerate() {
        sheet.write_string(row as u32, 0, key)?.write_string(row as u32, 1, value)?;
    }
    Ok(())
}

/// `I Nhận thức số`, within Excel's limits and without the signs that it refuses; unique by the pillar's number.
fn sheet_name(index: usize, no: &str, name: &str) -> String {
    let clean = |text: &str| text.replace(['[', ']', ':', '*', '?', '/', '\\', '\''], " ");
    let name = format!("{} {}", clean(no), clean(name));
    let short: String = name.chars().take(SHEET_NAME_MAX).collect();
    let short = short.trim().to_owned();
    if short.is_empty() { format!("{}", index + 1) } else { short }
}

fn guide(sheet: &mut Worksheet, program: &Program, look: &Look, language: Language) -> Result<(), XlsxError> {
    let vietnamese = language == Language::Vietnamese;
    let head = &program.set.head;
    sheet.set_name(if vietnamese { "Hướng dẫn" } else { "Guide" })?;
    sheet
        .set_column_width(0, 28)?
        .set_column_width(1, 96)?
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0);
    sheet.write_with_format(0, 0, &head.title, &look.title)?;
    let document = format!("{} {}, {}", head.document.kind, head.document.number, head.document.issuer);
    let mut rows: Vec<(String, String)> = if vietnamese {
        vec![
            ("Văn bản".to_owned(), document),
            ("Năm đánh giá".to_owned(), program.year.to_string()),
            (
                "Cách ghi".to_owned(),
                "Mỗi hàng một đơn vị, mỗi nhóm một trang. Tên đơn vị phải giống nhau ở mọi trang.".to_owned(),
            ),
            (
                "Ô để trống".to_owned(),
                "Chưa có số liệu: được 0 điểm và hiện là “còn thiếu”, không hiểu là “không”.".to_owned(),
            ),
            ("Số".to_owned(), "Gõ như thường viết: 1.234,5. Tỷ lệ: 85 % hoặc 37/120. Ngày: 31/10/2023.".to_owned()),
            ("Có hay không".to_owned(), "Chọn trong danh sách, hoặc gõ x, có, không.".to_owned()),
            ("Nền vàng nhạt".to_owned(), "Lời văn của văn bản, giữ nguyên như in.".to_owned()),
            ("Mã nội dung".to_owned(), program.set_hash.clone()),
        ]
    } else {
        vec![
            ("Document".to_owned(), document),
            ("Assessed year".to_owned(), program.year.to_string()),
            (
                "How to fill in".to_owned(),
                "One row a unit, one sheet a pillar. A unit is named alike on every sheet.".to_owned(),
            ),
            (
                "Blank cells".to_owned(),
                "No figure yet: 0 points and shown as missing, never taken for \"no\".".to_owned(),
            ),
            (
                "Numbers".to_owned(),
                "As people write them: 1.234,5. Shares: 85 % or 37/120. Days: 31/10/2023.".to_owned(),
            ),
            ("Yes or no".to_owned(), "Choose from the list, or type x, có, không.".to_owned()),
            ("Warm paper".to_owned(), "The words of the document, as printed.".to_owned()),
            ("Content hash".to_owned(), program.set_hash.clone()),
        ]
    };
    for reading in &head.readings {
        let answer = reading.variants.iter().find(|variant| variant.id == reading.answer);
        let open = match (reading.status, vietnamese) {
            (ReadingStatus::Open, true) => " (chưa quyết định)",
            (ReadingStatus::Open, false) => " (open)",
            (ReadingStatus::Decided, _) => "",
        };
        let word = if vietnamese { "Cách hiểu" } else { "Reading" };
        let label = answer.map_or("", |variant| variant.label.as_str());
        rows.push((format!("{word} {}{open}", reading.at.join(", ")), format!("{} → {label}", reading.asks)));
    }
    for (row, (key, value)) in rows.iter().enumerate() {
        let row = row as u32 + 2;
        sheet.set_row_height(row, row_height(key, 28.0).max(row_height(value, 96.0)))?;
        sheet.write_with_format(row, 0, key, &look.label)?.write_with_format(row, 1, value, &look.text)?;
    }
    Ok(())
}

/// The answers of choices, each list in a column of a very hidden sheet.
struct Lists {
    answers: Vec<Vec<String>>,
}

impl Lists {
    /// The range that holds a list.
    fn range(&mut self, answers: Vec<String>) -> String {
        let at = self.answers.iter().position(|known| *known == answers).unwrap_or_else(|| {
            self.answers.push(answers.clone());
            self.answers.len() - 1
        });
        let column = rust_xlsxwriter::utility::column_number_to_name(at as u16);
        format!("={LISTS_SHEET}!${column}$1:${column}${}", answers.len())
    }
}

struct Maker<'a> {
    /// The units that have figures.
    by_name: HashMap<&'a str, &'a UnitFigures>,
    program: &'a Program,
    units: &'a [String],
    figures: Option<&'a Figures>,
    look: &'a Look,
    lists: &'a mut Lists,
}

impl Maker<'_> {
    fn round(&mut self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name("Kỳ đánh giá")?;
        let figures = self.program.set.head.round.clone();
        self.no_law(sheet, &figures)?;
        self.frame(sheet, "Số liệu của kỳ đánh giá, chung cho mọi đơn vị", "Kỳ")?;
        for (index, figure) in figures.iter().enumerate() {
            let column = index as u16 + 1;
            self.head(sheet, column, figure, &format!("round.{}", figure.id))?;
            self.bound(sheet, column, figure, 1)?;
            if let Some(known) = self.figures
                && let Some(cell) = known.round.get(index)
            {
                self.value(sheet, FIRST_ROW, column, figure, *cell, None)?;
            }
        }
        sheet.write_with_format(FIRST_ROW, 0, "Kỳ đánh giá", &self.look.unit)?;
        Ok(())
    }

    fn profile(&mut self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name("Thông tin chung")?;
        self.frame(sheet, "Thông tin chung của đơn vị", "Đơn vị")?;
        let figures = self.program.set.head.profile.clone();
        self.no_law(sheet, &figures)?;
        for (index, figure) in figures.iter().enumerate() {
            self.column(sheet, index as u16 + 1, figure, &format!("profile.{}", figure.id), Slot::Unit(index))?;
        }
        self.unit_names(sheet)
    }

    fn pillar(&mut self, sheet: &mut Worksheet, index: usize) -> Result<(), XlsxError> {
        let program = self.program;
        let pillar = &program.set.pillars[index];
        self.frame(sheet, &format!("{}. {}", pillar.pillar.no, readable(&pillar.pillar.name)), "Đơn vị")?;
        let mut column = 1;
        let mut heights = [30.0_f64; 3];
        for indicator in &pillar.indicators {
            let figures = indicator.all_figures();
            if figures.is_empty() {
                continue;
            }
            let width = if figures.len() == 1 { LONE_FIELD_WIDTH } else { FIELD_WIDTH };
            let all = width * figures.len() as f64;
            let labels = figures.iter().map(|figure| row_height(&figure.label, width));
            heights[0] = heights[0].max(row_height(&heading(indicator), all));
            heights[1] = heights[1].max(row_height(&law(indicator), all));
            heights[2] = labels.fold(heights[2], f64::max);
            for offset in 0..figures.len() {
                sheet.set_column_width(column + offset as u16, width)?;
            }
            self.indicator_head(sheet, column, figures.len() as u16, indicator)?;
            for figure in &figures {
                let slot =
                    program.slot(Some(&indicator.id), &figure.id).expect("every figure of the program has a slot");
                self.column(sheet, column, figure, &format!("{}/{}", indicator.id, figure.id), slot)?;
                column += 1;
            }
        }
        for (row, height) in (1..).zip(heights) {
            sheet.set_row_height(row, height)?;
        }
        self.unit_names(sheet)
    }

    /// A sheet of figures that no indicator asks has no law above them.
    fn no_law(&self, sheet: &mut Worksheet, figures: &[Figure]) -> Result<(), XlsxError> {
        sheet.set_row_hidden(1)?.set_row_hidden(2)?;
        let labels = figures.iter().map(|figure| row_height(&figure.label, FIELD_WIDTH));
        sheet.set_row_height(3, labels.fold(30.0, f64::max))?;
        for column in 0..figures.len() {
            sheet.set_column_width(column as u16 + 1, FIELD_WIDTH)?;
        }
        Ok(())
    }

    /// What every sheet has: the title, frozen heads, print set-up, the hidden row of references.
    fn frame(&self, sheet: &mut Worksheet, title: &str, units: &str) -> Result<(), XlsxError> {
        sheet.set_column_width(0, 26)?;
        sheet.write_with_format(0, 0, title, &self.look.title)?;
        sheet.set_row_height(4, 28)?;
        sheet.write_with_format(3, 0, units, &self.look.label)?;
        sheet.write_string(5, 0, REFERENCES_MARK)?.set_row_hidden(5)?;
        sheet.set_freeze_panes(FIRST_ROW, 1)?;
        sheet.set_paper_size(9).set_landscape().set_repeat_rows(1, 4)?.set_repeat_columns(0, 0)?;
        sheet.set_footer("&L&8&A&R&8&P/&N");
        Ok(())
    }

    fn indicator_head(
        &self,
        sheet: &mut Worksheet,
        column: u16,
        width: u16,
        indicator: &Indicator,
    ) -> Result<(), XlsxError> {
        let (heading, law) = (heading(indicator), law(indicator));
        for (row, text, format) in [(1, &heading, &self.look.heading), (2, &law, &self.look.law)] {
            if width > 1 {
                sheet.merge_range(row, column, row, column + width - 1, text, format)?;
            } else {
                sheet.write_with_format(row, column, text, format)?;
            }
        }
        Ok(())
    }

    fn head(&self, sheet: &mut Worksheet, column: u16, figure: &Figure, reference: &str) -> Result<(), XlsxError> {
        let kind = match figure.kind {
            FigureKind::YesNo => "có / không",
            FigureKind::Count => "số nguyên",
            FigureKind::Number => "số",
            FigureKind::Money => "số tiền",
            FigureKind::Share => "tỷ lệ %",
            FigureKind::Choice => "chọn một",
            FigureKind::Date => "ngày",
            FigureKind::Text => "chữ",
            FigureKind::Points => "điểm",
        };
        let hint = [figure.unit.as_deref().unwrap_or(kind), figure.from.as_deref().unwrap_or_default()];
        let hint: Vec<&str> = hint.into_iter().filter(|one| !one.is_empty()).collect();
        sheet.write_with_format(3, column, figure.label.trim_end_matches(':'), &self.look.label)?;
        sheet.write_with_format(4, column, hint.join(" · "), &self.look.hint)?;
        sheet.write_string(5, column, reference)?;
        Ok(())
    }

    fn column(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        figure: &Figure,
        reference: &str,
        slot: Slot,
    ) -> Result<(), XlsxError> {
        self.head(sheet, column, figure, reference)?;
        self.bound(sheet, column, figure, self.units.len() as u32 + BLANK_ROWS)?;
        let Slot::Unit(index) = slot else { return Ok(()) };
        for (row, name) in self.units.iter().enumerate() {
            let unit = self.by_name.get(name.as_str()).copied();
            let cell = unit.and_then(|unit| unit.cells.get(index).copied()).unwrap_or_default();
            let typed = unit.and_then(|unit| unit.origins.get(&index)).map(|origin| origin.typed.as_str());
            self.value(sheet, FIRST_ROW + row as u32, column, figure, cell, typed)?;
        }
        Ok(())
    }

    fn unit_names(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (row, name) in self.units.iter().enumerate() {
            sheet.write_with_format(FIRST_ROW + row as u32, 0, name, &self.look.unit)?;
        }
        Ok(())
    }

    /// What may be typed into a column, and what is said when something else is.
    fn bound(&mut self, sheet: &mut Worksheet, column: u16, figure: &Figure, rows: u32) -> Result<(), XlsxError> {
        let rule = match figure.kind {
            FigureKind::YesNo => DataValidation::new().allow_list_strings(&["có", "không"])?,
            FigureKind::Choice => {
                let range = self.lists.range(figure.options.iter().map(|option| option.label.clone()).collect());
                DataValidation::new().allow_list_formula(range.as_str().into())
            }
            FigureKind::Count => DataValidation::new().allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0)),
            FigureKind::Number | FigureKind::Money | FigureKind::Points => {
                DataValidation::new().allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0))
            }
            FigureKind::Share => DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, 1.0)),
            FigureKind::Date => {
                let first = ExcelDateTime::from_ymd(1990, 1, 1)?;
                DataValidation::new().allow_date(DataValidationRule::GreaterThan(first))
            }
            FigureKind::Text => return Ok(()),
        };
        let message = match figure.kind {
            FigureKind::YesNo => "Ghi có hoặc không; để trống nếu chưa có số liệu.",
            FigureKind::Choice => "Chọn một trong các câu trả lời của danh sách.",
            FigureKind::Count => "Cần một số nguyên từ 0 trở lên.",
            FigureKind::Share => "Cần một tỷ lệ từ 0 % đến 100 %, hoặc dạng 37/120.",
            FigureKind::Date => "Cần một ngày, ví dụ 31/10/2023.",
            FigureKind::Number | FigureKind::Money | FigureKind::Points | FigureKind::Text => {
                "Cần một số từ 0 trở lên."
            }
        };
        // A warning, not a stop: text such as 37/120 is understood too, and the reader checks every value anyway.
        let style = match figure.kind {
            FigureKind::YesNo | FigureKind::Choice => DataValidationErrorStyle::Stop,
            _ => DataValidationErrorStyle::Warning,
        };
        let rule = rule.set_error_style(style).set_error_title("Thước Đo")?.set_error_message(message)?;
        sheet.add_data_validation(FIRST_ROW, column, FIRST_ROW + rows.max(1) - 1, column, &rule)?;
        Ok(())
    }

    fn value(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        figure: &Figure,
        cell: Cell,
        typed: Option<&str>,
    ) -> Result<(), XlsxError> {
        let field = &self.look.field;
        match cell {
            Cell::Missing => sheet.write_blank(row, column, &self.format(figure))?,
            Cell::YesNo(answer) => sheet.write_with_format(row, column, if answer { "có" } else { "không" }, field)?,
            Cell::Number(number) => self.number(sheet, row, column, number, &self.format(figure))?,
            Cell::Ratio(part, whole) => {
                let exact = whole % 1_000_000 == 0 && 1_000_000_000_000_000_i64 % whole == 0;
                match decimal(part, whole).filter(|_| exact) {
                    Some(share) => self.number(sheet, row, column, share, &self.format(figure))?,
                    None => {
                        let text = typed.map_or_else(|| format!("{part}/{whole}"), str::to_owned);
                        sheet.write_string_with_format(row, column, text, field)?
                    }
                }
            }
            Cell::Option(option) => {
                let label = figure.options.get(option).map_or("", |option| option.label.as_str());
                sheet.write_with_format(row, column, label, field)?
            }
            Cell::Date(date) => {
                let day = ExcelDateTime::from_ymd(date.year() as u16, date.month() as u8, date.day() as u8)?;
                sheet.write_datetime_with_format(row, column, day, &self.format(figure))?
            }
            Cell::Text => sheet.write_string_with_format(row, column, typed.unwrap_or_default(), field)?,
        };
        Ok(())
    }

    /// A number as a number where a spreadsheet holds it exactly, else as text.
    fn number<'s>(
        &self,
        sheet: &'s mut Worksheet,
        row: u32,
        column: u16,
        number: Number,
        format: &Format,
    ) -> Result<&'s mut Worksheet, XlsxError> {
        let text = number.to_string();
        match text.parse::<f64>() {
            Ok(float) if text.bytes().filter(u8::is_ascii_digit).count() <= 15 => {
                sheet.write_number_with_format(row, column, float, format)
            }
            _ => sheet.write_string_with_format(row, column, text, format),
        }
    }

    fn format(&self, figure: &Figure) -> Format {
        let field = self.look.field.clone();
        match figure.kind {
            FigureKind::Count => field.set_num_format("#,##0"),
            FigureKind::Number | FigureKind::Money | FigureKind::Points => field.set_num_format("#,##0.######"),
            FigureKind::Share => field.set_num_format("0.00##%"),
            FigureKind::Date => field.set_num_format("dd/mm/yyyy"),
            FigureKind::YesNo | FigureKind::Choice | FigureKind::Text => field,
        }
    }
}

/// `I.5.2  Có tin, bài về CĐS (6 điểm, hạn 31/10)`.
fn heading(indicator: &Indicator) -> String {
    let points = indicator.points.map(|points| format!("{} điểm", number_text::vietnamese(points)));
    let due = indicator.due.days().iter().map(|day| format!("hạn {:02}/{:02}", day.day(), day.month()));
    let facts: Vec<String> = points.into_iter().chain(due).collect();
    format!("{}  {} ({})", indicator.id, readable(&indicator.name), facts.join(", "))
}

/// The law's words above the fields: what is to be done, and the conditions.
fn law(indicator: &Indicator) -> String {
    let words: Vec<String> =
        [&indicator.guidance, &indicator.text].into_iter().flatten().map(|words| readable(words)).collect();
    words.join("\n")
}

/// A fraction as a decimal of at most six places, where it is one.
fn decimal(part: i64, whole: i64) -> Option<Number> {
    let scaled = i128::from(part) * 1_000_000;
    (scaled % i128::from(whole) == 0)
        .then(|| i64::try_from(scaled / i128::from(whole)).ok().map(Number::from_millionths))
        .flatten()
}
