//! Units and people: the tree, who holds which position, invitations.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use criteria::date::Date;
use cycle::{AccountId, Capability, PositionId, Unit, UnitId, time};
use jiff::SignedDuration;
use scoring::notation::fold;
use serde::Deserialize;
use store::command::NewPerson;
use store::{Actor, Command};

use super::assign::{day, no_day};
use super::html;
use super::sheet::Pick as _;
use crate::app::{App, secret};
use crate::failure::Failure;
use crate::person::Person;
use crate::recovery::reset_second_factor;
use crate::view::{L, Section, Shell, kind_name};

/// How long an invitation can be used, in days.
pub const INVITATION_DAYS: i64 = 14;

struct Holder {
    name: String,
    /// Until when, where that is known.
    until: Option<String>,
    login: String,
    holding: i64,
    account: AccountId,
    closed: bool,
    /// Whether the person may close the account or invite its owner again.
    overseen: bool,
    second_factor: bool,
}

struct PositionView {
    id: PositionId,
    code: String,
    name: String,
    holders: Vec<Holder>,
    may: String,
}

struct ChildView {
    id: UnitId,
    code: String,
    name: String,
    kind: String,
    exists: String,
    people: usize,
}

#[derive(Template)]
#[template(path = "units.html")]
struct UnitsPage {
    shell: Shell,
    up: Option<(UnitId, String)>,
    lede: String,
    invitation: Option<String>,
    told: Option<&'static str>,
    lineage: Option<String>,
    positions: Vec<PositionView>,
    today: String,
    can_manage: bool,
    can_import: bool,
    capabilities: Vec<(&'static str, String)>,
    find: String,
    by_code: bool,
    change: Option<UnitId>,
    children: Vec<ChildView>,
    children_line: String,
}

/// What a capability lets one do, in words.
pub fn capability_words(l: L, capability: Capability) -> &'static str {
    let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    match capability {
        Capability::ReadSheets => pick("đọc phiếu và tài liệu", "read sheets and evidence"),
        Capability::FillAssigned => pick("nhập chỉ số được giao", "fill in what is assigned"),
        Capability::FillAny => pick("nhập mọi chỉ số", "fill in everything"),
        Capability::Assign => pick("phân công", "assign"),
        Capability::Review => pick("rà soát, trả lại", "review and send back"),
        Capability::Submit => pick("ký nộp phiếu", "sign off the sheet"),
        Capability::Appraise => pick("thẩm định", "appraise"),
        Capability::Decide => pick("chốt điểm", "decide points"),
        Capability::RunRound => pick("điều hành kỳ đánh giá", "run rounds"),
        Capability::ManageUnits => pick("quản lý đơn vị", "manage units"),
        Capability::ManagePeople => pick("quản lý người dùng", "manage people"),
        Capability::Audit => pick("đọc nhật ký", "read the log"),
    }
}

/// Whether a person may see a unit's people: those who manage it, or read its sheets.
pub(crate) fn may_see(state: &store::State, person: &Person, unit: UnitId) -> bool {
    [Capability::ManagePeople, Capability::ManageUnits, Capability::ReadSheets]
        .into_iter()
        .any(|capability| person.may(state, capability, unit))
}

/// The address of a page of ours, as people reach it.
pub(crate) fn own_address(app: &App, headers: &HeaderMap, path: &str) -> String {
    if let Some(base) = &app.public_url {
        return format!("{base}{path}");
    }
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if app.secure { "https" } else { "http" };
    format!("{scheme}://{host}{path}")
}

/// The address of an invitation.
pub fn invitation_address(app: &App, headers: &HeaderMap, secret: &str) -> String {
    own_address(app, headers, &format!("/invitation/{secret}"))
}

/// `GET /units`: the top of what one may see.
pub async fn page(State(app): State<App>, person: Person) -> Result<Response, Failure> {
    let state = app.store.state();
    let scopes = [Capability::ManageUnits, Capability::ManagePeople];
    let top = scopes.into_iter().flat_map(|capability| person.authority.scopes(capability).collect::<Vec<_>>()).next();
    let top = top.ok_or(Failure::NotFound)?;
    drop(state);
    Ok(Redirect::to(&format!("/units/{top}")).into_response())
}

#[derive(Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    find: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    told: String,
}

/// `GET /units/UNIT`
pub async fn one(
    State(app): State<App>,
    person: Person,
    Path(id): Path<UnitId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    draw(&app, &person, id, &filter, None)
}

