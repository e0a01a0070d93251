//! `template`: the workbook that officials fill in.

use std::process::ExitCode;

use criteria::Language;
use serde_json::json;

use crate::arguments::TemplateArguments;
use crate::data::{Library, read_figures, read_units, write};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// Writes the workbook for the units named, with figures where there are any.
pub fn run(library: &Library<'_>, output: &Output, arguments: &TemplateArguments) -> Result<ExitCode, Failure> {
    let program = library.program(&arguments.set)?;
    let figures = arguments
        .figures
        .as_ref()
        .map(|path| read_figures(&program, path, scoring::KnownNotation::Unknown))
        .transpose()?;
    let units = match (&arguments.units, &figures) {
        (Some(path), _) => read_units(path)?,
        (None, Some(figures)) => figures.units.iter().map(|unit| unit.unit.clone()).collect(),
        (None, None) => Vec::new(),
    };
    let progress = Progress::over(arguments.output.display().to_string());
    let bytes =
        documents::workbook::template(&program, &units, figures.as_ref(), output.language).map_err(|error| {
            Failure::usage(format!("không tạo được tệp: {error}"), format!("cannot make the workbook: {error}"))
        })?;
    write(&arguments.output, &bytes)?;
    drop(progress);
    let (file, count) = (arguments.output.display(), units.len());
    if output.json {
        output.json(&json!({"file": file.to_string(), "units": count, "indicators": program.indicator_count()}));
        return Ok(ExitCode::SUCCESS);
    }
    output.line(match output.language {
        Language::Vietnamese => format!("{file}: {count} đơn vị, {} tiêu chí", program.indicator_count()),
        Language::English => format!("{file}: {count} units, {} indicators", program.indicator_count()),
    });
    Ok(ExitCode::SUCCESS)
}
