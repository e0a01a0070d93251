//! Signed data (CMS, RFC 5652) with its CAdES attributes: what it carries, and whether each signature value fits.
//!
//! Whether the signer is trusted is not asked here.

use cms::signed_data::{SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode, Tag, Tagged};
use jiff::Timestamp;
use x509_cert::attr::Attribute;

use crate::algorithm::{Digest, Refusal, Scheme};
use crate::asn1::{self, Value};
use crate::certificate::Certificate;
use crate::limits::{CERTIFICATES_MAX, REVOCATIONS_MAX, SIGNERS_MAX};
use crate::revocation::Evidence;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

pub(crate) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(crate) const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
const SIGNATURE_TIMESTAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
const CERTIFICATE_VALUES: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.23");
const REVOCATION_VALUES: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.24");
const ADOBE_REVOCATION: ObjectIdentifier = oid("1.2.840.113583.1.1.8");
const OCSP_RESPONSE_FORMAT: ObjectIdentifier = oid("1.3.6.1.5.5.7.16.2");

/// A SignedData structure.
#[derive(Clone, Debug)]
pub(crate) struct SignedData {
    /// What kind of content is signed.
    pub content_type: ObjectIdentifier,
    /// The content, where it is carried.
    pub content: Option<Vec<u8>>,
    /// The certificates that it carries.
    pub certificates: Vec<Certificate>,
    /// The revocation lists and answers that it carries.
    pub evidence: Evidence,
    /// Who signed.
    pub signers: Vec<SignerInfo>,
    /// The signed attributes of each signer in the order in which they are written.
    written_attributes: Vec<Option<Vec<u8>>>,
}

/// What one signer's value says.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// The signer's certificate, if it is there.
    pub certificate: Option<Certificate>,
    /// Whether digest and value fit.
    pub soundness: Result<(), Unsound>,
    /// The digest of the content.
    pub digest: Option<Digest>,
    /// The scheme of the value, with its digest.
    pub scheme: Option<Scheme>,
    /// The time that the signer claims.
    pub claimed_time: Option<Timestamp>,
    /// Whether the certificate's own digest is among what was signed.
    pub binding: Binding,
    /// The signature value.
    pub value: Vec<u8>,
    /// The timestamps on the value: RFC 3161 tokens in DER.
    pub timestamps: Vec<Vec<u8>>,
    /// Revocation evidence among the attributes.
    pub evidence: Evidence,
    /// Certificates among the attributes.
    pub certificates: Vec<Certificate>,
}

/// Whether the signed attributes name the certificate by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// They do, and it fits.
    Fits,
    /// They do not.
    Absent,
    /// They name another certificate.
    Another,
}

/// Why a signature is not sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unsound {
    /// It is not built as the standard says.
    Format(&'static str),
    /// No certificate in it belongs to the signer.
    NoCertificate,
    /// The content's digest is another.
    Hash,
    /// The value belongs to another key or other attributes.
    Value,
    /// An algorithm that is not checked here.
    Unsupported(String),
}

