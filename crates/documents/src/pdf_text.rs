//! The text of a PDF, for reading what a document says of itself and for telling near-copies apart. Not for showing: what
//! a reader sees is the page.
//!
//! The library gives pages and their instructions; here stands how strings become letters (ToUnicode, simple encodings,
//! fonts from before Unicode) and where they stand on the page. Text that is a picture is not read.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_syntax::Pdf;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::Rotation;

use crate::legacy::Encoding;
use crate::pdf_rules::{Paths, Rule};

/// Pages that are read.
const PAGES_MAX: usize = 30;
/// Instructions of one page that are carried out.
const INSTRUCTIONS_MAX: usize = 300_000;
/// Bytes of one page's instructions.
const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Pieces of text of one page.
const PIECES_MAX: usize = 50_000;
/// Letters of the whole text.
const LETTERS_MAX: usize = 400_000;
/// Entries of one table of letters.
const LETTERS_OF_FONT_MAX: usize = 70_000;
/// Bytes of one table of letters.
const CMAP_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Fonts of one file.
const FONTS_MAX: usize = 200;
/// Fonts of one file that is read for its tables, each counted on every page that uses it.
const FONTS_OF_LAYOUT_MAX: usize = 2_000;
/// Pieces of text of one file that is read for its tables.
const PIECES_OF_LAYOUT_MAX: usize = 600_000;

/// The text of a PDF: lines by their height, parts that stand far apart on one line set apart by a tab. Empty where
/// there is none, or where the file cannot be read.
pub fn read(file: &[u8]) -> String {
    catch_unwind(AssertUnwindSafe(|| pages(file))).unwrap_or_default()
}

fn pages(file: &[u8]) -> String {
    let Ok(pdf) = Pdf::new(file.to_vec()) else { return String::new() };
    let mut text = String::new();
    let mut budget = FONTS_MAX;
    for page in pdf.pages().iter().take(PAGES_MAX) {
        let Some(instructions) = page.page_stream() else { continue };
        let instructions = instructions.get(..PAGE_BYTES_MAX).unwrap_or(instructions);
        let mut reader = Reader { fonts: HashMap::new(), budget: &mut budget, pieces: Vec::new(), paths: None };
        reader.run(instructions, IDENTITY, |name| page.resources().get_font(name));
        lines(reader.pieces, &mut text);
        text.push('\n');
        if text.len() > LETTERS_MAX {
            break;
        }
    }
    text
}

/// A page as it is laid out: what is written where, and the lines that are drawn.
pub(crate) struct Layout {
    pub pieces: Vec<Piece>,
    pub rules: Vec<Rule>,
}

