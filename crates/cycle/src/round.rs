//! A round: one year's assessment of the units below its owner, level by level.

use std::collections::{BTreeMap, BTreeSet};

use criteria::date::Date;
use criteria::model::Grade;
use serde::{Deserialize, Serialize};

use crate::action::{EntryState, Phase};
use crate::division::{Share, whose};
use crate::entry::Entry;
use crate::id::{AccountId, LevelId, RoundId, UnitId};
use crate::time::{Standing, standing};

/// The days of a phase, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// A round (kỳ đánh giá).
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its identity.
    pub id: RoundId,
    /// The unit that runs it.
    pub owner: UnitId,
    /// The assessed year.
    pub year: i16,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub phase: Phase,
    /// The phases' days.
    pub days: BTreeMap<Phase, Days>,
    /// What else was decided.
    pub settings: Settings,
}

/// What a round's owner decided, beyond sets and phases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// More time for one unit, with the reason.
    pub extensions: Vec<Extension>,
    /// Indicators that do not apply to one unit, with the reason.
    pub exemptions: Vec<Exemption>,
    /// Units that do not take part, with the reason.
    pub absent: BTreeMap<UnitId, String>,
    /// Who appraises: the official code of a unit, by indicator; `*` for those not named.
    pub appraisers: BTreeMap<String, String>,
    /// The rounds of explanation, in order, each with its days; the days of the phase where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<Days>,
    /// How the people of an agency share its appraisal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub divisions: BTreeMap<UnitId, Vec<Share>>,
    /// Whether all units and figures are made up.
    pub made_up: bool,
    /// The days that the figures are about (thời gian lấy số liệu).
    pub period: Option<Days>,
    /// The round that it was copied from.
    pub copied_from: Option<RoundId>,
}

/// More time for one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// The unit.
    pub unit: UnitId,
    /// The new last day.
    pub to: Date,
    /// Why.
    pub reason: String,
    /// The day on which it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Date>,
}

/// An indicator that does not apply to one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exemption {
    /// The unit.
    pub unit: UnitId,
    /// The indicator.
    pub indicator: String,
    /// Why.
    pub reason: String,
}

/// One level of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundLevel {
    /// Its identity.
    pub id: LevelId,
    /// The round.
    pub round: RoundId,
    /// The level of the units.
    pub level: String,
    /// The content hash of its criteria set, which is kept as it was.
    pub set_hash: String,
    /// The answers to readings.
    pub picks: BTreeMap<String, String>,
    /// The figures of the round.
    pub figures: BTreeMap<String, String>,
    /// Grades, highest first, that take the place of the set's; none where the set's hold.
    pub grades: Vec<Grade>,
}

impl Round {
    /// The last day on which a unit may fill in: the collecting phase's, or its extension's.
    pub fn last_day(&self, unit: UnitId) -> Option<Date> {
        let phase = self.days.get(&Phase::Collecting).map(|days| days.to);
        phase.max(self.extensions_of(unit).map(|one| one.to).max())
    }

    /// Whether a unit's window is open on `today`.
    pub fn window_open(&self, unit: UnitId, today: Date) -> bool {
        let days = match self.phase {
            Phase::Collecting => return self.last_day(unit).is_none_or(|last| today <= last),
            Phase::Explaining if !self.settings.explanations.is_empty() => {
                return self.settings.explanations.iter().any(|days| days.from <= today && today <= days.to);
            }
            phase => self.days.get(&phase),
        };
        days.is_none_or(|days| today <= days.to)
    }

    /// The rounds of explanation with their days, in order.
    pub fn explanations(&self) -> Vec<Days> {
        match self.settings.explanations.as_slice() {
            [] => self.days.get(&Phase::Explaining).copied().into_iter().collect(),
            own => own.to_vec(),
        }
    }

    /// The number of the round of explanation that has begun last, from 1; 0 before the first.
    pub fn explanation_turn(&self, today: Date) -> usize {
        self.explanations().iter().filter(|days| days.from <= today).count()
    }

    /// The last day to explain of the round of explanation that is open, where it has one.
    pub fn explain_by(&self, today: Date) -> Option<Date> {
        let open = |days: &Days| today <= days.to && (self.settings.explanations.is_empty() || days.from <= today);
        let open = self.explanations().into_iter().filter(|_| self.phase == Phase::Explaining).filter(open);
        open.map(|days| days.to).max()
    }

