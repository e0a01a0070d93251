//! Timestamps (RFC 3161): a trusted authority saw this value at that time.
//!
//! A token proves a time only if everything about it holds: what it is about, its own signature, the authority's
//! certificate with its one purpose, and a path to an anchor at the time it names.

use der::Decode;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::algorithm::Digest;
use crate::asn1::{self, Value};
use crate::certificate::{Certificate, TIME_STAMPING};
use crate::cms::{Binding, SignedData, TST_INFO, Unsound};
use crate::online::{Fetched, Inquiry};
use crate::path::{self, Anchors, NoPath};
use crate::policy::Policy;
use crate::revocation::{Evidence, Standing};

/// What a token says and is worth.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The time it names.
    pub time: Option<Timestamp>,
    /// Who issued it.
    pub authority: Option<Certificate>,
    /// The certificates that it carries.
    pub certificates: Vec<Certificate>,
    /// The digest it was made over.
    pub digest: Option<Digest>,
    /// Whether the time is proved, or why not.
    pub proof: Result<Timestamp, Doubt>,
    /// What was asked about the authority outside the file, and what else might be.
    pub inquiry: Inquiry,
}

/// Why a token proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It cannot be read.
    Format,
    /// It is about something else.
    AnotherValue,
    /// Its own signature is not sound.
    Unsound(Unsound),
    /// The authority's certificate does not reach an anchor at that time.
    NoPath(NoPath),
    /// The authority's certificate is not for timestamping.
    Purpose,
    /// It names a time that has not come yet.
    Future,
    /// The authority's certificate was revoked by then.
    Revoked(Timestamp),
    /// A digest in it is too weak for its time, or a key too short.
    Weak,
    /// The authority's certificate has run out since, and nothing newer proves that the token is older.
    Outdated,
}

impl Doubt {
    /// Whether the token only fails to prove its time, and nothing is amiss with it (EN 319 102-1, 5.5.4: then it is as if
    /// there were none).
    pub(crate) fn is_mere_lack(&self) -> bool {
        matches!(self, Self::Weak | Self::Outdated)
    }
}

/// What is known around a token.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The certificates at hand.
    pub pool: &'a [Certificate],
    /// The evidence about revocation at hand.
    pub evidence: &'a Evidence,
    /// Whom to trust.
    pub anchors: &'a Anchors,
    /// What is strong enough.
    pub policy: &'a Policy,
    /// The time of checking: a timestamp from the future proves nothing.
    pub now: Timestamp,
    /// When the token is known to have been there: now, or when a newer trusted timestamp saw it.
    pub seen: Timestamp,
    /// What was fetched from outside the file.
    pub fetched: &'a [Fetched],
}

/// Reads a token (ContentInfo, BER or DER) and checks it against the bytes that it should be about.
pub(crate) fn check(token: &[u8], stamped: &[&[u8]], around: &Surroundings<'_>) -> Token {
    let mut result = Token {
        time: None,
        authority: None,
        certificates: Vec::new(),
        digest: None,
        proof: Err(Doubt::Format),
        inquiry: Inquiry::default(),
    };
    result.proof = prove(token, stamped, around, &mut result);
    result
}

struct Info {
    digest: Option<Digest>,
    imprint: Vec<u8>,
    time: Timestamp,
}

/// TSTInfo: version, policy, messageImprint, serialNumber, genTime, …
fn info(der: &[u8]) -> Option<Info> {
    let fields: Vec<Value<'_>> = asn1::values(asn1::contents(der, asn1::SEQUENCE)?).collect();
    let imprint: Vec<Value<'_>> = asn1::values(asn1::contents(fields.get(2)?.raw, asn1::SEQUENCE)?).collect();
    let algorithm: ObjectIdentifier = AlgorithmIdentifierOwned::from_der(imprint.first()?.raw).ok()?.oid;
    Some(Info {
        digest: Digest::of(algorithm),
        imprint: imprint.get(1).filter(|value| value.tag == asn1::OCTET_STRING)?.contents.to_vec(),
        time: asn1::generalized_time(fields.get(4).filter(|value| value.tag == asn1::GENERALIZED_TIME)?.contents)?,
    })
}

fn prove(token: &[u8], stamped: &[&[u8]], around: &Surroundings<'_>, result: &mut Token) -> Result<Timestamp, Doubt> {
    let data = SignedData::read(token).filter(|data| data.content_type == TST_INFO).ok_or(Doubt::Format)?;
    let content = data.content.as_deref().ok_or(Doubt::Format)?;
    let info = info(content).ok_or(Doubt::Format)?;
    result.time = Some(info.time);
    result.digest = info.digest;
    result.certificates.clone_from(&data.certificates);
    let digest = info.digest.ok_or_else(|| Doubt::Unsound(Unsound::Unsupported("messageImprint".to_owned())))?;
    if data.signers.len() != 1 {
        return Err(Doubt::Format);
    }
    let signed = data.check(0, &[content], around.pool).ok_or(Doubt::Format)?;
    result.authority.clone_from(&signed.certificate);
    if digest.over(stamped).is_none_or(|hash| hash != info.imprint) {
        return Err(Doubt::AnotherValue);
    }
    signed.soundness.clone().map_err(Doubt::Unsound)?;
    let authority = signed.certificate.as_ref().ok_or(Doubt::Unsound(Unsound::NoCertificate))?;
    // RFC 3161, 2.4.2, by RFC 5816: the certificate that the authority names under its signature must be this one.
    if signed.binding == Binding::Another {
        return Err(Doubt::Unsound(Unsound::NoCertificate));
    }

    let mut pool = data.certificates.clone();
    pool.extend(around.pool.iter().cloned());
    let path = path::build(authority, &pool, around.anchors, info.time).map_err(Doubt::NoPath)?;
    if authority.has_purpose(TIME_STAMPING) != Some(true) {
        return Err(Doubt::Purpose);
    }
    if info.time > around.now {
        return Err(Doubt::Future);
    }
    let mut evidence = data.evidence.clone();
    evidence.extend(around.evidence);
    if path.links().any(|(certificate, _)| certificate.not_after() < around.seen) {
        return Err(Doubt::Outdated);
    }
    for (certificate, issuer) in path.links() {
        // Whoever holds a key that fell into other hands may write any time (RFC 3161, 4).
        if let Some(at) = evidence.compromised(certificate, issuer).filter(|at| *at <= around.seen) {
            return Err(Doubt::Revoked(at));
        }
        let standing = match evidence.standing(certificate, issuer, info.time) {
            Standing::Unknown => result.inquiry.standing(certificate, issuer, info.time, around.fetched),
            told => told,
        };
        if let Standing::Revoked(at) = standing
            && at <= info.time
        {
            return Err(Doubt::Revoked(at));
        }
    }
    let digests = path.digests().chain([digest]).chain(signed.digest).chain(signed.scheme.map(|one| one.digest()));
    let keys = path
        .certificates
        .iter()
        .map(|one| crate::algorithm::key_kind(one.parsed.tbs_certificate().subject_public_key_info()));
    for digest in digests {
        if around.policy.weakness(digest, info.time).is_some() {
            return Err(Doubt::Weak);
        }
    }
    for key in keys {
        if around.policy.is_short(key) {
            return Err(Doubt::Weak);
        }
    }
    Ok(info.time)
}
