//! One's own account: language, password, sessions, second factor. Tokens for programs are made in `tokens`.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use criteria::Text;
use serde::Deserialize;
use store::attempts::Guess;
use store::command::Ended;
use store::sessions::kept;
use store::tokens::TokenScope;
use store::{Actor, Command};

use super::sign_in::weakness;
use super::tokens::{self, TokenView};
use crate::app::App;
use crate::failure::Failure;
use crate::guard::own_page;
use crate::person::{LANGUAGE_COOKIE, Person, Visitor};
use crate::second_factor::{self, Picture, Setup, picture, plain, step_of, waits};
use crate::view::{Section, Shell};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    name: String,
    login: String,
    positions: Vec<String>,
    second_factor: bool,
    /// How many recovery codes were not used.
    codes_left: usize,
    setup: Option<SetupView>,
    sessions: Vec<(String, String, String, bool)>,
    fresh: Option<String>,
    tokens: Vec<TokenView>,
    scopes: Vec<(&'static str, String)>,
    days: Vec<i64>,
    has_password: bool,
    /// What was just done, and what could not be: the field and why.
    done: Option<String>,
    wrong: Option<Wrong>,
}

/// A second factor that is being set up.
struct SetupView {
    key: String,
    codes: String,
    address: String,
    picture: Option<Picture>,
}

/// A field of the page, and why it cannot be taken.
pub(super) type Wrong = (&'static str, String);

impl AccountPage {
    /// Why a field of the password's form, or of the second factor's, was not taken.
    fn wrong_at(&self, fields: &[&str]) -> Option<&Wrong> {
        self.wrong.as_ref().filter(|(field, _)| fields.contains(field))
    }
}

/// `GET /account`
pub async fn page(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    let setup = if uri.query() == Some("setup") { Some(Setup::new()?) } else { None };
    let shown = Drawn { query: uri.query(), setup, ..Drawn::default() };
    Ok(Html(draw(&app, &person, shown).await?).into_response())
}

/// What the page shows beside what there is.
#[derive(Default)]
pub(super) struct Drawn<'a> {
    /// What stands after the question mark.
    pub query: Option<&'a str>,
    /// The secret of a token that was just made.
    pub fresh: Option<String>,
    /// A second factor that is being set up.
    pub setup: Option<Setup>,
    /// What was not taken.
    pub wrong: Option<Wrong>,
}

/// The page.
pub(super) async fn draw(app: &App, person: &Person, shown: Drawn<'_>) -> Result<String, Failure> {
    let l = person.l();
    let own = kept(&person.secret);
    let Drawn { query, fresh, setup, wrong } = shown;
    let sessions = app.store.sessions(person.account, app.now()).await?;
    let made = app.store.tokens(person.account).await?;
    let codes_left = app.store.secrets(person.account).await?.recovery.len();
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
        codes_left,
        setup: setup.map(|setup| {
            let address = setup.address(&account.login);
            SetupView { picture: picture(&address), address, key: setup.key, codes: setup.codes }
        }),
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
    let wrong = match replaced(&app, &person, form).await? {
        Ok(hash) => {
            let account = person.account;
            let which = Ended::Others(kept(&person.secret));
            let commands = vec![Command::SetPassword { account, hash }, Command::EndSessions { account, which }];
            app.store.change(Actor::Account(account), app.now(), Command::Many(commands)).await?;
            return Ok(Redirect::to("/account?password#mat-khau").into_response());
        }
        Err((field, why)) => (field, l.text(&why).to_owned()),
    };
    refused(&app, &person, None, wrong).await
}

/// The page again, with what was not taken.
async fn refused(app: &App, person: &Person, setup: Option<Setup>, wrong: Wrong) -> Result<Response, Failure> {
    let page = draw(app, person, Drawn { setup, wrong: Some(wrong), ..Drawn::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
}

/// The hash of the new password, or the field and what is wrong with it. Wrong guesses count as at the door.
async fn replaced(
    app: &App,
    person: &Person,
    form: Passwords,
) -> Result<Result<String, (&'static str, Text)>, Failure> {
    let login = app.store.state().accounts.get(&person.account).map(|account| account.login.clone());
    let login = login.ok_or(Failure::NotFound)?;
    if let Some(hash) = app.store.secrets(person.account).await?.password {
        let (turn, guess) = (app.hashing.turn().await?, Guess::Password(&login));
        if let Some(wait) = app.store.count_guess(guess, app.now()).await? {
            return Ok(Err(("old", waits(wait))));
        }
        if !turn.verify(form.old, hash).await {
            return Ok(Err(("old", Text::new("Mật khẩu đang dùng không đúng", "The current password is wrong"))));
        }
        app.store.forgive_guesses(guess).await?;
    }
    if let Some(weakness) = weakness(app, person.account, &form.new) {
        return Ok(Err(("new", weakness)));
    }
    Ok(Ok(app.hashing.turn().await?.hash(form.new).await?))
}

#[derive(Deserialize)]
pub struct Token {
    token: String,
}

/// `POST /account/sessions`: ends one session, or all others.
pub async fn end_session(State(app): State<App>, person: Person, Form(form): Form<Token>) -> Result<Response, Failure> {
    let which = match form.token.as_str() {
        "others" => Ended::Others(kept(&person.secret)),
        token => Ended::One(token.to_owned()),
    };
    let command = Command::EndSessions { account: person.account, which };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
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

/// `POST /account/second-factor`: turns it on, once a code shows that the authenticator has the key, or off, once a code
/// shows that it is the owner who asks: who finds a session open is not.
pub async fn second_factor(
    State(app): State<App>,
    person: Person,
    Form(form): Form<SecondFactor>,
) -> Result<Response, Failure> {
    let (l, account) = (person.l(), person.account);
    let is_on = app.store.state().accounts.get(&account).is_some_and(|known| known.second_factor);
    if form.off == "yes" {
        if let Err(why) = second_factor::shown(&app, account, &form.code).await? {
            return refused(&app, &person, None, ("off-code", l.text(&why).to_owned())).await;
        }
        let command = Command::SetSecondFactor { account, secret: None };
        app.store.change(Actor::Account(account), app.now(), command).await?;
        return Ok(Redirect::to("/account#hai-lop").into_response());
    }
    let setup = Setup::read(&form.secret, &form.codes).ok_or(Failure::NotFound)?;
    // One that is on is turned off first, which asks for a code of it.
    if is_on {
        return Err(Failure::Stale);
    }
    let (key, codes) = setup.kept();
    let Some(step) = step_of(&key, &plain(&form.code), u64::try_from(app.now().as_second()).unwrap_or(0)) else {
        let why = l.say(
            "Mã không khớp; kiểm tra giờ của điện thoại rồi gõ mã mới. Khóa vẫn như cũ, không cần nhập lại",
            "The code does not fit; check your phone's clock, then type a new one. The key is the same, it need not be entered again",
        );
        return refused(&app, &person, Some(setup), ("code", why.to_owned())).await;
    };
    let command = Command::SetSecondFactor { account, secret: Some((key, codes)) };
    app.store.change(Actor::Account(account), app.now(), command).await?;
    app.store.use_code(account, step).await?;
    Ok(Redirect::to("/account#hai-lop").into_response())
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
