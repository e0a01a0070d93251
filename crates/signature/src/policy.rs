//! What is taken for strong enough, until when: data, not code.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::algorithm::{Digest, Key};

/// A digest that is not, or no longer, strong enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeakDigest {
    /// The digest.
    pub digest: Digest,
    /// What a trusted timestamp proves to be older than this is still accepted; `None`: nothing is.
    pub accepted_before: Option<Timestamp>,
}

/// The operator's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The digests that are weak.
    pub weak_digests: Vec<WeakDigest>,
    /// The shortest RSA modulus.
    pub rsa_bits_min: usize,
    /// Whether a signature is valid only if the file proves that its certificate was not revoked.
    pub revocation_required: bool,
}

/// The policy of a fresh installation, as text.
const INSTALLED: &str = include_str!("policy.json");

impl Default for Policy {
    fn default() -> Self {
        serde_json::from_str(INSTALLED).expect("a test reads the policy that travels with the crate")
    }
}

impl Policy {
    /// The rule for a digest that is weak at `time`.
    pub(crate) fn weakness(&self, digest: Digest, time: Timestamp) -> Option<WeakDigest> {
        let rule = self.weak_digests.iter().find(|weak| weak.digest == digest)?;
        match rule.accepted_before {
            Some(end) if time < end => None,
            _ => Some(*rule),
        }
    }

    /// Whether a key is too short.
    pub(crate) fn is_short(&self, key: Key) -> bool {
        match key {
            Key::Rsa { modulus_bits } => modulus_bits < self.rsa_bits_min,
            Key::Curve { .. } | Key::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha1_counts_only_where_it_is_proved_to_be_old() {
        let policy = Policy::default();
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        assert!(policy.weakness(Digest::Sha1, at("2016-12-31T00:00:00Z")).is_none());
        assert!(policy.weakness(Digest::Sha1, at("2017-01-02T00:00:00Z")).is_some());
        assert!(policy.weakness(Digest::Md5, at("2001-01-01T00:00:00Z")).is_some());
        assert!(policy.weakness(Digest::Sha256, at("2030-01-01T00:00:00Z")).is_none());
        assert!(policy.is_short(Key::Rsa { modulus_bits: 1_024 }));
    }
}