/// The page, with the address of an invitation that was just made: it is told this once, and stands in no address.
fn draw(
    app: &App,
    person: &Person,
    id: UnitId,
    filter: &Filter,
    invitation: Option<String>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let name = {
        let state = app.store.state();
        let unit = state.tree.get(id).ok_or(Failure::NotFound)?;
        if !may_see(&state, person, id) {
            return Err(Failure::NotFound);
        }
        unit.name.clone()
    };
    let shell = Shell::new(app, Some(person), l, &format!("/units/{id}"), Section::Units, name);
    let state = app.store.state();
    let unit = state.tree.get(id).ok_or(Failure::NotFound)?;
    let people = |unit: UnitId| {
        let held = state.positions_of(unit).into_iter().flat_map(|position| state.held_at(position.id));
        held.filter(|one| one.on(today)).map(|one| one.account).collect::<BTreeSet<_>>().len()
    };
    let wanted = fold(&filter.find);
    let mut children: Vec<&Unit> = state.tree.children(id).iter().filter_map(|child| state.tree.get(*child)).collect();
    children.retain(|child| wanted.is_empty() || fold(&child.name).contains(&wanted) || child.code.contains(&wanted));
    let by_code = filter.sort == "code";
    match by_code {
        true => children.sort_by(|a, b| a.code.cmp(&b.code)),
        false => children.sort_by_cached_key(|child| (sort_key(&child.name), child.code.clone())),
    }
    let all = children.len();
    let exists = |unit: &Unit| match (unit.from, unit.to) {
        (None, None) => String::new(),
        (from, to) => format!(
            "{} – {}",
            from.map(|day| l.date(&day)).unwrap_or_default(),
            to.map(|day| l.date(&day)).unwrap_or_default()
        ),
    };
    let lineage: Vec<String> = state
        .lineage
        .iter()
        .filter(|one| one.from == id || one.to == Some(id))
        .map(|one| {
            let name = |unit: Option<UnitId>| {
                unit.and_then(|unit| state.tree.get(unit)).map_or("–", |unit| unit.name.as_str())
            };
            if one.to == Some(one.from) {
                return format!("{} {} ({})", l.say("đổi tên từ ngày", "renamed on"), l.date(&one.day), one.document);
            }
            format!("{} → {} ({}, {})", name(Some(one.from)), name(one.to), l.date(&one.day), one.document)
        })
        .collect();
    let can_manage = person.may(&state, Capability::ManagePeople, id);
    let mut page = UnitsPage {
        up: unit
            .parent
            .filter(|up| may_see(&state, person, *up))
            .and_then(|up| Some((up, state.tree.get(up)?.name.clone()))),
        lede: format!("{} · {} {}", kind_name(l, &unit.kind), l.say("mã", "code"), unit.code),
        invitation,
        told: match filter.told.as_str() {
            "given" => Some(l.0.pick(
                "Người này đã có tài khoản; chức danh đã được giao thêm, không cần lời mời.",
                "This person has an account already; the position was added to it, and no invitation is needed.",
            )),
            "closed" => Some(
                l.0.pick("Đã khóa tài khoản; mọi phiên đã chấm dứt.", "The account is closed; all sessions ended."),
            ),
            "saved" => Some(l.0.pick("Đã lưu.", "Saved.")),
            "reset" => Some(l.0.pick(
                "Đã gỡ xác thực hai lớp; mọi phiên của người này đã chấm dứt và họ được báo qua thông báo, thư điện tử.",
                "The second factor was taken off; the person's sessions ended, and a notice and an e-mail tell them.",
            )),
            "opened" => Some(l.0.pick("Đã mở lại tài khoản.", "The account is open again.")),
            _ => None,
        },
        lineage: (!lineage.is_empty()).then(|| lineage.join("; ")),
        positions: state
            .positions_of(id)
            .into_iter()
            .map(|position| PositionView {
                id: position.id,
                code: position.code.clone(),
                name: position.name.clone(),
                holders: state
                    .holdings
                    .values()
                    .filter(|one| one.position == position.id && one.on(today))
                    .filter_map(|one| {
                        let account = state.accounts.get(&one.account)?;
                        Some(Holder {
                            name: account.name.clone(),
                            until: one.to.map(|day| l.date(&day)),
                            login: account.login.clone(),
                            holding: one.id,
                            account: account.id,
                            closed: account.disabled,
                            second_factor: account.second_factor,
                            overseen: account.id != person.account
                                && state.oversees(&person.authority, account.id, today),
                        })
                    })
                    .collect::<Vec<_>>(),
                may: position.capabilities.iter().map(|one| capability_words(l, *one)).collect::<Vec<_>>().join(", "),
            })
            .collect(),
        today: l.date(&today),
        can_manage,
        can_import: can_manage || person.may(&state, Capability::ManageUnits, id),
        capabilities: Capability::ALL
            .into_iter()
            .filter(|capability| person.may(&state, *capability, id))
            .map(|capability| (capability.key(), capability_words(l, capability).to_owned()))
            .collect(),
        find: filter.find.clone(),
        by_code,
        change: person.may(&state, Capability::ManageUnits, unit.parent.unwrap_or(id)).then_some(id),
        children_line: match l.is_english() {
            true => format!("{all} units"),
            false => format!("{all} đơn vị"),
        },
        children: children
            .into_iter()
            .map(|child| ChildView {
                id: child.id,
                code: child.code.clone(),
                name: child.name.clone(),
                kind: kind_name(l, &child.kind).to_owned(),
                exists: exists(child),
                people: people(child.id),
            })
            .collect(),
        shell,
    };
    for position in &mut page.positions {
        position.holders.sort_by_cached_key(|holder| (sort_key(&holder.name), holder.holding));
    }
    drop(state);
    html(&page)
}

