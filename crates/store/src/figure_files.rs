//! Files of figures that were uploaded into a round, and what was said of their columns. Their bytes are kept with the
//! evidence, by hash, so that a figure's origin can be opened as long as the figure stands.

use std::collections::BTreeMap;

use cycle::round::Round;
use cycle::{AccountId, Authority, Capability, FigureFileId, LevelId, RoundId};
use jiff::Timestamp;
use serde_json::Value as Json;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in};
use crate::error::Error;
use crate::sheets::instant;
use crate::state::{State, json};

/// A file of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureFile {
    /// Its identity.
    pub id: FigureFileId,
    /// The round.
    pub round: RoundId,
    /// The level whose units it is about.
    pub level: LevelId,
    /// What it was called.
    pub name: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What was answered about it, as whoever asked keeps it.
    pub answers: Json,
    /// When it was uploaded.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Option<AccountId>,
    /// When its figures were taken in.
    pub taken_at: Option<Timestamp>,
    /// By whom.
    pub taken_by: Option<AccountId>,
    /// How many figures it brought.
    pub figures: usize,
}

/// What is kept of files of figures.
#[derive(Clone, Debug, Default)]
pub struct FigureFiles {
    /// The files.
    pub files: BTreeMap<FigureFileId, FigureFile>,
    /// What columns mean: by the set's content hash and what tells the heads from others.
    pub columns: BTreeMap<(String, String), Vec<String>>,
}

impl State {
    /// Whether somebody may take figures of a level in at all: runs the round, or fills in for a unit of it.
    pub fn supplies(&self, authority: &Authority, round: &Round, level: LevelId) -> bool {
        if authority.may(&self.tree, Capability::RunRound, round.owner) {
            return true;
        }
        let fills = [Capability::FillAny, Capability::FillAssigned];
        let scopes = || fills.into_iter().flat_map(|one| authority.scopes(one));
        self.assessments.values().any(|row| {
            row.round == round.id && row.level == level && scopes().any(|scope| self.tree.within(row.unit, scope))
        })
    }
}

const FILES: &str = "SELECT id, round, level, name, sha256, bytes, answers, made_at, made_by, taken_at, taken_by, figures \
                     FROM figure_file WHERE seq > $1";
const COLUMNS: &str = "SELECT set_hash, heads, roles FROM figure_columns WHERE seq > $1";

/// Reads what was uploaded, answered and taken in since an event.
pub(crate) async fn catch_up(known: &mut FigureFiles, connection: &mut AnyConnection, since: i64) -> Result<(), Error> {
    for row in rows_in(connection, FILES, &[Value::from(since)]).await? {
        let id = FigureFileId(row.try_get(0)?);
        let made_at = instant(row.try_get(7)?);
        let file = FigureFile {
            id,
            round: RoundId(row.try_get(1)?),
            level: LevelId(row.try_get(2)?),
            name: row.try_get(3)?,
            sha256: row.try_get(4)?,
            bytes: u64::try_from(row.try_get::<i64, _>(5)?).unwrap_or_default(),
            answers: json("figure_file", id, &row, 6)?,
            made_at: made_at.ok_or_else(|| Error::inconsistent("figure_file", id, "it has no time"))?,
            made_by: row.try_get::<Option<i64>, _>(8)?.map(AccountId),
            taken_at: instant(row.try_get(9)?),
            taken_by: row.try_get::<Option<i64>, _>(10)?.map(AccountId),
            figures: usize::try_from(row.try_get::<i64, _>(11)?).unwrap_or_default(),
        };
        known.files.insert(id, file);
    }
    for row in rows_in(connection, COLUMNS, &[Value::from(since)]).await? {
        let (set, heads): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let roles = json("figure_columns", &heads, &row, 2)?;
        known.columns.insert((set, heads), roles);
    }
    Ok(())
}
