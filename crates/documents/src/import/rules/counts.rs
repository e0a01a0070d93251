//! Wordings about how many: a number that is required, so much each, so much lost each.

use std::sync::LazyLock;

use criteria::model::FigureKind;
use criteria::rule::{Curve, Gate, Last, Rule};
use criteria::{Number, Share};
use regex::Regex;

use super::super::plain::Plain;
use super::super::values::{deadlines, decimal, pattern};
use super::bands::times_a_year;
use super::measures::part_and_whole;
use super::{Confidence, EMPTY, Proposal, Words, figure, short};

/// "Mỗi sự cố trừ 1 điểm; ≥ 5 sự cố: không có điểm".
pub fn loss(words: &Words<'_>) -> Option<Proposal> {
    static LOSS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:moi|cu|xay ra|phat sinh|thieu|cham|tre)(?: moi)?(?: mot| 1| 01)? ([a-z][a-z /,]{1,60}?)(?: xay ra)?[:,]? (?:thi )?(?:bi |se )?tru (\d+(?:[.,]\d+)?) ?(?:d|diem)\b",
        )
    });
    static ZERO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:>=|tu) ?(\d+) ?[a-z ]{0,30}?(?:tro len)? ?[:=,]? ?(?:thi )?(?:khong co diem|khong duoc diem|0 ?(?:d|diem)\b)",
        )
    });
    let found = LOSS.captures(&words.text.text)?;
    let zero = ZERO.captures(&words.text.text);
    let zero_from = zero.as_ref().and_then(|zero| decimal(&zero[1]));
    let end = zero.as_ref().and_then(|zero| zero.get(0)).map_or(0, |zero| zero.end()).max(found.get(0)?.end());
    let unit = words.text.printed(found.get(1)?.range());
    let count = figure("count", format!("Số {unit}: {}", short(words.wording.name)), FigureKind::Count, Some(unit));
    let rule = Rule::Loss { count: "count".to_owned(), each: decimal(&found[2])?, zero_from };
    Some(Proposal::new(rule, vec![count], words.text.printed(found.get(0)?.start()..end), Confidence::High))
}

/// "Mỗi hoạt động 1đ, không quá 20 điểm"; "tối đa 10 ý kiến/năm, mỗi ý kiến 1 điểm"; "tham gia 1 cuộc được tính 0,5
/// điểm".
pub fn each(words: &Words<'_>) -> Option<Proposal> {
    static EACH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:(?:moi|cu)(?: mot| 1| 01)?|(?:tham gia|to chuc|co)(?: them)? (?:1|01|mot)) ",
            r"([a-z][a-z /,]{1,60}?)[,(]? ?(?:dat |duoc |thi |tinh |cong |cham |: ?|= ?){0,4}(\d+(?:[.,]\d+)?) ?(?:d|diem)\b"
        ))
    });
    // "01 hội nghị: 2 điểm; tối đa 10 điểm": one of them and what it is worth, with a ceiling that tells that more count.
    static ONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:^|[-+;.(] ?)(?:1|01|mot) ([a-z][a-z /,]{1,60}?)[,(]? ?(?:dat |duoc |thi |tinh |cong |cham |: ?|= ?){1,4}(\d+(?:[.,]\d+)?) ?(?:d|diem)\b",
        )
    });
    static MOST: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(?:toi da|khong qua|khong vuot qua) (\d+(?:[.,]\d+)?) ?([a-z]*)"));
    let text = &words.text.text;
    let found = EACH.captures(text).or_else(|| ONE.captures(text).filter(|_| MOST.is_match(text)))?;
    let whole = found.get(0)?;
    let single = !["moi", "cu"].iter().any(|start| whole.as_str().starts_with(start));
    if single && !MOST.is_match(text) && super::bands::gives_points_beside(&words.text, whole.range()) {
        // "Có từ 02 hội nghị trở lên: 10 điểm; có 01 hội nghị: 5 điểm": steps, not so much each.
        return None;
    }
    let each = decimal(&found[2])?;
    let mut range = found.get(0)?.range();
    let mut doubts = false;
    let ceiling = match MOST.captures(text) {
        Some(most) => {
            let whole = most.get(0)?;
            range = range.start.min(whole.start())..range.end.max(whole.end());
            let most_of = decimal(&most[1])?;
            let is_points = matches!(&most[2], "d" | "diem" | "so" | "");
            let product = i128::from(most_of.millionths()) * i128::from(each.millionths()) / 1_000_000;
            Some(if is_points { most_of } else { Number::from_millionths(i64::try_from(product).ok()?) })
        }
        None => {
            doubts = true;
            words.wording.points
        }
    };
    let unit = words.text.printed(found.get(1)?.range());
    let count = figure("count", format!("Số {unit}: {}", short(words.wording.name)), FigureKind::Count, Some(unit));
    let rule = Rule::Each { count: "count".to_owned(), each, ceiling };
    let confidence = if doubts { Confidence::Medium } else { Confidence::High };
    let proposal = Proposal::new(rule, vec![count], words.text.printed(range), confidence);
    let proposal = proposal.brings(ceiling);
    Some(match (ceiling, words.wording.points) {
        (Some(ceiling), Some(points)) if ceiling != points => proposal.doubt(
            format!("mức tối đa theo lời văn là {ceiling}, cột điểm ghi {points}"),
            format!("the words allow {ceiling} at most, the column says {points}"),
        ),
        _ => proposal,
    })
}

