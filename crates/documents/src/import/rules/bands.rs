//! Wordings that print points beside conditions: thresholds, steps, yes or no, parts.

use std::ops::Range;
use std::sync::LazyLock;

use criteria::model::FigureKind;
use criteria::rule::{ChoiceOption, Curve, Part, Rule, Step};
use criteria::{Edge, Number, Share};
use regex::Regex;

use super::super::limits;
use super::super::plain::Plain;
use super::super::values::{decimal, pattern};
use super::measures::part_and_whole;
use super::{Confidence, EMPTY, Proposal, Words, figure, short};

/// Words with the points that are printed behind them.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    range: Range<usize>,
    points: Number,
}

/// The segments of a text: each ends at printed points.
fn segments(plain: &Plain<'_>) -> Vec<Segment> {
    static POINTS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[(:=]* ?(?:dat |duoc )?\(?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b\)?"));
    let mut out = Vec::new();
    let mut from = 0;
    for found in POINTS.captures_iter(&plain.text) {
        let (Some(whole), Some(points)) = (found.get(0), found.get(1)) else { continue };
        if let Some(points) = decimal(points.as_str()) {
            out.push(Segment { range: trimmed(&plain.text, from..whole.start()), points });
        }
        from = whole.end();
        if out.len() > limits::SEGMENTS_MAX {
            // Not how anything is scored: nothing is recognised rather than half of it.
            return Vec::new();
        }
    }
    out
}

/// A range without the signs of a list at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let words = &text[range.clone()];
    let start = words.len() - words.trim_start_matches([' ', '-', ';', ':', ',', '.', ')', '+']).len();
    let end = words.trim_end_matches([' ', '-', ';', ':', ',', '(', '=']).len();
    if start >= end { range.start..range.start } else { range.start + start..range.start + end }
}

fn percent(text: &str) -> Option<Share> {
    decimal(text).and_then(|number| Share::parse(&format!("{number}%")))
}

/// "Tỷ lệ ≥ 80%: 10đ; tỷ lệ < 80% = tỷ lệ/80%*10đ"; "tỷ lệ 100%: 10đ, < 100%: 0đ".
pub fn threshold(words: &Words<'_>) -> Option<Proposal> {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?:>=|>|tu|dat) ?(\d+(?:[.,]\d+)?) ?%(?: tro len)? ?[:=(]? ?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b")
    });
    static BELOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:<=|<|duoi) ?(\d+(?:[.,]\d+)?) ?%[^*]{0,60}?(?:\*|\bx|\bnhan(?: voi)?) ?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b",
        )
    });
    static ALL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"100 ?%(?:[^%<]{0,80}?[:=(])? ?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b.{0,40}?(?:<|duoi) ?100 ?% ?[:=(]? ?0 ?(?:d|diem)\b",
        )
    });
    let text = &words.text.text;
    let (part, whole, figures, known) = part_and_whole(words, "");
    let share = |curve, full_from| Rule::Share {
        part: Some(part.clone()),
        whole: Some(whole.clone()),
        value: None,
        curve: Some(curve),
        full_from,
        empty: EMPTY,
        may_exceed: false,
        worth: None,
    };
    let confidence = if known { Confidence::High } else { Confidence::Medium };
    if let Some(found) = ALL.find(text) {
        let rule = share(Curve::AllOrNothing, None);
        return Some(Proposal::new(rule, figures, words.text.printed(found.range()), confidence));
    }
    let full = FULL.captures(text)?;
    let below = BELOW.captures(text)?;
    let (from, same) = (percent(&full[1])?, percent(&below[1])?);
    let range = full.get(0)?.start().min(below.get(0)?.start())..full.get(0)?.end().max(below.get(0)?.end());
    let rule = share(Curve::Proportional, Some(from));
    let proposal = Proposal::new(rule, figures, words.text.printed(range), confidence);
    Some(if from == same {
        proposal
    } else {
        proposal.doubt("hai ngưỡng in khác nhau", "the two thresholds that are printed differ")
    })
}

/// "≥10% (5đ); ≥7% (3,5đ); ≥3% (1,5đ)".
pub fn share_steps(words: &Words<'_>) -> Option<Proposal> {
    static STEP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"(?:>=|>|tu|tren|dat|^|[-;:] ?)(?: ty le)? ?(\d+(?:[.,]\d+)?) ?%",
            r"(?: ?(?:den|-|va)(?: duoi| nho hon)? ?<? ?\d+(?:[.,]\d+)? ?%)?[^%\d]{0,40}?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b"
        ))
    });
    let found: Vec<_> = STEP.captures_iter(&words.text.text).collect();
    let mut steps: Vec<Step> = found
        .iter()
        .filter_map(|found| Some(Step { from: Edge::Share(percent(&found[1])?), points: decimal(&found[2])? }))
        .collect();
    let range = found.first()?.get(0)?.start()..found.last()?.get(0)?.end();
    in_order(&mut steps)?;
    let (part, whole, figures, known) = part_and_whole(words, &words.text.text);
    let rule = Rule::Steps { value: None, part: Some(part), whole: Some(whole), empty: EMPTY, steps };
    let confidence = if known { Confidence::High } else { Confidence::Medium };
    Some(Proposal::new(rule, figures, words.text.printed(range), confidence))
}

