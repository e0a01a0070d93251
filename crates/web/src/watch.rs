//! What somebody watches of a round: which sheets, counted over which indicators, in which order. One selection serves
//! the monitor, the lists of who is late, what is exported, and reminders, so that all speak of the same units.

use criteria::collation::sort_key;
use criteria::date::Date;
use cycle::action::SheetState;
use cycle::round::Round;
use cycle::{LevelId, Phase, Unit, UnitId, time};
use scoring::notation::fold;
use serde::Deserialize;
use store::State;
use store::state::{Assessment, Late, Level};

use crate::person::Person;

/// Below this share of completed indicators, in percent, a unit is slow.
pub const SLOW_PERCENT: u32 = 40;

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filter {
    /// The level; the one with most sheets where none is named.
    #[serde(default)]
    pub level: String,
    /// Letters of a unit's name or its code, marks aside.
    #[serde(default)]
    pub find: String,
    /// Which units: one of [`SHOWS`].
    #[serde(default)]
    pub show: String,
    /// What stands in the cells.
    #[serde(default)]
    pub of: String,
    /// Only indicators that the unit with this code appraises.
    #[serde(default)]
    pub agency: String,
    /// Only indicators of the pillar with this number.
    #[serde(default)]
    pub pillar: String,
    /// The order: slowest first, `name`, `late`, `code`.
    #[serde(default)]
    pub sort: String,
    /// Which page of the units; see [`crate::paging`].
    #[serde(default)]
    pub page: String,
}

/// Which units can be asked for: key, in Vietnamese, in English.
pub const SHOWS: [(&str, &str, &str); 7] = [
    ("", "tất cả", "all"),
    ("open", "chưa nộp", "not submitted"),
    ("untouched", "chưa bắt đầu", "not begun"),
    ("late", "có chỉ số trễ hạn", "with late indicators"),
    ("behind", "chậm hơn thời gian đã qua", "behind the time gone"),
    ("slow", "xong dưới 40 %", "under 40 %"),
    ("submitted", "đã nộp", "submitted"),
];

/// The orders: key, in Vietnamese, in English.
pub const SORTS: [(&str, &str, &str); 4] = [
    ("", "chậm nhất trước", "slowest first"),
    ("late", "trễ nhiều nhất trước", "most late first"),
    ("name", "tên đơn vị", "name"),
    ("code", "mã đơn vị", "code"),
];

impl Filter {
    /// As it stands behind the question mark of an address, with what is added.
    pub fn query(&self, more: &[(&str, &str)]) -> String {
        let own = [
            ("level", self.level.as_str()),
            ("find", &self.find),
            ("show", &self.show),
            ("of", &self.of),
            ("agency", &self.agency),
            ("pillar", &self.pillar),
            ("sort", &self.sort),
        ];
        let named = own.iter().chain(more).filter(|(_, value)| !value.is_empty());
        named.map(|(key, value)| format!("{key}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }
}

/// A value as it may stand in an address.
pub fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A unit of the selection.
pub struct Line<'s> {
    /// How its sheet stands.
    pub row: &'s Assessment,
    /// The unit.
    pub unit: &'s Unit,
    /// Indicators of the selection that the unit finished.
    pub done: u32,
    /// Indicators of the selection that apply to it.
    pub count: u32,
    /// Indicators of the selection whose deadline passed.
    pub late: Vec<Late>,
    /// The same counts by pillar, in the order of [`Watched::pillars`].
    pub pillars: Vec<(u32, u32)>,
}

impl Line<'_> {
    /// The share that is done, in percent.
    pub fn percent(&self) -> u32 {
        self.done * 100 / self.count.max(1)
    }

    /// Whether anybody has begun the sheet.
    pub fn has_begun(&self) -> bool {
        self.row.marks.has_begun()
    }
}

/// A level of a round as somebody watches it.
pub struct Watched<'s> {
    /// The round.
    pub round: &'s Round,
    /// The level.
    pub level: &'s Level,
    /// The levels with sheets that one may read, by age.
    pub levels: Vec<&'s Level>,
    /// The places in the set of the pillars that have an indicator of the selection.
    pub pillars: Vec<usize>,
    /// All units of the level that one may read, in the order asked for.
    pub all: Vec<Line<'s>>,
    /// How much of the collecting phase is gone, in percent.
    pub gone: u32,
    filter: Filter,
}

/// The sheets of a round that a person reads, the levels that they are of, and the one that is asked for, else the one with
/// most of them.
fn chosen<'s>(
    state: &'s State,
    person: &Person,
    round: &Round,
    filter: &Filter,
) -> Option<(Vec<&'s Assessment>, Vec<&'s Level>, &'s Level)> {
    let own = |one: &&Assessment| one.round == round.id && person.may_read(state, one.unit);
    let readable: Vec<&Assessment> = state.assessments.values().filter(own).collect();
    let mut levels: Vec<&Level> = state.levels.values().filter(|one| one.facts.round == round.id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let count = |id: LevelId| readable.iter().filter(|one| one.level == id).count();
    levels.retain(|level| count(level.facts.id) > 0);
    let named = levels.iter().find(|level| level.facts.id.to_string() == filter.level);
    let level = *named.or_else(|| levels.iter().max_by_key(|level| count(level.facts.id)))?;
    Some((readable, levels, level))
}

/// The level of a round that a filter shows to a person.
pub fn level_of<'s>(state: &'s State, person: &Person, round: &Round, filter: &Filter) -> Option<&'s Level> {
    chosen(state, person, round, filter).map(|(.., level)| level)
}

