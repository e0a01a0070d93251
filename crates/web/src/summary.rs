//! What the sheets of a level come to together: what leaders look at.
//!
//! Sheets are added up one after the other and none is kept, so that a country takes no more memory than a province. A
//! country takes about a second all the same, and a leader presses the button when everybody does: who asks while sheets
//! are added up waits for that sum, and it is taken anew for a tenth of the time at most.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criteria::Number;
use criteria::date::Date;
use cycle::entry::ScoreKind;
use cycle::round::Round;
use cycle::time::{self, Standing};
use cycle::{AssessmentId, EntryState, LevelId, Phase, Sheet, UnitId};
use jiff::Timestamp;
use scoring::Program;
use store::State;
use store::state::{Assessment, Level};
use tokio::sync::Mutex;

use crate::app::App;
use crate::failure::Failure;
use crate::view::median;

/// Sums that are kept, each of some hundred bytes for each unit.
const SUMMARIES_KEPT_MAX: usize = 8;
/// How many times as long as it took to add up a sum holds, though somebody saved something meanwhile.
const HOLDS_TIMES: u32 = 10;

/// What the sheets of one indicator come to.
pub struct Stand {
    /// The indicator's place in the set.
    pub place: usize,
    /// The median of the points.
    pub median: Number,
    /// How many are at nothing.
    pub zero: usize,
    /// How many have all points.
    pub full: usize,
    /// How many have no figures.
    pub missing: usize,
    /// How many it applies to.
    pub count: usize,
    /// How many units reach each tenth of the points; full points fall into the last.
    pub tenths: [usize; 10],
    /// What the better third of the units reaches more of it on average than the weaker third, in percent of the points.
    pub apart: i64,
    /// What all of them reach together, and could.
    pub sum: (Number, Number),
}

/// What an agency did.
#[derive(Default)]
pub struct Agency {
    pub name: String,
    pub entries: usize,
    pub appraised: usize,
    pub cut: usize,
    pub raised: usize,
    pub returned: usize,
    /// Declared less counting, over what was appraised.
    pub less: i64,
}

/// How late a unit is.
#[derive(Clone)]
pub struct Late {
    pub sheet: AssessmentId,
    pub unit: String,
    pub late: usize,
    pub open: usize,
    pub days: i32,
}

/// How far a round was at the end of a day.
#[derive(Clone, Copy, Default)]
pub struct Day {
    pub ready: usize,
    pub submitted: usize,
    pub appraised: usize,
    pub decided: usize,
}

/// What a unit declared and what counts of it by now.
pub struct Claim {
    pub sheet: AssessmentId,
    pub unit: String,
    pub own: Number,
    pub counting: Number,
    pub cut: usize,
}

/// What the sheets of a level come to.
pub struct Summary {
    /// When they were read.
    pub at: Timestamp,
    /// The last event before.
    pub seq: i64,
    /// Every indicator, in the order of the set.
    pub stands: Vec<Stand>,
    /// The agencies, the one that cut most first.
    pub agencies: Vec<Agency>,
    /// The units with something late, the most first. What is late follows from days and never from a typed word.
    pub late: Vec<Late>,
    /// The round day by day, each day with all that was done until its end.
    pub days: Vec<(Date, Day)>,
    /// Declared against counting, by unit, who lost most first.
    pub claims: Vec<Claim>,
}

/// Which third of the units a unit belongs to, by its total.
#[derive(Clone, Copy)]
enum Third {
    Weaker,
    Better,
}

/// Points reached, and points that could be.
#[derive(Clone, Copy, Default)]
struct Sum {
    points: i64,
    of: i64,
}

impl Sum {
    fn percent(self) -> i64 {
        if self.of > 0 { self.points.saturating_mul(100) / self.of } else { 0 }
    }
}

/// One indicator while sheets are added.
#[derive(Default)]
struct Adding {
    points: Vec<Number>,
    missing: usize,
    sum: Sum,
    weaker: Sum,
    better: Sum,
}

