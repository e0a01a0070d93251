//! Is the log whole, and do the stored points follow from the stored facts?

use std::collections::{BTreeMap, BTreeSet};

use criteria::CriteriaSet;
use cycle::sheet::Totals;
use cycle::{Entry, EntryState, Marks};
use jiff::Timestamp;
use sqlx::Row;

use crate::chain;
use crate::database::Value;
use crate::error::Error;
use crate::store::Store;

/// Events that are read at once.
const PAGE: i64 = 5_000;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that were looked at.
    pub events: u64,
    /// Sheets that were scored again.
    pub sheets: u64,
    /// Entries that were scored again.
    pub entries: u64,
    /// Files of evidence that were hashed again.
    pub files: u64,
    /// Checks of files that were compared with the log.
    pub checks: u64,
    /// Publications that were computed again from the round's facts.
    pub publications: u64,
    /// What is wrong, one line each.
    pub faults: Vec<String>,
    /// Levels whose spans over peers are due to be had anew; their points will move when the job has run.
    pub waiting: u64,
}

impl Store {
    /// Walks the whole log, scores every sheet again by the pure engine, and hashes every file of evidence again.
    ///
    /// # Errors
    /// The database or the folder cannot be read.
    pub async fn audit(&self) -> Result<Report, Error> {
        self.refresh().await?;
        let mut report = Report::default();
        let checks = self.audit_chain(&mut report).await?;
        self.audit_points(&mut report).await?;
        self.audit_evidence(&mut report).await?;
        let (count, faults) = self.audit_reports(&checks).await?;
        report.checks = count;
        report.faults.extend(faults);
        self.audit_sets(&mut report);
        for publication in self.publications().await? {
            report.publications += 1;
            report.faults.extend(self.recompute(&publication).await?);
        }
        Ok(report)
    }

