//! Pages of PDF evidence as pictures: how many are drawn at once, how long one waits, and what is remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use criteria::Text;
use documents::preview::{FILE_BYTES_MAX, Trouble};
use store::records::Evidence;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::checks;
use crate::clamd;
use crate::failure::Failure;
use crate::sandbox::{Answer, Cut, Work};

/// Pages that are drawn at once: each may take some hundred megabytes.
const TOGETHER_MAX: usize = 2;
/// How long a page waits for its turn.
const TURN: Duration = Duration::from_secs(20);
/// How long one waits for a page that is being drawn.
const DRAWING: Duration = Duration::from_secs(8);
/// How long a page of the desk waits for the number of pages.
const COUNTING: Duration = Duration::from_millis(1_500);
/// Files whose number of pages is remembered.
const COUNTS_MAX: usize = 20_000;

/// What draws.
pub struct Previews {
    turns: Arc<Semaphore>,
    counts: Mutex<HashMap<String, Result<usize, Trouble>>>,
}

impl Default for Previews {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(TOGETHER_MAX)), counts: Mutex::default() }
    }
}

/// Why there is a sentence in the place of a picture.
pub enum Instead {
    /// The file holds what must not be opened.
    Infected(Text),
    /// It cannot be drawn, now or ever.
    Trouble(Trouble),
    /// It takes too long.
    Late,
}

impl Instead {
    /// The sentence.
    pub fn text(&self) -> Text {
        match self {
            Self::Infected(text) => text.clone(),
            Self::Trouble(trouble) => trouble.text(),
            Self::Late => Text::new(
                "Máy chủ chưa vẽ kịp trang này; hãy mở lại trang sau ít phút, hoặc tải tệp về để mở",
                "The server did not draw this page in time; try again in a few minutes, or download the file",
            ),
        }
    }
}

/// Malware in a file, as a sentence.
pub async fn infection(app: &App, sha256: &str) -> Result<Option<Text>, store::Error> {
    let report = app.store.file_report(sha256).await?;
    let name = clamd::infection(report.as_ref().and_then(|kept| kept.found.scan.as_deref()));
    Ok(name.map(|name| {
        Text::new(
            format!("Tệp này có mã độc ({name}) nên không mở được"),
            format!("This file holds malware ({name}) and is not opened"),
        )
    }))
}

/// What stands against looking into a file at all.
async fn hindrance(app: &App, evidence: &Evidence, sha256: &str) -> Result<Option<Instead>, Failure> {
    if let Some(text) = infection(app, sha256).await? {
        return Ok(Some(Instead::Infected(text)));
    }
    Ok((evidence.bytes > FILE_BYTES_MAX).then_some(Instead::Trouble(Trouble::TooLarge)))
}

/// How many pages a PDF has; `None` where that is not known in time.
///
/// # Errors
/// The file or what is known of it cannot be read.
pub async fn count(app: &App, evidence: &Evidence) -> Result<Result<Option<usize>, Instead>, Failure> {
    let sha256 = evidence.sha256.as_deref().ok_or(Failure::NotFound)?;
    if let Some(instead) = hindrance(app, evidence, sha256).await? {
        return Ok(Err(instead));
    }
    let counts = || app.previews.counts.lock().unwrap_or_else(PoisonError::into_inner);
    let known = counts().get(sha256).copied();
    let found = match known {
        Some(found) => Some(found),
        None => match worked(app, sha256, COUNTING, COUNTING, Work::Count).await? {
            Some(Answer::Pages(count)) => Some(Ok(count)),
            Some(Answer::Trouble(trouble)) => Some(Err(trouble)),
            Some(
                Answer::Seen(_) | Answer::Compared(..) | Answer::Cells(_) | Answer::Drafted(_) | Answer::Picture(_),
            )
            | None => None,
        },
    };
    if let (None, Some(found)) = (known, found) {
        let mut counts = counts();
        if counts.len() >= COUNTS_MAX {
            counts.clear();
        }
        counts.insert(sha256.to_owned(), found);
    }
    Ok(found.transpose().map_err(Instead::Trouble))
}

/// A page of a PDF as PNG.
///
/// # Errors
/// The file or what is known of it cannot be read.
pub async fn page(
    app: &App,
    evidence: &Evidence,
    number: usize,
    side: u16,
) -> Result<Result<Vec<u8>, Instead>, Failure> {
    let sha256 = evidence.sha256.as_deref().ok_or(Failure::NotFound)?;
    if let Some(instead) = hindrance(app, evidence, sha256).await? {
        return Ok(Err(instead));
    }
    Ok(match worked(app, sha256, TURN, DRAWING, Work::Draw { page: number, side }).await? {
        Some(Answer::Picture(picture)) => Ok(picture),
        Some(Answer::Trouble(trouble)) => Err(Instead::Trouble(trouble)),
        Some(Answer::Seen(_) | Answer::Compared(..) | Answer::Cells(_) | Answer::Drafted(_) | Answer::Pages(_))
        | None => Err(Instead::Late),
    })
}

/// Does such work in the sandbox; `None` where it takes too long. It keeps its turn until it ends, so there is never more
/// of it; and a file is opened only when its turn has come.
async fn worked(
    app: &App,
    sha256: &str,
    wait: Duration,
    patience: Duration,
    work: Work,
) -> Result<Option<Answer>, Failure> {
    let turn = tokio::time::timeout(wait, app.previews.turns.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Ok(None) };
    let file = checks::source(app, sha256).await?.ok_or(Failure::NotFound)?;
    let sandbox = app.sandbox.clone();
    let looking = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        sandbox.look(work, file, None, patience)
    });
    match tokio::time::timeout(patience, looking).await {
        Ok(Ok(Ok(Ok(answer)))) => Ok(Some(answer)),
        Ok(Ok(Ok(Err(Cut::TooMuch)))) => Ok(Some(Answer::Trouble(Trouble::TooMuch))),
        Ok(Ok(Ok(Err(Cut::Late)))) | Err(_) => Ok(None),
        Ok(Ok(Err(error))) => {
            tracing::error!(%error, "a file was not looked into");
            Err(Failure::Internal)
        }
        Ok(Err(_)) => Err(Failure::Internal),
    }
}
