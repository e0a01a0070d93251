//! Signatures in a PDF: which there are, what each covers, what came after it, and what they prove together.

mod aftermath;
mod changes;
mod fields;
mod range;
mod table;
mod widget;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use criteria::Text;
use flate2::read::ZlibDecoder;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::{LoadPdfError, Pdf, PdfData};
use jiff::Timestamp;

use self::fields::{Field, Signatures};
use self::range::Covered;
pub(crate) use self::range::times;
use crate::algorithm::Digest;
use crate::certificate::Certificate;
use crate::cms::{Binding, SignedData, Unsound};
use crate::limits::{
    CERTIFICATES_MAX, COMPARED_VALUES_MAX, REVOCATIONS_MAX, SIGNATURES_MAX, STORED_BYTES_ALL_MAX, STORED_BYTES_MAX,
};
use crate::report::{Change, FileKind, Kind, Report, SignatureReport, SubIndication, Verdict};
use crate::revocation::Evidence;
use crate::timestamp::{self, Surroundings, Token};
use crate::validate::{self, Checked, Context, Request};
use crate::words::{self, Outcome};

/// The part of a file that ends with a revision.
#[derive(Clone)]
struct Revision {
    file: Arc<Vec<u8>>,
    end: usize,
}

impl AsRef<[u8]> for Revision {
    fn as_ref(&self) -> &[u8] {
        self.file.get(..self.end).unwrap_or(&self.file)
    }
}

fn open(file: &Arc<Vec<u8>>, end: usize) -> Result<Pdf, LoadPdfError> {
    Pdf::new(PdfData::from(Arc::new(Revision { file: Arc::clone(file), end })))
}

/// What the document keeps for checking its signatures later (DSS).
#[derive(Clone, Debug, Default)]
struct Store {
    certificates: Vec<Certificate>,
    evidence: Evidence,
}

/// One signature or document timestamp, before it is judged.
struct Found<'a> {
    field: &'a Field<'a>,
    sub_filter: String,
    covered: Result<Covered, &'static str>,
    timestamp: Option<Token>,
}

/// The signature dictionaries that are reported on their own, and where the bytes end that each covers.
struct Checkable(HashMap<ObjectIdentifier, usize>);

impl Checkable {
    fn of<'f, 'a: 'f>(found: impl Iterator<Item = (&'f Dict<'a>, &'f Result<Covered, &'static str>)>) -> Self {
        Self(found.filter_map(|(value, covered)| Some((value.obj_id()?, covered.as_ref().ok()?.end))).collect())
    }

    /// Whether this is a signature that covers more than the bytes before `end`: one that was there already does not.
    fn is_later(&self, value: ObjectIdentifier, end: usize) -> bool {
        self.0.get(&value).is_some_and(|covers| *covers > end)
    }
}

