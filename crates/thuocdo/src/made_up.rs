//! Made-up figures from a seed: plausible, varied, some missing, and named so that nobody takes them for real.
//!
//! The generator walks the rules, so that it serves any set. Each unit has a skill that its figures follow, else a
//! ranking of made-up units would be noise.

use std::collections::{BTreeMap, BTreeSet};

use criteria::CriteriaSet;
use criteria::date::Date;
use criteria::model::{Figure, FigureKind, Indicator};
use criteria::number::{Edge, Number};
use criteria::rule::{Measure, Part, Rule};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

/// How large the figures are, as data.
const RANGES: &str = include_str!("../../../examples/made-up/ranges.toml");
/// Figures that are left out, in thousandths.
const MISSING: u32 = 15;

#[derive(Deserialize)]
struct Ranges {
    #[serde(rename = "range")]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    figure: String,
    of: Option<String>,
    from: Edge,
    to: Edge,
}

/// Figures of `units` made-up units for a set, as a CSV file of figures.
pub fn csv(set: &CriteriaSet, units: usize, seed: u64) -> String {
    let ranges: Ranges = toml_edit::de::from_str(RANGES).expect("the ranges of the repository are well-formed");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |unit: &str, indicator: &str, figure: &str, value: &str| {
        writer.write_record([unit, indicator, figure, value]).expect("writing to memory cannot fail");
    };
    write("unit", "indicator", "figure", "value");
    for figure in &set.head.round {
        let value = match figure.kind {
            FigureKind::YesNo => "yes".to_owned(),
            FigureKind::Count | FigureKind::Number | FigureKind::Money => "40".to_owned(),
            FigureKind::Share => "50%".to_owned(),
            FigureKind::Choice | FigureKind::Date | FigureKind::Text | FigureKind::Points => continue,
        };
        write("", "", &figure.id, &value);
    }
    for unit in 0..units {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(unit as u64);
        let name = unit_name(&set.head.level, unit + 1);
        let mut maker = Maker { set, ranges: &ranges.ranges, random, skill: 0, profile: BTreeMap::new() };
        // Two draws make the middle likelier than the ends.
        maker.skill = 350 + maker.below(320) + maker.below(320);
        maker.fill_profile(&name);
        for figure in &set.head.profile {
            if let Some(value) = maker.profile.get(&figure.id) {
                write(&name, "", &figure.id, value);
            }
        }
        for indicator in set.indicators() {
            let mut made = BTreeMap::new();
            maker.rule(indicator, &indicator.rule, "answer", &mut made);
            maker.modifiers(indicator, &mut made);
            for figure in indicator.all_figures() {
                let known = made.get(&figure.id).cloned();
                if let Some(value) =
                    known.or_else(|| maker.plain(&figure, 5, 60)).map(|value| within_year(&figure, value))
                    && maker.below(1_000) >= MISSING
                {
                    let value = maker.within_whole(indicator, &figure, value, &made);
                    write(&name, &indicator.id, &figure.id, &value);
                }
            }
        }
    }
    String::from_utf8(writer.into_inner().expect("writing to memory cannot fail")).expect("only text was written")
}

/// How the label of a figure begins that tells a part of the one before.
const AMONG: &str = "Trong đó";

/// A year has no more months or weeks than these, however much a unit does.
fn within_year(figure: &Figure, value: String) -> String {
    let most = match figure.unit.as_deref() {
        Some("tháng") => 12,
        Some("tuần") => 52,
        _ => return value,
    };
    value.parse::<i64>().map_or(value, |number| number.min(most).to_string())
}

fn unit_name(level: &str, number: usize) -> String {
    match level {
        "department" => format!("Sở Mẫu {number:02}"),
        "district" => format!("Huyện Mẫu {number:02}"),
        "commune" => format!("Xã Mẫu {number:03}"),
        other => format!("{other} mẫu {number}"),
    }
}

