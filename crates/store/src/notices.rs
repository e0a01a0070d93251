//! Notices that jobs make, the e-mails that carry them, and the clock of the job that makes them once a day.
//!
//! A notice has a mark that is unique for ever: what was told under a mark is not told again, however many copies of
//! the program run and however often a job is tried. The e-mail is taken before it is sent, for the same reason.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use cycle::AccountId;
use jiff::Timestamp;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in, write_in};
use crate::error::Error;
use crate::jobs::ATTEMPTS_MAX;
use crate::store::Store;
use crate::write_sql;

/// The kind of the job that carries one notice by e-mail; its payload is the notice's id.
pub const MAIL_JOB: &str = "mail";

/// How long a count of notices holds that nothing in this copy of the program changed.
const UNREAD_KNOWN: Duration = Duration::from_secs(3);

/// A notice to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// For whom.
    pub account: AccountId,
    /// What it is told under, once for ever.
    pub mark: String,
    /// The words in Vietnamese: the first line says what it is about; a further line may end in a tab and the path of
    /// a page.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// The path of the page that it leads to.
    pub link: String,
    /// Whether it is to go by e-mail too.
    pub mail: bool,
}

/// A notice as its e-mail needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The notice.
    pub notice: i64,
    /// For whom.
    pub account: AccountId,
    /// The mark.
    pub mark: String,
    /// The words in Vietnamese.
    pub vi: String,
    /// The words in English.
    pub en: String,
    /// The path of the page that it leads to.
    pub link: String,
}

impl Store {
    /// Makes notices, and jobs for the e-mails among them; those whose mark is known are left out. Gives how many are
    /// new. All or none.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn notify(&self, notices: &[NewNotice], at: Timestamp) -> Result<usize, Error> {
        if notices.is_empty() {
            return Ok(0);
        }
        let mut connection = self.shared.database.pool.acquire().await?;
        self.shared.database.begin(&mut connection).await?;
        let result = notify_within(&mut connection, notices, at.as_millisecond()).await;
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        sqlx::query(end).execute(&mut *connection).await?;
        self.shared.forget_unread();
        result
    }

    /// How many notices a person has not read. What another copy of the program made counts within seconds.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn unread(&self, account: AccountId) -> Result<i64, Error> {
        let known = self.shared.unread.lock().unwrap_or_else(PoisonError::into_inner).get(&account).copied();
        if let Some((count, at)) = known
            && at.elapsed() < UNREAD_KNOWN
        {
            return Ok(count);
        }
        let at = Instant::now();
        let count = self.count_unread(account).await?;
        let mut all = self.shared.unread.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (_, at)| at.elapsed() < UNREAD_KNOWN);
        all.insert(account, (count, at));
        Ok(count)
    }

    async fn count_unread(&self, account: AccountId) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) FROM notice WHERE account = $1 AND read_at IS NULL";
        let rows = self.shared.database.rows(sql, &[Value::from(account.0)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
    }

    /// Marks a person's notice as read; all of them where none is named.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn mark_read(&self, account: AccountId, notice: Option<i64>, at: Timestamp) -> Result<(), Error> {
        let mut values = vec![Value::from(account.0), Value::from(at.as_millisecond())];
        let sql = match notice {
            Some(notice) => {
                values.push(Value::from(notice));
                "UPDATE notice SET read_at = $2 WHERE account = $1 AND read_at IS NULL AND id = $3"
            }
            None => "UPDATE notice SET read_at = $2 WHERE account = $1 AND read_at IS NULL",
        };
        self.shared.database.execute(sql, &values).await?;
        self.shared.forget_unread();
        Ok(())
    }

    /// Takes a notice's e-mail to send it: nobody else can, until it is given back. `None` where it was taken before.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn take_letter(&self, notice: i64, at: Timestamp) -> Result<Option<Letter>, Error> {
        let values = [Value::from(notice), Value::from(at.as_millisecond())];
        let sql = "UPDATE notice SET mailed_at = $2 WHERE id = $1 AND mailed_at IS NULL";
        if self.shared.database.execute(sql, &values).await? == 0 {
            return Ok(None);
        }
        let sql = "SELECT account, mark, vi, en, link FROM notice WHERE id = $1";
        let rows = self.shared.database.rows(sql, &[Value::from(notice)]).await?;
        rows.first()
            .map(|row| {
                Ok(Letter {
                    notice,
                    account: AccountId(row.try_get(0)?),
                    mark: row.try_get(1)?,
                    vi: row.try_get(2)?,
                    en: row.try_get(3)?,
                    link: row.try_get(4)?,
                })
            })
            .transpose()
    }

    /// Gives an e-mail back that certainly was not sent, so that it can be tried again.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn give_letter_back(&self, notice: i64) -> Result<(), Error> {
        let sql = "UPDATE notice SET mailed_at = NULL WHERE id = $1";
        self.shared.database.execute(sql, &[Value::from(notice)]).await?;
        Ok(())
    }

    /// Sees to it that there is one job of a kind, and that it is not given up however often it failed.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn keep_job(&self, kind: &'static str, due: Timestamp) -> Result<(), Error> {
        let mut connection = self.shared.database.pool.acquire().await?;
        self.shared.database.begin(&mut connection).await?;
        let result = async {
            let id = ids(&mut connection, 1).await?;
            let write = write_sql!(
                "INSERT INTO job (id, kind, payload, due, attempts, lease, done_at) SELECT $1, $2, $3, $4, 0, 0, NULL \
                 WHERE NOT EXISTS (SELECT 1 FROM job WHERE kind = $5)",
                id,
                kind,
                "",
                due.as_millisecond(),
                kind,
            );
            write_in(&mut connection, &write).await?;
            // After the last try a job stands still; one that comes every day must not.
            let revive =
                write_sql!("UPDATE job SET attempts = 0 WHERE kind = $1 AND attempts >= $2", kind, ATTEMPTS_MAX - 1);
            write_in(&mut connection, &revive).await
        }
        .await;
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        sqlx::query(end).execute(&mut *connection).await?;
        result
    }

    /// Ends a job by setting it anew for a later time, with what it is to know then.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn again(&self, job: &crate::jobs::Job, due: Timestamp, payload: &str) -> Result<(), Error> {
        let values = [Value::from(job.id), Value::from(due.as_millisecond()), Value::from(payload)];
        let sql = "UPDATE job SET due = $2, payload = $3, lease = 0, attempts = 0, failure = NULL WHERE id = $1";
        self.shared.database.execute(sql, &values).await?;
        Ok(())
    }
}