impl SignedData {
    /// Reads a ContentInfo with SignedData, in BER or DER; bytes after it are dropped.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let der = asn1::ber_to_der(bytes)?;
        let mut outer = asn1::values(asn1::contents(&der, asn1::SEQUENCE)?);
        if ObjectIdentifier::from_der(outer.next()?.raw).ok()? != SIGNED_DATA {
            return None;
        }
        let explicit = outer.next().filter(|value| value.tag == asn1::CONTEXT_0)?;
        let fields: Vec<Value<'_>> = asn1::values(asn1::contents(explicit.contents, asn1::SEQUENCE)?).collect();
        // version, digestAlgorithms, encapContentInfo, [0] certificates, [1] crls, signerInfos
        let mut inside = asn1::values(fields.get(2).filter(|field| field.tag == asn1::SEQUENCE)?.contents);
        let content_type = ObjectIdentifier::from_der(inside.next()?.raw).ok()?;
        let content = match inside.next() {
            // PKCS#7 allowed any value as content; what was signed is then its contents.
            Some(value) => Some(asn1::read(value.contents)?.0.contents.to_vec()),
            None => None,
        };
        let mut certificates = Vec::new();
        let mut evidence = Evidence::default();
        let mut infos: &[u8] = &[];
        for field in fields.iter().skip(3) {
            match field.tag {
                asn1::CONTEXT_0 => {
                    let found = asn1::values(field.contents).take(CERTIFICATES_MAX);
                    certificates.extend(found.filter_map(|value| Certificate::read(value.raw)));
                }
                asn1::CONTEXT_1 => {
                    for value in asn1::values(field.contents).take(REVOCATIONS_MAX) {
                        add_revocation(&value, &mut evidence);
                    }
                }
                0x31 => infos = field.contents,
                _ => return None,
            }
        }
        let mut signers = Vec::new();
        let mut written_attributes = Vec::new();
        for value in asn1::values(infos) {
            if signers.len() == SIGNERS_MAX {
                return None;
            }
            signers.push(SignerInfo::from_der(value.raw).ok()?);
            let attributes =
                asn1::values(value.contents).find(|field| field.tag == asn1::CONTEXT_0 && !field.contents.is_empty());
            // The first [0] after the signer's identifier; an identifier by key is [0] primitive, tag 0x80.
            written_attributes.push(attributes.map(|field| asn1::wrap(0x31, field.contents)));
        }
        Some(Self { content_type, content, certificates, evidence, signers, written_attributes })
    }

    /// Checks the value of the signer at `index` over `content`, looking for the certificate in `pool` too.
    pub(crate) fn check(&self, index: usize, content: &[&[u8]], pool: &[Certificate]) -> Option<Signed> {
        let info = self.signers.get(index)?;
        let digest = Digest::of(info.digest_alg.oid);
        let mut signed = Signed {
            certificate: self.signer_of(info, pool),
            soundness: Ok(()),
            digest,
            scheme: None,
            claimed_time: None,
            binding: Binding::Absent,
            value: info.signature.as_bytes().to_vec(),
            timestamps: Vec::new(),
            evidence: Evidence::default(),
            certificates: Vec::new(),
        };
        for attribute in info.unsigned_attrs.iter().flat_map(|attributes| attributes.iter()) {
            match attribute.oid {
                SIGNATURE_TIMESTAMP => {
                    let room = SIGNERS_MAX.saturating_sub(signed.timestamps.len());
                    signed.timestamps.extend(attribute.values.iter().take(room).filter_map(|one| one.to_der().ok()));
                }
                CERTIFICATE_VALUES => {
                    let Some(Ok(value)) = single(attribute).map(Encode::to_der) else { continue };
                    let found = asn1::values(asn1::contents(&value, asn1::SEQUENCE).unwrap_or_default());
                    let read = found.take(CERTIFICATES_MAX).filter_map(|one| Certificate::read(one.raw));
                    signed.certificates.extend(read);
                }
                REVOCATION_VALUES => add_archival(attribute, &mut signed.evidence),
                _ => {}
            }
        }
        signed.soundness = self.soundness(index, info, content, &mut signed);
        Some(signed)
    }

    /// The signer's certificate: of several that fit the identifier, as when one was renewed for the same key, the one
    /// that the signed attributes name.
    fn signer_of(&self, info: &SignerInfo, pool: &[Certificate]) -> Option<Certificate> {
        let named = |one: &&Certificate| {
            let attributes = info.signed_attrs.iter().flat_map(|attributes| attributes.iter());
            binding(attributes, one) == Binding::Fits
        };
        let fitting = || self.certificates.iter().chain(pool).filter(|one| belongs(one, &info.sid));
        fitting().find(named).or_else(|| fitting().next()).cloned()
    }

    fn soundness(
        &self,
        index: usize,
        info: &SignerInfo,
        content: &[&[u8]],
        signed: &mut Signed,
    ) -> Result<(), Unsound> {
        if let Some(attributes) = &info.signed_attrs {
            signed.claimed_time = one(attributes.iter(), SIGNING_TIME).and_then(claimed_time);
            if let Some(archival) = one(attributes.iter(), ADOBE_REVOCATION) {
                add_archival(archival, &mut signed.evidence);
            }
        }
        let Some(digest) = signed.digest else {
            return Err(Unsound::Unsupported(info.digest_alg.oid.to_string()));
        };
        let scheme = Scheme::of(&info.signature_algorithm, Some(digest));
        signed.scheme = scheme.as_ref().ok().copied();
        // RFC 8933, 3: one digest serves for the content and for the attributes.
        if signed.scheme.is_some_and(|scheme| scheme.digest() != digest) {
            return Err(Unsound::Format("digestAlgorithm"));
        }
        let Some(hash) = digest.over(content) else {
            return Err(Unsound::Unsupported(digest.name().to_owned()));
        };
        if let Some(attributes) = &info.signed_attrs {
            let stated =
                one(attributes.iter(), MESSAGE_DIGEST).and_then(single).ok_or(Unsound::Format("messageDigest"))?;
            let stated = stated.decode_as::<OctetString>().map_err(|_| Unsound::Format("messageDigest"))?;
            if stated.as_bytes() != hash {
                return Err(Unsound::Hash);
            }
            let kind = one(attributes.iter(), CONTENT_TYPE).and_then(single).ok_or(Unsound::Format("contentType"))?;
            if kind.decode_as::<ObjectIdentifier>().ok() != Some(self.content_type) {
                return Err(Unsound::Format("contentType"));
            }
        }
        let Some(certificate) = &signed.certificate else { return Err(Unsound::NoCertificate) };
        let scheme = scheme.map_err(|refusal| match refusal {
            Refusal::Unsupported(what) => Unsound::Unsupported(what),
            Refusal::Wrong => Unsound::Value,
        })?;
        let key = certificate.parsed.tbs_certificate().subject_public_key_info();
        let value = info.signature.as_bytes();
        let result = match &info.signed_attrs {
            None => {
                let content = content.concat();
                // What somebody signed as attributes, handed on as if it were the content (RFC 5652, 5.3 and 5.4).
                if are_attributes(&content) {
                    return Err(Unsound::Format("signedAttrs"));
                }
                scheme.verify(key, &content, value)
            }
            Some(attributes) => {
                signed.binding = binding(attributes.iter(), certificate);
                let der = attributes.to_der().map_err(|_| Unsound::Format("signedAttrs"))?;
                let result = scheme.verify(key, &der, value);
                // Some tools sign the attributes in the order in which they write them.
                match (result, self.written_attributes.get(index).and_then(Option::as_ref)) {
                    (Err(Refusal::Wrong), Some(written)) if *written != der => scheme.verify(key, written, value),
                    (result, _) => result,
                }
            }
        };
        result.map_err(|refusal| match refusal {
            Refusal::Unsupported(what) => Unsound::Unsupported(what),
            Refusal::Wrong => Unsound::Value,
        })
    }
}

