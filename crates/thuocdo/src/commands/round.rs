//! `round create`: a round for all units of the levels below a unit, with the usual phases.

use std::collections::BTreeMap;
use std::process::ExitCode;

use cycle::Phase;
use cycle::round::usual_days;
use jiff::Timestamp;
use store::command::NewLevel;
use store::{Actor, Command};

use super::serve::{block_on, open};
use crate::arguments::DataArguments;
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;
use crate::province::refused;

/// Sets up a round and opens it for collecting.
pub fn create(
    library: &Library<'_>,
    output: &Output,
    at: &DataArguments,
    owner: &str,
    year: i16,
    levels: &[String],
) -> Result<ExitCode, Failure> {
    let mut new = Vec::new();
    for level in levels {
        let (level, set) = level.split_once('=').ok_or_else(|| {
            Failure::usage(
                format!("--level “{level}”: cần dạng CẤP=BỘ"),
                format!("--level \"{level}\": LEVEL=SET is needed"),
            )
        })?;
        let (folder, files) = library.set_files(set)?;
        let id = folder.rsplit('/').next().unwrap_or(&folder).to_owned();
        new.push(NewLevel {
            level: level.to_owned(),
            set: id,
            files,
            picks: BTreeMap::new(),
            figures: BTreeMap::new(),
            units: None,
        });
    }
    block_on(async {
        let store = open(at).await?;
        let unit = store.state().tree.by_code(owner).map(|unit| unit.id).ok_or_else(|| {
            Failure::usage(format!("không có đơn vị mã {owner}"), format!("there is no unit {owner}"))
        })?;
        let command = Command::CreateRound {
            owner: unit,
            year,
            title: format!("Kỳ đánh giá {year}"),
            days: usual_days(year),
            levels: new,
            made_up: false,
            appraisers: BTreeMap::new(),
            beginning: store::command::Beginning::default(),
        };
        let now = Timestamp::now();
        let done = store.change(Actor::Operator, now, command).await.map_err(refused)?;
        let round = cycle::RoundId(done.id.unwrap_or_default());
        let open = Command::SetPhase { round, phase: Phase::Collecting, reason: String::new() };
        store.change(Actor::Operator, now, open).await.map_err(refused)?;
        output.line(output.pick(
            &format!("đã lập kỳ {year} cho {} đơn vị", done.count),
            &format!("the round of {year} was set up for {} units", done.count),
        ));
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
