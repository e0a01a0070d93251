//! BER to DER, and reading one value at a time where no type of a library fits.
//!
//! Signing tools of the field write indefinite lengths and strings in pieces; the libraries read DER only. Nothing is
//! decoded here: lengths become definite, pieces are joined, contents stay as they are.

use crate::limits::ASN1_DEPTH_MAX;

/// One value: its tag byte, its contents, and all its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    /// The identifier byte.
    pub tag: u8,
    /// What stands between the length and the end.
    pub contents: &'a [u8],
    /// Tag, length and contents.
    pub raw: &'a [u8],
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const CONTEXT_0: u8 = 0xa0;
pub(crate) const CONTEXT_1: u8 = 0xa1;
pub(crate) const CONTEXT_2: u8 = 0xa2;

/// The first value of `bytes` (definite lengths only) and what follows it.
pub(crate) fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let head = head(bytes)?;
    let length = head.length?;
    let end = head.bytes.checked_add(length)?;
    let raw = bytes.get(..end)?;
    Some((Value { tag: head.tag, contents: raw.get(head.bytes..)?, raw }, bytes.get(end..)?))
}

/// The values that stand one after the other in `bytes`; stops at the first that cannot be read.
pub(crate) fn values(bytes: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (value, after) = read(rest)?;
        rest = after;
        Some(value)
    })
}

/// The contents of the one value that `bytes` starts with, if it has the tag.
pub(crate) fn contents(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    read(bytes).filter(|(value, _)| value.tag == tag).map(|(value, _)| value.contents)
}

/// `bytes` with definite, shortest lengths and joined strings; `None` when it is no BER value.
///
/// Bytes after the value are dropped: /Contents of a PDF is padded with zeros.
pub(crate) fn ber_to_der(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut der = Vec::with_capacity(bytes.len());
    convert(bytes, 0, &mut der)?;
    Some(der)
}

struct Head {
    tag: u8,
    /// How many bytes tag and length take.
    bytes: usize,
    /// `None` for an indefinite length.
    length: Option<usize>,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let tag = *bytes.first()?;
    // Tags above 30 occur nowhere in CMS, X.509, OCSP and timestamps.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let first = usize::from(*bytes.get(1)?);
    if first < 0x80 {
        return Some(Head { tag, bytes: 2, length: Some(first) });
    }
    let count = first & 0x7f;
    if count == 0 {
        return Some(Head { tag, bytes: 2, length: None });
    }
    if count > 8 {
        return None;
    }
    let mut length = 0_usize;
    for byte in bytes.get(2..2 + count)? {
        length = length.checked_mul(256)?.checked_add(usize::from(*byte))?;
    }
    Some(Head { tag, bytes: 2 + count, length: Some(length) })
}

/// Appends the DER of the value at the start of `bytes`; returns how many bytes it took.
fn convert(bytes: &[u8], depth: usize, der: &mut Vec<u8>) -> Option<usize> {
    if depth > ASN1_DEPTH_MAX {
        return None;
    }
    let head = head(bytes)?;
    let constructed = head.tag & 0x20 != 0;
    if !constructed {
        let end = head.bytes.checked_add(head.length?)?;
        let contents = bytes.get(head.bytes..end)?;
        append(head.tag, contents, der);
        return Some(end);
    }
    let limit = match head.length {
        Some(length) => head.bytes.checked_add(length)?,
        None => bytes.len(),
    };
    let inside = bytes.get(..limit)?;
    // A string of the universal class in pieces becomes one primitive string.
    let joined = head.tag & 0xc0 == 0 && is_string(head.tag & 0x1f);
    let mut contents = Vec::new();
    let mut at = head.bytes;
    loop {
        let rest = inside.get(at..)?;
        if rest.is_empty() {
            head.length?;
            break;
        }
        if head.length.is_none() && rest.starts_with(&[0, 0]) {
            at += 2;
            break;
        }
        if joined {
            let mut piece = Vec::new();
            at = at.checked_add(convert(rest, depth + 1, &mut piece)?)?;
            contents.extend_from_slice(read(&piece)?.0.contents);
        } else {
            at = at.checked_add(convert(rest, depth + 1, &mut contents)?)?;
        }
    }
    append(if joined { head.tag & !0x20 } else { head.tag }, &contents, der);
    Some(at)
}

fn is_string(number: u8) -> bool {
    matches!(number, 0x04 | 0x0c | 0x12..=0x16 | 0x19..=0x1c | 0x1e)
}

/// Appends one value.
fn append(tag: u8, contents: &[u8], der: &mut Vec<u8>) {
    der.push(tag);
    let length = contents.len();
    if length < 0x80 {
        der.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let skipped = bytes.iter().take_while(|byte| **byte == 0).count();
        der.push(0x80 | (bytes.len() - skipped) as u8);
        der.extend_from_slice(&bytes[skipped..]);
    }
    der.extend_from_slice(contents);
}

/// One value with a tag and contents.
pub(crate) fn wrap(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut der = Vec::with_capacity(contents.len() + 6);
    append(tag, contents, &mut der);
    der
}

/// The seconds since 1970 of a GeneralizedTime, fractions of a second dropped; only UTC ("Z") is taken.
pub(crate) fn generalized_time(contents: &[u8]) -> Option<jiff::Timestamp> {
    let text = std::str::from_utf8(contents).ok()?.strip_suffix('Z')?;
    let whole = text.split(['.', ',']).next()?;
    if whole.len() != 14 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse::<i16>().ok()?;
    let at = jiff::civil::DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0);
    jiff::tz::Offset::UTC.to_timestamp(at.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_pieces_become_definite() {
        // SEQUENCE (indefinite) { OCTET STRING in two pieces (indefinite), INTEGER 5 }
        let ber = [0x30, 0x80, 0x24, 0x80, 0x04, 1, 0xaa, 0x04, 1, 0xbb, 0, 0, 0x02, 1, 5, 0, 0, 0, 0];
        assert_eq!(ber_to_der(&ber), Some(vec![0x30, 7, 0x04, 2, 0xaa, 0xbb, 0x02, 1, 5]));
    }

    #[test]
    fn der_stays_as_it_is_and_padding_goes() {
        let der = [0x30, 3, 0x02, 1, 5, 0, 0, 0];
        assert_eq!(ber_to_der(&der), Some(der[..5].to_vec()));
    }

    #[test]
    fn broken_values_are_no_values() {
        for broken in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 5, 0x02], &[0x04, 0x80, 0, 0], &[0x30, 0x89]] {
            assert_eq!(ber_to_der(broken), None, "{broken:?}");
        }
        let deep: Vec<u8> = [0x30, 0x80].repeat(10_000);
        assert_eq!(ber_to_der(&deep), None);
    }

    #[test]
    fn times_lose_their_fractions() {
        let time = generalized_time(b"20240229123456.789Z").map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2024-02-29T12:34:56Z"));
        assert_eq!(generalized_time(b"20240230123456Z"), None);
        assert_eq!(generalized_time(b"20240229123456+0700"), None);
    }
}
