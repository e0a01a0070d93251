//! `rank`: the ranking of units, in total and by pillar, with what changed and how firm it is.

use std::process::ExitCode;

use criteria::model::FigureKind;
use criteria::{Language, limits};
use scoring::change::{self, Change};
use scoring::rank::RankedUnit;
use scoring::robustness::Interval;
use scoring::score::{Block, Scores};
use scoring::{Figures, Program, number_text};
use serde_json::{Map, Value as Json, json};

use crate::arguments::RankArguments;
use crate::data::{Library, read_figures};
use crate::failure::Failure;
use crate::output::{Output, left, right};
use crate::progress::Progress;

/// Ranks every unit.
pub fn run(library: &Library<'_>, output: &Output, arguments: &RankArguments) -> Result<ExitCode, Failure> {
    if arguments.draws > limits::DRAWS_MAX {
        let most = limits::DRAWS_MAX;
        return Err(Failure::usage(format!("--draws: tối đa {most}"), format!("--draws: at most {most}")));
    }
    let (program, figures) = library.figures(&arguments.figures)?;
    let scores = scoring::score::score(&program, &figures, super::threads());
    let ranked = scoring::rank::rank(&program, &figures, &scores);
    let intervals = if arguments.draws > 0 {
        let _progress =
            Progress::over(output.pick("đang thử độ vững của xếp hạng", "trying how firm the ranking is").to_owned());
        scoring::robustness::intervals(&program, &figures, &scores, arguments.draws, arguments.seed, super::threads())
    } else {
        vec![None; figures.units.len()]
    };
    let changes = changes(library, arguments, &program, &figures, &scores, &ranked)?;
    print(
        &Table {
            program: &program,
            figures: &figures,
            scores: &scores,
            ranked: &ranked,
            intervals: &intervals,
            changes: &changes,
        },
        output,
    );
    Ok(ExitCode::SUCCESS)
}

/// A ranking ready to be printed.
pub struct Table<'a> {
    /// The set's program.
    pub program: &'a Program,
    /// The figures.
    pub figures: &'a Figures,
    /// The scores.
    pub scores: &'a Scores,
    /// The ranks, in order.
    pub ranked: &'a [RankedUnit],
    /// The intervals of ranks by unit.
    pub intervals: &'a [Option<Interval>],
    /// What changed against last year, by unit; empty where there is no last year.
    pub changes: &'a [Option<Change>],
}

fn changes(
    library: &Library<'_>,
    arguments: &RankArguments,
    program: &Program,
    figures: &Figures,
    scores: &Scores,
    ranked: &[RankedUnit],
) -> Result<Vec<Option<Change>>, Failure> {
    let Some(previous) = &arguments.previous else { return Ok(Vec::new()) };
    let mapping = match &arguments.previous_set {
        None => None,
        Some(id) => {
            let from = library.set(id)?;
            Some((super::compare::mapping(library, &from, &program.set, arguments.mapping.as_deref())?, from))
        }
    };
    let before = match &mapping {
        None => program.clone(),
        Some((_, set)) => Program::new(set, &criteria::Picks::new(), None)
            .map_err(|_| Failure::usage("không dùng được bộ chỉ số năm trước", "last year's set cannot be used"))?,
    };
    let before_figures = read_figures(&before, previous, arguments.figures.notation.into())?;
    let before_scores = scoring::score::score(&before, &before_figures, super::threads());
    let before_ranked = scoring::rank::rank(&before, &before_figures, &before_scores);
    let earlier =
        change::Level { program: &before, figures: &before_figures, scores: &before_scores, ranked: &before_ranked };
    let later = change::Level { program, figures, scores, ranked };
    Ok(change::changes(&earlier, &later, mapping.as_ref().map(|(mapping, _)| mapping)))
}

