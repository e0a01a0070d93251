//! The letter that says who does which indicator, by when, with which evidence.

use criteria::CriteriaSet;
use criteria::model::Indicator;
use criteria::plan::{Assignment, AssignmentPlan, Excluded};

use super::{citation, issuing_lines, place_of, printed, shortened};
use crate::paper::RowKind;
use crate::paper::form::{Entry, Filling, Front, Rows};

/// The mark that joins passages of a quotation.
const PASSAGES: &str = "[…]";

/// Who does an indicator, in the words of the paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duty {
    /// The positions that lead.
    pub lead: String,
    /// The positions that coordinate.
    pub coordinating: String,
    /// Both, as one cell prints them.
    pub who: String,
    /// By when.
    pub when: String,
    /// What is to be done; the set's words where the paper has none of its own.
    pub guidance: Option<String>,
    /// The evidence; the set's where the paper has none of its own.
    pub evidence: Option<String>,
    /// What is remarked.
    pub remark: String,
}

/// The letter of a plan, and the form that fits it: a letter (`assignment`), or a plan with points and sources
/// (`assignment-plan`).
pub fn from_plan(set: &CriteriaSet, plan: &AssignmentPlan) -> (&'static str, Filling) {
    let document = &plan.file.document;
    let issuer = document.issuer.as_str();
    let front = Front {
        superior: String::new(),
        issuer: issuing_lines(issuer),
        number: document.number.clone(),
        place: place_of(issuer),
        day: Some(document.date.0),
        year: plan.file.year,
    };
    let own = issuer.split(',').next().unwrap_or(issuer).trim();
    let mut filling = assignment(
        set,
        &front,
        own.strip_prefix("Ủy ban nhân dân ").unwrap_or(own),
        |indicator| {
            let mut duty = as_printed(plan, plan.assignments_of(&indicator.id).next()?);
            // A set that comes from the same document keeps its columns as they were printed.
            if set.head.document.number == document.number && !indicator.lead.is_empty() {
                (duty.lead, duty.coordinating) = (indicator.lead.join(", "), indicator.coordinating.join(", "));
            }
            Some(duty)
        },
        &plan.file.excluded,
    );
    filling.title = plan.file.title.clone();
    filling.put("loại", document.kind.clone()).put("tên cơ quan", own).put("cơ quan ngắn", shortened(own));
    if let Some(first) = plan.file.positions.first() {
        filling.put("đầu mối", first.name.clone());
    }
    (if document.kind == "Kế hoạch" { "assignment-plan" } else { "assignment" }, filling)
}

