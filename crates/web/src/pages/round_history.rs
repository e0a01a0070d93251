//! What was changed of a round, as the settings page tells it: when, by whom, what was before, what is since, and why.

use std::collections::{BTreeMap, BTreeSet};

use criteria::model::Grade;
use cycle::round::{Days, Round};
use cycle::{Phase, time};
use serde_json::Value as Json;
use store::State;
use store::records::Event;
use store::state::Level;

use crate::opened::actor_name;
use crate::view::{L, grading, level_name};

/// One change of a round.
pub struct Change {
    pub when: String,
    pub who: String,
    pub what: String,
    pub before: String,
    pub after: String,
    pub reason: String,
}

/// The changes of a round, in the order of the events.
pub fn changes(state: &State, l: L, round: &Round, levels: &[&Level], events: &[Event]) -> Vec<Change> {
    events.iter().map(|event| change(state, l, round, levels, event)).collect()
}

fn change(state: &State, l: L, round: &Round, levels: &[&Level], event: &Event) -> Change {
    let who = match event.actor {
        Some(account) => actor_name(state, round.owner, account, time::day_of(event.at)),
        None => l.say("người vận hành", "the operator").to_owned(),
    };
    let unit = event.unit.and_then(|unit| state.tree.get(unit)).map(|unit| unit.name.clone()).unwrap_or_default();
    let (before, after) = (&event.detail["before"], &event.detail["after"]);
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let (what, before, after) = match event.action.as_str() {
        "round.created" => {
            let named = |level: &Json| {
                let units = level["units"].as_u64().unwrap_or_default();
                let name = level["level"].as_str().unwrap_or_default();
                format!("{}: {} ({units})", level_name(l, name), text(&level["set"]))
            };
            let levels = event.detail["levels"].as_array().map(|levels| levels.iter().map(named).collect::<Vec<_>>());
            (l.say("lập kỳ", "set up").to_owned(), String::new(), levels.unwrap_or_default().join("; "))
        }
        "round.phase" => {
            let name = |value: &Json| {
                let phase = Phase::from_key(value.as_str().unwrap_or_default());
                phase.map(|phase| l.text(&phase.name()).to_owned()).unwrap_or_default()
            };
            (l.say("giai đoạn", "phase").to_owned(), name(before), name(after))
        }
        "round.days" => {
            let (was, is) = days(l, before, after);
            (l.say("ngày của các giai đoạn", "days of the phases").to_owned(), was, is)
        }
        "round.extended" => {
            let date = |value: &Json| {
                value.as_str().and_then(|day| day.parse().ok()).map(|day| l.date(&day)).unwrap_or_default()
            };
            let to = if after.is_null() { &event.detail["to"] } else { after };
            (format!("{} {unit}", l.say("gia hạn cho", "more time for")), date(before), date(to))
        }
        "round.exempted" => {
            let say = |value: &Json| match value.as_bool() {
                Some(true) => l.say("được miễn", "exempt"),
                Some(false) => l.say("áp dụng", "applies"),
                None => "",
            };
            let indicator = event.indicator.clone().unwrap_or_default();
            (format!("{unit}, {indicator}"), say(before).to_owned(), say(after).to_owned())
        }
        "round.participation" => {
            let say = |value: &Json| match value.as_bool() {
                Some(true) => l.say("tham gia", "takes part").to_owned(),
                _ => l.say("không tham gia", "does not take part").to_owned(),
            };
            (unit, say(before), say(after))
        }
        "round.appraisers" => {
            let (was, is) = agencies(state, l, before, after);
            (l.say("cơ quan thẩm định", "appraising agencies").to_owned(), was, is)
        }
        "round.described" => {
            let say = |value: &Json| {
                let period = serde_json::from_value::<Option<Days>>(value[1].clone()).ok().flatten();
                let period = period.map(|days| format!(", {} – {}", l.date(&days.from), l.date(&days.to)));
                format!("{}{}", text(&value[0]), period.unwrap_or_default())
            };
            (l.say("tên kỳ, thời gian số liệu", "title, period of the figures").to_owned(), say(before), say(after))
        }
        "round.reminded" => {
            let units = event.detail["units"].as_array().map_or(0, Vec::len);
            let people = event.detail["people"].as_u64().unwrap_or_default();
            let after = match l.is_english() {
                true => format!("{people} people of {units} units"),
                false => format!("{people} người của {units} đơn vị"),
            };
            (l.say("đôn đốc", "reminders").to_owned(), String::new(), after)
        }
        "round.published" => {
            let number = text(&event.detail["number"]);
            let after = match (event.detail["undecided"].as_u64(), l.is_english()) {
                (None, _) => number,
                (Some(count), true) => format!("{number}, {count} explanations undecided"),
                (Some(count), false) => format!("{number}, {count} giải trình chưa chốt"),
            };
            (l.say("công bố", "published").to_owned(), String::new(), after)
        }
        "round.figures" => {
            let key = event.detail["level"].as_str().unwrap_or_default();
            let own = levels.iter().find(|level| level.facts.level == key);
            let info = |id: &str| own?.program.round_slots.iter().find(|info| info.figure.id == id);
            let say = |of: &Json| {
                let one = |id: &str| {
                    let info = info(id);
                    let yes_no = info.is_some_and(|info| info.figure.kind == criteria::model::FigureKind::YesNo);
                    let value = match of[id].as_str() {
                        Some("yes") if yes_no => l.say("có", "yes"),
                        Some("no") if yes_no => l.say("không", "no"),
                        Some(value) if !value.is_empty() => value,
                        _ => l.say("chưa có", "none yet"),
                    };
                    format!("{}: {value}", info.map_or(id, |info| info.figure.label.as_str()))
                };
                differing(before, after).into_iter().map(one).collect::<Vec<_>>().join("; ")
            };
            let level = level_name(l, key);
            (format!("{} {level}", l.say("số liệu chung", "figures of the round")), say(before), say(after))
        }
        "round.grades" => {
            let say = |of: &Json| {
                let grades: Vec<Grade> = serde_json::from_value(of.clone()).unwrap_or_default();
                match grades.as_slice() {
                    [] => l.say("theo bộ chỉ số", "as the set has it").to_owned(),
                    grades => grading(l, grades),
                }
            };
            let level = level_name(l, event.detail["level"].as_str().unwrap_or_default());
            (format!("{} {level}", l.say("xếp loại", "grades")), say(before), say(after))
        }
        "level.reading" => {
            let (was, is) = readings(levels, before, after);
            let level = level_name(l, event.detail["level"].as_str().unwrap_or_default()).to_owned();
            (format!("{} {level}", l.say("cách hiểu", "readings")), was, is)
        }
        other => (other.to_owned(), String::new(), String::new()),
    };
    Change { when: l.instant(&event.at), who, what, before, after, reason: text(&event.detail["reason"]) }
}

