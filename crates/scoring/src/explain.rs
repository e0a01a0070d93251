//! Why a score is what it is, as data: the figures used and where each came from, the branch taken, the modifiers.
//!
//! The points are those of [`crate::evaluate`], asked again rule by rule; nothing is computed a second way here.

use criteria::Number;
use criteria::model::{ExemptIs, Figure, Indicator, RoundingMode, Tier};
use criteria::rule::{Curve, Empty, PeersMethod, Rule, Step};

use crate::cell::Cell;
use crate::evaluate::{Branch, Context, Modifier, Spread};
use crate::exact::Exact;
use crate::figures::{Figures, Origin, UnitFigures};
use crate::program::{Amount, Body, CompiledGate, Node, Program, Ratio, Slot};
use crate::score::{Scores, State, context, state_of};

/// Why an indicator has the points that it has.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// The indicator, with the law's words.
    pub indicator: &'a Indicator,
    /// What kind of score it is.
    pub state: State,
    /// The points, as scored.
    pub points: Number,
    /// The most points.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// The exemption that holds, as the figure that decides.
    pub exempt: Option<(Used<'a>, ExemptIs)>,
    /// The rule.
    pub reason: Reason<'a>,
    /// The answers in force to the readings that touch the indicator: id, question, answer, whether it is open.
    pub readings: Vec<ReadingInForce<'a>>,
}

/// The answer in force to a reading.
#[derive(Clone, Copy, Debug)]
pub struct ReadingInForce<'a> {
    /// The reading's id.
    pub id: &'a str,
    /// What is asked.
    pub asks: &'a str,
    /// The answer's id.
    pub answer: &'a str,
    /// What people read.
    pub label: &'a str,
    /// Whether nobody has decided it yet.
    pub open: bool,
}

/// A figure as used.
#[derive(Clone, Debug)]
pub struct Used<'a> {
    /// How the rule names it.
    pub reference: String,
    /// What it is.
    pub figure: &'a Figure,
    /// Its value.
    pub cell: Cell,
    /// Where the value came from.
    pub origin: Option<&'a Origin>,
}

/// Why a rule gives what it gives.
#[derive(Clone, Debug)]
pub struct Reason<'a> {
    /// The rule's kind.
    pub kind: &'static str,
    /// The branch taken.
    pub branch: Branch,
    /// The most points.
    pub maximum: Number,
    /// The points, with modifiers, exactly.
    pub points: Exact,
    /// The figures used, in the order of the rule.
    pub figures: Vec<Used<'a>>,
    /// What else the branch needs to be told.
    pub detail: Detail<'a>,
    /// What the modifiers did.
    pub modifiers: Vec<ModifierUsed<'a>>,
    /// The parts, or the children of a sum.
    pub parts: Vec<PartReason<'a>>,
}

/// A part of a rule, or a child of a sum.
#[derive(Clone, Debug)]
pub struct PartReason<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people read.
    pub label: &'a str,
    /// Why.
    pub reason: Reason<'a>,
}

/// What a branch needs to be told in full.
#[derive(Clone, Debug)]
pub enum Detail<'a> {
    /// Nothing more.
    None,
    /// The answer's words and its share.
    Option(&'a str, Number),
    /// A share's curve.
    Share {
        /// What it is put through.
        curve: Curve,
        /// From where on it is full.
        full_from: Option<Number>,
        /// The points of 100 %.
        worth: Number,
    },
    /// What a whole of zero gives.
    Empty(Option<Empty>),
    /// The number that is required.
    Required(Number),
    /// The step that was reached.
    Step(&'a Step),
    /// Points each and the ceiling.
    Each(Number, Number),
    /// Points lost each.
    Loss(Number),
    /// The span over the peers.
    Peers {
        /// How a position becomes points.
        method: PeersMethod,
        /// Whether the lower is the better.
        lower: bool,
        /// The span.
        spread: Spread,
    },
}

/// What a modifier did, and by which figure.
#[derive(Clone, Debug)]
pub struct ModifierUsed<'a> {
    /// Gate, late or last.
    pub kind: ModifierKind,
    /// What it did.
    pub result: Modifier,
    /// The figure that decides.
    pub figure: Used<'a>,
}

/// Kinds of modifiers, with what they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierKind {
    /// A count must reach a number.
    AtLeast(Number),
    /// A day must lie before another.
    Before(criteria::date::Date),
    /// An answer must be yes.
    Yes,
    /// After the day the points are cut to a share.
    Late(criteria::date::Date, Number),
    /// The last one must have been held before the day, else it does not count.
    Last(criteria::date::Date),
}

