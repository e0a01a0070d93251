//! What kind of file it is, and signatures outside PDF: CMS beside or around its content, XML, office packages.

use criteria::Text;

use crate::asn1;
use crate::cms::{Binding, SignedData, Unsound};
use crate::path::{base64, pem_blocks};
use crate::pdf::times;
use crate::report::{FileKind, Kind, Report, SignatureReport, SubIndication, Verdict};
use crate::validate::{self, Context, Request};
use crate::words;

/// The DER of the object identifier of SignedData.
const SIGNED_DATA_DER: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

/// How .doc, .xls and .ppt begin.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What kind of file it is, by its bytes; names lie.
pub(crate) fn kind(file: &[u8]) -> FileKind {
    let head = file.get(..1_024).unwrap_or(file);
    let cms = cms(file);
    // A PDF within a signature begins near the beginning, too.
    let within = || cms.as_deref().and_then(SignedData::read).and_then(|data| data.content);
    if contains(head, b"%PDF-") && within().is_none() {
        return FileKind::Pdf;
    }
    if cms.is_some() {
        return FileKind::Cms;
    }
    if file.starts_with(b"PK\x03\x04") {
        let office =
            contains(file, b"[Content_Types].xml") || contains(file, b"mimetypeapplication/vnd.oasis.opendocument");
        return if office { FileKind::OfficePackage } else { FileKind::Other };
    }
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    if text.starts_with(b"<") || file.starts_with(b"\xff\xfe<\0") || file.starts_with(b"\xfe\xff\0<") {
        return FileKind::Xml;
    }
    // A PDF that lost its head still shows where it was signed.
    if contains(file, b"/ByteRange") && contains(file, b"/Contents") { FileKind::Pdf } else { FileKind::Other }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, _)) = needle.split_first() else { return true };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Whether a text holds the words, in an encoding of one byte a letter or of two.
fn says(text: &[u8], words: &[u8]) -> bool {
    let wide =
        |first: bool| words.iter().flat_map(|byte| if first { [*byte, 0] } else { [0, *byte] }).collect::<Vec<_>>();
    contains(text, words) || contains(text, &wide(true)) || contains(text, &wide(false))
}

/// The BER of a CMS file: as it is, in PEM, or in bare base64.
fn cms(file: &[u8]) -> Option<Vec<u8>> {
    let is_cms = |bytes: &[u8]| {
        bytes.first() == Some(&asn1::SEQUENCE) && contains(bytes.get(..32).unwrap_or(bytes), SIGNED_DATA_DER)
    };
    if is_cms(file) {
        return Some(file.to_vec());
    }
    if file.starts_with(b"-----BEGIN ") {
        return ["PKCS7", "CMS"].iter().flat_map(|label| pem_blocks(file, label)).find(|block| is_cms(block));
    }
    if !file.starts_with(b"MI") {
        return None;
    }
    base64(std::str::from_utf8(file).ok()?).filter(|bytes| is_cms(bytes))
}

/// Checks a CMS file: around its content, or beside `content`.
pub(crate) fn check_cms(file: &[u8], content: Option<&[u8]>, request: &Request<'_>) -> Report {
    let Some(data) = cms(file).and_then(|bytes| SignedData::read(&bytes)) else {
        let outcome = words::unsound(&Unsound::Format("CMS"));
        return Report::bare(FileKind::Cms, outcome.verdict, outcome.sub_indication, outcome.message);
    };
    let form = if data.content.is_some() { "p7m" } else { "p7s" };
    // Opened as what it contains, such a file would show what stands around the signed content.
    let beside = |word: &[u8]| times(file, word) > data.content.as_deref().map_or(0, |within| times(within, word));
    if beside(b"startxref") || beside(b"endobj") {
        let outcome = words::unsound(&Unsound::Format("eContent"));
        return Report::bare(FileKind::Cms, outcome.verdict, outcome.sub_indication, outcome.message);
    }
    let signatures = (0..data.signers.len()).map(|index| {
        let mut report = signer(&data, index, content, request);
        report.format = Some(form.to_owned());
        report.covers_whole_file = true;
        report
    });
    crate::summary(FileKind::Cms, signatures.collect())
}

