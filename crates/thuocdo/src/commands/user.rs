//! `user`: adding people, inviting them, listing them.

use std::collections::BTreeSet;
use std::process::ExitCode;

use criteria::Language;
use cycle::{Capability, time};
use jiff::{SignedDuration, Timestamp};
use store::command::NewPerson;
use store::{Actor, Command};

use super::serve::{block_on, open};
use crate::arguments::UserCommand;
use crate::failure::Failure;
use crate::output::Output;
use crate::province::refused;

/// How long an invitation can be used, in days.
const INVITATION_DAYS: i64 = 14;

fn no_randomness<T>(_: T) -> Failure {
    Failure::usage("máy không cấp được số ngẫu nhiên", "the system gives no random numbers")
}

fn capabilities(names: &[String]) -> Result<BTreeSet<Capability>, Failure> {
    if names.iter().any(|name| name == "all") {
        return Ok(Capability::ALL.into_iter().collect());
    }
    names
        .iter()
        .map(|name| {
            let known = Capability::ALL.map(Capability::key).join(", ");
            Capability::from_key(name).ok_or_else(|| {
                Failure::usage(
                    format!("--may “{name}” (có: all, {known})"),
                    format!("--may \"{name}\" (there are: all, {known})"),
                )
            })
        })
        .collect()
}

/// Runs a `user` command.
pub fn run(output: &Output, command: &UserCommand) -> Result<ExitCode, Failure> {
    block_on(async {
        let now = Timestamp::now();
        let expires = now.checked_add(SignedDuration::from_hours(24 * INVITATION_DAYS)).unwrap_or(now);
        match command {
            UserCommand::Add { at, login, name, unit, position, may } => {
                let store = open(at).await?;
                let unit_id = store.state().tree.by_code(unit).map(|unit| unit.id).ok_or_else(|| {
                    Failure::usage(
                        format!("không có đơn vị mã {unit}; thuocdo units seed tạo các đơn vị"),
                        format!("there is no unit {unit}; thuocdo units seed makes them"),
                    )
                })?;
                let find = || {
                    let state = store.state();
                    state.positions_of(unit_id).into_iter().find(|one| one.code == *position).map(|one| one.id)
                };
                let known = find();
                let held = match known {
                    Some(position) => position,
                    None => {
                        let command = Command::AddPosition {
                            unit: unit_id,
                            code: position.clone(),
                            name: position.clone(),
                            capabilities: capabilities(may)?,
                        };
                        store.change(Actor::Operator, now, command).await.map_err(refused)?;
                        find().ok_or_else(|| Failure::usage("không tạo được chức danh", "the position was not made"))?
                    }
                };
                let secret = web::app::secret().map_err(no_randomness)?;
                let person = NewPerson {
                    login: login.clone(),
                    name: name.clone(),
                    position: Some(held),
                    from: time::day_of(now),
                    invitation: Some((store::sessions::kept(&secret), expires.as_millisecond())),
                    calendar: web::app::secret().map_err(no_randomness)?,
                };
                store.change(Actor::Operator, now, Command::AddPerson(person)).await.map_err(refused)?;
                output.line(format!("/invitation/{secret}"));
            }
            UserCommand::Invite { at, login } => {
                let store = open(at).await?;
                let account = store.state().account_by_login(login).map(|account| account.id).ok_or_else(|| {
                    Failure::usage(format!("không có tài khoản {login}"), format!("there is no account {login}"))
                })?;
                let secret = web::app::secret().map_err(no_randomness)?;
                store.invite(&secret, account, expires).await.map_err(|error| Failure::Use(error.text()))?;
                output.line(format!("/invitation/{secret}"));
            }
            UserCommand::List { at } => {
                let store = open(at).await?;
                let state = store.state();
                let today = time::day_of(now);
                let mut accounts: Vec<_> = state.accounts.values().collect();
                accounts.sort_by(|a, b| a.login.cmp(&b.login));
                for account in accounts {
                    let authority = state.authority(account.id, today);
                    let held = authority.positions.iter().filter_map(|id| state.positions.get(id)).map(|position| {
                        let unit = state.tree.get(position.unit).map(|unit| unit.name.as_str()).unwrap_or_default();
                        format!("{} ({unit})", position.code)
                    });
                    let mut line =
                        format!("{}\t{}\t{}", account.login, account.name, held.collect::<Vec<_>>().join(", "));
                    if account.disabled {
                        line.push_str(match output.language {
                            Language::Vietnamese => "\tđã đóng",
                            Language::English => "\tclosed",
                        });
                    }
                    output.line(line);
                }
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
