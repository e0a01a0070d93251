//! The sentences that people read: what was found, and what it means for them, in both languages.

use criteria::Text;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::cms::Unsound;
use crate::online::{Asked, Told};
use crate::path::NoPath;
use crate::report::{Change, Revocation, SubIndication, Verdict};
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
            format!("Chuỗi chứng thư vi phạm một ràng buộc: {}.", constraint(what).0),
            format!("The certificate chain breaks one of its constraints: {}.", constraint(what).1),
        ),
    }
}

/// A constraint in words; those that hardly occur keep the library's name.
fn constraint(name: &str) -> (&str, &str) {
    match name {
        "UnsupportedCriticalExtension" => (
            "chứng thư có phần mở rộng bắt buộc phải hiểu mà ở đây không hiểu",
            "a certificate has an extension that must be understood, and is not understood here",
        ),
        "CaUsedAsEndEntity" => (
            "chứng thư của nơi cấp được dùng để ký văn bản",
            "the certificate of an authority was used to sign a document",
        ),
        "EndEntityUsedAsCa" => (
            "chứng thư của người dùng được dùng để cấp chứng thư khác",
            "the certificate of a person was used to issue another one",
        ),
        "keyCertSign" => (
            "khóa của nơi cấp không được phép cấp chứng thư",
            "an authority's key may not be used to issue certificates",
        ),
        "PathLenConstraintViolated" => {
            ("chuỗi dài hơn mức nơi cấp cho phép", "the chain is longer than an authority allows")
        }
        "NameConstraintViolation" => {
            ("tên người ký nằm ngoài phạm vi của nơi cấp", "the name is outside what an authority may name")
        }
        "UnsupportedCertVersion" => ("chứng thư theo phiên bản cũ (v1)", "a certificate is of an old version (v1)"),
        name if name.starts_with("UnsupportedSignatureAlgorithm") => (
            "chứng thư được ký bằng thuật toán chưa kiểm tra được ở đây",
            "a certificate is signed with an algorithm that is not checked here",
        ),
        name => (name, name),
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
            format!("Chuỗi chứng thư của nơi cấp dấu thời gian vi phạm một ràng buộc: {}.", constraint(what).0),
            format!(
                "The certificate chain of the timestamping authority breaks one of its constraints: {}.",
                constraint(what).1
            ),
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
        Doubt::Outdated => (
            SubIndication::OutOfBoundsNoPoe,
            "Chứng thư của nơi cấp dấu thời gian nay đã hết hạn, và không có dấu thời gian mới hơn nối tiếp."
                .to_owned(),
            "The certificate of the timestamping authority has run out since, and no newer timestamp continues it."
                .to_owned(),
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

/// All is well; `lack` is why a timestamp that came along proves no time.
pub(crate) fn valid(proven: Option<Timestamp>, revocation_known: bool, lack: Option<&Doubt>) -> Outcome {
    let (mut vi, mut en) = match (proven, lack) {
        (Some(time), _) => (
            format!("Chữ ký hợp lệ; dấu thời gian tin cậy chứng minh chữ ký có từ {}.", moment(time)),
            format!("The signature is valid; a trusted timestamp proves it at {}.", moment(time)),
        ),
        (None, Some(why)) => {
            let why = doubt(why).message;
            (
                format!("Chữ ký hợp lệ; giờ ký chỉ là lời khai. {}", why.vi),
                format!("The signature is valid; the time of signing is only claimed. {}", why.en),
            )
        }
        (None, None) => (
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

/// What was heard from outside the file, added to what was found.
pub(crate) fn heard(mut outcome: Outcome, asked: &[Asked], standing: Revocation) -> Outcome {
    if asked.is_empty() {
        return outcome;
    }
    let (vi, en) = match standing {
        Revocation::Good => (
            format!(" Đã hỏi qua mạng: không bị thu hồi ({}).", places(asked, |told| told == Told::Good, false)),
            format!(" Asked online: not revoked ({}).", places(asked, |told| told == Told::Good, true)),
        ),
        Revocation::Revoked => {
            let revokes = |told| told == Told::Revoked;
            if !asked.iter().any(|one| revokes(one.told)) {
                return outcome;
            }
            (
                format!(" Biết được khi hỏi qua mạng ({}).", places(asked, revokes, false)),
                format!(" This was learnt by asking online ({}).", places(asked, revokes, true)),
            )
        }
        Revocation::Unknown => {
            let silent = |told| !matches!(told, Told::Good | Told::Revoked);
            if !asked.iter().any(|one| silent(one.told)) {
                return outcome;
            }
            (
                format!(" Đã hỏi qua mạng nhưng không có câu trả lời dùng được ({}).", places(asked, silent, false)),
                format!(" Asking online gave no answer that counts ({}).", places(asked, silent, true)),
            )
        }
    };
    outcome.message.vi.push_str(&vi);
    outcome.message.en.push_str(&en);
    outcome
}

/// Who told something, when, and what where that is not said already.
fn places(asked: &[Asked], wanted: impl Fn(Told) -> bool, english: bool) -> String {
    let mut told: Vec<String> = Vec::new();
    for one in asked.iter().filter(|one| wanted(one.told)) {
        let at = moment(one.at);
        let why = match self::told(one.told) {
            ("", _) => String::new(),
            (vi, en) => format!(": {}", if english { en } else { vi }),
        };
        let when = if english { "at" } else { "lúc" };
        let place = format!("{} {when} {at}{why}", one.url);
        if !told.contains(&place) {
            told.push(place);
        }
    }
    told.join("; ")
}

/// Why an answer says nothing.
fn told(told: Told) -> (&'static str, &'static str) {
    match told {
        Told::Good | Told::Revoked => ("", ""),
        Told::NotKnown => ("nơi này không biết chứng thư", "it does not know the certificate"),
        Told::Stale => ("câu trả lời không còn đúng thời điểm", "the answer is about another time"),
        Told::NotEntitled => ("không do nơi cấp chứng thư ký", "not signed for the certificate's issuer"),
        Told::Unfit => {
            ("câu trả lời không đọc được hoặc về việc khác", "the answer cannot be read or is beside the point")
        }
        Told::Refused => ("địa chỉ không được phép hỏi", "the address must not be asked"),
        Told::Down => ("không trả lời", "no answer"),
        Told::Slow => ("trả lời quá chậm", "the answer took too long"),
        Told::TooLarge => ("câu trả lời quá lớn", "the answer is too large"),
    }
}
