//! What a file of figures would change, unit by unit and entry by entry, before anything is written.

use std::collections::BTreeMap;

use criteria::Text;
use criteria::model::Figure;
use cycle::sheet::read_value;
use cycle::{Action, AssessmentId, EntryState, FigureValue, UnitId};
use documents::figures::rows::OfRound;
use scoring::{Cell, Refusal, notation};
use sha2::{Digest, Sha256};
use store::Command;
use store::command::{SheetSupply, Supplied};

use super::{Gathered, Looked};
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::pages::sheet::allowed;
use crate::person::Person;
use crate::view::L;

/// A figure that changes.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its id.
    pub figure: String,
    /// What people call it.
    pub label: String,
    /// The value now, as typed; empty where there is none.
    pub before: String,
    /// The value in the file, as it will stand in its field.
    pub after: String,
    /// The file and the cell.
    pub place: String,
}

/// An entry, or a profile, that changes.
#[derive(Clone, Debug)]
pub struct Line {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Its sheet.
    pub sheet: AssessmentId,
    /// The indicator; none for the profile.
    pub indicator: Option<String>,
    /// The indicator's name.
    pub name: String,
    /// The figures.
    pub changes: Vec<Change>,
    /// The points now and then; none where there are no points.
    pub points: Option<(Option<criteria::Number>, Option<criteria::Number>)>,
}

/// What a file would change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The last event that was known when it was made.
    pub seq: i64,
    /// What changes, in the order of units and of the set.
    pub lines: Vec<Line>,
    /// What stands against it; nothing is taken in while anything does.
    pub refused: Vec<Refusal>,
    /// Units that are named in the file and left out.
    pub left_out: Vec<String>,
    /// What stands in the file and is not taken in, in sentences.
    pub notes: Vec<Text>,
    /// Figures that stand on the sheets already as in the file.
    pub same: usize,
    /// The sheets as the change names them.
    pub supplies: Vec<SheetSupply>,
}

impl Plan {
    /// Whether there is something to do and nothing that stands against it.
    pub fn can_be_done(&self) -> bool {
        self.refused.is_empty() && !self.lines.is_empty()
    }

    /// How many figures change.
    pub fn figures(&self) -> usize {
        self.lines.iter().map(|line| line.changes.len()).sum()
    }

    /// How many units are concerned.
    pub fn units(&self) -> usize {
        self.supplies.len()
    }

