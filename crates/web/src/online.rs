//! Asking outside about revocation, where the operator allows it: responders (OCSP) and lists (CRL) that certificates name.
//!
//! The addresses come from files of strangers. So nobody is asked within a private network unless the operator names the
//! host, only the usual ports of the web are called, no answer leads on to another address, and every answer is bounded in
//! bytes and time. What comes back is not looked at here: the process that looks into files weighs it.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use openidconnect::reqwest::{self, Url};
use signature::limits::{ANSWER_BYTES_MAX, ANSWERS_BYTES_MAX, ASKED_MAX};
use signature::{Fetched, Got, Place, Report, SignatureReport, Told, Unheard, Wish};
use store::Store;
use store::proofs::{Answer, Asked};

use crate::sandbox::Seen;
use crate::view::L;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long all answers for one file may take together; what takes longer is not asked any more.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(20);
/// How long whoever did not answer is not asked again.
const SILENCE: SignedDuration = SignedDuration::from_secs(60);
/// Answers that are remembered.
const KEPT_MAX: usize = 512;
/// Bytes of answers that are remembered.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Who may be asked, and what they told lately.
#[derive(Debug)]
pub struct Online {
    /// Hosts, `HOST` or `HOST:PORT`, that may be asked wherever they are.
    pub allowed: Vec<String>,
    /// How long one answer may take.
    pub patience: Duration,
    kept: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Answers that promise to hold until a time.
    answers: HashMap<Wish, (Fetched, Timestamp)>,
    /// Addresses from which nothing came, and until when that is taken for settled.
    silent: HashMap<String, (Unheard, Timestamp)>,
}

impl Online {
    /// Everybody in public may be asked, and these hosts.
    pub fn new(allowed: Vec<String>) -> Self {
        let allowed = allowed.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Self { allowed, patience: PATIENCE, kept: Mutex::default() }
    }

    /// Has a file looked into again and again, each time with what was fetched since, until nothing more is to be learnt;
    /// `seen` is what it showed by itself.
    ///
    /// # Errors
    /// Those of looking.
    pub async fn ask<F>(
        &self,
        mut seen: Seen,
        now: impl Fn() -> Timestamp,
        mut look: impl FnMut(Vec<Fetched>) -> F,
    ) -> io::Result<(Seen, Vec<Fetched>)>
    where
        F: Future<Output = io::Result<Seen>>,
    {
        let (begun, mut fetched) = (Instant::now(), Vec::<Fetched>::new());
        let mut room = ANSWERS_BYTES_MAX;
        loop {
            let before = fetched.len();
            for wish in &seen.wishes {
                let known = fetched.iter().any(|one| one.wish == *wish);
                if !known && fetched.len() < ASKED_MAX && begun.elapsed() < PATIENCE_FOR_ALL {
                    let one = self.fetch(wish, room, &now).await;
                    if let Got::Bytes(bytes) = &one.got {
                        room = room.saturating_sub(bytes.len());
                    }
                    fetched.push(one);
                }
            }
            if fetched.len() == before {
                break;
            }
            let next = look(fetched.clone()).await?;
            if next.report.signatures.len() < seen.report.signatures.len() {
                // An answer that is too much to read is none: it takes nothing from what was found without it.
                tracing::warn!("answers about revocation were too much to read");
                fetched.truncate(before);
                break;
            }
            seen = next;
        }
        self.keep(&seen.report, &fetched);
        Ok((seen, fetched))
    }

