//! `sets export`: a set as a workbook to read.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::data::{Library, write};
use crate::failure::Failure;
use crate::output::Output;

/// Writes the set's workbook.
pub fn run(library: &Library<'_>, output: &Output, id: &str, file: &Path) -> Result<ExitCode, Failure> {
    let set = library.set(id)?;
    let bytes = documents::workbook::set_sheets(&set, output.language).map_err(|error| {
        Failure::usage(format!("không tạo được tệp: {error}"), format!("cannot make the workbook: {error}"))
    })?;
    write(file, &bytes)?;
    if output.json {
        output.json(&json!({"file": file.display().to_string(), "set": set.head.id, "hash": set.hash()}));
    } else {
        output.line(file.display().to_string());
    }
    Ok(ExitCode::SUCCESS)
}
