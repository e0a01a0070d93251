//! Wordings that tell what is measured and not how it is scored, as letters that only hand tasks out have them: each
//! proposal is a guess, and says so.

use std::ops::Range;
use std::sync::LazyLock;

use criteria::Number;
use criteria::model::FigureKind;
use criteria::rule::{Better, Curve, PeersMethod, Rule};
use regex::Regex;

use super::super::plain::Plain;
use super::super::values::pattern;
use super::measures::{part_and_whole, whole_of};
use super::shares::ratio;
use super::{Confidence, Proposal, Words, figure, short};

/// Whoever can be counted, one by one, as having done something.
const COUNTED: [&str; 14] = [
    "working_age",
    "age_15",
    "adults",
    "smartphone_users",
    "households",
    "businesses",
    "smes",
    "enterprises",
    "hamlets",
    "staff",
    "workers",
    "civil_servants",
    "public_employees",
    "population",
];
/// Letters after a verb in which those that it is about are named.
const NAMED_WITHIN: usize = 80;
/// Most things that a list may require.
const LISTED_MAX: usize = 30;

fn a_share(words: &Words<'_>, plain: &Plain<'_>, range: Range<usize>, of: &str) -> Proposal {
    let (part, whole, figures, _) = part_and_whole(words, of);
    let rule = ratio(part, whole, Curve::Proportional);
    Proposal::new(rule, figures, plain.printed(range), Confidence::Low).doubt(
        "lời văn không nói cách tính điểm; đọc là tỷ lệ theo nội dung thực hiện",
        "the words do not say how to score; read as a share after what is to be done",
    )
}

/// The beginning of some words up to a number of bytes; plain words are ASCII but for rare letters.
fn upto(words: &str, most: usize) -> &str {
    let mut end = words.len().min(most);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    &words[..end]
}

/// "Mỗi thôn, tổ thành lập một tổ …": how many of them have it.
pub fn one_each(words: &Words<'_>) -> Option<Proposal> {
    static EACH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\bmoi ([a-z, ]{3,40}?) (?:se |phai |deu |can )*(?:thanh lap|bo tri|co|van hanh) (?:it nhat |toi thieu )?(?:mot|1|01) ",
        )
    });
    let found = EACH.captures(&words.guidance.text)?;
    let whom = found.get(1)?.as_str();
    let noun = whole_of(whom).filter(|noun| COUNTED.contains(&noun.id))?;
    // "Mỗi sở, ngành …" is the unit itself, which has it or has it not.
    (whole_of(upto(whom, 14)) == Some(noun)).then_some(())?;
    Some(a_share(words, &words.guidance, found.get(0)?.range(), whom))
}

/// "Tham gia đầy đủ các chương trình …": how many of those that there were.
pub fn in_full(words: &Words<'_>) -> Option<Proposal> {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:tham gia|tham du|thuc hien|cung cap|cap nhat) day du (?:cac|nhung|so) [a-z ]{2,40}")
    });
    let found = FULL.find(&words.guidance.text)?;
    Some(a_share(words, &words.guidance, found.range(), found.as_str()))
}

/// "Khuyến khích người dân đăng ký …", where data of a system shows who did: how many of them.
pub fn encouraged(words: &Words<'_>) -> Option<Proposal> {
    static VERB: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(?:thuc day|khuyen khich|van dong|pho cap)\b[^.;:]{3,}"));
    if !words.evidence.text.contains("du lieu") {
        return None;
    }
    let found = VERB.find(&words.guidance.text)?;
    let named = upto(found.as_str(), NAMED_WITHIN);
    whole_of(named).filter(|noun| COUNTED.contains(&noun.id))?;
    let range = found.start()..found.start() + named.len();
    Some(a_share(words, &words.guidance, range, named))
}

