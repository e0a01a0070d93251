//! The demonstration's year moves on: units sign off, the agency appraises, units explain, the owner decides and
//! publishes. Each step leaves some of the work to the visitor.

use cycle::{AccountId, AssessmentId, EntryState, Phase, RoundId, UnitId, time};
use jiff::Timestamp;
use store::command::Appraisal;
use store::{Actor, Command, Store};
use web::App;

use crate::failure::Failure;
use crate::province::{AGENCY, at, broken, refused, sign_off};

/// Why the agency gives other points, in the demonstration.
const REASONS: [&str; 4] = [
    "Nguồn ghi ít hơn số khai; lấy số của nguồn",
    "Tài liệu kiểm chứng chỉ chứng minh được một phần",
    "Văn bản do cấp phó ký",
    "Số liệu tính cả kỳ trước",
];

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
            set_phase(store, round, Phase::Appraising, &format!("{year}-11-01")).await
        }
        Phase::Appraising => {
            appraise_rest(store, round, at(&format!("{year}-11-29"), 15)?).await?;
            set_phase(store, round, Phase::Explaining, &format!("{year}-12-01")).await
        }
        Phase::Explaining => {
            explain_some(store, round, at(&format!("{year}-12-15"), 15)?).await?;
            answer_some(store, round, at(&format!("{year}-12-18"), 15)?).await?;
            set_phase(store, round, Phase::Deciding, &format!("{year}-12-21")).await
        }
        Phase::Deciding => publish(store, round, year).await,
        Phase::Published => Ok(()),
    }
}

fn holder(store: &Store, unit: UnitId, code: &str, when: Timestamp) -> Option<AccountId> {
    let state = store.state();
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

/// The agency appraises what is left: most is accepted, one in twenty-five loses points.
async fn appraise_rest(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    let agency = store.state().tree.by_code(AGENCY).map(|unit| unit.id).ok_or_else(broken)?;
    let appraiser = holder(store, agency, "TĐ", when).ok_or_else(broken)?;
    for (id, unit) in sheets(store, round) {
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let mut commands = Vec::new();
        for (place, entry) in sheet.entries.iter().enumerate() {
            if !matches!(entry.state, EntryState::Submitted | EntryState::Returned) {
                continue;
            }
            let points = entry.self_score.as_ref().map(|score| score.points).unwrap_or_default();
            let less = criteria::Number::from_millionths(points.millionths() * 6 / 10 / 10_000 * 10_000);
            let luck = (id.0 as usize).wrapping_mul(31).wrapping_add(place * 17) % 100;
            let appraisal = match luck {
                0..4 if points > criteria::Number::ZERO => Appraisal::Adjust {
                    points: scoring::number_text::vietnamese(less),
                    reason: REASONS[luck % REASONS.len()].to_owned(),
                },
                _ => Appraisal::Accept,
            };
            commands.push(Command::Appraise {
                assessment: id,
                indicator: entry.indicator.clone(),
                version: entry.version,
                appraisal,
            });
        }
        // Nobody appraises the own unit; there the operator stands in for a second agency.
        let actor = if unit == agency { Actor::Operator } else { Actor::Account(appraiser) };
        if !commands.is_empty() {
            store.change(actor, when, Command::Many(commands)).await.map_err(refused)?;
        }
        if id.0 % 5 == 0 {
            set_figure(store, id, actor, when).await?;
        }
    }
    Ok(())
}

/// In one entry of the sheet the agency counts less than the unit declared, and the engine gives the points.
async fn set_figure(store: &Store, id: AssessmentId, actor: Actor, when: Timestamp) -> Result<(), Failure> {
    let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
    for entry in sheet.entries.iter().filter(|entry| entry.state == EntryState::Accepted) {
        let counted = entry.figures.iter().find_map(|(id, value)| Some((id, value.typed.parse::<u32>().ok()?)));
        let Some((figure, count)) = counted.filter(|(_, count)| *count >= 3 && entry.figures.len() == 1) else {
            continue;
        };
        let appraisal = Appraisal::Figures {
            figures: [(figure.clone(), (count * 2 / 3).to_string())].into(),
            reason: REASONS[0].to_owned(),
        };
        let (indicator, version) = (entry.indicator.clone(), entry.version);
        let command = Command::Appraise { assessment: id, indicator, version, appraisal };
        store.change(actor, when, command).await.map_err(refused)?;
        return Ok(());
    }
    Ok(())
}

/// The agency answers every second explanation: the points stay.
async fn answer_some(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    let agency = store.state().tree.by_code(AGENCY).map(|unit| unit.id).ok_or_else(broken)?;
    let appraiser = holder(store, agency, "TĐ", when).ok_or_else(broken)?;
    for (id, unit) in sheets(store, round) {
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let explained = sheet.entries.iter().filter(|entry| entry.state == EntryState::Explained).step_by(2);
        let commands: Vec<Command> = explained
            .map(|entry| Command::Appraise {
                assessment: id,
                indicator: entry.indicator.clone(),
                version: entry.version,
                appraisal: Appraisal::Keep {
                    reason: "Bảng kê gửi thêm không làm thay đổi kết quả đếm".to_owned()
                },
            })
            .collect();
        let actor = if unit == agency { Actor::Operator } else { Actor::Account(appraiser) };
        if !commands.is_empty() {
            store.change(actor, when, Command::Many(commands)).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Every second unit answers its adjustments.
async fn explain_some(store: &Store, round: RoundId, when: Timestamp) -> Result<(), Failure> {
    for (number, (id, unit)) in sheets(store, round).into_iter().enumerate() {
        let Some(focal) = holder(store, unit, "VP-TK", when).filter(|_| number % 2 == 0) else { continue };
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let adjusted = sheet.entries.iter().filter(|entry| entry.state == EntryState::Adjusted);
        let commands: Vec<Command> = adjusted
            .map(|entry| Command::Explain {
                assessment: id,
                indicator: entry.indicator.clone(),
                words: "Đơn vị gửi bổ sung bảng kê; đề nghị tính theo số khai.".to_owned(),
            })
            .collect();
        if !commands.is_empty() {
            store.change(Actor::Account(focal), when, Command::Many(commands)).await.map_err(refused)?;
        }
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
                if heard { "Giải trình có căn cứ" } else { "Giải trình chưa có tài liệu kèm theo" };
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
