//! A criteria set made ready to run: every figure has a slot, every rule knows its slots, and nothing is looked up
//! by name while scoring. What the rules mean is in [`crate::evaluate`].

use std::collections::HashMap;

use criteria::date::Date;
use criteria::model::{Exempt, ExemptIs, Figure, Indicator};
use criteria::number::{Edge, Number};
use criteria::rule::{Better, Curve, Empty, Gate, Late, Measure, PeersMethod, Rule};
use criteria::set::{asked_figure_id, judged_figure_ids};
use criteria::{CriteriaSet, Picks, Text};

/// Where a figure's value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// In the unit's row: its profile first, then its indicators.
    Unit(usize),
    /// In the round's row, the same for all units.
    Round(usize),
}

/// A figure and the scope that it belongs to.
#[derive(Clone, Debug)]
pub struct SlotInfo {
    /// The figure.
    pub figure: Figure,
    /// The id of its indicator; `None` for figures of the profile and of the round.
    pub indicator: Option<String>,
}

/// A criteria set made ready to run for one year, with the answers to its readings applied.
#[derive(Clone, Debug)]
pub struct Program {
    /// The set, with the picks applied.
    pub set: CriteriaSet,
    /// The content hash of the set as it stands in its files, before any pick.
    pub set_hash: String,
    /// The assessed year, which days such as 31 January belong to.
    pub year: i16,
    /// The figures of a unit: its profile first, then its indicators in the order of the document.
    pub unit_slots: Vec<SlotInfo>,
    /// The figures of the round.
    pub round_slots: Vec<SlotInfo>,
    pub(crate) indicators: Vec<Compiled>,
    pub(crate) pillar_of: Vec<usize>,
    pub(crate) block: Option<usize>,
    pub(crate) peers_count: usize,
    slots: HashMap<(Option<String>, String), Slot>,
    places: HashMap<String, usize>,
}

/// One indicator made ready.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub maximum: Number,
    /// Whether its points count on their own; not so for the children of a sum.
    pub counts: bool,
    pub exempt: Vec<(Slot, ExemptIs)>,
    pub body: Body,
}

/// A rule with its modifiers and its maximum.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub maximum: Number,
    pub node: Node,
    pub gate: Option<CompiledGate>,
    pub late: Option<CompiledLate>,
}

/// A rule made ready.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    YesNo { answer: Slot },
    Choice { answer: Slot, shares: Vec<Number> },
    Parts { parts: Vec<Body> },
    Share { ratio: Ratio, curve: Curve, full_from: Option<Number>, empty: Option<Empty>, worth: Number },
    Required { count: Slot, required: Amount, all_or_nothing: bool, last: Option<(Slot, Date)> },
    Steps { ratio: Ratio, empty: Option<Empty>, steps: Vec<(Number, Number)> },
    Each { count: Slot, each: Number, ceiling: Number },
    Loss { count: Slot, each: Number, zero_from: Option<Number> },
    Handled { handled: Slot, happened: Slot },
    Peers { ratio: Ratio, empty: Option<Empty>, method: PeersMethod, lower: bool, index: usize },
    Sum { children: Vec<usize> },
    Judged { points: Slot },
}

/// What is measured: one figure, or a part of a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ratio {
    Value(Slot),
    Share(Slot, Slot),
}

