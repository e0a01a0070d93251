//! People and positions: inviting, holding from day to day, ending, blocking.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cycle::{AccountId, Capability, Denial, PositionId, UnitId, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Actor, Command, State as Known};

use super::answer::json;
use super::caller::{Caller, change};
use super::problem::Problem;
use super::request::{At, Body, Nothing, day};
use super::units;
use crate::app::App;
use crate::failure::Failure;
use crate::pages::units::{invitation, invitation_address, may_see, new_invitation};
use crate::person::Person;
use crate::recovery;

/// A position to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPosition {
    /// A short code, unique in the unit, such as VH-XH.
    code: String,
    /// Its name.
    name: String,
    /// What it may do in the unit and below; nobody hands out what they do not have.
    #[serde(default)]
    capabilities: Vec<String>,
}

/// A unit whose people one may see; for others there is none.
fn seen_unit(app: &App, person: &Person, id: UnitId) -> Result<(), Problem> {
    let state = app.store.state();
    let seen = state.tree.get(id).is_some() && may_see(&state, person, id);
    if seen { Ok(()) } else { Err(Problem::not_found()) }
}

/// `POST /units/UNIT/positions`
pub async fn add_position(
    State(app): State<App>,
    Caller(person): Caller,
    At(unit): At<UnitId>,
    Body(body): Body<NewPosition>,
) -> Result<Response, Problem> {
    seen_unit(&app, &person, unit)?;
    let capabilities = capabilities(&body.capabilities)?;
    let (code, name) = (body.code, body.name);
    change(&app, &person, Command::AddPosition { unit, code, name, capabilities }).await?;
    json(&units::full(&app, &person, unit)?)
}

/// The capabilities of these keys.
fn capabilities(keys: &[String]) -> Result<BTreeSet<Capability>, Problem> {
    let known = keys.iter().map(|key| {
        Capability::from_key(key).ok_or_else(|| {
            let all = Capability::ALL.map(Capability::key).join(", ");
            Problem::field(
                "capabilities",
                format!("Quyền là một trong: {all}"),
                format!("A capability is one of: {all}"),
            )
        })
    });
    known.collect()
}

/// What a position is from now on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedPosition {
    /// Its name; as before where nothing is said.
    name: Option<String>,
    /// What it may do in the unit and below; as before where nothing is said. Nobody gives or takes what they do not have.
    capabilities: Option<Vec<String>>,
}

/// `PATCH /positions/POSITION`
pub async fn change_position(
    State(app): State<App>,
    Caller(person): Caller,
    At(position): At<PositionId>,
    Body(body): Body<ChangedPosition>,
) -> Result<Response, Problem> {
    let unit = unit_of(&app, &person, position)?;
    let (name, kept) = {
        let state = app.store.state();
        let known = state.positions.get(&position).ok_or_else(Problem::not_found)?;
        (known.name.clone(), known.capabilities.clone())
    };
    let capabilities = body.capabilities.as_deref().map_or(Ok(kept), capabilities)?;
    let name = body.name.unwrap_or(name);
    change(&app, &person, Command::ChangePosition { position, name, capabilities }).await?;
    json(&units::full(&app, &person, unit)?)
}

/// Somebody to give a position to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The id of a position of this unit.
    position: i64,
    /// The e-mail address that one signs in with.
    login: String,
    /// The name; of somebody who has an account it stays as it is.
    #[serde(default)]
    name: String,
    /// The first day; today where it is not named.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
}

/// What an invitation came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InvitationMade {
    /// The account's id.
    account: i64,
    /// The address by which a new person sets a password, told once; none for somebody who has an account.
    invitation: Option<String>,
}

/// `POST /units/UNIT/people`: invites somebody, or gives the position to the account that there is.
pub async fn invite(
    State(app): State<App>,
    Caller(person): Caller,
    At(unit): At<UnitId>,
    headers: HeaderMap,
    Body(body): Body<NewInvitation>,
) -> Result<Response, Problem> {
    seen_unit(&app, &person, unit)?;
    let from = match &body.from {
        Some(from) => day("from", from)?,
        None => time::day_of(app.now()),
    };
    let to = body.to.as_deref().map(|to| day("to", to)).transpose()?;
    let position = PositionId(body.position);
    let (command, secret) = invitation(&app, unit, position, body.login.trim(), body.name.trim(), (from, to))?;
    let known = match &command {
        Command::Hold { account, .. } => Some(account.0),
        _ => None,
    };
    let done = change(&app, &person, command).await?;
    let invitation = secret.map(|secret| invitation_address(&app, &headers, &secret));
    json(&InvitationMade { account: known.or(done.id).unwrap_or_default(), invitation })
}

/// A position that somebody is to hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHolding {
    /// What the person signs in with.
    login: String,
    /// The first day.
    from: String,
    /// The last day.
    to: Option<String>,
}

/// The unit of a position, where one may see it.
fn unit_of(app: &App, person: &Person, position: PositionId) -> Result<UnitId, Problem> {
    let unit = app.store.state().positions.get(&position).map(|one| one.unit).ok_or_else(Problem::not_found)?;
    seen_unit(app, person, unit)?;
    Ok(unit)
}

