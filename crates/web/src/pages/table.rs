//! A pillar's figures as a table: many cells at once, by keyboard, and from a spreadsheet.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cycle::entry::ScoreKind;
use cycle::{Action, AssessmentId};
use store::command::EntryChange;
use store::{Actor, Command, Refusal};

use super::field::field_view;
use super::html;
use super::sheet::may;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::person::Person;
use crate::view::{Section, Shell};

struct Row {
    indicator: String,
    head: Option<String>,
    points: String,
    max: String,
    name: String,
    label: String,
    unit: String,
    value: String,
    options: Vec<(String, String)>,
    number: bool,
    read: String,
    why: Option<String>,
    editable: bool,
}

#[derive(Template)]
#[template(path = "table.html")]
struct TablePage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    tabs: Vec<(String, bool)>,
    notice: Option<String>,
    errors: Vec<(String, String)>,
    rows: Vec<Row>,
    versions: Vec<(String, i64)>,
    editable: bool,
}

/// The name of a figure's field: both ids, apart by a sign that neither holds.
fn name_of(indicator: &str, figure: &str) -> String {
    format!("{indicator}~{figure}")
}

fn draw(app: &App, person: &Person, opened: &Opened, pillar_no: &str, path: &str) -> Result<TablePage, Failure> {
    let l = person.l();
    let set = &opened.program().set;
    let pillar = set.pillars.iter().find(|pillar| pillar.pillar.no == pillar_no).ok_or(Failure::NotFound)?;
    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for (indicator, entry, _) in opened.rows() {
        if !pillar.indicators.iter().any(|one| one.id == indicator.id) {
            continue;
        }
        let editable = may(app, person, opened, Action::Fill, &indicator.id, entry.state);
        let figures = indicator.all_figures();
        if editable && !figures.is_empty() {
            versions.push((indicator.id.clone(), entry.version));
        }
        let shown = entry.self_score.as_ref().filter(|score| score.kind != ScoreKind::Missing);
        for (at, figure) in figures.iter().enumerate() {
            let typed = entry.figures.get(&figure.id).map_or("", |value| value.typed.as_str());
            let problem = opened
                .read
                .problems
                .iter()
                .find(|one| one.indicator.as_deref() == Some(&indicator.id) && one.figure == figure.id);
            let field = field_view(l, figure, typed, problem, editable);
            rows.push(Row {
                indicator: indicator.id.clone(),
                head: (at == 0).then(|| indicator.name.clone()),
                points: shown.map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
                max: l.number(&indicator.points.unwrap_or_default()),
                name: name_of(&indicator.id, &figure.id),
                label: field.label,
                unit: field.unit,
                value: field.value,
                options: field.options,
                number: field.number,
                read: field.read,
                why: field.why,
                editable,
            });
        }
    }
    let title = format!("{}. {}", pillar.pillar.no, pillar.pillar.name);
    Ok(TablePage {
        shell: Shell::new(app, Some(person), l, path, Section::Sheet, title),
        id: opened.sheet.id,
        unit: opened.unit.name.clone(),
        tabs: set.pillars.iter().map(|one| (one.pillar.no.clone(), one.pillar.no == pillar_no)).collect(),
        notice: None,
        errors: Vec::new(),
        editable: !versions.is_empty(),
        rows,
        versions,
    })
}

/// `GET /sheets/SHEET/table/PILLAR`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((id, pillar)): Path<(AssessmentId, String)>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let mut page = draw(&app, &person, &opened, &pillar, uri.path())?;
    if let Some(count) = uri.query().and_then(|query| query.strip_prefix("saved=")).and_then(|n| n.parse::<u32>().ok())
    {
        page.notice = Some(match person.l().is_english() {
            true => format!("Saved; {count} values changed."),
            false => format!("Đã lưu; {count} giá trị thay đổi."),
        });
    }
    html(&page)
}

/// What became of an entry that was to be saved.
pub(crate) enum Saved {
    /// Nothing differs from what is kept.
    Unchanged,
    /// It is saved; so many values changed.
    Done(usize),
    /// It is not.
    Refused(Refusal),
}

/// Saves an entry of several, where something differs.
pub(crate) async fn save_entry(
    app: &App,
    person: &Person,
    opened: &Opened,
    indicator: &str,
    version: i64,
    change: EntryChange,
) -> Saved {
    let Some((_, entry)) = opened.sheet.entry(indicator) else { return Saved::Refused(Refusal::NotFound) };
    let same = |id: &String, typed: &String| entry.figures.get(id).map_or("", |value| value.typed.as_str()) == typed;
    if change.figures.iter().all(|(id, typed)| same(id, typed)) {
        return Saved::Unchanged;
    }
    let (assessment, indicator) = (opened.sheet.id, indicator.to_owned());
    let command = Command::SaveEntry { assessment, indicator, version, change };
    match app.store.change(Actor::Account(person.account), app.now(), command).await {
        Ok(done) => Saved::Done(done.count),
        Err(refusal) => Saved::Refused(refusal),
    }
}

/// `POST /sheets/SHEET/table/PILLAR`: saves what changed, indicator by indicator; what is refused stays on the page.
pub async fn save(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((id, pillar)): Path<(AssessmentId, String)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let l = person.l();
    let mut by_indicator: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (name, value) in &form {
        if let Some((indicator, figure)) = name.split_once('~') {
            by_indicator.entry(indicator.to_owned()).or_default().insert(figure.to_owned(), value.trim().to_owned());
        }
    }
    let mut count = 0;
    let mut errors = Vec::new();
    for (indicator, figures) in by_indicator {
        let version = form.get(&format!("v-{indicator}")).and_then(|version| version.parse().ok()).unwrap_or(-1);
        let change = EntryChange { figures: figures.clone(), ..EntryChange::default() };
        match save_entry(&app, &person, &opened, &indicator, version, change).await {
            Saved::Unchanged => {}
            Saved::Done(changed) => count += changed,
            Saved::Refused(Refusal::Stale(_)) => {
                let first = figures.keys().next().map(|figure| name_of(&indicator, figure)).unwrap_or_default();
                errors.push((
                    first,
                    match l.is_english() {
                        true => format!("{indicator}: somebody changed it meanwhile; check it and save again"),
                        false => format!("{indicator}: có người vừa sửa; hãy xem lại rồi lưu lần nữa"),
                    },
                ));
            }
            Saved::Refused(Refusal::Invalid(fields)) => {
                errors.extend(fields.iter().map(|field| {
                    (name_of(&indicator, &field.field), format!("{indicator}: {}", l.text(&field.message)))
                }))
            }
            Saved::Refused(refusal) => return Err(refusal.into()),
        }
    }
    if errors.is_empty() {
        return Ok(Redirect::to(&format!("/sheets/{id}/table/{pillar}?saved={count}")).into_response());
    }
    let opened = Opened::get(&app, &person, id).await?;
    let mut page = draw(&app, &person, &opened, &pillar, uri.path())?;
    for row in &mut page.rows {
        if let Some(typed) = form.get(&row.name) {
            row.value.clone_from(typed);
        }
    }
    page.errors = errors;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}
