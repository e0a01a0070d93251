//! Where the signatures of a PDF are: the fields of its form, and signature dictionaries that no field names.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String as PdfString};

use crate::certificate::clean;
use crate::limits::{FIELD_DEPTH_MAX, FIELDS_MAX, SIGNATURES_MAX};

/// A signed field.
pub(crate) struct Field<'a> {
    /// Its full name.
    pub name: String,
    /// The signature dictionary.
    pub value: Dict<'a>,
}

/// The signatures of a document.
pub(crate) struct Signatures<'a> {
    /// Those that can be read.
    pub found: Vec<Field<'a>>,
    /// The names of signed fields whose signature cannot be read.
    pub broken: Vec<String>,
    /// How many only switch functions of a program on (usage rights): nobody signed the document by them.
    pub rights: usize,
}

/// Every signed field; `traces` is how many signature dictionaries the bytes of the file suggest.
pub(crate) fn signatures(pdf: &Pdf, traces: usize) -> Signatures<'_> {
    let mut found = Vec::new();
    let mut broken = Vec::new();
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut visited: HashSet<*const u8> = HashSet::new();
    let catalogue = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let form = catalogue
        .as_ref()
        .and_then(|catalogue| catalogue.get::<Dict<'_>>("AcroForm"))
        .and_then(|form| form.get::<Array<'_>>("Fields"));
    let mut waiting: Vec<(Dict<'_>, String, bool, usize)> = Vec::new();
    let mut left = FIELDS_MAX;
    for field in form.iter().flat_map(|fields| fields.iter::<Dict<'_>>()).take(FIELDS_MAX) {
        waiting.push((field, String::new(), false, 0));
    }
    while let Some((field, parent, inherited, depth)) = waiting.pop() {
        // Where a dictionary lies tells it from every other, direct ones too.
        if left == 0 || depth > FIELD_DEPTH_MAX || !visited.insert(field.data().as_ptr()) {
            continue;
        }
        left -= 1;
        let kind = field.get::<Name<'_>>("FT");
        let is_signature = kind.map_or(inherited, |kind| kind.as_ref() == b"Sig");
        let own = field.get::<PdfString<'_>>("T").map(|name| text(name.as_bytes())).unwrap_or_default();
        let name = match (parent.is_empty(), own.is_empty()) {
            (true, _) => own,
            (false, true) => parent,
            (false, false) => format!("{parent}.{own}"),
        };
        match field.get::<Dict<'_>>("V") {
            Some(value) if is_signature && !value.obj_id().is_some_and(|id| seen.contains(&id)) => {
                seen.extend(value.obj_id());
                found.push(Field { name: name.clone(), value });
            }
            None if is_signature
                && !matches!(field.get_raw::<Object<'_>>("V"), None | Some(MaybeRef::NotRef(Object::Null(_)))) =>
            {
                broken.push(name.clone());
            }
            _ => {}
        }
        for kid in field.get::<Array<'_>>("Kids").iter().flat_map(|kids| kids.iter::<Dict<'_>>()).take(FIELDS_MAX) {
            if waiting.len() >= FIELDS_MAX {
                break;
            }
            waiting.push((kid, name.clone(), is_signature, depth + 1));
        }
    }
    let rights: Vec<ObjectIdentifier> = ["UR", "UR3"]
        .iter()
        .filter_map(|key| catalogue.as_ref()?.get::<Dict<'_>>("Perms")?.get_ref(key).map(ObjectIdentifier::from))
        .filter(|id| !seen.contains(id))
        .collect();
    if found.len() + rights.len() < traces {
        for object in pdf.objects() {
            if found.len() > SIGNATURES_MAX {
                break;
            }
            if let Object::Dict(value) = object
                && value.contains_key("ByteRange")
                && value.contains_key("Contents")
                && !value.obj_id().is_some_and(|id| seen.contains(&id) || rights.contains(&id))
            {
                seen.extend(value.obj_id());
                found.push(Field { name: String::new(), value });
            }
        }
    }
    Signatures { found, broken, rights: rights.len() }
}

/// The full name of a field: its own after those above it.
pub(crate) fn full_name(field: &Dict<'_>) -> String {
    let mut names = Vec::new();
    let mut next = Some(field.clone());
    while let Some(one) = next.filter(|_| names.len() < FIELD_DEPTH_MAX) {
        names.push(one.get::<PdfString<'_>>("T").map(|name| text(name.as_bytes())).unwrap_or_default());
        next = one.get::<Dict<'_>>("Parent");
    }
    names.retain(|name| !name.is_empty());
    names.reverse();
    names.join(".")
}

/// A text string of PDF: UTF-16 or UTF-8 with a mark, or nearly Latin-1.
pub(crate) fn text(bytes: &[u8]) -> String {
    let read = match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    clean(&read)
}

/// Whether the file ends as a PDF does.
pub(crate) fn ends_well(file: &[u8]) -> bool {
    let tail = file.get(file.len().saturating_sub(2_048)..).unwrap_or(file).trim_ascii_end();
    let tail = tail.strip_suffix(b"\0").unwrap_or(tail);
    tail.ends_with(b"%%EOF")
}

/// Whether a trailer names an encryption dictionary.
pub(crate) fn is_encrypted(file: &[u8]) -> bool {
    const KEY: &[u8] = b"/Encrypt";
    let mut rest = file;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(KEY) {
            let word: Vec<u8> = after.iter().take(32).copied().collect();
            let mut words = word.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let number = |word: Option<&[u8]>| word.is_some_and(|word| word.iter().all(u8::is_ascii_digit));
            let starts_apart = word.first().is_some_and(u8::is_ascii_whitespace);
            // The dictionary may stand in the trailer itself.
            if word.trim_ascii_start().starts_with(b"<<") {
                return true;
            }
            if starts_apart
                && number(words.next())
                && number(words.next())
                && words.next().is_some_and(|word| word.starts_with(b"R"))
            {
                return true;
            }
        }
        rest = &rest[1..];
    }
    false
}
