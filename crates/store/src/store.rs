//! The store: opening it, reading it, and handing changes to the door.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cycle::proof::Proofs;
use cycle::{AccountId, AssessmentId, Entry, EntryState, EvidenceId, LevelId, Sheet};
use jiff::Timestamp;
use sqlx::{AnyConnection, Row};
use tokio::sync::{mpsc, oneshot};

use crate::command::{Actor, Command, Done, Refusal};
use crate::counts::Counters;
use crate::database::{Database, rows_in};
use crate::door::{self, Head, Order};
use crate::error::Error;
use crate::evidence::Folder;
use crate::packed::Query;
use crate::publication::UnitResult;
use crate::reading::{Lock, Reading};
use crate::state::{Assessment, State};
use crate::{limits, sheets};

/// What readers and the door share.
pub(crate) struct Shared {
    pub database: Database,
    pub counters: Counters,
    state: Lock,
    /// Looks for what other copies changed: how many were begun, and the last that ended well.
    looks_begun: AtomicU64,
    looked: tokio::sync::Mutex<u64>,
    pub(crate) sheets: Mutex<HashMap<AssessmentId, Arc<Sheet>>>,
    /// Whose turn it is to read more sheets than are kept.
    many: tokio::sync::Mutex<()>,
    /// The evidence of sheets as signed files.
    pub(crate) proofs: Mutex<HashMap<AssessmentId, KnownProofs>>,
    /// How many notices people have not read, and when they were counted.
    pub(crate) unread: Mutex<HashMap<AccountId, (i64, Instant)>>,
    /// Published results by publication and level: they never change.
    pub(crate) published: Mutex<HashMap<(i64, String), Results>>,
}

/// A level's published results, best first.
pub(crate) type Results = Arc<Vec<UnitResult>>;

