//! A chart of a paper: shapes on a field of points, what it tells in words, and its numbers as a table. PDF draws the
//! shapes, and has the words read aloud; Word and Excel get the table, which people can go on with.

use super::{Align, Cell, Column, Row, RowKind, Table};

/// A chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// What stands below it.
    pub name: String,
    /// What it tells, for those who cannot see it.
    pub alt: String,
    /// The width of its field, in points; it is drawn as wide as the text.
    pub width: f32,
    /// The height of its field.
    pub height: f32,
    /// What is drawn, the first undermost.
    pub shapes: Vec<Shape>,
    /// Its numbers.
    pub table: Table,
}

/// A colour by what it is for; print without colours keeps them apart by their darkness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// What the chart is about.
    Strong,
    /// What it is compared with.
    Soft,
    /// The field behind.
    Faint,
    /// Something that is not well.
    Bad,
    /// Words and rulers.
    Ink,
}

impl Tone {
    /// Red, green and blue, as the pages have them.
    pub const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Strong => (0x0a, 0x55, 0x66),
            Self::Soft => (0xa3, 0xc7, 0xce),
            Self::Faint => (0xe4, 0xea, 0xe8),
            Self::Bad => (0xa5, 0x16, 0x2b),
            Self::Ink => (0x14, 0x20, 0x1f),
        }
    }
}

/// A shape, measured from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A filled box.
    Bar {
        /// From the left.
        x: f32,
        /// From the top.
        y: f32,
        /// To the right.
        width: f32,
        /// Downwards.
        height: f32,
        /// Its colour.
        tone: Tone,
    },
    /// Words on one line.
    Words {
        /// Where they begin, end, or have their middle.
        x: f32,
        /// Their baseline.
        y: f32,
        /// Their size.
        size: f32,
        /// Which of these.
        align: Align,
        /// Whether they are bold.
        bold: bool,
        /// The words.
        text: String,
    },
}

/// Width of the field that charts are drawn on: that of the text of a page that stands.
pub const FIELD_WIDTH: f32 = 453.0;
const LABEL: f32 = 10.0;

impl Drawing {
    fn new(name: &str, height: f32) -> Self {
        Self { name: name.to_owned(), width: FIELD_WIDTH, height, ..Self::default() }
    }

    fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, tone: Tone) {
        if width > 0.0 && height > 0.0 {
            self.shapes.push(Shape::Bar { x, y, width, height, tone });
        }
    }

    fn words(&mut self, x: f32, y: f32, align: Align, bold: bool, text: impl Into<String>) {
        self.shapes.push(Shape::Words { x, y, size: LABEL, align, bold, text: text.into() });
    }
}

fn table(name: &str, heads: &[&str], widths: &[u32], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let columns = widths
        .iter()
        .enumerate()
        .map(|(at, width)| Column { width: *width, align: if at == 0 { Align::Left } else { Align::Center } });
    let row = |cells: Vec<String>| Row { kind: RowKind::Plain, cells: cells.into_iter().map(Cell::new).collect() };
    Table {
        name: name.to_owned(),
        half_points: 22,
        columns: columns.collect(),
        heads: vec![row(heads.iter().map(|head| (*head).to_owned()).collect())],
        rows: rows.map(row).collect(),
    }
}

/// How many fall into each of several steps: columns side by side with their numbers above.
pub fn histogram(name: &str, alt: &str, heads: [&str; 2], steps: &[(String, usize)], marked: Option<usize>) -> Drawing {
    let mut drawing = Drawing::new(name, 170.0);
    let most = steps.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1) as f32;
    let step = FIELD_WIDTH / steps.len().max(1) as f32;
    for (at, (label, count)) in steps.iter().enumerate() {
        let x = at as f32 * step;
        let height = *count as f32 / most * 120.0;
        let tone = if marked == Some(at) { Tone::Strong } else { Tone::Soft };
        drawing.bar(x + 3.0, 145.0 - height, step - 6.0, height, tone);
        if *count > 0 {
            drawing.words(x + step / 2.0, 141.0 - height, Align::Center, marked == Some(at), count.to_string());
        }
        drawing.words(x + step / 2.0, 160.0, Align::Center, false, label.clone());
    }
    drawing.bar(0.0, 145.0, FIELD_WIDTH, 0.8, Tone::Ink);
    drawing.alt = alt.to_owned();
    drawing.table =
        table(name, &heads, &[60, 40], steps.iter().map(|(label, count)| vec![label.clone(), count.to_string()]));
    drawing
}

