//! What the daily notice tells of differences: who may explain one, and until when; who is to answer; and what came of a
//! sheet. What was done since the last notice comes from the log, so that a day on which the program stood still is made
//! up for.

use std::collections::{BTreeMap, BTreeSet};

use criteria::date::Date;
use cycle::action::EntryState;
use cycle::{AccountId, AssessmentId, Capability, Phase, RoundId, UnitId, time};
use jiff::Timestamp;
use store::State;
use store::state::Assessment;

use super::{Item, Told, Why};
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;

/// What people are told of the day after it was done.
const TOLD_OF: [&str; 6] =
    ["entry.explained", "entry.kept", "entry.accepted", "entry.adjusted", "sheet.unlocked", "round.published"];

/// Whether a last day so many days ahead asks for another reminder.
const fn is_near(days: i32) -> bool {
    matches!(days, 3 | 1 | 0)
}

/// Those who lead in a unit what is explained and signed off: its focal points and its head.
fn heads(state: &State, unit: UnitId, today: Date) -> Vec<AccountId> {
    let leads = |capability| matches!(capability, &Capability::FillAny | &Capability::Submit);
    let positions = state.positions_of(unit).into_iter().filter(|one| one.capabilities.iter().any(leads));
    positions.flat_map(|one| state.holders(one.id, today)).map(|account| account.id).collect()
}

/// The heads, and who leads an indicator or works on it.
fn concerned(state: &State, row: &Assessment, indicator: &str, today: Date) -> BTreeSet<AccountId> {
    let assigned = state.assigned(row.round, row.unit, indicator);
    let people = assigned.iter().flat_map(|one| state.holders(one.position, today)).map(|account| account.id);
    people.chain(heads(state, row.unit, today)).collect()
}

/// Puts down what is to be told of what was done after `since` and no later than `now`.
pub(super) async fn gather(app: &App, since: Timestamp, now: Timestamp, told: &mut Told) -> Result<(), Failure> {
    let today = time::day_of(now);
    let began = begun(app).await?;
    for id in due(app, &began, since, now) {
        let opened = match Opened::unchecked(app, id).await {
            Ok(opened) => opened,
            Err(Failure::NotFound) => continue,
            Err(failure) => return Err(failure),
        };
        differences(app, &opened, told);
    }
    let events = app.store.happened(&TOLD_OF, since, now).await?;
    // Once for each entry and kind, however often it was done.
    let mut seen = BTreeSet::new();
    let mut published = BTreeSet::new();
    for event in events {
        match (event.action.as_str(), event.assessment) {
            ("round.published", _) => published.extend(event.detail["id"].as_i64()),
            (action, Some(sheet)) => {
                let after = |round: RoundId| began.get(&round).is_some_and(|begun| *begun < event.at);
                let new = seen.insert((sheet, event.indicator.clone(), action.to_owned()));
                if new {
                    let reason = event.detail["reason"].as_str().map(str::to_owned);
                    of_sheet(app, sheet, action, event.indicator.as_deref(), reason, after, today, told);
                }
            }
            _ => {}
        }
    }
    if !published.is_empty() {
        let rounds: BTreeSet<RoundId> = app
            .store
            .publications()
            .await?
            .into_iter()
            .filter(|one| published.contains(&one.id))
            .map(|one| one.round)
            .collect();
        results(&app.store.state(), &rounds, today, told);
    }
    Ok(())
}

/// When explaining began in each round that is in that phase.
async fn begun(app: &App) -> Result<BTreeMap<RoundId, Timestamp>, Failure> {
    let rounds: Vec<RoundId> = {
        let state = app.store.state();
        state.rounds.values().filter(|round| round.phase == Phase::Explaining).map(|round| round.id).collect()
    };
    let mut begun = BTreeMap::new();
    for round in rounds {
        let history = app.store.round_history(round).await?;
        let last = history.iter().find(|event| event.action == "round.phase");
        begun.insert(round, last.map_or(Timestamp::MIN, |event| event.at));
    }
    Ok(begun)
}

/// The sheets with a difference in the rounds whose time to explain began since then, or is soon over.
fn due(app: &App, began: &BTreeMap<RoundId, Timestamp>, since: Timestamp, now: Timestamp) -> Vec<AssessmentId> {
    let today = time::day_of(now);
    let state = app.store.state();
    let asks = |round: RoundId| {
        let (Some(round), Some(begun)) = (state.rounds.get(&round), began.get(&round)) else { return false };
        let turn = round.explanations().into_iter().rfind(|days| days.from <= today && today <= days.to);
        let opened = turn.map_or(*begun, |days| time::start_of(days.from).max(*begun));
        let open = round.explanations().is_empty() || round.explain_by(today).is_some();
        let near = round.explain_by(today).is_some_and(|last| is_near(time::days_between(today, last)));
        open && ((since < opened && opened <= now) || near)
    };
    let rounds: BTreeSet<RoundId> = began.keys().copied().filter(|round| asks(*round)).collect();
    let differs = |row: &&Assessment| row.marks.iter().any(|mark| mark.applies && mark.state == EntryState::Adjusted);
    let rows = state.assessments.values().filter(|row| rounds.contains(&row.round)).filter(differs);
    let mut found: Vec<_> = rows.map(|row| row.id).collect();
    found.sort_unstable();
    found
}