/// Steps from the highest down, at least two, the points falling with the edges.
fn in_order(steps: &mut Vec<Step>) -> Option<()> {
    steps.sort_by_key(|step| std::cmp::Reverse(step.from.number()));
    steps.dedup_by_key(|step| step.from.number());
    steps.retain(|step| step.points > Number::ZERO);
    (steps.len() > 1
        && steps.len() <= limits::SEGMENTS_MAX
        && steps.windows(2).all(|pair| pair[0].points > pair[1].points))
    .then_some(())
}

/// "50tr; 25tr; 10 tr": amounts without points; the points fall as the amounts do.
pub fn money_steps(words: &Words<'_>) -> Option<Proposal> {
    static AMOUNTS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:\d+(?:[.,]\d+)? ?(?:tr|trieu)(?: dong)?\b[;,/ -]*){2,}"));
    static AMOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d+(?:[.,]\d+)?) ?tr"));
    let found = AMOUNTS.find(&words.text.text)?;
    let amounts: Vec<Number> = AMOUNT.captures_iter(found.as_str()).filter_map(|amount| decimal(&amount[1])).collect();
    let (top, points) = (*amounts.iter().max()?, words.wording.points?);
    if top <= Number::ZERO {
        return None;
    }
    let mut steps: Vec<Step> = amounts
        .iter()
        .map(|amount| {
            let scaled =
                i128::from(points.millionths()) * i128::from(amount.millionths()) / i128::from(top.millionths());
            Step { from: Edge::Number(*amount), points: Number::from_millionths(scaled as i64) }
        })
        .collect();
    in_order(&mut steps)?;
    let numbers: Vec<Number> = steps.iter().map(|step| step.points).collect();
    let amount =
        figure("amount", format!("Số tiền: {}", short(words.wording.name)), FigureKind::Money, Some("triệu đồng"));
    let rule = Rule::Steps { value: Some("amount".to_owned()), part: None, whole: None, empty: None, steps };
    Some(
        Proposal::new(rule, vec![amount], words.text.printed(found.range()), Confidence::Medium)
            .doubt(
                "văn bản in mức tiền mà không in điểm của từng mức; điểm được chia theo tỷ lệ số tiền",
                "the amounts are printed without points; the points were set in proportion to the amounts",
            )
            .brings(numbers),
    )
}

/// How often in a year: "1 lần/tuần" is 52.
pub fn times_a_year(count: Number, period: &str) -> Number {
    let times = match period {
        "tuan" => 52,
        "thang" => 12,
        "quy" => 4,
        _ => 1,
    };
    Number::from_millionths(count.millionths().saturating_mul(times))
}