/// The pages of a file as they are laid out, the reader's way up; why it cannot be read otherwise.
pub(crate) fn layout(file: &[u8], pages_max: usize) -> Option<Vec<Layout>> {
    let pages = || {
        let pdf = Pdf::new(file.to_vec()).ok()?;
        let mut budget = FONTS_OF_LAYOUT_MAX;
        let mut left = PIECES_OF_LAYOUT_MAX;
        let mut pages = Vec::new();
        for page in pdf.pages().iter().take(pages_max) {
            let turned = match page.rotation() {
                Rotation::None => IDENTITY,
                Rotation::Horizontal => [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
                Rotation::Flipped => [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
                Rotation::FlippedHorizontal => [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
            };
            let instructions = page.page_stream().unwrap_or_default();
            let instructions = instructions.get(..PAGE_BYTES_MAX).unwrap_or(instructions);
            let paths = Some(Paths::default());
            let mut reader = Reader { fonts: HashMap::new(), budget: &mut budget, pieces: Vec::new(), paths };
            reader.run(instructions, turned, |name| page.resources().get_font(name));
            let mut pieces = reader.pieces;
            keep_finite(&mut pieces);
            pieces.truncate(left);
            left -= pieces.len();
            pages.push(Layout { pieces, rules: reader.paths.map(|paths| paths.rules).unwrap_or_default() });
        }
        Some(pages)
    };
    catch_unwind(AssertUnwindSafe(pages)).ok().flatten()
}

/// A piece of text where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub x: f64,
    pub y: f64,
    pub end: f64,
    pub size: f64,
    pub text: String,
}

fn keep_finite(pieces: &mut Vec<Piece>) {
    pieces
        .retain(|piece| piece.x.is_finite() && piece.y.is_finite() && piece.end.is_finite() && piece.size.is_finite());
}

fn lines(pieces: Vec<Piece>, text: &mut String) {
    for line in rows(pieces) {
        text.push_str(&joined(&line, 2.0));
        text.push('\n');
        if text.len() > LETTERS_MAX {
            return;
        }
    }
}

/// Pieces by the line that they stand on, from top to bottom, each from left to right.
pub(crate) fn rows(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    keep_finite(&mut pieces);
    pieces.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut rest = pieces.into_iter().peekable();
    let mut rows = Vec::new();
    while let Some(first) = rest.next() {
        let (height, size) = (first.y, first.size.max(1.0));
        let mut line = vec![first];
        while let Some(next) = rest.next_if(|next| (height - next.y).abs() < size * 0.4) {
            line.push(next);
        }
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        rows.push(line);
    }
    rows
}

/// The words of a line; parts further apart than so many ems are parted by a tab.
pub(crate) fn joined(line: &[Piece], tab_ems: f64) -> String {
    let mut text = String::new();
    let size = line.first().map_or(1.0, |first| first.size.max(1.0));
    let mut end: Option<f64> = None;
    for piece in line {
        if let Some(end) = end {
            let gap = piece.x - end;
            if gap > size * tab_ems {
                text.push('\t');
            } else if gap > size * 0.15 && !text.ends_with(' ') && !piece.text.starts_with(' ') {
                text.push(' ');
            }
        }
        text.push_str(&piece.text);
        end = Some(piece.end);
    }
    text
}

/// How the strings of a font become letters.
#[derive(Default)]
struct Font {
    two_bytes: bool,
    letters: HashMap<u32, String>,
    differences: HashMap<u32, char>,
    widths: HashMap<u32, f64>,
    width: f64,
    legacy: Option<Encoding>,
}

pub(crate) type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

pub(crate) fn times(a: &Matrix, b: &Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

struct Reader<'b> {
    fonts: HashMap<String, Font>,
    budget: &'b mut usize,
    pieces: Vec<Piece>,
    paths: Option<Paths>,
}

impl Reader<'_> {
    fn run<'p>(&mut self, instructions: &[u8], turned: Matrix, font_of: impl Fn(&Name<'_>) -> Option<Dict<'p>>) {
        let (mut page, mut kept) = (turned, Vec::new());
        let (mut line, mut at) = (IDENTITY, IDENTITY);
        let (mut size, mut leading, mut font) = (1.0, 0.0, String::new());
        let mut found = UntypedIter::new(instructions);
        for _ in 0..INSTRUCTIONS_MAX {
            let Some(one) = found.next() else { break };
            let operands: Vec<&Object<'_>> = one.operands().collect();
            let number = |at: usize| match operands.get(at).copied() {
                Some(Object::Number(number)) => number.as_f64(),
                _ => 0.0,
            };
            let down = |line: &mut Matrix, at: &mut Matrix, x: f64, y: f64| {
                *line = times(&[1.0, 0.0, 0.0, 1.0, x, y], line);
                *at = *line;
            };
            let operator: &[u8] = one.operator;
            match operator {
                b"q" if kept.len() < 64 => kept.push(page),
                b"Q" => page = kept.pop().unwrap_or(page),
                b"cm" => {
                    page = times(&[number(0), number(1), number(2), number(3), number(4), number(5)], &page);
                }
                b"BT" => (line, at) = (IDENTITY, IDENTITY),
                b"Tf" => {
                    if let Some(Object::Name(name)) = operands.first().copied() {
                        font = name.as_str().to_owned();
                        if !self.fonts.contains_key(&font) && *self.budget > 0 {
                            *self.budget -= 1;
                            let read = font_of(name).map(|dict| Font::read(&dict)).unwrap_or_default();
                            self.fonts.insert(font.clone(), read);
                        }
                    }
                    size = number(1);
                }
                b"TL" => leading = number(0),
                b"Td" => down(&mut line, &mut at, number(0), number(1)),
                b"TD" => {
                    leading = -number(1);
                    down(&mut line, &mut at, number(0), number(1));
                }
                b"T*" => down(&mut line, &mut at, 0.0, -leading),
                b"Tm" => {
                    line = [number(0), number(1), number(2), number(3), number(4), number(5)];
                    at = line;
                }
                b"Tj" | b"TJ" | b"'" | b"\"" => {
                    if matches!(operator, b"'" | b"\"") {
                        down(&mut line, &mut at, 0.0, -leading);
                    }
                    let Some(shown) = operands.last().copied() else { continue };
                    self.show(shown, &font, size, &page, &mut at);
                    if self.pieces.len() >= PIECES_MAX {
                        return;
                    }
                }
                _ => {
                    if let Some(paths) = &mut self.paths {
                        paths.carry_out(operator, number, &page);
                    }
                }
            }
        }
    }

    fn show(&mut self, shown: &Object<'_>, font: &str, size: f64, page: &Matrix, at: &mut Matrix) {
        let Some(font) = self.fonts.get(font) else { return };
        let (mut text, mut width) = (String::new(), 0.0);
        let mut add = |part: &Object<'_>| match part {
            Object::String(bytes) => width += font.letters_of(bytes.as_bytes(), &mut text),
            Object::Number(shift) => {
                width -= shift.as_f64() / 1000.0;
                if shift.as_f64() < -180.0 && !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            _ => {}
        };
        match shown {
            Object::Array(array) => array.iter::<Object<'_>>().for_each(|part| add(&part)),
            other => add(other),
        }
        let here = times(at, page);
        let length = width * size;
        *at = times(&[1.0, 0.0, 0.0, 1.0, length, 0.0], at);
        let end = times(at, page);
        if !text.trim().is_empty() {
            let high = size.abs() * (here[2].hypot(here[3])).max(0.01);
            self.pieces.push(Piece { x: here[4], y: here[5], end: end[4], size: high, text });
        }
    }
}

