//! Several like cases at once: chosen, previewed with what would change for each, and then recorded all or none.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::{Number, Text};
use cycle::{AssessmentId, Entry, EntryState, LevelId};
use store::command::Appraisal;
use store::state::Assessment;
use store::{Actor, Command, Refusal};

use super::appraise::{cases, doubt};
use super::appraise_list::{Which, mine_of};
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// Most cases that are recorded at once.
const CASES_MAX: usize = 500;

struct Row {
    sheet: AssessmentId,
    version: i64,
    unit: String,
    class: &'static str,
    word: String,
    note: String,
    own: String,
    now: String,
    after: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "appraise_bulk.html")]
struct BulkPage {
    shell: Shell,
    base: String,
    indicator: String,
    name: String,
    lede: String,
    error: Option<String>,
    all: bool,
    preview: bool,
    rows: Vec<Row>,
    what: String,
    points: String,
    reason: String,
    due: String,
    reasons: Vec<String>,
}

/// What is asked for like cases.
#[derive(Default)]
pub(crate) struct Asked {
    /// `accept`, `adjust` or `return`.
    pub what: String,
    /// The points, as typed.
    pub points: String,
    /// Why.
    pub reason: String,
    /// The last day for completing, as typed.
    pub due: String,
    /// Which part of the agency's work is listed.
    pub show: String,
    /// The chosen sheets with the versions that were seen.
    pub chosen: BTreeMap<AssessmentId, i64>,
}

impl Asked {
    fn of(form: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        // The box says that a case is meant; the hidden field beside it says in which version it was seen.
        let chosen = form.keys().filter_map(|name| {
            let id: AssessmentId = name.strip_prefix("s-")?.parse().ok()?;
            Some((id, form.get(&format!("v-{id}"))?.parse().ok()?))
        });
        Self {
            what: text("what"),
            points: text("points"),
            reason: text("reason"),
            due: text("due"),
            show: text("show"),
            chosen: chosen.take(CASES_MAX).collect(),
        }
    }

    /// The verdict, where it can be given: else the field that stands against it, or nothing where there is no such verdict.
    pub fn checked(&self, year: i16) -> Result<Appraisal, Option<(&'static str, Text)>> {
        let wrong = |field, vi: &str, en: &str| Err(Some((field, Text::new(vi, en))));
        let Some(appraisal) = self.appraisal(year) else { return Err(None) };
        if self.chosen.is_empty() {
            return wrong("cases", "Chưa chọn phiếu nào.", "Nothing was chosen.");
        }
        match &appraisal {
            Appraisal::Return { due: None, .. } if !self.due.is_empty() => {
                wrong("due", "Hạn hoàn thiện không phải là một ngày.", "The day for completing is no day.")
            }
            Appraisal::Adjust { .. } | Appraisal::Return { .. } if self.reason.is_empty() => {
                wrong("reason", "Điều chỉnh hoặc trả lại thì phải nêu lý do.", "To adjust or return needs a reason.")
            }
            _ => Ok(appraisal),
        }
    }

    /// The change: all of the chosen cases or none, each in the version that was seen.
    pub fn command(&self, indicator: &str, appraisal: &Appraisal) -> Command {
        let commands = self.chosen.iter().map(|(sheet, version)| Command::Appraise {
            assessment: *sheet,
            indicator: indicator.to_owned(),
            version: *version,
            appraisal: appraisal.clone(),
        });
        Command::Many(commands.collect())
    }

    /// The points that an entry would have after it; none where it would be returned.
    pub fn points_after(&self, entry: &Entry) -> Option<Number> {
        match self.what.as_str() {
            "accept" => Some(entry.self_score.as_ref().map_or(Number::ZERO, |score| score.points)),
            "adjust" => Number::parse(&self.points.replace(',', ".")),
            _ => None,
        }
    }

    fn appraisal(&self, year: i16) -> Option<Appraisal> {
        let reason = self.reason.clone();
        Some(match self.what.as_str() {
            "accept" => Appraisal::Accept,
            "adjust" => Appraisal::Adjust { points: self.points.clone(), reason },
            "return" => Appraisal::Return { reason, due: super::assign::day(&self.due, year) },
            _ => return None,
        })
    }

    /// What an entry's appraised points would be.
    fn after(&self, l: L, entry: &Entry) -> String {
        match self.what.as_str() {
            "accept" => l.points(&self.points_after(entry).unwrap_or_default()),
            "adjust" => self.points.clone(),
            "return" => match self.due.as_str() {
                "" => l.say("trả lại", "returned").to_owned(),
                due => format!("{} {due}", l.say("trả lại, hạn", "returned, by")),
            },
            _ => String::new(),
        }
    }
}

