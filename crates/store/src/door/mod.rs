//! The one door: every change is checked, carried out and written to the audit log in one transaction.
//!
//! Changes that arrive together share a transaction, so that many people can save at once on a disk that can be
//! flushed only a few hundred times a second. Nobody is answered before the transaction is on the disk. A change that
//! is refused leaves no trace in it; a database that fails leaves nothing of the whole transaction.

mod appraisal;
mod corrections;
mod council;
mod drafts;
mod figures;
mod grades;
mod lineage;
mod organisation;
mod papers;
mod people;
mod proofs;
mod publish;
mod rounds;
mod running;
mod sheets;

use std::collections::HashMap;
use std::sync::Arc;

use criteria::{Files, Number, Text};
use cycle::action::Actor as ActorInTable;
use cycle::proof::FileVerdict;
use cycle::{AccountId, AssessmentId, Authority, Capability, Denial, DraftId, EvidenceId, Marks, Sheet, UnitId, time};
use jiff::Timestamp;
use scoring::number_text;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};

use crate::chain;
use crate::command::{Actor, Command, Done, FieldRefusal, Refusal};
use crate::database::{Write, rows_in};
use crate::error::Error;
use crate::state::{Assessment, State};
use crate::store::Shared;
use crate::{limits, write_sql};

/// A change on its way.
pub(crate) struct Order {
    pub actor: Actor,
    pub at: Timestamp,
    pub command: Command,
    pub answer: oneshot::Sender<Result<Done, Refusal>>,
}

/// What a transaction will write, and what it has changed so far.
pub(crate) struct Batch<'a> {
    pub state: &'a State,
    loaded: &'a HashMap<AssessmentId, Arc<Sheet>>,
    /// What was found in the files whose signatures are to be accepted.
    pub verdicts: &'a HashMap<EvidenceId, FileVerdict>,
    /// The files of the drafts that are to become sets.
    pub drafts: &'a HashMap<DraftId, Files>,
    pub writes: Vec<Write>,
    sheets: HashMap<AssessmentId, (Sheet, Assessment)>,
    pub seq: i64,
    hash: String,
    next_id: i64,
    pub actor: Actor,
    pub at: Timestamp,
    authority: Option<Authority>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    pub unit: Option<UnitId>,
    pub assessment: Option<AssessmentId>,
    pub indicator: Option<&'a str>,
}

