//! Verdicts on signatures for whoever has little time: how many are how, and what to do next.

use signature::{Change, Kind, Report, SignatureReport, SubIndication, Verdict};

use super::proof::known;
use crate::view::{L, verdict_words};

/// Who reads the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anybody, about a file that is not kept.
    Public,
    /// Somebody who has to do with a sheet, where an appraiser may accept what is indeterminate.
    Evidence,
}

/// The next step; none where nothing is left to do.
pub fn next_step(l: L, report: &Report, place: Place) -> Option<String> {
    let noted = |change| report.signatures.iter().any(|one| one.changes_after.contains(&change));
    let stamps_only =
        !report.signatures.is_empty() && report.signatures.iter().all(|one| one.kind == Kind::DocumentTimestamp);
    let step = match report.verdict {
        Verdict::Valid if stamps_only => signed_copy(l),
        Verdict::Valid if noted(Change::Annotations) || noted(Change::FormFilled) => l.say(
            "mở tệp xem phần được thêm sau khi ký có đúng không.",
            "open the file and see whether what was added after signing is right.",
        ),
        Verdict::Valid => return None,
        Verdict::Unsigned => signed_copy(l),
        Verdict::Invalid => l.say(
            "đừng dùng bản này; xin tệp gốc từ nơi ký, chưa qua sửa hay in lại, rồi nộp tệp đó.",
            "do not use this copy; ask whoever signed for the original file, not edited or printed again, and hand that in.",
        ),
        Verdict::Indeterminate => doubtful(l, report.sub_indication, noted(Change::Annotations)),
    };
    let accepting = match (report.verdict, place) {
        (Verdict::Indeterminate, Place::Evidence) => l.say(
            " Không có cách khác thì người thẩm định xem tệp và có thể chấp nhận, kèm lý do.",
            " Failing that, the appraiser looks at the file and may accept it, with a reason.",
        ),
        _ => "",
    };
    Some(format!("{step}{accepting}"))
}

fn signed_copy(l: L) -> &'static str {
    l.say(
        "nơi nào cần chữ ký số thì dùng tệp điện tử đã ký số, không phải bản quét của giấy có dấu.",
        "where a digital signature is asked for, use the file that was signed, not a scan of the stamped paper.",
    )
}

fn doubtful(l: L, why: Option<SubIndication>, annotated: bool) -> &'static str {
    match why {
        Some(SubIndication::NoCertificateChainFound) => l.say(
            "nhờ người vận hành cài chứng thư gốc của nơi cấp (VGCA, NEAC), rồi kiểm tra lại.",
            "ask the operator to install the issuer's root certificate (VGCA, NEAC), then have it checked again.",
        ),
        Some(SubIndication::OutOfBoundsNoPoe | SubIndication::CryptoConstraintsFailureNoPoe) => l.say(
            "xin bản có dấu thời gian, hoặc bản được ký lại bằng chứng thư còn hạn.",
            "ask for a copy with a timestamp, or one signed again with a certificate that has not run out.",
        ),
        Some(SubIndication::RevokedNoPoe | SubIndication::RevokedCaNoPoe) => l.say(
            "hỏi lại người ký; xin bản được ký bằng chứng thư chưa bị thu hồi.",
            "ask the signer; a copy signed with a certificate that is not revoked is needed.",
        ),
        Some(SubIndication::SigConstraintsFailure) if annotated => l.say(
            "mở tệp xem phần thêm có che hay đổi điều đã ký không; nghi ngờ thì xin bản gốc.",
            "open the file and see whether what was added covers or alters what was signed; in doubt ask for the original.",
        ),
        Some(SubIndication::SignedDataNotFound | SubIndication::NoSigningCertificateFound) => {
            l.say("đưa kèm tệp được ký, hoặc xin bản có đủ chứng thư.", "add the signed file, or ask for a copy with all certificates.")
        }
        Some(SubIndication::TryLater) => {
            l.say("kiểm tra lại sau khi nơi cấp trả lời.", "check again once the issuer answers.")
        }
        Some(SubIndication::FormatFailure) => l.say(
            "tải lại tệp từ nơi gửi: bản này bị hỏng hoặc bị cắt.",
            "fetch the file again from whoever sent it: this copy is damaged or cut short.",
        ),
        Some(SubIndication::Generic) | None => l.say(
            "dùng bản PDF có ký số, không đặt mật khẩu.",
            "use the PDF with its digital signature, without a password.",
        ),
        Some(_) => l.say(
            "xin bản được ký lại bằng chứng thư dành cho ký văn bản, thuật toán hiện hành.",
            "ask for a copy signed again with a certificate meant for documents and today's algorithms.",
        ),
    }
}

/// "2 signatures: 1 valid, 1 invalid."
pub fn tally(l: L, signatures: &[&SignatureReport]) -> String {
    let parts = [Verdict::Valid, Verdict::Indeterminate, Verdict::Invalid].into_iter().filter_map(|verdict| {
        let count = signatures.iter().filter(|one| one.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {}", verdict_words(l, known(verdict)).1.to_lowercase()))
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    format!("{} {}: {parts}.", signatures.len(), l.say("chữ ký", "signatures"))
}
