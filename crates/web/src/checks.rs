//! Checking files of evidence beside the pages: their signatures, what they say of themselves, malware. What was found
//! is kept; it is found anew when the trust anchors change.

use std::io;
use std::time::Duration;

use criteria::Text;
use cycle::proof::FileVerdict;
use documents::facts::Facts;
use jiff::Timestamp;
use signature::{Fetched, Kind, Report, Verdict};
use store::proofs::{CHECK_ALL_JOB, CHECK_JOB, FileReport};
use store::{Actor, Command};

use crate::app::App;
use crate::online;
use crate::sandbox::{self, Answer, CHECK_WAIT, Cut, Seen, Source, Work};

/// Files up to this size, in bytes, are checked while whoever gave them waits.
pub const SMALL_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How long one waits for that.
const SOON: Duration = Duration::from_millis(800);
/// Files that are asked for at once when all are checked anew.
const PAGE: i64 = 64;

/// The verdict as the sheet knows it. A file that carries only timestamps was signed by nobody.
pub fn verdict(report: &Report) -> FileVerdict {
    let stamps_only =
        !report.signatures.is_empty() && report.signatures.iter().all(|one| one.kind == Kind::DocumentTimestamp);
    match report.verdict {
        Verdict::Valid | Verdict::Indeterminate if stamps_only => FileVerdict::Unsigned,
        Verdict::Valid => FileVerdict::Valid,
        Verdict::Indeterminate => FileVerdict::Indeterminate,
        Verdict::Invalid => FileVerdict::Invalid,
        Verdict::Unsigned => FileVerdict::Unsigned,
    }
}

/// Looks into a file, in the sandbox. `content` is what a detached signature was made over.
///
/// # Errors
/// The sandbox cannot be had, or a file cannot be read.
pub async fn examine(app: &App, file: Source, content: Option<Source>) -> io::Result<Seen> {
    examine_for(app, file, content, app.now(), Vec::new()).await
}

/// Looks into a file as of a time, with what was fetched from outside.
async fn examine_for(
    app: &App,
    file: Source,
    content: Option<Source>,
    now: Timestamp,
    fetched: Vec<Fetched>,
) -> io::Result<Seen> {
    let (trust, sandbox) = (app.trust.known(), app.sandbox.clone());
    let work = Work::check(now, &trust.anchors, &app.trust.policy, true).with_fetched(fetched);
    let turn = app.checking.clone().acquire_owned().await.map_err(io::Error::other)?;
    let looking = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        sandbox.look(work, file, content, CHECK_WAIT)
    });
    seen(looking.await.map_err(io::Error::other)??)
}

/// What a look at a file told, also where it was cut off.
///
/// # Errors
/// It is the answer to another question.
pub fn seen(answer: Result<Answer, Cut>) -> io::Result<Seen> {
    let cut = match answer {
        Ok(Answer::Seen(seen)) => return Ok(*seen),
        Ok(
            Answer::Compared(..)
            | Answer::Cells(_)
            | Answer::Drafted(_)
            | Answer::Pages(_)
            | Answer::Picture(_)
            | Answer::Trouble(_),
        ) => {
            return Err(io::Error::other("another answer than was asked for"));
        }
        Err(cut) => cut,
    };
    let report = sandbox::cut_off(cut);
    Ok(Seen { report, facts: Facts::default(), marks: Vec::new(), wishes: Vec::new() })
}

/// Looks into a file of evidence as of a time; `None` where it is not kept.
async fn look(
    app: &App,
    sha256: &str,
    beside: Option<&str>,
    now: Timestamp,
    fetched: Vec<Fetched>,
) -> io::Result<Option<Seen>> {
    let failed = |error: store::Error| io::Error::other(error.text().en);
    let Some(file) = source(app, sha256).await.map_err(failed)? else { return Ok(None) };
    let content = match beside {
        Some(beside) => source(app, beside).await.map_err(failed)?,
        None => None,
    };
    examine_for(app, file, content, now, fetched).await.map(Some)
}

/// Makes a kept check again, as of its own time and with the very answers from outside that it rests on; gives the report
/// as it would be kept. `None` where it was made with other anchors than today's, or a file or an answer is gone.
///
/// # Errors
/// What failed.
pub async fn again(app: &App, kept: &FileReport) -> io::Result<Option<String>> {
    let Some(asked) = kept.asked.as_ref().filter(|_| kept.anchors == app.trust.known().hash) else { return Ok(None) };
    let Some(fetched) = online::take_out(&app.store, asked).await else { return Ok(None) };
    let beside = app.store.signed_beside(&kept.sha256).await.map_err(|error| io::Error::other(error.text().en))?;
    let seen = look(app, &kept.sha256, beside.as_deref(), asked.now, fetched).await?;
    Ok(seen.map(|seen| serde_json::json!(seen.report).to_string()))
}

/// A file of evidence, to be handed on; `None` where it is not kept.
pub(crate) async fn source(app: &App, sha256: &str) -> Result<Option<Source>, store::Error> {
    let Some((file, bytes)) = app.store.evidence.open_file(sha256).await? else { return Ok(None) };
    Ok(Some(Source::File(file.into_std().await, bytes)))
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
    let beside = app.store.signed_beside(sha256).await.map_err(failed)?;
    let scan = match (&app.clamd, app.store.evidence.open_file(sha256).await.map_err(failed)?) {
        (Some(clamd), Some((file, _))) => Some(clamd.scan(file).await.key()),
        _ => None,
    };
    let cut_off = |error: io::Error| {
        Text::new(format!("việc kiểm tra bị ngắt: {error}"), format!("the check was cut off: {error}"))
    };
    let now = app.now();
    let Some(mut examined) = look(app, sha256, beside.as_deref(), now, Vec::new()).await.map_err(cut_off)? else {
        return Ok(());
    };
    let mut asked = None;
    if let Some(online) = &app.online
        && !examined.wishes.is_empty()
    {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let look = |fetched| async { look(app, sha256, beside.as_deref(), now, fetched).await?.ok_or_else(gone) };
        let (learnt, fetched) = online.ask(examined, || app.now(), look).await.map_err(cut_off)?;
        examined = learnt;
        asked = online::put_away(&app.store, now, &fetched).await.map_err(failed)?;
    }
    let found = FileReport {
        sha256: sha256.to_owned(),
        verdict: verdict(&examined.report),
        report: serde_json::json!(examined.report).to_string(),
        facts: serde_json::json!(examined.facts).to_string(),
        marks: examined.marks,
        scan,
        anchors,
        asked,
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
