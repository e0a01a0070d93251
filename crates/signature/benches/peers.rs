//! How fast signatures are checked, beside poppler's pdfsig and pyHanko, in one run: figures to print, not a test.
//!
//! `cargo bench -p signature@0.1.0 --bench peers`; pdfsig is taken where it is installed, pyHanko where the Python of
//! `PYTHON` (else `python3`) has it. `--test` runs each once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use signature::{Anchors, Policy, Request, Verdict};

/// What pyHanko does with one file, in a Python that runs already: seconds for one check.
const PYHANKO: &str = "
import datetime, io, logging, sys, time
logging.disable(logging.CRITICAL)
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
path, root, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
root = x509.Certificate.load(pem.unarmor(open(root, 'rb').read())[2])
data = open(path, 'rb').read()
at = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
def check():
    context = ValidationContext(trust_roots=[root], moment=at, allow_fetching=False)
    one = PdfFileReader(io.BytesIO(data)).embedded_signatures[0]
    assert validate_pdf_signature(one, context).bottom_line
check()
taken = []
for _ in range(times):
    start = time.perf_counter()
    check()
    taken.append(time.perf_counter() - start)
print(sorted(taken)[len(taken) // 2])
";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The middle of so many measurements.
fn median(times: usize, mut action: impl FnMut()) -> Duration {
    action();
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            action();
            start.elapsed()
        })
        .collect();
    taken.sort();
    taken[taken.len() / 2]
}

fn ours(path: &Path, times: usize) -> Duration {
    let (mut anchors, policy) = (Anchors::none(), Policy::default());
    anchors.add(&std::fs::read(fixtures().join("trust-root.pem")).unwrap());
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    // As pdfsig does, the file is read each time.
    median(times, || {
        let file = std::fs::read(path).unwrap();
        let report = signature::check(&file, None, &Request { now, anchors: &anchors, policy: &policy, fetched: &[] });
        assert_eq!(report.verdict, Verdict::Valid, "{report:?}");
    })
}

fn pdfsig(arguments: &[&str], times: usize) -> Option<Duration> {
    let run = || Command::new("pdfsig").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run().ok()?;
    Some(median(times, || assert!(run().is_ok())))
}

fn pyhanko(path: &Path, times: usize) -> Option<Duration> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let root = fixtures().join("trust-root.pem");
    let output = Command::new(python).args(["-c", PYHANKO]).arg(path).arg(root).arg(times.to_string()).output().ok()?;
    let seconds: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}

fn main() {
    let once = std::env::args().any(|argument| argument == "--test");
    let times = |many: usize| if once { 1 } else { many };
    println!(
        "| file | thuocdo | pdfsig, a process | of it its start | pyHanko, within Python | pdfsig ÷ thuocdo | pyHanko ÷ thuocdo |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let show =
        |time: Option<Duration>| time.map_or("–".to_owned(), |time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
    for name in ["one-megabyte.pdf", "b-t-ecdsa.pdf", "b-lt.pdf", "object-streams.pdf"] {
        let path = fixtures().join(name);
        let bytes = std::fs::metadata(&path).unwrap().len();
        let text = path.display().to_string();
        let mine = ours(&path, times(300));
        let (theirs, start) = (pdfsig(&[&text], times(60)), pdfsig(&["-v"], times(60)));
        let python = pyhanko(&path, times(30));
        let ratio = |other: Option<Duration>| {
            other.map_or("–".to_owned(), |other| format!("{:.1}", other.as_secs_f64() / mine.as_secs_f64()))
        };
        println!(
            "| {name}, {bytes} bytes | {} | {} | {} | {} | {} | {} |",
            show(Some(mine)),
            show(theirs),
            show(start),
            show(python),
            ratio(theirs),
            ratio(python)
        );
    }
}
