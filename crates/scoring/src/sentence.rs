//! An explanation as one plain sentence, in Vietnamese or English, with the numbers in it.

use criteria::date::Date;
use criteria::model::{ExemptIs, RoundingMode};
use criteria::rule::{Curve, Empty, PeersMethod};
use criteria::{Language, Number};

use crate::cell::Cell;
use crate::evaluate::{Branch, Modifier};
use crate::explain::{Detail, Explanation, ModifierKind, ModifierUsed, PartReason, Reason, Used};
use crate::figures::Origin;
use crate::number_text;

/// The sentence of an explanation: how the points came about, then where each figure came from.
pub fn sentence(explanation: &Explanation<'_>, language: Language) -> String {
    let say = Say { language };
    let mut text = capitalized(match &explanation.exempt {
        Some((used, is)) => say.exempt(used, *is, explanation.excluded),
        None => say.reason(&explanation.reason),
    });
    let origins = match &explanation.exempt {
        Some((used, _)) => used.origin.map(|origin| say.place(origin)).into_iter().collect(),
        None => say.origins(&explanation.reason),
    };
    if !origins.is_empty() {
        text.push_str(". ");
        text.push_str(&capitalized(origins.join("; ")));
    }
    text.push('.');
    text
}

fn capitalized(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The place of an indicator in its document: `Quyết định 2263/QĐ-UBND, Phụ lục 3, I.5.2`.
pub fn citation(document: &criteria::model::Document, id: &str) -> String {
    let annex = document.annex.as_ref().map(|annex| format!(", {annex}")).unwrap_or_default();
    format!("{} {}{annex}, {id}", document.kind, document.number)
}

/// A value for a reader, as it was understood.
pub fn value(used: &Used<'_>, language: Language) -> String {
    Say { language }.cell(used)
}

struct Say {
    language: Language,
}

impl Say {
    fn pick<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }

    fn number(&self, number: Number) -> String {
        number_text::number(number, self.language)
    }

    /// A share as a percentage, with two decimals where they are needed; `≈` where it is rounded.
    fn percent(&self, (part, whole): (i64, i64)) -> String {
        let exact = crate::exact::Exact::scaled(Number::from_millionths(100_000_000), part.max(0), whole.max(1));
        let rounded = exact.round(RoundingMode::HalfUp, 2);
        let about = if exact.compare(&crate::exact::Exact::of(rounded)).is_eq() { "" } else { "≈ " };
        format!("{about}{}{}", self.number(rounded), self.pick(" %", "%"))
    }

    /// `= 75 %` or `≈ 59,88 %`.
    fn equal_percent(&self, ratio: (i64, i64)) -> String {
        let percent = self.percent(ratio);
        if percent.starts_with('≈') { percent } else { format!("= {percent}") }
    }

    fn share(&self, share: Number) -> String {
        self.percent((share.millionths(), Number::ONE.millionths()))
    }

    fn date(&self, date: Date) -> String {
        match self.language {
            Language::Vietnamese => format!("{:02}/{:02}/{}", date.day(), date.month(), date.year()),
            Language::English => criteria::date::Day(date).to_string(),
        }
    }

    fn cell(&self, used: &Used<'_>) -> String {
        match used.cell {
            Cell::Missing => "–".to_owned(),
            Cell::YesNo(true) => self.pick("có", "yes").to_owned(),
            Cell::YesNo(false) => self.pick("không", "no").to_owned(),
            Cell::Number(number) => match &used.figure.unit {
                Some(unit) if used.figure.kind == criteria::model::FigureKind::Money => {
                    format!("{} {unit}", self.number(number))
                }
                _ => self.number(number),
            },
            Cell::Ratio(part, whole)
                if used.figure.kind == criteria::model::FigureKind::Share && whole == 100_000_000 =>
            {
                self.percent((part, whole))
            }
            Cell::Ratio(part, whole) => {
                let fraction = format!(
                    "{}/{}",
                    self.number(Number::from_millionths(part)),
                    self.number(Number::from_millionths(whole))
                );
                format!("{fraction} {}", self.equal_percent((part, whole)))
            }
            Cell::Option(option) => {
                used.figure.options.get(option).map(|option| option.label.clone()).unwrap_or_default()
            }
            Cell::Date(date) => self.date(date),
            Cell::Text => used.origin.map(|origin| origin.typed.clone()).unwrap_or_default(),
        }
    }

    /// The equals sign and the points; `≈` where the shown points are rounded.
    fn equals(&self, points: &crate::exact::Exact) -> String {
        let rounded = points.round(RoundingMode::HalfUp, 2);
        let sign = if points.compare(&crate::exact::Exact::of(rounded)).is_eq() { "=" } else { "≈" };
        format!("{sign} {}", number_text::points(rounded, 2, self.language))
    }

    fn points(&self, points: Number) -> String {
        format!("{} {}", self.number(points), self.pick("điểm", "points"))
    }

    fn label(used: &Used<'_>) -> String {
        used.figure.label.trim().trim_end_matches([':', '.']).to_owned()
    }

    fn exempt(&self, used: &Used<'_>, is: ExemptIs, excluded: Number) -> String {
        let label = Self::label(used);
        let answer = match is {
            ExemptIs::Yes => self.pick("có", "yes"),
            ExemptIs::No => self.pick("không", "no"),
            ExemptIs::Zero => "0",
        };
        let excluded = self.points(excluded);
        match self.language {
            Language::Vietnamese => {
                format!("Không áp dụng vì “{label}”: {answer}; {excluded} được trừ khỏi điểm tối đa")
            }
            Language::English => format!("Does not apply because \"{label}\": {answer}; {excluded} leave the maximum"),
        }
    }

    fn reason(&self, reason: &Reason<'_>) -> String {
        let mut text = self.branch(reason);
        for used in &reason.modifiers {
            if let Some(more) = self.modifier(used, reason) {
                text.push_str("; ");
                text.push_str(&more);
            }
        }
        text
    }

    /// What the rule alone gives; the modifiers tell what they make of it.
    fn branch(&self, reason: &Reason<'_>) -> String {
        let maximum = self.number(reason.maximum);
        let first = reason.figures.first();
        let name = first.map(Self::label).unwrap_or_default();
        let shown = first.map(|used| self.cell(used)).unwrap_or_default();
        let vi = self.language == Language::Vietnamese;
        match reason.branch {
            Branch::Yes => format!("{}, {}", Self::answered(&name, &shown), self.points(reason.maximum)),
            Branch::No => format!("{}, {}", Self::answered(&name, &shown), self.points(Number::ZERO)),
            Branch::Option => match reason.detail {
                Detail::Option(label, share) => {
                    format!("{}, {} × {maximum}{}", Self::answered(&name, label), self.share(share), self.tail(reason))
                }
                _ => shown,
            },
            Branch::Parts => self.joined(reason),
            Branch::Sum => self.joined(reason),
            Branch::Proportional => self.proportional(reason),
            Branch::Full => self.full(reason),
            Branch::All | Branch::Nothing => self.all_or_nothing(reason),
            Branch::Empty => {
                let whole = reason.figures.last().map(Self::label).unwrap_or_default();
                let gives = match reason.detail {
                    Detail::Empty(Some(Empty::Full)) => self.points(reason.maximum),
                    Detail::Empty(Some(Empty::NotApplicable)) if vi => {
                        format!("không áp dụng, {} được trừ khỏi điểm tối đa", self.points(reason.maximum))
                    }
                    Detail::Empty(Some(Empty::NotApplicable)) => {
                        format!("does not apply, {} leave the maximum", self.points(reason.maximum))
                    }
                    Detail::Empty(None) if vi => "0 điểm vì bộ chỉ số chưa quy định".to_owned(),
                    Detail::Empty(None) => "0 points because the set does not say".to_owned(),
                    _ => self.points(Number::ZERO),
                };
                if vi { format!("“{whole}” bằng 0: {gives}") } else { format!("\"{whole}\" is 0: {gives}") }
            }
            Branch::Step => {
                let Detail::Step(step) = reason.detail else { return shown };
                let (from, points) = (self.edge(step.from), self.points(step.points));
                let value = self.measured(reason);
                if vi {
                    format!("{value}, đạt bậc từ {from}: {points}")
                } else {
                    format!("{value}, in the step from {from}: {points}")
                }
            }
            Branch::BelowSteps => {
                let value = self.measured(reason);
                if vi {
                    format!("{value}, dưới bậc thấp nhất: 0 điểm")
                } else {
                    format!("{value}, below the lowest step: 0 points")
                }
            }
            Branch::Each | Branch::Ceiling => {
                let Detail::Each(each, ceiling) = reason.detail else { return shown };
                let product = format!("{shown} × {}", self.number(each));
                let ceiling = self.number(ceiling);
                match (reason.branch == Branch::Ceiling, vi) {
                    (false, _) => format!("{product}{}", self.tail(reason)),
                    (true, true) => format!("{product}, không quá {ceiling}{}", self.tail(reason)),
                    (true, false) => format!("{product}, at most {ceiling}{}", self.tail(reason)),
                }
            }
            Branch::Loss => match reason.detail {
                Detail::Loss(each) => format!("{maximum} − {shown} × {}{}", self.number(each), self.tail(reason)),
                _ => shown,
            },
            Branch::LossAll => {
                if vi {
                    format!("{name}: {shown}, mất hết điểm")
                } else {
                    format!("{name}: {shown}, all points lost")
                }
            }
            Branch::NoneHappened => {
                let happened = reason.figures.last().map(Self::label).unwrap_or_default();
                let points = self.points(reason.maximum);
                if vi {
                    format!("“{happened}”: không phát sinh, {points}")
                } else {
                    format!("\"{happened}\": none happened, {points}")
                }
            }
            Branch::Handled => format!("{maximum} × {}{}", self.fraction(reason), self.tail(reason)),
            Branch::Peers => self.peers(reason),
            Branch::PeersEqual => {
                let points = self.tail(reason);
                if vi { format!("các đơn vị ngang nhau{points}") } else { format!("all units are equal{points}") }
            }
            Branch::Judged => {
                let points = number_text::points(reason.points.round(RoundingMode::HalfUp, 2), 2, self.language);
                if vi {
                    format!("người thẩm định cho {points} điểm")
                } else {
                    format!("the appraiser gave {points} points")
                }
            }
            Branch::Missing => {
                let names: Vec<String> =
                    reason
                        .figures
                        .iter()
                        .filter(|used| !used.cell.is_given())
                        .map(|used| {
                            if vi {
                                format!("“{}”", Self::label(used))
                            } else {
                                format!("\"{}\"", Self::label(used))
                            }
                        })
                        .collect();
                let names = names.join(", ");
                if vi {
                    format!("còn thiếu {names}, chưa có điểm")
                } else {
                    format!("{names} missing, no points yet")
                }
            }
            Branch::Exempt => self.pick("không áp dụng", "does not apply").to_owned(),
        }
    }

    /// A question and its answer.
    fn answered(question: &str, answer: &str) -> String {
        if question.ends_with('?') { format!("{question} {answer}") } else { format!("{question}: {answer}") }
    }

    /// The points behind a formula, unless a modifier still changes them.
    fn tail(&self, reason: &Reason<'_>) -> String {
        if reason.modifiers.iter().any(|used| {
            matches!(used.result, Modifier::Failed | Modifier::Missing) && !matches!(used.kind, ModifierKind::Last(_))
        }) {
            String::new()
        } else {
            format!(" {}", self.equals(&reason.points))
        }
    }

    fn part(&self, part: &PartReason<'_>) -> String {
        let label = part.label.trim_end_matches([':', '.', '?']);
        match (part.reason.branch, part.reason.figures.first()) {
            // The part's label says what its question asks.
            (Branch::Yes | Branch::No, Some(used)) if part.reason.modifiers.is_empty() => {
                let points = part.reason.points.round(RoundingMode::HalfUp, 2);
                format!("{label}: {}, {}", self.cell(used), self.points(points))
            }
            _ => format!("{label}: {}", self.reason(&part.reason)),
        }
    }

    fn joined(&self, reason: &Reason<'_>) -> String {
        let parts: Vec<String> = reason.parts.iter().map(|part| self.part(part)).collect();
        let sum: Vec<String> = reason
            .parts
            .iter()
            .map(|part| number_text::number(part.reason.points.round(RoundingMode::HalfUp, 2), self.language))
            .collect();
        format!("{}{} ({})", sum.join(" + "), self.tail(reason), parts.join("; "))
    }

    /// `36/48`, or the share that was given.
    fn fraction(&self, reason: &Reason<'_>) -> String {
        match &reason.figures[..] {
            [part, whole, ..] => format!("{}/{}", self.plain(part), self.plain(whole)),
            [value] => self.cell(value),
            [] => String::new(),
        }
    }

    fn plain(&self, used: &Used<'_>) -> String {
        used.cell.number().map_or_else(|| self.cell(used), |number| self.number(number))
    }

    fn ratio(reason: &Reason<'_>) -> Option<(i64, i64)> {
        match &reason.figures[..] {
            [part, whole, ..] => Some((part.cell.ratio()?.0, whole.cell.ratio()?.0)),
            [value] => value.cell.ratio(),
            [] => None,
        }
    }

    /// The measure as shown: `36/48 = 75 %`, or the value with its name.
    fn measured(&self, reason: &Reason<'_>) -> String {
        match (&reason.figures[..], Self::ratio(reason)) {
            ([_, _, ..], Some(ratio)) => format!("{} {}", self.fraction(reason), self.equal_percent(ratio)),
            ([value], _) => format!("{}: {}", Self::label(value), self.cell(value)),
            _ => String::new(),
        }
    }

    fn edge(&self, edge: criteria::Edge) -> String {
        match edge {
            criteria::Edge::Number(number) => self.number(number),
            criteria::Edge::Share(share) => self.share(share.number()),
        }
    }

    fn proportional(&self, reason: &Reason<'_>) -> String {
        let fraction = self.fraction(reason);
        match &reason.detail {
            Detail::Share { curve: Curve::Inverse, full_from: None, worth } => {
                format!("{} × (1 − {fraction}){}", self.number(*worth), self.tail(reason))
            }
            Detail::Share { curve: Curve::Inverse, full_from: Some(from), worth } => {
                format!("{} × (1 − {fraction}) ÷ {}{}", self.number(*worth), self.share(*from), self.tail(reason))
            }
            Detail::Share { full_from: Some(from), worth, .. } => {
                format!("{} × {fraction} ÷ {}{}", self.number(*worth), self.share(*from), self.tail(reason))
            }
            Detail::Share { full_from: None, worth, .. } => {
                format!("{} × {fraction}{}", self.number(*worth), self.tail(reason))
            }
            Detail::Required(required) => {
                let count = reason.figures.first().map(|used| self.counted(used, reason)).unwrap_or_default();
                format!("{} × {count}/{}{}", self.number(reason.maximum), self.number(*required), self.tail(reason))
            }
            _ => fraction,
        }
    }

    /// A count, less the last one where that does not count.
    fn counted(&self, used: &Used<'_>, reason: &Reason<'_>) -> String {
        let too_late = reason
            .modifiers
            .iter()
            .any(|modifier| matches!(modifier.kind, ModifierKind::Last(_)) && modifier.result == Modifier::Failed);
        let count = self.plain(used);
        if too_late { format!("({count} − 1)") } else { count }
    }

    fn full(&self, reason: &Reason<'_>) -> String {
        let points = self.tail(reason);
        match &reason.detail {
            Detail::Required(required) => {
                let count = reason.figures.first().map(|used| self.counted(used, reason)).unwrap_or_default();
                let required = self.number(*required);
                match self.language {
                    Language::Vietnamese => format!("{count} đạt mức tối thiểu {required}, đủ điểm{points}"),
                    Language::English => format!("{count} reach the minimum of {required}, full points{points}"),
                }
            }
            Detail::Share { full_from: Some(from), .. } => {
                let (measured, from) = (self.measured(reason), self.share(*from));
                match self.language {
                    Language::Vietnamese => format!("{measured}, đạt ngưỡng {from}, đủ điểm{points}"),
                    Language::English => format!("{measured}, reaches {from}, full points{points}"),
                }
            }
            _ => self.measured(reason),
        }
    }

    fn all_or_nothing(&self, reason: &Reason<'_>) -> String {
        let needed = match &reason.detail {
            Detail::Required(required) => self.number(*required),
            Detail::Share { full_from: Some(from), .. } => self.share(*from),
            _ => self.share(Number::ONE),
        };
        let measured = match &reason.detail {
            Detail::Required(_) => reason.figures.first().map(|used| self.counted(used, reason)).unwrap_or_default(),
            _ => self.measured(reason),
        };
        let points = self.tail(reason);
        match (self.language, reason.branch == Branch::All) {
            (Language::Vietnamese, true) => format!("{measured}, đạt {needed}{points}"),
            (Language::Vietnamese, false) => format!("{measured}, chưa đạt {needed} nên không có điểm"),
            (Language::English, true) => format!("{measured}, reaches {needed}{points}"),
            (Language::English, false) => format!("{measured}, does not reach {needed}, so no points"),
        }
    }

    fn peers(&self, reason: &Reason<'_>) -> String {
        let Detail::Peers { method, lower, spread } = &reason.detail else { return String::new() };
        let as_share =
            reason.figures.len() > 1 || reason.figures.iter().all(|used| matches!(used.cell, Cell::Ratio(..)));
        let show = |ratio: (i64, i64)| {
            if as_share { self.percent(ratio) } else { self.number(Number::from_millionths(ratio.0)) }
        };
        let own = Self::ratio(reason).map(show).unwrap_or_default();
        let (least, most) = (show(spread.least), show(spread.most));
        let (maximum, tail) = (self.number(reason.maximum), self.tail(reason));
        let formula = match (method, lower) {
            (PeersMethod::MinMax, false) => format!("({own} − {least}) ÷ ({most} − {least})"),
            (PeersMethod::MinMax, true) => format!("({most} − {own}) ÷ ({most} − {least})"),
            (PeersMethod::ShareOfBest, false) => format!("{own} ÷ {most}"),
            (PeersMethod::ShareOfBest, true) => format!("(1 − {own} ÷ {most})"),
        };
        match self.language {
            Language::Vietnamese => format!("so với các đơn vị cùng cấp: {maximum} × {formula}{tail}"),
            Language::English => format!("against the units of the level: {maximum} × {formula}{tail}"),
        }
    }

    fn modifier(&self, used: &ModifierUsed<'_>, reason: &Reason<'_>) -> Option<String> {
        let label = Self::label(&used.figure);
        let shown = self.cell(&used.figure);
        let points = self.equals(&reason.points);
        let vi = self.language == Language::Vietnamese;
        Some(match (used.kind, used.result) {
            (_, Modifier::None) => return None,
            (_, Modifier::Missing) if vi => format!("còn thiếu “{label}”, chưa có điểm"),
            (_, Modifier::Missing) => format!("\"{label}\" missing, no points yet"),
            (ModifierKind::AtLeast(least), Modifier::Held) => {
                let least = self.number(least);
                if vi {
                    format!("đủ điều kiện: “{label}” {shown}, tối thiểu {least}")
                } else {
                    format!("condition met: \"{label}\" {shown}, at least {least}")
                }
            }
            (ModifierKind::AtLeast(least), Modifier::Failed) => {
                let least = self.number(least);
                if vi {
                    format!("chưa đủ điều kiện: “{label}” {shown}, tối thiểu {least}, nên 0 điểm")
                } else {
                    format!("condition not met: \"{label}\" {shown}, at least {least}, so 0 points")
                }
            }
            (ModifierKind::Before(day), Modifier::Held) => {
                let day = self.date(day);
                if vi { format!("ngày {shown}, trước {day}") } else { format!("on {shown}, before {day}") }
            }
            (ModifierKind::Before(day), Modifier::Failed) => {
                let day = self.date(day);
                if vi {
                    format!("ngày {shown}, không trước {day}, nên 0 điểm")
                } else {
                    format!("on {shown}, not before {day}, so 0 points")
                }
            }
            (ModifierKind::Yes, Modifier::Held) => format!("{label}: {shown}"),
            (ModifierKind::Yes, Modifier::Failed) => {
                if vi {
                    format!("{label}: {shown}, nên 0 điểm")
                } else {
                    format!("{label}: {shown}, so 0 points")
                }
            }
            (ModifierKind::Late(day, _), Modifier::Held) => {
                let day = self.date(day);
                if vi { format!("ngày {shown}, trong hạn {day}") } else { format!("on {shown}, within {day}") }
            }
            (ModifierKind::Late(day, factor), Modifier::Failed) => {
                let (day, factor) = (self.date(day), self.share(factor));
                if vi {
                    format!("ngày {shown}, sau {day}: × {factor} {points}")
                } else {
                    format!("on {shown}, after {day}: × {factor} {points}")
                }
            }
            (ModifierKind::Last(day), Modifier::Held) => {
                let day = self.date(day);
                if vi {
                    format!("lần cuối {shown}, trước {day}")
                } else {
                    format!("the last on {shown}, before {day}")
                }
            }
            (ModifierKind::Last(day), Modifier::Failed) => {
                let day = self.date(day);
                if vi {
                    format!("lần cuối {shown}, không trước {day} nên không tính")
                } else {
                    format!("the last on {shown}, not before {day}, does not count")
                }
            }
        })
    }

    fn place(&self, origin: &Origin) -> String {
        format!("{} {}", self.pick("theo", "from"), origin.place)
    }

    /// Where each given figure came from, once each.
    fn origins(&self, reason: &Reason<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        let figures = reason.figures.iter().chain(reason.modifiers.iter().map(|used| &used.figure));
        for used in figures {
            let Some(origin) = used.origin else { continue };
            let shown = self.cell(used);
            // Where the sentence asked the question already, its place is all that is new.
            let asked = matches!(reason.branch, Branch::Yes | Branch::No | Branch::Option);
            let line = match (asked, self.language) {
                (true, _) => self.place(origin),
                (false, Language::Vietnamese) => format!("{shown} là “{}” ({})", Self::label(used), origin.place),
                (false, Language::English) => format!("{shown} is \"{}\" ({})", Self::label(used), origin.place),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        for part in &reason.parts {
            for line in self.origins(&part.reason) {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }
}
