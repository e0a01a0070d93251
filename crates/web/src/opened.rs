//! A sheet opened for somebody: its entries, how each stands today, and what it comes to.

use std::collections::BTreeSet;
use std::sync::Arc;

use criteria::date::Date;
use criteria::model::Indicator;
use criteria::rule::Rule;
use cycle::entry::{Answer, Entry};
use cycle::progress::{self, EntryProgress, Summary};
use cycle::round::Round;
use cycle::sheet::Read;
use cycle::{AssessmentId, Capability, Sheet, Sight, Unit, time};
use scoring::explain::{Explanation, explain};
use scoring::score::Scores;
use scoring::{Figures, Program, sentence};
use store::State;
use store::records::Event;
use store::state::{Assessment, Level};

use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, source_name};

/// A sheet opened for somebody who may read it.
pub struct Opened {
    /// The sheet.
    pub sheet: Arc<Sheet>,
    /// How it stands.
    pub row: Assessment,
    /// The round.
    pub round: Round,
    /// The level.
    pub level: Level,
    /// The unit.
    pub unit: Unit,
    /// Indicators that the unit is exempt from.
    pub exempt: BTreeSet<String>,
    /// The figures, as the engine takes them.
    pub read: Read,
    /// How each entry stands today, in order.
    pub progress: Vec<EntryProgress>,
    /// Today.
    pub today: Date,
    /// With whose eyes each entry is seen, in order; everything is seen where this is empty.
    pub sight: Vec<Sight>,
}

impl Opened {
    /// Opens a sheet for a person who may read it; for others there is none.
    pub async fn get(app: &App, person: &Person, id: AssessmentId) -> Result<Self, Failure> {
        let mut opened = Self::unchecked(app, id).await?;
        let state = app.store.state();
        if !person.may_read(&state, opened.unit.id) {
            return Err(Failure::NotFound);
        }
        opened.hide(&state, person);
        Ok(opened)
    }

    /// Whether there is such a sheet for a person, without opening it: who saves is told more only after the change.
    pub fn check(app: &App, person: &Person, id: AssessmentId) -> Result<(), Failure> {
        let state = app.store.state();
        let unit = state.assessments.get(&id).map(|row| row.unit);
        unit.filter(|unit| person.may_read(&state, *unit)).map(|_| ()).ok_or(Failure::NotFound)
    }

    /// Takes away what this person is not to see yet.
    fn hide(&mut self, state: &State, person: &Person) {
        let (owner, phase) = (self.round.owner, self.round.phase);
        let runs = [Capability::Decide, Capability::RunRound].iter().any(|one| person.may(state, *one, owner));
        if runs || (Sight::Unit.sees_appraised(phase) && Sight::Unit.sees_final(phase)) {
            return;
        }
        let appraises = |entry: &Entry| state.appraises(&person.authority, &self.round, &entry.indicator, self.unit.id);
        self.sight =
            self.sheet.entries.iter().map(|entry| if appraises(entry) { Sight::Inside } else { Sight::Unit }).collect();
        let judged = |(entry, sight): (&Entry, &Sight)| *sight == Sight::Unit && entry.verdict().is_some();
        if self.sheet.entries.iter().zip(&self.sight).any(judged) {
            let mut sheet = self.sheet.as_ref().clone();
            sheet.entries.iter_mut().zip(&self.sight).for_each(|(entry, sight)| sight.mask(phase, entry));
            self.sheet = Arc::new(sheet);
        }
    }

    /// Whether an event of an entry's history may be told to whom the sheet was opened for.
    pub fn tells(&self, place: usize, event: &Event) -> bool {
        self.sight.get(place).is_none_or(|sight| sight.sees_event(self.round.phase, &event.action))
    }

    /// Opens a sheet for somebody whose right to it was checked otherwise.
    pub async fn unchecked(app: &App, id: AssessmentId) -> Result<Self, Failure> {
        let sheet = app.store.sheet(id).await?.ok_or(Failure::NotFound)?;
        let today = time::day_of(app.now());
        let state = app.store.state();
        let row = state.assessments.get(&id).ok_or(Failure::NotFound)?.clone();
        let level = state.level_of(&row)?.clone();
        let round = state.round_of(&row)?.clone();
        let unit = state.tree.get(row.unit).ok_or(Failure::NotFound)?.clone();
        let exempt = state.exempt(row.round, row.unit);
        let read = sheet.read(&level.context(row.block, &exempt));
        let due = |indicator: &Indicator| {
            round.due(unit.id, indicator.due.days(), state.own_due(round.id, unit.id, &indicator.id))
        };
        let progress = progress::all(&level.program.set, &sheet, &read.problems, today, due);
        drop(state);
        Ok(Self { sheet, row, round, level, unit, exempt, read, progress, today, sight: Vec::new() })
    }

    /// The same with what its entries lack in signatures.
    pub async fn with_proofs(mut self, app: &App) -> Result<Self, Failure> {
        let proofs = app.store.proofs_on(&self.sheet).await?;
        cycle::proof::require(&self.level.program.set, &self.sheet, &mut self.progress, &proofs);
        Ok(self)
    }

    /// The set, made ready.
    pub fn program(&self) -> &Program {
        &self.level.program
    }

    /// The sheet in numbers.
    pub fn summary(&self) -> Summary {
        progress::summary(self.sheet.entries.iter().zip(&self.progress))
    }

