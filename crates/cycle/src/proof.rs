//! What a signed file proves on a sheet: whether the signature that an indicator asks for is there, as whom somebody
//! signed, and which figures follow from it. Proposals only: a person takes them over, or does not.

use std::collections::{BTreeMap, BTreeSet};

use criteria::CriteriaSet;
use criteria::date::Date;
use criteria::model::{FigureKind, Indicator};
use scoring::notation::fold;
use serde::{Deserialize, Serialize};

use crate::authority::Capability;
use crate::entry::{Answer, Entry, ScoreKind};
use crate::id::EvidenceId;
use crate::progress::{EntryProgress, Lack};
use crate::sheet::Sheet;

/// What was found about the signatures of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileVerdict {
    /// It has not been checked yet.
    Waiting,
    /// Everything holds.
    Valid,
    /// Not shown to be wrong, and not proved.
    Indeterminate,
    /// Shown to be wrong.
    Invalid,
    /// No signature.
    Unsigned,
}

impl FileVerdict {
    /// All verdicts.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Valid, Self::Indeterminate, Self::Invalid, Self::Unsigned];

    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Valid => "valid",
            Self::Indeterminate => "indeterminate",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
        }
    }

    /// The verdict with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.key() == key)
    }
}

/// How a piece of evidence stands as a signed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What was found.
    pub verdict: FileVerdict,
    /// Whether an appraiser accepted it all the same, with a reason.
    pub accepted: bool,
}

impl Proof {
    /// Whether it is a signed file as far as the sheet is concerned. What is shown to be wrong never is.
    pub const fn counts(self) -> bool {
        matches!((self.verdict, self.accepted), (FileVerdict::Valid, _) | (FileVerdict::Indeterminate, true))
    }
}

/// The pieces of evidence of a sheet as signed files.
pub type Proofs = BTreeMap<EvidenceId, Proof>;

/// How many signed files an indicator asks for at least.
pub fn signatures_needed(indicator: &Indicator) -> u32 {
    indicator.evidence.iter().filter(|one| one.signed).map(|one| one.at_least.unwrap_or(1)).sum()
}

/// The signed files that an entry lacks, if it lacks any.
pub fn lack(indicator: &Indicator, entry: &Entry, proofs: &Proofs) -> Option<Lack> {
    let applies = entry.self_score.as_ref().is_none_or(|score| score.kind != ScoreKind::NotApplicable);
    if entry.answer != Answer::Figures || !applies {
        return None;
    }
    let need = signatures_needed(indicator);
    let counting = entry.evidence.iter().filter(|one| proofs.get(&one.id).is_some_and(|proof| proof.counts()));
    let have = u32::try_from(counting.count()).unwrap_or(u32::MAX);
    (have < need).then_some(Lack::Signature { have, need })
}

/// Adds what entries lack in signatures to how they stand.
pub fn require(set: &CriteriaSet, sheet: &Sheet, progress: &mut [EntryProgress], proofs: &Proofs) {
    for ((indicator, entry), progress) in set.indicators().zip(&sheet.entries).zip(progress) {
        progress.lacks.extend(lack(indicator, entry, proofs));
    }
}

/// As whom somebody signs for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The head (người đứng đầu).
    Head,
    /// A deputy (cấp phó).
    Deputy,
}

/// What a position is, by its name and by what it may do: the head signs off the sheet.
pub fn role_of(position: &str, capabilities: &BTreeSet<Capability>) -> Option<Role> {
    let name = fold(position);
    if name.starts_with("pho ") {
        return Some(Role::Deputy);
    }
    let heads = ["chu tich", "giam doc", "bi thu", "cuc truong", "chanh van phong", "chanh thanh tra", "truong ban"];
    (capabilities.contains(&Capability::Submit) || heads.iter().any(|head| name.starts_with(head)))
        .then_some(Role::Head)
}

/// Titles that stand before a name.
const TITLES: [&str; 22] = [
    "ong", "ba", "dong", "chi", "gs", "pgs", "ts", "ths", "thac", "tien", "si", "ks", "ky", "su", "cn", "cu", "nhan",
    "bs", "ls", "dr", "mr", "ms",
];

