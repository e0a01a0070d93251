//! What is read where it is shown, and not kept in memory: history, evidence, comments, reviews, notices.

use std::collections::BTreeSet;

use cycle::{AccountId, AssessmentId, EvidenceId, RoundId, UnitId};
use jiff::Timestamp;
use sqlx::Row;

use crate::database::Value;
use crate::error::Error;
use crate::limits;
use crate::sheets::instant;
use crate::store::Store;

/// An event of the log, as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the operator and for jobs.
    pub actor: Option<AccountId>,
    /// What was done.
    pub action: String,
    /// The unit that it is about.
    pub unit: Option<UnitId>,
    /// The sheet that it is about.
    pub assessment: Option<AssessmentId>,
    /// The indicator that it is about.
    pub indicator: Option<String>,
    /// What was before and after.
    pub detail: serde_json::Value,
    /// The hash that binds it to the one before.
    pub hash: String,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its identity.
    pub id: EvidenceId,
    /// The sheet.
    pub assessment: AssessmentId,
    /// The indicator.
    pub indicator: String,
    /// The name it had.
    pub name: String,
    /// The SHA-256 of its bytes; `None` for a link.
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its kind.
    pub media: String,
    /// The address of a link.
    pub link: Option<String>,
    /// When it was given.
    pub at: Timestamp,
    /// By whom.
    pub by: AccountId,
    /// When its signature was accepted though it could not be proved, by whom, and why.
    pub accepted: Option<(Timestamp, AccountId, String)>,
    /// When it was withdrawn, and why.
    pub withdrawn: Option<(Timestamp, String)>,
}

/// What words about an entry are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// A comment.
    Comment,
    /// The unit's explanation of a difference.
    Explanation,
    /// The appraiser's answer to an explanation.
    Answer,
}

impl RemarkKind {
    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Explanation => "explanation",
            Self::Answer => "answer",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        [Self::Comment, Self::Explanation, Self::Answer].into_iter().find(|kind| kind.key() == key)
    }
}

/// Words about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What they are.
    pub kind: RemarkKind,
    /// The round of explanation that they belong to, from 1; 0 for a comment.
    pub turn: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: AccountId,
    /// The words.
    pub words: String,
}

/// A frozen picture of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// Its identity.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: AccountId,
    /// The picture.
    pub picture: serde_json::Value,
}

/// Something that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its identity.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The words in Vietnamese.
    pub vi: String,
    /// The words in English.
    pub en: String,
    /// Where it leads.
    pub link: String,
    /// Whether it was read.
    pub read: bool,
}

/// A reason that an agency gave before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReason {
    /// Its mark.
    pub mark: String,
    /// The words.
    pub words: String,
    /// How often it was given.
    pub uses: i64,
}

/// A meeting of a round's council.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Its identity.
    pub id: i64,
    /// The round.
    pub round: RoundId,
    /// What it is called.
    pub title: String,
    /// Who chaired it.
    pub chair: String,
    /// Who was present.
    pub present: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

const EVENT_COLUMNS: &str = "seq, at, actor, action, unit, assessment, indicator, detail, hash";
const EVIDENCE_COLUMNS: &str = "id, assessment, indicator, name, sha256, bytes, media, link, at, given_by, \
                                withdrawn_at, withdrawn_because, accepted_at, accepted_by, accepted_because";

