//! Every page, for everybody: axe-core finds nothing, and no page scrolls sideways.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::driver::{Demo, Driver};
use crate::tab::{Hand, Tab};

/// The pages, by the role that opens them, in the order of a year. SHEET, ROUND and DRAFT stand for addresses that
/// the demonstration gives. `ROUTE>css` is the first such link of the page before; `ROUTE*deed` is where something leads
/// that is done first. A role that begins with + comes after the year has moved on to its next phase.
const PAGES: [(&str, &[&str]); 17] = [
    ("", &["/", "/sign-in", "/verify", "/there-is-no-such-page"]),
    (
        "official",
        &[
            "/work",
            "/work?show=all",
            "/notices",
            "SHEET",
            "SHEET/entries/VIII.1.2",
            "SHEET/entries/I.2.4",
            "SHEET/entries/I.6.1",
            "SHEET/entries/I.5.2",
            "SHEET/table/VIII",
            "SHEET/profile",
            "SHEET/insights",
            "/search?q=hoa+binh",
            "/account",
            "/account?setup",
            "/sets",
            "/sets/nghia-phuong-41-2023",
            "/sets/compare?from=hue-931-2024-department&to=hue-931-2024-district",
        ],
    ),
    ("focal", &["SHEET/table/I", "SHEET/assign", "SHEET/reviews", "/papers"]),
    ("head", &["SHEET/submit", "/units"]),
    (
        "owner",
        &[
            "/rounds",
            "/rounds/new",
            "ROUND",
            "ROUND?of=points&show=open",
            "ROUND/late",
            "ROUND/settings",
            "ROUND/insights",
            "ROUND/heatmap",
            "ROUND/heatmap?pillar=VI",
            "ROUND/figures",
            "/rounds/{round}/figures/{upload}*figures",
            "/sets/import",
            "/sets/drafts/{draft}*draft",
            "DRAFT/I.1.1",
            "DRAFT/head",
            "DRAFT/text",
            "DRAFT/shape",
        ],
    ),
    (
        "admin",
        &[
            "/units",
            "/units/{unit}>main table tbody th a[href^='/units/']:not([href*='/positions/'])",
            "/units/{unit}/positions/{position}>main table tbody th a[href*='/positions/']",
            "/units/{unit}>.crumbs a",
            "/units/{unit}/change>a[href$='/change']",
            "/units/{unit}/import*import",
            "/invitation/{secret}*invitation",
        ],
    ),
    ("auditor", &["/audit"]),
    ("leader", &["ROUND"]),
    ("department", &["/work"]),
    (
        "+appraiser",
        &[
            "/appraise",
            "/appraise/division/{round}>main a[href*='/division/']",
            "/appraise?show=all",
            "/appraise/{level}/{indicator}>main .list a.name",
            "/appraise/{level}/{indicator}/bulk>a.tall",
        ],
    ),
    ("head", &["SHEET/receipt"]),
    (
        "+head",
        &["SHEET", "SHEET/entries/I.2.4", "SHEET", "/sheets/{sheet}/entries/{indicator}>tr:has(.state.warn) a.name"],
    ),
    (
        "+owner",
        &["ROUND/decide", "ROUND/decide?show=adjusted", "ROUND/council", "/rounds/{round}/council/{meeting}*meeting"],
    ),
    ("+owner", &["ROUND/decide", "ROUND/settings"]),
    ("leader", &["ROUND", "ROUND/insights"]),
    (
        "",
        &[
            "/ranking",
            "/ranking/{publication}/{level}>main .list a.name",
            "/ranking/{publication}/{level}/movers>.note a[href$=movers]",
            "/ranking/{publication}/{level}>.crumbs a",
            "/ranking/{publication}/{level}/heatmap>.note a[href$=heatmap]",
            "/ranking/{publication}/{level}/{code}>.heat tbody th a",
            "/ranking/{publication}/{level}/compare>main a[href*='compare?']",
            "/ranking/dictionary",
        ],
    ),
    ("leader", &["/ranking", "/ranking/{publication}/{level}>main .list a.name"]),
];

