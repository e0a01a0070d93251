//! One sheet: reading it, its profile, reviews, signing off, unlocking.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use criteria::Number;
use cycle::{AssessmentId, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{Actor, Command, Refusal};

use super::answer::{Page, json, tagged};
use super::caller::Caller;
use super::entries::{Value, typed};
use super::problem::Problem;
use super::request::{At, Body, Reason, seen};
use super::views::{self, Figure};
use crate::app::App;
use crate::opened::{Opened, actor_name};
use crate::pages::review::picture;
use crate::person::Person;

/// `GET /sheets/SHEET`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    tagged(&headers, opened.sheet.version, &views::sheet(&app, &opened)?)
}

/// The unit profile (thông tin chung).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile {
    /// Grows by one with every change; a change must name it.
    version: i64,
    /// The figures.
    figures: Vec<Figure>,
}

fn profile_of(opened: &Opened) -> Profile {
    let figures = opened.program().set.head.profile.iter().map(|one| views::figure(opened, None, one));
    Profile { version: opened.sheet.profile_version, figures: figures.collect() }
}

/// `GET /sheets/SHEET/profile`
pub async fn profile(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    let profile = profile_of(&opened);
    tagged(&headers, profile.version, &profile)
}

/// Figures of the profile to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// The figures, by id.
    figures: BTreeMap<String, Value>,
}

/// `PATCH /sheets/SHEET/profile`
pub async fn save_profile(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    headers: HeaderMap,
    Body(body): Body<ProfileChange>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    let seen = seen(&headers, body.version)?;
    let figures = typed(body.figures, |figure| opened.program().set.head.profile.iter().any(|one| one.id == figure))?;
    let command = Command::SaveProfile { assessment: id, version: seen.version, figures };
    let saved = app.store.change(Actor::Account(person.account), app.now(), command).await;
    let opened = Opened::get(&app, &person, id).await?;
    let profile = profile_of(&opened);
    match saved {
        Ok(_) => tagged(&HeaderMap::new(), profile.version, &profile),
        Err(Refusal::Stale(_)) => {
            Err(Problem::stale(seen.by_header).with("saved", serde_json::to_value(&profile).unwrap_or_default()))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// A frozen picture of a sheet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Review {
    id: i64,
    /// What it is called.
    title: String,
    /// When.
    at: String,
    /// By whom: the position, else the name.
    by: String,
    /// The picture: points, what was done, and what lagged.
    picture: Json,
}

async fn reviews_of(app: &App, opened: &Opened) -> Result<Response, Problem> {
    let kept = app.store.reviews(opened.sheet.id).await?;
    let state = app.store.state();
    let reviews = kept.into_iter().map(|one| Review {
        id: one.id,
        by: actor_name(&state, opened.unit.id, one.by, time::day_of(one.at)),
        title: one.title,
        at: one.at.to_string(),
        picture: one.picture,
    });
    json(&Page { items: reviews.collect(), next: None })
}

/// `GET /sheets/SHEET/reviews`
pub async fn reviews(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
) -> Result<Response, Problem> {
    reviews_of(&app, &Opened::get(&app, &person, id).await?).await
}

/// A review to freeze.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// What it is called.
    title: String,
    /// What is to be done.
    #[serde(default)]
    words: String,
}

/// `POST /sheets/SHEET/reviews`
pub async fn freeze(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<NewReview>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    let picture = picture(&app, person.l(), &opened, &body.words)?;
    change(&app, &person, Command::Review { assessment: id, title: body.title, picture }).await?;
    reviews_of(&app, &opened).await
}

async fn change(app: &App, person: &Person, command: Command) -> Result<(), Problem> {
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(())
}

/// The state that is signed off.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// `state_hash` of the sheet that was shown.
    hash: String,
}

/// The receipt of a sheet that was signed off.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// The sheet's id.
    sheet: i64,
    /// Its number, which no other submission has.
    receipt: String,
    /// When.
    at: String,
    /// By whom: the position, else the name.
    by: String,
    /// The hash of the state that was signed off.
    hash: String,
    /// The unit's own points, as they were signed off.
    points: Number,
    /// The most there are.
    maximum: Number,
}

fn receipt_of(app: &App, opened: &Opened) -> Result<Response, Problem> {
    let submission = opened.sheet.submission.as_ref().ok_or_else(Problem::not_found)?;
    let state = app.store.state();
    json(&Receipt {
        sheet: opened.sheet.id.0,
        receipt: submission.receipt.clone(),
        at: submission.at.to_string(),
        by: actor_name(&state, opened.unit.id, submission.by, time::day_of(submission.at)),
        hash: submission.hash.clone(),
        points: submission.signed.as_ref().map_or(opened.row.totals.points, |signed| signed.points),
        maximum: opened.row.totals.maximum,
    })
}

/// `POST /sheets/SHEET/submission`
pub async fn submit(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<SignOff>,
) -> Result<Response, Problem> {
    Opened::get(&app, &person, id).await?;
    let command = Command::Submit { assessment: id, hash: body.hash };
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await;
    let opened = Opened::get(&app, &person, id).await?;
    match done {
        Ok(_) => receipt_of(&app, &opened),
        Err(Refusal::Stale(_)) => {
            let hash = opened.sheet.state_hash(&opened.level.facts.set_hash);
            Err(Problem::stale(false).with("saved", serde_json::json!({ "state_hash": hash })))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `GET /sheets/SHEET/receipt`
pub async fn receipt(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
) -> Result<Response, Problem> {
    receipt_of(&app, &Opened::get(&app, &person, id).await?)
}

/// `POST /sheets/SHEET/unlock`
pub async fn unlock(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<Reason>,
) -> Result<Response, Problem> {
    Opened::get(&app, &person, id).await?;
    change(&app, &person, Command::Unlock { assessment: id, reason: body.reason }).await?;
    let opened = Opened::get(&app, &person, id).await?;
    tagged(&HeaderMap::new(), opened.sheet.version, &views::sheet(&app, &opened)?)
}