impl Batch<'_> {
    /// A new identity.
    pub fn id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// The number of the event that the change in hand will be.
    pub fn this_seq(&self) -> i64 {
        self.seq + 1
    }

    /// Adds the change in hand to the log.
    pub fn event(&mut self, action: &str, subject: Subject<'_>, detail: &Json) {
        self.seq += 1;
        let account = match self.actor {
            Actor::Account(account) => Some(account.0),
            Actor::Operator => None,
        };
        let event = chain::Event {
            seq: self.seq,
            at: self.at.as_millisecond(),
            actor: account,
            action: action.to_owned(),
            unit: subject.unit.map(|unit| unit.0),
            assessment: subject.assessment.map(|assessment| assessment.0),
            indicator: subject.indicator.map(str::to_owned),
            detail: detail.to_string(),
        };
        let hash = event.hash(&self.hash);
        self.writes.push(write_sql!(
            "INSERT INTO event (seq, at, actor, action, unit, assessment, indicator, detail, previous, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            event.seq,
            event.at,
            event.actor,
            event.action,
            event.unit,
            event.assessment,
            event.indicator,
            event.detail,
            self.hash.as_str(),
            hash.as_str(),
        ));
        self.hash = hash;
    }

    /// Today, in Viet Nam.
    pub fn today(&self) -> criteria::date::Date {
        time::day_of(self.at)
    }

    /// Refuses whoever lacks a capability over a unit.
    pub fn require(&self, capability: Capability, unit: UnitId) -> Result<(), Refusal> {
        if self.may(capability, unit) { Ok(()) } else { Err(Denial::NotAllowed.into()) }
    }

    /// Whether the actor has a capability over a unit.
    pub fn may(&self, capability: Capability, unit: UnitId) -> bool {
        match (&self.authority, self.actor) {
            (_, Actor::Operator) => true,
            (Some(authority), Actor::Account(_)) => authority.may(&self.state.tree, capability, unit),
            (None, Actor::Account(_)) => false,
        }
    }

    /// The account that acts.
    pub fn account(&self) -> Option<AccountId> {
        match self.actor {
            Actor::Account(account) => Some(account),
            Actor::Operator => None,
        }
    }

    /// A sheet as the changes before this one left it, with how it stands.
    pub fn sheet(&self, id: AssessmentId) -> Result<(Sheet, Assessment), Refusal> {
        if let Some(changed) = self.sheets.get(&id) {
            return Ok(changed.clone());
        }
        let row = self.state.assessments.get(&id).ok_or(Refusal::NotFound)?;
        let sheet = self.loaded.get(&id).ok_or(Refusal::NotFound)?;
        Ok((sheet.as_ref().clone(), row.clone()))
    }

    /// Puts a changed sheet down.
    pub fn put_sheet(&mut self, sheet: Sheet, mut row: Assessment) {
        row.marks = Marks::of(&sheet.entries);
        self.sheets.insert(sheet.id, (sheet, row));
    }

    /// Asks for a job, once however often it is asked for.
    pub fn job(&mut self, kind: &str, payload: &str, due: Timestamp) {
        let id = self.id();
        // One that was tried too often is tried again: whatever stood in its way may be gone.
        self.writes.push(write_sql!(
            "UPDATE job SET attempts = 0, due = $1 \
             WHERE kind = $2 AND payload = $3 AND done_at IS NULL AND lease = 0 AND attempts >= $4",
            due.as_millisecond(),
            kind,
            payload,
            crate::jobs::ATTEMPTS_MAX,
        ));
        self.writes.push(write_sql!(
            "INSERT INTO job (id, kind, payload, due, attempts, lease, done_at) \
             SELECT $1, $2, $3, $4, 0, 0, NULL \
             WHERE NOT EXISTS (SELECT 1 FROM job WHERE kind = $5 AND payload = $6 AND done_at IS NULL AND lease = 0)",
            id,
            kind,
            payload,
            due.as_millisecond(),
            kind,
            payload,
        ));
    }
}

/// The actor as the table of actions asks about it, at one entry.
pub(crate) struct Here<'a, 'b> {
    pub batch: &'a Batch<'b>,
    pub unit: UnitId,
    pub round: cycle::RoundId,
    pub indicator: &'a str,
}

impl ActorInTable for Here<'_, '_> {
    fn has(&self, capability: Capability) -> bool {
        let state = self.batch.state;
        let round = state.rounds.get(&self.round);
        match (capability, &self.batch.authority, round) {
            // An appraiser's scope is the agency, not the unit that is appraised.
            (Capability::Appraise, Some(authority), Some(round)) => {
                state.appraises(authority, round, self.indicator, self.unit)
            }
            // Whoever appraises an indicator may talk about it.
            (Capability::ReadSheets, Some(authority), Some(round))
                if state.appraises(authority, round, self.indicator, self.unit) =>
            {
                true
            }
            (Capability::Decide | Capability::RunRound, _, Some(round)) => self.batch.may(capability, round.owner),
            _ => self.batch.may(capability, self.unit),
        }
    }

    fn is_assigned(&self) -> bool {
        let Some(authority) = &self.batch.authority else { return false };
        self.batch
            .state
            .assigned(self.round, self.unit, self.indicator)
            .iter()
            .any(|assignment| authority.positions.contains(&assignment.position))
    }
}

