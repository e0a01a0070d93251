//! `audit verify`: is the log whole, and does every stored point follow from the stored facts?

use std::process::ExitCode;
use std::sync::Arc;

use criteria::Language;
use web::App;
use web::checks::again;

use super::serve::{block_on, open_as_it_is, sandbox, trust};
use crate::arguments::{CheckArguments, DataArguments};
use crate::failure::Failure;
use crate::output::Output;

/// Files that are asked for at once.
const PAGE: i64 = 256;

/// Recomputes everything and tells what does not fit; exit code 1 where something does not. With `checks`, files whose
/// verdict rests on answers from outside are checked again, too.
pub fn verify(output: &Output, at: &DataArguments, checks: Option<&CheckArguments>) -> Result<ExitCode, Failure> {
    let (report, again) = block_on(async {
        let store = open_as_it_is(at).await?;
        let mut report = store.audit().await.map_err(|error| Failure::Use(error.text()))?;
        let again = match checks {
            Some(checks) => {
                let mut app = App::new(store, web::Library::default(), false);
                app.trust = Arc::new(trust(&at.data, checks));
                app.sandbox = sandbox()?;
                let (again, faults) = signatures(&app).await?;
                report.faults.extend(faults);
                Some(again)
            }
            None => None,
        };
        Ok((report, again))
    })?;
    if output.json {
        output.json(&serde_json::json!({
            "events": report.events, "sheets": report.sheets, "entries": report.entries, "files": report.files,
            "publications": report.publications, "waiting": report.waiting, "faults": report.faults,
            "signatures": again.map(|(same, other)| serde_json::json!({"same": same, "other_anchors": other})),
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
        if let Some((same, other)) = again {
            output.line(match output.language {
                Language::Vietnamese => format!(
                    "{same} kết luận dựa vào câu trả lời qua mạng cho ra đúng như đã ghi; {other} kết luận có từ chứng thư gốc khác."
                ),
                Language::English => format!(
                    "{same} verdicts that rest on answers from outside come out as kept; {other} are from other trust anchors."
                ),
            });
        }
        report.faults.iter().for_each(|fault| output.line(fault));
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Makes every check again that rests on answers from outside. Gives how many came out the same and how many cannot be made
/// again for want of their anchors, and what is wrong.
async fn signatures(app: &App) -> Result<((u64, u64), Vec<String>), Failure> {
    let failed = |error: store::Error| Failure::Use(error.text());
    let (mut same, mut other, mut faults, mut after) = (0, 0, Vec::new(), String::new());
    loop {
        let files = app.store.checked_files(&after, PAGE).await.map_err(failed)?;
        let Some(last) = files.last().cloned() else { break };
        for file in files {
            let Some(kept) = app.store.file_report(&file).await.map_err(failed)? else { continue };
            if kept.found.asked.is_none() {
                continue;
            }
            let made = again(app, &kept.found).await.map_err(|error| {
                Failure::usage(
                    format!("không kiểm tra lại được {file}: {error}"),
                    format!("cannot check {file} again: {error}"),
                )
            })?;
            match made {
                None => other += 1,
                Some(report) if report == kept.found.report => same += 1,
                Some(_) => {
                    faults.push(format!("evidence {file}: the kept answers give another verdict than the kept one"))
                }
            }
        }
        after = last;
    }
    Ok(((same, other), faults))
}