/// What answers GET and is no page of its own, and why.
const EXCUSED: [(&str, &str); 28] = [
    ("/sign-in/code", "only after another house; a field of the page of signing in"),
    ("/sign-in/openid", "leads to another house"),
    ("/sign-in/openid/back", "leads on"),
    ("/calendar/{file}", "a calendar file"),
    ("/sheets/{sheet}/entries/{indicator}/proofs", "a part of the entry's page, which is looked at"),
    ("/evidence/{evidence}", "the file itself"),
    ("/evidence/{evidence}/pages/{page}", "a picture"),
    ("/sheets/{sheet}/papers/{file}", "a file"),
    ("/sheets/{sheet}/insights.csv", "a file"),
    ("/rounds/{round}/progress.csv", "a file"),
    ("/rounds/{round}/late.csv", "a file"),
    ("/rounds/{round}/figures.xlsx", "a file"),
    ("/rounds/{round}/insights.csv", "a file"),
    ("/rounds/{round}/insights/{file}", "a file"),
    ("/rounds/{round}/heatmap.csv", "a file"),
    ("/rounds/{round}/papers/{file}", "a file"),
    ("/ranking/{publication}", "leads on"),
    ("/ranking/{publication}/papers/{file}", "a file"),
    ("/ranking/{publication}/{level}/heatmap.csv", "a file"),
    ("/ranking/{publication}/{level}/movers.csv", "a file"),
    ("/papers/new", "the journey of papers goes through it"),
    ("/papers/{paper}", "the journey of papers ends there"),
    ("/papers/{paper}/{file}", "a file"),
    ("/health", "for machines"),
    ("/ready", "for machines"),
    ("/metrics", "for machines"),
    ("/assets/{file}", "files"),
    ("/favicon.ico", "a picture"),
];

/// A small made-up decision, for a draft of a set.
const DECISION: &str = "BỘ CHỈ SỐ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ (mẫu)\n\
    STT\tChỉ số\tĐiểm tối đa\tThời gian hoàn thành\tHướng dẫn thực hiện\tTài liệu kiểm chứng\n\
    I\tNhận thức số\t10\t\t\t\n1\tChỉ đạo, điều hành\t10\t\t\t\n\
    1.1\tBan hành kế hoạch chuyển đổi số của xã\t10\t31/3\tĐã ban hành: 10 điểm; chưa ban hành: 0 điểm\tKế hoạch có ký số\n";

/// The addresses that answer GET, from the one place that lists them.
fn routes() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/src/pages/mod.rs");
    let flat: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
    let pieces = flat.split(".route(\"").skip(1).filter_map(|piece| {
        let (route, rest) = piece.split_once("\",")?;
        let rest = rest.split(".route(").next()?.split(".layer(").next()?;
        rest.contains("get(").then(|| route.to_owned())
    });
    pieces.collect()
}

/// Whether an address is one of a route's, and how much of it the route names.
fn fits(route: &str, address: &str) -> Option<usize> {
    let (mut own, mut other) = (route.split('/'), address.split('/'));
    let mut named = 0;
    loop {
        match (own.next(), other.next()) {
            (None, None) => return Some(named),
            (Some(part), Some(given)) if part == given => named += 1,
            (Some(part), Some(given)) if part.starts_with('{') && !given.is_empty() => {}
            _ => return None,
        }
    }
}

/// The route that an address of the list is answered by.
fn route_of<'r>(routes: &'r [String], page: &str) -> Option<&'r str> {
    let known = page.split(['>', '*']).next().unwrap_or_default().split('?').next().unwrap_or_default();
    let known = known.replace("SHEET", "/sheets/1").replace("ROUND", "/rounds/1").replace("DRAFT", "/sets/drafts/1");
    let fitting = routes.iter().filter_map(|route| Some((fits(route, &known)?, route)));
    fitting.max_by_key(|(named, _)| *named).map(|(_, route)| route.as_str())
}

