//! Signing in and out, and accepting an invitation.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use criteria::Text;
use cycle::{AccountId, Authority, Capability};
use jiff::SignedDuration;
use serde::Deserialize;
use store::attempts::Guess;
use store::command::Ended;
use store::state::Account;
use store::{Actor, Command};

use crate::app::{App, secret};
use crate::failure::Failure;
use crate::guard::own_page;
use crate::passwords;
use crate::person::{Person, SESSION_COOKIE, Visitor, cookie};
use crate::second_factor::{self, waits};
use crate::view::{L, Section, Shell};

/// The cookie of somebody who owes the second factor.
const HALF_COOKIE: &str = "thuocdo-half";
/// How long a second factor may be owed, in seconds.
const HALF_SECONDS: i64 = 300;
/// How long a session lasts.
const SESSION_HOURS: i64 = 12;

struct FieldError {
    field: &'static str,
    message: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    step: &'static str,
    login: String,
    to: String,
    error: Option<FieldError>,
    openid: Option<String>,
    /// Whoever accepts an invitation owes a second factor.
    owes: bool,
    /// Whoever accepts an invitation has been here before.
    anew: bool,
}

#[derive(Deserialize)]
pub struct To {
    #[serde(default)]
    pub to: String,
}

#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

type Cookie = AppendHeaders<[(header::HeaderName, String); 1]>;

/// Where a person begins.
pub fn first_page(state: &store::State, authority: &Authority) -> String {
    let work = authority.may_somewhere(Capability::FillAssigned) || authority.may_somewhere(Capability::FillAny);
    let latest =
        state.rounds.values().rev().find(|round| authority.may(&state.tree, Capability::RunRound, round.owner));
    match latest {
        Some(round) => format!("/rounds/{}", round.id),
        None if work => "/work".to_owned(),
        None if authority.may_somewhere(Capability::ReadSheets) => "/rounds".to_owned(),
        None => "/account".to_owned(),
    }
}

fn fresh_secret() -> Result<String, Failure> {
    secret().map_err(|error| {
        tracing::error!(%error, "no randomness");
        Failure::Internal
    })
}

/// Begins a session and gives its cookie.
pub async fn begin(app: &App, account: AccountId, agent: &str) -> Result<Cookie, Failure> {
    let secret = fresh_secret()?;
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(SESSION_HOURS)).unwrap_or(now);
    app.store.begin_session(&secret, account, now, expires, agent).await?;
    let secure = if app.secure { "; Secure" } else { "" };
    let cookie =
        format!("{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", SESSION_HOURS * 3600);
    Ok(AppendHeaders([(header::SET_COOKIE, cookie)]))
}

/// The browser, as it calls itself.
pub fn agent(headers: &HeaderMap) -> String {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn shell(app: &App, l: L, path: &str) -> Shell {
    Shell::new(app, None, l, path, Section::Elsewhere, l.say("Đăng nhập", "Sign in"))
}

/// The way to the organisation's provider, where there is one.
fn openid(app: &App, to: &str) -> Option<String> {
    let plain = to.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte));
    app.openid.as_ref().map(|_| format!("/sign-in/openid?to={}", if plain { to } else { "" }))
}

/// A step of signing in, or that step again with what was wrong.
fn step(
    app: &App,
    (l, path): (L, &str),
    step: &'static str,
    (login, to): (String, String),
    error: Option<FieldError>,
) -> Result<Response, Failure> {
    let mut shell = shell(app, l, path);
    let mut status = StatusCode::OK;
    if error.is_some() {
        shell.title = format!("{} {}", l.say("Lỗi:", "Error:"), shell.title);
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let openid = if step == "password" { openid(app, &to) } else { None };
    let page = SignInPage { shell, step, login, to, error, openid, owes: false, anew: false };
    Ok((status, Html(page.render()?)).into_response())
}

/// The page again, with why somebody is not signed in.
pub fn refused(app: &App, l: L, path: &str, words: &str) -> Result<Response, Failure> {
    let error = FieldError { field: "login", message: words.to_owned() };
    step(app, (l, path), "password", Default::default(), Some(error))
}

/// Where somebody goes who has signed in: back to the page that was asked for, or to where the person begins.
pub fn landing(app: &App, account: AccountId, to: &str) -> String {
    match own_page(to).filter(|to| to != "/") {
        Some(to) => to,
        None => {
            let state = app.store.state();
            first_page(&state, &state.authority(account, cycle::time::day_of(app.now())))
        }
    }
}

/// `GET /sign-in`
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(to): Query<To>,
) -> Result<Response, Failure> {
    step(&app, (visitor.l, uri.path()), "password", (String::new(), to.to), None)
}