/// `POST /positions/POSITION/holdings`
pub async fn hold(
    State(app): State<App>,
    Caller(person): Caller,
    At(position): At<PositionId>,
    Body(body): Body<NewHolding>,
) -> Result<Response, Problem> {
    let unit = unit_of(&app, &person, position)?;
    let from = day("from", &body.from)?;
    let to = body.to.as_deref().map(|to| day("to", to)).transpose()?;
    let account = {
        let state = app.store.state();
        // Who may not hand it out learns nothing of who has an account.
        if !manages(&state, &person, unit) {
            return Err(Failure::Denied(Denial::NotAllowed.text()).into());
        }
        let known = state.account_by_login(body.login.trim()).map(|account| account.id);
        let unknown =
            || Problem::field("login", "Không có tài khoản này; hãy mời", "There is no such account; invite it");
        known.ok_or_else(unknown)?
    };
    change(&app, &person, Command::Hold { position, account, from, to }).await?;
    json(&units::full(&app, &person, unit)?)
}

fn manages(state: &Known, person: &Person, unit: UnitId) -> bool {
    person.may(state, Capability::ManagePeople, unit)
}

/// The end of a holding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingEnd {
    /// Its last day.
    to: String,
}

/// `POST /holdings/HOLDING/end`
pub async fn end_holding(
    State(app): State<App>,
    Caller(person): Caller,
    At(holding): At<i64>,
    Body(body): Body<HoldingEnd>,
) -> Result<Response, Problem> {
    let position = app.store.state().holdings.get(&holding).map(|one| one.position).ok_or_else(Problem::not_found)?;
    let unit = unit_of(&app, &person, position)?;
    let to = day("to", &body.to)?;
    change(&app, &person, Command::EndHolding { holding, to }).await?;
    json(&units::full(&app, &person, unit)?)
}

/// Somebody's account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountView {
    /// Its id.
    id: i64,
    /// What one signs in with.
    login: String,
    /// The name.
    name: String,
    /// Whether it is closed: it lets nobody in, by no way.
    blocked: bool,
    /// Whether a second factor is on.
    second_factor: bool,
    /// The positions in units that one may see, held once, now or later.
    positions: Vec<HeldPosition>,
}

/// A position that somebody holds.
#[derive(Debug, Serialize, JsonSchema)]
struct HeldPosition {
    /// The id of the holding.
    holding: i64,
    /// The position's id.
    position: i64,
    /// The unit's id.
    unit: i64,
    /// The position's name.
    name: String,
    /// The first day.
    from: String,
    /// The last day.
    to: Option<String>,
}

/// An account that holds or held a position where one manages people, or one's own.
fn account(app: &App, person: &Person, id: AccountId) -> Result<AccountView, Problem> {
    let state = app.store.state();
    let found = state.accounts.get(&id).ok_or_else(Problem::not_found)?;
    let mut held: Vec<_> = state
        .holdings
        .values()
        .filter(|one| one.account == id)
        .filter_map(|one| Some((one, state.positions.get(&one.position)?)))
        .filter(|(_, position)| id == person.account || manages(&state, person, position.unit))
        .collect();
    held.sort_by_key(|(holding, _)| holding.id);
    if held.is_empty() && id != person.account {
        return Err(Problem::not_found());
    }
    let positions = held.into_iter().map(|(holding, position)| HeldPosition {
        holding: holding.id,
        position: position.id.0,
        unit: position.unit.0,
        name: position.name.clone(),
        from: holding.from.to_string(),
        to: holding.to.map(|day| day.to_string()),
    });
    Ok(AccountView {
        id: id.0,
        login: found.login.clone(),
        name: found.name.clone(),
        blocked: found.disabled,
        second_factor: found.second_factor,
        positions: positions.collect(),
    })
}

/// `GET /accounts/ACCOUNT`
pub async fn one(State(app): State<App>, Caller(person): Caller, At(id): At<AccountId>) -> Result<Response, Problem> {
    json(&account(&app, &person, id)?)
}

/// What is put right about somebody.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedPerson {
    /// The e-mail address that one signs in with; as before where nothing is said.
    login: Option<String>,
    /// The name; as before where nothing is said.
    name: Option<String>,
}

/// `PATCH /accounts/ACCOUNT`
pub async fn change_person(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AccountId>,
    Body(body): Body<ChangedPerson>,
) -> Result<Response, Problem> {
    let known = account(&app, &person, id)?;
    let (login, name) = (body.login.unwrap_or(known.login), body.name.unwrap_or(known.name));
    change(&app, &person, Command::ChangePerson { account: id, login, name }).await?;
    json(&account(&app, &person, id)?)
}

/// Nothing is to be said of an invitation to an account that exists.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitationAgain {}

/// `POST /accounts/ACCOUNT/invitation`
pub async fn invite_again(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AccountId>,
    headers: HeaderMap,
    Body(NewInvitationAgain {}): Body<NewInvitationAgain>,
) -> Result<Response, Problem> {
    account(&app, &person, id)?;
    let (command, secret) = new_invitation(&app, id)?;
    change(&app, &person, command).await?;
    json(&InvitationMade { account: id.0, invitation: Some(invitation_address(&app, &headers, &secret)) })
}

/// `POST /accounts/ACCOUNT/second-factor/end`
pub async fn reset_second_factor(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AccountId>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    account(&app, &person, id)?;
    recovery::reset_second_factor(&app.store, Actor::Account(person.account), app.now(), id).await?;
    json(&account(&app, &person, id)?)
}

/// Whether an account is closed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocking {
    /// Whether it is closed.
    blocked: bool,
}

/// `PUT /accounts/ACCOUNT/blocked`
pub async fn block(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AccountId>,
    Body(body): Body<Blocking>,
) -> Result<Response, Problem> {
    account(&app, &person, id)?;
    change(&app, &person, Command::Disable { account: id, disabled: body.blocked }).await?;
    json(&account(&app, &person, id)?)
}
