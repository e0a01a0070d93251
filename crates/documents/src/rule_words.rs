//! A rule in one plain Vietnamese sentence, for people who read a set.

use criteria::model::{Figure, FigureKind, Indicator, SetHead};
use criteria::number::Number;
use criteria::rule::{Curve, Empty, Gate, Late, Measure, PeersMethod, Rule};
use scoring::number_text::vietnamese;

/// How an indicator's points come about, in words.
pub fn rule_words(indicator: &Indicator, head: &SetHead) -> String {
    let words = Words { head, figures: indicator.all_figures() };
    let points = indicator.points.unwrap_or_default();
    let mut sentence = words.rule(&indicator.rule, points);
    words.modifiers(&mut sentence, indicator.gate.as_ref(), indicator.late.as_ref());
    for exempt in &indicator.exempt {
        let label = words.label(&exempt.when);
        sentence.push_str(&format!("; không áp dụng khi “{label}”"));
    }
    sentence
}

struct Words<'a> {
    head: &'a SetHead,
    figures: Vec<Figure>,
}

impl Words<'_> {
    fn label(&self, reference: &str) -> String {
        let found = match (reference.strip_prefix("profile."), reference.strip_prefix("round.")) {
            (Some(id), _) => self.head.profile.iter().find(|figure| figure.id == id),
            (_, Some(id)) => self.head.round.iter().find(|figure| figure.id == id),
            (None, None) => self.figures.iter().find(|figure| figure.id == reference),
        };
        found.map_or(reference, |figure| figure.label.trim_end_matches([':', '?'])).to_owned()
    }

    fn is_share(&self, reference: &str) -> bool {
        self.figures.iter().any(|figure| figure.id == reference && figure.kind == FigureKind::Share)
    }

    fn measure(&self, measure: Option<Measure<'_>>) -> String {
        match measure {
            Some(Measure::Share(part, whole)) => format!("“{}” ÷ “{}”", self.label(part), self.label(whole)),
            Some(Measure::Value(value)) => format!("“{}”", self.label(value)),
            None => String::new(),
        }
    }

    fn rule(&self, rule: &Rule, points: Number) -> String {
        let full = format!("{} điểm", vietnamese(points));
        let sentence = match rule {
            Rule::YesNo { asks, .. } => format!("{asks} Có: {full}; không: 0 điểm"),
            Rule::Choice { asks, options, .. } => {
                let answers: Vec<String> = options
                    .iter()
                    .map(|option| format!("{}: {} %", option.label, vietnamese(option.share.percent())))
                    .collect();
                format!("{asks} {} (của {full})", answers.join("; "))
            }
            Rule::Parts { parts } => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let mut sentence = self.rule(&part.rule, part.points);
                        self.modifiers(&mut sentence, part.gate.as_ref(), part.late.as_ref());
                        part.label.as_ref().map_or(sentence.clone(), |label| format!("{label}: {sentence}"))
                    })
                    .collect();
                parts.join(" + ")
            }
            Rule::Share { curve, full_from, worth, .. } => {
                let measure = self.measure(rule.measure());
                let worth = vietnamese(worth.unwrap_or(points));
                let threshold = full_from.map(|share| format!("{} %", vietnamese(share.percent())));
                match (curve, threshold) {
                    (Some(Curve::AllOrNothing), threshold) => {
                        let edge = threshold.unwrap_or_else(|| "100 %".to_owned());
                        format!("{measure} đạt {edge}: {worth} điểm, nếu không: 0 điểm")
                    }
                    (Some(Curve::Inverse), _) => format!("(1 − {measure}) × {worth} điểm"),
                    (_, Some(edge)) => {
                        format!("{measure} ≥ {edge}: {worth} điểm; dưới đó: tỷ lệ ÷ {edge} × {worth} điểm")
                    }
                    (_, None) => format!("{measure} × {worth} điểm"),
                }
            }
            Rule::Required { count, required, curve, last } => {
                let needed = Number::parse(required).map_or_else(|| format!("“{}”", self.label(required)), vietnamese);
                let count = self.label(count);
                let below = match curve {
                    Some(Curve::AllOrNothing) => "chưa đủ: 0 điểm".to_owned(),
                    _ => "chưa đủ: theo tỷ lệ".to_owned(),
                };
                let last = last.as_ref().map_or(String::new(), |last| {
                    format!("; lần cuối phải trước {:02}/{:02}", last.before.day(), last.before.month())
                });
                format!("“{count}” từ {needed}: {full}; {below}{last}")
            }
            Rule::Steps { steps, .. } => {
                let steps: Vec<String> = steps
                    .iter()
                    .map(|step| {
                        let from = match step.from {
                            criteria::Edge::Number(number) => vietnamese(number),
                            criteria::Edge::Share(share) => format!("{} %", vietnamese(share.percent())),
                        };
                        format!("từ {from}: {} điểm", vietnamese(step.points))
                    })
                    .collect();
                format!("{}: {}; dưới đó: 0 điểm", self.measure(rule.measure()), steps.join("; "))
            }
            Rule::Each { count, each, ceiling } => format!(
                "mỗi “{}” {} điểm, không quá {} điểm",
                self.label(count),
                vietnamese(*each),
                vietnamese(ceiling.unwrap_or(points))
            ),
            Rule::Loss { count, each, zero_from } => {
                let zero = zero_from.map_or(String::new(), |from| format!("; từ {} trở lên: 0 điểm", vietnamese(from)));
                format!("{full}, mỗi “{}” trừ {} điểm{zero}", self.label(count), vietnamese(*each))
            }
            Rule::Handled { handled, happened } => format!(
                "không phát sinh “{}”: {full}; nếu có: “{}” ÷ “{}” × {full}",
                self.label(happened),
                self.label(handled),
                self.label(happened)
            ),
            Rule::Peers { method, .. } => {
                let measure = self.measure(rule.measure());
                match method {
                    PeersMethod::MinMax => {
                        format!("vị trí của {measure} giữa đơn vị thấp nhất và đơn vị cao nhất × {full}")
                    }
                    PeersMethod::ShareOfBest => format!("{measure} ÷ mức của đơn vị cao nhất × {full}"),
                }
            }
            Rule::Sum { of } => format!("cộng điểm của {}", of.join(", ")),
            Rule::Judged { asks } => format!("{asks} Người thẩm định cho điểm, tối đa {full}, và ghi lý do"),
        };
        self.with_empty(sentence, rule)
    }

    /// What a whole of zero gives, where the rule says so.
    fn with_empty(&self, sentence: String, rule: &Rule) -> String {
        let (Rule::Share { empty, .. } | Rule::Steps { empty, .. } | Rule::Peers { empty, .. }) = rule else {
            return sentence;
        };
        if matches!(rule.measure(), Some(Measure::Value(value)) if self.is_share(value)) {
            return sentence;
        }
        match empty {
            Some(Empty::Full) => format!("{sentence}; mẫu số bằng 0: đủ điểm"),
            Some(Empty::Zero) => format!("{sentence}; mẫu số bằng 0: 0 điểm"),
            Some(Empty::NotApplicable) => format!("{sentence}; mẫu số bằng 0: không áp dụng"),
            None => sentence,
        }
    }

    fn modifiers(&self, sentence: &mut String, gate: Option<&Gate>, late: Option<&Late>) {
        if let Some(gate) = gate {
            let condition = match (&gate.count, gate.at_least, &gate.date, gate.before, &gate.yes) {
                (Some(count), Some(least), ..) => format!("“{}” từ {}", self.label(count), vietnamese(least)),
                (_, _, Some(date), Some(before), _) => {
                    format!("“{}” trước {:02}/{:02}", self.label(date), before.day(), before.month())
                }
                (.., Some(yes)) => format!("“{}”: có", self.label(yes)),
                _ => return,
            };
            sentence.push_str(&format!("; chỉ tính khi {condition}"));
        }
        if let Some(late) = late {
            let (day, month) = (late.after.day(), late.after.month());
            sentence.push_str(&format!("; sau {day:02}/{month:02}: × {} %", vietnamese(late.factor.percent())));
        }
    }
}