fn at(row: &sqlx::any::AnyRow, column: usize) -> Result<Timestamp, Error> {
    Ok(instant(Some(row.try_get(column)?)).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn event(row: &sqlx::any::AnyRow) -> Result<Event, Error> {
    let detail: String = row.try_get(7)?;
    Ok(Event {
        seq: row.try_get(0)?,
        at: at(row, 1)?,
        actor: row.try_get::<Option<i64>, _>(2)?.map(AccountId),
        action: row.try_get(3)?,
        unit: row.try_get::<Option<i64>, _>(4)?.map(UnitId),
        assessment: row.try_get::<Option<i64>, _>(5)?.map(AssessmentId),
        indicator: row.try_get(6)?,
        detail: serde_json::from_str(&detail).unwrap_or(serde_json::Value::Null),
        hash: row.try_get(8)?,
    })
}

fn evidence(row: &sqlx::any::AnyRow) -> Result<Evidence, Error> {
    let withdrawn = instant(row.try_get(10)?);
    Ok(Evidence {
        id: EvidenceId(row.try_get(0)?),
        assessment: AssessmentId(row.try_get(1)?),
        indicator: row.try_get(2)?,
        name: row.try_get(3)?,
        sha256: row.try_get(4)?,
        bytes: u64::try_from(row.try_get::<i64, _>(5)?).unwrap_or(0),
        media: row.try_get(6)?,
        link: row.try_get(7)?,
        at: at(row, 8)?,
        by: AccountId(row.try_get(9)?),
        accepted: match instant(row.try_get(12)?) {
            Some(when) => Some((
                when,
                AccountId(row.try_get::<Option<i64>, _>(13)?.unwrap_or_default()),
                row.try_get::<Option<String>, _>(14)?.unwrap_or_default(),
            )),
            None => None,
        },
        withdrawn: match withdrawn {
            Some(when) => Some((when, row.try_get::<Option<String>, _>(11)?.unwrap_or_default())),
            None => None,
        },
    })
}

impl Store {
    /// The history of an entry, latest first; of the whole sheet where `indicator` is `None`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn history(&self, sheet: AssessmentId, indicator: Option<&str>) -> Result<Vec<Event>, Error> {
        let limit = Value::from(limits::HISTORY_MAX);
        let rows = match indicator {
            Some(indicator) => {
                let sql = format!(
                    "SELECT {EVENT_COLUMNS} FROM event WHERE assessment = $1 AND (indicator = $2 OR indicator IS NULL) \
                     ORDER BY seq DESC LIMIT $3"
                );
                self.shared.database.rows(&sql, &[Value::from(sheet.0), Value::from(indicator), limit]).await?
            }
            None => {
                let sql = format!("SELECT {EVENT_COLUMNS} FROM event WHERE assessment = $1 ORDER BY seq DESC LIMIT $2");
                self.shared.database.rows(&sql, &[Value::from(sheet.0), limit]).await?
            }
        };
        rows.iter().map(event).collect()
    }

    /// The log, latest first, before an event where one is named.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn events(&self, before: Option<i64>) -> Result<Vec<Event>, Error> {
        let sql = format!("SELECT {EVENT_COLUMNS} FROM event WHERE seq < $1 ORDER BY seq DESC LIMIT $2");
        let values = [Value::from(before.unwrap_or(i64::MAX)), Value::from(limits::HISTORY_MAX)];
        self.shared.database.rows(&sql, &values).await?.iter().map(event).collect()
    }

    /// The same of what is about units within some scopes: what else was done is not looked at, so that a page is full
    /// wherever there is enough. `loose`: also what is about no unit.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn events_within(
        &self,
        before: Option<i64>,
        scopes: &[UnitId],
        loose: bool,
    ) -> Result<Vec<Event>, Error> {
        let places = (0..scopes.len()).map(|at| format!("${}", at + 3)).collect::<Vec<_>>().join(", ");
        let or_loose = if loose { " OR unit IS NULL" } else { "" };
        let sql = format!(
            "WITH RECURSIVE below (id) AS (SELECT id FROM unit WHERE id IN ({places}) \
             UNION SELECT unit.id FROM unit JOIN below ON unit.parent = below.id) \
             SELECT {EVENT_COLUMNS} FROM event WHERE seq < $1 AND (unit IN (SELECT id FROM below){or_loose}) \
             ORDER BY seq DESC LIMIT $2"
        );
        let mut values = vec![Value::from(before.unwrap_or(i64::MAX)), Value::from(limits::HISTORY_MAX)];
        values.extend(scopes.iter().map(|scope| Value::from(scope.0)));
        self.shared.database.rows(&sql, &values).await?.iter().map(event).collect()
    }

    /// What was done of these kinds after `since` until `until`, in order. Events are numbered as time goes on, so the
    /// place to begin at is looked for among the numbers, and the years before are not read.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn happened(&self, actions: &[&str], since: Timestamp, until: Timestamp) -> Result<Vec<Event>, Error> {
        let (since, until) = (since.as_millisecond(), until.as_millisecond());
        let (mut before, mut after) = (0_i64, self.state().seq + 1);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            let rows = self.shared.database.rows("SELECT at FROM event WHERE seq = $1", &[Value::from(middle)]).await?;
            match rows.first().map(|row| row.try_get::<i64, _>(0)).transpose()? {
                Some(at) if at > since => after = middle,
                _ => before = middle,
            }
        }
        let mut values = vec![Value::from(before), Value::from(since), Value::from(until)];
        values.extend(actions.iter().map(|action| Value::from(*action)));
        let kinds = (4..4 + actions.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM event WHERE seq > $1 AND at > $2 AND at <= $3 AND action IN ({kinds}) \
             ORDER BY seq"
        );
        self.shared.database.rows(&sql, &values).await?.iter().map(event).collect()
    }

    /// What was changed of a round, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn round_history(&self, round: RoundId) -> Result<Vec<Event>, Error> {
        // The condition is the index's own, word for word, so that it is used; a round's number stands in the detail.
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM event WHERE (action LIKE 'round.%' OR action = 'level.reading') \
             ORDER BY seq DESC"
        );
        let mut found = Vec::new();
        for row in self.shared.database.rows(&sql, &[]).await? {
            let event = event(&row)?;
            if event.detail["round"] == round.0 || (event.action == "round.created" && event.detail["id"] == round.0) {
                found.push(event);
            }
        }
        found.truncate(usize::try_from(limits::HISTORY_MAX).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Which of these notices were given before, by their marks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn told(&self, marks: &[String]) -> Result<BTreeSet<String>, Error> {
        let mut known = BTreeSet::new();
        for mark in marks {
            let sql = "SELECT 1 FROM notice WHERE mark = $1";
            if !self.shared.database.rows(sql, &[Value::from(mark.as_str())]).await?.is_empty() {
                known.insert(mark.clone());
            }
        }
        Ok(known)
    }

    /// The evidence of an entry, withdrawn pieces too, in the order in which it came.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn evidence_of(&self, sheet: AssessmentId, indicator: &str) -> Result<Vec<Evidence>, Error> {
        let sql =
            format!("SELECT {EVIDENCE_COLUMNS} FROM evidence WHERE assessment = $1 AND indicator = $2 ORDER BY id");
        self.shared
            .database
            .rows(&sql, &[Value::from(sheet.0), Value::from(indicator)])
            .await?
            .iter()
            .map(evidence)
            .collect()
    }

    /// All evidence in force on a sheet.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn evidence_on(&self, sheet: AssessmentId) -> Result<Vec<Evidence>, Error> {
        let sql = format!(
            "SELECT {EVIDENCE_COLUMNS} FROM evidence WHERE assessment = $1 AND withdrawn_at IS NULL ORDER BY id"
        );
        self.shared.database.rows(&sql, &[Value::from(sheet.0)]).await?.iter().map(evidence).collect()
    }

    /// One piece of evidence.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn one_evidence(&self, id: EvidenceId) -> Result<Option<Evidence>, Error> {
        let sql = format!("SELECT {EVIDENCE_COLUMNS} FROM evidence WHERE id = $1");
        self.shared.database.rows(&sql, &[Value::from(id.0)]).await?.first().map(evidence).transpose()
    }

    /// The comments on an entry, earliest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn remarks(&self, sheet: AssessmentId, indicator: &str) -> Result<Vec<Remark>, Error> {
        let sql =
            "SELECT at, given_by, words, kind, turn FROM remark WHERE assessment = $1 AND indicator = $2 ORDER BY id";
        let rows = self.shared.database.rows(sql, &[Value::from(sheet.0), Value::from(indicator)]).await?;
        rows.iter()
            .map(|row| {
                let kind: String = row.try_get(3)?;
                Ok(Remark {
                    kind: RemarkKind::from_key(&kind).ok_or_else(|| Error::inconsistent("remark", sheet, &kind))?,
                    turn: row.try_get(4)?,
                    at: at(row, 0)?,
                    by: AccountId(row.try_get(1)?),
                    words: row.try_get(2)?,
                })
            })
            .collect()
    }

    /// The reviews of a sheet, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn reviews(&self, sheet: AssessmentId) -> Result<Vec<Review>, Error> {
        let sql = "SELECT id, title, at, given_by, picture FROM review WHERE assessment = $1 ORDER BY id DESC";
        let rows = self.shared.database.rows(sql, &[Value::from(sheet.0)]).await?;
        rows.iter()
            .map(|row| {
                let picture: String = row.try_get(4)?;
                Ok(Review {
                    id: row.try_get(0)?,
                    title: row.try_get(1)?,
                    at: at(row, 2)?,
                    by: AccountId(row.try_get(3)?),
                    picture: serde_json::from_str(&picture).unwrap_or(serde_json::Value::Null),
                })
            })
            .collect()
    }

    /// The reasons that an agency gives most, to give again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn reasons(&self, agency: UnitId) -> Result<Vec<KeptReason>, Error> {
        let sql = "SELECT mark, words, uses FROM reason WHERE agency = $1 AND dropped = 0 \
                   ORDER BY uses DESC, used_at DESC LIMIT $2";
        let values = [Value::from(agency.0), Value::from(limits::REASONS_OFFERED_MAX)];
        let rows = self.shared.database.rows(sql, &values).await?;
        rows.iter()
            .map(|row| Ok(KeptReason { mark: row.try_get(0)?, words: row.try_get(1)?, uses: row.try_get(2)? }))
            .collect()
    }

    /// The meetings of a round's council, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn meetings(&self, round: RoundId) -> Result<Vec<Meeting>, Error> {
        let sql =
            "SELECT id, title, chair, present, opened_at, closed_at FROM meeting WHERE round = $1 ORDER BY id DESC";
        let rows = self.shared.database.rows(sql, &[Value::from(round.0)]).await?;
        rows.iter()
            .map(|row| {
                Ok(Meeting {
                    id: row.try_get(0)?,
                    round,
                    title: row.try_get(1)?,
                    chair: row.try_get(2)?,
                    present: row.try_get(3)?,
                    opened: at(row, 4)?,
                    closed: instant(row.try_get(5)?),
                })
            })
            .collect()
    }

    /// What was decided in a round between two instants, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn decisions(&self, round: RoundId, from: Timestamp, to: Timestamp) -> Result<Vec<Event>, Error> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM event WHERE action IN ('entry.decided', 'sheet.silent') AND at >= $1 \
             AND at <= $2 AND assessment IN (SELECT id FROM assessment WHERE round = $3) ORDER BY seq"
        );
        let values = [Value::from(from.as_millisecond()), Value::from(to.as_millisecond()), Value::from(round.0)];
        self.shared.database.rows(&sql, &values).await?.iter().map(event).collect()
    }

    /// Says that somebody has a case open, and gives who else has had it open in the last minutes. It forbids nobody
    /// anything: the version that a change names does that.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn claim(
        &self,
        sheet: AssessmentId,
        indicator: &str,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<(AccountId, Timestamp)>, Error> {
        let sql = "SELECT account, at FROM claim WHERE assessment = $1 AND indicator = $2";
        let rows = self.shared.database.rows(sql, &[Value::from(sheet.0), Value::from(indicator)]).await?;
        if let Some(row) = rows.first() {
            let (by, since) = (AccountId(row.try_get(0)?), at(row, 1)?);
            let age = now.as_millisecond() - since.as_millisecond();
            if by != account && (0..limits::CLAIM_MS).contains(&age) {
                return Ok(Some((by, since)));
            }
            if by == account && (0..limits::CLAIM_MS / 5).contains(&age) {
                return Ok(None);
            }
        }
        let sql = "INSERT INTO claim (assessment, indicator, account, at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (assessment, indicator) DO UPDATE SET account = excluded.account, at = excluded.at";
        let values =
            [Value::from(sheet.0), Value::from(indicator), Value::from(account.0), Value::from(now.as_millisecond())];
        self.shared.database.execute(sql, &values).await?;
        Ok(None)
    }

    /// The latest notices of a person.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn notices(&self, account: AccountId) -> Result<Vec<Notice>, Error> {
        let sql = "SELECT id, at, vi, en, link, read_at FROM notice WHERE account = $1 ORDER BY id DESC LIMIT $2";
        let values = [Value::from(account.0), Value::from(limits::HISTORY_MAX)];
        let rows = self.shared.database.rows(sql, &values).await?;
        rows.iter()
            .map(|row| {
                Ok(Notice {
                    id: row.try_get(0)?,
                    at: at(row, 1)?,
                    vi: row.try_get(2)?,
                    en: row.try_get(3)?,
                    link: row.try_get(4)?,
                    read: row.try_get::<Option<i64>, _>(5)?.is_some(),
                })
            })
            .collect()
    }
}
