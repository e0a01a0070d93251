//! The process of ETSI EN 319 102-1 for one signature: building blocks in their order, the first failure answers.

use jiff::Timestamp;

use crate::algorithm::{Digest, Key, Scheme, key_kind};
use crate::certificate::Certificate;
use crate::cms::{Binding, Signed};
use crate::online::{Fetched, Inquiry};
use crate::path::{self, Anchors, NoPath};
use crate::policy::Policy;
use crate::report::{Kind, Revocation, SignatureReport, SubIndication};
use crate::revocation::{Evidence, Standing};
use crate::timestamp::{self, Doubt, Surroundings, Token};
use crate::words::{self, Outcome};

/// What checking depends on beside the file: nothing else does.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The time of checking.
    pub now: Timestamp,
    /// Whom the operator trusts.
    pub anchors: &'a Anchors,
    /// What the operator takes for strong enough.
    pub policy: &'a Policy,
    /// What was fetched about revocation from outside the file, where the operator allows that.
    pub fetched: &'a [Fetched],
}

/// What stands around a signature in its file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// Certificates elsewhere in the file.
    pub pool: Vec<Certificate>,
    /// Revocation evidence elsewhere in the file.
    pub evidence: Evidence,
    /// Times at which trusted document timestamps saw this signature.
    pub seen: Vec<Timestamp>,
    /// A time proved by what the signature covers: it was made later.
    pub not_before: Option<Timestamp>,
    /// Whether the format demands that the certificate is among what is signed.
    pub binding_required: bool,
    /// Digests that the format uses beside the signature's own.
    pub digests: Vec<Digest>,
}

/// What a check leaves behind for the level and for later checks.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub report: SignatureReport,
    /// Whether a trusted timestamp on the value itself is there.
    pub stamped: bool,
    pub binding: Binding,
    /// Whether the file itself shows that nothing was revoked.
    pub shown_within: bool,
}

/// Checks one signature.
pub(crate) fn check(signed: &Signed, context: &Context, request: &Request<'_>) -> Checked {
    let mut pool = context.pool.clone();
    pool.extend(signed.certificates.iter().cloned());
    let mut evidence = context.evidence.clone();
    evidence.extend(&signed.evidence);
    let around = Surroundings {
        pool: &context.pool,
        evidence: &context.evidence,
        anchors: request.anchors,
        policy: request.policy,
        now: request.now,
        seen: context.seen.iter().min().copied().unwrap_or(request.now),
        fetched: request.fetched,
    };
    let tokens: Vec<Token> =
        signed.timestamps.iter().map(|token| timestamp::check(token, &[&signed.value], &around)).collect();
    for token in &tokens {
        pool.extend(token.certificates.iter().cloned());
    }
    let stamped = tokens.iter().filter_map(|token| token.proof.as_ref().ok()).min().copied();
    // A value that is not sound was seen by nobody.
    let proven =
        if signed.soundness.is_ok() { stamped.into_iter().chain(context.seen.iter().copied()).min() } else { None };

    let mut revocation = Revocation::Unknown;
    let mut inquiry = Inquiry::default();
    let outcome = outcome(signed, context, request, &pool, &evidence, &tokens, proven, &mut revocation, &mut inquiry);
    let shown_within = revocation == Revocation::Good && !inquiry.settled;
    tokens.iter().for_each(|token| inquiry.extend(&token.inquiry));
    let mut report = SignatureReport::bare(outcome.verdict, outcome.sub_indication, outcome.message, Kind::Signature);
    report.revocation = revocation;
    (report.online, report.wishes) = (inquiry.asked, inquiry.wishes);
    report.algorithm = signed.scheme.map(scheme_name);
    report.claimed_time = signed.claimed_time;
    report.proven_time = proven;
    if let Some(certificate) = &signed.certificate {
        describe(&mut report, certificate);
    }
    Checked { report, stamped: stamped.is_some(), binding: signed.binding, shown_within }
}

/// Says who holds the certificate and who issued it.
pub(crate) fn describe(report: &mut SignatureReport, certificate: &Certificate) {
    let holder = certificate.holder();
    report.signer = holder.name;
    report.organisation = holder.organisation;
    report.units = holder.units;
    report.position = holder.position;
    report.email = holder.email;
    report.issuer = certificate.issuer_text();
    report.serial = Some(certificate.serial_text());
    report.not_before = Some(certificate.not_before());
    report.not_after = Some(certificate.not_after());
}

