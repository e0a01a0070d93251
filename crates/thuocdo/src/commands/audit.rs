//! `audit verify`: is the log whole, and does every stored point follow from the stored facts?

use std::process::ExitCode;

use criteria::Language;

use super::serve::{block_on, open};
use crate::arguments::DataArguments;
use crate::failure::Failure;
use crate::output::Output;

/// Recomputes everything and tells what does not fit; exit code 1 where something does not.
pub fn verify(output: &Output, at: &DataArguments) -> Result<ExitCode, Failure> {
    let report = block_on(async {
        let store = open(at).await?;
        store.audit().await.map_err(|error| Failure::Use(error.text()))
    })?;
    if output.json {
        output.json(&serde_json::json!({
            "events": report.events, "sheets": report.sheets, "entries": report.entries, "files": report.files,
            "publications": report.publications, "waiting": report.waiting, "faults": report.faults,
        }));
    } else {
        let (events, sheets, entries, files) = (report.events, report.sheets, report.entries, report.files);
        output.line(match output.language {
            Language::Vietnamese => format!(
                "{events} sự kiện, {sheets} phiếu, {entries} chỉ số, {files} tệp đã tính lại: {} chỗ sai.",
                report.faults.len()
            ),
            Language::English => format!(
                "{events} events, {sheets} sheets, {entries} entries, {files} files computed again: {} faults.",
                report.faults.len()
            ),
        });
        report.faults.iter().for_each(|fault| output.line(fault));
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
