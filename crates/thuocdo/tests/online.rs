//! `verify --online`: what responders and lists outside a file add to its verdict, and what they cannot do to it. They run on
//! this machine, made with tools of other hands (`web/tests/peers/revocation.py`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
#[path = "../../web/tests/peer/mod.rs"]
mod peer;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use peer::Peer;
use serde_json::Value as Json;

/// What `verify` says of one case.
fn verify(folder: &Path, case: &str, more: &[&str]) -> Json {
    let root = folder.join("root.pem");
    let output = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
        .arg("verify")
        .arg(folder.join(format!("{case}.pdf")))
        .args(["--trust", root.to_str().unwrap(), "--json", "--lang", "en"])
        .args(more)
        .env_remove("THUOCDO_TRUST")
        .output()
        .unwrap();
    let value: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{case}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(output.status.code(), Some(0), "{case}: {value}");
    value["files"][0]["signatures"][0].clone()
}

const ASK: [&str; 3] = ["--online", "--online-allow", "127.0.0.1"];

#[test]
fn each_answer_from_outside_is_worth_what_it_proves() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start("revocation.py", &[folder.path().to_str().unwrap(), &jiff::Timestamp::now().to_string()]);
    peer.line();
    // Case, verdict, revocation, what the last place told, a part of the sentence.
    for (case, verdict, revocation, told, sentence) in [
        ("good", "valid", "good", "good", "Asked online: not revoked"),
        ("issuer", "valid", "good", "good", "Asked online: not revoked"),
        ("fresh", "valid", "good", "good", "Asked online: not revoked"),
        ("list", "valid", "good", "good", "/crl/list at "),
        ("shard", "valid", "good", "good", "/crl/shard at "),
        ("second", "valid", "good", "good", "/crl/list at "),
        ("revoked", "indeterminate", "revoked", "revoked", "no timestamp proves that the signature is older"),
        ("list-revoked", "indeterminate", "revoked", "revoked", "This was learnt by asking online"),
        ("revoked-before", "indeterminate", "revoked", "revoked", "the timestamp proves the signature only at"),
        ("revoked-after", "valid", "good", "revoked", "a trusted timestamp proves it"),
        ("unknown", "valid", "unknown", "not_known", "it does not know the certificate"),
        ("stale", "valid", "unknown", "stale", "the answer is about another time"),
        ("future", "valid", "unknown", "stale", "the answer is about another time"),
        ("wrong-signer", "valid", "unknown", "not_entitled", "not signed for the certificate's issuer"),
        ("no-purpose", "valid", "unknown", "not_entitled", "not signed for the certificate's issuer"),
        ("wrong-list", "valid", "unknown", "not_entitled", "not signed for the certificate's issuer"),
        ("another", "valid", "unknown", "unfit", "cannot be read or is beside the point"),
        ("garbage", "valid", "unknown", "unfit", "cannot be read or is beside the point"),
        ("foreign-shard", "valid", "unknown", "unfit", "cannot be read or is beside the point"),
        ("missing", "valid", "unknown", "down", "no answer"),
        ("redirect", "valid", "unknown", "down", "no answer"),
        ("down", "valid", "unknown", "down", "no answer"),
        ("house", "valid", "unknown", "refused", "the address must not be asked"),
        ("huge", "valid", "unknown", "too_large", "the answer is too large"),
        ("declared", "valid", "unknown", "too_large", "the answer is too large"),
        ("slow", "valid", "unknown", "slow", "the answer took too long"),
    ] {
        let begun = Instant::now();
        let found = verify(folder.path(), case, &ASK);
        assert!(begun.elapsed() < Duration::from_secs(30), "{case} took {:?}", begun.elapsed());
        assert_eq!((&found["verdict"], &found["revocation"]), (&verdict.into(), &revocation.into()), "{case}: {found}");
        assert!(found["message"].as_str().unwrap().contains(sentence), "{case}: {found}");
        let own = format!("Người ký {case}");
        let of_signer = |one: &&Json| one["about"] == own.as_str();
        let last = found["online"].as_array().unwrap().iter().rfind(of_signer).unwrap_or_else(|| panic!("{case}"));
        assert_eq!(last["told"], told, "{case}: {found}");
        assert!(last["url"].as_str().unwrap().starts_with("http://") && last["at"].is_string(), "{case}: {found}");
    }
    // The authority of a timestamp is asked about as well.
    let stamped = verify(folder.path(), "tsa-revoked", &ASK);
    assert_eq!((&stamped["verdict"], &stamped["proven_time"]), (&"indeterminate".into(), &Json::Null), "{stamped}");
    assert!(stamped["message"].as_str().unwrap().contains("timestamping authority was revoked"), "{stamped}");
    // A certificate that names no place: nobody is asked about it.
    let silent = verify(folder.path(), "silent", &ASK);
    assert_eq!((&silent["verdict"], &silent["revocation"]), (&"valid".into(), &"unknown".into()), "{silent}");
}

#[test]
fn nobody_is_asked_unless_told_to_and_never_within_the_house() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start("revocation.py", &[folder.path().to_str().unwrap(), &jiff::Timestamp::now().to_string()]);
    peer.line();
    let plain = verify(folder.path(), "revoked", &[]);
    assert_eq!((&plain["verdict"], &plain["online"]), (&"valid".into(), &Json::Null), "{plain}");
    let guarded = verify(folder.path(), "revoked", &["--online"]);
    assert_eq!((&guarded["verdict"], &guarded["revocation"]), (&"valid".into(), &"unknown".into()), "{guarded}");
    assert_eq!(guarded["online"][0]["told"], "refused", "{guarded}");
    assert!(peer.rest().is_empty(), "nobody was called");
    // What is asked once serves for all files of one call.
    let root = folder.path().join("root.pem");
    let output = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
        .arg("verify")
        .args(["good.pdf", "list.pdf", "second.pdf"].map(|name| folder.path().join(name)))
        .args(["--trust", root.to_str().unwrap(), "--json"])
        .args(ASK)
        .output()
        .unwrap();
    let value: Json = serde_json::from_slice(&output.stdout).unwrap();
    let standing = |at: usize| value["files"][at]["signatures"][0]["revocation"].clone();
    assert_eq!([standing(0), standing(1), standing(2)], ["good", "good", "good"], "{value}");
    let asked: Vec<String> = peer.rest().iter().map(|line| line["asked"].as_str().unwrap().to_owned()).collect();
    let times = |path: &str| asked.iter().filter(|one| *one == path).count();
    assert_eq!((times("/crl/root"), times("/ocsp/good"), times("/crl/list")), (1, 1, 1), "{asked:?}");
}
