//! The first page; in the demonstration with a way in for each role.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use store::{Actor, Command};

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::{LANGUAGE_COOKIE, Visitor, cookie};
use crate::view::{Section, Shell};

struct RoleView {
    key: &'static str,
    name: String,
    does: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    shell: Shell,
    roles: Vec<RoleView>,
    phase: Option<String>,
}

/// `GET /`
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let l = visitor.l;
    if app.demo.is_none() && visitor.person.is_some() {
        return Ok(Redirect::to("/work").into_response());
    }
    let title = l.say("Trang đầu", "First page");
    let shell = Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Elsewhere, title);
    let roles = app.demo.iter().flat_map(|demo| &demo.roles).map(|role| RoleView {
        key: role.key,
        name: l.text(&role.name).to_owned(),
        does: l.text(&role.does).to_owned(),
    });
    let roles = roles.collect();
    let phase = app.demo.as_ref().and_then(|demo| demo.advance.as_ref()).and_then(|_| {
        let state = app.store.state();
        let round = state.rounds.values().max_by_key(|round| round.year)?;
        (round.phase != cycle::Phase::Published)
            .then(|| format!("{}: {}", round.title, crate::view::phase_line(l, round)))
    });
    html(&HomePage { shell, roles, phase })
}

/// `POST /demo/ROLE`: enters the demonstration in a role.
pub async fn enter(State(app): State<App>, parts: Parts, Path(role): Path<String>) -> Result<Response, Failure> {
    let demo = app.demo.clone().ok_or(Failure::NotFound)?;
    let role = demo.roles.iter().find(|one| one.key == role).ok_or(Failure::NotFound)?;
    let (account, to) = {
        let state = app.store.state();
        let account = state.account_by_login(&role.login).ok_or(Failure::NotFound)?.id;
        let authority = state.authority(account, cycle::time::day_of(app.now()));
        (account, super::sign_in::first_page(&state, &authority))
    };
    // Who chose a language at the door keeps it inside.
    if let Some(language) = cookie(&parts, LANGUAGE_COOKIE) {
        let command = Command::SetLanguage { account, english: language == "en" };
        app.store.change(Actor::Account(account), app.now(), command).await?;
    }
    let cookie = super::sign_in::begin(&app, account, "demo").await?;
    Ok((cookie, Redirect::to(&to)).into_response())
}

/// `POST /demo-next`: moves the demonstration on to the next phase.
pub async fn advance(State(app): State<App>) -> Result<Response, Failure> {
    let demo = app.demo.clone().ok_or(Failure::NotFound)?;
    let advance = demo.advance.as_ref().ok_or(Failure::NotFound)?;
    // Whoever goes away meanwhile does not leave the year half moved.
    let moved = tokio::spawn(advance(app.clone())).await.unwrap_or_else(|error| Err(error.to_string()));
    moved.map_err(|error| {
        tracing::error!(error, "the demonstration could not move on");
        Failure::Internal
    })?;
    Ok(Redirect::to("/").into_response())
}
