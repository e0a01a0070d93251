//! Every address of the pages, beside what does the same here: the pages may do nothing that a program cannot, but what
//! stands below with its reason. A test holds this against the pages' own table, and prints it in `docs/api.md`.

use super::ROOT;

/// What a program has in the place of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// The operations that do the same, by their ids.
    By(&'static [&'static str]),
    /// Nothing, and why.
    Not(&'static str),
}

use Parity::{By, Not};

const SIGN_IN: &str = "signing in and out is a browser's; a program has a token";
const CREDENTIALS: &str = "a token makes no tokens, ends no sessions and touches no second factor";
const DEMO: &str = "only in the demonstration";
const FORM: &str = "an empty form to fill in";
const OPERATOR: &str = "for whoever runs the machine";

/// Method and address of a page, and what does the same.
pub const PAGES: &[(&str, &str, Parity)] = &[
    ("GET", "/", Not("leads on to one's own first page")),
    ("POST", "/demo/{role}", Not(DEMO)),
    ("POST", "/demo-next", Not(DEMO)),
    ("GET", "/sign-in", Not(SIGN_IN)),
    ("POST", "/sign-in", Not(SIGN_IN)),
    ("GET", "/sign-in/code", Not(SIGN_IN)),
    ("POST", "/sign-in/code", Not(SIGN_IN)),
    ("GET", "/sign-in/openid", Not(SIGN_IN)),
    ("GET", "/sign-in/openid/back", Not(SIGN_IN)),
    ("POST", "/sign-out", Not(SIGN_IN)),
    ("GET", "/invitation/{secret}", Not(SIGN_IN)),
    ("POST", "/invitation/{secret}", Not(SIGN_IN)),
    ("POST", "/language", Not("the language of the pages; here every sentence comes in both")),
    ("GET", "/account", By(&["me", "account"])),
    ("POST", "/account/password", Not(SIGN_IN)),
    ("POST", "/account/sessions", Not(CREDENTIALS)),
    ("POST", "/account/second-factor", Not(CREDENTIALS)),
    ("POST", "/account/tokens", Not(CREDENTIALS)),
    ("POST", "/account/tokens/revoke", Not(CREDENTIALS)),
    ("GET", "/work", By(&["work"])),
    ("POST", "/work", Not("the address of a calendar is a secret of its own; a token makes none")),
    ("GET", "/notices", By(&["notices"])),
    ("POST", "/notices", By(&["read_notices"])),
    ("GET", "/calendar/{file}", Not("a feed for calendars, under an address of its own")),
    ("GET", "/sheets/{sheet}", By(&["sheet"])),
    ("GET", "/sheets/{sheet}/profile", By(&["profile"])),
    ("POST", "/sheets/{sheet}/profile", By(&["save_profile"])),
    ("GET", "/sheets/{sheet}/table/{pillar}", By(&["sheet"])),
    ("POST", "/sheets/{sheet}/table/{pillar}", By(&["change_entries"])),
    ("GET", "/sheets/{sheet}/entries/{indicator}", By(&["entry"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}", By(&["replace_entry", "change_entry", "mark_ready"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/preview", By(&["try_entry"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/send-back", By(&["send_back"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/remarks", By(&["remark"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/explain", By(&["explain"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/evidence", By(&["upload"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/links", By(&["link"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/withdraw", By(&["withdraw"])),
    ("GET", "/sheets/{sheet}/entries/{indicator}/proofs", By(&["proofs"])),
    ("POST", "/sheets/{sheet}/entries/{indicator}/take", By(&["take_over"])),
    ("GET", "/evidence/{evidence}", By(&["evidence"])),
    ("GET", "/evidence/{evidence}/pages/{page}", Not("pictures of the file, for eyes; the file itself is `evidence`")),
    ("POST", "/evidence/{evidence}/accept", By(&["accept_signature"])),
    ("GET", "/verify", Not(FORM)),
    ("POST", "/verify", By(&["verify"])),
    ("GET", "/sheets/{sheet}/assign", By(&["assignment"])),
    ("POST", "/sheets/{sheet}/assign", By(&["assign"])),
    ("POST", "/sheets/{sheet}/assign/plan", By(&["assign_by_plan"])),
    ("GET", "/sheets/{sheet}/reviews", By(&["reviews"])),
    ("POST", "/sheets/{sheet}/reviews", By(&["freeze_review"])),
    ("GET", "/sheets/{sheet}/submit", By(&["sheet"])),
    ("POST", "/sheets/{sheet}/submit", By(&["submit"])),
    ("GET", "/sheets/{sheet}/receipt", By(&["receipt"])),
    ("POST", "/sheets/{sheet}/unlock", By(&["unlock"])),
    ("GET", "/sheets/{sheet}/papers/{file}", By(&["sheet_paper"])),
    ("GET", "/papers", By(&["papers"])),
    ("POST", "/papers", By(&["file_paper"])),
    ("GET", "/papers/new", Not(FORM)),
    ("POST", "/papers/new", By(&["issue_paper"])),
    ("GET", "/papers/{paper}", By(&["paper"])),
    ("GET", "/papers/{paper}/{file}", By(&["paper_file"])),
    ("GET", "/sheets/{sheet}/insights", By(&["sheet_insights"])),
    ("GET", "/sheets/{sheet}/insights.csv", By(&["sheet_insights"])),
    ("GET", "/appraise", By(&["appraisal_queue"])),
    ("GET", "/appraise/division/{round}", By(&["division"])),
    ("POST", "/appraise/division/{round}", By(&["divide", "deal", "drop_reason"])),
    ("GET", "/appraise/{level}/{indicator}", By(&["appraisal_queue", "entry", "proofs"])),
    ("GET", "/appraise/{level}/{indicator}/bulk", By(&["appraisal_queue"])),
    ("POST", "/appraise/{level}/{indicator}/bulk", By(&["appraise_like"])),
    ("POST", "/appraise/{level}/{indicator}/accept", By(&["appraise_like"])),
    ("POST", "/appraise/{level}/{indicator}/{sheet}", By(&["appraise", "try_appraisal"])),
    ("GET", "/rounds", By(&["rounds"])),
    ("GET", "/rounds/new", Not(FORM)),
    ("POST", "/rounds/new", By(&["create_round"])),
    ("GET", "/rounds/{round}", By(&["round", "monitor"])),
    ("GET", "/rounds/{round}/progress.csv", By(&["monitor"])),
    ("GET", "/rounds/{round}/late", By(&["round_late"])),
    ("GET", "/rounds/{round}/late.csv", By(&["round_late"])),
    ("POST", "/rounds/{round}/remind", By(&["remind"])),
    ("GET", "/rounds/{round}/insights", By(&["insights"])),
    ("GET", "/rounds/{round}/insights.csv", By(&["insights"])),
    ("GET", "/rounds/{round}/insights/{file}", By(&["insights"])),
    ("GET", "/rounds/{round}/heatmap", By(&["monitor", "sheet"])),
    ("GET", "/rounds/{round}/heatmap.csv", By(&["monitor", "sheet"])),
    ("GET", "/rounds/{round}/figures", Not(FORM)),
    ("GET", "/rounds/{round}/figures.xlsx", By(&["figures_workbook"])),
    ("POST", "/rounds/{round}/figures", By(&["upload_figures"])),
    ("GET", "/rounds/{round}/figures/{upload}", By(&["figure_file"])),
    ("POST", "/rounds/{round}/figures/{upload}", By(&["answer_figures", "take_figures"])),
    ("GET", "/rounds/{round}/settings", By(&["round_settings", "round_history"])),
    (
        "POST",
        "/rounds/{round}/settings",
        By(&[
            "set_phase",
            "set_days",
            "extend",
            "exempt",
            "end_exemption",
            "set_participation",
            "set_appraisers",
            "describe_round",
            "set_round_figures",
            "set_grades",
            "decide_reading",
        ]),
    ),
    ("GET", "/rounds/{round}/papers/{file}", By(&["round_paper"])),
    ("GET", "/rounds/{round}/decide", By(&["differences"])),
    ("POST", "/rounds/{round}/decide", By(&["decide", "open_explanation", "record_silences"])),
    ("POST", "/rounds/{round}/publish", By(&["publish"])),
    ("GET", "/rounds/{round}/council", By(&["meetings", "differences"])),
    ("POST", "/rounds/{round}/council", By(&["meet", "close_meeting", "decide"])),
    ("GET", "/rounds/{round}/council/{meeting}", By(&["minutes"])),
    ("GET", "/sets", By(&["sets", "drafts"])),
    ("GET", "/sets/compare", By(&["compare_sets"])),
    ("GET", "/sets/import", Not(FORM)),
    ("POST", "/sets/import", By(&["import_set"])),
    ("GET", "/sets/drafts/{draft}", By(&["draft"])),
    ("POST", "/sets/drafts/{draft}/readings", By(&["answer_draft_reading"])),
    ("POST", "/sets/drafts/{draft}/adopt", By(&["adopt_draft"])),
    ("POST", "/sets/drafts/{draft}/drop", By(&["drop_draft"])),
    ("GET", "/sets/drafts/{draft}/head", By(&["draft"])),
    ("POST", "/sets/drafts/{draft}/head", By(&["change_draft_head"])),
    ("GET", "/sets/drafts/{draft}/text", By(&["draft"])),
    ("POST", "/sets/drafts/{draft}/text", By(&["replace_draft_file"])),
    ("GET", "/sets/drafts/{draft}/shape", By(&["draft"])),
    ("POST", "/sets/drafts/{draft}/shape", By(&["replace_draft_file"])),
    ("GET", "/sets/drafts/{draft}/{indicator}", By(&["draft"])),
    ("POST", "/sets/drafts/{draft}/{indicator}", By(&["change_draft_indicator"])),
    ("GET", "/sets/{set}", By(&["set", "check_set"])),
    ("GET", "/ranking", By(&["publications"])),
    ("GET", "/ranking/dictionary", Not("open data about open data; it is public as it stands")),
    ("GET", "/ranking/{publication}", By(&["publications"])),
    ("GET", "/ranking/{publication}/papers/{file}", By(&["publication_paper"])),
    ("GET", "/ranking/{publication}/{level}", By(&["ranking"])),
    ("GET", "/ranking/{publication}/{level}/compare", By(&["compare_units"])),
    ("GET", "/ranking/{publication}/{level}/heatmap", By(&["ranking", "published_unit"])),
    ("GET", "/ranking/{publication}/{level}/heatmap.csv", By(&["ranking", "published_unit"])),
    ("GET", "/ranking/{publication}/{level}/movers", By(&["ranking", "compare_units"])),
    ("GET", "/ranking/{publication}/{level}/movers.csv", By(&["ranking", "compare_units"])),
    ("GET", "/ranking/{publication}/{level}/{code}", By(&["published_unit", "compare_units"])),
    ("GET", "/units", By(&["units"])),
    ("GET", "/units/{unit}", By(&["unit"])),
    (
        "POST",
        "/units/{unit}",
        By(&["invite", "invite_again", "add_position", "end_holding", "block", "reset_second_factor"]),
    ),
    ("GET", "/units/{unit}/positions/{position}", By(&["unit"])),
    (
        "POST",
        "/units/{unit}/positions/{position}",
        By(&["hold", "invite", "end_holding", "change_position", "change_person"]),
    ),
    ("GET", "/units/{unit}/change", Not(FORM)),
    ("POST", "/units/{unit}/change", By(&["change_unit"])),
    ("GET", "/units/{unit}/import", Not(FORM)),
    ("POST", "/units/{unit}/import", By(&["import_units"])),
    ("GET", "/search", By(&["search"])),
    ("GET", "/audit", By(&["audit"])),
    ("GET", "/health", Not(OPERATOR)),
    ("GET", "/ready", Not(OPERATOR)),
    ("GET", "/metrics", Not(OPERATOR)),
    ("GET", "/favicon.ico", Not("what the pages themselves load")),
    ("GET", "/assets/{file}", Not("what the pages themselves load")),
];

/// The same as a table in Markdown: what changes first, then what is only read.
pub fn table() -> String {
    let operations = super::routes().operations;
    let told = |id: &&str| {
        let known = operations.iter().find(|one| one.id == *id);
        known.map_or_else(|| (*id).to_owned(), |one| format!("`{} {ROOT}{}`", one.method.to_uppercase(), one.path))
    };
    let mut text = String::from("| Page | By program |\n| --- | --- |\n");
    for wanted in ["POST", "GET"] {
        for (method, path, parity) in PAGES.iter().filter(|(method, ..)| *method == wanted) {
            let by = match parity {
                By(ids) => ids.iter().map(told).collect::<Vec<_>>().join(", "),
                Not(why) => format!("none: {why}"),
            };
            text.push_str(&format!("| `{method} {path}` | {by} |\n"));
        }
    }
    text
}
