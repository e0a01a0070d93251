//! The facts at rest: SQLite or PostgreSQL, evidence in a folder, the audit chain. One code base for both engines.
//!
//! Reading goes through [`State`], in memory; changing goes through the one door, [`Store::change`].

pub mod attempts;
pub mod audit;
pub mod chain;
pub mod command;
mod copy;
pub mod counts;
pub mod database;
mod door;
pub mod drafts;
pub mod error;
pub mod evidence;
pub mod figure_files;
pub mod grid;
pub mod jobs;
pub mod limits;
pub mod notices;
mod packed;
pub mod papers;
pub mod proofs;
pub mod publication;
mod pull;
mod reading;
pub mod records;
pub mod sessions;
mod sheets;
pub mod standing;
pub mod state;
pub mod store;
pub mod tokens;

pub use command::{Actor, Command, Done, Refusal};
pub use door::{kept_words, too_long};
pub use error::Error;
pub use reading::Reading;
pub use state::State;
pub use store::Store;