fn scheme_name(scheme: Scheme) -> String {
    match scheme {
        Scheme::Pkcs1(digest) => format!("RSA {}", digest.name()),
        Scheme::Pss(digest, _) => format!("RSA-PSS {}", digest.name()),
        Scheme::Ecdsa(digest) => format!("ECDSA {}", digest.name()),
    }
}

#[expect(clippy::too_many_arguments, reason = "the building blocks share what was gathered; one caller")]
fn outcome(
    signed: &Signed,
    context: &Context,
    request: &Request<'_>,
    pool: &[Certificate],
    evidence: &Evidence,
    tokens: &[Token],
    proven: Option<Timestamp>,
    revocation: &mut Revocation,
    inquiry: &mut Inquiry,
) -> Outcome {
    if let Err(why) = &signed.soundness {
        return words::unsound(why);
    }
    let Some(certificate) = &signed.certificate else { return words::unsound(&crate::cms::Unsound::NoCertificate) };
    match signed.binding {
        Binding::Another => {
            return words::indeterminate(
                SubIndication::NoSigningCertificateFound,
                "Chứng thư trong tệp không phải là chứng thư mà người ký đã nêu khi ký.",
                "The certificate in the file is not the one that the signer named when signing.",
            );
        }
        Binding::Absent if context.binding_required => {
            return words::indeterminate(
                SubIndication::SigConstraintsFailure,
                "Chữ ký thiếu thuộc tính bắt buộc cho biết đã ký bằng chứng thư nào.",
                "The signature lacks the mandatory attribute that names the certificate it was made with.",
            );
        }
        Binding::Absent | Binding::Fits => {}
    }
    if !certificate.may_sign() || only_for_servers_or_responders(certificate) {
        return words::indeterminate(
            SubIndication::ChainConstraintsFailure,
            "Chứng thư này không được cấp để ký văn bản.",
            "This certificate was not issued for signing documents.",
        );
    }

    let time = proven.unwrap_or(request.now);
    let path = match path::build(certificate, pool, request.anchors, time) {
        Ok(path) => path,
        Err(NoPath::Expired) if context.not_before.is_some_and(|after| after > certificate.not_after()) => {
            return words::invalid(
                SubIndication::Expired,
                format!("Chữ ký được tạo sau khi chứng thư hết hạn ({}).", words::moment(certificate.not_after())),
                format!(
                    "The signature was made after the certificate had run out ({}).",
                    words::moment(certificate.not_after())
                ),
            );
        }
        Err(NoPath::Expired) if proven.is_none() && outdated(tokens) => {
            return words::indeterminate(
                SubIndication::OutOfBoundsNoPoe,
                "Chứng thư đã hết hạn; nơi cấp dấu thời gian đi kèm nay cũng đã hết hạn, nên không còn gì chứng minh chữ ký \
                 có trước khi hết hạn.",
                "The certificate has run out; the authority of its timestamp has run out since, too, so nothing proves any \
                 more that the signature is older.",
            );
        }
        Err(why) => return words::no_path(&why, !request.anchors.is_empty(), proven),
    };

    let mut known = path.certificates.len() > 1;
    for (index, (one, issuer)) in path.links().enumerate() {
        let standing = match evidence.standing(one, issuer, time) {
            Standing::Unknown => inquiry.standing(one, issuer, time, request.fetched),
            told => told,
        };
        match standing {
            Standing::Revoked(at) if at <= time => {
                *revocation = Revocation::Revoked;
                let outcome = revoked(index == 0, at, context.not_before, proven);
                return words::heard(outcome, &inquiry.asked, Revocation::Revoked);
            }
            // Revoked later: then it was good.
            Standing::Good | Standing::Revoked(_) => {}
            Standing::Unknown => known = false,
        }
    }
    if known {
        *revocation = Revocation::Good;
    } else if request.policy.revocation_required {
        let outcome = words::indeterminate(
            SubIndication::TryLater,
            "Tệp không kèm dữ liệu cho biết chứng thư có bị thu hồi hay không, mà quy định yêu cầu phải có.",
            "The file does not tell whether the certificate was revoked, and the policy asks for that.",
        );
        return words::heard(outcome, &inquiry.asked, Revocation::Unknown);
    }

    let own = context.digests.iter().copied().chain(signed.digest).chain(signed.scheme.map(Scheme::digest));
    if let Some(weak) = own.chain(path.digests()).find_map(|digest| request.policy.weakness(digest, time)) {
        let name = weak.digest.name();
        let sub = match weak.accepted_before {
            Some(_) => SubIndication::CryptoConstraintsFailureNoPoe,
            None => SubIndication::CryptoConstraintsFailure,
        };
        return words::indeterminate(
            sub,
            format!("Chữ ký hoặc chuỗi chứng thư dùng {name}, nay quá yếu để tin cậy."),
            format!("The signature or its certificate chain uses {name}, which is too weak to be relied on now."),
        );
    }
    let keys = path.certificates.iter().map(|one| key_kind(one.parsed.tbs_certificate().subject_public_key_info()));
    for key in keys {
        if let Key::Rsa { modulus_bits } = key
            && request.policy.is_short(key)
        {
            return words::indeterminate(
                SubIndication::CryptoConstraintsFailure,
                format!("Khóa RSA {modulus_bits} bit quá ngắn để tin cậy."),
                format!("An RSA key of {modulus_bits} bits is too short to be relied on."),
            );
        }
    }
    let doubts = || tokens.iter().filter_map(|token| token.proof.as_ref().err());
    if proven.is_none()
        && let Some(doubt) = doubts().find(|doubt| !doubt.is_mere_lack())
    {
        return words::doubt(doubt);
    }
    let lack = if proven.is_none() { doubts().next() } else { None };
    words::heard(words::valid(proven, known, lack), &inquiry.asked, *revocation)
}

