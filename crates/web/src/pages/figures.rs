//! Figures from files into a round: upload, say what columns mean, see what would change, confirm.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use cycle::{FigureFileId, LevelId, RoundId};
use documents::figures::FILE_BYTES_MAX;
use documents::workbook::template;
use scoring::{Figures, Origin};
use serde::Deserialize;
use store::command::NewFigureFile;
use store::evidence::UploadRefusal;
use store::figure_files::FigureFile;
use store::{Actor, Command, Refusal};

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::figure_files::units_of;
use crate::opened::Opened;
use crate::person::Person;
use crate::upload::{Upload, one_file};
use crate::view::{L, Section, Shell, level_title};

/// Largest request: a file and the form around it.
pub const REQUEST_BYTES_MAX: usize = FILE_BYTES_MAX + 64 * 1024;
/// Files on the list, the latest first.
const LISTED_MAX: usize = 50;
/// Units whose present figures stand in the workbook that is downloaded.
const FILLED_UNITS_MAX: usize = 400;

struct FileLine {
    id: FigureFileId,
    name: String,
    about: String,
    class: &'static str,
    word: String,
}

#[derive(Template)]
#[template(path = "figures.html")]
struct ListPage {
    shell: Shell,
    id: RoundId,
    round: String,
    wrong: Option<String>,
    levels: Vec<(LevelId, String, usize)>,
    level: LevelId,
    files: Vec<FileLine>,
    most: usize,
}

/// The levels of a round in which a person may take figures in, with how many units; for others there is no such page.
pub(crate) fn levels(app: &App, person: &Person, round: RoundId) -> Result<Vec<(LevelId, String, usize)>, Failure> {
    let ids: Vec<(LevelId, String)> = {
        let state = app.store.state();
        let of = state.rounds.get(&round).ok_or(Failure::NotFound)?;
        let mut ids: Vec<_> = state
            .levels
            .values()
            .filter(|level| level.facts.round == round && state.supplies(&person.authority, of, level.facts.id))
            .map(|level| (level.facts.id, level.facts.level.clone()))
            .collect();
        ids.sort_unstable();
        ids
    };
    let mut found = Vec::new();
    for (id, level) in ids {
        let count = units_of(app, person, round, id)?.iter().filter(|one| one.own).count();
        if count > 0 {
            found.push((id, level_title(person.l(), &level), count));
        }
    }
    if found.is_empty() { Err(Failure::NotFound) } else { Ok(found) }
}

pub(super) fn said(l: L, file: &FigureFile) -> (&'static str, String) {
    match file.taken_at {
        Some(at) => (
            "done",
            match l.is_english() {
                true => format!("{} figures taken in, {}", l.count(file.figures), l.instant(&at)),
                false => format!("đã nhập {} số liệu, {}", l.count(file.figures), l.instant(&at)),
            },
        ),
        None => ("open", l.say("chưa nhập", "not taken in yet").to_owned()),
    }
}

fn list_page(app: &App, person: &Person, round: RoundId, wrong: Option<&Text>) -> Result<ListPage, Failure> {
    let l = person.l();
    let levels = levels(app, person, round)?;
    let (title_of_round, files) = {
        let state = app.store.state();
        let of = state.rounds.get(&round).ok_or(Failure::NotFound)?;
        let runs = person.may(&state, cycle::Capability::RunRound, of.owner);
        let own = |file: &&FigureFile| file.round == round && (runs || file.made_by == Some(person.account));
        let files = state.figure_files.files.values().rev().filter(own).take(LISTED_MAX).map(|file| {
            let (class, word) = said(l, file);
            let by =
                file.made_by.and_then(|id| state.accounts.get(&id)).map(|one| one.name.clone()).unwrap_or_default();
            FileLine {
                id: file.id,
                name: file.name.clone(),
                about: format!("{by}, {}", l.instant(&file.made_at)),
                class,
                word,
            }
        });
        (of.title.clone(), files.collect())
    };
    let title = l.say("Số liệu từ tệp", "Figures from a file");
    let title = if wrong.is_some() { format!("{} {title}", l.say("Lỗi:", "Error:")) } else { title.to_owned() };
    let shell = Shell::new(app, Some(person), l, &format!("/rounds/{round}/figures"), Section::Rounds, title);
    let level = levels.first().map(|one| one.0).ok_or(Failure::NotFound)?;
    let wrong = wrong.map(|text| l.text(text).to_owned());
    let most = FILE_BYTES_MAX / (1024 * 1024);
    Ok(ListPage { shell, id: round, round: title_of_round, wrong, levels, level, files, most })
}

/// `GET /rounds/ROUND/figures`
pub async fn list(State(app): State<App>, person: Person, Path(round): Path<RoundId>) -> Result<Response, Failure> {
    html(&list_page(&app, &person, round, None)?)
}

