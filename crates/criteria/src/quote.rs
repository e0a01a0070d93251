//! Quotations: whether the law's words stand in the source to the letter, and which source words nobody quotes.
//!
//! Compared after NFC, with markup tags and `*` taken out and each run of white space read as one space.
//! `[…]` joins passages that the document prints apart. A damaged scan is compared word by word without marks.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::set::SourceText;

/// Joins two passages of one quotation that the document prints apart.
pub const ELLIPSIS: &str = "[…]";

/// How a quotation was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// To the letter.
    Exactly,
    /// In a damaged scan: so many of so many words.
    Loosely(usize, usize),
    /// Not at all: the longest beginning that does stand in a source, and what follows it in the quotation.
    Not {
        /// The passage's beginning that was found.
        until: String,
        /// What then differs.
        then: String,
    },
}

/// The sources of a set, ready to be searched, with a memory of what was quoted.
pub struct Sources {
    texts: Vec<Text>,
    damaged_words: HashSet<String>,
    has_damaged: bool,
}

struct Text {
    file: String,
    text: String,
    quoted: Vec<bool>,
    auxiliary: bool,
}

impl Sources {
    /// Makes the sources ready.
    pub fn new(sources: &[SourceText]) -> Self {
        let mut damaged_words = HashSet::new();
        let mut texts = Vec::new();
        for source in sources {
            let text = normalize(&source.text);
            if source.damaged {
                damaged_words.extend(fold(&text).split(' ').map(str::to_owned));
            } else {
                let quoted = vec![false; text.len()];
                texts.push(Text { file: source.file.clone(), text, quoted, auxiliary: source.auxiliary });
            }
        }
        Self { has_damaged: !damaged_words.is_empty(), texts, damaged_words }
    }

    /// Whether there is any text to compare with.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && !self.has_damaged
    }

    /// Looks a quotation up and remembers what it covers.
    pub fn quote(&mut self, quotation: &str) -> Found {
        let mut worst = Found::Exactly;
        for passage in quotation.split(ELLIPSIS) {
            let passage = normalize(passage);
            if passage.is_empty() || self.mark(&passage) {
                continue;
            }
            match self.loosely(&passage) {
                Some((hits, words)) => {
                    worst = match worst {
                        Found::Loosely(a, b) => Found::Loosely(a + hits, b + words),
                        Found::Exactly => Found::Loosely(hits, words),
                        Found::Not { .. } => worst,
                    }
                }
                None => return self.beginning(&passage),
            }
        }
        worst
    }

    /// Marks every place of a passage; whether there is one.
    fn mark(&mut self, passage: &str) -> bool {
        let mut found = false;
        for source in &mut self.texts {
            for (at, _) in source.text.match_indices(passage) {
                source.quoted[at..at + passage.len()].fill(true);
                found = true;
            }
        }
        found
    }

    fn loosely(&self, passage: &str) -> Option<(usize, usize)> {
        if !self.has_damaged {
            return None;
        }
        let folded = fold(passage);
        let words: Vec<&str> = folded.split(' ').filter(|word| word.len() > 1).collect();
        let hits = words.iter().filter(|word| self.damaged_words.contains(**word)).count();
        // A scan loses letters; what shares not even half of its words with it was not read from it.
        (hits * 2 >= words.len()).then_some((hits, words.len()))
    }

    fn beginning(&self, passage: &str) -> Found {
        let stands = |until: usize| self.texts.iter().any(|source| source.text.contains(&passage[..until]));
        let bounds: Vec<usize> = passage.char_indices().map(|(at, _)| at).collect();
        let until = bounds[bounds.partition_point(|&at| stands(at)).saturating_sub(1)];
        let from = bounds[bounds.partition_point(|&at| at < until).saturating_sub(30)];
        let then: String = passage[until..].chars().take(30).collect();
        Found::Not { until: passage[from..until].to_owned(), then }
    }

    /// Source passages that no quotation covers, with their file: those with at least two words of letters.
    pub fn unquoted(&self) -> Vec<(&str, String)> {
        let mut left = Vec::new();
        for source in self.texts.iter().filter(|source| !source.auxiliary) {
            let mut start = None;
            for (at, _) in source.text.char_indices().chain([(source.text.len(), ' ')]) {
                let quoted = source.quoted.get(at).copied().unwrap_or(true);
                match (quoted, start) {
                    (false, None) => start = Some(at),
                    (true, Some(from)) => {
                        let passage = source.text[from..at].trim();
                        let words = passage
                            .split(' ')
                            .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
                            .count();
                        if words > 1 {
                            left.push((source.file.as_str(), passage.to_owned()));
                        }
                        start = None;
                    }
                    (false, Some(_)) | (true, None) => {}
                }
            }
        }
        left
    }
}

/// The text as quotations are compared: NFC, without tags and `*`, white space as single spaces.
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let end = tag.find(['<', '>']).filter(|&end| tag.as_bytes()[end] == b'>');
        match end {
            Some(end) if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
                out.push(' ');
                rest = &tag[end + 1..];
            }
            _ => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    let composed: String = out.nfc().filter(|letter| *letter != '*').collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A quotation for reading: on one line, without markup and without the signs that join its passages.
pub fn readable(quotation: &str) -> String {
    normalize(&quotation.replace(ELLIPSIS, " "))
}

/// Letters without marks, lower case, đ as d; everything else becomes a space.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'đ' => out.push('d'),
            'a'..='z' | '0'..='9' => out.push(letter),
            _ => out.push(' '),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str, damaged: bool) -> SourceText {
        SourceText { file: "source/a.txt".to_owned(), text: text.to_owned(), damaged, auxiliary: false }
    }

    #[test]
    fn markup_and_white_space_do_not_count_and_words_do() {
        let mut sources =
            Sources::new(&[source("<p>- Tối  thiểu\n02 tin</p> <b>bài</b> **được** duyệt; tỷ lệ <10 %", false)]);
        assert_eq!(sources.quote("Tối thiểu 02 tin bài được duyệt"), Found::Exactly);
        assert_eq!(sources.quote("tỷ lệ <10 %"), Found::Exactly);
        assert_eq!(sources.quote("Tối thiểu […] được duyệt"), Found::Exactly);
        let Found::Not { until, then } = sources.quote("Tối thiểu 03 tin") else {
            unreachable!("it does not stand there")
        };
        assert_eq!((until.as_str(), then.as_str()), ("Tối thiểu 0", "3 tin"));
    }

    #[test]
    fn what_nobody_quotes_is_listed() {
        let mut sources = Sources::new(&[source("Một hai ba. Bốn năm sáu. 7", false)]);
        sources.quote("Một hai ba.");
        assert_eq!(sources.unquoted(), [("source/a.txt", "Bốn năm sáu. 7".to_owned())]);
    }

    #[test]
    fn a_damaged_scan_is_compared_by_words_without_marks() {
        let mut sources = Sources::new(&[source("Nguoi dung dau don vi 1am truong ban", true)]);
        assert_eq!(sources.quote("Người đứng đầu đơn vị làm trưởng ban"), Found::Loosely(7, 8));
        assert!(matches!(sources.quote("Hoàn toàn khác hẳn"), Found::Not { .. }));
    }
}
