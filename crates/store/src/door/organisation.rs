//! Changes to units and people.

use std::collections::{BTreeSet, HashMap};

use criteria::date::Date;
use cycle::{AccountId, Capability, Denial, PositionId, UnitId};
use serde_json::json;

use super::{Batch, Subject, optional_words, words};
use crate::command::{Actor, Done, NewPerson, NewUnit, Refusal, Tenure};
use crate::state::kept_address;
use crate::{limits, write_sql};

pub(super) fn about(unit: UnitId) -> Subject<'static> {
    Subject { unit: Some(unit), ..Subject::default() }
}

pub(super) fn add_units(batch: &mut Batch<'_>, units: Vec<NewUnit>) -> Result<Done, Refusal> {
    let mut known: HashMap<String, UnitId> = HashMap::new();
    let count = units.len();
    for unit in units {
        let code = words("code", &unit.code, limits::NAME_BYTES_MAX)?;
        if known.contains_key(&code) || batch.state.tree.by_code(&code).is_some() {
            return Err(Refusal::invalid(
                "code",
                format!("Mã {code} đã có; mã đơn vị không bao giờ dùng lại"),
                format!("The code {code} exists; a unit's code is never used again"),
            ));
        }
        let parent = match &unit.parent {
            None => None,
            Some(parent) => {
                let found = known.get(parent).copied();
                let found = found.or_else(|| batch.state.tree.by_code(parent).map(|unit| unit.id));
                Some(found.ok_or_else(|| {
                    Refusal::invalid(
                        "parent",
                        format!("{code}: chưa có đơn vị cấp trên mã {parent}"),
                        format!("{code}: there is no unit {parent} to belong to"),
                    )
                })?)
            }
        };
        match parent {
            Some(parent) if batch.state.tree.get(parent).is_some() => batch.require(Capability::ManageUnits, parent)?,
            Some(_) => {}
            None if batch.actor == Actor::Operator => {}
            None => return Err(Denial::NotAllowed.into()),
        }
        let id = UnitId(insert_unit(batch, &unit, parent)?);
        known.insert(code, id);
        batch.event("unit.added", about(id), &json!({ "code": unit.code, "name": unit.name, "kind": unit.kind }));
    }
    Ok(Done { count, ..Done::default() })
}

pub(super) fn insert_unit(batch: &mut Batch<'_>, unit: &NewUnit, parent: Option<UnitId>) -> Result<i64, Refusal> {
    let name = words("name", &unit.name, limits::NAME_BYTES_MAX)?;
    let code = words("code", &unit.code, limits::NAME_BYTES_MAX)?;
    let kind = optional_words("kind", &unit.kind, limits::NAME_BYTES_MAX)?;
    let id = batch.id();
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "INSERT INTO unit (id, code, name, kind, level, parent, valid_from, valid_to, seq) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id,
        code,
        name,
        kind,
        unit.level.trim(),
        parent.map(|parent| parent.0),
        unit.from.map(|day| day.to_string()),
        unit.to.map(|day| day.to_string()),
        seq,
    ));
    Ok(id)
}

pub(super) fn add_position(
    batch: &mut Batch<'_>,
    unit: UnitId,
    code: &str,
    name: &str,
    capabilities: &BTreeSet<Capability>,
) -> Result<Done, Refusal> {
    if batch.state.tree.get(unit).is_none() {
        return Err(Refusal::NotFound);
    }
    batch.require(Capability::ManagePeople, unit)?;
    let code = words("code", code, limits::NAME_BYTES_MAX)?;
    let name = words("name", name, limits::NAME_BYTES_MAX)?;
    if batch.state.positions_of(unit).iter().any(|position| position.code == code) {
        return Err(Refusal::invalid(
            "code",
            format!("Đơn vị đã có chức danh mã {code}"),
            format!("The unit has a position {code} already"),
        ));
    }
    // Nobody can hand out what they do not have.
    for capability in capabilities {
        batch.require(*capability, unit)?;
    }
    let id = batch.id();
    let keys: Vec<&str> = capabilities.iter().map(|capability| capability.key()).collect();
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "INSERT INTO position (id, unit, code, name, capabilities, seq) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        unit.0,
        code.as_str(),
        name.as_str(),
        keys.join(" "),
        seq,
    ));
    batch.event("position.added", about(unit), &json!({ "id": id, "code": code, "name": name, "may": keys }));
    Ok(Done { id: Some(id), ..Done::default() })
}

pub(super) fn add_person(
    batch: &mut Batch<'_>,
    person: &NewPerson,
    to: Option<Date>,
    also: &[Tenure],
) -> Result<Done, Refusal> {
    let position = match person.position {
        Some(position) => Some(batch.state.positions.get(&position).ok_or(Refusal::NotFound)?),
        None => None,
    };
    match position {
        Some(position) => may_hand_out(batch, position.unit, &position.capabilities)?,
        None if batch.actor == Actor::Operator => {}
        None => return Err(Denial::NotAllowed.into()),
    }
    check_days(person.from, to)?;
    for one in also {
        let position = batch.state.positions.get(&one.position).ok_or(Refusal::NotFound)?;
        may_hand_out(batch, position.unit, &position.capabilities)?;
        check_days(one.from, one.to)?;
    }
    let login = words("login", &person.login, limits::NAME_BYTES_MAX)?.to_lowercase();
    let name = words("name", &person.name, limits::NAME_BYTES_MAX)?;
    if batch.state.account_by_login(&login).is_some() {
        return Err(Refusal::invalid(
            "login",
            format!("Đã có tài khoản {login}; hãy giao chức danh cho tài khoản đó"),
            format!("There is an account {login}; give the position to it"),
        ));
    }
    let id = batch.id();
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "INSERT INTO account (id, login, name, password, totp, recovery, disabled, language, calendar, seq) \
         VALUES ($1, $2, $3, NULL, NULL, NULL, 0, 'vi', $4, $5)",
        id,
        login.as_str(),
        name,
        kept_address(&person.calendar),
        seq,
    ));
    if let Some((token, expires)) = &person.invitation {
        batch.writes.push(write_sql!(
            "INSERT INTO invitation (token, account, expires) VALUES ($1, $2, $3)",
            token.as_str(),
            id,
            *expires,
        ));
    }
    if let Some(position) = position {
        insert_holding(batch, position.id, AccountId(id), person.from, to, seq);
    }
    for one in also {
        insert_holding(batch, one.position, AccountId(id), one.from, one.to, seq);
    }
    let subject = Subject { unit: position.map(|position| position.unit), ..Subject::default() };
    let days = |from: Date, to: Option<Date>| json!([from.to_string(), to.map(|day| day.to_string())]);
    let also: Vec<_> = also.iter().map(|one| json!([one.position, days(one.from, one.to)])).collect();
    let position = position.map(|position| position.id);
    let detail = json!({
        "id": id, "login": login, "position": position, "days": days(person.from, to), "also": also,
    });
    batch.event("person.added", subject, &detail);
    Ok(Done { id: Some(id), ..Done::default() })
}

