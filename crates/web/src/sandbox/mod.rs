//! Files of strangers are opened in a process of its own, which may take so much memory and time and touches nothing else.
//!
//! Readers of PDF unpack whatever a file says it holds, and a megabyte can say gigabytes: no library at hand can be told
//! where to stop, and a stack that overflows takes the whole program along. So this program starts itself once more,
//! hands the file over and reads the answer. What breaks breaks there, and becomes a sentence here.

mod child;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use criteria::{Files, Text};
use documents::facts::Facts;
use documents::figures::Book;
use documents::issued::{Difference, Likeness};
use documents::preview::Trouble;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signature::{Anchors, Fetched, FileKind, Policy, Report, SubIndication, Verdict, Wish};

pub use child::run;

/// The argument by which the program knows that it is to look into a file.
pub const ARGUMENT: &str = "look-into-a-file";

/// Memory for checking a file, in bytes, before the file itself: the program, its libraries, tables of objects.
pub const CHECK_BASE_BYTES: u64 = 256 << 20;
/// Memory for checking, in bytes for each byte of the files. Two copies of a file and one of its objects are the most
/// that an honest one was seen to need; what was packed a hundredfold goes beyond.
pub const CHECK_FACTOR: u64 = 6;
/// Memory for drawing a page, in bytes, before the file itself: layers and pictures of the largest page.
pub const DRAW_BASE_BYTES: u64 = 768 << 20;
/// Memory for drawing, in bytes for each byte of the file.
pub const DRAW_FACTOR: u64 = 8;
/// Memory for making a draft, in bytes, before the document itself: what a packed one may unpack to, as text and as tables.
pub const IMPORT_BASE_BYTES: u64 = 1_024 << 20;
/// Memory for making a draft, in bytes for each byte of the document.
pub const IMPORT_FACTOR: u64 = 16;
/// Time of a processor that one look may take, in seconds.
pub const CPU_SECONDS_MAX: u64 = 40;
/// Longest wait for a check.
pub const CHECK_WAIT: Duration = Duration::from_secs(120);
/// Largest question without its files, in bytes: all the anchors and answers from outside that may be, in hexadecimal.
const QUESTION_BYTES_MAX: u64 = 64 << 20;
/// Largest answer, in bytes: a picture of the largest page.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// What is to be done with a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// Check its signatures.
    Check {
        /// The time of checking.
        now: Timestamp,
        /// Whom to trust: the DER of each certificate, in hexadecimal.
        anchors: Vec<String>,
        /// What is strong enough.
        policy: Policy,
        /// Whether the document's text is to be read too.
        text: bool,
        /// What was fetched about revocation from outside the file.
        fetched: Vec<Fetched>,
    },
    /// Make a draft of a criteria set of it, an official document of this name.
    Import {
        /// The file's name.
        name: String,
    },
    /// Compare a paper of ours that came back with what was issued, or with its own mark where that is not at hand.
    Compare,
    /// Read the cells of a file of figures.
    Cells,
    /// Count its pages.
    Count,
    /// Draw a page.
    Draw {
        /// Which, from 1.
        page: usize,
        /// The longer side of the picture, in pixels.
        side: u16,
    },
}

impl Work {
    /// A check at a time.
    pub fn check(now: Timestamp, anchors: &Anchors, policy: &Policy, text: bool) -> Self {
        let hex = |der: &[u8]| der.iter().map(|byte| format!("{byte:02x}")).collect();
        let anchors = anchors.der().map(hex).collect();
        Self::Check { now, anchors, policy: policy.clone(), text, fetched: Vec::new() }
    }

    /// The same work, with what was fetched from outside.
    pub fn with_fetched(mut self, answers: Vec<Fetched>) -> Self {
        if let Self::Check { fetched, .. } = &mut self {
            *fetched = answers;
        }
        self
    }

    /// The memory that may be taken for files of so many bytes.
    pub fn memory_bytes_max(&self, file_bytes: u64) -> u64 {
        let (base, factor) = match self {
            Self::Check { .. } | Self::Compare | Self::Cells => (CHECK_BASE_BYTES, CHECK_FACTOR),
            Self::Import { .. } => (IMPORT_BASE_BYTES, IMPORT_FACTOR),
            Self::Count | Self::Draw { .. } => (DRAW_BASE_BYTES, DRAW_FACTOR),
        };
        base.saturating_add(file_bytes.saturating_mul(factor))
    }
}

/// What a check found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// The signatures.
    pub report: Report,
    /// What the document says of itself.
    pub facts: Facts,
    /// What it is told to be like others by.
    pub marks: Vec<String>,
    /// Who outside could be asked about what it leaves open.
    pub wishes: Vec<Wish>,
}

/// A draft of a criteria set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drafted {
    /// The files, by name.
    pub files: Files,
}

/// What came of the work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Of a check.
    Seen(Box<Seen>),
    /// How a paper compares.
    Compared(Likeness, Vec<Difference>),
    /// A draft of a criteria set, or why there is none.
    Drafted(Result<Drafted, Text>),
    /// The cells of a file of figures, or why they cannot be read.
    Cells(Box<Result<Book, Text>>),
    /// So many pages.
    Pages(usize),
    /// A page as PNG.
    Picture(#[serde(skip)] Vec<u8>),
    /// It cannot be drawn.
    Trouble(Trouble),
}

/// The work was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It took more memory or time of a processor than it may, or broke down.
    TooMuch,
    /// It was not done in time.
    Late,
}

