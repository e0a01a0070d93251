//! A verdict on a case: tried, recorded, or refused beside what somebody else recorded meanwhile.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cycle::sheet::Read;
use cycle::{AssessmentId, Entry, FigureValue, LevelId, Sheet, time};
use scoring::sentence;
use serde::Deserialize;
use store::command::Appraisal;
use store::{Actor, Command, Refusal};

use super::appraise::{Chosen, Typed, draw};
use super::appraise_list::sheets;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name, explain_sheet};
use crate::person::Person;
use crate::view::L;

#[derive(Clone, Default, Deserialize)]
pub struct VerdictForm {
    #[serde(default, rename = "do")]
    what: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    pub points: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub due: String,
    #[serde(default)]
    show: String,
    #[serde(flatten)]
    pub others: BTreeMap<String, String>,
}

impl VerdictForm {
    /// The figures that differ from what the unit declared.
    fn differing(&self, entry: &Entry) -> BTreeMap<String, String> {
        let declared = |id: &str| entry.figures.get(id).map_or("", |value| value.typed.trim());
        self.others
            .iter()
            .filter_map(|(name, typed)| Some((name.strip_prefix("f-")?, typed.trim())))
            .filter(|(id, typed)| *typed != declared(id) && typed.len() <= store::limits::VALUE_BYTES_MAX)
            .map(|(id, typed)| (id.to_owned(), typed.to_owned()))
            .collect()
    }
}

/// A sheet as it would be with other figures at one entry, read and scored; nothing is kept.
pub fn trial(opened: &Opened, place: usize, figures: &BTreeMap<String, FigureValue>) -> (Sheet, Read) {
    let mut sheet = opened.sheet.as_ref().clone();
    sheet.entries[place].figures.extend(figures.clone());
    sheet.entries[place].answer = cycle::Answer::Figures;
    let context = opened.level.context(opened.row.block, &opened.exempt);
    let read = sheet.read(&context);
    sheet.rescore(&context, &read);
    (sheet, read)
}

/// Why an entry of such a sheet has its points.
pub fn explained_as(state: &store::State, l: L, opened: &Opened, trial: &(Sheet, Read), place: usize) -> String {
    let (sheet, read) = trial;
    explain_sheet(state, l, sheet, &opened.level, &opened.row, read, place, |why| sentence::sentence(why, l.0))
}

/// What the figures of a form would come to: points and why, or what is wrong with them.
fn look(app: &App, l: L, opened: &Opened, place: usize, form: &VerdictForm) -> Result<String, String> {
    let entry = &opened.sheet.entries[place];
    let differing = form.differing(entry);
    if differing.is_empty() {
        return Err(l.say("Chưa có số liệu nào khác số khai.", "No figure differs from the declared ones.").to_owned());
    }
    let at = app.now();
    let agency = l.say("thẩm định", "the appraiser");
    let set = |typed: String| FigureValue { typed, by: None, at, from: Some(agency.to_owned()) };
    let figures = differing.into_iter().map(|(id, typed)| (id, set(typed))).collect();
    let trial = trial(opened, place, &figures);
    let problem = trial.1.problems.iter().find(|one| one.indicator.as_deref() == Some(&entry.indicator));
    if let Some(problem) = problem {
        return Err(l.text(&problem.message).to_owned());
    }
    let points = trial.0.entries[place].self_score.as_ref().map(|score| score.points).unwrap_or_default();
    let why = explained_as(&app.store.state(), l, opened, &trial, place);
    Ok(match l.is_english() {
        true => format!("These figures give {} points: {why} Nothing was recorded yet.", l.points(&points)),
        false => format!("Số liệu này cho {} điểm: {why} Chưa ghi gì.", l.points(&points)),
    })
}

