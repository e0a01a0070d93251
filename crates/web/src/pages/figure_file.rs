//! One file of figures on its way into a round: what its columns are, what is doubtful in it, what it would change.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use criteria::model::Indicator;
use cycle::{FigureFileId, RoundId};
use documents::figures::columns::Role;
use serde::Deserialize;
use store::{Actor, Command, Refusal};

use super::figures::said;
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::figure_files::plan::{Plan, since};
use crate::figure_files::units::Known;
use crate::figure_files::{Answers, Looked, Stage, find, look};
use crate::paging::{PageLink, Pages};
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// Doubtful numbers, units that are left out, and refusals, that a page shows.
const NUMBERS_SHOWN: usize = 4;
const UNITS_SHOWN: usize = 20;
const REFUSED_SHOWN: usize = 100;

/// What can be chosen: a key each, and its words.
type Choices<K = String> = Vec<(K, String)>;

struct ColumnView {
    name: String,
    head: String,
    samples: String,
    chosen: String,
}

struct SheetView {
    name: String,
    wrong: Option<String>,
    columns: Vec<ColumnView>,
}

struct UnitView {
    words: String,
    likely: Choices<i64>,
    others: Choices<i64>,
    total: bool,
}

struct ChangeView {
    unit: Option<String>,
    href: String,
    indicator: String,
    name: String,
    label: String,
    before: String,
    after: String,
    place: String,
    points: String,
}

#[derive(Template)]
#[template(path = "figures_file.html")]
struct FilePage {
    shell: Shell,
    id: RoundId,
    sha256: String,
    lede: String,
    broken: Option<String>,
    problem: Option<String>,
    told: Vec<String>,
    sheets: Vec<SheetView>,
    plain: Choices,
    options: Vec<(String, Choices)>,
    asks: bool,
    numbers: Vec<(String, String)>,
    units: Vec<UnitView>,
    whole: Choices<i64>,
    preview: bool,
    summary: String,
    refused: Vec<(String, String)>,
    notes: Vec<String>,
    left_out: Vec<String>,
    /// How many units and refusals are not shown.
    more: (usize, usize),
    rows: Vec<ChangeView>,
    pages: Vec<PageLink>,
    confirm: Option<(i64, String, String)>,
    taken: Option<String>,
}

/// The things that a column may be, in groups: those of a row first.
fn options(l: L, looked: &Looked) -> (Choices, Vec<(String, Choices)>) {
    let plain = [
        (Role::Ignored, l.say("– bỏ qua –", "– leave out –")),
        (Role::Unit, l.say("Tên đơn vị", "Name of the unit")),
        (Role::Code, l.say("Mã đơn vị", "Code of the unit")),
        (Role::Indicator, l.say("Chỉ số (mỗi hàng một chỉ số)", "Indicator (a row is an indicator)")),
        (Role::Figure, l.say("Tên số liệu của hàng", "Which figure the row is")),
        (Role::Value, l.say("Giá trị của hàng", "Value of the row")),
    ];
    let plain = plain.into_iter().map(|(role, words)| (role.key(), words.to_owned())).collect();
    let set = &looked.program.set;
    let mut groups = Vec::new();
    let of = |indicator: Option<&Indicator>, figure: &criteria::model::Figure, alone: bool| {
        let role = Role::Of { indicator: indicator.map(|one| one.id.clone()), figure: figure.id.clone() };
        let words = match indicator {
            Some(one) if alone => format!("{} {}", one.id, short(&one.name)),
            Some(one) => format!("{} · {}", one.id, figure.label),
            None => figure.label.clone(),
        };
        (role.key(), words)
    };
    if !set.head.profile.is_empty() {
        let all = set.head.profile.iter().map(|figure| of(None, figure, true)).collect();
        groups.push((l.say("Thông tin chung", "Unit profile").to_owned(), all));
    }
    for pillar in &set.pillars {
        let figures = pillar.indicators.iter().flat_map(|one| {
            let figures = one.all_figures();
            let alone = figures.len() == 1;
            figures.into_iter().map(move |figure| of(Some(one), &figure, alone)).collect::<Vec<_>>()
        });
        groups.push((format!("{}. {}", pillar.pillar.no, pillar.pillar.name), figures.collect()));
    }
    (plain, groups)
}

