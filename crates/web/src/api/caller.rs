//! Who calls: a token, or, for reading from the same site, the session's cookie.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use store::tokens::TokenScope;
use store::{Actor, Command, Done};

use super::problem::Problem;
use crate::app::App;
use crate::person::{Person, Visitor};

/// Somebody who may call, with a scope that fits the method.
pub struct Caller(pub Person);

/// Carries a change out for whoever calls, as the pages do.
pub async fn change(app: &App, person: &Person, command: Command) -> Result<Done, Problem> {
    Ok(app.store.change(Actor::Account(person.account), app.now(), command).await?)
}

fn unknown() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "no-credentials",
        "Cần một mã truy cập còn hạn: Authorization: Bearer …; tạo mã ở trang Tài khoản",
        "A token that has not expired is needed: Authorization: Bearer …; it is made on the account page",
    )
}

/// Whoever a token names, where it is known and has the scope.
pub async fn bearer(app: &App, parts: &Parts, scope: TokenScope) -> Result<Option<Person>, Problem> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let value = value.to_str().unwrap_or_default();
    let secret = match value.split_once(' ') {
        Some((kind, secret)) if kind.eq_ignore_ascii_case("bearer") => secret.trim(),
        _ => return Err(unknown()),
    };
    app.store.refresh().await?;
    let now = app.now();
    let token = app.store.token(secret, now).await?.ok_or_else(unknown)?;
    if !token.scopes.contains(&scope) {
        let key = scope.key();
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "scope",
            format!("Mã truy cập này không có phạm vi “{key}”"),
            format!("This token does not have the scope \"{key}\""),
        )
        .with("scope", key));
    }
    let person = Person::of(app, token.account, now, secret).ok_or_else(unknown)?;
    Ok(Some(person))
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let scope = if reads { TokenScope::Read } else { TokenScope::Write };
        if let Some(person) = bearer(app, parts, scope).await? {
            return Ok(Self(person));
        }
        // A cookie comes by itself with whatever a browser is led to send; it reads only, and only for our own pages.
        let site = parts.headers.get("sec-fetch-site").map(|value| value.as_bytes());
        if !reads || !matches!(site, None | Some(b"same-origin" | b"none")) {
            return Err(unknown());
        }
        let visitor = Visitor::from_request_parts(parts, app).await?;
        visitor.person.map(Self).ok_or_else(unknown)
    }
}
