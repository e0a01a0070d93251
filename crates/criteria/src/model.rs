//! What a criteria set is: the types behind `set.toml` and the files of its pillars.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::{Day, MonthDay};
use crate::number::{Number, Share};
use crate::rule::{Curve, Empty, Gate, Late, Rule};

/// `set.toml`: the document, the whole, the unit profile, the readings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetHead {
    /// The version of the file format: 1.
    pub format: u32,
    /// The set's id, which is its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The level of the units that it measures.
    pub level: String,
    /// The total as printed, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Number>,
    /// The first year that it is applied to.
    pub year: i16,
    /// The pillars' files, in order.
    pub pillars: Vec<String>,
    /// What could not be read for sure in the document as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// The document that it comes from.
    pub document: Document,
    /// What a year's figures cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Rounding, where the document is not silent.
    #[serde(default)]
    pub rounding: Rounding,
    /// How the comparable result is told.
    #[serde(default)]
    pub result: ResultScale,
    /// How units are ranked.
    #[serde(default)]
    pub ranking: Ranking,
    /// The text as received.
    #[serde(default, rename = "source", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Source text that is no criterion.
    #[serde(default, rename = "aside", skip_serializing_if = "Vec::is_empty")]
    pub asides: Vec<Aside>,
    /// The unit profile (thông tin chung).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<Figure>,
    /// Figures of the round, the same for all units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub round: Vec<Figure>,
    /// Where the words are silent or leave two meanings.
    #[serde(default, rename = "reading", skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
}

/// An official document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Quyết định, Công văn, Kế hoạch …
    pub kind: String,
    /// Its number, as printed.
    pub number: String,
    /// The day it was issued.
    pub date: Day,
    /// Who issued it.
    pub issuer: String,
    /// The annex within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annex: Option<String>,
}

/// The days of a year that figures cover, both included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub from: MonthDay,
    /// The last day.
    pub to: MonthDay,
}

/// How and where points are rounded: once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rounding {
    /// Which way halves go.
    pub mode: RoundingMode,
    /// Decimal places, 0 to 6.
    pub places: u8,
    /// Where it happens.
    pub tier: Tier,
}

impl Default for Rounding {
    /// Half up, two decimals per indicator (DESIGN §5), where a document is silent.
    fn default() -> Self {
        Self { mode: RoundingMode::HalfUp, places: 2, tier: Tier::Indicator }
    }
}

/// Which way halves go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoundingMode {
    /// Halves go up.
    HalfUp,
    /// Halves go to the even neighbour.
    HalfEven,
    /// What is beyond the places is cut.
    Down,
}

/// A tier of a set, from the single indicator to the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Each indicator.
    Indicator,
    /// Each pillar; indicators are exact.
    Pillar,
    /// Only the total; all below is exact.
    Total,
}

/// How the comparable result is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResultScale {
    /// What a full result is called; the set's maximum where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of: Option<Number>,
    /// Decimal places, 0 to 6.
    pub places: u8,
}

impl Default for ResultScale {
    fn default() -> Self {
        Self { out_of: None, places: 2 }
    }
}

/// How units are ranked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ranking {
    /// By the comparable result or by the points awarded.
    pub by: RankedBy,
    /// Whether to rank on the exact result, before it is rounded.
    pub unrounded: bool,
    /// Which number follows a tie.
    pub ties: Ties,
    /// Pillars or indicators whose points break ties, in order; only those that the document declares.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tie_breaks: Vec<String>,
    /// A choice of the profile, `profile.ID`: its blocks are ranked apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Grades, highest first.
    #[serde(rename = "grade", skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
}

impl Default for Ranking {
    fn default() -> Self {
        Self {
            by: RankedBy::Comparable,
            unrounded: false,
            ties: Ties::Competition,
            tie_breaks: Vec::new(),
            block: None,
            grades: Vec::new(),
        }
    }
}

/// What a ranking compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RankedBy {
    /// Awarded ÷ (maximum − excluded) × maximum.
    Comparable,
    /// The points awarded.
    Points,
}

