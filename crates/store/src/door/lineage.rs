//! Changes of the organisation: renaming, merging, splitting and abolishing units, each under a document.

use std::collections::{BTreeMap, BTreeSet};

use criteria::date::Date;
use cycle::tree::Descent;
use cycle::{Capability, Unit, UnitId};
use serde_json::json;

use super::organisation::{about, insert_holding, insert_unit};
use super::{Batch, words};
use crate::command::{Done, NewUnit, Refusal};
use crate::{limits, write_sql};

pub(super) fn change_units(
    batch: &mut Batch<'_>,
    from: &[UnitId],
    to: Vec<NewUnit>,
    how: Descent,
    day: Date,
    document: &str,
    people: bool,
) -> Result<Done, Refusal> {
    let document = words("document", document, limits::NAME_BYTES_MAX)?;
    let mut before: Vec<Unit> = Vec::new();
    for id in from {
        let unit = batch.state.tree.get(*id).ok_or(Refusal::NotFound)?.clone();
        batch.require(Capability::ManageUnits, unit.parent.unwrap_or(unit.id))?;
        if !unit.exists_on(day) {
            return Err(Refusal::invalid(
                "from",
                format!("{} không còn tồn tại vào ngày {day}", unit.name),
                format!("{} does not exist on {day}", unit.name),
            ));
        }
        before.push(unit);
    }
    let fits = match how {
        Descent::Renamed => before.len() == 1 && to.len() == 1,
        Descent::Merged => before.len() > 1 && to.len() == 1,
        Descent::Split => before.len() == 1 && to.len() > 1,
        Descent::Abolished => !before.is_empty() && to.len() <= 1,
    };
    if !fits {
        return Err(Refusal::invalid(
            "to",
            "Số đơn vị trước và sau không khớp với việc này (đổi tên: 1 → 1, nhập: nhiều → 1, chia: 1 → nhiều)",
            "The numbers of units before and after do not fit (rename: 1 to 1, merge: many to 1, split: 1 to many)",
        ));
    }
    if let (Descent::Renamed, [unit], [new]) = (how, before.as_slice(), to.as_slice())
        && (new.code.trim().is_empty() || new.code.trim() == unit.code)
    {
        return rename(batch, unit, new, day, &document);
    }
    if people {
        before.iter().try_for_each(|unit| batch.require(Capability::ManagePeople, unit.id))?;
    }
    let children: Vec<UnitId> = before
        .iter()
        .flat_map(|unit| batch.state.tree.children(unit.id))
        .filter(|child| batch.state.tree.get(**child).is_some_and(|child| child.exists_on(day)))
        .copied()
        .collect();
    if to.len() != 1 && !children.is_empty() {
        return Err(Refusal::invalid(
            "to",
            format!("Còn {} đơn vị trực thuộc; hãy thay đổi các đơn vị ấy trước", children.len()),
            format!("{} units still belong to it; change these first", children.len()),
        ));
    }
    if day > batch.today() && !children.is_empty() {
        return Err(Refusal::invalid(
            "day",
            format!(
                "Còn {} đơn vị trực thuộc, chuyển sang đơn vị mới ngay khi ghi; hãy ghi khi đến ngày",
                children.len()
            ),
            format!("{} units belong to it and move as soon as this is written down; do so on the day", children.len()),
        ));
    }
    let mut after = Vec::new();
    for unit in &to {
        let id = match batch.state.tree.by_code(&unit.code) {
            Some(known) if how == Descent::Abolished && !from.contains(&known.id) => {
                batch.require(Capability::ManageUnits, known.id)?;
                let below = from.iter().any(|one| batch.state.tree.within(known.id, *one));
                if below || !known.exists_on(day) {
                    return Err(Refusal::invalid(
                        "code",
                        format!(
                            "{} không nhận việc được: trực thuộc đơn vị giải thể, hoặc không tồn tại vào ngày {day}",
                            known.name
                        ),
                        format!(
                            "{} cannot take over: it belongs to what is abolished, or does not exist on {day}",
                            known.name
                        ),
                    ));
                }
                known.id
            }
            Some(_) => {
                return Err(Refusal::invalid(
                    "code",
                    format!("Mã {} đã có; mã đơn vị không bao giờ dùng lại", unit.code),
                    format!("The code {} exists; a unit's code is never used again", unit.code),
                ));
            }
            None => {
                let parent = unit.parent.as_deref().and_then(|code| batch.state.tree.by_code(code));
                let parent = parent.map(|unit| unit.id).or(before[0].parent);
                if let Some(parent) = parent {
                    batch.require(Capability::ManageUnits, parent)?;
                }
                let new = NewUnit { from: Some(day), to: None, ..unit.clone() };
                UnitId(insert_unit(batch, &new, parent)?)
            }
        };
        after.push(id);
    }
    let last_day = day.yesterday().unwrap_or(day);
    let seq = batch.this_seq();
    for unit in &before {
        batch.writes.push(write_sql!(
            "UPDATE unit SET valid_to = $2, seq = $3 WHERE id = $1",
            unit.id.0,
            last_day.to_string(),
            seq,
        ));
        let targets: Vec<Option<UnitId>> =
            if after.is_empty() { vec![None] } else { after.iter().copied().map(Some).collect() };
        for target in targets {
            let id = batch.id();
            let how = serde_json::to_value(how).ok().and_then(|how| how.as_str().map(str::to_owned));
            batch.writes.push(write_sql!(
                "INSERT INTO lineage (id, from_unit, to_unit, how, day, document, seq) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                id,
                unit.id.0,
                target.map(|target| target.0),
                how.unwrap_or_default(),
                day.to_string(),
                document.as_str(),
                seq,
            ));
        }
    }
    if let [target] = after.as_slice() {
        for child in &children {
            batch.writes.push(write_sql!(
                "UPDATE unit SET parent = $2, seq = $3 WHERE id = $1",
                child.0,
                target.0,
                seq
            ));
        }
        let made = batch.state.tree.get(*target).is_none();
        if people && made {
            move_people(batch, &before, *target, day, last_day);
        }
    }
    let codes: Vec<&str> = before.iter().map(|unit| unit.code.as_str()).collect();
    let to_codes: Vec<&str> = to.iter().map(|unit| unit.code.as_str()).collect();
    let moved: Vec<&str> =
        children.iter().filter_map(|id| batch.state.tree.get(*id)).map(|unit| unit.code.as_str()).collect();
    let detail = json!({
        "how": how, "from": codes, "to": to_codes, "day": day.to_string(), "document": document, "people": people,
        "children": moved,
    });
    batch.event("units.changed", about(before[0].id), &detail);
    Ok(Done { id: after.first().map(|id| id.0), count: before.len(), ..Done::default() })
}