/// A page that nobody looks at is found before anybody misses it: every address is in the list, or excused.
pub fn every_page_is_named() {
    let routes = routes();
    let seen: Vec<&str> =
        PAGES.iter().flat_map(|(_, pages)| pages.iter()).filter_map(|page| route_of(&routes, page)).collect();
    for route in &routes {
        let excused = EXCUSED.iter().any(|(known, why)| known == route && !why.is_empty());
        assert!(seen.contains(&route.as_str()) != excused, "{route} is in neither list, or in both");
    }
    let gone = EXCUSED.iter().find(|(known, _)| !routes.iter().any(|route| route == known));
    assert_eq!(gone, None, "an excuse for what is not there");
}

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
    let (mut sheet, mut round, mut draft) = (String::new(), String::new(), String::new());
    let routes = routes();
    let mut seen = 0;
    for (role, pages) in PAGES {
        if let Some(stage) = role.strip_prefix('+') {
            assert_ne!(stage, "");
            tab.next_phase().await;
        }
        tab.open("/").await;
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
                if addresses.len() == place {
                    let known = page.replace("SHEET", &sheet).replace("ROUND", &round).replace("DRAFT", &draft);
                    let address = match (known.split_once('>'), known.split_once('*')) {
                        (Some((_, css)), _) => {
                            let script = "const link = document.querySelector(arguments[0]);\
                                          return link && link.pathname + link.search";
                            let found = tab.js(script, vec![json!(css)]).await;
                            let Some(found) = found.as_str() else { panic!("{role}: no {css} before {page}") };
                            found.to_owned()
                        }
                        (None, Some((_, deed))) => done(&tab, deed, &round).await,
                        (None, None) => known,
                    };
                    if page.contains(['>', '*']) {
                        let route = route_of(&routes, page);
                        assert_eq!(route_of(&routes, &address), route, "{role}: {page} is {address}");
                    }
                    if page.ends_with("*draft") {
                        draft.clone_from(&address);
                    }
                    addresses.push(address);
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

/// Does what a page needs to be there, from the page before, and gives its address.
async fn done(tab: &Tab, deed: &str, round: &str) -> String {
    let script = match deed {
        "draft" => {
            tab.open("/sets/import").await;
            "const files = new DataTransfer();\
             files.items.add(new File([arguments[0]], 'quyet-dinh.txt', { type: 'text/plain' }));\
             const form = document.querySelector('form:has([type=file])');\
             form.querySelector('[type=file]').files = files.files; form.requestSubmit()"
        }
        "figures" => {
            tab.open(&format!("{round}/figures")).await;
            "const files = new DataTransfer();\
             files.items.add(new File([arguments[1]], 'so-lieu.csv', { type: 'text/csv' }));\
             const form = document.querySelector('form:has([type=file])');\
             form.querySelector('[type=file]').files = files.files; form.requestSubmit()"
        }
        "import" => return tab.path().await.replace("/change", "/import"),
        "invitation" => {
            let unit = tab.path().await.replace("/import", "");
            tab.open(&unit).await;
            "document.querySelectorAll('details').forEach((one) => { one.open = true });\
             const form = document.querySelector('form:has([value=invite])');\
             form.login.value = 'moi@mau.example'; form.elements.name.value = 'Người Mẫu'; form.requestSubmit()"
        }
        _ => {
            tab.open(&format!("{round}/council")).await;
            "const form = document.querySelector('form:has(#title)'); form.elements.title.value = 'Họp mẫu'; form.chair.value = 'Chủ trì mẫu';\
             form.querySelector('[value=open]').click()"
        }
    };
    tab.js(script, vec![json!(DECISION), json!("Mã,Tên đơn vị,Số tin bài\n1,Xã Mẫu,5\n")]).await;
    match deed {
        "draft" => {
            tab.leaves("/sets/import").await;
            tab.path().await
        }
        "figures" => {
            tab.leaves(&format!("{round}/figures")).await;
            tab.path().await
        }
        "invitation" => {
            tab.sees("Lời mời đã tạo").await;
            let link = tab.js("return document.querySelector('.note .hash').textContent", Vec::new()).await;
            let link = link.as_str().unwrap_or_default();
            link[link.find("/invitation/").unwrap_or_else(|| panic!("no invitation in {link}"))..].to_owned()
        }
        _ => {
            tab.sees("Biên bản đến lúc này").await;
            let minutes = tab.js("return document.querySelector('.note a').pathname", Vec::new()).await;
            minutes.as_str().unwrap_or_default().to_owned()
        }
    }
}

async fn look(tab: &Tab, axe: &str, width: u32) -> Vec<String> {
    let mut found = Vec::new();
    // What is folded away counts too; a set has dozens of folds that are all alike, and thirty of them tell enough.
    tab.js("for (const one of [...document.querySelectorAll('details')].slice(0, 30)) one.open = true", Vec::new())
        .await;
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
