//! Was a certificate revoked? Answered from the lists (CRL) and answers (OCSP) that a file carries.
//!
//! Each is believed only if the issuer of the certificate, or for an answer someone whom the issuer appointed, signed it.

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::algorithm::{Digest, Scheme};
use crate::asn1::{self, Value};
use crate::certificate::{Certificate, OCSP_SIGNING, timestamp};
use crate::limits::REVOCATIONS_MAX;
use crate::online::{self, Told};

const OCSP_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
/// How long an answer speaks for that was fetched just when it was made and names no end of its own.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
const DELTA_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
const REASON: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const CERTIFICATE_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.29");
/// The reason of an entry that takes an earlier one back (RFC 5280, 5.3.1).
const REMOVED_FROM_LIST: u8 = 8;
/// Reasons that leave what was signed before as it was (RFC 3161, 4): unspecified, affiliation changed, superseded,
/// operation ended.
const HARMLESS_REASONS: [u8; 4] = [0, 3, 4, 5];

/// What a file carries about revocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    lists: Vec<List>,
    answers: Vec<Answer>,
}

/// Whether a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A list or answer of that time says that it is not.
    Good,
    /// It was revoked then.
    Revoked(Timestamp),
    /// Nothing believable was found.
    Unknown,
}

/// What one list or answer says of one certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub standing: Standing,
    /// When it was true.
    pub issued: Timestamp,
    /// When there will be newer word.
    pub until: Option<Timestamp>,
    /// Why it was revoked, where that is said (RFC 5280, 5.3.1).
    reason: Option<u8>,
}

/// What a list that was fetched says of a certificate.
pub(crate) fn list(der: &[u8], certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Result<Word, Told> {
    let parsed = CertificateList::from_der(der).map_err(|_| Told::Unfit)?;
    List { der: der.to_vec(), parsed }.about(certificate, issuer, time)
}

/// What an answer that was fetched `at` a time says of a certificate.
pub(crate) fn answer(
    der: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    time: Timestamp,
    at: Timestamp,
) -> Result<Word, Told> {
    let mut answer = Answer::read(der).ok_or(Told::Unfit)?;
    // RFC 6960, 4.2.2.1: without an end, newer word is to be had at any time. This one was, at that time.
    for single in answer.singles.iter_mut().filter(|single| at.duration_since(single.this_update) <= FRESH) {
        single.next_update = single.next_update.or(Some(at));
    }
    answer.about(certificate, issuer, time)
}

#[derive(Clone, Debug)]
struct List {
    der: Vec<u8>,
    parsed: CertificateList,
}

/// One basic OCSP response.
#[derive(Clone, Debug)]
struct Answer {
    signed_bytes: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    value: Vec<u8>,
    certificates: Vec<Certificate>,
    produced: Timestamp,
    singles: Vec<Single>,
}

#[derive(Clone, Debug)]
struct Single {
    digest: ObjectIdentifier,
    issuer_name_hash: Vec<u8>,
    issuer_key_hash: Vec<u8>,
    serial: Vec<u8>,
    /// `None`: the responder does not know the certificate.
    standing: Option<Standing>,
    reason: Option<u8>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl Evidence {
    /// Everything that is said of a certificate.
    fn words<'e>(
        &'e self,
        certificate: &'e Certificate,
        issuer: &'e Certificate,
        time: Timestamp,
    ) -> impl Iterator<Item = Word> + 'e {
        let answers = self.answers.iter().filter_map(move |answer| answer.about(certificate, issuer, time).ok());
        let lists = self.lists.iter().filter_map(move |list| list.about(certificate, issuer, time).ok());
        answers.chain(lists)
    }

    /// When a certificate was revoked for a reason that casts doubt on what was signed before, too.
    pub(crate) fn compromised(&self, certificate: &Certificate, issuer: &Certificate) -> Option<Timestamp> {
        let words = self.words(certificate, issuer, certificate.not_after());
        words
            .filter(|word| word.reason.is_none_or(|reason| !HARMLESS_REASONS.contains(&reason)))
            .filter_map(|word| match word.standing {
                Standing::Revoked(at) => Some(at),
                Standing::Good | Standing::Unknown => None,
            })
            .min()
    }

    /// Adds a CRL in DER; what cannot be read is no evidence.
    pub(crate) fn add_list(&mut self, der: &[u8]) {
        if self.lists.len() < REVOCATIONS_MAX
            && let Ok(parsed) = CertificateList::from_der(der)
            && !self.lists.iter().any(|known| known.der == der)
        {
            self.lists.push(List { der: der.to_vec(), parsed });
        }
    }

    /// Adds an OCSP response in DER; what cannot be read is no evidence.
    pub(crate) fn add_answer(&mut self, der: &[u8]) {
        if self.answers.len() < REVOCATIONS_MAX
            && let Some(answer) = Answer::read(der)
        {
            self.answers.push(answer);
        }
    }

    /// Takes over what another place carries.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.lists.extend(other.lists.iter().cloned());
        self.answers.extend(other.answers.iter().cloned());
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.answers.is_empty()
    }

    /// The standing of `certificate` at `time`.
    ///
    /// A revocation counts whatever its date: the caller weighs it against what is proved about the signature.
    pub(crate) fn standing(&self, certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Standing {
        let mut found = Standing::Unknown;
        for standing in self.words(certificate, issuer, time).map(|word| word.standing) {
            match (standing, found) {
                (Standing::Revoked(at), Standing::Revoked(known)) => found = Standing::Revoked(at.min(known)),
                (Standing::Revoked(_), _) | (Standing::Good, Standing::Unknown) => found = standing,
                _ => {}
            }
        }
        found
    }
}

