//! Who may do what, when, and what comes of it: one table, [`TABLE`], which every change goes through.

use criteria::Text;
use serde::{Deserialize, Serialize};

use crate::authority::Capability;

/// The phases of a round, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Being set up (soạn thảo).
    Draft,
    /// Units fill in (thu thập).
    Collecting,
    /// Agencies appraise (thẩm định).
    Appraising,
    /// Units explain (giải trình).
    Explaining,
    /// The round's owner decides (quyết định).
    Deciding,
    /// Published (công bố).
    Published,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Collecting, Self::Appraising, Self::Explaining, Self::Deciding, Self::Published];

    /// What people call it.
    pub fn name(self) -> Text {
        match self {
            Self::Draft => Text::new("Soạn thảo", "Draft"),
            Self::Collecting => Text::new("Thu thập", "Collecting"),
            Self::Appraising => Text::new("Thẩm định", "Appraising"),
            Self::Explaining => Text::new("Giải trình", "Explaining"),
            Self::Deciding => Text::new("Quyết định", "Deciding"),
            Self::Published => Text::new("Công bố", "Published"),
        }
    }

    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Collecting => "collecting",
            Self::Appraising => "appraising",
            Self::Explaining => "explaining",
            Self::Deciding => "deciding",
            Self::Published => "published",
        }
    }

    /// The phase with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.key() == key)
    }
}

/// The states of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// Nothing was filled in.
    Empty,
    /// Being filled in.
    Filling,
    /// Done, says the one who filled it in.
    Ready,
    /// Part of a submitted sheet.
    Submitted,
    /// Sent back, with a reason.
    Returned,
    /// The appraiser accepted the declared figures.
    Accepted,
    /// The appraiser changed figures or points.
    Adjusted,
    /// The unit answered an adjustment.
    Explained,
    /// The appraiser answered the explanation, and the points still differ.
    Answered,
    /// The round's owner decided.
    Decided,
}

impl EntryState {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::Filling,
        Self::Ready,
        Self::Submitted,
        Self::Returned,
        Self::Accepted,
        Self::Adjusted,
        Self::Explained,
        Self::Answered,
        Self::Decided,
    ];

    /// What people call it.
    pub fn name(self) -> Text {
        match self {
            Self::Empty => Text::new("Chưa bắt đầu", "Not started"),
            Self::Filling => Text::new("Đang làm", "In progress"),
            Self::Ready => Text::new("Đã xong", "Completed"),
            Self::Submitted => Text::new("Đã nộp", "Submitted"),
            Self::Returned => Text::new("Bị trả lại", "Returned"),
            Self::Accepted => Text::new("Đã chấp nhận", "Accepted"),
            Self::Adjusted => Text::new("Đã điều chỉnh", "Adjusted"),
            Self::Explained => Text::new("Đã giải trình", "Explained"),
            Self::Answered => Text::new("Đã trả lời giải trình", "Answered"),
            Self::Decided => Text::new("Đã chốt", "Decided"),
        }
    }

    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Filling => "filling",
            Self::Ready => "ready",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Adjusted => "adjusted",
            Self::Explained => "explained",
            Self::Answered => "answered",
            Self::Decided => "decided",
        }
    }

    /// The state with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether the unit has finished its part for now.
    pub const fn is_done(self) -> bool {
        match self {
            Self::Empty | Self::Filling | Self::Returned => false,
            Self::Ready
            | Self::Submitted
            | Self::Accepted
            | Self::Adjusted
            | Self::Explained
            | Self::Answered
            | Self::Decided => true,
        }
    }
}

/// The states of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SheetState {
    /// The unit works on it.
    Open,
    /// The head of the unit signed it off.
    Submitted,
}

impl SheetState {
    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
        }
    }
}

