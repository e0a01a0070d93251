//! The other side: the process that looks into one file and ends.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use documents::import::{Options, import};
use documents::{facts, likeness, pdf_text, preview};
use signature::{Anchors, Request};
use store::proofs::DOCUMENT_MARK;

use super::{Answer, CPU_SECONDS_MAX, Drafted, QUESTION_BYTES_MAX, Question, Seen, Work};
use crate::drafting::with_anchors;
use crate::recognise::compare;

/// The code of a process that was not asked properly, or could not be confined.
pub(super) const NOT_ASKED: u8 = 2;

/// Reads a question and its files, gives the answer, and ends.
pub fn run() -> ExitCode {
    match asked() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NOT_ASKED),
    }
}

fn asked() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.by_ref().take(QUESTION_BYTES_MAX).read_line(&mut line)?;
    let question: Question = serde_json::from_str(&line)?;
    // Answers from outside stand in the question, two digits a byte.
    let files = question.file_bytes.saturating_add(question.content_bytes.unwrap_or(0));
    let all = files.saturating_add(line.len() as u64 / 2);
    confine::memory_and_time(question.work.memory_bytes_max(all))?;
    confine::files_and_network();
    let mut take = |bytes: u64| -> io::Result<Vec<u8>> {
        let room = usize::try_from(bytes).map_err(io::Error::other)?;
        let mut file = Vec::new();
        file.try_reserve_exact(room).map_err(io::Error::other)?;
        file.resize(room, 0);
        input.read_exact(&mut file)?;
        Ok(file)
    };
    let file = take(question.file_bytes)?;
    let content = question.content_bytes.map(&mut take).transpose()?;
    let answer = answer(&question.work, file, content);
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &answer)?;
    output.write_all(b"\n")?;
    if let Answer::Picture(picture) = answer {
        output.write_all(&picture)?;
    }
    output.flush()
}

/// Does the work.
pub(super) fn answer(work: &Work, file: Vec<u8>, content: Option<Vec<u8>>) -> Answer {
    match work {
        Work::Check { now, anchors, policy, text, fetched } => {
            let mut known = Anchors::none();
            anchors.iter().filter_map(|hex| bytes_of(hex)).for_each(|der| {
                known.add(&der);
            });
            let request = Request { now: *now, anchors: &known, policy, fetched };
            let report = signature::check(&file, content.as_deref(), &request);
            let text = if *text && file.starts_with(b"%PDF-") { pdf_text::read(&file) } else { String::new() };
            let facts = facts::read(&text);
            let document = facts.key().map(|key| format!("{DOCUMENT_MARK}{key}"));
            let words = likeness::marks(&text).into_iter().enumerate().map(|(at, mark)| format!("{at}:{mark:016x}"));
            let (wishes, marks) = (report.wishes(), document.into_iter().chain(words).collect());
            Answer::Seen(Box::new(Seen { report, marks, facts, wishes }))
        }
        Work::Import { name } => {
            let draft = import(name, &file, &Options::default()).map_err(|refusal| refusal.message);
            Answer::Drafted(draft.map(|draft| Drafted { files: with_anchors(draft) }))
        }
        Work::Compare => {
            let (likeness, differences) = compare(content.as_deref(), &file);
            Answer::Compared(likeness, differences)
        }
        Work::Cells => Answer::Cells(Box::new(documents::figures::read(&file))),
        Work::Count => preview::page_count(file).map_or_else(Answer::Trouble, Answer::Pages),
        Work::Draw { page, side } => {
            preview::page_png(file, *page, *side).map_or_else(Answer::Trouble, Answer::Picture)
        }
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    (0..hex.len()).step_by(2).map(pair).collect()
}

#[cfg(unix)]
mod confine {
    use std::io;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// From here on the process gets so much memory and time, and writes no file.
    pub(super) fn memory_and_time(bytes: u64) -> io::Result<()> {
        for (what, most) in
            [(Resource::As, bytes), (Resource::Cpu, super::CPU_SECONDS_MAX), (Resource::Fsize, 0), (Resource::Core, 0)]
        {
            // Whoever started the service may have set less.
            let most = getrlimit(what).maximum.map_or(most, |set| set.min(most));
            setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) })?;
        }
        Ok(())
    }

    /// No file can be opened and nobody called, where the system knows how to see to that (Linux from 5.13 on).
    #[cfg(target_os = "linux")]
    pub(super) fn files_and_network() {
        use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
        let abi = ABI::V6;
        let closed = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
            .and_then(|rules| rules.scope(Scope::from_all(abi)))
            .and_then(Ruleset::create);
        // What an older system cannot do is left out; the limits above hold everywhere.
        drop(closed.and_then(landlock::RulesetCreated::restrict_self));
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn files_and_network() {}
}

#[cfg(not(unix))]
mod confine {
    pub(super) fn memory_and_time(_: u64) -> std::io::Result<()> {
        Ok(())
    }

    pub(super) fn files_and_network() {}
}
