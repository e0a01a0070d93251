//! Changes to what opens an account: passwords, invitations, the second factor, sessions, the calendar's address.

use cycle::{AccountId, Denial};
use serde_json::json;

use super::{Batch, Subject};
use crate::command::{Actor, Done, Ended, Refusal};
use crate::notices::{MAIL_JOB, NewNotice};
use crate::state::kept_address;
use crate::write_sql;

/// Oneself, or the operator.
fn own(batch: &Batch<'_>, account: AccountId) -> Result<(), Refusal> {
    if batch.actor == Actor::Operator || batch.account() == Some(account) {
        Ok(())
    } else {
        Err(Denial::NotAllowed.into())
    }
}

/// Only oneself, the operator, or one who manages people wherever the other holds a position.
fn may_change_account(batch: &Batch<'_>, account: AccountId) -> Result<(), Refusal> {
    if !batch.state.accounts.contains_key(&account) {
        return Err(Refusal::NotFound);
    }
    if batch.actor == Actor::Operator || batch.account() == Some(account) {
        return Ok(());
    }
    let oversees =
        batch.authority.as_ref().is_some_and(|authority| batch.state.oversees(authority, account, batch.today()));
    if oversees { Ok(()) } else { Err(Denial::NotAllowed.into()) }
}

pub(super) fn set_password(batch: &mut Batch<'_>, account: AccountId, hash: &str) -> Result<Done, Refusal> {
    own(batch, account)?;
    end_invitations(batch, account);
    let seq = batch.this_seq();
    batch.writes.push(write_sql!("UPDATE account SET password = $2, seq = $3 WHERE id = $1", account.0, hash, seq));
    batch.event("person.password", Subject::default(), &json!({ "account": account }));
    Ok(Done::default())
}

pub(super) fn set_second_factor(
    batch: &mut Batch<'_>,
    account: AccountId,
    secret: Option<(String, Vec<String>)>,
) -> Result<Done, Refusal> {
    own(batch, account)?;
    let seq = batch.this_seq();
    let on = secret.is_some();
    let (totp, recovery) = match secret {
        Some((secret, codes)) => (Some(secret), Some(json!(codes).to_string())),
        None => (None, None),
    };
    batch.writes.push(write_sql!(
        "UPDATE account SET totp = $2, recovery = $3, totp_step = NULL, seq = $4 WHERE id = $1",
        account.0,
        totp,
        recovery,
        seq,
    ));
    batch.event("person.second-factor", Subject::default(), &json!({ "account": account, "on": on }));
    Ok(Done::default())
}

pub(super) fn set_language(batch: &mut Batch<'_>, account: AccountId, english: bool) -> Result<Done, Refusal> {
    own(batch, account)?;
    let seq = batch.this_seq();
    let language = if english { "en" } else { "vi" };
    batch.writes.push(write_sql!("UPDATE account SET language = $2, seq = $3 WHERE id = $1", account.0, language, seq));
    batch.event("person.language", Subject::default(), &json!({ "account": account, "language": language }));
    Ok(Done::default())
}

pub(super) fn invite(batch: &mut Batch<'_>, account: AccountId, token: &str, expires: i64) -> Result<Done, Refusal> {
    // Who is in changes the password by the one in use: a token that was stolen must not make a way in of itself.
    if batch.account() == Some(account) {
        return Err(Denial::NotAllowed.into());
    }
    may_change_account(batch, account)?;
    end_invitations(batch, account);
    let sql = "INSERT INTO invitation (token, account, expires) VALUES ($1, $2, $3)";
    batch.writes.push(write_sql!(sql, token, account.0, expires));
    batch.event("person.invited", Subject::default(), &json!({ "account": account }));
    Ok(Done::default())
}

pub(super) fn disable(batch: &mut Batch<'_>, account: AccountId, disabled: bool) -> Result<Done, Refusal> {
    may_change_account(batch, account)?;
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE account SET disabled = $2, seq = $3 WHERE id = $1",
        account.0,
        i64::from(disabled),
        seq,
    ));
    if disabled {
        end_all_sessions(batch, account);
        end_invitations(batch, account);
    }
    batch.event("person.disabled", Subject::default(), &json!({ "account": account, "disabled": disabled }));
    Ok(Done::default())
}

