//! `sets import`: a draft set from the official document as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};
use std::process::ExitCode;

use criteria::plan::AssignmentPlan;
use criteria::{CriteriaSet, Files, Language};
use documents::import::report::Kind;
use documents::import::{Confidence, Draft, Options, PlanDraft, import, limits, plan};
use serde_json::{Value as Json, json};

use super::check;
use crate::data::{Library, read_bytes, write};
use crate::failure::Failure;
use crate::output::{BAD, DIM, DOUBTFUL, GOOD, Output, STRONG};
use crate::progress::Progress;

/// Letters of a quotation on the terminal.
const QUOTED_LETTERS: usize = 110;

/// Imports `file` into the folder `to`, which must not hold a set or plan yet: as a draft set, or as a plan laid over a
/// set that is there. 1 where the draft does not read.
pub fn run(
    library: &Library<'_>,
    output: &Output,
    file: &Path,
    to: &Path,
    id: Option<&str>,
    plan_over: Option<&str>,
) -> Result<ExitCode, Failure> {
    if let Some(id) = id.filter(|id| !is_id(id)) {
        return Err(Failure::usage(
            format!("--id “{id}”: chỉ dùng chữ thường không dấu, chữ số và dấu gạch nối"),
            format!("--id \"{id}\": lower-case letters without marks, digits and hyphens only"),
        ));
    }
    if to.join("set.toml").exists() || to.join("plan.toml").exists() {
        let folder = to.display();
        return Err(Failure::usage(
            format!("{folder} đã có một bộ chỉ số hoặc bảng phân công; hãy chọn thư mục khác"),
            format!("{folder} holds a set or plan already; choose another folder"),
        ));
    }
    let bytes = read_bytes(file, limits::FILE_BYTES_MAX as u64)?;
    let progress = Progress::over(file.display().to_string());
    // The report names the file, not where it lies on this machine.
    let name = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let folder_id = to.file_name().and_then(|name| name.to_str()).filter(|name| is_id(name)).map(str::to_owned);
    let options = Options { id: id.map(str::to_owned).or(folder_id) };
    let draft = import(&name, &bytes, &options).map_err(|refusal| Failure::Refused(vec![refusal]))?;
    if let Some(over) = plan_over {
        let set = library.set(over)?;
        let plan = plan(&draft, &set, &draft.set.head.id);
        write_all(to, &plan.files)?;
        drop(progress);
        return Ok(report_plan(output, &plan, &set, to));
    }
    write_all(to, &draft.files)?;
    drop(progress);
    report(output, &draft, to)
}

/// Writes a folder's files, each whole or not at all.
fn write_all(to: &Path, files: &Files) -> Result<(), Failure> {
    for (file, text) in files {
        let path = to.join(file);
        if !Path::new(file).components().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| {
                let folder = parent.display();
                Failure::usage(format!("không tạo được {folder}: {error}"), format!("cannot make {folder}: {error}"))
            })?;
        }
        write(&path, text.as_bytes())?;
    }
    Ok(())
}

fn report_plan(output: &Output, plan: &PlanDraft, set: &CriteriaSet, to: &Path) -> ExitCode {
    let findings = match AssignmentPlan::read("", &plan.files, set) {
        Ok(read) => criteria::check::check_plan(&read, set),
        Err(_) => Vec::new(),
    };
    let code = if plan.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) };
    let (assignments, positions) = (plan.file.assignments.len(), plan.file.positions.len());
    let excluded = plan.file.excluded.len();
    if output.json {
        let findings: Vec<Json> = findings.iter().map(|finding| check::as_json(finding, output)).collect();
        let doubts: Vec<&str> = plan.doubts.iter().map(|doubt| output.text(doubt)).collect();
        output.json(&json!({
            "plan": plan.file.id, "set": plan.file.set, "folder": to.display().to_string(), "assignments": assignments,
            "positions": positions, "excluded": excluded, "doubts": doubts, "findings": findings,
        }));
        return code;
    }
    let id = &plan.file.id;
    output.line(match output.language {
        Language::Vietnamese => format!(
            "{STRONG}{id}{STRONG:#}: {assignments} tiêu chí được giao, {positions} chức danh, {excluded} tiêu chí không áp dụng → {}",
            to.display()
        ),
        Language::English => format!(
            "{STRONG}{id}{STRONG:#}: {assignments} indicators assigned, {positions} positions, {excluded} that do not apply → {}",
            to.display()
        ),
    });
    for doubt in &plan.doubts {
        output.line(format!("{DOUBTFUL}{}{DOUBTFUL:#}: {}", output.pick("nghi vấn", "doubt"), output.text(doubt)));
    }
    for problem in &plan.problems {
        let word = output.pick("lỗi", "error");
        output.line(format!("{BAD}{word}{BAD:#} {}:{}: {}", problem.file, problem.line, output.text(&problem.message)));
    }
    findings.iter().for_each(|finding| check::print(finding, output));
    code
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 80
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The words that a proposal rests on, short enough for a line.
fn quoted(words: &str) -> String {
    match words.char_indices().nth(QUOTED_LETTERS) {
        Some((at, _)) => format!("“{} …”", words[..at].trim_end()),
        None => format!("“{words}”"),
    }
}

