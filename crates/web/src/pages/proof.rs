//! Signed files on the pages: verdicts in words, what is asked for and missing, proposals, accepting, and the fragment
//! that a page asks for until the last verdict is there.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use criteria::model::Indicator;
use cycle::proof::{self, FileVerdict, Ground, Proof, Role, Signed};
use cycle::{Action, AssessmentId, EvidenceId, UnitId, time};
use documents::facts::Facts;
use documents::likeness::NEAR_MARKS;
use serde::Deserialize;
use serde_json::json;
use signature::{Kind, Report, SignatureReport, Verdict};
use store::command::Taken;
use store::proofs::{Alike, Kept, Use};
use store::records::Evidence;
use store::{Actor, Command};

use super::next_step::{Place, next_step, tally};
use super::sheet::{Pick as _, may};
use crate::app::App;
use crate::checks;
use crate::clamd;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name};
use crate::person::Person;
use crate::view::{L, verdict_words};

/// Names of units that are written out where a file is used elsewhere.
const UNITS_TOLD: usize = 3;

pub struct SignatureView {
    class: &'static str,
    word: &'static str,
    sentence: String,
    message: String,
    details: Vec<(&'static str, String)>,
}

/// What a report says, as pages show it.
#[derive(Template)]
#[template(path = "report.html")]
pub struct ReportView {
    l: L,
    class: &'static str,
    word: &'static str,
    sentence: String,
    next: Option<String>,
    signatures: Vec<SignatureView>,
    checked: String,
}

/// A signed file among the evidence.
#[derive(Template)]
#[template(path = "proof.html")]
struct FileView {
    l: L,
    id: EvidenceId,
    waiting: bool,
    report: String,
    facts: String,
    infected: Option<String>,
    accepted: Option<String>,
    alike: Vec<String>,
    can_accept: bool,
}

pub(super) fn known(verdict: Verdict) -> FileVerdict {
    match verdict {
        Verdict::Valid => FileVerdict::Valid,
        Verdict::Indeterminate => FileVerdict::Indeterminate,
        Verdict::Invalid => FileVerdict::Invalid,
        Verdict::Unsigned => FileVerdict::Unsigned,
    }
}

/// "Signed by …, position …, at …, proved by …; later changes: …".
fn sentence(l: L, one: &SignatureReport) -> String {
    let mut parts = Vec::new();
    if one.kind == Kind::DocumentTimestamp {
        parts.push(l.say("Dấu thời gian của văn bản", "Timestamp on the document").to_owned());
    } else if let Some(signer) = &one.signer {
        let mut who = format!("{} {signer}", l.say("Người ký:", "Signed by"));
        for more in [&one.position, &one.organisation].into_iter().flatten() {
            who.push_str(", ");
            who.push_str(more);
        }
        parts.push(who);
    }
    match (&one.proven_time, &one.claimed_time) {
        (Some(time), _) => {
            parts.push(format!(
                "{} {}",
                l.instant(time),
                l.say("(dấu thời gian chứng minh)", "(proved by a timestamp)")
            ));
        }
        (None, Some(time)) => parts.push(format!("{} {}", l.instant(time), l.say("(giờ tự khai)", "(claimed)"))),
        (None, None) => {}
    }
    if !one.changes_after.is_empty() {
        parts.push(format!("{} {}", l.say("sau khi ký:", "later changes:"), changes(l, one)));
    }
    parts.join(" · ")
}

fn changes(l: L, one: &SignatureReport) -> String {
    use signature::Change;
    let word = |change: &Change| match change {
        Change::Signature => l.say("thêm chữ ký", "a further signature"),
        Change::DocumentTimestamp => l.say("thêm dấu thời gian", "a document timestamp"),
        Change::ValidationData => l.say("thêm dữ liệu kiểm tra", "validation data"),
        Change::Metadata => l.say("đổi thông tin mô tả", "changed metadata"),
        Change::FormFilled => l.say("điền biểu mẫu", "form filling"),
        Change::Annotations => l.say("thêm hoặc sửa chú thích", "annotations"),
        Change::Content => l.say("đổi nội dung", "changed content"),
        Change::UnknownBytes => l.say("thêm dữ liệu lạ", "unknown bytes"),
    };
    one.changes_after.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn signature_view(l: L, one: &SignatureReport) -> SignatureView {
    use signature::Revocation;
    let (class, word) = verdict_words(l, known(one.verdict));
    let coverage = match one.covers_whole_file {
        true => l.say("cả tệp", "the whole file"),
        false => l.say("không đến cuối tệp", "not to the end of the file"),
    };
    let revocation = match one.revocation {
        Revocation::Good => Some(l.say("không bị thu hồi", "not revoked")),
        Revocation::Revoked => Some(l.say("đã bị thu hồi", "revoked")),
        Revocation::Unknown => None,
    };
    let valid = one.not_before.zip(one.not_after);
    let details = [
        (l.0.pick("Người ký", "Signer"), one.signer.clone()),
        (l.0.pick("Chức vụ", "Position"), one.position.clone()),
        (l.0.pick("Tổ chức", "Organisation"), one.organisation.clone()),
        (l.0.pick("Bộ phận", "Unit within it"), Some(one.units.join(", ")).filter(|units| !units.is_empty())),
        (l.0.pick("Thư điện tử", "E-mail"), one.email.clone()),
        (l.0.pick("Giờ tự khai", "Claimed time"), one.claimed_time.map(|at| l.instant(&at))),
        (l.0.pick("Giờ được chứng minh", "Proven time"), one.proven_time.map(|at| l.instant(&at))),
        (l.0.pick("Phạm vi ký", "Covers"), Some(coverage.to_owned()).filter(|_| one.field.is_some())),
        (l.0.pick("Sau khi ký", "Later changes"), Some(changes(l, one)).filter(|text| !text.is_empty())),
        (l.0.pick("Nơi cấp chứng thư", "Issuer"), one.issuer.clone()),
        (l.0.pick("Số sê-ri", "Serial number"), one.serial.clone()),
        (
            l.0.pick("Chứng thư có hạn", "Certificate valid"),
            valid.map(|(from, to)| format!("{} – {}", l.date(&time::day_of(from)), l.date(&time::day_of(to)))),
        ),
        (l.0.pick("Thu hồi", "Revocation"), revocation.map(str::to_owned)),
        (l.0.pick("Đã hỏi qua mạng", "Asked online"), crate::online::asked(l, one)),
        (l.0.pick("Mức, thuật toán", "Level, algorithm"), {
            let parts: Vec<&str> = [&one.level, &one.algorithm].into_iter().flatten().map(String::as_str).collect();
            Some(parts.join(" · ")).filter(|text| !text.is_empty())
        }),
    ];
    SignatureView {
        class,
        word,
        sentence: sentence(l, one),
        message: l.text(&one.message).to_owned(),
        details: details.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
    }
}

/// A report as pages show it; `checked` says when and with whom as the ones to trust.
pub fn report_view(l: L, report: &Report, place: Place, checked: String) -> ReportView {
    let (class, word) = verdict_words(l, checks::verdict(report));
    let own: Vec<&SignatureReport> =
        report.signatures.iter().filter(|one| one.kind != Kind::DocumentTimestamp).collect();
    let sentence = match own.as_slice() {
        [] if !report.signatures.is_empty() => format!(
            "{} {}",
            l.say(
                "Tệp chỉ có dấu thời gian, không có chữ ký của ai.",
                "The file carries a timestamp and nobody's signature."
            ),
            l.text(&report.message)
        ),
        [] => l.text(&report.message).to_owned(),
        [one] if report.verdict == Verdict::Valid => sentence(l, one),
        [one] => match self::sentence(l, one) {
            // Of what is only recognised nobody is known to have signed.
            who if who.is_empty() => l.text(&report.message).to_owned(),
            who => format!("{who}. {}", l.text(&report.message)),
        },
        many if report.verdict == Verdict::Valid => {
            many.iter().map(|one| self::sentence(l, one)).collect::<Vec<_>>().join("; ")
        }
        many => format!("{} {}", tally(l, many), l.text(&report.message)),
    };
    let signatures = report.signatures.iter().map(|one| signature_view(l, one)).collect();
    ReportView { l, class, word, sentence, next: next_step(l, report, place), signatures, checked }
}

/// What a document says of itself, in one line.
pub fn facts_line(l: L, facts: &Facts) -> String {
    let number = facts.number.as_ref().map(|number| format!("{} {number}", l.say("Số", "No.")));
    let day = facts.day.map(|day| l.date(&day));
    let parts = [number, day, facts.issuer.clone(), facts.about.clone()];
    let mut line = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    if let Some(encoding) = facts.converted_from.as_ref().filter(|_| !line.is_empty()) {
        line.push_str(&format!(" ({} {encoding})", l.say("chuyển mã từ", "converted from")));
    }
    line
}

fn checked_line(l: L, kept: &Kept) -> String {
    let anchors: String = kept.found.anchors.chars().take(8).collect();
    let (at, anchors) = (l.instant(&kept.at), format!("{anchors}…"));
    match l.is_english() {
        true => format!("Checked {at} with the trust anchors {anchors}"),
        false => format!("Kiểm tra lúc {at} với bộ chứng thư gốc {anchors}"),
    }
}

/// Where else a file is used, in sentences. A unit is told of its own sheets only.
pub fn alike(
    state: &store::State,
    l: L,
    sheet: AssessmentId,
    unit: UnitId,
    uses: &[Use],
    everywhere: bool,
) -> Vec<String> {
    let mut told = Vec::new();
    for kind in [Alike::Same, Alike::Document, Alike::Near] {
        let what = match kind {
            Alike::Same => l.say("Cùng tệp này", "The same file"),
            Alike::Document => {
                l.say("Cùng văn bản này (số, ngày, nơi ban hành)", "The same document (number, day, issuer)")
            }
            Alike::Near => l.say("Một tệp gần như cùng lời văn", "A file with nearly the same words"),
        };
        let of_kind = uses.iter().filter(|one| one.alike == kind);
        let here: BTreeSet<&str> =
            of_kind.clone().filter(|one| one.assessment == sheet).map(|one| one.indicator.as_str()).collect();
        if !here.is_empty() {
            let list = here.into_iter().collect::<Vec<_>>().join(", ");
            told.push(format!("{what} {} {list}", l.say("còn dùng cho", "is also used for")));
        }
        let mut own_rounds = BTreeSet::new();
        let mut others: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in of_kind.filter(|one| one.assessment != sheet) {
            let Some(row) = state.assessments.get(&one.assessment) else { continue };
            let Some(other) = state.tree.get(row.unit) else { continue };
            if other.id == unit {
                own_rounds.extend(state.rounds.get(&row.round).map(|round| round.title.as_str()));
            } else if everywhere {
                others.entry(other.name.as_str()).or_default().insert(one.indicator.as_str());
            }
        }
        if !own_rounds.is_empty() {
            let list = own_rounds.into_iter().collect::<Vec<_>>().join(", ");
            told.push(format!("{what} {} {list}", l.say("đã nộp trong", "was given in")));
        }
        if !others.is_empty() {
            let named: Vec<String> = others
                .iter()
                .take(UNITS_TOLD)
                .map(|(name, indicators)| {
                    format!("{name} ({})", indicators.iter().copied().collect::<Vec<_>>().join(", "))
                })
                .collect();
            let rest = others.len().saturating_sub(UNITS_TOLD);
            let more = match (rest, l.is_english()) {
                (0, _) => String::new(),
                (rest, true) => format!(" and {rest} more units"),
                (rest, false) => format!(" và {rest} đơn vị khác"),
            };
            told.push(format!("{what} {} {}{more}", l.say("cũng được nộp bởi", "was also given by"), named.join(", ")));
        }
    }
    told
}

/// Who looks at the files of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Somebody of the unit.
    Unit,
    /// An appraiser, who may accept what is indeterminate where `can` says so.
    Appraiser {
        /// Whether accepting is possible now.
        can: bool,
    },
}

/// The files of an entry with their verdicts.
pub struct Files {
    /// A fragment for each file in force, by evidence.
    pub fragments: BTreeMap<EvidenceId, String>,
    /// Whether a verdict is still to come.
    pub waiting: bool,
    /// Whether the signatures that are asked for are there; empty where none is.
    pub requirement: String,
    /// What was found in each file, by its SHA-256.
    pub reports: BTreeMap<String, Kept>,
    /// Where else each file is used.
    pub uses: BTreeMap<EvidenceId, Vec<Use>>,
    /// How many signed files are asked for.
    pub need: usize,
    /// How many count.
    pub counting: usize,
}

impl Files {
    /// Reads what was found in the files of an entry.
    pub async fn read(
        app: &App,
        l: L,
        opened: &Opened,
        indicator: &Indicator,
        evidence: &[Evidence],
        reader: Reader,
    ) -> Result<Self, Failure> {
        let sheet = opened.sheet.id;
        let reports = app.store.reports_of(sheet, &indicator.id).await?;
        let proofs = app.store.proofs_on(&opened.sheet).await?;
        let mut uses = BTreeMap::new();
        for one in evidence.iter().filter(|one| one.withdrawn.is_none()) {
            if let Some(sha256) = &one.sha256 {
                uses.insert(one.id, app.store.uses(sha256, one.id, NEAR_MARKS as i64).await?);
            }
        }
        let state = app.store.state();
        let (mut fragments, mut waiting) = (BTreeMap::new(), false);
        for one in evidence.iter().filter(|one| one.withdrawn.is_none()) {
            let Some(sha256) = &one.sha256 else { continue };
            let kept = reports.get(sha256);
            waiting |= kept.is_none();
            let report = kept.and_then(|kept| serde_json::from_str::<Report>(&kept.found.report).ok());
            let facts = kept.and_then(|kept| serde_json::from_str::<Facts>(&kept.found.facts).ok());
            let scan = kept.and_then(|kept| kept.found.scan.as_deref());
            let view = FileView {
                l,
                id: one.id,
                waiting: kept.is_none(),
                report: match (&report, kept) {
                    (Some(report), Some(kept)) => {
                        report_view(l, report, Place::Evidence, checked_line(l, kept)).render()?
                    }
                    _ => String::new(),
                },
                facts: facts.map(|facts| facts_line(l, &facts)).unwrap_or_default(),
                infected: clamd::infection(scan).map(str::to_owned),
                accepted: one.accepted.as_ref().map(|(at, by, why)| {
                    let who = actor_name(&state, opened.unit.id, *by, time::day_of(*at));
                    match l.is_english() {
                        true => format!("Accepted by {who}, {}: {why}", l.instant(at)),
                        false => format!("{who} chấp nhận lúc {}: {why}", l.instant(at)),
                    }
                }),
                alike: uses
                    .get(&one.id)
                    .map(|uses| alike(&state, l, sheet, opened.unit.id, uses, reader != Reader::Unit))
                    .unwrap_or_default(),
                can_accept: acceptable(one, kept, reader),
            };
            fragments.insert(one.id, view.render()?);
        }
        let entry = opened.sheet.entry(&indicator.id).map(|(_, entry)| entry);
        let need = proof::signatures_needed(indicator) as usize;
        let counting = entry.map_or(0, |entry| {
            entry.evidence.iter().filter(|one| proofs.get(&one.id).is_some_and(|proof| proof.counts())).count()
        });
        let met = counting >= need;
        let requirement = match (need, met) {
            (0, _) => String::new(),
            (_, true) => format!(
                "<span class=\"state done\">{}</span>",
                l.say("Đã có chữ ký số như yêu cầu", "The signature asked for is there")
            ),
            (_, false) => format!(
                "<span class=\"state bad\">{}</span> {}",
                l.say("Thiếu chữ ký số", "Signature missing"),
                match l.is_english() {
                    true => format!("Signed files needed: {need}; valid or accepted: {counting}."),
                    false => format!("Cần {need} tệp có ký số; đang có {counting} tệp ký hợp lệ hoặc được chấp nhận."),
                }
            ),
        };
        Ok(Self { fragments, waiting, requirement, reports, uses, need, counting })
    }

