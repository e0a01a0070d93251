//! `verify`: the digital signatures of files. Exit code 1 only where something was shown to be wrong.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::Style;
use criteria::{Language, Text};
use documents::issued::{Difference, Likeness, Mark};
use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use serde_json::{Value as Json, json};
use signature::{Anchors, Policy, Report, SignatureReport, SubIndication, Verdict};
use store::Store;
use web::checks::seen;
use web::online::Online;
use web::recognise::compare_apart;
use web::sandbox::{CHECK_WAIT, Sandbox, Source, Work};

use super::serve::{block_on, open_at, sandbox};
use crate::arguments::VerifyArguments;
use crate::failure::Failure;
use crate::output::{BAD, DIM, DOUBTFUL, GOOD, Output};

/// Checks every file.
pub fn run(output: &Output, arguments: &VerifyArguments) -> Result<ExitCode, Failure> {
    let now = match &arguments.at {
        Some(text) => instant(text)?,
        None => Timestamp::now(),
    };
    let anchors = anchors(&arguments.trust)?;
    let policy = Policy::default();
    let sandbox = sandbox()?;
    let store = arguments.data.as_ref().map(|data| block_on(open_at(data, None))).transpose()?;
    let online = arguments.online.then(|| Online::new(arguments.online_allow.clone()));
    let mut reports = Vec::new();
    // Before anything is checked: one wrong name among a hundred is told at once.
    arguments.files.iter().try_for_each(|path| findable(path))?;
    for path in &arguments.files {
        let file = open(path).map_err(|error| unreadable(path, &error))?;
        let ours = match &file {
            Source::Bytes(bytes) => ours(&sandbox, store.as_ref(), bytes.clone())?,
            Source::File(..) => ours(&sandbox, store.as_ref(), read(path)?)?,
        };
        let work = Work::check(now, &anchors, &policy, false);
        // A file may be looked at more than once; what came by a pipe is at hand.
        let kept = match &file {
            Source::Bytes(bytes) => Some(bytes.clone()),
            Source::File(..) => None,
        };
        let look = |fetched| {
            let file = kept.clone().map_or_else(|| open(path), |bytes| Ok(Source::Bytes(bytes)))?;
            let content = beside(path).map(|signed| open(&signed)).transpose()?;
            seen(sandbox.look(work.clone().with_fetched(fetched), file, content, CHECK_WAIT)?)
        };
        let unreadable = |error: io::Error| unreadable(path, &error);
        let mut seen = look(Vec::new()).map_err(unreadable)?;
        if let Some(online) = online.as_ref().filter(|_| !seen.wishes.is_empty()) {
            seen = block_on(async {
                let asked = online.ask(seen, Timestamp::now, |fetched| std::future::ready(look(fetched))).await;
                Ok(asked.map_err(unreadable)?.0)
            })?;
        }
        reports.push((path, seen.report, ours));
    }
    if output.json {
        let files: Vec<Json> = reports
            .iter()
            .map(|(path, report, ours)| {
                let mut file = file_json(path, report, output.language);
                if let Some(ours) = ours {
                    file["issued"] = ours.json(output.language);
                }
                file
            })
            .collect();
        output.json(&json!({"at": now, "anchors": anchors.len(), "anchors_hash": anchors.hash(), "files": files}));
    } else {
        for (path, report, ours) in &reports {
            print(path, report, output);
            if let Some(ours) = ours {
                ours.print(output);
            }
        }
        let unknown = |one: &SignatureReport| one.sub_indication == Some(SubIndication::NoCertificateChainFound);
        if anchors.is_empty() && reports.iter().any(|(_, report, _)| report.signatures.iter().any(unknown)) {
            let hint = output.pick(
                "Chưa nêu chứng thư gốc nào: thêm --trust THƯ-MỤC (cài gì, xem trust/README.md).",
                "No trust anchor was named: add --trust FOLDER (trust/README.md says what to install).",
            );
            output.line(format!("{DIM}{hint}{DIM:#}"));
        }
    }
    let altered = |ours: &Ours| ours.compared && ours.likeness == Likeness::Altered;
    let wrong = reports
        .iter()
        .any(|(_, report, ours)| report.verdict == Verdict::Invalid || ours.as_ref().is_some_and(altered));
    Ok(if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// A paper that the platform issued, found again by the mark that it carries.
struct Ours {
    code: String,
    title: Option<String>,
    /// Whether it was compared with what was issued, or only with what it says of itself.
    compared: bool,
    likeness: Likeness,
    differences: Vec<Difference>,
}

/// What a file is, where it carries the mark of a paper.
fn ours(sandbox: &Sandbox, store: Option<&Store>, file: Vec<u8>) -> Result<Option<Ours>, Failure> {
    let Some(mark) = Mark::find(&file) else { return Ok(None) };
    let known = store.and_then(|store| {
        let state = store.state();
        let paper = state.papers.values().find(|paper| paper.code == mark.code)?;
        Some((store, paper.title.clone(), paper.sha256.clone()))
    });
    let issued = match &known {
        Some((store, _, sha256)) => {
            block_on(async { store.evidence.read(sha256).await.map_err(|error| Failure::Use(error.text())) })?
        }
        None => None,
    };
    let compared = issued.is_some();
    let (likeness, differences) = compare_apart(sandbox, file, issued).map_err(|error| {
        Failure::Use(Text::new(format!("không so được văn bản: {error}"), format!("cannot compare the paper: {error}")))
    })?;
    let title = known.map(|(_, title, _)| title).filter(|_| compared);
    Ok(Some(Ours { code: mark.code, title, compared, likeness, differences }))
}

impl Ours {
    fn text(&self) -> Text {
        let code = &self.code;
        match (self.compared, self.likeness) {
            (true, Likeness::Same) => {
                Text::new("đúng bản đã phát hành, chỉ thêm chữ ký", "the paper as issued, with signatures added")
            }
            (true, Likeness::SameWords) => Text::new(
                "mọi chữ giống bản đã phát hành; tệp đã được ghi lại",
                "all words are as issued; the file was written anew",
            ),
            (true, Likeness::Altered) => Text::new("khác bản đã phát hành", "it differs from what was issued"),
            (false, Likeness::Altered) => Text::new(
                format!("mang mã {code} nhưng lời văn không khớp mã băm ghi trong tệp"),
                format!("it carries the code {code}, but its words do not fit the hash in the file"),
            ),
            (false, _) => Text::new(
                format!("mang mã {code}, lời văn khớp mã băm ghi trong tệp; dùng --data để so với bản đã giữ"),
                format!(
                    "it carries the code {code}, and its words fit the hash in the file; use --data to compare with what is kept"
                ),
            ),
        }
    }

    fn print(&self, output: &Output) {
        let style = if self.likeness == Likeness::Altered { BAD } else { GOOD };
        let word = output.pick("văn bản Thước Đo", "Thước Đo paper");
        let title = self.title.as_ref().map(|title| format!("{title}: ")).unwrap_or_default();
        output.line(format!("  {style}{word}{style:#}  {title}{}", output.text(&self.text())));
        for one in &self.differences {
            let (behind, issued, found) = (&one.behind, &one.issued, &one.found);
            output.line(format!("    {DIM}… {behind}{DIM:#} “{issued}” → “{found}”"));
        }
    }

    fn json(&self, language: Language) -> Json {
        json!({
            "code": self.code, "title": self.title, "compared": self.compared, "likeness": self.likeness,
            "differences": self.differences, "message": self.text().in_language(language),
        })
    }
}

/// An instant, or a day or time in Viet Nam.
fn instant(text: &str) -> Result<Timestamp, Failure> {
    let hanoi = Offset::constant(7);
    let local = || {
        let time = text.parse::<civil::DateTime>().ok().or_else(|| text.parse::<civil::Date>().ok().map(Into::into))?;
        hanoi.to_timestamp(time).ok()
    };
    text.parse::<Timestamp>().ok().or_else(local).ok_or_else(|| {
        Failure::usage(
            format!("--at: “{text}” không phải là thời điểm, ví dụ 2026-06-01T08:00:00+07:00 hoặc 2026-06-01"),
            format!("--at: \"{text}\" is no time, such as 2026-06-01T08:00:00+07:00 or 2026-06-01"),
        )
    })
}

/// The anchors in files and folders.
fn anchors(paths: &[PathBuf]) -> Result<Anchors, Failure> {
    let mut anchors = Anchors::none();
    for path in paths {
        if path.is_dir() {
            let files = web::trust::certificate_files(path).map_err(|error| unreadable(path, &error))?;
            for file in files {
                add(&mut anchors, &file)?;
            }
        } else {
            add(&mut anchors, path)?;
        }
    }
    Ok(anchors)
}

fn add(anchors: &mut Anchors, path: &Path) -> Result<(), Failure> {
    let file = read(path)?;
    if !Anchors::holds_certificate(&file) {
        let path = path.display();
        return Err(Failure::usage(
            format!("{path}: không có chứng thư nào (PEM hoặc DER)"),
            format!("{path}: holds no certificate (PEM or DER)"),
        ));
    }
    anchors.add(&file);
    Ok(())
}

/// A file to be handed on; one byte past the limit is enough to say that it is too large. What has no size before it is
/// read, such as a pipe, is read here.
fn open(path: &Path) -> io::Result<Source> {
    let most = signature::limits::FILE_BYTES_MAX as u64 + 1;
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_file() {
        return Ok(Source::File(file, about.len().min(most)));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(most).read_to_end(&mut bytes)?;
    Ok(Source::Bytes(bytes))
}

/// The bytes of a file of certificates.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    let (vi, en) = match error.kind() {
        io::ErrorKind::NotFound => {
            ("không có tệp hay thư mục này".to_owned(), "there is no such file or folder".to_owned())
        }
        io::ErrorKind::PermissionDenied => ("không có quyền đọc".to_owned(), "reading it is not permitted".to_owned()),
        _ => (error.to_string(), error.to_string()),
    };
    Failure::usage(format!("không đọc được {path}: {vi}"), format!("cannot read {path}: {en}"))
}

/// Whether there is a file, or something else that can be read.
fn findable(path: &Path) -> Result<(), Failure> {
    let about = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if about.is_file() {
        File::open(path).map_err(|error| unreadable(path, &error))?;
    }
    if about.is_dir() {
        let path = path.display();
        return Err(Failure::usage(
            format!("{path} là thư mục: hãy nêu các tệp trong đó, ví dụ {path}/*.pdf"),
            format!("{path} is a folder: name the files in it, such as {path}/*.pdf"),
        ));
    }
    Ok(())
}

/// The file that a detached signature stands beside: its own name without `.p7s`.
fn beside(path: &Path) -> Option<PathBuf> {
    let is_detached = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("p7s"));
    let signed = path.with_extension("");
    (is_detached && signed.is_file()).then_some(signed)
}

