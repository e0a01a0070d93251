//! Printing: text for people (aligned, in colour on a terminal, plain in a pipe), JSON for programs, errors on stderr.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, Table};
use criteria::{Language, Problem, Text};
use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// Bold.
pub const STRONG: Style = Style::new().bold();
/// What stands back.
pub const DIM: Style = Style::new().dimmed();
/// Errors.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is doubtful.
pub const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// How to print.
pub struct Output {
    /// The language of what is printed.
    pub language: Language,
    /// Whether programs read it.
    pub json: bool,
    /// The terminal's width in columns; `None` in a pipe.
    width: Option<u16>,
}

/// A column's heading and which way it is set.
pub struct Column {
    heading: String,
    right: bool,
}

/// A column set to the left.
pub fn left(heading: impl Into<String>) -> Column {
    Column { heading: heading.into(), right: false }
}

/// A column of numbers.
pub fn right(heading: impl Into<String>) -> Column {
    Column { heading: heading.into(), right: true }
}

impl Output {
    /// As the command line asks.
    pub fn new(arguments: &Arguments) -> Self {
        // A terminal that does not know its width says 0; tables are then left as wide as they are.
        let width =
            std::io::stdout().is_terminal().then(|| Table::new().width()).flatten().filter(|width| *width >= 40);
        Self { language: arguments.lang.into(), json: arguments.json, width }
    }

    /// One of two texts.
    pub fn pick<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }

    /// The text in the language of the output.
    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.in_language(self.language)
    }

    /// One line.
    pub fn line(&self, line: impl AsRef<str>) {
        // A closed pipe (`… | head`) ends the printing, not the command.
        let _ = writeln!(anstream::stdout().lock(), "{}", line.as_ref());
    }

    /// A heading.
    pub fn heading(&self, heading: impl AsRef<str>) {
        self.line(format!("{STRONG}{}{STRONG:#}", heading.as_ref()));
    }

    /// JSON, one document.
    pub fn json(&self, value: &Json) {
        self.line(serde_json::to_string_pretty(value).unwrap_or_default());
    }

    /// Aligned columns; wrapped to the terminal, one line a row in a pipe.
    pub fn table(&self, columns: Vec<Column>, rows: Vec<Vec<String>>) {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        match self.width {
            Some(width) => {
                table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            }
            None => {
                table.set_content_arrangement(ContentArrangement::Disabled);
            }
        }
        table.set_header(columns.iter().map(|column| &column.heading));
        for row in rows {
            table.add_row(row);
        }
        for (index, column) in columns.iter().enumerate() {
            if let Some(set) = table.column_mut(index) {
                set.set_padding((0, 2));
                if column.right {
                    set.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let text = table.to_string();
        let mut lines = text.lines();
        if let Some(header) = lines.next() {
            self.line(format!("{DIM}{}{DIM:#}", header.trim_end()));
        }
        for line in lines {
            self.line(line.trim_end());
        }
    }

    /// An error on stderr, one line each; a problem in a text file is followed by the line and a caret.
    pub fn failure(&self, failure: &Failure) {
        let mut stderr = anstream::stderr().lock();
        let word = self.pick("lỗi", "error");
        match failure {
            Failure::Use(text) => {
                let _ = writeln!(stderr, "{BAD}{word}{BAD:#}: {}", self.text(text));
            }
            Failure::Refused(refusals) => {
                for refusal in refusals {
                    let place = if refusal.place.is_empty() { String::new() } else { format!("{}: ", refusal.place) };
                    let _ = writeln!(stderr, "{BAD}{word}{BAD:#}: {place}{}", self.text(&refusal.message));
                }
                let count = refusals.len();
                let _ = match self.language {
                    Language::Vietnamese => writeln!(stderr, "{count} chỗ phải sửa; chưa ghi và chưa chấm gì cả"),
                    Language::English => writeln!(stderr, "{count} to mend; nothing was written or scored"),
                };
            }
            Failure::Problems(problems, texts) => {
                for problem in problems {
                    let place = if problem.line == 0 {
                        problem.file.clone()
                    } else {
                        format!("{}:{}:{}", problem.file, problem.line, problem.column)
                    };
                    let _ = writeln!(stderr, "{BAD}{word}{BAD:#}: {place}: {}", self.text(&problem.message));
                    if let Some((_, text)) = texts.iter().find(|(file, _)| *file == problem.file) {
                        let _ = write!(stderr, "{}", caret(problem, text));
                    }
                }
            }
        }
    }
}

/// The line of a problem with carets below it.
fn caret(problem: &Problem, text: &str) -> String {
    let Some(span) = &problem.span else { return String::new() };
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let before = &text[start..span.start];
    let marked = text[span.start..span.end].lines().next().unwrap_or_default();
    // Long lines of the law are shown around the place only.
    let skipped = before.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
    let shown: String = line[skipped..].chars().take(120).collect();
    let number = problem.line.to_string();
    let gutter = " ".repeat(number.len());
    let indent = " ".repeat(before[skipped..].width());
    let carets = "^".repeat(marked.width().clamp(1, 60));
    format!("{gutter} |\n{number} | {shown}\n{gutter} | {indent}{BAD}{carets}{BAD:#}\n")
}
