//! Checking, signing off, the receipt, and opening a submitted sheet again.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use cycle::entry::ScoreKind;
use cycle::progress::Lack;
use cycle::{Action, AssessmentId, EntryState, Phase, time};
use documents::papers::Kind;
use serde::Deserialize;
use store::{Actor, Command};

use super::html;
use super::sheet::may;
use super::work::lacks;
use crate::app::App;
use crate::failure::Failure;
use crate::issuing;
use crate::opened::{Opened, actor_name};
use crate::person::Person;
use crate::view::{L, Section, Shell, StateView, entry_state};

struct Item {
    id: String,
    name: String,
    todo: String,
    state: StateView,
    points: String,
    max: String,
}

#[derive(Template)]
#[template(path = "submit.html")]
struct SubmitPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    lede: String,
    sections: Sections,
    hash: String,
    can_submit: bool,
    why_not: String,
}

type Sections = Vec<(&'static str, Vec<Item>)>;

/// What should be looked at before a sheet is signed off.
fn to_look_at(l: L, opened: &Opened) -> Sections {
    let mut missing = Vec::new();
    let mut doubtful = Vec::new();
    let mut late = Vec::new();
    for (indicator, entry, progress) in opened.rows() {
        let state = entry_state(l, entry, progress);
        if state.class == "na" {
            continue;
        }
        // A file that is there and whose signature is not is a doubt, not a gap.
        let unsigned =
            progress.lacks.iter().any(|lack| matches!(lack, Lack::Signature { .. })) && !entry.evidence.is_empty();
        let unusable = progress.lacks.contains(&Lack::UsableFigures) || unsigned;
        let item = Item {
            id: indicator.id.clone(),
            name: indicator.name.clone(),
            todo: lacks(l, &progress.lacks),
            state,
            points: entry
                .self_score
                .as_ref()
                .filter(|score| score.kind != ScoreKind::Missing)
                .map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
            max: l.number(&indicator.points.unwrap_or_default()),
        };
        if unusable || entry.state == EntryState::Returned {
            doubtful.push(item);
        } else if progress.is_overdue() {
            late.push(item);
        } else if !progress.lacks.is_empty() || !entry.state.is_done() {
            missing.push(item);
        }
    }
    let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    [
        (pick("Nghi ngờ", "Doubtful"), doubtful),
        (pick("Trễ hạn", "Overdue"), late),
        (pick("Còn thiếu", "Missing"), missing),
    ]
    .into_iter()
    .filter(|(_, items)| !items.is_empty())
    .collect()
}

/// `GET /sheets/SHEET/submit`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?.with_proofs(&app).await?;
    let can_submit = may(&app, &person, &opened, Action::Submit, "", EntryState::Filling);
    let sections = to_look_at(l, &opened);
    let open: usize = sections.iter().map(|(_, items)| items.len()).sum();
    let points = l.points(&opened.row.totals.points);
    let lede = match (l.is_english(), open) {
        (true, 0) => format!("Nothing is missing. Self-score: {points} points."),
        (true, _) => format!("{open} indicators should be looked at before you sign off. Self-score: {points} points."),
        (false, 0) => format!("Không còn thiếu gì. Tự chấm {points} điểm."),
        (false, _) => format!("{open} chỉ số nên xem lại trước khi ký nộp. Tự chấm {points} điểm."),
    };
    let why_not = if opened.sheet.submission.is_some() {
        l.say("Phiếu đã nộp.", "The sheet was submitted.")
    } else {
        l.say(
            "Chỉ người đứng đầu đơn vị ký nộp được, khi đơn vị còn trong hạn nhập.",
            "Only the head of the unit signs off, while the unit may fill in.",
        )
    };
    let title = format!("{}: {}", l.say("Kiểm tra và nộp", "Check and submit"), opened.unit.name);
    html(&SubmitPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Sheet, title),
        id,
        unit: opened.unit.name.clone(),
        lede,
        sections,
        hash: opened.sheet.state_hash(&opened.level.facts.set_hash),
        can_submit,
        why_not: why_not.to_owned(),
    })
}

#[derive(Deserialize)]
pub struct SignOff {
    #[serde(default)]
    hash: String,
    #[serde(default)]
    known: String,
}

/// `POST /sheets/SHEET/submit`
pub async fn submit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<AssessmentId>,
    Form(form): Form<SignOff>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?.with_proofs(&app).await?;
    let receipt = Redirect::to(&format!("/sheets/{id}/receipt"));
    // Pressed twice, or gone back to: it is signed off, in this very state.
    if opened.sheet.submission.as_ref().is_some_and(|done| done.hash == form.hash) {
        return Ok(receipt.into_response());
    }
    let may = may(&app, &person, &opened, Action::Submit, "", EntryState::Filling);
    if may && form.known != "yes" && !to_look_at(person.l(), &opened).is_empty() {
        return Err(Failure::field(
            "known",
            "Còn chỗ thiếu, nghi ngờ hoặc trễ; hãy xác nhận là bạn đã xem chúng rồi ký nộp",
            "Something is missing, doubtful or late; say that you have seen it, then sign off",
        ));
    }
    let command = Command::Submit { assessment: id, hash: form.hash };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(receipt.into_response())
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    lede: String,
    facts: Vec<(&'static str, String)>,
    hash: String,
    next: String,
    pillars: Vec<(String, String, String)>,
    can_issue: bool,
}

