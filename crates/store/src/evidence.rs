//! Files of evidence, kept by the SHA-256 of their bytes in a folder.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::database::hex;
use crate::error::Error;
use crate::limits;

/// The folder of evidence.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

/// A file that is being taken in, piece by piece.
pub struct Upload {
    folder: Folder,
    coming: Coming,
    file: fs::File,
    hash: Sha256,
    bytes: u64,
    beginning: Vec<u8>,
}

/// Where a file is while it comes. It is taken away unless it was put in its place, also where whoever sent it is gone.
struct Coming(Option<PathBuf>);

impl Drop for Coming {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            drop(std::fs::remove_file(path));
        }
    }
}

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its kind, as found in its bytes.
    pub media: &'static str,
}

/// Why a file was not taken in.
#[derive(Debug)]
pub enum UploadRefusal {
    /// It is empty.
    Empty,
    /// It is larger than [`limits::EVIDENCE_BYTES_MAX`].
    TooLarge,
    /// Its bytes are of no kind that proves anything: a program, or nothing known.
    Kind,
    /// It could not be written.
    Failed(Error),
}

impl From<io::Error> for UploadRefusal {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Folder {
    /// Opens a folder, and makes it where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: PathBuf) -> Result<Self, Error> {
        let coming = root.join("coming");
        std::fs::create_dir_all(&coming)?;
        // What a program that was killed left behind. Other copies may be taking files in now.
        for file in std::fs::read_dir(&coming)?.flatten() {
            let age = file.metadata().and_then(|file| file.modified()).map(|at| at.elapsed().unwrap_or_default());
            if age.is_ok_and(|age| age > limits::UPLOAD_TAKES_MAX) {
                drop(std::fs::remove_file(file.path()));
            }
        }
        Ok(Self { root })
    }