    /// The indicators with their entries and standing, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&Indicator, &Entry, &EntryProgress)> {
        self.program()
            .set
            .indicators()
            .zip(&self.sheet.entries)
            .zip(&self.progress)
            .map(|((indicator, entry), progress)| (indicator, entry, progress))
    }

    /// Why an indicator has its points, by the engine, with who gave each figure.
    pub fn explained<T>(&self, state: &State, l: L, place: usize, tell: impl FnOnce(&Explanation<'_>) -> T) -> T {
        explain_sheet(state, l, &self.sheet, &self.level, &self.row, &self.read, place, tell)
    }
}

/// Why an indicator of a sheet has its points; the sheet may be one that nobody has saved yet.
#[expect(clippy::too_many_arguments, reason = "what a sheet is read with travels together, and only here")]
pub fn explain_sheet<T>(
    state: &State,
    l: L,
    sheet: &Sheet,
    level: &Level,
    row: &Assessment,
    read: &Read,
    place: usize,
    tell: impl FnOnce(&Explanation<'_>) -> T,
) -> T {
    let program = &level.program;
    let mut unit = read.figures.clone();
    // Who gave a figure is looked up among all positions: only for those that can stand in the explanation.
    let explained = program.set.indicators().nth(place);
    let sums = explained.is_some_and(|one| matches!(one.rule, Rule::Sum { .. }));
    for (slot, origin) in &mut unit.origins {
        let info = &program.unit_slots[*slot];
        let value = match &info.indicator {
            None => sheet.profile.get(&info.figure.id),
            Some(id) if sums || explained.is_some_and(|one| one.id == *id) => {
                let entry = program.indicator_index(id).and_then(|place| sheet.entries.get(place));
                entry.and_then(|entry| entry.figures.get(&info.figure.id))
            }
            Some(_) => None,
        };
        origin.place = value.map(|value| given_by(state, l, sheet, value)).unwrap_or_default();
    }
    let block = level.block_of(&unit.cells);
    let engine_block = block.and_then(|block| usize::try_from(block).ok());
    let spreads = level.spreads.get(&row.block).cloned().unwrap_or_default();
    let scores = Scores { units: Vec::new(), spreads: [(engine_block, spreads)].into_iter().collect() };
    let origins = program.round_slots.iter().enumerate().filter_map(|(slot, info)| {
        let typed = level.facts.figures.get(&info.figure.id)?.clone();
        let place = l.say("số liệu chung của kỳ", "a figure of the round").to_owned();
        Some((slot, scoring::Origin { place, typed }))
    });
    let figures = Figures { units: vec![unit], round: level.round_cells.clone(), round_origins: origins.collect() };
    let explanation = explain(program, &figures, &figures.units[0], &scores, place);
    tell(&explanation)
}

/// Why an entry has its points, in a sentence; the sheet may be one that nobody has saved yet.
pub fn because(state: &State, l: L, opened: &Opened, sheet: &Sheet, read: &Read, place: usize) -> String {
    let entry = &sheet.entries[place];
    match &entry.answer {
        _ if opened.exempt.contains(&entry.indicator) => {
            let exemption = opened.round.exemption(opened.unit.id, &entry.indicator);
            let reason = exemption.map(|one| one.reason.clone()).unwrap_or_default();
            format!("{} {reason}", l.say("Chủ kỳ đánh giá cho miễn:", "The round's owner exempted the unit:"))
        }
        Answer::NotApplicable { because } => {
            format!("{} {because}", l.say("Không áp dụng, vì:", "Does not apply, because:"))
        }
        Answer::NotDone { because } => format!("{} {because}", l.say("Chưa thực hiện, vì:", "Not done, because:")),
        Answer::Figures => {
            explain_sheet(state, l, sheet, &opened.level, &opened.row, read, place, |why| sentence::sentence(why, l.0))
        }
    }
}

/// Who gave a figure, and when, in words.
pub fn given_by(state: &State, l: L, sheet: &Sheet, value: &cycle::FigureValue) -> String {
    let day = time::day_of(value.at);
    let who = match (&value.from, value.by) {
        (Some(from), _) => source_name(l, from),
        (None, Some(account)) => known_actor(state, sheet.unit, account, day)
            .unwrap_or_else(|| l.say("người vận hành", "the operator").to_owned()),
        (None, None) => l.say("người vận hành", "the operator").to_owned(),
    };
    format!("{who}, {}", l.date(&day))
}

/// What to call a person in a unit: the position held there, else the name; without either it was the operator.
pub fn actor_name(state: &State, unit: cycle::UnitId, account: cycle::AccountId, day: Date) -> String {
    known_actor(state, unit, account, day).unwrap_or_else(|| "người vận hành".to_owned())
}

/// The same, where it is known.
pub fn known_actor(state: &State, unit: cycle::UnitId, account: cycle::AccountId, day: Date) -> Option<String> {
    let held = state.held_by(account).filter(|holding| holding.on(day));
    let first = held.min_by_key(|holding| {
        let own = state.positions.get(&holding.position).is_some_and(|position| position.unit == unit);
        (!own, holding.id)
    });
    first
        .and_then(|holding| state.positions.get(&holding.position))
        .map(|position| position.code.clone())
        .or_else(|| state.accounts.get(&account).map(|account| account.name.clone()))
}
