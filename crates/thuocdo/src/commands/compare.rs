//! `sets compare`: what changed from one set to another, and the mapping between them.

use std::path::Path;
use std::process::ExitCode;

use criteria::compare::{DifferenceKind, compare};
use criteria::mapping::Mapping;
use criteria::{CriteriaSet, Language};
use serde_json::{Value as Json, json};

use crate::data::{Library, read_text, write};
use crate::failure::Failure;
use crate::output::{DIM, Output, STRONG};

/// Compares two sets along a mapping: the one named, the one kept, or a proposed one.
pub fn run(
    library: &Library<'_>,
    output: &Output,
    a: &str,
    b: &str,
    named: Option<&Path>,
    write_to: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let (from, to) = (library.set(a)?, library.set(b)?);
    let mapping = mapping(library, &from, &to, named)?;
    let differences = compare(&from, &to, &mapping);
    if let Some(path) = write_to {
        write(path, mapping.to_toml().as_bytes())?;
    }
    if output.json {
        let differences: Vec<Json> = differences
            .iter()
            .map(|one| {
                json!({
                    "kind": one.kind, "from": one.from, "to": one.to, "before": one.before, "after": one.after,
                    "message": output.text(&one.message),
                })
            })
            .collect();
        output.json(
            &json!({"from": from.head.id, "to": to.head.id, "mapping": mapping.maps, "differences": differences}),
        );
        return Ok(ExitCode::SUCCESS);
    }
    for one in &differences {
        let (style, word) = match one.kind {
            DifferenceKind::Added => (STRONG, output.pick("thêm", "added")),
            DifferenceKind::Removed => (STRONG, output.pick("bỏ", "removed")),
            DifferenceKind::Renumbered => (DIM, output.pick("đổi số", "renumbered")),
            DifferenceKind::Renamed => (DIM, output.pick("đổi tên", "renamed")),
            DifferenceKind::Points => (STRONG, output.pick("đổi điểm", "points")),
            DifferenceKind::Rule => (STRONG, output.pick("đổi luật", "rule")),
            DifferenceKind::Text => (DIM, output.pick("đổi lời văn", "words")),
            DifferenceKind::Due => (DIM, output.pick("đổi hạn", "deadline")),
            DifferenceKind::Evidence => (DIM, output.pick("đổi tài liệu", "evidence")),
        };
        let place = one.to.as_deref().or(one.from.as_deref()).unwrap_or_default();
        let change = match (one.before.is_empty(), one.after.is_empty()) {
            (true, _) => short(&one.after),
            (_, true) => short(&one.before),
            _ => format!("{} → {}", short(&one.before), short(&one.after)),
        };
        output.line(format!("{place:<9} {style}{word}{style:#}: {change}"));
    }
    let count = |kind| differences.iter().filter(|one| one.kind == kind).count();
    let (pairs, added, removed) = (mapping.maps.len(), count(DifferenceKind::Added), count(DifferenceKind::Removed));
    output.line("");
    output.line(match output.language {
        Language::Vietnamese => format!("{pairs} cặp nối tiếp, {added} tiêu chí thêm, {removed} tiêu chí bỏ"),
        Language::English => format!("{pairs} pairs, {added} indicators added, {removed} removed"),
    });
    Ok(ExitCode::SUCCESS)
}

/// The mapping between two sets: the one named, else the one kept for them, else a proposed one.
pub fn mapping(
    library: &Library<'_>,
    from: &CriteriaSet,
    to: &CriteriaSet,
    named: Option<&Path>,
) -> Result<Mapping, Failure> {
    let kept = match named {
        Some(path) => Some((path.display().to_string(), read_text(path)?)),
        None => library.mapping(&from.head.id, &to.head.id),
    };
    match kept {
        Some((file, text)) => Mapping::read(&file, &text, from, to)
            .map_err(|problems| Failure::Problems(problems, vec![(file.clone(), text.clone())])),
        None => Ok(Mapping::propose(from, to)),
    }
}

fn short(words: &str) -> String {
    let start: String = words.chars().take(90).collect();
    if start.len() < words.len() { format!("{} …", start.trim_end()) } else { start }
}
