//! Papers that are issued under a code, and the signed ones that come back: what pages and API have in common.

use criteria::Text;
use criteria::date::Date;
use cycle::{AssessmentId, Capability, Denial, PaperId, RoundId, UnitId};
use documents::issued::{CODE_BYTES, Mark, hash, words};
use documents::papers::Kind;
use serde_json::json;
use signature::Verdict;
use store::command::{NewCopy, NewPaper};
use store::papers::{IssuedPaper, right};
use store::{Actor, Command, State};

use crate::app::{App, secret};
use crate::checks::{examine, verdict};
use crate::failure::Failure;
use crate::papers::{self, Head, Ready};
use crate::person::Person;
use crate::printer::Format;
use crate::recognise::recognise;
use crate::sandbox::Source;

/// Whether a person may see a paper: whoever may read the unit that it is of or about.
pub fn sees(state: &State, person: &Person, paper: &IssuedPaper) -> bool {
    let about = paper.assessment.and_then(|id| state.assessments.get(&id)).map(|sheet| sheet.unit);
    person.may_read(state, paper.owner) || about.is_some_and(|unit| person.may_read(state, unit))
}

/// Whether a person may issue papers of a kind about a unit in a round.
pub fn may_issue(state: &State, person: &Person, kind: Kind, round: RoundId, unit: UnitId) -> bool {
    let owner = state.rounds.get(&round).map(|round| round.owner);
    right(kind.key()).is_some_and(|(capability, of_owner)| {
        let scope = if of_owner { owner } else { Some(unit) };
        scope.is_some_and(|scope| person.may(state, capability, scope))
    })
}

/// What a paper is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A sheet.
    Sheet(AssessmentId),
    /// A round.
    Round(RoundId),
    /// A publication.
    Publication(i64),
}

impl Subject {
    /// The first that is named: a form names one.
    pub fn of(sheet: Option<AssessmentId>, round: Option<RoundId>, publication: Option<i64>) -> Option<Self> {
        sheet.map(Self::Sheet).or(round.map(Self::Round)).or(publication.map(Self::Publication))
    }
}

/// A paper that may be issued, filled.
pub struct Draft {
    /// Its kind.
    pub kind: Kind,
    subject: Subject,
    round: RoundId,
    ready: Ready,
}

impl Draft {
    /// What the paper is called.
    pub fn title(&self) -> &str {
        &self.ready.filling.title
    }
}

/// The paper that is wanted: `what` is the key of a kind, or `review-N` for the review with that number.
///
/// # Errors
/// There is no such paper about this, or the person may not issue it.
pub async fn draft(app: &App, person: &Person, what: &str, subject: Subject, head: &Head) -> Result<Draft, Failure> {
    let kind =
        Kind::ALL.into_iter().find(|kind| what == kind.key() || what.starts_with("review-") && *kind == Kind::Review);
    let kind = kind.ok_or(Failure::NotFound)?;
    let round = match subject {
        Subject::Sheet(sheet) => {
            let state = app.store.state();
            let row = state.assessments.get(&sheet).ok_or(Failure::NotFound)?;
            if !person.may_read(&state, row.unit) {
                return Err(Failure::NotFound);
            }
            if !may_issue(&state, person, kind, row.round, row.unit) {
                return Err(Failure::Denied(Denial::NotAllowed.text()));
            }
            row.round
        }
        Subject::Round(round) => round,
        Subject::Publication(id) => app.store.publication(id).await?.ok_or(Failure::NotFound)?.round,
    };
    if !matches!(subject, Subject::Sheet(_)) {
        let state = app.store.state();
        let owner = state.rounds.get(&round).ok_or(Failure::NotFound)?.owner;
        if !person.may(&state, Capability::RunRound, owner) {
            return Err(Failure::NotFound);
        }
    }
    let ready = match (kind, subject) {
        (Kind::SelfAssessment | Kind::Appraisal, Subject::Sheet(sheet)) => {
            papers::sheet(app, sheet, kind, head).await?
        }
        (Kind::Assignment, Subject::Sheet(sheet)) => papers::assignment(app, sheet, head).await?,
        (Kind::Reminder, Subject::Sheet(sheet)) => papers::reminder(app, sheet, head).await?,
        (Kind::Review, Subject::Sheet(sheet)) => {
            let review = what.strip_prefix("review-").and_then(|number| number.parse().ok());
            papers::review(app, sheet, review.ok_or(Failure::NotFound)?, head).await?
        }
        (Kind::Survey, Subject::Round(round)) => papers::survey(app, round, head)?,
        (Kind::Ranking, Subject::Publication(id)) => papers::ranking(app, id).await?,
        _ => return Err(Failure::NotFound),
    };
    Ok(Draft { kind, subject, round, ready })
}

/// What stands at the head of a paper that is issued: the number as typed, without what cannot be printed.
pub fn head(number: &str, day: Option<Date>) -> Head {
    Head { number: number.trim().chars().filter(|letter| !letter.is_control()).collect(), day }
}

