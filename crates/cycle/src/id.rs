//! Identity: one type for each kind of thing, so that a unit is never taken for a round.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A unit of the organisation (đơn vị).
    UnitId,
    /// A person's account.
    AccountId,
    /// A position in a unit (chức danh).
    PositionId,
    /// A round (kỳ đánh giá).
    RoundId,
    /// One level of a round, with its criteria set.
    LevelId,
    /// One unit's assessment in a round (phiếu đánh giá).
    AssessmentId,
    /// A piece of evidence (tài liệu kiểm chứng).
    EvidenceId,
    /// A draft of a criteria set (bản nháp bộ chỉ số).
    DraftId,
    /// A paper that was issued (văn bản đã phát hành).
    PaperId,
    /// A file of figures that was uploaded into a round (tệp số liệu).
    FigureFileId,
}
