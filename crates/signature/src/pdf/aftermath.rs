//! What was done after a signature, what its signer allowed, and what follows for the verdict.

use std::collections::BTreeSet;
use std::sync::Arc;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, String as PdfString};

use super::changes::{self, Changes, Side};
use super::range::Covered;
use super::table::Table;
use super::{Checkable, fields};
use crate::limits::{FIELDS_MAX, SIGNATURES_MAX};
use crate::report::{Certification, Change, Kind, SignatureReport, SubIndication, Verdict};
use crate::words::{self, Outcome};

/// The references of a signature dictionary with a transform method.
fn references<'a>(value: &Dict<'a>, method: &'static [u8]) -> Vec<Dict<'a>> {
    let references = value.get::<Array<'_>>("Reference");
    references
        .iter()
        .flat_map(|references| references.iter::<Dict<'_>>())
        .take(SIGNATURES_MAX)
        .filter(|one| one.get::<Name<'_>>("TransformMethod").is_some_and(|name| name.as_ref() == method))
        .collect()
}

/// What a certifying signature allows (DocMDP).
pub(crate) fn certification(value: &Dict<'_>) -> Option<Certification> {
    let reference = references(value, b"DocMDP").into_iter().next()?;
    let level = reference.get::<Dict<'_>>("TransformParams").and_then(|parameters| parameters.get::<i32>("P"));
    Some(match level {
        Some(1) => Certification::NoChanges,
        Some(3) => Certification::AnnotationsToo,
        _ => Certification::FormsAndSignatures,
    })
}

/// Which fields a signature locks (FieldMDP).
fn locks(value: &Dict<'_>, name: &str) -> bool {
    references(value, b"FieldMDP").iter().any(|reference| {
        let Some(parameters) = reference.get::<Dict<'_>>("TransformParams") else { return false };
        let listed = parameters.get::<Array<'_>>("Fields");
        let named = listed.iter().flat_map(|list| list.iter::<PdfString<'_>>()).take(FIELDS_MAX).any(|one| {
            let one = fields::text(one.as_bytes());
            // A name stands for everything below it.
            name == one || name.strip_prefix(&one).is_some_and(|rest| rest.starts_with('.'))
        });
        match parameters.get::<Name<'_>>("Action") {
            Some(action) if action.as_ref() == b"Include" => named,
            Some(action) if action.as_ref() == b"Exclude" => !named,
            _ => true,
        }
    })
}

/// Compares the signed revision with the whole file and weighs what was found.
pub(crate) fn weigh(
    report: &mut SignatureReport,
    value: &Dict<'_>,
    covered: &Covered,
    file: &Arc<Vec<u8>>,
    pdf: &Pdf,
    checked: &Checkable,
    budget: &mut usize,
) {
    report.covers_whole_file = covered.reaches_end(file);
    if report.covers_whole_file {
        return;
    }
    let found = since(covered.end, file, pdf, checked, budget);
    report.changes_after = found.kinds.iter().copied().collect();
    let locked = found.filled.iter().find(|name| locks(value, name));
    match consequence(&found.kinds, report.certification, locked) {
        Some(outcome) if outcome.verdict > report.verdict => {
            report.verdict = outcome.verdict;
            report.sub_indication = outcome.sub_indication;
            report.message = outcome.message;
        }
        _ if found.kinds.is_empty() => {}
        _ => {
            let names: Vec<_> = found.kinds.iter().map(|change| words::change(*change)).collect();
            let list = |pick: fn(&(&'static str, &'static str)) -> &'static str| {
                names.iter().map(pick).collect::<Vec<_>>().join(", ")
            };
            report.message.vi.push_str(&format!(" Sau khi ký, tệp còn được: {}.", list(|name| name.0)));
            report.message.en.push_str(&format!(" After it, the file received: {}.", list(|name| name.1)));
        }
    }
}

