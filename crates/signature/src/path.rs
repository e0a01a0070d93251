//! From a certificate to a trust anchor: RFC 5280 by `rustls-webpki`, at a time that is given.

use std::time::Duration;

use der::Decode;
use jiff::Timestamp;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::algorithm::{Digest, Scheme};
use crate::asn1;
use crate::certificate::Certificate;
use crate::limits::{ANCHORS_MAX, CERTIFICATES_MAX};

/// The certificates that the operator trusts.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    pub(crate) certificates: Vec<Certificate>,
}

impl Anchors {
    /// No anchors: nothing can be found valid.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds every certificate of a file, PEM or DER; returns how many were new.
    pub fn add(&mut self, file: &[u8]) -> usize {
        let before = self.certificates.len();
        for der in certificates_of(file) {
            if self.certificates.len() < ANCHORS_MAX
                && let Some(certificate) = Certificate::read(&der)
                && !self.certificates.iter().any(|known| known.der == certificate.der)
            {
                self.certificates.push(certificate);
            }
        }
        self.certificates.len() - before
    }

    /// Whether a file holds a certificate at all.
    pub fn holds_certificate(file: &[u8]) -> bool {
        certificates_of(file).iter().any(|der| Certificate::read(der).is_some())
    }

    /// A digest of the set, whatever the order: a verdict is as old as the anchors it was given with.
    pub fn hash(&self) -> String {
        let mut digests: Vec<Vec<u8>> =
            self.certificates.iter().filter_map(|one| Digest::Sha256.over(&[&one.der])).collect();
        digests.sort();
        let whole = Digest::Sha256.over(&[&digests.concat()]).unwrap_or_default();
        whole.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The DER of each.
    pub fn der(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(|one| one.der.as_slice())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }
}

/// The DER of each certificate in a file, PEM or DER.
fn certificates_of(file: &[u8]) -> Vec<Vec<u8>> {
    let found = pem_blocks(file, "CERTIFICATE");
    if found.is_empty() { vec![file.to_vec()] } else { found }
}

/// The contents of each PEM block with the label.
pub(crate) fn pem_blocks(file: &[u8], label: &str) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(file);
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut found = Vec::new();
    let mut rest: &str = &text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let Some((body, after)) = after.split_once(&end) else { break };
        found.extend(base64(body));
        rest = after;
    }
    found
}

/// Base64 with line breaks.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count) = (0_u32, 0_u32);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace()) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        group = group << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((group >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

/// A path from a certificate to an anchor.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// The certificates from the holder's up to the anchor; the anchor is the last.
    pub certificates: Vec<Certificate>,
}

impl Path {
    /// Each certificate that an anchor or another one vouches for, with its issuer.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&Certificate, &Certificate)> {
        self.certificates.iter().zip(self.certificates.iter().skip(1))
    }

    /// The digests that hold the path together; the anchor's own signature holds nothing.
    pub(crate) fn digests(&self) -> impl Iterator<Item = Digest> + '_ {
        let held = self.certificates.len().saturating_sub(1);
        self.certificates.iter().take(held).filter_map(|certificate| {
            Scheme::of(certificate.parsed.signature_algorithm(), None).ok().map(Scheme::digest)
        })
    }
}

/// Why there is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPath {
    /// No chain of signatures leads to an anchor.
    Unknown,
    /// A chain leads to an anchor, but a certificate on it is past its end at the time.
    Expired,
    /// A chain leads to an anchor, but a certificate on it is not valid yet at the time.
    NotYetValid,
    /// A certificate on the way may not do what it does, or is not well formed.
    Constraint(String),
}

/// The path from `certificate` to an anchor at `time`, by way of the certificates in `pool`.
pub(crate) fn build(
    certificate: &Certificate,
    pool: &[Certificate],
    anchors: &Anchors,
    time: Timestamp,
) -> Result<Path, NoPath> {
    match build_at(certificate, pool, anchors, time) {
        Err(problem @ (NoPath::Expired | NoPath::NotYetValid)) => {
            // Would it lead to an anchor at all? The end of its own validity is the time to ask for.
            match build_at(certificate, pool, anchors, certificate.not_after()) {
                Err(NoPath::Unknown) => Err(NoPath::Unknown),
                _ => Err(problem),
            }
        }
        result => result,
    }
}

