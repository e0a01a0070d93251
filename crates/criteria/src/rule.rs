//! Rules: how the words of an indicator become points (DESIGN §4 and §5). What a rule *means* is in `scoring`;
//! here is what it *says*.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::MonthDay;
use crate::model::Figure;
use crate::number::{Edge, Number, Share};

/// A reference to a figure: its id in the indicator, `profile.ID` or `round.ID`.
pub type FigureRef = String;

/// What is computed from which figures. The maximum is the points of the indicator or part that holds the rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Yes: the maximum; no: nothing. Asks its own question and so makes its own figure.
    YesNo {
        /// The question.
        asks: String,
        /// The id of the answer's figure, where it is not `answer` or the part's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        figure: Option<String>,
    },
    /// One of several answers, each with its share of the maximum.
    Choice {
        /// The question.
        asks: String,
        /// The answers.
        options: Vec<ChoiceOption>,
        /// The id of the answer's figure, where it is not `answer` or the part's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        figure: Option<String>,
    },
    /// Several conditions with points each; the parts' points add up to the maximum.
    Parts {
        /// The parts, in the order of the document.
        parts: Vec<Part>,
    },
    /// A part of a whole.
    Share {
        /// The part's figure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<FigureRef>,
        /// The whole's figure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole: Option<FigureRef>,
        /// A figure that is itself a share, in place of `part` and `whole`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<FigureRef>,
        /// What the share is put through.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        curve: Option<Curve>,
        /// The share from which on the points are full.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        full_from: Option<Share>,
        /// What a whole of zero gives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        empty: Option<Empty>,
        /// Whether the part may be larger than the whole (it then counts as the whole).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        may_exceed: bool,
        /// The points of 100 %, where the document prints something else than the maximum.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worth: Option<Number>,
    },
    /// A count against the number that is required.
    Required {
        /// The count's figure.
        count: FigureRef,
        /// The number required: a number, or a reference to a figure of the profile or the round.
        required: String,
        /// Proportional (the default) or all or nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        curve: Option<Curve>,
        /// A day before which the last one must have been held; a later last one does not count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Last>,
    },
    /// The highest step whose lower edge is reached.
    Steps {
        /// The measured figure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<FigureRef>,
        /// The part's figure, where a share is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<FigureRef>,
        /// The whole's figure, where a share is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole: Option<FigureRef>,
        /// What a whole of zero gives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        empty: Option<Empty>,
        /// The steps, highest first.
        steps: Vec<Step>,
    },
    /// So many points each, up to a ceiling.
    Each {
        /// The count's figure.
        count: FigureRef,
        /// Points each.
        each: Number,
        /// The most points, where it is not the maximum.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ceiling: Option<Number>,
    },
    /// The maximum less so many points each.
    Loss {
        /// The count's figure.
        count: FigureRef,
        /// Points lost each.
        each: Number,
        /// The count from which on nothing is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zero_from: Option<Number>,
    },
    /// Handled of happened; full when none happened.
    Handled {
        /// How many were handled.
        handled: FigureRef,
        /// How many happened.
        happened: FigureRef,
    },
    /// The position among the units of the level and block.
    Peers {
        /// The measured figure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<FigureRef>,
        /// The part's figure, where a share is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<FigureRef>,
        /// The whole's figure, where a share is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole: Option<FigureRef>,
        /// What a whole of zero gives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        empty: Option<Empty>,
        /// Between the least and the most, or against the best.
        method: PeersMethod,
        /// Which end is better; higher where not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        better: Option<Better>,
    },
    /// The points of other indicators, which then do not count on their own.
    Sum {
        /// Their ids.
        of: Vec<String>,
    },
    /// No way to compute is given: the appraiser gives points, with a reason.
    Judged {
        /// What the appraiser judges.
        asks: String,
    },
}

/// What a share or a count is put through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// In proportion.
    Proportional,
    /// Full at the whole (or the required number), else nothing.
    AllOrNothing,
    /// Turned round: the less, the better. Shares only.
    Inverse,
}

/// What a share of a whole of zero gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// The maximum.
    Full,
    /// Nothing.
    Zero,
    /// The indicator does not apply; inside a part the part's points leave the maximum.
    NotApplicable,
}

/// How a position among peers becomes a share of the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PeersMethod {
    /// (x − min) ÷ (max − min).
    MinMax,
    /// x ÷ max.
    ShareOfBest,
}