/// Puts a sheet's differences that nobody explained down with those who may.
fn differences(app: &App, opened: &Opened, told: &mut Told) {
    let state = app.store.state();
    let by = opened.round.explain_by(opened.today);
    for (indicator, entry, _) in opened.rows() {
        let Some(cut) = entry.cut().filter(|_| entry.state == EntryState::Adjusted) else { continue };
        let item = Item {
            unit: opened.unit.name.clone(),
            indicator: indicator.id.clone(),
            name: indicator.name.clone(),
            cut: Some(cut),
            reason: entry.appraised.as_ref().map(|verdict| verdict.reason.clone()),
            path: format!("/sheets/{}/entries/{}", opened.sheet.id, indicator.id),
        };
        for account in concerned(&state, &opened.row, &indicator.id, opened.today) {
            told.entry(account).or_default().entry(Why::Explain(by)).or_default().push(item.clone());
        }
    }
}

/// Puts down what was done to a sheet with those whom it concerns.
#[expect(clippy::too_many_arguments, reason = "an event's parts, and only here")]
fn of_sheet(
    app: &App,
    sheet: AssessmentId,
    action: &str,
    indicator: Option<&str>,
    reason: Option<String>,
    after_begun: impl Fn(RoundId) -> bool,
    today: Date,
    told: &mut Told,
) {
    let state = app.store.state();
    let Some(row) = state.assessments.get(&sheet) else { return };
    let (Ok(round), Ok(level), Some(unit)) = (state.round_of(row), state.level_of(row), state.tree.get(row.unit))
    else {
        return;
    };
    let place = indicator.and_then(|id| level.program.indicator_index(id));
    let stands = place.and_then(|place| row.marks.iter().nth(place)).map(|mark| mark.state);
    let named = |path: String, reason: Option<String>| {
        let found = place.and_then(|place| level.program.set.indicators().nth(place));
        Item {
            unit: unit.name.clone(),
            indicator: indicator.unwrap_or_default().to_owned(),
            name: found.map_or_else(|| round.title.clone(), |one| one.name.clone()),
            cut: None,
            reason,
            path,
        }
    };
    let (why, people, item): (_, BTreeSet<AccountId>, _) = match (action, indicator) {
        ("entry.explained", Some(id)) if stands == Some(EntryState::Explained) && round.phase == Phase::Explaining => {
            let agency = state.agency(round, id);
            let people = state.appraisers_of(agency, today).into_iter().map(|account| account.id);
            let whose = round.appraiser(agency, unit.id, row.level, id);
            let people = people.filter(|one| whose.is_none_or(|whose| whose == *one));
            // Nobody appraises the own unit.
            let own = |account: &AccountId| state.authority(*account, today).units.contains(&unit.id);
            let people = people.filter(|one| !own(one)).collect();
            (Why::Waiting, people, named(format!("/appraise/{}/{id}?unit={sheet}", row.level), None))
        }
        ("entry.kept" | "entry.accepted" | "entry.adjusted", Some(id))
            if matches!(stands, Some(EntryState::Answered | EntryState::Accepted)) && after_begun(round.id) =>
        {
            let path = format!("/sheets/{sheet}/entries/{id}");
            (Why::Answered, concerned(&state, row, id, today), named(path, reason))
        }
        // What is cut only now is told at once.
        ("entry.adjusted", Some(id)) if stands == Some(EntryState::Adjusted) && after_begun(round.id) => {
            let path = format!("/sheets/{sheet}/entries/{id}");
            (Why::Explain(round.explain_by(today)), concerned(&state, row, id, today), named(path, reason))
        }
        ("sheet.unlocked", None) if round.phase == Phase::Collecting => (
            Why::Unlocked,
            heads(&state, unit.id, today).into_iter().collect(),
            named(format!("/sheets/{sheet}"), reason),
        ),
        _ => return,
    };
    for account in people {
        let items = told.entry(account).or_default().entry(why).or_default();
        if items.iter().all(|one| one.path != item.path) {
            items.push(item.clone());
        }
    }
}

/// Tells the people of every unit of these rounds that the results are out; one line for a sheet.
fn results(state: &State, rounds: &BTreeSet<RoundId>, today: Date, told: &mut Told) {
    for row in state.assessments.values().filter(|row| rounds.contains(&row.round)) {
        let (Ok(round), Some(unit)) = (state.round_of(row), state.tree.get(row.unit)) else { continue };
        let item = Item {
            unit: unit.name.clone(),
            indicator: String::new(),
            name: round.title.clone(),
            cut: None,
            reason: None,
            path: format!("/sheets/{}", row.id),
        };
        for account in heads(state, row.unit, today).into_iter().collect::<BTreeSet<_>>() {
            told.entry(account).or_default().entry(Why::Published).or_default().push(item.clone());
        }
    }
}
