//! Papers that were issued, and the copies of them that came back: what each is about, and what was found in it. Their
//! files are kept with the evidence, by hash.

use std::collections::BTreeMap;

use cycle::{AccountId, AssessmentId, Capability, PaperId, RoundId, UnitId};
use jiff::Timestamp;
use serde_json::Value as Json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in};
use crate::error::Error;
use crate::sheets::instant;
use crate::state::json;

/// A paper that was issued.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuedPaper {
    /// Its identity.
    pub id: PaperId,
    /// The code that its file carries.
    pub code: String,
    /// Which kind of paper it is, as forms are named.
    pub kind: String,
    /// The unit that issues it.
    pub owner: UnitId,
    /// The round that it is about.
    pub round: RoundId,
    /// The sheet that it is about, where it is about one.
    pub assessment: Option<AssessmentId>,
    /// The publication that it is about, where it is about one.
    pub publication: Option<i64>,
    /// What it is called.
    pub title: String,
    /// Its number and sign; empty where it was left open.
    pub number: String,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// The SHA-256 of its words.
    pub words: String,
    /// When it was issued.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Option<AccountId>,
    /// The copies that came back, in order.
    pub copies: Vec<PaperCopy>,
}

/// A copy that came back.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperCopy {
    /// Its identity.
    pub id: i64,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// What the file was called.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// How it compares with what was issued: `same`, `same-words` or `altered`.
    pub likeness: String,
    /// What its signatures proved: `valid`, `indeterminate` or `invalid`.
    pub verdict: String,
    /// Who signed it, as people are named.
    pub signers: Vec<String>,
    /// What differs.
    pub differences: Json,
    /// When it came back.
    pub filed_at: Timestamp,
    /// Who brought it.
    pub filed_by: Option<AccountId>,
}

impl IssuedPaper {
    /// The last copy that stands for the paper: signed, not shown to be wrong, and with what was issued.
    pub fn signed(&self) -> Option<&PaperCopy> {
        self.copies.iter().rev().find(|copy| copy.likeness != "altered" && copy.verdict != "invalid")
    }
}

/// What issuing a kind of paper needs, and whether over the round's owner rather than the unit; `None` for papers that are
/// not issued.
pub fn right(kind: &str) -> Option<(Capability, bool)> {
    match kind {
        "assignment" => Some((Capability::Assign, false)),
        "self-assessment" | "review" => Some((Capability::Review, false)),
        "appraisal" | "reminder" | "survey" | "ranking" | "certificate" | "analysis" => {
            Some((Capability::RunRound, true))
        }
        _ => None,
    }
}

const PAPERS: &str = "SELECT id, code, kind, owner, round, assessment, publication, title, number, sha256, \
                                 words, made_at, made_by FROM paper WHERE seq > $1";
const COPIES: &str = "SELECT id, paper, sha256, name, bytes, likeness, verdict, signers, differences, filed_at, \
                                 filed_by FROM paper_copy WHERE seq > $1 ORDER BY id";

fn at(table: &'static str, id: i64, row: &AnyRow, column: usize) -> Result<Timestamp, Error> {
    instant(row.try_get(column)?).ok_or_else(|| Error::inconsistent(table, id, "it has no time"))
}

/// A paper from its row, without its copies.
fn paper(row: &AnyRow) -> Result<IssuedPaper, Error> {
    let id = row.try_get(0)?;
    Ok(IssuedPaper {
        id: PaperId(id),
        code: row.try_get(1)?,
        kind: row.try_get(2)?,
        owner: UnitId(row.try_get(3)?),
        round: RoundId(row.try_get(4)?),
        assessment: row.try_get::<Option<i64>, _>(5)?.map(AssessmentId),
        publication: row.try_get(6)?,
        title: row.try_get(7)?,
        number: row.try_get(8)?,
        sha256: row.try_get(9)?,
        words: row.try_get(10)?,
        made_at: at("paper", id, row, 11)?,
        made_by: row.try_get::<Option<i64>, _>(12)?.map(AccountId),
        copies: Vec::new(),
    })
}

/// A copy from its row, with the paper that it is of.
fn copy(row: &AnyRow) -> Result<(PaperId, PaperCopy), Error> {
    let id = row.try_get(0)?;
    let copy = PaperCopy {
        id,
        sha256: row.try_get(2)?,
        name: row.try_get(3)?,
        bytes: u64::try_from(row.try_get::<i64, _>(4)?).unwrap_or_default(),
        likeness: row.try_get(5)?,
        verdict: row.try_get(6)?,
        signers: json("paper_copy", id, row, 7)?,
        differences: json("paper_copy", id, row, 8)?,
        filed_at: at("paper_copy", id, row, 9)?,
        filed_by: row.try_get::<Option<i64>, _>(10)?.map(AccountId),
    };
    Ok((PaperId(row.try_get(1)?), copy))
}

/// Reads what was issued and what came back since an event.
pub(crate) async fn catch_up(
    papers: &mut BTreeMap<PaperId, IssuedPaper>,
    connection: &mut AnyConnection,
    since: i64,
) -> Result<(), Error> {
    for row in rows_in(connection, PAPERS, &[Value::from(since)]).await? {
        let one = paper(&row)?;
        papers.insert(one.id, one);
    }
    for row in rows_in(connection, COPIES, &[Value::from(since)]).await? {
        let (of, one) = copy(&row)?;
        let of = papers.get_mut(&of).ok_or_else(|| Error::inconsistent("paper_copy", one.id, "its paper is gone"))?;
        of.copies.retain(|known| known.id != one.id);
        of.copies.push(one);
    }
    Ok(())
}
