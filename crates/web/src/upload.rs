//! The one file that comes with a form, and a field beside it: what pages and API have in common.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use criteria::Text;

/// A file that came with a form.
pub struct Upload {
    /// What it is called, as it may be kept.
    pub name: String,
    /// Its bytes; at least one.
    pub bytes: Vec<u8>,
    /// What stood in the field that was asked for, where it came before the file.
    pub field: Option<String>,
}

impl Upload {
    /// The field beside it, read as an id; none where it is no id.
    pub fn id<T: std::str::FromStr>(&self) -> Option<T> {
        self.field.as_deref()?.parse().ok()
    }
}

/// Why there is no file.
pub enum NoFile {
    /// None was chosen.
    None,
    /// The one with this name is empty.
    Empty(String),
    /// It is larger than so many bytes, or was cut off.
    Broken(usize),
}

impl NoFile {
    /// Why, in words; an empty file counts as none, and `none` says what is to be chosen.
    pub fn text(self, none: Text) -> Text {
        match self {
            Self::None | Self::Empty(_) => none,
            Self::Broken(bytes_max) => {
                let most = bytes_max / (1024 * 1024);
                Text::new(
                    format!("Tệp tải lên bị ngắt giữa chừng hoặc lớn hơn {most} MB"),
                    format!("The upload was cut off, or is larger than {most} MB"),
                )
            }
        }
    }
}

/// Reads the first file of a form, of at most so many bytes, and the field `wanted` where it stands before it.
///
/// # Errors
/// There is no file in it.
pub async fn one_file(
    form: Result<Multipart, MultipartRejection>,
    wanted: &str,
    bytes_max: usize,
) -> Result<Upload, NoFile> {
    let broken = |_| NoFile::Broken(bytes_max);
    let mut form = form.map_err(|_| NoFile::None)?;
    let mut beside = None;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(given) = field.file_name().map(str::to_owned) else {
            if field.name() == Some(wanted) {
                beside = Some(field.text().await.map_err(broken)?);
            }
            continue;
        };
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > bytes_max {
                return Err(NoFile::Broken(bytes_max));
            }
        }
        let name = crate::pages::evidence::clean(&given);
        return match (given.is_empty(), bytes.is_empty()) {
            // A browser sends a field without a file as an empty one.
            (true, true) => Err(NoFile::None),
            (false, true) => Err(NoFile::Empty(name)),
            (_, false) => Ok(Upload { name, bytes, field: beside }),
        };
    }
    Err(NoFile::None)
}
