//! A file that may be a paper of ours: which one it is, and what differs from what was issued.

use std::io;

use documents::issued::{Difference, Likeness, Mark, differences, hash, words};
use store::papers::IssuedPaper;

use crate::app::App;
use crate::failure::Failure;
use crate::sandbox::{Answer, CHECK_WAIT, Sandbox, Source, Work};

/// A paper of ours that was found again.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// What was issued.
    pub paper: IssuedPaper,
    /// How the file compares with it.
    pub likeness: Likeness,
    /// Where it differs.
    pub differences: Vec<Difference>,
}

/// The paper that a file is, where it is one that was issued here.
///
/// # Errors
/// The issued file cannot be read.
pub async fn recognise(app: &App, file: &[u8]) -> Result<Option<Recognised>, Failure> {
    let Some(mark) = Mark::find(file) else { return Ok(None) };
    let paper = app.store.state().papers.values().find(|paper| paper.code == mark.code).cloned();
    let Some(paper) = paper else { return Ok(None) };
    let issued = app.store.evidence.read(&paper.sha256).await?.ok_or(Failure::Internal)?;
    let (file, sandbox) = (file.to_vec(), app.sandbox.clone());
    let _turn = app.checking.acquire().await.map_err(|_| Failure::Internal)?;
    let compared = tokio::task::spawn_blocking(move || compare_apart(&sandbox, file, Some(issued))).await;
    let (likeness, differences) = compared.map_err(|_| Failure::Internal)?.map_err(|error| {
        tracing::error!(%error, "a paper was not compared");
        Failure::Internal
    })?;
    Ok(Some(Recognised { paper, likeness, differences }))
}

/// How a file compares with what was issued, found out in a process of its own: whoever hands it in may be anybody. One
/// that takes too much to read is altered.
///
/// # Errors
/// The process cannot be started.
pub fn compare_apart(
    sandbox: &Sandbox,
    file: Vec<u8>,
    issued: Option<Vec<u8>>,
) -> io::Result<(Likeness, Vec<Difference>)> {
    let answer = sandbox.look(Work::Compare, Source::Bytes(file), issued.map(Source::Bytes), CHECK_WAIT)?;
    Ok(match answer {
        Ok(Answer::Compared(likeness, differences)) => (likeness, differences),
        _ => (Likeness::Altered, Vec::new()),
    })
}

/// How a file compares with what was issued, or its words with its own mark.
pub(crate) fn compare(issued: Option<&[u8]>, file: &[u8]) -> (Likeness, Vec<Difference>) {
    let found = || words(file).unwrap_or_default();
    let Some(issued) = issued else {
        let same = Mark::find(file).is_some_and(|mark| hash(&found()) == mark.words);
        return (if same { Likeness::SameWords } else { Likeness::Altered }, Vec::new());
    };
    if signature::only_signed(issued, file) {
        return (Likeness::Same, Vec::new());
    }
    let differences = differences(&words(issued).unwrap_or_default(), &found());
    (if differences.is_empty() { Likeness::SameWords } else { Likeness::Altered }, differences)
}