/// Adds sheets of a level up.
pub struct Tally {
    program: Arc<Program>,
    round: Round,
    today: Date,
    agency_of: Vec<UnitId>,
    thirds: HashMap<AssessmentId, Third>,
    at: Timestamp,
    seq: i64,
    places: Vec<Adding>,
    agencies: BTreeMap<UnitId, Agency>,
    late: Vec<Late>,
    days: BTreeMap<Date, Day>,
    claims: Vec<Claim>,
}

impl Tally {
    /// Begins with nothing. `rows`: whose sheets will be added; by their totals the units are weak or good.
    pub fn new(state: &State, level: &Level, round: &Round, rows: &[Assessment], now: Timestamp) -> Self {
        let mut by_total: Vec<&Assessment> = rows.iter().collect();
        by_total.sort_by_key(|row| row.totals.comparable);
        let third = by_total.len() / 3;
        let weaker = by_total.iter().take(third).map(|row| (row.id, Third::Weaker));
        let better = by_total.iter().rev().take(third).map(|row| (row.id, Third::Better));
        Self {
            program: Arc::clone(&level.program),
            round: round.clone(),
            today: time::day_of(now),
            agency_of: level.program.set.indicators().map(|one| state.agency(round, &one.id)).collect(),
            thirds: weaker.chain(better).collect(),
            at: now,
            seq: state.seq,
            places: (0..level.program.indicator_count()).map(|_| Adding::default()).collect(),
            agencies: BTreeMap::new(),
            late: Vec::new(),
            days: BTreeMap::new(),
            claims: Vec::new(),
        }
    }

    /// Adds a sheet.
    pub fn add(&mut self, state: &State, row: &Assessment, sheet: &Sheet) {
        let unit = state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        self.add_points(row.id, sheet);
        self.add_verdicts(sheet);
        self.add_days(sheet);
        self.late.extend(self.lateness(state, row, sheet, &unit));
        self.claims.push(self.claim(row, sheet, unit));
    }

    fn add_points(&mut self, id: AssessmentId, sheet: &Sheet) {
        let third = self.thirds.get(&id).copied();
        for (place, (adding, entry)) in self.places.iter_mut().zip(&sheet.entries).enumerate() {
            let Some(score) = entry.counting().filter(|score| score.kind != ScoreKind::NotApplicable) else { continue };
            adding.points.push(score.points);
            adding.missing += usize::from(score.kind == ScoreKind::Missing);
            let of = self.program.maximum_of(place).millionths() - score.excluded.millionths();
            let third = match third {
                Some(Third::Weaker) => Some(&mut adding.weaker),
                Some(Third::Better) => Some(&mut adding.better),
                None => None,
            };
            for sum in third.into_iter().chain([&mut adding.sum]) {
                sum.points += score.points.millionths();
                sum.of += of;
            }
        }
    }

    fn add_verdicts(&mut self, sheet: &Sheet) {
        for (place, (entry, agency)) in sheet.entries.iter().zip(&self.agency_of).enumerate() {
            if entry.state < EntryState::Submitted || !self.program.counts(place) {
                continue;
            }
            let row = self.agencies.entry(*agency).or_default();
            row.entries += 1;
            row.returned += usize::from(entry.state == EntryState::Returned);
            let Some(verdict) = entry.verdict() else { continue };
            let own = entry.self_score.as_ref().map_or(0, |score| score.points.millionths());
            let less = own - verdict.score.points.millionths();
            row.appraised += 1;
            row.cut += usize::from(less > 0);
            row.raised += usize::from(less < 0);
            row.less += less;
        }
    }

    fn add_days(&mut self, sheet: &Sheet) {
        let mut on = |at: Timestamp, count: fn(&mut Day) -> &mut usize| {
            *count(self.days.entry(time::day_of(at)).or_default()) += 1;
        };
        if let Some(submission) = &sheet.submission {
            on(submission.at, |day| &mut day.submitted);
        }
        for entry in &sheet.entries {
            if let Some(at) = entry.ready_at {
                on(at, |day| &mut day.ready);
            }
            if let Some(verdict) = &entry.appraised {
                on(verdict.at, |day| &mut day.appraised);
            }
            if let Some(verdict) = &entry.final_score {
                on(verdict.at, |day| &mut day.decided);
            }
        }
    }

