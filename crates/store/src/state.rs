//! What the house knows, in memory: units, people, rounds, who does what, and how each sheet stands. Entries are read
//! when a sheet is opened. Everything here is read back from the database, never the other way round.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use criteria::Language;
use criteria::date::Date;
use cycle::action::{EntryState, Phase, SheetState};
use cycle::round::{Round, RoundLevel};
use cycle::sheet::{LevelContext, Submission, Totals};
use cycle::tree::Descent;
use cycle::{
    AccountId, AssessmentId, Authority, Capability, DraftId, Grant, LevelId, Mark, Marks, PaperId, PositionId, RoundId,
    Tree, UnitId, time,
};
use scoring::evaluate::Spread;
use scoring::single::{self, Measure};
use scoring::{Cell, Program, Slot};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::drafts::{Draft, OwnSet};
use crate::error::Error;
use crate::figure_files::FigureFiles;
use crate::papers::IssuedPaper;
use crate::standing::Standings;

/// A person's account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identity.
    pub id: AccountId,
    /// What one signs in with: an e-mail address, as a rule.
    pub login: String,
    /// The name.
    pub name: String,
    /// Whether it may not be used.
    pub disabled: bool,
    /// The language of its pages.
    pub language: Language,
    /// What is kept of the secret part of its calendar's address.
    pub calendar: String,
    /// The last event that changed it, or ended a session of it.
    pub touched: i64,
    /// Whether a second factor is on.
    pub second_factor: bool,
    /// Whether a password was set.
    pub has_password: bool,
}

/// What a kept address of a calendar begins with; one that was made before this was kept as it is.
const ADDRESS_MARK: &str = "sha256:";

/// The secret part of a calendar's address, as it is kept.
pub(crate) fn kept_address(secret: &str) -> String {
    format!("{ADDRESS_MARK}{}", crate::sessions::kept(secret))
}

impl Account {
    /// The secret part of the calendar's address, where it can still be told.
    pub fn calendar_secret(&self) -> Option<&str> {
        (!self.calendar.starts_with(ADDRESS_MARK)).then_some(self.calendar.as_str())
    }
}

/// A position in a unit (chức danh): what it may do comes from its capabilities, never from its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its identity.
    pub id: PositionId,
    /// The unit, which is also the scope of its capabilities.
    pub unit: UnitId,
    /// A short code, unique in the unit, such as VH-XH.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it may do in the unit and below.
    pub capabilities: BTreeSet<Capability>,
}

/// Somebody holds a position from one day to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its identity.
    pub id: i64,
    /// The position.
    pub position: PositionId,
    /// The person.
    pub account: AccountId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Option<Date>,
}

impl Holding {
    /// Whether it holds on a day.
    pub fn on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// How a unit came from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The unit before.
    pub from: UnitId,
    /// The unit after.
    pub to: Option<UnitId>,
    /// How.
    pub how: Descent,
    /// From which day.
    pub day: Date,
    /// The document that says so.
    pub document: String,
}

/// A round's level with its set made ready.
#[derive(Clone, Debug)]
pub struct Level {
    /// The facts.
    pub facts: RoundLevel,
    /// The set, made ready for the year.
    pub program: Arc<Program>,
    /// The round's figures, by slot.
    pub round_cells: Vec<Cell>,
    /// By block: the spans of the rules about peers that the stored points rest on.
    pub spreads: BTreeMap<Option<i64>, Vec<Option<Spread>>>,
}

/// How a sheet stands, without its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Its identity.
    pub id: AssessmentId,
    /// The round.
    pub round: RoundId,
    /// The level.
    pub level: LevelId,
    /// The unit.
    pub unit: UnitId,
    /// Open or submitted.
    pub state: SheetState,
    /// The sheet's version.
    pub version: i64,
    /// The submission in force.
    pub submission: Option<Submission>,
    /// What it comes to.
    pub totals: Totals,
    /// Its measures for the rules about peers.
    pub measures: Vec<Measure>,
    /// The block that it is ranked in.
    pub block: Option<i64>,
    /// How far each entry is.
    pub marks: Marks,
}

