//! Breaking words into lines: at spaces; within a word, behind a stroke or hyphen, only where it would not fit else.

use documents::paper::Run;
use unicode_normalization::UnicodeNormalization;

use crate::face::Faces;

/// Words of one face in a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub face: u8,
    pub text: String,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub segments: Vec<Segment>,
    /// Its width, without the space at its end.
    pub width: f32,
    /// How far it is moved in.
    pub inset: f32,
    /// Spaces within it.
    pub spaces: usize,
    /// Whether the words go on in the next line, so that this one may be stretched.
    pub goes_on: bool,
}

#[derive(Clone, Copy)]
struct Letter {
    letter: char,
    face: u8,
    width: f32,
}

/// Where words stand and how large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// The size, in points.
    pub size: f32,
    /// The width of lines.
    pub width: f32,
    /// How far the first is moved in.
    pub first: f32,
    /// Bold and italic by style.
    pub bold: bool,
    pub italic: bool,
}

/// The lines of some words; one empty line where there are none.
pub(crate) fn break_lines(faces: &Faces, runs: &[Run], measure: Measure) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut letters = Vec::new();
    for run in runs {
        let face = Faces::pick(run.bold || measure.bold, run.italic || measure.italic);
        for letter in run.text.nfc() {
            match letter {
                '\n' => {
                    paragraph(&letters, measure, &mut lines);
                    letters.clear();
                }
                '\t' => letters.push(Letter { letter: ' ', face, width: faces.get(face).glyph(' ').1 * measure.size }),
                letter if letter.is_control() => {}
                letter => letters.push(Letter { letter, face, width: faces.get(face).glyph(letter).1 * measure.size }),
            }
        }
    }
    paragraph(&letters, measure, &mut lines);
    lines
}

fn paragraph(letters: &[Letter], measure: Measure, lines: &mut Vec<Line>) {
    let before = lines.len();
    let mut start = 0;
    while start < letters.len() {
        let inset = if lines.is_empty() { measure.first } else { 0.0 };
        let room = (measure.width - inset).max(measure.size);
        let (mut end, mut width, mut at_space, mut at_sign) = (start, 0.0, None, None);
        while end < letters.len() {
            let one = letters[end];
            if one.letter == ' ' {
                at_space = Some((end, width));
            } else if width + one.width > room + 0.01 && end > start {
                break;
            }
            width += one.width;
            end += 1;
            // A number and a day stay whole: `160,53`, `31/10/2023`.
            let digit = |at: usize| letters.get(at).is_some_and(|one: &Letter| one.letter.is_ascii_digit());
            let within_number = end >= 2 && digit(end - 2) && digit(end);
            if matches!(one.letter, '/' | '-' | '–' | '_' | '.' | ',' | ';') && !within_number {
                at_sign = Some((end, width));
            }
        }
        let (stop, width, next) = if end == letters.len() {
            (end, width, end)
        } else {
            match (at_space, at_sign) {
                (Some((space, width)), _) if space > start => (space, width, space + 1),
                (_, Some((sign, width))) => (sign, width, sign),
                _ => (end, width, end),
            }
        };
        lines.push(line(&letters[start..stop], width, inset, next < letters.len(), next > stop));
        start = next;
        while start < letters.len() && letters[start].letter == ' ' {
            start += 1;
        }
    }
    if lines.len() == before {
        lines.push(Line { inset: if before == 0 { measure.first } else { 0.0 }, ..Line::default() });
    }
}

/// `spaced`: whether a space was dropped behind the line, which readers of the file still need.
fn line(letters: &[Letter], width: f32, inset: f32, goes_on: bool, spaced: bool) -> Line {
    let mut segments: Vec<Segment> = Vec::new();
    for one in letters {
        match segments.last_mut().filter(|last| last.face == one.face) {
            Some(last) => last.text.push(one.letter),
            None => segments.push(Segment { face: one.face, text: one.letter.to_string() }),
        }
    }
    if let Some(last) = segments.last_mut().filter(|_| spaced) {
        last.text.push(' ');
    }
    let spaces = letters.iter().filter(|one| one.letter == ' ').count();
    Line { segments, width, inset, spaces, goes_on }
}
