//! `verify`: the digital signatures of files. Exit code 1 only where something was shown to be wrong.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::Style;
use criteria::Language;
use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use serde_json::{Value as Json, json};
use signature::{Anchors, Policy, Report, SignatureReport, Verdict};
use web::sandbox::{Answer, CHECK_WAIT, Cut, Source, Work, cut_off};

use super::serve::sandbox;
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
    let mut reports = Vec::new();
    for path in &arguments.files {
        let file = source(path)?;
        let content = beside(path).map(|signed| source(&signed)).transpose()?;
        let work = Work::check(now, &anchors, &policy, false);
        let report = match sandbox.look(work, file, content, CHECK_WAIT).map_err(|error| unreadable(path, &error))? {
            Ok(Answer::Seen(seen)) => seen.report,
            Ok(Answer::Pages(_) | Answer::Picture(_) | Answer::Trouble(_)) => cut_off(Cut::TooMuch),
            Err(cut) => cut_off(cut),
        };
        reports.push((path, report));
    }
    if output.json {
        let files: Vec<Json> = reports.iter().map(|(path, report)| file_json(path, report, output.language)).collect();
        output.json(&json!({"at": now, "anchors": anchors.len(), "anchors_hash": anchors.hash(), "files": files}));
    } else {
        for (path, report) in &reports {
            print(path, report, output);
        }
    }
    let wrong = reports.iter().any(|(_, report)| report.verdict == Verdict::Invalid);
    Ok(if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
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
fn source(path: &Path) -> Result<Source, Failure> {
    let most = signature::limits::FILE_BYTES_MAX as u64 + 1;
    let open = || {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_file() {
            return Ok(Source::File(file, about.len().min(most)));
        }
        let mut bytes = Vec::new();
        file.by_ref().take(most).read_to_end(&mut bytes)?;
        Ok(Source::Bytes(bytes))
    };
    open().map_err(|error| unreadable(path, &error))
}

/// The bytes of a file of certificates.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::usage(format!("không đọc được {path}: {error}"), format!("cannot read {path}: {error}"))
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