async fn notify_within(connection: &mut AnyConnection, notices: &[NewNotice], at: i64) -> Result<usize, Error> {
    // Taking the numbers locks the row that all changes take theirs from: marks looked up after it cannot be made
    // meanwhile by another copy.
    let mut id = ids(connection, notices.len() * 2).await?;
    let mut made = 0;
    for notice in notices {
        let known =
            rows_in(connection, "SELECT 1 FROM notice WHERE mark = $1", &[Value::from(notice.mark.as_str())]).await?;
        if !known.is_empty() {
            continue;
        }
        let write = write_sql!(
            "INSERT INTO notice (id, account, at, vi, en, link, read_at, mailed_at, mark) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7)",
            id,
            notice.account.0,
            at,
            notice.vi.as_str(),
            notice.en.as_str(),
            notice.link.as_str(),
            notice.mark.as_str(),
        );
        write_in(connection, &write).await?;
        if notice.mail {
            let write = write_sql!(
                "INSERT INTO job (id, kind, payload, due, attempts, lease, done_at) VALUES ($1, $2, $3, $4, 0, 0, NULL)",
                id + 1,
                MAIL_JOB,
                id.to_string(),
                at,
            );
            write_in(connection, &write).await?;
        }
        id += 2;
        made += 1;
    }
    Ok(made)
}

/// Takes numbers from the house's one sequence; gives the first.
async fn ids(connection: &mut AnyConnection, count: usize) -> Result<i64, Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    write_in(connection, &write_sql!("UPDATE head SET next_id = next_id + $1 WHERE id = 1", count)).await?;
    let rows = rows_in(connection, "SELECT next_id FROM head WHERE id = 1", &[]).await?;
    let row = rows.first().ok_or_else(|| Error::inconsistent("head", 1, "it does not exist"))?;
    Ok(row.try_get::<i64, _>(0)? - count)
}
