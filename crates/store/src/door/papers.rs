//! Issuing papers and filing what came back of them.

use cycle::{Capability, UnitId};
use serde_json::json;

use super::{Batch, Subject, optional_words, words};
use crate::command::{Done, NewCopy, NewPaper, Refusal};
use crate::papers::right;
use crate::{limits, write_sql};

/// Whether the one who acts may issue papers of a kind; the unit that issues them.
fn issuer(batch: &Batch<'_>, new: &NewPaper) -> Result<UnitId, Refusal> {
    let round = batch.state.rounds.get(&new.round).ok_or(Refusal::NotFound)?;
    let (capability, of_owner) = right(&new.kind).ok_or(Refusal::NotFound)?;
    let unit = match new.assessment {
        Some(id) => {
            let sheet = batch.state.assessments.get(&id).filter(|sheet| sheet.round == new.round);
            Some(sheet.ok_or(Refusal::NotFound)?.unit)
        }
        None => None,
    };
    let scope = match (of_owner, unit) {
        (false, Some(unit)) => unit,
        (false, None) => return Err(Refusal::NotFound),
        (true, _) => round.owner,
    };
    batch.require(capability, scope)?;
    Ok(scope)
}

pub(super) fn issue(batch: &mut Batch<'_>, new: &NewPaper) -> Result<Done, Refusal> {
    let owner = issuer(batch, new)?;
    let of_round = batch.state.papers.values().filter(|paper| paper.round == new.round).count();
    if of_round >= limits::PAPERS_PER_ROUND_MAX {
        let most = limits::PAPERS_PER_ROUND_MAX;
        return Err(Refusal::invalid(
            "kind",
            format!("Kỳ này đã phát hành {most} văn bản, là nhiều nhất"),
            format!("This round has issued {most} papers, the most it may"),
        ));
    }
    let title = words("title", &new.title, limits::NAME_BYTES_MAX)?;
    let number = optional_words("number", &new.number, limits::NAME_BYTES_MAX)?;
    let id = batch.id();
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    batch.writes.push(write_sql!(
        "INSERT INTO paper (id, code, kind, owner, round, assessment, publication, title, number, sha256, words, made_at, \
         made_by, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id,
        new.code.as_str(),
        new.kind.as_str(),
        owner.0,
        new.round.0,
        new.assessment.map(|id| id.0),
        new.publication,
        title.as_str(),
        number.as_str(),
        new.sha256.as_str(),
        new.words.as_str(),
        now,
        by,
        seq,
    ));
    let subject = Subject { unit: Some(owner), assessment: new.assessment, indicator: None };
    let detail = json!({
        "paper": id, "code": new.code, "kind": new.kind, "title": title, "number": number, "sha256": new.sha256,
        "words": new.words, "publication": new.publication,
    });
    batch.event("paper.issued", subject, &detail);
    Ok(Done { id: Some(id), count: 1, ..Done::default() })
}

pub(super) fn file(batch: &mut Batch<'_>, new: &NewCopy) -> Result<Done, Refusal> {
    let paper = batch.state.papers.get(&new.paper).ok_or(Refusal::NotFound)?.clone();
    let (capability, _) = right(&paper.kind).ok_or(Refusal::NotFound)?;
    // Whoever signs for the unit may bring the signed paper back.
    if !batch.may(capability, paper.owner) && !batch.may(Capability::Submit, paper.owner) {
        return Err(cycle::Denial::NotAllowed.into());
    }
    if paper.copies.iter().any(|copy| copy.sha256 == new.sha256) {
        return Err(Refusal::invalid(
            "file",
            "Đúng tệp này đã được nộp lại rồi",
            "This very file was brought back before",
        ));
    }
    if paper.copies.len() >= limits::COPIES_PER_PAPER_MAX {
        let most = limits::COPIES_PER_PAPER_MAX;
        return Err(Refusal::invalid(
            "file",
            format!("Văn bản này đã có {most} bản nộp lại, là nhiều nhất"),
            format!("{most} copies of this paper were brought back, the most there may be"),
        ));
    }
    let name = words("file", &new.name, limits::FILE_NAME_BYTES_MAX)?;
    let id = batch.id();
    let (seq, now, by) = (batch.this_seq(), batch.at.as_millisecond(), batch.account().map(|account| account.0));
    batch.writes.push(write_sql!(
        "INSERT INTO paper_copy (id, paper, sha256, name, bytes, likeness, verdict, signers, differences, filed_at, \
         filed_by, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id,
        paper.id.0,
        new.sha256.as_str(),
        name.as_str(),
        i64::try_from(new.bytes).unwrap_or(i64::MAX),
        new.likeness.as_str(),
        new.verdict.as_str(),
        json!(new.signers).to_string(),
        new.differences.to_string(),
        now,
        by,
        seq,
    ));
    let subject = Subject { unit: Some(paper.owner), assessment: paper.assessment, indicator: None };
    let detail = json!({
        "paper": paper.id, "code": paper.code, "kind": paper.kind, "title": paper.title, "copy": id, "sha256": new.sha256,
        "likeness": new.likeness, "verdict": new.verdict, "signers": new.signers,
    });
    batch.event("paper.filed", subject, &detail);
    Ok(Done { id: Some(id), count: 1, ..Done::default() })
}
