//! Words made plain for recognising: lower case, without marks, formulas and dashes in ASCII. Each byte knows where it
//! stood, so that what was recognised can be quoted as printed.

use std::ops::Range;

use criteria::quote::ELLIPSIS;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text and its plain form.
#[derive(Clone, Debug)]
pub struct Plain<'a> {
    original: &'a str,
    /// ASCII only, white space as single spaces.
    pub text: String,
    at: Vec<usize>,
}

/// Signs that are written in several ways.
const SIGNS: [(&str, &str); 18] = [
    (ELLIPSIS, " "),
    ("\\geq", ">="),
    ("\\ge", ">="),
    ("\\leq", "<="),
    ("\\le", "<="),
    ("\\times", "*"),
    ("&gt;=", ">="),
    ("&lt;=", "<="),
    ("&gt;", ">"),
    ("&lt;", "<"),
    ("≥", ">="),
    ("≤", "<="),
    ("×", "*"),
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
    ("\\", ""),
    ("$", ""),
];

impl<'a> Plain<'a> {
    /// The plain form of a text.
    pub fn new(original: &'a str) -> Self {
        let mut plain = Self { original, text: String::with_capacity(original.len()), at: Vec::new() };
        let mut rest = original;
        while let Some(letter) = rest.chars().next() {
            let at = original.len() - rest.len();
            if let Some((sign, ascii)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
                ascii.chars().for_each(|letter| plain.push(letter, at));
                rest = &rest[sign.len()..];
                continue;
            }
            for base in letter.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
                plain.push(if base == 'đ' { 'd' } else { base }, at);
            }
            rest = &rest[letter.len_utf8()..];
        }
        if plain.text.ends_with(' ') {
            plain.text.pop();
            plain.at.pop();
        }
        plain
    }

    fn push(&mut self, letter: char, at: usize) {
        let letter = if letter.is_ascii_graphic() { letter } else { ' ' };
        if letter == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
            return;
        }
        self.text.push(letter);
        self.at.push(at);
    }

    /// Puts other words in place of what a pattern finds; what is recognised in them is quoted as what was found.
    pub fn put(&mut self, pattern: &regex::Regex, words: impl Fn(&regex::Captures<'_>) -> String) {
        let mut text = String::with_capacity(self.text.len());
        let mut at = Vec::with_capacity(self.at.len());
        let mut from = 0;
        for found in pattern.captures_iter(&self.text) {
            let Some(whole) = found.get(0) else { continue };
            text.push_str(&self.text[from..whole.start()]);
            at.extend_from_slice(&self.at[from..whole.start()]);
            let put: String = words(&found).chars().filter(char::is_ascii).collect();
            let start = self.at.get(whole.start()).copied().unwrap_or(self.original.len());
            at.extend(std::iter::repeat_n(start, put.len()));
            text.push_str(&put);
            from = whole.end();
        }
        text.push_str(&self.text[from..]);
        at.extend_from_slice(&self.at[from..]);
        (self.text, self.at) = (text, at);
    }

    /// The words as printed that a range of the plain text stands for.
    pub fn printed(&self, range: Range<usize>) -> &'a str {
        let start = self.at.get(range.start).copied().unwrap_or(self.original.len());
        let end = self.at.get(range.end).copied().unwrap_or(self.original.len());
        self.original.get(start..end).unwrap_or_default().trim()
    }
}

/// The plain form alone.
pub fn plain(text: &str) -> String {
    Plain::new(text).text
}

/// An id made of words: ASCII letters and digits joined by `-`, at most so many bytes, cut between words.
pub fn slug(text: &str, bytes_max: usize) -> String {
    let folded = criteria::quote::fold(text);
    let mut out = String::new();
    for word in folded.split(' ') {
        if out.len() + word.len() + 1 > bytes_max {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recognised_can_be_quoted_as_printed() {
        let words = "Tỷ lệ  $\\geq 80\\%$: 10đ […] dưới – 5đ";
        let plain = Plain::new(words);
        assert_eq!(plain.text, "ty le >= 80%: 10d duoi - 5d");
        assert_eq!(plain.printed(0..5), "Tỷ lệ");
        assert_eq!(plain.printed(14..17), "10đ");
    }

    #[test]
    fn decomposed_letters_are_the_same() {
        assert_eq!(plain("Điểm tối đa"), plain("Die\u{302}\u{309}m to\u{302}\u{301}i đa"));
    }
}