/// `POST /sign-in`: the password; who has a second factor is asked for it next, and not before: nobody learns of a code
/// whether the password was right who did not know it.
pub async fn enter(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let login = form.login.trim().to_lowercase();
    let refuse = |message: &str| -> Result<Response, Failure> {
        let error = FieldError { field: "login", message: message.to_owned() };
        step(&app, (l, uri.path()), "password", (form.login.clone(), form.to.clone()), Some(error))
    };
    // First a place to compare it at, then the count: who finds no place has not guessed.
    let turn = app.hashing.turn().await?;
    let guess = Guess::Password(&login);
    if let Some(wait) = app.store.count_guess(guess, app.now()).await? {
        return refuse(l.text(&waits(wait)));
    }
    let account = app.store.state().account_by_login(&login).filter(|account| !account.disabled).map(|one| one.id);
    let secrets = match account {
        Some(account) => app.store.secrets(account).await?,
        None => store::sessions::Secrets::default(),
    };
    // An account that does not exist takes as long as one that does.
    let hash = secrets.password.unwrap_or_else(|| NOBODY.to_owned());
    let fits = turn.verify(form.password.clone(), hash).await;
    let Some(account) = account.filter(|_| fits) else {
        return refuse(l.say("Thư điện tử hoặc mật khẩu không đúng", "The e-mail address or the password is wrong"));
    };
    app.store.forgive_guesses(guess).await?;
    if secrets.totp.is_some() {
        let half = AppendHeaders([begin_half(&app, account).await?]);
        let to: String = form_urlencoded::byte_serialize(form.to.as_bytes()).collect();
        return Ok((half, Redirect::to(&format!("/sign-in/code?to={to}"))).into_response());
    }
    let cookie = begin(&app, account, &agent(&headers)).await?;
    let to = landing(&app, account, &form.to);
    Ok((cookie, Redirect::to(&to)).into_response())
}

/// A hash that no password fits, for logins that do not exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Remembers that the password, or the provider's word, stands and the second factor is owed; gives the cookie that says so.
pub async fn begin_half(app: &App, account: AccountId) -> Result<(header::HeaderName, String), Failure> {
    let secret = fresh_secret()?;
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_secs(HALF_SECONDS)).unwrap_or(now);
    app.store.begin_half(&secret, account, now, expires).await?;
    Ok(half_cookie(app, &secret, HALF_SECONDS))
}

