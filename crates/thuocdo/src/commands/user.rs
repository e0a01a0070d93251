//! `user`: adding people, inviting them, listing them, taking a lost second factor off.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use criteria::Language;
use cycle::{AccountId, Capability, time};
use jiff::{SignedDuration, Timestamp};
use scoring::Refusal;
use store::command::NewPerson;
use store::{Actor, Command, Store};
use web::roster::{self, Place, Verdict};

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

fn account(store: &Store, login: &str) -> Result<AccountId, Failure> {
    store
        .state()
        .account_by_login(login)
        .map(|account| account.id)
        .ok_or_else(|| Failure::usage(format!("không có tài khoản {login}"), format!("there is no account {login}")))
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
                let account = account(&store, login)?;
                let secret = web::app::secret().map_err(no_randomness)?;
                let token = store::sessions::kept(&secret);
                let command = Command::Invite { account, token, expires: expires.as_millisecond() };
                store.change(Actor::Operator, now, command).await.map_err(refused)?;
                output.line(format!("/invitation/{secret}"));
            }
            UserCommand::ResetSecondFactor { at, login } => {
                let store = open(at).await?;
                let account = account(&store, login)?;
                web::recovery::reset_second_factor(&store, Actor::Operator, now, account).await.map_err(refused)?;
                output.line(match output.language {
                    Language::Vietnamese => format!("đã gỡ xác thực hai lớp của {login}; mọi phiên đã chấm dứt"),
                    Language::English => format!("took the second factor off {login}; all sessions ended"),
                });
            }
            UserCommand::Import { at, file, dry_run } => {
                let store = open(at).await?;
                import(output, &store, file, *dry_run, now, expires).await?;
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

/// Takes in a file of people or units: all of it, or nothing.
async fn import(
    output: &Output,
    store: &Store,
    file: &Path,
    dry_run: bool,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), Failure> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::usage(format!("không đọc được {name}: {error}"), format!("cannot read {name}: {error}"))
    })?;
    let broken = |text| Failure::Refused(vec![Refusal::new(name.as_str(), text)]);
    let rows = documents::table::read(&bytes).map_err(broken)?;
    let today = time::day_of(now);
    let plan = {
        let state = store.state();
        let place = Place { state: &state, unit: None, may: &|_, _| true, today };
        roster::plan(&place, &rows).map_err(broken)?
    };
    let refused: Vec<Refusal> = plan
        .lines
        .iter()
        .filter(|line| line.verdict == Verdict::Refused)
        .map(|line| {
            let number = line.number;
            Refusal::new(
                format!(
                    "{name}, {} {number}",
                    match output.language {
                        Language::Vietnamese => "dòng",
                        Language::English => "line",
                    }
                ),
                line.told.clone(),
            )
        })
        .collect();
    if !refused.is_empty() {
        return Err(Failure::Refused(refused));
    }
    if dry_run {
        for line in &plan.lines {
            let mark = match line.verdict {
                Verdict::Added => "+",
                Verdict::Changed => "~",
                Verdict::Same | Verdict::Refused => "=",
            };
            output.line(format!("{mark} {} {}: {}", line.key, line.name, line.told.in_language(output.language)));
        }
        return Ok(());
    }
    if !plan.can_be_done() {
        return Ok(());
    }
    let pair = |_| Ok((web::app::secret().map_err(no_randomness)?, web::app::secret().map_err(no_randomness)?));
    let secrets: Vec<(String, String)> = plan.people.iter().map(pair).collect::<Result<_, Failure>>()?;
    let command = plan.command(&secrets, expires.as_millisecond());
    store.change(Actor::Operator, now, command).await.map_err(crate::province::refused)?;
    for (person, (secret, _)) in plan.people.iter().zip(&secrets) {
        output.line(format!("{}\t{}\t/invitation/{secret}", person.login, person.name));
    }
    Ok(())
}