impl Font {
    fn read(dict: &Dict<'_>) -> Self {
        let mut font = Self { width: 0.5, ..Self::default() };
        let name = dict.get::<Name<'_>>("BaseFont").map(|name| name.as_str().to_owned()).unwrap_or_default();
        font.legacy = Encoding::of_font(&name);
        font.two_bytes = dict.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_str() == "Type0");
        let streams = |stream: Stream<'_>| {
            (stream.filters().len() <= 2).then(|| stream.decoded_data().ok().map(|data| data.to_vec()))
        };
        if let Some(cmap) = dict.get::<Stream<'_>>("ToUnicode").and_then(streams).flatten() {
            read_cmap(cmap.get(..CMAP_BYTES_MAX).unwrap_or(&cmap), &mut font.letters);
        }
        if let Some(encoding) = dict.get::<Dict<'_>>("Encoding")
            && let Some(differences) = encoding.get::<Array<'_>>("Differences")
        {
            let mut code = 0_u32;
            for one in differences.iter::<Object<'_>>().take(1_000) {
                match one {
                    Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(0),
                    Object::Name(name) => {
                        if let Some(letter) = letter_of_name(name.as_str()) {
                            font.differences.insert(code, letter);
                        }
                        code = code.saturating_add(1);
                    }
                    _ => {}
                }
            }
        }
        if font.two_bytes {
            font.width = 1.0;
            if let Some(own) =
                dict.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next())
            {
                font.width = own.get::<f64>("DW").map_or(1.0, |width| width / 1000.0);
                if let Some(widths) = own.get::<Array<'_>>("W") {
                    font.read_widths(&widths);
                }
            }
        } else if let Some(widths) = dict.get::<Array<'_>>("Widths") {
            let first = dict.get::<i32>("FirstChar").and_then(|first| u32::try_from(first).ok()).unwrap_or(0);
            for (at, width) in widths.iter::<Object<'_>>().take(256).enumerate() {
                if let Object::Number(width) = width {
                    font.widths.insert(first.saturating_add(at as u32), width.as_f64() / 1000.0);
                }
            }
        }
        font
    }

    /// `[code [w w w] first last w …]`
    fn read_widths(&mut self, widths: &Array<'_>) {
        let mut numbers: Vec<f64> = Vec::new();
        for one in widths.iter::<Object<'_>>().take(LETTERS_OF_FONT_MAX) {
            match one {
                Object::Number(number) => {
                    numbers.push(number.as_f64());
                    if let [first, last, width] = numbers[..] {
                        let (first, last) = (first.max(0.0) as u32, last.clamp(0.0, 65_535.0) as u32);
                        for code in (first..=last).take(65_536 - self.widths.len().min(65_536)) {
                            self.widths.insert(code, width / 1000.0);
                        }
                        numbers.clear();
                    }
                }
                Object::Array(own) => {
                    let first = numbers.last().map_or(0, |first| first.max(0.0) as u32);
                    for (at, width) in own.iter::<Object<'_>>().take(65_536).enumerate() {
                        if let Object::Number(width) = width {
                            self.widths.insert(first.saturating_add(at as u32), width.as_f64() / 1000.0);
                        }
                    }
                    numbers.clear();
                }
                _ => {}
            }
        }
    }

    /// Adds a string's letters; gives its width in ems.
    fn letters_of(&self, bytes: &[u8], text: &mut String) -> f64 {
        let mut width = 0.0;
        let step = if self.two_bytes { 2 } else { 1 };
        let mut own = String::new();
        for code in bytes.chunks(step).take(LETTERS_MAX) {
            let code = code.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
            width += self.widths.get(&code).copied().unwrap_or(self.width);
            match (self.letters.get(&code), self.differences.get(&code)) {
                (Some(letters), _) => own.push_str(letters),
                (None, Some(letter)) => own.push(*letter),
                (None, None) if !self.two_bytes => own.push(windows_1252(code)),
                (None, None) => {}
            }
        }
        match self.legacy {
            // Some producers write Unicode beside a font with an old name; then there is nothing to convert.
            Some(encoding) if own.chars().all(|letter| u32::from(letter) < 0x100) => {
                text.push_str(&encoding.decode(&own))
            }
            _ => text.push_str(&own),
        }
        width
    }
}