impl ModifierKind {
    /// The kind's name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtLeast(_) | Self::Before(_) | Self::Yes => "gate",
            Self::Late(..) => "late",
            Self::Last(_) => "last",
        }
    }

    /// The name of what it did, as worked examples and data write it.
    pub const fn branch(self, result: Modifier) -> &'static str {
        match (self, result) {
            (_, Modifier::None) => "none",
            (_, Modifier::Missing) => "missing",
            (Self::AtLeast(_) | Self::Before(_) | Self::Yes, Modifier::Held) => "gate-held",
            (Self::AtLeast(_) | Self::Before(_) | Self::Yes, Modifier::Failed) => "gate-failed",
            (Self::Late(..), Modifier::Held) => "on-time",
            (Self::Late(..), Modifier::Failed) => "late",
            (Self::Last(_), Modifier::Held) => "last-in-time",
            (Self::Last(_), Modifier::Failed) => "last-too-late",
        }
    }
}

/// Explains one indicator of one unit.
pub fn explain<'a>(
    program: &'a Program,
    figures: &'a Figures,
    unit: &'a UnitFigures,
    scores: &'a Scores,
    index: usize,
) -> Explanation<'a> {
    let context = context(program, figures, unit, &scores.spreads);
    let indicator = program.set.indicators().nth(index).expect("the index of an indicator of the program");
    let compiled = &program.indicators[index];
    let outcome = context.indicator(program, compiled);
    let explainer = Explainer { program, figures, unit, context };
    let rounding = &program.set.head.rounding;
    let points = match rounding.tier {
        Tier::Indicator => outcome.points.round(rounding.mode, rounding.places),
        Tier::Pillar | Tier::Total => outcome.points.round(RoundingMode::HalfUp, 6),
    };
    let exempt =
        compiled.exempt.iter().zip(&indicator.exempt).map(|((slot, is), _)| (explainer.used(*slot), *is)).find(
            |(used, is)| match (is, used.cell) {
                (ExemptIs::Yes, Cell::YesNo(answer)) => answer,
                (ExemptIs::No, Cell::YesNo(answer)) => !answer,
                (ExemptIs::Zero, Cell::Number(number)) => number == Number::ZERO,
                _ => false,
            },
        );
    let readings = program
        .set
        .readings_at(&indicator.id)
        .map(|reading| ReadingInForce {
            id: &reading.id,
            asks: &reading.asks,
            answer: &reading.answer,
            label: reading
                .variants
                .iter()
                .find(|variant| variant.id == reading.answer)
                .map_or("", |variant| variant.label.as_str()),
            open: reading.status == criteria::model::ReadingStatus::Open,
        })
        .collect();
    Explanation {
        indicator,
        state: state_of(&compiled.body, &outcome, compiled.maximum),
        points,
        maximum: compiled.maximum,
        excluded: outcome.excluded,
        exempt,
        reason: explainer.body(&compiled.body, &indicator.rule),
        readings,
    }
}

struct Explainer<'a> {
    program: &'a Program,
    figures: &'a Figures,
    unit: &'a UnitFigures,
    context: Context<'a>,
}