/// An entry whose deadline passed before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// Its place in the set.
    pub place: usize,
    /// The deadline.
    pub due: Date,
    /// How many days ago it was.
    pub days: i32,
}

/// The deadlines of a level's indicators, before what is a unit's own.
pub struct Deadlines<'s> {
    state: &'s State,
    round: &'s Round,
    /// Every indicator of the set, in its order, with what is printed.
    printed: Vec<(&'s str, Option<Date>)>,
}

impl Deadlines<'_> {
    /// The entries of a sheet of the level whose deadline passed before they were done, in the order of the set.
    pub fn late(&self, row: &Assessment, today: Date) -> Vec<Late> {
        let assigned = self.state.assignments.get(&(row.round, row.unit));
        // Few units set days of their own, and only those need to be looked up by indicator.
        let assigned = assigned.filter(|all| all.values().flatten().any(|one| one.due.is_some()));
        let own = |indicator: &str| assigned?.get(indicator)?.iter().filter_map(|one| one.due).min();
        let marks = row.marks.iter().zip(&self.printed).enumerate();
        let open = marks.filter(|(_, (mark, _))| mark.is_open());
        // What an appraiser sent back is due by a day that stands with the entry and lies within the appraisal; read from
        // here it is late when that is over, and not since the day that is printed.
        let appraised_by = self.round.days.get(&Phase::Appraising).map(|days| days.to);
        let sent_back = |mark: Mark| mark.state == EntryState::Returned && row.submission.is_some();
        open.filter_map(|(place, (mark, (indicator, printed)))| {
            let due = match appraised_by.filter(|_| sent_back(mark)) {
                Some(last) => Some(last),
                None => self.round.due_after(*printed, own(indicator), self.round.extensions_of(row.unit)),
            };
            let due = due.filter(|due| *due < today)?;
            Some(Late { place, due, days: time::days_between(due, today) })
        })
        .collect()
    }
}

/// Who does an indicator in a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The position.
    pub position: PositionId,
    /// Whether it leads; else it coordinates.
    pub leads: bool,
    /// The unit's own deadline.
    pub due: Option<Date>,
}

/// Everything in memory.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The last event that this state has seen.
    pub seq: i64,
    /// The last event, or one after it, that changed what a file of evidence proves.
    pub proved: i64,
    /// The last event, or one after it, that changed what sheets and publications stand in: units, people, rounds, what
    /// was published.
    pub frame: i64,
    /// The units.
    pub tree: Tree,
    /// The place of each unit among all by the Vietnamese alphabet, then by code.
    pub alphabet: HashMap<UnitId, u32>,
    /// Where units came from.
    pub lineage: Vec<Lineage>,
    /// The accounts.
    pub accounts: HashMap<AccountId, Account>,
    /// The positions.
    pub positions: HashMap<PositionId, Position>,
    /// Who holds them.
    pub holdings: HashMap<i64, Holding>,
    /// The same by person and by position, and positions by unit: a country has 26,000, and each request asks for one's own.
    pub(crate) held_by: HashMap<AccountId, Vec<i64>>,
    pub(crate) held_at: HashMap<PositionId, Vec<i64>>,
    pub(crate) positions_at: HashMap<UnitId, Vec<PositionId>>,
    /// The rounds.
    pub rounds: BTreeMap<RoundId, Round>,
    /// Their levels.
    pub levels: HashMap<LevelId, Level>,
    /// The sheets.
    pub assessments: HashMap<AssessmentId, Assessment>,
    /// Their points, level by level.
    pub standings: Standings,
    /// The sheet of a unit in a round.
    pub sheet_of: HashMap<(RoundId, UnitId), AssessmentId>,
    /// Who does what, by round, unit and indicator.
    pub assignments: HashMap<(RoundId, UnitId), BTreeMap<String, Vec<Assignment>>>,
    /// The papers that were issued, with the copies that came back.
    pub papers: BTreeMap<PaperId, IssuedPaper>,
    /// Files of figures, and what their columns mean.
    pub figure_files: FigureFiles,
    /// The drafts of criteria sets.
    pub drafts: BTreeMap<DraftId, Draft>,
    /// The sets that were adopted from drafts, by id.
    pub own_sets: BTreeMap<String, OwnSet>,
}

