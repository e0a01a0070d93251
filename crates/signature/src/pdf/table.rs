//! The cross-reference of a PDF: which numbers are in use, and by which generation.
//!
//! The library that reads objects leaves aside what a later revision sets free, and keeps every generation of a number. For
//! others the object is gone, or another one. Whoever hides a picture that covers the page, after it was signed, needs no more
//! than such an entry. So what each revision says is read here, and what it does not show is not there.

use std::collections::{HashMap, HashSet};

use hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier, Stream};
use hayro_syntax::reader::{Reader, ReaderExt};

use crate::limits::TABLES_MAX;

/// How many bytes one line of a table has (ISO 32000-2, 7.5.4).
const LINE_BYTES: usize = 20;
/// How far before the end of a file the place of its newest section is named.
const TAIL_BYTES: usize = 2_048;

/// What the sections of a file say together.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Where the newest section stands.
    pub start: usize,
    /// How the file is encrypted: the object that says so.
    pub encryption: Option<ObjectIdentifier>,
    /// The generation in use of each number; `None` where the number is free.
    newest: HashMap<u32, Option<i32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Free,
    /// An object of its own: its generation, and where it begins.
    Apart(i32, usize),
    /// An object within a stream of objects; its generation is 0.
    Packed,
}

struct Section {
    entries: Vec<(u32, Entry)>,
    previous: Option<usize>,
    /// The stream of a hybrid file.
    beside: Option<usize>,
    encryption: Option<ObjectIdentifier>,
}

impl Table {
    /// Reads the sections of `file` from the newest on. Those that begin at `from` or later must be in order, and name
    /// the objects where they are: a reader that stumbles looks for objects by itself, and finds others. What stands
    /// before is taken as far as it can be read.
    pub(super) fn read(file: &[u8], from: usize) -> Option<Self> {
        let start = start(file)?;
        let mut table = Self { start, ..Self::default() };
        let (mut next, mut seen) = (Some(start), HashSet::new());
        while let Some(at) = next {
            let fresh = seen.insert(at) && seen.len() <= TABLES_MAX;
            let Some(section) = Section::read(file, at).filter(|section| fresh && (at < from || section.names(file)))
            else {
                return (at < from).then_some(table);
            };
            if at == start {
                table.encryption = section.encryption;
            }
            let (free, used): (Vec<_>, Vec<_>) = section.entries.iter().partition(|(_, entry)| *entry == Entry::Free);
            table.add(&used);
            if let Some(at) = section.beside {
                match Section::read(file, at).filter(|beside| at < from || beside.names(file)) {
                    Some(beside) => table.add(&beside.entries),
                    None if at >= from => return None,
                    None => {}
                }
            }
            // A table calls free what only the stream beside it may show (7.5.8.4).
            table.add(&free);
            next = section.previous;
        }
        Some(table)
    }

    fn add(&mut self, entries: &[(u32, Entry)]) {
        for (number, entry) in entries {
            self.newest.entry(*number).or_insert(match entry {
                Entry::Free => None,
                Entry::Apart(generation, _) => Some(*generation),
                Entry::Packed => Some(0),
            });
        }
    }

    /// Whether readers see an object under this number and generation, if there is one.
    pub(super) fn shows(&self, id: ObjectIdentifier) -> bool {
        self.newest.get(&id.obj_number).is_none_or(|generation| *generation == Some(id.gen_number))
    }
}

impl Section {
    fn read(file: &[u8], at: usize) -> Option<Self> {
        let mut reader = Reader::new(file.get(at..)?);
        reader.skip_white_spaces();
        if reader.forward_tag(b"xref").is_some() {
            Self::read_lines(&mut reader)
        } else {
            Self::read_stream(&mut reader)
        }
    }

    fn read_lines(reader: &mut Reader<'_>) -> Option<Self> {
        let mut entries = Vec::new();
        loop {
            reader.skip_white_spaces();
            if reader.forward_tag(b"trailer").is_some() {
                break;
            }
            let first = reader.read_without_context::<u32>()?;
            reader.skip_white_spaces();
            let count = reader.read_without_context::<u32>()?;
            reader.skip_white_spaces();
            for number in first..first.checked_add(count)? {
                entries.push((number, line(reader.read_bytes(LINE_BYTES)?)?));
            }
        }
        reader.skip_white_spaces();
        let trailer = reader.read_without_context::<Dict<'_>>()?;
        let beside = place(&trailer, "XRefStm");
        Some(Self { entries, previous: place(&trailer, "Prev"), beside, encryption: encryption(&trailer) })
    }