    /// Whether the time to explain is over, which gives silence its meaning: whoever has not explained by then accepts the
    /// appraised points.
    pub fn explaining_is_over(&self, today: Date) -> bool {
        match self.phase {
            Phase::Draft | Phase::Collecting | Phase::Appraising => false,
            Phase::Explaining => self.explanations().last().is_some_and(|days| days.to < today),
            Phase::Deciding | Phase::Published => true,
        }
    }

    /// Whether the unit's silence means that it accepts what was appraised.
    pub fn is_silent(&self, entry: &Entry, today: Date) -> bool {
        entry.state == EntryState::Adjusted && self.explaining_is_over(today)
    }

    /// Who of an agency appraises an indicator of a unit, where its work was divided.
    pub fn appraiser(&self, agency: UnitId, unit: UnitId, level: LevelId, indicator: &str) -> Option<AccountId> {
        self.settings.divisions.get(&agency).and_then(|shares| whose(shares, unit, level, indicator))
    }

    /// The deadline of an indicator for a unit: the last of its days in the assessed year, the unit's own earlier
    /// day where it set one, a later one where it was given more time.
    pub fn due(&self, unit: UnitId, days: &[criteria::date::MonthDay], own: Option<Date>) -> Option<Date> {
        self.due_after(self.printed_due(days), own, self.extensions_of(unit))
    }

    /// The deadline of an indicator for every unit that has none of its own.
    pub fn printed_due(&self, days: &[criteria::date::MonthDay]) -> Option<Date> {
        let printed = days.iter().map(|day| day.in_year(self.year)).max();
        printed.or_else(|| self.days.get(&Phase::Collecting).map(|days| days.to))
    }

    /// How a unit was given more time, in the order in which it was.
    pub fn extensions_of(&self, unit: UnitId) -> impl Iterator<Item = &Extension> {
        self.settings.extensions.iter().filter(move |one| one.unit == unit)
    }

    /// A deadline from what it is made of: see [`Round::due`]. More time moves what was still ahead on the day it was given,
    /// and the round's own last day; what was missed before stays missed.
    pub fn due_after<'a>(
        &self,
        printed: Option<Date>,
        own: Option<Date>,
        extensions: impl Iterator<Item = &'a Extension>,
    ) -> Option<Date> {
        let mut due = match (printed, own) {
            (Some(printed), Some(own)) => printed.min(own),
            (printed, own) => printed.or(own)?,
        };
        let mut last = self.days.get(&Phase::Collecting).map(|days| days.to);
        for one in extensions {
            let ahead = one.given.is_none_or(|given| due >= given) || last.is_some_and(|last| due >= last);
            due = if ahead { due.max(one.to) } else { due };
            last = last.max(Some(one.to));
        }
        Some(due)
    }

    /// How an indicator's deadline stands; `None` where it has none.
    pub fn standing(&self, due: Option<Date>, done: Option<Date>, today: Date) -> Option<Standing> {
        due.map(|due| standing(due, done, today))
    }

    /// The official code of the unit that appraises an indicator.
    pub fn agency(&self, indicator: &str) -> Option<&str> {
        let appraisers = &self.settings.appraisers;
        appraisers.get(indicator).or_else(|| appraisers.get("*")).map(String::as_str)
    }

    /// The exemption of a unit from an indicator.
    pub fn exemption(&self, unit: UnitId, indicator: &str) -> Option<&Exemption> {
        self.settings.exemptions.iter().find(|one| one.unit == unit && one.indicator == indicator)
    }

    /// The units that do not take part.
    pub fn absent(&self) -> BTreeSet<UnitId> {
        self.settings.absent.keys().copied().collect()
    }
}

/// The phases of a year, as Decision 2263 has them: collecting until 31 October, then appraisal and explanation.
pub fn usual_days(year: i16) -> BTreeMap<Phase, Days> {
    let spans = [
        (Phase::Draft, (0, 1, 1), (0, 1, 31)),
        (Phase::Collecting, (0, 2, 1), (0, 10, 31)),
        (Phase::Appraising, (0, 11, 1), (0, 11, 30)),
        (Phase::Explaining, (0, 12, 1), (0, 12, 20)),
        (Phase::Deciding, (0, 12, 21), (1, 1, 10)),
        (Phase::Published, (1, 1, 11), (1, 1, 31)),
    ];
    let day = |(later, month, day): (i16, i8, i8)| Date::new(year.saturating_add(later), month, day);
    spans
        .into_iter()
        .filter_map(|(phase, from, to)| Some((phase, Days { from: day(from).ok()?, to: day(to).ok()? })))
        .collect()
}

