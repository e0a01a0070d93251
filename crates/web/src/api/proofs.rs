//! Signed files: what was found in each, what they propose, letting one count, and checking any file.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use cycle::{AssessmentId, EvidenceId};
use documents::facts::Facts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use signature::{Asked, Report, SignatureReport};

use super::answer::json;
use super::caller::{Caller, change};
use super::entries;
use super::problem::Problem;
use super::province;
use super::request::{At, Body, Reason, seen};
use super::views::Words;
use crate::app::App;
use crate::clamd;
use crate::opened::{Opened, actor_name};
use crate::pages::proof::{self, Files, Reader, alike, may_accept};
use crate::pages::verify;
use crate::person::Person;
use crate::view::L;

const VI: L = L(criteria::Language::Vietnamese);
const EN: L = L(criteria::Language::English);

/// What was found in a file, in the shape of `thuocdo verify --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileChecked {
    /// The file's name.
    file: String,
    /// The worst that was found about a signature; `waiting` before it was checked.
    #[schemars(extend("enum" = ["waiting", "valid", "indeterminate", "invalid", "unsigned"]))]
    verdict: String,
    /// Why it is not valid, as EN 319 102-1 names it.
    sub_indication: Option<String>,
    /// The same in a sentence.
    message: Option<String>,
    /// The sentence in both languages.
    messages: Option<Words>,
    /// Each signature, in the order of the file.
    signatures: Vec<Signature>,
    /// What the document says of itself.
    facts: DocumentFacts,
}

/// What was found about a signature.
#[derive(Debug, Serialize, JsonSchema)]
struct Signature {
    #[schemars(extend("enum" = ["valid", "indeterminate", "invalid", "unsigned"]))]
    verdict: String,
    /// Why it is not valid, as EN 319 102-1 names it.
    sub_indication: Option<String>,
    /// The same in a sentence.
    message: String,
    /// The sentence in both languages.
    messages: Words,
    #[schemars(extend("enum" = ["signature", "document_timestamp", "not_checked"]))]
    kind: String,
    /// The form field's name, or the kind of container.
    field: Option<String>,
    /// The level reached, such as `PAdES-B-LT`.
    level: Option<String>,
    /// Digest and scheme.
    algorithm: Option<String>,
    /// Who signed.
    signer: Option<String>,
    /// In which position (chức vụ).
    position: Option<String>,
    /// For which organisation.
    organisation: Option<String>,
    /// The units within it.
    units: Vec<String>,
    email: Option<String>,
    /// Who issued the certificate.
    issuer: Option<String>,
    /// The certificate's serial number.
    serial: Option<String>,
    /// From when the certificate is valid.
    not_before: Option<String>,
    /// Until when the certificate is valid.
    not_after: Option<String>,
    /// The time that the signer claims; it proves nothing.
    claimed_time: Option<String>,
    /// The time at which a trusted authority saw the signature.
    proven_time: Option<String>,
    /// Whether the certificate was revoked.
    #[schemars(extend("enum" = ["good", "revoked", "unknown"]))]
    revocation: String,
    /// Whether the signature covers the file to its end.
    covers_whole_file: bool,
    /// What was done to the file afterwards.
    changes_after: Vec<String>,
    /// Who outside the file was asked about revocation, where the operator allows that; empty where the file tells.
    online: Vec<AskedOutside>,
}

/// What somebody outside a file said of a certificate.
#[derive(Debug, Serialize, JsonSchema)]
struct AskedOutside {
    /// A responder (OCSP) or a list (CRL).
    #[schemars(extend("enum" = ["ocsp", "crl"]))]
    kind: String,
    url: String,
    /// When.
    at: String,
    /// About whose certificate.
    about: Option<String>,
    /// What it told, or why it told nothing.
    #[schemars(extend("enum" = [
        "good", "revoked", "not_known", "stale", "not_entitled", "unfit", "refused", "down", "slow", "too_large",
    ]))]
    told: String,
    /// Until when the answer promises to hold.
    until: Option<String>,
}

/// What a document says of itself.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct DocumentFacts {
    /// Number and sign (số, ký hiệu).
    number: Option<String>,
    /// The day of issue (ngày ban hành).
    day: Option<String>,
    /// The issuing body (cơ quan ban hành).
    issuer: Option<String>,
    /// What it is about (trích yếu).
    about: Option<String>,
}

