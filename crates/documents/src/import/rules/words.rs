//! Wordings that stand by themselves: a sum of children, the head or the deputy, lateness, something done, exemptions.

use std::sync::LazyLock;

use criteria::date::MonthDay;
use criteria::model::FigureKind;
use criteria::rule::{ChoiceOption, Late, Rule};
use criteria::{Number, Share};
use regex::Regex;

use super::super::plain::Plain;
use super::super::values::{decimal, pattern};
use super::{Confidence, Proposal, Words, exempt, figure, short};

/// The words of the evidence that tell how to score: those in brackets, else all.
pub fn scoring_words(evidence: &str) -> &str {
    match (evidence.find('('), evidence.rfind(')')) {
        (Some(open), Some(close)) if close > open + 12 => &evidence[open + 1..close],
        _ => evidence,
    }
}

/// "Điểm tối đa" and "1/2 điểm tối đa" as the points that they are.
pub fn points_in_words(text: &mut Plain<'_>, points: Number) {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:\b([1-9]) ?/ ?([1-9]) ?\*? ?)?\b(?:(?:so )?diem toi da|toi da (?:so )?diem)\b(?: [(]?\d+(?:[.,]\d+)? ?(?:diem|d)\b[)]?)?",
        )
    });
    text.put(&WORDS, |found| {
        let digit = |index| found.get(index).and_then(|digit: regex::Match<'_>| digit.as_str().parse::<i64>().ok());
        let share = match (digit(1), digit(2)) {
            (Some(part), Some(whole)) => points.millionths().saturating_mul(part) / whole,
            _ => points.millionths(),
        };
        format!("{} diem", Number::from_millionths(share))
    });
}

/// "Cộng điểm từ 5.11.1 đến 5.11.6".
pub fn sum(words: &Words<'_>) -> Option<Proposal> {
    static SUM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:cong|tong) (?:so )?diem (?:cua )?(?:tu |cac (?:chi so|tieu chi) (?:tu )?)?(\d+(?:\.\d+)*) ?(?:den|-) ?(\d+(?:\.\d+)*)",
        )
    });
    let found = SUM.captures(&words.text.text)?;
    let number = |text: &str| -> Vec<u32> { text.split('.').filter_map(|step| step.parse().ok()).collect() };
    let (from, to) = (number(&found[1]), number(&found[2]));
    let of: Vec<String> = words
        .wording
        .ids
        .iter()
        .filter(|id| *id != words.wording.id)
        .filter(|id| {
            let steps: Vec<u32> = id.split('.').filter_map(|step| step.parse().ok()).collect();
            steps.len() == from.len() && steps >= from && steps <= to
        })
        .cloned()
        .collect();
    let range = found.get(0)?.range();
    (of.len() > 1).then(|| Proposal::new(Rule::Sum { of }, Vec::new(), words.text.printed(range), Confidence::High))
}

/// "Người đứng đầu … đạt 100% … cấp phó … đạt 50%".
pub fn head_or_deputy(words: &Words<'_>) -> Option<Proposal> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"nguoi dung dau[^%]{0,160}?(\d{1,3}) ?%[^%]{0,60}?\b(?:cap )?pho\b[^%]{0,160}?(\d{1,3}(?:[.,]\d+)?) ?%",
        )
    });
    let found = HEAD.captures(&words.text.text)?;
    let share = |text: &str| decimal(text).and_then(|percent| Share::parse(&format!("{percent}%")));
    let (head, deputy) = (share(&found[1])?, share(&found[2])?);
    let option = |id: &str, label: &str, share| ChoiceOption { id: id.to_owned(), label: label.to_owned(), share };
    let rule = Rule::Choice {
        asks: format!("{}: ai thực hiện?", short(words.wording.name)),
        options: vec![
            option("head", "Người đứng đầu", head),
            option("deputy", "Cấp phó", deputy),
            option("none", "Chưa có", Share::NONE),
        ],
        figure: None,
    };
    Some(Proposal::new(rule, Vec::new(), words.text.printed(found.get(0)?.range()), Confidence::High))
}

/// "Ban hành trong tháng 1 đạt tối đa điểm, sau thời gian trên đạt 50% số điểm".
pub fn late(words: &Words<'_>) -> Option<Proposal> {
    static LATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:trong thang|truoc het thang|het thang) (\d{1,2})\b.{0,80}?\bsau\b.{0,60}?(\d{1,2}(?:[.,]\d+)?) ?%",
        )
    });
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:truoc|den) (?:ngay )?(\d{1,2}[/.]\d{1,2})\b.{0,80}?\b(?:sau|tre|cham|muon)\b.{0,60}?(\d{1,2}(?:[.,]\d+)?) ?%",
        )
    });
    let text = &words.text.text;
    let (found, after) = match LATE.captures(text) {
        Some(found) => {
            let month: u8 = found[1].parse().ok()?;
            let day = [31, 30, 29, 28].into_iter().find_map(|day| MonthDay::parse(&format!("{month:02}-{day:02}")));
            (found, day?)
        }
        None => {
            let found = DAY.captures(text)?;
            let day = super::super::values::deadlines(&found[1]).first().copied()?;
            (found, day)
        }
    };
    let factor = decimal(&found[2]).and_then(|percent| Share::parse(&format!("{percent}%")))?;
    let rule = Rule::YesNo { asks: format!("{}: đã có chưa?", short(words.wording.name)), figure: None };
    let issued = figure("issued", "Ngày ban hành", FigureKind::Date, None);
    let words = words.text.printed(found.get(0)?.range());
    let mut proposal = Proposal::new(rule, vec![issued], words, Confidence::High);
    proposal.late = Some(Late { date: "issued".to_owned(), after, factor });
    Some(proposal)
}

