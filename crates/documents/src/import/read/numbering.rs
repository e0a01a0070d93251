//! The numbers that Word counts by itself: they stand in no paragraph, only in `word/numbering.xml`.

use std::collections::BTreeMap;

use criteria::Text;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::docx::value;

/// Deepest level of a list.
const LEVELS_MAX: usize = 9;

/// How one level of a list is numbered.
#[derive(Clone, Debug)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self { format: "decimal".to_owned(), text: String::new(), start: 1 }
    }
}

/// The lists of a document and how far each has counted.
#[derive(Debug, Default)]
pub struct Numbering {
    /// The list that a paragraph names, and what it is an instance of.
    lists: BTreeMap<String, String>,
    levels: BTreeMap<String, Vec<Level>>,
    counted: BTreeMap<String, Vec<u32>>,
}

impl Numbering {
    /// Reads `word/numbering.xml`.
    pub fn read(xml: &str) -> Result<Self, Text> {
        let mut numbering = Self::default();
        let mut reader = Reader::from_str(xml);
        let (mut shape, mut list, mut level) = (String::new(), String::new(), 0_usize);
        loop {
            let event = reader.read_event().map_err(|error| {
                Text::new(
                    format!("số tự động của Word hỏng: {error}"),
                    format!("Word's own numbers are damaged: {error}"),
                )
            })?;
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    let of = |name| value(&tag, name).unwrap_or_default();
                    match tag.local_name().as_ref() {
                        "abstractNum" => (shape, list) = (of("abstractNumId"), String::new()),
                        "num" => (list, shape) = (of("numId"), String::new()),
                        "abstractNumId" if !list.is_empty() => {
                            numbering.lists.insert(list.clone(), of("val"));
                        }
                        "lvl" if !shape.is_empty() => {
                            level = of("ilvl").parse().unwrap_or(0_usize).min(LEVELS_MAX - 1);
                            let levels = numbering.levels.entry(shape.clone()).or_default();
                            if levels.len() <= level {
                                levels.resize_with(level + 1, Level::default);
                            }
                        }
                        name @ ("numFmt" | "lvlText" | "start") => {
                            if let Some(one) = numbering.levels.get_mut(&shape).and_then(|levels| levels.get_mut(level))
                            {
                                one.set(name, &tag);
                            }
                        }
                        _ => {}
                    }
                }
                Event::Eof => return Ok(numbering),
                _ => {}
            }
        }
    }

    /// The number of the next paragraph of a list at a level, as Word shows it; bullets have none.
    pub fn next(&mut self, list: &str, level: usize) -> Option<String> {
        let shape = self.lists.get(list)?;
        let levels = self.levels.get(shape)?;
        let own = levels.get(level)?;
        let counted = self.counted.entry(shape.clone()).or_insert_with(|| vec![0; LEVELS_MAX]);
        let last = counted.get_mut(level)?;
        *last = if *last == 0 { own.start.max(1) } else { last.saturating_add(1) };
        counted.iter_mut().skip(level + 1).for_each(|below| *below = 0);
        if own.format == "bullet" || own.format == "none" {
            return None;
        }
        let mut text = own.text.clone();
        for (index, one) in levels.iter().enumerate().take(level + 1) {
            let mark = format!("%{}", index + 1);
            if text.contains(&mark) {
                let count = counted.get(index).copied().unwrap_or(1).max(1);
                text = text.replace(&mark, &written(count, &one.format));
            }
        }
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    }
}

impl Level {
    fn set(&mut self, name: &str, tag: &BytesStart<'_>) {
        let Some(value) = value(tag, "val") else { return };
        match name {
            "numFmt" => self.format = value,
            "lvlText" => self.text = value.chars().take(40).collect(),
            _ => self.start = value.parse().unwrap_or(1),
        }
    }
}

fn written(count: u32, format: &str) -> String {
    let letter = |first: u8| char::from(first + ((count - 1) % 26) as u8).to_string();
    match format {
        "upperRoman" => super::super::outline::to_roman(count.min(89)),
        "lowerRoman" => super::super::outline::to_roman(count.min(89)).to_lowercase(),
        "upperLetter" => letter(b'A'),
        "lowerLetter" => letter(b'a'),
        _ => count.to_string(),
    }
}
