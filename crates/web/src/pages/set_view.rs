//! A criteria set as its pages show it: pillars, groups, indicators with the law's words and the rule in words, what the
//! checker finds, and the readings.

use criteria::CriteriaSet;
use criteria::check::{Finding, Severity};
use criteria::model::{Due, FigureKind, Indicator, Reading, ReadingStatus};
use criteria::quote::readable;
use documents::rule_words::rule_words;

use super::law::law;
use crate::view::L;

/// Something that the checker found.
pub struct FindingView {
    /// The shape of its gravity.
    pub class: &'static str,
    /// Its gravity in words.
    pub word: &'static str,
    /// The pillar, group or indicator; empty for the set as a whole.
    pub at: String,
    /// What is wrong.
    pub message: String,
    /// The printed words.
    pub quote: String,
}

/// A figure that an indicator asks for: its name and what kind of value it is.
pub struct FigureView {
    /// Its name.
    pub label: String,
    /// Its kind and unit.
    pub kind: String,
}

/// An indicator.
pub struct IndicatorView {
    /// Its id.
    pub id: String,
    /// Its number, as printed.
    pub no: String,
    /// Its name.
    pub name: String,
    /// Its points.
    pub points: String,
    /// Its deadlines.
    pub due: String,
    /// The law's words, by heading.
    pub words: Vec<(&'static str, String)>,
    /// How its points come about.
    pub rule: String,
    /// The figures that it asks for.
    pub figures: Vec<FigureView>,
    /// What could not be read for sure.
    pub uncertain: Option<String>,
    /// What the checker finds at it.
    pub findings: Vec<FindingView>,
}

/// A group with its indicators; the first of a pillar without groups has no name.
pub struct GroupView {
    /// Its id.
    pub id: String,
    /// Its number and name.
    pub name: String,
    /// Its indicators.
    pub indicators: Vec<IndicatorView>,
}

/// A pillar.
pub struct PillarView {
    /// Its number.
    pub no: String,
    /// Its name.
    pub name: String,
    /// Its points, as printed.
    pub points: String,
    /// Its groups.
    pub groups: Vec<GroupView>,
}

/// A reading with its answers.
pub struct SetReadingView {
    /// Its id.
    pub id: String,
    /// The shape of its state.
    pub class: &'static str,
    /// Open or decided, in words.
    pub status: &'static str,
    /// What is asked.
    pub asks: String,
    /// Why it is answered so, and who decides.
    pub why: String,
    /// The indicators that it is about.
    pub at: Vec<String>,
    /// The answers: id, words, whether it is the one in force.
    pub answers: Vec<(String, String, bool)>,
}

/// How grave findings are, counted: errors, warnings, notes.
pub fn counted(findings: &[Finding]) -> (usize, usize, usize) {
    let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning), count(Severity::Note))
}

/// A finding.
pub fn finding(l: L, one: &Finding) -> FindingView {
    let (class, word) = match (one.severity, l.is_english()) {
        (Severity::Error, false) => ("late", "Lỗi"),
        (Severity::Error, true) => ("late", "Error"),
        (Severity::Warning, false) => ("warn", "Cảnh báo"),
        (Severity::Warning, true) => ("warn", "Warning"),
        (Severity::Note, false) => ("none", "Ghi chú"),
        (Severity::Note, true) => ("none", "Note"),
    };
    FindingView {
        class,
        word,
        at: one.at.clone(),
        message: l.text(&one.message).to_owned(),
        quote: readable(&one.quote),
    }
}

/// Deadlines as people write them: 31/10, 15/11.
pub fn due(due: &Due) -> String {
    due.days().iter().map(|day| format!("{}/{}", day.day(), day.month())).collect::<Vec<_>>().join(", ")
}

/// A kind of figure in words.
fn kind(l: L, kind: FigureKind, unit: Option<&str>) -> String {
    let name = match kind {
        FigureKind::YesNo => l.say("có hoặc không", "yes or no"),
        FigureKind::Count => l.say("số đếm", "count"),
        FigureKind::Number => l.say("số", "number"),
        FigureKind::Money => l.say("số tiền", "money"),
        FigureKind::Share => l.say("tỷ lệ", "share"),
        FigureKind::Choice => l.say("chọn một", "choice"),
        FigureKind::Date => l.say("ngày", "day"),
        FigureKind::Text => l.say("chữ", "words"),
        FigureKind::Points => l.say("điểm người chấm cho", "points that a person gives"),
    };
    unit.map_or_else(|| name.to_owned(), |unit| format!("{name} ({unit})"))
}

/// An indicator.
pub fn indicator(l: L, set: &CriteriaSet, one: &Indicator, findings: &[Finding]) -> IndicatorView {
    let words = law(l, one).into_iter().map(|(head, words)| (head, readable(&words)));
    let figure = |figure: criteria::model::Figure| FigureView {
        kind: kind(l, figure.kind, figure.unit.as_deref()),
        label: figure.label,
    };
    IndicatorView {
        id: one.id.clone(),
        no: one.no.clone(),
        name: readable(&one.name),
        points: one.points.map(|points| l.number(&points)).unwrap_or_default(),
        due: due(&one.due),
        words: words.collect(),
        rule: rule_words(one, &set.head),
        figures: one.all_figures().into_iter().map(figure).collect(),
        uncertain: one.uncertain.clone(),
        findings: findings.iter().filter(|found| found.at == one.id).map(|found| finding(l, found)).collect(),
    }
}

/// The pillars of a set.
pub fn pillars(l: L, set: &CriteriaSet, findings: &[Finding]) -> Vec<PillarView> {
    let points = |points: Option<criteria::Number>| points.map(|points| l.number(&points)).unwrap_or_default();
    let of_pillar = |file: &criteria::model::PillarFile| {
        let mut groups: Vec<GroupView> = Vec::new();
        for one in &file.indicators {
            let own = file.groups.iter().find(|group| Some(group.id.as_str()) == one.group_id());
            let id = own.map(|group| group.id.clone()).unwrap_or_default();
            if groups.last().is_none_or(|last| last.id != id) {
                let name = own.map(|group| format!("{} {}", group.no, readable(&group.name))).unwrap_or_default();
                groups.push(GroupView { id, name, indicators: Vec::new() });
            }
            if let Some(last) = groups.last_mut() {
                last.indicators.push(indicator(l, set, one, findings));
            }
        }
        PillarView {
            no: file.pillar.no.clone(),
            name: readable(&file.pillar.name),
            points: points(file.pillar.points),
            groups,
        }
    };
    set.pillars.iter().map(of_pillar).collect()
}

/// A reading of a set.
pub fn reading(l: L, one: &Reading) -> SetReadingView {
    let decided = one.status == ReadingStatus::Decided;
    SetReadingView {
        id: one.id.clone(),
        class: if decided { "done" } else { "warn" },
        status: match (decided, l.is_english()) {
            (true, false) => "Đã chốt",
            (true, true) => "Decided",
            (false, false) => "Còn mở",
            (false, true) => "Open",
        },
        asks: one.asks.clone(),
        why: format!("{} {} {}.", one.why, l.say("Người quyết định:", "To be decided by:"), one.decides),
        at: one.at.clone(),
        answers: one
            .variants
            .iter()
            .map(|variant| (variant.id.clone(), variant.label.clone(), variant.id == one.answer))
            .collect(),
    }
}
