//! `score`: explained score sheets.

use std::process::ExitCode;

use criteria::quote::readable;
use criteria::{Language, Number};
use scoring::explain::{self, Explanation, Reason};
use scoring::score::{Scores, State};
use scoring::{Figures, Program, UnitFigures, number_text, sentence};
use serde_json::{Value as Json, json};

use crate::arguments::ScoreArguments;
use crate::data::Library;
use crate::failure::Failure;
use crate::output::{DIM, DOUBTFUL, Output, STRONG};

/// Scores every unit, or the one that is named.
pub fn run(library: &Library<'_>, output: &Output, arguments: &ScoreArguments) -> Result<ExitCode, Failure> {
    let (program, figures) = library.figures(&arguments.figures)?;
    let scores = scoring::score::score(&program, &figures, super::threads());
    let wanted = match &arguments.unit {
        Some(name) => vec![unit_index(&figures, name)?],
        None => (0..figures.units.len()).collect(),
    };
    if output.json {
        let units: Vec<Json> =
            wanted.iter().map(|&unit| unit_json(&program, &figures, &scores, unit, output.language)).collect();
        output
            .json(&json!({"set": program.set.head.id, "hash": program.set_hash, "year": program.year, "units": units}));
    } else {
        for unit in wanted {
            sheet(&program, &figures, &scores, unit, output);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The place of a unit among the figures.
pub fn unit_index(figures: &Figures, name: &str) -> Result<usize, Failure> {
    figures.units.iter().position(|unit| unit.unit == name).ok_or_else(|| {
        Failure::usage(format!("tệp số liệu không có đơn vị “{name}”"), format!("the figures have no unit \"{name}\""))
    })
}

/// One unit's sheet for people: the result, the pillars, then every indicator with the sentence of its points.
pub fn sheet(program: &Program, figures: &Figures, scores: &Scores, index: usize, output: &Output) {
    let (unit, score) = (&figures.units[index], &scores.units[index]);
    let places = program.set.head.rounding.places;
    let points = |number: Number| number_text::points(number, places, output.language);
    output.heading(format!("{} – {}", unit.unit, program.set.head.title));
    let comparable = score.comparable.map_or_else(|| "–".to_owned(), points);
    let excluded = if score.excluded > Number::ZERO {
        let (of, excluded) = (points(score.maximum), points(score.excluded));
        match output.language {
            Language::Vietnamese => format!(", trong đó {excluded} không áp dụng; quy đổi về {of}: {comparable}"),
            Language::English => {
                format!(", of which {excluded} do not apply; comparable result out of {of}: {comparable}")
            }
        }
    } else {
        String::new()
    };
    let of = output.pick("trên", "of");
    output.line(format!("{STRONG}{}{STRONG:#} {of} {}{excluded}", points(score.points), points(score.maximum)));
    let mut next = 0;
    for (pillar, pillar_score) in program.set.pillars.iter().zip(&score.pillars) {
        output.line("");
        output.line(format!(
            "{STRONG}{}. {}: {}/{}{STRONG:#}",
            pillar.pillar.no,
            pillar.pillar.name,
            points(pillar_score.points),
            points(pillar_score.maximum)
        ));
        for indicator in &pillar.indicators {
            let explanation = explain::explain(program, figures, unit, scores, next);
            let style = match explanation.state {
                State::Missing => DOUBTFUL,
                State::NotApplicable => DIM,
                State::Scored | State::Judged => anstyle::Style::new(),
            };
            let got =
                if explanation.state == State::NotApplicable { "–".to_owned() } else { points(explanation.points) };
            let name = readable(&indicator.name);
            output.line(format!("  {style}{:<9} {got:>6}/{:<5} {name}{style:#}", indicator.id, explanation.maximum));
            output.line(format!("  {:<9} {DIM}{}{DIM:#}", "", sentence::sentence(&explanation, output.language)));
            next += 1;
        }
    }
}

/// One unit in the shape of DESIGN §9.
pub fn unit_json(program: &Program, figures: &Figures, scores: &Scores, index: usize, language: Language) -> Json {
    let (unit, score) = (&figures.units[index], &scores.units[index]);
    let places = program.set.head.rounding.places;
    let pillars: Vec<Json> = program
        .set
        .pillars
        .iter()
        .zip(&score.pillars)
        .map(|(pillar, score)| {
            json!({
                "no": pillar.pillar.no, "name": readable(&pillar.pillar.name), "points": score.points.with_places(places),
                "maximum": score.maximum, "excluded": score.excluded,
            })
        })
        .collect();
    let indicators: Vec<Json> =
        (0..program.indicator_count()).map(|at| indicator_json(program, figures, unit, scores, at, language)).collect();
    json!({
        "unit": unit.unit, "points": score.points.with_places(places), "maximum": score.maximum, "excluded": score.excluded,
        "comparable": score.comparable.map(|number| number.with_places(program.set.head.result.places)),
        "pillars": pillars, "indicators": indicators,
    })
}

/// One indicator of one unit, with its reason.
pub fn indicator_json(
    program: &Program,
    figures: &Figures,
    unit: &UnitFigures,
    scores: &Scores,
    at: usize,
    language: Language,
) -> Json {
    let explanation = explain::explain(program, figures, unit, scores, at);
    let readings: Vec<Json> = explanation
        .readings
        .iter()
        .map(|reading| json!({"id": reading.id, "answer": reading.answer, "open": reading.open}))
        .collect();
    json!({
        "id": explanation.indicator.id, "name": readable(&explanation.indicator.name), "state": explanation.state.name(),
        "points": explanation.points.with_places(program.set.head.rounding.places),
        "maximum": explanation.maximum, "excluded": explanation.excluded,
        "because": because(&explanation, language), "readings": readings,
        "sentence": sentence::sentence(&explanation, language),
        "citation": sentence::citation(&program.set.head.document, &explanation.indicator.id),
    })
}

fn because(explanation: &Explanation<'_>, language: Language) -> Vec<Json> {
    match &explanation.exempt {
        Some((used, _)) => vec![figure_json(used, language), json!({"branch": "exempt"})],
        None => reason_json(&explanation.reason, language),
    }
}

fn reason_json(reason: &Reason<'_>, language: Language) -> Vec<Json> {
    let mut items: Vec<Json> = reason.figures.iter().map(|used| figure_json(used, language)).collect();
    items.push(json!({"branch": reason.branch.name(), "rule": reason.kind, "maximum": reason.maximum}));
    for used in &reason.modifiers {
        items.push(json!({
            "modifier": used.kind.name(), "result": used.kind.branch(used.result), "figure": figure_json(&used.figure, language),
        }));
    }
    for part in &reason.parts {
        items.push(json!({
            "part": part.id, "label": part.label, "maximum": part.reason.maximum,
            "points": part.reason.points.round(criteria::model::RoundingMode::HalfUp, 6),
            "because": reason_json(&part.reason, language),
        }));
    }
    items
}

fn figure_json(used: &explain::Used<'_>, language: Language) -> Json {
    let origin = used.origin.map(|origin| json!({"place": origin.place, "typed": origin.typed}));
    json!({
        "figure": used.reference, "label": used.figure.label, "kind": used.figure.kind, "unit": used.figure.unit,
        "value": scoring::figures::written(used.figure, used.cell, used.origin),
        "shown": sentence::value(used, language), "origin": origin,
    })
}
