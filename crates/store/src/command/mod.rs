//! Everything that can be asked of the door. One change, one command.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use criteria::date::Date;
use criteria::{Files, Text};
use cycle::action::Phase;
use cycle::division::Share;
use cycle::round::Days;
use cycle::tree::Descent;
use cycle::{
    AccountId, AssessmentId, Capability, Denial, DraftId, EvidenceId, FigureFileId, LevelId, PositionId, RoundId,
    Sheet, UnitId,
};

use crate::error::Error;
use crate::notices::NewNotice;
use crate::proofs::FileReport;

pub use parts::{
    Appraisal, AssignmentChange, Beginning, DeclaredGrade, Ended, EntryChange, Filling, NewCopy, NewDraft, NewEvidence,
    NewFigureFile, NewLevel, NewPaper, NewPerson, NewUnit, SheetSupply, Supplied, Taken, Tenure,
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, with the authority held at that moment.
    Account(AccountId),
    /// The operator at the command line, or a job: may do everything, within the table's phases and states.
    Operator,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Several changes, all or none. None of them may rest on a unit, position or round that another one makes.
    Many(Vec<Command>),
    /// Add units.
    AddUnits(Vec<NewUnit>),
    /// Rename, merge, split or abolish units.
    ChangeUnits {
        /// The units before.
        from: Vec<UnitId>,
        /// The units after: names and codes of new ones, or codes of those that exist.
        to: Vec<NewUnit>,
        /// How.
        how: Descent,
        /// The first day of the new order.
        day: Date,
        /// The document that says so.
        document: String,
        /// Whether positions and those who hold them go along to what one new unit takes over.
        people: bool,
    },
    /// Add a position.
    AddPosition {
        /// The unit.
        unit: UnitId,
        /// The code.
        code: String,
        /// The name.
        name: String,
        /// What it may do.
        capabilities: BTreeSet<Capability>,
    },
    /// Add a person.
    AddPerson(NewPerson),
    /// Change what a position is called and what it may do.
    ChangePosition {
        /// The position.
        position: PositionId,
        /// The name.
        name: String,
        /// What it may do.
        capabilities: BTreeSet<Capability>,
    },
    /// Put somebody's name or e-mail address right.
    ChangePerson {
        /// The person.
        account: AccountId,
        /// What one signs in with.
        login: String,
        /// The name.
        name: String,
    },
    /// Add a person who holds several positions, or one to a last day.
    AddPersonHolding {
        /// The person, with the first of them.
        person: NewPerson,
        /// The last day of the first.
        to: Option<Date>,
        /// The others.
        also: Vec<Tenure>,
    },
    /// Give a position to a person.
    Hold {
        /// The position.
        position: PositionId,
        /// The person.
        account: AccountId,
        /// From which day.
        from: Date,
        /// To which day.
        to: Option<Date>,
    },
    /// End a holding.
    EndHolding {
        /// The holding.
        holding: i64,
        /// Its last day.
        to: Date,
    },
    /// Set a password that was hashed.
    SetPassword {
        /// The person.
        account: AccountId,
        /// The hash, as a PHC string.
        hash: String,
    },
    /// Set a password, hashed, by an invitation that was just used up: whatever else opened the account ends.
    AcceptInvitation {
        /// The person.
        account: AccountId,
        /// The hash, as a PHC string.
        hash: String,
    },
    /// End sessions of oneself.
    EndSessions {
        /// The person.
        account: AccountId,
        /// Which of them.
        which: Ended,
    },
    /// Take the second factor off an account whose owner lost it; all sessions end, and the owner is told.
    ResetSecondFactor {
        /// The person.
        account: AccountId,
        /// What the person is told.
        notice: NewNotice,
    },
    /// Give one's calendar another address.
    RenewCalendar {
        /// The person.
        account: AccountId,
        /// The secret part of the address.
        secret: String,
    },
    /// Turn a second factor on or off.
    SetSecondFactor {
        /// The person.
        account: AccountId,
        /// The secret and the hashes of the recovery codes.
        secret: Option<(String, Vec<String>)>,
    },
    /// Choose the language of the pages.
    SetLanguage {
        /// The person.
        account: AccountId,
        /// Whether it is English.
        english: bool,
    },
    /// Let somebody who lost the invitation or the password set one.
    Invite {
        /// The person.
        account: AccountId,
        /// The SHA-256 of the invitation's secret.
        token: String,
        /// When it expires, in milliseconds.
        expires: i64,
    },
    /// Close an account, or open it again.
    Disable {
        /// The person.
        account: AccountId,
        /// Whether it is closed.
        disabled: bool,
    },
    /// Keep a draft of a criteria set.
    KeepDraft(NewDraft),
    /// Put a draft right.
    EditDraft {
        /// The draft.
        draft: DraftId,
        /// The version that the person saw.
        version: i64,
        /// Its files from now on.
        files: Files,
        /// The indicator or reading that the change is about.
        at: String,
        /// What was changed, for the log.
        what: serde_json::Value,
    },
    /// Make a draft a set that never changes again and that rounds can be opened with.
    AdoptDraft {
        /// The draft.
        draft: DraftId,
        /// The version that the person saw.
        version: i64,
    },
    /// Put a draft away.
    DropDraft {
        /// The draft.
        draft: DraftId,
        /// The version that the person saw.
        version: i64,
    },
    /// Issue a paper under a code of its own.
    IssuePaper(NewPaper),
    /// File a copy of an issued paper that came back.
    FilePaper(NewCopy),
    /// Keep a file of figures, to be asked about and taken in.
    KeepFigureFile(NewFigureFile),
    /// Keep what was answered about a file of figures.
    AnswerFigureFile {
        /// The file.
        file: FigureFileId,
        /// The answers.
        answers: serde_json::Value,
        /// What columns mean, by what tells their heads from others: remembered for the set.
        columns: BTreeMap<String, Vec<String>>,
    },
    /// Take figures in from a file, all or none.
    TakeFigures {
        /// The file.
        file: FigureFileId,
        /// The sheets.
        sheets: Vec<SheetSupply>,
    },
    /// Set up a round.
    CreateRound {
        /// The unit that runs it.
        owner: UnitId,
        /// The assessed year.
        year: i16,
        /// Its title.
        title: String,
        /// The phases' days.
        days: BTreeMap<Phase, Days>,
        /// The levels.
        levels: Vec<NewLevel>,
        /// Whether everything in it is made up.
        made_up: bool,
        /// Who appraises: by indicator, `*` for those not named.
        appraisers: BTreeMap<String, String>,
        /// What else it begins with.
        beginning: Beginning,
    },
    /// Move a round to a phase.
    SetPhase {
        /// The round.
        round: RoundId,
        /// The phase.
        phase: Phase,
        /// Why.
        reason: String,
    },
    /// Change the days of a phase.
    SetDays {
        /// The round.
        round: RoundId,
        /// The phases' days.
        days: BTreeMap<Phase, Days>,
        /// Why.
        reason: String,
    },
    /// Give one unit more time.
    Extend {
        /// The round.
        round: RoundId,
        /// The unit.
        unit: UnitId,
        /// The new last day.
        to: Date,
        /// Why.
        reason: String,
    },
    /// Take an indicator out of one unit's sheet.
    Exempt {
        /// The round.
        round: RoundId,
        /// The unit.
        unit: UnitId,
        /// The indicator.
        indicator: String,
        /// Why.
        reason: String,
    },
    /// Put an indicator back into one unit's sheet.
    LiftExemption {
        /// The round.
        round: RoundId,
        /// The unit.
        unit: UnitId,
        /// The indicator.
        indicator: String,
        /// Why.
        reason: String,
    },
    /// Say which units appraise.
    SetAppraisers {
        /// The round.
        round: RoundId,
        /// The agency, by indicator, `*` for those not named; `None` leaves an indicator to what is said of `*`.
        changes: BTreeMap<String, Option<UnitId>>,
        /// Why.
        reason: String,
    },
    /// Take a unit out of a round, or back in. Its sheet is kept, and comes back as it was.
    SetParticipation {
        /// The round.
        round: RoundId,
        /// The unit.
        unit: UnitId,
        /// Whether it takes part.
        takes_part: bool,
        /// Why.
        reason: String,
    },
    /// Change a round's title and the days that its figures are about.
    DescribeRound {
        /// The round.
        round: RoundId,
        /// The title.
        title: String,
        /// The days that its figures are about.
        period: Option<Days>,
        /// Why.
        reason: String,
    },
    /// Remind people of what units owe. A notice whose mark is known is not given again.
    Remind {
        /// The round.
        round: RoundId,
        /// The units.
        units: Vec<UnitId>,
        /// What people are told.
        notices: Vec<NewNotice>,
    },
    /// Set the figures of the round for a level, as typed.
    SetFigures {
        /// The level.
        level: LevelId,
        /// The figures; one that is empty is taken back.
        figures: BTreeMap<String, String>,
        /// Why.
        reason: String,
    },
    /// Declare the grades of a level, highest first, in place of its set's; none to go by the set again.
    SetGrades {
        /// The level.
        level: LevelId,
        /// The grades, as typed.
        grades: Vec<DeclaredGrade>,
        /// Why, or by which document.
        reason: String,
    },
    /// Decide a reading for a level.
    Pick {
        /// The level.
        level: LevelId,
        /// The reading.
        reading: String,
        /// The answer.
        variant: String,
        /// Why.
        reason: String,
    },
    /// Decide every reading of a round that is still open as it is answered by now: no point moves.
    PickOpen {
        /// The round.
        round: RoundId,
        /// Why.
        reason: String,
    },
    /// Change an entry.
    SaveEntry {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The version that the person saw.
        version: i64,
        /// What changes.
        change: EntryChange,
    },
    /// Change the profile.
    SaveProfile {
        /// The sheet.
        assessment: AssessmentId,
        /// The version that the person saw.
        version: i64,
        /// Figures, as typed.
        figures: BTreeMap<String, String>,
    },
    /// Take in figures of one unit from a file or a source.
    Fill {
        /// The sheet.
        assessment: AssessmentId,
        /// The figures.
        filling: Filling,
    },
    /// Mark an entry ready.
    MarkReady {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The version that the person saw.
        version: i64,
    },
    /// Send an entry back within the unit.
    SendBack {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// Why.
        reason: String,
    },
    /// Sign off a sheet.
    Submit {
        /// The sheet.
        assessment: AssessmentId,
        /// The hash of the state that was shown.
        hash: String,
    },
    /// Open a submitted sheet again.
    Unlock {
        /// The sheet.
        assessment: AssessmentId,
        /// Why.
        reason: String,
    },
    /// Add evidence.
    AddEvidence {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The evidence.
        evidence: NewEvidence,
    },
    /// Withdraw evidence; the file stays on the record.
    WithdrawEvidence {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The evidence.
        evidence: EvidenceId,
        /// Why.
        reason: String,
    },
    /// Put down what was found in a file. For jobs only.
    KeepReport(FileReport),
    /// Have every file checked again that was checked with other trust anchors. For jobs only.
    CheckAgain {
        /// The hash of the anchors.
        anchors: String,
    },
    /// Let a signature count that could not be proved.
    AcceptSignature {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The evidence.
        evidence: EvidenceId,
        /// Why.
        reason: String,
    },
    /// Take a figure over from a file of the entry.
    TakeOver {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The version that the person saw.
        version: i64,
        /// What is taken.
        taken: Taken,
    },
    /// Write a comment.
    Remark {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The words.
        words: String,
    },
    /// Change who does what.
    Assign {
        /// The round.
        round: RoundId,
        /// The unit.
        unit: UnitId,
        /// The changes.
        changes: Vec<AssignmentChange>,
    },
    /// Freeze a picture of a sheet (3- and 6-month review).
    Review {
        /// The sheet.
        assessment: AssessmentId,
        /// What it is called.
        title: String,
        /// The picture, as JSON.
        picture: String,
    },
    /// Appraise an entry.
    Appraise {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The version that the appraiser saw.
        version: i64,
        /// What the appraiser says.
        appraisal: Appraisal,
    },
    /// Answer an adjustment.
    Explain {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The answer.
        words: String,
    },
    /// Decide what counts.
    Decide {
        /// The sheet.
        assessment: AssessmentId,
        /// The indicator.
        indicator: String,
        /// The version that the one who decides saw.
        version: i64,
        /// The points, as typed.
        points: String,
        /// Why.
        reason: String,
    },
    /// Put down what silence means: every adjustment that was not explained in time counts as it was appraised.
    RecordSilence {
        /// The round.
        round: RoundId,
    },
    /// Add a round of explanation.
    OpenExplanation {
        /// The round.
        round: RoundId,
        /// Its days.
        days: Days,
        /// Why.
        reason: String,
    },
    /// Divide an agency's appraisal of a round among its people anew.
    Divide {
        /// The round.
        round: RoundId,
        /// The agency.
        agency: UnitId,
        /// Who has what; what nobody has is everybody's.
        shares: Vec<Share>,
    },
    /// No longer offer a reason of an agency.
    DropReason {
        /// The agency.
        agency: UnitId,
        /// The mark of the reason.
        mark: String,
    },
    /// Open a meeting of the council: what is decided until it is closed stands in its minutes.
    Meet {
        /// The round.
        round: RoundId,
        /// What it is called.
        title: String,
        /// Who chairs it.
        chair: String,
        /// Who is present.
        present: String,
    },
    /// Close the meeting of a round's council that is open.
    CloseMeeting {
        /// The round.
        round: RoundId,
    },
    /// Publish a round's results under a decision: they never change again; a later decision may amend them.
    Publish {
        /// The round.
        round: RoundId,
        /// The decision's number.
        number: String,
        /// Its day.
        day: Date,
        /// Why explanations that nobody decided are left so; empty where none is open.
        undecided: String,
    },
    /// Take anew what the rules about peers compare. The points that rest on it follow by [`Command::Rescore`].
    Respread {
        /// The level.
        level: LevelId,
    },
    /// Score some sheets of a level anew by what peers are compared with now.
    Rescore {
        /// The level.
        level: LevelId,
        /// The sheets, at most [`limits::RESCORED_TOGETHER_MAX`](crate::limits::RESCORED_TOGETHER_MAX).
        sheets: Vec<AssessmentId>,
    },
}

/// What a change brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// The id of what was made, where one thing was.
    pub id: Option<i64>,
    /// The new version of what was changed.
    pub version: Option<i64>,
    /// How many things changed.
    pub count: usize,
}

/// A field that cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRefusal {
    /// The field.
    pub field: String,
    /// What is wrong and what to do.
    pub message: Text,
}

/// Why a change was not made. Nothing of it was.
#[derive(Debug)]
pub enum Refusal {
    /// It may not be done.
    Denied(Denial),
    /// There is no such thing, or the one who asks may not know of it.
    NotFound,
    /// Fields cannot be taken as they are.
    Invalid(Vec<FieldRefusal>),
    /// Somebody changed it since; the sheet as it is now.
    Stale(Box<Sheet>),
    /// The database or the folder failed.
    Failed(Error),
}

impl Refusal {
    /// One field that cannot be taken as it is.
    pub fn invalid(field: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldRefusal { field: field.into(), message: Text::new(vi, en) }])
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}