/// What was read of a sheet's evidence as signed files. It holds while the sheet has the same evidence and no file has
/// another verdict.
pub(crate) struct KnownProofs {
    /// As [`State::proved`] was.
    pub proved: i64,
    /// The evidence in force.
    pub evidence: Vec<EvidenceId>,
    pub proofs: Arc<Proofs>,
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) door: mpsc::Sender<Order>,
    /// The files of evidence.
    pub evidence: Folder,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH?mode=rwc` or `postgres://…`) and the folder of evidence, and brings
    /// the database up to date. Needs a Tokio runtime.
    ///
    /// # Errors
    /// What cannot be opened, migrated or understood.
    pub async fn open(url: &str, evidence: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::over(Database::open(url).await?, evidence.into()).await
    }

    /// The same, without bringing the database up to date: for whoever looks at what another copy of the program serves.
    ///
    /// # Errors
    /// What cannot be opened or understood; a database of another version.
    pub async fn open_as_it_is(url: &str, evidence: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::over(Database::open_as_it_is(url).await?, evidence.into()).await
    }

    async fn over(database: Database, evidence: PathBuf) -> Result<Self, Error> {
        let evidence = Folder::open(evidence)?;
        let shared = Arc::new(Shared {
            database,
            counters: Counters::default(),
            state: Lock::default(),
            looks_begun: AtomicU64::new(0),
            looked: tokio::sync::Mutex::new(0),
            unread: Mutex::new(HashMap::new()),
            sheets: Mutex::new(HashMap::new()),
            many: tokio::sync::Mutex::default(),
            proofs: Mutex::new(HashMap::new()),
            published: Mutex::new(HashMap::new()),
        });
        let mut connection = shared.database.pool.acquire().await?;
        shared.catch_up(&mut connection).await?;
        drop(connection);
        let (door, orders) = mpsc::channel(limits::QUEUE_MAX);
        let (wrote, gathered) = mpsc::channel(1);
        tokio::spawn(shared.database.clone().keep_log_short(gathered));
        tokio::spawn(door::run(Arc::clone(&shared), orders, wrote));
        Ok(Self { shared, door, evidence })
    }

    /// What is known, as of the last [`Store::refresh`]. Not to be held over an await.
    pub fn state(&self) -> Reading<'_> {
        self.shared.state()
    }

    /// Takes in what other copies of the program changed. One small query when nothing did.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn refresh(&self) -> Result<(), Error> {
        // A look that began after this was asked for is as good as an own one: many who ask at once share it.
        let asked = self.shared.looks_begun.load(Ordering::SeqCst);
        let mut looked = self.shared.looked.lock().await;
        if *looked > asked {
            return Ok(());
        }
        let look = self.shared.looks_begun.fetch_add(1, Ordering::SeqCst) + 1;
        self.look().await?;
        *looked = look;
        Ok(())
    }

    async fn look(&self) -> Result<(), Error> {
        let rows = self.shared.database.rows("SELECT seq FROM head WHERE id = 1", &[]).await?;
        let row = rows.first().ok_or_else(|| Error::inconsistent("head", 1, "it does not exist"))?;
        let seq: i64 = row.try_get(0)?;
        if seq > self.shared.state().seq {
            let mut connection = self.shared.database.pool.acquire().await?;
            self.shared.catch_up_to(&mut connection, seq).await?;
        }
        Ok(())
    }

    /// A sheet with its entries; `None` where there is none.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn sheet(&self, id: AssessmentId) -> Result<Option<Arc<Sheet>>, Error> {
        if let Some(sheet) = self.shared.known_sheet(id) {
            return Ok(Some(sheet));
        }
        let mut connection = self.shared.database.pool.acquire().await?;
        self.shared.sheet_within(&mut connection, id, true).await
    }

    /// Goes through how sheets stand: states, scores, verdicts and days. Figures, words and evidence may be left out.
    /// Sheets come once each, some at a time, by level and identity, so that a country needs no more memory than a
    /// province; where there is room for all of them in memory, they are kept there.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn each_score(
        &self,
        mut rows: Vec<Assessment>,
        mut each: impl FnMut(Vec<(Assessment, Arc<Sheet>)>),
    ) -> Result<(), Error> {
        // One at a time reads more than are kept, so that connections stay for everybody else.
        let many = rows.len() > limits::SHEETS_READ_TOGETHER_MAX;
        let _turn = if many { Some(self.shared.many.lock().await) } else { None };
        rows.sort_by_key(|row| (row.level, row.id));
        rows.dedup_by_key(|row| row.id);
        for level in rows.chunk_by(|one, next| one.level == next.level) {
            for some in level.chunks(limits::SCORES_TOGETHER_MAX) {
                let sheets = if many { self.scores(some).await? } else { self.sheets(some).await? };
                each(sheets);
            }
        }
        Ok(())
    }

    /// Sheets with their rows.
    async fn sheets(&self, rows: &[Assessment]) -> Result<Vec<(Assessment, Arc<Sheet>)>, Error> {
        let mut sheets = Vec::with_capacity(rows.len());
        let mut connection = None;
        for row in rows {
            let sheet = match self.shared.known_sheet(row.id) {
                Some(sheet) => Some(sheet),
                None => {
                    // Only who has something to read waits for a connection.
                    let connection = match &mut connection {
                        Some(connection) => connection,
                        none => none.insert(self.shared.database.pool.acquire().await?),
                    };
                    self.shared.sheet_within(connection, row.id, true).await?
                }
            };
            sheets.extend(sheet.map(|sheet| (row.clone(), sheet)));
        }
        Ok(sheets)
    }

    /// How sheets of a level stand, with their rows, without keeping what is read.
    async fn scores(&self, rows: &[Assessment]) -> Result<Vec<(Assessment, Arc<Sheet>)>, Error> {
        let mut known: HashMap<AssessmentId, Arc<Sheet>> = HashMap::with_capacity(rows.len());
        known.extend(rows.iter().filter_map(|row| Some((row.id, self.shared.known_sheet(row.id)?))));
        let unread: Vec<&Assessment> = rows.iter().filter(|row| !known.contains_key(&row.id)).collect();
        let level = rows.first().and_then(|row| self.state().levels.get(&row.level).cloned());
        if let Some(level) = level.filter(|_| !unread.is_empty()) {
            let mut connection = self.shared.database.pool.acquire().await?;
            let read = self.shared.database.counted(sheets::load_scores(&mut connection, &unread, &level).await)?;
            known.extend(read.into_iter().map(|sheet| (sheet.id, Arc::new(sheet))));
        }
        Ok(rows.iter().filter_map(|row| Some((row.clone(), known.remove(&row.id)?))).collect())
    }

    /// One indicator's entries on many sheets: for whoever looks at a criterion over all units. Sheets that do not exist,
    /// or have no such indicator, are left out.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn entries_at(
        &self,
        ids: &[AssessmentId],
        indicator: &str,
    ) -> Result<HashMap<AssessmentId, Entry>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut unread: BTreeMap<LevelId, Vec<AssessmentId>> = BTreeMap::new();
        for id in ids {
            match self.shared.known_sheet(*id) {
                Some(sheet) => found.extend(sheet.entry(indicator).map(|(_, entry)| (*id, entry.clone()))),
                None => {
                    let state = self.state();
                    let level = state.assessments.get(id).and_then(|row| state.levels.get(&row.level));
                    if let Some(level) = level.filter(|level| level.program.indicator_index(indicator).is_some()) {
                        unread.entry(level.facts.id).or_default().push(*id);
                    }
                }
            }
        }
        let rest = "FROM assessment a JOIN entry e ON e.assessment = a.id \
                    WHERE a.level = $1 AND e.indicator = $2 GROUP BY e.assessment / 64";
        let query = Query { table: "entry", columns: &sheets::ENTRY_COLUMNS, rest };
        for (level, wanted) in unread {
            let mut entries: HashMap<AssessmentId, Entry> =
                wanted.into_iter().map(|id| (id, Entry::empty(indicator))).collect();
            let mut connection = self.shared.database.pool.acquire().await?;
            let of = [level.0.into(), indicator.into()];
            let read = query.read(&mut connection, &of, |row| match entries.get_mut(&AssessmentId(row.parsed(0)?)) {
                Some(entry) => sheets::read_entry(row, entry),
                None => Ok(()),
            });
            self.shared.database.counted(read.await)?;
            found.extend(entries);
        }
        Ok(found)
    }

    /// The entries of sheets whose appraisal was more than accepting, each with its place in the set: where declared and
    /// appraised points can differ, and what was decided.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn judged_otherwise(&self, rows: &[Assessment]) -> Result<Vec<(AssessmentId, usize, Entry)>, Error> {
        let mut found = Vec::new();
        let mut unread: BTreeMap<LevelId, HashSet<AssessmentId>> = BTreeMap::new();
        for row in rows {
            let Some(sheet) = self.shared.known_sheet(row.id) else {
                unread.entry(row.level).or_default().insert(row.id);
                continue;
            };
            let judged = sheet.entries.iter().enumerate().filter(|(_, entry)| is_judged_otherwise(entry));
            found.extend(judged.map(|(place, entry)| (row.id, place, entry.clone())));
        }
        let rest = "FROM assessment a JOIN entry e ON e.assessment = a.id WHERE a.level = $1 \
                    AND e.appraised IS NOT NULL AND (e.final IS NOT NULL OR e.state <> 'accepted') \
                    GROUP BY e.assessment / 64";
        let query = Query { table: "entry", columns: &sheets::ENTRY_COLUMNS, rest };
        for (level, wanted) in unread {
            let mut connection = self.shared.database.pool.acquire().await?;
            let of = [level.0.into()];
            let read = query.read(&mut connection, &of, |row| {
                let id = AssessmentId(row.parsed(0)?);
                if wanted.contains(&id) {
                    let mut entry = Entry::empty(row.text(1)?);
                    sheets::read_entry(row, &mut entry)?;
                    found.push((id, row.parsed(2)?, entry));
                }
                Ok(())
            });
            self.shared.database.counted(read.await)?;
        }
        Ok(found)
    }

    /// A sheet for whoever goes through many one by one: it does not take the place of those that people have open.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn sheet_in_passing(&self, id: AssessmentId) -> Result<Option<Arc<Sheet>>, Error> {
        let mut connection = self.shared.database.pool.acquire().await?;
        self.shared.sheet_within(&mut connection, id, false).await
    }

    /// Asks the door for a change; answers when it is on the disk.
    ///
    /// # Errors
    /// Why it was not made. Nothing of it was.
    pub async fn change(&self, actor: Actor, at: Timestamp, command: Command) -> Result<Done, Refusal> {
        let (answer, answered) = oneshot::channel();
        let order = Order { actor, at, command, answer };
        self.door.send(order).await.map_err(|_| Refusal::Failed(Error::Closed))?;
        let result = answered.await.unwrap_or(Err(Refusal::Failed(Error::Closed)));
        self.shared.counters.changed(result.is_ok());
        result
    }

    /// Copies the database into a new SQLite file while it is in use, as it stands at one moment.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub async fn copy_to(&self, path: &std::path::Path) -> Result<(), Error> {
        crate::copy::to_file(&self.shared.database, path).await
    }

    /// The last event of the log: its number and its hash.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn head(&self) -> Result<(i64, String), Error> {
        let rows = self.shared.database.rows("SELECT seq, hash FROM head WHERE id = 1", &[]).await?;
        let row = rows.first().ok_or_else(|| Error::inconsistent("head", 1, "it does not exist"))?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}