    /// Whether whoever looks may let the signature of a file count.
    pub fn can_accept(&self, one: &Evidence, reader: Reader) -> bool {
        acceptable(one, one.sha256.as_ref().and_then(|sha256| self.reports.get(sha256)), reader)
    }

    /// What the files propose for the figures of the entry, beyond what stands in them.
    pub fn proposals(
        &self,
        state: &store::State,
        l: L,
        opened: &Opened,
        indicator: &Indicator,
        evidence: &[Evidence],
    ) -> Vec<ProposalView> {
        let mut signed = Vec::new();
        let mut sources: BTreeMap<EvidenceId, (&Evidence, String)> = BTreeMap::new();
        for one in evidence.iter().filter(|one| one.withdrawn.is_none()) {
            let Some(kept) = one.sha256.as_ref().and_then(|sha256| self.reports.get(sha256)) else { continue };
            if !(Proof { verdict: kept.found.verdict, accepted: one.accepted.is_some() }).counts() {
                continue;
            }
            let Ok(report) = serde_json::from_str::<Report>(&kept.found.report) else { continue };
            let facts = serde_json::from_str::<Facts>(&kept.found.facts).unwrap_or_default();
            for signature in report.signatures.iter().filter(|one| one.kind == Kind::Signature) {
                let Some(signer) = &signature.signer else { continue };
                let at = signature.proven_time.or(signature.claimed_time).unwrap_or(one.at);
                let (role, position) = role(state, opened.unit.id, signer, at).unzip();
                let who = position.map_or_else(|| signer.clone(), |position| format!("{signer}, {position}"));
                sources.entry(one.id).or_insert((one, who));
                signed.push(Signed {
                    evidence: one.id,
                    role,
                    proven: signature.proven_time.map(time::day_of),
                    issued: facts.day,
                });
            }
        }
        let entry = opened.sheet.entry(&indicator.id).map(|(_, entry)| entry);
        let figures = indicator.all_figures();
        proof::proposals(indicator, &signed)
            .into_iter()
            .filter_map(|found| {
                let figure = figures.iter().find(|figure| figure.id == found.figure)?;
                let typed = entry?.figures.get(&found.figure).map_or("", |value| value.typed.as_str());
                let same =
                    cycle::sheet::read_value(figure, typed).ok() == cycle::sheet::read_value(figure, &found.value).ok();
                let (file, who) = sources.get(&found.evidence)?;
                let source = |l: L| match found.ground {
                    Ground::Signer => {
                        format!("{} “{}”: {who}", l.say("chữ ký của tệp", "the signature of the file"), file.name)
                    }
                    Ground::Timestamp => {
                        format!("{} “{}”", l.say("dấu thời gian của tệp", "the timestamp of the file"), file.name)
                    }
                    Ground::Text => {
                        format!("{} “{}”", l.say("ngày ghi trong tệp", "the day written in the file"), file.name)
                    }
                };
                let label =
                    figure.options.iter().find(|option| option.id == found.value).map(|option| option.label.clone());
                (!same).then(|| ProposalView {
                    take: format!("{}|{}|{}", found.evidence, found.figure, found.value),
                    label: label.unwrap_or_else(|| found.value.clone()),
                    source: source(l),
                    kept: source(L(criteria::Language::Vietnamese)),
                    evidence: found.evidence,
                    figure: found.figure,
                    value: found.value,
                })
            })
            .collect()
    }
}

fn acceptable(one: &Evidence, kept: Option<&Kept>, reader: Reader) -> bool {
    reader == Reader::Appraiser { can: true }
        && one.accepted.is_none()
        && kept.is_some_and(|kept| kept.found.verdict == FileVerdict::Indeterminate)
}

/// As whom a name signs for a unit at a moment: head or deputy, with the position's name.
fn role(state: &store::State, unit: UnitId, signer: &str, at: jiff::Timestamp) -> Option<(Role, String)> {
    let day = time::day_of(at);
    let positions = state.positions_of(unit).into_iter();
    let found = positions.filter_map(|position| {
        let role = proof::role_of(&position.name, &position.capabilities)?;
        let held = state.holders(position.id, day).iter().any(|account| proof::same_name(signer, &account.name));
        held.then(|| (role, position.name.clone()))
    });
    found.min()
}

/// A value that a file proposes for a figure.
pub struct ProposalView {
    /// What the button sends.
    pub take: String,
    /// The value in words.
    pub label: String,
    /// Where it was read, in the language of the page.
    pub source: String,
    /// The same as it is kept.
    kept: String,
    evidence: EvidenceId,
    /// The figure.
    pub figure: String,
    /// The value.
    pub value: String,
}

/// The proposals that stand below one field.
#[derive(Template)]
#[template(path = "proposals.html")]
pub struct Proposals<'a> {
    l: L,
    proposals: Vec<&'a ProposalView>,
}

