//! Mappings between two sets: which indicator of the earlier one lives on in which of the later one, for comparing
//! years. Proposed by the tool, confirmed by people, kept as a file.

use std::collections::{BTreeMap, BTreeSet};
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
///
/// Tuned on the pairs of Decisions 2263 and 931 for communes that people keep: 22 of 25 proposals are among them; at 250
/// it is 24 of 31, at 350 18 of 20. A person reads every proposal before it is kept.
const ALIKE_LEAST: u32 = 290;
/// What standing in a pillar of the same name adds, in thousandths.
const SAME_PILLAR: u32 = 100;
/// What a rule of the same kind adds, in thousandths.
const SAME_RULE: u32 = 30;

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
        let mut vocabulary = Vocabulary::default();
        let (old, new) = (vocabulary.words_of(from), vocabulary.words_of(to));
        let weights = vocabulary.weights();
        let mut candidates: Vec<(u32, usize, usize)> = Vec::new();
        for (i, a) in old.iter().enumerate() {
            for (j, b) in new.iter().enumerate() {
                let alike = a.alike(b, &weights);
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

/// The words and pairs of words of two sets, and how many indicators have each.
#[derive(Default)]
struct Vocabulary {
    numbers: BTreeMap<String, usize>,
    holders: Vec<u128>,
    indicators: u128,
}

/// An indicator's words, for comparing: numbers of the vocabulary, ascending.
struct Words<'a> {
    indicator: &'a Indicator,
    pillar: String,
    name: Vec<usize>,
    all: Vec<usize>,
}

impl Vocabulary {
    fn words_of<'a>(&mut self, set: &'a CriteriaSet) -> Vec<Words<'a>> {
        let mut words = Vec::new();
        for file in &set.pillars {
            for indicator in &file.indicators {
                let group = file.groups.iter().find(|group| Some(group.id.as_str()) == indicator.group_id());
                let mut all = BTreeSet::new();
                self.collect(&indicator.name, &mut all);
                let name = all.iter().copied().collect();
                let more = [group.map(|group| &group.name), indicator.guidance.as_ref(), indicator.text.as_ref()];
                more.into_iter().flatten().for_each(|text| self.collect(text, &mut all));
                all.iter().for_each(|&word| self.holders[word] += 1);
                self.indicators += 1;
                let pillar = fold(&file.pillar.name);
                words.push(Words { indicator, pillar, name, all: all.into_iter().collect() });
            }
        }
        words
    }

    /// Single syllables and two together: a Vietnamese word is often two.
    fn collect(&mut self, text: &str, found: &mut BTreeSet<usize>) {
        let folded = spelled_out(&fold(text));
        let syllables: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let pairs = syllables.windows(2).map(|pair| pair.join(" "));
        for word in syllables.iter().map(|word| (*word).to_owned()).chain(pairs) {
            let next = self.holders.len();
            let number = *self.numbers.entry(word).or_insert(next);
            if number == next {
                self.holders.push(0);
            }
            found.insert(number);
        }
    }

    /// What each word weighs, in eighths of a bit: what stands in every criterion (“số”, “đơn vị”) tells nothing.
    fn weights(&self) -> Vec<u32> {
        let weight = |holders: &u128| (self.indicators.pow(8) / holders.max(&1).pow(8)).checked_ilog2().unwrap_or(0);
        self.holders.iter().map(weight).collect()
    }
}

impl Words<'_> {
    /// How alike two indicators are, in thousandths: half by name, half by all words, a touch by pillar and rule.
    fn alike(&self, other: &Self, weights: &[u32]) -> u32 {
        let words = (overlap(&self.name, &other.name, weights) + overlap(&self.all, &other.all, weights)) / 2;
        if words == 0 {
            return 0;
        }
        let pillar = if self.pillar == other.pillar { SAME_PILLAR } else { 0 };
        let rule = if self.indicator.rule.kind() == other.indicator.rule.kind() { SAME_RULE } else { 0 };
        words + pillar + rule
    }
}

/// The weight that two ascending lists share, of the mean of theirs, in thousandths.
fn overlap(a: &[usize], b: &[usize], weights: &[u32]) -> u32 {
    let weight = |words: &[usize]| -> u64 { words.iter().map(|&word| u64::from(weights[word])).sum() };
    let common: Vec<usize> = a.iter().copied().filter(|word| b.binary_search(word).is_ok()).collect();
    let share = (2_000 * weight(&common)).checked_div(weight(a) + weight(b)).unwrap_or_default();
    // At most 1,000: what both have in common weighs no more than either.
    u32::try_from(share).unwrap_or(1_000)
}
