//! A unit's sheet (phiếu đánh giá): the profile, the entries, and the points that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use criteria::{Number, Text};
use jiff::Timestamp;
use scoring::evaluate::Spread;
use scoring::notation::{self, Hint, Notation, RawValue};
use scoring::score::{Claim, Claims};
use scoring::single::{self, Measure};
use scoring::{Cell, Origin, Program, Slot, UnitFigures};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::action::SheetState;
use crate::entry::{Answer, Entry, FigureValue, Score, Verdict};
use crate::id::{AccountId, AssessmentId, LevelId, RoundId, UnitId};

/// A submission: the head of the unit signed off exactly this state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The hash of the state, [`Sheet::state_hash`].
    pub hash: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: AccountId,
    /// The receipt's number, which no other submission has.
    pub receipt: String,
    /// The points as they stood: what peers are compared with may move the sheet's own later. Submissions of before this was
    /// kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedPoints>,
}

/// The points that a head signed off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPoints {
    /// In all.
    pub points: Number,
    /// Of each pillar, in the order of the set.
    pub pillars: Vec<Number>,
}

/// Where a figure comes from that an appraiser set in place of the declared one.
pub const SET_BY_APPRAISER: &str = "appraiser";

/// A unit's sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its identity.
    pub id: AssessmentId,
    /// The round.
    pub round: RoundId,
    /// The level of the round, with its set.
    pub level: LevelId,
    /// The unit.
    pub unit: UnitId,
    /// Open or submitted.
    pub state: SheetState,
    /// Grows by one with every change of anything on the sheet.
    pub version: i64,
    /// The unit profile (thông tin chung), by figure.
    pub profile: BTreeMap<String, FigureValue>,
    /// The version of the profile.
    pub profile_version: i64,
    /// One entry for each indicator of the set, in its order.
    pub entries: Vec<Entry>,
    /// The submission in force.
    pub submission: Option<Submission>,
}

/// A value that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The indicator; `None` for the profile.
    pub indicator: Option<String>,
    /// The figure.
    pub figure: String,
    /// What is wrong and what would be understood.
    pub message: Text,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The points.
    pub points: Number,
    /// The most there are.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// Awarded ÷ (maximum − excluded) × maximum; `None` where nothing applies.
    pub comparable: Option<Number>,
    /// The pillars, in order.
    pub pillars: Vec<PillarTotals>,
}

/// What a pillar of a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PillarTotals {
    /// The points.
    pub points: Number,
    /// The most there are.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// Entries that the unit has finished.
    pub done: u32,
    /// Entries that apply.
    pub count: u32,
}

/// What a level brings to the scoring of one sheet.
#[derive(Clone, Copy, Debug)]
pub struct LevelContext<'a> {
    /// The set, made ready.
    pub program: &'a Program,
    /// The round's figures, by slot.
    pub round: &'a [Cell],
    /// The spans of the rules about peers, over the unit's block.
    pub spreads: &'a [Option<Spread>],
    /// Indicators that the round's owner exempted the unit from.
    pub exempt: &'a BTreeSet<String>,
}

/// A sheet's figures as the engine takes them.
#[derive(Clone, Debug)]
pub struct Read {
    /// The figures; what cannot be used is missing here.
    pub figures: UnitFigures,
    /// What cannot be used.
    pub problems: Vec<FieldProblem>,
    /// What the unit or the round's owner says instead of figures.
    pub claims: Claims,
    /// The measures that are compared with peers.
    pub measures: Vec<Measure>,
}

impl Sheet {
    /// A sheet that nobody has touched.
    pub fn empty(id: AssessmentId, round: RoundId, level: LevelId, unit: UnitId, program: &Program) -> Self {
        Self {
            id,
            round,
            level,
            unit,
            state: SheetState::Open,
            version: 0,
            profile: BTreeMap::new(),
            profile_version: 0,
            entries: program.set.indicators().map(|indicator| Entry::empty(&indicator.id)).collect(),
            submission: None,
        }
    }

    /// The entry of an indicator, with its place.
    pub fn entry(&self, indicator: &str) -> Option<(usize, &Entry)> {
        self.entries.iter().enumerate().find(|(_, entry)| entry.indicator == indicator)
    }