/// Checks every signature of a PDF.
pub(crate) fn check(bytes: &[u8], request: &Request<'_>) -> Report {
    let file = Arc::new(bytes.to_vec());
    let traces = times(&file, b"/ByteRange");
    let pdf = match open(&file, file.len()) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => return encrypted(),
        Err(LoadPdfError::Invalid) => return damaged(traces > 0, false),
    };
    let Signatures { found: fields, broken, rights } = fields::signatures(&pdf, traces);
    if fields.is_empty() && broken.is_empty() {
        let ends_well = fields::ends_well(&file);
        if traces > rights || !ends_well {
            return damaged(traces > rights, ends_well);
        }
        return Report::bare(
            FileKind::Pdf,
            Verdict::Unsigned,
            None,
            Text::new("Tệp PDF không có chữ ký số.", "The PDF carries no digital signature."),
        );
    }

    let store = store(&pdf);
    // Without a password anybody reads it: what is encrypted so is signed as it lies in the file.
    let locked = fields::is_encrypted(&file);
    let mut found: Vec<Found<'_>> =
        fields.iter().take(SIGNATURES_MAX).map(|field| read(field, &file, locked)).collect();
    // In the order of the file: a later one covers the earlier ones.
    found.sort_by_key(|one| one.covered.as_ref().map_or(usize::MAX, |covered| covered.end));
    // The latest timestamp speaks for itself; what it proves to be older is asked about at its time.
    for index in (0..found.len()).rev() {
        let Some(Ok(covered)) = found.get(index).map(|one| &one.covered) else { continue };
        let around = Surroundings {
            pool: &store.certificates,
            evidence: &store.evidence,
            anchors: request.anchors,
            policy: request.policy,
            now: request.now,
            seen: later(&found, covered).into_iter().min().unwrap_or(request.now),
            fetched: request.fetched,
        };
        if found.get(index).is_some_and(|one| one.sub_filter == "ETSI.RFC3161") {
            let token = timestamp::check(&covered.contents, &covered.parts(&file), &around);
            if let Some(one) = found.get_mut(index) {
                one.timestamp = Some(token);
            }
        }
    }

    let ends = found.iter().map(|one| (&one.field.value, &one.covered));
    let checked = Checkable::of(ends);
    let mut budget = COMPARED_VALUES_MAX;
    let mut signatures = Vec::new();
    for one in &found {
        let mut report = judge(one, &found, &file, &store, request);
        if let Ok(covered) = &one.covered {
            aftermath::weigh(&mut report, &one.field.value, covered, &file, &pdf, &checked, &mut budget);
        }
        signatures.push(report);
    }
    aftermath::tell_who_saw(&mut signatures);
    for name in broken.into_iter().take(SIGNATURES_MAX) {
        let mut report = failed(&words::invalid(
            SubIndication::FormatFailure,
            "Ô ký đã được ký nhưng chữ ký trong đó không đọc được: tệp bị hỏng hoặc bị sửa.",
            "The field was signed, but the signature in it cannot be read: the file was damaged or altered.",
        ));
        report.field = Some(name);
        signatures.push(report);
    }
    let mut report = crate::summary(FileKind::Pdf, signatures);
    if fields.len() > SIGNATURES_MAX {
        report.verdict = Verdict::Indeterminate.max(report.verdict);
        report.message = Text::new(
            format!("Tệp có quá nhiều chữ ký; chỉ kiểm tra {SIGNATURES_MAX} chữ ký đầu."),
            format!("The file has too many signatures; only {SIGNATURES_MAX} were checked."),
        );
    }
    report
}

/// Whether a file is another one with nothing but signatures, timestamps and what belongs to them added.
pub(crate) fn only_signed(before: &[u8], file: &[u8]) -> bool {
    if !file.starts_with(before) {
        return false;
    }
    if file.len() == before.len() {
        return true;
    }
    let file = Arc::new(file.to_vec());
    let Ok(whole) = open(&file, file.len()) else { return false };
    let locked = fields::is_encrypted(&file);
    let fields = fields::signatures(&whole, times(&file, b"/ByteRange"));
    let ranges: Vec<_> = fields.found.iter().map(|one| range::covered(&one.value, &file, locked)).collect();
    let checked = Checkable::of(fields.found.iter().map(|one| &one.value).zip(&ranges));
    let mut budget = COMPARED_VALUES_MAX;
    let changes = aftermath::since(before.len(), &file, &whole, &checked, &mut budget);
    changes.kinds.iter().all(|kind| {
        matches!(kind, Change::Signature | Change::DocumentTimestamp | Change::ValidationData | Change::Metadata)
    })
}

fn encrypted() -> Report {
    Report::bare(
        FileKind::Pdf,
        Verdict::Indeterminate,
        Some(SubIndication::Generic),
        Text::new(
            "Tệp PDF bị mã hóa nên chưa kiểm tra được chữ ký; hãy nộp bản không đặt mật khẩu.",
            "The PDF is encrypted, so its signatures were not checked; hand in a copy without a password.",
        ),
    )
}