/// "Ban hành các văn bản … trên cơ sở các văn bản của UBND tỉnh": how many of those from above were carried on.
pub fn from_above(words: &Words<'_>) -> Option<Proposal> {
    static ABOVE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:van ban|cong van)[a-z, ]{0,80}\b(?:tren co so|can cu)(?: vao)?(?: cac| so luong)* van ban[a-z ]{0,24} cua ",
            r"(?:ubnd |uy ban nhan dan )?(?:tinh|thanh pho|cap tren|trung uong)"
        ))
    });
    let found = ABOVE.find(&words.guidance.text)?;
    let unit = Some("văn bản");
    let figures = vec![
        figure("part", format!("Số văn bản đã ban hành: {}", short(words.wording.name)), FigureKind::Count, unit),
        figure("whole", "Số văn bản của cấp trên phải triển khai", FigureKind::Count, unit),
    ];
    let rule = ratio("part".to_owned(), "whole".to_owned(), Curve::Proportional);
    let printed = words.guidance.printed(found.range());
    Some(Proposal::new(rule, figures, printed, Confidence::Low).doubt(
        "lời văn không nói cách tính điểm; đọc là tỷ lệ so với số văn bản của cấp trên",
        "the words do not say how to score; read as a share of the documents from above",
    ))
}

/// "Tối thiểu … các chức năng sau: một; hai; ba": as many as are listed.
pub fn listed(words: &Words<'_>) -> Option<Proposal> {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:toi thieu|it nhat)\b[^.;:\d]{3,60}\b(?:sau|gom|sau day|bao gom) ?: ?([^.:]{8,})")
    });
    let (plain, found) =
        [&words.text, &words.guidance].into_iter().find_map(|plain| Some((plain, LIST.captures(&plain.text)?)))?;
    let items = found[1].split(';').filter(|item| item.chars().any(char::is_alphabetic)).count();
    if !(2..=LISTED_MAX).contains(&items) {
        return None;
    }
    let required = Number::whole(i64::try_from(items).ok()?)?;
    let count = figure("count", format!("Số mục đã có: {}", short(words.wording.name)), FigureKind::Count, None);
    let rule = Rule::Required {
        count: "count".to_owned(),
        required: required.to_string(),
        curve: Some(Curve::Proportional),
        last: None,
    };
    let printed = plain.printed(found.get(0)?.range());
    Some(Proposal::new(rule, vec![count], printed, Confidence::Low).brings([required]).doubt(
        format!("văn bản liệt kê {items} mục mà không nói thiếu thì tính thế nào; tạm tính theo tỷ lệ"),
        format!("{items} things are listed, and nothing says what fewer give; in proportion for now"),
    ))
}

/// "Phát sinh số lượng đăng nhập": a number that is held against nothing; "tổng kinh phí chi cho …": an amount likewise.
pub fn against_nothing(words: &Words<'_>) -> Option<Proposal> {
    static COUNT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:phat sinh (?:so luong|so luot)|(?:tren co so|theo|dua tren) (?:so luot|luot)) ([a-z][a-z ]{3,60})",
        )
    });
    static WHOLE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\btren (?:tong )?so\b|/|%|\b(?:ty|ti) (?:le|so)\b|\d ?(?:d|diem)\b|\btoi thieu\b"));
    static AMOUNT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^-? ?(?:tong )?(?:ngan sach|kinh phi|so tien|muc chi) [a-z ]{0,24}\bcho\b"));
    let (text, name) = (&words.text, &words.name);
    if WHOLE.is_match(&text.text) {
        return None;
    }
    let amount = AMOUNT.find(&name.text).filter(|_| words.wording.text.is_empty());
    let label = short(words.wording.name);
    let (printed, value) = match (COUNT.captures(&text.text), amount) {
        (Some(found), _) => {
            let what = text.printed(found.get(1)?.range());
            let value = figure("value", format!("Số lượng {what}: {label}"), FigureKind::Count, None);
            (text.printed(found.get(0)?.range()), value)
        }
        (None, Some(found)) => {
            let value = figure("value", format!("Số tiền: {label}"), FigureKind::Money, Some("đồng"));
            (name.printed(found.range()), value)
        }
        (None, None) => return None,
    };
    let rule = Rule::Peers {
        value: Some("value".to_owned()),
        part: None,
        whole: None,
        empty: None,
        method: PeersMethod::ShareOfBest,
        better: Some(Better::Higher),
    };
    Some(Proposal::new(rule, vec![value], printed, Confidence::Low).doubt(
        "văn bản không nói so với mức nào; tạm so với đơn vị cao nhất",
        "the document does not say against what; against the best unit for now",
    ))
}