impl From<&Facts> for DocumentFacts {
    fn from(facts: &Facts) -> Self {
        Self {
            number: facts.number.clone(),
            day: facts.day.map(|day| day.to_string()),
            issuer: facts.issuer.clone(),
            about: facts.about.clone(),
        }
    }
}

/// The word by which data calls it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<&Asked> for AskedOutside {
    fn from(asked: &Asked) -> Self {
        Self {
            kind: word(&asked.kind),
            url: asked.url.clone(),
            at: asked.at.to_string(),
            about: asked.about.clone(),
            told: word(&asked.told),
            until: asked.until.map(|until| until.to_string()),
        }
    }
}

impl From<&SignatureReport> for Signature {
    fn from(one: &SignatureReport) -> Self {
        let at = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
        Self {
            verdict: word(&one.verdict),
            sub_indication: one.sub_indication.as_ref().map(word),
            message: one.message.vi.clone(),
            messages: one.message.clone().into(),
            kind: word(&one.kind),
            field: one.field.clone(),
            level: one.level.clone(),
            algorithm: one.algorithm.clone(),
            signer: one.signer.clone(),
            position: one.position.clone(),
            organisation: one.organisation.clone(),
            units: one.units.clone(),
            email: one.email.clone(),
            issuer: one.issuer.clone(),
            serial: one.serial.clone(),
            not_before: at(one.not_before),
            not_after: at(one.not_after),
            claimed_time: at(one.claimed_time),
            proven_time: at(one.proven_time),
            revocation: word(&one.revocation),
            covers_whole_file: one.covers_whole_file,
            changes_after: one.changes_after.iter().map(word).collect(),
            online: one.online.iter().map(AskedOutside::from).collect(),
        }
    }
}

fn checked(file: &str, report: Option<&Report>, facts: Option<&Facts>) -> FileChecked {
    FileChecked {
        file: file.to_owned(),
        verdict: report.map_or_else(|| "waiting".to_owned(), |report| word(&report.verdict)),
        sub_indication: report.and_then(|report| report.sub_indication.as_ref()).map(word),
        message: report.map(|report| report.message.vi.clone()),
        messages: report.map(|report| report.message.clone().into()),
        signatures: report.map(|report| report.signatures.iter().map(Signature::from).collect()).unwrap_or_default(),
        facts: facts.map(DocumentFacts::from).unwrap_or_default(),
    }
}

/// The signed files of an entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proofs {
    /// Whether a verdict is still to come.
    waiting: bool,
    /// How many signed files the document asks for.
    signatures_needed: usize,
    /// How many files count: valid, or accepted.
    signatures_counting: usize,
    /// The files in force.
    files: Vec<EvidenceChecked>,
    /// What the files propose for the figures, beyond what stands in them.
    proposals: Vec<ProposalOf>,
}

/// A file of evidence and what was found in it.
#[derive(Debug, Serialize, JsonSchema)]
struct EvidenceChecked {
    /// The id of the piece of evidence.
    evidence: i64,
    /// What was found.
    #[serde(flatten)]
    found: FileChecked,
    /// When it was checked.
    checked_at: Option<String>,
    /// The hash of the trust anchors that it was checked with.
    anchors: Option<String>,
    /// The malware that was found in it.
    infected: Option<String>,
    /// Who let it count though it could not be proved, and why.
    accepted: Option<Acceptance>,
    /// Whether the caller may let it count now.
    can_accept: bool,
    /// Where else it is used, or one like it.
    alike: Vec<Words>,
}

/// A signature that somebody let count.
#[derive(Debug, Serialize, JsonSchema)]
struct Acceptance {
    at: String,
    /// By whom: the position, else the name.
    by: String,
    reason: String,
}

/// A value that a file proposes.
#[derive(Debug, Serialize, JsonSchema)]
struct ProposalOf {
    /// What to send to take it over.
    take: String,
    /// The figure.
    figure: String,
    /// The value.
    value: String,
    /// The value in words.
    label: String,
    /// Where it was read.
    source: Words,
}

