//! Who may open and do what: every address of the pages, tried by everybody. An address that is missing here fails.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::BTreeSet;

use common::Pages;

/// Who tries, all at unit A's sheet and things: the official it is assigned to, another official of A, A's focal
/// point, A's head, another unit's focal point, the parent's round owner, nobody.
const WHO: [&str; 7] =
    ["vh-xh@a.example", "ca@a.example", "vp-tk@a.example", "ct@a.example", "vp-tk@b.example", "bcd@t.example", ""];

/// Method, address, form, and what each gets. 303 means done, or sent to the sign-in page for nobody.
const MATRIX: &[(&str, &str, &str, [u16; 7])] = &[
    ("GET", "/", "", [303, 303, 303, 303, 303, 303, 200]),
    ("POST", "/demo/{role}", "", [404; 7]),
    ("POST", "/demo-next", "", [404; 7]),
    ("GET", "/sign-in", "", [200; 7]),
    ("POST", "/sign-in", "login=x&password=y", [422; 7]),
    ("GET", "/invitation/{secret}", "", [422; 7]),
    ("POST", "/invitation/{secret}", "password=con+thuyen+xanh+ra+khoi", [422; 7]),
    ("POST", "/language", "language=vi&to=/work", [303; 7]),
    ("GET", "/account", "", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/account/password", "old=x&new=y", [422, 422, 422, 422, 422, 422, 303]),
    ("POST", "/account/sessions", "token=none", [303; 7]),
    ("POST", "/account/second-factor", "secret=AAAA&code=000000", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/account/tokens", "name=x&scope-read=yes&days=30", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/account/tokens/revoke", "token=none", [303; 7]),
    ("GET", "/work", "", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/work", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/calendar/{file}", "", [404; 7]),
    ("GET", "/sheets/{sheet}", "", [200, 200, 200, 200, 404, 200, 303]),
    ("GET", "/sheets/{sheet}/profile", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/profile", "version=0", [403, 403, 303, 403, 404, 403, 303]),
    ("GET", "/sheets/{sheet}/table/{pillar}", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/table/{pillar}", "", [303, 303, 303, 303, 404, 303, 303]),
    ("GET", "/sheets/{sheet}/entries/{indicator}", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}", "version=0&do=save", [303, 403, 303, 403, 404, 403, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/preview", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/send-back", "reason=x", [403, 403, 403, 403, 404, 403, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/remarks", "words=x", [303, 303, 303, 303, 404, 303, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/evidence", "", [422, 403, 422, 403, 404, 403, 303]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/links",
        "link=https://xa.example/bai",
        [303, 403, 303, 403, 404, 403, 303],
    ),
    ("POST", "/sheets/{sheet}/entries/{indicator}/withdraw", "evidence=1", [404, 403, 404, 403, 404, 403, 303]),
    ("GET", "/sheets/{sheet}/entries/{indicator}/proofs", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/take", "version=0&take=x", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/evidence/{evidence}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/evidence/{evidence}/pages/{page}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/evidence/{evidence}/accept", "reason=x", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/verify", "", [200; 7]),
    // What is no upload is told so, to anybody.
    ("POST", "/verify", "", [422; 7]),
    ("GET", "/sheets/{sheet}/assign", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/assign", "", [303, 303, 303, 303, 404, 303, 303]),
    ("POST", "/sheets/{sheet}/assign/plan", "plan=document", [303, 303, 303, 303, 404, 303, 303]),
    ("GET", "/sheets/{sheet}/reviews", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/reviews", "title=x", [403, 403, 303, 403, 404, 403, 303]),
    ("GET", "/sheets/{sheet}/submit", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/sheets/{sheet}/submit", "hash=x&known=yes", [403, 403, 403, 409, 404, 403, 303]),
    ("GET", "/sheets/{sheet}/receipt", "", [404, 404, 404, 404, 404, 404, 303]),
    // No such paper; `papers.rs` asks for those that there are.
    ("GET", "/sheets/{sheet}/papers/{file}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sheets/{sheet}/unlock", "reason=x", [403, 403, 403, 403, 404, 403, 303]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/explain", "words=x", [403, 403, 403, 403, 404, 403, 303]),
    ("GET", "/appraise", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/appraise/{level}/{indicator}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/appraise/{level}/{indicator}/accept", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/appraise/{level}/{indicator}/{sheet}", "do=accept&version=0", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/papers/{file}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/appraise/division/{round}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/appraise/division/{round}", "do=clear", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/appraise/{level}/{indicator}/bulk", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/appraise/{level}/{indicator}/bulk", "what=accept", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/council", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/rounds/{round}/council", "do=open&title=x&chair=x", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/council/{meeting}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/decide", "", [404, 404, 404, 404, 404, 404, 303]),
    (
        "POST",
        "/rounds/{round}/decide",
        "sheet=1&indicator=I.5.2&points=1&reason=x",
        [404, 404, 404, 404, 404, 404, 303],
    ),
    ("POST", "/rounds/{round}/publish", "number=1&day=15/1/2024", [403, 403, 403, 403, 403, 403, 303]),
    ("GET", "/ranking", "", [200; 7]),
    ("GET", "/ranking/dictionary", "", [200; 7]),
    ("GET", "/ranking/{publication}", "", [404; 7]),
    ("GET", "/ranking/{publication}/papers/{file}", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/compare", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/heatmap", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/heatmap.csv", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/movers", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/movers.csv", "", [404; 7]),
    ("GET", "/ranking/{publication}/{level}/{code}", "", [404; 7]),
    ("GET", "/rounds", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/new", "", [404, 404, 404, 404, 404, 200, 303]),
    ("POST", "/rounds/new", "do=preview", [404, 404, 404, 404, 404, 422, 303]),
    ("GET", "/rounds/{round}/late", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/late.csv", "", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/rounds/{round}/remind", "show=late", [403, 403, 403, 403, 403, 303, 303]),
    ("GET", "/rounds/{round}", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/progress.csv", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/insights", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/insights.csv", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/insights/{file}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/heatmap", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/rounds/{round}/heatmap.csv", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/sheets/{sheet}/insights", "", [200, 200, 200, 200, 404, 200, 303]),
    ("GET", "/sheets/{sheet}/insights.csv", "", [200, 200, 200, 200, 404, 200, 303]),
    ("GET", "/papers", "", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/papers", "", [422, 422, 422, 422, 422, 422, 303]),
    // What is asked for is missing; `issued.rs` asks in full.
    ("GET", "/papers/new", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/papers/new", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/papers/{paper}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/papers/{paper}/{file}", "", [404, 404, 404, 404, 404, 404, 303]),
    // Whoever fills in, and whoever runs the round; there is no file yet.
    ("GET", "/rounds/{round}/figures", "", [200, 200, 200, 404, 200, 200, 303]),
    ("GET", "/rounds/{round}/figures.xlsx", "", [200, 200, 200, 404, 200, 200, 303]),
    ("POST", "/rounds/{round}/figures", "", [422, 422, 422, 404, 422, 422, 303]),
    ("GET", "/rounds/{round}/figures/{upload}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/rounds/{round}/figures/{upload}", "do=again", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/rounds/{round}/settings", "", [404, 404, 404, 404, 404, 200, 303]),
    (
        "POST",
        "/rounds/{round}/settings",
        "do=extend&unit=A&to=10/11/2023&reason=x",
        [404, 404, 404, 404, 404, 303, 303],
    ),
    ("GET", "/sets", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/sets/compare", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/sets/import", "", [404, 404, 404, 404, 404, 200, 303]),
    ("POST", "/sets/import", "", [404, 404, 404, 404, 404, 422, 303]),
    // There is no draft here; `sets.rs` makes one.
    ("GET", "/sets/drafts/{draft}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/readings", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/adopt", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/drop", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/sets/drafts/{draft}/head", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/head", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/sets/drafts/{draft}/text", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/text", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/sets/drafts/{draft}/shape", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/shape", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/sets/drafts/{draft}/{indicator}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/sets/drafts/{draft}/{indicator}", "version=1", [404, 404, 404, 404, 404, 404, 303]),
    // No set ships with these tests; `sets.rs` asks for those that there are.
    ("GET", "/sets/{set}", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/units", "", [404, 404, 404, 404, 404, 303, 303]),
    ("GET", "/units/{unit}", "", [200, 200, 200, 200, 404, 200, 303]),
    ("POST", "/units/{unit}", "do=position&code=X&name=X", [403, 403, 403, 403, 404, 303, 303]),
    ("GET", "/units/{unit}/positions/{position}", "", [404, 404, 404, 404, 404, 200, 303]),
    (
        "POST",
        "/units/{unit}/positions/{position}",
        "do=hold&login=moi@a.example&name=X",
        [404, 404, 404, 404, 404, 403, 303],
    ),
    // The round's owner manages people, not units.
    ("GET", "/units/{unit}/change", "", [404, 404, 404, 404, 404, 404, 303]),
    ("POST", "/units/{unit}/change", "how=renamed", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/units/{unit}/import", "", [404, 404, 404, 404, 404, 200, 303]),
    // What is no upload is not looked at.
    ("POST", "/units/{unit}/import", "", [400, 400, 400, 400, 400, 400, 303]),
    ("GET", "/notices", "", [200, 200, 200, 200, 200, 200, 303]),
    ("POST", "/notices", "notice=all", [303; 7]),
    // Nobody here came back from a provider.
    ("GET", "/sign-in/code", "", [422; 7]),
    ("POST", "/sign-in/code", "code=123456", [422; 7]),
    ("GET", "/sign-in/openid", "", [404; 7]),
    ("GET", "/sign-in/openid/back", "", [404; 7]),
    ("GET", "/search", "", [200, 200, 200, 200, 200, 200, 303]),
    ("GET", "/audit", "", [404, 404, 404, 404, 404, 404, 303]),
    ("GET", "/health", "", [200; 7]),
    ("GET", "/ready", "", [200; 7]),
    // For tokens only; see `api.rs`.
    ("GET", "/metrics", "", [404; 7]),
    ("GET", "/assets/{file}", "", [404; 7]),
    ("GET", "/favicon.ico", "", [200; 7]),
    // Last: it ends the session.
    ("POST", "/sign-out", "", [303; 7]),
];

/// The addresses of the pages, from the one place that lists them.
fn routes() -> BTreeSet<(String, String)> {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/mod.rs")).unwrap();
    let flat: String = source.split_whitespace().collect();
    let mut found = BTreeSet::new();
    for piece in flat.split(".route(\"").skip(1) {
        let (path, rest) = piece.split_once("\",").unwrap();
        let rest = rest.split(".route(").next().unwrap();
        let rest = rest.split(".layer(").next().unwrap();
        for (mark, method) in [("get(", "GET"), ("post(", "POST")] {
            if rest.contains(mark) {
                found.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_address_is_in_the_matrix() {
    let listed: BTreeSet<(String, String)> =
        MATRIX.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(routes(), listed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_what_the_matrix_says() {
    let mut wrong = Vec::new();
    for (at, who) in WHO.iter().enumerate() {
        // A province of its own for each, so that what one does changes nothing for the next.
        let pages = Pages::new().await;
        let cookie = pages.cookie(who).await;
        let level = pages.world.store.state().levels.keys().next().unwrap().to_string();
        let position = pages.world.store.state().positions_of(pages.world.unit("A"))[1].id.to_string();
        let (sheet, unit) = (pages.world.sheet("A").to_string(), pages.world.unit("A").to_string());
        for (method, route, form, expected) in MATRIX {
            let path = route
                .replace("{sheet}", &sheet)
                .replace("{unit}", &unit)
                .replace("{round}", &pages.world.round.to_string())
                .replace("{indicator}", "I.5.2")
                .replace("{pillar}", "I")
                .replace("{evidence}", "1")
                .replace("{page}", "1.png")
                .replace("{position}", &position)
                .replace("{publication}", "1")
                .replace("{meeting}", "1")
                .replace("{set}", "none")
                .replace("{draft}", "1")
                .replace("{paper}", "1")
                .replace("{upload}", "1")
                .replace("/appraise/{level}", &format!("/appraise/{level}"))
                .replace("{level}", "commune")
                .replace("{code}", "A")
                .replace("{role}", "official")
                .replace("{secret}", "0123")
                .replace("{file}", "none");
            let answer = match *method {
                "GET" => pages.get(&cookie, &path).await,
                _ if route.ends_with("/evidence") => pages.upload(&cookie, &path, &[]).await,
                _ => pages.post(&cookie, &path, form).await,
            };
            if answer.status.as_u16() != expected[at] {
                wrong.push(format!("{who:?} {method} {route}: {} and not {}", answer.status, expected[at]));
            }
            let to_sign_in = answer.location.starts_with("/sign-in");
            if who.is_empty() && expected[at] == 303 && !["/language"].contains(route) {
                assert!(to_sign_in, "{route}: nobody is sent to sign in, not to {}", answer.location);
            } else {
                assert!(!to_sign_in, "{who} {route}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