/// The proposals for one figure, as a fragment.
pub fn beside(l: L, proposals: &[ProposalView], figure: &str) -> Result<String, Failure> {
    let own: Vec<&ProposalView> = proposals.iter().filter(|one| one.figure == figure).collect();
    if own.is_empty() {
        return Ok(String::new());
    }
    Ok(Proposals { l, proposals: own }.render()?)
}

fn indicator_of<'a>(opened: &'a Opened, indicator: &str) -> Result<&'a Indicator, Failure> {
    opened.program().set.indicator(indicator).ok_or(Failure::NotFound)
}

/// `GET /sheets/SHEET/entries/INDICATOR/proofs`: the fragments again, for a page that waits for verdicts.
pub async fn fragments(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?;
    let indicator = indicator_of(&opened, &indicator)?;
    let evidence = app.store.evidence_of(id, &indicator.id).await?;
    let files = Files::read(&app, l, &opened, indicator, &evidence, Reader::Unit).await?;
    let entry = opened.sheet.entry(&indicator.id).map(|(_, entry)| entry.state).unwrap_or(cycle::EntryState::Empty);
    let mut proposals = serde_json::Map::new();
    if may(&app, &person, &opened, Action::Fill, &indicator.id, entry) {
        let found = files.proposals(&app.store.state(), l, &opened, indicator, &evidence);
        for figure in indicator.all_figures() {
            proposals.insert(format!("f-{}", figure.id), json!(beside(l, &found, &figure.id)?));
        }
    }
    let fragments: BTreeMap<String, &String> =
        files.fragments.iter().map(|(id, fragment)| (id.to_string(), fragment)).collect();
    Ok(Json(json!({
        "waiting": files.waiting, "requirement": files.requirement, "files": fragments, "proposals": proposals,
    }))
    .into_response())
}