    /// Reads the figures. A value that cannot be used is told and left out; nothing typed is lost.
    pub fn read(&self, level: &LevelContext<'_>) -> Read {
        let program = level.program;
        let mut figures = UnitFigures {
            unit: self.unit.to_string(),
            cells: vec![Cell::Missing; program.unit_slots.len()],
            origins: BTreeMap::new(),
        };
        let mut problems = Vec::new();
        for (at, info) in program.unit_slots.iter().enumerate() {
            let value = match &info.indicator {
                None => self.profile.get(&info.figure.id),
                Some(indicator) => {
                    self.entry_of(program, indicator).and_then(|entry| entry.figures.get(&info.figure.id))
                }
            };
            let Some(value) = value.filter(|value| !value.typed.trim().is_empty()) else { continue };
            match read_value(&info.figure, &value.typed) {
                Ok(cell) if cell.is_given() => {
                    figures.cells[at] = cell;
                    figures.origins.insert(at, Origin { place: String::new(), typed: value.typed.clone() });
                }
                Ok(_) => {}
                Err(message) => problems.push(FieldProblem {
                    indicator: info.indicator.clone(),
                    figure: info.figure.id.clone(),
                    message,
                }),
            }
        }
        for found in single::contradictions(program, &figures, level.round) {
            let info = program.info(found.slot);
            problems.push(FieldProblem {
                indicator: Some(found.indicator),
                figure: info.figure.id.clone(),
                message: found.message,
            });
            if let Slot::Unit(at) = found.slot {
                figures.cells[at] = Cell::Missing;
                figures.origins.remove(&at);
            }
        }
        let measures = single::measures(program, &figures.cells, level.round);
        Read { claims: self.claims(level.exempt), figures, problems, measures }
    }

    fn entry_of(&self, program: &Program, indicator: &str) -> Option<&Entry> {
        program.indicator_index(indicator).and_then(|index| self.entries.get(index))
    }

    fn claims(&self, exempt: &BTreeSet<String>) -> Claims {
        let claim = |entry: &Entry| match &entry.answer {
            _ if exempt.contains(&entry.indicator) => Some(Claim::NotApplicable),
            Answer::Figures => None,
            Answer::NotApplicable { .. } => Some(Claim::NotApplicable),
            Answer::NotDone { .. } => Some(Claim::NotDone),
        };
        self.entries.iter().enumerate().filter_map(|(index, entry)| Some((index, claim(entry)?))).collect()
    }

    /// The figures that count: those that an appraiser set in place of the declared ones. A value that cannot be used is
    /// missing; the door lets none in.
    pub fn counting_figures(&self, program: &Program, declared: &UnitFigures) -> UnitFigures {
        self.overlaid(program, declared, Entry::verdict)
    }

    fn overlaid<'s>(
        &'s self,
        program: &Program,
        declared: &UnitFigures,
        verdict: impl Fn(&'s Entry) -> Option<&'s Verdict>,
    ) -> UnitFigures {
        let mut figures = declared.clone();
        for (at, info) in program.unit_slots.iter().enumerate() {
            let Some(indicator) = &info.indicator else { continue };
            let Some(entry) = self.entry_of(program, indicator) else { continue };
            let Some(value) = verdict(entry).and_then(|verdict| verdict.figures.get(&info.figure.id)) else { continue };
            figures.cells[at] = read_value(&info.figure, &value.typed).unwrap_or_default();
            figures.origins.insert(at, Origin { place: SET_BY_APPRAISER.to_owned(), typed: value.typed.clone() });
        }
        figures
    }

    /// The claims of the unit, without those that an appraiser replaced by figures.
    fn overlaid_claims<'s>(&'s self, claims: &Claims, verdict: impl Fn(&'s Entry) -> Option<&'s Verdict>) -> Claims {
        let replaced = |place: usize| {
            self.entries.get(place).and_then(&verdict).is_some_and(|verdict| !verdict.figures.is_empty())
        };
        claims.iter().filter(|(place, _)| !replaced(**place)).map(|(place, claim)| (*place, *claim)).collect()
    }

    /// What the verdicts of one column come to that stand on figures; gives the places where one moved.
    fn rescore_verdicts(
        &mut self,
        level: &LevelContext<'_>,
        read: &Read,
        of: fn(&Entry) -> Option<&Verdict>,
        column: fn(&mut Entry) -> Option<&mut Verdict>,
    ) -> Vec<usize> {
        if !self.entries.iter().any(|entry| of(entry).is_some_and(|verdict| verdict.computed)) {
            return Vec::new();
        }
        let figures = self.overlaid(level.program, &read.figures, of);
        let claims = self.overlaid_claims(&read.claims, of);
        let scored = single::score_one(level.program, &figures.cells, level.round, level.spreads, &claims);
        let mut changed = Vec::new();
        for (place, (entry, score)) in self.entries.iter_mut().zip(&scored.indicators).enumerate() {
            let Some(verdict) = column(entry).filter(|verdict| verdict.computed) else { continue };
            let new = Score { points: score.points, excluded: score.excluded, kind: score.state.into() };
            if verdict.score != new {
                verdict.score = new;
                changed.push(place);
            }
        }
        changed
    }

