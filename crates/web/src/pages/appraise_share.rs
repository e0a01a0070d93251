//! An agency's work among its people: who has what, how far everybody is and at which pace, and the reasons it gives again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use cycle::division::{Share, evenly};
use cycle::round::Round;
use cycle::{AccountId, Capability, EntryState, LevelId, RoundId, Sheet, UnitId, time};
use store::records::KeptReason;
use store::state::Assessment;
use store::{Actor, Command};

use super::appraise_list::is_appraised;
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, level_title};

struct PersonRow {
    account: AccountId,
    name: String,
    me: bool,
    units: usize,
    indicators: usize,
    waiting: usize,
    done: usize,
    today: usize,
    pace: String,
}

struct UnitRow {
    unit: UnitId,
    name: String,
    waiting: usize,
    whose: String,
}

struct IndicatorRow {
    key: String,
    id: String,
    name: String,
    waiting: usize,
    whose: String,
}

#[derive(Template)]
#[template(path = "appraise_share.html")]
struct SharePage {
    shell: Shell,
    round: String,
    lede: String,
    people: Vec<PersonRow>,
    nobody: usize,
    units: Vec<UnitRow>,
    indicators: Vec<(String, Vec<IndicatorRow>)>,
    reasons: Vec<KeptReason>,
    divided: bool,
}

/// One entry that the agency appraises.
pub(crate) struct Task {
    /// The unit.
    pub unit: UnitId,
    /// The level.
    pub level: LevelId,
    /// The indicator.
    pub indicator: String,
    /// Whether it waits for a verdict.
    pub waits: bool,
    /// Who appraised it, and when.
    pub done_by: Option<(AccountId, jiff::Timestamp)>,
}

/// The work dealt out evenly by unit.
pub(crate) fn by_unit(people: &[AccountId], tasks: &[Task]) -> Vec<Share> {
    let mut weights: BTreeMap<UnitId, usize> = BTreeMap::new();
    tasks.iter().for_each(|task| *weights.entry(task.unit).or_default() += usize::from(task.waits));
    let dealt = evenly(people, &weights.into_iter().collect::<Vec<_>>());
    dealt.into_iter().map(|(account, units)| Share { units, ..Share::none(account) }).collect()
}

/// The work dealt out evenly by indicator.
pub(crate) fn by_indicator(people: &[AccountId], tasks: &[Task]) -> Vec<Share> {
    let mut weights: BTreeMap<(LevelId, String), usize> = BTreeMap::new();
    for task in tasks {
        *weights.entry((task.level, task.indicator.clone())).or_default() += usize::from(task.waits);
    }
    let dealt = evenly(people, &weights.into_iter().collect::<Vec<_>>());
    dealt.into_iter().map(|(account, indicators)| Share { indicators, ..Share::none(account) }).collect()
}

/// The agency that a person appraises for, and the round.
pub(crate) fn agency(app: &App, person: &Person, id: RoundId) -> Result<(UnitId, Round), Failure> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?.clone();
    let own = person.authority.units.iter().copied().find(|unit| person.may(&state, Capability::Appraise, *unit));
    Ok((own.ok_or(Failure::NotFound)?, round))
}

pub(crate) async fn tasks(app: &App, agency: UnitId, round: &Round) -> Result<Vec<Task>, Failure> {
    let (rows, own) = {
        let state = app.store.state();
        let others = state.assessments.values().filter(|one| one.round == round.id && one.unit != agency);
        let rows: Vec<_> = others.cloned().collect();
        let levels = state.levels.values().filter(|level| level.facts.round == round.id);
        let own: BTreeMap<LevelId, Vec<bool>> = levels
            .map(|level| {
                let ids = level.program.set.indicators().map(|one| state.agency(round, &one.id) == agency);
                (level.facts.id, ids.collect())
            })
            .collect();
        (rows, own)
    };
    let mut tasks = Vec::new();
    let each = |some: Vec<(Assessment, Arc<Sheet>)>| {
        for (row, sheet) in some {
            let Some(own) = own.get(&row.level) else { continue };
            for (entry, _) in sheet.entries.iter().zip(own).filter(|(_, own)| **own) {
                let done = is_appraised(entry.state) && entry.state != EntryState::Explained;
                tasks.push(Task {
                    unit: row.unit,
                    level: row.level,
                    indicator: entry.indicator.clone(),
                    waits: matches!(entry.state, EntryState::Submitted | EntryState::Explained),
                    done_by: entry.appraised.as_ref().filter(|_| done).map(|verdict| (verdict.by, verdict.at)),
                });
            }
        }
    };
    app.store.each_score(rows, each).await?;
    let state = app.store.state();
    tasks.sort_by_cached_key(|task| state.tree.get(task.unit).map(|unit| unit.code.clone()));
    Ok(tasks)
}

