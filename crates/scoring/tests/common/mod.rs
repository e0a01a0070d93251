//! What several test files need: sets from text or from the repository, figures from rows.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses its part; tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::path::Path;

use criteria::{CriteriaSet, Files};
use scoring::{Figures, KnownNotation, Notation, Program, RawFigure, RawValue, Refusal};

/// A set of one pillar from the text of its pillar's file and further lines of `set.toml` (`---` parts the lines
/// before the tables from those behind).
pub fn set(head: &str, pillar: &str) -> CriteriaSet {
    let (before, after) = head.split_once("---").unwrap_or((head, ""));
    let head = format!(
        "format = 1\nid = \"small\"\ntitle = \"Small\"\nlevel = \"commune\"\nyear = 2023\npillars = [\"1.toml\"]\n{before}\n\
         [document]\nkind = \"Quyết định\"\nnumber = \"1\"\ndate = \"2023-01-01\"\nissuer = \"Tỉnh\"\n{after}"
    );
    let files = Files::from([("set.toml".to_owned(), head), ("1.toml".to_owned(), pillar.to_owned())]);
    CriteriaSet::read("", &files).unwrap_or_else(|problems| panic!("{problems:#?}\n{pillar}"))
}

/// The program of a set as written.
pub fn program(set: &CriteriaSet) -> Program {
    Program::new(set, &BTreeMap::new(), None).unwrap()
}

/// A row of figures: unit, indicator, figure, value; empty for none.
pub fn row(unit: &str, indicator: &str, figure: &str, value: &str) -> RawFigure {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    RawFigure {
        unit: optional(unit),
        indicator: optional(indicator),
        figure: figure.to_owned(),
        value: RawValue::Text(value.to_owned()),
        place: format!("{unit}/{indicator}/{figure}"),
        column: String::new(),
    }
}

/// Figures from rows in which decimals have a point.
pub fn collect(program: &Program, rows: Vec<RawFigure>) -> Result<Figures, Vec<Refusal>> {
    scoring::figures::collect(program, rows, KnownNotation::Known(Notation::English))
}

/// Every official set of the repository.
pub fn official_sets() -> Vec<CriteriaSet> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../criteria");
    let mut sets: Vec<CriteriaSet> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("set.toml").is_file())
        .map(|path| {
            let mut files = Files::new();
            read_folder(&path, &path, &mut files);
            CriteriaSet::read("", &files).unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()))
        })
        .collect();
    sets.sort_by(|a, b| a.head.id.cmp(&b.head.id));
    sets
}

fn read_folder(base: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(base, &path, files);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}