impl<'s> Watched<'s> {
    /// What a person watches of a round. `None` where there is no such level, or no sheet that one may read.
    pub fn of(state: &'s State, person: &Person, round: &'s Round, filter: &Filter, today: Date) -> Option<Self> {
        let (readable, levels, level) = chosen(state, person, round, filter)?;
        let set = &level.program.set;
        // By place in the set: the pillar of each indicator of the selection.
        let mut chosen: Vec<Option<usize>> = Vec::new();
        for (at, pillar) in set.pillars.iter().enumerate() {
            for indicator in &pillar.indicators {
                let of_pillar = filter.pillar.is_empty() || pillar.pillar.no == filter.pillar;
                let agency = || state.tree.get(state.agency(round, &indicator.id));
                let of_agency = filter.agency.is_empty() || agency().is_some_and(|unit| unit.code == filter.agency);
                chosen.push((of_pillar && of_agency).then_some(at));
            }
        }
        let mut pillars: Vec<usize> = chosen.iter().copied().flatten().collect();
        pillars.dedup();
        // By place in the set: the column of the pillar, looked up once for all sheets.
        let column = |pillar: &Option<usize>| pillar.and_then(|pillar| pillars.binary_search(&pillar).ok());
        let columns: Vec<Option<usize>> = chosen.iter().map(column).collect();
        let own = readable.into_iter().filter(|one| one.level == level.facts.id);
        let deadlines = state.deadlines(level.facts.id)?;
        let lines = own.filter_map(|row| {
            let mut by_pillar = vec![(0, 0); pillars.len()];
            for (mark, column) in row.marks.iter().zip(&columns) {
                let Some(at) = *column else { continue };
                by_pillar[at].0 += u32::from(mark.applies && mark.state.is_done());
                by_pillar[at].1 += u32::from(mark.applies);
            }
            let mut late = deadlines.late(row, today);
            late.retain(|late| chosen.get(late.place).copied().flatten().is_some());
            Some(Line {
                row,
                unit: state.tree.get(row.unit)?,
                done: by_pillar.iter().map(|one| one.0).sum(),
                count: by_pillar.iter().map(|one| one.1).sum(),
                late,
                pillars: by_pillar,
            })
        });
        let mut all: Vec<Line<'_>> = lines.collect();
        all.sort_by_cached_key(|line| state.alphabet.get(&line.unit.id));
        match filter.sort.as_str() {
            "name" => {}
            "code" => all.sort_by(|a, b| a.unit.code.cmp(&b.unit.code)),
            "late" => all.sort_by_key(|line| (std::cmp::Reverse(line.late.len()), line.percent())),
            _ => all.sort_by_key(|line| (line.percent(), line.row.totals.points)),
        }
        let gone = round.days.get(&Phase::Collecting).map_or(0, |days| {
            let (length, gone) = (time::days_between(days.from, days.to) + 1, time::days_between(days.from, today));
            u32::try_from((gone.max(0) * 100 / length.max(1)).min(100)).unwrap_or(0)
        });
        Some(Self { round, level, levels, pillars, all, gone, filter: filter.clone() })
    }

    /// The units that are asked for, in the order asked for.
    pub fn shown(&self) -> Vec<&Line<'s>> {
        let wanted = fold(&self.filter.find);
        let named = |unit: &Unit| wanted.is_empty() || fold(&unit.name).contains(&wanted) || fold(&unit.code) == wanted;
        let of = |line: &&Line<'_>| match self.filter.show.as_str() {
            "open" => line.row.state == SheetState::Open,
            "slow" => line.percent() < SLOW_PERCENT,
            "behind" => self.is_behind(line),
            "late" => !line.late.is_empty(),
            "untouched" => !line.has_begun(),
            "submitted" => line.row.state == SheetState::Submitted,
            _ => true,
        };
        self.all.iter().filter(of).filter(|line| named(line.unit)).collect()
    }

    /// Whether less of a unit's work is done than of the collecting phase is gone.
    pub fn is_behind(&self, line: &Line<'_>) -> bool {
        line.row.state == SheetState::Open && line.percent() < self.gone
    }

    /// The units that appraise indicators of the level, by name.
    pub fn agencies(&self, state: &'s State) -> Vec<&'s Unit> {
        let mut ids: Vec<UnitId> =
            self.level.program.set.indicators().map(|one| state.agency(self.round, &one.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut units: Vec<&Unit> = ids.into_iter().filter_map(|id| state.tree.get(id)).collect();
        units.sort_by_cached_key(|unit| sort_key(&unit.name));
        units
    }
}
