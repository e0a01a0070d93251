//! A criteria set from the official document as it is: bytes in, a draft set out, with the doubts said and every
//! indicator led back to its place in the source.
//!
//! `read` knows formats, `heads` and `records` columns, `outline` numbers, `rules` wordings, `draft` puts them together.
//! The draft is where a person goes on; it claims nothing that the document does not say.

mod draft;
mod front;
mod heads;
pub mod limits;
mod outline;
mod plain;
mod plan;
pub(crate) mod read;
mod readings;
mod records;
pub mod report;
pub mod rules;
mod split;
pub mod table;
mod values;

pub use draft::{Draft, Options, import};
pub use heads::Column;
pub(crate) use outline::to_roman;
pub use plan::{PlanDraft, plan};
pub use report::{Excluded, Report, Trace};
pub use rules::Confidence;
