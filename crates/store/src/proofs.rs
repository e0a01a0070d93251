//! What was found in files of evidence: their signatures, what they say of themselves, and where else they are used.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use cycle::proof::{FileVerdict, Proof, Proofs};
use cycle::{AssessmentId, EvidenceId, LevelId, Sheet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Value, hex};
use crate::error::Error;
use crate::limits;
use crate::sheets::instant;
use crate::store::{KnownProofs, Store};

/// The kind of the job that checks one file; its payload is the file's SHA-256.
pub const CHECK_JOB: &str = "check-file";
/// The kind of the job that checks every file anew that was checked with other anchors.
pub const CHECK_ALL_JOB: &str = "check-all";
/// Before the mark of a document, by which two files are the same document.
pub const DOCUMENT_MARK: &str = "document:";
/// Other uses of a file that are told.
const USES_MAX: i64 = 200;
/// Files that are told to be alike.
const ALIKE_MAX: i64 = 20;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The file.
    pub sha256: String,
    /// The verdict on its signatures.
    pub verdict: FileVerdict,
    /// The report on its signatures, as JSON.
    pub report: String,
    /// What the document says of itself, as JSON.
    pub facts: String,
    /// What it is told to be like others by.
    pub marks: Vec<String>,
    /// What a search for malware gave; `None` where none was made.
    pub scan: Option<String>,
    /// The hash of the trust anchors.
    pub anchors: String,
    /// What was asked outside the file, as JSON; `None` where nobody was asked.
    pub asked: Option<Asked>,
}

/// What was asked outside a file, so that the check can be made again with the same answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The time that the check was made for.
    pub now: Timestamp,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// An answer from outside, whose bytes are kept as files of evidence are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked whom, when, and why there was no answer; what it means is for whoever asked.
    pub about: serde_json::Value,
    /// The SHA-256 of the answer's bytes.
    pub sha256: Option<String>,
}

impl Asked {
    fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

impl FileReport {
    /// What was asked, as it is kept.
    pub(crate) fn asked_text(&self) -> Option<String> {
        self.asked.as_ref().map(Asked::text)
    }
}

/// What was found in a file, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was found. The marks are not read back.
    pub found: FileReport,
    /// When.
    pub at: Timestamp,
    /// The hash over all of it, which the log names too.
    pub hash: String,
}

/// How two files are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// They are the same bytes.
    Same,
    /// They are the same document: number, day, issuing body.
    Document,
    /// Nearly all of their words are the same.
    Near,
}

/// Another use of a file, or of one like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// How alike.
    pub alike: Alike,
    /// The piece of evidence.
    pub evidence: EvidenceId,
    /// The sheet.
    pub assessment: AssessmentId,
    /// The indicator.
    pub indicator: String,
}

/// The hash of a report as it is kept.
pub(crate) fn report_hash(found: &FileReport, at: i64) -> String {
    let mut all = vec![
        json!(found.sha256),
        json!(found.verdict.key()),
        json!(found.report),
        json!(found.facts),
        json!(found.scan),
        json!(found.anchors),
        json!(at),
    ];
    // Checks from before anybody was asked keep their hash.
    all.extend(found.asked_text().map(|asked| json!(asked)));
    let all = serde_json::Value::from(all);
    hex(&Sha256::digest(all.to_string().as_bytes()))
}

const COLUMNS: &str = "r.sha256, r.verdict, r.report, r.facts, r.scan, r.anchors, r.at, r.hash, r.asked";

fn kept(row: &AnyRow) -> Result<Kept, Error> {
    let verdict: String = row.try_get(1)?;
    let sha256: String = row.try_get(0)?;
    let asked = match row.try_get::<Option<String>, _>(8)? {
        Some(text) => {
            Some(serde_json::from_str(&text).map_err(|_| Error::inconsistent("file_report", &sha256, &text))?)
        }
        None => None,
    };
    Ok(Kept {
        found: FileReport {
            verdict: FileVerdict::from_key(&verdict)
                .ok_or_else(|| Error::inconsistent("file_report", &sha256, &verdict))?,
            sha256,
            report: row.try_get(2)?,
            facts: row.try_get(3)?,
            marks: Vec::new(),
            scan: row.try_get(4)?,
            anchors: row.try_get(5)?,
            asked,
        },
        at: instant(Some(row.try_get(6)?)).unwrap_or(Timestamp::UNIX_EPOCH),
        hash: row.try_get(7)?,
    })
}

fn proofs_in(rows: &[AnyRow]) -> Result<Proofs, Error> {
    rows.iter()
        .map(|row| {
            let verdict: Option<String> = row.try_get(1)?;
            let verdict = verdict.as_deref().and_then(FileVerdict::from_key).unwrap_or(FileVerdict::Waiting);
            let accepted = row.try_get::<Option<i64>, _>(2)?.is_some();
            Ok((EvidenceId(row.try_get(0)?), Proof { verdict, accepted }))
        })
        .collect()
}