/// `GET /sheets/SHEET/receipt`
pub async fn receipt(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?.with_proofs(&app).await?;
    let submission = opened.sheet.submission.clone().ok_or(Failure::NotFound)?;
    let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let evidence: usize = opened.sheet.entries.iter().map(|entry| entry.evidence.len()).sum();
    let who = {
        let state = app.store.state();
        let day = time::day_of(submission.at);
        let held = state.held_by(submission.by).filter(|one| one.on(day));
        let position = held.filter_map(|one| state.positions.get(&one.position)).find(|one| one.unit == opened.unit.id);
        let name = state.accounts.get(&submission.by).map(|account| account.name.clone());
        match (position, name) {
            (Some(position), Some(name)) => format!("{name}, {}", position.name),
            _ => actor_name(&state, opened.unit.id, submission.by, day),
        }
    };
    let applying = opened
        .rows()
        .filter(|(_, entry, _)| entry.self_score.as_ref().is_none_or(|score| score.kind != ScoreKind::NotApplicable));
    let (whole, lacking): (Vec<_>, Vec<_>) = applying.partition(|(_, _, progress)| progress.lacks.is_empty());
    let totals = &opened.row.totals;
    let signed_points = submission.signed.as_ref().map_or(totals.points, |signed| signed.points);
    let mut facts = vec![
        (pick("Số biên nhận", "Receipt"), submission.receipt.clone()),
        (pick("Thời điểm", "Time"), l.instant(&submission.at)),
        (pick("Người ký nộp", "Signed off by"), who),
        (pick("Tự chấm", "Self-score"), l.points(&signed_points)),
        (
            pick("Chỉ số đủ số liệu và tài liệu", "Indicators with figures and evidence"),
            format!("{} / {}", whole.len(), whole.len() + lacking.len()),
        ),
        (pick("Tài liệu kiểm chứng", "Evidence"), evidence.to_string()),
    ];
    if signed_points != totals.points {
        // What peers are compared with moved since.
        facts.push((pick("Tự chấm tính đến nay", "Self-score by now"), l.points(&totals.points)));
    }
    let appraising = opened.round.days.get(&Phase::Appraising);
    let next = match (appraising, l.is_english()) {
        (Some(days), true) => format!("Appraisal from {} to {}.", l.date(&days.from), l.date(&days.to)),
        (Some(days), false) => format!("Thẩm định từ {} đến {}.", l.date(&days.from), l.date(&days.to)),
        (None, _) => String::new(),
    };
    let pillars = opened
        .program()
        .set
        .pillars
        .iter()
        .zip(&opened.row.totals.pillars)
        .enumerate()
        .map(|(at, (pillar, totals))| {
            let signed = submission.signed.as_ref().and_then(|signed| signed.pillars.get(at)).copied();
            // Out of what applies to the unit, as on the sheet.
            let applicable = totals.maximum.millionths() - totals.excluded.millionths();
            (
                format!("{}. {}", pillar.pillar.no, pillar.pillar.name),
                l.points(&signed.unwrap_or(totals.points)),
                l.number(&criteria::Number::from_millionths(applicable)),
            )
        })
        .collect();
    let title = format!("{} {}", l.say("Biên nhận", "Receipt"), submission.receipt);
    let lede = match l.is_english() {
        true => format!("{} has submitted its sheet for {}.", opened.unit.name, opened.round.title),
        false => format!("{} đã nộp phiếu đánh giá, {}.", opened.unit.name, opened.round.title),
    };
    let can_issue = {
        let state = app.store.state();
        issuing::may_issue(&state, &person, Kind::SelfAssessment, opened.round.id, opened.unit.id)
    };
    html(&ReceiptPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Sheet, title),
        id,
        unit: opened.unit.name.clone(),
        lede,
        facts,
        hash: submission.hash,
        next,
        pillars,
        can_issue,
    })
}

#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    reason: String,
}

/// `POST /sheets/SHEET/unlock`
pub async fn unlock(
    State(app): State<App>,
    person: Person,
    Path(id): Path<AssessmentId>,
    Form(form): Form<Reason>,
) -> Result<Response, Failure> {
    Opened::get(&app, &person, id).await?;
    let command = Command::Unlock { assessment: id, reason: form.reason };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/sheets/{id}")).into_response())
}
