//! Papers that were issued: issuing one, bringing the signed one back, and what was found in it.

use askama::Template;
use axum::Form;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, OriginalUri, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use cycle::{AssessmentId, Capability, PaperId, RoundId, UnitId, time};
use documents::issued::{CODE_BYTES, Difference, Likeness, Mark, hash, words};
use documents::papers::Kind;
use serde::Deserialize;
use serde_json::json;
use signature::Verdict;
use store::command::{NewCopy, NewPaper};
use store::papers::{IssuedPaper, PaperCopy, right};
use store::{Actor, Command, Refusal};

use super::assign::day;
use super::html;
use super::verify::VERIFY_BYTES_MAX;
use crate::app::{App, secret};
use crate::checks::{examine, verdict};
use crate::failure::Failure;
use crate::guard::FILE_POLICY;
use crate::papers::{self, Head, Ready};
use crate::person::Person;
use crate::printer::Format;
use crate::recognise::recognise;
use crate::sandbox::Source;
use crate::view::{L, Section, Shell, verdict_words};

/// Papers on the list, the latest first.
const LISTED_MAX: usize = 200;
/// Largest request: a file and the form around it.
pub const REQUEST_BYTES_MAX: usize = VERIFY_BYTES_MAX + 64 * 1024;

/// A paper as lists show it.
pub struct PaperLine {
    /// Where it stands.
    pub id: PaperId,
    /// What it is called.
    pub title: String,
    /// Its number, when and by whom it was issued.
    pub about: String,
    /// How it stands: issued, signed, differing.
    pub class: &'static str,
    /// The same in words.
    pub word: &'static str,
    /// Who signed it.
    pub signers: String,
}

/// How a paper stands.
fn standing(l: L, paper: &IssuedPaper) -> (&'static str, &'static str) {
    match (paper.signed(), paper.copies.last()) {
        (Some(_), _) => ("done", l.say("Đã có bản ký", "Signed copy is here")),
        (None, Some(copy)) if copy.likeness == Likeness::Altered.key() => {
            ("bad", l.say("Bản nộp lại khác bản phát hành", "What came back differs"))
        }
        (None, Some(_)) => ("bad", l.say("Chữ ký không hợp lệ", "The signature is not valid")),
        (None, None) => ("wait", l.say("Chờ bản ký", "Waiting for the signed copy")),
    }
}

fn line(l: L, paper: &IssuedPaper) -> PaperLine {
    let (class, word) = standing(l, paper);
    let number = match paper.number.as_str() {
        "" => String::new(),
        number => format!("{} {number} · ", l.say("Số", "No.")),
    };
    PaperLine {
        id: paper.id,
        title: paper.title.clone(),
        about: format!("{number}{} {}", l.say("phát hành", "issued"), l.instant(&paper.made_at)),
        class,
        word,
        signers: paper.signed().map(|copy| copy.signers.join("; ")).unwrap_or_default(),
    }
}

/// The papers that a place shows, the latest first.
pub fn lines(state: &store::State, l: L, wanted: impl Fn(&IssuedPaper) -> bool) -> Vec<PaperLine> {
    state.papers.values().rev().filter(|paper| wanted(paper)).take(LISTED_MAX).map(|paper| line(l, paper)).collect()
}

/// Whether a person may see a paper: whoever may read the unit that it is of or about.
fn sees(state: &store::State, person: &Person, paper: &IssuedPaper) -> bool {
    let about = paper.assessment.and_then(|id| state.assessments.get(&id)).map(|sheet| sheet.unit);
    person.may_read(state, paper.owner) || about.is_some_and(|unit| person.may_read(state, unit))
}

#[derive(Template)]
#[template(path = "issued_list.html")]
struct ListPage {
    shell: Shell,
    wrong: Option<String>,
    papers: Vec<PaperLine>,
    most: usize,
}

fn list_page(app: &App, person: &Person, wrong: Option<&Text>) -> ListPage {
    let l = person.l();
    let papers = {
        let state = app.store.state();
        lines(&state, l, |paper| sees(&state, person, paper))
    };
    let title = l.say("Văn bản đã phát hành", "Papers that were issued");
    let title = if wrong.is_some() { format!("{} {title}", l.say("Lỗi:", "Error:")) } else { title.to_owned() };
    let shell = Shell::new(app, Some(person), l, "/papers", Section::Elsewhere, title);
    let wrong = wrong.map(|text| l.text(text).to_owned());
    ListPage { shell, wrong, papers, most: VERIFY_BYTES_MAX / (1024 * 1024) }
}