impl Store {
    /// What was found in a file; `None` before it was checked.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn file_report(&self, sha256: &str) -> Result<Option<Kept>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM file_report r WHERE r.sha256 = $1");
        self.shared.database.rows(&sql, &[Value::from(sha256)]).await?.first().map(kept).transpose()
    }

    /// What was found in the files of an entry, by file; withdrawn ones are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn reports_of(&self, sheet: AssessmentId, indicator: &str) -> Result<BTreeMap<String, Kept>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM file_report r WHERE r.sha256 IN \
             (SELECT sha256 FROM evidence WHERE assessment = $1 AND indicator = $2 AND withdrawn_at IS NULL)"
        );
        let rows = self.shared.database.rows(&sql, &[Value::from(sheet.0), Value::from(indicator)]).await?;
        rows.iter().map(|row| kept(row).map(|kept| (kept.found.sha256.clone(), kept))).collect()
    }

    /// The evidence in force on a sheet as signed files.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn proofs_on(&self, sheet: &Sheet) -> Result<Arc<Proofs>, Error> {
        let evidence: Vec<EvidenceId> =
            sheet.entries.iter().flat_map(|entry| &entry.evidence).map(|one| one.id).collect();
        if evidence.is_empty() {
            return Ok(Arc::default());
        }
        let proved = self.state().proved;
        let known = |all: &HashMap<AssessmentId, KnownProofs>| {
            let known = all.get(&sheet.id).filter(|known| known.proved == proved && known.evidence == evidence)?;
            Some(Arc::clone(&known.proofs))
        };
        if let Some(found) = known(&self.shared.proofs.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let proofs = Arc::new(self.read_proofs(sheet.id).await?);
        let mut all = self.shared.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::SHEETS_IN_MEMORY_MAX {
            all.clear();
        }
        all.insert(sheet.id, KnownProofs { proved, evidence, proofs: Arc::clone(&proofs) });
        Ok(proofs)
    }

    /// The evidence in force for an indicator, over all sheets of a level, as signed files.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn proofs_of_level(&self, level: LevelId, indicator: &str) -> Result<Proofs, Error> {
        let sql = "SELECT e.id, r.verdict, e.accepted_at FROM assessment a JOIN evidence e ON e.assessment = a.id \
                   LEFT JOIN file_report r ON r.sha256 = e.sha256 \
                   WHERE a.level = $1 AND e.indicator = $2 AND e.withdrawn_at IS NULL AND e.sha256 IS NOT NULL";
        proofs_in(&self.shared.database.rows(sql, &[Value::from(level.0), Value::from(indicator)]).await?)
    }

    async fn read_proofs(&self, sheet: AssessmentId) -> Result<Proofs, Error> {
        let sql = "SELECT e.id, r.verdict, e.accepted_at FROM evidence e \
                   LEFT JOIN file_report r ON r.sha256 = e.sha256 \
                   WHERE e.assessment = $1 AND e.withdrawn_at IS NULL AND e.sha256 IS NOT NULL";
        proofs_in(&self.shared.database.rows(sql, &[Value::from(sheet.0)]).await?)
    }

    /// Files that were checked with other anchors than these, or never, after the one named; in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn unchecked(&self, anchors: &str, after: &str, most: i64) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT e.sha256 FROM evidence e LEFT JOIN file_report r ON r.sha256 = e.sha256 \
                   WHERE e.sha256 > $2 AND (r.sha256 IS NULL OR r.anchors <> $1) ORDER BY e.sha256 LIMIT $3";
        let rows =
            self.shared.database.rows(sql, &[Value::from(anchors), Value::from(after), Value::from(most)]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Files whose check is kept, after the one named; in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn checked_files(&self, after: &str, most: i64) -> Result<Vec<String>, Error> {
        let sql = "SELECT sha256 FROM file_report WHERE sha256 > $1 ORDER BY sha256 LIMIT $2";
        let rows = self.shared.database.rows(sql, &[Value::from(after), Value::from(most)]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// How many files were checked, and how many of them not with these anchors or not at all.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn checked_counts(&self, anchors: &str) -> Result<(i64, i64), Error> {
        let all = self.shared.database.rows("SELECT COUNT(*) FROM file_report", &[]).await?;
        let sql = "SELECT COUNT(DISTINCT e.sha256) FROM evidence e LEFT JOIN file_report r ON r.sha256 = e.sha256 \
                   WHERE e.sha256 IS NOT NULL AND (r.sha256 IS NULL OR r.anchors <> $1)";
        let waiting = self.shared.database.rows(sql, &[Value::from(anchors)]).await?;
        let count = |rows: &[AnyRow]| rows.first().map(|row| row.try_get(0)).transpose();
        Ok((count(&all)?.unwrap_or(0), count(&waiting)?.unwrap_or(0)))
    }

    /// The file that a detached signature stands beside on a sheet: the same name without `.p7s`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn signed_beside(&self, sha256: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT f.sha256 FROM evidence s JOIN evidence f ON f.assessment = s.assessment \
                   AND f.indicator = s.indicator AND s.name = f.name || '.p7s' \
                   WHERE s.sha256 = $1 AND f.sha256 IS NOT NULL AND f.withdrawn_at IS NULL ORDER BY f.id DESC LIMIT 1";
        let rows = self.shared.database.rows(sql, &[Value::from(sha256)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// The detached signatures that stand beside a file of this name at an entry.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn signatures_beside(
        &self,
        sheet: AssessmentId,
        indicator: &str,
        name: &str,
    ) -> Result<Vec<String>, Error> {
        let sql = "SELECT sha256 FROM evidence WHERE assessment = $1 AND indicator = $2 AND name = $3 \
                   AND sha256 IS NOT NULL AND withdrawn_at IS NULL";
        let values = [Value::from(sheet.0), Value::from(indicator), Value::from(format!("{name}.p7s"))];
        self.shared.database.rows(sql, &values).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Where else a file is used, or one that is the same document or nearly the same text. `near` shared marks make
    /// two texts nearly the same. The piece of evidence at hand is left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn uses(&self, sha256: &str, own: EvidenceId, near: i64) -> Result<Vec<Use>, Error> {
        // A shared document outweighs any number of shared words.
        let sql = "SELECT o.sha256, CAST(SUM(CASE WHEN m.mark LIKE 'document:%' THEN 1000 ELSE 1 END) AS BIGINT) \
                   FROM file_mark m JOIN file_mark o ON o.mark = m.mark \
                   WHERE m.sha256 = $1 AND o.sha256 <> $2 GROUP BY o.sha256 ORDER BY 2 DESC LIMIT $3";
        let values = [Value::from(sha256), Value::from(sha256), Value::from(ALIKE_MAX)];
        let mut files = vec![(sha256.to_owned(), Alike::Same)];
        for row in self.shared.database.rows(sql, &values).await? {
            let shared: i64 = row.try_get(1)?;
            match shared {
                1_000.. => files.push((row.try_get(0)?, Alike::Document)),
                shared if shared >= near => files.push((row.try_get(0)?, Alike::Near)),
                _ => {}
            }
        }
        let mut uses = Vec::new();
        for (file, alike) in files {
            let sql = "SELECT id, assessment, indicator FROM evidence \
                       WHERE sha256 = $1 AND withdrawn_at IS NULL AND id <> $2 ORDER BY id LIMIT $3";
            let values = [Value::from(file), Value::from(own.0), Value::from(USES_MAX)];
            for row in self.shared.database.rows(sql, &values).await? {
                uses.push(Use {
                    alike,
                    evidence: EvidenceId(row.try_get(0)?),
                    assessment: AssessmentId(row.try_get(1)?),
                    indicator: row.try_get(2)?,
                });
            }
        }
        Ok(uses)
    }

    /// Compares what is kept of files with what the log says was found. Gives how many there are, and what is wrong.
    pub(crate) async fn audit_reports(
        &self,
        logged: &BTreeMap<String, (String, String, i64)>,
    ) -> Result<(u64, Vec<String>), Error> {
        let sql = format!("SELECT {COLUMNS} FROM file_report r ORDER BY r.sha256");
        let (mut count, mut faults) = (0, Vec::new());
        for row in self.shared.database.rows(&sql, &[]).await? {
            let kept = kept(&row)?;
            let (file, at) = (&kept.found.sha256, kept.at.as_millisecond());
            if report_hash(&kept.found, at) != kept.hash {
                faults.push(format!("evidence {file}: what is kept of its check was changed"));
            }
            for answer in kept.found.asked.iter().flat_map(|asked| &asked.answers) {
                let Some(named) = &answer.sha256 else { continue };
                let bytes = self.evidence.read(named).await?;
                if bytes.is_none_or(|bytes| hex(&Sha256::digest(&bytes)) != *named) {
                    faults.push(format!(
                        "evidence {file}: the answer {named} that its check rests on is missing or changed"
                    ));
                }
            }
            match logged.get(file) {
                Some((hash, anchors, when)) if (hash, anchors, *when) == (&kept.hash, &kept.found.anchors, at) => {}
                _ => faults.push(format!("evidence {file}: its check is not the one that the log names")),
            }
            count += 1;
        }
        let missing = logged.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
        if missing > 0 {
            faults.push(format!("{missing} checks that the log names are not kept"));
        }
        Ok((count, faults))
    }
}
