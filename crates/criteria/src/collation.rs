//! Sorting by the Vietnamese alphabet: letters first (a ă â b c d đ e ê …), then tones (ngang, huyền, hỏi, ngã, sắc,
//! nặng), then case; numbers by their value, so that “Phường 2” stands before “Phường 10”.
//!
//! The alphabet is closed and small, so this is code of our own: ICU's collator would bring the tables of all
//! languages in seven crates, and another set of features to half of the tree.

use unicode_normalization::UnicodeNormalization;

/// The letters, in order. f, j, w and z stand where Latin letters stand; they occur in names and abbreviations.
const LETTERS: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
/// The tone marks, in order; no mark comes first.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// What stands between words. Below it only the end of the text.
const GAP: u32 = 1;
/// Where a number stands: before every letter.
const NUMBER: u32 = 2;
/// Where the letters begin.
const LETTER: u32 = 100;
/// Where letters of other alphabets begin.
const OTHER: u32 = 1_000;

/// A key that sorts as the text does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey {
    letters: Vec<u32>,
    tones: Vec<u8>,
    capitals: Vec<bool>,
}

/// A letter on its way: its marks may follow in any order.
struct Open {
    letter: char,
    tone: u8,
    capital: bool,
}

/// The key of a text.
pub fn sort_key(text: &str) -> SortKey {
    let mut key = SortKey { letters: Vec::new(), tones: Vec::new(), capitals: Vec::new() };
    let mut open: Option<Open> = None;
    let mut digits = String::new();
    for letter in text.nfd() {
        if let Some(at) = TONES.iter().position(|tone| *tone == letter) {
            if let Some(open) = &mut open {
                open.tone = u8::try_from(at + 1).unwrap_or(u8::MAX);
            }
            continue;
        }
        if let Some(open) = &mut open
            && let Some(changed) = changed(open.letter, letter)
        {
            open.letter = changed;
            continue;
        }
        key.close(open.take());
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        key.number(&mut digits);
        if letter.is_alphabetic() {
            let small = letter.to_lowercase().next().unwrap_or(letter);
            open = Some(Open { letter: small, tone: 0, capital: small != letter });
        } else if !unicode_normalization::char::is_combining_mark(letter)
            && key.letters.last().is_some_and(|last| *last != GAP)
        {
            key.letters.push(GAP);
        }
    }
    key.close(open);
    key.number(&mut digits);
    while key.letters.last() == Some(&GAP) {
        key.letters.pop();
    }
    key
}

/// What a letter becomes by a mark that makes another letter of it.
const fn changed(letter: char, mark: char) -> Option<char> {
    Some(match (letter, mark) {
        ('a', '\u{306}') => 'ă',
        ('a', '\u{302}') => 'â',
        ('e', '\u{302}') => 'ê',
        ('o', '\u{302}') => 'ô',
        ('o', '\u{31b}') => 'ơ',
        ('u', '\u{31b}') => 'ư',
        _ => return None,
    })
}

impl SortKey {
    fn close(&mut self, open: Option<Open>) {
        let Some(open) = open else { return };
        let place = LETTERS.chars().position(|letter| letter == open.letter).and_then(|at| u32::try_from(at).ok());
        self.letters.push(place.map_or(OTHER + u32::from(open.letter), |at| LETTER + at));
        self.tones.push(open.tone);
        self.capitals.push(open.capital);
    }

    /// A number sorts by how many digits it has, then by these.
    fn number(&mut self, digits: &mut String) {
        if digits.is_empty() {
            return;
        }
        let significant = digits.trim_start_matches('0');
        self.letters.extend([NUMBER, u32::try_from(significant.len()).unwrap_or(u32::MAX)]);
        self.letters.extend(significant.chars().map(u32::from));
        digits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(words: &[&'a str]) -> Vec<&'a str> {
        let mut words = words.to_vec();
        words.sort_by_cached_key(|word| sort_key(word));
        words
    }

    /// Each list stands in order; turned round and sorted it must come back.
    #[test]
    fn names_stand_as_in_a_vietnamese_dictionary() {
        let lists: [&[&str]; 8] = [
            &["an", "ăn", "ân", "ba", "ca", "da", "đa", "em", "êm", "ga"],
            &["ma", "mà", "mả", "mã", "má", "mạ", "mai"],
            &["on", "ôn", "ơn", "pa", "qua", "ra", "un", "ưn", "va"],
            &["Xã Dương Hòa", "Xã Đông Sơn", "Xã Em", "Xã Ô Lâm", "Xã Phú Lộc"],
            &["Xã An", "Xã An Bình", "Xã Ân", "Xã Ba"],
            &["Phường 2", "Phường 10", "Phường An Cựu"],
            &["Sở Nội vụ", "Sở Nông nghiệp", "Sở Tài chính", "Sở Tư pháp", "Sở Y tế"],
            &["VI.1.2", "VI.1.10", "VI.2.1"],
        ];
        for list in lists {
            let turned: Vec<&str> = list.iter().rev().copied().collect();
            assert_eq!(sorted(&turned), list);
        }
    }

    #[test]
    fn tones_count_only_where_the_letters_are_the_same() {
        assert_eq!(sorted(&["hoà b", "hoa c", "hòa a", "họa a"]), ["hòa a", "họa a", "hoà b", "hoa c"]);
    }

    #[test]
    fn composed_and_decomposed_letters_and_their_case_sort_alike() {
        let composed = "Đường Ậm Ừ";
        let decomposed: String = composed.nfd().collect();
        assert_eq!(sort_key(composed), sort_key(&decomposed));
        assert!(sort_key("đường ậm ừ") < sort_key(composed));
        assert!(sort_key(composed) < sort_key("đường ậm ừa"));
        assert_eq!(sort_key("  Xã  –  A "), sort_key("Xã A"));
    }

    #[test]
    fn every_letter_has_its_place_and_other_alphabets_come_after() {
        let letters: Vec<String> = LETTERS.chars().map(String::from).collect();
        for pair in letters.windows(2) {
            assert!(sort_key(&pair[0]) < sort_key(&pair[1]), "{pair:?}");
        }
        assert!(sort_key("z") < sort_key("Ж"));
        assert!(sort_key("") < sort_key("a"));
    }
}