/// `GET /papers`
pub async fn list(State(app): State<App>, person: Person) -> Result<Response, Failure> {
    html(&list_page(&app, &person, None))
}

async fn uploaded(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Text> {
    let most = VERIFY_BYTES_MAX / (1024 * 1024);
    let none = || Text::new("Chưa chọn tệp nào", "No file was chosen");
    let broken = || {
        Text::new(
            format!("Tệp tải lên bị ngắt giữa chừng hoặc lớn hơn {most} MB"),
            format!("The upload was cut off, or is larger than {most} MB"),
        )
    };
    let mut form = form.map_err(|_| none())?;
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        let Some(name) = field.file_name().map(super::evidence::clean) else { continue };
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| broken())? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > VERIFY_BYTES_MAX {
                return Err(broken());
            }
        }
        return if bytes.is_empty() { Err(none()) } else { Ok((name, bytes)) };
    }
    Err(none())
}

/// `POST /papers`: a signed paper comes back.
pub async fn take(
    State(app): State<App>,
    person: Person,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let refuse = |why: &Text| -> Result<Response, Failure> {
        let page = list_page(&app, &person, Some(why));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
    };
    let (name, bytes) = match uploaded(form).await {
        Ok(given) => given,
        Err(why) => return refuse(&why),
    };
    let found = recognise(&app, &bytes).await?;
    let Some(found) = found.filter(|found| sees(&app.store.state(), &person, &found.paper)) else {
        return refuse(&Text::new(
            format!(
                "“{name}” không phải văn bản do hệ thống này phát hành: không thấy mã văn bản, hoặc mã không có ở đây"
            ),
            format!(
                "\"{name}\" is no paper that was issued here: it carries no code of a paper, or one that is not known"
            ),
        ));
    };
    let examined = examine(&app, Source::Bytes(bytes.clone()), None).await.map_err(|error| {
        tracing::error!(%error, "a paper that came back was not checked");
        Failure::Internal
    })?;
    let report = &examined.report;
    if report.verdict == Verdict::Unsigned {
        return refuse(&Text::new(
            format!("“{name}” là “{}” nhưng chưa có chữ ký số nào; hãy ký rồi nộp lại", found.paper.title),
            format!(
                "\"{name}\" is \"{}\", but carries no digital signature; sign it and bring it back",
                found.paper.title
            ),
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
    match app.store.change(Actor::Account(person.account), app.now(), Command::FilePaper(copy)).await {
        Ok(_) => Ok(Redirect::to(&format!("/papers/{}", found.paper.id)).into_response()),
        Err(Refusal::Invalid(wrong)) => match wrong.first() {
            Some(first) => refuse(&first.message),
            None => Err(Failure::Internal),
        },
        Err(refusal) => Err(refusal.into()),
    }
}

/// Whether a person may issue papers of a kind about a unit in a round.
pub fn may_issue(state: &store::State, person: &Person, kind: Kind, round: RoundId, unit: UnitId) -> bool {
    let owner = state.rounds.get(&round).map(|round| round.owner);
    right(kind.key()).is_some_and(|(capability, of_owner)| {
        let scope = if of_owner { owner } else { Some(unit) };
        scope.is_some_and(|scope| person.may(state, capability, scope))
    })
}

/// What is to be issued.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    what: String,
    sheet: Option<AssessmentId>,
    round: Option<RoundId>,
    publication: Option<i64>,
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
}

/// The paper that is wanted, filled, with the round that it is about.
async fn ready(app: &App, person: &Person, wanted: &Wanted, head: &Head) -> Result<(Kind, RoundId, Ready), Failure> {
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| wanted.what == kind.key() || wanted.what.starts_with("review-") && *kind == Kind::Review);
    let kind = kind.ok_or(Failure::NotFound)?;
    if let Some(sheet) = wanted.sheet {
        let round = {
            let state = app.store.state();
            let row = state.assessments.get(&sheet).ok_or(Failure::NotFound)?;
            if !person.may_read(&state, row.unit) {
                return Err(Failure::NotFound);
            }
            if !may_issue(&state, person, kind, row.round, row.unit) {
                return Err(Failure::Denied(cycle::Denial::NotAllowed.text()));
            }
            row.round
        };
        let ready = match kind {
            Kind::SelfAssessment | Kind::Appraisal => papers::sheet(app, sheet, kind, head).await?,
            Kind::Assignment => papers::assignment(app, sheet, head).await?,
            Kind::Reminder => papers::reminder(app, sheet, head).await?,
            Kind::Review => {
                let review = wanted.what.strip_prefix("review-").and_then(|number| number.parse().ok());
                papers::review(app, sheet, review.ok_or(Failure::NotFound)?, head).await?
            }
            _ => return Err(Failure::NotFound),
        };
        return Ok((kind, round, ready));
    }
    let round = match (wanted.round, wanted.publication) {
        (Some(round), _) => round,
        (None, Some(id)) => app.store.publication(id).await?.ok_or(Failure::NotFound)?.round,
        (None, None) => return Err(Failure::NotFound),
    };
    {
        let state = app.store.state();
        let owner = state.rounds.get(&round).ok_or(Failure::NotFound)?.owner;
        if !person.may(&state, Capability::RunRound, owner) {
            return Err(Failure::NotFound);
        }
    }
    let ready = match (kind, wanted.publication) {
        (Kind::Survey, None) => papers::survey(app, round, head)?,
        (Kind::Ranking, Some(id)) => papers::ranking(app, id).await?,
        _ => return Err(Failure::NotFound),
    };
    Ok((kind, round, ready))
}

#[derive(Template)]
#[template(path = "issued_new.html")]
struct NewPage {
    shell: Shell,
    wrong: Option<String>,
    name: String,
    wanted: Wanted,
}

fn new_page(app: &App, person: &Person, wanted: Wanted, title: &str, kind: Kind, wrong: Option<&Text>) -> NewPage {
    let l = person.l();
    let heading = l.say("Phát hành văn bản", "Issue a paper");
    let heading = if wrong.is_some() { format!("{} {heading}", l.say("Lỗi:", "Error:")) } else { heading.to_owned() };
    let shell = Shell::new(app, Some(person), l, "/papers/new", Section::Elsewhere, heading);
    let name = format!("{}: {title}", l.text(&kind.name()));
    NewPage { shell, wrong: wrong.map(|text| l.text(text).to_owned()), name, wanted }
}

/// `GET /papers/new`
pub async fn new(
    State(app): State<App>,
    person: Person,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let (kind, _, ready) = ready(&app, &person, &wanted, &Head::default()).await?;
    wanted.day = person.l().date(&time::day_of(app.now()));
    html(&new_page(&app, &person, wanted, &ready.filling.title, kind, None))
}

/// `POST /papers/new`
pub async fn issue(State(app): State<App>, person: Person, Form(wanted): Form<Wanted>) -> Result<Response, Failure> {
    let today = time::day_of(app.now());
    let number: String = wanted.number.trim().chars().filter(|letter| !letter.is_control()).collect();
    let given = if wanted.day.trim().is_empty() { Some(today) } else { day(&wanted.day, today.year()) };
    let head = Head { number: number.clone(), day: given };
    let (kind, round, ready) = ready(&app, &person, &wanted, &head).await?;
    if given.is_none() {
        let why = Text::new("Ngày cần dạng 31/10/2023", "The day is needed as 31/10/2023");
        let page = new_page(&app, &person, wanted, &ready.filling.title, kind, Some(&why));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    }
    let code: String = secret().map_err(|_| Failure::Internal)?.chars().take(CODE_BYTES).collect();
    let title = ready.filling.title.clone();
    let (bytes, words) = marked(&app, ready, &code).await?;
    let Ok(stored) = app.store.evidence.put(&bytes).await else { return Err(Failure::Internal) };
    let new = NewPaper {
        code,
        kind: kind.key().to_owned(),
        round,
        assessment: wanted.sheet,
        publication: wanted.publication,
        title,
        number,
        sha256: stored.sha256,
        words,
    };
    let done = app.store.change(Actor::Account(person.account), app.now(), Command::IssuePaper(new)).await?;
    Ok(Redirect::to(&format!("/papers/{}", done.id.unwrap_or_default())).into_response())
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

struct CopyView {
    name: String,
    file: String,
    about: String,
    class: &'static str,
    word: &'static str,
    signature_class: &'static str,
    signature: &'static str,
    signers: String,
    differences: Vec<Difference>,
}

fn copy_view(l: L, paper: &IssuedPaper, copy: &PaperCopy) -> CopyView {
    let (class, word) = match Likeness::from_key(&copy.likeness) {
        Some(Likeness::Same) => {
            ("done", l.say("Đúng bản đã phát hành, chỉ thêm chữ ký", "The paper as issued, with signatures added"))
        }
        Some(Likeness::SameWords) => (
            "warn",
            l.say(
                "Tệp được ghi lại; mọi chữ giống bản phát hành",
                "The file was written anew; all words are as issued",
            ),
        ),
        Some(Likeness::Altered) | None => ("bad", l.say("Khác bản đã phát hành", "It differs from what was issued")),
    };
    let known = cycle::proof::FileVerdict::from_key(&copy.verdict).unwrap_or(cycle::proof::FileVerdict::Waiting);
    let (signature_class, signature) = verdict_words(l, known);
    CopyView {
        name: copy.name.clone(),
        file: format!("/papers/{}/copy-{}.pdf", paper.id, copy.id),
        about: l.instant(&copy.filed_at),
        class,
        word,
        signature_class,
        signature,
        signers: copy.signers.join("; "),
        differences: serde_json::from_value(copy.differences.clone()).unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "issued.html")]
struct IssuedPage {
    shell: Shell,
    id: PaperId,
    number: String,
    kind: String,
    code: String,
    words: String,
    issued: String,
    class: &'static str,
    word: &'static str,
    belongs: Option<(String, String)>,
    copies: Vec<CopyView>,
    most: usize,
}

/// `GET /papers/PAPER`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<PaperId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let (paper, belongs, by) = {
        let state = app.store.state();
        let paper =
            state.papers.get(&id).filter(|paper| sees(&state, &person, paper)).ok_or(Failure::NotFound)?.clone();
        let unit = paper.assessment.and_then(|sheet| state.assessments.get(&sheet)).map(|sheet| sheet.unit);
        let unit = unit.and_then(|unit| state.tree.get(unit)).map(|unit| unit.name.clone()).unwrap_or_default();
        let belongs = match (paper.assessment, paper.publication) {
            (Some(sheet), _) if paper.kind == Kind::Assignment.key() => {
                Some((format!("/sheets/{sheet}/assign"), format!("{} {unit}", l.say("Phân công của", "Assignment of"))))
            }
            (Some(sheet), _) => {
                Some((format!("/sheets/{sheet}"), format!("{} {unit}", l.say("Phiếu của", "Sheet of"))))
            }
            (None, Some(id)) => Some((format!("/ranking/{id}"), l.say("Bản công bố", "The publication").to_owned())),
            (None, None) => {
                let round = state.rounds.get(&paper.round).map(|round| round.title.clone());
                Some((format!("/rounds/{}", paper.round), round.unwrap_or_default()))
            }
        };
        let by = paper.made_by.and_then(|account| state.accounts.get(&account)).map(|one| one.name.clone());
        (paper, belongs, by.unwrap_or_default())
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.key() == paper.kind);
    let (class, word) = standing(l, &paper);
    let page = IssuedPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Elsewhere, paper.title.clone()),
        id,
        number: paper.number.clone(),
        kind: kind.map(|kind| l.text(&kind.name()).to_owned()).unwrap_or_default(),
        code: paper.code.clone(),
        words: paper.words.clone(),
        issued: format!("{}{}{by}", l.instant(&paper.made_at), if by.is_empty() { "" } else { " · " }),
        class,
        word,
        belongs,
        copies: paper.copies.iter().rev().map(|copy| copy_view(l, &paper, copy)).collect(),
        most: VERIFY_BYTES_MAX / (1024 * 1024),
    };
    html(&page)
}

