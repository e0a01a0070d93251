//! A set as data: its pillars with groups and indicators, the document's words beside figures and rules.

use serde_json::{Value as Json, json};

use crate::model::{Indicator, PillarFile};
use crate::plan::AssignmentPlan;
use crate::quote::readable;
use crate::set::CriteriaSet;

/// The pillars of a set, with who does what where a plan is laid over it.
pub fn pillars(set: &CriteriaSet, plan: Option<&AssignmentPlan>) -> Vec<Json> {
    set.pillars.iter().map(|pillar| pillar_json(pillar, plan)).collect()
}

/// The groups of a pillar in the order of the document; indicators without a group stand in one without a number.
fn pillar_json(pillar: &PillarFile, plan: Option<&AssignmentPlan>) -> Json {
    let mut groups: Vec<(Option<&str>, Vec<Json>)> = Vec::new();
    for indicator in &pillar.indicators {
        let group = pillar.groups.iter().find(|group| Some(group.id.as_str()) == indicator.group_id());
        let id = group.map(|group| group.id.as_str());
        if groups.last().is_none_or(|(last, _)| *last != id) {
            groups.push((id, Vec::new()));
        }
        if let Some((_, indicators)) = groups.last_mut() {
            indicators.push(indicator_json(indicator, plan));
        }
    }
    let groups: Vec<Json> = groups
        .into_iter()
        .map(|(id, indicators)| match pillar.groups.iter().find(|group| Some(group.id.as_str()) == id) {
            Some(group) => json!({"id": group.id, "no": group.no, "name": readable(&group.name), "points": group.points, "indicators": indicators}),
            None => json!({"id": null, "no": "", "name": "", "indicators": indicators}),
        })
        .collect();
    json!({"no": pillar.pillar.no, "name": readable(&pillar.pillar.name), "points": pillar.pillar.points, "groups": groups})
}

fn indicator_json(indicator: &Indicator, plan: Option<&AssignmentPlan>) -> Json {
    let mut json = json!({
        "id": indicator.id, "no": indicator.no, "name": readable(&indicator.name), "points": indicator.points,
        "due": indicator.due.days(), "guidance": indicator.guidance, "conditions": indicator.text,
        "restored": indicator.restored, "notes": indicator.notes, "evidence": indicator.evidence,
        "source": indicator.source, "appraiser": indicator.appraiser, "lead": indicator.lead,
        "coordinating": indicator.coordinating, "uncertain": indicator.uncertain,
        "applies": {"unless": indicator.exempt}, "figures": indicator.all_figures(), "rule": indicator.rule,
        "gate": indicator.gate, "late": indicator.late, "faults": indicator.faults,
    });
    if let Some(plan) = plan {
        json["assignments"] = plan.assignments_of(&indicator.id).map(|assignment| json!(assignment)).collect();
    }
    json
}
