//! `sets show`: one set, for people and in the shape of DESIGN §9.

use std::process::ExitCode;

use criteria::model::ReadingStatus;
use criteria::plan::AssignmentPlan;
use criteria::quote::readable;
use criteria::{CriteriaSet, Language};
use serde_json::{Value as Json, json};

use crate::data::{Library, with_texts};
use crate::failure::Failure;
use crate::output::{DIM, Output, STRONG, left, right};

/// Shows a set, with who does what where a plan is named.
pub fn run(library: &Library<'_>, output: &Output, id: &str, plan: Option<&str>) -> Result<ExitCode, Failure> {
    let set = library.set(id)?;
    let plan = plan.map(|plan| read_plan(library, plan, &set)).transpose()?;
    if output.json {
        output.json(&as_json(&set, plan.as_ref(), output));
        return Ok(ExitCode::SUCCESS);
    }
    let head = &set.head;
    let document = &head.document;
    output.heading(format!("{} ({})", head.title, head.id));
    let annex = document.annex.as_ref().map(|annex| format!(", {annex}")).unwrap_or_default();
    output.line(format!("{} {}, {}{annex}. {}", document.kind, document.number, document.date, document.issuer));
    let (total, count) = (set.total(), set.indicators().count());
    output.line(match output.language {
        Language::Vietnamese => format!("{count} tiêu chí, {total} điểm; mã nội dung {}", set.hash()),
        Language::English => format!("{count} indicators, {total} points; content hash {}", set.hash()),
    });
    for pillar in &set.pillars {
        output.line("");
        let points = pillar.pillar.points.map_or_else(|| "–".to_owned(), |points| points.to_string());
        output.line(format!("{STRONG}{}. {} ({points}){STRONG:#}", pillar.pillar.no, pillar.pillar.name));
        let mut columns = vec![
            left("id"),
            right(output.pick("điểm", "points")),
            left(output.pick("hạn", "due")),
            left(output.pick("luật", "rule")),
            left(output.pick("tiêu chí", "indicator")),
        ];
        if plan.is_some() {
            columns.push(left(output.pick("ai làm", "who")));
        }
        let rows = pillar.indicators.iter().map(|indicator| {
            let due: Vec<String> =
                indicator.due.days().iter().map(|day| format!("{:02}/{:02}", day.day(), day.month())).collect();
            let points = indicator.points.map_or_else(|| "–".to_owned(), |points| points.to_string());
            let mut row = vec![
                indicator.id.clone(),
                points,
                due.join(", "),
                indicator.rule.kind().to_owned(),
                readable(&indicator.name),
            ];
            if let Some(plan) = &plan {
                row.push(leads(plan, &indicator.id).join("; "));
            }
            row
        });
        output.table(columns, rows.collect());
    }
    if !head.readings.is_empty() {
        output.line("");
        output.heading(output.pick("Cách hiểu những chỗ văn bản để ngỏ", "Readings of what the document leaves open"));
        for reading in &head.readings {
            let state = match reading.status {
                ReadingStatus::Open => output.pick("chưa quyết định", "open"),
                ReadingStatus::Decided => output.pick("đã quyết định", "decided"),
            };
            output.line(format!("{} [{state}] {}", reading.id, reading.asks));
            for variant in &reading.variants {
                let mark = if variant.id == reading.answer { "→" } else { " " };
                output.line(format!("  {mark} {}: {}", variant.id, variant.label));
            }
            output.line(format!("    {DIM}{} ({}){DIM:#}", readable(&reading.why), reading.at.join(", ")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan with an id or in a folder, which must be laid over this set.
fn read_plan(library: &Library<'_>, id: &str, set: &CriteriaSet) -> Result<AssignmentPlan, Failure> {
    let Some((folder, files)) = library.plan_files(id)? else {
        let known = library.plan_ids().join(", ");
        return Err(Failure::usage(
            format!("không có bảng phân công “{id}” (có: {known})"),
            format!("there is no assignment plan \"{id}\" (there are: {known})"),
        ));
    };
    AssignmentPlan::read(&folder, &files, set).map_err(|problems| with_texts(problems, &folder, files))
}

/// The names of the positions that lead an indicator.
fn leads<'a>(plan: &'a AssignmentPlan, indicator: &str) -> Vec<&'a str> {
    plan.assignments_of(indicator)
        .flat_map(|assignment| &assignment.lead)
        .filter_map(|id| plan.position(id))
        .map(|position| position.name.as_str())
        .collect()
}

fn as_json(set: &CriteriaSet, plan: Option<&AssignmentPlan>, output: &Output) -> Json {
    let findings: Vec<Json> =
        super::check::findings(set).iter().map(|finding| super::check::as_json(finding, output)).collect();
    let head = &set.head;
    let pillars = criteria::shown::pillars(set, plan);
    json!({
        "id": head.id, "title": head.title, "level": head.level, "total": set.total(), "maximum": set.maximum(),
        "year": head.year, "hash": set.hash(), "document": head.document, "period": head.period,
        "rounding": head.rounding, "result": head.result, "ranking": head.ranking,
        "profile": head.profile,
        "round": head.round,
        "readings": head.readings, "findings": findings, "pillars": pillars,
    })
}
