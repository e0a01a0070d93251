//! What a widget and its field may do: draw, act, be filled in.

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Number, Object};
use hayro_syntax::reader::{Reader, ReaderExt};

/// The flag of a field that nobody may fill in (ISO 32000-2, table 227).
const READ_ONLY: i32 = 1;

/// Whether a widget may paint or do something, or says different things to different readers.
pub(super) fn shows_or_acts(widget: &Dict<'_>) -> bool {
    draws(widget) || widget.contains_key("A") || widget.contains_key("AA") || repeats(widget)
}

/// Whether a widget may paint something: it has a look or colours, and room for them.
fn draws(widget: &Dict<'_>) -> bool {
    let coloured =
        widget.get::<Dict<'_>>("MK").is_some_and(|colours| ["BG", "BC"].iter().any(|key| colours.contains_key(*key)));
    let corners: Vec<f64> = widget
        .get::<Array<'_>>("Rect")
        .iter()
        .flat_map(|corners| corners.iter::<Number>())
        .take(5)
        .map(|number| number.as_f64())
        .collect();
    let is_flat = matches!(corners.as_slice(), [left, bottom, right, top] if left == right || bottom == top);
    (widget.contains_key("AP") || coloured) && !is_flat
}

/// Whether a field is closed to those who fill in the form.
pub(super) fn is_read_only(field: &Dict<'_>) -> bool {
    let above = || field.get::<Dict<'_>>("Parent").and_then(|parent| parent.get::<i32>("Ff"));
    field.get::<i32>("Ff").or_else(above).is_some_and(|flags| flags & READ_ONLY != 0)
}

/// Whether the only difference between the flags of a field is that it was closed.
pub(super) fn is_closed(old: &Dict<'_>, new: &Dict<'_>) -> bool {
    let flags = |field: &Dict<'_>| if field.contains_key("Ff") { field.get::<i32>("Ff") } else { Some(0) };
    matches!((flags(old), flags(new)), (Some(old), Some(new)) if old | READ_ONLY == new)
}

/// Whether a dictionary gives a key twice, or holds what belongs to no key.
pub(super) fn repeats(dictionary: &Dict<'_>) -> bool {
    let mut reader = Reader::new(dictionary.data());
    let mut keys = 0;
    if reader.forward_tag(b"<<").is_none() {
        return !dictionary.is_empty();
    }
    loop {
        reader.skip_white_spaces_and_comments();
        if reader.forward_tag(b">>").is_some() {
            return keys != dictionary.len();
        }
        if reader.skip::<Name<'_>>(false).is_none() {
            return true;
        }
        reader.skip_white_spaces_and_comments();
        if reader.skip::<MaybeRef<Object<'_>>>(false).is_none() {
            return true;
        }
        keys += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_twice_is_seen() {
        let read =
            |text: &'static [u8]| Reader::new(text).read_without_context::<Dict<'_>>().is_some_and(|one| repeats(&one));
        assert!(!read(b"<</A 1/B<</A 2>>/C[/A/A]/D 1 0 R % /A\n/E(/A)>>"));
        assert!(read(b"<</A 1/B 2/A 3>>"));
        assert!(read(b"<</A 1/#41 3>>"));
    }
}
