//! Programs that use the API, over the store tests' small province.

use axum::body::Body;
use axum::http::{Request, header};
use cycle::Capability;
use serde_json::Value as Json;
use store::Command;
use store::command::NewPerson;
use store::tokens::TokenScope;

use super::{Answer, Pages, world};

/// The official to whom I.5.2 of unit A is assigned.
pub const OFFICIAL: &str = "vh-xh@a.example";
/// Unit A's focal point.
pub const FOCAL: &str = "vp-tk@a.example";
/// Unit A's head.
pub const HEAD: &str = "ct@a.example";
/// Another unit's focal point.
pub const OTHER: &str = "vp-tk@b.example";
/// The owner of the round, in the unit above.
pub const OWNER: &str = "bcd@t.example";

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// An error is a problem in both languages, whatever went wrong.
    pub fn problem(&self, status: u16, code: &str) -> Json {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert!(!problem["detail"].as_str().unwrap().is_empty() && !problem["detail_en"].as_str().unwrap().is_empty());
        problem
    }

    pub fn tag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }
}

pub struct Api {
    pub pages: Pages,
}

impl Api {
    pub async fn new() -> Self {
        Self { pages: Pages::new().await }
    }

    /// A token of somebody; none for an empty login.
    pub async fn token(&self, login: &str, scopes: &[TokenScope]) -> String {
        if login.is_empty() {
            return String::new();
        }
        let secret = web::app::secret().unwrap();
        let account = self.pages.world.person(login);
        let store = &self.pages.world.store;
        assert!(store.add_token(&secret, account, "phép thử", scopes, self.pages.app.now(), None).await.unwrap());
        secret
    }