/// "≥ 4 hội nghị: 20 điểm; dưới 4 hội nghị: số hội nghị/4*20 điểm".
pub fn reach(words: &Words<'_>) -> Option<Proposal> {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:>=|>|tu|toi thieu|it nhat) ?(\d{1,5}) ?([a-z]+(?: [a-z]+)?)[a-z ]{0,30}?[:=(] ?\d+(?:[.,]\d+)? ?(?:d|diem)\b",
        )
    });
    static BELOW: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"/ ?(\d{1,5})\)? ?(?:\*|x) ?\d+(?:[.,]\d+)? ?(?:d|diem)\b"));
    let text = &words.text.text;
    let (full, below) = (FULL.captures(text)?, BELOW.captures(text)?);
    if full[1] != below[1] || text.contains('%') {
        return None;
    }
    let unit = words.text.printed(full.get(2)?.range());
    let label = format!("Số lượng: {}", short(words.wording.name));
    let rule = Rule::Required {
        count: "count".to_owned(),
        required: decimal(&full[1])?.to_string(),
        curve: Some(Curve::Proportional),
        last: None,
    };
    let range = full.get(0)?.start()..below.get(0)?.end().max(full.get(0)?.end());
    let count = figure("count", label, FigureKind::Count, Some(unit));
    Some(Proposal::new(rule, vec![count], words.text.printed(range), Confidence::High))
}

/// A number that is required, where it stands, and what it is counted in.
struct Needed {
    number: Number,
    percent: bool,
    unit: String,
    range: std::ops::Range<usize>,
}

fn needed(plain: &Plain<'_>) -> Option<Needed> {
    static YEARLY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:toi thieu|it nhat) (?:1|01|mot|hang|moi) nam [a-z ]{0,30}?(\d{1,4})()() ([a-z]+(?: [a-z]+)?)")
    });
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:toi thieu|it nhat)(?: la| co| phai co)? (\d{1,6}(?:[.,]\d+)?)()( ?%)? ?([a-z]+(?: [a-z]+)?)?")
    });
    static ONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\btoi thieu (?:la |co )?(mot)()() ([a-z]+(?: [a-z]+)?)"));
    static REACHED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:dat|tu) (?:ty le )?(?:tren |>=? ?|tu )?([1-9]\d?(?:[.,]\d+)?)()( ?%) tro len()")
    });
    static TAIL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^[a-z ]{0,40}?(?:/|tren|trong|moi) ?(?:1 |01 |mot )?(tuan|thang|quy)\b"));
    static FRONT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:toi thieu )?(?:1|01|mot|moi|hang) (tuan|thang|quy) (?:co |phai co )?(?:toi thieu )?(\d{1,4}) ([a-z]+(?: [a-z]+)?)",
        )
    });
    let text = &plain.text;
    if let Some(found) = FRONT.captures(text) {
        let number = times_a_year(decimal(&found[2])?, &found[1]);
        let unit = plain.printed(found.get(3)?.range()).to_owned();
        return Some(Needed { number, percent: false, unit, range: found.get(0)?.range() });
    }
    let found = YEARLY
        .captures(text)
        .or_else(|| BARE.captures(text))
        .or_else(|| ONE.captures(text))
        .or_else(|| REACHED.captures(text))?;
    let whole = found.get(0)?;
    let percent = found.get(3).is_some_and(|sign| sign.as_str().contains('%'));
    let unit = found.get(4).map_or("", |unit| plain.printed(unit.range())).to_owned();
    let mut number = if &found[1] == "mot" { Number::ONE } else { decimal(&found[1])? };
    let mut range = whole.range();
    // The period may stand behind the unit or be the unit's end: look from behind the number.
    let behind = found.get(1)?.end();
    if let Some(tail) = TAIL.captures(&text[behind..]).filter(|_| !percent) {
        number = times_a_year(number, &tail[1]);
        range.end = range.end.max(behind + tail.get(0)?.end());
    }
    Some(Needed { number, percent, unit, range })
}

