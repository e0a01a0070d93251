//! The schemas below `schemas/` are those of the types, and every real file fits them. `REGEN=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::collections::BTreeMap;

use criteria::Files;
use criteria::plan::PLAN_FILE;
use criteria::schema::schemas;
use criteria::set::HEAD_FILE;
use serde_json::{Value as Json, json};

#[test]
fn the_schemas_in_the_repository_are_those_of_the_types() {
    let folder = common::root().join("schemas");
    for (name, schema) in schemas() {
        let path = folder.join(name);
        let wanted = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("REGEN").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, wanted, "schemas/{name} is not what the types say: run the test with REGEN=1");
    }
}

fn validators() -> BTreeMap<&'static str, jsonschema::Validator> {
    schemas().into_iter().map(|(name, schema)| (name, jsonschema::validator_for(&schema).unwrap())).collect()
}

/// What a TOML file is as JSON, and which schema is its own.
fn documents() -> Vec<(String, &'static str, Json)> {
    let schema_of = |file: &str| match file {
        HEAD_FILE => "set.json",
        PLAN_FILE => "plan.json",
        _ if file.starts_with("examples/") => "examples.json",
        _ if file.contains("--") => "mapping.json",
        _ => "pillar.json",
    };
    let mut folders: Vec<(String, Files)> = common::folders("criteria", HEAD_FILE);
    folders.extend(common::folders("plans", PLAN_FILE));
    folders.push(("mappings".to_owned(), common::files(&common::root().join("criteria/mappings"))));
    let mut documents = Vec::new();
    for (folder, files) in folders {
        for (file, text) in files.into_iter().filter(|(file, _)| file.ends_with(".toml")) {
            let json = toml_edit::de::from_str(&text).unwrap();
            documents.push((format!("{folder}/{file}"), schema_of(&file), json));
        }
    }
    documents
}

#[test]
fn every_real_file_fits_its_schema() {
    let validators = validators();
    let documents = documents();
    assert!(documents.len() > 60, "{} files", documents.len());
    for (file, schema, json) in documents {
        let errors: Vec<String> = validators[schema].iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{file} and {schema}");
    }
}

#[test]
fn a_schema_refuses_what_the_reader_refuses() {
    let validators = validators();
    let pillar = |indicator: Json| json!({ "pillar": { "no": "I", "name": "Nhóm" }, "indicator": [indicator] });
    let rule = json!({ "kind": "yes-no", "asks": "?" });
    let fits = |indicator: Json| validators["pillar.json"].is_valid(&pillar(indicator));
    assert!(fits(json!({ "id": "I.1", "no": "1", "name": "Tên", "points": "2.5", "due": ["10-31"], "rule": rule })));
    for refused in [
        json!({ "id": "I.1", "no": "1", "name": "Tên", "poins": "2.5", "rule": rule }),
        json!({ "id": "I.1", "no": "1", "name": "Tên", "points": 2.5, "rule": rule }),
        json!({ "id": "I.1", "no": "1", "name": "Tên", "points": "2,5", "rule": rule }),
        json!({ "id": "I.1", "no": "1", "name": "Tên", "due": "31-10", "rule": rule }),
        json!({ "id": "I.1", "no": "1", "name": "Tên", "rule": { "kind": "yes-no" } }),
        json!({ "id": "I.1", "no": "1", "name": "Tên", "rule": { "kind": "maybe", "asks": "?" } }),
        json!({ "id": "I.1", "no": "1", "name": "Tên" }),
    ] {
        assert!(!fits(refused.clone()), "{refused}");
    }
}

#[test]
fn every_schema_says_what_it_is_for() {
    for (name, schema) in schemas() {
        assert!(schema["title"].as_str().is_some_and(|title| !title.is_empty()), "{name}");
        assert!(schema["$id"].as_str().is_some_and(|id| id.ends_with(&format!("/{name}"))), "{name}");
    }
}
