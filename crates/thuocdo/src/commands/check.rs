//! `sets check`: what a sharp-eyed clerk finds in a set, and whether its worked examples hold.

use std::process::ExitCode;

use criteria::check::{Finding, Severity};
use criteria::{CriteriaSet, Language};
use serde_json::{Value as Json, json};

use crate::data::Library;
use crate::failure::Failure;
use crate::output::{BAD, DIM, DOUBTFUL, Output, STRONG};

/// Checks a set; 1 where there is an error.
pub fn run(library: &Library<'_>, output: &Output, id: &str) -> Result<ExitCode, Failure> {
    let set = library.set(id)?;
    let findings = findings(&set);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    if output.json {
        let findings: Vec<Json> = findings.iter().map(|finding| as_json(finding, output)).collect();
        output.json(&json!({"set": set.head.id, "errors": errors, "warnings": warnings, "findings": findings}));
    } else {
        for finding in &findings {
            print(finding, output);
        }
        let examples = set.examples.len();
        output.line(match output.language {
            Language::Vietnamese => format!(
                "{STRONG}{}{STRONG:#}: {errors} lỗi, {warnings} cảnh báo, {notes} ghi chú; {examples} ví dụ tính điểm đã chạy",
                set.head.id
            ),
            Language::English => format!(
                "{STRONG}{}{STRONG:#}: {errors} errors, {warnings} warnings, {notes} notes; {examples} worked examples were run",
                set.head.id
            ),
        });
    }
    Ok(if errors > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
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

fn print(finding: &Finding, output: &Output) {
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
