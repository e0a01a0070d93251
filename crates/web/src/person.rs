//! Who asks: the session's cookie, and what the person may do at this moment.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use criteria::Language;
use cycle::{AccountId, Authority, Capability, Phase, UnitId, time};
use jiff::Timestamp;
use store::State;
use store::state::Assessment;

use crate::app::App;
use crate::failure::Failure;
use crate::view::L;

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "thuocdo";
/// The cookie of a language chosen by somebody who is not signed in.
pub const LANGUAGE_COOKIE: &str = "thuocdo-language";

/// Whose page it is that asks, where its script says so.
pub const ACCOUNT_HEADER: &str = "x-account";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The language of the pages.
    pub language: Language,
    /// What the person may do.
    pub authority: Authority,
    /// The secret of the session or of the token.
    pub secret: String,
    /// How many notices were not read.
    pub unread: i64,
}

impl Person {
    /// The person of an account that may be used, with what the positions held now bring; notices are not counted.
    pub fn of(app: &App, account: AccountId, now: Timestamp, secret: &str) -> Option<Self> {
        let state = app.store.state();
        let known = state.accounts.get(&account).filter(|account| !account.disabled)?;
        let authority = state.authority(account, time::day_of(now));
        let (name, language) = (known.name.clone(), known.language);
        Some(Self { account, name, language, authority, secret: secret.to_owned(), unread: 0 })
    }

    /// The language of the pages.
    pub fn l(&self) -> L {
        L(self.language)
    }

    /// Whether a capability holds over a unit.
    pub fn may(&self, state: &State, capability: Capability, unit: UnitId) -> bool {
        self.authority.may(&state.tree, capability, unit)
    }

    /// Whether the person may read a unit's sheets.
    pub fn may_read(&self, state: &State, unit: UnitId) -> bool {
        self.may(state, Capability::ReadSheets, unit)
    }

    /// Whether the person reads sheets of units below an own one.
    pub fn reads_below(&self, state: &State) -> bool {
        self.authority.scopes(Capability::ReadSheets).any(|unit| !state.tree.children(unit).is_empty())
    }

    /// The sheet of the person's own unit in the latest round under way, or else in the latest.
    pub fn own_sheet<'s>(&self, state: &'s State) -> Option<&'s Assessment> {
        let mut rounds: Vec<_> = state.rounds.values().filter(|round| round.phase != Phase::Draft).collect();
        rounds.sort_by_key(|round| (round.phase == Phase::Published, -i32::from(round.year), round.id));
        rounds.iter().find_map(|round| {
            self.authority.units.iter().find_map(|unit| {
                let id = state.sheet_of.get(&(round.id, *unit))?;
                state.assessments.get(id)
            })
        })
    }
}

/// The value of a cookie.
pub fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Somebody, or nobody, with the language to speak.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who, where somebody is signed in.
    pub person: Option<Person>,
    /// The language of the pages.
    pub l: L,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        app.store.refresh().await?;
        let chosen = match cookie(parts, LANGUAGE_COOKIE) {
            Some("en") => Language::English,
            _ => Language::Vietnamese,
        };
        let Some(secret) = cookie(parts, SESSION_COOKIE).map(str::to_owned) else {
            return Ok(Self { person: None, l: L(chosen) });
        };
        let now = app.now();
        let Some(account) = app.session(&secret, now).await? else {
            return Ok(Self { person: None, l: L(chosen) });
        };
        let person = match Person::of(app, account, now, &secret) {
            Some(person) => Some(Person { unread: app.store.unread(account).await?, ..person }),
            None => None,
        };
        Ok(Self { l: person.as_ref().map_or(L(chosen), Person::l), person })
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let wants_json = accepts_json(parts);
        let to = parts.uri.path().to_owned();
        let of = parts.headers.get(ACCOUNT_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let visitor = Visitor::from_request_parts(parts, app).await?;
        // A page that was left open by somebody else saves nothing under the name of who signed in after them.
        let person = visitor.person.filter(|person| of.is_none_or(|of| of == person.account.to_string()));
        person.ok_or(Failure::NotSignedIn { to, wants_json })
    }
}

/// Whether the one who asks wants data rather than a page.
pub fn accepts_json(parts: &Parts) -> bool {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|value| value.starts_with("application/json"))
}
