#![no_main]

use signature::{Anchors, Policy, Request, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (mut anchors, policy) = (Anchors::none(), Policy::default());
    anchors.add(include_bytes!("../../crates/signature/tests/fixtures/trust-root.pem"));
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let report = check(bytes, Some(b""), &Request { now, anchors: &anchors, policy: &policy, fetched: &[] });
    // A panic of a library is caught and told; here it should be seen.
    assert!(!report.message.en.contains("not met before"));
});
