//! Packed files (DOCX, XLSX) without their traps: what they declare is checked before unpacking, and unpacking stops at
//! the limit whatever they declared.

use std::io::{Cursor, Read};

use criteria::Text;
use zip::ZipArchive;

use super::limits;

/// An opened packed file.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    /// Opens a packed file whose declared sizes keep the limits.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Text> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        let (parts, most) = (zip.len(), limits::PARTS_MAX);
        if parts > most {
            return Err(Text::new(
                format!("tệp nén có {parts} phần; tối đa {most}"),
                format!("the packed file has {parts} parts; at most {most} are read"),
            ));
        }
        let mut total = 0_u64;
        for index in 0..parts {
            let part = zip.by_index_raw(index).map_err(|error| damaged(&error))?;
            let (size, packed) = (part.size(), part.compressed_size());
            let name = part.name().map_err(|error| damaged(&error))?.into_owned();
            total = total.saturating_add(size);
            let ratio = size / packed.max(1);
            if size > limits::RATIO_FREE_BYTES && ratio > limits::RATIO_MAX {
                return Err(bomb(&name));
            }
        }
        if total > limits::UNPACKED_BYTES_MAX {
            let most = limits::UNPACKED_BYTES_MAX;
            return Err(Text::new(
                format!("tệp bung ra {total} byte; tối đa {most}"),
                format!("the file unpacks to {total} bytes; at most {most} are read"),
            ));
        }
        Ok(Self { zip })
    }

    /// Whether there is a part with this name.
    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// Whether there is a part whose name ends so.
    pub fn has_ending(&self, ending: &str) -> bool {
        self.zip.file_names().flatten().any(|name| name.ends_with(ending))
    }

    /// The names of all parts.
    pub fn names(&self) -> Vec<String> {
        self.zip.file_names().flatten().map(|name| name.into_owned()).collect()
    }

    /// A part of XML as text: without a document type, so that no entity of its own can grow or reach out.
    pub fn xml(&mut self, name: &str) -> Result<String, Text> {
        let part = self.zip.by_name(name).map_err(|error| damaged(&error))?;
        let packed = part.compressed_size();
        let mut bytes = Vec::new();
        part.take(limits::PART_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        let size = bytes.len() as u64;
        let grown = size > limits::RATIO_FREE_BYTES && size / packed.max(1) > limits::RATIO_MAX;
        if size > limits::PART_BYTES_MAX || grown {
            return Err(bomb(name));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| Text::new(format!("phần {name} không phải UTF-8"), format!("the part {name} is not UTF-8")))?;
        if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
            return Err(Text::new(
                format!("phần {name} khai báo thực thể XML (DOCTYPE), tệp Office thật không có: từ chối"),
                format!("the part {name} declares XML entities (DOCTYPE), which no real Office file does: refused"),
            ));
        }
        Ok(text)
    }
}

fn damaged(error: &dyn std::fmt::Display) -> Text {
    Text::new(format!("tệp nén hỏng ({error})"), format!("the packed file is damaged ({error})"))
}

fn bomb(name: &str) -> Text {
    let (most, ratio) = (limits::PART_BYTES_MAX, limits::RATIO_MAX);
    Text::new(
        format!("phần {name} bung ra quá lớn (tối đa {most} byte và {ratio} lần): có dấu hiệu bom nén"),
        format!(
            "the part {name} unpacks to too much (at most {most} bytes and {ratio} times): it looks like a zip bomb"
        ),
    )
}
