//! What is one's own: work, notices, and what a search finds.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, Body};
use super::views::{self, EntryRow, Words};
use crate::app::App;
use crate::pages::search::{Place, find};
use crate::pages::work::{OwnWork, own_entries};
use crate::person::Person;

/// An indicator that is one's own to do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkItem {
    /// The sheet's id.
    sheet: i64,
    /// The round's title.
    round: String,
    /// The unit's name.
    unit: String,
    /// Whether one leads (chủ trì) or coordinates (phối hợp).
    leads: bool,
    /// Whether it is to be done still.
    open: bool,
    /// Whether its points were cut and nobody has explained it yet.
    to_explain: bool,
    /// The last day to explain it, where it is to be explained and there is one.
    explain_by: Option<String>,
    /// The indicator with its state, deadline, points and what it lacks.
    entry: EntryRow,
}

/// `GET /work`: over all units and rounds under way, what is to be explained first, then by deadline.
pub async fn work(State(app): State<App>, Caller(person): Caller) -> Result<Response, Problem> {
    let mut items = Vec::new();
    for OwnWork { opened, own, differences } in own_entries(&app, &person).await? {
        for (place, (indicator, entry, progress)) in opened.rows().enumerate() {
            let to_explain = differences.contains(&place);
            let leads = own.get(&place).copied();
            if leads.is_none() && !to_explain {
                continue;
            }
            let explain_by = opened.round.explain_by(opened.today).filter(|_| to_explain);
            let item = WorkItem {
                sheet: opened.sheet.id.0,
                round: opened.round.title.clone(),
                unit: opened.unit.name.clone(),
                leads: leads.unwrap_or(true),
                to_explain,
                explain_by: explain_by.map(|day| day.to_string()),
                open: !entry.state.is_done(),
                entry: views::row(&opened, indicator, entry, progress),
            };
            items.push((!to_explain, entry.state.is_done(), explain_by.or(progress.due), item));
        }
    }
    items.sort_by_key(|(later, done, due, _)| (*later, *done, due.is_none(), *due));
    json(&Page { items: items.into_iter().map(|(.., item)| item).collect(), next: None })
}

/// Something that one should know.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NoticeView {
    /// Its id.
    id: i64,
    /// When.
    at: String,
    /// The words: a line that says what it is, then what it is about, each with an address after a tab.
    words: Words,
    /// Where it leads.
    link: String,
    /// Whether it was read.
    read: bool,
}

async fn shown(app: &App, person: &Person) -> Result<Response, Problem> {
    let items = app.store.notices(person.account).await?;
    let items = items.into_iter().map(|one| NoticeView {
        id: one.id,
        at: one.at.to_string(),
        words: criteria::Text::new(one.vi, one.en).into(),
        link: one.link,
        read: one.read,
    });
    json(&Page { items: items.collect(), next: None })
}

/// `GET /notices`: one's own, the latest first.
pub async fn notices(State(app): State<App>, Caller(person): Caller) -> Result<Response, Problem> {
    shown(&app, &person).await
}

/// What was read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The id of a notice; all of them where none is named.
    notice: Option<i64>,
}

/// `POST /notices/read`
pub async fn read(State(app): State<App>, Caller(person): Caller, Body(body): Body<Read>) -> Result<Response, Problem> {
    app.store.mark_read(person.account, body.notice, app.now()).await?;
    shown(&app, &person).await
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
}

/// Something that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hit {
    /// What it is.
    #[schemars(extend("enum" = ["indicator", "unit"]))]
    kind: &'static str,
    /// The indicator's id, or the unit's official code.
    code: String,
    /// Its name.
    name: String,
    /// The sheet that it is on, or the unit's sheet in the latest round; none for an indicator that is on no sheet of
    /// one's own.
    sheet: Option<i64>,
    /// The id of the level at which it is in one's queue of appraisal.
    level: Option<i64>,
    /// The set that it is in, where it is neither.
    set: Option<String>,
    /// Whether it holds the very letters, marks and all.
    exact: bool,
}

/// `GET /search?q=…`: the exact ones first, then by the Vietnamese alphabet.
pub async fn search(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let (_, hits) = find(&app, &person, &wanted.q)?;
    let at = |place: &Place| match place {
        Place::Sheet(sheet) => (Some(sheet.0), None, None),
        Place::Queue(level, _) => (None, Some(level.0), None),
        Place::Set(set, _) => (None, None, Some(set.clone())),
    };
    let items = hits.into_iter().map(|hit| (at(&hit.place), hit)).map(|((sheet, level, set), hit)| Hit {
        kind: if hit.unit_kind.is_some() { "unit" } else { "indicator" },
        code: hit.code,
        name: hit.name,
        sheet,
        level,
        set,
        exact: hit.exact,
    });
    json(&Page { items: items.collect(), next: None })
}