/// Whether bytes are the signed attributes of some signature.
fn are_attributes(bytes: &[u8]) -> bool {
    asn1::contents(bytes, 0x31).is_some_and(|set| {
        asn1::values(set).filter_map(|one| asn1::values(one.contents).next()).any(|kind| {
            ObjectIdentifier::from_der(kind.raw).is_ok_and(|kind| kind == MESSAGE_DIGEST || kind == CONTENT_TYPE)
        })
    })
}

/// The attribute of a kind, if there is exactly one.
fn one<'a>(mut attributes: impl Iterator<Item = &'a Attribute>, kind: ObjectIdentifier) -> Option<&'a Attribute> {
    let found = attributes.find(|attribute| attribute.oid == kind)?;
    attributes.all(|attribute| attribute.oid != kind).then_some(found)
}

fn single(attribute: &Attribute) -> Option<&der::Any> {
    if attribute.values.len() == 1 { attribute.values.get(0) } else { None }
}

fn claimed_time(attribute: &Attribute) -> Option<Timestamp> {
    let value = single(attribute)?;
    match value.tag() {
        Tag::UtcTime | Tag::GeneralizedTime => {
            let time = x509_cert::time::Time::from_der(&value.to_der().ok()?).ok();
            time.as_ref().map(crate::certificate::timestamp).or_else(|| asn1::generalized_time(value.value()))
        }
        _ => None,
    }
}

