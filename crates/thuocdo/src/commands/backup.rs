//! `backup`, `restore` and `doctor`: a copy made while the platform runs, checked by opening it.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use criteria::Language;
use web::trust::Trust;

use super::serve::{block_on, clamd, open_as_it_is, open_at, trust};
use crate::arguments::{CheckArguments, DataArguments};
use crate::failure::Failure;
use crate::output::Output;

fn file_failure(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::usage(format!("{path}: {error}"), format!("{path}: {error}"))
}

fn must_be_new(folder: &Path) -> Result<(), Failure> {
    // An empty folder is as good as none: installers and containers make the place before anything is put there.
    let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if folder.exists() && !empty {
        let path = folder.display();
        return Err(Failure::usage(
            format!("{path} đã có dữ liệu; hãy chọn một thư mục chưa có hoặc còn trống"),
            format!("{path} holds something; choose a folder that does not exist or is empty"),
        ));
    }
    std::fs::create_dir_all(folder).map_err(|error| file_failure(folder, &error))
}

/// Copies files of evidence, by name; a file that is there already is the same.
fn copy_evidence(from: &Path, to: &Path) -> Result<usize, Failure> {
    let mut count = 0;
    let Ok(folders) = std::fs::read_dir(from) else { return Ok(0) };
    for folder in folders.flatten().filter(|folder| folder.file_name().len() == 2) {
        let target = to.join(folder.file_name());
        std::fs::create_dir_all(&target).map_err(|error| file_failure(&target, &error))?;
        for file in std::fs::read_dir(folder.path()).map_err(|error| file_failure(&folder.path(), &error))?.flatten() {
            let target = target.join(file.file_name());
            if !target.exists() {
                std::fs::copy(file.path(), &target).map_err(|error| file_failure(&target, &error))?;
            }
            count += 1;
        }
    }
    Ok(count)
}

/// Copies the certificates that signatures are trusted with, and whatever else the operator keeps beside them.
fn copy_trust(output: &Output, from: &Path, to: &Path) -> Result<(), Failure> {
    let files = match std::fs::read_dir(from) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file_failure(from, &error)),
    };
    std::fs::create_dir_all(to).map_err(|error| file_failure(to, &error))?;
    for file in files.flatten().filter(|file| file.path().is_file()) {
        let target = to.join(file.file_name());
        std::fs::copy(file.path(), &target).map_err(|error| file_failure(&target, &error))?;
    }
    let count = Trust::at(Some(to.to_owned())).known().anchors.len();
    output.line(match output.language {
        Language::Vietnamese => format!("đã chép thư mục trust: {count} chứng thư gốc"),
        Language::English => format!("copied the folder trust: {count} trust anchors"),
    });
    Ok(())
}

/// Checks data by computing everything again; gives a line that tells, and whether all is well.
async fn check(output: &Output, data: &Path) -> Result<bool, Failure> {
    let store = open_at(data, None).await?;
    let report = store.audit().await.map_err(|error| Failure::Use(error.text()))?;
    let (events, sheets, files, faults) = (report.events, report.sheets, report.files, report.faults.len());
    output.line(match output.language {
        Language::Vietnamese => {
            format!("đã mở và tính lại: {events} sự kiện, {sheets} phiếu, {files} tệp, {faults} chỗ sai")
        }
        Language::English => {
            format!("opened and computed again: {events} events, {sheets} sheets, {files} files, {faults} faults")
        }
    });
    report.faults.iter().for_each(|fault| output.line(fault));
    Ok(report.faults.is_empty())
}

fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Writes a copy of the database and the evidence, then opens the copy and computes everything again. The copy is an SQLite
/// file, whatever serves: it can be looked at, checked and served anywhere.
pub fn backup(output: &Output, at: &DataArguments, folder: &Path) -> Result<ExitCode, Failure> {
    must_be_new(folder)?;
    let well = block_on(async {
        let store = open_as_it_is(at).await?;
        // The database first: evidence is only ever added, so what the copy names is there when it is copied after.
        store.copy_to(&folder.join("thuocdo.sqlite")).await.map_err(|error| Failure::Use(error.text()))?;
        copy_evidence(&at.data.join("evidence"), &folder.join("evidence"))?;
        copy_trust(output, &at.data.join("trust"), &folder.join("trust"))?;
        check(output, folder).await
    })?;
    Ok(code(well))
}

/// Puts a backup into an empty place and computes everything again.
pub fn restore(output: &Output, from: &Path, data: &Path) -> Result<ExitCode, Failure> {
    let database = from.join("thuocdo.sqlite");
    if !database.is_file() {
        let path = from.display();
        return Err(Failure::usage(
            format!("{path} không phải là bản sao lưu: thiếu thuocdo.sqlite"),
            format!("{path} is no backup: thuocdo.sqlite is missing"),
        ));
    }
    must_be_new(data)?;
    let target = data.join("thuocdo.sqlite");
    std::fs::copy(&database, &target).map_err(|error| file_failure(&target, &error))?;
    copy_evidence(&from.join("evidence"), &data.join("evidence"))?;
    copy_trust(output, &from.join("trust"), &data.join("trust"))?;
    let well = block_on(check(output, data))?;
    Ok(code(well))
}