fn half_cookie(app: &App, secret: &str, seconds: i64) -> (header::HeaderName, String) {
    let secure = if app.secure { "; Secure" } else { "" };
    let cookie = format!("{HALF_COOKIE}={secret}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    (header::SET_COOKIE, cookie)
}

/// Who gave the password, or came back from the provider, and owes the second factor; whoever did not, or took too long,
/// begins again.
async fn owing(app: &App, parts: &Parts) -> Result<Option<(String, Account)>, Failure> {
    let Some(secret) = cookie(parts, HALF_COOKIE) else { return Ok(None) };
    let account = app.store.half(secret, app.now()).await?;
    let state = app.store.state();
    let account = account.and_then(|account| state.accounts.get(&account)).filter(|account| !account.disabled);
    Ok(account.map(|account| (secret.to_owned(), account.clone())))
}

fn asks_for_code(app: &App, l: L, path: &str, to: String, error: Option<String>) -> Result<Response, Failure> {
    let error = error.map(|message| FieldError { field: "code", message });
    step(app, (l, path), "code", (String::new(), to), error)
}

/// `GET /sign-in/code`: the second factor, after the password or the organisation's provider.
pub async fn code(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(to): Query<To>,
    parts: Parts,
) -> Result<Response, Failure> {
    match owing(&app, &parts).await? {
        Some(_) => asks_for_code(&app, visitor.l, uri.path(), to.to, None),
        None => nothing_owed(&app, visitor.l),
    }
}

/// Who took no first step, or too long ago, signs in from the start.
fn nothing_owed(app: &App, l: L) -> Result<Response, Failure> {
    let words = l.say(
        "Chưa có bước đăng nhập trước, hoặc đã quá lâu; hãy đăng nhập lại",
        "There was no first step of signing in, or it was too long ago; sign in again",
    );
    refused(app, l, "/sign-in", words)
}

/// `POST /sign-in/code`
pub async fn enter_code(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    parts: Parts,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let Some((half, account)) = owing(&app, &parts).await? else { return nothing_owed(&app, l) };
    if let Err(why) = second_factor::shown(&app, account.id, &form.code).await? {
        return asks_for_code(&app, l, uri.path(), form.to, Some(l.text(&why).to_owned()));
    }
    if !app.store.end_half(&half).await? {
        return Err(Failure::Stale);
    }
    let session = begin(&app, account.id, &agent(&parts.headers)).await?;
    let to = landing(&app, account.id, &form.to);
    Ok((session, AppendHeaders([half_cookie(&app, "", 0)]), Redirect::to(&to)).into_response())
}

/// `POST /sign-out`
pub async fn leave(State(app): State<App>, person: Person) -> Result<Response, Failure> {
    let which = Ended::One(store::sessions::kept(&person.secret));
    let command = Command::EndSessions { account: person.account, which };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    let cookie = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}

/// `GET /invitation/SECRET`
pub async fn invitation(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(secret): Path<String>,
) -> Result<Response, Failure> {
    let account = invited(&app, &secret).await?;
    welcome(&app, visitor.l, uri.path(), &account, None)
}

/// The page on which somebody accepts an invitation.
fn welcome(
    app: &App,
    l: L,
    path: &str,
    account: &Account,
    error: Option<(&'static str, Text)>,
) -> Result<Response, Failure> {
    let mut shell = shell(app, l, path);
    shell.title = l.say("Đặt mật khẩu", "Choose a password").to_owned();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SignInPage {
        shell,
        step: "invitation",
        login: account.login.clone(),
        to: String::new(),
        error: error.map(|(field, why)| FieldError { field, message: l.text(&why).to_owned() }),
        openid: None,
        owes: account.second_factor,
        anew: account.has_password,
    };
    Ok((status, Html(page.render()?)).into_response())
}

async fn invited(app: &App, secret: &str) -> Result<Account, Failure> {
    let account = app.store.invitation(secret, app.now()).await?;
    let state = app.store.state();
    let account = account.and_then(|account| state.accounts.get(&account)).filter(|account| !account.disabled);
    account.cloned().ok_or_else(|| {
        Failure::Invalid(Text::new(
            "Lời mời này đã dùng hoặc đã hết hạn; hãy xin lời mời mới",
            "This invitation was used or is over; ask for a new one",
        ))
    })
}

/// `POST /invitation/SECRET`: sets the password and signs in; who has a second factor shows it first. Whatever else opened
/// the account until now ends: it may be in other hands.
pub async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let account = invited(&app, &secret).await?;
    if let Some(weakness) = weakness(&app, account.id, &form.password) {
        return welcome(&app, l, uri.path(), &account, Some(("password", weakness)));
    }
    // One waits for a place first: a recovery code that was shown is used up.
    let turn = app.hashing.turn().await?;
    if let Err(why) = second_factor::shown(&app, account.id, &form.code).await? {
        return welcome(&app, l, uri.path(), &account, Some(("code", why)));
    }
    let hash = turn.hash(form.password).await?;
    let (account, now) = (account.id, app.now());
    if !app.store.use_invitation(&secret, now).await? {
        return Err(Failure::Stale);
    }
    app.store.change(Actor::Account(account), now, Command::AcceptInvitation { account, hash }).await?;
    let cookie = begin(&app, account, &agent(&headers)).await?;
    Ok((cookie, Redirect::to(&landing(&app, account, ""))).into_response())
}

/// Why a password is not taken for an account: what others know of its owner is no secret.
pub fn weakness(app: &App, account: AccountId, password: &str) -> Option<Text> {
    let own: Vec<String> = {
        let state = app.store.state();
        let names = state.accounts.get(&account).into_iter().flat_map(|one| [one.login.clone(), one.name.clone()]);
        let units = state.held_by(account).filter_map(|one| state.tree.get(state.positions.get(&one.position)?.unit));
        names.chain(units.flat_map(|unit| [unit.name.clone(), unit.code.clone()])).collect()
    };
    passwords::weakness(password, &own.iter().map(String::as_str).collect::<Vec<_>>())
}
