//! Guesses at passwords and codes. Each is counted before it is looked at, in one statement: of many that come together
//! no more are looked at than of those that come one by one.

use cycle::AccountId;
use jiff::Timestamp;
use sqlx::Row;

use crate::database::Value;
use crate::error::Error;
use crate::sessions::kept;
use crate::store::Store;

/// Guesses in a row after which one waits.
const FREE: i64 = 5;
/// How long one waits after the last of them, in milliseconds; after each further one twice as long.
const WAIT_MS: i64 = 2_000;
/// The longest wait, in milliseconds.
const WAIT_MS_MAX: i64 = 15 * 60 * 1000;
/// How long guesses are remembered after the last, in milliseconds: logins that do not exist leave nothing behind.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// What somebody tries to guess.
#[derive(Clone, Copy, Debug)]
pub enum Guess<'a> {
    /// The password of a login, whether there is such a login or not.
    Password(&'a str),
    /// The second factor of somebody whose password, or provider, stood already.
    Code(AccountId),
}

impl Guess<'_> {
    /// Under what it is counted. A login is a hash here, which no key of a code looks like.
    fn key(self) -> String {
        match self {
            Self::Password(login) => kept(login),
            Self::Code(account) => format!("code {account}"),
        }
    }
}

/// How long one waits after so many guesses in a row.
const fn wait_ms(guesses: i64) -> i64 {
    let mut wait = if guesses < FREE { 0 } else { WAIT_MS };
    let mut more = FREE;
    while more < guesses && wait < WAIT_MS_MAX {
        wait *= 2;
        more += 1;
    }
    if wait < WAIT_MS_MAX { wait } else { WAIT_MS_MAX }
}

/// The same for the database, which counts: of the guesses before this one.
fn wait_in_sql() -> String {
    let steps = (FREE..).take_while(|guesses| wait_ms(*guesses) < WAIT_MS_MAX);
    let steps: String = steps.map(|guesses| format!("WHEN {} THEN {} ", guesses - 1, wait_ms(guesses))).collect();
    format!(
        "CASE WHEN attempt.failures < {} THEN 0 ELSE CASE attempt.failures {steps}ELSE {WAIT_MS_MAX} END END",
        FREE - 1
    )
}

impl Store {
    /// Counts a guess that is about to be looked at. Gives how many milliseconds to wait where it may not be: it is then
    /// not counted either.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn count_guess(&self, guess: Guess<'_>, at: Timestamp) -> Result<Option<i64>, Error> {
        let (key, now) = (guess.key(), at.as_millisecond());
        let database = &self.shared.database;
        database.execute("DELETE FROM attempt WHERE until < $1", &[Value::from(now - REMEMBERED_MS)]).await?;
        let sql = format!(
            "INSERT INTO attempt (login, failures, until) VALUES ($1, 1, $2) \
             ON CONFLICT (login) DO UPDATE SET failures = attempt.failures + 1, until = $2 + {} \
             WHERE attempt.until <= $2 RETURNING failures",
            wait_in_sql()
        );
        let values = [Value::from(key.as_str()), Value::from(now)];
        if !database.rows(&sql, &values).await?.is_empty() {
            return Ok(None);
        }
        let rows = database.rows("SELECT until FROM attempt WHERE login = $1", &[Value::from(key)]).await?;
        let until: i64 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(now);
        Ok(Some((until - now).max(1)))
    }

    /// Forgets the guesses, after a right one.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn forgive_guesses(&self, guess: Guess<'_>) -> Result<(), Error> {
        self.shared.database.execute("DELETE FROM attempt WHERE login = $1", &[Value::from(guess.key())]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_on_waits_longer_and_longer() {
        assert_eq!([1, 4, 5, 6, 7, 13, 14, 1_000].map(wait_ms), [0, 0, 2_000, 4_000, 8_000, 512_000, 900_000, 900_000]);
        assert!(wait_in_sql().contains("WHEN 4 THEN 2000 WHEN 5 THEN 4000") && wait_in_sql().contains("ELSE 900000"));
    }
}