fn build_at(
    certificate: &Certificate,
    pool: &[Certificate],
    anchors: &Anchors,
    time: Timestamp,
) -> Result<Path, NoPath> {
    // An anchor vouches for itself.
    if let Some(anchor) = anchors.certificates.iter().find(|anchor| anchor.der == certificate.der) {
        if time > anchor.not_after() {
            return Err(NoPath::Expired);
        }
        if time < anchor.not_before() {
            return Err(NoPath::NotYetValid);
        }
        return Ok(Path { certificates: vec![anchor.clone()] });
    }
    let anchor_bytes: Vec<CertificateDer<'_>> =
        anchors.certificates.iter().map(|anchor| CertificateDer::from(anchor.der.as_slice())).collect();
    let usable: Vec<(usize, rustls_pki_types::TrustAnchor<'_>)> = anchor_bytes
        .iter()
        .enumerate()
        .filter_map(|(index, der)| Some((index, webpki::anchor_from_trusted_cert(der).ok()?)))
        .collect();
    let trust: Vec<_> = usable.iter().map(|(_, anchor)| anchor.clone()).collect();
    let between: Vec<CertificateDer<'_>> =
        pool.iter().take(CERTIFICATES_MAX).map(|one| CertificateDer::from(one.der.as_slice())).collect();
    let end = CertificateDer::from(certificate.der.as_slice());
    let end = EndEntityCert::try_from(&end).map_err(|error| NoPath::Constraint(format!("{error:?}")))?;
    let seconds = u64::try_from(time.as_second()).unwrap_or(0);
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let path = end
        .verify_for_usage(ALGORITHMS, &trust, &between, at, AnyPurpose, None, None)
        .map_err(|error| problem(&error))?;

    let mut certificates = vec![certificate.clone()];
    for one in path.intermediate_certificates() {
        let der = one.der();
        let found = pool.iter().find(|known| known.der == der.as_ref());
        certificates.extend(found.cloned());
    }
    let anchor = usable.iter().find(|(_, anchor)| anchor == path.anchor()).map(|(index, _)| *index);
    certificates.extend(anchor.and_then(|index| anchors.certificates.get(index)).cloned());
    // webpki leaves the key usage aside.
    for issuer in certificates.iter().skip(1) {
        if let Ok(Some((_, usage))) = issuer.parsed.tbs_certificate().get_extension::<KeyUsage>()
            && !usage.key_cert_sign()
        {
            return Err(NoPath::Constraint("keyCertSign".to_owned()));
        }
    }
    Ok(Path { certificates })
}

fn problem(error: &webpki::Error) -> NoPath {
    match error {
        webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => NoPath::Unknown,
        webpki::Error::CertExpired { .. } => NoPath::Expired,
        webpki::Error::CertNotValidYet { .. } => NoPath::NotYetValid,
        // What goes beyond its name is no matter for a sentence.
        other => NoPath::Constraint(format!("{other:?}").split(['(', '{', ' ']).next().unwrap_or_default().to_owned()),
    }
}

/// Purposes are checked on the certificate that they are about, not on those that issued it.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// One way to sign a certificate with one kind of key.
#[derive(Debug)]
struct ChainAlgorithm {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    scheme: Scheme,
}

impl SignatureVerificationAlgorithm for ChainAlgorithm {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let algorithm = AlgorithmIdentifierOwned::from_der(&asn1::wrap(asn1::SEQUENCE, self.key.as_ref()));
        let bits = der::asn1::BitString::from_bytes(key);
        let (Ok(algorithm), Ok(subject_public_key)) = (algorithm, bits) else { return Err(InvalidSignature) };
        let key = SubjectPublicKeyInfoOwned { algorithm, subject_public_key };
        self.scheme.verify(&key, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

const fn rsa(signature: AlgorithmIdentifier, scheme: Scheme) -> ChainAlgorithm {
    ChainAlgorithm { key: alg_id::RSA_ENCRYPTION, signature, scheme }
}

/// RFC 4055, 5: the parameters are NULL, and readers take them missing, too.
const fn bare(name: &'static [u8], digest: Digest) -> ChainAlgorithm {
    rsa(AlgorithmIdentifier::from_slice(name), Scheme::Pkcs1(digest))
}

const fn curve(key: AlgorithmIdentifier, signature: AlgorithmIdentifier, digest: Digest) -> ChainAlgorithm {
    ChainAlgorithm { key, signature, scheme: Scheme::Ecdsa(digest) }
}

/// sha1WithRSAEncryption: chains built with it are recognised, and the policy says what they are worth.
const RSA_PKCS1_SHA1: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 0x05, 0]);

const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    &rsa(alg_id::RSA_PKCS1_SHA256, Scheme::Pkcs1(Digest::Sha256)),
    &rsa(alg_id::RSA_PKCS1_SHA384, Scheme::Pkcs1(Digest::Sha384)),
    &rsa(alg_id::RSA_PKCS1_SHA512, Scheme::Pkcs1(Digest::Sha512)),
    &bare(&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], Digest::Sha256),
    &bare(&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], Digest::Sha384),
    &bare(&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], Digest::Sha512),
    &rsa(RSA_PKCS1_SHA1, Scheme::Pkcs1(Digest::Sha1)),
    &rsa(alg_id::RSA_PSS_SHA256, Scheme::Pss(Digest::Sha256, 32)),
    &rsa(alg_id::RSA_PSS_SHA384, Scheme::Pss(Digest::Sha384, 48)),
    &rsa(alg_id::RSA_PSS_SHA512, Scheme::Pss(Digest::Sha512, 64)),
    &curve(alg_id::ECDSA_P256, alg_id::ECDSA_SHA256, Digest::Sha256),
    &curve(alg_id::ECDSA_P256, alg_id::ECDSA_SHA384, Digest::Sha384),
    &curve(alg_id::ECDSA_P256, alg_id::ECDSA_SHA512, Digest::Sha512),
    &curve(alg_id::ECDSA_P384, alg_id::ECDSA_SHA256, Digest::Sha256),
    &curve(alg_id::ECDSA_P384, alg_id::ECDSA_SHA384, Digest::Sha384),
    &curve(alg_id::ECDSA_P384, alg_id::ECDSA_SHA512, Digest::Sha512),
    &curve(alg_id::ECDSA_P521, alg_id::ECDSA_SHA256, Digest::Sha256),
    &curve(alg_id::ECDSA_P521, alg_id::ECDSA_SHA384, Digest::Sha384),
    &curve(alg_id::ECDSA_P521, alg_id::ECDSA_SHA512, Digest::Sha512),
];
