//! Word: the paragraphs and tables of the main part. Deleted revisions, field codes and fallbacks are left out; a table
//! within a cell is read as the cell's words. Numbers that Word counts by itself are put before their paragraphs.

use criteria::Text;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::limits;
use super::super::table::{Cell, Format, Place, Row, Source, Table};
use super::archive::Archive;
use super::numbering::Numbering;
use super::{Gather, cell, html};

/// Reads a Word document.
pub fn read(archive: &mut Archive<'_>) -> Result<Source, Text> {
    let mut warnings = Vec::new();
    if archive.has_ending("vbaProject.bin") {
        warnings.push(Text::new("macro trong tệp đã được bỏ qua", "macros in the file were left out"));
    }
    let xml = archive.xml("word/document.xml")?;
    let mut walk = Walk::default();
    if archive.has("word/numbering.xml") {
        walk.numbering = Numbering::read(&archive.xml("word/numbering.xml")?)?;
    }
    walk.document(&xml)?;
    if let Some(font) = walk.legacy_font {
        warnings.push(Text::new(
            format!("có chữ ở phông đời cũ “{font}” (TCVN3 hoặc VNI): hãy chuyển sang Unicode trước khi nhập"),
            format!("some words are in the legacy font \"{font}\" (TCVN3 or VNI): convert them to Unicode first"),
        ));
    }
    if walk.numbered > 0 {
        let count = walk.numbered;
        warnings.push(Text::new(
            format!("{count} đoạn được Word đánh số tự động: số đã được đếm lại, hãy đối chiếu"),
            format!("{count} paragraphs are numbered by Word itself: the numbers were counted anew, compare them"),
        ));
    }
    let text = walk.gather.text()?;
    Ok(Source { format: Format::Docx, blocks: walk.gather.blocks, text, ending: "txt", warnings })
}

#[derive(Default)]
struct Walk {
    gather: Gather,
    words: String,
    paragraphs: usize,
    tables: usize,
    /// How many tables are open: only the outermost makes rows.
    depth: usize,
    table: Table,
    span: usize,
    continues: bool,
    legacy_font: Option<String>,
    numbering: Numbering,
    /// The list and level of the paragraph that is open, and where its words begin.
    list: (Option<String>, usize, usize),
    numbered: usize,
}

impl Walk {
    fn document(&mut self, xml: &str) -> Result<(), Text> {
        let mut reader = Reader::from_str(xml);
        let mut open: Vec<String> = Vec::new();
        let mut skipped: Option<usize> = None;
        loop {
            let position = reader.buffer_position();
            let event = reader.read_event().map_err(|error| {
                Text::new(
                    format!("XML của văn bản hỏng ở byte {position}: {error}"),
                    format!("the document's XML is damaged at byte {position}: {error}"),
                )
            })?;
            match event {
                Event::Start(tag) => {
                    let name = tag.local_name().as_ref().to_owned();
                    if open.len() >= limits::DEPTH_MAX {
                        let most = limits::DEPTH_MAX;
                        return Err(Text::new(
                            format!("XML lồng sâu quá {most} cấp"),
                            format!("the XML is nested more than {most} deep"),
                        ));
                    }
                    if skipped.is_none() {
                        if matches!(name.as_str(), "del" | "instrText" | "Fallback" | "delText" | "moveFrom") {
                            skipped = Some(open.len());
                        } else {
                            self.open(&name, &tag);
                        }
                    }
                    open.push(name);
                }
                Event::Empty(tag) if skipped.is_none() => {
                    let name = tag.local_name();
                    self.open(name.as_ref(), &tag);
                    self.close(name.as_ref())?;
                }
                Event::End(_) => {
                    let Some(name) = open.pop() else { continue };
                    match skipped {
                        Some(depth) if open.len() == depth => skipped = None,
                        Some(_) => {}
                        None => self.close(&name)?,
                    }
                }
                Event::Text(text) if skipped.is_none() && open.last().is_some_and(|name| name == "t") => {
                    self.words.push_str(&text.xml10_content());
                }
                Event::CData(text) if skipped.is_none() && open.last().is_some_and(|name| name == "t") => {
                    self.words.push_str(&text.xml10_content());
                }
                Event::GeneralRef(reference) if skipped.is_none() => {
                    let name = reference.xml10_content();
                    self.words.push_str(&html::decode(&format!("&{name};")));
                }
                Event::DocType(_) => {
                    return Err(Text::new("XML có DOCTYPE: từ chối", "the XML has a DOCTYPE: refused"));
                }
                Event::Eof => break,
                _ => {}
            }
            if self.words.len() > limits::CELL_BYTES_MAX * 4 {
                return Err(Text::new("một ô hay đoạn quá dài", "a cell or paragraph is too long"));
            }
        }
        if open.is_empty() {
            Ok(())
        } else {
            Err(Text::new("XML của văn bản bị cắt ngang", "the document's XML is cut off"))
        }
    }

