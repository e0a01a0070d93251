//! The yearly cycle, without clock, files or database: rounds, sheets and entries; their states and deadlines; and
//! who may do what, as one table in [`action`].

pub mod action;
pub mod authority;
pub mod division;
pub mod entry;
pub mod id;
pub mod marks;
pub mod progress;
pub mod proof;
pub mod round;
pub mod sheet;
pub mod sight;
pub mod time;
pub mod tree;

pub use action::{Action, Denial, EntryState, Phase, SheetState};
pub use authority::{Authority, Capability, Grant};
pub use entry::{Answer, Entry, EvidenceRef, FigureValue};
pub use id::{
    AccountId, AssessmentId, DraftId, EvidenceId, FigureFileId, LevelId, PaperId, PositionId, RoundId, UnitId,
};
pub use marks::{Mark, Marks};
pub use sheet::Sheet;
pub use sight::Sight;
pub use tree::{Tree, Unit};
