//! Reviews at 3 and 6 months: a frozen picture of the sheet, what lags, who does what by when.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Number;
use cycle::{AssessmentId, Capability, time};
use serde::{Deserialize, Serialize};
use store::{Actor, Command};

use super::html;
use super::work::lacks;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name};
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// What lagged at a review.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub id: String,
    pub name: String,
    pub lacks: String,
    pub who: String,
    pub due: String,
    pub gain: String,
}

/// A sheet at a moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub points: Number,
    pub maximum: Number,
    pub done: u32,
    pub count: u32,
    pub words: String,
    pub rows: Vec<Row>,
}

struct ReviewView {
    id: i64,
    title: String,
    when: String,
    points: String,
    done: String,
    words: String,
    caption: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    can_freeze: bool,
    proposed: String,
    reviews: Vec<ReviewView>,
}

/// `GET /sheets/SHEET/reviews`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?;
    let kept = app.store.reviews(id).await?;
    let state = app.store.state();
    let reviews = kept
        .iter()
        .filter_map(|review| {
            let picture: Picture = serde_json::from_value(review.picture.clone()).ok()?;
            let who = actor_name(&state, opened.unit.id, review.by, time::day_of(review.at));
            Some(ReviewView {
                id: review.id,
                title: review.title.clone(),
                when: format!("{} · {who}", l.instant(&review.at)),
                points: format!(
                    "{} / {} {}",
                    l.points(&picture.points),
                    l.number(&picture.maximum),
                    l.say("điểm", "points")
                ),
                done: format!(
                    "{} / {} {}",
                    picture.done,
                    picture.count,
                    l.say("chỉ số đã xong", "indicators completed")
                ),
                words: picture.words,
                caption: match l.is_english() {
                    true => format!("{} indicators lagged", picture.rows.len()),
                    false => format!("{} chỉ số còn chậm", picture.rows.len()),
                },
                rows: picture.rows,
            })
        })
        .collect();
    let can_freeze = person.may(&state, Capability::Review, opened.unit.id);
    drop(state);
    let months = if opened.today.month() <= 4 { 3 } else { 6 };
    let title = format!("{}: {}", l.say("Rà soát", "Review"), opened.unit.name);
    html(&ReviewsPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Review, title),
        id,
        unit: opened.unit.name.clone(),
        can_freeze,
        proposed: match l.is_english() {
            true => format!("{months}-month review {}", opened.round.year),
            false => format!("Rà soát {months} tháng năm {}", opened.round.year),
        },
        reviews,
    })
}

#[derive(Deserialize)]
pub struct Freeze {
    #[serde(default)]
    title: String,
    #[serde(default)]
    words: String,
}

/// `POST /sheets/SHEET/reviews`
pub async fn freeze(
    State(app): State<App>,
    person: Person,
    Path(id): Path<AssessmentId>,
    Form(form): Form<Freeze>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let picture = picture(&app, person.l(), &opened, &form.words)?;
    let command = Command::Review { assessment: id, title: form.title, picture };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/sheets/{id}/reviews")).into_response())
}

/// The picture of a sheet as it stands, as JSON.
pub(crate) fn picture(app: &App, l: L, opened: &Opened, words: &str) -> Result<String, Failure> {
    let summary = opened.summary();
    let picture = {
        let state = app.store.state();
        let rows = opened
            .rows()
            .filter(|(_, entry, progress)| !entry.state.is_done() && progress.standing.is_some())
            .map(|(indicator, _, progress)| {
                let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
                let leads =
                    assigned.iter().filter(|one| one.leads).filter_map(|one| state.positions.get(&one.position));
                let who = leads.map(|position| position.code.as_str()).collect::<Vec<_>>().join(", ");
                Row {
                    id: indicator.id.clone(),
                    name: indicator.name.clone(),
                    lacks: lacks(l, &progress.lacks),
                    who: if who.is_empty() { l.say("chưa giao", "nobody").to_owned() } else { who },
                    due: progress.due.map(|due| l.date(&due)).unwrap_or_default(),
                    gain: l.points(&progress.to_gain),
                }
            })
            .collect();
        Picture {
            points: opened.row.totals.points,
            maximum: opened.row.totals.maximum,
            done: summary.done,
            count: summary.count,
            words: store::kept_words("words", words)?,
            rows,
        }
    };
    serde_json::to_string(&picture).map_err(|_| Failure::Internal)
}