impl State {
    /// What a person may do on `today`: nothing with a closed account.
    pub fn authority(&self, account: AccountId, today: Date) -> Authority {
        if self.accounts.get(&account).is_none_or(|account| account.disabled) {
            return Authority { account, positions: Vec::new(), units: Vec::new(), grants: Vec::new() };
        }
        self.authority_held(account, today)
    }

    /// What the positions that a person holds on `today` bring, whether the account is open or not.
    pub fn authority_held(&self, account: AccountId, today: Date) -> Authority {
        self.authority_of(account, |holding| holding.on(today))
    }

    fn authority_of(&self, account: AccountId, counts: impl Fn(&Holding) -> bool) -> Authority {
        let mut authority = Authority { account, positions: Vec::new(), units: Vec::new(), grants: Vec::new() };
        let held = self.held_by(account).filter(|holding| counts(holding));
        for position in held.filter_map(|holding| self.positions.get(&holding.position)) {
            authority.positions.push(position.id);
            if !authority.units.contains(&position.unit) {
                authority.units.push(position.unit);
            }
            for capability in &position.capabilities {
                authority.grants.push(Grant { capability: *capability, scope: position.unit });
            }
        }
        authority
    }

    /// Whether whoever has this authority manages people wherever an account holds a position, and may do all that it may:
    /// only then may it be closed or invited again. A closed account still holds its positions.
    ///
    /// What somebody will hold counts as well: else an account is taken over on the eve.
    pub fn oversees(&self, authority: &Authority, account: AccountId, today: Date) -> bool {
        let theirs = self.authority_of(account, |holding| holding.to.is_none_or(|to| today <= to));
        !theirs.units.is_empty()
            && theirs.units.iter().all(|unit| authority.may(&self.tree, Capability::ManagePeople, *unit))
            && theirs.grants.iter().all(|grant| authority.may(&self.tree, grant.capability, grant.scope))
    }

    /// The level of a sheet.
    pub fn level_of(&self, assessment: &Assessment) -> Result<&Level, Error> {
        self.levels
            .get(&assessment.level)
            .ok_or_else(|| Error::inconsistent("assessment", assessment.id, "its level does not exist"))
    }

    /// The round of a sheet.
    pub fn round_of(&self, assessment: &Assessment) -> Result<&Round, Error> {
        self.rounds
            .get(&assessment.round)
            .ok_or_else(|| Error::inconsistent("assessment", assessment.id, "its round does not exist"))
    }

    /// The indicators that the round's owner exempted a unit from.
    pub fn exempt(&self, round: RoundId, unit: UnitId) -> BTreeSet<String> {
        self.rounds.get(&round).map_or_else(BTreeSet::new, |round| {
            round.settings.exemptions.iter().filter(|one| one.unit == unit).map(|one| one.indicator.clone()).collect()
        })
    }

    /// The unit that appraises an indicator of a round: the agency that was set, else the round's owner.
    pub fn agency(&self, round: &Round, indicator: &str) -> UnitId {
        round.agency(indicator).and_then(|code| self.tree.by_code(code)).map_or(round.owner, |unit| unit.id)
    }

    /// The people who appraise for an agency on a day, by their accounts.
    pub fn appraisers_of(&self, agency: UnitId, day: Date) -> Vec<&Account> {
        let mut found: Vec<&Account> = self
            .positions_of(agency)
            .into_iter()
            .filter(|position| position.capabilities.contains(&Capability::Appraise))
            .flat_map(|position| self.holders(position.id, day))
            .filter(|account| !account.disabled)
            .collect();
        found.sort_by_key(|account| account.id);
        found.dedup_by_key(|account| account.id);
        found
    }

