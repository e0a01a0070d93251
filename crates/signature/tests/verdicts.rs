//! Each fixture and what must be said about it. The files are made by `make_fixtures.py` with tools that are not ours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{check, report, report_at};
use signature::Verdict::{Indeterminate, Invalid, Unsigned, Valid};
use signature::{Anchors, Certification, Change, Kind, Revocation, SubIndication as Sub};

#[test]
fn sound_signatures_of_every_profile_and_algorithm_are_valid() {
    for name in [
        "b-b.pdf",
        "b-t-rsa.pdf",
        "b-t-ecdsa.pdf",
        "pss-largest-salt.pdf",
        "p384.pdf",
        "p521.pdf",
        "b-lt.pdf",
        "b-lta.pdf",
        "adbe-revocation.pdf",
        "object-streams.pdf",
        "two-signatures.pdf",
        "ber.pdf",
        "certified.pdf",
        "form-filled.pdf",
        "p256-sha512.pdf",
        "trailing-newline.pdf",
    ] {
        check(name, Valid, None);
    }
}

#[test]
fn only_a_trusted_timestamp_moves_the_time_of_checking() {
    check("expired-stamped-inside.pdf", Valid, None);
    check("expired.pdf", Indeterminate, Some(Sub::OutOfBoundsNoPoe));
    check("expired-stamped-late.pdf", Indeterminate, Some(Sub::OutOfBoundsNoPoe));
    check("timestamp-of-another.pdf", Indeterminate, Some(Sub::SigConstraintsFailure));
    check("tsa-untrusted.pdf", Indeterminate, Some(Sub::NoCertificateChainFound));
    check("tsa-purpose.pdf", Indeterminate, Some(Sub::ChainConstraintsFailure));
    assert_eq!(report("tsa-untrusted.pdf").signatures[0].proven_time, None);
}

#[test]
fn what_was_changed_is_invalid() {
    check("content-flipped.pdf", Invalid, Some(Sub::HashFailure));
    check("value-flipped.pdf", Invalid, Some(Sub::SigCryptoFailure));
    check("page-repainted.pdf", Invalid, Some(Sub::FormatFailure));
    check("gap-injected.pdf", Invalid, Some(Sub::FormatFailure));
    check("junk-appended.pdf", Invalid, Some(Sub::FormatFailure));
    check("truncated.pdf", Invalid, Some(Sub::FormatFailure));
    check("certified-then-filled.pdf", Invalid, Some(Sub::FormatFailure));
    check("gap-broken.pdf", Invalid, Some(Sub::FormatFailure));
    check("prepared-image.pdf", Invalid, Some(Sub::FormatFailure));
    check("locked-then-filled.pdf", Invalid, Some(Sub::FormatFailure));
    check("signature-removed.pdf", Invalid, Some(Sub::FormatFailure));
    check("annotated.pdf", Indeterminate, Some(Sub::SigConstraintsFailure));
    check("form-relooked.pdf", Indeterminate, Some(Sub::SigConstraintsFailure));
    check("overlay-as-signature.pdf", Indeterminate, Some(Sub::SigConstraintsFailure));
}

#[test]
fn whom_nobody_vouches_for_is_not_valid() {
    check("self-signed.pdf", Indeterminate, Some(Sub::NoCertificateChainFound));
    check("stranger.pdf", Indeterminate, Some(Sub::NoCertificateChainFound));
    check("issuer-missing.pdf", Indeterminate, Some(Sub::NoCertificateChainFound));
    check("not-yet-valid.pdf", Indeterminate, Some(Sub::OutOfBoundsNoPoe));
    check("encipherment-key.pdf", Indeterminate, Some(Sub::ChainConstraintsFailure));
    let mut others = Anchors::none();
    assert_eq!(others.add(&common::bytes("other-root.der")), 1);
    assert_eq!(report_at("stranger.pdf", &others, common::NOW).verdict, Valid);
    check("server-certificate.pdf", Indeterminate, Some(Sub::ChainConstraintsFailure));
    let alone = report_at("b-lta.pdf", &Anchors::none(), "2026-06-01T00:00:00Z");
    assert_eq!(alone.verdict, Indeterminate);
    assert_eq!(alone.sub_indication, Some(Sub::NoCertificateChainFound));
    assert!(alone.message.en.contains("no trust anchor is installed"), "{}", alone.message.en);
}