    fn lateness(&self, state: &State, row: &Assessment, sheet: &Sheet, unit: &str) -> Option<Late> {
        let (mut late, mut open, mut days) = (0, 0, 0);
        for (indicator, entry) in self.program.set.indicators().zip(&sheet.entries) {
            if entry.self_score.as_ref().is_some_and(|score| score.is_not_applicable()) {
                continue;
            }
            let own = state.own_due(row.round, row.unit, &indicator.id);
            // Without a day of its own, what was sent back is due when the appraisal ends.
            let sent_back = entry.state == EntryState::Returned && sheet.submission.is_some();
            let appraised_by = self.round.days.get(&Phase::Appraising).map(|days| days.to).filter(|_| sent_back);
            let due = entry.returned_due.or(appraised_by);
            let Some(due) = due.or_else(|| self.round.due(row.unit, indicator.due.days(), own)) else { continue };
            let standing = time::standing(due, cycle::progress::done_on(entry, sheet.submission.as_ref()), self.today);
            if let Some(by) = standing.days_late() {
                late += 1;
                days = days.max(by);
                open += usize::from(matches!(standing, Standing::Overdue(_)));
            }
        }
        (late > 0).then(|| Late { sheet: row.id, unit: unit.to_owned(), late, open, days })
    }

    /// The totals of a published round are what was published, so that what was declared is summed here.
    fn claim(&self, row: &Assessment, sheet: &Sheet, unit: String) -> Claim {
        let (mut cut, mut own, mut counting) = (0, 0_i64, 0_i64);
        for (_, entry) in sheet.entries.iter().enumerate().filter(|(place, _)| self.program.counts(*place)) {
            let declared = entry.self_score.as_ref().map_or(0, |score| score.points.millionths());
            let counts = entry.counting().map_or(0, |score| score.points.millionths());
            own += declared;
            counting += counts;
            cut += usize::from(counts < declared);
        }
        let (own, counting) = (Number::from_millionths(own), Number::from_millionths(counting));
        Claim { sheet: row.id, unit, own, counting, cut }
    }

    /// What it came to.
    pub fn end(self, state: &State) -> Summary {
        let stand = |(place, adding): (usize, Adding)| {
            let maximum = self.program.maximum_of(place);
            let mut tenths = [0; 10];
            for points in &adding.points {
                let tenth = points.millionths().max(0).saturating_mul(10) / maximum.millionths().max(1);
                tenths[usize::try_from(tenth).unwrap_or(0).min(9)] += 1;
            }
            Stand {
                place,
                tenths,
                zero: adding.points.iter().filter(|points| **points == Number::ZERO).count(),
                full: adding.points.iter().filter(|points| **points >= maximum).count(),
                missing: adding.missing,
                count: adding.points.len(),
                apart: adding.better.percent() - adding.weaker.percent(),
                sum: (Number::from_millionths(adding.sum.points), Number::from_millionths(adding.sum.of)),
                median: median(adding.points),
            }
        };
        let stands = self.places.into_iter().enumerate().map(stand).collect();
        let named = |(unit, agency): (UnitId, Agency)| {
            let name = state.tree.get(unit).map(|unit| unit.name.clone()).unwrap_or_default();
            Agency { name, ..agency }
        };
        let mut agencies: Vec<Agency> = self.agencies.into_iter().map(named).collect();
        agencies.sort_by_key(|row| std::cmp::Reverse(row.less));
        let (mut late, mut claims) = (self.late, self.claims);
        late.sort_by_key(|row| (std::cmp::Reverse(row.late), std::cmp::Reverse(row.days)));
        claims.sort_by_key(|row| row.counting.millionths() - row.own.millionths());
        let mut sum = Day::default();
        let until = |(day, done): (Date, Day)| {
            sum.ready += done.ready;
            sum.submitted += done.submitted;
            sum.appraised += done.appraised;
            sum.decided += done.decided;
            (day, sum)
        };
        let days = self.days.into_iter().map(until).collect();
        Summary { at: self.at, seq: self.seq, stands, agencies, late, days, claims }
    }
}