/// A row of a chart of spans: a name, and thousandths of the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// What it is.
    pub name: String,
    /// The least, the middle and the most, in thousandths.
    pub at: [i64; 3],
    /// The same in words.
    pub told: [String; 3],
}

/// How far several things reach: a bar from the least to the most on a track, with a mark at the middle.
pub fn spans(name: &str, alt: &str, heads: [&str; 4], rows: &[Span]) -> Drawing {
    let mut drawing = Drawing::new(name, rows.len() as f32 * 24.0 + 4.0);
    let (left, track) = (190.0, 215.0);
    for (at, row) in rows.iter().enumerate() {
        let y = at as f32 * 24.0 + 6.0;
        let place = |thousandth: i64| left + track * thousandth.clamp(0, 1_000) as f32 / 1_000.0;
        drawing.words(0.0, y + 9.0, Align::Left, false, shortened(&row.name, 38));
        drawing.bar(left, y, track, 12.0, Tone::Faint);
        drawing.bar(place(row.at[0]), y, place(row.at[2]) - place(row.at[0]), 12.0, Tone::Soft);
        drawing.bar(place(row.at[1]) - 1.5, y - 2.0, 3.0, 16.0, Tone::Strong);
        drawing.words(FIELD_WIDTH, y + 9.0, Align::Right, true, row.told[1].clone());
    }
    drawing.alt = alt.to_owned();
    drawing.table =
        table(name, &heads, &[55, 15, 15, 15], rows.iter().map(|row| [&[row.name.clone()][..], &row.told].concat()));
    drawing
}

/// A row of a chart of bars: a name, its number and the number in words.
pub type BarRow = (String, i64, String);

/// Numbers as lying bars, those below zero to the left and in another tone.
pub fn bars(name: &str, alt: &str, heads: [&str; 2], rows: &[BarRow]) -> Drawing {
    let mut drawing = Drawing::new(name, rows.len() as f32 * 20.0 + 4.0);
    let most = rows.iter().map(|row| row.1.abs()).max().unwrap_or(0).max(1) as f32;
    let below = rows.iter().any(|row| row.1 < 0);
    let (left, room) = (190.0, 225.0);
    let (zero, room) = if below { (left + room / 2.0, room / 2.0 - 24.0) } else { (left, room) };
    for (at, (label, value, told)) in rows.iter().enumerate() {
        let y = at as f32 * 20.0 + 4.0;
        let length = value.abs() as f32 / most * room;
        drawing.words(0.0, y + 9.5, Align::Left, false, shortened(label, 38));
        if *value < 0 {
            drawing.bar(zero - length, y, length, 13.0, Tone::Bad);
            drawing.words(zero - length - 4.0, y + 9.5, Align::Right, true, told.clone());
        } else {
            drawing.bar(zero, y, length, 13.0, Tone::Strong);
            drawing.words(zero + length + 4.0, y + 9.5, Align::Left, true, told.clone());
        }
    }
    drawing.bar(zero - 0.4, 0.0, 0.8, drawing.height, Tone::Ink);
    drawing.alt = alt.to_owned();
    drawing.table = table(name, &heads, &[70, 30], rows.iter().map(|row| vec![row.0.clone(), row.2.clone()]));
    drawing
}

/// A name that fits: cut between words.
fn shortened(name: &str, letters_max: usize) -> String {
    if name.chars().count() <= letters_max {
        return name.to_owned();
    }
    let mut out = String::new();
    for word in name.split(' ') {
        if out.chars().count() + word.chars().count() + 2 > letters_max {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.push_str(" …");
    out
}