/// `POST /appraise/LEVEL/INDICATOR/SHEET`
pub async fn appraise(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((level, indicator, sheet)): Path<(LevelId, String, AssessmentId)>,
    Form(form): Form<VerdictForm>,
) -> Result<Response, Failure> {
    let l = person.l();
    let rows = sheets(&app.store.state(), &person, level, &indicator);
    let row = rows.iter().find(|row| row.id == sheet).ok_or(Failure::NotFound)?;
    let chosen = Chosen { unit: Some(sheet), file: None, page: None, show: form.show.clone() };
    let opened = Opened::unchecked(&app, sheet).await?;
    let (place, entry) = opened.sheet.entry(&indicator).ok_or(Failure::NotFound)?;
    let again = async |status: StatusCode, typed: Typed| {
        let page = draw(&app, &person, uri.path(), (level, &indicator), &chosen, typed).await?;
        Ok((status, Html(page.render()?)).into_response())
    };
    let due = match form.due.trim() {
        "" => None,
        typed => match super::assign::day(typed, opened.round.year) {
            Some(day) => Some(day),
            None => {
                let error = match l.is_english() {
                    true => format!("\"{typed}\" is no day (such as 25/11/2023)"),
                    false => format!("“{typed}” không phải là một ngày (ví dụ 25/11/2023)"),
                };
                let typed = Typed { form: Some(form), error: Some(error), ..Typed::default() };
                return again(StatusCode::UNPROCESSABLE_ENTITY, typed).await;
            }
        },
    };
    let figures = form.differing(entry);
    let reason = form.reason.clone();
    let appraisal = match form.what.as_str() {
        "look" => {
            let (notice, error) = match look(&app, l, &opened, place, &form) {
                Ok(notice) => (Some(notice), None),
                Err(error) => (None, Some(error)),
            };
            let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            return again(status, Typed { form: Some(form), error, notice, conflict: None }).await;
        }
        "accept" => Appraisal::Accept,
        // Figures that differ speak for themselves; points are for what no figure can say.
        "adjust" if figures.is_empty() => Appraisal::Adjust { points: form.points.clone(), reason },
        "adjust" => Appraisal::Figures { figures, reason },
        "return" => Appraisal::Return { reason, due },
        "keep" => Appraisal::Keep { reason },
        _ => return Err(Failure::NotFound),
    };
    let version = form.version.parse().unwrap_or(-1);
    let command = Command::Appraise { assessment: sheet, indicator: indicator.clone(), version, appraisal };
    match app.store.change(Actor::Account(person.account), app.now(), command).await {
        Ok(_) => {
            // On to the next that waits.
            let page = draw(&app, &person, uri.path(), (level, &indicator), &chosen, Typed::default()).await?;
            let next = page
                .queue
                .iter()
                .find(|item| matches!(item.class, "bad" | "warn" | "open" | "na") && item.waits && item.sheet != sheet);
            let next = next.map_or(sheet, |item| item.sheet);
            let all = if form.show == "all" { "&show=all" } else { "" };
            Ok(Redirect::to(&format!("/appraise/{level}/{indicator}?unit={next}{all}")).into_response())
        }
        Err(Refusal::Invalid(fields)) => {
            let error = fields.first().map(|field| l.text(&field.message).to_owned());
            again(StatusCode::UNPROCESSABLE_ENTITY, Typed { form: Some(form), error, ..Typed::default() }).await
        }
        Err(Refusal::Stale(now)) => {
            let entry = &now.entries[place];
            let conflict = {
                let state = app.store.state();
                match &entry.appraised {
                    Some(verdict) => (
                        actor_name(&state, row.unit, verdict.by, time::day_of(verdict.at)),
                        l.points(&verdict.score.points),
                        verdict.reason.clone(),
                    ),
                    None => (
                        l.text(&entry.state.name()).to_owned(),
                        entry.self_score.as_ref().map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
                        entry.returned.clone().unwrap_or_default(),
                    ),
                }
            };
            again(StatusCode::CONFLICT, Typed { form: Some(form), conflict: Some(conflict), ..Typed::default() }).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /appraise/LEVEL/INDICATOR/accept`: accepts the like cases that were listed, each in the state that was shown.
pub async fn accept_like(
    State(app): State<App>,
    person: Person,
    Path((level, indicator)): Path<(LevelId, String)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let rows = sheets(&app.store.state(), &person, level, &indicator);
    if rows.is_empty() {
        return Err(Failure::NotFound);
    }
    let mut commands = Vec::new();
    for (name, version) in &form {
        let Some(sheet) = name.strip_prefix("s-").and_then(|id| id.parse::<AssessmentId>().ok()) else { continue };
        if !rows.iter().any(|row| row.id == sheet) {
            return Err(Failure::NotFound);
        }
        let version = version.parse().unwrap_or(-1);
        commands.push(Command::Appraise {
            assessment: sheet,
            indicator: indicator.clone(),
            version,
            appraisal: Appraisal::Accept,
        });
    }
    app.store.change(Actor::Account(person.account), app.now(), Command::Many(commands)).await?;
    Ok(Redirect::to(&format!("/appraise/{level}/{indicator}")).into_response())
}