/// What can be done to an entry or a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Give figures, an answer, a note.
    Fill,
    /// Take figures in from a file, for one unit or for all of the round's.
    Supply,
    /// Add or withdraw evidence.
    Attach,
    /// Write a comment.
    Comment,
    /// Say that it is done.
    MarkReady,
    /// Send it back within the unit.
    SendBack,
    /// Sign off the whole sheet.
    Submit,
    /// Open a submitted sheet again.
    Unlock,
    /// Accept what was declared.
    Accept,
    /// Change figures or points.
    Adjust,
    /// Send it back to the unit for completion.
    Return,
    /// Let a signature count that could not be proved.
    Vouch,
    /// Answer an adjustment.
    Explain,
    /// Answer an explanation: the points stay.
    Keep,
    /// Decide what counts.
    Decide,
    /// Correct what counts after publication; it takes effect with the next one.
    Correct,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 16] = [
        Self::Fill,
        Self::Supply,
        Self::Attach,
        Self::Comment,
        Self::MarkReady,
        Self::SendBack,
        Self::Submit,
        Self::Unlock,
        Self::Accept,
        Self::Adjust,
        Self::Return,
        Self::Vouch,
        Self::Explain,
        Self::Keep,
        Self::Decide,
        Self::Correct,
    ];
}

/// What an action needs of the one who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// A capability over the unit.
    Capability(Capability),
    /// To fill in anything, or to fill in what one is assigned to and be assigned to this.
    FillHere,
}

/// What becomes of the entry's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Nothing.
    Same,
    /// It becomes this.
    State(EntryState),
    /// A returned entry stays returned until it is marked ready; any other is being filled in.
    FillingUnlessReturned,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The action.
    pub action: Action,
    /// What it needs of the one who acts.
    pub needs: Needs,
    /// The phases of the round in which it may be done.
    pub phases: &'static [Phase],
    /// The states of the sheet.
    pub sheets: &'static [SheetState],
    /// The states of the entry.
    pub from: &'static [EntryState],
    /// What comes of it.
    pub to: To,
    /// Whether it may only be done while the unit's window is open.
    pub windowed: bool,
}

use Capability as C;
use EntryState as E;
use Phase as P;
use SheetState as S;

const WORKING: &[Phase] = &[P::Collecting, P::Appraising, P::Explaining, P::Deciding];
const OPEN: &[EntryState] = &[E::Empty, E::Filling, E::Ready, E::Returned];
const APPRAISABLE: &[EntryState] =
    &[E::Submitted, E::Returned, E::Accepted, E::Adjusted, E::Explained, E::Answered, E::Decided];

