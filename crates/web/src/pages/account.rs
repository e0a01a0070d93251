//! One's own account: language, sessions, second factor. Tokens for programs are made in `tokens`.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use criteria::Text;
use serde::Deserialize;
use store::sessions::{Attempts, kept};
use store::tokens::TokenScope;
use store::{Actor, Command};
use totp_rs::{Algorithm, Builder};

use super::sign_in::{has_to_wait, one_more};
use super::tokens::{self, TokenView};
use crate::app::App;
use crate::failure::Failure;
use crate::guard::own_page;
use crate::passwords;
use crate::person::{LANGUAGE_COOKIE, Person, Visitor};
use crate::view::{Section, Shell};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    name: String,
    login: String,
    positions: Vec<String>,
    second_factor: bool,
    setup: Option<(String, String)>,
    sessions: Vec<(String, String, String, bool)>,
    fresh: Option<String>,
    tokens: Vec<TokenView>,
    scopes: Vec<(&'static str, String)>,
    days: Vec<i64>,
    has_password: bool,
    /// What was just done, and what could not be: the field and why.
    done: Option<String>,
    wrong: Option<(&'static str, String)>,
}

/// Whether a code of six digits fits a secret now, or half a minute before or after (RFC 6238).
pub fn totp_fits(secret: &str, code: &str, seconds: u64) -> bool {
    let Some(bytes) = unhex(secret) else { return false };
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    totp.with_secret(bytes).build().is_ok_and(|totp| totp.check(code, seconds).is_some())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// A secret as authenticators take it (RFC 4648, base 32).
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<_>>();
    bits.chunks(5)
        .map(|chunk| {
            let value = chunk.iter().fold(0_u8, |value, bit| value << 1 | bit) << (5 - chunk.len());
            char::from(LETTERS[usize::from(value)])
        })
        .collect()
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        let value = match letter.to_ascii_uppercase() {
            letter @ 'A'..='Z' => letter as u8 - b'A',
            letter @ '2'..='7' => letter as u8 - b'2' + 26,
            _ => return None,
        };
        bits.extend((0..5).rev().map(|bit| value >> bit & 1));
    }
    Some(bits.chunks_exact(8).map(|chunk| chunk.iter().fold(0_u8, |byte, bit| byte << 1 | bit)).collect())
}

/// `GET /account`
pub async fn page(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    Ok(Html(draw(&app, &person, uri.query(), None, None).await?).into_response())
}

