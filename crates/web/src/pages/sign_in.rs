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
use store::sessions::Attempts;
use store::state::Account;
use store::{Actor, Command};

use super::html;
use crate::app::{App, secret};
use crate::failure::Failure;
use crate::guard::own_page;
use crate::passwords;
use crate::person::{Person, SESSION_COOKIE, Visitor, cookie};
use crate::view::{L, Section, Shell};

/// The cookie of somebody who owes the second factor.
const HALF_COOKIE: &str = "thuocdo-half";
/// How long a second factor may be owed, in seconds.
const HALF_SECONDS: i64 = 300;
/// How long a session lasts.
const SESSION_HOURS: i64 = 12;
/// Failed attempts before the first wait.
const FREE_FAILURES: i64 = 5;

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
    Ok((status, Html(SignInPage { shell, step, login, to, error, openid }.render()?)).into_response())
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

/// `POST /sign-in`
pub async fn enter(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let login = form.login.trim().to_lowercase();
    let now = app.now().as_millisecond();
    let attempts = app.store.attempts(&login).await?;
    let refuse = |field: &'static str, message: String| -> Result<Response, Failure> {
        let error = FieldError { field, message };
        step(&app, (l, uri.path()), "password", (form.login.clone(), form.to.clone()), Some(error))
    };
    if let Some(wait) = has_to_wait(attempts, now) {
        return refuse("login", l.text(&wait).to_owned());
    }
    let account = app.store.state().account_by_login(&login).filter(|account| !account.disabled).map(|one| one.id);
    let secrets = match account {
        Some(account) => app.store.secrets(account).await?,
        None => store::sessions::Secrets::default(),
    };
    // An account that does not exist takes as long as one that does.
    let hash = secrets.password.clone().unwrap_or_else(|| NOBODY.to_owned());
    let password = form.password.clone();
    let fits = tokio::task::spawn_blocking(move || passwords::verify(&password, &hash)).await.unwrap_or(false);
    let second = match (&secrets.totp, account) {
        (Some(secret), Some(account)) if fits => second_factor_fits(&app, account, secret, &form.code).await?,
        _ => true,
    };
    match account {
        Some(account) if fits && second => {
            app.store.set_attempts(&login, Attempts::default()).await?;
            let cookie = begin(&app, account, &agent(&headers)).await?;
            let to = landing(&app, account, &form.to);
            Ok((cookie, Redirect::to(&to)).into_response())
        }
        _ => {
            app.store.set_attempts(&login, one_more(attempts, now)).await?;
            let field = if fits { "code" } else { "login" };
            let words = l.say(
                "Thư điện tử, mật khẩu hoặc mã xác thực không đúng",
                "The e-mail, the password or the authentication code is wrong",
            );
            refuse(field, words.to_owned())
        }
    }
}

/// Why no attempt is looked at now, where too many failed; `now` is in milliseconds.
pub fn has_to_wait(attempts: Attempts, now: i64) -> Option<Text> {
    let seconds = (attempts.until - now) / 1000 + 1;
    (attempts.until > now).then(|| {
        Text::new(
            format!("Sai quá nhiều lần; hãy thử lại sau {seconds} giây"),
            format!("Too many wrong attempts; try again in {seconds} seconds"),
        )
    })
}

/// The attempts with one more that failed: 5 are free, then one waits 2, 4, 8 … seconds, at most 15 minutes.
pub fn one_more(attempts: Attempts, now: i64) -> Attempts {
    let failures = attempts.failures + 1;
    let wait = match failures - FREE_FAILURES {
        ..0 => 0,
        over => (2_000_i64 << over.min(9)).min(15 * 60 * 1000),
    };
    Attempts { failures, until: now + wait }
}

/// A hash that no password fits, for logins that do not exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn second_factor_fits(app: &App, account: AccountId, secret: &str, code: &str) -> Result<bool, Failure> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let seconds = u64::try_from(app.now().as_second()).unwrap_or(0);
    if super::account::totp_fits(secret, &code, seconds) {
        return Ok(true);
    }
    Ok(code.len() > 6 && app.store.use_recovery_code(account, &code.to_lowercase()).await?)
}

