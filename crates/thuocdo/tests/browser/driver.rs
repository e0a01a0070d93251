//! A real Chromium, and the demonstration as a process of its own. Whatever is started here is stopped in `Drop`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use fantoccini::ClientBuilder;
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::tab::{Hand, Tab};

/// How long a thing may take before it is taken for broken.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The made-up province, built once for each build of the program; every demonstration begins with a copy of its own.
fn province() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-province");
        let stamp = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-province.of");
        let built = std::fs::metadata(env!("CARGO_BIN_EXE_thuocdo")).unwrap();
        let program = format!("{} {:?}", built.len(), built.modified().unwrap());
        if std::fs::read_to_string(&stamp).is_ok_and(|last| last == program) {
            return folder;
        }
        drop(std::fs::remove_file(&stamp));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
            .args(["demo", "--build-only", "--data"])
            .arg(&folder)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "the province was not built");
        std::fs::write(stamp, program).unwrap();
        folder
    })
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// `thuocdo demo` on a folder of its own.
pub struct Demo {
    child: Child,
    pub address: String,
    pub folder: tempfile::TempDir,
}

impl Demo {
    pub fn start() -> Self {
        Self::prepared(|_| {})
    }

    /// With something done to its data before it starts.
    pub fn prepared(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        copy(province(), &data);
        prepare(&data);
        let mut child = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
            .arg("demo")
            .arg("--data")
            .arg(&data)
            .args(["--listen", "127.0.0.1:0"])
            .env_remove("THUOCDO_LANG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let rest = line.split_once("http://")?.1;
            Some(format!("http://{}", rest.split('/').next()?))
        });
        let Some(address) = address else { panic!("the demonstration told no address") };
        Self { child, address, folder }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `chromedriver`, and the sessions that it holds.
pub struct Driver {
    child: Child,
    port: u16,
    sessions: Mutex<Vec<String>>,
}

impl Driver {
    pub fn start() -> Self {
        // The port is free when it is looked for; that another takes it before the driver does is unlikely.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .arg("--silent")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else { panic!("chromedriver is missing; ./test installs it") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port, sessions: Mutex::new(Vec::new()) }
    }

    /// A browser of its own, with no cookies yet: one person at one machine.
    pub async fn tab(&self, demo: &Demo, hand: Hand, width: u32) -> Tab {
        let mut wanted = Capabilities::new();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--lang=vi",
        ];
        wanted.insert("browserName".to_owned(), json!("chrome"));
        // A whole year passes behind one button, and axe-core reads long pages: on a busy machine both take their time.
        wanted.insert("timeouts".to_owned(), json!({ "script": 300_000, "pageLoad": 600_000 }));
        wanted.insert("goog:chromeOptions".to_owned(), json!({ "args": arguments }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        self.sessions.lock().unwrap().push(session);
        let tab = Tab::new(client, &demo.address, hand);
        tab.resize(width).await;
        tab
    }

    /// Asks for a session to be ended, so that its Chromium does not outlive the driver.
    fn end(&self, session: &str) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        )?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let sessions = std::mem::take(&mut *self.sessions.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for session in sessions {
            drop(self.end(&session));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
