//! The real sets and plans, as files.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests, which fail by panicking")]

use std::path::{Path, PathBuf};

use criteria::set::HEAD_FILE;
use criteria::{CriteriaSet, Files};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every text file of a folder.
pub fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The folders below `parent` that hold a file named `file`, with their files.
pub fn folders(parent: &str, file: &str) -> Vec<(String, Files)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root().join(parent)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let paths = paths.into_iter().filter(|path| path.join(file).is_file());
    paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), files(&path))).collect()
}

/// Every set below `criteria/`, with its files.
pub fn sets() -> Vec<(CriteriaSet, Files)> {
    let sets = folders("criteria", HEAD_FILE).into_iter();
    sets.map(|(folder, files)| (CriteriaSet::read(&folder, &files).unwrap(), files)).collect()
}

/// The official set with this id.
pub fn official_set(id: &str) -> CriteriaSet {
    CriteriaSet::read(id, &files(&root().join("criteria").join(id))).unwrap()
}