/// A position is held for a day at least.
fn check_days(from: Date, to: Option<Date>) -> Result<(), Refusal> {
    match to.is_some_and(|to| to < from) {
        true => Err(Refusal::invalid("to", "Ngày cuối trước ngày đầu", "The last day is before the first")),
        false => Ok(()),
    }
}

/// One hands out only what one has, where one manages people.
fn may_hand_out(batch: &Batch<'_>, unit: UnitId, capabilities: &BTreeSet<Capability>) -> Result<(), Refusal> {
    batch.require(Capability::ManagePeople, unit)?;
    capabilities.iter().try_for_each(|capability| batch.require(*capability, unit))
}

pub(super) fn insert_holding(
    batch: &mut Batch<'_>,
    position: PositionId,
    account: AccountId,
    from: Date,
    to: Option<Date>,
    seq: i64,
) -> i64 {
    let id = batch.id();
    batch.writes.push(write_sql!(
        "INSERT INTO holding (id, position, account, from_day, to_day, seq) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        position.0,
        account.0,
        from.to_string(),
        to.map(|day| day.to_string()),
        seq,
    ));
    id
}

pub(super) fn hold(
    batch: &mut Batch<'_>,
    position: PositionId,
    account: AccountId,
    from: Date,
    to: Option<Date>,
) -> Result<Done, Refusal> {
    let found = batch.state.positions.get(&position).ok_or(Refusal::NotFound)?;
    may_hand_out(batch, found.unit, &found.capabilities)?;
    if !batch.state.accounts.contains_key(&account) {
        return Err(Refusal::NotFound);
    }
    check_days(from, to)?;
    // Nobody takes in whom they do not know: who works elsewhere is given a position by whoever manages both places.
    let mut known = batch.state.held_by(account).filter_map(|one| batch.state.positions.get(&one.position)).peekable();
    let own = batch.actor == Actor::Operator || batch.account() == Some(account) || known.peek().is_none();
    if !own && !known.any(|position| batch.may(Capability::ManagePeople, position.unit)) {
        return Err(Refusal::invalid(
            "login",
            "Địa chỉ thư này đã có người dùng ở nơi khác; hãy nhờ người quản lý cấp trên của cả hai nơi giao chức danh",
            "This address belongs to somebody of another place; ask whoever manages both to give the position",
        ));
    }
    let (unit, seq) = (found.unit, batch.this_seq());
    let id = insert_holding(batch, position, account, from, to, seq);
    let detail = json!({
        "id": id, "position": position, "account": account,
        "from": from.to_string(), "to": to.map(|day| day.to_string()),
    });
    batch.event("position.held", about(unit), &detail);
    Ok(Done { id: Some(id), ..Done::default() })
}

pub(super) fn end_holding(batch: &mut Batch<'_>, holding: i64, to: Date) -> Result<Done, Refusal> {
    let found = batch.state.holdings.get(&holding).ok_or(Refusal::NotFound)?;
    let position = batch.state.positions.get(&found.position).ok_or(Refusal::NotFound)?;
    batch.require(Capability::ManagePeople, position.unit)?;
    let written = |day: Date| format!("{}/{}/{}", day.day(), day.month(), day.year());
    // Who may manage people may end a position, and not give one: that asks for all that the position may do.
    if let Some(ended) = found.to.filter(|ended| *ended < to) {
        return Err(Refusal::invalid(
            "to",
            format!(
                "Việc giữ chức danh này kết thúc ngày {}; muốn giữ lâu hơn, hãy giao lại chức danh",
                written(ended)
            ),
            format!("This holding ends on {}; to hold it longer, give the position again", written(ended)),
        ));
    }
    // What was given by mistake never held: it ends on the eve of its first day.
    let eve = found.from.yesterday().unwrap_or(found.from);
    if to < eve {
        let (first, eve) = (written(found.from), written(eve));
        return Err(Refusal::invalid(
            "to",
            format!("Ngày cuối trước ngày đầu ({first}); sớm nhất là {eve}: coi như chưa từng giữ"),
            format!("The last day is before the first ({first}); the earliest is {eve}: it never held"),
        ));
    }
    let (unit, seq) = (position.unit, batch.this_seq());
    batch.writes.push(write_sql!(
        "UPDATE holding SET to_day = $2, seq = $3 WHERE id = $1",
        holding,
        to.to_string(),
        seq,
    ));
    batch.event("position.left", about(unit), &json!({ "id": holding, "to": to.to_string() }));
    Ok(Done::default())
}