/// Where annotations came between, says whose valid signature covers them: in many offices the clerk puts number and day on
/// what the head has signed, and seals both.
pub(super) fn tell_who_saw(signatures: &mut [SignatureReport]) {
    let last = signatures.iter().rev().find(|one| one.kind == Kind::Signature && one.covers_whole_file);
    let Some(who) = last.filter(|one| one.verdict == Verdict::Valid).and_then(|one| one.signer.clone()) else { return };
    let doubted = |one: &&mut SignatureReport| {
        one.verdict == Verdict::Indeterminate
            && one.sub_indication == Some(SubIndication::SigConstraintsFailure)
            && one.changes_after.contains(&Change::Annotations)
    };
    for one in signatures.iter_mut().filter(doubted) {
        one.message.vi.push_str(&format!(" Chữ ký sau cùng, của {who}, hợp lệ và bao trùm cả phần thêm."));
        one.message.en.push_str(&format!(" The last signature, by {who}, is valid and covers what was added."));
    }
}

/// What was done to the file after the revision that ends at `end`.
pub(super) fn since(end: usize, file: &Arc<Vec<u8>>, pdf: &Pdf, checked: &Checkable, budget: &mut usize) -> Changes {
    let only = |change| Changes { kinds: BTreeSet::from([change]), filled: BTreeSet::new() };
    let before = file.get(..end).unwrap_or_default();
    // A range that stops short of the end of a revision signs something that no reader ever shows.
    let Some(signed) = super::open(file, end).ok().filter(|_| fields::ends_well(before)) else {
        return only(Change::Content);
    };
    // Bytes that no cross-reference of their own belongs to are found by some readers, and not by others.
    let after = Table::read(file, end).filter(|table| table.start >= end && fields::ends_well(file));
    let Some(after) = after else { return only(Change::UnknownBytes) };
    let before = Table::read(before, end).unwrap_or_default();
    let (signed, whole) = (Side { pdf: &signed, table: &before }, Side { pdf, table: &after });
    changes::between(&signed, end, &whole, checked, budget)
}

/// What changes do to a verdict, whatever it was.
fn consequence(
    changes: &BTreeSet<Change>,
    certification: Option<Certification>,
    locked: Option<&String>,
) -> Option<Outcome> {
    if changes.contains(&Change::Content) {
        return Some(words::invalid(
            SubIndication::FormatFailure,
            "Nội dung tài liệu đã bị đổi sau khi ký bằng một bản ghi thêm vào cuối tệp.",
            "The document's content was changed after signing, by a revision added at the end of the file.",
        ));
    }
    if changes.contains(&Change::UnknownBytes) {
        return Some(words::invalid(
            SubIndication::FormatFailure,
            "Sau phần được ký có thêm dữ liệu không phải là một bản ghi PDF.",
            "After the signed part there are bytes that are no revision of a PDF.",
        ));
    }
    if let Some(name) = locked {
        return Some(words::invalid(
            SubIndication::FormatFailure,
            format!("Ô “{name}” của biểu mẫu bị đổi sau khi người ký đã khóa nó."),
            format!("The form field \"{name}\" was changed after the signer had locked it."),
        ));
    }
    let forbidden = |change: &Change| match certification {
        Some(Certification::NoChanges) => {
            matches!(change, Change::Signature | Change::FormFilled | Change::Annotations)
        }
        Some(Certification::FormsAndSignatures) => *change == Change::Annotations,
        Some(Certification::AnnotationsToo) | None => false,
    };
    if changes.iter().any(forbidden) {
        return Some(words::invalid(
            SubIndication::FormatFailure,
            "Người chứng thực tài liệu không cho phép thay đổi như vậy, nhưng tài liệu đã bị thay đổi sau đó.",
            "Whoever certified the document did not allow such changes, yet it was changed afterwards.",
        ));
    }
    if changes.contains(&Change::Annotations) && certification.is_none() {
        return Some(words::indeterminate(
            SubIndication::SigConstraintsFailure,
            "Sau khi ký, tài liệu được thêm hoặc sửa chú thích, có thể che hoặc đổi điều người đọc nhìn thấy.",
            "After signing, annotations were added or changed, which may cover or alter what the reader sees.",
        ));
    }
    None
}