    fn read_stream(reader: &mut Reader<'_>) -> Option<Self> {
        reader.read_without_context::<ObjectIdentifier>()?;
        reader.skip_white_spaces_and_comments();
        let stream = reader.read_without_context::<Stream<'_>>()?;
        let trailer = stream.dict();
        let widths = trailer.get::<[u8; 3]>("W")?;
        let parts = match trailer.get::<Array<'_>>("Index") {
            Some(parts) => parts.iter::<(u32, u32)>().collect(),
            None => vec![(0, trailer.get::<u32>("Size")?)],
        };
        if widths.iter().all(|width| *width == 0) {
            return None;
        }
        let data = stream.decoded_data().ok()?;
        let mut numbers = Reader::new(data.as_ref());
        let mut number = |width: u8, missing: u64| -> Option<u64> {
            if width == 0 {
                return Some(missing);
            }
            let bytes = numbers.read_bytes(usize::from(width))?;
            bytes.iter().try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))
        };
        let mut entries = Vec::new();
        for (first, count) in parts {
            for object in first..first.checked_add(count)? {
                let [kind, second, third] = [number(widths[0], 1)?, number(widths[1], 0)?, number(widths[2], 0)?];
                let entry = match kind {
                    0 => Entry::Free,
                    1 if second == 0 => Entry::Free,
                    1 => Entry::Apart(i32::try_from(third).ok()?, usize::try_from(second).ok()?),
                    2 => Entry::Packed,
                    _ => return None,
                };
                entries.push((object, entry));
            }
        }
        Some(Self { entries, previous: place(trailer, "Prev"), beside: None, encryption: encryption(trailer) })
    }

    /// Whether each object stands where the section says.
    fn names(&self, file: &[u8]) -> bool {
        self.entries.iter().all(|(number, entry)| match entry {
            Entry::Free | Entry::Packed => true,
            Entry::Apart(generation, offset) => {
                let mut reader = Reader::new(file.get(*offset..).unwrap_or_default());
                reader.skip_white_spaces();
                let found = reader.read_without_context::<ObjectIdentifier>();
                found == Some(ObjectIdentifier::new(*number, *generation))
            }
        })
    }
}

/// Where the newest section of a file stands, as its end says.
fn start(file: &[u8]) -> Option<usize> {
    const WORD: &[u8] = b"startxref";
    let tail = file.get(file.len().saturating_sub(TAIL_BYTES)..)?;
    let at = tail.windows(WORD.len()).rposition(|window| window == WORD)?;
    let mut reader = Reader::new(tail.get(at + WORD.len()..)?);
    reader.skip_white_spaces_and_comments();
    usize::try_from(reader.read_without_context::<u32>()?).ok()
}

/// One line of a table: `oooooooooo ggggg n`.
fn line(bytes: &[u8]) -> Option<Entry> {
    let number = |from: usize, to: usize| std::str::from_utf8(bytes.get(from..to)?).ok()?.parse::<u64>().ok();
    let (offset, generation) = (number(0, 10)?, number(11, 16)?);
    match bytes.get(17)? {
        // Nothing begins with the file itself; some programs write so what they set free.
        b'n' if offset > 0 => Some(Entry::Apart(i32::try_from(generation).ok()?, usize::try_from(offset).ok()?)),
        b'n' | b'f' => Some(Entry::Free),
        _ => None,
    }
}

fn place(trailer: &Dict<'_>, key: &str) -> Option<usize> {
    trailer.get::<i32>(key).and_then(|at| usize::try_from(at).ok())
}

fn encryption(trailer: &Dict<'_>) -> Option<ObjectIdentifier> {
    match trailer.get_raw::<Object<'_>>("Encrypt")? {
        MaybeRef::Ref(reference) => Some(reference.into()),
        MaybeRef::NotRef(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two revisions: the second one frees object 1 and gives object 2 another generation.
    fn revised() -> (Vec<u8>, usize) {
        let mut file = b"%PDF-1.4\n1 0 obj\n(a)\nendobj\n2 0 obj\n(b)\nendobj\n".to_vec();
        let first = file.len();
        file.extend_from_slice(
            b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000028 00000 n \ntrailer\n<</Size 3>>\n",
        );
        file.extend_from_slice(format!("startxref\n{first}\n%%EOF\n").as_bytes());
        let end = file.len();
        file.extend_from_slice(b"2 1 obj\n(c)\nendobj\n");
        let second = file.len();
        file.extend_from_slice(
            format!("xref\n1 2\n0000000000 00001 f \n{end:010} 00001 n \ntrailer\n<</Size 3/Prev {first}>>\n")
                .as_bytes(),
        );
        file.extend_from_slice(format!("startxref\n{second}\n%%EOF\n").as_bytes());
        (file, end)
    }

    #[test]
    fn what_a_later_revision_frees_or_replaces_is_not_shown() {
        let (file, end) = revised();
        let id = |number, generation| ObjectIdentifier::new(number, generation);
        let before = Table::read(&file[..end], end).unwrap_or_default();
        assert!(before.shows(id(1, 0)) && before.shows(id(2, 0)) && !before.shows(id(2, 1)));
        let after = Table::read(&file, end).unwrap_or_default();
        assert!(after.start > end);
        assert!(!after.shows(id(1, 0)) && !after.shows(id(2, 0)) && after.shows(id(2, 1)));
    }

    #[test]
    fn a_later_section_that_points_beside_its_objects_is_none() {
        let (file, end) = revised();
        let text =
            String::from_utf8_lossy(&file).replace(&format!("{end:010} 00001 n"), &format!("{:010} 00001 n", end + 1));
        assert!(Table::read(text.as_bytes(), end).is_none());
        // The same fault before the place from which order is asked for.
        assert!(Table::read(text.as_bytes(), file.len()).is_some());
    }
}
