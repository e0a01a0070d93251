//! What a criteria set is: the model of a decision's criteria, how it is read, written, checked and compared.
//!
//! Nothing here knows a file system, a clock or a database: text goes in, values and problems come out.
//! The file format is told in `criteria/README.md`; what the rules *mean* lives in the crate `scoring`.

pub mod check;
pub mod collation;
pub mod compare;
pub mod date;
pub mod language;
pub mod limits;
pub mod mapping;
pub mod model;
pub mod number;
pub mod plan;
pub mod problem;
pub mod quote;
mod references;
pub mod round;
pub mod rule;
pub mod schema;
pub mod set;
pub mod shown;
mod toml_file;
pub mod write;

pub use language::{Language, Text};
pub use number::{Edge, Number, Share};
pub use problem::Problem;
pub use set::{CriteriaSet, Files, Picks};