/// Gives a position of a unit to whoever has a login: the change, and the secret of the invitation where the person is
/// new.
pub fn invitation(
    app: &App,
    unit: UnitId,
    position: PositionId,
    login: &str,
    name: &str,
    (from, to): (Date, Option<Date>),
) -> Result<(Command, Option<String>), Failure> {
    let known = {
        let state = app.store.state();
        state.positions.get(&position).filter(|position| position.unit == unit).ok_or(Failure::NotFound)?;
        state.account_by_login(login).map(|account| account.id)
    };
    if let Some(account) = known {
        return Ok((Command::Hold { position, account, from, to }, None));
    }
    let (Ok(invitation), Ok(calendar)) = (secret(), secret()) else { return Err(Failure::Internal) };
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(24 * INVITATION_DAYS)).unwrap_or(now);
    let new = NewPerson {
        login: login.to_owned(),
        name: name.to_owned(),
        position: Some(position),
        from,
        invitation: Some((store::sessions::kept(&invitation), expires.as_millisecond())),
        calendar,
    };
    Ok((Command::AddPersonHolding { person: new, to, also: Vec::new() }, Some(invitation)))
}

/// A day that may be left out.
///
/// # Errors
/// It cannot be read.
pub(crate) fn wanted_day(field: &str, typed: &str, today: Date) -> Result<Option<Date>, Failure> {
    match typed {
        "" => Ok(None),
        typed => match day(typed, today.year()) {
            Some(day) => Ok(Some(day)),
            None => Err(Failure::Fields(vec![no_day(field, typed)])),
        },
    }
}

/// A new invitation for somebody who has an account: the change, and its secret.
pub fn new_invitation(app: &App, account: AccountId) -> Result<(Command, String), Failure> {
    let secret = secret().map_err(|_| Failure::Internal)?;
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(24 * INVITATION_DAYS)).unwrap_or(now);
    let token = store::sessions::kept(&secret);
    Ok((Command::Invite { account, token, expires: expires.as_millisecond() }, secret))
}

/// `POST /units/UNIT`: invitations, positions, ends of holdings.
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<UnitId>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    {
        let state = app.store.state();
        if !may_see(&state, &person, id) {
            return Err(Failure::NotFound);
        }
    }
    let now = app.now();
    let today = time::day_of(now);
    let actor = Actor::Account(person.account);
    match text("do").as_str() {
        "invite" => {
            let position: PositionId = text("position").parse().map_err(|_| Failure::NotFound)?;
            let days =
                (wanted_day("from", &text("from"), today)?.unwrap_or(today), wanted_day("to", &text("to"), today)?);
            let (command, secret) = invitation(&app, id, position, &text("login"), &text("name"), days)?;
            app.store.change(actor, now, command).await?;
            match secret.map(|secret| invitation_address(&app, &headers, &secret)) {
                Some(address) => draw(&app, &person, id, &Filter::default(), Some(address)),
                None => Ok(Redirect::to(&format!("/units/{id}?told=given")).into_response()),
            }
        }
        "position" => {
            let capabilities =
                Capability::ALL.into_iter().filter(|one| form.contains_key(&format!("c-{}", one.key()))).collect();
            let command = Command::AddPosition { unit: id, code: text("code"), name: text("name"), capabilities };
            app.store.change(actor, now, command).await?;
            Ok(Redirect::to(&format!("/units/{id}")).into_response())
        }
        "end" => {
            let holding = text("holding").parse().map_err(|_| Failure::NotFound)?;
            let from = app.store.state().holdings.get(&holding).map(|one| one.from).ok_or(Failure::NotFound)?;
            // What begins later never holds.
            let to = wanted_day("to", &text("to"), today)?;
            let to = to.unwrap_or(today.max(from).yesterday().unwrap_or(today));
            app.store.change(actor, now, Command::EndHolding { holding, to }).await?;
            Ok(Redirect::to(&format!("/units/{id}")).into_response())
        }
        "reinvite" => {
            let account: AccountId = text("account").parse().map_err(|_| Failure::NotFound)?;
            let (command, secret) = new_invitation(&app, account)?;
            app.store.change(actor, now, command).await?;
            draw(&app, &person, id, &Filter::default(), Some(invitation_address(&app, &headers, &secret)))
        }
        "reset-second-factor" => {
            let account: AccountId = text("account").parse().map_err(|_| Failure::NotFound)?;
            reset_second_factor(&app.store, actor, now, account).await?;
            Ok(Redirect::to(&format!("/units/{id}?told=reset")).into_response())
        }
        how @ ("close" | "open") => {
            let account: AccountId = text("account").parse().map_err(|_| Failure::NotFound)?;
            app.store.change(actor, now, Command::Disable { account, disabled: how == "close" }).await?;
            let told = if how == "close" { "closed" } else { "opened" };
            Ok(Redirect::to(&format!("/units/{id}?told={told}")).into_response())
        }
        _ => Err(Failure::NotFound),
    }
}