/// Which number follows a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// 1, 2, 2, 4.
    Competition,
    /// 1, 2, 2, 3.
    Dense,
}

/// A grade and the share of the full result from which on it is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Its name.
    pub name: String,
    /// Its lower edge.
    pub from: Share,
}

/// A file with the text as received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, from the set's folder.
    pub file: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// A scan whose letters cannot be compared one by one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
    /// Another document that helps to read this one; what it says beyond that need not be quoted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auxiliary: bool,
}

/// Source text that is no criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aside {
    /// The words.
    pub text: String,
    /// What they are.
    pub why: String,
}

/// What kind of value a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// Yes or no.
    YesNo,
    /// A whole number, 0 or more.
    Count,
    /// A decimal, 0 or more.
    Number,
    /// An amount of money, 0 or more, in the figure's unit.
    Money,
    /// 0 % to 100 %.
    Share,
    /// One of several answers.
    Choice,
    /// A day.
    Date,
    /// Words.
    Text,
    /// Points that a person gives, 0 to the maximum.
    Points,
}

impl FigureKind {
    /// The name of the kind, as written in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::YesNo => "yes-no",
            Self::Count => "count",
            Self::Number => "number",
            Self::Money => "money",
            Self::Share => "share",
            Self::Choice => "choice",
            Self::Date => "date",
            Self::Text => "text",
            Self::Points => "points",
        }
    }

    /// Whether a value of this kind is a quantity that can be compared and divided.
    pub const fn is_quantity(self) -> bool {
        match self {
            Self::Count | Self::Number | Self::Money | Self::Share | Self::Points => true,
            Self::YesNo | Self::Choice | Self::Date | Self::Text => false,
        }
    }
}

/// A named input of a rule (số liệu).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its id.
    pub id: String,
    /// Its number in the unit profile, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no: Option<String>,
    /// What people read.
    pub label: String,
    /// What kind of value it is.
    pub kind: FigureKind,
    /// What is counted or measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where it usually comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The answers of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FigureOption>,
    /// Why a field stands in the profile that the document does not print.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<String>,
}

/// One answer of a figure that is a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureOption {
    /// Its id, as written in files of figures.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// A recorded answer to what the law leaves open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Its id.
    pub id: String,
    /// The indicators that it is about.
    pub at: Vec<String>,
    /// What is asked.
    pub asks: String,
    /// The id of the variant in force.
    pub answer: String,
    /// Why.
    pub why: String,
    /// Who decides.
    pub decides: String,
    /// Open or decided; a round owner decides before publication.
    pub status: ReadingStatus,
    /// Numbers that the reading brings into rules, because the text does not print them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// The answers.
    #[serde(rename = "variant")]
    pub variants: Vec<ReadingVariant>,
}

/// Whether a reading has been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingStatus {
    /// Blocks publication.
    Open,
    /// Decided by the one who may.
    Decided,
}

/// One answer to a reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingVariant {
    /// Its id.
    pub id: String,
    /// What people read.
    pub label: String,
    /// The curve of every share and required rule at the reading's indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
    /// What a whole of zero gives at the reading's indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty: Option<Empty>,
}

/// A pillar's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PillarFile {
    /// The pillar.
    pub pillar: Pillar,
    /// Its groups, where it has any.
    #[serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Its indicators, in the order of the document.
    #[serde(default, rename = "indicator", skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
}

/// A pillar (trụ cột, nhóm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pillar {
    /// Its number, as printed, which is its id.
    pub no: String,
    /// Its name, as printed.
    pub name: String,
    /// Its points, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// What could not be read for sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
}

/// A group (chỉ số).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Pillar and number, told apart where the document uses a number twice.
    pub id: String,
    /// Its number, as printed.
    pub no: String,
    /// Its name, as printed.
    pub name: String,
    /// Its points, where the document prints them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
}