/// The page, with a token's secret where one was just made, and why a password was not changed.
pub(super) async fn draw(
    app: &App,
    person: &Person,
    query: Option<&str>,
    fresh: Option<String>,
    wrong: Option<(&'static str, String)>,
) -> Result<String, Failure> {
    let l = person.l();
    let own = kept(&person.secret);
    let sessions = app.store.sessions(person.account, app.now()).await?;
    let made = app.store.tokens(person.account).await?;
    let setup = match query {
        Some("setup") => {
            let secret = crate::app::secret().map_err(|_| Failure::Internal)?;
            let codes = crate::app::secret().map_err(|_| Failure::Internal)?;
            let bytes = unhex(&secret[..40]).ok_or(Failure::Internal)?;
            let codes: Vec<&str> = (0..6).map(|at| &codes[at * 10..at * 10 + 10]).collect();
            Some((base32(&bytes), codes.join(" ")))
        }
        _ => None,
    };
    let shell = Shell::new(app, Some(person), l, "/account", Section::Elsewhere, l.say("Tài khoản", "Account"));
    let state = app.store.state();
    let account = state.accounts.get(&person.account).ok_or(Failure::NotFound)?;
    let positions = person.authority.positions.iter().filter_map(|id| state.positions.get(id)).map(|position| {
        let unit = state.tree.get(position.unit).map(|unit| unit.name.as_str()).unwrap_or_default();
        format!("{}, {unit}", position.name)
    });
    let page = AccountPage {
        shell,
        name: account.name.clone(),
        login: account.login.clone(),
        positions: positions.collect(),
        second_factor: account.second_factor,
        setup,
        sessions: sessions
            .iter()
            .map(|one| (one.agent.clone(), l.instant(&one.seen), one.token.clone(), one.token == own))
            .collect(),
        fresh,
        tokens: made.iter().map(|token| tokens::view(l, token)).collect(),
        scopes: TokenScope::ALL.into_iter().map(|scope| (scope.key(), tokens::scope_words(l, scope))).collect(),
        days: tokens::DAYS.to_vec(),
        has_password: account.has_password,
        done: (query == Some("password")).then(|| l.say("Đã đổi mật khẩu.", "The password was changed.").to_owned()),
        wrong,
    };
    drop(state);
    Ok(page.render()?)
}

#[derive(Deserialize)]
pub struct Passwords {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

/// `POST /account/password`: whoever knows the one in use sets another; all other sessions end.
pub async fn set_password(
    State(app): State<App>,
    person: Person,
    Form(form): Form<Passwords>,
) -> Result<Response, Failure> {
    let l = person.l();
    let login = app.store.state().accounts.get(&person.account).map(|account| account.login.clone());
    let login = login.ok_or(Failure::NotFound)?;
    let wrong = match replaced(&app, &person, &login, &form).await? {
        Ok(hash) => {
            let account = person.account;
            app.store.change(Actor::Account(account), app.now(), Command::SetPassword { account, hash }).await?;
            app.store.end_other_sessions(account, &kept(&person.secret)).await?;
            app.forget_sessions();
            return Ok(Redirect::to("/account?password#mat-khau").into_response());
        }
        Err((field, why)) => Some((field, l.text(&why).to_owned())),
    };
    let page = draw(&app, &person, None, None, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
}

/// The hash of the new password, or the field and what is wrong with it. Wrong guesses count as at the door.
async fn replaced(
    app: &App,
    person: &Person,
    login: &str,
    form: &Passwords,
) -> Result<Result<String, (&'static str, Text)>, Failure> {
    let attempts = app.store.attempts(login).await?;
    let now = app.now().as_millisecond();
    if let Some(wait) = has_to_wait(attempts, now) {
        return Ok(Err(("old", wait)));
    }
    if let Some(hash) = app.store.secrets(person.account).await?.password {
        let old = form.old.clone();
        if !tokio::task::spawn_blocking(move || passwords::verify(&old, &hash)).await.unwrap_or(false) {
            app.store.set_attempts(login, one_more(attempts, now)).await?;
            return Ok(Err(("old", Text::new("Mật khẩu đang dùng không đúng", "The current password is wrong"))));
        }
    }
    if let Some(weakness) = passwords::weakness(&form.new, login) {
        return Ok(Err(("new", weakness)));
    }
    app.store.set_attempts(login, Attempts::default()).await?;
    let new = form.new.clone();
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&new)).await.ok().flatten();
    Ok(Ok(hash.ok_or(Failure::Internal)?))
}

#[derive(Deserialize)]
pub struct Token {
    token: String,
}

/// `POST /account/sessions`: ends one session, or all others.
pub async fn end_session(State(app): State<App>, person: Person, Form(form): Form<Token>) -> Result<Response, Failure> {
    match form.token.as_str() {
        "others" => app.store.end_other_sessions(person.account, &kept(&person.secret)).await?,
        token => app.store.end_session(person.account, token).await?,
    }
    app.forget_sessions();
    Ok(Redirect::to("/account").into_response())
}

#[derive(Deserialize)]
pub struct SecondFactor {
    #[serde(default)]
    off: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    codes: String,
    #[serde(default)]
    code: String,
}

/// `POST /account/second-factor`: turns it on, once a code shows that the authenticator has the key, or off.
pub async fn second_factor(
    State(app): State<App>,
    person: Person,
    Form(form): Form<SecondFactor>,
) -> Result<Response, Failure> {
    let secret = if form.off == "yes" {
        None
    } else {
        let bytes = unbase32(&form.secret).filter(|bytes| bytes.len() == 20);
        let hex: String = bytes.ok_or(Failure::NotFound)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let code: String = form.code.chars().filter(|letter| !letter.is_whitespace()).collect();
        if !totp_fits(&hex, &code, u64::try_from(app.now().as_second()).unwrap_or(0)) {
            return Err(Failure::Invalid(Text::new(
                "Mã không khớp; kiểm tra khóa và giờ của điện thoại rồi thử lại",
                "The code does not fit; check the key and your phone's clock, then try again",
            )));
        }
        Some((hex, form.codes.split_whitespace().map(kept).collect()))
    };
    let command = Command::SetSecondFactor { account: person.account, secret };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to("/account").into_response())
}

#[derive(Deserialize)]
pub struct Language {
    #[serde(default)]
    language: String,
    #[serde(default)]
    to: String,
}

/// `POST /language`
pub async fn language(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Language>,
) -> Result<Response, Failure> {
    let english = form.language == "en";
    if let Some(person) = &visitor.person {
        let command = Command::SetLanguage { account: person.account, english };
        app.store.change(Actor::Account(person.account), app.now(), command).await?;
    }
    let tag = if english { "en" } else { "vi" };
    let cookie = format!("{LANGUAGE_COOKIE}={tag}; Path=/; SameSite=Lax; Max-Age=31536000");
    let to = own_page(&form.to).unwrap_or_else(|| "/".to_owned());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&to)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_its_secret_and_its_half_minute() {
        // RFC 6238, appendix B: the secret 12345678901234567890 at 59 seconds gives 94287082; six digits: 287082.
        let secret: String = b"12345678901234567890".iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(totp_fits(&secret, "287082", 59));
        assert!(!totp_fits(&secret, "287082", 59 + 120));
        assert!(!totp_fits(&secret, "287083", 59));
    }

    #[test]
    fn base_32_goes_there_and_back() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(unbase32("MZXW 6YTB OI").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(unbase32("18"), None);
    }
}
