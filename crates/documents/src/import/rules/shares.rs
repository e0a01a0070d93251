//! Wordings about shares of a whole and positions among peers.

use std::sync::LazyLock;

use criteria::model::FigureKind;
use criteria::rule::{Better, Curve, PeersMethod, Rule};
use regex::Regex;

use super::super::values::{decimal, pattern};
use super::measures::part_and_whole;
use super::{Confidence, EMPTY, Proposal, Words, figure, short};

pub fn ratio(part: String, whole: String, curve: Curve) -> Rule {
    Rule::Share {
        part: Some(part),
        whole: Some(whole),
        value: None,
        curve: Some(curve),
        full_from: None,
        empty: EMPTY,
        may_exceed: false,
        worth: None,
    }
}

/// "Tính theo MIN/MAX"; "doanh thu … tỷ lệ thuận theo số điểm".
pub fn peers(words: &Words<'_>) -> Option<Proposal> {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(?(?:tinh theo |theo )?min ?[/-] ?max\)?"));
    static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^-? ?(?:doanh thu|kinh phi|tong kinh phi|so tien|gia tri|tong chi|luot|so luot)\b[^%]*(?:ty le thuan|ti le thuan|cang (?:cao|nhieu|lon)[^.]{0,20}diem cang cao)",
        )
    });
    static RATIO: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z)] ?/ ?[a-z]"));
    let text = &words.text.text;
    if let Some(found) = SPAN.find(text) {
        let ratio = RATIO.is_match(&text[..found.start()]) || text.starts_with("ty le") || text.starts_with("ti le");
        let (part, whole, figures, known) = part_and_whole(words, text);
        let (value, part, whole, figures) = if ratio {
            (None, Some(part), Some(whole), figures)
        } else {
            let value = figure("value", format!("Số liệu: {}", short(words.wording.name)), FigureKind::Number, None);
            (Some("value".to_owned()), None, None, vec![value])
        };
        let empty = EMPTY.filter(|_| ratio);
        let rule = Rule::Peers { value, part, whole, empty, method: PeersMethod::MinMax, better: Some(Better::Higher) };
        let confidence = if known || !ratio { Confidence::High } else { Confidence::Medium };
        return Some(Proposal::new(rule, figures, words.text.printed(0..text.len()), confidence));
    }
    let found = AMOUNT.find(text)?;
    let amount = figure("amount", format!("Số tiền: {}", short(words.wording.name)), FigureKind::Money, Some("đồng"));
    let rule = Rule::Peers {
        value: Some("amount".to_owned()),
        part: None,
        whole: None,
        empty: None,
        method: PeersMethod::ShareOfBest,
        better: Some(Better::Higher),
    };
    Some(Proposal::new(rule, vec![amount], words.text.printed(found.range()), Confidence::Medium).doubt(
        "văn bản không nói so với mức nào; tạm so với đơn vị cao nhất",
        "the document does not say against what; against the best unit for now",
    ))
}

/// "Không có … hoặc nếu có thì 100% đã được xử lý"; "tỷ lệ đã xử lý/tổng sự cố".
pub fn handled(words: &Words<'_>) -> Option<Proposal> {
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\bkhong (?:co|xay ra|phat sinh|de xay ra)[^.]{0,60}(?:hoac|neu co|toi da|100 ?%|dat \d)")
    });
    static DONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:xu ly|khac phuc|loai bo)\b"));
    static RATIO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:da|duoc) (?:xu ly|khac phuc)[^.]{0,60}(?:/|tren|theo) ?(?:so luong |tong |so )*(?:su co|van ban|canh bao|may)",
        )
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:duoc phat hien[^.]{0,40}xu ly|(?:su co|ma doc|virus)[^.]{0,20}da (?:duoc )?xu ly|khac phuc[^.]{0,20}(?:su co|ma doc|virus)|su co da xu ly)",
        )
    });
    let (text, name) = (&words.text.text, &words.name.text);
    let (printed, confidence) = if let Some(found) = NONE.find(text).filter(|_| DONE.is_match(text)) {
        (words.text.printed(found.range()), Confidence::High)
    } else if let Some(found) = RATIO.find(text) {
        (words.text.printed(found.range()), Confidence::High)
    } else {
        let found = NAMED.find(name)?;
        (words.name.printed(found.range()), Confidence::Medium)
    };
    let name = short(words.wording.name);
    let figures = vec![
        figure("happened", format!("Số đã xảy ra hoặc được phát hiện: {name}"), FigureKind::Count, None),
        figure("handled", format!("Số đã xử lý: {name}"), FigureKind::Count, None),
    ];
    let rule = Rule::Handled { handled: "handled".to_owned(), happened: "happened".to_owned() };
    Some(Proposal::new(rule, figures, printed, confidence))
}

/// "Tỷ lệ × 10 điểm".
pub fn times_points(words: &Words<'_>) -> Option<Proposal> {
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:(?:ty|ti) (?:le|so)|so|diem)\b([^*]{0,160}?) ?(?:\*|\bnhan voi|\bnhan|\bx) ?(\d+(?:[.,]\d+)?)(?: ?(?:d|diem)\b|[ ;.)]|$)",
        )
    });
    let text = &words.text.text;
    let found = TIMES.captures(text)?;
    let of = found.get(1)?;
    let behind = of.as_str().rsplit_once('/').map_or("", |(_, whole)| whole);
    let (part, whole, figures, known) = part_and_whole(words, behind);
    let mut rule = ratio(part, whole, Curve::Proportional);
    let worth_printed = decimal(&found[2])?;
    let mut proposal = |confidence| {
        let differs = words.wording.points.is_some_and(|points| points != worth_printed);
        if let (Rule::Share { worth, .. }, true) = (&mut rule, differs) {
            *worth = Some(worth_printed);
        }
        let range = found.get(0).map_or(0..0, |whole| whole.range());
        let proposal = Proposal::new(rule.clone(), figures.clone(), words.text.printed(range), confidence);
        if differs {
            proposal.doubt(
                format!("lời văn nhân với {worth_printed}, cột điểm ghi số khác"),
                format!("the words multiply by {worth_printed}, the column says otherwise"),
            )
        } else {
            proposal
        }
    };
    Some(proposal(if known { Confidence::High } else { Confidence::Medium }))
}

