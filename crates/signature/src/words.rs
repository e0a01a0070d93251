//! The sentences that people read: what was found, and what it means for them, in both languages.

use criteria::Text;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::cms::Unsound;
use crate::path::NoPath;
use crate::report::{Change, SubIndication, Verdict};
use crate::timestamp::Doubt;

/// A verdict, why, and the sentence.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub verdict: Verdict,
    pub sub_indication: Option<SubIndication>,
    pub message: Text,
}

fn outcome(verdict: Verdict, sub: SubIndication, vi: impl Into<String>, en: impl Into<String>) -> Outcome {
    Outcome { verdict, sub_indication: Some(sub), message: Text::new(vi, en) }
}

pub(crate) fn invalid(sub: SubIndication, vi: impl Into<String>, en: impl Into<String>) -> Outcome {
    outcome(Verdict::Invalid, sub, vi, en)
}

pub(crate) fn indeterminate(sub: SubIndication, vi: impl Into<String>, en: impl Into<String>) -> Outcome {
    outcome(Verdict::Indeterminate, sub, vi, en)
}

/// The day and minute of an instant in Viet Nam.
pub(crate) fn moment(time: Timestamp) -> String {
    Offset::constant(7).to_datetime(time).strftime("%d/%m/%Y %H:%M").to_string()
}

/// Why a signature is not sound.
pub(crate) fn unsound(why: &Unsound) -> Outcome {
    match why {
        Unsound::Format(part) => invalid(
            SubIndication::FormatFailure,
            format!("Chữ ký không đúng chuẩn (phần {part}), không dùng được."),
            format!("The signature is not built as the standard says ({part}) and cannot be used."),
        ),
        Unsound::NoCertificate => indeterminate(
            SubIndication::NoSigningCertificateFound,
            "Trong tệp không có chứng thư của người ký nên không biết ai đã ký.",
            "The signer's certificate is not in the file, so nobody can tell who signed.",
        ),
        Unsound::Hash => invalid(
            SubIndication::HashFailure,
            "Nội dung đã bị thay đổi sau khi ký.",
            "The content was changed after it was signed.",
        ),
        Unsound::Value => invalid(
            SubIndication::SigCryptoFailure,
            "Giá trị chữ ký không khớp với chứng thư: chữ ký bị sửa hoặc bị ghép từ nơi khác.",
            "The signature value does not fit the certificate: it was altered or taken from elsewhere.",
        ),
        Unsound::Unsupported(what) => indeterminate(
            SubIndication::CryptoConstraintsFailure,
            format!("Chữ ký dùng thuật toán chưa kiểm tra được ở đây ({what})."),
            format!("The signature uses an algorithm that is not checked here ({what})."),
        ),
    }
}

/// Why no path leads from the signer to an anchor.
pub(crate) fn no_path(why: &NoPath, anchors_installed: bool, proven: Option<Timestamp>) -> Outcome {
    match (why, proven) {
        (NoPath::Unknown, _) if !anchors_installed => indeterminate(
            SubIndication::NoCertificateChainFound,
            "Chữ ký khớp với nội dung, nhưng chưa cài chứng thư gốc nào nên không kết luận được người ký là ai.",
            "The signature fits the content, but no trust anchor is installed, so the signer cannot be confirmed.",
        ),
        (NoPath::Unknown, _) => indeterminate(
            SubIndication::NoCertificateChainFound,
            "Chữ ký khớp với nội dung, nhưng chứng thư của người ký không dẫn tới chứng thư gốc nào được tin cậy.",
            "The signature fits the content, but the signer's certificate leads to no trusted anchor.",
        ),
        (NoPath::Expired, Some(time)) => indeterminate(
            SubIndication::OutOfBoundsNoPoe,
            format!("Dấu thời gian cho biết chữ ký có từ {}, khi đó chứng thư đã hết hạn.", moment(time)),
            format!("The timestamp shows the signature at {}, when the certificate had already run out.", moment(time)),
        ),
        (NoPath::Expired, None) => indeterminate(
            SubIndication::OutOfBoundsNoPoe,
            "Chứng thư đã hết hạn và không có dấu thời gian tin cậy nào chứng minh chữ ký có trước khi hết hạn.",
            "The certificate has run out, and no trusted timestamp proves that the signature is older.",
        ),
        (NoPath::NotYetValid, Some(time)) => invalid(
            SubIndication::NotYetValid,
            format!("Chữ ký đã có từ {}, trước khi chứng thư có hiệu lực.", moment(time)),
            format!("The signature existed at {}, before the certificate became valid.", moment(time)),
        ),
        (NoPath::NotYetValid, None) => indeterminate(
            SubIndication::OutOfBoundsNoPoe,
            "Chứng thư chưa có hiệu lực vào thời điểm kiểm tra.",
            "The certificate is not valid yet at the time of checking.",
        ),
        (NoPath::Constraint(what), _) => indeterminate(
            SubIndication::ChainConstraintsFailure,
            format!("Chuỗi chứng thư vi phạm một ràng buộc ({what})."),
            format!("The certificate chain breaks one of its constraints ({what})."),
        ),
    }
}