    async fn fetch(&self, wish: &Wish, room: usize, now: &impl Fn() -> Timestamp) -> Fetched {
        let asked_at = now();
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, _)) = kept.answers.get(wish).filter(|(_, until)| asked_at < *until) {
                return known.clone();
            }
            if let Some((why, _)) = kept.silent.get(&wish.url).filter(|(_, until)| asked_at < *until) {
                return Fetched { wish: wish.clone(), at: asked_at, got: Got::Unheard(*why) };
            }
        }
        let got = match tokio::time::timeout(self.patience, self.get(wish, room.min(ANSWER_BYTES_MAX))).await {
            Ok(Ok(bytes)) => Got::Bytes(bytes),
            Ok(Err(why)) => Got::Unheard(why),
            Err(_) => Got::Unheard(Unheard::Slow),
        };
        let at = now();
        if let Got::Unheard(why @ (Unheard::Down | Unheard::Slow)) = got {
            tracing::warn!(url = wish.url, ?why, "nobody answered about revocation");
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.silent.len() >= KEPT_MAX {
                kept.silent.clear();
            }
            kept.silent.insert(wish.url.clone(), (why, at.checked_add(SILENCE).unwrap_or(at)));
        }
        Fetched { wish: wish.clone(), at, got }
    }

    async fn get(&self, wish: &Wish, bytes_max: usize) -> Result<Vec<u8>, Unheard> {
        let url = Url::parse(&wish.url).map_err(|_| Unheard::Refused)?;
        let (host, places) = self.places(&url).await?;
        // The very addresses that were looked at are called, whatever the name leads to a moment later. No proxy either:
        // it would look the name up anew.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve_to_addrs(&host, &places)
            .build()
            .map_err(|_| Unheard::Down)?;
        let request = match wish.kind {
            Place::Crl => client.get(url),
            Place::Ocsp => {
                client.post(url).header("content-type", "application/ocsp-request").body(wish.question.clone())
            }
        };
        let mut answer = request.send().await.map_err(|_| Unheard::Down)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(Unheard::Down);
        }
        if answer.content_length().is_some_and(|length| length > bytes_max as u64) {
            return Err(Unheard::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| Unheard::Down)? {
            if bytes.len() + piece.len() > bytes_max {
                return Err(Unheard::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// The host of an address, and the places in the network where it may be called.
    async fn places(&self, url: &Url) -> Result<(String, Vec<SocketAddr>), Unheard> {
        let host = url.host_str().ok_or(Unheard::Refused)?.to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().ok_or(Unheard::Refused)?;
        let at_port = format!("{host}:{port}");
        let named = self.allowed.iter().any(|one| *one == host || *one == at_port);
        let fit = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        // Of ports, only those that an address need not name.
        if !fit || !named && url.port().is_some() {
            return Err(Unheard::Refused);
        }
        let found = tokio::net::lookup_host((bare, port)).await.map_err(|_| Unheard::Down)?;
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            return Err(Unheard::Down);
        }
        let open: Vec<SocketAddr> = found.into_iter().filter(|place| named || is_public(place.ip())).collect();
        if open.is_empty() { Err(Unheard::Refused) } else { Ok((host, open)) }
    }

    /// Remembers the answers that were believed, for as long as they promise to hold.
    fn keep(&self, report: &Report, fetched: &[Fetched]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for told in report.signatures.iter().flat_map(|one| &one.online) {
            let (Some(until), true) = (told.until, matches!(told.told, Told::Good | Told::Revoked)) else { continue };
            let same = |one: &&Fetched| one.wish.kind == told.kind && one.wish.url == told.url && one.at == told.at;
            let Some(one) = fetched.iter().find(same) else { continue };
            let bytes = |one: &Fetched| if let Got::Bytes(bytes) = &one.got { bytes.len() } else { 0 };
            let all: usize = kept.answers.values().map(|(one, _)| bytes(one)).sum();
            if kept.answers.len() >= KEPT_MAX || all + bytes(one) > KEPT_BYTES_MAX {
                kept.answers.clear();
            }
            kept.answers.insert(one.wish.clone(), (one.clone(), until));
        }
    }
}

/// Who outside a file was asked about revocation, and when, as pages tell it.
pub(crate) fn asked(l: L, one: &SignatureReport) -> Option<String> {
    let mut places: Vec<String> = Vec::new();
    for asked in &one.online {
        let place = format!("{} ({})", asked.url, l.instant(&asked.at));
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Some(places.join("; ")).filter(|text| !text.is_empty())
}

/// Whether an address is anybody's in the open network: none of a house, a link, this machine, or of no use to call.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // This network; shared by a provider's customers; assigned by protocols; for measuring; reserved.
        || a == 0
        || a == 100 && (64..128).contains(&b)
        || (a, b, c) == (192, 0, 0)
        || a == 198 && (18..20).contains(&b)
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let octets = address.octets();
    let embedded = |from: usize| {
        let part = octets.get(from..from + 4).and_then(|part| <[u8; 4]>::try_from(part).ok());
        part.map(Ipv4Addr::from).is_some_and(is_public_v4)
    };
    match (a, b) {
        // Translated to the older network, or carried through it: what is inside counts.
        (0x64, 0xff9b) if octets[4..12] == [0; 8] => embedded(12),
        (0x2002, _) => embedded(2),
        // Teredo and the rest of what protocols use; documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

/// Puts answers away as files of evidence are, and says which they are.
///
/// # Errors
/// An answer cannot be written.
pub async fn put_away(store: &Store, now: Timestamp, fetched: &[Fetched]) -> Result<Option<Asked>, store::Error> {
    if fetched.is_empty() {
        return Ok(None);
    }
    let mut answers = Vec::new();
    for one in fetched {
        let (unheard, sha256) = match &one.got {
            Got::Bytes(bytes) => (None, Some(store.evidence.put_answer(bytes).await?)),
            Got::Unheard(why) => (Some(*why), None),
        };
        answers.push(Answer { about: serde_json::json!([one.wish, one.at, unheard]), sha256 });
    }
    Ok(Some(Asked { now, answers }))
}

/// The answers that a kept check rests on; `None` where one is not there any more.
pub async fn take_out(store: &Store, asked: &Asked) -> Option<Vec<Fetched>> {
    let mut fetched = Vec::new();
    for answer in &asked.answers {
        let (wish, at, unheard): (Wish, Timestamp, Option<Unheard>) =
            serde_json::from_value(answer.about.clone()).ok()?;
        let got = match (&answer.sha256, unheard) {
            (Some(sha256), _) => Got::Bytes(store.evidence.read(sha256).await.ok()??),
            (None, why) => Got::Unheard(why.unwrap_or(Unheard::Down)),
        };
        fetched.push(Fetched { wish, at, got });
    }
    Some(fetched)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn nobody_within_a_house_is_public() {
        for closed in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!is_public(closed.parse().unwrap()), "{closed}");
        }
        for open in ["1.1.1.1", "203.162.4.190", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"] {
            assert!(is_public(open.parse().unwrap()), "{open}");
        }
    }

    #[tokio::test]
    async fn addresses_that_lead_into_the_house_are_refused() {
        let online = Online::new(vec!["127.0.0.2".to_owned(), "Ocsp.House.Example:8080".to_owned()]);
        for url in [
            "http://127.0.0.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://[::1]/",
            "http://localhost/",
            "http://169.254.169.254/latest",
            "http://[::ffff:10.0.0.1]/",
            "http://user:word@1.1.1.1/",
            "http://1.1.1.1:22/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "http://",
            "//1.1.1.1/",
        ] {
            let told = match Url::parse(url) {
                Ok(parsed) => online.places(&parsed).await.err(),
                Err(_) => Some(Unheard::Refused),
            };
            assert_eq!(told, Some(Unheard::Refused), "{url}");
        }
        for url in ["http://127.0.0.2/", "http://127.0.0.2:9/", "http://1.1.1.1/", "https://1.1.1.1/x"] {
            assert!(online.places(&Url::parse(url).unwrap()).await.is_ok(), "{url}");
        }
    }
}
