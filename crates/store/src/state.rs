//! What the house knows, in memory: units, people, rounds, who does what, and how each sheet stands. Entries are read
//! when a sheet is opened. Everything here is read back from the database, never the other way round.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use criteria::collation::sort_key;
use criteria::date::Date;
use criteria::{CriteriaSet, Files, Language};
use cycle::action::SheetState;
use cycle::round::{Round, RoundLevel};
use cycle::sheet::{LevelContext, Submission, Totals};
use cycle::tree::Descent;
use cycle::{
    AccountId, AssessmentId, Authority, Capability, DraftId, EntryState, Grant, LevelId, Mark, Marks, PaperId, Phase,
    PositionId, RoundId, Tree, Unit, UnitId, time,
};
use scoring::evaluate::Spread;
use scoring::single::Measure;
use scoring::{Cell, Program, Slot};
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in};
use crate::drafts::{self, Draft, OwnSet};
use crate::error::Error;
use crate::papers::{self, IssuedPaper};
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
    /// The secret part of its calendar's address.
    pub calendar: String,
    /// Whether a second factor is on.
    pub second_factor: bool,
    /// Whether a password was set.
    pub has_password: bool,
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
        let extended = self.round.extended(row.unit);
        let assigned = self.state.assignments.get(&(row.round, row.unit));
        // Few units set days of their own, and only those need to be looked up by indicator.
        let assigned = assigned.filter(|all| all.values().flatten().any(|one| one.due.is_some()));
        let own = |indicator: &str| assigned?.get(indicator)?.iter().filter_map(|one| one.due).min();
        let marks = row.marks.iter().zip(&self.printed).enumerate();
        let open = marks.filter(|(_, (mark, _))| mark.is_open());
        open.filter_map(|(place, (_, (indicator, printed)))| {
            let due = Round::due_after(*printed, own(indicator), extended).filter(|due| *due < today)?;
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

/// The last events that changed what files prove, and what is neither of one sheet nor of files.
const LAST_OF_KINDS: &str = "SELECT \
    COALESCE(MAX(CASE WHEN action IN ('evidence.checked', 'evidence.accepted') THEN seq END), 0), \
    COALESCE(MAX(CASE WHEN assessment IS NULL AND action <> 'evidence.checked' THEN seq END), 0) \
    FROM event WHERE seq > $1";

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
        let mut authority = Authority { account, positions: Vec::new(), units: Vec::new(), grants: Vec::new() };
        let mut held: Vec<&Holding> =
            self.holdings.values().filter(|holding| holding.account == account && holding.on(today)).collect();
        held.sort_by_key(|holding| holding.id);
        for position in held.into_iter().filter_map(|holding| self.positions.get(&holding.position)) {
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
        authority.may(&self.tree, Capability::Appraise, self.agency(round, indicator))
            && !authority.units.contains(&unit)
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
        let mut held: Vec<&Holding> =
            self.holdings.values().filter(|one| one.position == position && one.on(day)).collect();
        held.sort_by_key(|holding| holding.id);
        held.into_iter().filter_map(|holding| self.accounts.get(&holding.account)).collect()
    }

    /// The positions of a unit, in the order in which they were made.
    pub fn positions_of(&self, unit: UnitId) -> Vec<&Position> {
        let mut positions: Vec<&Position> = self.positions.values().filter(|one| one.unit == unit).collect();
        positions.sort_by_key(|position| position.id);
        positions
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

    /// Takes in every row that changed after the state's last event.
    pub(crate) async fn pull(&mut self, connection: &mut AnyConnection, head: i64) -> Result<Vec<AssessmentId>, Error> {
        let since = self.seq;
        let mut touched = Vec::new();
        for row in changed(
            connection,
            "SELECT id, code, name, kind, level, parent, valid_from, valid_to FROM unit WHERE seq > $1 ORDER BY id",
            since,
        )
        .await?
        {
            self.tree.insert(unit(&row)?);
            self.alphabet.clear();
        }
        if self.alphabet.is_empty() {
            let mut units: Vec<&Unit> = self.tree.all().collect();
            units.sort_by_cached_key(|unit| (sort_key(&unit.name), unit.code.clone()));
            self.alphabet = units.into_iter().map(|unit| unit.id).zip(0..).collect();
        }
        for row in changed(
            connection,
            "SELECT from_unit, to_unit, how, day, document FROM lineage WHERE seq > $1 ORDER BY id",
            since,
        )
        .await?
        {
            self.lineage.push(Lineage {
                from: UnitId(row.try_get(0)?),
                to: row.try_get::<Option<i64>, _>(1)?.map(UnitId),
                how: serde_json::from_value(serde_json::Value::String(row.try_get(2)?))
                    .map_err(|error| Error::inconsistent("lineage", "", error))?,
                day: day("lineage", &row, 3)?.unwrap_or(Date::MIN),
                document: row.try_get(4)?,
            });
        }
        for row in changed(
            connection,
            "SELECT id, login, name, disabled, language, calendar, totp, password FROM account WHERE seq > $1",
            since,
        )
        .await?
        {
            let id = AccountId(row.try_get(0)?);
            let language: String = row.try_get(4)?;
            self.accounts.insert(
                id,
                Account {
                    id,
                    login: row.try_get(1)?,
                    name: row.try_get(2)?,
                    disabled: row.try_get::<i64, _>(3)? != 0,
                    language: if language == "en" { Language::English } else { Language::Vietnamese },
                    calendar: row.try_get(5)?,
                    second_factor: row.try_get::<Option<String>, _>(6)?.is_some(),
                    has_password: row.try_get::<Option<String>, _>(7)?.is_some(),
                },
            );
        }
        for row in
            changed(connection, "SELECT id, unit, code, name, capabilities FROM position WHERE seq > $1", since).await?
        {
            let id = PositionId(row.try_get(0)?);
            let keys: String = row.try_get(4)?;
            let capabilities = keys.split(' ').filter_map(Capability::from_key).collect();
            let (unit, code, name) = (UnitId(row.try_get(1)?), row.try_get(2)?, row.try_get(3)?);
            self.positions.insert(id, Position { id, unit, code, name, capabilities });
        }
        for row in
            changed(connection, "SELECT id, position, account, from_day, to_day FROM holding WHERE seq > $1", since)
                .await?
        {
            let id = row.try_get(0)?;
            self.holdings.insert(
                id,
                Holding {
                    id,
                    position: PositionId(row.try_get(1)?),
                    account: AccountId(row.try_get(2)?),
                    from: day("holding", &row, 3)?.unwrap_or(Date::MIN),
                    to: day("holding", &row, 4)?,
                },
            );
        }
        for row in
            changed(connection, "SELECT id, owner, year, title, phase, days, settings FROM round WHERE seq > $1", since)
                .await?
        {
            let id = RoundId(row.try_get(0)?);
            let phase: String = row.try_get(4)?;
            self.rounds.insert(
                id,
                Round {
                    id,
                    owner: UnitId(row.try_get(1)?),
                    year: i16::try_from(row.try_get::<i64, _>(2)?)
                        .map_err(|error| Error::inconsistent("round", id, error))?,
                    title: row.try_get(3)?,
                    phase: Phase::from_key(&phase).ok_or_else(|| Error::inconsistent("round", id, &phase))?,
                    days: json("round", id, &row, 5)?,
                    settings: json("round", id, &row, 6)?,
                },
            );
        }
        for row in changed(
            connection,
            "SELECT id, round, level, set_hash, picks, figures, spreads FROM round_level WHERE seq > $1",
            since,
        )
        .await?
        {
            let level = self.level(connection, &row).await?;
            self.levels.insert(level.facts.id, level);
        }
        let mut unmarked = false;
        for row in changed(
            connection,
            "SELECT id, round, level, unit, state, version, submission, totals, measures, block, marks, absent \
             FROM assessment WHERE seq > $1",
            since,
        )
        .await?
        {
            let assessment = assessment(&row)?;
            touched.push(assessment.id);
            if row.try_get::<i64, _>(11)? != 0 {
                self.sheet_of.remove(&(assessment.round, assessment.unit));
                if let Some(gone) = self.assessments.remove(&assessment.id) {
                    self.standings.remove(&gone);
                }
                continue;
            }
            unmarked |= assessment.marks == Marks::default();
            self.sheet_of.insert((assessment.round, assessment.unit), assessment.id);
            self.put(assessment);
        }
        if unmarked {
            self.mark(connection).await?;
        }
        for row in changed(
            connection,
            "SELECT round, unit, indicator, position, role, due, removed FROM assignment WHERE seq > $1 ORDER BY id",
            since,
        )
        .await?
        {
            let key = (RoundId(row.try_get(0)?), UnitId(row.try_get(1)?));
            let indicator: String = row.try_get(2)?;
            let position = PositionId(row.try_get(3)?);
            let of_indicator = self.assignments.entry(key).or_default().entry(indicator).or_default();
            of_indicator.retain(|one| one.position != position);
            if row.try_get::<i64, _>(6)? == 0 {
                let leads = row.try_get::<String, _>(4)? == "lead";
                of_indicator.push(Assignment { position, leads, due: day("assignment", &row, 5)? });
                of_indicator.sort_by_key(|one| (!one.leads, one.position));
            }
        }
        for row in changed(connection, drafts::HEADS, since).await? {
            let draft = drafts::head(&row)?;
            if let Some(hash) = &draft.set_hash {
                let sql = "SELECT files FROM criteria_set WHERE hash = $1";
                let rows = rows_in(connection, sql, &[Value::from(hash.as_str())]).await?;
                let row = rows.first().ok_or_else(|| Error::inconsistent("draft_set", draft.id, "its set is gone"))?;
                let files: Arc<Files> = Arc::new(json("criteria_set", hash, row, 0)?);
                let set = OwnSet { draft: draft.id, hash: hash.clone(), files };
                self.own_sets.insert(draft.set.clone(), set);
            }
            self.drafts.insert(draft.id, draft);
        }
        papers::catch_up(&mut self.papers, connection, since).await?;
        if since == 0 {
            (self.proved, self.frame) = (head, head);
        } else if let Some(row) = changed(connection, LAST_OF_KINDS, since).await?.first() {
            self.proved = self.proved.max(row.try_get(0)?);
            self.frame = self.frame.max(row.try_get(1)?);
        }
        self.seq = head;
        Ok(touched)
    }

    /// Makes the marks of sheets that were last written before marks were kept.
    async fn mark(&mut self, connection: &mut AnyConnection) -> Result<(), Error> {
        let sql = "SELECT assessment, place, state, self_kind FROM entry \
                   WHERE assessment IN (SELECT id FROM assessment WHERE marks = '')";
        let mut found: HashMap<AssessmentId, Vec<(usize, Mark)>> = HashMap::new();
        for row in rows_in(connection, sql, &[]).await? {
            let id = AssessmentId(row.try_get(0)?);
            let place = usize::try_from(row.try_get::<i64, _>(1)?).unwrap_or(usize::MAX);
            let state: String = row.try_get(2)?;
            let state = EntryState::from_key(&state).ok_or_else(|| Error::inconsistent("entry", id, &state))?;
            let applies = row.try_get::<Option<String>, _>(3)?.as_deref() != Some("not_applicable");
            found.entry(id).or_default().push((place, Mark { state, applies }));
        }
        let untouched = Mark { state: EntryState::Empty, applies: true };
        for row in self.assessments.values_mut().filter(|row| row.marks == Marks::default()) {
            let count = self.levels.get(&row.level).map_or(0, |level| level.program.indicator_count());
            let mut marks = vec![untouched; count];
            for (place, mark) in found.remove(&row.id).unwrap_or_default() {
                if let Some(at) = marks.get_mut(place) {
                    *at = mark;
                }
            }
            row.marks = Marks::from_marks(marks.into_iter());
        }
        Ok(())
    }

    async fn level(&self, connection: &mut AnyConnection, row: &AnyRow) -> Result<Level, Error> {
        let id = LevelId(row.try_get(0)?);
        let facts = RoundLevel {
            id,
            round: RoundId(row.try_get(1)?),
            level: row.try_get(2)?,
            set_hash: row.try_get(3)?,
            picks: json("round_level", id, row, 4)?,
            figures: json("round_level", id, row, 5)?,
        };
        let year = self.rounds.get(&facts.round).map(|round| round.year);
        let same = self.levels.values().find(|level| {
            level.facts.set_hash == facts.set_hash
                && level.facts.picks == facts.picks
                && year == self.rounds.get(&level.facts.round).map(|round| round.year)
        });
        let program = match same {
            Some(level) => Arc::clone(&level.program),
            None => {
                let hash = facts.set_hash.as_str();
                let rows =
                    rows_in(connection, "SELECT id, files FROM criteria_set WHERE hash = $1", &[Value::from(hash)])
                        .await?;
                let row = rows.first().ok_or_else(|| Error::inconsistent("round_level", id, "its set is not kept"))?;
                let set_id: String = row.try_get(0)?;
                let files: Files = json("criteria_set", hash, row, 1)?;
                let set = CriteriaSet::read(&set_id, &files)
                    .map_err(|problems| Error::inconsistent("criteria_set", hash, format!("{problems:?}")))?;
                let program = Program::new(&set, &facts.picks, year)
                    .map_err(|texts| Error::inconsistent("round_level", id, format!("{texts:?}")))?;
                Arc::new(program)
            }
        };
        Ok(Level { round_cells: round_cells(&program, &facts.figures), spreads: spreads(id, row, 6)?, program, facts })
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

async fn changed(connection: &mut AnyConnection, sql: &str, since: i64) -> Result<Vec<AnyRow>, Error> {
    rows_in(connection, sql, &[Value::from(since)]).await
}

fn unit(row: &AnyRow) -> Result<Unit, Error> {
    Ok(Unit {
        id: UnitId(row.try_get(0)?),
        code: row.try_get(1)?,
        name: row.try_get(2)?,
        kind: row.try_get(3)?,
        level: row.try_get(4)?,
        parent: row.try_get::<Option<i64>, _>(5)?.map(UnitId),
        from: day("unit", row, 6)?,
        to: day("unit", row, 7)?,
    })
}

fn assessment(row: &AnyRow) -> Result<Assessment, Error> {
    let id = AssessmentId(row.try_get(0)?);
    let state: String = row.try_get(4)?;
    Ok(Assessment {
        id,
        round: RoundId(row.try_get(1)?),
        level: LevelId(row.try_get(2)?),
        unit: UnitId(row.try_get(3)?),
        state: sheet_state(id, &state)?,
        version: row.try_get(5)?,
        submission: optional_json("assessment", id, row, 6)?,
        totals: json("assessment", id, row, 7)?,
        measures: json("assessment", id, row, 8)?,
        block: row.try_get(9)?,
        marks: {
            let text: String = row.try_get(10)?;
            Marks::read(&text).ok_or_else(|| Error::inconsistent("assessment", id, text))?
        },
    })
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

fn day(table: &'static str, row: &AnyRow, column: usize) -> Result<Option<Date>, Error> {
    match row.try_get::<Option<String>, _>(column)? {
        Some(text) => text.parse().map(Some).map_err(|_| Error::inconsistent(table, "", text)),
        None => Ok(None),
    }
}

type SpreadRow = (Option<i64>, Vec<Option<((i64, i64), (i64, i64))>>);

fn spreads(id: LevelId, row: &AnyRow, column: usize) -> Result<BTreeMap<Option<i64>, Vec<Option<Spread>>>, Error> {
    let rows: Vec<SpreadRow> = json("round_level", id, row, column)?;
    let of = |one: Option<((i64, i64), (i64, i64))>| one.map(|(least, most)| Spread { least, most });
    Ok(rows.into_iter().map(|(block, spreads)| (block, spreads.into_iter().map(of).collect())).collect())
}

/// The spreads as their column keeps them.
pub(crate) fn spreads_text(spreads: &BTreeMap<Option<i64>, Vec<Option<Spread>>>) -> String {
    let rows: Vec<SpreadRow> = spreads
        .iter()
        .map(|(block, of_block)| {
            (*block, of_block.iter().map(|one| one.map(|spread| (spread.least, spread.most))).collect())
        })
        .collect();
    serde_json::json!(rows).to_string()
}