fn belongs(certificate: &Certificate, signer: &SignerIdentifier) -> bool {
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(name) => {
            name.serial_number.as_bytes() == certificate.serial() && certificate.is_issued_by(&name.issuer)
        }
        SignerIdentifier::SubjectKeyIdentifier(key) => {
            certificate.key_identifier().as_deref() == Some(key.0.as_bytes())
        }
    }
}

/// Compares the signing-certificate attribute (v2, or the older one with SHA-1) with the certificate.
fn binding<'a>(attributes: impl Iterator<Item = &'a Attribute> + Clone, certificate: &Certificate) -> Binding {
    let mut found = Binding::Absent;
    for attribute in attributes {
        let default = match attribute.oid {
            SIGNING_CERTIFICATE_V2 => Digest::Sha256,
            SIGNING_CERTIFICATE => Digest::Sha1,
            _ => continue,
        };
        match first_hash(attribute, default) {
            Some((digest, hash)) if digest.over(&[&certificate.der]).as_deref() == Some(&hash) => {
                found = Binding::Fits;
            }
            _ => return Binding::Another,
        }
    }
    found
}

/// The digest of the first certificate named, which is the signer's.
fn first_hash(attribute: &Attribute, default: Digest) -> Option<(Digest, Vec<u8>)> {
    let value = single(attribute)?.to_der().ok()?;
    let certificates = asn1::contents(asn1::contents(&value, asn1::SEQUENCE)?, asn1::SEQUENCE)?;
    let mut digest = default;
    for field in asn1::values(asn1::contents(certificates, asn1::SEQUENCE)?) {
        match field.tag {
            asn1::SEQUENCE => {
                let algorithm = asn1::values(field.contents).next()?;
                digest = Digest::of(ObjectIdentifier::from_der(algorithm.raw).ok()?)?;
            }
            asn1::OCTET_STRING => return Some((digest, field.contents.to_vec())),
            _ => return None,
        }
    }
    None
}

/// RevocationInfoChoice: a list, or an OCSP response in other clothes.
fn add_revocation(value: &Value<'_>, evidence: &mut Evidence) {
    if value.tag == asn1::SEQUENCE {
        evidence.add_list(value.raw);
        return;
    }
    let mut fields = asn1::values(value.contents);
    if let (Some(kind), Some(answer)) = (fields.next(), fields.next())
        && ObjectIdentifier::from_der(kind.raw).is_ok_and(|kind| kind == OCSP_RESPONSE_FORMAT)
    {
        evidence.add_answer(answer.raw);
    }
}

/// adbe-revocationInfoArchival and the revocation values of CAdES: SEQUENCE { [0] lists, [1] answers, [2] others }.
fn add_archival(attribute: &Attribute, evidence: &mut Evidence) {
    let Some(Ok(value)) = single(attribute).map(Encode::to_der) else { return };
    for part in asn1::values(asn1::contents(&value, asn1::SEQUENCE).unwrap_or_default()) {
        let Some(inside) = asn1::contents(part.contents, asn1::SEQUENCE) else { continue };
        for one in asn1::values(inside).take(REVOCATIONS_MAX) {
            match part.tag {
                asn1::CONTEXT_0 => evidence.add_list(one.raw),
                asn1::CONTEXT_1 => evidence.add_answer(one.raw),
                _ => {}
            }
        }
    }
}