    /// Where the file with this hash is kept. The hash must be one that this folder gave.
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        let well_formed = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| self.root.join(&sha256[..2]).join(sha256))
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn begin(&self) -> Result<Upload, UploadRefusal> {
        // Copies of the program on several machines share the folder: neither numbers nor process ids tell them apart.
        let mut name = [0_u8; 16];
        getrandom::fill(&mut name).map_err(io::Error::other)?;
        let path = self.root.join("coming").join(hex(&name));
        let file = fs::File::options().write(true).create_new(true).open(&path).await?;
        let coming = Coming(Some(path));
        Ok(Upload { folder: self.clone(), coming, file, hash: Sha256::new(), bytes: 0, beginning: Vec::new() })
    }

    /// Takes a whole file in.
    ///
    /// # Errors
    /// Why it was not taken in.
    pub async fn put(&self, bytes: &[u8]) -> Result<Stored, UploadRefusal> {
        let mut upload = self.begin().await?;
        match upload.write(bytes).await {
            Ok(()) => upload.finish(None).await,
            Err(refusal) => Err(refusal),
        }
    }

    /// Takes in what a check rests on, such as a responder's answer: of whatever kind, for no page ever shows it. Gives its
    /// hash.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn put_answer(&self, bytes: &[u8]) -> Result<String, Error> {
        let failed = |refusal| match refusal {
            UploadRefusal::Failed(error) => error,
            UploadRefusal::Empty | UploadRefusal::TooLarge | UploadRefusal::Kind => {
                Error::from(io::Error::from(io::ErrorKind::InvalidData))
            }
        };
        let mut upload = self.begin().await.map_err(failed)?;
        upload.write(bytes).await.map_err(failed)?;
        Ok(upload.keep("application/octet-stream").await.map_err(failed)?.sha256)
    }

    /// The bytes of a file; `None` where it is not kept.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn read(&self, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(path) = self.path(sha256) else { return Ok(None) };
        match fs::read(path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A file to read piece by piece, and its size in bytes; `None` where it is not kept.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn open_file(&self, sha256: &str) -> Result<Option<(fs::File, u64)>, Error> {
        let Some(path) = self.path(sha256) else { return Ok(None) };
        match fs::File::open(path).await {
            Ok(file) => {
                let bytes = file.metadata().await?.len();
                Ok(Some((file, bytes)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Upload {
    /// Takes the next piece.
    ///
    /// # Errors
    /// The file has become too large, or cannot be written.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), UploadRefusal> {
        self.bytes += piece.len() as u64;
        if self.bytes > limits::EVIDENCE_BYTES_MAX {
            return Err(UploadRefusal::TooLarge);
        }
        if self.beginning.len() < 1024 {
            let more = (1024 - self.beginning.len()).min(piece.len());
            self.beginning.extend_from_slice(&piece[..more]);
        }
        self.hash.update(piece);
        self.file.write_all(piece).await?;
        Ok(())
    }

    /// Puts the file in its place, on the disk for good.
    ///
    /// # Errors
    /// The file is empty, of no kind that is taken or under a name of another kind, or cannot be written.
    pub async fn finish(self, name: Option<&str>) -> Result<Stored, UploadRefusal> {
        let media = media_of(&self.beginning).filter(|media| name.is_none_or(|name| is_named_after(media, name)));
        let (Some(media), true) = (media, self.bytes > 0) else {
            let refusal = if self.bytes == 0 { UploadRefusal::Empty } else { UploadRefusal::Kind };
            return Err(refusal);
        };
        self.keep(media).await
    }

    async fn keep(mut self, media: &'static str) -> Result<Stored, UploadRefusal> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        let folder = self.folder.root.join(&sha256[..2]);
        fs::create_dir_all(&folder).await?;
        if let Some(coming) = self.coming.0.take()
            && let Err(error) = fs::rename(&coming, folder.join(&sha256)).await
        {
            self.coming.0 = Some(coming);
            return Err(error.into());
        }
        // The name must be on the disk too, before anybody is told that the file is kept.
        fs::File::open(&folder).await?.sync_all().await?;
        fs::File::open(&self.folder.root).await?.sync_all().await?;
        Ok(Stored { sha256, bytes: self.bytes, media })
    }
}

/// What a file is, by its first bytes: the kinds that officials prove things with. Programs and pages that run
/// scripts are none of them.
pub fn media_of(beginning: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 9] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"PK\x03\x04", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"\x30\x82", "application/pkcs7-mime"),
        (b"\x30\x80", "application/pkcs7-mime"),
        (b"<?xml", "application/xml"),
    ];
    if let Some((_, media)) = MARKS.iter().find(|(mark, _)| beginning.starts_with(mark)) {
        return Some(media);
    }
    // XML as some programs begin it: with a mark of its encoding.
    let marked: [&[u8]; 3] = [b"\xef\xbb\xbf<?xml", b"\xff\xfe<\0?\0x\0m\0l\0", b"\xfe\xff\0<\0?\0x\0m\0l"];
    if marked.iter().any(|mark| beginning.starts_with(mark)) {
        return Some("application/xml");
    }
    if beginning.starts_with(b"RIFF") && beginning.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    if beginning.get(4..8) == Some(b"ftyp") {
        return Some("video/mp4");
    }
    // Text, where it is not a page: bytes of UTF-8 without control characters.
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        // The piece that was looked at may end within a letter.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&beginning[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return None,
    };
    let plain = !text.is_empty()
        && !text.trim_start_matches('\u{feff}').trim_start().starts_with(['<', '#'])
        && text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
    plain.then_some("text/plain")
}

/// Whether a file may be called so: text is text by its name too, for what opens a file goes by that.
fn is_named_after(media: &str, name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    media != "text/plain" || ["txt", "csv", "tsv", "md"].contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Folder, is_named_after, media_of};

    #[tokio::test]
    async fn copies_of_the_program_share_a_folder_and_what_was_cut_off_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let coming = || std::fs::read_dir(root.path().join("coming")).expect("it is there").count();
        // Two copies, each with a folder of its own over the same disk, as if they had the same process id.
        let [one, other] = [0, 1].map(|_| Folder::open(root.path().into()).expect("it opens"));
        let (mut first, mut second) = (one.begin().await.expect("it begins"), other.begin().await.expect("it begins"));
        first.write(b"%PDF-1.7 of one").await.expect("it is written");
        second.write(b"%PDF-1.7 of the other").await.expect("it is written");
        assert_eq!(coming(), 2);
        drop(second);
        let stored = first.finish(None).await.expect("it is kept");
        assert_eq!(one.read(&stored.sha256).await.expect("it is read"), Some(b"%PDF-1.7 of one".to_vec()));
        assert_eq!(coming(), 0);
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(media_of(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(media_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_of(b"\xef\xbb\xbf<?xml version='1.0'?>"), Some("application/xml"));
        assert_eq!(media_of("Danh sách tin bài".as_bytes()), Some("text/plain"));
        assert!(is_named_after("text/plain", "Danh sách.TXT") && is_named_after("application/pdf", "không đuôi"));
        assert!(!is_named_after("text/plain", "x.bat") && !is_named_after("text/plain", "x.hta"));
    }

    #[test]
    fn pages_and_programs_prove_nothing() {
        for beginning in [&b"<html><script>"[..], b"  <svg onload=x>", b"#!/bin/sh", b"MZ\x90\x00", b"\x7fELF", b""] {
            assert_eq!(media_of(beginning), None, "{beginning:?}");
        }
    }
}
