//! A criteria set as a whole: its head, pillars, sources and examples, how it is read from a folder's files and
//! how the answers to its readings are applied.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::language::Text;
use crate::limits;
use crate::model::{
    Example, ExampleFile, Figure, FigureKind, FigureOption, Indicator, PillarFile, Reading, SetHead, Source,
};
use crate::number::Number;
use crate::problem::Problem;
use crate::references;
use crate::rule::{Part, Rule};
use crate::toml_file;

/// A folder's text files: path from the folder, with `/`, to text.
pub type Files = BTreeMap<String, String>;

/// Answers picked for readings: reading to variant.
pub type Picks = BTreeMap<String, String>;

/// The name of the head's file.
pub const HEAD_FILE: &str = "set.toml";

/// A criteria set (bộ chỉ số) as read: every reference in it leads somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct CriteriaSet {
    /// `set.toml`.
    pub head: SetHead,
    /// The pillars, in order.
    pub pillars: Vec<PillarFile>,
    /// The texts as received, in the order of the head.
    pub sources: Vec<SourceText>,
    /// The worked examples, by file name, then in order.
    pub examples: Vec<Example>,
}

/// A text as received.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceText {
    /// Its file.
    pub file: String,
    /// The text.
    pub text: String,
    /// Whether its letters cannot be compared one by one.
    pub damaged: bool,
    /// Whether it is another document, whose further words need not be quoted.
    pub auxiliary: bool,
}

/// What the content hash is taken of: all that scoring and people's reading depend on.
#[derive(Serialize)]
struct Content<'a> {
    head: &'a SetHead,
    pillars: &'a [PillarFile],
}

impl CriteriaSet {
    /// Reads a set from the files of its folder; `folder` is how problems name it.
    ///
    /// # Errors
    /// Every problem of every file, in the order of the files.
    pub fn read(folder: &str, files: &Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = |file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let Some(head_text) = files.get(HEAD_FILE) else {
            let message = Text::new(format!("thiếu tệp {HEAD_FILE}"), format!("the file {HEAD_FILE} is missing"));
            return Err(vec![Problem::of_file(&name(HEAD_FILE), message)]);
        };
        let Some(head) = toml_file::read::<SetHead>(&name(HEAD_FILE), head_text, &mut problems) else {
            return Err(problems);
        };
        let mut pillars = Vec::new();
        for (index, file) in head.pillars.iter().enumerate().take(limits::PILLARS_MAX) {
            match files.get(file) {
                Some(text) => pillars.extend(toml_file::read::<PillarFile>(&name(file), text, &mut problems)),
                None => {
                    let path = [toml_file::Step::Key("pillars"), toml_file::Step::Index(index)];
                    let span = toml_file::locate(head_text, &path).unwrap_or(0..0);
                    let message = Text::new(format!("không có tệp “{file}”"), format!("there is no file \"{file}\""));
                    problems.push(Problem::at(&name(HEAD_FILE), head_text, span, message));
                }
            }
        }
        let mut examples = Vec::new();
        for (file, text) in files.iter().filter(|(file, _)| file.starts_with("examples/") && file.ends_with(".toml")) {
            examples
                .extend(toml_file::read::<ExampleFile>(&name(file), text, &mut problems).unwrap_or_default().examples);
        }
        let sources = source_texts(&name(HEAD_FILE), head_text, &head.sources, files, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let set = Self { head, pillars, sources, examples };
        references::check(&set, files, &name, &mut problems);
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }

    /// All indicators, in the order of the document.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.pillars.iter().flat_map(|pillar| &pillar.indicators)
    }