#[derive(Deserialize)]
pub struct Take {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    take: String,
}

/// The change that takes over what a file proposes, as it proposes it now; none where no file does.
pub async fn taking(
    app: &App,
    l: L,
    opened: &Opened,
    indicator: &str,
    version: i64,
    take: &str,
) -> Result<Option<Command>, Failure> {
    let known = indicator_of(opened, indicator)?;
    let (assessment, indicator) = (opened.sheet.id, indicator.to_owned());
    let evidence = app.store.evidence_of(assessment, &indicator).await?;
    let files = Files::read(app, l, opened, known, &evidence, Reader::Unit).await?;
    let proposals = files.proposals(&app.store.state(), l, opened, known, &evidence);
    Ok(proposals.into_iter().find(|one| one.take == take).map(|one| {
        let taken = Taken { evidence: one.evidence, figure: one.figure, value: one.value, from: one.kept };
        Command::TakeOver { assessment, indicator, version, taken }
    }))
}

/// `POST …/take`: takes over what a file proposes, as it proposes it now.
pub async fn take(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    Form(form): Form<Take>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let command = taking(&app, person.l(), &opened, &indicator, form.version, &form.take).await?;
    let command = command.ok_or(Failure::NotFound)?;
    let figure = match &command {
        Command::TakeOver { taken, .. } => taken.figure.clone(),
        _ => String::new(),
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}?saved#f-{figure}")).into_response())
}