    pub async fn send(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "thuocdo.example");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.pages.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(token, "GET", &format!("/api/v1{path}"), &[], Vec::new()).await
    }

    pub async fn json(&self, token: &str, method: &str, path: &str, body: &Json) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(token, method, &format!("/api/v1{path}"), &headers, body.to_string().into_bytes()).await
    }

    pub async fn with_tag(&self, token: &str, method: &str, path: &str, tag: &str, body: &Json) -> Answer {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        self.send(token, method, &format!("/api/v1{path}"), &headers, body.to_string().into_bytes()).await
    }

    pub fn entry(&self) -> String {
        format!("/sheets/{}/entries/I.5.2", self.pages.world.sheet("A"))
    }

    pub fn figure(&self) -> String {
        let state = self.pages.world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    }

    /// A round of the year before that was published.
    pub async fn published(&self) -> i64 {
        let world = &self.pages.world;
        let level = store::command::NewLevel {
            level: "commune".to_owned(),
            set: "hue-2263-2023-commune".to_owned(),
            files: world::set_files("hue-2263-2023-commune"),
            picks: std::collections::BTreeMap::new(),
            figures: std::collections::BTreeMap::new(),
            units: None,
        };
        let create = Command::CreateRound {
            owner: world.unit("T"),
            year: 2022,
            title: "Kỳ mẫu 2022".to_owned(),
            days: std::collections::BTreeMap::new(),
            levels: vec![level],
            made_up: true,
            appraisers: std::collections::BTreeMap::new(),
            beginning: store::command::Beginning::default(),
        };
        let round = cycle::RoundId(world.operator(create).await.id.unwrap());
        let (level, readings) = {
            let state = world.store.state();
            let level = state.levels.values().find(|level| level.facts.round == round).unwrap();
            let readings = level.program.set.head.readings.iter();
            (level.facts.id, readings.map(|one| (one.id.clone(), one.answer.clone())).collect::<Vec<_>>())
        };
        for (reading, variant) in readings {
            world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
        }
        for phase in
            [cycle::Phase::Collecting, cycle::Phase::Appraising, cycle::Phase::Explaining, cycle::Phase::Deciding]
        {
            world.operator(Command::SetPhase { round, phase, reason: String::new() }).await;
        }
        let day = "2023-01-15".parse().unwrap();
        let number = "00/QĐ (mẫu)".to_owned();
        world.operator(Command::Publish { round, number, day, undecided: String::new() }).await.id.unwrap()
    }

    /// One of everything that addresses name: an official set, a draft of it, a meeting, unit A's focal point.
    pub async fn things(&mut self, evidence: &str) -> Things {
        const SET: &str = "hue-2263-2023-commune";
        let files = world::set_files(SET);
        let sets = [(SET.to_owned(), files.clone())].into();
        self.pages.app.library = std::sync::Arc::new(web::Library { sets, ..web::Library::default() });
        let publication = self.published().await;
        let world = &self.pages.world;
        let round = world.round;
        let draft = store::command::NewDraft {
            owner: world.unit("T"),
            file: "nhap.txt".to_owned(),
            sha256: "0".repeat(64),
            files,
        };
        let draft = world.operator(Command::KeepDraft(draft)).await.id.unwrap();
        let (title, chair) = ("Phiên 1".to_owned(), "Chủ tịch hội đồng (mẫu)".to_owned());
        let meet = Command::Meet { round, title, chair, present: String::new() };
        let meeting = world.operator(meet).await.id.unwrap();
        let sheet = world.sheet("A");
        let paper = store::command::NewPaper {
            code: "K".repeat(documents::issued::CODE_BYTES),
            kind: "assignment".to_owned(),
            round,
            assessment: Some(sheet),
            publication: None,
            title: "Giao nhiệm vụ (mẫu)".to_owned(),
            number: String::new(),
            sha256: world.store.evidence.put(b"%PDF-1.7\n").await.unwrap().sha256,
            words: "0".repeat(64),
        };
        let paper = world.operator(Command::IssuePaper(paper)).await.id.unwrap();
        let bytes = format!("unit,indicator,figure,value\nA,I.5.2,{},9\n", self.figure()).into_bytes();
        let level = world.store.state().assessments[&sheet].level;
        let file = store::command::NewFigureFile {
            round,
            level,
            name: "so-lieu.csv".to_owned(),
            sha256: world.store.evidence.put(&bytes).await.unwrap().sha256,
            bytes: bytes.len() as u64,
        };
        let upload = world.operator(Command::KeepFigureFile(file)).await.id.unwrap();
        let account = world.person(FOCAL);
        let state = world.store.state();
        let holding = state.holdings.values().find(|one| one.account == account).unwrap();
        let names = vec![
            ("sheet", sheet.to_string()),
            ("paper", paper.to_string()),
            ("unit", world.unit("A").to_string()),
            ("round", round.to_string()),
            ("indicator", "I.5.2".to_owned()),
            ("evidence", evidence.to_owned()),
            ("publication", publication.to_string()),
            ("level", "commune".to_owned()),
            ("code", "A".to_owned()),
            ("set", SET.to_owned()),
            ("draft", draft.to_string()),
            ("upload", upload.to_string()),
            ("meeting", meeting.to_string()),
            ("position", holding.position.to_string()),
            ("holding", holding.id.to_string()),
            ("account", account.to_string()),
        ];
        Things { names }
    }

    /// Somebody in the unit above who may do everything there is.
    pub async fn everything(&self) -> &'static str {
        let world = &self.pages.world;
        let unit = world.unit("T");
        let (code, name) = ("MỌI".to_owned(), "Mọi việc".to_owned());
        let capabilities = Capability::ALL.into_iter().collect();
        world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
        let position = world.store.state().positions_of(unit).last().unwrap().id;
        let login = "moi@t.example";
        let person = NewPerson {
            login: login.to_owned(),
            name: "Mọi việc".to_owned(),
            position: Some(position),
            from: "2023-01-01".parse().unwrap(),
            invitation: None,
            calendar: "calendar of everything".to_owned(),
        };
        world.operator(Command::AddPerson(person)).await;
        login
    }
}

/// An address of the document with things that there are, or with ids that name nothing.
pub struct Things {
    pub names: Vec<(&'static str, String)>,
}

impl Things {
    /// The path of a pattern.
    pub fn path(&self, pattern: &str) -> String {
        let file = match pattern {
            _ if pattern.contains("/drafts/") => "set.toml",
            _ if pattern.contains("/sheets/") => "self-assessment.xlsx",
            _ if pattern.contains("/rounds/") => "survey.xlsx",
            _ if pattern.contains("/papers/{paper}") => "issued.pdf",
            _ => "ranking.xlsx",
        };
        let path = self
            .names
            .iter()
            .fold(pattern.replace("{file}", file), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(!path.contains('{'), "{path}: say what stands there");
        path
    }
}

/// A form with one file.
pub fn form(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body =
        format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n").into_bytes();
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--edge--\r\n");
    body
}

pub const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=edge");