fn damaged(traces: bool, ends_well: bool) -> Report {
    let (verdict, vi, en) = match (traces, ends_well) {
        (true, false) => (
            Verdict::Invalid,
            "Tệp PDF bị hỏng hoặc bị cắt: có dấu vết chữ ký nhưng không chữ ký nào còn đọc được.",
            "The PDF is damaged or cut short: there are traces of a signature, but none can be read.",
        ),
        (true, true) => (
            Verdict::Indeterminate,
            "Tệp PDF có dấu vết chữ ký nhưng không có chữ ký nào: chữ ký có thể đã bị gỡ bỏ.",
            "The PDF shows traces of a signature but carries none: it may have been removed.",
        ),
        (false, _) => (
            Verdict::Indeterminate,
            "Tệp PDF bị hỏng hoặc bị cắt; không đọc được chữ ký nào.",
            "The PDF is damaged or cut short; no signature could be read.",
        ),
    };
    Report::bare(FileKind::Pdf, verdict, Some(SubIndication::FormatFailure), Text::new(vi, en))
}

fn read<'a>(field: &'a Field<'a>, file: &[u8], encrypted: bool) -> Found<'a> {
    let sub_filter = field.value.get::<Name<'_>>("SubFilter").map(|name| name.as_str().to_owned()).unwrap_or_default();
    Found { field, sub_filter, covered: range::covered(&field.value, file, encrypted), timestamp: None }
}

/// The verdict on one signature, leaving aside what came after it.
fn judge(one: &Found<'_>, all: &[Found<'_>], file: &[u8], store: &Store, request: &Request<'_>) -> SignatureReport {
    let mut report = match (&one.covered, one.sub_filter.as_str()) {
        (Err(part), _) => failed(&words::invalid(
            SubIndication::FormatFailure,
            format!("Phạm vi ký không đúng ({part}): có thể ai đó đã chèn dữ liệu ngoài phần được ký."),
            format!("The signed range is wrong ({part}): bytes may have been slipped in outside what was signed."),
        )),
        (Ok(_), "ETSI.RFC3161") => match &one.timestamp {
            Some(token) => {
                let mut report = validate::check_document_timestamp(token);
                report.level = Some("RFC 3161".to_owned());
                report
            }
            None => failed(&words::unsound(&Unsound::Format("TimeStampToken"))),
        },
        (Ok(covered), "adbe.pkcs7.detached" | "ETSI.CAdES.detached" | "adbe.pkcs7.sha1") => {
            signature(one, covered, all, file, store, request)
        }
        (Ok(_), "") => failed(&words::indeterminate(
            SubIndication::Generic,
            "Có chữ ký, nhưng tệp không nói chữ ký thuộc loại nào (thiếu SubFilter) nên chưa kiểm tra được.",
            "Signed, but the file does not say what kind of signature it is (no SubFilter), so it was not checked.",
        )),
        (Ok(_), other) => failed(&words::indeterminate(
            SubIndication::Generic,
            format!("Có chữ ký, nhưng loại này chưa kiểm tra được ở đây ({}).", crate::certificate::clean(other)),
            format!("Signed, but signatures of this kind are not checked here ({}).", crate::certificate::clean(other)),
        )),
    };
    if one.sub_filter == "ETSI.RFC3161" {
        report.kind = Kind::DocumentTimestamp;
    }
    report.field = Some(one.field.name.clone());
    report.format = Some(crate::certificate::clean(&one.sub_filter));
    report.certification = aftermath::certification(&one.field.value);
    report.claimed_time = report
        .claimed_time
        .or_else(|| one.field.value.get::<PdfString<'_>>("M").and_then(|date| claimed(date.as_bytes())));
    report
}

fn failed(outcome: &Outcome) -> SignatureReport {
    SignatureReport::bare(outcome.verdict, outcome.sub_indication, outcome.message.clone(), Kind::Signature)
}

