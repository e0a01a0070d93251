//! The kinds of papers: what each offers to its form, and those that a set or a plan fills by itself.
//!
//! Kinds that rest on the facts of a round are filled by `web::papers`, which knows the store.

mod assignment;
mod names;
mod set;

pub use assignment::{Duty, assignment, from_plan};
use criteria::Text;
use criteria::model::Document;
use criteria::quote::readable;
pub use set::annex;

use crate::paper::form::{Offer, short_day};

/// A kind of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The letter and annex that assign the indicators.
    Assignment,
    /// A criteria set as the annex of a decision.
    Set,
    /// A unit's self-assessment.
    SelfAssessment,
    /// The record of the appraisal.
    Appraisal,
    /// A review at 3 or 6 months.
    Review,
    /// The survey letter that starts the 15 days.
    Survey,
    /// The decision that publishes the ranking.
    Ranking,
    /// A reminder to a unit that is late.
    Reminder,
    /// A unit's certificate of result.
    Certificate,
    /// The analysis of a level's result, for leaders.
    Analysis,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Assignment,
        Self::Set,
        Self::SelfAssessment,
        Self::Appraisal,
        Self::Review,
        Self::Survey,
        Self::Ranking,
        Self::Reminder,
        Self::Certificate,
        Self::Analysis,
    ];

    /// How the command line calls it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Assignment => "assignment",
            Self::Set => "set",
            Self::SelfAssessment => "self-assessment",
            Self::Appraisal => "appraisal",
            Self::Review => "review",
            Self::Survey => "survey",
            Self::Ranking => "ranking",
            Self::Reminder => "reminder",
            Self::Certificate => "certificate",
            Self::Analysis => "analysis",
        }
    }

    /// What people call it.
    pub fn name(self) -> Text {
        match self {
            Self::Assignment => Text::new("Văn bản giao nhiệm vụ", "Assignment letter"),
            Self::Set => Text::new("Phụ lục bộ chỉ số", "Criteria set as an annex"),
            Self::SelfAssessment => Text::new("Báo cáo tự đánh giá", "Self-assessment"),
            Self::Appraisal => Text::new("Biên bản thẩm định", "Appraisal record"),
            Self::Review => Text::new("Báo cáo rà soát", "Review"),
            Self::Survey => Text::new("Công văn đề nghị cung cấp số liệu", "Survey letter"),
            Self::Ranking => Text::new("Quyết định công bố xếp hạng", "Decision on the ranking"),
            Self::Reminder => Text::new("Công văn nhắc việc", "Reminder"),
            Self::Certificate => Text::new("Giấy chứng nhận kết quả", "Certificate of result"),
            Self::Analysis => Text::new("Báo cáo phân tích kết quả", "Analysis of the result"),
        }
    }

    /// The kind whose form a file is, by the file's name without its ending: `assignment-plan` is one of `assignment`.
    pub fn of_form(stem: &str) -> Option<Self> {
        let longest = Self::ALL
            .into_iter()
            .filter(|kind| stem.strip_prefix(kind.key()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
        longest.max_by_key(|kind| kind.key().len())
    }

    /// What it offers to its form.
    pub const fn offer(self) -> Offer {
        match self {
            Self::Assignment => names::ASSIGNMENT,
            Self::Set => names::SET,
            Self::SelfAssessment | Self::Appraisal => names::SHEET,
            Self::Review => names::REVIEW,
            Self::Survey => names::SURVEY,
            Self::Ranking => names::RANKING,
            Self::Reminder => names::REMINDER,
            Self::Certificate => names::CERTIFICATE,
            Self::Analysis => names::ANALYSIS,
        }
    }
}

/// A quotation as a paper prints it: on one line, without markup, with the sign of multiplication where one stands.
fn printed(quotation: &str) -> String {
    // A quotation for comparing drops every `*`; here only the pairs that mark bold words go.
    readable(&quotation.replace("**", "").replace('*', "∗")).replace('∗', "*")
}

/// A document as papers cite it: `Quyết định số 931/QĐ-UBND ngày 04/4/2024 của Ủy ban nhân dân tỉnh …`.
pub fn citation(document: &Document) -> String {
    format!("{} số {} ngày {} của {}", document.kind, document.number, short_day(document.date.0), document.issuer)
}

/// `Ủy ban nhân dân xã Mẫu, huyện Mẫu` as the head of a paper prints it: `Ủy ban nhân dân` above `xã Mẫu`.
pub fn issuing_lines(issuer: &str) -> String {
    let own = issuer.split(',').next().unwrap_or(issuer).trim();
    match own.strip_prefix("Ủy ban nhân dân ") {
        Some(place) => format!("Ủy ban nhân dân\n{place}"),
        None => own.to_owned(),
    }
}

/// The place that a body is named after: `Khe Tre` of `Ủy ban nhân dân thị trấn Khe Tre`.
pub fn place_of(issuer: &str) -> String {
    let own = issuer.split([',', '(']).next().unwrap_or(issuer).trim();
    let own = own.strip_prefix("Ủy ban nhân dân ").unwrap_or(own);
    let kinds = ["thị trấn ", "thành phố ", "thị xã ", "phường ", "đặc khu ", "huyện ", "quận ", "tỉnh ", "xã "];
    let lower = own.to_lowercase();
    let kind = kinds.iter().find(|kind| lower.starts_with(**kind));
    kind.and_then(|kind| own.get(kind.len()..)).unwrap_or(own).to_owned()
}

/// With `UBND` for `Ủy ban nhân dân`, as texts shorten it.
pub fn shortened(name: &str) -> String {
    name.replace("Ủy ban nhân dân", "UBND")
}

/// The forms that the product ships with: the file's name without its ending, and its text.
pub const FORMS: [(&str, &str); 11] = [
    ("assignment", include_str!("../../../../forms/assignment.txt")),
    ("assignment-plan", include_str!("../../../../forms/assignment-plan.txt")),
    ("set", include_str!("../../../../forms/set.txt")),
    ("self-assessment", include_str!("../../../../forms/self-assessment.txt")),
    ("appraisal", include_str!("../../../../forms/appraisal.txt")),
    ("review", include_str!("../../../../forms/review.txt")),
    ("survey", include_str!("../../../../forms/survey.txt")),
    ("ranking", include_str!("../../../../forms/ranking.txt")),
    ("reminder", include_str!("../../../../forms/reminder.txt")),
    ("certificate", include_str!("../../../../forms/certificate.txt")),
    ("analysis", include_str!("../../../../forms/analysis.txt")),
];

/// What they are and how they are written, for those who change them.
pub const FORMS_GUIDE: &str = include_str!("../../../../forms/README.md");