/// Whether a timestamp would prove a time, had its authority's certificate not run out since.
fn outdated(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.proof == Err(Doubt::Outdated))
}

/// Whether the stated purposes are of machines only: a web server's certificate signs no decision.
fn only_for_servers_or_responders(certificate: &Certificate) -> bool {
    let purposes = certificate.purposes();
    !purposes.is_empty() && purposes.iter().all(|purpose| crate::certificate::MACHINE_PURPOSES.contains(purpose))
}

fn revoked(signer: bool, at: Timestamp, not_before: Option<Timestamp>, proven: Option<Timestamp>) -> Outcome {
    let at_text = words::moment(at);
    if !signer {
        return words::indeterminate(
            SubIndication::RevokedCaNoPoe,
            format!("Chứng thư của nơi cấp đã bị thu hồi từ {at_text}."),
            format!("A certificate above the signer's was revoked at {at_text}."),
        );
    }
    if not_before.is_some_and(|after| after >= at) {
        return words::invalid(
            SubIndication::Revoked,
            format!("Chữ ký được tạo sau khi chứng thư bị thu hồi ({at_text})."),
            format!("The signature was made after the certificate was revoked ({at_text})."),
        );
    }
    match proven {
        Some(time) => words::indeterminate(
            SubIndication::RevokedNoPoe,
            format!(
                "Chứng thư đã bị thu hồi từ {at_text}; dấu thời gian chỉ chứng minh chữ ký có từ {}, sau khi thu hồi.",
                words::moment(time)
            ),
            format!(
                "The certificate was revoked at {at_text}; the timestamp proves the signature only at {}, after that.",
                words::moment(time)
            ),
        ),
        None => words::indeterminate(
            SubIndication::RevokedNoPoe,
            format!(
                "Chứng thư đã bị thu hồi từ {at_text} và không có dấu thời gian nào chứng minh chữ ký có trước đó."
            ),
            format!("The certificate was revoked at {at_text}, and no timestamp proves that the signature is older."),
        ),
    }
}

/// Why a document timestamp is not one, or its time.
pub(crate) fn check_document_timestamp(token: &Token) -> SignatureReport {
    let outcome = match &token.proof {
        Ok(time) => Outcome {
            verdict: crate::report::Verdict::Valid,
            sub_indication: None,
            message: criteria::Text::new(
                format!("Dấu thời gian hợp lệ: tài liệu đã có từ {}.", words::moment(*time)),
                format!("The timestamp is valid: the document existed at {}.", words::moment(*time)),
            ),
        },
        Err(Doubt::Format) => words::unsound(&crate::cms::Unsound::Format("TimeStampToken")),
        Err(Doubt::AnotherValue) => words::unsound(&crate::cms::Unsound::Hash),
        Err(Doubt::Unsound(why)) => words::unsound(why),
        Err(why) => words::doubt(why),
    };
    let mut report =
        SignatureReport::bare(outcome.verdict, outcome.sub_indication, outcome.message, Kind::DocumentTimestamp);
    report.proven_time = token.proof.as_ref().ok().copied();
    report.claimed_time = token.time;
    (report.online, report.wishes) = (token.inquiry.asked.clone(), token.inquiry.wishes.clone());
    if let Some(authority) = &token.authority {
        describe(&mut report, authority);
    }
    report
}
