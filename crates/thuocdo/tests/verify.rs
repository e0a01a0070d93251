//! `verify` as people and programs use it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::process::{Command, Output};

use serde_json::Value as Json;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../signature/tests/fixtures");
const AT: [&str; 2] = ["--at", "2026-06-01"];

fn fixture(name: &str) -> String {
    format!("{FIXTURES}/{name}")
}

fn verify(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_thuocdo"))
        .arg("verify")
        .args(arguments)
        .env_remove("THUOCDO_LANG")
        .env_remove("THUOCDO_TRUST")
        .output()
        .unwrap()
}

/// The exit code and the JSON, which must have the shape that the repository promises.
fn json(names: &[&str], more: &[&str]) -> (Option<i32>, Json) {
    let files: Vec<String> = names.iter().map(|name| fixture(name)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = verify(&[&files, &AT[..], more, &["--json"]].concat());
    let value: Json = serde_json::from_slice(&output.stdout).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/cli/verify.json");
    let schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&value).take(5).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{names:?}: {wrong:#?}");
    (output.status.code(), value)
}

#[test]
fn a_signature_is_told_in_one_line() {
    let output = verify(&[&fixture("b-t-rsa.pdf"), "--trust", &fixture("trust-root.pem"), AT[0], AT[1]]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("hợp lệ  "), "{text}");
    assert!(text.contains("Nguyễn Văn An, Chủ tịch, UBND xã Mẫu (bịa đặt)."), "{text}");
    let output = verify(&[&fixture("unsigned.pdf"), "--lang", "en"]);
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("unsigned  "));
}

#[test]
fn json_has_the_promised_shape_and_only_what_is_wrong_fails() {
    let trust = fixture("trust-root.pem");
    let (code, value) = json(&["b-lta.pdf", "unsigned.pdf", "sha1.pdf"], &["--trust", &trust]);
    let verdicts: Vec<&str> =
        value["files"].as_array().unwrap().iter().map(|file| file["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["valid", "unsigned", "indeterminate"]);
    assert_eq!(code, Some(0));
    let (code, value) = json(&["b-b.pdf", "content-flipped.pdf"], &["--trust", &trust, "--lang", "en"]);
    assert_eq!(code, Some(1));
    let signature = &value["files"][1]["signatures"][0];
    assert_eq!(signature["sub_indication"], "HASH_FAILURE");
    assert_eq!(signature["message"], "The content was changed after it was signed.");
}

#[test]
fn without_an_anchor_nothing_is_valid() {
    let (code, value) = json(&["b-b.pdf"], &[]);
    assert_eq!((code, &value["files"][0]["verdict"]), (Some(0), &Json::from("indeterminate")));
    assert_eq!(value["files"][0]["sub_indication"], "NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn a_detached_signature_finds_the_file_beside_it_and_a_folder_its_anchors() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("trust-root.pem"), folder.path().join("root.crt")).unwrap();
    std::fs::write(folder.path().join("README.md"), "not a certificate").unwrap();
    let (code, value) = json(&["decision.txt.p7s"], &["--trust", folder.path().to_str().unwrap()]);
    assert_eq!((code, &value["files"][0]["verdict"]), (Some(0), &Json::from("valid")));
}

/// What a new user tries first: each says what to do next.
#[test]
fn the_way_out_is_named() {
    let said = |arguments: &[&str]| {
        let output = verify(arguments);
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code(), text)
    };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let (code, text) = said(&[place]);
    assert!(code == Some(2) && text.contains("là thư mục") && text.contains("*.pdf"), "{text}");
    let missing = folder.path().join("khong-co.pdf").display().to_string();
    // The name that is wrong is told before the right one is checked.
    let (code, text) = said(&[&fixture("b-b.pdf"), &missing]);
    assert!(code == Some(2) && text.contains("không có tệp hay thư mục này") && text.lines().count() == 1, "{text}");
    let (code, text) = said(&[&fixture("b-b.pdf"), "--trust", &missing, "--lang", "en"]);
    assert!(code == Some(2) && text.contains("there is no such file or folder"), "{text}");
    let empty = folder.path().join("rong.pdf");
    std::fs::write(&empty, "").unwrap();
    let (code, text) = said(&[empty.to_str().unwrap()]);
    assert!(code == Some(0) && text.contains("Tệp rỗng."), "{text}");
    let (code, text) = said(&[&fixture("b-b.pdf")]);
    assert!(code == Some(0) && text.lines().nth(1).unwrap().contains("--trust"), "{text}");
    for name in ["signed.docx", "signed.xlsx", "signed.odt", "enveloped.xml"] {
        let (code, text) = said(&[&fixture(name)]);
        assert!(
            code == Some(0) && text.starts_with("chưa kết luận được") && text.contains("chưa kiểm tra được"),
            "{text}"
        );
    }
    let (code, text) = said(&["--help"]);
    assert!(code == Some(0) && text.contains("Exit codes"), "{text}");
}

#[test]
fn wrong_use_is_told_in_one_line() {
    for arguments in [
        vec!["no-such-file.pdf".to_owned()],
        vec![fixture("b-b.pdf"), "--at".to_owned(), "yesterday".to_owned()],
        vec![fixture("b-b.pdf"), "--trust".to_owned(), fixture("plain.xml")],
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = verify(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
    }
}