    /// What tells this plan from any other: whoever confirms names what was shown.
    pub fn seen(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{:?}\n{:?}\n", self.supplies, self.refused));
        for line in &self.lines {
            hash.update(format!("{line:?}\n"));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The one change that does it all, or nothing.
    pub fn command(&self, looked: &Looked) -> Command {
        Command::TakeFigures { file: looked.file.id, sheets: self.supplies.clone() }
    }
}

/// Whether two values are the same, however they were written.
fn same(one: Cell, other: Cell) -> bool {
    match (one, other) {
        (Cell::Ratio(part, whole), Cell::Ratio(own, of)) => {
            i128::from(part) * i128::from(of) == i128::from(own) * i128::from(whole)
        }
        (Cell::Text, Cell::Text) => false,
        _ => one == other,
    }
}

/// A value as its field takes it: as it was typed where that is understood alike.
fn as_typed(figure: &Figure, cell: Cell, given: &str) -> String {
    let plain = !matches!(cell, Cell::YesNo(_) | Cell::Option(_));
    if plain && read_value(figure, given).is_ok_and(|read| read == cell) {
        return given.to_owned();
    }
    notation::typed(figure, cell, given)
}

/// Figures of the round that stand otherwise in the file: units do not set them.
fn of_round(app: &App, looked: &Looked, found: &[OfRound]) -> Vec<Text> {
    let state = app.store.state();
    let Some(level) = state.levels.get(&looked.file.level) else { return Vec::new() };
    let slots = looked.program.round_slots.iter().zip(&level.round_cells);
    let told = slots.flat_map(|(info, stands)| {
        let figure = &info.figure;
        let own = found.iter().filter(|one| one.figure == figure.id);
        let other = own.filter(|one| !read_value(figure, &one.value).is_ok_and(|cell| same(cell, *stands)));
        other.map(|one| {
            let (place, value, label) = (&one.place, &one.value, &figure.label);
            Text::new(
                format!("{place}: “{label}” ({value}) là số liệu chung của kỳ, không nhập từ tệp; chủ kỳ ghi ở trang Thiết lập kỳ"),
                format!("{place}: \"{label}\" ({value}) is a figure of the round and not taken in; the round's owner sets it on the settings page"),
            )
        })
    });
    told.collect()
}

pub(super) async fn plan(app: &App, person: &Person, looked: &Looked, gathered: Gathered) -> Result<Plan, Failure> {
    let mut notes = gathered.warnings;
    notes.extend(of_round(app, looked, &gathered.of_round));
    let (refused, left_out) = (gathered.refused, gathered.left_out);
    let mut plan = Plan { seq: app.store.state().seq, refused, left_out, notes, ..Plan::default() };
    let program = &looked.program;
    let mut units: Vec<(usize, scoring::UnitFigures)> =
        gathered.figures.units.into_iter().filter_map(|unit| Some((unit.unit.parse::<usize>().ok()?, unit))).collect();
    units.sort_by_key(|(at, _)| *at);
    for (at, found) in units {
        let known = looked.units.get(at).ok_or(Failure::Internal)?;
        let opened = Opened::unchecked(app, known.sheet).await?;
        let mut sheet = opened.sheet.as_ref().clone();
        let mut supply = SheetSupply {
            assessment: known.sheet,
            profile_version: sheet.profile_version,
            profile: BTreeMap::new(),
            entries: BTreeMap::new(),
        };
        let mut changed: BTreeMap<Option<usize>, Vec<Change>> = BTreeMap::new();
        for (slot, origin) in &found.origins {
            let info = &program.unit_slots[*slot];
            let cell = found.cells[*slot];
            let place = match &info.indicator {
                Some(indicator) => Some(sheet.entry(indicator).ok_or(Failure::Internal)?.0),
                None => None,
            };
            let figures = match place {
                Some(place) => &mut sheet.entries[place].figures,
                None => &mut sheet.profile,
            };
            let before = figures.get(&info.figure.id).map_or("", |value| value.typed.as_str()).to_owned();
            let after = as_typed(&info.figure, cell, &origin.typed);
            let stands = opened.read.figures.cells[*slot];
            if before == after || (stands.is_given() && same(stands, cell)) {
                plan.same += 1;
                continue;
            }
            let value = FigureValue {
                typed: after.clone(),
                by: Some(person.account),
                at: app.now(),
                from: Some(origin.place.clone()),
            };
            figures.insert(info.figure.id.clone(), value);
            let (figure, label) = (info.figure.id.clone(), info.figure.label.clone());
            changed.entry(place).or_default().push(Change {
                figure,
                label,
                before,
                after,
                place: origin.place.clone(),
            });
        }
        if changed.is_empty() {
            continue;
        }
        let mut refuse = |changes: &[Change], why: &Text| {
            let place = changes.first().map(|change| change.place.clone()).unwrap_or_default();
            let name = &known.name;
            plan.refused
                .push(Refusal::new(place, Text::new(format!("{name}: {}", why.vi), format!("{name}: {}", why.en))));
        };
        let context = opened.level.context(opened.row.block, &opened.exempt);
        let read = sheet.read(&context);
        let block = opened.level.block_of(&read.figures.cells);
        sheet.rescore(&opened.level.context(block, &opened.exempt), &read);
        for problem in &read.problems {
            let place = problem.indicator.as_ref().and_then(|id| sheet.entry(id)).map(|(place, _)| place);
            let changes = changed.get(&place).map(Vec::as_slice).unwrap_or_default();
            let own: Vec<Change> = changes.iter().filter(|one| one.figure == problem.figure).cloned().collect();
            // Of figures that contradict each other either may be the one that is named.
            if !own.is_empty() || (!changes.is_empty() && !opened.read.problems.contains(problem)) {
                let told: &[Change] = if own.is_empty() { changes } else { &own };
                refuse(told, &problem.message);
            }
        }
        for (place, changes) in changed {
            let entry = place.map(|place| (&opened.sheet.entries[place], &sheet.entries[place]));
            let (indicator, state) =
                entry.map_or(("", EntryState::Filling), |(now, _)| (now.indicator.as_str(), now.state));
            if let Err(denial) = allowed(app, person, &opened, Action::Supply, indicator, state) {
                let why = denial.text();
                let of = if indicator.is_empty() { String::new() } else { format!("{indicator}: ") };
                refuse(&changes, &Text::new(format!("{of}{}", why.vi), format!("{of}{}", why.en)));
            }
            let supplied: BTreeMap<String, Supplied> = changes
                .iter()
                .map(|one| (one.figure.clone(), Supplied { typed: one.after.clone(), from: one.place.clone() }))
                .collect();
            match entry {
                Some((now, _)) => {
                    supply.entries.insert(now.indicator.clone(), (now.version, supplied));
                }
                None => supply.profile = supplied,
            }
            let named = program.set.indicators().find(|one| one.id == indicator);
            plan.lines.push(Line {
                unit: known.unit,
                unit_name: known.name.clone(),
                sheet: known.sheet,
                indicator: entry.map(|(now, _)| now.indicator.clone()),
                name: named.map(|one| one.name.clone()).unwrap_or_default(),
                changes,
                points: entry.map(|(now, then)| {
                    let points = |entry: &cycle::Entry| entry.self_score.as_ref().map(|score| score.points);
                    (points(now), points(then))
                }),
            });
        }
        plan.supplies.push(supply);
    }
    Ok(plan)
}

/// What others changed since a plan was shown, in sentences: why it must be looked at again.
pub async fn since(app: &App, l: L, plan: &Plan, seq: i64) -> Result<Vec<String>, Failure> {
    let events = app.store.events(None).await?;
    let state = app.store.state();
    let told = events.iter().filter(|event| event.seq > seq).filter_map(|event| {
        let assessment = event.assessment?;
        let line = plan.lines.iter().find(|line| {
            line.sheet == assessment && (event.indicator.is_none() || event.indicator == line.indicator)
        })?;
        let sentence = crate::pages::history::event_sentence(&state, l, line.unit, event);
        let at = event.indicator.as_deref().unwrap_or_default();
        Some(format!("{} {at}: {sentence}", line.unit_name))
    });
    Ok(told.take(20).collect())
}
