//! Work that is done later: kept in the database, leased to one copy of the program at a time, tried again when it
//! fails.

use cycle::{AssessmentId, LevelId};
use jiff::Timestamp;
use sqlx::Row;

use crate::command::{Actor, Command, Refusal};
use crate::database::Value;
use crate::error::Error;
use crate::limits;
use crate::store::Store;

/// How long a copy has to finish a job before another may take it, in milliseconds.
const LEASE_MS: i64 = 5 * 60 * 1000;
/// How often a job is tried: over some 32 hours, so that a mail server may be out for a day.
pub(crate) const ATTEMPTS_MAX: i64 = 14;
/// How long is waited between two attempts at most, in minutes.
const WAIT_MINUTES_MAX: i64 = 6 * 60;

/// A job that is leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its identity.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub payload: String,
    /// How often it was tried before.
    pub attempts: i64,
}

impl Store {
    /// Takes the next job of a kind that is due, if there is one, so that no other copy takes it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn lease(&self, at: Timestamp, kind: &str) -> Result<Option<Job>, Error> {
        let now = at.as_millisecond();
        let sql = "SELECT id, payload, attempts, lease FROM job WHERE kind = $3 \
                   AND done_at IS NULL AND due <= $1 AND lease < $1 AND attempts < $2 ORDER BY due, id LIMIT 1";
        let values = [Value::from(now), Value::from(ATTEMPTS_MAX), Value::from(kind)];
        let rows = self.shared.database.rows(sql, &values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (id, lease): (i64, i64) = (row.try_get(0)?, row.try_get(3)?);
        let values = [Value::from(id), Value::from(now + LEASE_MS), Value::from(lease)];
        let sql = "UPDATE job SET lease = $2, attempts = attempts + 1 WHERE id = $1 AND lease = $3 AND done_at IS NULL";
        if self.shared.database.execute(sql, &values).await? == 0 {
            return Ok(None);
        }
        Ok(Some(Job { id, kind: kind.to_owned(), payload: row.try_get(1)?, attempts: row.try_get(2)? }))
    }

    /// Ends a job.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn finish(&self, job: &Job, at: Timestamp, failure: Option<&str>) -> Result<(), Error> {
        let now = at.as_millisecond();
        match failure {
            None => {
                self.shared.database.execute("DELETE FROM job WHERE id = $1", &[Value::from(job.id)]).await?;
            }
            Some(failure) => {
                // Waits longer each time: 1, 2, 4 … minutes.
                let wait = (1 << job.attempts.clamp(0, 10)).min(WAIT_MINUTES_MAX) * 60_000;
                let values = [Value::from(job.id), Value::from(now + wait), Value::from(failure)];
                let sql = "UPDATE job SET lease = 0, due = $2, failure = $3 WHERE id = $1";
                self.shared.database.execute(sql, &values).await?;
            }
        }
        Ok(())
    }

    /// The jobs that were tried too often and stand still: kind, how many, what went wrong last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn given_up(&self) -> Result<Vec<(String, i64, String)>, Error> {
        let sql = "SELECT kind, COUNT(*), COALESCE(MAX(failure), '') FROM job \
                   WHERE done_at IS NULL AND attempts >= $1 GROUP BY kind ORDER BY kind";
        let rows = self.shared.database.rows(sql, &[Value::from(ATTEMPTS_MAX)]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// Does the jobs that are the store's own, until none is due.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn work(&self, at: Timestamp) -> Result<(), Error> {
        while let Some(job) = self.lease(at, "respread").await? {
            let level = job.payload.parse().map_err(|_| Error::inconsistent("job", job.id, &job.payload))?;
            let failure = match self.respread(at, level, job.attempts > 0).await {
                Ok(_) | Err(Refusal::NotFound) => None,
                Err(Refusal::Failed(error)) => Some(error.to_string()),
                Err(other) => Some(format!("{other:?}")),
            };
            self.finish(&job, at, failure.as_deref()).await?;
        }
        Ok(())
    }

    /// Takes anew what the rules about peers compare in a level, and scores its sheets by it, some at a time: whoever
    /// saves meanwhile does not wait for all of them. `resumes`: whether an earlier attempt may have ended between.
    ///
    /// # Errors
    /// There is no such level, or the database failed.
    pub async fn respread(&self, at: Timestamp, level: LevelId, resumes: bool) -> Result<(), Refusal> {
        let spans = self.change(Actor::Operator, at, Command::Respread { level }).await?;
        if spans.count == 0 && !resumes {
            return Ok(());
        }
        let mut ids: Vec<AssessmentId> = {
            let state = self.state();
            state.assessments.values().filter(|one| one.level == level).map(|one| one.id).collect()
        };
        ids.sort_unstable();
        for sheets in ids.chunks(limits::RESCORED_TOGETHER_MAX) {
            self.change(Actor::Operator, at, Command::Rescore { level, sheets: sheets.to_vec() }).await?;
        }
        Ok(())
    }
}