impl Shared {
    pub(crate) fn state(&self) -> Reading<'_> {
        self.state.read()
    }

    fn known_sheet(&self, id: AssessmentId) -> Option<Arc<Sheet>> {
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn keep(&self, sheet: Sheet) -> Arc<Sheet> {
        let sheet = Arc::new(sheet);
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if sheets.len() >= limits::SHEETS_IN_MEMORY_MAX
            && let Some(any) = sheets.keys().next().copied()
        {
            sheets.remove(&any);
        }
        sheets.insert(sheet.id, Arc::clone(&sheet));
        sheet
    }

    /// A sheet, read in the transaction at hand where it is not in memory; whether it is kept there is the caller's.
    pub(crate) async fn sheet_within(
        &self,
        connection: &mut AnyConnection,
        id: AssessmentId,
        keeps: bool,
    ) -> Result<Option<Arc<Sheet>>, Error> {
        if let Some(sheet) = self.known_sheet(id) {
            return Ok(Some(sheet));
        }
        let known = {
            let state = self.state();
            match state.assessments.get(&id) {
                Some(row) => Some((row.clone(), state.level_of(row)?.clone())),
                None => None,
            }
        };
        let Some((row, level)) = known else { return Ok(None) };
        let sheet = sheets::load(connection, &row, &level).await?;
        // A change that was committed meanwhile has put a newer one down, and this one must not take its place. Whoever
        // commits waits for this look at the state, so that none comes between the look and the keeping.
        let state = self.state();
        let current = state.assessments.get(&id).is_some_and(|row| row.version == sheet.version);
        Ok(Some(if keeps && current { self.keep(sheet) } else { Arc::new(sheet) }))
    }

    /// Takes in everything up to the log's end.
    pub(crate) async fn catch_up(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        let rows = rows_in(connection, "SELECT seq FROM head WHERE id = 1", &[]).await?;
        let row = rows.first().ok_or_else(|| Error::inconsistent("head", 1, "it does not exist"))?;
        let seq: i64 = row.try_get(0)?;
        self.catch_up_to(connection, seq).await
    }

    pub(crate) async fn catch_up_to(&self, connection: &mut AnyConnection, seq: i64) -> Result<(), Error> {
        if self.state().seq >= seq && seq > 0 {
            return Ok(());
        }
        let mut next = self.state().clone();
        let touched = next.pull(connection, seq).await?;
        let mut state = self.state.write();
        if next.seq >= state.seq {
            *state = next;
            let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
            touched.iter().for_each(|id| drop(sheets.remove(id)));
        }
        Ok(())
    }

    /// Makes a committed transaction's sheets known. Gives whether the rest must be read again.
    pub(crate) fn publish(&self, changed: HashMap<AssessmentId, (Sheet, Assessment)>, head: Head) -> bool {
        if !head.only_sheets {
            return head.after != head.before;
        }
        let mut state = self.state.write();
        if state.seq != head.before {
            return true;
        }
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, (sheet, row)) in changed {
            state.put(row);
            if let Some(known) = sheets.get_mut(&id) {
                *known = Arc::new(sheet);
            }
        }
        drop(sheets);
        state.seq = head.after;
        if head.proves {
            state.proved = head.after;
        }
        false
    }

    /// Forgets how many notices people have not read, after some were made or read.
    pub(crate) fn forget_unread(&self) {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets everything in memory; it is read again when it is next needed.
    pub(crate) fn forget(&self) {
        *self.state.write() = State::default();
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whether the appraisal of an entry was more than accepting it: what the index `entry_judged_otherwise` holds.
fn is_judged_otherwise(entry: &Entry) -> bool {
    entry.appraised.is_some() && (entry.final_score.is_some() || entry.state != EntryState::Accepted)
}
