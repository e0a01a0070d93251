//! `explain`: why one indicator of one unit has its points, down to the law's words.

use std::process::ExitCode;

use criteria::quote::readable;
use criteria::{Language, Number};
use scoring::{explain, number_text, sentence};

use crate::arguments::ExplainArguments;
use crate::data::Library;
use crate::failure::Failure;
use crate::output::{DIM, Output, STRONG};

/// Explains one score.
pub fn run(library: &Library<'_>, output: &Output, arguments: &ExplainArguments) -> Result<ExitCode, Failure> {
    let (program, figures) = library.figures(&arguments.figures)?;
    let unit = super::score::unit_index(&figures, &arguments.unit)?;
    let id = &arguments.indicator;
    let index = program.indicator_index(id).ok_or_else(|| {
        let set = &program.set.head.id;
        Failure::usage(
            format!("bộ chỉ số {set} không có chỉ số “{id}”"),
            format!("the set {set} has no indicator \"{id}\""),
        )
    })?;
    let scores = scoring::score::score(&program, &figures, super::threads());
    let unit = &figures.units[unit];
    if output.json {
        let mut json = super::score::indicator_json(&program, &figures, unit, &scores, index, output.language);
        json["unit"] = unit.unit.clone().into();
        json["set"] = program.set.head.id.clone().into();
        output.json(&json);
        return Ok(ExitCode::SUCCESS);
    }
    let explanation = explain::explain(&program, &figures, unit, &scores, index);
    let indicator = explanation.indicator;
    let points = |number: Number| number_text::points(number, program.set.head.rounding.places, output.language);
    output.heading(format!("{} – {} {}", unit.unit, indicator.id, readable(&indicator.name)));
    let (got, maximum) = (points(explanation.points), points(explanation.maximum));
    output.line(match output.language {
        Language::Vietnamese => format!("{STRONG}{got}{STRONG:#} trên {maximum} điểm"),
        Language::English => format!("{STRONG}{got}{STRONG:#} of {maximum} points"),
    });
    output.line(sentence::sentence(&explanation, output.language));
    output.line("");
    output.line(format!("{DIM}{}{DIM:#}", sentence::citation(&program.set.head.document, &indicator.id)));
    for words in [&indicator.guidance, &indicator.text].into_iter().flatten() {
        output.line(format!("  {}", readable(words)));
    }
    for evidence in &indicator.evidence {
        let signed = if evidence.signed { output.pick(" (có ký số)", " (digitally signed)") } else { "" };
        output.line(format!(
            "  {}: {}{signed}",
            output.pick("Tài liệu kiểm chứng", "Evidence"),
            readable(&evidence.what)
        ));
    }
    for reading in &explanation.readings {
        let state = if reading.open {
            output.pick("chưa quyết định", "open")
        } else {
            output.pick("đã quyết định", "decided")
        };
        output.line("");
        output.line(format!("{DIM}{} [{}] {state}{DIM:#}", output.pick("Cách hiểu", "Reading"), reading.id));
        output.line(format!("  {} → {}", reading.asks, reading.label));
    }
    Ok(ExitCode::SUCCESS)
}