/// "Lây nhiễm càng nhiều điểm càng thấp".
pub fn inverse(words: &Words<'_>) -> Option<Proposal> {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"cang (?:nhieu|cao|lon)[^.]{0,40}cang (?:thap|giam|it)|cang (?:it|thap)[^.]{0,40}diem[^.]{0,12}cang cao",
        )
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:(?:ty|ti) le|muc do|so) (?:[a-z]+ ){0,2}?(?:buc xuc|vi pham|qua han|tre han|lay nhiem|khong hai long|bi tra lai)",
        )
    });
    let (printed, confidence) = match (TOLD.find(&words.text.text), NAMED.find(&words.name.text)) {
        (Some(found), _) => (words.text.printed(found.range()), Confidence::High),
        (None, Some(found)) => (words.name.printed(found.range()), Confidence::Low),
        (None, None) => return None,
    };
    let (part, whole, figures, _) = part_and_whole(words, &words.text.text);
    let proposal = Proposal::new(ratio(part, whole, Curve::Inverse), figures, printed, confidence);
    Some(if confidence == Confidence::Low {
        proposal
            .doubt("đoán từ tên: tỷ lệ càng thấp càng tốt", "guessed from the name: the lower the share, the better")
    } else {
        proposal
    })
}

static WHOLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"100 ?% ([a-z]+(?: [a-z]+)*)"));
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:ty|ti) le thuan|cang cao (?:thi )?diem cang cao|theo (?:ty|ti) le|(?:ty|ti) (?:le|so)\b|tren (?:tong )?so\b",
        r"|(?:tinh|so luong|du lieu)[^.;]{0,60}theo so luong|tren so luong|can cu (?:va|vao)? ?so luong|tren co so so luong|co so (?:ty|ti) le"
    ))
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^-? ?(?:ty|ti) (?:le|so)\b|^-? ?muc do hai long"));

/// Whether the words or the name speak of a share.
pub fn tells_share(words: &Words<'_>) -> bool {
    TOLD.is_match(&words.text.text) || NAMED.is_match(&words.name.text)
}

/// "100% hộ gia đình …"; "tỷ lệ thuận theo số điểm"; "theo số lượng … trên số lượng …"; a name that begins with "Tỷ lệ".
fn share_of_words(words: &Words<'_>) -> Option<(std::ops::Range<usize>, Confidence)> {
    let text = &words.text.text;
    let of_points = |words: &str| ["diem", "tieu chi", "so diem"].iter().any(|start| words.starts_with(start));
    let whole = WHOLE.captures_iter(text).find(|found| !of_points(&found[1]));
    if let Some(found) = whole.and_then(|found| found.get(0)) {
        return Some((found.range(), Confidence::High));
    }
    TOLD.find(text).map(|found| (found.range(), Confidence::High))
}

/// A share of a whole, in proportion.
pub fn share(words: &Words<'_>) -> Option<Proposal> {
    static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^-? ?(?:so luong|so (?:ho|nguoi|dan|can bo|cong chuc|nhan su))\b|\b(?:tham gia|thuc hien) day du\b|khong phat sinh buoc",
        )
    });
    let text = &words.text.text;
    let told = share_of_words(words);
    let (printed, of, confidence) = match told {
        Some((range, confidence)) => (words.text.printed(range.clone()), &text[range.start..], confidence),
        None => match (NAMED.find(&words.name.text), COUNTED.find(text)) {
            (Some(found), _) => (words.name.printed(found.range()), words.name.text.as_str(), Confidence::Medium),
            (None, Some(found)) => (words.text.printed(found.range()), text.as_str(), Confidence::Low),
            (None, None) => return guided(words).filter(|_| words.wording.text.is_empty()),
        },
    };
    let (part, whole, figures, known) = part_and_whole(words, of);
    let confidence = if known { confidence } else { confidence.min(Confidence::Medium) };
    let proposal = Proposal::new(ratio(part, whole, Curve::Proportional), figures, printed, confidence);
    Some(if confidence == Confidence::High {
        proposal
    } else {
        proposal.doubt("phần hoặc tổng của tỷ lệ được đoán", "the part or the whole of the share was guessed")
    })
}

/// A share that only what is to be done names: "đảm bảo 100% công chức được trang bị …".
pub fn guided(words: &Words<'_>) -> Option<Proposal> {
    static GUIDED: LazyLock<Regex> = LazyLock::new(|| pattern(r"100 ?% [a-z]+|\b(?:ty|ti) le [a-z]+"));
    let found = GUIDED.find(&words.guidance.text)?;
    let (part, whole, figures, _) = part_and_whole(words, &words.guidance.text[found.start()..]);
    let rule = ratio(part, whole, Curve::Proportional);
    let printed = words.guidance.printed(found.range());
    Some(Proposal::new(rule, figures, printed, Confidence::Low).doubt(
        "lời văn không nói cách tính điểm; đọc là tỷ lệ theo nội dung thực hiện",
        "the words do not say how to score; read as a share after what is to be done",
    ))
}
