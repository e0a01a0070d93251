//! What a later revision of a PDF did to the signed one.
//!
//! Both are read and walked side by side from the catalogue, following every reference, so that nothing a reader can
//! reach escapes, however it was replaced. What is not on the short list of harmless additions is changed content.

use std::collections::{BTreeSet, HashSet};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjRef, Object, ObjectIdentifier, Stream};

use super::table::Table;
use super::{Checkable, widget};
use crate::limits::VALUE_DEPTH_MAX;
use crate::report::Change;

/// Where in the document two values stand, which decides what a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Catalogue,
    PageNode,
    PageKids,
    Annotations,
    Annotation,
    Form,
    Fields,
    Field,
    /// Resources of the form: may grow, so many levels deep.
    Growing(u8),
    /// The tree of headings and paragraphs; it names pages and annotations that are compared where they stand.
    Structure,
    /// The permissions of the catalogue, which name a signature.
    Permissions,
    /// A signature dictionary of which both revisions know.
    SignatureValue,
    /// Its references, which name the catalogue.
    SignatureReferences,
    /// Any difference is this.
    Only(Change),
    /// The same, whatever the values say of themselves: they are painted.
    Painted(Change),
    /// Nothing here matters.
    Ignored,
}

const CONTENT: Place = Place::Only(Change::Content);

/// What a later revision did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// The kinds of changes.
    pub kinds: BTreeSet<Change>,
    /// The full names of the form fields that were filled.
    pub filled: BTreeSet<String>,
}

/// A revision, and which of its objects readers see.
pub(super) struct Side<'a> {
    pub pdf: &'a Pdf,
    pub table: &'a Table,
}

impl<'a> Side<'a> {
    /// The object under a number, if readers see one there.
    fn object(&self, id: ObjectIdentifier) -> Option<Object<'a>> {
        if self.table.shows(id) { self.pdf.xref().get::<Object<'a>>(id) } else { None }
    }

    fn resolve(&self, value: MaybeRef<Object<'a>>) -> Option<Object<'a>> {
        match value {
            MaybeRef::Ref(reference) => self.object(reference.into()),
            MaybeRef::NotRef(value) => Some(value),
        }
    }
}

/// What differs between the signed revision and the whole file.
///
/// `end` is where the signed revision ends. `checked` are the signatures that are reported on their own: a field with
/// another value is no signature, whatever it says. `budget` is how many values may still be compared; what is not
/// compared counts as changed.
pub(super) fn between(
    signed: &Side<'_>,
    end: usize,
    whole: &Side<'_>,
    checked: &Checkable,
    budget: &mut usize,
) -> Changes {
    let mut walk = Walk {
        signed,
        end,
        whole,
        checked,
        budget: *budget,
        seen: HashSet::new(),
        waiting: Vec::new(),
        changes: BTreeSet::new(),
        filled: BTreeSet::new(),
    };
    walk.waiting.push((signed.pdf.xref().root_id(), whole.pdf.xref().root_id(), Place::Catalogue));
    match (signed.table.encryption, whole.table.encryption) {
        // What cannot be read the same way any more is not the same.
        (Some(old), Some(new)) if old == new => walk.waiting.push((old, new, CONTENT)),
        (None, None) => {}
        _ => walk.differs(CONTENT),
    }
    while let Some((old, new, place)) = walk.waiting.pop() {
        if walk.budget == 0 {
            break;
        }
        if walk.seen.insert((old, new, place)) {
            let (old, new) = (signed.object(old), whole.object(new));
            walk.values(old.as_ref(), new.as_ref(), place, 0);
        }
    }
    if walk.budget == 0 {
        walk.changes.insert(Change::Content);
    }
    // A revision that changes nothing within the document still says who wrote it, and when.
    if walk.changes.is_empty() {
        walk.changes.insert(Change::Metadata);
    }
    *budget = walk.budget;
    Changes { kinds: walk.changes, filled: walk.filled }
}

struct Walk<'a, 'w> {
    signed: &'w Side<'a>,
    end: usize,
    whole: &'w Side<'a>,
    checked: &'w Checkable,
    budget: usize,
    seen: HashSet<(ObjectIdentifier, ObjectIdentifier, Place)>,
    waiting: Vec<(ObjectIdentifier, ObjectIdentifier, Place)>,
    changes: BTreeSet<Change>,
    filled: BTreeSet<String>,
}

impl<'a> Walk<'a, '_> {
    /// A difference at a place.
    fn differs(&mut self, place: Place) {
        let change = match place {
            Place::Ignored => return,
            Place::Only(change) | Place::Painted(change) => change,
            Place::Annotations | Place::Annotation => Change::Annotations,
            Place::Catalogue
            | Place::PageNode
            | Place::PageKids
            | Place::Form
            | Place::Fields
            | Place::Field
            | Place::Growing(_)
            | Place::Structure
            | Place::Permissions
            | Place::SignatureValue
            | Place::SignatureReferences => Change::Content,
        };
        self.changes.insert(change);
    }