fn report(output: &Output, draft: &Draft, to: &Path) -> Result<ExitCode, Failure> {
    let findings = match CriteriaSet::read("", &draft.files) {
        Ok(set) => check::findings(&set),
        Err(_) => Vec::new(),
    };
    let count = |kind| draft.report.traces.iter().filter(|trace| trace.kind == kind).count();
    let (pillars, groups, indicators) = (count(Kind::Pillar), count(Kind::Group), count(Kind::Indicator));
    let mut sure: BTreeMap<Confidence, usize> = BTreeMap::new();
    for rule in draft.report.indicators().filter_map(|trace| trace.rule.as_ref()) {
        *sure.entry(rule.confidence).or_default() += 1;
    }
    let sure = |confidence| sure.get(&confidence).copied().unwrap_or_default();
    let (high, medium, low) = (sure(Confidence::High), sure(Confidence::Medium), sure(Confidence::Low));
    if output.json {
        let problems: Vec<Json> = draft
            .problems
            .iter()
            .map(|one| json!({"file": one.file, "line": one.line, "message": output.text(&one.message)}))
            .collect();
        let findings: Vec<Json> = findings.iter().map(|finding| check::as_json(finding, output)).collect();
        output.json(&json!({
            "set": draft.set.head.id, "folder": to.display().to_string(), "pillars": pillars, "groups": groups,
            "indicators": indicators, "damaged": draft.report.damaged,
            "confidence": {"high": high, "medium": medium, "low": low},
            "report": draft.report, "problems": problems, "findings": findings,
        }));
        return Ok(if draft.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    let id = &draft.set.head.id;
    output.line(match output.language {
        Language::Vietnamese => {
            format!("{STRONG}{id}{STRONG:#}: {pillars} trụ cột, {groups} nhóm, {indicators} chỉ số → {}", to.display())
        }
        Language::English => format!(
            "{STRONG}{id}{STRONG:#}: {pillars} pillars, {groups} groups, {indicators} indicators → {}",
            to.display()
        ),
    });
    output.line(match output.language {
        Language::Vietnamese => format!("luật được đề xuất: {high} chắc, {medium} vừa, {low} chỉ là đoán"),
        Language::English => format!("rules proposed: {high} sure, {medium} fairly sure, {low} guesses"),
    });
    for trace in draft.report.indicators() {
        let Some(rule) = &trace.rule else { continue };
        let (style, word) = match rule.confidence {
            Confidence::High => (GOOD, output.pick("chắc", "sure")),
            Confidence::Medium => (DOUBTFUL, output.pick("khá chắc", "fairly sure")),
            Confidence::Low => (BAD, output.pick("đoán", "guess")),
        };
        let words: Vec<String> = rule.words.iter().filter(|words| !words.is_empty()).map(|own| quoted(own)).collect();
        let (id, kind) = (&trace.id, rule.kind);
        output.line(format!("  {id}  {kind}  {style}{word}{style:#}  {DIM}{}{DIM:#}", words.join(" · ")));
    }
    let doubt = |at: &str, words: &str| {
        let at = if at.is_empty() { String::new() } else { format!(" {at}") };
        output.line(format!("{DOUBTFUL}{}{DOUBTFUL:#}{at}: {words}", output.pick("nghi vấn", "doubt")));
    };
    for text in draft.report.warnings.iter().chain(&draft.report.doubts) {
        doubt("", output.text(text));
    }
    for excluded in &draft.report.excluded {
        for why in &excluded.why {
            doubt(&excluded.id, output.text(why));
        }
    }
    for trace in &draft.report.traces {
        let place = trace.places.get("name").and_then(|places| places.first()).map(|place| place.text());
        for text in &trace.doubts {
            let place = place.as_ref().map_or("", |place| output.text(place));
            doubt(&trace.id, &format!("{} {DIM}({place}){DIM:#}", output.text(text)));
        }
    }
    for problem in &draft.problems {
        let word = output.pick("lỗi", "error");
        output.line(format!("{BAD}{word}{BAD:#} {}:{}: {}", problem.file, problem.line, output.text(&problem.message)));
    }
    for finding in &findings {
        check::print(finding, output);
    }
    output.line(match output.language {
        Language::Vietnamese => {
            "Đây là bản nháp: import.json chỉ chỗ của từng dòng trong văn bản; hãy đọc lại từng tiêu chí."
        }
        Language::English => {
            "This is a draft: import.json leads each line to its place in the document; read every criterion again."
        }
    });
    Ok(if draft.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
