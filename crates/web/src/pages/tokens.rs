//! Tokens with which programs act for one's account: made and revoked on the account page.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use jiff::SignedDuration;
use serde::Deserialize;
use store::tokens::{Token, TokenScope};

use super::account;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::L;

/// What a secret begins with, so that programs that look for leaked ones know it.
const PREFIX: &str = "thuocdo_";
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// How long a token may last, in days; the first is offered.
pub const DAYS: [i64; 4] = [90, 30, 180, 365];

/// A token as the page shows it.
pub struct TokenView {
    pub token: String,
    pub name: String,
    pub scopes: String,
    pub when: String,
}

/// What a scope is for, in words.
pub fn scope_words(l: L, scope: TokenScope) -> String {
    match scope {
        TokenScope::Read => l.say("đọc những gì tôi đọc được", "read what I may read"),
        TokenScope::Write => l.say("sửa những gì tôi sửa được", "change what I may change"),
        TokenScope::Metrics => l.say("đọc số đo của máy chủ", "read the server's metrics"),
    }
    .to_owned()
}

/// A token for the list.
pub fn view(l: L, token: &Token) -> TokenView {
    let expires = token.expires.map(|at| l.instant(&at)).unwrap_or_default();
    let used = token.used.map_or_else(|| l.say("chưa dùng", "never used").to_owned(), |at| l.instant(&at));
    TokenView {
        token: token.token.clone(),
        name: token.name.clone(),
        scopes: token.scopes.iter().map(|scope| scope.key()).collect::<Vec<_>>().join(", "),
        when: format!("{} {expires} · {} {used}", l.say("hết hạn", "expires"), l.say("dùng lần cuối", "last used")),
    }
}

/// `POST /account/tokens`: makes one, and shows its secret this once.
pub async fn make(
    State(app): State<App>,
    person: Person,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| form.get(name).map(|value| value.trim()).unwrap_or_default();
    let name = text("name");
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Failure::Invalid(Text::new(
            format!("Cần một tên cho mã truy cập, dài nhất {NAME_BYTES_MAX} byte"),
            format!("The token needs a name of at most {NAME_BYTES_MAX} bytes"),
        )));
    }
    let scopes: Vec<TokenScope> =
        TokenScope::ALL.into_iter().filter(|scope| form.contains_key(&format!("scope-{}", scope.key()))).collect();
    if scopes.is_empty() {
        return Err(Failure::Invalid(Text::new("Chọn ít nhất một phạm vi", "Choose one scope at least")));
    }
    let days = text("days").parse().ok().filter(|days| DAYS.contains(days));
    let days =
        days.ok_or_else(|| Failure::Invalid(Text::new("Chọn thời hạn trong danh sách", "Choose a listed term")))?;
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(24 * days)).map_err(|_| Failure::Internal)?;
    let secret = format!("{PREFIX}{}", crate::app::secret().map_err(|_| Failure::Internal)?);
    if !app.store.add_token(&secret, person.account, name, &scopes, now, Some(expires)).await? {
        return Err(Failure::Invalid(Text::new(
            format!(
                "Mỗi tài khoản có nhiều nhất {} mã; hãy thu hồi mã không dùng",
                store::limits::TOKENS_PER_ACCOUNT_MAX
            ),
            format!("An account has at most {} tokens; revoke one", store::limits::TOKENS_PER_ACCOUNT_MAX),
        )));
    }
    let page =
        account::draw(&app, &person, account::Drawn { fresh: Some(secret), ..account::Drawn::default() }).await?;
    Ok((StatusCode::OK, Html(page)).into_response())
}

#[derive(Deserialize)]
pub struct Which {
    token: String,
}

/// `POST /account/tokens/revoke`
pub async fn revoke(State(app): State<App>, person: Person, Form(form): Form<Which>) -> Result<Response, Failure> {
    app.store.revoke_token(person.account, &form.token).await?;
    Ok(Redirect::to("/account#ma-truy-cap").into_response())
}