/// Remembers that the provider's word stands and the second factor is owed; gives the cookie that says so.
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

/// Who came back from the provider and owes the second factor; whoever did not, or took too long, begins again.
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

/// `GET /sign-in/code`: the second factor, after the organisation's provider.
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

/// Who was not at the provider, or too long ago, signs in from the start.
fn nothing_owed(app: &App, l: L) -> Result<Response, Failure> {
    let words = l.say(
        "Bạn chưa đăng nhập bằng tài khoản cơ quan, hoặc đã quá lâu; hãy đăng nhập lại",
        "You did not come from your organisation's account, or too long ago; sign in again",
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
    let now = app.now().as_millisecond();
    let attempts = app.store.attempts(&account.login).await?;
    if let Some(wait) = has_to_wait(attempts, now) {
        return asks_for_code(&app, l, uri.path(), form.to, Some(l.text(&wait).to_owned()));
    }
    let fits = match app.store.secrets(account.id).await?.totp {
        Some(secret) => second_factor_fits(&app, account.id, &secret, &form.code).await?,
        // Turned off meanwhile, by whoever may.
        None => true,
    };
    if !fits {
        app.store.set_attempts(&account.login, one_more(attempts, now)).await?;
        let words = l.say("Mã xác thực không đúng", "The authentication code is wrong");
        return asks_for_code(&app, l, uri.path(), form.to, Some(words.to_owned()));
    }
    if !app.store.end_half(&half).await? {
        return Err(Failure::Stale);
    }
    app.store.set_attempts(&account.login, Attempts::default()).await?;
    let session = begin(&app, account.id, &agent(&parts.headers)).await?;
    let to = landing(&app, account.id, &form.to);
    Ok((session, AppendHeaders([half_cookie(&app, "", 0)]), Redirect::to(&to)).into_response())
}

/// `POST /sign-out`
pub async fn leave(State(app): State<App>, person: Person) -> Result<Response, Failure> {
    app.store.end_session(person.account, &store::sessions::kept(&person.secret)).await?;
    app.forget_sessions();
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
    let login = invited(&app, &secret).await?.1;
    let shell = shell(&app, visitor.l, uri.path());
    html(&SignInPage { shell, step: "invitation", login, to: String::new(), error: None, openid: None })
}

async fn invited(app: &App, secret: &str) -> Result<(AccountId, String), Failure> {
    let account = app.store.invitation(secret, app.now()).await?.ok_or_else(|| {
        Failure::Invalid(Text::new(
            "Lời mời này đã dùng hoặc đã hết hạn; hãy xin lời mời mới",
            "This invitation was used or is over; ask for a new one",
        ))
    })?;
    let state = app.store.state();
    let login = state.accounts.get(&account).map(|account| account.login.clone()).ok_or(Failure::NotFound)?;
    Ok((account, login))
}

/// `POST /invitation/SECRET`: sets the password and signs in; who has a second factor shows it first.
pub async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let (account, login) = invited(&app, &secret).await?;
    if let Some(weakness) = passwords::weakness(&form.password, &login) {
        let error = Some(FieldError { field: "password", message: l.text(&weakness).to_owned() });
        let shell = shell(&app, l, uri.path());
        let page = SignInPage { shell, step: "invitation", login, to: String::new(), error, openid: None };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    }
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&form.password)).await.ok().flatten();
    let hash = hash.ok_or(Failure::Internal)?;
    let now = app.now();
    if !app.store.use_invitation(&secret, now).await? {
        return Err(Failure::Stale);
    }
    app.store.change(Actor::Account(account), now, Command::SetPassword { account, hash }).await?;
    if app.store.state().accounts.get(&account).is_some_and(|account| account.second_factor) {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let cookie = begin(&app, account, &agent(&headers)).await?;
    Ok((cookie, Redirect::to("/work")).into_response())
}
