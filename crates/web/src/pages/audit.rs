//! The audit log, for those who may read all of it.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::Response;
use cycle::Capability;
use serde::Deserialize;
use store::records::Event;

use super::history::event_sentence;
use super::html;
use super::sheet::short_hash;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    lede: String,
    checks: String,
    rows: Vec<(i64, String, String, String, String)>,
    next: Option<i64>,
}

#[derive(Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// `GET /audit`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(before): Query<Before>,
) -> Result<Response, Failure> {
    let l = person.l();
    if !person.authority.may_somewhere(Capability::Audit) {
        return Err(Failure::NotFound);
    }
    let events = seen(&app, &person, before.before).await?;
    let (seq, hash) = app.store.head().await?;
    let next =
        (events.len() as i64 == store::limits::HISTORY_MAX).then(|| events.last().map(|event| event.seq)).flatten();
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Audit, l.say("Nhật ký", "Log"));
    let state = app.store.state();
    let rows = events
        .iter()
        .map(|event| {
            let unit = event.unit.and_then(|unit| state.tree.get(unit));
            let place = unit.map(|unit| unit.name.clone()).unwrap_or_default();
            let place = event.indicator.as_ref().map_or(place.clone(), |indicator| format!("{place}, {indicator}"));
            let unit = event.unit.unwrap_or(cycle::UnitId(0));
            (event.seq, l.instant(&event.at), event_sentence(&state, l, unit, event), place, short_hash(&event.hash))
        })
        .collect();
    drop(state);
    let lede = match l.is_english() {
        true => format!("{} events; the last has the hash {}.", l.count(seq), short_hash(&hash)),
        false => format!("{} sự kiện; sự kiện cuối có mã băm {}.", l.count(seq), short_hash(&hash)),
    };
    html(&AuditPage { shell, lede, checks: checks(&app, l), rows, next })
}

/// A page of the log as a person may read it. Events of units outside one's scope are not read; those of no unit are for
/// whoever audits from the top.
pub(crate) async fn seen(app: &App, person: &Person, before: Option<i64>) -> Result<Vec<Event>, Failure> {
    let (scopes, top, whole) = {
        let state = app.store.state();
        let mut scopes: Vec<_> = person.authority.scopes(Capability::Audit).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let roots = state.tree.roots();
        let may = |root: &cycle::UnitId| person.may(&state, Capability::Audit, *root);
        (scopes, roots.iter().any(may), roots.iter().all(may))
    };
    // Who audits everything needs no list of units.
    let events = match whole {
        true => app.store.events(before).await?,
        false => app.store.events_within(before, &scopes, top).await?,
    };
    Ok(events)
}

/// How files are checked here: whom signatures are trusted with, and whether malware is looked for.
fn checks(app: &App, l: crate::view::L) -> String {
    let known = app.trust.known();
    let (count, hash) = (known.anchors.len(), short_hash(&known.hash));
    let scan = match &app.clamd {
        Some(clamd) => format!("clamd {}", clamd.address),
        None => l.say("tắt", "off").to_owned(),
    };
    let online = match &app.online {
        Some(_) => l.say("bật", "on"),
        None => l.say("tắt", "off"),
    };
    match l.is_english() {
        true => format!(
            "Signatures: {count} trust anchors, hash {hash}. Asking online about revocation: {online}. Search for malware: {scan}."
        ),
        false => format!(
            "Chữ ký: {count} chứng thư gốc, mã băm {hash}. Hỏi thu hồi qua mạng: {online}. Quét mã độc: {scan}."
        ),
    }
}
