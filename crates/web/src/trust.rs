//! Whom the operator trusts: a folder of certificates, read at the start and looked at again now and then.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use signature::{Anchors, Policy};

/// Files of a folder that may hold certificates.
const CERTIFICATE_ENDINGS: [&str; 4] = ["pem", "crt", "cer", "der"];
/// Largest file of certificates, in bytes.
const CERTIFICATES_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The anchors as they were last read.
#[derive(Clone, Debug)]
pub struct Known {
    /// The certificates.
    pub anchors: Anchors,
    /// Their hash: a verdict is as old as the anchors that it was given with.
    pub hash: String,
    /// Files that hold no certificate or cannot be read, with why.
    pub faults: Vec<String>,
}

/// Whom the operator trusts.
#[derive(Debug)]
pub struct Trust {
    /// The folder; `None` where nobody is trusted.
    pub folder: Option<PathBuf>,
    /// What is taken for strong enough.
    pub policy: Policy,
    known: RwLock<Arc<Known>>,
    asked: Mutex<Option<String>>,
}

/// The files of a folder that may hold certificates, by name.
///
/// # Errors
/// The folder cannot be read.
pub fn certificate_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            ending.is_some_and(|ending| CERTIFICATE_ENDINGS.contains(&ending.as_str()))
        })
        .collect();
    files.sort();
    Ok(files)
}

fn read(folder: Option<&Path>) -> Known {
    let (mut anchors, mut faults) = (Anchors::none(), Vec::new());
    let files = match folder.map(certificate_files) {
        // A folder that is not there trusts nobody, as an empty one does.
        None => Vec::new(),
        Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Some(Err(error)) => {
            faults.push(error.to_string());
            Vec::new()
        }
        Some(Ok(files)) => files,
    };
    for file in files {
        let small = std::fs::metadata(&file).is_ok_and(|meta| meta.len() <= CERTIFICATES_BYTES_MAX);
        match std::fs::read(&file) {
            Ok(bytes) if small && Anchors::holds_certificate(&bytes) => {
                anchors.add(&bytes);
            }
            Ok(_) => faults.push(format!("{}: không có chứng thư / holds no certificate", file.display())),
            Err(error) => faults.push(format!("{}: {error}", file.display())),
        }
    }
    Known { hash: anchors.hash(), anchors, faults }
}

impl Default for Trust {
    fn default() -> Self {
        Self::at(None)
    }
}

impl Trust {
    /// Reads a folder.
    pub fn at(folder: Option<PathBuf>) -> Self {
        let known = RwLock::new(Arc::new(read(folder.as_deref())));
        Self { folder, policy: Policy::default(), known, asked: Mutex::new(None) }
    }

    /// The anchors as they were last read.
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether these anchors are others than when this was last asked; the first time they are.
    pub fn changed(&self) -> bool {
        let hash = Some(self.known().hash.clone());
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *asked != hash;
        *asked = hash;
        changed
    }

    /// Reads the folder again.
    pub fn look_again(&self) {
        let now = read(self.folder.as_deref());
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
    }
}
