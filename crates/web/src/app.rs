//! What every page needs: the store, the clock, and how the house is run.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use criteria::Files;
use cycle::AccountId;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::Store;
use tokio::sync::Semaphore;

use crate::clamd::Clamd;
use crate::grids::Grids;
use crate::kept::Kept;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::online::Online;
use crate::openid::Provider;
use crate::pages::Gate;
use crate::passwords::Hashing;
use crate::previews::Previews;
use crate::printer::Printer;
use crate::sandbox::Sandbox;
use crate::shelf::Shelf;
use crate::summary::Summaries;
use crate::trust::Trust;

/// Files that are looked at together: each may take as much memory as twice its size.
const CHECKS_TOGETHER_MAX: usize = 2;

/// The stylesheet.
pub const STYLE: &str = include_str!("../assets/style.css");
/// The script.
pub const SCRIPT: &str = include_str!("../assets/app.js");

/// The addresses of the files that pages load; they change with their content, so that browsers may keep them.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The stylesheet's.
    pub style: String,
    /// The script's.
    pub script: String,
}

impl Default for Assets {
    fn default() -> Self {
        let mark = |text: &str| -> String {
            Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
        };
        Self { style: format!("/assets/{}.css", mark(STYLE)), script: format!("/assets/{}.js", mark(SCRIPT)) }
    }
}

/// A way in of the demonstration.
#[derive(Clone, Debug)]
pub struct DemoRole {
    /// Its key.
    pub key: &'static str,
    /// Its name, in both languages.
    pub name: criteria::Text,
    /// What one does there.
    pub does: criteria::Text,
    /// The account.
    pub login: String,
}

/// Moves the demonstration on to the round's next phase, as if the months had passed and everybody had worked.
pub type Advance = Arc<dyn Fn(App) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// What only the demonstration has.
#[derive(Clone, Default)]
pub struct Demo {
    /// The ways in.
    pub roles: Vec<DemoRole>,
    /// On to the next phase.
    pub advance: Option<Advance>,
}

/// The criteria sets, assignment plans and mappings that ship with the product.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Sets, by id.
    pub sets: std::collections::BTreeMap<String, Files>,
    /// Plans, by id.
    pub plans: std::collections::BTreeMap<String, Files>,
    /// Mappings that people made, by the ids of the earlier and the later set with `--` between them.
    pub mappings: std::collections::BTreeMap<String, String>,
}

/// A session that was looked up.
#[derive(Clone, Copy)]
struct KnownSession {
    account: AccountId,
    at: Timestamp,
    /// The last event that was known before it was looked up.
    seq: i64,
}

/// What every page needs. Clones share it.
#[derive(Clone)]
pub struct App {
    /// The facts.
    pub store: Store,
    /// The files that pages load.
    pub assets: Assets,
    /// The demonstration's own.
    pub demo: Option<Arc<Demo>>,
    /// Sets and plans that ship with the product.
    pub library: Arc<Library>,
    /// Whether cookies go over TLS only.
    pub secure: bool,
    /// What is counted of the requests.
    pub metrics: Metrics,
    /// How e-mails go out; none do where this is missing.
    pub mail: Option<Arc<Mailer>>,
    /// The provider that people may sign in with.
    pub openid: Option<Arc<Provider>>,
    /// What makes papers.
    pub printer: Arc<Printer>,
    /// The address under which people reach the pages, without a slash at its end.
    pub public_url: Option<String>,
    /// Whom the operator trusts with signatures.
    pub trust: Arc<Trust>,
    /// The search for malware; off where this is missing.
    pub clamd: Option<Clamd>,
    /// Who is asked about revocation outside the files; nobody where this is missing.
    pub online: Option<Arc<Online>>,
    /// Where files are looked into.
    pub sandbox: Sandbox,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// How many files are looked at together.
    pub(crate) checking: Arc<Semaphore>,
    /// What draws pages of evidence.
    pub(crate) previews: Arc<Previews>,
    /// How often anybody may have a file checked.
    pub(crate) gate: Arc<Gate>,
    /// Criteria sets that were read.
    pub(crate) shelf: Arc<Shelf>,
    /// Public pages that were drawn.
    pub(crate) kept: Arc<Kept>,
    /// Published points, as far as somebody asked for them lately.
    pub(crate) grids: Arc<Grids>,
    /// What sheets come to together, as far as somebody asked for it lately.
    pub(crate) summaries: Arc<Summaries>,
    shift: Arc<AtomicI64>,
    sessions: Arc<Mutex<HashMap<String, KnownSession>>>,
}

impl App {
    /// The pages over a store. `secure`: whether people come by TLS.
    pub fn new(store: Store, library: Library, secure: bool) -> Self {
        Self {
            store,
            assets: Assets::default(),
            demo: None,
            library: Arc::new(library),
            secure,
            metrics: Metrics::default(),
            mail: None,
            openid: None,
            printer: Arc::default(),
            public_url: None,
            trust: Arc::new(Trust::default()),
            clamd: None,
            online: None,
            sandbox: Sandbox::none(),
            hashing: Hashing::default(),
            checking: Arc::new(Semaphore::new(CHECKS_TOGETHER_MAX)),
            previews: Arc::default(),
            grids: Arc::default(),
            summaries: Arc::default(),
            gate: Arc::new(Gate::default()),
            shelf: Arc::default(),
            kept: Arc::default(),
            shift: Arc::new(AtomicI64::new(0)),
            sessions: Arc::new(Mutex::new(HashMap::new())),
        }
    }

    /// The time, which the demonstration shifts.
    pub fn now(&self) -> Timestamp {
        let shift = SignedDuration::from_millis(self.shift.load(Ordering::Relaxed));
        // The one place where pages read the clock.
        let real = Timestamp::now();
        real.checked_add(shift).unwrap_or(real)
    }

    /// Moves the clock so that it is `at` now. Only for the demonstration and for tests.
    pub fn set_now(&self, at: Timestamp) {
        let real = self.now().as_millisecond() - self.shift.load(Ordering::Relaxed);
        self.shift.store(at.as_millisecond() - real, Ordering::Relaxed);
    }

    /// Whose session a secret opens. It is looked up again every few seconds, and as soon as an event has touched the
    /// account: ending a session is one. So it ends at once on every copy of the program, and no request asks for more
    /// than whether the log has grown.
    pub(crate) async fn session(&self, secret: &str, now: Timestamp) -> Result<Option<AccountId>, store::Error> {
        const KNOWN_MS: i64 = 3_000;
        let known = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(secret).copied();
        let seq = {
            let state = self.store.state();
            if let Some(known) = known
                && (0..KNOWN_MS).contains(&(now.as_millisecond() - known.at.as_millisecond()))
                && state.accounts.get(&known.account).is_some_and(|account| account.touched <= known.seq)
            {
                return Ok(Some(known.account));
            }
            state.seq
        };
        let found = self.store.session(secret, now).await?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() > 10_000 {
            sessions.clear();
        }
        match found {
            Some(account) => sessions.insert(secret.to_owned(), KnownSession { account, at: now, seq }),
            None => sessions.remove(secret),
        };
        Ok(found)
    }
}

/// A secret that nobody can guess: 32 bytes from the system, in hexadecimal.
///
/// # Errors
/// The system has no randomness to give.
pub fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