/// The same unit under another name: whatever belongs to it stays where it is.
fn rename(batch: &mut Batch<'_>, unit: &Unit, new: &NewUnit, day: Date, document: &str) -> Result<Done, Refusal> {
    if day > batch.today() {
        return Err(Refusal::invalid(
            "day",
            "Đổi tên mà giữ mã có hiệu lực ngay; hãy ghi khi đến ngày, hoặc cấp mã mới",
            "A new name under the same code holds at once; write it down on its day, or give a new code",
        ));
    }
    let name = words("name", &new.name, limits::NAME_BYTES_MAX)?;
    let kind = if new.kind.trim().is_empty() { unit.kind.clone() } else { new.kind.trim().to_owned() };
    let (id, seq) = (batch.id(), batch.this_seq());
    batch.writes.push(write_sql!(
        "UPDATE unit SET name = $2, kind = $3, seq = $4 WHERE id = $1",
        unit.id.0,
        name.as_str(),
        kind.as_str(),
        seq,
    ));
    batch.writes.push(write_sql!(
        "INSERT INTO lineage (id, from_unit, to_unit, how, day, document, seq) VALUES ($1, $2, $2, $3, $4, $5, $6)",
        id,
        unit.id.0,
        "renamed",
        day.to_string(),
        document,
        seq,
    ));
    let detail = json!({
        "how": Descent::Renamed, "from": [unit.code], "to": [unit.code], "day": day.to_string(), "document": document,
        "before": [[unit.code, unit.name, unit.kind]], "after": [[unit.code, name, kind]],
    });
    batch.event("units.changed", about(unit.id), &detail);
    Ok(Done { id: Some(unit.id.0), count: 1, ..Done::default() })
}

/// Positions of the same code become one in the new unit, and whoever holds them on the day holds them on there. Nobody
/// gains what they did not have: a position takes along what it may do, to what the unit became.
fn move_people(batch: &mut Batch<'_>, before: &[Unit], target: UnitId, day: Date, last_day: Date) {
    let state = batch.state;
    let mut order: Vec<&str> = Vec::new();
    let mut by_code: BTreeMap<&str, Vec<&crate::state::Position>> = BTreeMap::new();
    for position in before.iter().flat_map(|unit| state.positions_of(unit.id)) {
        if !by_code.contains_key(position.code.as_str()) {
            order.push(&position.code);
        }
        by_code.entry(&position.code).or_default().push(position);
    }
    let seq = batch.this_seq();
    for positions in order.iter().filter_map(|code| by_code.get(code)) {
        let Some(first) = positions.first() else { continue };
        let keys: BTreeSet<&str> =
            positions.iter().flat_map(|one| &one.capabilities).map(|capability| capability.key()).collect();
        let id = batch.id();
        batch.writes.push(write_sql!(
            "INSERT INTO position (id, unit, code, name, capabilities, seq) VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            target.0,
            first.code.as_str(),
            first.name.as_str(),
            keys.into_iter().collect::<Vec<_>>().join(" "),
            seq,
        ));
        let mut moved = BTreeSet::new();
        let mut held: Vec<_> = positions.iter().flat_map(|position| state.held_at(position.id)).collect();
        held.sort_by_key(|one| one.id);
        for holding in held.into_iter().filter(|one| one.to.is_none_or(|to| to >= day)) {
            batch.writes.push(write_sql!(
                "UPDATE holding SET to_day = $2, seq = $3 WHERE id = $1",
                holding.id,
                last_day.to_string(),
                seq,
            ));
            if moved.insert(holding.account) {
                let from = holding.from.max(day);
                insert_holding(batch, cycle::PositionId(id), holding.account, from, holding.to, seq);
            }
        }
    }
}