/// An assignment as its document prints it.
fn as_printed(plan: &AssignmentPlan, one: &Assignment) -> Duty {
    let names = |ids: &[String]| {
        let names = ids.iter().filter_map(|id| plan.position(id)).map(|position| position.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let passages: Vec<String> =
        one.who.as_deref().map(|who| who.split(PASSAGES).map(printed).collect()).unwrap_or_default();
    // Where the document keeps those who lead and those who coordinate in two columns, the plan quotes both in order.
    let (lead, coordinating) = match passages.as_slice() {
        [lead, coordinating] if !one.coordinating.is_empty() => (lead.clone(), coordinating.clone()),
        _ => (names(&one.lead), names(&one.coordinating)),
    };
    let joined = || {
        [lead.as_str(), coordinating.as_str()].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join("; ")
    };
    let due = one.due.map(|day| format!("{:02}/{:02}", day.day(), day.month()));
    Duty {
        who: one.who.as_deref().map_or_else(joined, printed),
        when: one.when.as_deref().map(printed).or(due).unwrap_or_default(),
        guidance: one.guidance.as_deref().map(printed),
        evidence: one.evidence.as_deref().map(printed),
        remark: one.remark.as_deref().map(printed).unwrap_or_default(),
        lead,
        coordinating,
    }
}

/// The letter of a unit: `duty` says who does an indicator; one that is nobody's stands with empty cells.
pub fn assignment(
    set: &CriteriaSet,
    front: &Front,
    unit: &str,
    duty: impl Fn(&Indicator) -> Option<Duty>,
    excluded: &[Excluded],
) -> Filling {
    let mut filling = Filling::default();
    filling.front(front);
    filling
        .put("đơn vị", unit)
        .put("đơn vị ngắn", shortened(unit))
        .put("cơ quan ngắn", shortened(&front.issuer.replace('\n', " ")))
        .put("tên cơ quan", front.issuer.replace('\n', " "))
        .put("căn cứ bộ chỉ số", citation(&set.head.document))
        .put("bộ chỉ số", set.head.title.clone())
        .put("loại", "Công văn");
    filling.title = format!("Giao nhiệm vụ thực hiện các chỉ số chuyển đổi số năm {}: {unit}", front.year);
    let mut rows = Vec::new();
    for pillar in &set.pillars {
        let no = &pillar.pillar.no;
        let head = Entry::of(RowKind::Group)
            .words("số", no.clone())
            .words("mã", no.clone())
            .words("tiêu chí", printed(&pillar.pillar.name))
            .number("điểm tối đa", pillar.pillar.points);
        rows.push(head);
        let mut left: Vec<&Excluded> =
            excluded.iter().filter(|one| one.no.split('.').next() == Some(no.as_str())).collect();
        for indicator in &pillar.indicators {
            let own = indicator.id.rsplit('.').next().and_then(|number| number.parse::<u32>().ok());
            left.retain(|one| {
                let before = one.no.rsplit('.').next().and_then(|number| number.parse::<u32>().ok()) < own;
                if before {
                    rows.push(left_out(one));
                }
                !before
            });
            rows.push(row(indicator, duty(indicator).unwrap_or_default()));
        }
        rows.extend(left.into_iter().map(left_out));
    }
    filling.tables.insert("phân công", Rows { rows, ..Rows::default() });
    filling
}

/// What the paper prints of a criterion that does not apply.
fn left_out(one: &Excluded) -> Entry {
    Entry::of(RowKind::Plain)
        .words("số", one.no.rsplit('.').next().unwrap_or(&one.no))
        .words("mã", one.no.clone())
        .words("tiêu chí", printed(&one.name))
        .words("người thực hiện", printed(&one.text))
        .words("ghi chú", printed(&one.text))
}

fn row(indicator: &Indicator, duty: Duty) -> Entry {
    let set_evidence = || {
        let words: Vec<String> = indicator.evidence.iter().map(|one| format!("- {}", printed(&one.what))).collect();
        words.join("\n")
    };
    let own = |words: &Option<String>| words.as_deref().map(printed).unwrap_or_default();
    let evidence = duty.evidence.unwrap_or_else(set_evidence);
    let remark = if duty.remark.is_empty() { own(&indicator.notes) } else { duty.remark };
    let both = [evidence.as_str(), remark.as_str()].into_iter().filter(|words| !words.is_empty());
    let both = both.collect::<Vec<_>>().join("\n");
    Entry::of(RowKind::Plain)
        .words("số", indicator.no.clone())
        .words("mã", indicator.id.clone())
        .words("tiêu chí", printed(&indicator.name))
        .number("điểm tối đa", indicator.points)
        .words("hướng dẫn", duty.guidance.clone().unwrap_or_else(|| own(&indicator.guidance)))
        .words("cách tính", duty.guidance.unwrap_or_else(|| own(&indicator.text)))
        .words("tài liệu", evidence)
        .words("tài liệu, ghi chú", both)
        .words("nguồn", own(&indicator.source))
        .words("người thực hiện", duty.who)
        .words("chủ trì", duty.lead)
        .words("phối hợp", duty.coordinating)
        .words("thời gian", duty.when)
        .words("ghi chú", remark)
}
