//! `units`: the official list, and units from a file.

use std::process::ExitCode;

use criteria::date::Date;
use criteria::{Language, Text};
use jiff::Timestamp;
use scoring::Refusal;
use store::command::NewUnit;
use store::{Actor, Command};

use super::serve::{block_on, open};
use crate::arguments::UnitsCommand;
use crate::failure::Failure;
use crate::output::Output;
use crate::province::refused;

/// The 34 provinces and 3,321 communes in force since 1 July 2025 (Decision 19/2025/QĐ-TTg).
const OFFICIAL: &str = include_str!("../../../../units/vn-2025.csv");

fn official() -> impl Iterator<Item = NewUnit> {
    let in_force = Date::new(2025, 7, 1).ok();
    OFFICIAL.lines().skip(1).filter_map(move |line| {
        let mut cells = line.split(',');
        let (code, name, kind, parent) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?.trim());
        Some(NewUnit {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            level: if parent.is_empty() { "province" } else { "commune" }.to_owned(),
            parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
            from: in_force,
            to: None,
        })
    })
}

/// Reads units from CSV: `code,name,kind,level,parent` with a head.
fn from_csv(name: &str, text: &str) -> Result<Vec<NewUnit>, Failure> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let broken = |line: usize, vi: String, en: String| {
        Failure::Refused(vec![Refusal::new(format!("{name}, dòng {line}"), Text::new(vi, en))])
    };
    let heads = reader.headers().map_err(|error| broken(1, error.to_string(), error.to_string()))?.clone();
    let column = |wanted: &str| heads.iter().position(|head| scoring::notation::fold(head) == wanted);
    let (Some(code), Some(unit_name)) =
        (column("code").or_else(|| column("ma")), column("name").or_else(|| column("ten")))
    else {
        return Err(broken(
            1,
            "thiếu cột code (mã) hoặc name (tên)".to_owned(),
            "the column code or name is missing".to_owned(),
        ));
    };
    let (kind, level, parent) = (column("kind"), column("level"), column("parent"));
    let mut units = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|error| broken(at + 2, error.to_string(), error.to_string()))?;
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().to_owned();
        if cell(Some(code)).is_empty() || cell(Some(unit_name)).is_empty() {
            return Err(broken(at + 2, "thiếu mã hoặc tên".to_owned(), "the code or the name is missing".to_owned()));
        }
        units.push(NewUnit {
            code: cell(Some(code)),
            name: cell(Some(unit_name)),
            kind: cell(kind),
            level: cell(level),
            parent: Some(cell(parent)).filter(|parent| !parent.is_empty()),
            from: None,
            to: None,
        });
    }
    Ok(units)
}

/// Runs a `units` command.
pub fn run(output: &Output, command: &UnitsCommand) -> Result<ExitCode, Failure> {
    let told = |count: usize, dry: bool| match (output.language, dry) {
        (Language::Vietnamese, false) => format!("đã thêm {count} đơn vị"),
        (Language::Vietnamese, true) => format!("sẽ thêm {count} đơn vị; chưa ghi gì"),
        (Language::English, false) => format!("{count} units added"),
        (Language::English, true) => format!("{count} units would be added; nothing was written"),
    };
    block_on(async {
        match command {
            UnitsCommand::Seed { at, province } => {
                let chosen: Vec<NewUnit> = official()
                    .filter(|unit| {
                        province == "all" || unit.code == *province || unit.parent.as_deref() == Some(province.as_str())
                    })
                    .collect();
                if chosen.is_empty() {
                    let known: Vec<String> = official()
                        .filter(|unit| unit.parent.is_none())
                        .map(|unit| format!("{} {}", unit.code, unit.name))
                        .collect();
                    let known = known.join(", ");
                    return Err(Failure::usage(
                        format!("không có tỉnh mã {province} (có: {known})"),
                        format!("there is no province {province} (there are: {known})"),
                    ));
                }
                let count = chosen.len();
                let store = open(at).await?;
                store.change(Actor::Operator, Timestamp::now(), Command::AddUnits(chosen)).await.map_err(refused)?;
                output.line(told(count, false));
            }
            UnitsCommand::Import { at, file, dry_run } => {
                let name = file.display().to_string();
                let text = std::fs::read_to_string(file).map_err(|error| {
                    Failure::usage(format!("không đọc được {name}: {error}"), format!("cannot read {name}: {error}"))
                })?;
                let units = from_csv(&name, &text)?;
                let count = units.len();
                let store = open(at).await?;
                if *dry_run {
                    let state = store.state();
                    for unit in &units {
                        let mark = if state.tree.by_code(&unit.code).is_some() { "!" } else { "+" };
                        output.line(format!("{mark} {} {}", unit.code, unit.name));
                    }
                } else {
                    store.change(Actor::Operator, Timestamp::now(), Command::AddUnits(units)).await.map_err(refused)?;
                }
                output.line(told(count, *dry_run));
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
