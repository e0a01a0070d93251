#![no_main]

//! The parts of a signature by themselves, so that the search need not first find out how a PDF is built: the first byte
//! says where the others stand.

use signature::{Anchors, Fetched, Got, Policy, Request, Wish, check};

const ROOT: &[u8] = include_bytes!("../../crates/signature/tests/fixtures/trust-root.pem");

/// A file whose certificate names who knows of its revocation.
const ASKED: &[u8] = include_bytes!("../../crates/signature/tests/fixtures/elsewhere-asks.pdf");
const ASKED_ROOT: &[u8] = include_bytes!("../../crates/signature/tests/fixtures/elsewhere-root.pem");

/// A PDF with a signature of the given value, and with the given bytes in its store for later checking.
fn pdf(contents: &[u8], stored: &[u8]) -> Vec<u8> {
    let hex: String = contents.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>\
        /DSS<</Certs[5 0 R]/CRLs[5 0 R]/OCSPs[5 0 R]>>>>\nendobj\n2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n\
        3 0 obj\n<</FT/Sig/T(a)/V 4 0 R>>\nendobj\n5 0 obj\n"
        .to_vec();
    file.extend(format!("<</Length {}>>stream\n", stored.len()).bytes());
    file.extend(stored);
    file.extend(b"\nendstream\nendobj\n4 0 obj\n<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange [");
    let range = file.len();
    file.extend(b"0 0000000000 0000000000 0000000000]/Contents ");
    let from = file.len();
    file.extend(format!("<{hex}>").bytes());
    let to = file.len();
    file.extend(b">>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n");
    let numbers = format!("0 {from:010} {to:010} {:010}", file.len() - to);
    file[range..range + numbers.len()].copy_from_slice(numbers.as_bytes());
    file
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let (mut anchors, policy) = (Anchors::none(), Policy::default());
    anchors.add(ROOT);
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let file = match kind % 5 {
        // What a responder, or the one who keeps a list, answers.
        4 => {
            anchors.add(ASKED_ROOT);
            let check =
                |fetched: &[Fetched]| check(ASKED, None, &Request { now, anchors: &anchors, policy: &policy, fetched });
            let mut fetched: Vec<Fetched> = Vec::new();
            for _ in 0..3 {
                let wishes = check(&fetched).wishes();
                let came = |wish: Wish| Fetched { wish, at: now, got: Got::Bytes(bytes.to_vec()) };
                fetched.extend(wishes.into_iter().map(came));
            }
            return;
        }
        0 => pdf(bytes, b""),
        // A signature that stands in the corpus, and what is to prove its certificate.
        1 => {
            let (contents, stored) = bytes.split_at(bytes.len() / 2);
            pdf(contents, stored)
        }
        2 => bytes.to_vec(),
        _ => {
            anchors.add(bytes);
            let hash = anchors.hash();
            assert_eq!(hash.len(), 64);
            return;
        }
    };
    let report = check(&file, Some(b""), &Request { now, anchors: &anchors, policy: &policy, fetched: &[] });
    // A panic of a library is caught and told; here it should be seen.
    assert!(!report.message.en.contains("not met before"));
});
