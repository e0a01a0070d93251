//! A round to be: what somebody asks for, what is taken over from the round before, and what could not be. One plan
//! serves the preview and the change itself, so that what was shown is what happens.

use std::collections::{BTreeMap, BTreeSet};

use criteria::date::Date;
use criteria::model::Grade;
use criteria::{CriteriaSet, Text};
use cycle::round::{Days, Exemption, Round};
use cycle::{Phase, PositionId, RoundId, UnitId};
use sha2::{Digest, Sha256};
use store::command::{AssignmentChange, Beginning, NewLevel};
use store::state::Level;
use store::{Command, State};

use crate::app::Library;
use crate::succession::{Basis, Succession, heir, in_year};

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The round to copy from.
    pub from: Option<RoundId>,
    /// The unit that runs it.
    pub owner: UnitId,
    /// The assessed year.
    pub year: i16,
    /// Its title.
    pub title: String,
    /// The days that its figures are about.
    pub period: Option<Days>,
    /// The phases' days.
    pub days: BTreeMap<Phase, Days>,
    /// The set of each level, by id.
    pub sets: BTreeMap<String, String>,
    /// What to take over.
    pub take: Take,
}

/// What to take over from the round before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Who appraises which indicator.
    pub agencies: bool,
    /// Who does not take part, and exemptions.
    pub participants: bool,
    /// Readings that were decided.
    pub readings: bool,
    /// Who does what, with own deadlines.
    pub assignments: bool,
}

/// Something that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What it was.
    pub what: Text,
    /// Where: an indicator, a reading, a unit.
    pub at: String,
    /// Why it could not.
    pub why: Text,
}

/// A level of the new round, as the preview tells it.
#[derive(Clone, Debug)]
pub struct LevelPlan {
    /// The level.
    pub level: String,
    /// The set.
    pub set: String,
    /// How many units take part.
    pub units: usize,
    /// The set before, and what the succession rests on.
    pub before: Option<(String, Basis)>,
    /// Indicators of the set before that live on.
    pub lives_on: usize,
    /// Indicators of the set before that ended: id and name.
    pub ended: Vec<(String, String)>,
    /// Indicators that are new: id and name.
    pub new: Vec<(String, String)>,
}

/// What a round to be comes to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The one change that makes it.
    pub command: Command,
    /// Its levels.
    pub levels: Vec<LevelPlan>,
    /// What is taken over: words and how many.
    pub taken: Vec<(Text, usize)>,
    /// What could not be.
    pub lost: Vec<Lost>,
}

impl Plan {
    /// What tells this plan from any other: whoever confirms names what was shown.
    pub fn seen(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{:?}{:?}{:?}{:?}", self.command, self.levels, self.taken, self.lost));
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A level with its sets.
struct Step<'a> {
    level: &'a str,
    set: &'a CriteriaSet,
    before: Option<(&'a Level, Succession)>,
}

/// The parts of a plan while it is made.
struct Making<'a> {
    state: &'a State,
    wanted: &'a Wanted,
    today: Date,
    lost: Vec<Lost>,
}

/// Says what a round to be comes to.
///
/// # Errors
/// The field that cannot be taken, and why.
pub fn plan(
    state: &State,
    library: &Library,
    sets: &BTreeMap<String, CriteriaSet>,
    wanted: &Wanted,
    today: Date,
) -> Result<Plan, (String, Text)> {
    let old = wanted.from.and_then(|from| state.rounds.get(&from));
    let mut steps = Vec::new();
    for (level, id) in &wanted.sets {
        let field = format!("set-{level}");
        let set = sets.get(id).filter(|set| set.head.level == *level).ok_or_else(|| {
            (
                field,
                Text::new(
                    format!("Không có bộ chỉ số “{id}” cho cấp này"),
                    format!("There is no set \"{id}\" for this level"),
                ),
            )
        })?;
        let before = old
            .and_then(|old| state.levels.values().find(|one| one.facts.round == old.id && one.facts.level == *level));
        let before = before.map(|before| (before, Succession::between(library, &before.program.set, set)));
        steps.push(Step { level, set, before });
    }
    if steps.is_empty() {
        let text = Text::new("Hãy chọn bộ chỉ số cho ít nhất một cấp", "Choose a set for at least one level");
        return Err(("sets".to_owned(), text));
    }
    let mut making = Making { state, wanted, today, lost: Vec::new() };
    let mut beginning = Beginning { from: wanted.from, period: wanted.period, ..Beginning::default() };
    let mut appraisers = BTreeMap::new();
    let mut picks: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    if let Some(old) = old {
        if wanted.take.participants {
            beginning.absent = making.absent(old);
            beginning.exemptions = making.exemptions(old, &steps);
        }
        if wanted.take.agencies {
            appraisers = making.agencies(old, &steps);
        }
        if wanted.take.readings {
            picks = steps.iter().map(|step| (step.level.to_owned(), making.readings(step))).collect();
            beginning.grades = grades(&steps);
        }
        if wanted.take.assignments {
            beginning.assignments = making.assignments(old, &steps, &beginning.absent);
        }
    }
    let own_due = |changes: &Vec<AssignmentChange>| changes.iter().filter(|one| one.due.is_some()).count();
    let taken = vec![
        (Text::new("chỉ số có cơ quan thẩm định riêng", "indicators with an agency of their own"), appraisers.len()),
        (Text::new("đơn vị không tham gia", "units that do not take part"), beginning.absent.len()),
        (Text::new("chỉ số được miễn cho một đơn vị", "exemptions of one unit"), beginning.exemptions.len()),
        (Text::new("cách hiểu đã chốt", "readings that were decided"), picks.values().map(BTreeMap::len).sum()),
        (Text::new("mức xếp loại", "grades"), beginning.grades.values().map(Vec::len).sum()),
        (
            Text::new("phân công chức danh – chỉ số", "assignments of positions to indicators"),
            beginning.assignments.values().map(Vec::len).sum(),
        ),
        (
            Text::new("hạn riêng của đơn vị", "own deadlines of units"),
            beginning.assignments.values().map(own_due).sum(),
        ),
    ];
    let levels = steps.iter().map(|step| making.level(step, &beginning.absent)).collect();
    let new_levels = steps
        .iter()
        .map(|step| NewLevel {
            level: step.level.to_owned(),
            set: step.set.head.id.clone(),
            files: library.sets.get(&step.set.head.id).cloned().unwrap_or_default(),
            picks: picks.remove(step.level).unwrap_or_default(),
            figures: BTreeMap::new(),
            units: None,
        })
        .collect();
    let command = Command::CreateRound {
        owner: wanted.owner,
        year: wanted.year,
        title: wanted.title.clone(),
        days: wanted.days.clone(),
        levels: new_levels,
        made_up: old.is_some_and(|old| old.settings.made_up),
        appraisers,
        beginning,
    };
    Ok(Plan { command, levels, taken, lost: making.lost })
}

/// The grades that the round before declared. Those of a set come with the set.
fn grades(steps: &[Step<'_>]) -> BTreeMap<String, Vec<Grade>> {
    let declared = |step: &Step<'_>| {
        let (before, _) = step.before.as_ref()?;
        let own = Some(before.facts.grades.clone()).filter(|own| !own.is_empty())?;
        Some((step.level.to_owned(), own))
    };
    steps.iter().filter_map(declared).collect()
}

fn ended() -> Text {
    Text::new("bộ chỉ số mới không có chỉ số nối tiếp", "no indicator of the new set follows it")
}

impl Making<'_> {
    fn lose(&mut self, what: Text, at: impl Into<String>, why: Text) {
        self.lost.push(Lost { what, at: at.into(), why });
    }

