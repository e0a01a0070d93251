//! The demonstration's year moves on: units sign off, agencies appraise, units explain, the owner decides and
//! publishes. Each step leaves some of the work to the visitor.

use std::collections::BTreeMap;
use std::sync::Arc;

use criteria::Number;
use criteria::date::Date;
use criteria::model::Indicator;
use cycle::{AccountId, AssessmentId, EntryState, Phase, RoundId, Sheet, UnitId, time};
use jiff::{SignedDuration, Timestamp};
use store::command::{Appraisal, NewEvidence};
use store::{Actor, Command, State, Store};
use web::App;

use crate::cuts::{self, Proof};
use crate::failure::Failure;
use crate::province::{SHOWN, at, broken, paper, refused, sign_off};
use crate::signed::PLAIN;

/// The demonstration's time: in the middle of the phase that the latest round is in.
pub fn clock(app: &App) -> Option<Timestamp> {
    let state = app.store.state();
    let round = state.rounds.values().max_by_key(|round| round.year)?;
    let day = match round.phase {
        Phase::Draft | Phase::Collecting => format!("{}-10-20", round.year),
        Phase::Appraising => format!("{}-11-20", round.year),
        Phase::Explaining => format!("{}-12-10", round.year),
        Phase::Deciding => format!("{}-01-05", round.year + 1),
        Phase::Published => format!("{}-01-16", round.year + 1),
    };
    at(&day, 8).ok()
}

/// Moves the latest round on by one phase.
pub async fn advance(app: App) -> Result<(), String> {
    let next = async {
        let (round, phase, year) = {
            let state = app.store.state();
            let round = state.rounds.values().max_by_key(|round| round.year).ok_or_else(broken)?;
            (round.id, round.phase, round.year)
        };
        step(&app.store, round, phase, year).await
    };
    next.await.map_err(|failure| format!("{failure:?}"))?;
    if let Some(now) = clock(&app) {
        app.set_now(now);
    }
    Ok(())
}

/// Brings a round that was collected to its publication.
pub async fn finish(store: &Store, round: RoundId, year: i16) -> Result<(), Failure> {
    for phase in [Phase::Collecting, Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        step(store, round, phase, year).await?;
    }
    Ok(())
}

async fn set_phase(store: &Store, round: RoundId, phase: Phase, day: &str) -> Result<(), Failure> {
    let command = Command::SetPhase { round, phase, reason: String::new() };
    store.change(Actor::Operator, at(day, 8)?, command).await.map_err(refused)?;
    Ok(())
}

async fn step(store: &Store, round: RoundId, phase: Phase, year: i16) -> Result<(), Failure> {
    match phase {
        Phase::Draft => set_phase(store, round, Phase::Collecting, &format!("{year}-04-01")).await,
        Phase::Collecting => {
            let open: Vec<(AssessmentId, UnitId)> = {
                let state = store.state();
                let open = state.assessments.values().filter(|one| one.round == round && one.submission.is_none());
                let mut open: Vec<_> = open.map(|one| (one.id, one.unit)).collect();
                open.sort_unstable();
                open
            };
            sign_off(store, open, at(&format!("{year}-10-30"), 15)?).await?;
            set_phase(store, round, Phase::Appraising, &format!("{year}-11-01")).await?;
            let due = format!("{year}-11-25").parse().map_err(|_| broken())?;
            appraise_some(store, round, at(&format!("{year}-11-10"), 15)?, due).await
        }
        Phase::Appraising => {
            appraise_rest(store, round, at(&format!("{year}-11-29"), 15)?).await?;
            set_phase(store, round, Phase::Explaining, &format!("{year}-12-01")).await?;
            explain_some(store, round, at(&format!("{year}-12-04"), 15)?).await
        }
        Phase::Explaining => {
            explain_rest(store, round, at(&format!("{year}-12-15"), 15)?).await?;
            set_phase(store, round, Phase::Deciding, &format!("{year}-12-21")).await
        }
        Phase::Deciding => publish(store, round, year).await,
        Phase::Published => Ok(()),
    }
}

fn holder(state: &State, unit: UnitId, code: &str, when: Timestamp) -> Option<AccountId> {
    let position = state.positions_of(unit).into_iter().find(|one| one.code == code)?.id;
    state.holders(position, time::day_of(when)).first().map(|account| account.id)
}

fn sheets(store: &Store, round: RoundId) -> Vec<(AssessmentId, UnitId)> {
    let state = store.state();
    let mut found: Vec<_> =
        state.assessments.values().filter(|one| one.round == round).map(|one| (one.id, one.unit)).collect();
    found.sort_unstable();
    found
}