/// Takes orders until the last sender is gone.
pub(crate) async fn run(shared: Arc<Shared>, mut orders: mpsc::Receiver<Order>, wrote: mpsc::Sender<()>) {
    let mut held: Option<Order> = None;
    loop {
        let first = match held.take() {
            Some(order) => order,
            None => match orders.recv().await {
                Some(order) => order,
                None => return,
            },
        };
        let mut batch = vec![first];
        // What changes units, people or rounds changes what the next may do: it goes alone.
        while batch.len() < limits::BATCH_MAX && touches_only_sheets(&batch[batch.len() - 1].command) {
            match orders.try_recv() {
                Ok(order) if touches_only_sheets(&order.command) => batch.push(order),
                Ok(order) => {
                    held = Some(order);
                    break;
                }
                Err(_) => break,
            }
        }
        carry_out(&shared, batch).await;
        // One that waits already says the same.
        let _ = wrote.try_send(());
    }
}

const fn touches_only_sheets(command: &Command) -> bool {
    matches!(
        command,
        Command::SaveEntry { .. }
            | Command::SaveProfile { .. }
            | Command::MarkReady { .. }
            | Command::SendBack { .. }
            | Command::AddEvidence { .. }
            | Command::WithdrawEvidence { .. }
            | Command::KeepReport(_)
            | Command::AcceptSignature { .. }
            | Command::TakeOver { .. }
            | Command::Remark { .. }
            | Command::Appraise { .. }
            | Command::Explain { .. }
            | Command::Decide { .. }
            | Command::Rescore { .. }
    )
}

async fn carry_out(shared: &Shared, orders: Vec<Order>) {
    let mut answers = Vec::new();
    let mut asked = Vec::new();
    for order in orders {
        answers.push(order.answer);
        asked.push((order.actor, order.at, order.command));
    }
    let results = match shared.database.counted(transaction(shared, asked).await) {
        Ok(results) => results,
        Err(error) => {
            tracing::error!(%error, "a transaction failed; nothing of it was kept");
            answers.iter().map(|_| Err(Refusal::Failed(Error::Closed))).collect()
        }
    };
    for (answer, result) in answers.into_iter().zip(results) {
        // Whoever asked may have gone; the change holds all the same.
        drop(answer.send(result));
    }
}

async fn transaction(
    shared: &Shared,
    asked: Vec<(Actor, Timestamp, Command)>,
) -> Result<Vec<Result<Done, Refusal>>, Error> {
    let mut connection = shared.database.pool.acquire().await?;
    shared.database.begin(&mut connection).await?;
    let result = within(shared, &mut connection, asked).await;
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::query(end).execute(&mut *connection).await;
    let (results, sheets, head) = result?;
    if let Err(error) = ended {
        // Whether it was kept is not known: what is in memory is read again.
        shared.forget();
        return Err(error.into());
    }
    let structural = shared.publish(sheets, head);
    if structural {
        // A command that reminds people made notices too.
        shared.forget_unread();
        shared.catch_up(&mut connection).await?;
    }
    Ok(results)
}

type Changed = HashMap<AssessmentId, (Sheet, Assessment)>;

/// Where the log stood before a transaction and stands after it, and what changed.
pub(crate) struct Head {
    pub before: i64,
    pub after: i64,
    /// Nothing but sheets.
    pub only_sheets: bool,
    /// What files of evidence prove.
    pub proves: bool,
}

