//! Who sees which score column, and when: those who appraise and decide see all at once; the unit sees what was appraised
//! when explaining begins, so that all units read it on one day, and what counts in the end when it is published.

use crate::action::{EntryState, Phase};
use crate::entry::Entry;

/// Whose eyes look at a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Those who appraise, decide, or run the round.
    Inside,
    /// The unit, and whoever reads its sheet beside it.
    Unit,
}

impl Sight {
    /// Whether the appraised points are seen.
    pub fn sees_appraised(self, phase: Phase) -> bool {
        self == Self::Inside || phase >= Phase::Explaining
    }

    /// Whether the final points are seen.
    pub fn sees_final(self, phase: Phase) -> bool {
        self == Self::Inside || phase >= Phase::Published
    }

    /// Whether an event of the log may be told.
    pub fn sees_event(self, phase: Phase, action: &str) -> bool {
        match action {
            "entry.accepted" | "entry.adjusted" | "entry.kept" => self.sees_appraised(phase),
            "entry.decided" => self.sees_final(phase),
            _ => true,
        }
    }

    /// Takes from an entry what is not to be seen yet, its state included.
    pub fn mask(self, phase: Phase, entry: &mut Entry) {
        if !self.sees_final(phase) && entry.final_score.take().is_some() && entry.state == EntryState::Decided {
            let cut = entry.appraised.as_ref().map(|verdict| verdict.score.points)
                != entry.self_score.as_ref().map(|score| score.points);
            entry.state = if cut { EntryState::Adjusted } else { EntryState::Accepted };
        }
        if !self.sees_appraised(phase) {
            entry.appraised = None;
            if matches!(entry.state, EntryState::Accepted | EntryState::Adjusted) {
                entry.state = EntryState::Submitted;
            }
        }
    }
}
