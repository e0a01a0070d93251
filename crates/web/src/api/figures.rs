//! Figures from files: upload, answer what is asked, take in what was seen.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cycle::{FigureFileId, LevelId, RoundId};
use documents::figures::columns::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::json;
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Body, not_a_form};
use super::views::Words;
use crate::app::App;
use crate::figure_files::plan::{Plan, since};
use crate::figure_files::{Looked, Stage, find, look};
use crate::pages::figure_file::{Outcome, answer, take};
use crate::pages::figures::{keep, levels, sent, workbook};
use crate::person::Person;
use crate::view::L;

/// A file of figures, and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FigureFileView {
    /// Its id.
    id: i64,
    /// What it is called.
    name: String,
    /// The SHA-256 of its bytes, which stay with the figures.
    sha256: String,
    /// The id of the level of the round that it is about.
    level: i64,
    /// What comes next: nothing with a broken file, `columns` or `questions` to answer, a preview to confirm, or all done.
    #[schemars(extend("enum" = ["broken", "columns", "questions", "preview", "taken"]))]
    stage: &'static str,
    /// Why it cannot be taken in.
    why: Option<Words>,
    /// The sheets whose columns are to be named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sheets: Vec<SheetOfColumns>,
    /// What could be read in two ways.
    questions: Option<FigureQuestions>,
    /// What would change.
    preview: Option<FigurePreview>,
}

/// A sheet whose columns are to be named.
#[derive(Debug, Serialize, JsonSchema)]
struct SheetOfColumns {
    /// The sheet's name; empty for CSV.
    sheet: String,
    /// What tells these heads from others: the answer names it.
    key: String,
    /// The columns.
    columns: Vec<ColumnOfSheet>,
    /// What stands against the last answer.
    why: Option<Words>,
}

/// A column.
#[derive(Debug, Serialize, JsonSchema)]
struct ColumnOfSheet {
    /// Its head.
    head: String,
    /// Its first values.
    values: Vec<String>,
    /// What it is proposed to be: `-`, `unit`, `code`, `indicator`, `figure`, `value`, `profile/FIGURE` or
    /// `INDICATOR/FIGURE`.
    role: String,
}

/// What could be read in two ways.
#[derive(Debug, Serialize, JsonSchema)]
struct FigureQuestions {
    /// Words that may mean a unit, with the ids of those that are like them.
    units: BTreeMap<String, Vec<i64>>,
    /// Numbers that could be two, with their cells.
    numbers: Vec<(String, String)>,
    /// Whether the unit of the whole file is to be named.
    whole: bool,
}

/// What a file would change.
#[derive(Debug, Serialize, JsonSchema)]
struct FigurePreview {
    /// Names what is shown here: send it to take it in.
    seen: String,
    /// Entries and profiles that change.
    changes: Vec<EntryOfFile>,
    /// What cannot be taken; nothing is taken in while there is any.
    refused: Vec<CellRefused>,
    /// Units of the file that are left out.
    left_out: Vec<String>,
    /// What else stands in the file and is not taken in: figures of the round, hidden sheets, macros.
    notes: Vec<Words>,
    /// How many figures stand as in the file.
    same: usize,
}

/// An entry that changes.
#[derive(Debug, Serialize, JsonSchema)]
struct EntryOfFile {
    /// The id of the unit.
    unit: i64,
    /// The id of its sheet.
    sheet: i64,
    /// The indicator; none for the profile.
    indicator: Option<String>,
    /// The figures.
    figures: Vec<FigureOfFile>,
    /// The points now.
    points_now: Option<String>,
    /// The points then.
    points_then: Option<String>,
}

/// A figure that changes.
#[derive(Debug, Serialize, JsonSchema)]
struct FigureOfFile {
    /// Its id.
    figure: String,
    /// The value now.
    now: String,
    /// The value then.
    then: String,
    /// The file and the cell.
    from: String,
}

/// What cannot be taken.
#[derive(Debug, Serialize, JsonSchema)]
struct CellRefused {
    /// The file and the cell.
    at: String,
    /// Why.
    why: Words,
}

fn preview(plan: &Plan) -> FigurePreview {
    let changes = plan.lines.iter().map(|line| EntryOfFile {
        unit: line.unit.0,
        sheet: line.sheet.0,
        indicator: line.indicator.clone(),
        figures: line
            .changes
            .iter()
            .map(|one| FigureOfFile {
                figure: one.figure.clone(),
                now: one.before.clone(),
                then: one.after.clone(),
                from: one.place.clone(),
            })
            .collect(),
        points_now: line.points.and_then(|(now, _)| now).map(|points| points.to_string()),
        points_then: line.points.and_then(|(_, then)| then).map(|points| points.to_string()),
    });
    FigurePreview {
        seen: plan.seen(),
        changes: changes.collect(),
        refused: plan
            .refused
            .iter()
            .map(|one| CellRefused { at: one.place.clone(), why: one.message.clone().into() })
            .collect(),
        left_out: plan.left_out.clone(),
        notes: plan.notes.iter().cloned().map(Words::from).collect(),
        same: plan.same,
    }
}