/// Why a timestamp proves nothing.
pub(crate) fn doubt(why: &Doubt) -> Outcome {
    let (sub, vi, en) = match why {
        Doubt::Format => (
            SubIndication::SigConstraintsFailure,
            "Dấu thời gian đi kèm không đọc được.".to_owned(),
            "The timestamp that comes with the signature cannot be read.".to_owned(),
        ),
        Doubt::AnotherValue => (
            SubIndication::SigConstraintsFailure,
            "Dấu thời gian đi kèm thuộc về một chữ ký khác.".to_owned(),
            "The timestamp that comes with the signature belongs to another one.".to_owned(),
        ),
        Doubt::Unsound(_) => (
            SubIndication::SigConstraintsFailure,
            "Dấu thời gian đi kèm không nguyên vẹn.".to_owned(),
            "The timestamp that comes with the signature is not sound.".to_owned(),
        ),
        Doubt::NoPath(NoPath::Unknown) => (
            SubIndication::NoCertificateChainFound,
            "Dấu thời gian đi kèm do một nơi không được tin cậy cấp.".to_owned(),
            "The timestamp that comes with the signature was issued by an authority that is not trusted.".to_owned(),
        ),
        Doubt::NoPath(NoPath::Constraint(what)) => (
            SubIndication::ChainConstraintsFailure,
            format!("Chuỗi chứng thư của nơi cấp dấu thời gian vi phạm một ràng buộc ({what})."),
            format!("The certificate chain of the timestamping authority breaks one of its constraints ({what})."),
        ),
        Doubt::NoPath(NoPath::Expired | NoPath::NotYetValid) => (
            SubIndication::OutOfBoundsNoPoe,
            "Chứng thư của nơi cấp dấu thời gian không hợp lệ vào lúc cấp.".to_owned(),
            "The certificate of the timestamping authority was not valid when the timestamp was issued.".to_owned(),
        ),
        Doubt::Purpose => (
            SubIndication::ChainConstraintsFailure,
            "Dấu thời gian đi kèm được cấp bằng chứng thư không dùng để cấp dấu thời gian.".to_owned(),
            "The timestamp was issued with a certificate that is not meant for timestamping.".to_owned(),
        ),
        Doubt::Future => (
            SubIndication::SigConstraintsFailure,
            "Dấu thời gian đi kèm ghi một thời điểm sau lúc kiểm tra.".to_owned(),
            "The timestamp that comes with the signature names a time after the time of checking.".to_owned(),
        ),
        Doubt::Revoked(at) => (
            SubIndication::RevokedNoPoe,
            format!("Chứng thư của nơi cấp dấu thời gian đã bị thu hồi từ {}.", moment(*at)),
            format!("The certificate of the timestamping authority was revoked at {}.", moment(*at)),
        ),
        Doubt::Weak => (
            SubIndication::CryptoConstraintsFailure,
            "Dấu thời gian đi kèm dùng thuật toán quá yếu.".to_owned(),
            "The timestamp that comes with the signature uses an algorithm that is too weak.".to_owned(),
        ),
    };
    indeterminate(sub, vi, en)
}

/// What a later change is called, within a sentence.
pub(crate) fn change(change: Change) -> (&'static str, &'static str) {
    match change {
        Change::Signature => ("thêm chữ ký", "a further signature"),
        Change::DocumentTimestamp => ("thêm dấu thời gian", "a document timestamp"),
        Change::ValidationData => ("thêm dữ liệu kiểm tra lâu dài", "validation data"),
        Change::Metadata => ("đổi thông tin mô tả", "changed metadata"),
        Change::FormFilled => ("điền biểu mẫu", "form filling"),
        Change::Annotations => ("thêm hoặc sửa chú thích", "annotations"),
        Change::Content => ("đổi nội dung", "changed content"),
        Change::UnknownBytes => ("thêm dữ liệu lạ", "unknown bytes"),
    }
}

/// All is well.
pub(crate) fn valid(proven: Option<Timestamp>, revocation_known: bool) -> Outcome {
    let (mut vi, mut en) = match proven {
        Some(time) => (
            format!("Chữ ký hợp lệ; dấu thời gian tin cậy chứng minh chữ ký có từ {}.", moment(time)),
            format!("The signature is valid; a trusted timestamp proves it at {}.", moment(time)),
        ),
        None => (
            "Chữ ký hợp lệ; không có dấu thời gian, giờ ký chỉ là lời khai.".to_owned(),
            "The signature is valid; there is no timestamp, so the time of signing is only claimed.".to_owned(),
        ),
    };
    if !revocation_known {
        vi.push_str(" Tệp không kèm dữ liệu cho biết chứng thư có bị thu hồi hay không.");
        en.push_str(" The file carries nothing that tells whether the certificate was revoked.");
    }
    Outcome { verdict: Verdict::Valid, sub_indication: None, message: Text::new(vi, en) }
}