#[derive(Deserialize)]
pub struct Acceptance {
    #[serde(default)]
    reason: String,
}

/// The change by which an appraiser lets a signature count, and the sheet; for others there is no such evidence.
pub async fn accepting(
    app: &App,
    person: &Person,
    id: EvidenceId,
    reason: String,
) -> Result<(AssessmentId, Command), Failure> {
    let evidence = app.store.one_evidence(id).await?.ok_or(Failure::NotFound)?;
    let (assessment, indicator) = (evidence.assessment, evidence.indicator);
    let state = app.store.state();
    let row = state.assessments.get(&assessment).ok_or(Failure::NotFound)?;
    if !state.appraises(&person.authority, state.round_of(row)?, &indicator, row.unit) {
        return Err(Failure::NotFound);
    }
    Ok((assessment, Command::AcceptSignature { assessment, indicator, evidence: id, reason }))
}

/// `POST /evidence/EVIDENCE/accept`: an appraiser lets a signature count that could not be proved.
pub async fn accept(
    State(app): State<App>,
    person: Person,
    Path(id): Path<EvidenceId>,
    Form(form): Form<Acceptance>,
) -> Result<Response, Failure> {
    let (assessment, command) = accepting(&app, &person, id, form.reason).await?;
    let level = app.store.state().assessments.get(&assessment).map(|row| row.level).ok_or(Failure::NotFound)?;
    let indicator = match &command {
        Command::AcceptSignature { indicator, .. } => indicator.clone(),
        _ => String::new(),
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/appraise/{level}/{indicator}?unit={assessment}")).into_response())
}

/// What to look at closely in an appraiser's queue: an entry that nothing speaks against but a missing signature.
pub fn doubt(
    l: L,
    indicator: &Indicator,
    entry: &cycle::Entry,
    proofs: &proof::Proofs,
    told: (&'static str, String, String),
) -> (&'static str, String, String) {
    if told.0 != "open" || proof::lack(indicator, entry, proofs).is_none() {
        return told;
    }
    ("warn", l.say("Nghi ngờ", "Doubtful").to_owned(), l.say("thiếu chữ ký số", "a signature is missing").to_owned())
}

/// Whether a person may let signatures of an entry count right now.
pub fn may_accept(app: &App, person: &Person, opened: &Opened, indicator: &str) -> bool {
    struct Here(bool);
    impl cycle::action::Actor for Here {
        fn has(&self, capability: cycle::Capability) -> bool {
            capability == cycle::Capability::Appraise && self.0
        }
        fn is_assigned(&self) -> bool {
            false
        }
    }
    let appraises = app.store.state().appraises(&person.authority, &opened.round, indicator, opened.unit.id);
    let entry = opened.sheet.entry(indicator).map(|(_, entry)| entry.state);
    entry.is_some_and(|entry| {
        let situation =
            cycle::action::Situation { phase: opened.round.phase, sheet: opened.row.state, entry, window_open: true };
        cycle::action::decide(Action::Vouch, &Here(appraises), situation).is_ok()
    })
}

/// The signed files of an entry as the appraiser sees them: one fragment for the whole list.
pub async fn for_appraiser(
    app: &App,
    person: &Person,
    opened: &Opened,
    place: usize,
    evidence: &[Evidence],
) -> Result<String, Failure> {
    let l = person.l();
    let indicator = opened.program().set.indicators().nth(place).ok_or(Failure::NotFound)?;
    let can = may_accept(app, person, opened, &indicator.id);
    let files = Files::read(app, l, opened, indicator, evidence, Reader::Appraiser { can }).await?;
    let mut html = String::new();
    if !files.requirement.is_empty() {
        html.push_str(&format!("<p class=\"small\">{}</p>", files.requirement));
    }
    for one in evidence {
        if let Some(fragment) = files.fragments.get(&one.id) {
            html.push_str("<section class=\"signed\">");
            html.push_str(&Named { name: &one.name }.render()?);
            html.push_str(fragment);
            html.push_str("</section>");
        }
    }
    Ok(html)
}

#[derive(Template)]
#[template(source = "<h4>{{ name }}</h4>", ext = "html")]
struct Named<'a> {
    name: &'a str,
}
