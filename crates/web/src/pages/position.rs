//! One position of a unit: who holds it, held it and will hold it, from day to day; what it may do; and whom it names
//! wrong.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use cycle::{AccountId, Capability, PositionId, UnitId, time};
use serde::Deserialize;
use store::{Actor, Command, State as Known};

use super::html;
use super::sheet::Pick as _;
use super::units::{capability_words, invitation, invitation_address, wanted_day};
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell};

/// Somebody holds the position.
struct HeldView {
    holding: i64,
    account: AccountId,
    name: String,
    login: String,
    days: String,
    /// Where it begins later.
    later: bool,
    closed: bool,
    /// Whether the person at the page may put name and address right.
    overseen: bool,
}

#[derive(Template)]
#[template(path = "position.html")]
struct PositionPage {
    shell: Shell,
    unit: (UnitId, String),
    lede: String,
    name: String,
    told: Option<&'static str>,
    invitation: Option<String>,
    today: String,
    held: Vec<HeldView>,
    past: Vec<(String, String)>,
    /// Key, words, whether the position has it, whether the person at the page may give or take it.
    capabilities: Vec<(&'static str, &'static str, bool, bool)>,
}

/// The unit's position, for those who manage people there; for others there is none.
fn managed(state: &Known, person: &Person, unit: UnitId, id: PositionId) -> Result<store::state::Position, Failure> {
    let position = state.positions.get(&id).filter(|position| position.unit == unit).ok_or(Failure::NotFound)?;
    let may = person.may(state, Capability::ManagePeople, unit);
    if may { Ok(position.clone()) } else { Err(Failure::NotFound) }
}

#[derive(Deserialize)]
pub struct Told {
    #[serde(default)]
    told: String,
    #[serde(default)]
    invitation: String,
}

/// `GET /units/UNIT/positions/POSITION`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Path((unit, id)): Path<(UnitId, PositionId)>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let position = managed(&app.store.state(), &person, unit, id)?;
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Units, position.name.clone());
    let state = app.store.state();
    let name = state.tree.get(unit).map(|unit| unit.name.clone()).unwrap_or_default();
    let mut holdings: Vec<_> = state.held_at(id).collect();
    holdings.sort_by_key(|one| (one.from, one.id));
    let days = |one: &store::state::Holding| match (one.to, l.is_english()) {
        (Some(to), true) => format!("from {} to {}", l.date(&one.from), l.date(&to)),
        (Some(to), false) => format!("từ {} đến hết {}", l.date(&one.from), l.date(&to)),
        (None, true) => format!("from {}", l.date(&one.from)),
        (None, false) => format!("từ {}", l.date(&one.from)),
    };
    let is_past = |one: &&store::state::Holding| one.to.is_some_and(|to| to < today);
    let (past, held): (Vec<_>, Vec<_>) = holdings.into_iter().partition(is_past);
    let named = |one: &store::state::Holding| state.accounts.get(&one.account);
    let page = PositionPage {
        lede: format!("{name} · {} {}", l.say("mã chức danh", "code of the position"), position.code),
        unit: (unit, name),
        name: position.name.clone(),
        told: match told.told.as_str() {
            "given" => Some(l.0.pick(
                "Người này đã có tài khoản; chức danh đã được giao thêm, không cần lời mời.",
                "This person has an account already; the position was added to it, and no invitation is needed.",
            )),
            "saved" => Some(l.0.pick("Đã lưu.", "Saved.")),
            _ => None,
        },
        invitation: Some(told.invitation.as_str())
            .filter(|secret| secret.len() == 64)
            .map(|secret| invitation_address(&app, &headers, secret)),
        today: l.date(&today),
        held: held
            .into_iter()
            .filter_map(|one| {
                let account = named(one)?;
                Some(HeldView {
                    holding: one.id,
                    account: account.id,
                    name: account.name.clone(),
                    login: account.login.clone(),
                    days: days(one),
                    later: one.from > today,
                    closed: account.disabled,
                    overseen: state.oversees(&person.authority, account.id, today),
                })
            })
            .collect(),
        // The latest first.
        past: past.into_iter().rev().filter_map(|one| Some((named(one)?.name.clone(), days(one)))).collect(),
        capabilities: Capability::ALL
            .into_iter()
            .map(|one| {
                let (has, may) = (position.capabilities.contains(&one), person.may(&state, one, unit));
                (one.key(), capability_words(l, one), has, may)
            })
            .filter(|(_, _, has, may)| *has || *may)
            .collect(),
        shell,
    };
    drop(state);
    html(&page)
}

/// `POST /units/UNIT/positions/POSITION`: gives it to somebody, ends a holding, changes the position, puts a person right.
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path((unit, id)): Path<(UnitId, PositionId)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let position = managed(&app.store.state(), &person, unit, id)?;
    let now = app.now();
    let today = time::day_of(now);
    let mut told = "?told=saved".to_owned();
    let command = match text("do").as_str() {
        "hold" => {
            let from = wanted_day("from", &text("from"), today)?.unwrap_or(today);
            let to = wanted_day("to", &text("to"), today)?;
            let (command, secret) = invitation(&app, unit, id, &text("login"), &text("name"), (from, to))?;
            told = secret.map_or_else(|| "?told=given".to_owned(), |secret| format!("?invitation={secret}"));
            command
        }
        "end" => {
            let holding = text("holding").parse().map_err(|_| Failure::NotFound)?;
            let held = app.store.state().holdings.get(&holding).is_some_and(|one| one.position == id);
            let to = wanted_day("to", &text("to"), today)?.unwrap_or(today);
            match held {
                true => Command::EndHolding { holding, to },
                false => return Err(Failure::NotFound),
            }
        }
        "position" => {
            // What one may not give is not asked for, and stays.
            let state = app.store.state();
            let stays = |one: Capability| !person.may(&state, one, unit) && position.capabilities.contains(&one);
            let wanted = |one: Capability| form.contains_key(&format!("c-{}", one.key()));
            let capabilities = Capability::ALL.into_iter().filter(|one| stays(*one) || wanted(*one)).collect();
            Command::ChangePosition { position: id, name: text("name"), capabilities }
        }
        "person" => {
            let account: AccountId = text("account").parse().map_err(|_| Failure::NotFound)?;
            if !app.store.state().held_at(id).any(|one| one.account == account) {
                return Err(Failure::NotFound);
            }
            Command::ChangePerson { account, login: text("login"), name: text("name") }
        }
        _ => return Err(Failure::NotFound),
    };
    app.store.change(Actor::Account(person.account), now, command).await?;
    Ok(Redirect::to(&format!("/units/{unit}/positions/{id}{told}")).into_response())
}