/// A name as it is compared: small letters, no marks, no titles, nothing after a comma or in brackets.
fn bare(name: &str) -> Vec<String> {
    let name = name.split([',', '(', '<', ';']).next().unwrap_or_default();
    let folded = fold(name);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    let titles = words.iter().take_while(|word| TITLES.contains(&word.as_str())).count();
    // A name of two words is never taken for a title and a name.
    let titles = titles.min(words.len().saturating_sub(2));
    words[titles..].to_vec()
}

/// Whether two names are those of one person, as far as names can tell.
pub fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (bare(a), bare(b));
    a.len() >= 2 && a == b
}

/// A signature that counts, as far as figures follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The file.
    pub evidence: EvidenceId,
    /// As whom the signer signs for the unit, where the name is known there.
    pub role: Option<Role>,
    /// The day on which a trusted authority saw the signature.
    pub proven: Option<Date>,
    /// The day of issue that the document's text names.
    pub issued: Option<Date>,
}

/// What a proposal rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The signer's name.
    Signer,
    /// The time that a timestamp proves.
    Timestamp,
    /// The day in the document's text.
    Text,
}

/// A value for a figure, from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The file.
    pub evidence: EvidenceId,
    /// The figure.
    pub figure: String,
    /// The value, as it would be typed.
    pub value: String,
    /// What it rests on.
    pub ground: Ground,
}

/// What the signatures of an entry's files propose for its figures: who signed fills a choice between head and deputy,
/// when it was signed fills a day.
pub fn proposals(indicator: &Indicator, signed: &[Signed]) -> Vec<Proposal> {
    let mut found = Vec::new();
    for figure in indicator.all_figures() {
        match figure.kind {
            FigureKind::Choice => {
                let option = |id: &str| figure.options.iter().any(|option| option.id == id);
                if !option("head") || !option("deputy") {
                    continue;
                }
                // The head's signature goes before a deputy's.
                let best = signed.iter().filter_map(|one| Some((one.role?, one.evidence))).min();
                if let Some((role, evidence)) = best {
                    let value = if role == Role::Head { "head" } else { "deputy" }.to_owned();
                    found.push(Proposal { evidence, figure: figure.id.clone(), value, ground: Ground::Signer });
                }
            }
            FigureKind::Date => {
                for one in signed {
                    let days = [(one.proven, Ground::Timestamp), (one.issued, Ground::Text)];
                    for (day, ground) in days.into_iter().filter_map(|(day, ground)| Some((day?, ground))) {
                        let value = format!("{}/{}/{}", day.day(), day.month(), day.year());
                        let known = |other: &Proposal| other.figure == figure.id && other.value == value;
                        if !found.iter().any(known) {
                            let (evidence, figure) = (one.evidence, figure.id.clone());
                            found.push(Proposal { evidence, figure, value, ground });
                        }
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_marks_and_titles() {
        for (a, b, same) in [
            ("Nguyễn Văn Mẫu", "NGUYEN VAN MAU", true),
            ("Ông Nguyễn Văn Mẫu", "ThS. Nguyễn Văn Mẫu, Chủ tịch", true),
            ("Trần Thị Mẫu (UBND xã)", "Trần Thị Mẫu", true),
            ("Nguyễn Văn Mẫu", "Nguyễn Văn Mậu", true),
            ("Nguyễn Văn Mẫu", "Nguyễn Văn", false),
            ("Mẫu", "Mẫu", false),
            ("Bà Mẫu", "Ông Mẫu", false),
            ("", "", false),
        ] {
            assert_eq!(same_name(a, b), same, "{a} / {b}");
        }
    }

    #[test]
    fn a_position_tells_head_and_deputy() {
        let none = BTreeSet::new();
        let head = BTreeSet::from([Capability::Submit]);
        assert_eq!(role_of("Phó Chủ tịch UBND", &head), Some(Role::Deputy));
        assert_eq!(role_of("Chủ tịch UBND", &none), Some(Role::Head));
        assert_eq!(role_of("Người đứng đầu", &head), Some(Role::Head));
        assert_eq!(role_of("Công chức Văn hóa – Xã hội", &none), None);
    }

    #[test]
    fn what_is_wrong_never_counts_and_what_is_open_counts_once_accepted() {
        for verdict in FileVerdict::ALL {
            let counts = |accepted| Proof { verdict, accepted }.counts();
            assert_eq!(counts(false), verdict == FileVerdict::Valid);
            assert_eq!(counts(true), matches!(verdict, FileVerdict::Valid | FileVerdict::Indeterminate));
        }
    }
}