    /// The units of a level that exist and lie below the owner.
    fn units(&self, level: &str) -> Vec<UnitId> {
        let mut units = self.state.tree.descendants(self.wanted.owner);
        units.retain(|id| {
            self.state.tree.get(*id).is_some_and(|unit| unit.level == level && unit.exists_on(self.today))
        });
        units
    }

    fn level(&self, step: &Step<'_>, absent: &BTreeMap<UnitId, String>) -> LevelPlan {
        let units = self.units(step.level).iter().filter(|unit| !absent.contains_key(unit)).count();
        let name = |one: &criteria::model::Indicator| (one.id.clone(), one.name.clone());
        let mut plan = LevelPlan {
            level: step.level.to_owned(),
            set: step.set.head.id.clone(),
            units,
            before: None,
            lives_on: 0,
            ended: Vec::new(),
            new: Vec::new(),
        };
        if let Some((before, succession)) = &step.before {
            let old = &before.program.set;
            plan.before = Some((old.head.id.clone(), succession.basis));
            plan.ended = old.indicators().filter(|one| succession.of(&one.id).is_empty()).map(name).collect();
            plan.lives_on = old.indicators().count() - plan.ended.len();
            let reached = succession.reached();
            plan.new = step.set.indicators().filter(|one| !reached.contains(one.id.as_str())).map(name).collect();
        }
        plan
    }

    fn absent(&mut self, old: &Round) -> BTreeMap<UnitId, String> {
        let mut absent = BTreeMap::new();
        for (unit, reason) in &old.settings.absent {
            let Some(found) = self.state.tree.get(*unit) else { continue };
            if found.exists_on(self.today) {
                absent.insert(*unit, reason.clone());
            } else {
                let what = Text::new("không tham gia", "does not take part");
                self.lose(what, found.name.clone(), Text::new("đơn vị không còn", "the unit is no more"));
            }
        }
        absent
    }

