//! What a person may do: capabilities, each in a scope of the tree. A role's name opens no door.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, PositionId, UnitId};
use crate::tree::Tree;

/// Something that a person may do within a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Read sheets and evidence, and comment.
    ReadSheets,
    /// Fill in what is assigned to a position that one holds.
    FillAssigned,
    /// Fill in anything.
    FillAny,
    /// Assign indicators to positions.
    Assign,
    /// Send entries back within the unit, freeze reviews.
    Review,
    /// Sign off a sheet.
    Submit,
    /// Appraise.
    Appraise,
    /// Decide what counts.
    Decide,
    /// Set up and run rounds: phases, extensions, exemptions, unlocking.
    RunRound,
    /// Change units.
    ManageUnits,
    /// Invite people and give positions.
    ManagePeople,
    /// Read the audit log.
    Audit,
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Self; 12] = [
        Self::ReadSheets,
        Self::FillAssigned,
        Self::FillAny,
        Self::Assign,
        Self::Review,
        Self::Submit,
        Self::Appraise,
        Self::Decide,
        Self::RunRound,
        Self::ManageUnits,
        Self::ManagePeople,
        Self::Audit,
    ];

    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ReadSheets => "read-sheets",
            Self::FillAssigned => "fill-assigned",
            Self::FillAny => "fill-any",
            Self::Assign => "assign",
            Self::Review => "review",
            Self::Submit => "submit",
            Self::Appraise => "appraise",
            Self::Decide => "decide",
            Self::RunRound => "run-round",
            Self::ManageUnits => "manage-units",
            Self::ManagePeople => "manage-people",
            Self::Audit => "audit",
        }
    }

    /// The capability with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.key() == key)
    }
}

/// A capability over a unit and everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// What may be done.
    pub capability: Capability,
    /// Where.
    pub scope: UnitId,
}

/// What one person may do at this moment, through the positions held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The person.
    pub account: AccountId,
    /// The positions held today.
    pub positions: Vec<PositionId>,
    /// The units of these positions.
    pub units: Vec<UnitId>,
    /// What they bring.
    pub grants: Vec<Grant>,
}

impl Authority {
    /// Whether a capability holds over `unit`.
    pub fn may(&self, tree: &Tree, capability: Capability, unit: UnitId) -> bool {
        self.grants.iter().any(|grant| grant.capability == capability && tree.within(unit, grant.scope))
    }

    /// Whether a capability holds anywhere.
    pub fn may_somewhere(&self, capability: Capability) -> bool {
        self.grants.iter().any(|grant| grant.capability == capability)
    }

    /// The scopes in which a capability holds.
    pub fn scopes(&self, capability: Capability) -> impl Iterator<Item = UnitId> {
        self.grants.iter().filter(move |grant| grant.capability == capability).map(|grant| grant.scope)
    }
}