    /// The indicator with this id.
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators().find(|indicator| indicator.id == id)
    }

    /// The readings that touch an indicator.
    pub fn readings_at<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Reading> {
        self.head.readings.iter().filter(move |reading| reading.at.iter().any(|at| at == id))
    }

    /// Ids of the indicators whose points a `sum` gathers, so that they do not count on their own.
    pub fn summed(&self) -> BTreeSet<&str> {
        let mut summed = BTreeSet::new();
        for indicator in self.indicators() {
            if let Rule::Sum { of } = &indicator.rule {
                summed.extend(of.iter().map(String::as_str));
            }
        }
        summed
    }

    /// The points of the set: the sum of the indicators that count on their own.
    pub fn maximum(&self) -> Number {
        let summed = self.summed();
        Number::saturating_sum(
            self.indicators()
                .filter(|indicator| !summed.contains(indicator.id.as_str()))
                .filter_map(|indicator| indicator.points),
        )
    }

    /// The total as printed, or else the sum of the points with the answers to its readings.
    pub fn total(&self) -> Number {
        let summed = || self.with_picks(&Picks::new()).map_or(Number::ZERO, |set| set.maximum());
        self.head.total.unwrap_or_else(summed)
    }

    /// The content hash: SHA-256 in hexadecimal over the canonical JSON of the set's meaning.
    ///
    /// Layout, comments, the order of keys and the names of files do not change it; a word of the law does.
    pub fn hash(&self) -> String {
        let mut head = self.head.clone();
        head.pillars.clear();
        head.sources.iter_mut().for_each(|source| source.file.clear());
        let content = Content { head: &head, pillars: &self.pillars };
        let bytes = serde_json::to_vec(&content).unwrap_or_default();
        hex(&Sha256::digest(bytes))
    }

    /// The set with the answers of its readings applied: `picks` where they name one, else the recorded answer.
    ///
    /// # Errors
    /// Every pick that names no reading, or no variant of its reading.
    pub fn with_picks(&self, picks: &Picks) -> Result<Self, Vec<Text>> {
        let unknown: Vec<Text> = picks.iter().filter_map(|(reading, pick)| self.unknown_pick(reading, pick)).collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let mut set = self.clone();
        for reading in &mut set.head.readings {
            if let Some(pick) = picks.get(&reading.id) {
                reading.answer.clone_from(pick);
            }
        }
        for reading in &set.head.readings {
            let answer = reading.variants.iter().find(|variant| variant.id == reading.answer);
            for indicator in set.pillars.iter_mut().flat_map(|pillar| &mut pillar.indicators) {
                apply(indicator, reading, answer);
            }
        }
        Ok(set)
    }

    fn unknown_pick(&self, reading_id: &str, pick: &str) -> Option<Text> {
        let Some(reading) = self.head.readings.iter().find(|reading| reading.id == reading_id) else {
            let known: Vec<&str> = self.head.readings.iter().map(|reading| reading.id.as_str()).collect();
            let known = known.join(", ");
            return Some(Text::new(
                format!("không có cách hiểu nào tên “{reading_id}” (có: {known})"),
                format!("there is no reading \"{reading_id}\" (there are: {known})"),
            ));
        };
        if reading.variants.iter().any(|variant| variant.id == pick) {
            return None;
        }
        let known: Vec<&str> = reading.variants.iter().map(|variant| variant.id.as_str()).collect();
        let known = known.join(", ");
        Some(Text::new(
            format!("cách hiểu “{reading_id}” không có phương án “{pick}” (có: {known})"),
            format!("the reading \"{reading_id}\" has no variant \"{pick}\" (it has: {known})"),
        ))
    }
}

/// The texts that a file declares as its sources, in its order; pushes those that are not there.
pub(crate) fn source_texts(
    file: &str,
    text: &str,
    declared: &[Source],
    files: &Files,
    problems: &mut Vec<Problem>,
) -> Vec<SourceText> {
    let mut sources = Vec::new();
    for (index, Source { file: name, damaged, auxiliary, .. }) in declared.iter().enumerate() {
        match files.get(name) {
            Some(text) => sources.push(SourceText {
                file: name.clone(),
                text: text.clone(),
                damaged: *damaged,
                auxiliary: *auxiliary,
            }),
            None => {
                let path =
                    [toml_file::Step::Key("source"), toml_file::Step::Index(index), toml_file::Step::Key("file")];
                let span = toml_file::locate(text, &path).unwrap_or(0..0);
                let message = Text::new(format!("không có tệp “{name}”"), format!("there is no file \"{name}\""));
                problems.push(Problem::at(file, text, span, message));
            }
        }
    }
    sources
}