/// Everything that may be done. What stands in no line may not be done.
pub const TABLE: &[Rule] = &[
    line(Action::Fill, Needs::FillHere, &[P::Collecting], &[S::Open], OPEN, To::FillingUnlessReturned, true),
    line(Action::Fill, Needs::FillHere, &[P::Appraising], &[S::Submitted], &[E::Returned], To::Same, true),
    // Figures of central systems come to the round's owner for all units at once.
    line(
        Action::Supply,
        Needs::Capability(C::RunRound),
        &[P::Collecting],
        &[S::Open],
        OPEN,
        To::FillingUnlessReturned,
        false,
    ),
    line(Action::Supply, Needs::FillHere, &[P::Collecting], &[S::Open], OPEN, To::FillingUnlessReturned, true),
    line(Action::Supply, Needs::FillHere, &[P::Appraising], &[S::Submitted], &[E::Returned], To::Same, true),
    line(Action::Attach, Needs::FillHere, &[P::Collecting], &[S::Open], OPEN, To::FillingUnlessReturned, true),
    line(
        Action::Attach,
        Needs::FillHere,
        &[P::Appraising, P::Explaining],
        &[S::Submitted],
        &[E::Returned, E::Adjusted, E::Explained, E::Answered],
        To::Same,
        true,
    ),
    line(
        Action::Comment,
        Needs::Capability(C::ReadSheets),
        WORKING,
        &[S::Open, S::Submitted],
        &EntryState::ALL,
        To::Same,
        false,
    ),
    line(
        Action::MarkReady,
        Needs::FillHere,
        &[P::Collecting],
        &[S::Open],
        &[E::Empty, E::Filling, E::Returned],
        To::State(E::Ready),
        true,
    ),
    line(
        Action::MarkReady,
        Needs::FillHere,
        &[P::Appraising],
        &[S::Submitted],
        &[E::Returned],
        To::State(E::Submitted),
        true,
    ),
    line(
        Action::SendBack,
        Needs::Capability(C::Review),
        &[P::Collecting],
        &[S::Open],
        &[E::Filling, E::Ready],
        To::State(E::Returned),
        false,
    ),
    line(
        Action::Submit,
        Needs::Capability(C::Submit),
        &[P::Collecting],
        &[S::Open],
        OPEN,
        To::State(E::Submitted),
        true,
    ),
    line(
        Action::Unlock,
        Needs::Capability(C::RunRound),
        &[P::Collecting],
        &[S::Submitted],
        &[E::Submitted],
        To::State(E::Ready),
        false,
    ),
    line(
        Action::Unlock,
        Needs::Capability(C::RunRound),
        &[P::Collecting],
        &[S::Submitted],
        &[E::Returned],
        To::Same,
        false,
    ),
    line(
        Action::Accept,
        Needs::Capability(C::Appraise),
        &[P::Appraising],
        &[S::Submitted],
        &[E::Submitted, E::Returned, E::Accepted, E::Adjusted],
        To::State(E::Accepted),
        false,
    ),
    // An explanation may convince.
    line(
        Action::Accept,
        Needs::Capability(C::Appraise),
        &[P::Explaining],
        &[S::Submitted],
        &[E::Adjusted, E::Explained, E::Answered],
        To::State(E::Accepted),
        false,
    ),
    line(
        Action::Adjust,
        Needs::Capability(C::Appraise),
        &[P::Appraising, P::Explaining],
        &[S::Submitted],
        &[E::Submitted, E::Returned, E::Accepted, E::Adjusted],
        To::State(E::Adjusted),
        false,
    ),
    line(
        Action::Adjust,
        Needs::Capability(C::Appraise),
        &[P::Explaining],
        &[S::Submitted],
        &[E::Explained, E::Answered],
        To::State(E::Answered),
        false,
    ),
    line(
        Action::Keep,
        Needs::Capability(C::Appraise),
        &[P::Explaining],
        &[S::Submitted],
        &[E::Explained],
        To::State(E::Answered),
        false,
    ),
    line(
        Action::Return,
        Needs::Capability(C::Appraise),
        &[P::Appraising],
        &[S::Submitted],
        &[E::Submitted, E::Accepted, E::Adjusted],
        To::State(E::Returned),
        false,
    ),
    line(
        Action::Vouch,
        Needs::Capability(C::Appraise),
        &[P::Appraising, P::Explaining],
        &[S::Submitted],
        &[E::Submitted, E::Returned, E::Accepted, E::Adjusted, E::Explained],
        To::Same,
        false,
    ),
    line(
        Action::Explain,
        Needs::FillHere,
        &[P::Explaining],
        &[S::Submitted],
        &[E::Adjusted, E::Explained, E::Answered],
        To::State(E::Explained),
        true,
    ),
    line(
        Action::Decide,
        Needs::Capability(C::Decide),
        &[P::Explaining, P::Deciding],
        &[S::Submitted],
        APPRAISABLE,
        To::State(E::Decided),
        false,
    ),
    line(
        Action::Correct,
        Needs::Capability(C::Decide),
        &[P::Published],
        &[S::Submitted],
        APPRAISABLE,
        To::State(E::Decided),
        false,
    ),
];

const fn line(
    action: Action,
    needs: Needs,
    phases: &'static [Phase],
    sheets: &'static [SheetState],
    from: &'static [EntryState],
    to: To,
    windowed: bool,
) -> Rule {
    Rule { action, needs, phases, sheets, from, to, windowed }
}

/// How things stand when somebody wants to act.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// The round's phase.
    pub phase: Phase,
    /// The sheet's state.
    pub sheet: SheetState,
    /// The entry's state.
    pub entry: EntryState,
    /// Whether the unit's window is open: the phase's last day, or the extension's, has not passed.
    pub window_open: bool,
}