/// Tells whether this machine and this data are fit to serve.
pub fn doctor(output: &Output, at: &DataArguments, checks: &CheckArguments) -> Result<ExitCode, Failure> {
    let well = block_on(async {
        let store = open_as_it_is(at).await?;
        let (units, people, rounds, sheets) = {
            let state = store.state();
            (state.tree.all().count(), state.accounts.len(), state.rounds.len(), state.assessments.len())
        };
        output.line(match output.language {
            Language::Vietnamese => format!("{units} đơn vị, {people} tài khoản, {rounds} kỳ, {sheets} phiếu"),
            Language::English => format!("{units} units, {people} accounts, {rounds} rounds, {sheets} sheets"),
        });
        let stored = store.evidence.put("doctor".as_bytes()).await;
        let writable = stored.is_ok();
        output.line(match (output.language, writable) {
            (Language::Vietnamese, true) => "thư mục tài liệu ghi được",
            (Language::Vietnamese, false) => "KHÔNG ghi được vào thư mục tài liệu",
            (Language::English, true) => "the folder of evidence can be written",
            (Language::English, false) => "the folder of evidence CANNOT be written",
        });
        let checked_well = checking(output, &store, at, checks).await?;
        let given_up = store.given_up().await.map_err(|error| Failure::Use(error.text()))?;
        for (kind, count, failure) in &given_up {
            output.line(match output.language {
                Language::Vietnamese => {
                    format!("{count} việc \"{kind}\" thử mãi không được và đã dừng; lần cuối: {failure}")
                }
                Language::English => {
                    format!("{count} jobs \"{kind}\" were tried too often and stand still; the last time: {failure}")
                }
            });
        }
        let report = store.audit().await.map_err(|error| Failure::Use(error.text()))?;
        output.line(match output.language {
            Language::Vietnamese => format!("nhật ký và điểm: {} chỗ sai", report.faults.len()),
            Language::English => format!("log and points: {} faults", report.faults.len()),
        });
        report.faults.iter().for_each(|fault| output.line(fault));
        Ok(writable && checked_well && given_up.is_empty() && report.faults.is_empty())
    })?;
    Ok(code(well))
}

/// Tells whom signatures are trusted with, how many files wait to be checked, and whether malware is looked for.
async fn checking(
    output: &Output,
    store: &store::Store,
    at: &DataArguments,
    checks: &CheckArguments,
) -> Result<bool, Failure> {
    let trust = trust(&at.data, checks);
    let known = trust.known();
    let folder = trust.folder.as_deref().unwrap_or(Path::new("–")).display().to_string();
    let (count, hash) = (known.anchors.len(), known.hash.get(..12).unwrap_or_default().to_owned());
    let (checked, waiting) = store.checked_counts(&known.hash).await.map_err(|error| Failure::Use(error.text()))?;
    output.line(match output.language {
        Language::Vietnamese => format!(
            "chữ ký: {count} chứng thư gốc trong {folder} (mã băm {hash}…), {checked} tệp đã kiểm tra, {waiting} tệp chờ kiểm tra"
        ),
        Language::English => format!(
            "signatures: {count} trust anchors in {folder} (hash {hash}…), {checked} files checked, {waiting} waiting"
        ),
    });
    known.faults.iter().for_each(|fault| output.line(fault));
    let allowed = checks.online_allow.join(", ");
    output.line(match (output.language, checks.online_revocation) {
        (Language::Vietnamese, false) => "hỏi thu hồi qua mạng: tắt".to_owned(),
        (Language::Vietnamese, true) if allowed.is_empty() => "hỏi thu hồi qua mạng: bật".to_owned(),
        (Language::Vietnamese, true) => format!("hỏi thu hồi qua mạng: bật, kể cả trong mạng riêng: {allowed}"),
        (Language::English, false) => "asking online about revocation: off".to_owned(),
        (Language::English, true) if allowed.is_empty() => "asking online about revocation: on".to_owned(),
        (Language::English, true) => format!("asking online about revocation: on, also within the house: {allowed}"),
    });
    let clamd = clamd(checks);
    let answers = match &clamd {
        Some(clamd) => Some(clamd.answers().await),
        None => None,
    };
    output.line(match (output.language, answers) {
        (Language::Vietnamese, None) => "quét mã độc: tắt",
        (Language::Vietnamese, Some(true)) => "quét mã độc: clamd trả lời",
        (Language::Vietnamese, Some(false)) => "quét mã độc: clamd KHÔNG trả lời",
        (Language::English, None) => "search for malware: off",
        (Language::English, Some(true)) => "search for malware: clamd answers",
        (Language::English, Some(false)) => "search for malware: clamd does NOT answer",
    });
    Ok(known.faults.is_empty() && answers != Some(false))
}
