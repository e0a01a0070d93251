//! Tokens with which programs act for an account. Only the SHA-256 of a secret is kept, as with sessions.

use cycle::AccountId;
use jiff::Timestamp;
use sqlx::Row;

use crate::database::Value;
use crate::error::Error;
use crate::limits;
use crate::sessions::kept;
use crate::sheets::instant;
use crate::store::Store;

/// How long a use goes unrecorded after the last one that was recorded, in milliseconds: reading must not write.
const USE_EVERY_MS: i64 = 5 * 60 * 1000;

/// Something that a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenScope {
    /// Read what the account may read.
    Read,
    /// Change what the account may change.
    Write,
    /// Read the server's metrics.
    Metrics,
}

impl TokenScope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Metrics];

    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Metrics => "metrics",
        }
    }

    /// The scope with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// A token, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The SHA-256 of its secret.
    pub token: String,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// When it was last used, to a few minutes.
    pub used: Option<Timestamp>,
}

fn token(row: &sqlx::any::AnyRow) -> Result<Token, Error> {
    let scopes: String = row.try_get(3)?;
    Ok(Token {
        token: row.try_get(0)?,
        account: AccountId(row.try_get(1)?),
        name: row.try_get(2)?,
        scopes: scopes.split(' ').filter_map(TokenScope::from_key).collect(),
        created: instant(Some(row.try_get(4)?)).unwrap_or(Timestamp::UNIX_EPOCH),
        expires: instant(row.try_get(5)?),
        used: instant(row.try_get(6)?),
    })
}

const COLUMNS: &str = "token, account, name, scopes, created, expires, used";

impl Store {
    /// Keeps a token whose secret was just made; `false` where the account has as many as it may.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn add_token(
        &self,
        secret: &str,
        account: AccountId,
        name: &str,
        scopes: &[TokenScope],
        at: Timestamp,
        expires: Option<Timestamp>,
    ) -> Result<bool, Error> {
        let now = at.as_millisecond();
        let values = [Value::from(account.0), Value::from(now)];
        self.shared.database.execute("DELETE FROM api_token WHERE account = $1 AND expires < $2", &values).await?;
        let scopes = scopes.iter().map(|scope| scope.key()).collect::<Vec<_>>().join(" ");
        let values = [
            Value::from(kept(secret)),
            Value::from(account.0),
            Value::from(name),
            Value::from(scopes),
            Value::from(now),
            Value::from(expires.map(Timestamp::as_millisecond)),
            Value::from(limits::TOKENS_PER_ACCOUNT_MAX),
        ];
        let sql = "INSERT INTO api_token (token, account, name, scopes, created, expires) \
                   SELECT $1, $2, $3, $4, $5, $6 \
                   WHERE (SELECT COUNT(*) FROM api_token WHERE account = $2) < $7";
        Ok(self.shared.database.execute(sql, &values).await? == 1)
    }

    /// The token that a secret is, while it lasts. Its use is recorded at most every few minutes.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn token(&self, secret: &str, at: Timestamp) -> Result<Option<Token>, Error> {
        let (kept, now) = (kept(secret), at.as_millisecond());
        let sql = format!("SELECT {COLUMNS} FROM api_token WHERE token = $1 AND (expires IS NULL OR expires > $2)");
        let rows = self.shared.database.rows(&sql, &[Value::from(kept.as_str()), Value::from(now)]).await?;
        let Some(found) = rows.first().map(token).transpose()? else { return Ok(None) };
        if found.used.is_none_or(|used| now - used.as_millisecond() > USE_EVERY_MS) {
            let values = [Value::from(kept), Value::from(now)];
            self.shared.database.execute("UPDATE api_token SET used = $2 WHERE token = $1", &values).await?;
        }
        Ok(Some(found))
    }

    /// The tokens of an account, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn tokens(&self, account: AccountId) -> Result<Vec<Token>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM api_token WHERE account = $1 ORDER BY created DESC, token");
        self.shared.database.rows(&sql, &[Value::from(account.0)]).await?.iter().map(token).collect()
    }

    /// Revokes a token of an account, by the kept form of its secret; holds from the next request on.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn revoke_token(&self, account: AccountId, token: &str) -> Result<(), Error> {
        let values = [Value::from(account.0), Value::from(token)];
        self.shared.database.execute("DELETE FROM api_token WHERE account = $1 AND token = $2", &values).await?;
        Ok(())
    }
}
