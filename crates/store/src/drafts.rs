//! Drafts of criteria sets and the sets that they became. Heads are in memory, files are read where they are shown.

use std::sync::Arc;

use criteria::Files;
use cycle::{AccountId, DraftId, UnitId};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::Value;
use crate::error::Error;
use crate::sheets::instant;
use crate::state::json;
use crate::store::Store;

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// It is being put right.
    Open,
    /// It became a set, and never changes again.
    Adopted,
    /// Nobody wants it any more.
    Dropped,
}

/// A draft of a criteria set, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its identity.
    pub id: DraftId,
    /// The unit that it belongs to.
    pub owner: UnitId,
    /// The id of the set.
    pub set: String,
    /// The title of the set.
    pub title: String,
    /// The file that it was imported from, as people call it.
    pub file: String,
    /// The SHA-256 of that file's bytes.
    pub sha256: String,
    /// Where it stands.
    pub state: DraftState,
    /// How often it was changed, from 1.
    pub version: i64,
    /// The content hash of the set that it became.
    pub set_hash: Option<String>,
    /// When it was imported.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Option<AccountId>,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: Option<AccountId>,
}

/// A set that was adopted from a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSet {
    /// The draft.
    pub draft: DraftId,
    /// The content hash.
    pub hash: String,
    /// The files.
    pub files: Arc<Files>,
}

/// The columns of a draft's head, in the order that [`head`] reads.
pub(crate) const HEADS: &str = "SELECT id, owner, set_id, title, file, sha256, state, version, set_hash, made_at, \
                                made_by, changed_at, changed_by FROM draft_set WHERE seq > $1";

/// A draft's head from its row.
pub(crate) fn head(row: &AnyRow) -> Result<Draft, Error> {
    let id = DraftId(row.try_get(0)?);
    let state: String = row.try_get(6)?;
    let at = |column: usize| -> Result<_, Error> {
        let milliseconds = row.try_get(column)?;
        instant(milliseconds).ok_or_else(|| Error::inconsistent("draft_set", id, "it has no time"))
    };
    let by = |column: usize| -> Result<_, Error> { Ok(row.try_get::<Option<i64>, _>(column)?.map(AccountId)) };
    Ok(Draft {
        id,
        owner: UnitId(row.try_get(1)?),
        set: row.try_get(2)?,
        title: row.try_get(3)?,
        file: row.try_get(4)?,
        sha256: row.try_get(5)?,
        state: match state.as_str() {
            "open" => DraftState::Open,
            "adopted" => DraftState::Adopted,
            "dropped" => DraftState::Dropped,
            other => return Err(Error::inconsistent("draft_set", id, other)),
        },
        version: row.try_get(7)?,
        set_hash: row.try_get(8)?,
        made_at: at(9)?,
        made_by: by(10)?,
        changed_at: at(11)?,
        changed_by: by(12)?,
    })
}

impl Store {
    /// A draft's files with the version that they are; `None` where there is no such draft.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub async fn draft_files(&self, id: DraftId) -> Result<Option<(i64, Files)>, Error> {
        let sql = "SELECT version, files FROM draft_set WHERE id = $1";
        let rows = self.shared.database.rows(sql, &[Value::from(id.0)]).await?;
        rows.first().map(|row| Ok((row.try_get(0)?, json("draft_set", id, row, 1)?))).transpose()
    }
}