/// Prints a ranking.
pub fn print(table: &Table<'_>, output: &Output) {
    if output.json {
        let rows: Vec<Json> = table.ranked.iter().map(|unit| row_json(table, unit)).collect();
        let set = &table.program.set;
        output.json(
            &json!({"set": set.head.id, "hash": table.program.set_hash, "year": table.program.year, "rows": rows}),
        );
        return;
    }
    let with_block = table.ranked.iter().any(|unit| unit.block.is_some());
    let with_grade = table.ranked.iter().any(|unit| unit.grade.is_some());
    let with_interval = table.intervals.iter().any(Option::is_some);
    let with_change = !table.changes.is_empty();
    let mut columns = vec![right(output.pick("hạng", "rank")), left(output.pick("đơn vị", "unit"))];
    if with_block {
        columns.push(left(output.pick("khối", "block")));
    }
    columns.push(right(output.pick("kết quả", "result")));
    columns.push(right(output.pick("điểm", "points")));
    if with_grade {
        columns.push(left(output.pick("xếp loại", "grade")));
    }
    if with_change {
        columns.push(right(output.pick("năm trước", "last year")));
        columns.push(right(output.pick("thay đổi", "change")));
    }
    if with_interval {
        columns.push(left(output.pick("90 % lần thử", "in 90 % of draws")));
    }
    columns.extend(table.program.set.pillars.iter().map(|pillar| right(&pillar.pillar.no)));
    let rows = table.ranked.iter().map(|unit| {
        let score = &table.scores.units[unit.unit];
        let points = |number| number_text::points(number, table.program.set.head.rounding.places, output.language);
        let rank =
            unit.rank.map_or_else(|| "–".to_owned(), |rank| format!("{rank}{}", if unit.tied { "=" } else { "" }));
        let mut row = vec![rank, table.figures.units[unit.unit].unit.clone()];
        if with_block {
            row.push(block_name(table.program, unit.block).unwrap_or("–").to_owned());
        }
        row.push(score.comparable.map_or_else(|| "–".to_owned(), points));
        row.push(points(score.points));
        if with_grade {
            row.push(unit.grade.clone().unwrap_or_else(|| "–".to_owned()));
        }
        if with_change {
            let change = table.changes.get(unit.unit).and_then(Option::as_ref);
            row.push(change.map_or_else(
                || "–".to_owned(),
                |change| change.rank_before.map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            ));
            row.push(change.and_then(|change| change.ranks_up).map_or_else(|| "–".to_owned(), |up| format!("{up:+}")));
        }
        if with_interval {
            row.push(table.intervals[unit.unit].map_or_else(|| "–".to_owned(), |(low, high)| format!("{low}–{high}")));
        }
        row.extend(unit.pillar_ranks.iter().map(|rank| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string())));
        row
    });
    output.table(columns, rows.collect());
    output.line("");
    output.line(match output.language {
        Language::Vietnamese => "Cột số La Mã hoặc số thứ tự: hạng theo từng nhóm. “=”: đồng hạng.",
        Language::English => "Columns with a pillar's number: the rank in that pillar. \"=\": tied.",
    });
}

fn block_name(program: &Program, block: Block) -> Option<&str> {
    let reference = program.set.head.ranking.block.as_deref()?;
    let slot = program.slot(None, reference)?;
    let figure = &program.info(slot).figure;
    (figure.kind == FigureKind::Choice)
        .then(|| figure.options.get(block?))
        .flatten()
        .map(|option| option.label.as_str())
}

fn row_json(table: &Table<'_>, unit: &RankedUnit) -> Json {
    let score = &table.scores.units[unit.unit];
    let head = &table.program.set.head;
    let pillar_ranks: Map<String, Json> = table
        .program
        .set
        .pillars
        .iter()
        .zip(&unit.pillar_ranks)
        .map(|(pillar, rank)| (pillar.pillar.no.clone(), json!(rank)))
        .collect();
    let mut row = json!({
        "unit": table.figures.units[unit.unit].unit, "rank": unit.rank, "tied": unit.tied,
        "points": score.points.with_places(head.rounding.places),
        "comparable": score.comparable.map(|number| number.with_places(head.result.places)),
        "maximum": score.maximum, "excluded": score.excluded,
        "grade": unit.grade, "block": block_name(table.program, unit.block), "pillar_ranks": pillar_ranks,
    });
    if let Some((low, high)) = table.intervals[unit.unit] {
        row["interval"] = json!([low, high]);
    }
    if let Some(Some(change)) = table.changes.get(unit.unit) {
        row["change"] = json!({
            "rank_before": change.rank_before, "ranks_up": change.ranks_up,
            "mapped_before": change.mapped_before, "mapped_now": change.mapped_now,
        });
    }
    row
}
