//! One person before one browser: finds things by the words on them, and uses them by mouse or by keyboard.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Client;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value as Json, json};

use crate::driver::PATIENCE;

/// How a person uses the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    Mouse,
    Keys,
}

/// Finds what is visible and named: links and buttons by their words, fields by their labels.
const FIND: &str = r#"
const [kind, name, nth] = arguments;
const words = (text) => (text || "").replace(/\s+/g, " ").trim();
const seen = (element) => element.checkVisibility({ visibilityProperty: true });
const kinds = { press: "a[href], button, summary", field: "input, select, textarea" };
const label = (element) => {
  if (kind === "press") return words(element.getAttribute("aria-label") || element.innerText);
  const labels = [...(element.labels || [])].map((one) => words(one.textContent));
  if (element.type === "radio") {
    const legend = element.closest("fieldset")?.querySelector("legend");
    if (legend) labels.push(words(legend.textContent) + " " + labels[0]);
  }
  return [element.getAttribute("aria-label") || "", ...labels];
};
const hits = [...document.querySelectorAll(kinds[kind])].filter((element) => {
  const own = [label(element)].flat();
  return own.some((text) => text === name || (name.endsWith("…") && text.startsWith(name.slice(0, -1))));
}).filter(seen);
return hits[nth] || null;
"#;

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct Chromium(&'static str, Json);

impl WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// An element as scripts take it.
fn reference(element: &Element) -> Json {
    json!({ "element-6066-11e4-a52e-4f735466cecf": element.element_id().as_ref() })
}

pub struct Tab {
    pub client: Client,
    base: String,
    hand: Hand,
}

impl Tab {
    pub fn new(client: Client, base: &str, hand: Hand) -> Self {
        Self { client, base: base.to_owned(), hand }
    }

    /// How the person uses the machine.
    pub const fn hand(&self) -> Hand {
        self.hand
    }

    /// A window of this width: 360 is a phone, 1440 a desk.
    pub async fn resize(&self, width: u32) {
        let height = if width < 500 { 780 } else { 640 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.client.issue_cmd(Chromium("Emulation.setDeviceMetricsOverride", size)).await.unwrap();
    }

    /// Takes the network away, or gives it back.
    pub async fn network(&self, there: bool) {
        self.client.issue_cmd(Chromium("Network.enable", json!({}))).await.unwrap();
        let how = json!({ "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.client.issue_cmd(Chromium("Network.emulateNetworkConditions", how)).await.unwrap();
    }

    /// A picture of what is on the screen, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// The page's address, without the host.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().trim_start_matches(self.base.as_str()).to_owned()
    }

    pub async fn js(&self, script: &str, arguments: Vec<Json>) -> Json {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// What can be read on the page, with single spaces; what is typed in fields is not part of it. A page that is just
    /// being left or built has none.
    async fn words(&self) -> Option<String> {
        let text = self.client.execute("return document.body.innerText", Vec::new()).await.ok()?;
        Some(text.as_str()?.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        self.words().await.unwrap_or_default()
    }

    /// Waits until a script answers true.
    pub async fn until(&self, script: &str, arguments: Vec<Json>, patience: Duration) {
        let begun = Instant::now();
        while self.client.execute(script, arguments.clone()).await.ok() != Some(json!(true)) {
            let late = begun.elapsed() > patience;
            assert!(!late, "{script} {arguments:?} stays untrue on {}:\n{}", self.path().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Does something that leads to a page, and waits until that page is there; it may be the same address anew.
    pub async fn turns<T>(&self, deed: impl Future<Output = T>) -> T {
        self.turns_in(PATIENCE, deed).await
    }

    async fn turns_in<T>(&self, patience: Duration, deed: impl Future<Output = T>) -> T {
        self.js("window.left = true", Vec::new()).await;
        let done = deed.await;
        self.until("return !window.left && document.readyState === 'complete'", Vec::new(), patience).await;
        done
    }

    /// Waits until the words can be read.
    pub async fn sees(&self, words: &str) {
        let begun = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "“{words}” is not on {}:\n{text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the words cannot be read any more.
    pub async fn misses(&self, words: &str) {
        let begun = Instant::now();
        while self.words().await.is_none_or(|text| text.contains(words)) {
            assert!(begun.elapsed() < PATIENCE, "“{words}” is still on {}", self.path().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the address ends so.
    pub async fn arrives(&self, end: &str) {
        let begun = Instant::now();
        loop {
            let path = self.path().await;
            if path.ends_with(end) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} does not end with {end}:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the address is another one.
    pub async fn leaves(&self, path: &str) {
        let begun = Instant::now();
        while self.path().await == path {
            assert!(begun.elapsed() < PATIENCE, "still on {path}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// The language that the page says it is in.
    pub async fn language(&self) -> String {
        // A page that is just being left has no answer.
        let answer = self.client.execute("return document.documentElement.lang", Vec::new()).await.unwrap_or_default();
        answer.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page is in this language.
    pub async fn speaks(&self, language: &str) {
        let begun = Instant::now();
        while self.language().await != language {
            assert!(begun.elapsed() < PATIENCE, "{} is not in {language}", self.path().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    async fn look(&self, kind: &str, name: &str, nth: usize) -> Element {
        let begun = Instant::now();
        loop {
            let arguments = vec![json!(kind), json!(name), json!(nth)];
            let found = self.client.execute(FIND, arguments).await.unwrap_or_default();
            if let Some(id) = found.as_object().and_then(|object| object.values().next()).and_then(Json::as_str) {
                return Element::from_element_id(self.client.clone(), ElementRef::from(id.to_owned()));
            }
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "no {kind} “{name}” on {}:\n{}", self.path().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// A field by its label; a name that ends with … is the label's beginning.
    pub async fn field(&self, label: &str) -> Element {
        self.look("field", label, 0).await
    }

    /// Goes to an element as the hand does. By keyboard it must be in the order of Tab, and visibly in focus there.
    pub async fn go(&self, element: &Element) {
        let it = reference(element);
        if self.hand == Hand::Mouse {
            // Whoever points brings it to where no bar that stays at the foot of the window lies over it.
            self.js("arguments[0].scrollIntoView({ block: 'center' })", vec![it]).await;
            return;
        }
        self.js("arguments[0].focus()", vec![it.clone()]).await;
        // Away and back again by real keys: a trap, or a control out of the order, shows itself here.
        self.keys(Key::Shift + &*Key::Tab).await;
        self.keys(&*Key::Tab).await;
        let there = self
            .js(
                "const [element] = arguments, now = document.activeElement;\
                 const style = getComputedStyle(now);\
                 return now === element && now.matches(':focus-visible') && style.outlineStyle !== 'none'",
                vec![it],
            )
            .await;
        assert_eq!(there, json!(true), "the keyboard does not reach {}", element.html(false).await.unwrap());
    }

    /// Presses keys where the focus is; Shift and Control are held until the end.
    pub async fn keys(&self, keys: impl AsRef<str>) {
        let mut keyboard = KeyActions::new("keyboard".to_owned());
        let mut held = Vec::new();
        for value in keys.as_ref().chars() {
            keyboard = keyboard.then(KeyAction::Down { value });
            if [char::from(Key::Shift), char::from(Key::Control)].contains(&value) {
                held.push(value);
            } else {
                keyboard = keyboard.then(KeyAction::Up { value });
            }
        }
        for value in held {
            keyboard = keyboard.then(KeyAction::Up { value });
        }
        self.client.perform_actions(keyboard).await.unwrap();
    }

    /// Uses a link, a button or the head of a folded part.
    pub async fn press(&self, name: &str) {
        self.press_nth(name, 0).await;
    }

    /// The one at this place among those of the same name.
    pub async fn press_nth(&self, name: &str, nth: usize) {
        let element = self.look("press", name, nth).await;
        self.use_it(&element).await;
    }

    pub async fn use_it(&self, element: &Element) {
        self.go(element).await;
        match self.hand {
            Hand::Mouse => element.click().await.unwrap(),
            Hand::Keys => self.keys(&*Key::Enter).await,
        }
    }

    /// Uses what leads to a page, and waits for that page.
    pub async fn follow(&self, name: &str) {
        self.turns(self.press(name)).await;
    }

    /// Gives a file to a field. The window in which people look for it is the machine's own and no part of the page.
    pub async fn give(&self, label: &str, file: &Path) {
        let element = self.field(label).await;
        self.go(&element).await;
        element.send_keys(&file.display().to_string()).await.unwrap();
    }

    /// Chooses a radio button or ticks a box.
    pub async fn tick(&self, label: &str) {
        let element = self.field(label).await;
        if self.hand == Hand::Mouse {
            self.go(&element).await;
            return element.click().await.unwrap();
        }
        // Buttons of one question are one stop of Tab: the one that is chosen, or the first. The arrows do the rest.
        let script = "const [element] = arguments;\
                      if (element.type !== 'radio') return [element, 0];\
                      const all = [...document.querySelectorAll(`[type=radio][name='${element.name}']`)];\
                      const stop = Math.max(0, all.findIndex((one) => one.checked));\
                      return [all[stop], all.indexOf(element) - stop]";
        let found = self.js(script, vec![reference(&element)]).await;
        let id = found[0].as_object().and_then(|stop| stop.values().next()).and_then(Json::as_str).unwrap();
        self.go(&Element::from_element_id(self.client.clone(), ElementRef::from(id.to_owned()))).await;
        match found[1].as_i64().unwrap() {
            0 => self.keys(" ").await,
            steps => self.arrows(steps).await,
        }
    }

    /// Presses the arrow down so many times, or up.
    async fn arrows(&self, steps: i64) {
        let key = if steps < 0 { Key::Up } else { Key::Down };
        for _ in 0..steps.abs() {
            self.keys(&*key).await;
        }
    }

    /// Types into a field in place of what is there.
    pub async fn write(&self, label: &str, text: &str) {
        let element = self.field(label).await;
        self.go(&element).await;
        if self.hand == Hand::Mouse {
            element.click().await.unwrap();
        }
        // Keys sent together: what was there is chosen first, and so replaced.
        element.send_keys(&(Key::Control + "a" + &*Key::Null + text)).await.unwrap();
    }

    /// Chooses in a list, by the words.
    pub async fn choose(&self, label: &str, words: &str) {
        let element = self.field(label).await;
        self.go(&element).await;
        match self.hand {
            Hand::Mouse => element.select_by_label(words).await.unwrap(),
            // By the arrows, as many as it takes.
            Hand::Keys => {
                let script = "const [list, words] = arguments;\
                              const to = [...list.options].findIndex((one) => one.label.trim() === words);\
                              return to < 0 ? null : to - list.selectedIndex";
                let steps = self.js(script, vec![reference(&element), json!(words)]).await;
                let Some(steps) = steps.as_i64() else { panic!("{label} has no “{words}”") };
                self.arrows(steps).await;
            }
        }
    }

    /// What a field holds.
    pub async fn value(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Enters the demonstration in a role, from its first page.
    pub async fn enter(&self, role: &str) {
        self.open("/").await;
        self.sees("Chọn một vai để vào").await;
        self.follow(role).await;
        self.misses("Chọn một vai để vào").await;
    }

    /// The demonstration's clock moves on, in Vietnamese. A whole province signs off, is appraised, explains: it takes its
    /// time, and only the next page says that it is done.
    pub async fn next_phase(&self) {
        self.open("/").await;
        if self.language().await == "en" {
            self.press("Tiếng Việt").await;
            self.speaks("vi").await;
        }
        let stage = "return document.querySelector('#h-next ~ p')?.innerText ?? ''";
        let before = self.js(stage, Vec::new()).await;
        self.turns_in(PATIENCE * 10, self.press("Sang giai đoạn sau")).await;
        self.sees("Chọn một vai để vào").await;
        assert_ne!(self.js(stage, Vec::new()).await, before, "the year stands still");
    }
}