/// A sheet as the agency looks at it.
struct Case {
    id: AssessmentId,
    unit: UnitId,
    sheet: Arc<Sheet>,
    /// The indicators, each with the places of its pillar and of itself in it.
    indicators: Vec<(usize, usize, Indicator)>,
    /// Whether visitors enter the unit.
    shown: bool,
    /// Who appraises each entry. Nobody appraises the own unit; there the operator stands in for another agency.
    appraisers: Vec<Actor>,
}

/// Has an agency's part of a sheet done; where it is refused, what stands second is done in its place.
async fn carry(store: &Store, when: Timestamp, part: Option<(Actor, [Vec<Command>; 2])>) -> Result<(), Failure> {
    let Some((actor, [first, second])) = part else { return Ok(()) };
    let done = match store.change(actor, when, Command::Many(first)).await {
        Err(store::Refusal::Invalid(_)) => store.change(actor, when, Command::Many(second)).await,
        done => done,
    };
    done.map(drop).map_err(refused)
}

impl Case {
    async fn open(store: &Store, id: AssessmentId, unit: UnitId, when: Timestamp) -> Result<Self, Failure> {
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let state = store.state();
        let row = state.assessments.get(&id).ok_or_else(broken)?;
        let round = state.round_of(row).map_err(|error| Failure::Use(error.text()))?;
        let pillars = &state.level_of(row).map_err(|error| Failure::Use(error.text()))?.program.set.pillars;
        let indicators = pillars.iter().enumerate().flat_map(|(pillar, own)| {
            own.indicators.iter().enumerate().map(move |(place, indicator)| (pillar, place, indicator.clone()))
        });
        let shown = state.tree.get(unit).is_some_and(|unit| SHOWN.contains(&unit.code.as_str()));
        let indicators: Vec<_> = indicators.collect();
        let mut known: BTreeMap<UnitId, Actor> = BTreeMap::from([(unit, Actor::Operator)]);
        let mut appraisers = Vec::new();
        for (_, _, indicator) in &indicators {
            let agency = state.agency(round, &indicator.id);
            let actor = match known.get(&agency) {
                Some(actor) => *actor,
                None => Actor::Account(holder(&state, agency, "TĐ", when).ok_or_else(broken)?),
            };
            known.insert(agency, actor);
            appraisers.push(actor);
        }
        drop(state);
        Ok(Self { id, unit, sheet, indicators, shown, appraisers })
    }

    /// Has the agencies do their parts at once, so that these share a transaction. Of the two ways in which each entry can
    /// be judged, an agency takes the second for all where one of the first cannot be.
    async fn tell(&self, store: &Store, when: Timestamp, said: Vec<(usize, [Command; 2])>) -> Result<(), Failure> {
        let mut parts: Vec<(Actor, [Vec<Command>; 2])> = Vec::new();
        for (place, [first, second]) in said {
            let actor = self.appraisers[place];
            let at = parts.iter().position(|(known, _)| *known == actor).unwrap_or(parts.len());
            if at == parts.len() {
                parts.push((actor, Default::default()));
            }
            parts[at].1[0].push(first);
            parts[at].1[1].push(second);
        }
        let mut parts = parts.into_iter();
        while parts.len() > 0 {
            let done = tokio::join!(
                carry(store, when, parts.next()),
                carry(store, when, parts.next()),
                carry(store, when, parts.next()),
                carry(store, when, parts.next()),
            );
            done.0.and(done.1).and(done.2).and(done.3)?;
        }
        Ok(())
    }

    /// What an entry was handed in with.
    async fn proof(&self, store: &Store, place: usize) -> Result<Proof, Failure> {
        let (indicator, entry) = (&self.indicators[place].2, &self.sheet.entries[place]);
        let needed = cycle::progress::evidence_needed(indicator) as usize;
        let mut unsigned = cycle::proof::signatures_needed(indicator) > 0;
        if unsigned {
            let files = store.evidence_of(self.id, &entry.indicator).await;
            let files = files.map_err(|error| Failure::Use(error.text()))?;
            unsigned = files.iter().all(|file| PLAIN.iter().any(|plain| file.name.starts_with(plain)));
        }
        Ok(Proof { missing: entry.evidence.len() < needed, unsigned })
    }

    fn appraise(&self, place: usize, appraisal: Appraisal) -> Command {
        let entry = &self.sheet.entries[place];
        let (assessment, indicator, version) = (self.id, entry.indicator.clone(), entry.version);
        Command::Appraise { assessment, indicator, version, appraisal }
    }