#[test]
fn a_revoked_certificate_signs_nothing_later() {
    check("revoked-crl.pdf", Indeterminate, Some(Sub::RevokedNoPoe));
    check("revoked-ocsp.pdf", Indeterminate, Some(Sub::RevokedNoPoe));
    check("revoked-later.pdf", Valid, None);
    check("issuer-revoked.pdf", Indeterminate, Some(Sub::RevokedCaNoPoe));
    // What was signed carries a timestamp from after the revocation, or the end, of the certificate.
    check("signed-after-revocation.pdf", Invalid, Some(Sub::Revoked));
    check("signed-after-expiry.pdf", Invalid, Some(Sub::Expired));
    assert_eq!(report("revoked-crl.pdf").signatures[0].revocation, Revocation::Revoked);
    assert_eq!(report("b-lt.pdf").signatures[0].revocation, Revocation::Good);
    assert_eq!(report("adbe-revocation.pdf").signatures[0].revocation, Revocation::Good);
    assert_eq!(report("b-b.pdf").signatures[0].revocation, Revocation::Unknown);
}

#[test]
fn weak_algorithms_are_named() {
    check("sha1.pdf", Indeterminate, Some(Sub::CryptoConstraintsFailureNoPoe));
    check("adbe-sha1.pdf", Indeterminate, Some(Sub::CryptoConstraintsFailureNoPoe));
    // The policy takes SHA-1 for what a timestamp proves to be older than 2017.
    check("sha1-stamped-2016.pdf", Valid, None);
    check("md5.p7m", Indeterminate, Some(Sub::CryptoConstraintsFailure));
    check("short-key.pdf", Indeterminate, Some(Sub::CryptoConstraintsFailure));
}

#[test]
fn what_is_not_checked_is_said_and_never_fine() {
    check("unsigned.pdf", Unsigned, None);
    check("encrypted.pdf", Indeterminate, Some(Sub::Generic));
    check("signed.xml", Indeterminate, Some(Sub::Generic));
    check("signed.docx", Indeterminate, Some(Sub::Generic));
    check("plain.xml", Unsigned, None);
    assert_eq!(report("signed.xml").signatures[0].kind, Kind::NotChecked);
}

#[test]
fn cms_files_stand_beside_or_around_their_content() {
    check("decision.txt.p7s", Valid, None);
    check("pem.p7s", Valid, None);
    check("no-attributes.p7s", Valid, None);
    check("decision.p7m", Valid, None);
    check("decision-ber.p7m", Valid, None);
    check("pss-keyid.p7m", Valid, None);
    check("two-signers.p7m", Valid, None);
    assert_eq!(report("two-signers.p7m").signatures.len(), 2);
    check("decision-flipped.p7m", Invalid, Some(Sub::HashFailure));
    let alone = common::report_of(&common::bytes("decision.txt.p7s"), None, &common::anchors(), common::NOW);
    assert_eq!(alone.sub_indication, Some(Sub::SignedDataNotFound));
    assert_eq!(alone.signatures[0].signer.as_deref(), Some("Nguyễn Văn An"));
    let other = common::report_of(&common::bytes("decision.txt.p7s"), Some(b"other"), &common::anchors(), common::NOW);
    assert_eq!((other.verdict, other.sub_indication), (Invalid, Some(Sub::HashFailure)));
}

#[test]
fn levels_are_recognised() {
    for (name, level) in [
        ("b-b.pdf", "PAdES-B-B"),
        ("b-t-rsa.pdf", "PAdES-B-T"),
        ("b-lt.pdf", "PAdES-B-LT"),
        ("b-lta.pdf", "PAdES-B-LTA"),
        ("decision.txt.p7s", "CAdES-B-B"),
    ] {
        assert_eq!(report(name).signatures[0].level.as_deref(), Some(level), "{name}");
    }
    assert_eq!(report("adbe-revocation.pdf").signatures[0].level, None);
}