fn short(words: &str) -> String {
    let mut short: String = words.chars().take(90).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

fn change_views(l: L, plan: &Plan, shown: std::ops::Range<usize>) -> Vec<ChangeView> {
    let mut rows = Vec::new();
    let mut last = None;
    for line in &plan.lines {
        for (at, change) in line.changes.iter().enumerate() {
            let points = match (&line.points, at) {
                (Some((now, then)), 0) => {
                    let say =
                        |points: &Option<criteria::Number>| points.map_or_else(|| "–".to_owned(), |one| l.points(&one));
                    if now == then { say(now) } else { format!("{} → {}", say(now), say(then)) }
                }
                _ => String::new(),
            };
            let indicator = line.indicator.clone().unwrap_or_default();
            rows.push(ChangeView {
                unit: (last != Some(line.unit)).then(|| line.unit_name.clone()),
                href: match &line.indicator {
                    Some(indicator) => format!("/sheets/{}/entries/{indicator}", line.sheet),
                    None => format!("/sheets/{}/profile", line.sheet),
                },
                name: if at == 0 { short(&line.name) } else { String::new() },
                indicator: if indicator.is_empty() {
                    l.say("Thông tin chung", "Profile").to_owned()
                } else {
                    indicator
                },
                label: change.label.clone(),
                before: if change.before.is_empty() { "–".to_owned() } else { change.before.clone() },
                after: change.after.clone(),
                place: change.place.rsplit_once(", ").map_or(change.place.clone(), |(_, cell)| cell.to_owned()),
                points,
            });
            last = Some(line.unit);
        }
    }
    // A page begins with whose rows they are.
    let mut whose = None;
    for (at, row) in rows.iter_mut().enumerate() {
        if row.unit.is_some() {
            whose.clone_from(&row.unit);
        } else if at == shown.start {
            row.unit.clone_from(&whose);
        }
    }
    rows.into_iter().skip(shown.start).take(shown.len()).collect()
}

/// What a file comes to, in a sentence.
pub(crate) fn summary(plan: &Plan) -> Text {
    let (figures, units, same, refused) = (plan.figures(), plan.units(), plan.same, plan.refused.len());
    Text::new(
        format!(
            "{figures} số liệu của {units} đơn vị sẽ đổi; {same} số liệu đã như trong tệp; {refused} chỗ không nhận được."
        ),
        format!(
            "{figures} figures of {units} units would change; {same} stand as in the file; {refused} cannot be taken."
        ),
    )
}

fn file_page(app: &App, person: &Person, looked: &Looked, page: &str) -> FilePage {
    let l = person.l();
    let (round, id) = (looked.file.round, looked.file.id);
    let path = format!("/rounds/{round}/figures/{id}");
    let shell = Shell::new(app, Some(person), l, &path, Section::Rounds, looked.file.name.clone());
    let mut view = FilePage {
        shell,
        id: round,
        sha256: looked.file.sha256.clone(),
        lede: String::new(),
        broken: None,
        problem: None,
        told: Vec::new(),
        sheets: Vec::new(),
        plain: Vec::new(),
        options: Vec::new(),
        asks: false,
        numbers: Vec::new(),
        units: Vec::new(),
        whole: Vec::new(),
        preview: false,
        summary: String::new(),
        refused: Vec::new(),
        notes: Vec::new(),
        left_out: Vec::new(),
        more: (0, 0),
        rows: Vec::new(),
        pages: Vec::new(),
        confirm: None,
        taken: None,
    };
    let named = |one: &Known| (one.unit.0, format!("{} ({})", one.name, one.code));
    let lede = match &looked.stage {
        Stage::Broken(why) => {
            view.broken = Some(l.text(why).to_owned());
            l.say("Chưa ghi gì.", "Nothing is written.")
        }
        Stage::Columns(columns) => {
            (view.plain, view.options) = options(l, looked);
            view.sheets = columns
                .iter()
                .enumerate()
                .map(|(sheet, one)| SheetView {
                    name: one.sheet.clone(),
                    wrong: one.wrong.as_ref().map(|why| l.text(why).to_owned()),
                    columns: (0..one.heads.len())
                        .filter(|column| !one.heads[*column].is_empty() || !one.samples[*column].is_empty())
                        .map(|column| ColumnView {
                            name: format!("c-{sheet}-{column}"),
                            head: one.heads[column].clone(),
                            samples: one.samples[column].join(" · "),
                            chosen: one.roles[column].key(),
                        })
                        .collect(),
                })
                .collect();
            l.say(
                "Mỗi cột là gì? Máy đề xuất theo lời đầu đề; câu trả lời được nhớ cho các tệp có cùng đầu đề. Chưa ghi gì.",
                "What is each column? Proposals follow the heads; the answer is remembered for files with the same heads. Nothing is written yet.",
            )
        }
        Stage::Questions { numbers, units, whole } => {
            view.asks = true;
            view.numbers = numbers.iter().take(NUMBERS_SHOWN).cloned().collect();
            let all: Choices<i64> = looked.units.iter().filter(|one| one.own).map(named).collect();
            view.units = units
                .iter()
                .map(|one| {
                    let likely: Vec<_> = one.likely.iter().map(named).collect();
                    let others = all.iter().filter(|other| !likely.contains(other)).cloned().collect();
                    UnitView { words: one.words.clone(), likely, others, total: one.total }
                })
                .collect();
            if *whole {
                view.whole = all;
            }
            l.say(
                "Còn chỗ có thể hiểu hai cách. Chưa ghi gì.",
                "Something could be read in two ways. Nothing is written yet.",
            )
        }
        Stage::Preview(plan) => {
            view.preview = true;
            view.summary = l.text(&summary(plan)).to_owned();
            let refused = plan.refused.iter().take(REFUSED_SHOWN);
            view.refused = refused.map(|one| (one.place.clone(), l.text(&one.message).to_owned())).collect();
            view.notes = plan.notes.iter().take(UNITS_SHOWN).map(|one| l.text(one).to_owned()).collect();
            view.left_out = plan.left_out.iter().take(UNITS_SHOWN).cloned().collect();
            view.more = (plan.left_out.len() - view.left_out.len(), plan.refused.len() - view.refused.len());
            let pages = Pages::of(l, plan.figures(), page, "");
            view.rows = change_views(l, plan, pages.shown.clone());
            view.pages = pages.links;
            if plan.can_be_done() {
                let words = match l.is_english() {
                    true => format!("Confirm and write {} figures", l.count(plan.figures())),
                    false => format!("Xác nhận và ghi {} số liệu", l.count(plan.figures())),
                };
                view.confirm = Some((plan.seq, plan.seen(), words));
            }
            l.say(
                "Xem trước, chưa ghi gì. Ô để trống trong tệp không xóa số liệu nào.",
                "What would happen; nothing is written yet. Blank cells erase nothing.",
            )
        }
        Stage::Taken => {
            view.taken = Some(said(l, &looked.file).1);
            ""
        }
    };
    view.lede = lede.to_owned();
    view
}

/// Which page of the preview, and whether the columns are to be seen again.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: String,
}