async fn draw(
    app: &App,
    person: &Person,
    path: &str,
    (level_id, indicator_id): (LevelId, &str),
    asked: Asked,
    preview: bool,
    error: Option<String>,
) -> Result<BulkPage, Failure> {
    let l = person.l();
    let rows: Vec<Assessment> = mine_of(app, person, level_id, indicator_id, asked.show == "all");
    let first = rows.first().ok_or(Failure::NotFound)?;
    let (round, level) = {
        let state = app.store.state();
        (state.round_of(first)?.clone(), state.level_of(first)?.clone())
    };
    let indicator = level.program.set.indicator(indicator_id).ok_or(Failure::NotFound)?;
    let mut found = Vec::new();
    for (row, entry, earlier) in &cases(app, &rows, indicator_id).await? {
        let open = matches!(
            entry.state,
            EntryState::Submitted | EntryState::Accepted | EntryState::Adjusted | EntryState::Returned
        );
        let chosen = asked.chosen.contains_key(&row.id);
        if !open || (preview && !chosen) {
            continue;
        }
        let before = earlier.as_ref().and_then(Entry::counting).map(|score| score.points);
        let (class, word, note) = doubt(l, indicator, entry, before);
        let unit = app.store.state().tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        found.push(Row {
            sheet: row.id,
            version: asked.chosen.get(&row.id).copied().unwrap_or(entry.version),
            unit,
            class,
            word,
            note,
            own: entry.self_score.as_ref().map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
            now: entry.appraised.as_ref().map_or_else(|| "–".to_owned(), |one| l.points(&one.score.points)),
            after: if preview { asked.after(l, entry) } else { String::new() },
            chosen: chosen || (asked.chosen.is_empty() && class == "open" && entry.state == EntryState::Submitted),
        });
    }
    let agency = app.store.state().agency(&round, indicator_id);
    let reasons = app.store.reasons(agency).await?.into_iter().map(|reason| reason.words).collect();
    let count = found.len();
    let lede = match (preview, l.is_english()) {
        (true, true) => format!("This is what would change for {count} units. Nothing was recorded yet."),
        (true, false) => format!("Đây là điều sẽ đổi ở {count} đơn vị. Chưa ghi gì."),
        (false, true) => {
            format!("{count} units. Choose like cases, say what becomes of them, and look before you record.")
        }
        (false, false) => format!("{count} đơn vị. Chọn các phiếu giống nhau, nêu kết luận, xem trước rồi mới ghi."),
    };
    let title = format!("{} {indicator_id}", l.say("Thẩm định nhiều phiếu:", "Appraising several:"));
    Ok(BulkPage {
        shell: Shell::new(app, Some(person), l, path, Section::Appraise, title),
        base: format!("/appraise/{level_id}/{indicator_id}"),
        indicator: indicator_id.to_owned(),
        name: indicator.name.clone(),
        lede,
        error,
        all: asked.show == "all",
        preview,
        rows: found,
        what: if asked.what.is_empty() { "accept".to_owned() } else { asked.what },
        points: asked.points,
        reason: asked.reason,
        due: asked.due,
        reasons,
    })
}

/// `GET /appraise/LEVEL/INDICATOR/bulk`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(at): Path<(LevelId, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let asked = Asked { show: which.show, ..Asked::default() };
    html(&draw(&app, &person, uri.path(), (at.0, &at.1), asked, false, None).await?)
}

/// `POST /appraise/LEVEL/INDICATOR/bulk`: `do=look` shows what would change, `do=record` records all of it or nothing.
pub async fn act(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((level, indicator)): Path<(LevelId, String)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let l = person.l();
    let asked = Asked::of(&form);
    let rows = mine_of(&app, &person, level, &indicator, true);
    let first = rows.first().ok_or(Failure::NotFound)?;
    if asked.chosen.keys().any(|id| !rows.iter().any(|row| row.id == *id)) {
        return Err(Failure::NotFound);
    }
    let year = app.store.state().round_of(first)?.year;
    let appraisal = match asked.checked(year) {
        Ok(appraisal) => appraisal,
        Err(None) => return Err(Failure::NotFound),
        Err(Some((_, wrong))) => {
            let wrong = l.text(&wrong).to_owned();
            let page = draw(&app, &person, uri.path(), (level, &indicator), asked, false, Some(wrong)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
        }
    };
    if form.get("do").is_none_or(|what| what != "record") {
        return html(&draw(&app, &person, uri.path(), (level, &indicator), asked, true, None).await?);
    }
    let command = asked.command(&indicator, &appraisal);
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await;
    match done {
        Ok(_) => {
            let all = if asked.show == "all" { "?show=all" } else { "" };
            Ok(Redirect::to(&format!("/appraise/{level}/{indicator}{all}")).into_response())
        }
        Err(Refusal::Invalid(fields)) => {
            let error = fields.first().map(|field| l.text(&field.message).to_owned());
            let page = draw(&app, &person, uri.path(), (level, &indicator), asked, false, error).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
