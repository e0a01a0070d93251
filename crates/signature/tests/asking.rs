//! What a report asks for from outside the file, and what answers are worth.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{NOW, anchors, bytes};
use jiff::Timestamp;
use signature::{Fetched, Got, Place, Policy, Request, Revocation, SignatureReport, Told, Unheard, Verdict, Wish};

/// The report on the file whose certificate names who knows, with what was fetched.
fn asked(fetched: &[Fetched]) -> SignatureReport {
    let (anchors, policy) = (anchors(), Policy::default());
    let request = Request { now: NOW.parse().unwrap(), anchors: &anchors, policy: &policy, fetched };
    signature::check(&bytes("elsewhere-asks.pdf"), None, &request).signatures.remove(0)
}

fn fetched(wish: &Wish, got: Got) -> Fetched {
    let at: Timestamp = NOW.parse().unwrap();
    Fetched { wish: wish.clone(), at, got }
}

#[test]
fn places_are_asked_one_after_the_other() {
    let first = asked(&[]);
    assert_eq!((first.verdict, first.revocation), (Verdict::Valid, Revocation::Unknown));
    let [responder] = first.wishes.as_slice() else { panic!("{:?}", first.wishes) };
    assert_eq!((responder.kind, responder.url.as_str()), (Place::Ocsp, "http://ocsp.example.vn/"));
    // OCSPRequest, TBSRequest, requestList, Request, CertID: SHA-1 and two hashes of 20 bytes.
    assert_eq!(
        responder.question.iter().take(10).filter(|byte| **byte == 0x30).count(),
        5,
        "{:x?}",
        responder.question
    );
    let good = fetched(responder, Got::Bytes(bytes("elsewhere-asks.ocsp")));
    let known = asked(&[good]);
    assert_eq!((known.revocation, known.wishes.len()), (Revocation::Good, 0));
    assert_eq!((known.online[0].told, known.online[0].url.as_str()), (Told::Good, "http://ocsp.example.vn/"));
    assert!(known.message.en.contains("Asked online: not revoked"), "{}", known.message.en);

    // The responder is down: the list is next, and the address that no browser knows is left out.
    let silent = fetched(responder, Got::Unheard(Unheard::Down));
    let second = asked(std::slice::from_ref(&silent));
    let [list] = second.wishes.as_slice() else { panic!("{:?}", second.wishes) };
    assert_eq!((list.kind, list.url.as_str()), (Place::Crl, "http://crl.example.vn/root.crl"));
    assert_eq!((second.verdict, second.revocation), (Verdict::Valid, Revocation::Unknown));
    assert!(second.message.vi.contains("không trả lời"), "{}", second.message.vi);
    for (name, verdict, standing) in [
        ("elsewhere-asks.crl", Verdict::Valid, Revocation::Good),
        ("elsewhere-asks-revoked.crl", Verdict::Indeterminate, Revocation::Revoked),
    ] {
        let found = asked(&[silent.clone(), fetched(list, Got::Bytes(bytes(name)))]);
        assert_eq!((found.verdict, found.revocation, found.wishes.len()), (verdict, standing, 0), "{name}");
        assert_eq!(found.online.iter().map(|one| one.told).next(), Some(Told::Down));
    }
    let none = asked(&[silent, fetched(list, Got::Bytes(bytes("elsewhere-asks.ocsp")))]);
    assert_eq!((none.revocation, none.wishes.len(), none.online[1].told), (Revocation::Unknown, 0, Told::Unfit));
}

#[test]
fn an_answer_of_which_a_bit_was_turned_proves_nothing_new() {
    let wish = asked(&[]).wishes.remove(0);
    let answer = bytes("elsewhere-asks.ocsp");
    for at in (0..answer.len()).step_by(7) {
        let mut damaged = answer.clone();
        damaged[at] ^= 1 << (at % 8);
        let found = asked(&[fetched(&wish, Got::Bytes(damaged))]);
        assert_ne!(found.revocation, Revocation::Revoked, "byte {at}");
        assert_eq!(found.verdict, Verdict::Valid, "byte {at}");
    }
    for length in [0, 1, 2, 5, 100, answer.len() - 1] {
        let found = asked(&[fetched(&wish, Got::Bytes(answer[..length].to_vec()))]);
        assert_eq!((found.revocation, found.online[0].told), (Revocation::Unknown, Told::Unfit), "{length} bytes");
    }
}