    /// Computes the self-scores of all entries by the engine, and the verdicts that stand on figures. Gives the totals, and
    /// the places of the entries whose score changed; points that a person gave are never touched.
    pub fn rescore(&mut self, level: &LevelContext<'_>, read: &Read) -> (Totals, Vec<usize>) {
        let program = level.program;
        let scored = single::score_one(program, &read.figures.cells, level.round, level.spreads, &read.claims);
        let mut changed = Vec::new();
        for (index, (entry, score)) in self.entries.iter_mut().zip(&scored.indicators).enumerate() {
            let new = Score { points: score.points, excluded: score.excluded, kind: score.state.into() };
            if entry.self_score.as_ref() != Some(&new) {
                entry.self_score = Some(new);
                changed.push(index);
            }
        }
        changed.extend(self.rescore_verdicts(
            level,
            read,
            |entry| entry.appraised.as_ref(),
            |entry| entry.appraised.as_mut(),
        ));
        changed.extend(self.rescore_verdicts(
            level,
            read,
            |entry| entry.final_score.as_ref(),
            |entry| entry.final_score.as_mut(),
        ));
        let mut totals = Totals {
            points: scored.points,
            maximum: scored.maximum,
            excluded: scored.excluded,
            comparable: scored.comparable,
            pillars: Vec::new(),
        };
        let mut entries = self.entries.iter();
        for (pillar, score) in program.set.pillars.iter().zip(&scored.pillars) {
            let own: Vec<&Entry> = entries.by_ref().take(pillar.indicators.len()).collect();
            let applies = |entry: &&&Entry| entry.self_score.as_ref().is_none_or(|score| !score.is_not_applicable());
            totals.pillars.push(PillarTotals {
                points: score.points,
                maximum: score.maximum,
                excluded: score.excluded,
                done: count(own.iter().filter(applies).filter(|entry| entry.state.is_done())),
                count: count(own.iter().filter(applies)),
            });
        }
        (totals, changed)
    }

    /// The claims with what counts by now in their place: points that a person gave finally, else those that an appraiser
    /// gave, else what the unit says. What stands on figures is no claim: [`Sheet::counting_figures`] brings it.
    pub fn counting_claims(&self, exempt: &BTreeSet<String>) -> Claims {
        let mut claims = self.overlaid_claims(&self.claims(exempt), Entry::verdict);
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(verdict) = entry.verdict().filter(|verdict| !verdict.computed) {
                let (points, excluded) = (verdict.score.points, verdict.score.excluded);
                claims.insert(index, Claim::Given { points, excluded });
            }
        }
        claims
    }

    /// The hash of everything that the head of the unit signs off: figures, answers, notes, evidence. Points are not in it:
    /// they follow from these by the rules, and may move when a peer saves what one is compared with.
    pub fn state_hash(&self, set_hash: &str) -> String {
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|entry| {
                let typed: BTreeMap<&str, &str> =
                    entry.figures.iter().map(|(id, value)| (id.as_str(), value.typed.as_str())).collect();
                (&entry.indicator, &entry.answer, &entry.note, typed, &entry.evidence)
            })
            .collect();
        let profile: BTreeMap<&str, &str> =
            self.profile.iter().map(|(id, value)| (id.as_str(), value.typed.as_str())).collect();
        let state = serde_json::json!([self.id, set_hash, profile, entries]);
        Sha256::digest(state.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Score {
    /// Whether the indicator does not apply.
    pub fn is_not_applicable(&self) -> bool {
        self.kind == crate::entry::ScoreKind::NotApplicable
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// Reads a value that was typed into a field. A number that could be two is Vietnamese here: the field says how it
/// was understood while it is typed.
///
/// # Errors
/// What the value is not, and what would be understood.
pub fn read_value(figure: &criteria::model::Figure, typed: &str) -> Result<Cell, Text> {
    let most = criteria::limits::VALUE_BYTES_MAX;
    if typed.len() > most {
        return Err(Text::new(format!("dài quá {most} byte"), format!("longer than {most} bytes")));
    }
    let notation = match notation::hint(typed, figure.kind) {
        Hint::English => Notation::English,
        Hint::Neutral | Hint::Vietnamese | Hint::Ambiguous => Notation::Vietnamese,
    };
    notation::read(figure, &RawValue::Text(typed.to_owned()), notation)
}