impl<'a> Explainer<'a> {
    fn used(&self, slot: Slot) -> Used<'a> {
        let origin = match slot {
            Slot::Unit(index) => self.unit.origins.get(&index),
            Slot::Round(index) => self.figures.round_origins.get(&index),
        };
        Used {
            reference: self.program.reference(slot),
            figure: &self.program.info(slot).figure,
            cell: self.context.cell(slot),
            origin,
        }
    }

    fn body(&self, body: &'a Body, rule: &'a Rule) -> Reason<'a> {
        let outcome = self.context.body(self.program, body);
        let mut modifiers = Vec::new();
        if outcome.last != Modifier::None
            && let Node::Required { last: Some((slot, before)), .. } = &body.node
        {
            let figure = self.used(*slot);
            modifiers.push(ModifierUsed { kind: ModifierKind::Last(*before), result: outcome.last, figure });
        }
        if outcome.late != Modifier::None
            && let Some(late) = &body.late
        {
            let figure = self.used(late.date);
            modifiers.push(ModifierUsed {
                kind: ModifierKind::Late(late.after, late.factor),
                result: outcome.late,
                figure,
            });
        }
        if outcome.gate != Modifier::None
            && let Some(gate) = &body.gate
        {
            let (kind, slot) = match gate {
                CompiledGate::AtLeast(slot, least) => (ModifierKind::AtLeast(*least), slot),
                CompiledGate::Before(slot, before) => (ModifierKind::Before(*before), slot),
                CompiledGate::Yes(slot) => (ModifierKind::Yes, slot),
            };
            modifiers.push(ModifierUsed { kind, result: outcome.gate, figure: self.used(*slot) });
        }
        Reason {
            kind: rule.kind(),
            branch: outcome.branch,
            maximum: body.maximum,
            points: outcome.points,
            figures: slots(&body.node).into_iter().map(|slot| self.used(slot)).collect(),
            detail: self.detail(&body.node, rule, outcome.branch),
            modifiers,
            parts: self.parts(&body.node, rule),
        }
    }

    fn parts(&self, node: &'a Node, rule: &'a Rule) -> Vec<PartReason<'a>> {
        match (node, rule) {
            (Node::Parts { parts: bodies }, Rule::Parts { parts }) => bodies
                .iter()
                .zip(parts)
                .map(|(body, part)| PartReason {
                    id: &part.id,
                    label: part.label.as_deref().or(question(&part.rule)).unwrap_or(&part.id),
                    reason: self.body(body, &part.rule),
                })
                .collect(),
            (Node::Sum { children }, _) => children
                .iter()
                .filter_map(|&child| {
                    let indicator = self.program.set.indicators().nth(child)?;
                    let body = &self.program.indicators[child].body;
                    Some(PartReason {
                        id: &indicator.id,
                        label: &indicator.name,
                        reason: self.body(body, &indicator.rule),
                    })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn detail(&self, node: &'a Node, rule: &'a Rule, branch: Branch) -> Detail<'a> {
        match (node, rule) {
            (Node::Choice { answer, .. }, Rule::Choice { options, .. }) => match self.context.cell(*answer) {
                Cell::Option(index) => options
                    .get(index)
                    .map_or(Detail::None, |option| Detail::Option(&option.label, option.share.number())),
                _ => Detail::None,
            },
            (Node::Share { empty, .. } | Node::Steps { empty, .. } | Node::Peers { empty, .. }, _)
                if branch == Branch::Empty =>
            {
                Detail::Empty(*empty)
            }
            (Node::Share { curve, full_from, worth, .. }, _) => {
                Detail::Share { curve: *curve, full_from: *full_from, worth: *worth }
            }
            (Node::Required { required, .. }, _) => match required {
                Amount::Fixed(number) => Detail::Required(*number),
                Amount::Figure(slot) => self.context.cell(*slot).number().map_or(Detail::None, Detail::Required),
            },
            (Node::Steps { ratio, .. }, Rule::Steps { steps, .. }) => match self.context.fraction(*ratio) {
                Some(value) => steps
                    .iter()
                    .find(|step| {
                        let from = (step.from.number().millionths(), Number::ONE.millionths());
                        crate::evaluate::compare(from, value) != std::cmp::Ordering::Greater
                    })
                    .map_or(Detail::None, Detail::Step),
                None => Detail::None,
            },
            (Node::Each { each, ceiling, .. }, _) => Detail::Each(*each, *ceiling),
            (Node::Loss { each, .. }, _) => Detail::Loss(*each),
            (Node::Peers { method, lower, index, ratio, .. }, _) => match self.context.fraction(*ratio) {
                Some(own) => {
                    let alone = Spread { least: own, most: own };
                    let spread = self.context.spreads.get(*index).copied().flatten().unwrap_or(alone);
                    Detail::Peers { method: *method, lower: *lower, spread }
                }
                None => Detail::None,
            },
            _ => Detail::None,
        }
    }
}

/// The question that a rule asks by itself.
fn question(rule: &Rule) -> Option<&str> {
    match rule {
        Rule::YesNo { asks, .. } | Rule::Choice { asks, .. } | Rule::Judged { asks } => Some(asks),
        _ => None,
    }
}

/// The slots that a rule itself uses; not those of its parts.
fn slots(node: &Node) -> Vec<Slot> {
    let measured = |ratio: &Ratio| match ratio {
        Ratio::Value(slot) => vec![*slot],
        Ratio::Share(part, whole) => vec![*part, *whole],
    };
    match node {
        Node::YesNo { answer } | Node::Choice { answer, .. } => vec![*answer],
        Node::Share { ratio, .. } | Node::Steps { ratio, .. } | Node::Peers { ratio, .. } => measured(ratio),
        Node::Required { count, required, .. } => match required {
            Amount::Fixed(_) => vec![*count],
            Amount::Figure(slot) => vec![*count, *slot],
        },
        Node::Each { count, .. } | Node::Loss { count, .. } => vec![*count],
        Node::Handled { handled, happened } => vec![*handled, *happened],
        Node::Judged { points } => vec![*points],
        Node::Parts { .. } | Node::Sum { .. } => Vec::new(),
    }
}

impl Explanation<'_> {
    /// The names of every branch taken and of what every modifier did, outermost first.
    pub fn branches(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if self.exempt.is_some() {
            names.push(Branch::Exempt.name());
        } else {
            self.reason.branches(&mut names);
        }
        names
    }
}

impl Reason<'_> {
    fn branches(&self, names: &mut Vec<&'static str>) {
        names.push(self.branch.name());
        names.extend(self.modifiers.iter().map(|used| used.kind.branch(used.result)));
        for part in &self.parts {
            part.reason.branches(names);
        }
    }
}