    /// The units that a unit came from, over all generations, nearest first.
    pub fn forerunners(&self, unit: UnitId) -> Vec<UnitId> {
        let mut found = vec![unit];
        let mut at = 0;
        while let Some(now) = found.get(at).copied() {
            let before = self.lineage.iter().filter(|one| one.to == Some(now)).map(|one| one.from);
            let new: Vec<UnitId> = before.filter(|from| !found.contains(from)).collect();
            found.extend(new);
            at += 1;
        }
        found.remove(0);
        found
    }

    /// Whether somebody appraises an indicator of a unit: belongs to its agency, and not to the unit itself.
    pub fn appraises(&self, authority: &Authority, round: &Round, indicator: &str, unit: UnitId) -> bool {
        self.appraises_of(authority, round, indicator)(unit)
    }

    /// The same for whoever asks about many units: the agency is looked up once.
    pub fn appraises_of<'a>(
        &self,
        authority: &'a Authority,
        round: &Round,
        indicator: &str,
    ) -> impl Fn(UnitId) -> bool + use<'a> {
        let belongs = authority.may(&self.tree, Capability::Appraise, self.agency(round, indicator));
        move |unit| belongs && !authority.units.contains(&unit)
    }

    /// The assignments of an indicator in a unit.
    pub fn assigned(&self, round: RoundId, unit: UnitId, indicator: &str) -> &[Assignment] {
        self.assignments.get(&(round, unit)).and_then(|unit| unit.get(indicator)).map_or(&[], Vec::as_slice)
    }

    /// The unit's own deadline for an indicator: the earliest that was set.
    pub fn own_due(&self, round: RoundId, unit: UnitId, indicator: &str) -> Option<Date> {
        self.assigned(round, unit, indicator).iter().filter_map(|one| one.due).min()
    }

    /// The deadlines of a level, to ask for many of its sheets.
    pub fn deadlines(&self, level: LevelId) -> Option<Deadlines<'_>> {
        let level = self.levels.get(&level)?;
        let round = self.rounds.get(&level.facts.round)?;
        let set = &level.program.set;
        let printed = set.indicators().map(|one| (one.id.as_str(), round.printed_due(one.due.days()))).collect();
        Some(Deadlines { state: self, round, printed })
    }

    /// The sheets of a level of a round, in the order of the units' codes.
    pub fn sheets_of_level(&self, level: LevelId) -> Vec<&Assessment> {
        let mut sheets: Vec<&Assessment> = self.assessments.values().filter(|one| one.level == level).collect();
        sheets.sort_by_cached_key(|one| self.tree.get(one.unit).map(|unit| unit.code.clone()));
        sheets
    }

    /// The people who hold a position on a day.
    pub fn holders(&self, position: PositionId, day: Date) -> Vec<&Account> {
        let held = self.held_at(position).filter(|one| one.on(day));
        held.filter_map(|holding| self.accounts.get(&holding.account)).collect()
    }

    /// What a person holds, held or will hold, in the order in which it was given.
    pub fn held_by(&self, account: AccountId) -> impl Iterator<Item = &Holding> {
        self.held_by.get(&account).into_iter().flatten().filter_map(|id| self.holdings.get(id))
    }

    /// Who holds, held or will hold a position, in the order in which it was given.
    pub fn held_at(&self, position: PositionId) -> impl Iterator<Item = &Holding> {
        self.held_at.get(&position).into_iter().flatten().filter_map(|id| self.holdings.get(id))
    }

    /// The positions of a unit, in the order in which they were made.
    pub fn positions_of(&self, unit: UnitId) -> Vec<&Position> {
        self.positions_at.get(&unit).into_iter().flatten().filter_map(|id| self.positions.get(id)).collect()
    }

    /// Whose calendar has an address with this secret.
    pub fn account_by_calendar(&self, secret: &str) -> Option<&Account> {
        let address = kept_address(secret);
        self.accounts.values().find(|one| match one.calendar_secret() {
            Some(known) => known == secret,
            None => one.calendar == address,
        })
    }

    /// The account with a login, without regard to upper and lower case.
    pub fn account_by_login(&self, login: &str) -> Option<&Account> {
        let login = login.trim().to_lowercase();
        self.accounts.values().find(|account| account.login == login)
    }

    /// Puts a sheet's row in, or another state of it.
    pub(crate) fn put(&mut self, row: Assessment) {
        self.standings.add(&row);
        if let Some(before) = self.assessments.insert(row.id, row) {
            self.standings.remove(&before);
        }
    }
}