/// An indicator (chỉ số thành phần, tiêu chí).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Pillar and number, told apart where the document uses a number twice.
    pub id: String,
    /// Its number, as printed.
    pub no: String,
    /// The group, where it is not the one whose id begins the indicator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its name, as printed.
    pub name: String,
    /// Its points, as printed; where none are, a reading gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// Its deadlines.
    #[serde(default, skip_serializing_if = "Due::is_empty")]
    pub due: Due,
    /// What is to be done (nội dung thực hiện).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// The words that the rule carries out (điều kiện đảm bảo, cách tính điểm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `text` as it must have read before conversion spoiled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<String>,
    /// Notes (ghi chú).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Where the figures come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appraiser: Option<String>,
    /// Leading officials, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lead: Vec<String>,
    /// Coordinating officials, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinating: Vec<String>,
    /// What proves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What could not be read for sure, and why we put what we put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// When it does not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exempt: Vec<Exempt>,
    /// Its figures.
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
    /// What other answers to readings change here.
    #[serde(default, rename = "variant", skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<IndicatorVariant>,
    /// What a careful reader sees and a program cannot.
    #[serde(default, rename = "fault", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// Deadlines: one day or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Due {
    /// One day.
    One(MonthDay),
    /// Several, or none.
    Several(Vec<MonthDay>),
}

impl Default for Due {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Due {
    /// The days.
    pub fn days(&self) -> &[MonthDay] {
        match self {
            Self::One(day) => std::slice::from_ref(day),
            Self::Several(days) => days,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.days().is_empty()
    }
}

/// What proves an indicator (tài liệu kiểm chứng).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is, as printed.
    pub what: String,
    /// Whether it must carry a digital signature.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// How many at least; 1 where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
}

/// When an indicator does not apply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exempt {
    /// A figure.
    pub when: String,
    /// What it must be for the indicator not to apply.
    pub is: ExemptIs,
    /// The words that say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a figure must be for an indicator not to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExemptIs {
    /// A yes/no figure is yes.
    Yes,
    /// A yes/no figure is no.
    No,
    /// A quantity is zero.
    Zero,
}

/// What an answer to a reading changes at an indicator. Each key replaces the whole of what it names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorVariant {
    /// The reading.
    pub reading: String,
    /// The reading's variant.
    pub pick: String,
    /// The points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// Figures that only this variant's rule needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// The gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// The late factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// When it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Vec<Exempt>>,
    /// No gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_gate: bool,
    /// No late factor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_late: bool,
    /// Applies always.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_exempt: bool,
}

/// A fault of the document that only a reader sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which kind of fault.
    pub code: FaultCode,
    /// The printed words.
    pub quote: String,
    /// What is wrong, in Vietnamese.
    pub vi: String,
    /// What is wrong, in English.
    pub en: String,
}

/// Kinds of faults that only a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// The name says one thing, the method measures another.
    NameMethod,
    /// Addressed to another level than the one it applies to.
    OtherLevel,
    /// A word that a find-and-replace spoiled.
    SpoiledWord,
    /// Two passages contradict each other.
    Contradiction,
    /// Nobody can tell what is meant.
    Unclear,
}

impl FaultCode {
    /// The code, as written in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NameMethod => "name-method",
            Self::OtherLevel => "other-level",
            Self::SpoiledWord => "spoiled-word",
            Self::Contradiction => "contradiction",
            Self::Unclear => "unclear",
        }
    }
}

/// A file of worked examples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// The examples.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

/// A worked example: figures in, points out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows, a sentence.
    pub name: String,
    /// The indicator.
    pub indicator: String,
    /// The indicator's figures; for a `sum`, the children's as `CHILD/figure`.
    #[serde(default)]
    pub figures: BTreeMap<String, String>,
    /// Figures of the unit's profile.
    #[serde(default)]
    pub profile: BTreeMap<String, String>,
    /// Figures of the round.
    #[serde(default)]
    pub round: BTreeMap<String, String>,
    /// The assessed year, where it is not the set's.
    #[serde(default)]
    pub year: Option<i16>,
    /// Other answers to readings.
    #[serde(default)]
    pub pick: BTreeMap<String, String>,
    /// The other units' figures, for rules about peers.
    #[serde(default)]
    pub peers: Vec<BTreeMap<String, String>>,
    /// The points expected.
    pub points: Number,
    /// The branch that the explanation must name.
    pub branch: String,
}
