//! Fixtures, the trust anchor of the tests, and one `check`.

#![allow(dead_code, reason = "each test file uses its part")]

use signature::{Anchors, Policy, Report, Request, SubIndication, Verdict};

/// When the tests check, whatever the day.
pub const NOW: &str = "2026-06-01T00:00:00Z";

/// A fixture's bytes.
pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The made-up roots.
pub fn anchors() -> Anchors {
    let mut anchors = Anchors::none();
    assert_eq!(anchors.add(&bytes("trust-root.pem")), 1);
    assert_eq!(anchors.add(&bytes("elsewhere-root.pem")), 1);
    assert_eq!(anchors.add(&bytes("tricks-root.pem")), 1);
    assert_eq!(anchors.add(&bytes("shadow-root.pem")), 1);
    anchors
}

/// A report on bytes.
pub fn report_of(file: &[u8], content: Option<&[u8]>, anchors: &Anchors, now: &str) -> Report {
    let policy = Policy::default();
    signature::check(file, content, &Request { now: now.parse().unwrap(), anchors, policy: &policy, fetched: &[] })
}

/// A report on a fixture with these anchors at this time.
pub fn report_at(name: &str, anchors: &Anchors, now: &str) -> Report {
    let content = name.ends_with(".p7s").then(|| bytes("decision.txt"));
    report_of(&bytes(name), content.as_deref(), anchors, now)
}

/// A report on a fixture with the made-up root.
pub fn report(name: &str) -> Report {
    report_at(name, &anchors(), NOW)
}

/// The verdict on a fixture must be this one, for this reason.
pub fn check(name: &str, verdict: Verdict, sub_indication: Option<SubIndication>) {
    let report = report(name);
    assert_eq!((report.verdict, report.sub_indication), (verdict, sub_indication), "{name}: {report:#?}");
}
