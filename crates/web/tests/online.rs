//! Files of evidence whose certificates name places to ask about revocation: asked beside the page, kept with the verdict,
//! and found again by whoever checks the verdict later.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod peer;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use common::Pages;
use peer::Peer;
use sha2::{Digest, Sha256};
use store::database::hex;
use store::proofs::FileReport;
use web::checks;
use web::online::Online;
use web::trust::Trust;

const INDICATOR: &str = "I.1.1";

/// The pages, whose operator trusts the made-up authority and lets it be asked.
async fn pages() -> (Pages, Peer) {
    let mut pages = Pages::new().await;
    let folder = pages.world.folder.path().join("trust");
    std::fs::create_dir_all(&folder).unwrap();
    let peer = Peer::start("revocation.py", &[folder.to_str().unwrap(), &pages.app.now().to_string()]);
    peer.line();
    pages.app.trust = Arc::new(Trust::at(Some(folder)));
    let mut online = Online::new(vec!["127.0.0.1".to_owned()]);
    online.patience = Duration::from_secs(1);
    pages.app.online = Some(Arc::new(online));
    (pages, peer)
}

/// Hands a case in; gives the page and what is kept.
async fn give(pages: &Pages, case: &str) -> (String, FileReport) {
    let cookie = pages.cookie("vp-tk@a.example").await;
    let path = pages.app.trust.folder.as_ref().unwrap().join(format!("{case}.pdf"));
    let bytes = std::fs::read(path).unwrap();
    let entry = format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("A"));
    let answer = pages.upload(&cookie, &format!("{entry}/evidence"), &[(&format!("{case}.pdf"), &bytes)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    checks::work(&pages.app).await.unwrap();
    let sha256 = hex(&Sha256::digest(&bytes));
    let kept = loop {
        if let Some(kept) = pages.world.store.file_report(&sha256).await.unwrap() {
            break kept.found;
        }
        // The check that began with the upload goes on beside it.
        tokio::task::yield_now().await;
    };
    (pages.get(&cookie, &entry).await.body, kept)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_asked_for_kept_and_held_to_the_log() {
    let (pages, peer) = pages().await;
    let (page, good) = give(&pages, "good").await;
    assert!(page.contains("Chữ ký hợp lệ") && page.contains("Đã hỏi qua mạng"), "{page}");
    assert!(page.contains("không bị thu hồi") && page.contains("/ocsp/good"), "{page}");
    let answers = good.asked.as_ref().unwrap().answers.clone();
    assert_eq!(answers.iter().filter(|one| one.sha256.is_some()).count(), 2, "{answers:?}");
    let (page, revoked) = give(&pages, "revoked").await;
    assert!(page.contains("đã bị thu hồi") && page.contains("Biết được khi hỏi qua mạng"), "{page}");
    assert_eq!(revoked.verdict, cycle::proof::FileVerdict::Indeterminate);
    for case in ["down", "slow", "huge", "house"] {
        let (_, kept) = give(&pages, case).await;
        assert_eq!(kept.verdict, cycle::proof::FileVerdict::Valid, "{case}");
        assert!(
            kept.report.contains("\"revocation\":\"unknown\"") && kept.report.contains("Đã hỏi qua mạng"),
            "{case}"
        );
    }
    // The list of the root served for all six, however busy the machine: at most the check that the upload began and the
    // job's fetched it, both at once.
    let asked = peer.rest();
    let times = asked.iter().filter(|line| line["asked"] == "/crl/root").count();
    assert!((1..=2).contains(&times), "{asked:?}");

    // Nobody is there any more, and every verdict is found again from what was kept.
    drop(peer);
    for kept in [&good, &revoked] {
        assert_eq!(checks::again(&pages.app, kept).await.unwrap().as_ref(), Some(&kept.report));
    }
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
    let mut other = good.clone();
    other.asked.as_mut().unwrap().answers.clone_from(&revoked.asked.as_ref().unwrap().answers);
    assert_ne!(checks::again(&pages.app, &other).await.unwrap().as_ref(), Some(&good.report));
    let answer = answers.iter().find_map(|one| one.sha256.clone()).unwrap();
    std::fs::write(pages.world.store.evidence.path(&answer).unwrap(), b"another answer").unwrap();
    let faults = pages.world.store.audit().await.unwrap().faults;
    assert!(!faults.is_empty() && faults.iter().all(|fault| fault.contains(&answer)), "{faults:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_asked_where_the_operator_does_not_allow_it() {
    let (mut pages, peer) = pages().await;
    pages.app.online = None;
    let (page, kept) = give(&pages, "revoked").await;
    assert!(page.contains("Chữ ký hợp lệ") && !page.contains("Đã hỏi qua mạng"), "{page}");
    assert!(kept.asked.is_none() && peer.rest().is_empty());
    // The public page asks nobody either: whoever comes by would choose whom.
    pages.app.online = Some(Arc::new(Online::new(vec!["127.0.0.1".to_owned()])));
    let bytes = std::fs::read(pages.app.trust.folder.as_ref().unwrap().join("revoked.pdf")).unwrap();
    let answer = pages.upload("", "/verify", &[("revoked.pdf", &bytes)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(peer.rest().is_empty());
}