/// A PDF that is kept, to be looked at or saved.
pub(super) async fn kept(app: &App, sha256: &str, name: &str) -> Result<Response, Failure> {
    let bytes = app.store.evidence.read(sha256).await?.ok_or(Failure::NotFound)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let disposition = format!("inline; filename=\"{name}.pdf\"");
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("inline"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    Ok(response)
}

/// `GET /papers/PAPER/FILE`: `issued.pdf`, or `copy-N.pdf` of what came back.
pub async fn file(
    State(app): State<App>,
    person: Person,
    Path((id, file)): Path<(PaperId, String)>,
) -> Result<Response, Failure> {
    let (sha256, name) = {
        let state = app.store.state();
        let paper = state.papers.get(&id).filter(|paper| sees(&state, &person, paper)).ok_or(Failure::NotFound)?;
        match file.strip_prefix("copy-").and_then(|rest| rest.strip_suffix(".pdf")) {
            Some(copy) => {
                let copy = paper.copies.iter().find(|one| one.id.to_string() == copy).ok_or(Failure::NotFound)?;
                (copy.sha256.clone(), format!("{}-{id}-{}", paper.kind, copy.id))
            }
            None if file == "issued.pdf" => (paper.sha256.clone(), format!("{}-{id}", paper.kind)),
            None => return Err(Failure::NotFound),
        }
    };
    kept(&app, &sha256, &name).await
}