/// A fixed number, or a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    Fixed(Number),
    Figure(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum CompiledGate {
    AtLeast(Slot, Number),
    Before(Slot, Date),
    Yes(Slot),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CompiledLate {
    pub date: Slot,
    pub after: Date,
    pub factor: Number,
}

impl Program {
    /// Makes `set` ready for `year` (the set's own where `None`), with other answers to readings where `picks` names
    /// them.
    ///
    /// # Errors
    /// Every pick that names no reading, or no variant of its reading.
    pub fn new(set: &CriteriaSet, picks: &Picks, year: Option<i16>) -> Result<Self, Vec<Text>> {
        let set_hash = set.hash();
        let set = set.with_picks(picks)?;
        let mut program = Self {
            set_hash,
            year: year.unwrap_or(set.head.year),
            unit_slots: Vec::new(),
            round_slots: Vec::new(),
            indicators: Vec::new(),
            pillar_of: Vec::new(),
            block: None,
            peers_count: 0,
            slots: HashMap::new(),
            places: set.indicators().enumerate().map(|(place, one)| (one.id.clone(), place)).collect(),
            set,
        };
        program.number_slots();
        program.compile();
        Ok(program)
    }

    /// The slot of a figure; `indicator` is `None` for `profile.ID` and `round.ID`.
    pub fn slot(&self, indicator: Option<&str>, reference: &str) -> Option<Slot> {
        let scope = if reference.contains('.') { None } else { indicator };
        self.slots.get(&(scope.map(str::to_owned), reference.to_owned())).copied()
    }

    /// What stands in a slot.
    pub fn info(&self, slot: Slot) -> &SlotInfo {
        match slot {
            Slot::Unit(index) => &self.unit_slots[index],
            Slot::Round(index) => &self.round_slots[index],
        }
    }

    /// How a rule of the file names the figure in a slot: `id`, `profile.id` or `round.id`.
    pub fn reference(&self, slot: Slot) -> String {
        let info = self.info(slot);
        match (slot, &info.indicator) {
            (Slot::Round(_), _) => format!("round.{}", info.figure.id),
            (Slot::Unit(_), None) => format!("profile.{}", info.figure.id),
            (Slot::Unit(_), Some(_)) => info.figure.id.clone(),
        }
    }

    /// How many indicators there are.
    pub fn indicator_count(&self) -> usize {
        self.indicators.len()
    }

    /// The place of the indicator with this id.
    pub fn indicator_index(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The most points of an indicator.
    pub fn maximum_of(&self, index: usize) -> Number {
        self.indicators[index].maximum
    }

    /// Whether an indicator's points count on their own; not so for the children of a sum.
    pub fn counts(&self, index: usize) -> bool {
        self.indicators[index].counts
    }

    /// The most points of the set.
    pub fn maximum(&self) -> Number {
        Number::saturating_sum(self.indicators.iter().filter(|one| one.counts).map(|one| one.maximum))
    }

    fn number_slots(&mut self) {
        let set = self.set.clone();
        for figure in &set.head.profile {
            let slot = Slot::Unit(self.unit_slots.len());
            self.slots.insert((None, format!("profile.{}", figure.id)), slot);
            self.unit_slots.push(SlotInfo { figure: figure.clone(), indicator: None });
        }
        for figure in &set.head.round {
            let slot = Slot::Round(self.round_slots.len());
            self.slots.insert((None, format!("round.{}", figure.id)), slot);
            self.round_slots.push(SlotInfo { figure: figure.clone(), indicator: None });
        }
        for indicator in set.indicators() {
            for figure in indicator.all_figures() {
                let slot = Slot::Unit(self.unit_slots.len());
                self.slots.insert((Some(indicator.id.clone()), figure.id.clone()), slot);
                self.unit_slots.push(SlotInfo { figure, indicator: Some(indicator.id.clone()) });
            }
        }
        self.block = set.head.ranking.block.as_deref().and_then(|reference| match self.slot(None, reference) {
            Some(Slot::Unit(index)) => Some(index),
            Some(Slot::Round(_)) | None => None,
        });
    }

    fn compile(&mut self) {
        let set = self.set.clone();
        let summed = set.summed();
        for (pillar_index, pillar) in set.pillars.iter().enumerate() {
            for indicator in &pillar.indicators {
                let maximum = indicator.points.unwrap_or_default();
                let mut compiler = Compiler { program: self, indicator };
                let exempt =
                    indicator.exempt.iter().map(|exempt: &Exempt| (compiler.slot(&exempt.when), exempt.is)).collect();
                let body =
                    compiler.body(maximum, &indicator.rule, indicator.gate.as_ref(), indicator.late.as_ref(), "answer");
                self.indicators.push(Compiled {
                    maximum,
                    counts: !summed.contains(indicator.id.as_str()),
                    exempt,
                    body,
                });
                self.pillar_of.push(pillar_index);
            }
        }
    }
}

struct Compiler<'a> {
    program: &'a mut Program,
    indicator: &'a Indicator,
}

impl Compiler<'_> {
    fn slot(&self, reference: &str) -> Slot {
        self.program
            .slot(Some(&self.indicator.id), reference)
            .expect("a set that was read names only figures that exist")
    }

    fn date(&self, day: criteria::date::MonthDay) -> Date {
        day.in_year(self.program.year)
    }

    fn body(&mut self, maximum: Number, rule: &Rule, gate: Option<&Gate>, late: Option<&Late>, id: &str) -> Body {
        Body {
            maximum,
            node: self.node(maximum, rule, id),
            gate: gate.and_then(|gate| self.gate(gate)),
            late: late.map(|late| CompiledLate {
                date: self.slot(&late.date),
                after: self.date(late.after),
                factor: late.factor.number(),
            }),
        }
    }

    fn gate(&self, gate: &Gate) -> Option<CompiledGate> {
        match (&gate.count, gate.at_least, &gate.date, gate.before, &gate.yes) {
            (Some(count), Some(least), ..) => Some(CompiledGate::AtLeast(self.slot(count), least)),
            (_, _, Some(date), Some(before), _) => Some(CompiledGate::Before(self.slot(date), self.date(before))),
            (.., Some(yes)) => Some(CompiledGate::Yes(self.slot(yes))),
            _ => None,
        }
    }

    fn ratio(&self, rule: &Rule) -> Ratio {
        match rule.measure().expect("a set that was read has a measure here") {
            Measure::Value(value) => Ratio::Value(self.slot(value)),
            Measure::Share(part, whole) => Ratio::Share(self.slot(part), self.slot(whole)),
        }
    }

    fn node(&mut self, maximum: Number, rule: &Rule, id: &str) -> Node {
        match rule {
            Rule::YesNo { figure, .. } => Node::YesNo { answer: self.slot(asked_figure_id(figure, id)) },
            Rule::Choice { figure, options, .. } => Node::Choice {
                answer: self.slot(asked_figure_id(figure, id)),
                shares: options.iter().map(|option| option.share.number()).collect(),
            },
            Rule::Parts { parts } => Node::Parts {
                parts: parts
                    .iter()
                    .map(|part| self.body(part.points, &part.rule, part.gate.as_ref(), part.late.as_ref(), &part.id))
                    .collect(),
            },
            Rule::Share { curve, full_from, empty, worth, .. } => Node::Share {
                ratio: self.ratio(rule),
                curve: curve.unwrap_or(Curve::Proportional),
                full_from: full_from.map(criteria::Share::number),
                empty: *empty,
                worth: worth.unwrap_or(maximum),
            },
            Rule::Required { count, required, curve, last } => Node::Required {
                count: self.slot(count),
                required: match Number::parse(required) {
                    Some(number) => Amount::Fixed(number),
                    None => Amount::Figure(self.slot(required)),
                },
                all_or_nothing: *curve == Some(Curve::AllOrNothing),
                last: last.as_ref().map(|last| (self.slot(&last.date), self.date(last.before))),
            },
            Rule::Steps { empty, steps, .. } => Node::Steps {
                ratio: self.ratio(rule),
                empty: *empty,
                steps: steps.iter().map(|step| (Edge::number(step.from), step.points)).collect(),
            },
            Rule::Each { count, each, ceiling } => {
                Node::Each { count: self.slot(count), each: *each, ceiling: ceiling.unwrap_or(maximum).min(maximum) }
            }
            Rule::Loss { count, each, zero_from } => {
                Node::Loss { count: self.slot(count), each: *each, zero_from: *zero_from }
            }
            Rule::Handled { handled, happened } => {
                Node::Handled { handled: self.slot(handled), happened: self.slot(happened) }
            }
            Rule::Peers { empty, method, better, .. } => {
                let index = self.program.peers_count;
                self.program.peers_count += 1;
                let lower = *better == Some(Better::Lower);
                Node::Peers { ratio: self.ratio(rule), empty: *empty, method: *method, lower, index }
            }
            Rule::Sum { of } => {
                Node::Sum { children: of.iter().filter_map(|child| self.program.indicator_index(child)).collect() }
            }
            Rule::Judged { .. } => Node::Judged { points: self.slot(&judged_figure_ids(id).0) },
        }
    }
}
