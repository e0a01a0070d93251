//! `sets check`: what a sharp-eyed clerk finds in a set, and whether its worked examples hold.

use std::process::ExitCode;

use criteria::check::{Finding, Severity};
use criteria::plan::AssignmentPlan;
use criteria::{CriteriaSet, Language};
use serde_json::{Value as Json, json};

use crate::data::{Library, with_texts};
use crate::failure::Failure;
use crate::output::{BAD, DIM, DOUBTFUL, Output, STRONG};

/// Checks a set, or an assignment plan; 1 where there is an error.
pub fn run(library: &Library<'_>, output: &Output, id: &str) -> Result<ExitCode, Failure> {
    if let Some((folder, files)) = library.plan_only(id)? {
        let set_id = AssignmentPlan::set_id(&files).unwrap_or_default();
        let set = library.set(&set_id)?;
        let plan =
            AssignmentPlan::read(&folder, &files, &set).map_err(|problems| with_texts(problems, &folder, files))?;
        let findings = criteria::check::check_plan(&plan, &set);
        return Ok(report(output, "plan", &plan.file.id, &findings, 0));
    }
    let set = library.set(id)?;
    Ok(report(output, "set", &set.head.id, &findings(&set), set.examples.len()))
}

fn report(output: &Output, what: &str, id: &str, findings: &[Finding], examples: usize) -> ExitCode {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    if output.json {
        let findings: Vec<Json> = findings.iter().map(|finding| as_json(finding, output)).collect();
        output.json(&json!({what: id, "errors": errors, "warnings": warnings, "findings": findings}));
    } else {
        for finding in findings {
            print(finding, output);
        }
        output.line(match output.language {
            Language::Vietnamese => format!(
                "{STRONG}{id}{STRONG:#}: {errors} lỗi, {warnings} cảnh báo, {notes} ghi chú; {examples} ví dụ tính điểm đã chạy"
            ),
            Language::English => format!(
                "{STRONG}{id}{STRONG:#}: {errors} errors, {warnings} warnings, {notes} notes; {examples} worked examples were run"
            ),
        });
    }
    if errors > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// What the checker finds, with the worked examples that do not hold.
pub fn findings(set: &CriteriaSet) -> Vec<Finding> {
    let mut findings = criteria::check::check(set);
    for result in scoring::examples::run(set) {
        if let Some(failure) = result.failure {
            findings.push(Finding::example_fails(&result.example.indicator, &result.example.name, failure));
        }
    }
    findings
}

/// A finding in the shape of DESIGN §9.
pub fn as_json(finding: &Finding, output: &Output) -> Json {
    json!({
        "severity": finding.severity, "code": finding.code, "at": finding.at, "quote": finding.quote,
        "message": output.text(&finding.message),
    })
}

/// Prints a finding for people.
pub fn print(finding: &Finding, output: &Output) {
    let (style, word) = match finding.severity {
        Severity::Error => (BAD, output.pick("lỗi", "error")),
        Severity::Warning => (DOUBTFUL, output.pick("cảnh báo", "warning")),
        Severity::Note => (DIM, output.pick("ghi chú", "note")),
    };
    let at = if finding.at.is_empty() { String::new() } else { format!(" {}", finding.at) };
    output.line(format!("{style}{word}{style:#}{at} [{}] {}", finding.code, output.text(&finding.message)));
    if !finding.quote.is_empty() {
        let quote: String = finding.quote.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = quote.chars().take(160).collect();
        let more = if short.len() < quote.len() { " …" } else { "" };
        output.line(format!("    {DIM}“{short}{more}”{DIM:#}"));
    }
}
