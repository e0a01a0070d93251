//! What is wrong with a file, and where: file, line, column and the words, in both languages.

use std::ops::Range;

use crate::language::Text;

/// A problem in a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as named by the caller.
    pub file: String,
    /// The bytes that it is about; `None` where it is about the file as a whole.
    pub span: Option<Range<usize>>,
    /// Line, from 1; 0 where it is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 where it is about the file as a whole.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: Text,
}

impl Problem {
    /// A problem of the file as a whole.
    pub fn of_file(file: &str, message: Text) -> Self {
        Self { file: file.to_owned(), span: None, line: 0, column: 0, message }
    }

    /// A problem at `span` of `text`; a span beyond the text is held at its end.
    pub fn at(file: &str, text: &str, span: Range<usize>, message: Text) -> Self {
        let hold = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let span = hold(span.start)..hold(span.end);
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span: Some(span),
            message,
        }
    }
}

/// The word of `known` that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_characters() {
        let problem = Problem::at("a.toml", "một\nhai bà\n", 10..12, Text::new("", ""));
        assert_eq!((problem.line, problem.column), (2, 5));
        assert_eq!(Problem::at("a.toml", "ế", 1..99, Text::new("", "")).span, Some(0..3));
    }

    #[test]
    fn a_slip_of_the_pen_is_guessed() {
        assert_eq!(nearest("poits", ["name", "points"]), Some("points"));
        assert_eq!(nearest("zzz", ["name", "points"]), None);
    }
}