    /// Two values, direct or by reference.
    fn entries(
        &mut self,
        old: Option<MaybeRef<Object<'a>>>,
        new: Option<MaybeRef<Object<'a>>>,
        place: Place,
        depth: usize,
    ) {
        if place == Place::Ignored {
            return;
        }
        let Some(left) = self.budget.checked_sub(1) else { return };
        self.budget = left;
        match (old, new) {
            (Some(MaybeRef::Ref(old)), Some(MaybeRef::Ref(new))) => {
                self.waiting.push((old.into(), new.into(), place));
            }
            (old, new) => {
                let old = old.and_then(|value| self.signed.resolve(value));
                let new = new.and_then(|value| self.whole.resolve(value));
                self.values(old.as_ref(), new.as_ref(), place, depth + 1);
            }
        }
    }

    fn values(&mut self, old: Option<&Object<'a>>, new: Option<&Object<'a>>, place: Place, depth: usize) {
        if depth > VALUE_DEPTH_MAX {
            self.changes.insert(Change::Content);
            return;
        }
        let nothing = |value: Option<&Object<'_>>| matches!(value, None | Some(Object::Null(_)));
        // No annotation is a stream: what is one is drawn some other way, and only its name is that of annotations.
        let place = match (place, old) {
            (Place::Annotations | Place::Annotation, Some(Object::Stream(_))) => Place::Painted(Change::Content),
            (place, _) => place,
        };
        match (old, new) {
            (old, new) if nothing(old) && nothing(new) => {}
            (Some(Object::Dict(old)), Some(Object::Dict(new))) => {
                self.dictionaries(old, new, known_place(old, new, place), depth);
            }
            (Some(Object::Array(old)), Some(Object::Array(new))) => self.arrays(old, new, place, depth),
            (Some(Object::Stream(old)), Some(Object::Stream(new))) => {
                if old.raw_data() != new.raw_data() {
                    self.differs(place);
                }
                self.dictionaries(old.dict(), new.dict(), place, depth);
            }
            // What was not there before: only places that may grow from nothing look closer.
            (old, Some(Object::Array(new))) if nothing(old) && matches!(place, Place::Annotations | Place::Fields) => {
                self.grown(&[], &new.raw_iter().collect::<Vec<_>>(), place, depth);
            }
            (old, Some(Object::Dict(new))) if nothing(old) && place == Place::Form => {
                self.dictionaries(&Dict::empty(), new, place, depth);
            }
            (Some(old), Some(new)) if same_leaf(old, new) => {}
            (old, new) if nothing(old) && !nothing(new) && matches!(place, Place::Growing(_)) => {}
            // A tagged document gets a paragraph for each new field.
            (old, _) if nothing(old) && place == Place::Structure => {
                self.changes.insert(Change::Metadata);
            }
            _ => self.differs(place),
        }
    }