/// The keys of two objects whose values differ.
fn differing<'j>(before: &'j Json, after: &'j Json) -> BTreeSet<&'j str> {
    let keys = |value: &'j Json| value.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    keys(before).chain(keys(after)).filter(|key| before[*key] != after[*key]).collect()
}

fn days(l: L, before: &Json, after: &Json) -> (String, String) {
    let say = |of: &Json| -> String {
        let mut said = Vec::new();
        for phase in Phase::ALL.iter().filter(|phase| differing(before, after).contains(phase.key())) {
            let days = serde_json::from_value::<Days>(of[phase.key()].clone()).ok();
            let days =
                days.map_or_else(|| "–".to_owned(), |days| format!("{} – {}", l.date(&days.from), l.date(&days.to)));
            said.push(format!("{}: {days}", l.text(&phase.name())));
        }
        said.join("; ")
    };
    (say(before), say(after))
}

/// Indicators by the agency that they had and that they got, so that a pillar given at once is one line.
fn agencies(state: &State, l: L, before: &Json, after: &Json) -> (String, String) {
    let say = |of: &Json| -> String {
        let mut by_agency: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for (indicator, code) in of.as_object().into_iter().flatten() {
            by_agency.entry(code.as_str()).or_default().push(match indicator.as_str() {
                "*" => l.say("các chỉ số còn lại", "all others"),
                id => id,
            });
        }
        let said = by_agency.into_iter().map(|(code, indicators)| {
            let name = code.map(|code| state.tree.by_code(code).map_or(code, |unit| unit.name.as_str()));
            format!("{}: {}", indicators.join(", "), name.unwrap_or("–"))
        });
        said.collect::<Vec<_>>().join("; ")
    };
    (say(before), say(after))
}

fn readings(levels: &[&Level], before: &Json, after: &Json) -> (String, String) {
    let all = || levels.iter().flat_map(|level| &level.program.set.head.readings);
    let say = |of: &Json| -> String {
        let said = differing(before, after).into_iter().map(|id| {
            let reading = all().find(|one| one.id == id);
            let asks = reading.map_or(id, |reading| reading.asks.as_str());
            let variant = of[id].as_str().unwrap_or("–");
            let label = reading.and_then(|one| one.variants.iter().find(|one| one.id == variant));
            format!("{asks} {}", label.map_or(variant, |label| label.label.as_str()))
        });
        said.collect::<Vec<_>>().join("; ")
    };
    (say(before), say(after))
}
