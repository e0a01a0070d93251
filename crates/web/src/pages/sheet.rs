//! The unit's sheet: its pillars as a task list, and the unit profile.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Number;
use cycle::action::Situation;
use cycle::entry::ScoreKind;
use cycle::{Action, AssessmentId, Capability, Denial, EntryState, time};
use documents::papers::Kind;
use serde::Deserialize;
use store::{Actor, Command, Refusal};

use super::field::{FieldView, field_view};
use super::html;
use super::issued::{self, PaperLine};
use crate::app::App;
use crate::failure::Failure;
use crate::issuing;
use crate::opened::{Opened, actor_name};
use crate::person::Person;
use crate::view::{L, Section, Shell, StateView, entry_state, percent, phase_line};

struct Fact {
    name: &'static str,
    value: String,
    note: String,
}

struct Row {
    group: Option<String>,
    no: String,
    name: String,
    href: String,
    state: StateView,
    unsigned: bool,
    who: String,
    own: String,
    appraised: String,
    decided: String,
    max: String,
}

struct PillarView {
    no: String,
    name: String,
    points: String,
    max: String,
    percent: String,
    median_percent: String,
    meter: String,
    done: u32,
    count: u32,
    sentence: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetPage {
    shell: Shell,
    id: AssessmentId,
    round_id: cycle::RoundId,
    round_title: String,
    phase: String,
    made_up: bool,
    lede: String,
    submitted: Option<String>,
    facts: Vec<Fact>,
    pillars: Vec<PillarView>,
    can_submit: bool,
    can_supply: bool,
    can_unlock: bool,
    /// Whether the self-assessment and the appraisal record may be issued.
    issues: (bool, bool),
    papers: Vec<PaperLine>,
    source: String,
    set_hash: String,
}

/// Whether a person may act on an entry of a sheet right now.
pub fn may(app: &App, person: &Person, opened: &Opened, action: Action, indicator: &str, entry: EntryState) -> bool {
    allowed(app, person, opened, action, indicator, entry).is_ok()
}

/// The same, with the reason against it.
pub fn allowed(
    app: &App,
    person: &Person,
    opened: &Opened,
    action: Action,
    indicator: &str,
    entry: EntryState,
) -> Result<(), Denial> {
    struct Here<'a> {
        person: &'a Person,
        state: &'a store::State,
        opened: &'a Opened,
        indicator: &'a str,
    }
    impl cycle::action::Actor for Here<'_> {
        fn has(&self, capability: Capability) -> bool {
            // Running a round is a right over the round, not over each unit in it.
            let over = if capability == Capability::RunRound { self.opened.round.owner } else { self.opened.unit.id };
            self.person.may(self.state, capability, over)
        }
        fn is_assigned(&self) -> bool {
            let assigned = self.state.assigned(self.opened.round.id, self.opened.unit.id, self.indicator);
            assigned.iter().any(|one| self.person.authority.positions.contains(&one.position))
        }
    }
    let state = app.store.state();
    let situation = Situation {
        phase: opened.round.phase,
        sheet: opened.row.state,
        entry,
        window_open: opened.round.window_open(opened.unit.id, opened.today),
    };
    cycle::action::decide(action, &Here { person, state: &state, opened, indicator }, situation).map(|_| ())
}

/// The codes of the positions that lead an indicator.
pub fn who_leads(state: &store::State, l: L, opened: &Opened, indicator: &str) -> String {
    let assigned = state.assigned(opened.round.id, opened.unit.id, indicator);
    let leads: Vec<&str> = assigned
        .iter()
        .filter(|one| one.leads)
        .filter_map(|one| state.positions.get(&one.position).map(|position| position.code.as_str()))
        .collect();
    if leads.is_empty() { l.say("chưa giao", "nobody").to_owned() } else { leads.join(", ") }
}

/// The codes of the positions that lead an indicator, and its deadline.
fn who(state: &store::State, l: L, opened: &Opened, indicator: &str, due: Option<criteria::date::Date>) -> String {
    let lead = who_leads(state, l, opened, indicator);
    due.map_or(lead.clone(), |due| format!("{lead} · {}", l.short(&due)))
}

