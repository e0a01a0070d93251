//! `made-up`: figures from a seed, for trying things out. The units' names say that they are made up.

use std::process::ExitCode;

use crate::arguments::MadeUpArguments;
use crate::data::{Library, write};
use crate::failure::Failure;
use crate::made_up;
use crate::output::Output;

/// Makes figures up and writes them as CSV.
pub fn run(library: &Library<'_>, output: &Output, arguments: &MadeUpArguments) -> Result<ExitCode, Failure> {
    let set = library.set(&arguments.set)?;
    if arguments.units > criteria::limits::UNITS_MAX {
        let most = criteria::limits::UNITS_MAX;
        return Err(Failure::usage(format!("--units: tối đa {most}"), format!("--units: at most {most}")));
    }
    let csv = made_up::csv(&set, arguments.units, arguments.seed);
    match &arguments.output {
        Some(path) => write(path, csv.as_bytes())?,
        None => output.line(csv.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