/// Whether news of `this_update`, promised to be renewed at `next_update`, speaks for `time`.
fn speaks_for(this_update: Timestamp, next_update: Option<Timestamp>, time: Timestamp) -> bool {
    this_update >= time || next_update.is_some_and(|next| time <= next)
}

impl List {
    fn about(&self, certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Result<Word, Told> {
        let list = &self.parsed.tbs_cert_list;
        if list.issuer.to_der().ok().is_none_or(|name| name != certificate.issuer()) {
            return Err(Told::NotEntitled);
        }
        let inside = || asn1::read(asn1::contents(&self.der, asn1::SEQUENCE)?).map(|(value, _)| value.raw);
        let signed_bytes = inside().ok_or(Told::Unfit)?;
        let scheme = Scheme::of(&self.parsed.signature_algorithm, None).map_err(|_| Told::NotEntitled)?;
        let key = issuer.parsed.tbs_certificate().subject_public_key_info();
        let value = self.parsed.signature.as_bytes().ok_or(Told::Unfit)?;
        scheme.verify(key, signed_bytes, value).map_err(|_| Told::NotEntitled)?;
        if !may_sign_lists(issuer) {
            return Err(Told::NotEntitled);
        }
        let (issued, until) = (timestamp(&list.this_update), list.next_update.as_ref().map(timestamp));
        let entry = self.entry(certificate);
        let standing = match entry {
            Some((at, _)) => Standing::Revoked(at),
            None if !self.is_complete(certificate) => return Err(Told::Unfit),
            // Lists drop certificates that have run out.
            None if issued > certificate.not_after() || !speaks_for(issued, until, time) => return Err(Told::Stale),
            None => Standing::Good,
        };
        Ok(Word { standing, issued, until, reason: entry.and_then(|(_, reason)| reason) })
    }

    /// When, and why, the list says that `certificate` was revoked.
    fn entry(&self, certificate: &Certificate) -> Option<(Timestamp, Option<u8>)> {
        // Within the list of several authorities, an entry is about the last one named (RFC 5280, 5.3.3).
        let mut of_another = false;
        for entry in self.parsed.tbs_cert_list.revoked_certificates.iter().flatten() {
            let extensions = || entry.crl_entry_extensions.iter().flatten();
            if let Some(named) = extensions().find(|one| one.extn_id == CERTIFICATE_ISSUER) {
                let names = asn1::contents(named.extn_value.as_bytes(), asn1::SEQUENCE).unwrap_or_default();
                let issuer = certificate.issuer();
                of_another = !asn1::values(names).any(|name| name.tag == DIRECTORY_NAME && name.contents == issuer);
            }
            if of_another || entry.serial_number.as_bytes() != certificate.serial() {
                continue;
            }
            let reason = extensions().find(|one| one.extn_id == REASON);
            let reason = reason.and_then(|one| reason_of(one.extn_value.as_bytes()));
            if reason != Some(REMOVED_FROM_LIST) {
                return Some((timestamp(&entry.revocation_date), reason));
            }
        }
        None
    }

    /// Whether the list names every such certificate that was revoked: a list about other certificates only, or about
    /// changes since another list, cannot say that all is well (RFC 5280, 6.3.3 b).
    fn is_complete(&self, certificate: &Certificate) -> bool {
        let mut extensions = self.parsed.tbs_cert_list.crl_extensions.iter().flatten();
        extensions.all(|extension| match extension.extn_id {
            DELTA_INDICATOR => false,
            ISSUING_DISTRIBUTION_POINT => IssuingDistributionPoint::from_der(extension.extn_value.as_bytes())
                .is_ok_and(|scope| includes(&scope, certificate)),
            _ => true,
        })
    }
}

/// The tag of a name of X.500 among other names.
const DIRECTORY_NAME: u8 = 0xa4;

fn reason_of(enumerated: &[u8]) -> Option<u8> {
    asn1::contents(enumerated, asn1::ENUMERATED)?.first().copied()
}

/// Whether a list of this scope is the one that `certificate` names, and covers it for every reason.
fn includes(scope: &IssuingDistributionPoint, certificate: &Certificate) -> bool {
    let authority = certificate.parsed.tbs_certificate().get_extension::<BasicConstraints>();
    let is_authority = matches!(authority, Ok(Some((_, constraints))) if constraints.ca);
    let named = match &scope.distribution_point {
        None => true,
        Some(DistributionPointName::FullName(names)) => {
            let own = online::lists(certificate);
            names.iter().any(|name| match name {
                GeneralName::UniformResourceIdentifier(address) => own.iter().any(|one| one == address.as_str()),
                _ => false,
            })
        }
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => false,
    };
    let others = scope.indirect_crl || scope.only_contains_attribute_certs || scope.only_some_reasons.is_some();
    let kind = if is_authority { !scope.only_contains_user_certs } else { !scope.only_contains_ca_certs };
    named && kind && !others
}

/// Whether an authority's key may sign lists; one that states no uses may.
fn may_sign_lists(issuer: &Certificate) -> bool {
    match issuer.parsed.tbs_certificate().get_extension::<KeyUsage>() {
        Ok(Some((_, usage))) => usage.crl_sign(),
        Ok(None) => true,
        Err(_) => false,
    }
}

impl Answer {
    /// Reads an OCSPResponse, or the BasicOCSPResponse within it.
    fn read(der: &[u8]) -> Option<Self> {
        let fields: Vec<Value<'_>> = asn1::values(asn1::contents(der, asn1::SEQUENCE)?).collect();
        let first = fields.first()?;
        if first.tag != asn1::ENUMERATED {
            return Self::read_basic(der);
        }
        if first.contents != [0] {
            return None;
        }
        let inside = asn1::contents(fields.get(1)?.contents, asn1::SEQUENCE)?;
        let parts: Vec<Value<'_>> = asn1::values(inside).collect();
        let kind = ObjectIdentifier::from_der(parts.first()?.raw).ok()?;
        let basic = parts.get(1).filter(|part| part.tag == asn1::OCTET_STRING)?;
        if kind == OCSP_BASIC { Self::read_basic(basic.contents) } else { None }
    }

