//! Checking files of evidence beside the pages: their signatures, what they say of themselves, malware. What was found
//! is kept; it is found anew when the trust anchors change.

use std::time::Duration;

use criteria::Text;
use cycle::proof::FileVerdict;
use documents::facts::{self, Facts};
use documents::{likeness, pdf_text};
use signature::{Report, Request, Verdict};
use store::proofs::{CHECK_ALL_JOB, CHECK_JOB, DOCUMENT_MARK, FileReport};
use store::{Actor, Command};

use crate::app::App;

/// Files up to this size, in bytes, are checked while whoever gave them waits.
pub const SMALL_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How long one waits for that.
const SOON: Duration = Duration::from_millis(800);
/// Files that are asked for at once when all are checked anew.
const PAGE: i64 = 64;

/// What can be told from a file's bytes.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Its signatures.
    pub report: Report,
    /// What the document says of itself.
    pub facts: Facts,
    /// What it is told to be like others by.
    pub marks: Vec<String>,
}

/// The verdict as the sheet knows it.
pub fn verdict(report: &Report) -> FileVerdict {
    match report.verdict {
        Verdict::Valid => FileVerdict::Valid,
        Verdict::Indeterminate => FileVerdict::Indeterminate,
        Verdict::Invalid => FileVerdict::Invalid,
        Verdict::Unsigned => FileVerdict::Unsigned,
    }
}

/// Looks at a file, on a thread for such work. `content` is what a detached signature was made over.
pub async fn examine(app: &App, file: Vec<u8>, content: Option<Vec<u8>>) -> Option<Examined> {
    let (trust, now) = (app.trust.clone(), app.now());
    let _turn = app.checking.acquire().await.ok()?;
    let work = move || {
        let known = trust.known();
        let request = Request { now, anchors: &known.anchors, policy: &trust.policy };
        let report = signature::check(&file, content.as_deref(), &request);
        let text = if file.starts_with(b"%PDF-") { pdf_text::read(&file) } else { String::new() };
        let facts = facts::read(&text);
        let document = facts.key().map(|key| format!("{DOCUMENT_MARK}{key}"));
        let words = likeness::marks(&text).into_iter().enumerate().map(|(at, mark)| format!("{at}:{mark:016x}"));
        Examined { report, marks: document.into_iter().chain(words).collect(), facts }
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// Checks a file of evidence and keeps what was found. One that was checked with the anchors of today is left, unless
/// `anew`.
///
/// # Errors
/// What failed, for the log.
pub async fn check(app: &App, sha256: &str, anew: bool) -> Result<(), Text> {
    let failed = |error: store::Error| error.text();
    let anchors = app.trust.known().hash.clone();
    let known = app.store.file_report(sha256).await.map_err(failed)?;
    if !anew && known.is_some_and(|kept| kept.found.anchors == anchors) {
        return Ok(());
    }
    let Some(file) = app.store.evidence.read(sha256).await.map_err(failed)? else { return Ok(()) };
    let content = match app.store.signed_beside(sha256).await.map_err(failed)? {
        Some(beside) => app.store.evidence.read(&beside).await.map_err(failed)?,
        None => None,
    };
    let scan = match &app.clamd {
        Some(clamd) => Some(clamd.scan(&file).await.key()),
        None => None,
    };
    let examined = examine(app, file, content).await;
    let examined = examined.ok_or_else(|| Text::new("việc kiểm tra bị ngắt", "the check was cut off"))?;
    let found = FileReport {
        sha256: sha256.to_owned(),
        verdict: verdict(&examined.report),
        report: serde_json::json!(examined.report).to_string(),
        facts: serde_json::json!(examined.facts).to_string(),
        marks: examined.marks,
        scan,
        anchors,
    };
    let kept = app.store.change(Actor::Operator, app.now(), Command::KeepReport(found)).await;
    kept.map(drop).map_err(|refusal| Text::new(format!("{refusal:?}"), format!("{refusal:?}")))
}

/// Checks a small file now, so that the verdict is there when the page is; whatever takes longer is left to the job.
pub(crate) async fn soon(app: &App, sha256: &str, bytes: u64, anew: bool) {
    if bytes > SMALL_BYTES_MAX {
        return;
    }
    let (app, sha256) = (app.clone(), sha256.to_owned());
    let work = tokio::spawn(async move { check(&app, &sha256, anew).await });
    if let Ok(Ok(Err(error))) = tokio::time::timeout(SOON, work).await {
        tracing::warn!(error = error.en, "a file was not checked at once");
    }
}

/// Does the checks that are due, until none is.
///
/// # Errors
/// The database cannot be read or written.
pub async fn work(app: &App) -> Result<(), store::Error> {
    while let Some(job) = app.store.lease(app.now(), CHECK_JOB).await? {
        let failure = check(app, &job.payload, false).await.err();
        app.store.finish(&job, app.now(), failure.as_ref().map(|text| text.en.as_str())).await?;
    }
    while let Some(job) = app.store.lease(app.now(), CHECK_ALL_JOB).await? {
        let (anchors, mut after) = (app.trust.known().hash.clone(), String::new());
        loop {
            let files = app.store.unchecked(&anchors, &after, PAGE).await?;
            let Some(last) = files.last().cloned() else { break };
            for file in &files {
                if let Err(error) = check(app, file, false).await {
                    tracing::warn!(error = error.en, file, "a file was not checked again");
                }
            }
            after = last;
        }
        app.store.finish(&job, app.now(), None).await?;
    }
    Ok(())
}

/// Reads the trust folder again; where files were checked with other anchors, asks for all of them to be checked anew.
///
/// # Errors
/// The database cannot be read or written.
pub async fn look_at_trust(app: &App) -> Result<(), store::Error> {
    app.trust.look_again();
    if !app.trust.changed() {
        return Ok(());
    }
    let anchors = app.trust.known().hash.clone();
    if app.store.unchecked(&anchors, "", 1).await?.is_empty() {
        return Ok(());
    }
    match app.store.change(Actor::Operator, app.now(), Command::CheckAgain { anchors }).await {
        Ok(_) => Ok(()),
        Err(store::Refusal::Failed(error)) => Err(error),
        Err(other) => {
            tracing::error!(?other, "files could not be asked to be checked again");
            Ok(())
        }
    }
}