/// The report on a file whose check was cut off.
pub fn cut_off(cut: Cut) -> Report {
    let message = match cut {
        Cut::TooMuch => Text::new(
            "Tệp này bung ra quá lớn hoặc bị hỏng nặng nên việc kiểm tra đã bị dừng; hãy in hoặc xuất lại thành tệp PDF thường \
             rồi ký lại.",
            "The file unpacks to far too much, or is badly damaged, so checking was stopped; print or export it again as a \
             plain PDF and sign that.",
        ),
        Cut::Late => Text::new(
            "Kiểm tra tệp này quá lâu nên đã bị dừng; hãy thử lại, hoặc nộp tệp nhỏ hơn.",
            "Checking the file took too long and was stopped; try again, or hand in a smaller file.",
        ),
    };
    let (verdict, sub_indication) = (Verdict::Indeterminate, Some(SubIndication::Generic));
    Report { kind: FileKind::Pdf, verdict, sub_indication, message, signatures: Vec::new() }
}

/// The bytes of a file, or where they are.
#[derive(Debug)]
pub enum Source {
    /// At hand.
    Bytes(Vec<u8>),
    /// On the disk, so many bytes: they go to the process without standing in memory here.
    File(File, u64),
}

impl Source {
    fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, bytes) => *bytes,
        }
    }

    fn pour(self, into: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => into.write_all(&bytes),
            // A file that grew meanwhile must not push the rest of the question aside.
            Self::File(file, bytes) => io::copy(&mut file.take(bytes), into).map(drop),
        }
    }

    fn read(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.pour(&mut bytes)?;
        Ok(bytes)
    }
}

/// The question, as the process reads it on its first line. The files follow.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    work: Work,
    file_bytes: u64,
    content_bytes: Option<u64>,
}

/// Where files are looked into.
#[derive(Clone, Debug, Default)]
pub struct Sandbox {
    program: Option<PathBuf>,
}

impl Sandbox {
    /// A process of this very program, which must call [`run`] when it finds [`ARGUMENT`].
    ///
    /// # Errors
    /// The system does not tell which program this is.
    pub fn own() -> io::Result<Self> {
        // On Linux this stays the same program while another is installed over it.
        let here = PathBuf::from("/proc/self/exe");
        let program = if cfg!(target_os = "linux") && here.exists() { here } else { std::env::current_exe()? };
        Ok(Self::own_by(program))
    }

    /// A process of this program at another place.
    pub fn own_by(program: PathBuf) -> Self {
        Self { program: Some(program) }
    }

    /// This process itself: for tests of pages, whose program is no `thuocdo`.
    pub fn none() -> Self {
        Self::default()
    }

    /// Does the work; `content` is what a detached signature was made over. It takes a thread until it is done.
    ///
    /// # Errors
    /// A file cannot be read, or the process cannot be started.
    pub fn look(
        &self,
        work: Work,
        file: Source,
        content: Option<Source>,
        wait: Duration,
    ) -> io::Result<Result<Answer, Cut>> {
        let Some(program) = &self.program else {
            return Ok(Ok(child::answer(&work, file.read()?, content.map(Source::read).transpose()?)));
        };
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("no pipe to the process that looks into files"));
        };
        let question = Question { work, file_bytes: file.bytes(), content_bytes: content.as_ref().map(Source::bytes) };
        let child = Mutex::new(child);
        let (done, waiting) = mpsc::channel::<()>();
        let (answer, late) = std::thread::scope(|scope| {
            // A process that ends early leaves a pipe that nobody reads: its status tells why.
            scope.spawn(move || drop(pour(&question, file, content, &mut stdin)));
            let watch = scope.spawn(|| stop_after(&child, wait, waiting));
            let answer = read(stdout);
            if answer.is_err() {
                stop(&child);
            }
            drop(done);
            (answer, watch.join().unwrap_or(true))
        });
        let status = child.lock().unwrap_or_else(PoisonError::into_inner).wait()?;
        if late {
            return Ok(Err(Cut::Late));
        }
        settle(answer, status)
    }
}

fn pour(question: &Question, file: Source, content: Option<Source>, into: &mut impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    into.write_all(&line)?;
    file.pour(into)?;
    content.map_or(Ok(()), |content| content.pour(into))
}

fn stop(child: &Mutex<Child>) {
    drop(child.lock().unwrap_or_else(PoisonError::into_inner).kill());
}

/// Stops the process when the wait is over before the work is; tells whether it was.
fn stop_after(child: &Mutex<Child>, wait: Duration, waiting: mpsc::Receiver<()>) -> bool {
    let late = matches!(waiting.recv_timeout(wait), Err(mpsc::RecvTimeoutError::Timeout));
    if late {
        stop(child);
    }
    late
}

/// The answer: a line, and the picture where it is one.
fn read(from: impl Read) -> io::Result<Answer> {
    let mut from = BufReader::new(from.take(ANSWER_BYTES_MAX));
    let mut line = String::new();
    from.read_line(&mut line)?;
    match serde_json::from_str(&line)? {
        Answer::Picture(mut picture) => {
            from.read_to_end(&mut picture)?;
            Ok(Answer::Picture(picture))
        }
        other => Ok(other),
    }
}

/// What the end of the process says of its answer.
fn settle(answer: io::Result<Answer>, status: ExitStatus) -> io::Result<Result<Answer, Cut>> {
    match (status.code(), answer) {
        (Some(0), answer) => answer.map(Ok),
        (Some(code), _) if code == i32::from(child::NOT_ASKED) => {
            Err(io::Error::other("the process that looks into files could not begin"))
        }
        // Memory that is not given, an overflowing stack, a limit of time: all end the process from outside.
        _ => Ok(Err(Cut::TooMuch)),
    }
}