fn view(looked: &Looked) -> FigureFileView {
    let file = &looked.file;
    let mut view = FigureFileView {
        id: file.id.0,
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        level: file.level.0,
        stage: "taken",
        why: None,
        sheets: Vec::new(),
        questions: None,
        preview: None,
    };
    match &looked.stage {
        Stage::Broken(why) => (view.stage, view.why) = ("broken", Some(why.clone().into())),
        Stage::Columns(sheets) => {
            view.stage = "columns";
            view.sheets = sheets
                .iter()
                .map(|one| SheetOfColumns {
                    sheet: one.sheet.clone(),
                    key: one.key.clone(),
                    columns: (0..one.heads.len())
                        .map(|at| ColumnOfSheet {
                            head: one.heads[at].clone(),
                            values: one.samples[at].clone(),
                            role: one.roles[at].key(),
                        })
                        .collect(),
                    why: one.wrong.clone().map(Words::from),
                })
                .collect();
        }
        Stage::Questions { numbers, units, whole } => {
            view.stage = "questions";
            let units =
                units.iter().map(|one| (one.words.clone(), one.likely.iter().map(|unit| unit.unit.0).collect()));
            view.questions = Some(FigureQuestions { units: units.collect(), numbers: numbers.clone(), whole: *whole });
        }
        Stage::Preview(plan) => (view.stage, view.preview) = ("preview", Some(preview(plan))),
        Stage::Taken => {}
    }
    view
}

async fn looked(app: &App, person: &Person, (round, id): (RoundId, FigureFileId)) -> Result<Looked, Problem> {
    let file = find(app, person, round, id)?;
    Ok(look(app, person, file).await?)
}

/// Which level.
#[derive(Debug, Deserialize)]
pub struct OfLevel {
    level: Option<LevelId>,
}

/// `GET /rounds/ROUND/figure-files/workbook?level=…`
pub async fn blank(
    State(app): State<App>,
    Caller(person): Caller,
    At(round): At<RoundId>,
    Asked(wanted): Asked<OfLevel>,
) -> Result<Response, Problem> {
    Ok(workbook(&app, &person, round, wanted.level).await?)
}

/// `POST /rounds/ROUND/figure-files?level=…`
pub async fn upload(
    State(app): State<App>,
    Caller(person): Caller,
    At(round): At<RoundId>,
    Asked(wanted): Asked<OfLevel>,
    request: Request,
) -> Result<Response, Problem> {
    levels(&app, &person, round)?;
    let form = Multipart::from_request(request, &app).await.map_err(|_| not_a_form())?;
    let invalid = |why: criteria::Text| Problem::field("file", why.vi, why.en);
    let sent = sent(Ok(form)).await.map_err(invalid)?;
    let id = keep(&app, &person, round, sent, wanted.level).await?.map_err(invalid)?;
    json(&view(&looked(&app, &person, (round, id)).await?))
}

/// `GET /rounds/ROUND/figure-files/FILE`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(RoundId, FigureFileId)>,
) -> Result<Response, Problem> {
    json(&view(&looked(&app, &person, at).await?))
}

/// What is answered about a file; what is not named stays as it was answered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureAnswers {
    /// What the columns of sheets are, in their order, by the key of the sheet: remembered for files with these heads.
    #[serde(default)]
    columns: BTreeMap<String, Vec<String>>,
    /// How numbers are written that could be two: `vi` (1.234 is a thousand and more) or `en`.
    notation: Option<String>,
    /// The unit that words of the file mean, by its id; 0 leaves their rows out.
    #[serde(default)]
    units: BTreeMap<String, i64>,
    /// The id of the unit that a file is about which names none.
    whole: Option<i64>,
}

/// `PATCH /rounds/ROUND/figure-files/FILE`
pub async fn say(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(RoundId, FigureFileId)>,
    Body(body): Body<FigureAnswers>,
) -> Result<Response, Problem> {
    let before = looked(&app, &person, at).await?;
    for key in body.columns.values().flatten() {
        if Role::from_key(&before.program, key).is_none() {
            return Err(Problem::field(
                "columns",
                format!("“{key}” không phải điều mà một cột có thể là"),
                format!("\"{key}\" is nothing that a column can be"),
            ));
        }
    }
    if body.notation.as_deref().is_some_and(|one| !["vi", "en"].contains(&one)) {
        return Err(Problem::field("notation", "Chỉ có vi hoặc en", "Only vi or en"));
    }
    let mut answers = before.answers;
    answers.columns.extend(body.columns.clone());
    answers.again = false;
    answers.notation = body.notation.or(answers.notation);
    answers.units.extend(body.units);
    answers.whole = body.whole.or(answers.whole);
    answer(&app, &person, at.1, &answers, body.columns).await?;
    json(&view(&looked(&app, &person, at).await?))
}

/// What was seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresSeen {
    /// `seen` of the preview.
    seen: String,
}

/// `POST /rounds/ROUND/figure-files/FILE/take`
pub async fn confirm(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(RoundId, FigureFileId)>,
    Body(body): Body<FiguresSeen>,
) -> Result<Response, Problem> {
    let before = looked(&app, &person, at).await?;
    match take(&app, &person, &before, &body.seen).await? {
        Outcome::Taken => json(&view(&looked(&app, &person, at).await?)),
        Outcome::Stale => {
            let now = looked(&app, &person, at).await?;
            let told = match &now.stage {
                Stage::Preview(plan) => since(&app, L(person.language), plan, 0).await?,
                _ => Vec::new(),
            };
            let saved = serde_json::to_value(view(&now)).unwrap_or_default();
            Err(Problem::stale(false).with("saved", saved).with("changed", told))
        }
        Outcome::Refused(why) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", why.vi, why.en)),
    }
}
