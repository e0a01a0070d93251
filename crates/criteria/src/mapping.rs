//! Mappings between two sets: which indicator of the earlier one lives on in which of the later one, for comparing
//! years. Proposed by the tool, confirmed by people, kept as a file.

use std::collections::BTreeSet;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::Text;
use crate::model::Indicator;
use crate::problem::{Problem, nearest};
use crate::quote::fold;
use crate::set::CriteriaSet;
use crate::toml_file::{self, Step};

/// How alike two indicators must be to be proposed as a pair, in thousandths.
const ALIKE_LEAST: u32 = 350;

/// A mapping from one set to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The version of the file format: 1.
    pub format: u32,
    /// The earlier set.
    pub from: String,
    /// The later set.
    pub to: String,
    /// The pairs. Several old indicators may live on in one new one.
    #[serde(default, rename = "map")]
    pub maps: Vec<Pair>,
}

/// An indicator and its successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The earlier indicator.
    pub from: String,
    /// The later indicator.
    pub to: String,
    /// How it lives on.
    pub how: How,
    /// Who says so: `hand` where a person confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How an indicator lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Same name, same measure.
    Same,
    /// Another name for the same measure.
    Renamed,
    /// The same matter, measured in another way.
    Changed,
}

impl How {
    /// The word, as written in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

impl Mapping {
    /// Reads a mapping between two sets.
    ///
    /// # Errors
    /// Every problem of the file: its shape, other sets than these, indicators that do not exist, pairs twice.
    pub fn read(file: &str, text: &str, from: &CriteriaSet, to: &CriteriaSet) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let Some(mapping) = toml_file::read::<Self>(file, text, &mut problems) else { return Err(problems) };
        let mut report = |path: &[Step<'_>], vi: String, en: String| {
            let span = toml_file::locate(text, path).unwrap_or(0..0);
            problems.push(Problem::at(file, text, span, Text::new(vi, en)));
        };
        for (key, found, set) in [("from", &mapping.from, from), ("to", &mapping.to, to)] {
            let expected = &set.head.id;
            if found != expected {
                report(
                    &[Step::Key(key)],
                    format!("cần “{expected}”, ở đây là “{found}”"),
                    format!("expected \"{expected}\", found \"{found}\""),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for (index, pair) in mapping.maps.iter().enumerate() {
            for (key, id, set) in [("from", &pair.from, from), ("to", &pair.to, to)] {
                if set.indicator(id).is_none() {
                    let hint = nearest(id, set.indicators().map(|indicator| indicator.id.as_str()));
                    let (vi, en) = hint
                        .map(|id| (format!("; ý là “{id}”?"), format!("; did you mean \"{id}\"?")))
                        .unwrap_or_default();
                    let name = &set.head.id;
                    report(
                        &[Step::Key("map"), Step::Index(index), Step::Key(key)],
                        format!("{name} không có chỉ số “{id}”{vi}"),
                        format!("{name} has no indicator \"{id}\"{en}"),
                    );
                }
            }
            if !seen.insert((&pair.from, &pair.to)) {
                report(
                    &[Step::Key("map"), Step::Index(index)],
                    "cặp này đã có ở trên".to_owned(),
                    "this pair stands above already".to_owned(),
                );
            }
        }
        if problems.is_empty() { Ok(mapping) } else { Err(problems) }
    }

    /// Proposes a mapping: pairs of indicators whose words are alike, best first, one to one.
    pub fn propose(from: &CriteriaSet, to: &CriteriaSet) -> Self {
        let (old, new): (Vec<Words>, Vec<Words>) =
            (from.indicators().map(Words::of).collect(), to.indicators().map(Words::of).collect());
        let mut candidates: Vec<(u32, usize, usize)> = Vec::new();
        for (i, a) in old.iter().enumerate() {
            for (j, b) in new.iter().enumerate() {
                let alike = a.alike(b);
                if alike >= ALIKE_LEAST {
                    candidates.push((alike, i, j));
                }
            }
        }
        candidates.sort_by_key(|&(alike, i, j)| (std::cmp::Reverse(alike), i, j));
        let (mut taken_old, mut taken_new) = (BTreeSet::new(), BTreeSet::new());
        let mut pairs = Vec::new();
        for (_, i, j) in candidates {
            if !taken_old.contains(&i) && !taken_new.contains(&j) {
                taken_old.insert(i);
                taken_new.insert(j);
                pairs.push((i, j));
            }
        }
        pairs.sort_unstable();
        let maps = pairs
            .into_iter()
            .map(|(i, j)| {
                let (a, b) = (old[i].indicator, new[j].indicator);
                Pair { from: a.id.clone(), to: b.id.clone(), how: how(a, b), by: None }
            })
            .collect();
        Self { format: 1, from: from.head.id.clone(), to: to.head.id.clone(), maps }
    }

    /// The mapping as a file.
    pub fn to_toml(&self) -> String {
        let mut text = format!("format = 1\nfrom   = \"{}\"\nto     = \"{}\"\n", self.from, self.to);
        for pair in &self.maps {
            let by = pair.by.as_ref().map(|by| format!("by   = \"{by}\"\n")).unwrap_or_default();
            let how = pair.how.name();
            write!(text, "\n[[map]]\nfrom = \"{}\"\nto   = \"{}\"\nhow  = \"{how}\"\n{by}", pair.from, pair.to)
                .expect("writing to a string cannot fail");
        }
        text
    }
}

/// How one indicator lives on in another: the same name and rule, another name, or another rule.
fn how(a: &Indicator, b: &Indicator) -> How {
    let same_rule = a.rule.kind() == b.rule.kind();
    match (fold(&a.name) == fold(&b.name), same_rule) {
        (true, true) => How::Same,
        (false, true) => How::Renamed,
        (_, false) => How::Changed,
    }
}

/// Folded words with the abbreviations of the field spelled out, so that one document's short form meets another's
/// long one.
fn spelled_out(folded: &str) -> String {
    let whole = |word: &str| -> Option<&'static str> {
        Some(match word {
            "cds" => "chuyen doi so",
            "bcd" => "ban chi dao",
            "ttdt" => "thong tin dien tu",
            "dvctt" => "dich vu cong truc tuyen",
            "dvc" => "dich vu cong",
            "tthc" => "thu tuc hanh chinh",
            "cbccvc" => "cong chuc vien chuc",
            "ti" => "ty",
            _ => return None,
        })
    };
    folded.split(' ').map(|word| whole(word).unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

/// An indicator's words, for comparing.
struct Words<'a> {
    indicator: &'a Indicator,
    name: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl<'a> Words<'a> {
    fn of(indicator: &'a Indicator) -> Self {
        let pairs = |text: &str| -> BTreeSet<String> {
            // Two syllables together weigh as much as each of them: single ones (“số”, “tỷ”) stand in every criterion.
            let folded = spelled_out(&fold(text));
            let syllables: Vec<&str> = folded.split(' ').filter(|syllable| !syllable.is_empty()).collect();
            let twos = syllables.windows(2).map(|pair| pair.join(" "));
            twos.chain(syllables.iter().filter(|one| one.len() > 2).map(|one| (*one).to_owned())).collect()
        };
        let guidance = indicator.guidance.as_deref().unwrap_or_default();
        let mut all = pairs(&indicator.name);
        all.extend(pairs(guidance));
        all.extend(pairs(indicator.text.as_deref().unwrap_or_default()));
        Self { indicator, name: pairs(&indicator.name), all }
    }

    /// How alike two indicators are, in thousandths: mostly by name, a little by all words, a touch by the rule.
    fn alike(&self, other: &Self) -> u32 {
        let overlap = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> u32 {
            let common = a.intersection(b).count();
            let all = a.len() + b.len();
            (2_000 * common).checked_div(all).unwrap_or_default() as u32
        };
        let rule = u32::from(self.indicator.rule.kind() == other.indicator.rule.kind()) * 30;
        (overlap(&self.name, &other.name) * 7 + overlap(&self.all, &other.all) * 3) / 10 + rule
    }
}