    fn exemptions(&mut self, old: &Round, steps: &[Step<'_>]) -> Vec<Exemption> {
        let mut exemptions: Vec<Exemption> = Vec::new();
        for one in &old.settings.exemptions {
            let what = || Text::new("miễn chỉ số", "exemption");
            let Some(unit) = self.state.tree.get(one.unit) else { continue };
            let at = format!("{}, {}", unit.name, one.indicator);
            if !unit.exists_on(self.today) {
                // What did not apply to one of several that merged may well apply to what they became.
                self.lose(what(), at, Text::new("đơn vị không còn", "the unit is no more"));
                continue;
            }
            let step = steps.iter().find(|step| step.level == unit.level);
            let next = step.and_then(|step| step.before.as_ref()).map_or(&[][..], |(_, next)| next.of(&one.indicator));
            if next.is_empty() {
                self.lose(what(), at, ended());
            }
            for indicator in next {
                let known = exemptions.iter().any(|known| known.unit == one.unit && known.indicator == *indicator);
                if !known {
                    exemptions.push(Exemption { indicator: indicator.clone(), ..one.clone() });
                }
            }
        }
        exemptions
    }

    fn agencies(&mut self, old: &Round, steps: &[Step<'_>]) -> BTreeMap<String, String> {
        let mut appraisers: BTreeMap<String, String> = BTreeMap::new();
        for (indicator, code) in &old.settings.appraisers {
            let what = || Text::new("cơ quan thẩm định", "appraising agency");
            let found = self.state.tree.by_code(code).and_then(|unit| heir(self.state, unit.id, self.today));
            let Some(agency) = found.map(|unit| unit.code.clone()) else {
                self.lose(what(), indicator.clone(), Text::new("cơ quan không còn", "the agency is no more"));
                continue;
            };
            if indicator == "*" {
                appraisers.insert(indicator.clone(), agency);
                continue;
            }
            let next: BTreeSet<&String> = steps
                .iter()
                .filter_map(|step| step.before.as_ref())
                .flat_map(|(_, succession)| succession.of(indicator))
                .collect();
            if next.is_empty() {
                self.lose(what(), indicator.clone(), ended());
            }
            for indicator in next {
                let taken = appraisers.entry(indicator.clone()).or_insert_with(|| agency.clone());
                if *taken != agency {
                    let why = Text::new(
                        format!("gộp từ nhiều chỉ số có cơ quan khác nhau; giữ {taken}"),
                        format!("it follows indicators with different agencies; {taken} is kept"),
                    );
                    self.lose(what(), indicator.clone(), why);
                }
            }
        }
        appraisers
    }

    fn readings(&mut self, step: &Step<'_>) -> BTreeMap<String, String> {
        let mut picks = BTreeMap::new();
        let Some((before, _)) = &step.before else { return picks };
        for (reading, variant) in &before.facts.picks {
            let found = step.set.head.readings.iter().find(|one| one.id == *reading);
            match found {
                Some(found) if found.variants.iter().any(|one| one.id == *variant) => {
                    picks.insert(reading.clone(), variant.clone());
                }
                _ => {
                    let asks = before.program.set.head.readings.iter().find(|one| one.id == *reading);
                    let asks = asks.map_or_else(|| reading.clone(), |one| one.asks.clone());
                    let why = Text::new("bộ chỉ số mới không hỏi điều này", "the new set does not ask this");
                    self.lose(Text::new("cách hiểu", "reading"), asks, why);
                }
            }
        }
        picks
    }

    fn assignments(
        &mut self,
        old: &Round,
        steps: &[Step<'_>],
        absent: &BTreeMap<UnitId, String>,
    ) -> BTreeMap<UnitId, Vec<AssignmentChange>> {
        let years = self.wanted.year - old.year;
        let mut given = BTreeMap::new();
        for step in steps {
            let Some((_, succession)) = &step.before else { continue };
            // Indicators that ended, with the number of units where somebody had them.
            let mut without: BTreeMap<&str, usize> = BTreeMap::new();
            for unit in self.units(step.level).into_iter().filter(|unit| !absent.contains_key(unit)) {
                let Some(assigned) = self.state.assignments.get(&(old.id, unit)) else { continue };
                for (indicator, _) in
                    assigned.iter().filter(|(id, own)| !own.is_empty() && succession.of(id).is_empty())
                {
                    *without.entry(indicator).or_default() += 1;
                }
                let changes = follow(succession, assigned, years);
                if !changes.is_empty() {
                    given.insert(unit, changes);
                }
            }
            for (indicator, units) in without {
                let why = Text::new(
                    format!("không có chỉ số nối tiếp ({units} đơn vị đã giao)"),
                    format!("nothing follows it ({units} units had assigned it)"),
                );
                self.lose(Text::new("phân công", "assignment"), indicator, why);
            }
        }
        given
    }
}

/// A unit's assignments as they live on in another set, some years later.
pub fn follow(
    succession: &Succession,
    assigned: &BTreeMap<String, Vec<store::state::Assignment>>,
    years: i16,
) -> Vec<AssignmentChange> {
    // Several indicators may have become one: whoever led any of them leads it, by the earliest day.
    let mut merged: BTreeMap<(String, PositionId), (bool, Option<Date>)> = BTreeMap::new();
    for (indicator, assignments) in assigned {
        for next in succession.of(indicator) {
            for one in assignments {
                let due = one.due.map(|day| in_year(day, years));
                let known = merged.entry((next.clone(), one.position)).or_insert((one.leads, due));
                known.0 |= one.leads;
                known.1 = match (known.1, due) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
    }
    merged
        .into_iter()
        .map(|((indicator, position), (leads, due))| AssignmentChange { indicator, position, leads: Some(leads), due })
        .collect()
}
