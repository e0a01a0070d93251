//! Renaming, merging, splitting and abolishing units, under a document, after a look at what would happen.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Text;
use criteria::date::Date;
use cycle::tree::Descent;
use cycle::{Capability, Phase, Unit, UnitId, time};
use store::command::NewUnit;
use store::{Actor, Command, Refusal, State as Known};

use super::assign::day;
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// The ways: key, in Vietnamese, in English.
const WAYS: [(&str, &str, &str); 4] = [
    ("renamed", "đổi tên (hoặc đổi mã)", "rename (or a new code)"),
    ("merged", "nhập với đơn vị khác", "merge with others"),
    ("split", "chia thành nhiều đơn vị", "split into several"),
    ("abolished", "giải thể", "abolish"),
];

type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "unit_change.html")]
struct ChangePage {
    shell: Shell,
    unit: (UnitId, String, String),
    problems: Vec<(String, String)>,
    ways: Vec<(&'static str, &'static str, bool)>,
    typed: Fields,
    people: bool,
    /// What would happen, line by line.
    preview: Option<Vec<String>>,
}

impl ChangePage {
    fn value(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// The unit, for those who manage the units of its parent.
pub(crate) fn managed(state: &Known, person: &Person, id: UnitId) -> Result<Unit, Failure> {
    let unit = state.tree.get(id).ok_or(Failure::NotFound)?;
    let may = person.may(state, Capability::ManageUnits, unit.parent.unwrap_or(id));
    if may { Ok(unit.clone()) } else { Err(Failure::NotFound) }
}

fn draw(
    app: &App,
    person: &Person,
    unit: &Unit,
    fields: Fields,
    problems: &[(String, Text)],
    preview: Option<Vec<String>>,
) -> Result<Response, Failure> {
    let l = person.l();
    let title = format!("{}: {}", l.say("Thay đổi tổ chức", "Change of the organisation"), unit.name);
    let path = format!("/units/{}/change", unit.id);
    let how = fields.get("how").cloned().unwrap_or_default();
    let page = ChangePage {
        shell: Shell::new(app, Some(person), l, &path, Section::Units, title),
        unit: (unit.id, unit.name.clone(), unit.code.clone()),
        problems: problems.iter().map(|(field, text)| (field.clone(), l.text(text).to_owned())).collect(),
        ways: WAYS.iter().map(|(key, vi, en)| (*key, if l.is_english() { *en } else { *vi }, how == *key)).collect(),
        people: fields.contains_key("people") || fields.is_empty(),
        typed: fields,
        preview,
    };
    let mut response = html(&page)?;
    if !problems.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /units/UNIT/change`
pub async fn page(State(app): State<App>, person: Person, Path(id): Path<UnitId>) -> Result<Response, Failure> {
    let unit = managed(&app.store.state(), &person, id)?;
    draw(&app, &person, &unit, Fields::new(), &[], None)
}

/// A change that can be asked for.
pub(crate) struct Asked {
    how: Descent,
    from: Vec<UnitId>,
    to: Vec<NewUnit>,
    day: Date,
    document: String,
    people: bool,
}

impl Asked {
    /// The change.
    pub fn command(self) -> Command {
        let Self { how, from, to, day, document, people } = self;
        Command::ChangeUnits { from, to, how, day, document, people }
    }
}

/// What somebody wishes, in words.
pub(crate) struct Wish<'w> {
    /// The key of the way.
    pub how: &'w str,
    /// The codes of other units before.
    pub others: Vec<&'w str>,
    /// The units after: code, name, kind; the last two may be empty where they are known otherwise.
    pub to: Vec<(&'w str, &'w str, &'w str)>,
    /// The first day.
    pub day: &'w str,
    /// The document.
    pub document: &'w str,
    /// Whether people go along.
    pub people: bool,
}

fn problem(field: &str, vi: impl Into<String>, en: impl Into<String>) -> Vec<(String, Text)> {
    vec![(field.to_owned(), Text::new(vi, en))]
}

/// The wish that a form holds.
fn wished(fields: &Fields) -> Wish<'_> {
    let text = |name: &str| fields.get(name).map(|value| value.trim()).unwrap_or_default();
    let after = text("to").lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let mut pieces = line.split(';').map(str::trim);
        let mut next = || pieces.next().unwrap_or_default();
        (next(), next(), next())
    });
    Wish {
        how: text("how"),
        others: text("others").split([',', ';', '\n', ' ']).map(str::trim).filter(|code| !code.is_empty()).collect(),
        to: after.collect(),
        day: text("day"),
        document: text("document"),
        people: fields.contains_key("people"),
    }
}

/// What a wish comes to in the units that there are.
pub(crate) fn resolve(state: &Known, unit: &Unit, wish: Wish<'_>, today: Date) -> Result<Asked, Vec<(String, Text)>> {
    let how = match wish.how {
        "renamed" => Descent::Renamed,
        "merged" => Descent::Merged,
        "split" => Descent::Split,
        "abolished" => Descent::Abolished,
        _ => return Err(problem("how", "Hãy chọn việc cần làm", "Choose what is to be done")),
    };
    let mut from = vec![unit.id];
    for code in wish.others {
        let found = state.tree.by_code(code).ok_or_else(|| {
            problem("others", format!("Không có đơn vị mã {code}"), format!("There is no unit with the code {code}"))
        })?;
        if !from.contains(&found.id) {
            from.push(found.id);
        }
    }
    let mut to = Vec::new();
    for (code, name, kind) in wish.to {
        let known = state.tree.by_code(code);
        let named = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        // Where a unit goes over to one that exists, its code is enough.
        let name = named.or_else(|| known.filter(|_| how == Descent::Abolished).map(|unit| unit.name.clone()));
        let name = name.ok_or_else(|| {
            problem(
                "to",
                format!("“{code}”: cần dạng mã; tên; loại"),
                format!("\"{code}\": code; name; kind is needed"),
            )
        })?;
        to.push(NewUnit {
            code: code.to_owned(),
            name,
            kind: if kind.is_empty() { unit.kind.clone() } else { kind.to_owned() },
            level: unit.level.clone(),
            parent: None,
            from: None,
            to: None,
        });
    }
    let typed = wish.day;
    let day = day(typed, today.year()).ok_or_else(|| {
        problem(
            "day",
            format!("“{typed}” không phải là một ngày (ví dụ 1/7/2025)"),
            format!("\"{typed}\" is no day (such as 1/7/2025)"),
        )
    })?;
    if wish.document.is_empty() {
        return Err(problem(
            "document",
            "Chưa ghi văn bản quyết định việc này",
            "The document that decides this is missing",
        ));
    }
    Ok(Asked { how, from, to, day, document: wish.document.to_owned(), people: wish.people })
}

/// What would happen, in sentences.
pub(crate) fn told(state: &Known, l: L, asked: &Asked) -> Vec<String> {
    let before: Vec<&Unit> = asked.from.iter().filter_map(|id| state.tree.get(*id)).collect();
    let kept = match (asked.how, before.as_slice(), asked.to.as_slice()) {
        (Descent::Renamed, [unit], [new]) => new.code.is_empty() || new.code == unit.code,
        _ => false,
    };
    let date = l.date(&asked.day);
    let mut lines = Vec::new();
    if kept {
        let (old, new) = (&before[0].name, &asked.to[0].name);
        lines.push(match l.is_english() {
            true => format!("{old} is called {new} from {date} on; its code, people, sheets and units below stay."),
            false => format!("{old} mang tên {new} từ {date}; giữ nguyên mã, người, phiếu và đơn vị trực thuộc."),
        });
        return lines;
    }
    for unit in &before {
        lines.push(match l.is_english() {
            true => format!("{} ({}) ends on the day before {date}; its sheets stay readable.", unit.name, unit.code),
            false => format!("{} ({}) kết thúc trước ngày {date}; phiếu cũ vẫn đọc được.", unit.name, unit.code),
        });
    }
    for new in &asked.to {
        let exists = state.tree.by_code(&new.code).is_some();
        lines.push(match (exists, l.is_english()) {
            (true, true) => format!("Its work goes to {} ({}).", new.name, new.code),
            (true, false) => format!("Nhiệm vụ chuyển về {} ({}).", new.name, new.code),
            (false, true) => format!("{} ({}), {}, is made and exists from {date} on.", new.name, new.code, new.kind),
            (false, false) => format!("Lập {} ({}), loại {}, tồn tại từ {date}.", new.name, new.code, new.kind),
        });
    }
    let children: usize = before
        .iter()
        .flat_map(|unit| state.tree.children(unit.id))
        .filter(|child| state.tree.get(**child).is_some_and(|child| child.exists_on(asked.day)))
        .count();
    if children > 0 {
        lines.push(match l.is_english() {
            true => format!("{children} units below go along."),
            false => format!("{children} đơn vị trực thuộc chuyển theo."),
        });
    }
    let new = asked.to.len() == 1 && state.tree.by_code(&asked.to[0].code).is_none();
    let people: usize = before
        .iter()
        .flat_map(|unit| state.positions_of(unit.id))
        .map(|position| state.holders(position.id, asked.day).len())
        .sum();
    lines.push(match (asked.people && new, l.is_english()) {
        (true, true) => {
            format!("{people} people go along with their positions; positions of the same code become one.")
        }
        (true, false) => format!("{people} người chuyển theo với chức danh; chức danh cùng mã thành một."),
        (false, true) => {
            format!("{people} people keep their positions in the unit that ended; give them new ones by hand.")
        }
        (false, false) => format!("{people} người còn giữ chức danh ở đơn vị cũ; hãy giao chức danh mới bằng tay."),
    });
    for round in state.rounds.values().filter(|round| round.phase != Phase::Published) {
        let sheets = before.iter().filter(|unit| state.sheet_of.contains_key(&(round.id, unit.id))).count();
        if sheets > 0 {
            lines.push(match l.is_english() {
                true => format!(
                    "{sheets} sheets of “{}” stay with the old units; take the new one in on its settings page.",
                    round.title
                ),
                false => format!(
                    "{sheets} phiếu của “{}” vẫn ở đơn vị cũ; thêm đơn vị mới ở trang thiết lập kỳ.",
                    round.title
                ),
            });
        }
    }
    lines
}

/// `POST /units/UNIT/change`: looks at it first (`do=preview`), goes back (`do=edit`), or does it (`do=make`).
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<UnitId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Failure> {
    let now = app.now();
    let act = fields.remove("do").unwrap_or_default();
    let unit = managed(&app.store.state(), &person, id)?;
    if act == "edit" {
        return draw(&app, &person, &unit, fields, &[], None);
    }
    let asked = resolve(&app.store.state(), &unit, wished(&fields), time::day_of(now));
    let asked = match asked {
        Ok(asked) => asked,
        Err(problems) => return draw(&app, &person, &unit, fields, &problems, None),
    };
    if act != "make" {
        let lines = told(&app.store.state(), person.l(), &asked);
        return draw(&app, &person, &unit, fields, &[], Some(lines));
    }
    match app.store.change(Actor::Account(person.account), now, asked.command()).await {
        Ok(done) => Ok(Redirect::to(&format!("/units/{}", done.id.unwrap_or(id.0))).into_response()),
        Err(Refusal::Invalid(wrong)) => {
            let field =
                |name: String| if ["code", "name", "parent"].contains(&name.as_str()) { "to".to_owned() } else { name };
            let problems: Vec<_> = wrong.into_iter().map(|one| (field(one.field), one.message)).collect();
            draw(&app, &person, &unit, fields, &problems, None)
        }
        Err(refusal) => Err(refusal.into()),
    }
}