struct Maker<'a> {
    set: &'a CriteriaSet,
    ranges: &'a [Range],
    random: ChaCha8Rng,
    /// How much of everything the unit reaches, in thousandths.
    skill: u32,
    profile: BTreeMap<String, String>,
}

impl Maker<'_> {
    fn below(&mut self, most: u32) -> u32 {
        (u64::from(self.random.next_u32()) * u64::from(most) / (1 << 32)) as u32
    }

    /// A share in thousandths around the unit's skill.
    fn reach(&mut self) -> i64 {
        let wobble = i64::from(self.below(400)) - 170;
        (i64::from(self.skill) + wobble).clamp(0, 1_000)
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::from(self.below(u32::try_from((to - from).max(0) + 1).unwrap_or(u32::MAX)))
    }

    fn fill_profile(&mut self, name: &str) {
        let set = self.set;
        let parts = parts_of_profile(set);
        for figure in &set.head.profile {
            if !self.profile.contains_key(&figure.id) {
                self.fill(figure, name, &parts, &mut BTreeSet::new());
            }
        }
    }

    /// Fills one profile figure; what it is a share of first.
    fn fill(&mut self, figure: &Figure, name: &str, parts: &BTreeMap<String, String>, open: &mut BTreeSet<String>) {
        let (set, ranges) = (self.set, self.ranges);
        let range = ranges.iter().find(|range| range.figure == figure.id);
        let of = range
            .and_then(|range| range.of.as_ref())
            .or_else(|| parts.get(&figure.id))
            .filter(|of| open.insert((*of).clone()));
        let whole = of.and_then(|id| set.head.profile.iter().find(|figure| figure.id == *id)).map(|whole| {
            if !self.profile.contains_key(&whole.id) {
                self.fill(whole, name, parts, open);
            }
            self.profile.get(&whole.id).and_then(|value| value.parse::<i64>().ok()).unwrap_or(0)
        });
        let value = match (figure.kind, range, whole) {
            (FigureKind::Text, ..) if figure.id == "name" => Some(name.to_owned()),
            (FigureKind::Text, ..) => None,
            (FigureKind::Count | FigureKind::Money | FigureKind::Number, Some(range), None) => {
                let (from, to) = (whole_of(range.from.number()), whole_of(range.to.number()));
                Some(self.between(from, to).to_string())
            }
            (FigureKind::Count | FigureKind::Money | FigureKind::Number, Some(range), Some(whole)) => {
                let (from, to) = (range.from.number().millionths(), range.to.number().millionths());
                let share = self.between(from, to);
                Some((whole * share / Number::ONE.millionths()).to_string())
            }
            (FigureKind::Count, None, Some(whole)) => Some((whole * self.reach() / 1_000).to_string()),
            _ => self.plain(figure, 5, 60),
        };
        if let Some(value) = value {
            self.profile.insert(figure.id.clone(), value);
        }
    }

    /// A value that no rule says more about.
    fn plain(&mut self, figure: &Figure, from: i64, to: i64) -> Option<String> {
        Some(match figure.kind {
            FigureKind::YesNo => self.yes_no(),
            FigureKind::Count | FigureKind::Number => self.between(from, to).to_string(),
            FigureKind::Money => (self.between(2, 90) * 5).to_string(),
            FigureKind::Share => format!("{}%", self.reach() / 10),
            FigureKind::Choice => {
                let option = self.below(figure.options.len() as u32) as usize;
                figure.options.get(option)?.id.clone()
            }
            FigureKind::Date => self.date(300),
            FigureKind::Text => "Số liệu giả định".to_owned(),
            FigureKind::Points => return None,
        })
    }

    fn yes_no(&mut self) -> String {
        if self.reach() + 150 > i64::from(self.below(1_000)) { "yes" } else { "no" }.to_owned()
    }

    /// A day within the first `days` days of the year.
    fn date(&mut self, days: u32) -> String {
        let day = self.below(days);
        let (month, day) = (day / 28 % 12 + 1, day % 28 + 1);
        let date = Date::new(self.set.head.year, month as i8, day as i8).unwrap_or(Date::MIN);
        criteria::date::Day(date).to_string()
    }

    /// A value that is no more than what it is a part of: the figure that it is told to be among, and the whole of the
    /// share that another answer to a reading would take it for.
    fn within_whole(
        &self,
        indicator: &Indicator,
        figure: &Figure,
        value: String,
        made: &BTreeMap<String, String>,
    ) -> String {
        let Ok(number) = value.parse::<i64>() else { return value };
        let figures = indicator.all_figures();
        let among = figure.label.starts_with(AMONG);
        let head = figures.iter().take_while(|one| one.id != figure.id).filter(|one| !one.label.starts_with(AMONG));
        let head = head.last().filter(|_| among).and_then(|one| self.known(&one.id, made));
        let other = indicator.variants.iter().filter_map(|one| one.rule.as_ref()?.measure());
        let wholes = other.filter_map(|measure| match measure {
            Measure::Share(part, whole) if part == figure.id => self.known(whole, made),
            _ => None,
        });
        // Nor is it less than its own part.
        let part = match indicator.rule.measure() {
            Some(Measure::Share(part, whole)) if whole == figure.id => self.known(part, made),
            _ => None,
        };
        head.into_iter().chain(wholes).fold(number, i64::min).max(part.unwrap_or(i64::MIN)).to_string()
    }

    /// The value of a quantity, from this indicator or the profile.
    fn known(&self, reference: &str, made: &BTreeMap<String, String>) -> Option<i64> {
        let value = match reference.strip_prefix("profile.") {
            Some(id) => self.profile.get(id),
            None if reference.starts_with("round.") => return Some(40),
            None => made.get(reference),
        };
        value?.parse().ok()
    }

    fn whole(&mut self, indicator: &Indicator, reference: &str, made: &mut BTreeMap<String, String>) -> i64 {
        if let Some(known) = self.known(reference, made) {
            return known;
        }
        let money =
            indicator.all_figures().iter().any(|figure| figure.id == reference && figure.kind == FigureKind::Money);
        let whole = if money { self.between(20, 90) * 100 } else { self.between(6, 60) };
        if !reference.contains('.') {
            made.insert(reference.to_owned(), whole.to_string());
        }
        whole
    }

    fn measure(
        &mut self,
        indicator: &Indicator,
        measure: Option<Measure<'_>>,
        top: Option<Number>,
        made: &mut BTreeMap<String, String>,
    ) {
        match measure {
            Some(Measure::Share(part, whole)) => {
                let whole = self.whole(indicator, whole, made);
                if !part.contains('.') {
                    let reach = self.reach();
                    made.insert(part.to_owned(), (whole * reach / 1_000).to_string());
                }
            }
            Some(Measure::Value(value)) if !value.contains('.') => {
                let kind = indicator.all_figures().iter().find(|figure| figure.id == value).map(|figure| figure.kind);
                let reach = self.reach();
                let made_value = match (kind, top) {
                    (Some(FigureKind::Share), _) => format!("{}.{}%", reach / 10, reach % 10),
                    (_, Some(top)) => (whole_of(top) * reach * 13 / 10_000).to_string(),
                    (_, None) => self.between(1, 80).to_string(),
                };
                made.insert(value.to_owned(), made_value);
            }
            Some(Measure::Value(_)) | None => {}
        }
    }

    fn rule(&mut self, indicator: &Indicator, rule: &Rule, id: &str, made: &mut BTreeMap<String, String>) {
        match rule {
            Rule::YesNo { figure, .. } => {
                let value = self.yes_no();
                made.insert(figure.clone().unwrap_or_else(|| id.to_owned()), value);
            }
            Rule::Choice { figure, options, .. } => {
                // Better options first, as documents print them.
                let reach = 1_150 - self.reach();
                let at = (reach * options.len() as i64 / 1_200).clamp(0, options.len() as i64 - 1) as usize;
                made.insert(figure.clone().unwrap_or_else(|| id.to_owned()), options[at].id.clone());
            }
            Rule::Parts { parts } => {
                for Part { id, rule, .. } in parts {
                    self.rule(indicator, rule, id, made);
                }
            }
            Rule::Share { .. } | Rule::Peers { .. } => self.measure(indicator, rule.measure(), None, made),
            Rule::Steps { steps, .. } => {
                let top = steps.first().map(|step| step.from.number());
                self.measure(indicator, rule.measure(), top, made);
            }
            Rule::Required { count, required, last, .. } => {
                let required =
                    Number::parse(required).map(whole_of).or_else(|| self.known(required, made)).unwrap_or(10);
                let reach = self.reach();
                if !count.contains('.') {
                    made.insert(count.clone(), (required * (reach + 250) / 1_000).to_string());
                }
                if let Some(last) = last {
                    let date = self.date(330);
                    made.insert(last.date.clone(), date);
                }
            }
            Rule::Each { count, each, ceiling } => {
                let most = ceiling.or(indicator.points).unwrap_or_default();
                let full = if *each > Number::ZERO { most.millionths() / each.millionths() } else { 10 };
                let reach = self.reach();
                made.insert(count.clone(), (full * (reach + 200) / 1_000).to_string());
            }
            Rule::Loss { count, .. } => {
                if !count.contains('.') {
                    let worst = (1_000 - self.reach()) / 250;
                    let value = self.between(0, worst);
                    made.insert(count.clone(), value.to_string());
                }
            }
            Rule::Handled { handled, happened } => {
                let happened = match self.known(happened, made) {
                    Some(known) => known,
                    None => {
                        let value = self.between(0, 4);
                        made.insert(happened.clone(), value.to_string());
                        value
                    }
                };
                let value = (happened * (self.reach() + 300) / 1_000).min(happened);
                made.insert(handled.clone(), value.to_string());
            }
            Rule::Judged { .. } => {
                let points = indicator.points.unwrap_or_default();
                let (points_id, reason_id) = criteria::set::judged_figure_ids(id);
                let value = whole_of(points) * self.reach() / 1_000;
                made.insert(points_id, value.to_string());
                made.insert(reason_id, "Lý do giả định".to_owned());
            }
            Rule::Sum { .. } => {}
        }
    }

    fn modifiers(&mut self, indicator: &Indicator, made: &mut BTreeMap<String, String>) {
        if let Some(gate) = &indicator.gate {
            if let (Some(count), Some(least)) = (&gate.count, gate.at_least) {
                let value = whole_of(least) * (self.reach() + 500) / 1_000;
                made.insert(count.clone(), value.to_string());
            }
            if let Some(date) = &gate.date {
                let value = self.date(330);
                made.insert(date.clone(), value);
            }
        }
        if let Some(late) = &indicator.late {
            let value = self.date(50);
            made.insert(late.date.clone(), value);
        }
        for exempt in &indicator.exempt {
            if !exempt.when.contains('.') {
                let value = if self.below(10) == 0 { "yes" } else { "no" };
                made.insert(exempt.when.clone(), value.to_owned());
            }
        }
    }
}

/// Profile figures that some rule takes as a part of another profile figure.
fn parts_of_profile(set: &CriteriaSet) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    for indicator in set.indicators() {
        indicator.rule.walk(&mut |rule| {
            let pair = match rule {
                Rule::Handled { handled, happened } => Some((handled.as_str(), happened.as_str())),
                _ => match rule.measure() {
                    Some(Measure::Share(part, whole)) => Some((part, whole)),
                    Some(Measure::Value(_)) | None => None,
                },
            };
            if let Some((part, whole)) = pair
                && let (Some(part), Some(whole)) = (part.strip_prefix("profile."), whole.strip_prefix("profile."))
            {
                parts.insert(part.to_owned(), whole.to_owned());
            }
        });
    }
    parts
}

fn whole_of(number: Number) -> i64 {
    number.millionths() / Number::ONE.millionths()
}
