//! The byte range of a PDF signature: what it covers, and that the gap holds the signature value and nothing else.
//!
//! Whoever may choose the gap may hide bytes in it, so it must be exactly `<`, hexadecimal digits, `>`, and decode to
//! the value that was parsed.

use hayro_syntax::object::{Array, Dict, Number, String as PdfString};

use crate::limits::{CONTENTS_BYTES_MAX, TRAILING_WHITESPACE_BYTES_MAX};

/// A byte range that passed every check.
#[derive(Clone, Debug)]
pub(crate) struct Covered {
    /// Where the gap starts.
    pub gap_start: usize,
    /// Where the gap ends.
    pub gap_end: usize,
    /// Where the covered bytes end.
    pub end: usize,
    /// The signature value with its padding.
    pub contents: Vec<u8>,
}

impl Covered {
    /// The covered bytes, in two parts.
    pub(crate) fn parts<'f>(&self, file: &'f [u8]) -> [&'f [u8]; 2] {
        [file.get(..self.gap_start).unwrap_or_default(), file.get(self.gap_end..self.end).unwrap_or_default()]
    }

    /// Whether nothing but white space follows.
    pub(crate) fn reaches_end(&self, file: &[u8]) -> bool {
        let rest = file.get(self.end..).unwrap_or_default();
        rest.len() <= TRAILING_WHITESPACE_BYTES_MAX && rest.iter().all(|byte| matches!(byte, 0 | 9 | 10 | 12 | 13 | 32))
    }
}

/// Reads the byte range of a signature dictionary; the error says which check it failed. The value is what is never
/// encrypted (ISO 32000-2, 7.6.2); in a file that is, the library cannot be asked for it.
pub(crate) fn covered(dictionary: &Dict<'_>, file: &[u8], encrypted: bool) -> Result<Covered, &'static str> {
    let array = dictionary.get::<Array<'_>>("ByteRange").ok_or("ByteRange")?;
    let numbers: Vec<Number> = array.iter::<Number>().take(5).collect();
    // A fraction is no offset: compare both readings.
    let whole = |number: &Number| {
        let value = usize::try_from(number.as_i64()).ok()?;
        (number.as_f64() == value as f64).then_some(value)
    };
    let [first, length, second, rest] = numbers.as_slice() else { return Err("ByteRange") };
    let (Some(first), Some(gap_start), Some(gap_end), Some(rest)) =
        (whole(first), whole(length), whole(second), whole(rest))
    else {
        return Err("ByteRange");
    };
    let end = gap_end.checked_add(rest).ok_or("ByteRange")?;
    if array.raw_iter().count() != 4 || first != 0 || gap_start == 0 || gap_end <= gap_start || end > file.len() {
        return Err("ByteRange");
    }

    let gap = file.get(gap_start..gap_end).ok_or("ByteRange")?;
    let digits = gap.strip_prefix(b"<").and_then(|gap| gap.strip_suffix(b">")).ok_or("Contents")?;
    if digits.len() / 2 > CONTENTS_BYTES_MAX {
        return Err("Contents");
    }
    let contents = hexadecimal(digits).ok_or("Contents")?;
    let parsed = dictionary.get::<PdfString<'_>>("Contents").ok_or("Contents")?;
    if !encrypted && parsed.as_bytes() != contents {
        return Err("Contents");
    }
    let before = file.get(..gap_start).unwrap_or_default().trim_ascii_end();
    if !before.ends_with(b"/Contents") {
        return Err("Contents");
    }
    // The gap must lie in this very dictionary, and a key given twice is read differently by different readers.
    let raw = dictionary.data();
    let around = (raw.as_ptr() as usize).checked_sub(file.as_ptr() as usize);
    let inside = around.is_some_and(|start| start < gap_start && gap_end <= start.saturating_add(raw.len()));
    if !inside || named(raw, b"Contents") != 1 || named(raw, b"ByteRange") != 1 {
        return Err("Contents");
    }
    Ok(Covered { gap_start, gap_end, end, contents })
}

/// What digits say. White space between them carries nothing (ISO 32000-2, 7.3.4.3).
fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let is_space = |byte: &u8| matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let packed: Vec<u8>;
    let digits = if digits.iter().any(is_space) {
        packed = digits.iter().copied().filter(|byte| !is_space(byte)).collect();
        packed.as_slice()
    } else {
        digits
    };
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    digits.chunks_exact(2).map(|pair| u8::try_from(value(pair[0])? << 4 | value(pair[1])?).ok()).collect()
}

/// How often a name stands in the bytes of a dictionary, plainly or with its letters written as `#hh`.
fn named(bytes: &[u8], name: &[u8]) -> usize {
    let digit = |at: Option<&u8>| char::from(*at?).to_digit(16);
    let mut count = 0;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[at + 1..];
        let (mut tail, mut same) = (rest, 0);
        while same < name.len() {
            let (byte, length) = match (tail.first(), digit(tail.get(1)), digit(tail.get(2))) {
                (Some(b'#'), Some(high), Some(low)) => (u8::try_from(high << 4 | low).unwrap_or(0), 3),
                (Some(byte), ..) => (*byte, 1),
                (None, ..) => break,
            };
            if byte != name[same] {
                break;
            }
            (tail, same) = (&tail[length..], same + 1);
        }
        count += usize::from(same == name.len());
    }
    count
}

/// How often `needle` occurs in `bytes`.
pub(crate) fn times(bytes: &[u8], needle: &[u8]) -> usize {
    let Some((first, _)) = needle.split_first() else { return 0 };
    let mut count = 0;
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            count += 1;
        }
        rest = &rest[1..];
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_pairs() {
        assert_eq!(hexadecimal(b"00fF"), Some(vec![0, 255]));
        assert_eq!(hexadecimal(b"0"), None);
        assert_eq!(hexadecimal(b"0 "), None);
        assert_eq!(hexadecimal(b"0 0\nfF \r\n"), Some(vec![0, 255]));
        assert_eq!(hexadecimal(b"00/X"), None);
        assert_eq!(times(b"/ByteRange /ByteRang /ByteRange", b"/ByteRange"), 2);
        assert_eq!(named(b"<</Contents <00>/#43ontent#73(x)/Content (y)>>", b"Contents"), 2);
    }
}