fn signature(
    one: &Found<'_>,
    covered: &Covered,
    all: &[Found<'_>],
    file: &[u8],
    store: &Store,
    request: &Request<'_>,
) -> SignatureReport {
    let Some(data) = SignedData::read(&covered.contents) else {
        return failed(&words::unsound(&Unsound::Format("CMS")));
    };
    if data.signers.len() != 1 {
        return failed(&words::unsound(&Unsound::Format("SignerInfo")));
    }
    let parts = covered.parts(file);
    let hashed = one.sub_filter == "adbe.pkcs7.sha1";
    let signed = match (&data.content, hashed) {
        // The content is the digest of the file.
        (Some(content), true) => {
            if Digest::Sha1.over(&parts).as_ref() != Some(content) {
                return failed(&words::unsound(&Unsound::Hash));
            }
            data.check(0, &[content], &store.certificates)
        }
        (None, false) => data.check(0, &parts, &store.certificates),
        (Some(_), false) | (None, true) => return failed(&words::unsound(&Unsound::Format("eContent"))),
    };
    let Some(signed) = signed else { return failed(&words::unsound(&Unsound::Format("SignerInfo"))) };

    let mut pool = data.certificates.clone();
    pool.extend(store.certificates.iter().cloned());
    let mut evidence = data.evidence.clone();
    evidence.extend(&store.evidence);
    let context = Context {
        pool,
        evidence,
        seen: later(all, covered),
        not_before: proven(all, |other| other.end < covered.gap_start).into_iter().max(),
        binding_required: one.sub_filter == "ETSI.CAdES.detached",
        digests: if hashed { vec![Digest::Sha1] } else { Vec::new() },
    };
    let checked = validate::check(&signed, &context, request);
    let level = level(one, &checked, covered, all, store);
    let mut report = checked.report;
    report.level = level;
    report
}

/// The times that trusted document timestamps prove, of those that cover such bytes.
fn proven(all: &[Found<'_>], wanted: impl Fn(&Covered) -> bool) -> Vec<Timestamp> {
    all.iter()
        .filter(|other| other.covered.as_ref().is_ok_and(&wanted))
        .filter_map(|other| other.timestamp.as_ref()?.proof.as_ref().ok().copied())
        .collect()
}

/// When document timestamps saw what is `covered`: their gap lies beyond it, so they cover every byte of it.
fn later(all: &[Found<'_>], covered: &Covered) -> Vec<Timestamp> {
    proven(all, |other| other.gap_start >= covered.end)
}

/// The level of PAdES that a signature reaches (EN 319 142-1).
fn level(one: &Found<'_>, checked: &Checked, covered: &Covered, all: &[Found<'_>], store: &Store) -> Option<String> {
    if one.sub_filter != "ETSI.CAdES.detached" || checked.binding != Binding::Fits {
        return None;
    }
    let later = all.iter().filter(|other| {
        other.covered.as_ref().is_ok_and(|other| other.gap_start >= covered.end)
            && other.timestamp.as_ref().is_some_and(|token| token.proof.is_ok())
    });
    let later_stamps = later.count();
    let kept = !store.certificates.is_empty() && !store.evidence.is_empty();
    Some(
        match (checked.stamped, later_stamps, kept && checked.shown_within) {
            (true, 1.., true) | (false, 2.., true) => "PAdES-B-LTA",
            (true, 0, true) | (false, 1, true) => "PAdES-B-LT",
            (true, ..) | (false, 1.., _) => "PAdES-B-T",
            (false, 0, _) => "PAdES-B-B",
        }
        .to_owned(),
    )
}

/// What the DSS dictionary of the catalogue keeps.
fn store(pdf: &Pdf) -> Store {
    let mut store = Store::default();
    let Some(catalogue) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) else { return store };
    let Some(dss) = catalogue.get::<Dict<'_>>("DSS") else { return store };
    let mut left = STORED_BYTES_ALL_MAX;
    let mut seen = HashSet::new();
    let mut streams = |holder: &Dict<'_>, key: &str, most: usize| -> Vec<Vec<u8>> {
        let array = holder.get::<Array<'_>>(key);
        let found = array.iter().flat_map(|array| array.iter::<Stream<'_>>()).take(most);
        let mut kept = Vec::new();
        for stream in found {
            if !seen.insert(stream.obj_id()) {
                continue;
            }
            let Some(bytes) = unpacked(&stream) else { continue };
            let Some(rest) = left.checked_sub(bytes.len()) else { break };
            left = rest;
            kept.push(bytes);
        }
        kept
    };
    // What belongs to one signature (VRI) should stand among the rest, too; some programs write it there only.
    let each = dss.get::<Dict<'_>>("VRI");
    let each =
        each.iter().flat_map(|each| each.keys().filter_map(|key| each.get::<Dict<'_>>(key)).take(SIGNATURES_MAX));
    let names = |own: bool| if own { ["Cert", "CRL", "OCSP"] } else { ["Certs", "CRLs", "OCSPs"] };
    for (holder, own) in std::iter::once((dss.clone(), false)).chain(each.map(|one| (one, true))) {
        let [certificates, lists, answers] = names(own);
        let found = streams(&holder, certificates, CERTIFICATES_MAX);
        let room = CERTIFICATES_MAX.saturating_sub(store.certificates.len());
        store.certificates.extend(found.iter().filter_map(|der| Certificate::read(der)).take(room));
        streams(&holder, lists, REVOCATIONS_MAX).iter().for_each(|der| store.evidence.add_list(der));
        streams(&holder, answers, REVOCATIONS_MAX).iter().for_each(|der| store.evidence.add_answer(der));
    }
    store
}

/// The bytes of a stream of the store, no more than it may hold: the library would unpack whatever it is told to.
fn unpacked(stream: &Stream<'_>) -> Option<Vec<u8>> {
    let raw = stream.raw_data();
    let filters: Vec<Vec<u8>> = match stream.dict().get::<Object<'_>>("Filter") {
        None | Some(Object::Null(_)) => Vec::new(),
        Some(Object::Name(one)) => vec![one.as_ref().to_vec()],
        Some(Object::Array(all)) => all.iter::<Name<'_>>().take(2).map(|one| one.as_ref().to_vec()).collect(),
        Some(_) => return None,
    };
    let mut bytes = Vec::new();
    match filters.as_slice() {
        [] => bytes.extend_from_slice(raw.get(..=STORED_BYTES_MAX).unwrap_or(&raw)),
        [one] if one == b"FlateDecode" || one == b"Fl" => {
            // What came before a damaged end is taken, as readers of PDF do.
            let most = STORED_BYTES_MAX as u64 + 1;
            drop(ZlibDecoder::new(raw.as_ref()).take(most).read_to_end(&mut bytes));
        }
        // Filters upon filters blow a few bytes up without end.
        _ => return None,
    }
    (bytes.len() <= STORED_BYTES_MAX).then_some(bytes)
}

/// A date of PDF: `D:YYYYMMDDHHmmSS+HH'mm'`.
fn claimed(date: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(date).ok()?;
    let text = text.strip_prefix("D:").unwrap_or(text);
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let year = text.get(..4)?.parse::<i16>().ok()?;
    let second = number(12, 14).unwrap_or(0);
    let civil =
        jiff::civil::DateTime::new(year, number(4, 6)?, number(6, 8)?, number(8, 10)?, number(10, 12)?, second, 0);
    let sign = match text.get(14..15) {
        Some("+") => 1,
        Some("-") => -1,
        _ => 0,
    };
    let minutes = i32::from(number(15, 17).unwrap_or(0)) * 60 + i32::from(number(18, 20).unwrap_or(0));
    jiff::tz::Offset::from_seconds(sign * minutes * 60).ok()?.to_timestamp(civil.ok()?).ok()
}
