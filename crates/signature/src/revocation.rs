//! Was a certificate revoked? Answered from the lists (CRL) and answers (OCSP) that a file carries.
//!
//! Each is believed only if the issuer of the certificate, or for an answer someone whom the issuer appointed, signed it.

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use jiff::Timestamp;
use x509_cert::crl::CertificateList;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::algorithm::{Digest, Scheme};
use crate::asn1::{self, Value};
use crate::certificate::{Certificate, OCSP_SIGNING, timestamp};
use crate::limits::REVOCATIONS_MAX;

const OCSP_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const DELTA_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");

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
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl Evidence {
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
        let answers = self.answers.iter().filter_map(|answer| answer.about(certificate, issuer, time));
        let lists = self.lists.iter().filter_map(|list| list.about(certificate, issuer, time));
        for standing in answers.chain(lists) {
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
    fn about(&self, certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Option<Standing> {
        let list = &self.parsed.tbs_cert_list;
        if list.issuer.to_der().ok()? != certificate.issuer() {
            return None;
        }
        // A list about other certificates only, or about changes since another list, cannot say that all is well.
        let partial =
            list.crl_extensions.iter().flatten().any(|extension| {
                extension.extn_id == ISSUING_DISTRIBUTION_POINT || extension.extn_id == DELTA_INDICATOR
            });
        let signed_bytes = asn1::read(asn1::contents(&self.der, asn1::SEQUENCE)?)?.0.raw;
        let scheme = Scheme::of(&self.parsed.signature_algorithm, None).ok()?;
        let key = issuer.parsed.tbs_certificate().subject_public_key_info();
        scheme.verify(key, signed_bytes, self.parsed.signature.as_bytes()?).ok()?;
        let entry = list
            .revoked_certificates
            .iter()
            .flatten()
            .find(|entry| entry.serial_number.as_bytes() == certificate.serial());
        match entry {
            Some(entry) => Some(Standing::Revoked(timestamp(&entry.revocation_date))),
            None if partial => None,
            None => {
                let next = list.next_update.as_ref().map(timestamp);
                let issued = timestamp(&list.this_update);
                // Lists drop certificates that have run out.
                (issued <= certificate.not_after() && speaks_for(issued, next, time)).then_some(Standing::Good)
            }
        }
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

    fn about(&self, certificate: &Certificate, issuer: &Certificate, time: Timestamp) -> Option<Standing> {
        let single = self.singles.iter().find(|single| single.is_about(certificate, issuer))?;
        let scheme = Scheme::of(&self.algorithm, None).ok()?;
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
            return None;
        }
        match single.standing? {
            Standing::Good => speaks_for(single.this_update, single.next_update, time).then_some(Standing::Good),
            standing => Some(standing),
        }
    }
}

impl Single {
    fn read(contents: &[u8]) -> Option<Self> {
        let fields: Vec<Value<'_>> = asn1::values(contents).collect();
        let id: Vec<Value<'_>> = asn1::values(asn1::contents(fields.first()?.raw, asn1::SEQUENCE)?).collect();
        let digest = AlgorithmIdentifierOwned::from_der(id.first()?.raw).ok()?.oid;
        let status = fields.get(1)?;
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