/// What the one who acts may do here.
pub trait Actor {
    /// Whether the capability holds over the unit in question.
    fn has(&self, capability: Capability) -> bool;
    /// Whether the entry in question is assigned to a position that the actor holds.
    fn is_assigned(&self) -> bool;
}

/// Why an action may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The actor lacks the capability.
    NotAllowed,
    /// The round is in another phase.
    Phase(Phase),
    /// The sheet has been submitted, or has not.
    Sheet(SheetState),
    /// The entry's state does not allow it.
    State(EntryState),
    /// The unit's window is closed.
    Closed,
}

impl Denial {
    /// The reason and the way out, for people.
    pub fn text(self) -> Text {
        match self {
            Self::NotAllowed => Text::new(
                "Bạn không có quyền làm việc này ở đơn vị này; hãy hỏi người quản trị đơn vị",
                "You may not do this in this unit; ask the unit's administrator",
            ),
            Self::Phase(phase) => Text::new(
                format!("Kỳ đánh giá đang ở giai đoạn {}, không làm được việc này", phase.name().vi.to_lowercase()),
                format!("The round is in the phase {}; this cannot be done now", phase.name().en.to_lowercase()),
            ),
            Self::Sheet(SheetState::Submitted) => Text::new(
                "Phiếu đã nộp và đã khóa; chủ kỳ đánh giá có thể mở lại, kèm lý do",
                "The sheet was submitted and is locked; the round's owner can open it again, with a reason",
            ),
            Self::Sheet(SheetState::Open) => Text::new("Phiếu chưa nộp", "The sheet has not been submitted"),
            Self::State(state) => Text::new(
                format!("Chỉ số đang ở trạng thái “{}”, không làm được việc này", state.name().vi),
                format!("The entry is in the state \"{}\"; this cannot be done", state.name().en),
            ),
            Self::Closed => Text::new(
                "Đã hết hạn nhập của đơn vị; chủ kỳ đánh giá có thể gia hạn, kèm lý do",
                "The unit's time to fill in is over; the round's owner can extend it, with a reason",
            ),
        }
    }
}

/// Whether `action` may be done, and what the entry's state becomes.
///
/// # Errors
/// The first reason against it, the most lasting first: permission, phase, sheet, state, window.
pub fn decide(action: Action, actor: &impl Actor, situation: Situation) -> Result<EntryState, Denial> {
    let allowed = |needs: Needs| match needs {
        Needs::Capability(capability) => actor.has(capability),
        Needs::FillHere => actor.has(C::FillAny) || (actor.has(C::FillAssigned) && actor.is_assigned()),
    };
    let lines = || TABLE.iter().filter(|line| line.action == action);
    if !lines().any(|line| allowed(line.needs)) {
        return Err(Denial::NotAllowed);
    }
    if !lines().any(|line| line.phases.contains(&situation.phase)) {
        return Err(Denial::Phase(situation.phase));
    }
    let in_phase = || lines().filter(|line| line.phases.contains(&situation.phase));
    if !in_phase().any(|line| line.sheets.contains(&situation.sheet)) {
        // A sheet that was never submitted has missed its phase; to say so leads further than "it is open".
        let missed = situation.sheet == S::Open && situation.phase > P::Collecting;
        return Err(if missed { Denial::Phase(situation.phase) } else { Denial::Sheet(situation.sheet) });
    }
    let line = in_phase()
        .find(|line| {
            line.sheets.contains(&situation.sheet) && line.from.contains(&situation.entry) && allowed(line.needs)
        })
        .ok_or(Denial::State(situation.entry))?;
    if line.windowed && !situation.window_open {
        return Err(Denial::Closed);
    }
    Ok(match line.to {
        To::Same => situation.entry,
        To::State(state) => state,
        To::FillingUnlessReturned if situation.entry == E::Returned => E::Returned,
        To::FillingUnlessReturned => E::Filling,
    })
}