#[test]
fn the_signer_is_described() {
    let report = report("b-t-rsa.pdf");
    let signature = &report.signatures[0];
    assert_eq!(signature.signer.as_deref(), Some("Nguyễn Văn An"));
    assert_eq!(signature.organisation.as_deref(), Some("UBND xã Mẫu (bịa đặt)"));
    assert_eq!(signature.units, ["Văn phòng"]);
    assert_eq!(signature.position.as_deref(), Some("Chủ tịch"));
    assert_eq!(signature.email.as_deref(), Some("an@example.vn"));
    assert!(signature.issuer.as_deref().unwrap().starts_with("Nơi cấp Thử nghiệm"));
    assert_eq!(signature.proven_time.unwrap().to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(signature.algorithm.as_deref(), Some("RSA SHA-256"));
    assert!(signature.claimed_time.is_some());
    assert!(signature.covers_whole_file);
    assert_eq!(signature.format.as_deref(), Some("ETSI.CAdES.detached"));
}

#[test]
fn later_changes_are_classified() {
    for (name, changes) in [
        ("b-b.pdf", &[][..]),
        ("two-signatures.pdf", &[Change::Signature, Change::Metadata]),
        ("b-lta.pdf", &[Change::DocumentTimestamp, Change::ValidationData]),
        ("form-filled.pdf", &[Change::FormFilled]),
        ("annotated.pdf", &[Change::Annotations]),
        ("page-repainted.pdf", &[Change::Content]),
        ("junk-appended.pdf", &[Change::UnknownBytes]),
        ("certified-then-signed.pdf", &[Change::Signature, Change::Metadata]),
    ] {
        let report = report(name);
        assert_eq!(report.signatures[0].changes_after, changes, "{name}");
        assert_eq!(report.signatures[0].covers_whole_file, changes.is_empty(), "{name}");
    }
}

#[test]
fn certification_is_reported_and_kept_to() {
    check("certified-then-signed.pdf", Valid, None);
    assert_eq!(report("certified.pdf").signatures[0].certification, Some(Certification::NoChanges));
    assert_eq!(
        report("certified-then-signed.pdf").signatures[0].certification,
        Some(Certification::FormsAndSignatures)
    );
}

#[test]
fn the_time_of_checking_decides_what_no_timestamp_proves() {
    let at = |time: &str| report_at("expired.pdf", &common::anchors(), time);
    assert_eq!(at("2024-06-01T00:00:00Z").verdict, Valid);
    assert_eq!(at("2023-06-01T00:00:00Z").sub_indication, Some(Sub::OutOfBoundsNoPoe));
    assert_eq!(at("2025-06-01T00:00:00Z").sub_indication, Some(Sub::OutOfBoundsNoPoe));
}

#[test]
fn what_readers_see_differently_is_named() {
    let changes = |name: &str| report(name).signatures[0].changes_after.clone();
    for name in ["shadow-freed-cover.pdf", "shadow-other-generation.pdf", "shadow-key-twice.pdf"] {
        assert_eq!(changes(name), [Change::Content], "{name}");
    }
    for name in ["shadow-no-table.pdf", "shadow-table-beside.pdf", "shadow-table-in-circle.pdf"] {
        assert_eq!(changes(name), [Change::UnknownBytes], "{name}");
    }
    assert_eq!(changes("shadow-nothing-new.pdf"), [Change::Metadata]);
    assert_eq!(changes("shadow-two-widgets-filled.pdf"), [Change::FormFilled]);
    let seen = report("shadow-annotated-then-signed.pdf");
    assert!(seen.message.en.contains("is valid and covers what was added"), "{}", seen.message.en);
    assert!(!report("annotated.pdf").message.en.contains("covers what was added"));
}

#[test]
fn a_timestamp_proves_its_time_while_its_authority_is_good() {
    let proven = |name: &str| report(name).signatures[0].proven_time.map(|time| time.to_string());
    assert_eq!(proven("shadow-stamp-run-out.pdf"), None);
    assert_eq!(proven("shadow-stamp-continued.pdf").as_deref(), Some("2024-06-01T00:00:00Z"));
    assert_eq!(proven("shadow-stamp-closed.pdf").as_deref(), Some("2024-06-01T00:00:00Z"));
    assert_eq!(proven("shadow-stamp-compromised.pdf"), None);
    let run_out = report("shadow-stamp-run-out-signer-good.pdf");
    assert!(run_out.message.en.contains("has run out since"), "{}", run_out.message.en);
    // While the authority was good, so was its word.
    let then = report_at("shadow-stamp-run-out.pdf", &common::anchors(), "2025-03-01T00:00:00Z");
    assert_eq!(then.verdict, Valid);
    assert_eq!(report("shadow-list-of-one-signature.pdf").signatures[0].revocation, Revocation::Good);
    assert_eq!(report("shadow-list-of-several.pdf").signatures[0].revocation, Revocation::Unknown);
}

/// The table of verdicts, written by hand: every file of the fixtures stands in it once, and is found to be so.
#[test]
fn every_fixture_gets_the_verdict_that_stands_beside_its_clause() {
    let table = include_str!("VERDICTS.md");
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let (file, told) = (cells.next()?, cells.next()?);
        file.contains('.').then(|| (file.to_owned(), told.to_owned()))
    });
    let rows: BTreeMap<String, String> = rows.collect();
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let besides = [
        "README.md",
        "trust-root.pem",
        "elsewhere-root.pem",
        "tricks-root.pem",
        "shadow-root.pem",
        "elsewhere-asks.ocsp",
        "elsewhere-asks.crl",
        "elsewhere-asks-revoked.crl",
        "other-root.der",
        "decision.txt",
    ];
    let names: BTreeSet<String> = names.filter(|name| !besides.contains(&name.as_str())).collect();
    assert_eq!(names, rows.keys().cloned().collect(), "each fixture stands in the table");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut differ = Vec::new();
    for (name, told) in &rows {
        let report = serde_json::json!(report(name));
        let found = format!("{} {}", word(&report["verdict"]), word(&report["sub_indication"]));
        if found.trim_end() != told {
            differ.push(format!("{name}: {found}, the table says {told}: {}", report["message"]));
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
}