fn signer(data: &SignedData, index: usize, content: Option<&[u8]>, request: &Request<'_>) -> SignatureReport {
    let bare = |outcome: words::Outcome| {
        SignatureReport::bare(outcome.verdict, outcome.sub_indication, outcome.message, Kind::Signature)
    };
    let signed_over = match (data.content.as_deref(), content) {
        (Some(carried), Some(beside)) if carried != beside => return bare(words::unsound(&Unsound::Hash)),
        (Some(carried), _) => carried,
        (None, Some(beside)) => beside,
        (None, None) => {
            let mut report = bare(words::indeterminate(
                SubIndication::SignedDataNotFound,
                "Chữ ký nằm ở tệp rời; cần đặt cạnh nó tệp đã được ký (cùng tên, bỏ đuôi .p7s) để kiểm tra.",
                "This is a signature in a file of its own; put the signed file beside it (same name without .p7s).",
            ));
            if let Some(certificate) = data.check(index, &[], &[]).and_then(|signed| signed.certificate) {
                validate::describe(&mut report, &certificate);
            }
            return report;
        }
    };
    let Some(signed) = data.check(index, &[signed_over], &[]) else {
        return bare(words::unsound(&Unsound::Format("SignerInfo")));
    };
    let context = Context { pool: data.certificates.clone(), evidence: data.evidence.clone(), ..Context::default() };
    let checked = validate::check(&signed, &context, request);
    let level = match (checked.binding, checked.stamped, checked.shown_within) {
        (Binding::Fits, true, true) => Some("CAdES-B-LT"),
        (Binding::Fits, true, false) => Some("CAdES-B-T"),
        (Binding::Fits, false, _) => Some("CAdES-B-B"),
        (Binding::Absent | Binding::Another, ..) => None,
    };
    let mut report = checked.report;
    report.level = level.map(str::to_owned);
    report
}

/// Files in which signatures are recognised but not checked, or not looked for.
pub(crate) fn check_other(file: &[u8], kind: FileKind) -> Report {
    let signed_as = match kind {
        FileKind::Xml => says(file, b"http://www.w3.org/2000/09/xmldsig#").then_some("XML-DSig"),
        FileKind::OfficePackage if contains(file, b"_xmlsignatures/") => Some("OOXML"),
        FileKind::OfficePackage => contains(file, b"META-INF/documentsignatures.xml").then_some("ODF"),
        FileKind::Other if file.starts_with(b"PK\x03\x04") => {
            contains(file, b"mimetypeapplication/vnd.etsi.asic-").then_some("ASiC")
        }
        // The names of its parts are in UTF-16; the older kind of signature has a stream of its own.
        FileKind::Other if file.starts_with(COMPOUND_FILE) => {
            (says(file, b"_xmlsignatures") || says(file, b"_signatures")).then_some("Office 97-2003")
        }
        FileKind::Pdf | FileKind::Cms | FileKind::Other => None,
    };
    if let Some(form) = signed_as {
        let mut report = SignatureReport::bare(
            Verdict::Indeterminate,
            Some(SubIndication::Generic),
            Text::new(
                format!("Tệp có chữ ký, nhưng loại này ({form}) chưa kiểm tra được ở đây."),
                format!("The file is signed, but signatures of this kind ({form}) are not checked here."),
            ),
            Kind::NotChecked,
        );
        report.format = Some(form.to_owned());
        return crate::summary(kind, vec![report]);
    }
    if file.is_empty() {
        return Report::bare(
            kind,
            Verdict::Indeterminate,
            Some(SubIndication::FormatFailure),
            Text::new("Tệp rỗng.", "The file is empty."),
        );
    }
    let (vi, en) = match kind {
        FileKind::Other => (
            "Không nhận ra loại tệp này; không thấy chữ ký số nào.",
            "The kind of file is not known here; no digital signature was seen.",
        ),
        FileKind::Xml | FileKind::OfficePackage | FileKind::Pdf | FileKind::Cms => {
            ("Tệp không có chữ ký số.", "The file carries no digital signature.")
        }
    };
    Report::bare(kind, Verdict::Unsigned, None, Text::new(vi, en))
}