/// "Ban hành trước 31/01: 10 điểm; sau 31/01: 5 điểm; chưa ban hành: 0 điểm": the points after the day as a factor.
pub fn late_points(words: &Words<'_>) -> Option<Proposal> {
    static LATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:truoc|den|trong|dung han|cham nhat)(?: het)?(?: ngay| thang)? ?(\d{1,2}(?:[/.]\d{1,2})?)(?:[/.]\d{4})?[a-z )]{0,30}[:=(] ?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b",
            r".{0,40}?\b(?:sau|tre|cham|muon)\b[^:;=]{0,60}[:=(] ?(\d+(?:[.,]\d+)?) ?(?:d|diem)\b"
        ))
    });
    let found = LATE.captures(&words.text.text)?;
    let (all, rest) = (decimal(&found[2])?, decimal(&found[3])?);
    if rest <= Number::ZERO || rest >= all || words.wording.points.is_some_and(|points| points != all) {
        return None;
    }
    let day = if found[1].contains(['/', '.']) { found[1].to_owned() } else { format!("thang {}", &found[1]) };
    let after = super::super::values::deadlines(&day).first().copied()?;
    let percent = i128::from(rest.millionths()) * 100_000_000 / i128::from(all.millionths());
    let factor = Share::from_percent(Number::from_millionths(i64::try_from(percent).ok()?))?;
    let rule = Rule::YesNo { asks: format!("{}: đã có chưa?", short(words.wording.name)), figure: None };
    let issued = figure("issued", "Ngày hoàn thành", FigureKind::Date, None);
    let printed = words.text.printed(found.get(0)?.range());
    let mut proposal = Proposal::new(rule, vec![issued], printed, Confidence::High).brings([factor.percent()]);
    proposal.late = Some(Late { date: "issued".to_owned(), after, factor });
    Some(proposal)
}

/// Something is there or is not: "đã ban hành", "có văn bản triển khai", "kết nối thành công", or evidence that is a
/// paper to be issued.
pub fn done(words: &Words<'_>) -> Option<Proposal> {
    static DONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:da (?:co|dua|ban hanh|trien khai|thanh lap|bo tri)|duoc (?:ban hanh|dua vao su dung|phe duyet)|co (?:van ban|ke hoach|quyet dinh|chuyen muc|khoi tao|to chuc|tham gia|van hanh|cap nhat|nhan su|bo tri|su dung|trien khai|it nhat|du lieu|phat sinh|ban hanh)|(?:it nhat|co) (?:mot|1|01) |thanh cong|thong ke day du|thanh lap|ban hanh|hoan thanh|chuyen trach trong quyet dinh|nhiem vu chuyen trach|ra soat|trien khai theo|nguoi dung dau|phan cong|co phat sinh|phat sinh|khong (?:co|xay ra|de xay ra))",
        )
    });
    static PAPER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:quyet dinh|ke hoach|nghi quyet|van ban|cong van|bien ban|thong bao|bao cao)\b")
    });
    let rule = Rule::YesNo { asks: format!("{}: đã thực hiện chưa?", short(words.wording.name)), figure: None };
    if let Some(found) = DONE.find(&words.text.text) {
        let sure = words.text.text.len() < 90 && !words.wording.text.is_empty();
        let confidence = if sure { Confidence::Medium } else { Confidence::Low };
        return Some(Proposal::new(rule, Vec::new(), words.text.printed(found.range()), confidence));
    }
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:ban hanh|thanh lap|kien toan|xay dung|trien khai|thuc hien|to chuc|su dung|tham gia|cung cap|cong khai|cai dat|so hoa|co) ",
        )
    });
    let named = DONE.find(&words.name.text).or_else(|| BEGINS.find(&words.name.text));
    let (plain, found) = match (named, PAPER.find(&words.evidence.text)) {
        (Some(found), _) => (&words.name, found),
        (None, Some(found)) => (&words.evidence, found),
        (None, None) => return None,
    };
    Some(Proposal::new(rule, Vec::new(), plain.printed(found.range()), Confidence::Low).doubt(
        "lời văn không nói cách tính điểm; đọc là có hoặc không",
        "the words do not say how to score; read as yes or no",
    ))
}

/// "khi đã triển khai", "sẽ không đánh giá tiêu chí này": when the indicator does not apply.
pub fn exemptions(words: &Words<'_>, proposal: &mut Proposal) {
    static EXEMPT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:khi (?:nen tang )?(?:da )?(?:duoc )?trien khai|khi co trien khai|[^.;()]{0,140}(?:khong danh gia|khong tinh tieu chi|khong tinh diem|khong ap dung|khong cham)[^.;()]{0,80})",
        )
    });
    for plain in [&words.name, &words.text] {
        if let Some(found) = EXEMPT.find(&plain.text) {
            let printed = plain.printed(found.range()).trim_start_matches(['-', ' ']).to_owned();
            // A quotation that a page parts stands in two places; the whole words stay in the text.
            if !printed.contains(super::JOINT) && !proposal.figures.iter().any(|figure| figure.id == "applies") {
                exempt(proposal, &printed);
                proposal.words.push(printed);
            }
            return;
        }
    }
}
