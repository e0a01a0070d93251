//! Why the demonstration's agency counts less than a unit declared, and what both sides say about it then. What is said
//! follows from what the indicator asks for and from what was handed in, so that it can be true.

use std::collections::BTreeMap;

use criteria::Number;
use criteria::model::Indicator;
use criteria::rule::Rule;
use cycle::Entry;
use store::command::Appraisal;

/// What is said about a cut: how its reason begins, what the unit answers, what the agency says then.
pub struct Words {
    reason: &'static str,
    /// The unit's explanation.
    pub explanation: &'static str,
    /// The agency's answer, where the points stay.
    pub answer: &'static str,
}

const MISSING: Words = Words {
    reason: "Thiếu tài liệu kiểm chứng mà chỉ số yêu cầu",
    explanation: "Tài liệu còn thiếu nay gửi kèm; đề nghị tính theo số đã khai.",
    answer: "Tài liệu gửi kèm ban hành sau kỳ số liệu, không tính cho năm này.",
};
const UNSIGNED: Words = Words {
    reason: "Văn bản kèm theo chưa ký số",
    explanation: "Lúc nộp đính nhầm bản quét; nay gửi kèm văn bản phát hành.",
    answer: "Bản gửi kèm vẫn chưa có chữ ký số kiểm tra được.",
};
const FEWER: Words = Words {
    reason: "Tài liệu kèm theo chỉ chứng minh được",
    explanation: "Bảng kê nộp lần đầu sót trang; bảng kê đủ gửi kèm khớp với số đã khai.",
    answer: "Các dòng thêm trong bảng kê trùng với những dòng đã đếm.",
};
const PERIOD: Words = Words {
    reason: "Có số liệu của kỳ khác",
    explanation: "Các việc này làm trong kỳ, chỉ báo cáo sau; ngày thực hiện ghi trong tài liệu gửi kèm.",
    answer: "Ngày ghi trên tài liệu vẫn nằm ngoài kỳ số liệu.",
};
const ANSWER: Words = Words {
    reason: "Theo văn bản kèm theo, câu trả lời phải là",
    explanation: "Văn bản kèm theo là bản trước; bản thay thế ban hành trong năm nay gửi kèm.",
    answer: "Bản gửi kèm không nêu là thay thế văn bản đã nộp.",
};
const LATE: Words = Words {
    reason: "Đã trả lại để hoàn thiện, đến hạn chưa bổ sung",
    explanation: "Đơn vị bổ sung chậm vì chờ cơ quan cấp trên xác nhận; tài liệu gửi kèm.",
    answer: "Bổ sung sau hạn hoàn thiện, không có gia hạn.",
};
const PART: Words = Words {
    reason: "Tài liệu kiểm chứng chưa chứng minh hết nội dung chấm",
    explanation: "Phần còn thiếu nêu ở tài liệu gửi kèm; đề nghị xem lại.",
    answer: "Tài liệu gửi kèm nêu lại nội dung đã xem, không thêm căn cứ mới.",
};

/// What is said about a cut with this reason.
pub fn words(reason: &str) -> &'static Words {
    let all = [&MISSING, &UNSIGNED, &FEWER, &PERIOD, &ANSWER, &LATE];
    all.into_iter().find(|one| reason.starts_with(one.reason)).unwrap_or(&PART)
}

/// What an entry is handed in with.
#[derive(Clone, Copy)]
pub struct Proof {
    /// Whether a file is missing that the indicator asks for.
    pub missing: bool,
    /// Whether none is signed where one should be.
    pub unsigned: bool,
}

/// The agency's verdict: by other figures where the entry rests on one that it can correct, else by points.
pub fn verdict(indicator: &Indicator, entry: &Entry, proof: Proof, luck: usize, by_figures: bool) -> Appraisal {
    let points = entry.self_score.as_ref().map(|score| score.points).unwrap_or_default();
    let less = Number::from_millionths(points.millionths() * 6 / 10 / 10_000 * 10_000);
    let given = |reason: String| Appraisal::Adjust { points: scoring::number_text::vietnamese(less), reason };
    if entry.state == cycle::EntryState::Returned {
        return given(LATE.reason.to_owned());
    }
    if proof.missing {
        return given(MISSING.reason.to_owned());
    }
    if proof.unsigned {
        return given(UNSIGNED.reason.to_owned());
    }
    match corrected(indicator, entry, luck).filter(|_| by_figures) {
        Some((figure, value, reason)) => Appraisal::Figures { figures: BTreeMap::from([(figure, value)]), reason },
        None => given(PART.reason.to_owned()),
    }
}

/// The one figure that the entry rests on, as the agency finds it: its id, the value, and why.
fn corrected(indicator: &Indicator, entry: &Entry, luck: usize) -> Option<(String, String, String)> {
    let (id, value) = entry.figures.iter().next().filter(|_| entry.figures.len() == 1)?;
    if let Rule::Choice { options, .. } = &indicator.rule {
        // The next answer in the order of the document, a deputy's where the rule asks who signed.
        let chosen = options.iter().position(|option| option.id == value.typed)?;
        let lower = options.get(chosen + 1)?;
        return Some((id.clone(), lower.id.clone(), format!("{} “{}”", ANSWER.reason, lower.label)));
    }
    let count: u32 = value.typed.parse().ok().filter(|count| *count >= 3)?;
    let found = count * 2 / 3;
    let reason = match luck % 3 {
        0 => format!("{}: {} trên {count} mục, không tính", PERIOD.reason, count - found),
        _ => format!("{} {found} trên {count}", FEWER.reason),
    };
    Some((id.clone(), found.to_string(), reason))
}

/// What the agency asks for when it sends an entry back.
pub fn wanted(proof: Proof) -> &'static str {
    match proof {
        Proof { missing: true, .. } => "Chưa kèm đủ tài liệu kiểm chứng; bổ sung rồi nộp lại.",
        Proof { unsigned: true, .. } => "Văn bản kèm theo chưa ký số; gửi lại bản có chữ ký số.",
        _ => "Số khai chưa khớp tài liệu; kiểm lại và ghi rõ cách tính ở phần thuyết minh.",
    }
}
