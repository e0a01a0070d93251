//! Dependencies point inward: this list is the only place that says which crate may know which.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value as Json;

/// What each crate of the house may depend on, among the crates of the house.
const MAY_KNOW: [(&str, &[&str]); 9] = [
    ("criteria", &[]),
    ("scoring", &["criteria"]),
    ("signature", &["criteria"]),
    ("documents", &["criteria", "scoring"]),
    ("print", &["documents"]),
    ("cycle", &["criteria", "scoring"]),
    ("store", &["criteria", "scoring", "cycle"]),
    ("web", &["criteria", "scoring", "signature", "documents", "print", "cycle", "store"]),
    ("thuocdo", &["criteria", "scoring", "signature", "documents", "cycle", "store", "web"]),
];

/// Libraries that would bring a clock, a network, a database or a runtime into a pure crate.
const NOT_IN_PURE: [&str; 8] = ["tokio", "sqlx", "sea-orm", "reqwest", "axum", "chrono", "rand", "tempfile"];

/// The crates that do no input and output.
const PURE: [&str; 6] = ["criteria", "scoring", "signature", "documents", "print", "cycle"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .output()
        .unwrap();
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    let normal = |package: &Json| {
        let all = package["dependencies"].as_array().unwrap().clone();
        all.iter().filter(|one| one["kind"].is_null()).map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), normal(package))).collect()
}

#[test]
fn crates_know_only_what_lies_further_in() {
    let dependencies = dependencies();
    let house: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(house, listed, "every crate of the house is listed here");
    for (name, may) in MAY_KNOW {
        let known: Vec<&String> = dependencies[name].iter().filter(|one| house.contains(one.as_str())).collect();
        for one in known {
            assert!(may.contains(&one.as_str()), "{name} must not depend on {one}");
        }
    }
}

#[test]
fn pure_crates_bring_in_no_outside_world() {
    let dependencies = dependencies();
    for name in PURE {
        for banned in NOT_IN_PURE {
            assert!(!dependencies[name].contains(banned), "{name} must not depend on {banned}");
        }
    }
}

#[test]
fn pure_crates_touch_neither_files_nor_clock_nor_environment() {
    for name in PURE {
        let folder = format!("{}/../{name}/src", env!("CARGO_MANIFEST_DIR"));
        for file in files(folder.as_ref()) {
            let text = std::fs::read_to_string(&file).unwrap();
            for banned in
                ["std::fs", "std::env", "std::net", "SystemTime", "Instant::now", "Zoned::now", "Timestamp::now"]
            {
                assert!(!text.contains(banned), "{}: {banned}", file.display());
            }
        }
    }
}

#[test]
fn no_file_grows_beyond_what_a_reader_holds() {
    for (name, _) in MAY_KNOW {
        for file in files(format!("{}/../{name}/src", env!("CARGO_MANIFEST_DIR")).as_ref()) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 700, "{} has {lines} lines", file.display());
        }
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
