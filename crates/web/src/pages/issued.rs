//! Papers that were issued: issuing one, bringing the signed one back, and what was found in it.

use askama::Template;
use axum::Form;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, OriginalUri, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use cycle::{AssessmentId, PaperId, RoundId, time};
use documents::issued::{Difference, Likeness};
use documents::papers::Kind;
use serde::Deserialize;
use store::papers::{IssuedPaper, PaperCopy};

use super::assign::day;
use super::html;
use super::verify::VERIFY_BYTES_MAX;
use crate::app::App;
use crate::failure::Failure;
use crate::guard::FILE_POLICY;
use crate::issuing::{self, Draft, Subject, sees};
use crate::papers::Head;
use crate::person::Person;
use crate::upload::one_file;
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

/// The file of a form with one.
///
/// # Errors
/// There is none, or it is too large or was cut off.
pub(crate) async fn uploaded(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Text> {
    let none = || Text::new("Chưa chọn tệp nào", "No file was chosen");
    let given = one_file(form, "", VERIFY_BYTES_MAX).await.map_err(|why| why.text(none()))?;
    Ok((given.name, given.bytes))
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
    match issuing::take(&app, &person, name, bytes).await {
        Ok(id) => Ok(Redirect::to(&format!("/papers/{id}")).into_response()),
        Err(failure @ (Failure::Invalid(_) | Failure::Fields(_))) => refuse(&failure.parts().1),
        Err(failure) => Err(failure),
    }
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

impl Wanted {
    async fn draft(&self, app: &App, person: &Person, head: &Head) -> Result<Draft, Failure> {
        let subject = Subject::of(self.sheet, self.round, self.publication).ok_or(Failure::NotFound)?;
        issuing::draft(app, person, &self.what, subject, head).await
    }
}

#[derive(Template)]
#[template(path = "issued_new.html")]
struct NewPage {
    shell: Shell,
    wrong: Option<String>,
    name: String,
    wanted: Wanted,
}

fn new_page(app: &App, person: &Person, wanted: Wanted, draft: &Draft, wrong: Option<&Text>) -> NewPage {
    let l = person.l();
    let heading = l.say("Phát hành văn bản", "Issue a paper");
    let heading = if wrong.is_some() { format!("{} {heading}", l.say("Lỗi:", "Error:")) } else { heading.to_owned() };
    let shell = Shell::new(app, Some(person), l, "/papers/new", Section::Elsewhere, heading);
    let name = format!("{}: {}", l.text(&draft.kind.name()), draft.title());
    NewPage { shell, wrong: wrong.map(|text| l.text(text).to_owned()), name, wanted }
}

/// `GET /papers/new`
pub async fn new(
    State(app): State<App>,
    person: Person,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let draft = wanted.draft(&app, &person, &Head::default()).await?;
    wanted.day = person.l().date(&time::day_of(app.now()));
    html(&new_page(&app, &person, wanted, &draft, None))
}

/// `POST /papers/new`
pub async fn issue(State(app): State<App>, person: Person, Form(wanted): Form<Wanted>) -> Result<Response, Failure> {
    let today = time::day_of(app.now());
    let given = if wanted.day.trim().is_empty() { Some(today) } else { day(&wanted.day, today.year()) };
    let head = issuing::head(&wanted.number, given);
    let draft = wanted.draft(&app, &person, &head).await?;
    if given.is_none() {
        let why = Text::new("Ngày cần dạng 31/10/2023", "The day is needed as 31/10/2023");
        let page = new_page(&app, &person, wanted, &draft, Some(&why));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    }
    let id = issuing::issue(&app, &person, draft, head.number).await?;
    Ok(Redirect::to(&format!("/papers/{id}")).into_response())
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
pub(crate) async fn kept(app: &App, sha256: &str, name: &str) -> Result<Response, Failure> {
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
        issuing::file_of(paper, &file).ok_or(Failure::NotFound)?
    };
    kept(&app, &sha256, &name).await
}
