//! Proposals: which rule the words of an indicator ask for, the words that say so, and how sure that is.
//!
//! Each recogniser knows one wording; the first that speaks up decides. They know kinds of wording, never a document:
//! no criterion is named here. What none of them knows is left to the appraiser, and said to be so.

mod bands;
mod counts;
mod measures;
mod shares;
mod untold;
mod words;

use criteria::model::{Exempt, ExemptIs, Figure, FigureKind};
use criteria::rule::{Empty, Gate, Late, Rule};
use criteria::{Number, Text};
use serde::Serialize;

use super::plain::Plain;

pub use measures::{Noun, whole_of};

/// Joins passages of one cell that a page parts.
pub const JOINT: &str = criteria::quote::ELLIPSIS;

/// What a whole of zero gives in a draft; a reading records the question.
const EMPTY: Option<Empty> = Some(Empty::NotApplicable);

/// How sure a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A guess that a person has to make anew.
    Low,
    /// The kind is told, something in it is not.
    Medium,
    /// The words leave nothing open.
    High,
}

/// The words of one indicator.
#[derive(Clone, Debug)]
pub struct Wording<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its points.
    pub points: Option<Number>,
    /// The words that should say how it is scored.
    pub text: &'a str,
    /// What is to be done.
    pub guidance: &'a str,
    /// What proves it.
    pub evidence: &'a str,
    /// The ids of the set's indicators.
    pub ids: &'a [String],
    /// The unit profile that the document prints.
    pub profile: &'a [Figure],
}

/// A rule with the words that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The rule.
    pub rule: Rule,
    /// The figures that it needs.
    pub figures: Vec<Figure>,
    /// A condition that must hold first.
    pub gate: Option<Gate>,
    /// What lateness costs.
    pub late: Option<Late>,
    /// When it does not apply.
    pub exempt: Vec<Exempt>,
    /// The words that it rests on, as printed.
    pub words: Vec<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Numbers that the rule needs and the words do not print.
    pub numbers: Vec<Number>,
    /// What is unsure.
    pub doubts: Vec<Text>,
}

impl Proposal {
    fn new(rule: Rule, figures: Vec<Figure>, words: &str, confidence: Confidence) -> Self {
        let words = vec![words.trim().to_owned()];
        Self {
            rule,
            figures,
            gate: None,
            late: None,
            exempt: Vec::new(),
            words,
            confidence,
            numbers: Vec::new(),
            doubts: Vec::new(),
        }
    }

    fn brings(mut self, numbers: impl IntoIterator<Item = Number>) -> Self {
        self.numbers.extend(numbers);
        self
    }

    fn doubt(mut self, vi: impl Into<String>, en: impl Into<String>) -> Self {
        self.doubts.push(Text::new(vi, en));
        self
    }
}

/// The wording with its plain forms, made once.
struct Words<'a> {
    wording: &'a Wording<'a>,
    name: Plain<'a>,
    /// The words that say how it is scored: the conditions, else what the evidence says in brackets, else the evidence.
    text: Plain<'a>,
    guidance: Plain<'a>,
    evidence: Plain<'a>,
}

