//! What people say to an entry: why it is sent back, what explains it, comments.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use cycle::AssessmentId;
use serde::Deserialize;
use store::{Actor, Command};

use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::person::Person;

/// Words from a form, under either name.
#[derive(Deserialize)]
pub struct Words {
    #[serde(default, alias = "reason")]
    words: String,
}

type At = Path<(AssessmentId, String)>;

/// Says it, and goes back to the entry.
async fn say(app: &App, person: &Person, id: AssessmentId, command: Command, back: &str) -> Result<Response, Failure> {
    Opened::get(app, person, id).await?;
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/sheets/{id}/entries/{back}")).into_response())
}

/// `POST …/send-back`
pub async fn send_back(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): At,
    Form(form): Form<Words>,
) -> Result<Response, Failure> {
    let back = indicator.clone();
    say(&app, &person, id, Command::SendBack { assessment: id, indicator, reason: form.words }, &back).await
}

/// `POST …/explain`: answers an adjustment.
pub async fn explain(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): At,
    Form(form): Form<Words>,
) -> Result<Response, Failure> {
    let back = format!("{indicator}#y-kien");
    say(&app, &person, id, Command::Explain { assessment: id, indicator, words: form.words }, &back).await
}

/// `POST …/remarks`
pub async fn remark(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): At,
    Form(form): Form<Words>,
) -> Result<Response, Failure> {
    let back = format!("{indicator}#y-kien");
    say(&app, &person, id, Command::Remark { assessment: id, indicator, words: form.words }, &back).await
}
