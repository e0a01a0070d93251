//! The scoring rows of the budgets: 3,321 communes with all indicators of the commune set.
//!
//! Figures come from a generator with a fixed seed. `benches/run` prints these beside the budgets and beside numpy.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::Path;

use criteria::model::FigureKind;
use criteria::{CriteriaSet, Files, Picks};
use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use scoring::figures::collect;
use scoring::{Figures, KnownNotation, Program, RawFigure, RawValue, input, rank, robustness, score};

const UNITS: usize = 3_321;

fn program() -> Program {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../criteria/hue-2263-2023-commune");
    let mut files = Files::new();
    for entry in std::fs::read_dir(&folder).unwrap().chain(std::fs::read_dir(folder.join("source")).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    let set = CriteriaSet::read("", &files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Program::new(&set, &Picks::new(), None).unwrap()
}

/// A value for every figure of every unit; wholes are large and parts small, so that no part exceeds its whole.
fn rows(program: &Program) -> Vec<RawFigure> {
    let mut random = ChaCha8Rng::seed_from_u64(2023);
    let mut rows = Vec::with_capacity(UNITS * program.unit_slots.len());
    for unit in 0..UNITS {
        for slot in &program.unit_slots {
            let figure = &slot.figure;
            let draw = random.next_u32();
            // The profile and the figures named as totals are wholes; all else is a part.
            let whole =
                slot.indicator.is_none() || figure.label.starts_with("Tổng") || figure.label.contains(" trong năm");
            let count = if whole { 1_000 + draw % 9_000 } else { draw % 1_000 };
            let value = match figure.kind {
                FigureKind::YesNo => if draw % 4 == 0 { "no" } else { "yes" }.to_owned(),
                FigureKind::Choice => figure.options[draw as usize % figure.options.len()].id.clone(),
                FigureKind::Share => format!("{}%", draw % 101),
                FigureKind::Date => "2023-06-30".to_owned(),
                FigureKind::Text => "x".to_owned(),
                FigureKind::Count | FigureKind::Number | FigureKind::Money | FigureKind::Points => count.to_string(),
            };
            rows.push(RawFigure {
                unit: Some(format!("Mẫu {unit:04}")),
                indicator: slot.indicator.clone(),
                figure: figure.id.clone(),
                value: RawValue::Text(value),
                place: String::new(),
                column: "value".to_owned(),
            });
        }
    }
    rows
}

/// The figures; parts that exceed their wholes by chance are taken out first.
fn figures(program: &Program) -> Figures {
    let mut rows = rows(program);
    for row in &mut rows {
        row.place =
            format!("{}/{}/{}", row.unit.as_deref().unwrap(), row.indicator.as_deref().unwrap_or(""), row.figure);
    }
    match collect(program, rows.clone(), KnownNotation::Unknown) {
        Ok(figures) => figures,
        Err(refusals) => {
            let refused: std::collections::HashSet<String> =
                refusals.into_iter().map(|refusal| refusal.place).collect();
            rows.retain(|row| !refused.contains(&row.place));
            collect(program, rows, KnownNotation::Unknown).unwrap_or_else(|refusals| panic!("{:#?}", &refusals[..3]))
        }
    }
}

fn csv(rows: &[RawFigure]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(input::CSV_HEADER).unwrap();
    for row in rows {
        let value = row.value.typed();
        let fields = [row.unit.as_deref().unwrap(), row.indicator.as_deref().unwrap_or(""), &row.figure, &value];
        writer.write_record(fields).unwrap();
    }
    writer.into_inner().unwrap()
}

fn level(criterion: &mut Criterion) {
    let program = program();
    let figures = figures(&program);
    let (one, two) = (NonZeroUsize::MIN, NonZeroUsize::new(2).unwrap());
    let given: usize = figures.units.iter().map(|unit| unit.cells.iter().filter(|cell| cell.is_given()).count()).sum();
    println!("{UNITS} units, {} indicators, {given} figures", program.indicator_count());
    let mut group = criterion.benchmark_group("level");
    group.sample_size(20);
    group.bench_function("score and rank, one thread", |bencher| {
        bencher.iter(|| {
            let scores = score::score(black_box(&program), black_box(&figures), one);
            rank::rank(&program, &figures, &scores)
        });
    });
    let scores = score::score(&program, &figures, one);
    group.bench_function("1,000 draws, two threads", |bencher| {
        bencher.iter(|| robustness::intervals(&program, &figures, black_box(&scores), 1_000, 2023, two));
    });
    let bytes = csv(&rows(&program));
    group.bench_function("read the CSV", |bencher| {
        bencher.iter(|| input::from_csv("f.csv", black_box(&bytes)).unwrap().len());
    });
    group.finish();
}

criterion_group!(benches, level);
criterion_main!(benches);
