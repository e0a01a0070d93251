//! Figures in; explained points, ranks and robustness out.
//!
//! Pure functions without clock or I/O, in exact decimals: the same figures give the same points on any machine,
//! to the last digit. What a rule says is in the crate `criteria`; what it means is in [`evaluate`].

pub mod cell;
pub mod change;
pub mod evaluate;
pub mod exact;
pub mod examples;
pub mod explain;
pub mod figures;
pub mod input;
pub mod notation;
pub mod number_text;
pub mod program;
pub mod rank;
pub mod robustness;
mod sanity;
pub mod score;
pub mod sentence;
pub mod single;

pub use cell::Cell;
pub use figures::{Figures, KnownNotation, Origin, RawFigure, Refusal, UnitFigures};
pub use notation::{Notation, RawValue};
pub use program::{Program, Slot};