    /// Cuts the points of some entries and accepts others. Where other figures would come to no fewer points, the entry is
    /// accepted after all; where one of them cannot be, points are given.
    async fn record(&self, store: &Store, when: Timestamp, cut: &[usize], accept: &[usize]) -> Result<(), Failure> {
        let mut said = Vec::new();
        for place in cut {
            let (indicator, entry) = (&self.indicators[*place].2, &self.sheet.entries[*place]);
            let (proof, luck) = (self.proof(store, *place).await?, self.id.0 as usize + place);
            let way = |by_figures| self.appraise(*place, cuts::verdict(indicator, entry, proof, luck, by_figures));
            said.push((*place, [true, false].map(way)));
        }
        said.extend(accept.iter().map(|place| (*place, [(); 2].map(|()| self.appraise(*place, Appraisal::Accept)))));
        self.tell(store, when, said).await?;
        if cut.is_empty() {
            return Ok(());
        }
        let again = Self::open(store, self.id, self.unit, when).await?;
        let kept = cut.iter().filter(|place| again.sheet.entries[**place].cut().is_none());
        let accepted = |place: &usize| (*place, [(); 2].map(|()| again.appraise(*place, Appraisal::Accept)));
        again.tell(store, when, kept.map(accepted).collect()).await
    }