fn lede(l: L, opened: &Opened) -> String {
    let summary = opened.summary();
    let (done, count, late, back, bare) =
        (summary.done, summary.count, summary.overdue, summary.returned, summary.without_evidence);
    let next = summary.next_due.map(|due| {
        let days = l.days_left(time::days_between(opened.today, due));
        match l.is_english() {
            true => format!(" Next deadline {}, {days}.", l.date(&due)),
            false => format!(" Hạn kế tiếp {}, {days}.", l.date(&due)),
        }
    });
    let start = match l.is_english() {
        true => format!(
            "{done} of {count} indicators are completed; {late} overdue, {back} returned, {bare} without evidence."
        ),
        false => format!(
            "{done} trên {count} chỉ số phải chấm đã xong; {late} trễ hạn, {back} bị trả lại, {bare} chưa có tài liệu kiểm chứng."
        ),
    };
    format!("{start}{}", next.unwrap_or_default())
}

fn facts(state: &store::State, l: L, opened: &Opened) -> Vec<Fact> {
    let totals = &opened.row.totals;
    let applicable = Number::from_millionths(totals.maximum.millionths() - totals.excluded.millionths());
    let sum = |of: fn(&cycle::Entry) -> Option<&cycle::entry::Score>| {
        let scores: Vec<Number> = opened.sheet.entries.iter().filter_map(of).map(|score| score.points).collect();
        (Number::saturating_sum(scores.iter().copied()), scores.len())
    };
    let (appraised, appraised_count) = sum(|entry| entry.appraised.as_ref().map(|verdict| &verdict.score));
    let (decided, decided_count) = sum(|entry| entry.final_score.as_ref().map(|verdict| &verdict.score));
    let indicators = |count: usize| match l.is_english() {
        true => format!("{count} indicators"),
        false => format!("{count} chỉ số"),
    };
    let or_dash = |count: usize, points: Number| if count == 0 { "–".to_owned() } else { l.points(&points) };
    let mut facts = vec![
        Fact {
            name: l.0.pick("Tự chấm đến nay", "Self-score so far"),
            value: l.points(&totals.points),
            note: format!("/ {}", l.number(&applicable)),
        },
        Fact {
            name: l.0.pick("Thẩm định", "Appraised"),
            value: or_dash(appraised_count, appraised),
            note: indicators(appraised_count),
        },
        Fact {
            name: l.0.pick("Đã chốt", "Final"),
            value: or_dash(decided_count, decided),
            note: indicators(decided_count),
        },
        Fact {
            name: l.0.pick("Không áp dụng", "Not applicable"),
            value: l.number(&totals.excluded),
            note: l.say("điểm", "points").to_owned(),
        },
    ];
    if let Some(comparable) = totals.comparable {
        facts.push(Fact {
            name: l.0.pick("Quy đổi", "Comparable"),
            value: l.points(&comparable),
            note: format!("/ {}", l.number(&totals.maximum)),
        });
    }
    let before = state.rounds.values().filter(|round| round.year < opened.round.year).max_by_key(|round| round.year);
    if let Some((round, sheet)) = before.and_then(|round| {
        let id = state.sheet_of.get(&(round.id, opened.unit.id))?;
        Some((round, state.assessments.get(id)?))
    }) {
        let value = sheet.totals.comparable.map_or_else(|| "–".to_owned(), |points| l.points(&points));
        let note = format!("{} {}", l.say("năm", "in"), round.year);
        facts.push(Fact { name: l.0.pick("Năm trước", "The year before"), value, note });
    }
    facts
}

/// Words of a language that live as long as the program.
pub trait Pick {
    /// The words of this language.
    fn pick(self, vi: &'static str, en: &'static str) -> &'static str;
}

impl Pick for criteria::Language {
    fn pick(self, vi: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Vietnamese => vi,
            Self::English => en,
        }
    }
}