async fn proofs(app: &App, person: &Person, id: AssessmentId, indicator: &str) -> Result<Proofs, Problem> {
    let (opened, reader) = {
        let opened = province::open(app, person, id, indicator).await?;
        let appraises = app.store.state().appraises(&person.authority, &opened.round, indicator, opened.unit.id);
        match appraises {
            true => {
                let can = may_accept(app, person, &opened, indicator);
                (opened, Reader::Appraiser { can })
            }
            false => (Opened::get(app, person, id).await?, Reader::Unit),
        }
    };
    let known = opened.program().set.indicator(indicator).ok_or_else(Problem::not_found)?;
    let evidence = app.store.evidence_of(id, indicator).await?;
    let read = Files::read(app, VI, &opened, known, &evidence, reader).await?;
    let state = app.store.state();
    let in_english = read.proposals(&state, EN, &opened, known, &evidence);
    let proposals = read.proposals(&state, VI, &opened, known, &evidence).into_iter().zip(in_english);
    let mut files = Vec::new();
    for one in evidence.iter().filter(|one| one.withdrawn.is_none()) {
        let Some(sha256) = &one.sha256 else { continue };
        let kept = read.reports.get(sha256);
        let report = kept.and_then(|kept| serde_json::from_str::<Report>(&kept.found.report).ok());
        let facts = kept.and_then(|kept| serde_json::from_str::<Facts>(&kept.found.facts).ok());
        let uses = read.uses.get(&one.id).map(Vec::as_slice).unwrap_or_default();
        let everywhere = reader != Reader::Unit;
        let lines = |l| alike(&state, l, id, opened.unit.id, uses, everywhere);
        files.push(EvidenceChecked {
            evidence: one.id.0,
            found: checked(&one.name, report.as_ref(), facts.as_ref()),
            checked_at: kept.map(|kept| kept.at.to_string()),
            anchors: kept.map(|kept| kept.found.anchors.clone()),
            infected: clamd::infection(kept.and_then(|kept| kept.found.scan.as_deref())).map(str::to_owned),
            accepted: one.accepted.as_ref().map(|(at, by, why)| Acceptance {
                at: at.to_string(),
                by: actor_name(&state, opened.unit.id, *by, cycle::time::day_of(*at)),
                reason: why.clone(),
            }),
            can_accept: read.can_accept(one, reader),
            alike: super::organisation::lines_in_both(&lines),
        });
    }
    Ok(Proofs {
        waiting: read.waiting,
        signatures_needed: read.need,
        signatures_counting: read.counting,
        files,
        proposals: proposals
            .map(|(vi, en)| ProposalOf {
                source: criteria::Text::new(vi.source, en.source).into(),
                take: vi.take,
                figure: vi.figure,
                value: vi.value,
                label: vi.label,
            })
            .collect(),
    })
}

/// `GET /sheets/SHEET/entries/INDICATOR/proofs`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
) -> Result<Response, Problem> {
    json(&proofs(&app, &person, id, &indicator).await?)
}

/// A proposal to take over.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// `take` of the proposal.
    take: String,
}

/// `POST …/proposals`: the figure names the file as its origin from then on.
pub async fn take(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<Taking>,
) -> Result<Response, Problem> {
    let opened = entries::open(&app, &person, id, &indicator).await?;
    let seen = seen(&headers, body.version)?;
    let command = proof::taking(&app, person.l(), &opened, &indicator, seen.version, &body.take).await?;
    let unknown = || Problem::field("take", "Tệp không đề xuất giá trị này", "No file proposes this value");
    entries::change(&app, &person, id, &indicator, Some(seen), command.ok_or_else(unknown)?).await
}

/// `POST /evidence/EVIDENCE/acceptance`: lets a signature count that could not be proved, with a reason.
pub async fn accept(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<EvidenceId>,
    Body(body): Body<Reason>,
) -> Result<Response, Problem> {
    let (row, command) = proof::accepting(&app, &person, id, body.reason).await?;
    let indicator = match &command {
        store::Command::AcceptSignature { indicator, .. } => indicator.clone(),
        _ => return Err(Problem::not_found()),
    };
    change(&app, &person, command).await?;
    json(&proofs(&app, &person, row, &indicator).await?)
}

/// Files that were checked, in the shape of `thuocdo verify --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// The file.
    files: Vec<FileChecked>,
}

/// `POST /verify`: a file in, a verdict out, nothing kept.
pub async fn check(State(app): State<App>, Caller(_): Caller, request: Request) -> Result<Response, Problem> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Err(super::request::not_a_form());
    }
    let looked = verify::looked(&app, request).await.map_err(|refused| match refused {
        verify::Refused::Failed(failure) => failure.into(),
        verify::Refused::Told(status, why) if status.as_u16() == 429 => {
            Problem::new(status, "too-many", why.vi, why.en)
        }
        verify::Refused::Told(_, why) => Problem::field("file", why.vi, why.en),
    })?;
    json(&Verified { files: vec![checked(&looked.name, Some(&looked.examined.report), Some(&looked.examined.facts))] })
}
