//! Putting right what is known of positions and people.

use std::collections::BTreeSet;

use cycle::{AccountId, Capability, Denial, PositionId};
use serde_json::json;

use super::organisation::about;
use super::{Batch, Subject, before_after, words};
use crate::command::{Actor, Done, Refusal};
use crate::{limits, write_sql};

/// What a position is called, and what it may do: nobody gives it, or takes from it, what they do not have themselves.
pub(super) fn change_position(
    batch: &mut Batch<'_>,
    id: PositionId,
    name: &str,
    capabilities: &BTreeSet<Capability>,
) -> Result<Done, Refusal> {
    let position = batch.state.positions.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::ManagePeople, position.unit)?;
    for capability in position.capabilities.symmetric_difference(capabilities) {
        batch.require(*capability, position.unit)?;
    }
    let name = words("name", name, limits::NAME_BYTES_MAX)?;
    if name == position.name && *capabilities == position.capabilities {
        return Ok(Done::default());
    }
    let keys = |of: &BTreeSet<Capability>| of.iter().map(|one| one.key()).collect::<Vec<_>>();
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE position SET name = $2, capabilities = $3, seq = $4 WHERE id = $1",
        id.0,
        name.as_str(),
        keys(capabilities).join(" "),
        seq,
    ));
    let before = json!([position.name, keys(&position.capabilities)]);
    let mut detail = before_after(&before, &json!([name, keys(capabilities)]));
    detail["id"] = json!(id);
    detail["code"] = json!(position.code);
    batch.event("position.changed", about(position.unit), &detail);
    Ok(Done { count: 1, ..Done::default() })
}

/// A name or an address that was written wrong. Only the operator, or whoever oversees the person: nobody takes an address
/// for themselves. What was sent to the address before lets nobody in any more.
pub(super) fn change_person(
    batch: &mut Batch<'_>,
    account: AccountId,
    login: &str,
    name: &str,
) -> Result<Done, Refusal> {
    let known = batch.state.accounts.get(&account).ok_or(Refusal::NotFound)?;
    let oversees =
        batch.authority.as_ref().is_some_and(|authority| batch.state.oversees(authority, account, batch.today()));
    if batch.actor != Actor::Operator && !oversees {
        return Err(Denial::NotAllowed.into());
    }
    let login = words("login", login, limits::NAME_BYTES_MAX)?.to_lowercase();
    let name = words("name", name, limits::NAME_BYTES_MAX)?;
    if batch.state.account_by_login(&login).is_some_and(|other| other.id != account) {
        return Err(Refusal::invalid(
            "login",
            format!("Địa chỉ {login} là của tài khoản khác"),
            format!("The address {login} belongs to another account"),
        ));
    }
    let (old_login, old_name) = (known.login.clone(), known.name.clone());
    if login == old_login && name == old_name {
        return Ok(Done::default());
    }
    let seq = batch.this_seq();
    let sql = "UPDATE account SET login = $2, name = $3, seq = $4 WHERE id = $1";
    batch.writes.push(write_sql!(sql, account.0, login.as_str(), name.as_str(), seq));
    if login != old_login {
        batch.writes.push(write_sql!("DELETE FROM invitation WHERE account = $1", account.0));
    }
    let mut detail = before_after(&json!([old_login, old_name]), &json!([login, name]));
    detail["account"] = json!(account);
    batch.event("person.changed", Subject::default(), &detail);
    Ok(Done { count: 1, ..Done::default() })
}
