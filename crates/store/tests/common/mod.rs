//! A small made-up province, and a PostgreSQL cluster of the tests' own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use criteria::Files;
use cycle::round::Days;
use cycle::{AccountId, AssessmentId, Capability, Phase, RoundId, UnitId};
use jiff::Timestamp;
use store::command::{AssignmentChange, NewLevel, NewPerson, NewUnit};
use store::{Actor, Command, Store};

/// An instant of these tests.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// 20 October 2023, in the middle of collecting.
pub fn now() -> Timestamp {
    at("2023-10-20T02:00:00Z")
}

/// The files of an official set.
pub fn set_files(id: &str) -> Files {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../criteria").join(id);
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    files
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[allow(dead_code, reason = "not all tests open a second copy")]
/// A store with a province, three communes, their people and a round that is collecting.
pub struct World {
    pub store: Store,
    pub url: String,
    pub folder: tempfile::TempDir,
    pub round: RoundId,
}

impl World {
    pub async fn new(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = url.replace("FOLDER", &folder.path().display().to_string());
        let store = Store::open(&url, folder.path().join("evidence")).await.unwrap();
        let mut world = Self { store, url, folder, round: RoundId(0) };
        world.fill().await;
        world
    }

    pub async fn operator(&self, command: Command) -> store::Done {
        self.store.change(Actor::Operator, now(), command).await.unwrap()
    }

    async fn fill(&mut self) {
        let unit = |code: &str, level: &str, parent: Option<&str>| NewUnit {
            code: code.to_owned(),
            name: format!("Đơn vị mẫu {code}"),
            kind: level.to_owned(),
            level: level.to_owned(),
            parent: parent.map(str::to_owned),
            from: None,
            to: None,
        };
        self.operator(Command::AddUnits(vec![
            unit("T", "province", None),
            unit("A", "commune", Some("T")),
            unit("B", "commune", Some("T")),
            unit("C", "commune", Some("T")),
        ]))
        .await;
        use Capability::{Assign, FillAny, FillAssigned, ManagePeople, ReadSheets, Review, RunRound, Submit};
        let posts: [(&str, &str, &[Capability]); 8] = [
            ("T", "BCĐ", &[RunRound, ReadSheets, ManagePeople]),
            ("A", "CT", &[ReadSheets, Submit]),
            ("A", "VP-TK", &[ReadSheets, FillAny, FillAssigned, Assign, Review]),
            ("A", "VH-XH", &[ReadSheets, FillAssigned]),
            ("A", "CA", &[ReadSheets, FillAssigned]),
            ("B", "CT", &[ReadSheets, Submit]),
            ("B", "VP-TK", &[ReadSheets, FillAny, FillAssigned, Assign, Review]),
            ("C", "VP-TK", &[ReadSheets, FillAny]),
        ];
        for (code, post, capabilities) in posts {
            let capabilities: BTreeSet<Capability> = capabilities.iter().copied().collect();
            let unit = self.unit(code);
            let name = format!("{post} {code}");
            self.operator(Command::AddPosition { unit, code: post.to_owned(), name, capabilities }).await;
            let position = self.store.state().positions_of(unit).last().unwrap().id;
            let login = format!("{}@{}.example", scoring::notation::fold(post), code.to_lowercase());
            let person = NewPerson {
                calendar: format!("calendar of {login}"),
                login,
                name: format!("{post}, {code}"),
                position: Some(position),
                from: "2023-01-01".parse().unwrap(),
                invitation: None,
            };
            self.operator(Command::AddPerson(person)).await;
        }
        let span = |from: &str, to: &str| Days { from: from.parse().unwrap(), to: to.parse().unwrap() };
        let level = NewLevel {
            level: "commune".to_owned(),
            set: "hue-2263-2023-commune".to_owned(),
            files: set_files("hue-2263-2023-commune"),
            picks: BTreeMap::new(),
            figures: BTreeMap::new(),
            units: None,
        };
        let done = self
            .operator(Command::CreateRound {
                owner: self.unit("T"),
                year: 2023,
                title: "Kỳ mẫu 2023".to_owned(),
                days: BTreeMap::from([
                    (Phase::Collecting, span("2023-04-01", "2023-10-31")),
                    (Phase::Appraising, span("2023-11-01", "2023-11-30")),
                ]),
                levels: vec![level],
                made_up: true,
                appraisers: BTreeMap::new(),
                beginning: store::command::Beginning::default(),
            })
            .await;
        self.round = RoundId(done.id.unwrap());
        self.phase(Phase::Collecting).await;
        let position = self.store.state().positions_of(self.unit("A"))[2].id;
        let change = AssignmentChange { indicator: "I.5.2".to_owned(), position, leads: Some(true), due: None };
        let unit = self.unit("A");
        self.operator(Command::Assign { round: self.round, unit, changes: vec![change] }).await;
    }

    pub async fn phase(&self, phase: Phase) {
        self.operator(Command::SetPhase { round: self.round, phase, reason: "phép thử".to_owned() }).await;
    }

    pub fn unit(&self, code: &str) -> UnitId {
        self.store.state().tree.by_code(code).unwrap().id
    }

    pub fn sheet(&self, code: &str) -> AssessmentId {
        let unit = self.unit(code);
        self.store.state().sheet_of[&(self.round, unit)]
    }

    pub fn person(&self, login: &str) -> AccountId {
        self.store.state().account_by_login(login).unwrap().id
    }

    pub fn actor(&self, login: &str) -> Actor {
        Actor::Account(self.person(login))
    }
}

/// A PostgreSQL cluster in a folder of its own, reached by a socket in that folder, stopped when it is dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Cluster {
    pub fn start() -> Self {
        let programs = programs();
        let folder = tempfile::tempdir().unwrap();
        let cluster = Self { folder, programs };
        // The server refuses to run as root: there it runs as the user that its package made.
        if as_root() {
            run(Process::new("chown").arg("postgres").arg(cluster.folder.path()));
        }
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let options = format!("-k {} -c listen_addresses= -c fsync=off", cluster.folder.path().display());
        let log = format!("{}/log", cluster.folder.path().display());
        cluster.run("pg_ctl", &["-D", &data, "-o", &options, "-l", &log, "-w", "start"]);
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let path = self.programs.join(program);
        let mut command = if as_root() {
            let mut command = Process::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Process::new(path)
        };
        run(command.args(arguments).current_dir("/"));
    }

    /// A new, empty database; gives its address.
    pub fn database(&self, name: &str) -> String {
        let socket = self.folder.path().display().to_string();
        self.run("createdb", &["-h", &socket, "-U", "tests", name]);
        format!("postgres://tests@localhost/{name}?host={socket}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
    }
}

fn run(command: &mut Process) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn as_root() -> bool {
    String::from_utf8_lossy(&Process::new("id").arg("-u").output().unwrap().stdout).trim() == "0"
}

/// Where the server's programs are: Debian keeps them off the path.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("PostgreSQL's server is not installed; ./test installs it"))
}