/// "Tối thiểu 24 tin bài"; "tối thiểu 1 tin bài/1 tháng"; "tối thiểu 50% người lao động".
pub fn required(words: &Words<'_>) -> Option<Proposal> {
    static LAST: LazyLock<Regex> = LazyLock::new(|| pattern(r"\blan cuoi[^\d]{0,50}(\d{1,2}[/.]\d{1,2})"));
    static PROPORTION: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"theo (?:ty|ti) le|quy doi|(?:1|01|mot) [a-z ]{2,12}(?:thi )?(?:dat|:)? ?\d+ ?%"));
    static READ: LazyLock<Regex> = LazyLock::new(|| pattern(r"du co so|tinh tren (?:ty|ti) le|(?:ty|ti) le nguoi"));
    let sources = [&words.text, &words.name, &words.evidence, &words.guidance];
    let (place, plain, found) =
        sources.into_iter().enumerate().find_map(|(place, plain)| Some((place, plain, needed(plain)?)))?;
    let printed = plain.printed(found.range.clone());
    let confidence = if place == 0 && !words.wording.text.is_empty() { Confidence::High } else { Confidence::Medium };
    if found.percent {
        let (part, whole, figures, _) = part_and_whole(words, &plain.text[found.range.start..]);
        let rule = Rule::Share {
            part: Some(part),
            whole: Some(whole),
            value: None,
            curve: Some(Curve::Proportional),
            full_from: Share::parse(&format!("{}%", found.number)),
            empty: EMPTY,
            may_exceed: false,
            worth: None,
        };
        return Some(Proposal::new(rule, figures, printed, confidence.min(Confidence::Medium)));
    }
    // A share told in the name or the words outweighs a number that stands in the evidence.
    if place > 1 && super::shares::tells_share(words) {
        return None;
    }
    if READ.is_match(&plain.text) && plain.text.contains("tin") {
        let (part, whole, mut figures, _) = part_and_whole(words, &plain.text[found.range.end..]);
        figures.push(figure("items", format!("Số {}", found.unit), FigureKind::Count, Some(&found.unit)));
        let rule = Rule::Share {
            part: Some(part),
            whole: Some(whole),
            value: None,
            curve: None,
            full_from: None,
            empty: EMPTY,
            may_exceed: false,
            worth: None,
        };
        let mut proposal = Proposal::new(rule, figures, printed, Confidence::Medium);
        proposal.gate = Some(Gate {
            count: Some("items".to_owned()),
            at_least: Some(found.number),
            date: None,
            before: None,
            yes: None,
        });
        return Some(proposal);
    }
    let unit = if found.unit.is_empty() { None } else { Some(found.unit.as_str()) };
    let mut figures =
        vec![figure("count", format!("Số lượng: {}", short(words.wording.name)), FigureKind::Count, unit)];
    let last = LAST.captures(&plain.text).and_then(|last| deadlines(&last[1]).first().copied());
    if last.is_some() {
        figures.push(figure("last_date", "Ngày của lần cuối cùng", FigureKind::Date, None));
    }
    let proportional = PROPORTION.is_match(&plain.text) || PROPORTION.is_match(&words.name.text);
    let rule = Rule::Required {
        count: "count".to_owned(),
        required: found.number.to_string(),
        curve: proportional.then_some(Curve::Proportional),
        last: last.map(|before| Last { date: "last_date".to_owned(), before }),
    };
    let proposal = Proposal::new(rule, figures, printed, confidence).brings([found.number]);
    Some(if proportional {
        proposal
    } else {
        proposal.doubt(
            "văn bản không nói khi chưa đủ số thì tính thế nào; tạm tính theo tỷ lệ",
            "the document does not say what a smaller number gives; in proportion for now",
        )
    })
}
