//! Damaged and tampered files: never valid, and never a panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{NOW, anchors, bytes, report_of};
use signature::{Report, Verdict};

/// A panic of a library is caught and reported; the tests want none of them.
fn no_panic(report: &Report, what: &str) {
    assert!(!report.message.en.contains("not met before"), "{what}");
}

fn names() -> Vec<String> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).unwrap();
    let mut names: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn no_flipped_byte_of_the_signed_range_stays_valid() {
    let anchors = anchors();
    for (name, step) in [("b-b.pdf", 5), ("p521.pdf", 61), ("object-streams.pdf", 23)] {
        let whole = bytes(name);
        let text = String::from_utf8_lossy(&whole);
        // The gap holds padding and certificates that nobody signs.
        let gap = text
            .find("/Contents <")
            .map_or(0..0, |at| at + 10..at + whole[at..].iter().position(|b| *b == b'>').unwrap());
        for at in (0..whole.len()).step_by(step).filter(|at| !gap.contains(at)) {
            for bit in [0, 5] {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                let report = report_of(&damaged, None, &anchors, NOW);
                no_panic(&report, name);
                assert_ne!(report.verdict, Verdict::Valid, "{name}: byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn no_beginning_of_a_signed_file_is_valid() {
    let anchors = anchors();
    for name in ["b-b.pdf", "b-lta.pdf", "two-signatures.pdf", "object-streams.pdf", "decision.p7m", "decision-ber.p7m"]
    {
        let whole = bytes(name);
        let steps = (0..whole.len()).step_by(whole.len() / 97).chain(whole.len().saturating_sub(40)..whole.len());
        for end in steps {
            let report = report_of(&whole[..end], None, &anchors, NOW);
            no_panic(&report, name);
            // What is left may be an earlier revision, whole and signed.
            let is_revision = whole[..end].trim_ascii_end().ends_with(b"%%EOF");
            assert!(is_revision || report.verdict != Verdict::Valid, "{name}: {end} bytes");
        }
    }
}

#[test]
fn no_flipped_byte_of_an_enveloped_content_stays_valid() {
    let (whole, content) = (bytes("decision.p7m"), bytes("decision.txt"));
    let start = whole.windows(content.len()).position(|window| window == content).unwrap();
    for at in start..start + content.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        assert_eq!(report_of(&damaged, None, &anchors(), NOW).verdict, Verdict::Invalid, "byte {at}");
    }
}

#[test]
fn no_damage_makes_a_panic() {
    // `DAMAGE_ROUNDS=5000` looks longer.
    let rounds = std::env::var("DAMAGE_ROUNDS").map_or(40, |rounds| rounds.parse().unwrap());
    let anchors = anchors();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % most as u64).unwrap()
    };
    for name in names() {
        let whole = bytes(&name);
        for round in 0..rounds {
            let mut damaged = whole.clone();
            for _ in 0..=round % 8 {
                let at = next(damaged.len());
                damaged[at] = u8::try_from(next(256)).unwrap();
            }
            if round % 7 == 6 {
                // A number of the file replaced by another: offsets, lengths, references.
                let digits: Vec<usize> = (0..damaged.len()).filter(|at| damaged[*at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    let at = digits[next(digits.len())];
                    damaged[at] = b'0' + u8::try_from(next(10)).unwrap();
                }
            }
            if round % 5 == 4 {
                let (from, to) = (next(damaged.len()), next(damaged.len()));
                damaged.drain(from.min(to)..from.max(to));
            }
            no_panic(&report_of(&damaged, None, &anchors, NOW), &name);
        }
    }
}

#[test]
fn a_signature_cannot_be_moved_into_another_file() {
    // The signature of one file, pasted over that of another of the same shape.
    let (from, to) = (bytes("b-b.pdf"), bytes("certified.pdf"));
    let gap = |file: &[u8]| {
        let start = file.windows(10).rposition(|window| window == b"/Contents ").unwrap() + 10;
        (start, start + file[start..].iter().position(|byte| *byte == b'>').unwrap())
    };
    let ((from_start, from_end), (to_start, to_end)) = (gap(&from), gap(&to));
    assert_eq!(from_end - from_start, to_end - to_start);
    let mut forged = to.clone();
    forged[to_start..to_end].copy_from_slice(&from[from_start..from_end]);
    assert_eq!(report_of(&forged, None, &anchors(), NOW).verdict, Verdict::Invalid);
}

#[test]
fn a_second_contents_key_is_refused() {
    let whole = bytes("b-b.pdf");
    let at = whole.windows(10).rposition(|window| window == b"/ByteRange").unwrap();
    // The key itself renamed to a second /Contents, and the range lost: whatever is read, it is not valid.
    let mut forged = whole.clone();
    forged[at..at + 10].copy_from_slice(b"/Contents ");
    assert_ne!(report_of(&forged, None, &anchors(), NOW).verdict, Verdict::Valid);
}

#[test]
fn deep_and_endless_structures_are_refused_quickly() {
    let anchors = anchors();
    let oid = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    let mut deep = vec![0x30, 0x80];
    deep.extend(oid);
    deep.extend([0xa0, 0x80].repeat(100_000));
    assert_eq!(report_of(&deep, None, &anchors, NOW).verdict, Verdict::Invalid);

    let mut nested = b"%PDF-1.7\n1 0 obj\n".to_vec();
    nested.extend(b"[".repeat(200_000));
    nested.extend(b"\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF");
    assert_ne!(report_of(&nested, None, &anchors, NOW).verdict, Verdict::Valid);
    for empty in [&b""[..], b"%PDF-", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"<", b"0\x80", b"MIAG"] {
        let report = report_of(empty, None, &anchors, NOW);
        no_panic(&report, "nearly nothing");
        assert_ne!(report.verdict, Verdict::Valid);
    }
}

#[test]
fn circles_end() {
    // Fields that are their own children many times over, pages in a circle, cross-references that point to themselves.
    let kids = "2 0 R ".repeat(5_000);
    let body = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 3 0 R/AcroForm<</Fields[{kids}]>>>>\nendobj\n\
         2 0 obj\n<</FT/Sig/T(a)/Parent 2 0 R/Kids[{kids}]/V 9 0 R>>\nendobj\n\
         3 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R 4 0 R]>>\nendobj\n\
         4 0 obj\n<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    );
    let place = body.len();
    let file = format!(
        "{body}xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 5/Root 1 0 R/Prev {place}>>\nstartxref\n{place}\n%%EOF"
    );
    let report = report_of(file.as_bytes(), None, &anchors(), NOW);
    no_panic(&report, "circles");
    assert_ne!(report.verdict, Verdict::Valid);
}