    fn dictionaries(&mut self, old: &Dict<'a>, new: &Dict<'a>, place: Place, depth: usize) {
        let keys: BTreeSet<Vec<u8>> = old.keys().chain(new.keys()).map(|key| key.as_ref().to_vec()).collect();
        // Of a key given twice some readers take the first value, others the last.
        if place != Place::Ignored && old.data() != new.data() && widget::repeats(new) {
            self.differs(place);
        }
        if place == Place::Field {
            self.field(old, new, &keys, depth);
            return;
        }
        for key in keys {
            let child = match place {
                Place::Growing(0) => CONTENT,
                Place::Growing(levels) => Place::Growing(levels - 1),
                // The order of tabbing: a name, or else it is something that may be drawn.
                Place::PageNode
                    if key == b"Tabs" && is_name_or_absent(old, "Tabs") && is_name_or_absent(new, "Tabs") =>
                {
                    Place::Only(Change::Metadata)
                }
                _ => child(place, &key),
            };
            self.entries(entry(old, &key), entry(new, &key), child, depth);
        }
    }

    /// A form field of which both revisions know.
    fn field(&mut self, old: &Dict<'a>, new: &Dict<'a>, keys: &BTreeSet<Vec<u8>>, depth: usize) {
        let is_signature = is_signature_field(old);
        if is_signature != is_signature_field(new) {
            self.changes.insert(Change::Content);
        }
        let had_value = old.contains_key("V");
        let signature = if is_signature && !had_value { self.signature_kind(new) } else { None };
        let signed_now = signature.is_some();
        self.changes.extend(signature);
        let value_changed = !is_signature && self.value_changed(old, new);
        if value_changed {
            self.filled.insert(super::fields::full_name(new));
            // Who fills in a form cannot fill in this.
            if widget::is_read_only(old) {
                self.changes.insert(Change::Content);
            }
        }
        for key in keys {
            let place = match key.as_slice() {
                b"V" | b"AP" | b"F" | b"P" | b"M" | b"MK" | b"DA" | b"AS" | b"Type" | b"Subtype" | b"Rect" | b"H"
                | b"BS" | b"Border" | b"NM" | b"TU" | b"DR" | b"Q"
                    if signed_now =>
                {
                    Place::Ignored
                }
                b"Kids" => Place::Fields,
                b"Parent" => Place::Field,
                b"P" => Place::PageNode,
                b"V" if is_signature => Place::SignatureValue,
                b"V" | b"AS" | b"DV" | b"I" | b"RV" if !is_signature => Place::Only(Change::FormFilled),
                // Programs close the fields that a signature locks.
                b"Ff" if widget::is_closed(old, new) => Place::Only(Change::Metadata),
                b"AP" if value_changed => Place::Painted(Change::FormFilled),
                // A new look without a new value is how a form is made to lie.
                b"AP" if !is_signature => Place::Painted(Change::Annotations),
                b"AP" => Place::Painted(Change::Content),
                b"MK" | b"M" if !is_signature => Place::Only(Change::Annotations),
                _ => CONTENT,
            };
            self.entries(entry(old, key), entry(new, key), place, depth);
        }
    }