/// Applies the answer to one reading at one indicator.
fn apply(indicator: &mut Indicator, reading: &Reading, answer: Option<&crate::model::ReadingVariant>) {
    if let Some(answer) = answer
        && reading.at.contains(&indicator.id)
    {
        if let Some(curve) = answer.curve {
            indicator.rule.set_curve(curve);
        }
        if let Some(empty) = answer.empty {
            indicator.rule.set_empty(empty);
        }
    }
    let variants = std::mem::take(&mut indicator.variants);
    for variant in variants.iter().filter(|variant| variant.reading == reading.id && variant.pick == reading.answer) {
        indicator.points = variant.points.or(indicator.points);
        for figure in &variant.figures {
            if !indicator.figures.iter().any(|known| known.id == figure.id) {
                indicator.figures.push(figure.clone());
            }
        }
        if let Some(rule) = &variant.rule {
            indicator.rule = rule.clone();
        }
        if variant.no_gate || variant.gate.is_some() {
            indicator.gate.clone_from(&variant.gate);
        }
        if variant.no_late || variant.late.is_some() {
            indicator.late.clone_from(&variant.late);
        }
        if variant.no_exempt {
            indicator.exempt.clear();
        } else if let Some(exempt) = &variant.exempt {
            indicator.exempt.clone_from(exempt);
        }
    }
    indicator.variants = variants;
}

impl Indicator {
    /// Its figures: those declared, those of its parts, and those that its rules ask themselves, in the order of
    /// the rule. Figures of the profile and of the round are not among them.
    pub fn all_figures(&self) -> Vec<Figure> {
        let mut figures = self.figures.clone();
        own_figures(&self.rule, "answer", &mut figures);
        figures
    }

    /// The id of the group that it stands in, where the pillar has groups.
    pub fn group_id(&self) -> Option<&str> {
        self.group.as_deref().or_else(|| self.id.rsplit_once('.').map(|(group, _)| group))
    }
}

/// The figure that a rule asks by itself gets this id within a part or at the top.
pub fn asked_figure_id<'a>(figure: &'a Option<String>, default: &'a str) -> &'a str {
    figure.as_deref().unwrap_or(default)
}

fn own_figures(rule: &Rule, default_id: &str, figures: &mut Vec<Figure>) {
    let mut add = |figure: Figure| {
        if !figures.iter().any(|known| known.id == figure.id) {
            figures.push(figure);
        }
    };
    let asked = |id: &str, label: &str, kind: FigureKind, options: Vec<FigureOption>| Figure {
        id: id.to_owned(),
        no: None,
        label: label.to_owned(),
        kind,
        unit: None,
        from: None,
        options,
        added: None,
    };
    match rule {
        Rule::YesNo { asks, figure } => {
            add(asked(asked_figure_id(figure, default_id), asks, FigureKind::YesNo, Vec::new()));
        }
        Rule::Choice { asks, figure, options } => {
            let options = options
                .iter()
                .map(|option| FigureOption { id: option.id.clone(), label: option.label.clone() })
                .collect();
            add(asked(asked_figure_id(figure, default_id), asks, FigureKind::Choice, options));
        }
        Rule::Judged { asks } => {
            let (points, reason) = judged_figure_ids(default_id);
            add(asked(&points, asks, FigureKind::Points, Vec::new()));
            add(asked(&reason, "Lý do cho điểm", FigureKind::Text, Vec::new()));
        }
        Rule::Parts { parts } => {
            for Part { id, figures: of_part, rule, .. } in parts {
                for figure in of_part {
                    if !figures.iter().any(|known| known.id == figure.id) {
                        figures.push(figure.clone());
                    }
                }
                own_figures(rule, id, figures);
            }
        }
        Rule::Share { .. }
        | Rule::Required { .. }
        | Rule::Steps { .. }
        | Rule::Each { .. }
        | Rule::Loss { .. }
        | Rule::Handled { .. }
        | Rule::Peers { .. }
        | Rule::Sum { .. } => {}
    }
}

/// The ids of the two figures of a judged rule: the points and the reason.
pub fn judged_figure_ids(default_id: &str) -> (String, String) {
    if default_id == "answer" {
        ("points".to_owned(), "reason".to_owned())
    } else {
        (format!("{default_id}_points"), format!("{default_id}_reason"))
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of a source's bytes, as `set.toml` declares it.
pub fn source_sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