async fn within(
    shared: &Shared,
    connection: &mut sqlx::AnyConnection,
    asked: Vec<(Actor, Timestamp, Command)>,
) -> Result<(Vec<Result<Done, Refusal>>, Changed, Head), Error> {
    use sqlx::Row;
    let lock = match shared.database.engine {
        crate::database::Engine::Sqlite => "SELECT seq, hash, next_id FROM head WHERE id = 1",
        crate::database::Engine::PostgreSql => "SELECT seq, hash, next_id FROM head WHERE id = 1 FOR UPDATE",
    };
    let rows = rows_in(connection, lock, &[]).await?;
    let row = rows.first().ok_or_else(|| Error::inconsistent("head", 1, "it does not exist"))?;
    let (seq, hash, next_id): (i64, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    shared.catch_up_to(connection, seq).await?;
    let mut loaded = HashMap::new();
    for (_, _, command) in &asked {
        // What one command needs of many sheets stays out of the memory for those that people have open.
        let opened = touches_only_sheets(command) && !matches!(command, Command::Rescore { .. });
        for id in sheets_of(shared, command) {
            if !loaded.contains_key(&id)
                && let Some(sheet) = shared.sheet_within(connection, id, opened).await?
            {
                loaded.insert(id, sheet);
            }
        }
    }
    let mut verdicts = HashMap::new();
    for evidence in asked.iter().flat_map(|(_, _, command)| vouched(command)) {
        verdicts.insert(evidence, verdict_within(connection, evidence).await?);
    }
    let mut drafts = HashMap::new();
    for draft in asked.iter().flat_map(|(_, _, command)| adopted(command)) {
        let sql = "SELECT files FROM draft_set WHERE id = $1";
        if let Some(row) = rows_in(connection, sql, &[draft.0.into()]).await?.first() {
            drafts.insert(draft, crate::state::json("draft_set", draft, row, 0)?);
        }
    }
    let only_sheets = asked.iter().all(|(_, _, command)| touches_only_sheets(command));
    let proves = |command: &Command| matches!(command, Command::KeepReport(_) | Command::AcceptSignature { .. });
    let proves = asked.iter().any(|(_, _, command)| proves(command));
    let (results, writes, sheets, after) = {
        let state = shared.state();
        let mut batch = Batch {
            state: &state,
            loaded: &loaded,
            verdicts: &verdicts,
            drafts: &drafts,
            writes: Vec::new(),
            sheets: HashMap::new(),
            seq,
            hash,
            next_id,
            actor: Actor::Operator,
            at: Timestamp::UNIX_EPOCH,
            authority: None,
        };
        let mut results = Vec::with_capacity(asked.len());
        for (actor, at, command) in asked {
            batch.actor = actor;
            batch.at = at;
            batch.authority = match actor {
                Actor::Account(account) => Some(state.authority(account, time::day_of(at))),
                Actor::Operator => None,
            };
            let mark = (batch.writes.len(), batch.seq, batch.hash.clone(), batch.next_id);
            let result = apply(&mut batch, command);
            if result.is_err() {
                (batch.seq, batch.hash, batch.next_id) = (mark.1, mark.2, mark.3);
                batch.writes.truncate(mark.0);
            }
            results.push(result);
        }
        let head = write_sql!(
            "UPDATE head SET seq = $1, hash = $2, next_id = $3 WHERE id = 1",
            batch.seq,
            batch.hash,
            batch.next_id,
        );
        if batch.seq != seq {
            batch.writes.push(head);
        }
        (results, batch.writes, batch.sheets, batch.seq)
    };
    shared.database.write_all(connection, &writes).await?;
    Ok((results, sheets, Head { before: seq, after, only_sheets, proves }))
}

/// The pieces of evidence whose signatures a command lets count.
fn vouched(command: &Command) -> Vec<EvidenceId> {
    match command {
        Command::Many(commands) => commands.iter().flat_map(vouched).collect(),
        Command::AcceptSignature { evidence, .. } => vec![*evidence],
        _ => Vec::new(),
    }
}

/// The drafts that a command makes sets of.
fn adopted(command: &Command) -> Vec<DraftId> {
    match command {
        Command::Many(commands) => commands.iter().flat_map(adopted).collect(),
        Command::AdoptDraft { draft, .. } => vec![*draft],
        _ => Vec::new(),
    }
}

/// What was found in the file of a piece of evidence, read in the transaction at hand.
async fn verdict_within(connection: &mut sqlx::AnyConnection, evidence: EvidenceId) -> Result<FileVerdict, Error> {
    use sqlx::Row;
    let sql = "SELECT r.verdict FROM evidence e JOIN file_report r ON r.sha256 = e.sha256 WHERE e.id = $1";
    let rows = rows_in(connection, sql, &[evidence.0.into()]).await?;
    let key: Option<String> = rows.first().map(|row| row.try_get(0)).transpose()?;
    Ok(key.as_deref().and_then(FileVerdict::from_key).unwrap_or(FileVerdict::Waiting))
}

/// The sheets whose entries a command needs.
fn sheets_of(shared: &Shared, command: &Command) -> Vec<AssessmentId> {
    match command {
        Command::Many(commands) => commands.iter().flat_map(|command| sheets_of(shared, command)).collect(),
        Command::SaveEntry { assessment, .. }
        | Command::SaveProfile { assessment, .. }
        | Command::Fill { assessment, .. }
        | Command::MarkReady { assessment, .. }
        | Command::SendBack { assessment, .. }
        | Command::Submit { assessment, .. }
        | Command::Unlock { assessment, .. }
        | Command::AddEvidence { assessment, .. }
        | Command::WithdrawEvidence { assessment, .. }
        | Command::AcceptSignature { assessment, .. }
        | Command::TakeOver { assessment, .. }
        | Command::Remark { assessment, .. }
        | Command::Appraise { assessment, .. }
        | Command::Explain { assessment, .. }
        | Command::Decide { assessment, .. }
        | Command::Review { assessment, .. } => vec![*assessment],
        Command::Publish { round, .. } | Command::RecordSilence { round } => {
            shared.state().assessments.values().filter(|one| one.round == *round).map(|one| one.id).collect()
        }
        Command::Exempt { round, unit, .. } | Command::LiftExemption { round, unit, .. } => {
            shared.state().sheet_of.get(&(*round, *unit)).copied().into_iter().collect()
        }
        Command::Rescore { sheets, .. } => sheets.clone(),
        Command::TakeFigures { sheets, .. } => sheets.iter().map(|one| one.assessment).collect(),
        Command::Pick { level, .. } | Command::SetFigures { level, .. } => {
            shared.state().assessments.values().filter(|one| one.level == *level).map(|one| one.id).collect()
        }
        _ => Vec::new(),
    }
}

fn apply(batch: &mut Batch<'_>, command: Command) -> Result<Done, Refusal> {
    match command {
        Command::Many(commands) => {
            let mut done = Done::default();
            for command in commands {
                let one = apply(batch, command)?;
                done = Done { id: one.id, version: one.version, count: done.count + one.count.max(1) };
            }
            Ok(done)
        }
        Command::AddUnits(units) => organisation::add_units(batch, units),
        Command::ChangeUnits { from, to, how, day, document, people } => {
            lineage::change_units(batch, &from, to, how, day, &document, people)
        }
        Command::AddPosition { unit, code, name, capabilities } => {
            organisation::add_position(batch, unit, &code, &name, &capabilities)
        }
        Command::AddPerson(person) => organisation::add_person(batch, &person, None, &[]),
        Command::AddPersonHolding { person, to, also } => organisation::add_person(batch, &person, to, &also),
        Command::ChangePosition { position, name, capabilities } => {
            corrections::change_position(batch, position, &name, &capabilities)
        }
        Command::ChangePerson { account, login, name } => corrections::change_person(batch, account, &login, &name),
        Command::Hold { position, account, from, to } => organisation::hold(batch, position, account, from, to),
        Command::EndHolding { holding, to } => organisation::end_holding(batch, holding, to),
        Command::SetPassword { account, hash } => people::set_password(batch, account, &hash),
        Command::AcceptInvitation { account, hash } => people::accept_invitation(batch, account, &hash),
        Command::EndSessions { account, which } => people::end_sessions(batch, account, which),
        Command::ResetSecondFactor { account, notice } => people::reset_second_factor(batch, account, &notice),
        Command::RenewCalendar { account, secret } => people::renew_calendar(batch, account, &secret),
        Command::SetSecondFactor { account, secret } => people::set_second_factor(batch, account, secret),
        Command::SetLanguage { account, english } => people::set_language(batch, account, english),
        Command::Invite { account, token, expires } => people::invite(batch, account, &token, expires),
        Command::Disable { account, disabled } => people::disable(batch, account, disabled),
        Command::KeepDraft(new) => drafts::keep(batch, new),
        Command::EditDraft { draft, version, files, at, what } => {
            drafts::edit(batch, draft, version, &files, &at, &what)
        }
        Command::AdoptDraft { draft, version } => drafts::adopt(batch, draft, version),
        Command::DropDraft { draft, version } => drafts::discard(batch, draft, version),
        Command::IssuePaper(new) => papers::issue(batch, &new),
        Command::FilePaper(new) => papers::file(batch, &new),
        Command::KeepFigureFile(new) => figures::keep(batch, &new),
        Command::AnswerFigureFile { file, answers, columns } => figures::answer(batch, file, &answers, &columns),
        Command::TakeFigures { file, sheets } => figures::take(batch, file, sheets),
        Command::CreateRound { owner, year, title, days, levels, made_up, appraisers, beginning } => {
            let new = rounds::NewRound { owner, year, title, days, levels, made_up, appraisers, beginning };
            rounds::create(batch, new)
        }
        Command::SetPhase { round, phase, reason } => rounds::set_phase(batch, round, phase, &reason),
        Command::SetDays { round, days, reason } => rounds::set_days(batch, round, days, &reason),
        Command::Extend { round, unit, to, reason } => rounds::extend(batch, round, unit, to, reason),
        Command::Exempt { round, unit, indicator, reason } => rounds::exempt(batch, round, unit, &indicator, reason),
        Command::Pick { level, reading, variant, reason } => rounds::pick(batch, level, &reading, &variant, &reason),
        Command::PickOpen { round, reason } => rounds::pick_open(batch, round, &reason),
        Command::SetFigures { level, figures, reason } => rounds::set_figures(batch, level, figures, &reason),
        Command::SetGrades { level, grades, reason } => grades::set(batch, level, &grades, &reason),
        Command::Assign { round, unit, changes } => rounds::assign(batch, round, unit, &changes),
        Command::LiftExemption { round, unit, indicator, reason } => {
            rounds::lift_exemption(batch, round, unit, &indicator, &reason)
        }
        Command::SetAppraisers { round, changes, reason } => running::set_appraisers(batch, round, changes, &reason),
        Command::SetParticipation { round, unit, takes_part, reason } => {
            running::set_participation(batch, round, unit, takes_part, &reason)
        }
        Command::DescribeRound { round, title, period, reason } => {
            running::describe(batch, round, &title, period, &reason)
        }
        Command::Remind { round, units, notices } => running::remind(batch, round, &units, &notices),
        Command::Respread { level } => rounds::respread(batch, level),
        Command::Rescore { level, sheets } => rounds::rescore_some(batch, level, &sheets),
        Command::SaveEntry { assessment, indicator, version, change } => {
            sheets::save_entry(batch, assessment, &indicator, version, change, None)
        }
        Command::SaveProfile { assessment, version, figures } => {
            sheets::save_profile(batch, assessment, version, figures)
        }
        Command::Fill { assessment, filling } => sheets::fill(batch, assessment, filling),
        Command::MarkReady { assessment, indicator, version } => {
            sheets::mark_ready(batch, assessment, &indicator, version)
        }
        Command::SendBack { assessment, indicator, reason } => {
            sheets::send_back(batch, assessment, &indicator, &reason)
        }
        Command::Submit { assessment, hash } => sheets::submit(batch, assessment, &hash),
        Command::Unlock { assessment, reason } => sheets::unlock(batch, assessment, &reason),
        Command::AddEvidence { assessment, indicator, evidence } => {
            sheets::add_evidence(batch, assessment, &indicator, &evidence)
        }
        Command::WithdrawEvidence { assessment, indicator, evidence, reason } => {
            sheets::withdraw_evidence(batch, assessment, &indicator, evidence, &reason)
        }
        Command::KeepReport(found) => proofs::keep_report(batch, &found),
        Command::CheckAgain { anchors } => proofs::check_again(batch, &anchors),
        Command::AcceptSignature { assessment, indicator, evidence, reason } => {
            proofs::accept(batch, assessment, &indicator, evidence, &reason)
        }
        Command::TakeOver { assessment, indicator, version, taken } => {
            proofs::take_over(batch, assessment, &indicator, version, &taken)
        }
        Command::Remark { assessment, indicator, words } => sheets::remark(batch, assessment, &indicator, &words),
        Command::Appraise { assessment, indicator, version, appraisal } => {
            appraisal::appraise(batch, assessment, &indicator, version, &appraisal)
        }
        Command::Explain { assessment, indicator, words } => appraisal::explain(batch, assessment, &indicator, &words),
        Command::Decide { assessment, indicator, version, points, reason } => {
            appraisal::decide(batch, assessment, &indicator, version, &points, &reason)
        }
        Command::RecordSilence { round } => council::record_silence(batch, round),
        Command::OpenExplanation { round, days, reason } => council::open_explanation(batch, round, days, &reason),
        Command::Meet { round, title, chair, present } => council::meet(batch, round, &title, &chair, &present),
        Command::CloseMeeting { round } => council::close_meeting(batch, round),
        Command::Divide { round, agency, shares } => council::divide(batch, round, agency, shares),
        Command::DropReason { agency, mark } => appraisal::drop_reason(batch, agency, &mark),
        Command::Publish { round, number, day, undecided } => publish::publish(batch, round, &number, day, &undecided),
        Command::Review { assessment, title, picture } => sheets::review(batch, assessment, &title, &picture),
    }
}

/// Words that must be given, trimmed, in Unicode's composed form, and not beyond a limit.
pub(crate) fn words(field: &str, text: &str, bytes_max: usize) -> Result<String, Refusal> {
    let text = optional_words(field, text, bytes_max)?;
    if text.is_empty() {
        return Err(Refusal::invalid(field, "Chưa ghi", "This is missing"));
    }
    Ok(text)
}

/// That words are longer than their limit. The limit is kept in bytes; people are told in what they count.
pub fn too_long(text: &str, bytes_max: usize) -> Text {
    let all = text.chars().count();
    let kept = text.char_indices().take_while(|(at, letter)| at + letter.len_utf8() <= bytes_max).count();
    let count = |count: usize| Number::from_millionths(i64::try_from(count).unwrap_or(0).saturating_mul(1_000_000));
    let told = |say: fn(Number) -> String| [all, kept, all - kept].map(|one| say(count(one)));
    let [all, kept, over] = told(number_text::vietnamese);
    let vi = format!("Dài {all} ký tự, chỉ ghi được {kept} ký tự đầu; hãy bớt {over} ký tự");
    let [all, kept, over] = told(number_text::english);
    Text::new(vi, format!("It has {all} characters, and only the first {kept} can be kept; shorten it by {over}"))
}

/// Words that may be left out.
pub(crate) fn optional_words(field: &str, text: &str, bytes_max: usize) -> Result<String, Refusal> {
    let text = composed(text.trim());
    if text.len() > bytes_max {
        let message = too_long(&text, bytes_max);
        return Err(Refusal::Invalid(vec![FieldRefusal { field: field.to_owned(), message }]));
    }
    if text.contains('\0') {
        return Err(Refusal::invalid(field, "Có ký tự không dùng được", "It holds a character that cannot be kept"));
    }
    Ok(text)
}

/// Words that may be left out, as they are kept: for what is put down within something larger.
///
/// # Errors
/// They are too long, or hold what cannot be kept.
pub fn kept_words(field: &str, text: &str) -> Result<String, Refusal> {
    optional_words(field, text, limits::WORDS_BYTES_MAX)
}

/// Text in Unicode's composed form (NFC), as it is kept: the same word typed on two keyboards is the same text.
pub(crate) fn composed(text: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, is_nfc};
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// A detail of an event that says what was before and after.
pub(crate) fn before_after(before: &impl serde::Serialize, after: &impl serde::Serialize) -> Json {
    json!({ "before": before, "after": after })
}