    /// What a field's value is, if it is a signature that was made after the signed revision and is checked by itself.
    ///
    /// The value may stand with the field whose look this widget is. A signature speaks for the look of its field; a
    /// timestamp, which anybody gets, speaks for nothing that is drawn.
    fn signature_kind(&self, field: &Dict<'_>) -> Option<Change> {
        let above = || field.get::<Dict<'_>>("Parent").and_then(|parent| parent.get::<Dict<'_>>("V"));
        let value = field.get::<Dict<'_>>("V").or_else(above)?;
        value.obj_id().filter(|id| self.checked.is_later(*id, self.end))?;
        let stamped = value.get::<Name<'_>>("SubFilter").is_some_and(|name| name.as_ref() == b"ETSI.RFC3161");
        match (stamped, widget::shows_or_acts(field)) {
            (false, _) => Some(Change::Signature),
            (true, false) => Some(Change::DocumentTimestamp),
            (true, true) => None,
        }
    }

    /// Whether a field, or the one whose look this widget is, has another value.
    fn value_changed(&self, old: &Dict<'a>, new: &Dict<'a>) -> bool {
        let value = |side: &Side<'a>, field: &Dict<'a>| {
            let above = || match side.resolve(entry(field, b"Parent")?)? {
                Object::Dict(parent) if !field.contains_key("T") => side.resolve(entry(&parent, b"V")?),
                _ => None,
            };
            entry(field, b"V").and_then(|one| side.resolve(one)).or_else(above)
        };
        match (value(self.signed, old), value(self.whole, new)) {
            (None, None) => false,
            (Some(Object::Array(old)), Some(Object::Array(new))) => old.data() != new.data(),
            (Some(old), Some(new)) => !same_leaf(&old, &new),
            _ => true,
        }
    }

    fn arrays(&mut self, old: &Array<'a>, new: &Array<'a>, place: Place, depth: usize) {
        let old: Vec<_> = old.raw_iter().collect();
        let new: Vec<_> = new.raw_iter().collect();
        match place {
            Place::Annotations | Place::Fields => self.grown(&old, &new, place, depth),
            _ => {
                if place == Place::Structure && old.len() < new.len() {
                    self.changes.insert(Change::Metadata);
                } else if old.len() != new.len() {
                    self.differs(place);
                    return;
                }
                let item = match place {
                    Place::PageKids => Place::PageNode,
                    other => other,
                };
                for (old, new) in old.into_iter().zip(new) {
                    self.entries(Some(old), Some(new), item, depth);
                }
            }
        }
    }

    /// Lists of annotations or fields: each old one must still be there; what is new is named by its kind.
    fn grown(&mut self, old: &[MaybeRef<Object<'a>>], new: &[MaybeRef<Object<'a>>], place: Place, depth: usize) {
        let references =
            |list: &[MaybeRef<Object<'a>>]| -> Vec<ObjRef> { list.iter().filter_map(MaybeRef::as_obj_ref).collect() };
        let (old_references, new_references) = (references(old), references(new));
        let known: HashSet<ObjectIdentifier> = old_references.iter().map(|one| (*one).into()).collect();
        let kept: HashSet<ObjectIdentifier> = new_references.iter().map(|one| (*one).into()).collect();
        let item = if place == Place::Fields { Place::Field } else { Place::Annotation };
        for one in old_references {
            let id: ObjectIdentifier = one.into();
            if kept.contains(&id) {
                self.budget = self.budget.saturating_sub(1);
                self.waiting.push((id, id, item));
            } else {
                self.differs(if place == Place::Fields { CONTENT } else { Place::Annotations });
            }
        }
        for one in new_references.into_iter().filter(|one| !known.contains(&(*one).into())) {
            let added = match self.whole.object(one.into()) {
                Some(Object::Dict(field)) => Some(field),
                _ => None,
            };
            let change = added.filter(is_signature_field).and_then(|field| {
                // A signature field that is still empty draws nothing.
                let is_more = field.contains_key("V") || field.contains_key("Kids") || field.contains_key("Parent");
                let is_bare = !is_more && !widget::shows_or_acts(&field);
                self.signature_kind(&field).or(is_bare.then_some(Change::Signature))
            });
            self.changes.insert(change.unwrap_or(Change::Annotations));
        }
        // Direct members have no identity: they are compared in order.
        let direct = |list: &[MaybeRef<Object<'a>>]| list.iter().filter(|one| one.as_obj_ref().is_none()).count();
        if direct(old) != direct(new) {
            self.differs(if place == Place::Fields { CONTENT } else { Place::Annotations });
            return;
        }
        let values = |list: &[MaybeRef<Object<'a>>]| -> Vec<Object<'a>> {
            list.iter()
                .filter_map(|one| match one {
                    MaybeRef::NotRef(value) => Some(value.clone()),
                    MaybeRef::Ref(_) => None,
                })
                .collect()
        };
        for (old, new) in values(old).iter().zip(&values(new)) {
            self.values(Some(old), Some(new), item, depth + 1);
        }
    }
}

/// The place of a value by its key.
fn child(place: Place, key: &[u8]) -> Place {
    match (place, key) {
        (Place::Catalogue, b"DSS") => Place::Only(Change::ValidationData),
        (Place::Catalogue, b"Metadata" | b"Extensions" | b"Version") => Place::Only(Change::Metadata),
        (Place::Catalogue, b"AcroForm") => Place::Form,
        (Place::Catalogue, b"Pages") => Place::PageNode,
        (Place::Catalogue, b"StructTreeRoot") => Place::Structure,
        (Place::Catalogue, b"Perms") => Place::Permissions,
        (Place::PageNode, b"Kids") => Place::PageKids,
        (Place::PageNode, b"Parent") => Place::PageNode,
        (Place::PageNode, b"Annots") => Place::Annotations,
        (Place::PageNode, b"Contents" | b"Resources") => Place::Painted(Change::Content),
        (Place::Form, b"Fields") => Place::Fields,
        (Place::Form, b"SigFlags") => Place::Ignored,
        (Place::Form, b"DR") => Place::Growing(2),
        (Place::Form, b"DA") => Place::Growing(0),
        // Every field is drawn anew from its value, which may have been another than the one that was shown.
        (Place::Form, b"NeedAppearances") => Place::Only(Change::Annotations),
        (Place::Annotation, b"P") => Place::PageNode,
        (Place::Annotation, b"Parent" | b"Popup") => Place::Annotation,
        (Place::Annotation, b"AP") => Place::Painted(Change::Annotations),
        (Place::Annotation, _) => Place::Only(Change::Annotations),
        (Place::Structure, b"Obj") => Place::Ignored,
        (Place::Structure, b"Pg") => Place::PageNode,
        (Place::Structure, b"ParentTreeNextKey") => Place::Only(Change::Metadata),
        (Place::Structure, _) => Place::Structure,
        (Place::Permissions, b"DocMDP") => Place::SignatureValue,
        (Place::SignatureValue, b"Reference") => Place::SignatureReferences,
        (Place::SignatureReferences, b"Data") => Place::Ignored,
        (Place::Only(change), _) => Place::Only(change),
        (Place::Painted(change), _) => Place::Painted(change),
        (Place::Ignored, _) => Place::Ignored,
        _ => CONTENT,
    }
}

/// Widgets stand among annotations, and pages are named from bookmarks and links: what they are decides how they are
/// compared.
///
/// Nothing else may change its place by what it says of itself. A document can be prepared in which a dictionary of
/// images claims to be a form field, or a page; reached as what is painted, it is compared as that.
fn known_place(old: &Dict<'_>, new: &Dict<'_>, place: Place) -> Place {
    let both = |key: &str, value: &[u8]| {
        [old, new].iter().all(|one| one.get::<Name<'_>>(key).is_some_and(|name| name.as_ref() == value))
    };
    match place {
        Place::Annotation if both("Subtype", b"Widget") => Place::Field,
        Place::Only(Change::Content | Change::Annotations | Change::FormFilled)
            if both("Type", b"Page") || both("Type", b"Pages") =>
        {
            Place::PageNode
        }
        _ => place,
    }
}

fn is_name_or_absent(dictionary: &Dict<'_>, key: &str) -> bool {
    !dictionary.contains_key(key) || dictionary.get::<Name<'_>>(key).is_some()
}

fn entry<'a>(dictionary: &Dict<'a>, key: &[u8]) -> Option<MaybeRef<Object<'a>>> {
    dictionary.get_raw::<Object<'a>>(key)
}

fn is_signature_field(field: &Dict<'_>) -> bool {
    let own = field.get::<Name<'_>>("FT");
    let inherited = || field.get::<Dict<'_>>("Parent").and_then(|parent| parent.get::<Name<'_>>("FT"));
    own.or_else(inherited).is_some_and(|kind| kind.as_ref() == b"Sig")
}

fn same_leaf(old: &Object<'_>, new: &Object<'_>) -> bool {
    match (old, new) {
        (Object::Null(_), Object::Null(_)) => true,
        (Object::Boolean(old), Object::Boolean(new)) => old == new,
        (Object::Number(old), Object::Number(new)) => {
            old.as_i64() == new.as_i64() && old.as_f64().to_bits() == new.as_f64().to_bits()
        }
        (Object::String(old), Object::String(new)) => old.as_bytes() == new.as_bytes(),
        (Object::Name(old), Object::Name(new)) => old.as_ref() == new.as_ref(),
        (Object::Stream(old), Object::Stream(new)) => same_stream(old, new),
        _ => false,
    }
}

fn same_stream(old: &Stream<'_>, new: &Stream<'_>) -> bool {
    old.raw_data() == new.raw_data() && old.dict().data() == new.dict().data()
}