    /// Walks the log. Gives, by file, the hash of its last check, the anchors' hash and the time.
    async fn audit_chain(&self, report: &mut Report) -> Result<BTreeMap<String, (String, String, i64)>, Error> {
        let mut checks = BTreeMap::new();
        let sql = "SELECT seq, at, actor, action, unit, assessment, indicator, detail, previous, hash FROM event \
                   WHERE seq > $1 ORDER BY seq LIMIT $2";
        let (mut seq, mut hash) = (0_i64, String::new());
        loop {
            let rows = self.shared.database.rows(sql, &[Value::from(seq), Value::from(PAGE)]).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let event = chain::Event {
                    seq: row.try_get(0)?,
                    at: row.try_get(1)?,
                    actor: row.try_get(2)?,
                    action: row.try_get(3)?,
                    unit: row.try_get(4)?,
                    assessment: row.try_get(5)?,
                    indicator: row.try_get(6)?,
                    detail: row.try_get(7)?,
                };
                let (previous, kept): (String, String) = (row.try_get(8)?, row.try_get(9)?);
                if event.seq != seq + 1 {
                    report.faults.push(format!("event {}: {} is missing before it", event.seq, seq + 1));
                }
                if previous != hash {
                    report.faults.push(format!("event {}: it is not bound to the one before", event.seq));
                }
                if event.hash(&previous) != kept {
                    report.faults.push(format!("event {}: it was changed after it was written", event.seq));
                }
                if event.action == "evidence.checked"
                    && let Ok(detail) = serde_json::from_str::<serde_json::Value>(&event.detail)
                {
                    let text = |key: &str| detail[key].as_str().unwrap_or_default().to_owned();
                    checks.insert(text("sha256"), (text("report"), text("anchors"), event.at));
                }
                (seq, hash) = (event.seq, kept);
                report.events += 1;
            }
        }
        if self.head().await? != (seq, hash) {
            report.faults.push(format!("the log ends at event {seq}, which is not the end that was written"));
        }
        Ok(checks)
    }

    /// Sets that were adopted are what they were adopted as.
    fn audit_sets(&self, report: &mut Report) {
        for (id, own) in &self.state().own_sets {
            if CriteriaSet::read(id, &own.files).map(|set| set.hash()).as_ref() != Ok(&own.hash) {
                report.faults.push(format!("set {id}: it was changed after it was adopted"));
            }
        }
    }

    async fn audit_points(&self, report: &mut Report) -> Result<(), Error> {
        let (levels, sheets): (Vec<_>, Vec<_>) = {
            let state = self.state();
            let mut sheets: Vec<_> = state.assessments.values().cloned().collect();
            sheets.sort_by_key(|sheet| sheet.id);
            (state.levels.values().cloned().collect(), sheets)
        };
        let sql = "SELECT payload FROM job WHERE kind = 'respread' AND done_at IS NULL";
        let mut respreading: BTreeSet<String> = BTreeSet::new();
        for row in self.shared.database.rows(sql, &[]).await? {
            respreading.insert(row.try_get(0)?);
        }
        for row in sheets {
            let Some(level) = levels.iter().find(|level| level.facts.id == row.level) else { continue };
            let Some(sheet) = self.sheet_in_passing(row.id).await? else { continue };
            let exempt = self.state().exempt(row.round, row.unit);
            let mut again = sheet.as_ref().clone();
            let read = again.read(&level.context(row.block, &exempt));
            let block = level.block_of(&read.figures.cells);
            let (totals, changed) = again.rescore(&level.context(block, &exempt), &read);
            if !changed.is_empty() && respreading.contains(&level.facts.id.to_string()) {
                // Its points follow what peers are compared with as soon as the job comes to it.
                report.waiting += 1;
                continue;
            }
            for place in changed.iter().filter(|place| sheet.entries[**place].self_score.is_some()) {
                let entry = &sheet.entries[*place];
                report.faults.push(format!("sheet {}, {}: the stored points do not follow", row.id, entry.indicator));
            }
            if !same_points(&totals, &row.totals) {
                report.faults.push(format!("sheet {}: the stored total does not follow from its entries", row.id));
            }
            // Whether it applies may lag behind on a sheet from before marks were kept; its state never does.
            let states = |marks: &Marks| marks.iter().map(|mark| mark.state).collect::<Vec<_>>();
            if states(&Marks::of(&sheet.entries)) != states(&row.marks) {
                report.faults.push(format!("sheet {}: the marks do not follow from its entries", row.id));
            }
            if read.measures != row.measures {
                report.faults.push(format!("sheet {}: the stored measures do not follow from its figures", row.id));
            }
            // What was sent back is filled in again, and what was appraised may have been explained with more evidence.
            let as_signed = |at: Timestamp| {
                let same = |entry: &Entry| {
                    entry.verdict().is_none()
                        && entry.state != EntryState::Returned
                        && entry.ready_at.is_none_or(|ready| ready <= at)
                };
                sheet.entries.iter().all(same)
            };
            if let Some(submission) = &sheet.submission
                && sheet.state_hash(&level.facts.set_hash) != submission.hash
                && as_signed(submission.at)
            {
                report.faults.push(format!("sheet {}: it is not the state that was signed off", row.id));
            }
            report.sheets += 1;
            report.entries += sheet.entries.len() as u64;
        }
        for level in &levels {
            let spans = level.spans(self.state().assessments.values().filter(|row| row.level == level.facts.id));
            if spans != level.spreads {
                let untouched = level.spreads.is_empty() && spans.values().flatten().all(Option::is_none);
                if respreading.contains(&level.facts.id.to_string()) {
                    report.waiting += 1;
                } else if !untouched {
                    report.faults.push(format!("level {}: the spans over peers do not follow", level.facts.id));
                }
            }
        }
        Ok(())
    }

    async fn audit_evidence(&self, report: &mut Report) -> Result<(), Error> {
        let sql = "SELECT DISTINCT sha256 FROM evidence WHERE sha256 IS NOT NULL ORDER BY sha256";
        for row in self.shared.database.rows(sql, &[]).await? {
            let sha256: String = row.try_get(0)?;
            match self.evidence.read(&sha256).await? {
                None => report.faults.push(format!("evidence {sha256}: the file is missing")),
                Some(bytes) => {
                    use sha2::Digest;
                    if crate::database::hex(&sha2::Sha256::digest(&bytes)) != sha256 {
                        report.faults.push(format!("evidence {sha256}: the file was changed"));
                    }
                }
            }
            report.files += 1;
        }
        Ok(())
    }
}

fn same_points(a: &Totals, b: &Totals) -> bool {
    (a.points, a.maximum, a.excluded, a.comparable) == (b.points, b.maximum, b.excluded, b.comparable)
}
