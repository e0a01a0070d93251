//! Adding, moving and taking away indicators, groups and pillars of a draft, with what the checker finds beside.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Number;
use cycle::DraftId;
use serde::Deserialize;

use super::set_draft::{Loaded, WrongView, load, wrongs};
use super::set_edit::{Trouble, keep};
use super::set_view::{self, FindingView};
use crate::app::App;
use crate::drafting::{Changed, Wrong};
use crate::failure::Failure;
use crate::person::Person;
use crate::reshape::{Kind, Reshape, place, places, reshape};
use crate::view::{Section, Shell};

/// What is to be done, as the form says it.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    version: i64,
    #[serde(default, rename = "do")]
    act: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    no: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    points: String,
}

#[derive(Template)]
#[template(path = "set_shape.html")]
struct ShapePage {
    shell: Shell,
    id: DraftId,
    draft: String,
    version: i64,
    problems: Vec<WrongView>,
    stale: Option<String>,
    /// How a form names it, the words before it that show how deep it stands, what people call it.
    places: Vec<(String, String, String)>,
    findings: Vec<FindingView>,
    asked: Asked,
}

impl ShapePage {
    fn wrong<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s WrongView> {
        self.problems.iter().filter(move |one| one.field == name)
    }

    fn is_wrong(&self, name: &str) -> bool {
        self.wrong(name).next().is_some()
    }
}

fn draw(app: &App, person: &Person, loaded: &Loaded, asked: Asked, trouble: &Trouble) -> Result<Response, Failure> {
    let l = person.l();
    let set = loaded.set.as_ref().map_err(|_| Failure::NotFound)?;
    let path = format!("/sets/drafts/{}/shape", loaded.draft.id);
    let failed = if trouble.wrong.is_empty() && trouble.stale.is_none() { "" } else { l.say("Lỗi: ", "Error: ") };
    let title = format!("{failed}{}", l.say("Thêm, chuyển, bỏ", "Add, move, remove"));
    let page = ShapePage {
        shell: Shell::new(app, Some(person), l, &path, Section::Rounds, title),
        id: loaded.draft.id,
        draft: loaded.draft.title.clone(),
        version: loaded.version,
        problems: wrongs(l, &trouble.wrong),
        stale: trouble.stale.as_ref().map(|text| l.text(text).to_owned()),
        places: places(set).into_iter().map(|(named, deep, name)| (named, "— ".repeat(deep), name)).collect(),
        findings: loaded.findings.iter().map(|found| set_view::finding(l, found)).collect(),
        asked,
    };
    Ok((trouble.status(), Html(page.render()?)).into_response())
}

/// `GET /sets/drafts/DRAFT/shape`
pub async fn page(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    if !loaded.is_open() {
        return Ok(Redirect::to(&format!("/sets/drafts/{id}")).into_response());
    }
    draw(&app, &person, &loaded, asked, &Trouble::NONE)
}

fn made(loaded: &Loaded, asked: &Asked) -> Result<Changed, Vec<Wrong>> {
    let wrong = |field: &str, vi: &str, en: &str| {
        vec![Wrong { field: field.to_owned(), message: criteria::Text::new(vi, en), excerpt: None }]
    };
    let chosen = |named: &str, field: &str| {
        place(named).ok_or_else(|| wrong(field, "Hãy chọn một chỗ trong bộ chỉ số", "Choose a place in the set"))
    };
    let no = asked.no.trim().to_owned();
    let change = match asked.act.as_str() {
        "add" => {
            let kind = match asked.kind.as_str() {
                "pillar" => Kind::Pillar,
                "group" => Kind::Group,
                _ => Kind::Indicator,
            };
            let points = asked.points.trim().replace(',', ".");
            let points = match Number::parse(&points).filter(|points| *points >= Number::ZERO) {
                _ if points.is_empty() => None,
                Some(points) => Some(points),
                None => {
                    return Err(wrong(
                        "points",
                        "Điểm là một số, ví dụ 10 hoặc 2,5",
                        "Points are a number, such as 10",
                    ));
                }
            };
            Reshape::Add { kind, after: chosen(&asked.after, "after")?, no, name: asked.name.trim().to_owned(), points }
        }
        "move" => Reshape::Move { at: chosen(&asked.at, "at")?, after: chosen(&asked.after, "behind")?, no },
        "remove" => Reshape::Remove { at: chosen(&asked.at, "gone")? },
        _ => return Err(wrong("", "Không rõ cần làm gì", "It is not clear what to do")),
    };
    reshape(&loaded.files, &change)
}

/// `POST /sets/drafts/DRAFT/shape`
pub async fn save(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    if loaded.set.is_err() {
        return Err(Failure::NotFound);
    }
    let changed = made(&loaded, &asked);
    match keep(&app, &person, &loaded, asked.version, &asked.at, changed).await? {
        Ok(()) => Ok(Redirect::to(&format!("/sets/drafts/{id}?done")).into_response()),
        Err(trouble) => {
            let loaded = load(&app, &person, id).await?;
            draw(&app, &person, &loaded, asked, &trouble)
        }
    }
}