    fn read_basic(der: &[u8]) -> Option<Self> {
        let fields: Vec<Value<'_>> = asn1::values(asn1::contents(der, asn1::SEQUENCE)?).collect();
        let data = fields.first()?;
        let algorithm = AlgorithmIdentifierOwned::from_der(fields.get(1)?.raw).ok()?;
        // A bit string starts with the count of its unused bits.
        let value = fields.get(2)?.contents.get(1..)?.to_vec();
        let certificates = fields
            .get(3)
            .and_then(|field| asn1::contents(field.contents, asn1::SEQUENCE))
            .map(|inside| asn1::values(inside).filter_map(|one| Certificate::read(one.raw)).collect())
            .unwrap_or_default();
        let mut produced = None;
        let mut singles = Vec::new();
        for field in asn1::values(asn1::contents(data.raw, asn1::SEQUENCE)?) {
            match field.tag {
                asn1::GENERALIZED_TIME => produced = asn1::generalized_time(field.contents),
                asn1::SEQUENCE => {
                    singles = asn1::values(field.contents).filter_map(|one| Single::read(one.contents)).collect();
                }
                // Version, responder's name or key, extensions.
                _ => {}
            }
        }
        let signed_bytes = data.raw.to_vec();
        Some(Self { signed_bytes, algorithm, value, certificates, produced: produced?, singles })
    }

