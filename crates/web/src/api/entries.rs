//! One entry: reading it, changing it, finishing it, sending it back, talking about it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cycle::AssessmentId;
use schemars::JsonSchema;
use serde::Deserialize;
use store::command::{EntryChange, FieldRefusal};
use store::{Actor, Command, Refusal};

use super::answer::tagged;
use super::caller::Caller;
use super::problem::Problem;
use super::request::{At, Body, NewWords, Reason, Seen, seen};
use super::views::{self, Answer};
use crate::app::App;
use crate::opened::Opened;
use crate::person::Person;

/// A value of a figure: words as they are typed into a field, in Vietnamese notation ("12,5"), or a JSON number, which
/// is never read in another notation; null takes the value away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// As typed.
    Words(String),
    /// A number.
    Number(serde_json::Number),
    /// Yes or no.
    Bool(bool),
    /// No value.
    Nothing,
}

/// Values as fields hold them. A figure that is not `known` is told by name.
pub fn typed(
    values: BTreeMap<String, Value>,
    known: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, String>, Problem> {
    let unknown: Vec<FieldRefusal> = values
        .keys()
        .filter(|id| !known(id))
        .map(|id| FieldRefusal {
            field: id.clone(),
            message: criteria::Text::new(
                format!("Không có số liệu “{id}” ở đây"),
                format!("There is no figure \"{id}\" here"),
            ),
        })
        .collect();
    if !unknown.is_empty() {
        return Err(Problem::fields(&unknown));
    }
    let text = |value| match value {
        Value::Words(words) => words.trim().to_owned(),
        // A field takes "1.234" for one thousand; the decimal comma says what a program's 1.234 means.
        Value::Number(number) => number.to_string().trim_end_matches(".0").replace('.', ","),
        Value::Bool(true) => "có".to_owned(),
        Value::Bool(false) => "không".to_owned(),
        Value::Nothing => String::new(),
    };
    Ok(values.into_iter().map(|(id, value)| (id, text(value))).collect())
}

/// What an entry is to hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// How the unit answers.
    answer: Option<Answer>,
    /// What the unit wants to say (thuyết minh).
    note: Option<String>,
    /// The figures, by id.
    #[serde(default)]
    figures: BTreeMap<String, Value>,
}

impl EntryBody {
    /// The change. A figure that is not `known` is told by name.
    pub fn change(self, known: impl Fn(&str) -> bool) -> Result<EntryChange, Problem> {
        Ok(EntryChange {
            figures: typed(self.figures, known)?,
            answer: self.answer.map(Into::into),
            note: self.note.map(|note| note.trim().replace("\r\n", "\n")),
        })
    }
}

async fn shown(app: &App, headers: &HeaderMap, opened: &Opened, indicator: &str) -> Result<Response, Problem> {
    let (version, entry) = views::entry(app, opened, indicator).await?;
    tagged(headers, version, &entry)
}

/// Carries a change out and shows the entry as it is then; a stale one is told what is kept.
pub async fn change(
    app: &App,
    person: &Person,
    id: AssessmentId,
    indicator: &str,
    seen: Option<Seen>,
    command: Command,
) -> Result<Response, Problem> {
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await;
    let stale = match done {
        Ok(_) => false,
        Err(Refusal::Stale(_)) => true,
        Err(refusal) => return Err(refusal.into()),
    };
    let opened = Opened::get(app, person, id).await?;
    if !stale {
        return shown(app, &HeaderMap::new(), &opened, indicator).await;
    }
    let (_, entry) = views::entry(app, &opened, indicator).await?;
    let saved = serde_json::to_value(&entry).unwrap_or_default();
    Err(Problem::stale(seen.is_some_and(|seen| seen.by_header)).with("saved", saved))
}

/// Whether there is such an entry for this person, before anything else is said of it.
pub async fn open(app: &App, person: &Person, id: AssessmentId, indicator: &str) -> Result<Opened, Problem> {
    let opened = Opened::get(app, person, id).await?;
    opened.sheet.entry(indicator).ok_or_else(Problem::not_found)?;
    Ok(opened)
}

/// `GET /sheets/SHEET/entries/INDICATOR`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    shown(&app, &headers, &open(&app, &person, id, &indicator).await?, &indicator).await
}

async fn save(
    app: &App,
    person: &Person,
    (id, indicator): (AssessmentId, String),
    headers: &HeaderMap,
    mut body: EntryBody,
    whole: bool,
) -> Result<Response, Problem> {
    let opened = open(app, person, id, &indicator).await?;
    let seen = seen(headers, body.version)?;
    let known = opened.program().set.indicator(&indicator).ok_or_else(Problem::not_found)?.all_figures();
    if whole {
        for figure in &known {
            body.figures.entry(figure.id.clone()).or_insert(Value::Nothing);
        }
        body.answer.get_or_insert_default();
        body.note.get_or_insert_default();
    }
    let change_of = body.change(|id| known.iter().any(|figure| figure.id == id))?;
    let version = seen.version;
    let command = Command::SaveEntry { assessment: id, indicator: indicator.clone(), version, change: change_of };
    change(app, person, id, &indicator, Some(seen), command).await
}

/// `PUT /sheets/SHEET/entries/INDICATOR`
pub async fn put(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<EntryBody>,
) -> Result<Response, Problem> {
    save(&app, &person, at, &headers, body, true).await
}

/// `PATCH /sheets/SHEET/entries/INDICATOR`
pub async fn patch(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<EntryBody>,
) -> Result<Response, Problem> {
    save(&app, &person, at, &headers, body, false).await
}

/// The version that was seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The version; `If-Match` does as well.
    pub version: Option<i64>,
}

/// `POST …/ready`
pub async fn ready(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<Version>,
) -> Result<Response, Problem> {
    open(&app, &person, id, &indicator).await?;
    let seen = seen(&headers, body.version)?;
    let command = Command::MarkReady { assessment: id, indicator: indicator.clone(), version: seen.version };
    change(&app, &person, id, &indicator, Some(seen), command).await
}

/// Says something to an entry that the caller may read; no version is asked for.
async fn say(
    app: &App,
    person: &Person,
    id: AssessmentId,
    indicator: &str,
    command: Command,
) -> Result<Response, Problem> {
    open(app, person, id, indicator).await?;
    change(app, person, id, indicator, None, command).await
}

/// `POST …/send-back`
pub async fn send_back(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<Reason>,
) -> Result<Response, Problem> {
    let command = Command::SendBack { assessment: id, indicator: indicator.clone(), reason: body.reason };
    say(&app, &person, id, &indicator, command).await
}

/// `POST …/remarks`
pub async fn remark(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<NewWords>,
) -> Result<Response, Problem> {
    let command = Command::Remark { assessment: id, indicator: indicator.clone(), words: body.words };
    say(&app, &person, id, &indicator, command).await
}

/// `POST …/explanation`
pub async fn explain(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<NewWords>,
) -> Result<Response, Problem> {
    let command = Command::Explain { assessment: id, indicator: indicator.clone(), words: body.words };
    say(&app, &person, id, &indicator, command).await
}