type Recogniser = fn(&Words<'_>) -> Option<Proposal>;

/// The recognisers, those with the more telling words first.
const RECOGNISERS: [Recogniser; 28] = [
    words::sum,
    words::head_or_deputy,
    words::late,
    words::late_points,
    counts::loss,
    counts::each,
    bands::threshold,
    bands::share_steps,
    bands::money_steps,
    shares::peers,
    shares::handled,
    counts::reach,
    bands::count_steps,
    bands::yes_or_no,
    bands::parts,
    bands::choice,
    shares::times_points,
    shares::inverse,
    counts::required,
    shares::share,
    untold::one_each,
    untold::in_full,
    untold::from_above,
    untold::listed,
    untold::against_nothing,
    untold::encouraged,
    words::done,
    shares::guided,
];

/// What the words of an indicator ask for.
pub fn propose(wording: &Wording<'_>) -> Proposal {
    let text = if wording.text.is_empty() { words::scoring_words(wording.evidence) } else { wording.text };
    let mut words = Words {
        wording,
        name: Plain::new(wording.name),
        text: Plain::new(text),
        guidance: Plain::new(wording.guidance),
        evidence: Plain::new(wording.evidence),
    };
    if let Some(points) = wording.points {
        words::points_in_words(&mut words.text, points);
    }
    let found = RECOGNISERS.iter().find_map(|recognise| recognise(&words));
    let mut proposal = found.unwrap_or_else(|| judged(&words));
    words::exemptions(&words, &mut proposal);
    if wording.points.is_none() {
        proposal.confidence = proposal.confidence.min(Confidence::Medium);
    }
    proposal
}

/// No way to compute is told: a person gives the points.
fn judged(words: &Words<'_>) -> Proposal {
    let rule = Rule::Judged { asks: format!("{}: mức độ đạt được?", short(words.wording.name)) };
    Proposal::new(rule, Vec::new(), words.wording.text, Confidence::Low).doubt(
        "chưa nhận ra cách tính điểm từ lời văn; tạm để người thẩm định cho điểm",
        "no way to score was recognised in the words; left to the appraiser for now",
    )
}

/// A figure of an indicator.
fn figure(id: &str, label: impl Into<String>, kind: FigureKind, unit: Option<&str>) -> Figure {
    Figure {
        id: id.to_owned(),
        no: None,
        label: label.into(),
        kind,
        unit: unit.map(str::to_owned),
        from: None,
        options: Vec::new(),
        added: None,
    }
}

/// The beginning of a name, for a question.
fn short(name: &str) -> String {
    let name = name.replace(JOINT, " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_end_matches(['.', ':', ';']);
    match name.char_indices().nth(160) {
        Some((at, _)) => format!("{} …", name[..at].trim_end()),
        None => name.to_owned(),
    }
}

/// An exemption with the yes/no figure that it asks.
fn exempt(proposal: &mut Proposal, words: &str) {
    proposal.figures.push(figure("applies", "Tiêu chí này có áp dụng cho đơn vị không?", FigureKind::YesNo, None));
    proposal.exempt.push(Exempt { when: "applies".to_owned(), is: ExemptIs::No, text: Some(words.trim().to_owned()) });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is proposed for words that score so many points.
    fn proposed(points: i64, name: &str, text: &str) -> Proposal {
        let ids: Vec<String> = (1..=4).map(|child| format!("5.1.{child}")).collect();
        propose(&Wording {
            id: "5.1",
            name,
            points: Number::whole(points),
            text,
            guidance: "",
            evidence: "",
            ids: &ids,
            profile: &[],
        })
    }

    /// The rule as the files write it, without questions and references.
    fn told(rule: &Rule) -> String {
        match rule {
            Rule::Share { curve, full_from, worth, .. } => {
                let curve = curve.map(|curve| format!("{curve:?}")).unwrap_or_default();
                let from = full_from.map(|from| format!(" from {from}")).unwrap_or_default();
                let worth = worth.map(|worth| format!(" worth {worth}")).unwrap_or_default();
                format!("share {curve}{from}{worth}")
            }
            Rule::Required { required, last, .. } => {
                format!(
                    "required {required}{}",
                    last.as_ref().map(|last| format!(" before {}", last.before)).unwrap_or_default()
                )
            }
            Rule::Steps { steps, .. } => {
                let steps: Vec<String> = steps.iter().map(|step| format!("{}={}", step.from, step.points)).collect();
                format!("steps {}", steps.join(" "))
            }
            Rule::Each { each, ceiling, .. } => format!("each {each} to {}", ceiling.unwrap_or_default()),
            Rule::Loss { each, zero_from, .. } => {
                format!("loss {each}{}", zero_from.map(|from| format!(" zero from {from}")).unwrap_or_default())
            }
            Rule::Choice { options, .. } => {
                format!("choice {}", options.iter().map(|one| one.share.to_string()).collect::<Vec<_>>().join(" "))
            }
            Rule::Parts { parts } => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("{} {}", part.points, part.rule.kind())).collect();
                format!("parts {}", parts.join(" + "))
            }
            Rule::Peers { method, .. } => format!("peers {method:?}"),
            Rule::Sum { of } => format!("sum of {}", of.len()),
            rule => rule.kind().to_owned(),
        }
    }

    #[test]
    fn each_wording_gives_its_rule() {
        for (points, name, text, expected) in [
            (10, "", "Đã ban hành: 10 điểm; chưa ban hành: 0 điểm", "yes-no"),
            (10, "", "- Đã ban hành: Điểm tối đa; - Chưa ban hành: 0 điểm", "yes-no"),
            (10, "", "Người đứng đầu ký đạt 100% điểm, cấp phó ký đạt 50% điểm", "choice 100% 50% 0%"),
            (20, "", "Chủ tịch làm Trưởng ban: 20 điểm; Phó Chủ tịch: 10 điểm; không có: 0 điểm", "choice 100% 50% 0%"),
            (2, "", "- Có tổ chức: đạt 01 điểm - Người đứng đầu chủ trì: đạt 01 điểm", "parts 1 yes-no + 1 yes-no"),
            (10, "", "- Tham gia đầy đủ (6đ) - Chủ trì cuộc họp (4đ)", "parts 6 share + 4 yes-no"),
            (10, "", "Tỷ lệ * 10đ", "share Proportional"),
            (5, "", "Tỷ lệ * 10đ", "share Proportional worth 10"),
            (10, "", "a = số hộ; b = tổng số hộ; Tỷ lệ = a/b; Điểm = Tỷ lệ*Điểm tối đa", "share Proportional"),
            (10, "", "Tỷ lệ ≥ 80%: 10 điểm; Tỷ lệ < 80%: tỷ lệ/80% × 10 điểm", "share Proportional from 80%"),
            (10, "", "Đạt từ 50% trở lên: 10 điểm; dưới 50%: (tỷ lệ đạt/50%) x 10 điểm", "share Proportional from 50%"),
            (10, "", "Tỷ lệ 100%: 10 đ; tỷ lệ < 100%: 0 đ", "share AllOrNothing"),
            (20, "", "100% văn bản ký số: 20 điểm; dưới 100%: 0 điểm", "share AllOrNothing"),
            (10, "", "100% hộ gia đình có kết nối Internet", "share Proportional"),
            (10, "", "20 bài (10đ) - 10-20 bài (5đ) - dưới 10 bài (2,5đ) - 0 bài (0đ)", "steps 20=10 10=5 1=2.5"),
            (
                20,
                "",
                "Từ 24 tin trở lên: 20 điểm; từ 12 đến dưới 24 tin: 10 điểm; dưới 12 tin: 0 điểm",
                "steps 24=20 12=10",
            ),
            (10, "", "1 lần/tuần: 10 điểm; 1 lần/tháng: 5 điểm; không: 0 điểm", "steps 52=10 12=5"),
            (5, "", "≥10% (5đ); ≥7% (3,5đ); ≥3% (1,5đ); 0 điểm", "steps 10%=5 7%=3.5 3%=1.5"),
            (2, "", "50tr; 25tr; 10 tr", "steps 50=2 25=1 10=0.4"),
            (10, "", "Tối thiểu 24 tin bài", "required 24"),
            (10, "", "Tối thiểu 1 tin bài/1 tháng", "required 12"),
            (
                10,
                "",
                "Tối thiểu một năm triển khai 2 cuộc. Cuộc họp lần cuối phải trước 15/11",
                "required 2 before 11-15",
            ),
            (20, "", "- ≥ 4 hội nghị: Điểm tối đa; - Dưới 4: Điểm = số hội nghị/4*Điểm tối đa", "required 4"),
            (5, "", "Tối thiểu 50% người lao động được tập huấn", "share Proportional from 50%"),
            (20, "", "Mỗi hoạt động 1đ, không quá 20 điểm", "each 1 to 20"),
            (10, "", "Tối đa 10 ý kiến/năm, mỗi ý kiến 1 điểm", "each 1 to 10"),
            (
                5,
                "",
                "Không có sự cố (100% số điểm); mỗi sự cố xảy ra trừ 1 điểm; >= 5 sự cố: Không có điểm",
                "loss 1 zero from 5",
            ),
            (5, "", "Không có máy nhiễm hoặc nếu có thì 100% đã được xử lý", "handled"),
            (10, "", "Tỷ lệ đã xử lý/tổng sự cố*10đ", "handled"),
            (10, "", "Lây nhiễm càng nhiều điểm càng thấp", "share Inverse"),
            (10, "", "Tỷ lệ cán bộ/Tổng số cán bộ (tính theo MIN/MAX)", "peers MinMax"),
            (10, "", "Doanh thu trên sàn tỷ lệ thuận theo số điểm", "peers ShareOfBest"),
            (10, "", "Ban hành trong tháng 1 đạt tối đa điểm, sau thời gian trên đạt 50% số điểm", "yes-no"),
            (15, "", "Cộng điểm từ 5.1.1 đến 5.1.4", "sum of 4"),
            (10, "", "Mỗi tin, bài được 1 điểm, tối đa 10 điểm", "each 1 to 10"),
            (5, "", "Cứ 01 tin, bài được 0,5 điểm nhưng không quá 5 điểm", "each 0.5 to 5"),
            (10, "", "01 hội nghị: 2 điểm; tối đa 10 điểm", "each 2 to 10"),
            (10, "", "Mỗi lớp tập huấn được cộng 2 điểm, tối đa không quá 10 điểm", "each 2 to 10"),
            (10, "", "Mỗi báo cáo gửi đúng hạn: 2,5 điểm", "each 2.5 to 10"),
            (
                10,
                "",
                "Có từ 02 hội nghị trở lên: 10 điểm; có 01 hội nghị: 5 điểm; không tổ chức: 0 điểm",
                "steps 2=10 1=5",
            ),
            (
                10,
                "",
                "Tỷ lệ từ 90% trở lên: 10 điểm; từ 70% đến dưới 90%: 7 điểm; từ 50% đến dưới 70%: 5 điểm; dưới 50%: 0 điểm",
                "steps 90%=10 70%=7 50%=5",
            ),
            (10, "", "Đạt 100%: 10 điểm; từ 80% đến dưới 100%: 8 điểm; dưới 80%: 0 điểm", "steps 100%=10 80%=8"),
            (10, "", "Dưới 5 tin: 0 điểm; từ 5 đến 10 tin: 5 điểm; trên 10 tin: 10 điểm", "steps 11=10 5=5"),
            (10, "", "Mức độ 1: 2 điểm; mức độ 2: 4 điểm; mức độ 3: 10 điểm", "choice 20% 40% 100% 0%"),
            (10, "", "Xuất sắc: 10 điểm; Tốt: 8 điểm; Khá: 6 điểm; Yếu: 0 điểm", "choice 100% 80% 60% 0%"),
            (10, "", "Ban hành trước ngày 31/01: 10 điểm; sau ngày 31/01: 5 điểm; chưa ban hành: 0 điểm", "yes-no"),
            (5, "", "Mỗi lần trễ hạn trừ 1 điểm", "loss 1"),
            (5, "", "Xảy ra 01 sự cố: trừ 2 điểm", "loss 2"),
            (10, "", "Tỷ lệ hồ sơ nộp trực tuyến đạt 80% trở lên", "share Proportional from 80%"),
            (10, "", "Không để xảy ra mất an toàn thông tin: 10 điểm; để xảy ra: 0 điểm", "yes-no"),
            (20, "", "Điểm = (Số hồ sơ trực tuyến / Tổng số hồ sơ) x 20", "share Proportional"),
            (5, "", "Có: 5 điểm; không có: 0 điểm", "yes-no"),
            (10, "Nghiên cứu, đề xuất", "Theo đánh giá của hội đồng", "judged"),
        ] {
            let proposal = proposed(points, name, text);
            assert_eq!(told(&proposal.rule), expected, "{text}");
            assert!(proposal.words.iter().all(|words| text.contains(words)), "{:?} in {text}", proposal.words);
        }
    }

    #[test]
    fn what_is_guessed_says_so() {
        let judged = proposed(10, "Nghiên cứu", "Theo đánh giá của hội đồng");
        assert_eq!((judged.confidence, judged.doubts.len()), (Confidence::Low, 1));
        let sure = proposed(10, "Kế hoạch", "Đã ban hành: 10 điểm; chưa ban hành: 0 điểm");
        assert_eq!((sure.confidence, sure.doubts.len()), (Confidence::High, 0));
        let late = proposed(10, "Kế hoạch", "Ban hành trong tháng 1 đạt tối đa điểm, sau đó đạt 50% số điểm");
        assert_eq!(
            late.late.map(|late| (late.after.to_string(), late.factor.to_string())),
            Some(("01-31".to_owned(), "50%".to_owned()))
        );
        let exempt = proposed(10, "Tỉ lệ dùng trợ lý ảo (khi đã triển khai)", "100% công chức sử dụng");
        assert_eq!(exempt.exempt[0].text.as_deref(), Some("khi đã triển khai"));
    }
}