/// The round's figures by slot; one that cannot be read is missing.
pub(crate) fn round_cells(program: &Program, figures: &BTreeMap<String, String>) -> Vec<Cell> {
    program
        .round_slots
        .iter()
        .map(|info| {
            figures
                .get(&info.figure.id)
                .and_then(|typed| cycle::sheet::read_value(&info.figure, typed).ok())
                .unwrap_or_default()
        })
        .collect()
}

impl Level {
    /// What the rules about peers compare over these rows of the level, by block.
    pub(crate) fn spans<'a>(
        &self,
        rows: impl Iterator<Item = &'a Assessment>,
    ) -> BTreeMap<Option<i64>, Vec<Option<Spread>>> {
        let mut by_block: BTreeMap<Option<i64>, Vec<&[Measure]>> = BTreeMap::new();
        for row in rows {
            by_block.entry(row.block).or_default().push(&row.measures);
        }
        by_block.into_iter().map(|(block, units)| (block, single::spreads(&self.program, units.into_iter()))).collect()
    }

    /// What the level brings to the scoring of a sheet in a block.
    pub fn context<'a>(&'a self, block: Option<i64>, exempt: &'a BTreeSet<String>) -> LevelContext<'a> {
        let spreads = self.spreads.get(&block).map_or(&[][..], Vec::as_slice);
        LevelContext { program: &self.program, round: &self.round_cells, spreads, exempt }
    }

    /// What a block is called.
    pub fn block_name(&self, block: Option<i64>) -> Option<String> {
        let reference = self.program.set.head.ranking.block.as_deref()?;
        let Slot::Unit(at) = self.program.slot(None, reference)? else { return None };
        let option = usize::try_from(block?).ok()?;
        self.program.unit_slots.get(at)?.figure.options.get(option).map(|option| option.label.clone())
    }

    /// The block of a unit with these cells.
    pub fn block_of(&self, cells: &[Cell]) -> Option<i64> {
        let reference = self.program.set.head.ranking.block.as_deref()?;
        match self.program.slot(None, reference)? {
            Slot::Unit(at) => match cells.get(at)? {
                Cell::Option(option) => i64::try_from(*option).ok(),
                _ => None,
            },
            Slot::Round(_) => None,
        }
    }
}

pub(crate) fn sheet_state(id: AssessmentId, key: &str) -> Result<SheetState, Error> {
    match key {
        "open" => Ok(SheetState::Open),
        "submitted" => Ok(SheetState::Submitted),
        other => Err(Error::inconsistent("assessment", id, other)),
    }
}

/// A JSON column.
pub(crate) fn json<T: DeserializeOwned>(
    table: &'static str,
    key: impl std::fmt::Display,
    row: &AnyRow,
    column: usize,
) -> Result<T, Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| Error::inconsistent(table, key, error))
}

/// A JSON column that may be empty.
pub(crate) fn optional_json<T: DeserializeOwned>(
    table: &'static str,
    key: impl std::fmt::Display,
    row: &AnyRow,
    column: usize,
) -> Result<Option<T>, Error> {
    match row.try_get::<Option<String>, _>(column)? {
        Some(text) => serde_json::from_str(&text).map(Some).map_err(|error| Error::inconsistent(table, key, error)),
        None => Ok(None),
    }
}
