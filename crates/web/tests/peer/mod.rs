//! Programs of other hands that tests talk to.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A program of other hands, which answers in lines; stopped when it is dropped.
pub struct Peer {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Peer {
    /// Starts a script in `tests/peers` with the interpreter that `./test` installs.
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        // The scripts stand with the pages, whoever tests with them.
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web");
        let python = here.join("../../.venv/bin/python");
        assert!(python.exists(), "{} is missing; ./test makes it", python.display());
        let script: PathBuf = here.join("tests/peers").join(script);
        let mut child = Command::new(python)
            .arg(script)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line that it says, as JSON.
    pub fn line(&self) -> serde_json::Value {
        let line = self.lines.recv_timeout(Duration::from_secs(60)).expect("the program says something");
        serde_json::from_str(&line).unwrap()
    }

    /// All lines that it has said and nobody has read.
    pub fn rest(&self) -> Vec<serde_json::Value> {
        self.lines.try_iter().map(|line| serde_json::from_str(&line).unwrap()).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
