//! OpenID Connect: the provider of an organisation says who somebody is, by the code flow with PKCE, state and nonce.
//! It opens accounts that are here already, and makes none.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, reqwest,
};

/// How long the provider has to answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 10;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The provider that people may sign in with.
pub struct Provider {
    issuer: IssuerUrl,
    client: ClientId,
    secret: ClientSecret,
    back: RedirectUrl,
    http: reqwest::Client,
}

/// What the browser keeps while its person is away at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// What must come back.
    pub state: String,
    /// What the provider must have put into what it signs.
    pub nonce: String,
    /// What proves that the one who left is the one who comes back.
    pub verifier: String,
}

impl Journey {
    /// As a cookie's value: all three are of letters that need no quoting.
    pub fn cookie(&self) -> String {
        format!("{}.{}.{}", self.state, self.nonce, self.verifier)
    }

    /// From a cookie's value. The verifier goes last: it alone may hold a full stop.
    pub fn read(cookie: &str) -> Option<Self> {
        let mut parts = cookie.splitn(3, '.').map(str::to_owned);
        let journey = Self { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
        (!journey.state.is_empty() && !journey.nonce.is_empty() && !journey.verifier.is_empty()).then_some(journey)
    }
}

/// Why the provider's word does not open an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The provider cannot be reached, or what it says cannot be trusted; the words are for the log.
    Provider(String),
    /// The provider does not vouch for an e-mail address.
    NoEmail,
}

impl Provider {
    /// A provider by its issuer, the name and secret by which it knows us, and the address under which people reach the
    /// pages.
    ///
    /// # Errors
    /// An address that cannot be understood.
    pub fn new(issuer: &str, client: &str, secret: &str, public_url: &str) -> Result<Self, String> {
        // Redirects are not followed: what the issuer's address says is what is asked.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
            .build()
            .map_err(|error| error.to_string())?;
        let back = format!("{}/sign-in/openid/back", public_url.trim_end_matches('/'));
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|error| format!("{issuer}: {error}"))?,
            client: ClientId::new(client.to_owned()),
            secret: ClientSecret::new(secret.trim().to_owned()),
            back: RedirectUrl::new(back).map_err(|error| format!("{public_url}: {error}"))?,
            http,
        })
    }

    /// The provider as it describes itself now: its addresses and keys may change at any time.
    async fn discover(&self) -> Result<Client, Refused> {
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(|error| Refused::Provider(format!("discovery: {error}")))?;
        let client = CoreClient::from_provider_metadata(metadata, self.client.clone(), Some(self.secret.clone()));
        Ok(client.set_redirect_uri(self.back.clone()))
    }

    /// Where to send somebody, and what their browser is to keep meanwhile.
    ///
    /// # Errors
    /// The provider cannot be reached.
    pub async fn begin(&self) -> Result<(String, Journey), Refused> {
        let client = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let journey =
            Journey { state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        Ok((url.to_string(), journey))
    }

    /// The e-mail address of somebody who comes back with a code, as the provider vouches for it. Whether the state is
    /// the journey's is for the caller to see.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn finish(&self, code: String, journey: Journey, now: Timestamp) -> Result<String, Refused> {
        let client = self.discover().await?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Refused::Provider(format!("token address: {error}")))?
            .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier))
            .request_async(&self.http)
            .await
            .map_err(|error| Refused::Provider(format!("token: {error}")))?;
        let token = answer.extra_fields().id_token().ok_or_else(|| Refused::Provider("no ID token".to_owned()))?;
        let clock = || SystemTime::from(now).into();
        let verifier = client.id_token_verifier().set_time_fn(clock);
        let claims = token
            .claims(&verifier, &Nonce::new(journey.nonce))
            .map_err(|error| Refused::Provider(format!("ID token: {error}")))?;
        match (claims.email(), claims.email_verified()) {
            (Some(email), Some(true)) => Ok(email.as_str().to_owned()),
            _ => Err(Refused::NoEmail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_comes_back_from_its_cookie() {
        let journey = Journey { state: "a-_".to_owned(), nonce: "b".to_owned(), verifier: "c.~d".to_owned() };
        assert_eq!(Journey::read(&journey.cookie()), Some(journey));
        assert_eq!(Journey::read("a.b"), None);
        assert_eq!(Journey::read("..c"), None);
    }
}