    fn about(&self, certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Result<Word, Told> {
        let single = self.singles.iter().find(|single| single.is_about(certificate, issuer)).ok_or(Told::Unfit)?;
        let scheme = Scheme::of(&self.algorithm, None).map_err(|_| Told::NotEntitled)?;
        let fits = |signer: &Certificate| {
            let key = signer.parsed.tbs_certificate().subject_public_key_info();
            scheme.verify(key, &self.signed_bytes, &self.value).is_ok()
        };
        let appointed = |signer: &Certificate| {
            signer.has_purpose(OCSP_SIGNING) == Some(true)
                && (signer.not_before()..=signer.not_after()).contains(&self.produced)
                && signer.is_signed_by(issuer)
                && fits(signer)
        };
        if !fits(issuer) && !self.certificates.iter().any(appointed) {
            return Err(Told::NotEntitled);
        }
        let (issued, until) = (single.this_update, single.next_update);
        let standing = single.standing.ok_or(Told::NotKnown)?;
        // A responder may forget certificates that have run out, too.
        let late = issued > certificate.not_after() || !speaks_for(issued, until, time);
        if standing == Standing::Good && late {
            Err(Told::Stale)
        } else {
            Ok(Word { standing, issued, until, reason: single.reason })
        }
    }
}

impl Single {
    fn read(contents: &[u8]) -> Option<Self> {
        let fields: Vec<Value<'_>> = asn1::values(contents).collect();
        let id: Vec<Value<'_>> = asn1::values(asn1::contents(fields.first()?.raw, asn1::SEQUENCE)?).collect();
        let digest = AlgorithmIdentifierOwned::from_der(id.first()?.raw).ok()?.oid;
        let status = fields.get(1)?;
        // RevokedInfo: the time, then the reason in [0].
        let reason = asn1::values(status.contents).find(|field| field.tag == asn1::CONTEXT_0);
        let standing = match status.tag {
            0x80 => Some(Standing::Good),
            asn1::CONTEXT_1 => {
                let at = asn1::contents(status.contents, asn1::GENERALIZED_TIME).and_then(asn1::generalized_time)?;
                Some(Standing::Revoked(at))
            }
            _ => None,
        };
        let next = fields.iter().skip(3).find(|field| field.tag == asn1::CONTEXT_0);
        Some(Self {
            digest,
            issuer_name_hash: id.get(1)?.contents.to_vec(),
            issuer_key_hash: id.get(2)?.contents.to_vec(),
            serial: id.get(3)?.contents.to_vec(),
            standing,
            reason: reason.and_then(|field| reason_of(field.contents)),
            this_update: asn1::generalized_time(fields.get(2)?.contents)?,
            next_update: next
                .and_then(|field| asn1::contents(field.contents, asn1::GENERALIZED_TIME))
                .and_then(asn1::generalized_time),
        })
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let Some(digest) = Digest::of(self.digest) else { return false };
        let key = issuer.parsed.tbs_certificate().subject_public_key_info();
        let key = key.subject_public_key.as_bytes().unwrap_or_default();
        self.serial == certificate.serial()
            && digest.over(&[&certificate.issuer()]).as_deref() == Some(&self.issuer_name_hash)
            && digest.over(&[key]).as_deref() == Some(&self.issuer_key_hash)
    }
}