    /// The focal point explains some of the cuts, with a file.
    async fn explain(&self, store: &Store, when: Timestamp, which: impl Fn(usize) -> bool) -> Result<(), Failure> {
        let Some(focal) = holder(&store.state(), self.unit, "VP-TK", when) else { return Ok(()) };
        let cut = self.sheet.entries.iter().enumerate().filter(|(_, entry)| entry.state == EntryState::Adjusted);
        let cut: Vec<_> = cut.filter(|(place, _)| which(*place)).map(|(_, entry)| entry).collect();
        if cut.is_empty() {
            return Ok(());
        }
        let name = store.state().tree.get(self.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let stored = store.evidence.put(&paper(&format!("Tài liệu gửi kèm giải trình: {name}"))).await;
        let stored = stored.map_err(|_| broken())?;
        let mut commands = Vec::new();
        for entry in cut {
            let reason = entry.appraised.as_ref().map_or("", |verdict| verdict.reason.as_str());
            commands.push(Command::AddEvidence {
                assessment: self.id,
                indicator: entry.indicator.clone(),
                evidence: NewEvidence {
                    name: "Tài liệu gửi kèm giải trình (mẫu).pdf".to_owned(),
                    sha256: Some(stored.sha256.clone()),
                    bytes: stored.bytes,
                    media: stored.media.to_owned(),
                    link: None,
                },
            });
            let words = cuts::words(reason).explanation.to_owned();
            commands.push(Command::Explain { assessment: self.id, indicator: entry.indicator.clone(), words });
        }
        store.change(Actor::Account(focal), when, Command::Many(commands)).await.map_err(refused)?;
        Ok(())
    }

    /// The agency answers every `step`-th explanation: the points stay.
    async fn answer(&self, store: &Store, when: Timestamp, step: usize) -> Result<(), Failure> {
        let explained = self.sheet.entries.iter().enumerate();
        let explained = explained.filter(|(_, entry)| entry.state == EntryState::Explained).step_by(step);
        let answered = explained.map(|(place, entry)| {
            let reason = entry.appraised.as_ref().map_or("", |verdict| verdict.reason.as_str());
            let answer = Appraisal::Keep { reason: cuts::words(reason).answer.to_owned() };
            (place, [(); 2].map(|()| self.appraise(place, answer.clone())))
        });
        self.tell(store, when, answered.collect()).await
    }
}

/// The agency begins with the units that visitors enter: some is accepted, some loses points, some is sent back. The
/// first pillar is left as the unit handed it in.
async fn appraise_some(store: &Store, round: RoundId, when: Timestamp, due: Date) -> Result<(), Failure> {
    for (id, unit) in sheets(store, round) {
        let case = Case::open(store, id, unit, when).await?;
        if !case.shown {
            continue;
        }
        let (mut cut, mut accept, mut back) = (Vec::new(), Vec::new(), Vec::new());
        for (place, entry) in case.sheet.entries.iter().enumerate() {
            let (pillar, within, _) = &case.indicators[place];
            if *pillar == 0 || entry.state != EntryState::Submitted {
                continue;
            }
            let scored = entry.self_score.as_ref().is_some_and(|score| score.points > Number::ZERO);
            match within {
                _ if !scored => {}
                one if one % 5 == 1 && pillar % 2 == 1 => cut.push(place),
                one if one % 6 == 3 => back.push(place),
                one if one % 4 == 0 => accept.push(place),
                _ => {}
            }
        }
        case.record(store, when, &cut, &accept).await?;
        let mut returned = Vec::new();
        for place in back {
            let reason = cuts::wanted(case.proof(store, place).await?).to_owned();
            let back = Appraisal::Return { reason, due: Some(due) };
            returned.push((place, [(); 2].map(|()| case.appraise(place, back.clone()))));
        }
        case.tell(store, when, returned).await?;
    }
    Ok(())
}

/// The agency appraises what is left: most is accepted, one in twenty-five loses points, more where visitors enter.
async fn appraise_rest(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    for (id, unit) in sheets(store, round) {
        let case = Case::open(store, id, unit, when).await?;
        let (mut cut, mut accept) = (Vec::new(), Vec::new());
        for (place, entry) in case.sheet.entries.iter().enumerate() {
            if !matches!(entry.state, EntryState::Submitted | EntryState::Returned) {
                continue;
            }
            let scored = entry.self_score.as_ref().is_some_and(|score| score.points > Number::ZERO);
            let luck = (id.0 as usize).wrapping_mul(31).wrapping_add(place * 17) % 100;
            let loses = match case.shown {
                true => case.indicators[place].1 % 5 == 1 || entry.state == EntryState::Returned,
                false => luck < 4,
            };
            if scored && loses { cut.push(place) } else { accept.push(place) }
        }
        case.record(store, when, &cut, &accept).await?;
    }
    Ok(())
}

/// The first explanations come in: all of every fourth unit, some where visitors enter; and there the agency answers one.
async fn explain_some(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    let later = when.checked_add(SignedDuration::from_hours(72)).unwrap_or(when);
    for (number, (id, unit)) in sheets(store, round).into_iter().enumerate() {
        let case = Case::open(store, id, unit, when).await?;
        if case.shown {
            case.explain(store, when, |place| case.indicators[place].0 > 0 && place % 4 == 1).await?;
            Case::open(store, id, unit, when).await?.answer(store, later, usize::MAX).await?;
        } else if number % 4 == 0 {
            case.explain(store, when, |_| true).await?;
        }
    }
    Ok(())
}

/// Every second unit has explained in the end, but what visitors leave is left to silence; the agency answers every second
/// explanation.
async fn explain_rest(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    let later = when.checked_add(SignedDuration::from_hours(72)).unwrap_or(when);
    for (number, (id, unit)) in sheets(store, round).into_iter().enumerate() {
        let case = Case::open(store, id, unit, when).await?;
        if !case.shown && number % 2 == 0 {
            case.explain(store, when, |_| true).await?;
        }
        Case::open(store, id, unit, when).await?.answer(store, later, 2).await?;
    }
    Ok(())
}

/// The owner decides what was explained, answers what the words leave open, and publishes.
async fn publish(store: &Store, round: RoundId, year: i16) -> Result<(), Failure> {
    let when = at(&format!("{}-01-09", year + 1), 15)?;
    let reason = "Giữ như bộ chỉ số trả lời".to_owned();
    store.change(Actor::Operator, when, Command::PickOpen { round, reason }).await.map_err(refused)?;
    for (id, _) in sheets(store, round) {
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let mut commands = Vec::new();
        for entry in
            sheet.entries.iter().filter(|entry| matches!(entry.state, EntryState::Explained | EntryState::Answered))
        {
            let (Some(own), Some(appraised)) = (&entry.self_score, &entry.appraised) else { continue };
            let heard = (id.0 % 3) == 0;
            let points = if heard { own.points } else { appraised.score.points };
            let reason =
                if heard { "Giải trình có căn cứ" } else { "Tài liệu gửi kèm chưa đủ căn cứ" };
            commands.push(Command::Decide {
                assessment: id,
                indicator: entry.indicator.clone(),
                version: entry.version,
                points: scoring::number_text::vietnamese(points),
                reason: reason.to_owned(),
            });
        }
        if !commands.is_empty() {
            store.change(Actor::Operator, when, Command::Many(commands)).await.map_err(refused)?;
        }
    }
    store.change(Actor::Operator, when, Command::RecordSilence { round }).await.map_err(refused)?;
    let command = Command::Publish {
        round,
        number: format!("00/QĐ-UBND (mẫu) năm {}", year + 1),
        day: format!("{}-01-15", year + 1).parse().map_err(|_| broken())?,
        undecided: String::new(),
    };
    store.change(Actor::Operator, at(&format!("{}-01-15", year + 1), 8)?, command).await.map_err(refused)?;
    Ok(())
}