/// Nobody stays signed in, or half.
fn end_all_sessions(batch: &mut Batch<'_>, account: AccountId) {
    batch.writes.push(write_sql!("DELETE FROM session WHERE account = $1", account.0));
    batch.writes.push(write_sql!("DELETE FROM half_session WHERE account = $1", account.0));
}

/// Invitations that were not used are worth nothing any more.
fn end_invitations(batch: &mut Batch<'_>, account: AccountId) {
    let now = batch.at.as_millisecond();
    batch.writes.push(write_sql!(
        "UPDATE invitation SET used = $2 WHERE account = $1 AND used IS NULL",
        account.0,
        now
    ));
}

pub(super) fn accept_invitation(batch: &mut Batch<'_>, account: AccountId, hash: &str) -> Result<Done, Refusal> {
    own(batch, account)?;
    let known = batch.state.accounts.get(&account).filter(|known| !known.disabled).ok_or(Refusal::NotFound)?;
    let anew = known.has_password;
    end_all_sessions(batch, account);
    end_invitations(batch, account);
    batch.writes.push(write_sql!("DELETE FROM api_token WHERE account = $1", account.0));
    let seq = batch.this_seq();
    batch.writes.push(write_sql!("UPDATE account SET password = $2, seq = $3 WHERE id = $1", account.0, hash, seq));
    batch.event("person.accepted", Subject::default(), &json!({ "account": account, "anew": anew }));
    Ok(Done::default())
}

/// The account's row is touched, by which every copy of the program knows that what it remembers of sessions is old.
pub(super) fn end_sessions(batch: &mut Batch<'_>, account: AccountId, which: Ended) -> Result<Done, Refusal> {
    own(batch, account)?;
    let others = matches!(which, Ended::Others(_));
    if others {
        batch.writes.push(write_sql!("DELETE FROM half_session WHERE account = $1", account.0));
    }
    batch.writes.push(match which {
        Ended::One(token) => write_sql!("DELETE FROM session WHERE account = $1 AND token = $2", account.0, token),
        Ended::Others(token) => write_sql!("DELETE FROM session WHERE account = $1 AND token <> $2", account.0, token),
    });
    let seq = batch.this_seq();
    batch.writes.push(write_sql!("UPDATE account SET seq = $2 WHERE id = $1", account.0, seq));
    batch.event("person.sessions", Subject::default(), &json!({ "account": account, "others": others }));
    Ok(Done::default())
}

pub(super) fn reset_second_factor(
    batch: &mut Batch<'_>,
    account: AccountId,
    notice: &NewNotice,
) -> Result<Done, Refusal> {
    // Oneself shows a code, on one's own page.
    if batch.account() == Some(account) || notice.account != account {
        return Err(Denial::NotAllowed.into());
    }
    may_change_account(batch, account)?;
    if !batch.state.accounts.get(&account).is_some_and(|known| known.second_factor) {
        return Err(Refusal::invalid(
            "account",
            "Tài khoản này chưa bật xác thực hai lớp",
            "This account has no second factor",
        ));
    }
    // The phone that was lost may be signed in.
    end_all_sessions(batch, account);
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE account SET totp = NULL, recovery = NULL, totp_step = NULL, seq = $2 WHERE id = $1",
        account.0,
        seq,
    ));
    let (given, mail, now) = (batch.id(), batch.id(), batch.at.as_millisecond());
    batch.writes.push(write_sql!(
        "INSERT INTO notice (id, account, at, vi, en, link, read_at, mailed_at, mark) \
         VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7)",
        given,
        account.0,
        now,
        notice.vi.as_str(),
        notice.en.as_str(),
        notice.link.as_str(),
        format!("second-factor:{seq}"),
    ));
    batch.writes.push(write_sql!(
        "INSERT INTO job (id, kind, payload, due, attempts, lease, done_at) VALUES ($1, $2, $3, $4, 0, 0, NULL)",
        mail,
        MAIL_JOB,
        given.to_string(),
        now,
    ));
    let detail = json!({ "account": account, "on": false, "lost": true });
    batch.event("person.second-factor", Subject::default(), &detail);
    Ok(Done::default())
}

pub(super) fn renew_calendar(batch: &mut Batch<'_>, account: AccountId, secret: &str) -> Result<Done, Refusal> {
    own(batch, account)?;
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE account SET calendar = $2, seq = $3 WHERE id = $1",
        account.0,
        kept_address(secret),
        seq,
    ));
    batch.event("person.calendar", Subject::default(), &json!({ "account": account }));
    Ok(Done::default())
}
