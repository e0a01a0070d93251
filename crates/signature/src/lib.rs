//! Digital signatures: bytes in, report out.
//!
//! [`check`] takes a file and says, for each signature in it, whether it is valid, shown to be wrong, or neither, after
//! ETSI EN 319 102-1. It reads no file, asks no network and knows no clock: the time, the trust anchors and the policy
//! are arguments, so the same file gives the same answer wherever it is asked.
//!
//! Cryptography, certificate paths and the reading of PDF are the work of libraries. What is ours is the order of the
//! questions, and the care about what each answer proves: a timestamp moves the time of checking only if its authority is
//! trusted, a claimed time never does, and a later revision of a PDF is compared with the signed one object by object.

mod algorithm;
mod asn1;
mod certificate;
mod cms;
mod container;
pub mod limits;
mod online;
mod path;
mod pdf;
mod policy;
mod report;
mod revocation;
mod timestamp;
mod validate;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use criteria::Text;

pub use algorithm::Digest;
pub use online::{Asked, Fetched, Got, Place, Told, Unheard, Wish};
pub use path::Anchors;
pub use policy::{Policy, WeakDigest};
pub use report::{Certification, Change, FileKind, Kind, Report, Revocation, SignatureReport, SubIndication, Verdict};
pub use validate::Request;

/// Checks every signature of a file. `content` is what a detached signature (`.p7s`) was made over, if it is at hand.
pub fn check(file: &[u8], content: Option<&[u8]>, request: &Request<'_>) -> Report {
    let kind = container::kind(file);
    if file.len() > limits::FILE_BYTES_MAX {
        let most = limits::FILE_BYTES_MAX / (1024 * 1024);
        return Report::bare(
            kind,
            Verdict::Indeterminate,
            Some(SubIndication::Generic),
            Text::new(
                format!("Tệp lớn hơn {most} MiB nên không kiểm tra."),
                format!("The file is larger than {most} MiB and was not checked."),
            ),
        );
    }
    // The readers of PDF and certificates promise not to panic; should one break its promise, the file is at fault, not
    // the program that asked.
    let answer = catch_unwind(AssertUnwindSafe(|| match kind {
        FileKind::Pdf => pdf::check(file, request),
        FileKind::Cms => container::check_cms(file, content, request),
        FileKind::Xml | FileKind::OfficePackage | FileKind::Other => container::check_other(file, kind),
    }));
    answer.unwrap_or_else(|_| {
        Report::bare(
            kind,
            Verdict::Indeterminate,
            Some(SubIndication::Generic),
            Text::new(
                "Tệp bị hỏng theo cách chưa gặp nên không kiểm tra được.",
                "The file is damaged in a way not met before and could not be checked.",
            ),
        )
    })
}

/// Whether a PDF is another one with nothing but signatures, timestamps and what belongs to them added behind it. A file
/// that the readers stumble over is none.
pub fn only_signed(before: &[u8], file: &[u8]) -> bool {
    file.len() <= limits::FILE_BYTES_MAX
        && catch_unwind(AssertUnwindSafe(|| pdf::only_signed(before, file))).unwrap_or(false)
}

/// The file's verdict from those of its signatures: the worst one counts.
///
/// A document timestamp that nobody trusts takes nothing from a signature; one that is wrong does.
fn summary(kind: FileKind, signatures: Vec<SignatureReport>) -> Report {
    let any_signature = signatures.iter().any(|one| one.kind != Kind::DocumentTimestamp);
    let counts = |one: &&SignatureReport| {
        !any_signature || one.kind != Kind::DocumentTimestamp || one.verdict == Verdict::Invalid
    };
    // Of equals the first speaks.
    let worst = signatures.iter().filter(counts).rev().max_by_key(|one| one.verdict);
    match worst {
        Some(worst) => Report {
            kind,
            verdict: worst.verdict,
            sub_indication: worst.sub_indication,
            message: worst.message.clone(),
            signatures,
        },
        None => Report::bare(
            kind,
            Verdict::Unsigned,
            None,
            Text::new("Tệp không có chữ ký số.", "The file carries no digital signature."),
        ),
    }
}