fn pillars(state: &store::State, l: L, opened: &Opened) -> Vec<PillarView> {
    let set = &opened.program().set;
    let mut rows = opened.rows();
    set.pillars
        .iter()
        .zip(&opened.row.totals.pillars)
        .enumerate()
        .map(|(at, (pillar, totals))| {
            let middle = state.standings.median(opened.row.level, at);
            let mut group_shown = None;
            let views = rows
                .by_ref()
                .take(pillar.indicators.len())
                .map(|(indicator, entry, progress)| {
                    let group = indicator.group_id().and_then(|id| pillar.groups.iter().find(|group| group.id == id));
                    let group_id = group.map(|group| group.id.clone());
                    let heading = (group_id != group_shown)
                        .then(|| group.map(|group| format!("{}. {}", group.no.trim_end_matches('.'), group.name)))
                        .flatten();
                    group_shown = group_id;
                    let verdict = |verdict: &Option<cycle::entry::Verdict>| {
                        verdict.as_ref().map_or_else(|| "–".to_owned(), |verdict| l.points(&verdict.score.points))
                    };
                    let own = entry
                        .self_score
                        .as_ref()
                        .filter(|score| !matches!(score.kind, ScoreKind::Missing | ScoreKind::NotApplicable));
                    Row {
                        group: heading,
                        no: indicator.no.clone(),
                        name: indicator.name.clone(),
                        href: format!("/sheets/{}/entries/{}", opened.sheet.id, indicator.id),
                        unsigned: !entry.evidence.is_empty()
                            && progress
                                .lacks
                                .iter()
                                .any(|lack| matches!(lack, cycle::progress::Lack::Signature { .. })),
                        state: entry_state(l, entry, progress),
                        who: who(state, l, opened, &indicator.id, progress.due),
                        own: own.map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
                        appraised: verdict(&entry.appraised),
                        decided: verdict(&entry.final_score),
                        max: l.number(&indicator.points.unwrap_or_default()),
                    }
                })
                .collect();
            let max = Number::from_millionths(totals.maximum.millionths() - totals.excluded.millionths());
            let (points, max_text) = (l.points(&totals.points), l.number(&max));
            PillarView {
                no: pillar.pillar.no.clone(),
                name: pillar.pillar.name.clone(),
                percent: percent(totals.points, max),
                median_percent: percent(middle, max),
                meter: match l.is_english() {
                    true => format!("{points} of {max_text} points; median {}", l.points(&middle)),
                    false => format!("{points} trên {max_text} điểm; trung vị {}", l.points(&middle)),
                },
                sentence: match l.is_english() {
                    true => format!("{} of {} indicators completed.", totals.done, totals.count),
                    false => format!("{} trên {} chỉ số đã xong.", totals.done, totals.count),
                },
                points,
                max: max_text,
                done: totals.done,
                count: totals.count,
                rows: views,
            }
        })
        .collect()
}

/// `GET /sheets/SHEET`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?.with_proofs(&app).await?;
    let title = format!("{}: {}", l.say("Phiếu đánh giá", "Sheet"), opened.unit.name);
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Sheet, title);
    let can_submit = may(&app, &person, &opened, Action::Submit, "", EntryState::Filling);
    let can_unlock = may(&app, &person, &opened, Action::Unlock, "", EntryState::Submitted);
    let state = app.store.state();
    let submitted = opened.sheet.submission.as_ref().map(|submission| {
        let who = actor_name(&state, opened.unit.id, submission.by, time::day_of(submission.at));
        match l.is_english() {
            true => format!("Signed off by {who} on {}; receipt {}.", l.instant(&submission.at), submission.receipt),
            false => format!("{who} đã ký nộp lúc {}; biên nhận số {}.", l.instant(&submission.at), submission.receipt),
        }
    });
    let issues = |kind| issuing::may_issue(&state, &person, kind, opened.round.id, opened.unit.id);
    let page = SheetPage {
        shell,
        id,
        round_id: opened.round.id,
        round_title: opened.round.title.clone(),
        phase: phase_line(l, &opened.round),
        made_up: opened.round.settings.made_up,
        lede: lede(l, &opened),
        submitted,
        facts: facts(&state, l, &opened),
        pillars: pillars(&state, l, &opened),
        can_submit,
        can_supply: may(&app, &person, &opened, Action::Supply, "", EntryState::Filling),
        can_unlock,
        issues: (issues(Kind::SelfAssessment), issues(Kind::Appraisal)),
        papers: issued::lines(&state, l, |paper| paper.assessment == Some(id) && paper.kind != Kind::Assignment.key()),
        source: source(&opened),
        set_hash: short_hash(&opened.level.facts.set_hash),
    };
    drop(state);
    html(&page)
}