/// `GET /rounds/ROUND/figures/FILE`
pub async fn page(
    State(app): State<App>,
    person: Person,
    Path((round, id)): Path<(RoundId, FigureFileId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let file = find(&app, &person, round, id)?;
    let looked = look(&app, &person, file).await?;
    html(&file_page(&app, &person, &looked, &asked.page))
}

/// Keeps what was answered; columns are remembered for other files.
pub(crate) async fn answer(
    app: &App,
    person: &Person,
    file: FigureFileId,
    answers: &Answers,
    columns: BTreeMap<String, Vec<String>>,
) -> Result<(), Refusal> {
    let answers = serde_json::to_value(answers).unwrap_or_default();
    let command = Command::AnswerFigureFile { file, answers, columns };
    app.store.change(Actor::Account(person.account), app.now(), command).await.map(drop)
}

/// The roles that a form chose for the columns of each sheet; what the form did not show stays as it was.
fn chosen(looked: &Looked, form: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let Stage::Columns(sheets) = &looked.stage else { return BTreeMap::new() };
    let of = |sheet: usize, column: usize, role: &Role| {
        let key = form.get(&format!("c-{sheet}-{column}")).cloned();
        key.filter(|key| Role::from_key(&looked.program, key).is_some()).unwrap_or_else(|| role.key())
    };
    sheets
        .iter()
        .enumerate()
        .map(|(sheet, one)| {
            let roles = one.roles.iter().enumerate().map(|(column, role)| of(sheet, column, role)).collect();
            (one.key.clone(), roles)
        })
        .collect()
}

/// `POST /rounds/ROUND/figures/FILE`: answers, or takes in what was seen.
pub async fn act(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((round, id)): Path<(RoundId, FigureFileId)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let file = find(&app, &person, round, id)?;
    let l = person.l();
    let what = form.get("do").map_or("", String::as_str);
    let back = || Redirect::to(uri.path()).into_response();
    let looked = look(&app, &person, file).await?;
    let mut answers = looked.answers.clone();
    match what {
        "columns" => {
            let columns = chosen(&looked, &form);
            answers.columns.extend(columns.clone());
            answers.again = false;
            answer(&app, &person, id, &answers, columns).await?;
            Ok(back())
        }
        "again" => {
            answers.again = true;
            answer(&app, &person, id, &answers, BTreeMap::new()).await?;
            Ok(back())
        }
        "questions" => {
            if let Some(notation) = form.get("notation").filter(|one| ["vi", "en"].contains(&one.as_str())) {
                answers.notation = Some(notation.clone());
            }
            if let Some(unit) = form.get("whole").and_then(|unit| unit.parse().ok()) {
                answers.whole = Some(unit);
            }
            for (name, unit) in &form {
                if let (Some(words), Ok(unit)) = (name.strip_prefix("unit:"), unit.parse()) {
                    answers.units.insert(words.to_owned(), unit);
                }
            }
            answer(&app, &person, id, &answers, BTreeMap::new()).await?;
            Ok(back())
        }
        "take" => {
            let seq = form.get("seq").and_then(|seq| seq.parse().ok()).unwrap_or(0);
            let seen = form.get("seen").map_or("", String::as_str);
            match take(&app, &person, &looked, seen).await? {
                Outcome::Taken => Ok(back()),
                Outcome::Stale => {
                    // Looked at anew: what was seen and what stands now may both be of before the change.
                    let looked = look(&app, &person, find(&app, &person, round, id)?).await?;
                    let mut page = file_page(&app, &person, &looked, "");
                    let why = l.say(
                        "Số liệu trên phiếu đã thay đổi từ lúc bạn xem; chưa ghi gì. Hãy xem lại rồi xác nhận.",
                        "Sheets changed since you looked; nothing was written. Look again, then confirm.",
                    );
                    page.problem = Some(why.to_owned());
                    if let Stage::Preview(plan) = &looked.stage {
                        page.told = since(&app, l, plan, seq).await?;
                    }
                    Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
                }
                Outcome::Refused(why) => {
                    let mut page = file_page(&app, &person, &looked, "");
                    page.problem = Some(l.text(&why).to_owned());
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
                }
            }
        }
        _ => Err(Failure::NotFound),
    }
}

/// What came of taking a file in.
pub(crate) enum Outcome {
    /// Everything of it was written.
    Taken,
    /// Something changed since it was seen; nothing was written.
    Stale,
    /// Something stands against it; nothing was written.
    Refused(Text),
}

/// Takes in what was seen, in one transaction.
pub(crate) async fn take(app: &App, person: &Person, looked: &Looked, seen: &str) -> Result<Outcome, Failure> {
    let Stage::Preview(plan) = &looked.stage else {
        return Ok(Outcome::Refused(match looked.stage {
            Stage::Taken => {
                Text::new("Số liệu của tệp này đã được nhập rồi", "The figures of this file were taken in before")
            }
            _ => Text::new(
                "Tệp còn điều phải trả lời trước khi nhập",
                "Something about the file is to be answered first",
            ),
        }));
    };
    if seen != plan.seen() {
        return Ok(Outcome::Stale);
    }
    if !plan.can_be_done() {
        return Ok(Outcome::Refused(Text::new(
            "Còn chỗ không nhận được, hoặc không có gì để ghi; chưa ghi gì",
            "Something cannot be taken, or there is nothing to write; nothing was written",
        )));
    }
    match app.store.change(Actor::Account(person.account), app.now(), plan.command(looked)).await {
        Ok(_) => Ok(Outcome::Taken),
        Err(Refusal::Stale(_)) => Ok(Outcome::Stale),
        Err(Refusal::Denied(denial)) => Ok(Outcome::Refused(denial.text())),
        Err(Refusal::Invalid(wrong)) => {
            Ok(Outcome::Refused(wrong.into_iter().next().ok_or(Failure::Internal)?.message))
        }
        Err(refusal) => Err(refusal.into()),
    }
}