/// What somebody may see of verdicts: all, or what units see in the phase.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Eyes {
    /// The phase of the round.
    pub phase: Phase,
    /// Whether everything is seen.
    pub inside: bool,
}

impl Eyes {
    /// Takes from a sheet what is not to be seen yet.
    pub fn mask(self, sheet: &mut Arc<Sheet>) {
        if !self.inside && sheet.entries.iter().any(|entry| entry.verdict().is_some()) {
            let entries = &mut Arc::make_mut(sheet).entries;
            entries.iter_mut().for_each(|entry| cycle::Sight::Unit.mask(self.phase, entry));
        }
    }
}

/// Whose sheets are added up for whom.
#[derive(PartialEq, Eq)]
struct Asked {
    level: LevelId,
    eyes: Eyes,
    today: Date,
    sheets: Vec<AssessmentId>,
}

/// A sum as it was last taken.
struct Taken {
    since: Instant,
    took: Duration,
    summary: Arc<Summary>,
}

/// Where whoever asks for a sum waits for who takes it.
type Place = Arc<Mutex<Option<Taken>>>;

/// The sums that somebody asked for lately, the last at the end.
#[derive(Default)]
pub struct Summaries(std::sync::Mutex<VecDeque<(Asked, Place)>>);

impl Summaries {
    /// The place of a sum.
    fn place(&self, asked: Asked) -> Place {
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = kept.iter().position(|(one, _)| *one == asked).and_then(|at| kept.remove(at));
        let (asked, place) = known.unwrap_or_else(|| (asked, Place::default()));
        kept.push_back((asked, Arc::clone(&place)));
        if kept.len() > SUMMARIES_KEPT_MAX {
            kept.pop_front();
        }
        place
    }
}

impl App {
    /// What the sheets of these rows of a level come to. Of more sheets than are kept in memory, it may be some seconds
    /// old: [`Summary::at`] tells.
    ///
    /// # Errors
    /// The database cannot be read; the round is gone.
    pub async fn summary(&self, level: &Level, eyes: Eyes, rows: Vec<Assessment>) -> Result<Arc<Summary>, Failure> {
        let now = self.now();
        let sheets = rows.iter().map(|row| row.id).collect();
        let asked = Asked { level: level.facts.id, eyes, today: time::day_of(now), sheets };
        let place = self.summaries.place(asked);
        let mut taken = place.lock().await;
        let seq = self.store.state().seq;
        let may_be_old = rows.len() > store::limits::SHEETS_READ_TOGETHER_MAX;
        let holds = |one: &&Taken| one.summary.seq == seq || may_be_old && one.since.elapsed() < one.took * HOLDS_TIMES;
        if let Some(taken) = taken.as_ref().filter(holds) {
            return Ok(Arc::clone(&taken.summary));
        }
        let since = Instant::now();
        let mut tally = {
            let state = self.store.state();
            let round = state.rounds.get(&level.facts.round).ok_or(Failure::NotFound)?;
            Tally::new(&state, level, round, &rows, now)
        };
        let store = &self.store;
        let each = |some: Vec<(Assessment, Arc<Sheet>)>| {
            let state = store.state();
            for (row, mut sheet) in some {
                eyes.mask(&mut sheet);
                tally.add(&state, &row, &sheet);
            }
        };
        store.each_score(rows, each).await?;
        let summary = Arc::new(tally.end(&store.state()));
        *taken = Some(Taken { since: Instant::now(), took: since.elapsed(), summary: Arc::clone(&summary) });
        Ok(summary)
    }
}