/// The document that the set comes from, and the set's id.
pub fn source(opened: &Opened) -> String {
    let head = &opened.program().set.head;
    let document = &head.document;
    let annex = document.annex.as_ref().map(|annex| format!(", {annex}")).unwrap_or_default();
    format!("{} {}{annex} · {}", document.kind, document.number, head.id)
}

/// A hash as people compare it: its beginning and its end.
pub fn short_hash(hash: &str) -> String {
    if hash.len() < 12 {
        return hash.to_owned();
    }
    format!("{}…{}", &hash[..6], &hash[hash.len() - 4..])
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    version: i64,
    saved: bool,
    editable: bool,
    errors: Vec<(String, String)>,
    fields: Vec<FieldView>,
}

#[derive(Deserialize)]
pub struct Saved {
    #[serde(default)]
    saved: Option<String>,
}

fn profile_page(app: &App, person: &Person, opened: &Opened, path: &str, saved: bool) -> ProfilePage {
    let l = person.l();
    let title = format!("{}: {}", l.say("Thông tin chung", "Unit profile"), opened.unit.name);
    let shell = Shell::new(app, Some(person), l, path, Section::Sheet, title);
    let editable = may(app, person, opened, Action::Fill, "", EntryState::Filling);
    let fields: Vec<FieldView> = opened
        .program()
        .set
        .head
        .profile
        .iter()
        .map(|figure| {
            let typed = opened.sheet.profile.get(&figure.id).map_or("", |value| value.typed.as_str());
            field_view(
                l,
                figure,
                typed,
                opened.read.problems.iter().find(|one| one.indicator.is_none() && one.figure == figure.id),
                editable,
            )
        })
        .collect();
    let errors = fields.iter().filter_map(|field| Some((field.name.clone(), field.why.clone()?))).collect();
    ProfilePage {
        shell,
        id: opened.sheet.id,
        unit: opened.unit.name.clone(),
        version: opened.sheet.profile_version,
        saved,
        editable,
        errors,
        fields,
    }
}

/// `GET /sheets/SHEET/profile`
pub async fn profile(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
    Query(saved): Query<Saved>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    html(&profile_page(&app, &person, &opened, uri.path(), saved.saved.is_some()))
}

/// `POST /sheets/SHEET/profile`
pub async fn save_profile(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
    Form(mut form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let version = form.remove("version").and_then(|version| version.parse().ok()).unwrap_or(-1);
    let figures: BTreeMap<String, String> = form
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("f-")?.to_owned(), value.trim().to_owned())))
        .collect();
    let command = Command::SaveProfile { assessment: id, version, figures: figures.clone() };
    match app.store.change(Actor::Account(person.account), app.now(), command).await {
        Ok(_) => Ok(Redirect::to(&format!("/sheets/{id}/profile?saved=1")).into_response()),
        Err(Refusal::Invalid(fields)) => {
            let mut page = profile_page(&app, &person, &opened, uri.path(), false);
            let l = person.l();
            for field in &mut page.fields {
                let id = field.name.trim_start_matches("f-");
                if let Some(typed) = figures.get(id) {
                    field.value.clone_from(typed);
                }
                if let Some(refused) = fields.iter().find(|one| one.field == id) {
                    field.why = Some(l.text(&refused.message).to_owned());
                }
            }
            page.errors =
                page.fields.iter().filter_map(|field| Some((field.name.clone(), field.why.clone()?))).collect();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