/// "20 bài/năm (10đ) - 10-20 bài/năm (5đ) - dưới 10 bài (2,5đ) - 0 bài (0đ)".
pub fn count_steps(words: &Words<'_>) -> Option<Proposal> {
    static RATE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(\d+(?:[.,]\d+)?) ?[a-z]+ ?/ ?(?:1 ?)?(tuan|thang|quy)\b"));
    static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d+) ?(?:-|den) ?(?:duoi )?(\d+)"));
    static BELOW: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:duoi|<|it hon) ?(\d+)"));
    static COUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d+)"));
    static OVER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\btren|\bnhieu hon|\bhon|>) ?(\d+)(?: |$)"));
    let segments = segments(&words.text);
    if segments.len() < 2 || segments.iter().filter(|segment| segment.points > Number::ZERO).count() < 2 {
        return None;
    }
    if segments.iter().any(|segment| is_named_grade(&words.text.text[segment.range.clone()])) {
        return None;
    }
    let mut steps = Vec::new();
    let mut numbers = Vec::new();
    for segment in &segments {
        let text = &words.text.text[segment.range.clone()];
        let from = if let Some(span) = SPAN.captures(text) {
            decimal(&span[1])
        } else if BELOW.is_match(text) {
            // Below the lowest edge, and yet points: from the first one on.
            numbers.push(Number::ONE);
            Some(Number::ONE)
        } else if let Some(rate) = RATE.captures_iter(text).last() {
            let yearly = decimal(&rate[1]).map(|count| times_a_year(count, &rate[2]));
            numbers.extend(yearly);
            yearly
        } else if let Some(over) = OVER.captures(text) {
            // "Trên 10 tin" beside "từ 5 đến 10 tin": the eleventh is the first of them.
            let next = decimal(&over[1]).map(|edge| Number::saturating_sum([edge, Number::ONE]));
            numbers.extend(next);
            next
        } else {
            COUNT.captures(text).and_then(|count| decimal(&count[1]))
        };
        if segment.points > Number::ZERO {
            steps.push(Step { from: Edge::Number(from?), points: segment.points });
        }
    }
    in_order(&mut steps)?;
    let range = segments.first()?.range.start..words.text.text.len();
    let count = figure("count", format!("Số lượng trong năm: {}", short(words.wording.name)), FigureKind::Count, None);
    let rule = Rule::Steps { value: Some("count".to_owned()), part: None, whole: None, empty: None, steps };
    let mut proposal = Proposal::new(rule, vec![count], words.text.printed(range), Confidence::High).brings(numbers);
    // "Có chuyên mục riêng" above the numbers: a condition without points of its own.
    static FIRST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^-? ?((?:co|da co) [a-z ]{4,60}?) - "));
    if let Some(first) = FIRST.captures(&words.text.text).and_then(|found| found.get(1)) {
        let condition = words.text.printed(first.range());
        proposal.figures.push(figure("condition", format!("{condition}?"), FigureKind::YesNo, None));
        proposal.gate = Some(criteria::rule::Gate {
            count: None,
            at_least: None,
            date: None,
            before: None,
            yes: Some("condition".to_owned()),
        });
        proposal = proposal.doubt(
            format!("“{condition}” không có điểm riêng; đọc là điều kiện phải có trước"),
            format!("\"{condition}\" has no points of its own; read as a condition that must hold first"),
        );
        proposal.confidence = Confidence::Medium;
    }
    Some(proposal)
}

/// Whether words name a grade by a number, such as "mức độ 3": an answer, not a count.
fn is_named_grade(text: &str) -> bool {
    static GRADE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:^|\bdat |\bo )(?:muc|muc do|cap|cap do|loai|hang|giai doan|phuong an) [1-9]$"));
    GRADE.is_match(text)
}

/// Whether points are printed for something else than a range of the words.
pub fn gives_points_beside(plain: &Plain<'_>, range: Range<usize>) -> bool {
    segments(plain).iter().any(|one| {
        one.points > Number::ZERO
            && !one.range.is_empty()
            && (one.range.start >= range.end || one.range.end <= range.start)
    })
}

/// "Đã ban hành (10đ) - Chưa ban hành (0đ)": one condition with points, and nothing for its opposite.
pub fn yes_or_no(words: &Words<'_>) -> Option<Proposal> {
    let segments = segments(&words.text);
    let (given, nothing): (Vec<&Segment>, Vec<&Segment>) =
        segments.iter().partition(|segment| segment.points > Number::ZERO);
    let [given] = given.as_slice() else { return None };
    let text = &words.text.text[given.range.clone()];
    if nothing.is_empty() || text.contains('%') || text.contains("ty le") || text.contains('*') {
        return None;
    }
    let rule = Rule::YesNo { asks: format!("{}: đã có chưa?", short(words.wording.name)), figure: None };
    let proposal = Proposal::new(rule, Vec::new(), words.text.printed(0..words.text.text.len()), Confidence::High);
    Some(match words.wording.points {
        Some(points) if points != given.points => {
            let mut proposal = proposal.doubt(
                format!("lời văn ghi {} điểm, cột điểm ghi {points}", given.points),
                format!("the words say {} points, the column says {points}", given.points),
            );
            proposal.confidence = Confidence::Medium;
            proposal
        }
        _ => proposal,
    })
}