/// Which end of a measure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// The higher, the better.
    Higher,
    /// The lower, the better.
    Lower,
}

/// One answer of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Its id, as written in files of figures.
    pub id: String,
    /// What people read.
    pub label: String,
    /// Its share of the maximum.
    pub share: Share,
}

/// A condition with points of its own: a rule within a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its id among its sisters.
    pub id: String,
    /// What people read; left out where the rule's question says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its points.
    pub points: Number,
    /// Figures that only this part needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// How its points come about.
    pub rule: Rule,
    /// A condition that must hold first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// What lateness costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
}

/// A step: from this edge on, these points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The lower edge, which belongs to the step.
    pub from: Edge,
    /// The points.
    pub points: Number,
}

/// A day before which the last of the counted must have been held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Last {
    /// The figure that holds the last one's date.
    pub date: FigureRef,
    /// The day of the assessed year; the day itself is too late.
    pub before: MonthDay,
}

/// A condition that must hold first, else nothing. Exactly one of `count`, `date` and `yes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// A count that must reach `at_least`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<FigureRef>,
    /// How many at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Number>,
    /// A date that must lie before `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<FigureRef>,
    /// The day of the assessed year; the day itself is too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<MonthDay>,
    /// A yes/no figure that must be yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<FigureRef>,
}

/// What lateness costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// The figure that holds the date.
    pub date: FigureRef,
    /// The last day of the assessed year that is in time.
    pub after: MonthDay,
    /// What is left of the points after it.
    pub factor: Share,
}

/// A figure measured by itself or as a part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure<'a> {
    /// One figure.
    Value(&'a str),
    /// A part and its whole.
    Share(&'a str, &'a str),
}

impl<'a> Measure<'a> {
    /// The measure that three optional keys name; `None` where they name none or two.
    pub fn new(
        value: &'a Option<FigureRef>,
        part: &'a Option<FigureRef>,
        whole: &'a Option<FigureRef>,
    ) -> Option<Self> {
        match (value, part, whole) {
            (Some(value), None, None) => Some(Self::Value(value)),
            (None, Some(part), Some(whole)) => Some(Self::Share(part, whole)),
            _ => None,
        }
    }
}

impl Rule {
    /// The name of the kind, as written in the file.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::YesNo { .. } => "yes-no",
            Self::Choice { .. } => "choice",
            Self::Parts { .. } => "parts",
            Self::Share { .. } => "share",
            Self::Required { .. } => "required",
            Self::Steps { .. } => "steps",
            Self::Each { .. } => "each",
            Self::Loss { .. } => "loss",
            Self::Handled { .. } => "handled",
            Self::Peers { .. } => "peers",
            Self::Sum { .. } => "sum",
            Self::Judged { .. } => "judged",
        }
    }

    /// What the rule measures, for the kinds that put a measure through a curve.
    pub fn measure(&self) -> Option<Measure<'_>> {
        match self {
            Self::Share { part, whole, value, .. }
            | Self::Steps { part, whole, value, .. }
            | Self::Peers { part, whole, value, .. } => Measure::new(value, part, whole),
            Self::YesNo { .. }
            | Self::Choice { .. }
            | Self::Parts { .. }
            | Self::Required { .. }
            | Self::Each { .. }
            | Self::Loss { .. }
            | Self::Handled { .. }
            | Self::Sum { .. }
            | Self::Judged { .. } => None,
        }
    }

    /// This rule and the rules of its parts, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Rule)) {
        visit(self);
        if let Self::Parts { parts } = self {
            for part in parts {
                part.rule.walk(visit);
            }
        }
    }

    /// Sets the curve of every share and required rule within.
    pub(crate) fn set_curve(&mut self, new: Curve) {
        match self {
            Self::Share { curve, .. } | Self::Required { curve, .. } => *curve = Some(new),
            Self::Parts { parts } => parts.iter_mut().for_each(|part| part.rule.set_curve(new)),
            _ => {}
        }
    }

    /// Sets what a whole of zero gives, in every rule within that measures a share.
    pub(crate) fn set_empty(&mut self, new: Empty) {
        match self {
            Self::Share { empty, .. } | Self::Steps { empty, .. } | Self::Peers { empty, .. } => *empty = Some(new),
            Self::Parts { parts } => parts.iter_mut().for_each(|part| part.rule.set_empty(new)),
            _ => {}
        }
    }
}