/// The file of a form, with the level that it is for beside it.
pub(crate) async fn sent(form: Result<Multipart, MultipartRejection>) -> Result<Upload, Text> {
    let none = || Text::new("Hãy chọn một tệp .xlsx hoặc .csv", "Choose an .xlsx or .csv file");
    one_file(form, "level", FILE_BYTES_MAX).await.map_err(|why| why.text(none()))
}

/// Keeps a file of figures for the level that its form names, or else the one that is wanted, so that it can be asked about;
/// gives its id.
pub(crate) async fn keep(
    app: &App,
    person: &Person,
    round: RoundId,
    sent: Upload,
    wanted: Option<LevelId>,
) -> Result<Result<FigureFileId, Text>, Failure> {
    let levels = levels(app, person, round)?;
    let level = sent.id().or(wanted).or_else(|| levels.first().map(|one| one.0));
    let level = level.filter(|id| levels.iter().any(|one| one.0 == *id)).ok_or(Failure::NotFound)?;
    let stored = match app.store.evidence.put(&sent.bytes).await {
        Ok(stored) => stored,
        Err(UploadRefusal::Failed(error)) => return Err(error.into()),
        Err(_) => {
            return Ok(Err(Text::new(
                "Tệp không phải .xlsx, cũng không phải CSV mã UTF-8",
                "The file is neither .xlsx nor CSV in UTF-8",
            )));
        }
    };
    let new = NewFigureFile { round, level, name: sent.name, sha256: stored.sha256, bytes: stored.bytes };
    match app.store.change(Actor::Account(person.account), app.now(), Command::KeepFigureFile(new)).await {
        Ok(done) => Ok(Ok(FigureFileId(done.id.unwrap_or_default()))),
        Err(Refusal::Invalid(wrong)) => Ok(Err(wrong.into_iter().next().ok_or(Failure::Internal)?.message)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /rounds/ROUND/figures`
pub async fn upload(
    State(app): State<App>,
    person: Person,
    Path(round): Path<RoundId>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    levels(&app, &person, round)?;
    let kept = match sent(form).await {
        Ok(sent) => keep(&app, &person, round, sent, None).await?,
        Err(why) => Err(why),
    };
    match kept {
        Ok(id) => Ok(Redirect::to(&format!("/rounds/{round}/figures/{id}")).into_response()),
        Err(why) => {
            let page = list_page(&app, &person, round, Some(&why))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// Which level's workbook.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    level: Option<LevelId>,
}

/// The workbook of a level for the units of a person, with the figures that stand on their sheets by now.
pub(crate) async fn workbook(
    app: &App,
    person: &Person,
    round: RoundId,
    level: Option<LevelId>,
) -> Result<Response, Failure> {
    let levels = levels(app, person, round)?;
    let level = level.or_else(|| levels.first().map(|one| one.0));
    let level = level.filter(|id| levels.iter().any(|one| one.0 == *id)).ok_or(Failure::NotFound)?;
    let mut units = units_of(app, person, round, level)?;
    units.retain(|one| one.own);
    let twice = |name: &str| units.iter().filter(|one| one.name == name).count() > 1;
    let names: Vec<String> = units
        .iter()
        .map(|one| if twice(&one.name) { format!("{} ({})", one.name, one.code) } else { one.name.clone() })
        .collect();
    let mut figures = Figures::default();
    if units.len() <= FILLED_UNITS_MAX {
        for (one, name) in units.iter().zip(&names) {
            let opened = Opened::unchecked(app, one.sheet).await?;
            let mut unit = opened.read.figures.clone();
            unit.unit.clone_from(name);
            figures.units.push(unit);
        }
    }
    let (program, round_cells, typed, year) = {
        let state = app.store.state();
        let known = state.levels.get(&level).ok_or(Failure::NotFound)?;
        let year = state.rounds.get(&round).map_or(0, |round| round.year);
        (known.program.clone(), known.round_cells.clone(), known.facts.figures.clone(), year)
    };
    figures.round = round_cells;
    figures.round_origins = program
        .round_slots
        .iter()
        .enumerate()
        .filter_map(|(slot, info)| {
            let typed = typed.get(&info.figure.id)?.clone();
            Some((slot, Origin { place: String::new(), typed }))
        })
        .collect();
    let language = person.language;
    let made = tokio::task::spawn_blocking(move || template(&program, &names, Some(&figures), language)).await;
    let bytes = made.map_err(|_| Failure::Internal)?.map_err(|error| {
        tracing::error!(%error, "a workbook of figures was not made");
        Failure::Internal
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"so-lieu-{year}-{level}.xlsx\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET /rounds/ROUND/figures.xlsx`
pub async fn blank(
    State(app): State<App>,
    person: Person,
    Path(round): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    workbook(&app, &person, round, wanted.level).await
}
