//! The audit log: append-only, each event bound to the one before by a hash.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::database::hex;

/// An event as it is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1 on without gaps.
    pub seq: i64,
    /// When, in milliseconds since 1970 in UTC.
    pub at: i64,
    /// Who; `None` for the operator and for jobs.
    pub actor: Option<i64>,
    /// What was done.
    pub action: String,
    /// The unit that it is about.
    pub unit: Option<i64>,
    /// The sheet that it is about.
    pub assessment: Option<i64>,
    /// The indicator that it is about.
    pub indicator: Option<String>,
    /// What was before and after, as JSON.
    pub detail: String,
}

impl Event {
    /// The hash that binds this event to the one before, whose hash is `previous` (empty for the first).
    pub fn hash(&self, previous: &str) -> String {
        let fields = json!([
            previous,
            self.seq,
            self.at,
            self.actor,
            self.action,
            self.unit,
            self.assessment,
            self.indicator,
            self.detail
        ]);
        hex(&Sha256::digest(fields.to_string().as_bytes()))
    }
}