/// `GET /appraise/division/ROUND`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let (agency, round) = agency(&app, &person, id)?;
    let tasks = tasks(&app, agency, &round).await?;
    let reasons = app.store.reasons(agency).await?;
    let today = time::day_of(app.now());
    let state = app.store.state();
    let shares = round.settings.divisions.get(&agency).cloned().unwrap_or_default();
    let whose = |task: &Task| cycle::division::whose(&shares, task.unit, task.level, &task.indicator);
    let name = |account: AccountId| state.accounts.get(&account).map(|one| one.name.clone()).unwrap_or_default();
    let mut waiting: BTreeMap<Option<AccountId>, usize> = BTreeMap::new();
    let mut by_unit: BTreeMap<UnitId, usize> = BTreeMap::new();
    let mut by_indicator: BTreeMap<(LevelId, &str), usize> = BTreeMap::new();
    for task in &tasks {
        let count = usize::from(task.waits);
        *waiting.entry(whose(task)).or_default() += count;
        *by_unit.entry(task.unit).or_default() += count;
        *by_indicator.entry((task.level, &task.indicator)).or_default() += count;
    }
    let people = state
        .appraisers_of(agency, today)
        .into_iter()
        .map(|account| {
            let share = shares.iter().find(|share| share.account == account.id);
            let own: Vec<jiff::Timestamp> = tasks
                .iter()
                .filter_map(|task| task.done_by.filter(|(by, _)| *by == account.id).map(|(_, at)| at))
                .collect();
            let of_today: Vec<_> = own.iter().filter(|at| time::day_of(**at) == today).collect();
            // Hours in which something was appraised: a pace is what one does while one does it.
            let hours: BTreeSet<i64> = own.iter().map(|at| at.as_second() / 3_600).collect();
            PersonRow {
                account: account.id,
                name: account.name.clone(),
                me: account.id == person.account,
                units: share.map_or(0, |share| share.units.len()),
                indicators: share.map_or(0, |share| share.indicators.len()),
                waiting: waiting.get(&Some(account.id)).copied().unwrap_or(0),
                done: own.len(),
                today: of_today.len(),
                pace: match own.len().checked_div(hours.len()) {
                    Some(pace) if l.is_english() => format!("{pace} an hour"),
                    Some(pace) => format!("{pace} một giờ"),
                    None => "–".to_owned(),
                },
            }
        })
        .collect();
    let units = by_unit
        .iter()
        .filter_map(|(unit, waiting)| {
            let share = shares.iter().find(|share| share.units.contains(unit));
            Some(UnitRow {
                unit: *unit,
                name: state.tree.get(*unit)?.name.clone(),
                waiting: *waiting,
                whose: share.map(|share| name(share.account)).unwrap_or_default(),
            })
        })
        .collect();
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let indicators = levels
        .iter()
        .map(|level| {
            let rows = level.program.set.indicators().filter_map(|indicator| {
                let waiting = *by_indicator.get(&(level.facts.id, indicator.id.as_str()))?;
                let key = (level.facts.id, indicator.id.clone());
                let share = shares.iter().find(|share| share.indicators.contains(&key));
                Some(IndicatorRow {
                    key: format!("{}~{}", level.facts.id, indicator.id),
                    id: indicator.id.clone(),
                    name: indicator.name.clone(),
                    waiting,
                    whose: share.map(|share| name(share.account)).unwrap_or_default(),
                })
            });
            (level_title(l, &level.facts.level), rows.collect::<Vec<_>>())
        })
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let (done, all) = (tasks.iter().filter(|task| task.done_by.is_some()).count(), tasks.len());
    let open = tasks.iter().filter(|task| task.waits).count();
    let lede = match l.is_english() {
        true => format!("{} of {} appraised, {} wait.", l.count(done), l.count(all), l.count(open)),
        false => format!("Đã xét {} trên {}, còn chờ {}.", l.count(done), l.count(all), l.count(open)),
    };
    let title = l.say("Chia việc thẩm định", "Dividing the appraisal");
    let nobody = waiting.get(&None).copied().unwrap_or(0);
    drop(state);
    html(&SharePage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Appraise, title),
        round: round.title.clone(),
        lede,
        people,
        nobody,
        units,
        indicators,
        reasons,
        divided: !shares.is_empty(),
    })
}

/// `POST /appraise/division/ROUND`: deals evenly, gives, takes everything back, or drops a reason.
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let (agency, round) = agency(&app, &person, id)?;
    let mut shares = round.settings.divisions.get(&agency).cloned().unwrap_or_default();
    let accounts = form.keys().filter_map(|name| name.strip_prefix("p-")?.parse::<AccountId>().ok());
    let mut people: Vec<AccountId> = accounts.collect();
    people.sort_unstable();
    let what = form.get("do").map_or("", String::as_str);
    let command = match what {
        "drop" => Command::DropReason { agency, mark: form.get("mark").cloned().unwrap_or_default() },
        "clear" => Command::Divide { round: id, agency, shares: Vec::new() },
        "by-unit" | "by-indicator" => {
            if people.is_empty() {
                return Err(Failure::Invalid(criteria::Text::new(
                    "Hãy chọn ít nhất một người để chia việc",
                    "Choose at least one person to divide the work among",
                )));
            }
            let tasks = tasks(&app, agency, &round).await?;
            let shares = if what == "by-unit" { by_unit(&people, &tasks) } else { by_indicator(&people, &tasks) };
            Command::Divide { round: id, agency, shares }
        }
        "give" => {
            let account = form.get("to").and_then(|to| to.parse::<AccountId>().ok());
            let units: BTreeSet<UnitId> =
                form.keys().filter_map(|name| name.strip_prefix("u-")?.parse().ok()).collect();
            let indicators: BTreeSet<(LevelId, String)> = form
                .keys()
                .filter_map(|name| {
                    let (level, indicator) = name.strip_prefix("i-")?.split_once('~')?;
                    Some((level.parse().ok()?, indicator.to_owned()))
                })
                .collect();
            for share in &mut shares {
                share.units.retain(|unit| !units.contains(unit));
                share.indicators.retain(|indicator| !indicators.contains(indicator));
            }
            if let Some(account) = account {
                if !shares.iter().any(|share| share.account == account) {
                    shares.push(Share::none(account));
                }
                if let Some(share) = shares.iter_mut().find(|share| share.account == account) {
                    share.units.extend(units);
                    share.indicators.extend(indicators);
                }
            }
            Command::Divide { round: id, agency, shares }
        }
        _ => return Err(Failure::NotFound),
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/appraise/division/{id}")).into_response())
}