fn word(verdict: Verdict, output: &Output) -> (Style, &'static str) {
    let vietnamese = output.language == Language::Vietnamese;
    let (style, vi, en) = match verdict {
        Verdict::Valid => (GOOD, "hợp lệ", "valid"),
        Verdict::Indeterminate => (DOUBTFUL, "chưa kết luận được", "indeterminate"),
        Verdict::Invalid => (BAD, "không hợp lệ", "invalid"),
        Verdict::Unsigned => (DIM, "không có chữ ký", "unsigned"),
    };
    (style, if vietnamese { vi } else { en })
}

fn print(path: &Path, report: &Report, output: &Output) {
    let file = path.display();
    if report.signatures.is_empty() {
        let (style, word) = word(report.verdict, output);
        output.line(format!("{style}{word}{style:#}  {file}: {}", output.text(&report.message)));
    }
    for one in &report.signatures {
        let (style, word) = word(one.verdict, output);
        let who = signer(one).map(|who| format!("{who}. ")).unwrap_or_default();
        output.line(format!("{style}{word}{style:#}  {file}: {who}{}", output.text(&one.message)));
    }
}

/// The signer with position and organisation, in one phrase.
fn signer(one: &SignatureReport) -> Option<String> {
    let mut who = one.signer.clone()?;
    for more in [&one.position, &one.organisation].into_iter().flatten() {
        who.push_str(", ");
        who.push_str(more);
    }
    Some(who)
}

fn file_json(path: &Path, report: &Report, language: Language) -> Json {
    let signatures = report.signatures.iter().map(|one| {
        let mut value = json!(one);
        value["message"] = json!(one.message.in_language(language));
        value["messages"] = json!(one.message);
        value
    });
    json!({
        "file": path.display().to_string(),
        "kind": report.kind,
        "verdict": report.verdict,
        "sub_indication": report.sub_indication,
        "message": report.message.in_language(language),
        "messages": report.message,
        "signatures": signatures.collect::<Vec<_>>(),
    })
}
