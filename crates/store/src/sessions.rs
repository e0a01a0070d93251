//! Who is signed in. Secrets are kept as their SHA-256 only: a copy of the database signs nobody in.

use cycle::AccountId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::database::{Value, hex};
use crate::error::Error;
use crate::sheets::instant;
use crate::store::Store;

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The SHA-256 of its secret.
    pub token: String,
    /// Whose it is.
    pub account: AccountId,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute or so.
    pub seen: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The browser, as it calls itself.
    pub agent: String,
}

/// What is kept of a person for signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The password's hash, as a PHC string.
    pub password: Option<String>,
    /// The second factor's secret.
    pub totp: Option<String>,
    /// The SHA-256 of the recovery codes that were not used.
    pub recovery: Vec<String>,
}

/// The form in which a secret is kept.
pub fn kept(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

impl Store {
    /// Begins a session with a secret that was just made.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn begin_session(
        &self,
        secret: &str,
        account: AccountId,
        at: Timestamp,
        expires: Timestamp,
        agent: &str,
    ) -> Result<(), Error> {
        let agent: String = agent.chars().take(200).collect();
        let values = [
            Value::from(kept(secret)),
            Value::from(account.0),
            Value::from(at.as_millisecond()),
            Value::from(expires.as_millisecond()),
            Value::from(agent),
        ];
        self.shared
            .database
            .execute(
                "INSERT INTO session (token, account, created, seen, expires, agent) VALUES ($1, $2, $3, $3, $4, $5)",
                &values,
            )
            .await?;
        self.shared
            .database
            .execute("DELETE FROM session WHERE expires < $1", &[Value::from(at.as_millisecond())])
            .await?;
        Ok(())
    }

    /// Remembers who gave the password, or came back from the organisation's provider, and still owes the second factor.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn begin_half(
        &self,
        secret: &str,
        account: AccountId,
        at: Timestamp,
        expires: Timestamp,
    ) -> Result<(), Error> {
        let now = Value::from(at.as_millisecond());
        self.shared.database.execute("DELETE FROM half_session WHERE expires < $1", &[now]).await?;
        let values = [Value::from(kept(secret)), Value::from(account.0), Value::from(expires.as_millisecond())];
        let sql = "INSERT INTO half_session (token, account, expires) VALUES ($1, $2, $3)";
        self.shared.database.execute(sql, &values).await?;
        Ok(())
    }

    /// Who owes the second factor with this secret, while it lasts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn half(&self, secret: &str, at: Timestamp) -> Result<Option<AccountId>, Error> {
        let sql = "SELECT account FROM half_session WHERE token = $1 AND expires > $2";
        let values = [Value::from(kept(secret)), Value::from(at.as_millisecond())];
        let rows = self.shared.database.rows(sql, &values).await?;
        rows.first().map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
    }

    /// Uses a half session up; `false` where somebody did already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn end_half(&self, secret: &str) -> Result<bool, Error> {
        let sql = "DELETE FROM half_session WHERE token = $1";
        Ok(self.shared.database.execute(sql, &[Value::from(kept(secret))]).await? == 1)
    }

    /// Whose session a secret opens, while it lasts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn session(&self, secret: &str, at: Timestamp) -> Result<Option<AccountId>, Error> {
        let token = kept(secret);
        let now = at.as_millisecond();
        let sql = "SELECT account, seen FROM session WHERE token = $1 AND expires > $2";
        let rows = self.shared.database.rows(sql, &[Value::from(token.as_str()), Value::from(now)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let seen: i64 = row.try_get(1)?;
        if now - seen > 5 * 60 * 1000 {
            let values = [Value::from(token), Value::from(now)];
            self.shared.database.execute("UPDATE session SET seen = $2 WHERE token = $1", &values).await?;
        }
        Ok(Some(AccountId(row.try_get(0)?)))
    }

    /// The sessions of a person, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn sessions(&self, account: AccountId, at: Timestamp) -> Result<Vec<Session>, Error> {
        let sql = "SELECT token, created, seen, expires, agent FROM session \
                   WHERE account = $1 AND expires > $2 ORDER BY seen DESC";
        let rows = self.shared.database.rows(sql, &[Value::from(account.0), Value::from(at.as_millisecond())]).await?;
        let time = |at: i64| instant(Some(at)).unwrap_or(Timestamp::UNIX_EPOCH);
        rows.iter()
            .map(|row| {
                Ok(Session {
                    token: row.try_get(0)?,
                    account,
                    created: time(row.try_get(1)?),
                    seen: time(row.try_get(2)?),
                    expires: time(row.try_get(3)?),
                    agent: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// What is kept of a person for signing in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn secrets(&self, account: AccountId) -> Result<Secrets, Error> {
        let sql = "SELECT password, totp, recovery FROM account WHERE id = $1";
        let rows = self.shared.database.rows(sql, &[Value::from(account.0)]).await?;
        let Some(row) = rows.first() else { return Ok(Secrets::default()) };
        let recovery: Option<String> = row.try_get(2)?;
        Ok(Secrets {
            password: row.try_get(0)?,
            totp: row.try_get(1)?,
            recovery: recovery.and_then(|codes| serde_json::from_str(&codes).ok()).unwrap_or_default(),
        })
    }

    /// Uses up a recovery code; `false` where there is none such.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn use_recovery_code(&self, account: AccountId, code: &str) -> Result<bool, Error> {
        let secrets = self.secrets(account).await?;
        let used = kept(code);
        if !secrets.recovery.contains(&used) {
            return Ok(false);
        }
        let left: Vec<&String> = secrets.recovery.iter().filter(|code| **code != used).collect();
        let before = serde_json::json!(secrets.recovery).to_string();
        let values = [Value::from(account.0), Value::from(serde_json::json!(left).to_string()), Value::from(before)];
        // Only where nobody used one meanwhile.
        let sql = "UPDATE account SET recovery = $2 WHERE id = $1 AND recovery = $3";
        Ok(self.shared.database.execute(sql, &values).await? == 1)
    }

    /// Uses up the half minute that a code of the second factor belongs to; `false` where one of it, or a later one, was
    /// used already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn use_code(&self, account: AccountId, step: i64) -> Result<bool, Error> {
        let sql = "UPDATE account SET totp_step = $2 WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2)";
        Ok(self.shared.database.execute(sql, &[Value::from(account.0), Value::from(step)]).await? == 1)
    }

    /// Whose invitation a secret is, while it can be used.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn invitation(&self, secret: &str, at: Timestamp) -> Result<Option<AccountId>, Error> {
        let sql = "SELECT account FROM invitation WHERE token = $1 AND expires > $2 AND used IS NULL";
        let values = [Value::from(kept(secret)), Value::from(at.as_millisecond())];
        let rows = self.shared.database.rows(sql, &values).await?;
        rows.first().map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
    }

    /// Uses up an invitation; `false` where somebody did already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn use_invitation(&self, secret: &str, at: Timestamp) -> Result<bool, Error> {
        let values = [Value::from(kept(secret)), Value::from(at.as_millisecond())];
        let sql = "UPDATE invitation SET used = $2 WHERE token = $1 AND used IS NULL";
        Ok(self.shared.database.execute(sql, &values).await? == 1)
    }
}