/// Conditions with points each that add up: "Có tổ chức: 1 điểm - Người đứng đầu chủ trì: 1 điểm".
pub fn parts(words: &Words<'_>) -> Option<Proposal> {
    static HALF: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:dat |duoc )?(\d+(?:[.,]\d+)?) ?% ?(?:so )?(?:diem|tieu chi)(?: tieu chi)?"));
    static EACH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[-+;.] ?)(100 ?% [a-z])"));
    let points = words.wording.points?;
    let plain = &words.text;
    let mut given: Vec<Segment> = segments(plain).into_iter().filter(|segment| segment.points > Number::ZERO).collect();
    let mut confidence = Confidence::High;
    let sum = |given: &[Segment]| Number::saturating_sum(given.iter().map(|segment| segment.points));
    if given.len() < 2 || sum(&given) != points {
        given.clear();
        let mut from = 0;
        for found in HALF.captures_iter(&plain.text) {
            let (whole, share) = (found.get(0)?, percent(&found[1])?);
            let part = i128::from(points.millionths()) * i128::from(share.number().millionths()) / 1_000_000;
            let range = trimmed(&plain.text, from..whole.start());
            given.push(Segment { range, points: Number::from_millionths(part as i64) });
            from = whole.end();
        }
    }
    let mut doubt = false;
    if given.len() < 2 || sum(&given) != points {
        let starts: Vec<usize> =
            EACH.captures_iter(&plain.text).filter_map(|found| Some(found.get(1)?.start())).collect();
        let ends = starts.iter().skip(1).copied().chain([plain.text.len()]);
        given = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| Segment { range: trimmed(&plain.text, *start..end), points: Number::ZERO })
            .collect();
        let count = i64::try_from(given.len()).ok().filter(|count| *count > 1)?;
        let each = Number::from_millionths(points.millionths() / count);
        given.iter_mut().for_each(|segment| segment.points = each);
        (confidence, doubt) = (Confidence::Medium, true);
    }
    if given.len() < 2 || given.len() > limits::SEGMENTS_MAX || sum(&given) != points {
        return None;
    }
    let numbers: Vec<Number> = given.iter().map(|segment| segment.points).collect();
    let parts = given.iter().enumerate().map(|(index, segment)| part(words, index, segment)).collect();
    let proposal = Proposal::new(Rule::Parts { parts }, Vec::new(), plain.printed(0..plain.text.len()), confidence)
        .brings(numbers);
    Some(if doubt {
        proposal.doubt(
            "các điều kiện không in điểm riêng; điểm được chia đều",
            "the conditions have no points of their own; they were given equal points",
        )
    } else {
        proposal
    })
}

/// Answers that shut each other out, the best with all points: "Chủ tịch là trưởng ban: 20 điểm; Phó Chủ tịch: 10 điểm".
pub fn choice(words: &Words<'_>) -> Option<Proposal> {
    let points = words.wording.points.filter(|points| *points > Number::ZERO)?;
    let segments = segments(&words.text);
    let mut options: Vec<ChoiceOption> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let text = &words.text.text[segment.range.clone()];
        let measures = text.contains(|letter: char| letter.is_ascii_digit() || matches!(letter, '*' | '<' | '>'));
        if text.is_empty() || (measures && !is_named_grade(text)) {
            return None;
        }
        let share = i128::from(segment.points.millionths()) * 100_000_000 / i128::from(points.millionths());
        let share = Share::from_percent(Number::from_millionths(i64::try_from(share).ok()?))?;
        let label = short(words.text.printed(segment.range.clone()));
        options.push(ChoiceOption { id: format!("answer_{}", index + 1), label, share });
    }
    let best = options.iter().map(|option| option.share).max()?;
    let given = options.iter().filter(|option| option.share > Share::NONE).count();
    if given < 2 || best != Share::WHOLE {
        return None;
    }
    if given == options.len() {
        options.push(ChoiceOption { id: "none".to_owned(), label: "Không có".to_owned(), share: Share::NONE });
    }
    let shares: Vec<Number> = options.iter().map(|option| option.share.percent()).collect();
    let rule = Rule::Choice { asks: format!("{}: mức nào?", short(words.wording.name)), options, figure: None };
    let range = 0..words.text.text.len();
    Some(Proposal::new(rule, Vec::new(), words.text.printed(range), Confidence::Medium).brings(shares))
}

fn part(words: &Words<'_>, index: usize, segment: &Segment) -> Part {
    let text = &words.text.text[segment.range.clone()];
    let printed = words.text.printed(segment.range.clone()).replace(super::JOINT, " ");
    let label = short(&printed);
    let number = index + 1;
    let is_share = ["ty le", "ti le", "day du", "100%", "100 %"].iter().any(|sign| text.contains(sign));
    let (rule, figures) = if is_share {
        let (_, whole, mut figures, _) = part_and_whole(words, text);
        // Figures of parts stand side by side in the indicator: each has an id of its own.
        let own = format!("part_{number}");
        let whole = if whole == "whole" { format!("whole_{number}") } else { whole };
        for figure in &mut figures {
            figure.id = if figure.id == "part" { own.clone() } else { whole.clone() };
            if figure.id == own {
                figure.label = format!("Số đạt: {label}");
            }
        }
        let rule = Rule::Share {
            part: Some(own),
            whole: Some(whole),
            value: None,
            curve: Some(Curve::Proportional),
            full_from: None,
            empty: EMPTY,
            may_exceed: false,
            worth: None,
        };
        (rule, figures)
    } else {
        (Rule::YesNo { asks: format!("{label}?"), figure: None }, Vec::new())
    };
    let id = format!("condition_{number}");
    let label = is_share.then_some(label);
    Part { id, label, points: segment.points, figures, rule, gate: None, late: None }
}
