//! What a document leaves open, as readings of the draft: a silent text gets a recorded question, never a quiet default.

use criteria::model::{Indicator, PillarFile, Reading, ReadingStatus, ReadingVariant};
use criteria::rule::{Curve, Empty, Measure, Rule};
use criteria::{Number, Share};

/// Who decides a reading, where the draft cannot know.
const DECIDES: &str = "Cơ quan chủ trì kỳ đánh giá";

/// The readings that the rules of a draft need.
pub fn readings(pillars: &[PillarFile], numbers: &[(String, Vec<Number>)]) -> Vec<Reading> {
    let indicators = || pillars.iter().flat_map(|pillar| &pillar.indicators);
    let at = |asked: &dyn Fn(&Rule) -> bool| -> Vec<String> {
        indicators().filter(|indicator| any(&indicator.rule, asked)).map(|indicator| indicator.id.clone()).collect()
    };
    let minimum = at(&|rule| matches!(rule, Rule::Required { curve: None, .. }));
    let empty = at(&|rule| matches!(rule.measure(), Some(Measure::Share(..))));
    let mut out = Vec::new();
    if !minimum.is_empty() {
        out.push(open(
            "minimum-count",
            minimum,
            "Chưa đủ số tối thiểu thì tính theo tỷ lệ hay không có điểm?",
            "văn bản không nói; tạm đọc theo cách có lợi cho đơn vị",
            vec![
                variant("proportional", "Theo tỷ lệ số đã có trên số tối thiểu", Some(Curve::Proportional), None),
                variant("all-or-nothing", "Không đủ số tối thiểu thì 0 điểm", Some(Curve::AllOrNothing), None),
            ],
        ));
    }
    if !empty.is_empty() {
        out.push(open(
            "empty-whole",
            empty,
            "Khi tổng để tính tỷ lệ bằng 0 thì được bao nhiêu điểm?",
            "văn bản không nói; không có gì để đo thì tạm coi là không áp dụng",
            vec![
                variant("not-applicable", "Tiêu chí không áp dụng", None, Some(Empty::NotApplicable)),
                variant("full", "Đủ điểm", None, Some(Empty::Full)),
                variant("zero", "0 điểm", None, Some(Empty::Zero)),
            ],
        ));
    }
    let unprinted: Vec<(&String, Vec<String>)> = numbers
        .iter()
        .filter_map(|(id, numbers)| {
            let indicator = indicators().find(|indicator| indicator.id == *id)?;
            let missing: Vec<String> =
                numbers.iter().filter(|number| !printed(indicator, **number)).map(ToString::to_string).collect();
            (!missing.is_empty()).then_some((id, missing))
        })
        .collect();
    if !unprinted.is_empty() {
        let mut all: Vec<String> = unprinted.iter().flat_map(|(_, numbers)| numbers.clone()).collect();
        all.sort();
        all.dedup();
        let mut reading = open(
            "derived-numbers",
            unprinted.iter().map(|(id, _)| (*id).clone()).collect(),
            "Những số không in trong lời văn có được tính đúng không?",
            "bản nháp đổi số theo tuần, tháng, quý ra cả năm, chia điểm đều cho các phần hoặc theo mức tiền",
            vec![variant("as-drafted", "Như bản nháp", None, None)],
        );
        reading.numbers = all;
        out.push(reading);
    }
    out
}

fn any(rule: &Rule, asked: &dyn Fn(&Rule) -> bool) -> bool {
    let mut found = false;
    rule.walk(&mut |inner| found |= asked(inner));
    found
}

/// Whether a number stands among the words of an indicator, as a decimal or a share.
fn printed(indicator: &Indicator, number: Number) -> bool {
    if indicator.points == Some(number) || number == Number::ZERO {
        return true;
    }
    let words = [indicator.text.as_deref(), Some(indicator.name.as_str()), indicator.guidance.as_deref()];
    let evidence = indicator.evidence.iter().map(|evidence| evidence.what.as_str());
    words.into_iter().flatten().chain(evidence).any(|words| {
        words.split(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ',' | '.')).any(|word| {
            let read = super::values::decimal(word.trim_matches(['.', ',']));
            read == Some(number) || read.and_then(Share::from_percent).is_some_and(|share| share.number() == number)
        })
    })
}

fn open(id: &str, at: Vec<String>, asks: &str, why: &str, variants: Vec<ReadingVariant>) -> Reading {
    Reading {
        id: id.to_owned(),
        at,
        asks: asks.to_owned(),
        answer: variants.first().map(|variant| variant.id.clone()).unwrap_or_default(),
        why: why.to_owned(),
        decides: DECIDES.to_owned(),
        status: ReadingStatus::Open,
        numbers: Vec::new(),
        variants,
    }
}

fn variant(id: &str, label: &str, curve: Option<Curve>, empty: Option<Empty>) -> ReadingVariant {
    ReadingVariant { id: id.to_owned(), label: label.to_owned(), curve, empty }
}
