//! stub
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;
use criteria::CriteriaSet;
use criteria::mapping::Mapping;
use std::path::Path;
use std::process::ExitCode;
pub fn run(
    _: &Library<'_>,
    _: &Output,
    _: &str,
    _: &str,
    _: Option<&Path>,
    _: Option<&Path>,
) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
pub fn mapping(_: &Library<'_>, _: &CriteriaSet, _: &CriteriaSet, _: Option<&Path>) -> Result<Mapping, Failure> {
    Ok(Mapping { maps: vec![] })
}
