//! Every page, for everybody: axe-core finds nothing, and no page scrolls sideways.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::driver::{Demo, Driver};
use crate::tab::{Hand, Tab};

/// The pages, by the role that opens them. SHEET and ROUND stand for the demonstration's own; what begins with > is the
/// first such link of the page before. A role that begins with + comes after the year has moved on to its next phase.
const PAGES: [(&str, &[&str]); 15] = [
    ("", &["/", "/sign-in", "/there-is-no-such-page"]),
    (
        "official",
        &[
            "/work",
            "/work?show=all",
            "SHEET",
            "SHEET/entries/VIII.1.2",
            "SHEET/entries/I.2.4",
            "SHEET/entries/I.6.1",
            "SHEET/entries/I.5.2",
            "SHEET/table/VIII",
            "SHEET/profile",
            "/search?q=hoa+binh",
            "/account",
            "/account?setup",
        ],
    ),
    ("focal", &["SHEET/table/I", "SHEET/assign", "SHEET/reviews"]),
    ("head", &["SHEET/submit", "/units"]),
    ("owner", &["/rounds", "/rounds/new", "ROUND", "ROUND?of=points&show=open", "ROUND/late", "ROUND/settings"]),
    ("admin", &["/units"]),
    ("auditor", &["/audit"]),
    ("leader", &["ROUND"]),
    ("department", &["/work"]),
    ("", &["/ranking", ">main .list a.name", ">.note a[href$=heatmap]", ">.heat tbody th a"]),
    ("+appraiser", &["/appraise", ">main .list a.name"]),
    ("head", &["SHEET/receipt"]),
    ("+head", &["SHEET", "SHEET/entries/I.2.4"]),
    ("+owner", &["ROUND/decide"]),
    ("leader", &["ROUND"]),
];

/// Where `./test` puts axe-core.
fn axe() -> String {
    let path = format!("{}/../../target/axe/node_modules/axe-core/axe.min.js", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("axe-core is missing; ./test installs it ({path})"))
}

const RUN: &str = r#"
const done = arguments[arguments.length - 1];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, { runOnly: tags, resultTypes: ["violations"] }).then((found) => done(found.violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))),
  (error) => done([String(error)]));
"#;

/// The pages of every role at one width, in both languages.
pub async fn all(width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let tab = driver.tab(&demo, Hand::Mouse, width).await;
    let axe = axe();
    let mut findings = String::new();
    let (mut sheet, mut round) = (String::new(), String::new());
    let mut seen = 0;
    for (role, pages) in PAGES {
        tab.open("/").await;
        if let Some(stage) = role.strip_prefix('+') {
            assert_ne!(stage, "");
            tab.press("Sang giai đoạn sau").await;
            tab.sees("Chọn một vai để vào").await;
        }
        let role = role.trim_start_matches('+');
        if role.is_empty() {
            tab.client.delete_all_cookies().await.unwrap();
        } else {
            tab.js(
                "const [role] = arguments; document.querySelector(`form[action='/demo/${role}']`).requestSubmit()",
                vec![json!(role)],
            )
            .await;
            tab.leaves("/").await;
        }
        match role {
            "official" => {
                let path = tab.js("return document.querySelector('a[href^=\"/sheets/\"]').pathname", Vec::new()).await;
                sheet = path.as_str().unwrap().split("/entries").next().unwrap().to_owned();
            }
            "owner" => round = tab.path().await,
            _ => {}
        }
        let mut addresses = Vec::new();
        for (language, other) in [("vi", "Tiếng Việt"), ("en", "English")] {
            for (place, page) in pages.iter().enumerate() {
                if let Some(css) = page.strip_prefix('>')
                    && addresses.len() == place
                {
                    let found = tab.js("return document.querySelector(arguments[0]).pathname", vec![json!(css)]).await;
                    addresses.push(found.as_str().unwrap().to_owned());
                } else if addresses.len() == place {
                    addresses.push(page.replace("SHEET", &sheet).replace("ROUND", &round));
                }
                let address = &addresses[place];
                tab.open(address).await;
                if tab.language().await != language {
                    tab.press(other).await;
                    tab.speaks(language).await;
                    tab.open(address).await;
                }
                seen += 1;
                for found in look(&tab, &axe, width).await {
                    writeln!(findings, "{width} px, {language}, {role} {address}: {found}").unwrap();
                }
            }
        }
        // The next role begins in Vietnamese.
        tab.press("Tiếng Việt").await;
        tab.speaks("vi").await;
    }
    assert!(findings.is_empty(), "{findings}");
    assert_eq!(seen, PAGES.iter().map(|(_, pages)| pages.len() * 2).sum::<usize>());
}

async fn look(tab: &Tab, axe: &str, width: u32) -> Vec<String> {
    let mut found = Vec::new();
    // What is folded away counts too.
    tab.js("for (const one of document.querySelectorAll('details')) one.open = true", Vec::new()).await;
    tab.js(axe, Vec::new()).await;
    // Our policy keeps strange scripts off the pages; the driver's own way in is not the page's.
    let answer = tab.client.execute_async(RUN, Vec::new()).await.unwrap();
    let lines = answer.as_array().unwrap().iter().filter_map(Json::as_str).map(str::to_owned);
    found.extend(lines);
    let mut widths = vec![width];
    if width > 1000 {
        widths.push(768);
    }
    for width in widths {
        tab.resize(width).await;
        let wide = tab.js("return document.documentElement.scrollWidth - innerWidth", Vec::new()).await;
        if wide.as_i64().unwrap() > 0 {
            found.push(format!("at {width} px the page is {wide} px too wide"));
        }
    }
    tab.resize(width).await;
    found
}

/// What finds nothing must be able to find something.
pub async fn finds_what_is_wrong() {
    let driver = Driver::start();
    let demo = Demo::start();
    let tab = driver.tab(&demo, Hand::Mouse, 360).await;
    tab.open("/sign-in").await;
    tab.js(
        "document.querySelector('label[for=login]').remove(); document.querySelector('h1').style.width = '900px';",
        Vec::new(),
    )
    .await;
    let found = look(&tab, &axe(), 360).await.join("\n");
    assert!(found.contains("label: <input id=\"login\""), "{found}");
    assert!(found.contains("px too wide"), "{found}");
}
