//! Readers: bytes of a known format in, a neutral [`Source`] out. The format is told by the bytes, the name only helps
//! where they leave a doubt.

pub(crate) mod archive;
mod docx;
mod grid;
mod html;
mod numbering;
mod pdf;
mod text;
pub(crate) mod xlsx;

use criteria::Text;

use super::limits;
use super::table::{Block, Cell, Line, Place, Row, Source, Table};

/// Reads a document of any known format.
///
/// # Errors
/// What the file is, or which limit it meets.
pub fn read(name: &str, bytes: &[u8]) -> Result<Source, Text> {
    if bytes.len() > limits::FILE_BYTES_MAX {
        let (found, most) = (bytes.len(), limits::FILE_BYTES_MAX);
        return Err(Text::new(
            format!("tệp có {found} byte; tối đa {most}"),
            format!("the file has {found} bytes; at most {most} are read"),
        ));
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let mut archive = archive::Archive::open(bytes)?;
        return if archive.has("word/document.xml") {
            docx::read(&mut archive)
        } else if archive.has("xl/workbook.xml") {
            xlsx::read(&mut archive, bytes)
        } else {
            Err(Text::new(
                "tệp nén này không phải DOCX cũng không phải XLSX",
                "this packed file is neither DOCX nor XLSX",
            ))
        };
    }
    if bytes.starts_with(b"%PDF-") {
        return pdf::read(bytes);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(Text::new(
            "tệp Word hoặc Excel đời cũ (.doc, .xls) hay có mật khẩu: hãy lưu thành DOCX hoặc XLSX không mật khẩu",
            "an old (.doc, .xls) or encrypted Word or Excel file: save it as DOCX or XLSX without a password",
        ));
    }
    let text = decode(bytes)?;
    let start = text.trim_start().get(..256).unwrap_or(text.trim_start()).to_ascii_lowercase();
    if matches!(ending.as_str(), "html" | "htm") || start.starts_with("<!doctype html") || start.starts_with("<html") {
        html::read(&text)
    } else {
        text::read(text, if ending == "md" { "md" } else { "txt" })
    }
}

/// Text in UTF-8 or, with its mark, in UTF-16 as Excel writes "Unicode text".
fn decode(bytes: &[u8]) -> Result<String, Text> {
    let wide = |little: bool| {
        let units = bytes[2..].chunks_exact(2).map(|pair| {
            if little { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) }
        });
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] => wide(true),
        [0xFE, 0xFF, ..] => wide(false),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    let text = text.filter(|text| !text.contains('\0')).ok_or_else(|| {
        Text::new(
            "không phải văn bản UTF-8, cũng không phải DOCX, XLSX hay HTML",
            "neither text in UTF-8 nor DOCX, XLSX or HTML",
        )
    })?;
    if text.len() > limits::TEXT_BYTES_MAX || text.lines().count() > limits::LINES_MAX {
        let (bytes, lines) = (limits::TEXT_BYTES_MAX, limits::LINES_MAX);
        return Err(Text::new(
            format!("văn bản quá dài; tối đa {bytes} byte và {lines} dòng"),
            format!("the text is too long; at most {bytes} bytes and {lines} lines are read"),
        ));
    }
    Ok(text)
}

/// Gathers the blocks of a document while the limits hold.
#[derive(Debug, Default)]
struct Gather {
    blocks: Vec<Block>,
    tables: usize,
    rows: usize,
}

impl Gather {
    /// A line of prose; blank ones are left out.
    fn line(&mut self, text: &str, place: Place) {
        let text = words(text);
        if !text.is_empty() {
            self.blocks.push(Block::Line(Line { text, place }));
        }
    }

    /// A table; rows without words are left out.
    fn table(&mut self, table: Table) -> Result<(), Text> {
        let rows: Vec<Row> = table.rows.into_iter().filter(|row| !row.is_blank()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.tables += 1;
        self.rows += rows.len();
        let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        let (most_tables, most_rows, most_columns) = (limits::TABLES_MAX, limits::ROWS_MAX, limits::COLUMNS_MAX);
        if self.tables > most_tables || self.rows > most_rows || columns > most_columns {
            return Err(Text::new(
                format!("quá lớn: tối đa {most_tables} bảng, {most_rows} hàng, mỗi bảng {most_columns} cột"),
                format!("too large: at most {most_tables} tables, {most_rows} rows, {most_columns} columns a table"),
            ));
        }
        self.blocks.push(Block::Table(Table { rows }));
        Ok(())
    }

    /// The text of the document where the file itself is not text: prose as lines, a row a line, tabs between cells.
    fn text(&self) -> Result<String, Text> {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Line(line) => {
                    out.push_str(&line.text);
                    out.push('\n');
                }
                Block::Table(table) => {
                    for row in &table.rows {
                        let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                        out.push_str(&cells.join("\t"));
                        out.push('\n');
                    }
                }
            }
            if out.len() > limits::TEXT_BYTES_MAX {
                let most = limits::TEXT_BYTES_MAX;
                return Err(Text::new(
                    format!("văn bản quá dài; tối đa {most} byte"),
                    format!("the text is too long; at most {most} bytes are read"),
                ));
            }
        }
        Ok(out)
    }
}

/// A cell's words, held to the limit.
fn cell(text: &str, place: Place) -> Result<Cell, Text> {
    if text.len() > limits::CELL_BYTES_MAX {
        let (at, most) = (place.text(), limits::CELL_BYTES_MAX);
        return Err(Text::new(
            format!("{}: ô dài hơn {most} byte", at.vi),
            format!("{}: the cell is longer than {most} bytes", at.en),
        ));
    }
    Ok(Cell { text: words(text), place, merged: false })
}

/// Words as they are quoted, but for the signs of multiplication, which a rule needs: NFC, tags and bold marks taken
/// out, white space as single spaces.
fn words(text: &str) -> String {
    const TIMES: &str = "\u{e000}";
    criteria::quote::normalize(&text.replace("**", "").replace('*', TIMES)).replace(TIMES, "*")
}
