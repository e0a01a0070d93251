//! Taking in what changed: every row that an event after the last one touched.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use criteria::collation::sort_key;
use criteria::date::Date;
use criteria::{CriteriaSet, Files, Language};
use cycle::round::{Round, RoundLevel};
use cycle::{
    AccountId, AssessmentId, Capability, EntryState, LevelId, Mark, Marks, Phase, PositionId, RoundId, Unit, UnitId,
};
use scoring::Program;
use scoring::evaluate::Spread;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in};
use crate::drafts::{self, OwnSet};
use crate::error::Error;
use crate::figure_files;
use crate::packed::{Fields, Query};
use crate::papers;
use crate::state::{
    Account, Assessment, Assignment, Holding, Level, Lineage, Position, State, json, optional_json, round_cells,
    sheet_state,
};

/// The last events that changed what files prove, and what is neither of one sheet nor of files.
const LAST_OF_KINDS: &str = "SELECT \
    COALESCE(MAX(CASE WHEN action IN ('evidence.checked', 'evidence.accepted') THEN seq END), 0), \
    COALESCE(MAX(CASE WHEN assessment IS NULL AND action NOT IN ('evidence.checked', 'person.sessions') THEN seq END), 0) \
    FROM event WHERE seq > $1";

impl State {
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
            let (from, to) = (UnitId(row.try_get(0)?), row.try_get::<Option<i64>, _>(1)?.map(UnitId));
            if let Some(to) = to {
                self.tree.succeed(from, to);
            }
            self.lineage.push(Lineage {
                from,
                to,
                how: serde_json::from_value(serde_json::Value::String(row.try_get(2)?))
                    .map_err(|error| Error::inconsistent("lineage", "", error))?,
                day: day("lineage", &row, 3)?.unwrap_or(Date::MIN),
                document: row.try_get(4)?,
            });
        }
        self.pull_people(connection, since).await?;
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
            "SELECT id, round, level, set_hash, picks, figures, spreads, grades FROM round_level WHERE seq > $1",
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
        figure_files::catch_up(&mut self.figure_files, connection, since).await?;
        if since == 0 {
            (self.proved, self.frame) = (head, head);
        } else if let Some(row) = changed(connection, LAST_OF_KINDS, since).await?.first() {
            self.proved = self.proved.max(row.try_get(0)?);
            self.frame = self.frame.max(row.try_get(1)?);
        }
        self.seq = head;
        Ok(touched)
    }

    /// Accounts, positions and who holds them: of a country, some 70,000 rows.
    async fn pull_people(&mut self, connection: &mut AnyConnection, since: i64) -> Result<(), Error> {
        let since = [Value::from(since)];
        let columns = [
            "id",
            "login",
            "name",
            "disabled",
            "language",
            "calendar",
            "totp IS NOT NULL",
            "password IS NOT NULL",
            "seq",
        ];
        let rest = "FROM account WHERE seq > $1 GROUP BY id / 1024";
        let is = |row: &Fields<'_>, at| Ok::<_, Error>(matches!(row.text(at)?, "1" | "true"));
        let query = Query { table: "account", columns: &columns, rest };
        let accounts = query.read(connection, &since, |row| {
            let id = AccountId(row.parsed(0)?);
            let account = Account {
                id,
                login: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                disabled: is(row, 3)?,
                language: if row.text(4)? == "en" { Language::English } else { Language::Vietnamese },
                calendar: row.text(5)?.to_owned(),
                second_factor: is(row, 6)?,
                has_password: is(row, 7)?,
                touched: row.parsed(8)?,
            };
            self.accounts.insert(id, account);
            Ok(())
        });
        accounts.await?;
        let rest = "FROM position WHERE seq > $1 GROUP BY id / 1024";
        let query = Query { table: "position", columns: &["id", "unit", "code", "name", "capabilities"], rest };
        let positions = query.read(connection, &since, |row| {
            let (id, unit) = (PositionId(row.parsed(0)?), UnitId(row.parsed(1)?));
            let (code, name) = (row.text(2)?.to_owned(), row.text(3)?.to_owned());
            let capabilities = row.text(4)?.split(' ').filter_map(Capability::from_key).collect();
            if self.positions.insert(id, Position { id, unit, code, name, capabilities }).is_none() {
                keep_sorted(self.positions_at.entry(unit).or_default(), id);
            }
            Ok(())
        });
        positions.await?;
        let rest = "FROM holding WHERE seq > $1 GROUP BY id / 1024";
        let query = Query { table: "holding", columns: &["id", "position", "account", "from_day", "to_day"], rest };
        let holdings = query.read(connection, &since, |row| {
            let (id, position, account) = (row.parsed(0)?, PositionId(row.parsed(1)?), AccountId(row.parsed(2)?));
            let from = row.maybe_parsed(3)?.unwrap_or(Date::MIN);
            // Who holds what never changes, only until when.
            let holding = Holding { id, position, account, from, to: row.maybe_parsed(4)? };
            if self.holdings.insert(id, holding).is_none() {
                keep_sorted(self.held_at.entry(position).or_default(), id);
                keep_sorted(self.held_by.entry(account).or_default(), id);
            }
            Ok(())
        });
        holdings.await
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
            grades: json("round_level", id, row, 7)?,
        };
        let year = self.rounds.get(&facts.round).map(|round| round.year);
        let same = self.levels.values().find(|level| {
            level.facts.set_hash == facts.set_hash
                && level.facts.picks == facts.picks
                && level.facts.grades == facts.grades
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
                let mut program = Program::new(&set, &facts.picks, year)
                    .map_err(|texts| Error::inconsistent("round_level", id, format!("{texts:?}")))?;
                // The program keeps the hash of the set as it is kept.
                if !facts.grades.is_empty() {
                    program.set.head.ranking.grades.clone_from(&facts.grades);
                }
                Arc::new(program)
            }
        };
        Ok(Level { round_cells: round_cells(&program, &facts.figures), spreads: spreads(id, row, 6)?, program, facts })
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

/// Puts an identity where it belongs by its age.
fn keep_sorted<T: Ord>(ids: &mut Vec<T>, id: T) {
    let at = ids.partition_point(|one| *one < id);
    ids.insert(at, id);
}
