//! Changes to drafts of criteria sets: keeping one, putting it right, adopting it as a set, dropping it.

use criteria::check::{Severity, check};
use criteria::{CriteriaSet, Files};
use cycle::{Capability, DraftId};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::rounds::about;
use super::{Batch, optional_words, words};
use crate::command::{Done, NewDraft, Refusal};
use crate::database::hex;
use crate::drafts::{Draft, DraftState};
use crate::{limits, write_sql};

/// The files as they are kept, and the hash that the log names them by.
fn packed(files: &Files) -> Result<(String, String), Refusal> {
    let bytes: usize = files.iter().map(|(name, text)| name.len() + text.len()).sum();
    if bytes > limits::DRAFT_BYTES_MAX {
        let most = limits::DRAFT_BYTES_MAX;
        return Err(Refusal::invalid(
            "files",
            format!("Bản nháp lớn quá {most} byte (đang có {bytes})"),
            format!("The draft is larger than {most} bytes (it has {bytes})"),
        ));
    }
    if files.iter().any(|(name, text)| name.contains('\0') || text.contains('\0')) {
        return Err(Refusal::invalid("files", "Có ký tự không dùng được", "It holds a character that cannot be kept"));
    }
    let text = json!(files).to_string();
    let hash = hex(&Sha256::digest(text.as_bytes()));
    Ok((text, hash))
}

/// What a draft is called: as its set says where it reads, else as it was called before.
fn called(files: &Files, before: (&str, &str)) -> (String, String) {
    match CriteriaSet::read("", files) {
        Ok(set) => (set.head.id, set.head.title),
        Err(_) => (before.0.to_owned(), before.1.to_owned()),
    }
}

pub(super) fn keep(batch: &mut Batch<'_>, new: NewDraft) -> Result<Done, Refusal> {
    let owner = batch.state.tree.get(new.owner).ok_or(Refusal::NotFound)?.id;
    batch.require(Capability::RunRound, owner)?;
    let file = words("file", &new.file, limits::FILE_NAME_BYTES_MAX)?;
    let open = batch.state.drafts.values().filter(|draft| draft.owner == owner && draft.state == DraftState::Open);
    if open.count() >= limits::DRAFTS_MAX {
        let most = limits::DRAFTS_MAX;
        return Err(Refusal::invalid(
            "file",
            format!("Đã có {most} bản nháp; hãy bỏ những bản không dùng nữa"),
            format!("There are {most} drafts already; drop those that are no longer of use"),
        ));
    }
    let (text, hash) = packed(&new.files)?;
    let (set, title) = called(&new.files, ("", &file));
    let id = DraftId(batch.id());
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    batch.writes.push(write_sql!(
        "INSERT INTO draft_set (id, owner, set_id, title, file, sha256, files, state, version, made_at, made_by, \
         changed_at, changed_by, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', 1, $8, $9, $8, $9, $10)",
        id.0,
        owner.0,
        set.as_str(),
        title.as_str(),
        file.as_str(),
        new.sha256.as_str(),
        text,
        now,
        by,
        seq,
    ));
    let detail = json!({ "draft": id, "set": set, "file": file, "sha256": new.sha256, "version": 1, "files": hash });
    batch.event("set.drafted", about(owner), &detail);
    Ok(Done { id: Some(id.0), version: Some(1), count: 1 })
}

/// The draft, for those who may change it: open, and as they saw it.
fn open(batch: &Batch<'_>, id: DraftId, version: i64) -> Result<Draft, Refusal> {
    let draft = batch.state.drafts.get(&id).ok_or(Refusal::NotFound)?;
    if !batch.may(Capability::RunRound, draft.owner) {
        return Err(Refusal::NotFound);
    }
    match draft.state {
        DraftState::Open => {}
        DraftState::Adopted => {
            return Err(Refusal::invalid(
                "state",
                "Bản nháp này đã được dùng làm bộ chỉ số và không sửa được nữa",
                "This draft was adopted as a set and cannot be changed any more",
            ));
        }
        DraftState::Dropped => return Err(Refusal::NotFound),
    }
    if draft.version != version {
        let now = draft.version;
        return Err(Refusal::invalid(
            "version",
            format!("Có người vừa sửa bản nháp này: bạn đã xem bản {version}, nay là bản {now}"),
            format!("Somebody changed this draft: you saw version {version}, now it is version {now}"),
        ));
    }
    Ok(draft.clone())
}