    fn open(&mut self, name: &str, tag: &BytesStart<'_>) {
        match name {
            "tbl" => {
                self.depth += 1;
                if self.depth == 1 {
                    self.tables += 1;
                    self.table = Table::default();
                    self.words.clear();
                }
            }
            "tr" if self.depth == 1 => self.table.rows.push(Row::default()),
            "tc" if self.depth == 1 => {
                self.words.clear();
                (self.span, self.continues) = (1, false);
            }
            "gridSpan" if self.depth == 1 => {
                let span = value(tag, "val").and_then(|value| value.parse().ok()).unwrap_or(1);
                self.span = span.clamp(1, limits::COLUMNS_MAX);
            }
            "gridBefore" if self.depth == 1 => {
                let span: usize = value(tag, "val").and_then(|value| value.parse().ok()).unwrap_or(0);
                for _ in 0..span.min(limits::COLUMNS_MAX) {
                    self.push("");
                }
            }
            "vMerge" if self.depth == 1 => self.continues = value(tag, "val").is_none_or(|value| value != "restart"),
            "tab" | "br" | "cr" => self.words.push(' '),
            "noBreakHyphen" => self.words.push('-'),
            "p" => self.list = (None, 0, self.words.len()),
            "ilvl" => self.list.1 = value(tag, "val").and_then(|level| level.parse().ok()).unwrap_or(0),
            "numId" => self.list.0 = value(tag, "val").filter(|list| list != "0"),
            "rFonts" => {
                let legacy = ["ascii", "hAnsi"].into_iter().filter_map(|key| value(tag, key));
                let legacy = legacy.into_iter().find(|font| font.starts_with(".Vn") || font.starts_with("VNI-"));
                self.legacy_font = self.legacy_font.take().or(legacy);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) -> Result<(), Text> {
        if name == "p"
            && let (Some(list), level, begins) = std::mem::take(&mut self.list)
            && let Some(number) = self.numbering.next(&list, level)
        {
            self.numbered += 1;
            let mut begins = begins.min(self.words.len());
            while !self.words.is_char_boundary(begins) {
                begins -= 1;
            }
            let space = if self.words[begins..].trim().is_empty() { "" } else { " " };
            self.words.insert_str(begins, &format!("{number}{space}"));
        }
        match name {
            "p" if self.depth > 0 => self.words.push(' '),
            "p" => {
                let text = std::mem::take(&mut self.words);
                if !text.trim().is_empty() {
                    self.paragraphs += 1;
                    self.gather.line(&text.replace('<', "< "), Place::Paragraph { paragraph: self.paragraphs });
                }
            }
            "tc" if self.depth == 1 => {
                let text = if self.continues { String::new() } else { self.words.replace('<', "< ") };
                self.words.clear();
                if text.len() > limits::CELL_BYTES_MAX {
                    cell(&text, self.place(1))?;
                }
                self.push(&text);
                for _ in 1..self.span {
                    self.push("");
                }
                self.within_limits()?;
            }
            "tbl" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.words.clear();
                    self.gather.table(std::mem::take(&mut self.table))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn place(&self, cell: usize) -> Place {
        Place::Table { table: self.tables, row: self.table.rows.len(), cell }
    }

    fn push(&mut self, text: &str) {
        let number = self.table.rows.last().map_or(0, |row| row.cells.len()) + 1;
        let place = self.place(number);
        if let Some(row) = self.table.rows.last_mut()
            && row.cells.len() <= limits::COLUMNS_MAX
        {
            row.cells.push(Cell { text: super::words(text), place, merged: self.continues });
        }
    }

    fn within_limits(&self) -> Result<(), Text> {
        let columns = self.table.rows.last().map_or(0, |row| row.cells.len());
        let (most_rows, most_columns) = (limits::ROWS_MAX, limits::COLUMNS_MAX);
        if self.table.rows.len() <= most_rows && columns <= most_columns {
            return Ok(());
        }
        let table = self.tables;
        Err(Text::new(
            format!("bảng {table} quá lớn: tối đa {most_rows} hàng và {most_columns} cột"),
            format!("table {table} is too large: at most {most_rows} rows and {most_columns} columns"),
        ))
    }
}

/// An attribute's value, whatever its prefix.
pub fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(html::decode(&found.value))
}
