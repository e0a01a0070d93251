//! Every page × every capability × every place from which it can be held: one's own unit, another, the one above, one below,
//! and nobody at all. A rule for each address says who gets in; a page that is missing here fails.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::BTreeSet;
use std::fmt;

use Capability::{
    Appraise, Assign, Audit, Decide, FillAny, FillAssigned, ManagePeople, ManageUnits, ReadSheets, Review, RunRound,
    Submit,
};
use Rule::{Above, Anybody, Anywhere, InRound, Never, SignedIn, Unit, UnitOr};
use common::api::{Api, FOCAL, FORM, form};
use cycle::{Capability, Phase, PositionId};
use store::Command;
use store::command::{NewPerson, NewUnit};
use store::tokens::TokenScope::{Read, Write};

/// From where a capability is held, as seen from unit A, whose things are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Own,
    Other,
    Above,
    Below,
}

/// Who gets in with one capability alone.
enum Rule {
    /// Everybody, signed in or not.
    Anybody,
    /// Everybody who is signed in.
    SignedIn,
    /// Who holds one of these, wherever.
    Anywhere(&'static [Capability]),
    /// Who holds one of these over unit A: in it, or above it.
    Unit(&'static [Capability]),
    /// Who holds one of these over the unit above, which runs the round.
    Above(&'static [Capability]),
    /// Who holds one of the first over a unit of the round, or one of the others over the unit above.
    InRound(&'static [Capability], &'static [Capability]),
    /// Who holds one of the first over unit A, or one of the others over the unit above.
    UnitOr(&'static [Capability], &'static [Capability]),
    /// Nobody by a capability alone: it takes an address that is a secret, or there is no such thing here.
    Never,
}

impl Rule {
    fn lets_in(&self, capability: Capability, place: Place) -> bool {
        match self {
            Anybody | SignedIn => true,
            Anywhere(by) => by.contains(&capability),
            Unit(by) => by.contains(&capability) && matches!(place, Place::Own | Place::Above),
            Above(by) => by.contains(&capability) && place == Place::Above,
            InRound(by, above) => {
                (by.contains(&capability) && place != Place::Below) || Above(above).lets_in(capability, place)
            }
            UnitOr(by, above) => Unit(by).lets_in(capability, place) || Above(above).lets_in(capability, place),
            Never => false,
        }
    }
}

/// Every page that can be opened, and who gets in.
const RULES: &[(&str, Rule)] = &[
    ("/", Anybody),
    ("/sign-in", Anybody),
    ("/sign-in/code", Anybody),
    ("/sign-in/openid", Never),
    ("/sign-in/openid/back", Never),
    ("/invitation/{secret}", Anybody),
    ("/account", SignedIn),
    ("/work", SignedIn),
    ("/notices", SignedIn),
    ("/calendar/{file}", Never),
    ("/sheets/{sheet}", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/profile", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/table/{pillar}", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/entries/{indicator}", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/entries/{indicator}/proofs", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/assign", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/reviews", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/submit", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/receipt", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/papers/{file}", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/insights", Unit(&[ReadSheets])),
    ("/sheets/{sheet}/insights.csv", Unit(&[ReadSheets])),
    ("/evidence/{evidence}", UnitOr(&[ReadSheets], &[Appraise])),
    ("/evidence/{evidence}/pages/{page}", UnitOr(&[ReadSheets], &[Appraise])),
    ("/verify", Anybody),
    ("/papers", SignedIn),
    ("/papers/new", Never),
    ("/papers/{paper}", Unit(&[ReadSheets])),
    ("/papers/{paper}/{file}", Unit(&[ReadSheets])),
    // The unit above is the agency of what is given to nobody else.
    ("/appraise", Anywhere(&[Appraise])),
    ("/appraise/division/{round}", Anywhere(&[Appraise])),
    ("/appraise/{level}/{indicator}", Above(&[Appraise])),
    ("/appraise/{level}/{indicator}/bulk", Above(&[Appraise])),
    ("/rounds", SignedIn),
    ("/rounds/new", Anywhere(&[RunRound])),
    ("/rounds/{round}", InRound(&[ReadSheets], &[RunRound])),
    ("/rounds/{round}/progress.csv", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/late", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/late.csv", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/insights", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/insights.csv", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/insights/{file}", SignedIn),
    ("/rounds/{round}/heatmap", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/heatmap.csv", InRound(&[ReadSheets], &[])),
    ("/rounds/{round}/figures.xlsx", InRound(&[FillAssigned, FillAny], &[RunRound])),
    ("/rounds/{round}/figures", InRound(&[FillAssigned, FillAny], &[RunRound])),
    ("/rounds/{round}/figures/{upload}", Above(&[RunRound])),
    ("/rounds/{round}/settings", Above(&[RunRound])),
    ("/rounds/{round}/papers/{file}", Above(&[RunRound])),
    ("/rounds/{round}/decide", Above(&[Decide])),
    ("/rounds/{round}/council", Above(&[Decide])),
    ("/rounds/{round}/council/{meeting}", Above(&[Decide])),
    ("/sets", SignedIn),
    ("/sets/compare", SignedIn),
    ("/sets/import", Anywhere(&[RunRound])),
    ("/sets/drafts/{draft}", Above(&[RunRound])),
    ("/sets/drafts/{draft}/head", Above(&[RunRound])),
    ("/sets/drafts/{draft}/text", Never),
    ("/sets/drafts/{draft}/shape", Above(&[RunRound])),
    ("/sets/drafts/{draft}/{indicator}", Above(&[RunRound])),
    ("/sets/{set}", SignedIn),
    ("/units", Anywhere(&[ManageUnits, ManagePeople])),
    ("/units/{unit}", Unit(&[ManageUnits, ManagePeople, ReadSheets])),
    ("/units/{unit}/positions/{position}", Unit(&[ManagePeople])),
    ("/units/{unit}/change", Above(&[ManageUnits])),
    ("/units/{unit}/import", Unit(&[ManageUnits, ManagePeople])),
    ("/search", SignedIn),
    ("/audit", Anywhere(&[Audit])),
    ("/health", Anybody),
    ("/ready", Anybody),
    ("/metrics", Never),
    ("/assets/{file}", Never),
    ("/favicon.ico", Anybody),
    ("/ranking", Anybody),
    ("/ranking/dictionary", Anybody),
    ("/ranking/{publication}", Anybody),
    ("/ranking/{publication}/papers/{file}", Anybody),
    ("/ranking/{publication}/{level}", Anybody),
    ("/ranking/{publication}/{level}/compare", Anybody),
    ("/ranking/{publication}/{level}/heatmap", Anybody),
    ("/ranking/{publication}/{level}/heatmap.csv", Anybody),
    ("/ranking/{publication}/{level}/movers", Never),
    ("/ranking/{publication}/{level}/movers.csv", Never),
    ("/ranking/{publication}/{level}/{code}", Anybody),
];

/// The addresses that answer GET, from the one place that lists them.
fn routes() -> BTreeSet<String> {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/mod.rs")).unwrap();
    let flat: String = source.split_whitespace().collect();
    let pieces = flat.split(".route(\"").skip(1).map(|piece| piece.split_once("\",").unwrap());
    let own = |rest: &str| rest.split(".route(").next().unwrap().split(".layer(").next().unwrap().contains("get(");
    pieces.filter(|(_, rest)| own(rest)).map(|(path, _)| path.to_owned()).collect()
}

#[test]
fn every_page_has_its_rule() {
    let ruled: BTreeSet<String> = RULES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(routes(), ruled);
}

/// Forms that change something, and who may send them who also reads sheets there. Each is refused for what it says, and
/// only after it was asked who sends it; so that one changes nothing for the next. `matrix.rs` has all other forms.
const FORMS: &[(&str, &str, Rule)] = &[
    ("/sheets/{sheet}/profile", "version=99", Unit(&[FillAny])),
    ("/sheets/{sheet}/entries/{indicator}", "version=99&do=save", Unit(&[FillAny])),
    ("/sheets/{sheet}/entries/{indicator}/remarks", "words=", Unit(&Capability::ALL)),
    ("/sheets/{sheet}/reviews", "title=", Unit(&[Review])),
    ("/sheets/{sheet}/submit", "hash=x&known=yes", Unit(&[Submit])),
    ("/rounds/new", "do=preview", Anywhere(&[RunRound])),
    ("/rounds/{round}/settings", "do=extend&unit=A&to=x&reason=", Above(&[RunRound])),
    ("/units/{unit}", "do=position&code=&name=", Unit(&[ManagePeople])),
    ("/units/{unit}/positions/{position}", "do=position&name=", Unit(&[ManagePeople])),
    ("/units/{unit}/change", "how=", Above(&[ManageUnits])),
];

/// Unit A gets a unit below.
async fn below_a(api: &Api) {
    let below = NewUnit {
        code: "A1".to_owned(),
        name: "Đơn vị dưới A".to_owned(),
        kind: "thôn".to_owned(),
        level: "village".to_owned(),
        parent: Some("A".to_owned()),
        from: None,
        to: None,
    };
    api.pages.world.operator(Command::AddUnits(vec![below])).await;
}

/// Somebody with each capability in each place, and nobody; `also` is what all of them have.
async fn everybody(api: &Api, also: Option<Capability>) -> Vec<(Option<(Capability, Place)>, String)> {
    let mut people = vec![(None, String::new())];
    for (place, unit) in [(Place::Own, "A"), (Place::Other, "B"), (Place::Above, "T"), (Place::Below, "A1")] {
        for capability in Capability::ALL {
            people.push((Some((capability, place)), somebody(api, unit, capability, also).await));
        }
    }
    people
}

/// Somebody with one capability in one unit, signed in.
async fn somebody(api: &Api, unit: &str, capability: Capability, also: Option<Capability>) -> String {
    let world = &api.pages.world;
    let (code, name) = (format!("một {}", capability.key()), "Một quyền".to_owned());
    let capabilities = also.into_iter().chain([capability]).collect();
    let command = Command::AddPosition { unit: world.unit(unit), code, name, capabilities };
    let position = PositionId(world.operator(command).await.id.unwrap());
    let login = format!("{}@{}.one.example", capability.key(), unit.to_lowercase());
    let person = NewPerson {
        login: login.clone(),
        name: "Một Quyền".to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: format!("calendar of {login}"),
    };
    world.operator(Command::AddPerson(person)).await;
    api.pages.cookie(&login).await
}

/// What somebody wants and gets against the rule.
struct Wrong(String, Option<(Capability, Place)>, u16);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some((capability, place)) => write!(f, "{} {} {place:?}: {}", self.0, capability.key(), self.2),
            None => write!(f, "{} nobody: {}", self.0, self.2),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_lets_in_whom_its_rule_lets_in() {
    let mut api = Api::new().await;
    below_a(&api).await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let at = format!("/api/v1/sheets/{}/entries/I.5.2/evidence", api.pages.world.sheet("A"));
    let given = api.send(&focal, "POST", &at, &[FORM], form("a.pdf", b"%PDF-1.7\nx")).await;
    let evidence = given.json()["evidence"][0]["id"].to_string();
    let things = api.things(&evidence).await;
    let world = &api.pages.world;
    // Signed off, so that there is a receipt; appraising, so that there is something to appraise and to decide.
    let sheet = world.sheet("A");
    let set = world.store.state().levels[&world.store.state().assessments[&sheet].level].facts.set_hash.clone();
    let hash = world.store.sheet(sheet).await.unwrap().unwrap().state_hash(&set);
    world.operator(Command::Submit { assessment: sheet, hash }).await;
    for phase in [Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.phase(phase).await;
    }
    let level = world.store.state().assessments[&sheet].level.to_string();
    let people = everybody(&api, None).await;
    let mut wrong = Vec::new();
    for (route, rule) in RULES {
        let path = route
            .replace("/appraise/{level}", &format!("/appraise/{level}"))
            .replace("{pillar}", "I")
            .replace("{page}", "1.png")
            .replace("{secret}", "0123");
        let path =
            if route.ends_with("/assets/{file}") || route.starts_with("/calendar") || route.contains("insights/{file}")
            {
                path.replace("{file}", "none")
            } else {
                things.path(&path)
            };
        // Where a capability opens nothing, each is tried from one place: these are the pages that take long to draw.
        let open = matches!(rule, Anybody | SignedIn);
        for (at, (who, cookie)) in people.iter().enumerate() {
            if open && at % 5 != 0 {
                continue;
            }
            let answer = api.pages.get(cookie, &path).await;
            let status = answer.status.as_u16();
            let out = matches!(status, 403 | 404) || (status == 303 && answer.location.starts_with("/sign-in"));
            let may = match who {
                Some((capability, place)) => rule.lets_in(*capability, *place),
                None => matches!(rule, Anybody),
            };
            if out == may || status >= 500 {
                wrong.push(Wrong((*route).to_owned(), *who, status).to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Each capability opens something that signing in alone does not, or is one that only acts.
    let acts = [FillAssigned, FillAny, Assign, Review, Submit];
    for capability in Capability::ALL.into_iter().filter(|one| !acts.contains(one)) {
        let opens = |rule: &Rule| !matches!(rule, Anybody | SignedIn) && rule.lets_in(capability, Place::Above);
        assert!(RULES.iter().any(|(_, rule)| opens(rule)), "{}", capability.key());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_form_is_taken_from_whom_its_rule_lets() {
    let mut api = Api::new().await;
    below_a(&api).await;
    let things = api.things("0").await;
    let people = everybody(&api, Some(ReadSheets)).await;
    let mut wrong = Vec::new();
    for (route, form, rule) in FORMS {
        let path = things.path(route);
        for (who, cookie) in &people {
            let answer = api.pages.post(cookie, &path, form).await;
            let status = answer.status.as_u16();
            let out = matches!(status, 403 | 404) || (status == 303 && answer.location.starts_with("/sign-in"));
            let may = who.is_some_and(|(capability, place)| rule.lets_in(capability, place));
            if out == may || (may && !matches!(status, 409 | 422)) {
                wrong.push(Wrong((*route).to_owned(), *who, status).to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