#[cfg(test)]
mod tests {
    use criteria::date::MonthDay;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day of this test")
    }

    fn round() -> Round {
        Round {
            id: RoundId(1),
            owner: UnitId(1),
            year: 2023,
            title: "Kỳ mẫu".to_owned(),
            phase: Phase::Collecting,
            days: BTreeMap::from([(Phase::Collecting, Days { from: day("2023-04-01"), to: day("2023-10-31") })]),
            settings: Settings::default(),
        }
    }

    #[test]
    fn the_window_closes_after_the_last_day_and_an_extension_holds_it_open_for_one_unit() {
        let mut round = round();
        assert!(round.window_open(UnitId(2), day("2023-10-31")));
        assert!(!round.window_open(UnitId(2), day("2023-11-01")));
        let extension = Extension { unit: UnitId(2), to: day("2023-11-10"), reason: "lũ".to_owned(), given: None };
        round.settings.extensions.push(extension);
        assert!(round.window_open(UnitId(2), day("2023-11-10")));
        assert!(!round.window_open(UnitId(3), day("2023-11-01")));
    }

    #[test]
    fn a_difference_can_be_explained_until_the_last_day_of_the_round_of_explanation_that_is_open() {
        let mut round = round();
        let days = |from: &str, to: &str| Days { from: day(from), to: day(to) };
        round.days.insert(Phase::Explaining, days("2023-12-01", "2023-12-20"));
        assert_eq!(round.explain_by(day("2023-12-05")), None, "nobody explains before the phase");
        round.phase = Phase::Explaining;
        assert_eq!(round.explain_by(day("2023-12-20")), Some(day("2023-12-20")));
        assert_eq!(round.explain_by(day("2023-12-21")), None);
        round.settings.explanations = vec![days("2023-12-01", "2023-12-10"), days("2023-12-15", "2023-12-18")];
        assert_eq!(round.explain_by(day("2023-12-10")), Some(day("2023-12-10")));
        assert_eq!(round.explain_by(day("2023-12-12")), None, "between two rounds of explanation");
        assert_eq!(round.explain_by(day("2023-12-15")), Some(day("2023-12-18")));
    }

    #[test]
    fn an_own_deadline_can_only_be_earlier_and_an_extension_moves_it() {
        let round = round();
        let printed = [MonthDay::parse("09-30").expect("a day")];
        assert_eq!(round.due(UnitId(2), &printed, None), Some(day("2023-09-30")));
        assert_eq!(round.due(UnitId(2), &printed, Some(day("2023-09-15"))), Some(day("2023-09-15")));
        assert_eq!(round.due(UnitId(2), &printed, Some(day("2023-12-15"))), Some(day("2023-09-30")));
        assert_eq!(round.due(UnitId(2), &[], None), Some(day("2023-10-31")));
    }

    #[test]
    fn more_time_moves_what_was_still_ahead_and_the_last_day_of_the_round() {
        let mut round = round();
        let extension = |to: &str, given: &str| {
            let (to, given) = (day(to), Some(day(given)));
            Extension { unit: UnitId(2), to, reason: "lũ".to_owned(), given }
        };
        round.settings.extensions = vec![extension("2023-11-10", "2023-11-02"), extension("2023-11-20", "2023-11-12")];
        let printed = |at: &str| [MonthDay::parse(at).expect("a day")];
        let due = |at: &str| round.due(UnitId(2), &printed(at), None);
        assert_eq!(due("03-31"), Some(day("2023-03-31")), "what was missed before stays missed");
        assert_eq!(due("10-31"), Some(day("2023-11-20")), "the last day moves, also when it has just passed");
        assert_eq!(due("12-15"), Some(day("2023-12-15")));
        assert_eq!(round.due(UnitId(3), &printed("10-31"), None), Some(day("2023-10-31")));
        round.settings.extensions = vec![extension("2023-11-10", "2023-09-01")];
        assert_eq!(round.due(UnitId(2), &printed("09-30"), None), Some(day("2023-11-10")), "it was ahead");
        assert_eq!(round.due(UnitId(2), &printed("08-31"), None), Some(day("2023-08-31")));
    }
}
