//! `demo`: the made-up province. A ranking of its communes, and one of them explained to the last point.

use std::process::ExitCode;

use criteria::{Language, Picks};
use scoring::{KnownNotation, Program};

use super::rank::{Table, print};
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;

/// The set that the demo shows.
const SET: &str = "hue-2263-2023-commune";
/// Its made-up figures, as they stand in the repository.
const FIGURES: &str = include_str!("../../../../examples/made-up/hue-2263-2023-commune.csv");

/// Prints the ranking and one explained sheet.
pub fn run(output: &Output) -> Result<ExitCode, Failure> {
    let set = Library::new(None).set(SET)?;
    let program = Program::new(&set, &Picks::new(), None)
        .map_err(|_| Failure::usage("bộ chỉ số mẫu bị hỏng", "the demo's set is broken"))?;
    let figures = scoring::input::from_csv("hue-2263-2023-commune.csv", FIGURES.as_bytes())
        .and_then(|rows| scoring::figures::collect(&program, rows, KnownNotation::Unknown))
        .map_err(Failure::Refused)?;
    let scores = scoring::score::score(&program, &figures, super::threads());
    let ranked = scoring::rank::rank(&program, &figures, &scores);
    let document = &program.set.head.document;
    let (units, number) = (figures.units.len(), &document.number);
    output.heading(match output.language {
        Language::Vietnamese => {
            format!("{units} xã mẫu, chấm theo {} {number}; mọi đơn vị và số liệu đều là giả định", document.kind)
        }
        Language::English => {
            format!("{units} made-up communes, scored by decision {number}: every unit and figure is invented")
        }
    });
    output.line("");
    let intervals = vec![None; figures.units.len()];
    print(
        &Table {
            program: &program,
            figures: &figures,
            scores: &scores,
            ranked: &ranked,
            intervals: &intervals,
            changes: &[],
        },
        output,
    );
    if !output.json
        && let Some(middle) = ranked.get(ranked.len() / 2)
    {
        output.line("");
        super::score::sheet(&program, &figures, &scores, middle.unit, output);
    }
    Ok(ExitCode::SUCCESS)
}