fn windows_1252(code: u32) -> char {
    match code {
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x97 => '—',
        0..0x20 => ' ',
        _ => char::from_u32(code).unwrap_or(' '),
    }
}

/// The letter that a glyph's name tells: `a`, `uni1EBF`, `u1EBF`, and the few with names of their own.
fn letter_of_name(name: &str) -> Option<char> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter);
    }
    let hex = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|hex| (4..=6).contains(&hex.len()));
    if let Some(letter) = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
        return Some(letter);
    }
    #[rustfmt::skip]
    const NAMES: [(&str, char); 26] = [
        ("space", ' '), ("period", '.'), ("comma", ','), ("colon", ':'), ("semicolon", ';'), ("slash", '/'),
        ("hyphen", '-'), ("endash", '–'), ("parenleft", '('), ("parenright", ')'), ("zero", '0'), ("one", '1'),
        ("two", '2'), ("three", '3'), ("four", '4'), ("five", '5'), ("six", '6'), ("seven", '7'), ("eight", '8'),
        ("nine", '9'), ("dcroat", 'đ'), ("Dcroat", 'Đ'), ("ohorn", 'ơ'), ("uhorn", 'ư'), ("Ohorn", 'Ơ'), ("Uhorn", 'Ư'),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
}

/// Reads the `bfchar` and `bfrange` parts of a ToUnicode table.
fn read_cmap(cmap: &[u8], letters: &mut HashMap<u32, String>) {
    let text = String::from_utf8_lossy(cmap);
    let words = |hex: &str| -> Option<Vec<u16>> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let word = |part: &[u8]| u16::from_str_radix(std::str::from_utf8(part).ok()?, 16).ok();
        digits.chunks(4).take(32).map(word).collect()
    };
    let code = |hex: &str| words(hex).map(|words| words.iter().fold(0_u32, |sum, word| sum << 16 | u32::from(*word)));
    for (begin, end, ranges) in [("beginbfchar", "endbfchar", false), ("beginbfrange", "endbfrange", true)] {
        for section in text.split(begin).skip(1) {
            let section = section.split(end).next().unwrap_or_default();
            let mut tokens = tokens(section);
            while let Some(from) = tokens.next() {
                if letters.len() >= LETTERS_OF_FONT_MAX {
                    return;
                }
                let Some(from) = code(from) else { continue };
                let to = if ranges { tokens.next().and_then(code) } else { Some(from) };
                let (Some(to), Some(target)) = (to, tokens.next()) else { break };
                if target == "[" {
                    for at in from.. {
                        match tokens.next() {
                            None | Some("]") => break,
                            Some(one) => {
                                letters.insert(at, String::from_utf16_lossy(&words(one).unwrap_or_default()));
                            }
                        }
                    }
                    continue;
                }
                let Some(mut target) = words(target).filter(|target| !target.is_empty()) else { continue };
                for at in (from..=to).take(LETTERS_OF_FONT_MAX - letters.len()) {
                    letters.insert(at, String::from_utf16_lossy(&target));
                    if let Some(last) = target.last_mut() {
                        *last = last.wrapping_add(1);
                    }
                }
            }
        }
    }
}

/// The hexadecimal strings and brackets of a section.
fn tokens(section: &str) -> impl Iterator<Item = &str> {
    let mut rest = section;
    std::iter::from_fn(move || {
        let at = rest.find(['<', '[', ']'])?;
        let after = &rest[at + 1..];
        if !rest[at..].starts_with('<') {
            let bracket = &rest[at..=at];
            rest = after;
            return Some(bracket);
        }
        let end = after.find('>')?;
        rest = &after[end + 1..];
        Some(&after[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_letters_is_read() {
        let mut letters = HashMap::new();
        let cmap = b"2 beginbfchar <01> <1EBF> <02> <00480069> endbfchar 2 beginbfrange <10> <12> <0041> <20> <21> [<1ED1> <0111>] endbfrange";
        read_cmap(cmap, &mut letters);
        let shown: Vec<&str> = [1, 2, 0x10, 0x12, 0x20, 0x21].iter().map(|code| letters[code].as_str()).collect();
        assert_eq!(shown, ["ế", "Hi", "A", "C", "ố", "đ"]);
    }

    #[test]
    fn damaged_files_have_no_text_and_do_no_harm() {
        for file in
            [&b""[..], b"%PDF-1.7", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>"]
        {
            assert_eq!(read(file).trim(), "");
        }
    }
}
