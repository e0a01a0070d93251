//! Signing in with the organisation's own account: away to its provider, and back.

use axum::extract::{OriginalUri, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::sign_in::{To, agent, begin, begin_half, landing, refused};
use crate::app::App;
use crate::failure::Failure;
use crate::openid::{Journey, Refused};
use crate::person::{Visitor, cookie};

/// The cookie that somebody carries while away at the provider.
const COOKIE: &str = "thuocdo-openid";
/// The cookie with the page to come back to.
const TO_COOKIE: &str = "thuocdo-to";
/// How long somebody may be away, in seconds.
const AWAY_SECONDS_MAX: u32 = 600;

fn set(app: &App, name: &str, value: &str, seconds: u32) -> (header::HeaderName, String) {
    let secure = if app.secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    (header::SET_COOKIE, cookie)
}

/// `GET /sign-in/openid`
pub async fn leave(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(to): Query<To>,
) -> Result<Response, Failure> {
    let provider = app.openid.clone().ok_or(Failure::NotFound)?;
    match provider.begin().await {
        Ok((address, journey)) => {
            let to =
                Some(to.to).filter(|to| to.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte)));
            let cookies = AppendHeaders([
                set(&app, COOKIE, &journey.cookie(), AWAY_SECONDS_MAX),
                set(&app, TO_COOKIE, &to.unwrap_or_default(), AWAY_SECONDS_MAX),
            ]);
            Ok((cookies, Redirect::to(&address)).into_response())
        }
        Err(why) => refuse(&app, &visitor, uri.path(), &why),
    }
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// `GET /sign-in/openid/back`
pub async fn back(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Query(back): Query<Back>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Failure> {
    let provider = app.openid.clone().ok_or(Failure::NotFound)?;
    let (parts, _) = request.into_parts();
    let journey = cookie(&parts, COOKIE).and_then(Journey::read).filter(|journey| journey.state == back.state);
    let Some(journey) = journey.filter(|_| !back.code.is_empty()) else {
        let why = Refused::Provider("it sent somebody back without a code, or who had not left from here".to_owned());
        return refuse(&app, &visitor, uri.path(), &why);
    };
    let email = match provider.finish(back.code, journey, app.now()).await {
        Ok(email) => email,
        Err(why) => return refuse(&app, &visitor, uri.path(), &why),
    };
    let account = app.store.state().account_by_login(&email).filter(|account| !account.disabled).cloned();
    let l = visitor.l;
    let Some(account) = account else {
        let words = l.say(
            "Không có tài khoản với địa chỉ thư này; hãy nhờ người quản lý mời bạn",
            "There is no account with this e-mail address; ask whoever manages people to invite you",
        );
        return refused(&app, l, "/sign-in", words);
    };
    let to = cookie(&parts, TO_COOKIE).unwrap_or_default();
    let gone = AppendHeaders([set(&app, COOKIE, "", 0), set(&app, TO_COOKIE, "", 0)]);
    if account.second_factor {
        // The provider's word takes the place of the password, and of nothing else.
        let half = AppendHeaders([begin_half(&app, account.id).await?]);
        return Ok((half, gone, Redirect::to(&format!("/sign-in/code?to={to}"))).into_response());
    }
    let session = begin(&app, account.id, &agent(&headers)).await?;
    let to = landing(&app, account.id, to);
    Ok((session, gone, Redirect::to(&to)).into_response())
}

fn refuse(app: &App, visitor: &Visitor, path: &str, why: &Refused) -> Result<Response, Failure> {
    let l = visitor.l;
    let words = match why {
        Refused::Provider(why) => {
            tracing::warn!(why, path, "signing in with the provider failed");
            l.say(
                "Chưa đăng nhập được bằng tài khoản cơ quan; hãy thử lại, hoặc dùng mật khẩu",
                "Signing in with your organisation's account failed; try again, or use your password",
            )
        }
        Refused::NoEmail => l.say(
            "Tài khoản cơ quan của bạn chưa có địa chỉ thư điện tử đã xác minh",
            "Your organisation's account has no verified e-mail address",
        ),
    };
    refused(app, l, "/sign-in", words)
}
