//! A new round: the form, what would be taken over from the round before, and the button that makes it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use criteria::date::Date;
use criteria::{CriteriaSet, Text};
use cycle::round::{Days, Round, usual_days};
use cycle::{Capability, Phase, RoundId, UnitId, time};
use serde::Deserialize;
use store::{Actor, Refusal};

use super::assign::day;
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::new_round::{Lost, Plan, Take, Wanted, plan};
use crate::person::Person;
use crate::succession::{Basis, in_year, next_set};
use crate::view::{L, Section, Shell, level_title};

/// Most lines of one list of the preview; the others are counted.
const LINES_MAX: usize = 60;

/// A level with the sets that fit it.
struct LevelField {
    level: String,
    name: String,
    units: usize,
    before: Option<String>,
    sets: Vec<(String, String, bool)>,
}

struct LevelView {
    name: String,
    set: String,
    units: usize,
    before: Option<String>,
    basis: &'static str,
    proposed: bool,
    lives_on: usize,
    ended: Vec<(String, String)>,
    new: Vec<(String, String)>,
}

struct Preview {
    levels: Vec<LevelView>,
    taken: Vec<(String, usize)>,
    lost: Vec<(String, String, String)>,
    more: usize,
    copied: bool,
    seen: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    problems: Vec<(String, String)>,
    notice: Option<String>,
    /// What stands in the fields, by name.
    typed: BTreeMap<String, String>,
    before: Option<String>,
    rounds: Vec<(RoundId, String)>,
    owners: Vec<(UnitId, String, bool)>,
    days: Vec<(&'static str, String, String, String)>,
    levels: Vec<LevelField>,
    takes: Vec<(&'static str, &'static str, bool)>,
    preview: Option<Preview>,
}

impl SetupPage {
    fn value(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    fn wrong(&self, name: &str) -> Option<&str> {
        self.problems.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }
}

type Fields = BTreeMap<String, String>;

/// What may be taken over: the field, in Vietnamese, in English.
const TAKES: [(&str, &str, &str); 4] = [
    ("take-agencies", "cơ quan thẩm định từng chỉ số", "the appraising agency of each indicator"),
    ("take-participants", "đơn vị không tham gia và các chỉ số được miễn", "units that do not take part, exemptions"),
    ("take-readings", "cách hiểu đã chốt, mức xếp loại", "readings that were decided, grades"),
    ("take-assignments", "phân công và hạn riêng của từng đơn vị", "each unit's assignment and own deadlines"),
];

/// Where a person may run rounds, and the rounds that they run, the latest first.
fn scope(state: &store::State, person: &Person) -> Result<(Vec<UnitId>, Vec<RoundId>), Failure> {
    let mut owners: Vec<UnitId> = person.authority.scopes(Capability::RunRound).collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.is_empty() {
        return Err(Failure::NotFound);
    }
    let own = |round: &&Round| person.may(state, Capability::RunRound, round.owner);
    let mut rounds: Vec<&Round> = state.rounds.values().filter(own).collect();
    owners.extend(rounds.iter().map(|round| round.owner));
    owners.sort_unstable();
    owners.dedup();
    rounds.sort_by_key(|round| (-i32::from(round.year), -round.id.0));
    Ok((owners, rounds.iter().map(|round| round.id).collect()))
}

/// The fields as they stand before anybody typed: of the round before, moved to the next year, or the usual ones.
fn proposed(state: &store::State, l: L, from: Option<&Round>, owners: &[UnitId], today: Date) -> Fields {
    let year = from.map_or(today.year(), |round| round.year.saturating_add(1));
    let owner = from.map(|round| round.owner).or_else(|| owners.first().copied());
    let days = match from {
        Some(round) => round
            .days
            .iter()
            .map(|(phase, days)| (*phase, Days { from: in_year(days.from, 1), to: in_year(days.to, 1) }))
            .collect(),
        None => usual_days(year),
    };
    let title = from.filter(|round| round.title.contains(&round.year.to_string()));
    let title = title.map(|round| round.title.replace(&round.year.to_string(), &year.to_string()));
    let title = title.unwrap_or_else(|| format!("{} {year}", l.say("Kỳ đánh giá", "Round")));
    let period = from.and_then(|round| round.settings.period);
    let period = period.map(|days| Days { from: in_year(days.from, 1), to: in_year(days.to, 1) });
    let mut fields = Fields::from([
        ("year".to_owned(), year.to_string()),
        ("title".to_owned(), title),
        ("owner".to_owned(), owner.map(|owner| owner.to_string()).unwrap_or_default()),
        ("from".to_owned(), from.map(|round| round.id.to_string()).unwrap_or_default()),
    ]);
    let whole = |month, day| Date::new(year, month, day).ok();
    let (first, last) = match period {
        Some(days) => (Some(days.from), Some(days.to)),
        None => (whole(1, 1), whole(12, 31)),
    };
    let write = |day: Option<Date>| day.map(|day| l.date(&day)).unwrap_or_default();
    fields.extend([("period-from".to_owned(), write(first)), ("period-to".to_owned(), write(last))]);
    for (phase, days) in days {
        fields.insert(format!("{}-from", phase.key()), l.date(&days.from));
        fields.insert(format!("{}-to", phase.key()), l.date(&days.to));
    }
    if from.is_some() {
        fields.extend(TAKES.iter().map(|(field, ..)| ((*field).to_owned(), "yes".to_owned())));
    }
    // Which levels take part is the next set's matter; see `level_fields`.
    fields.extend(
        state
            .levels
            .values()
            .filter(|one| from.is_some_and(|round| one.facts.round == round.id))
            .map(|one| (format!("before-{}", one.facts.level), one.program.set.head.id.clone())),
    );
    fields
}

/// A set as a choice: the number that people know it by, the year, the title.
fn set_name(set: &CriteriaSet) -> String {
    let document = &set.head.document;
    format!("{} {}, {}: {}", document.kind, document.number, set.head.year, set.head.title)
}

/// The levels that units below the owners have, with the sets to choose from.
fn level_fields(
    state: &store::State,
    app: &App,
    l: L,
    sets: &BTreeMap<String, CriteriaSet>,
    fields: &mut Fields,
    owner: Option<UnitId>,
    today: Date,
) -> Vec<LevelField> {
    let below = owner.map(|owner| state.tree.descendants(owner)).unwrap_or_default();
    let exist = below.iter().filter_map(|id| state.tree.get(*id)).filter(|unit| unit.exists_on(today));
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    exist.for_each(|unit| *count.entry(unit.level.as_str()).or_default() += 1);
    let levels: BTreeSet<&str> = sets.values().map(|set| set.head.level.as_str()).collect();
    let mut found = Vec::new();
    for level in levels.into_iter().filter(|level| count.contains_key(level)) {
        let before = fields.remove(&format!("before-{level}"));
        if let Some(before) = &before {
            let next = next_set(&app.library, sets, before).unwrap_or_default().to_owned();
            fields.entry(format!("set-{level}")).or_insert(next);
        }
        let chosen = fields.get(&format!("set-{level}")).cloned().unwrap_or_default();
        let mut choices: Vec<&CriteriaSet> = sets.values().filter(|set| set.head.level == level).collect();
        choices.sort_by_cached_key(|set| (-i32::from(set.head.year), sort_key(&set.head.title)));
        found.push(LevelField {
            level: level.to_owned(),
            name: level_title(l, level),
            units: count.get(level).copied().unwrap_or(0),
            before: before.map(|id| sets.get(&id).map_or(id, set_name)),
            sets: choices.into_iter().map(|set| (set.head.id.clone(), set_name(set), set.head.id == chosen)).collect(),
        });
    }
    found
}

/// Reads the fields. All that is wrong is told at once.
fn read(state: &store::State, person: &Person, fields: &Fields) -> Result<Wanted, Vec<(String, Text)>> {
    let text = |name: &str| fields.get(name).map(|value| value.trim()).unwrap_or_default();
    let mut problems = Vec::new();
    let year = match text("year").parse::<i16>() {
        Ok(year) if (2000..=2100).contains(&year) => year,
        _ => {
            let text = Text::new("Năm đánh giá là số từ 2000 đến 2100", "The year is a number from 2000 to 2100");
            problems.push(("year".to_owned(), text));
            2000
        }
    };
    if text("title").is_empty() {
        problems.push(("title".to_owned(), Text::new("Chưa ghi tên kỳ", "The title is missing")));
    }
    let owner = text("owner").parse::<UnitId>().ok().filter(|owner| person.may(state, Capability::RunRound, *owner));
    let owner = owner.unwrap_or_else(|| {
        let text = Text::new("Hãy chọn đơn vị chủ kỳ", "Choose the unit that runs the round");
        problems.push(("owner".to_owned(), text));
        UnitId(0)
    });
    let mut span = |key: &str, name: &Text| -> Option<Days> {
        let (from, to) = (text(&format!("{key}-from")), text(&format!("{key}-to")));
        if from.is_empty() && to.is_empty() {
            return None;
        }
        let mut one = |end: &str, typed: &str| {
            let found = day(typed, year);
            if found.is_none() {
                problems.push((
                    format!("{key}-{end}"),
                    Text::new(
                        format!("{}: “{typed}” không phải là một ngày (ví dụ 20/10/{year})", name.vi),
                        format!("{}: \"{typed}\" is no day (such as 20/10/{year})", name.en),
                    ),
                ));
            }
            found
        };
        let (from, to) = (one("from", from), one("to", to));
        let days = Days { from: from?, to: to? };
        if days.to < days.from {
            problems.push((
                format!("{key}-to"),
                Text::new(
                    format!("{}: ngày cuối trước ngày đầu", name.vi),
                    format!("{}: it ends before it begins", name.en),
                ),
            ));
        }
        Some(days)
    };
    let period = span("period", &Text::new("Thời gian số liệu", "Period of the figures"));
    let days: BTreeMap<Phase, Days> =
        Phase::ALL.iter().filter_map(|phase| Some((*phase, span(phase.key(), &phase.name())?))).collect();
    let from = text("from").parse::<RoundId>().ok();
    let from =
        from.filter(|id| state.rounds.get(id).is_some_and(|one| person.may(state, Capability::RunRound, one.owner)));
    let sets: BTreeMap<String, String> = fields
        .iter()
        .filter_map(|(name, id)| Some((name.strip_prefix("set-")?.to_owned(), id.trim().to_owned())))
        .filter(|(_, id)| !id.is_empty())
        .collect();
    if sets.is_empty() {
        let text = Text::new("Hãy chọn bộ chỉ số cho ít nhất một cấp", "Choose a set for at least one level");
        problems.push(("sets".to_owned(), text));
    }
    let takes = |field: &str| from.is_some() && fields.contains_key(field);
    let take = Take {
        agencies: takes("take-agencies"),
        participants: takes("take-participants"),
        readings: takes("take-readings"),
        assignments: takes("take-assignments"),
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Wanted { from, owner, year, title: text("title").to_owned(), period, days, sets, take })
}

fn preview(l: L, sets: &BTreeMap<String, CriteriaSet>, wanted: &Wanted, plan: &Plan) -> Preview {
    let named = |id: &String| sets.get(id).map_or_else(|| id.clone(), set_name);
    let levels = plan.levels.iter().map(|one| LevelView {
        name: level_title(l, &one.level),
        set: named(&one.set),
        units: one.units,
        before: one.before.as_ref().map(|(before, _)| named(before)),
        basis: match (&one.before, l.is_english()) {
            (Some((_, Basis::Same)), false) => "cùng một bộ chỉ số",
            (Some((_, Basis::Same)), true) => "the same set",
            (Some((_, Basis::Kept)), false) => "theo bảng đối chiếu đã được kiểm tra",
            (Some((_, Basis::Kept)), true) => "by a mapping that people checked",
            (Some((_, Basis::Proposed)), false) => "theo đề xuất của máy, cần đọc lại",
            (Some((_, Basis::Proposed)), true) => "by a mapping that the program proposes; read it again",
            (None, _) => "",
        },
        proposed: matches!(one.before, Some((_, Basis::Proposed))),
        lives_on: one.lives_on,
        ended: one.ended.clone(),
        new: one.new.clone(),
    });
    let told = |one: &Lost| (l.text(&one.what).to_owned(), one.at.clone(), l.text(&one.why).to_owned());
    Preview {
        levels: levels.collect(),
        taken: plan.taken.iter().map(|(what, count)| (l.text(what).to_owned(), *count)).collect(),
        lost: plan.lost.iter().take(LINES_MAX).map(told).collect(),
        more: plan.lost.len().saturating_sub(LINES_MAX),
        copied: wanted.from.is_some(),
        seen: plan.seen(),
    }
}

/// The page with these fields.
fn draw(
    app: &App,
    person: &Person,
    mut fields: Fields,
    problems: Vec<(String, Text)>,
    preview: Option<Preview>,
    notice: Option<Text>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let shell = Shell::new(app, Some(person), l, "/rounds/new", Section::Rounds, l.say("Lập kỳ mới", "New round"));
    let sets = app.sets();
    let state = app.store.state();
    let (owners, rounds) = scope(&state, person)?;
    let chosen = fields.get("owner").and_then(|owner| owner.parse::<UnitId>().ok());
    let levels = level_fields(&state, app, l, &sets, &mut fields, chosen.or(owners.first().copied()), today);
    let before = fields.get("from").and_then(|from| from.parse::<RoundId>().ok());
    let before = before.and_then(|id| state.rounds.get(&id)).map(|round| round.title.clone());
    let mut named: Vec<_> = owners.iter().filter_map(|id| state.tree.get(*id)).collect();
    named.sort_by_cached_key(|unit| sort_key(&unit.name));
    let value = |name: String| fields.get(&name).cloned().unwrap_or_default();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SetupPage {
        shell,
        problems: problems.iter().map(|(field, text)| (field.clone(), l.text(text).to_owned())).collect(),
        notice: notice.map(|text| l.text(&text).to_owned()),
        before,
        rounds: rounds.iter().filter_map(|id| Some((*id, state.rounds.get(id)?.title.clone()))).collect(),
        owners: named.into_iter().map(|unit| (unit.id, unit.name.clone(), chosen == Some(unit.id))).collect(),
        days: Phase::ALL
            .iter()
            .map(|phase| {
                let key = phase.key();
                let name = l.text(&phase.name()).to_owned();
                (key, name, value(format!("{key}-from")), value(format!("{key}-to")))
            })
            .collect(),
        levels,
        takes: TAKES
            .iter()
            .map(|(field, vi, en)| (*field, if l.is_english() { *en } else { *vi }, fields.contains_key(*field)))
            .collect(),
        preview,
        typed: fields,
    };
    drop(state);
    let mut response = html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// Which round to copy from; `none` for none.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    from: String,
}

/// `GET /rounds/new`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(_): OriginalUri,
    Query(asked): Query<From>,
) -> Result<Response, Failure> {
    let today = time::day_of(app.now());
    let fields = {
        let state = app.store.state();
        let (owners, rounds) = scope(&state, &person)?;
        let from = match asked.from.as_str() {
            "" => rounds.first().copied(),
            "none" => None,
            named => {
                let named = named.parse().map_err(|_| Failure::NotFound)?;
                Some(rounds.iter().find(|id| **id == named).copied().ok_or(Failure::NotFound)?)
            }
        };
        proposed(&state, person.l(), from.and_then(|id| state.rounds.get(&id)), &owners, today)
    };
    draw(&app, &person, fields, Vec::new(), None, None)
}

/// `POST /rounds/new`: looks at it first (`do=preview`), goes back to the form (`do=edit`), or makes it (`do=make`).
pub async fn make(State(app): State<App>, person: Person, Form(mut fields): Form<Fields>) -> Result<Response, Failure> {
    let now = app.now();
    let today = time::day_of(now);
    let (act, seen) = (fields.remove("do").unwrap_or_default(), fields.remove("seen").unwrap_or_default());
    let (sets, library) = (app.sets(), app.joined());
    let planned = {
        let state = app.store.state();
        scope(&state, &person)?;
        read(&state, &person, &fields).and_then(|wanted| {
            let plan = plan(&state, &library, &sets, &wanted, today).map_err(|problem| vec![problem])?;
            Ok((wanted, plan))
        })
    };
    if act == "edit" {
        return draw(&app, &person, fields, Vec::new(), None, None);
    }
    let (wanted, plan) = match planned {
        Ok(planned) => planned,
        Err(problems) => return draw(&app, &person, fields, problems, None, None),
    };
    let preview = preview(person.l(), &sets, &wanted, &plan);
    if act != "make" {
        return draw(&app, &person, fields, Vec::new(), Some(preview), None);
    }
    if seen != preview.seen {
        let text = Text::new(
            "Dữ liệu năm trước vừa thay đổi; hãy xem lại trước khi lập kỳ",
            "Last year's data changed meanwhile; look at it again before the round is made",
        );
        return draw(&app, &person, fields, Vec::new(), Some(preview), Some(text));
    }
    match app.store.change(Actor::Account(person.account), now, plan.command).await {
        Ok(done) => {
            let id = done.id.unwrap_or_default();
            Ok(Redirect::to(&format!("/rounds/{id}/settings?done")).into_response())
        }
        Err(Refusal::Invalid(wrong)) => {
            // The door names a phase's days as one field; here they are two.
            let field = |name: &str| match name.strip_prefix("days-") {
                Some(phase) => format!("{phase}-to"),
                None => name.to_owned(),
            };
            let problems = wrong.into_iter().map(|one| (field(&one.field), one.message)).collect();
            draw(&app, &person, fields, problems, None, None)
        }
        Err(refusal) => Err(refusal.into()),
    }
}
