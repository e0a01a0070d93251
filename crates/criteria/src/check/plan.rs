//! The checker on assignment plans: quotations, deadlines, indicators that nobody does, positions without work.

use super::{Finding, Findings, Severity};
use crate::language::Text;
use crate::plan::AssignmentPlan;
use crate::quote::Sources;
use crate::set::CriteriaSet;

/// Everything found in a plan, in the order of the set's indicators.
pub fn check_plan(plan: &AssignmentPlan, set: &CriteriaSet) -> Vec<Finding> {
    let mut findings = Findings { found: Vec::new() };
    super::copy::hashes(&plan.file.sources, &plan.sources, &mut findings);
    quotations(plan, &mut findings);
    let issued = plan.file.document.date;
    for assignment in &plan.file.assignments {
        let id = &assignment.indicator;
        if let Some(due) = assignment.due
            && due.in_year(plan.file.year) < issued.0
        {
            let message = Text::new(
                format!("thời hạn {:02}/{:02} đã qua khi văn bản được ban hành ngày {issued}", due.day(), due.month()),
                format!("the deadline {due} was past when the document was issued on {issued}"),
            );
            let quote = assignment.when.as_deref().unwrap_or_default();
            findings.push(Severity::Warning, "deadline-past", id, quote, message);
        }
        if let Some(due) = assignment.due
            && let Some(indicator) = set.indicator(id)
            && let Some(last) = indicator.due.days().iter().max()
            && due > *last
        {
            let message = Text::new(
                format!("thời hạn {due} muộn hơn thời hạn {last} của bộ chỉ số (tháng-ngày)"),
                format!("the deadline {due} is later than the set's {last}"),
            );
            findings.push(
                Severity::Warning,
                "deadline-later",
                id,
                assignment.when.as_deref().unwrap_or_default(),
                message,
            );
        }
        if assignment.lead.is_empty() {
            let message = Text::new("không giao cho ai chủ trì", "nobody leads it");
            findings.push(
                Severity::Warning,
                "nobody-leads",
                id,
                assignment.who.as_deref().unwrap_or_default(),
                message,
            );
        }
    }
    for indicator in set.indicators() {
        match plan.assignments_of(&indicator.id).count() {
            0 => {
                let message = Text::new("tiêu chí này chưa giao cho ai", "nobody is assigned to this indicator");
                findings.push(Severity::Warning, "not-assigned", &indicator.id, &indicator.name, message);
            }
            1 => {}
            count => {
                let message = Text::new(format!("được giao {count} lần"), format!("assigned {count} times"));
                findings.push(Severity::Warning, "assigned-twice", &indicator.id, &indicator.name, message);
            }
        }
    }
    for load in plan.load(set) {
        if load.leads + load.coordinates == 0 {
            let message = Text::new("chức danh này không được giao việc nào", "this position has no work");
            findings.push(Severity::Note, "position-without-work", "", &load.position.name, message);
        }
    }
    findings.sorted(set)
}

fn quotations(plan: &AssignmentPlan, findings: &mut Findings) {
    let mut sources = Sources::new(&plan.sources);
    if sources.is_empty() {
        return;
    }
    let file = &plan.file;
    for assignment in &file.assignments {
        let fields =
            [&assignment.guidance, &assignment.evidence, &assignment.who, &assignment.when, &assignment.remark];
        for words in fields.into_iter().flatten() {
            super::copy::look_up(&mut sources, &assignment.indicator, words, findings);
        }
    }
    let excluded = file.excluded.iter().flat_map(|excluded| [&excluded.name, &excluded.text]);
    let clocks = file.clocks.iter().map(|clock| &clock.text);
    let targets = file.targets.iter().map(|target| &target.text);
    let positions = file.positions.iter().flat_map(|position| &position.also);
    let asides = file.asides.iter().map(|aside| &aside.text);
    for words in excluded.chain(clocks).chain(targets).chain(positions).chain(asides) {
        super::copy::look_up(&mut sources, "", words, findings);
    }
    super::copy::unquoted(&sources, findings);
}