pub(super) fn edit(
    batch: &mut Batch<'_>,
    id: DraftId,
    version: i64,
    files: &Files,
    at: &str,
    what: &serde_json::Value,
) -> Result<Done, Refusal> {
    let draft = open(batch, id, version)?;
    let at = optional_words("at", at, limits::NAME_BYTES_MAX)?;
    let (text, hash) = packed(files)?;
    let (set, title) = called(files, (&draft.set, &draft.title));
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    let next = version + 1;
    batch.writes.push(write_sql!(
        "UPDATE draft_set SET files = $2, set_id = $3, title = $4, version = $5, changed_at = $6, changed_by = $7, \
         seq = $8 WHERE id = $1",
        id.0,
        text,
        set,
        title,
        next,
        now,
        by,
        seq,
    ));
    let detail = json!({ "draft": id, "version": next, "at": at, "what": what, "files": hash });
    batch.event("set.edited", about(draft.owner), &detail);
    Ok(Done { version: Some(next), count: 1, ..Done::default() })
}

/// Freezes a draft that reads strictly and has no errors: from now on it is a set of the store.
pub(super) fn adopt(batch: &mut Batch<'_>, id: DraftId, version: i64) -> Result<Done, Refusal> {
    let draft = open(batch, id, version)?;
    let files = batch.drafts.get(&id).ok_or(Refusal::NotFound)?;
    let refused = |vi: String, en: String| Err(Refusal::invalid("set", vi, en));
    let set = match CriteriaSet::read("", files) {
        Ok(set) => set,
        Err(problems) => {
            let first = problems.first().map(|one| (format!("{}:{}", one.file, one.line), one.message.clone()));
            let (at, text) = first.unwrap_or_else(|| (String::new(), criteria::Text::new("hỏng", "broken")));
            let count = problems.len();
            return refused(
                format!("Bản nháp chưa đọc được ({count} lỗi). {at}: {}", text.vi),
                format!("The draft does not read ({count} errors). {at}: {}", text.en),
            );
        }
    };
    let errors = check(&set).into_iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<criteria::check::Finding> = errors.collect();
    if let Some(first) = errors.first() {
        let (count, at, why) = (errors.len(), &first.at, &first.message);
        return refused(
            format!("Còn {count} lỗi phải sửa trước, lỗi đầu tiên ở “{at}”: {}", why.vi),
            format!("{count} errors are to be put right first, the first at \"{at}\": {}", why.en),
        );
    }
    let set_id = set.head.id.as_str();
    if batch.state.own_sets.contains_key(set_id) {
        return refused(
            format!("Đã có bộ chỉ số mang mã “{set_id}”; hãy đổi mã của bản nháp"),
            format!("There is a set with the id \"{set_id}\" already; give the draft another one"),
        );
    }
    let hash = set.hash();
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    let next = version + 1;
    batch.writes.push(write_sql!(
        "INSERT INTO criteria_set (hash, id, files) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
        hash.as_str(),
        set_id,
        json!(files).to_string(),
    ));
    batch.writes.push(write_sql!(
        "UPDATE draft_set SET state = 'adopted', set_hash = $2, set_id = $3, title = $4, version = $5, changed_at = $6, \
         changed_by = $7, seq = $8 WHERE id = $1",
        id.0,
        hash.as_str(),
        set_id,
        set.head.title.as_str(),
        next,
        now,
        by,
        seq,
    ));
    let detail = json!({ "draft": id, "set": set_id, "hash": hash, "version": next });
    batch.event("set.adopted", about(draft.owner), &detail);
    Ok(Done { version: Some(next), count: 1, ..Done::default() })
}

pub(super) fn discard(batch: &mut Batch<'_>, id: DraftId, version: i64) -> Result<Done, Refusal> {
    let draft = open(batch, id, version)?;
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    let next = version + 1;
    batch.writes.push(write_sql!(
        "UPDATE draft_set SET state = 'dropped', version = $2, changed_at = $3, changed_by = $4, seq = $5 WHERE id = $1",
        id.0,
        next,
        now,
        by,
        seq,
    ));
    batch.event("set.dropped", about(draft.owner), &json!({ "draft": id, "set": draft.set, "version": next }));
    Ok(Done { version: Some(next), count: 1, ..Done::default() })
}
