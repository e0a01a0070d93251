//! How far every entry of a sheet is, in one letter each: what a monitor over thousands of sheets needs, small enough
//! to be kept beside each sheet's totals.

use crate::action::EntryState;
use crate::entry::Entry;

/// How far one entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its state.
    pub state: EntryState,
    /// Whether it applies to the unit.
    pub applies: bool,
}

impl Mark {
    /// Whether the unit still has to do it.
    pub const fn is_open(self) -> bool {
        self.applies && !self.state.is_done()
    }
}

/// How far every entry of a sheet is, in the order of the set. A capital letter marks what does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(String);

impl Marks {
    /// The marks of a sheet's entries.
    pub fn of(entries: &[Entry]) -> Self {
        let applies = |entry: &Entry| entry.self_score.as_ref().is_none_or(|score| !score.is_not_applicable());
        Self(entries.iter().map(|entry| letter(Mark { state: entry.state, applies: applies(entry) })).collect())
    }

    /// The marks of these entries.
    pub fn from_marks(marks: impl Iterator<Item = Mark>) -> Self {
        Self(marks.map(letter).collect())
    }

    /// Reads marks that were kept; `None` where a letter means nothing.
    pub fn read(text: &str) -> Option<Self> {
        text.bytes().all(|one| mark(one).is_some()).then(|| Self(text.to_owned()))
    }

    /// As they are kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The marks, in order.
    pub fn iter(&self) -> impl Iterator<Item = Mark> {
        self.0.bytes().filter_map(|letter| *MARKS.get(usize::from(letter))?)
    }

    /// Whether anybody has begun anything of the sheet.
    pub fn has_begun(&self) -> bool {
        self.iter().any(|mark| mark.state != EntryState::Empty)
    }
}

const fn letter(mark: Mark) -> char {
    let letter = match mark.state {
        EntryState::Empty => 'e',
        EntryState::Filling => 'f',
        EntryState::Ready => 'r',
        EntryState::Submitted => 's',
        EntryState::Returned => 'b',
        EntryState::Accepted => 'a',
        EntryState::Adjusted => 'j',
        EntryState::Explained => 'x',
        EntryState::Answered => 'w',
        EntryState::Decided => 'd',
    };
    if mark.applies { letter } else { letter.to_ascii_uppercase() }
}

/// What each letter means: a country's monitor reads 262,000 of them for a page.
static MARKS: [Option<Mark>; 128] = {
    let mut marks = [None; 128];
    let mut letter = 0;
    while letter < 128 {
        marks[letter as usize] = mark(letter);
        letter += 1;
    }
    marks
};

const fn mark(of: u8) -> Option<Mark> {
    let state = match of.to_ascii_lowercase() {
        b'e' => EntryState::Empty,
        b'f' => EntryState::Filling,
        b'r' => EntryState::Ready,
        b's' => EntryState::Submitted,
        b'b' => EntryState::Returned,
        b'a' => EntryState::Accepted,
        b'j' => EntryState::Adjusted,
        b'x' => EntryState::Explained,
        b'w' => EntryState::Answered,
        b'd' => EntryState::Decided,
        _ => return None,
    };
    Some(Mark { state, applies: of.is_ascii_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_read_back_as_it_was_kept() {
        let all = EntryState::ALL.into_iter().flat_map(|state| [true, false].map(|applies| Mark { state, applies }));
        let marks = Marks::from_marks(all.clone());
        assert_eq!(marks.as_str().len(), 2 * EntryState::ALL.len());
        let again = Marks::read(marks.as_str()).expect("marks of this test");
        assert!(again.iter().eq(all));
        assert_eq!(Marks::read("e?"), None);
    }

    #[test]
    fn a_sheet_has_begun_once_any_entry_has() {
        assert!(!Marks::read("eeEe").expect("marks").has_begun());
        assert!(Marks::read("eeFe").expect("marks").has_begun());
        assert!(!Marks::default().has_begun());
    }
}