/// Issues a paper under a code of its own, and keeps its file.
///
/// # Errors
/// It cannot be laid out or kept, or the person may not.
pub async fn issue(app: &App, person: &Person, draft: Draft, number: String) -> Result<PaperId, Failure> {
    let Draft { kind, subject, round, ready } = draft;
    let code: String = secret().map_err(|_| Failure::Internal)?.chars().take(CODE_BYTES).collect();
    let title = ready.filling.title.clone();
    let (bytes, words) = marked(app, ready, &code).await?;
    let Ok(stored) = app.store.evidence.put(&bytes).await else { return Err(Failure::Internal) };
    let new = NewPaper {
        code,
        kind: kind.key().to_owned(),
        round,
        assessment: if let Subject::Sheet(sheet) = subject { Some(sheet) } else { None },
        publication: if let Subject::Publication(id) = subject { Some(id) } else { None },
        title,
        number,
        sha256: stored.sha256,
        words,
    };
    let done = app.store.change(Actor::Account(person.account), app.now(), Command::IssuePaper(new)).await?;
    done.id.map(PaperId).ok_or(Failure::Internal)
}

/// The paper as PDF with its mark, and the hash of its words: laid out once to read its words, once with the mark that
/// names them.
async fn marked(app: &App, ready: Ready, code: &str) -> Result<(Vec<u8>, String), Failure> {
    let Ready { form, filling, .. } = ready;
    let broken = |error: String| {
        tracing::error!(%error, form, "a paper could not be issued");
        Failure::Internal
    };
    let plain = app.printer.write_aside(form, filling.clone(), Format::Pdf).await.map_err(broken)?;
    let plain = plain.ok_or(Failure::NotFound)?;
    let words = tokio::task::spawn_blocking(move || words(&plain).map(|words| hash(&words)));
    let words = words.await.map_err(|_| Failure::Internal)?.ok_or(Failure::Internal)?;
    let mark = Mark { code: code.to_owned(), words: words.clone() };
    let bytes = app.printer.write_marked(form, filling, mark.keyword()).await.map_err(broken)?;
    Ok((bytes, words))
}

/// Takes a signed paper back: recognises it, checks its signatures, compares it with what was issued and files it.
///
/// # Errors
/// [`Failure::Invalid`] where it is no paper of ours that the person may see, or carries no signature.
pub async fn take(app: &App, person: &Person, name: String, bytes: Vec<u8>) -> Result<PaperId, Failure> {
    let refused = |vi: String, en: String| Failure::Invalid(Text::new(vi, en));
    let found = recognise(app, &bytes).await?;
    let Some(found) = found.filter(|found| sees(&app.store.state(), person, &found.paper)) else {
        return Err(refused(
            format!(
                "“{name}” không phải văn bản do hệ thống này phát hành: không thấy mã văn bản, hoặc mã không có ở đây"
            ),
            format!(
                "\"{name}\" is no paper that was issued here: it carries no code of a paper, or one that is not known"
            ),
        ));
    };
    let examined = examine(app, Source::Bytes(bytes.clone()), None).await.map_err(|error| {
        tracing::error!(%error, "a paper that came back was not checked");
        Failure::Internal
    })?;
    let report = &examined.report;
    if report.verdict == Verdict::Unsigned {
        let title = &found.paper.title;
        return Err(refused(
            format!("“{name}” là “{title}” nhưng chưa có chữ ký số nào; hãy ký rồi nộp lại"),
            format!("\"{name}\" is \"{title}\", but carries no digital signature; sign it and bring it back"),
        ));
    }
    let signers = report.signatures.iter().filter_map(|one| {
        let name = one.signer.clone()?;
        Some(one.position.as_ref().map_or(name.clone(), |position| format!("{name}, {position}")))
    });
    let signers: Vec<String> = signers.collect();
    let Ok(stored) = app.store.evidence.put(&bytes).await else { return Err(Failure::Internal) };
    let copy = NewCopy {
        paper: found.paper.id,
        name,
        sha256: stored.sha256,
        bytes: stored.bytes,
        likeness: found.likeness.key().to_owned(),
        verdict: verdict(report).key().to_owned(),
        signers,
        differences: json!(found.differences),
    };
    app.store.change(Actor::Account(person.account), app.now(), Command::FilePaper(copy)).await?;
    Ok(found.paper.id)
}

/// A file of a paper, as addresses name it: `issued.pdf`, or `copy-N.pdf` of what came back. Gives its SHA-256 and what it
/// is called when it is saved.
pub fn file_of(paper: &IssuedPaper, file: &str) -> Option<(String, String)> {
    let name = format!("{}-{}", paper.kind, paper.id);
    if file == "issued.pdf" {
        return Some((paper.sha256.clone(), name));
    }
    let id = file.strip_prefix("copy-")?.strip_suffix(".pdf")?;
    let copy = paper.copies.iter().find(|one| one.id.to_string() == id)?;
    Some((copy.sha256.clone(), format!("{name}-{id}")))
}
