//! Certificates and signatures of made-up people: ECDSA by `ring`, laid out as X.509 and CMS (CAdES) ask.

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::der::{bits, integer, octets, oid, sequence, set, tagged, time, utc_time, utf8};

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const SIGNED_DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 2];
const CONTENT_TYPE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 3];
const MESSAGE_DIGEST: &[u64] = &[1, 2, 840, 113_549, 1, 9, 4];
const SIGNING_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 16, 2, 47];
const TIMESTAMP: &[u64] = &[1, 2, 840, 113_549, 1, 9, 16, 2, 14];
const TIMESTAMP_INFO: &[u64] = &[1, 2, 840, 113_549, 1, 9, 16, 1, 4];
const ECDSA_SHA256: &[u64] = &[1, 2, 840, 10_045, 4, 3, 2];
const EC_KEY: &[u64] = &[1, 2, 840, 10_045, 2, 1];
const P256: &[u64] = &[1, 2, 840, 10_045, 3, 1, 7];
const SHA_256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
/// A policy under the arc for examples.
const POLICY: &[u64] = &[2, 999, 1];

/// Somebody with a key and a certificate.
pub struct Signer {
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    serial: u64,
}

/// An authority: a root that issues certificates.
pub struct Authority {
    own: Signer,
    name: Vec<u8>,
}

fn key() -> Option<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let kept = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).ok()?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, kept.as_ref(), &random).ok()
}

fn signature(key: &EcdsaKeyPair, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(key.sign(&SystemRandom::new(), bytes).ok()?.as_ref().to_vec())
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn name(common: &str, organisation: &str, position: Option<&str>) -> Vec<u8> {
    let part = |last: u64, text: &str| set(vec![sequence(&[oid(&[2, 5, 4, last]), utf8(text)])]);
    let country = set(vec![sequence(&[oid(&[2, 5, 4, 6]), tagged(0x13, b"VN")])]);
    let mut parts = vec![country, part(10, organisation)];
    parts.extend(position.map(|position| part(12, position)));
    parts.push(part(3, common));
    sequence(&parts)
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Authority,
    Signing,
    Timestamps,
}

fn certificate(
    subject: &[u8],
    key: &EcdsaKeyPair,
    issuer: &[u8],
    issuer_key: &EcdsaKeyPair,
    purpose: Purpose,
) -> Option<(Vec<u8>, u64)> {
    let mut number = [0_u8; 7];
    ring::rand::SecureRandom::fill(&SystemRandom::new(), &mut number).ok()?;
    let serial = number.iter().fold(1_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let extension =
        |last: u64, value: Vec<u8>| sequence(&[oid(&[2, 5, 29, last]), tagged(0x01, &[0xff]), octets(&value)]);
    let basic = if purpose == Purpose::Authority { sequence(&[tagged(0x01, &[0xff])]) } else { sequence(&[]) };
    // keyCertSign and cRLSign; digitalSignature and nonRepudiation; digitalSignature.
    let usage = match purpose {
        Purpose::Authority => [0x01, 0x06],
        Purpose::Signing => [0x06, 0xc0],
        Purpose::Timestamps => [0x07, 0x80],
    };
    let mut extensions = vec![extension(19, basic), extension(15, tagged(0x03, &usage))];
    if purpose == Purpose::Timestamps {
        extensions.push(extension(37, sequence(&[oid(&[1, 3, 6, 1, 5, 5, 7, 3, 8])])));
    }
    let algorithm = sequence(&[oid(ECDSA_SHA256)]);
    let public = sequence(&[sequence(&[oid(EC_KEY), oid(P256)]), bits(key.public_key().as_ref())]);
    let body = sequence(&[
        tagged(0xa0, &integer(2)),
        integer(serial),
        algorithm.clone(),
        issuer.to_vec(),
        sequence(&[utc_time("200101000000Z"), utc_time("491231235959Z")]),
        subject.to_vec(),
        public,
        tagged(0xa3, &sequence(&extensions)),
    ]);
    let value = signature(issuer_key, &body)?;
    Some((sequence(&[body, algorithm, bits(&value)]), serial))
}

impl Authority {
    /// A new root.
    pub fn new(common: &str) -> Option<Self> {
        let name = name(common, "Thước Đo, bản trình diễn", None);
        let key = key()?;
        let (certificate, serial) = certificate(&name, &key, &name, &key, Purpose::Authority)?;
        Some(Self { own: Signer { key, certificate, issuer: name.clone(), serial }, name })
    }

    fn issue(&self, subject: &[u8], purpose: Purpose) -> Option<Signer> {
        let key = key()?;
        let (certificate, serial) = certificate(subject, &key, &self.name, &self.own.key, purpose)?;
        Some(Signer { key, certificate, issuer: self.name.clone(), serial })
    }

    /// Somebody who signs for an organisation.
    pub fn signer(&self, common: &str, position: &str, organisation: &str) -> Option<Signer> {
        self.issue(&name(common, &format!("{organisation} (mẫu)"), Some(position)), Purpose::Signing)
    }

    /// A machine that proves times.
    pub fn stamper(&self, common: &str) -> Option<Signer> {
        self.issue(&name(common, "Thước Đo, bản trình diễn", None), Purpose::Timestamps)
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut base64 = String::new();
        for part in self.own.certificate.chunks(3) {
            let bits = part.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
            for at in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
                base64.push(if at > part.len() { '=' } else { char::from(letter) });
            }
        }
        let lines: Vec<&str> =
            (0..base64.len()).step_by(64).filter_map(|at| base64.get(at..(at + 64).min(base64.len()))).collect();
        format!(
            "Bịa đặt: chỉ để trình diễn, không phải chứng thư của cơ quan nào. Made up, for the demonstration only.\n\
             -----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            lines.join("\n")
        )
    }
}

impl Signer {
    /// A CMS signature over bytes that stand beside it, with a timestamp where a stamper is given.
    pub fn sign(&self, bytes: &[u8], at: Timestamp, stamper: Option<&Self>) -> Option<Vec<u8>> {
        let attributes = self.attributes(DATA, &sha256(bytes));
        let value = signature(&self.key, &attributes)?;
        let stamp = match stamper {
            Some(stamper) => Some(stamper.stamp(&value, at)?),
            None => None,
        };
        Some(self.signed_data(1, sequence(&[oid(DATA)]), &attributes, &value, stamp.as_deref()))
    }

    /// A timestamp token over a signature value.
    fn stamp(&self, value: &[u8], at: Timestamp) -> Option<Vec<u8>> {
        let imprint = sequence(&[sequence(&[oid(SHA_256)]), octets(&sha256(value))]);
        let info = sequence(&[integer(1), oid(POLICY), imprint, integer(self.serial & 0xffff_ffff), time(at)]);
        let attributes = self.attributes(TIMESTAMP_INFO, &sha256(&info));
        let signed = signature(&self.key, &attributes)?;
        let content = sequence(&[oid(TIMESTAMP_INFO), tagged(0xa0, &octets(&info))]);
        Some(self.signed_data(3, content, &attributes, &signed, None))
    }

    fn attributes(&self, kind: &[u64], digest: &[u8]) -> Vec<u8> {
        let attribute = |name: &[u64], value: Vec<u8>| sequence(&[oid(name), set(vec![value])]);
        let certificate = sequence(&[sequence(&[sequence(&[octets(&sha256(&self.certificate))])])]);
        set(vec![
            attribute(CONTENT_TYPE, oid(kind)),
            attribute(MESSAGE_DIGEST, octets(digest)),
            attribute(SIGNING_CERTIFICATE, certificate),
        ])
    }

    fn signed_data(
        &self,
        version: u64,
        content: Vec<u8>,
        attributes: &[u8],
        value: &[u8],
        stamp: Option<&[u8]>,
    ) -> Vec<u8> {
        let digest_algorithm = sequence(&[oid(SHA_256)]);
        // Within the signer's info the attributes stand under another tag than the one that is signed.
        let mut own = attributes.to_vec();
        own[0] = 0xa0;
        let mut signer = vec![
            integer(1),
            sequence(&[self.issuer.clone(), integer(self.serial)]),
            digest_algorithm.clone(),
            own,
            sequence(&[oid(ECDSA_SHA256)]),
            octets(value),
        ];
        signer.extend(stamp.map(|stamp| tagged(0xa1, &sequence(&[oid(TIMESTAMP), set(vec![stamp.to_vec()])]))));
        let data = sequence(&[
            integer(version),
            set(vec![digest_algorithm]),
            content,
            tagged(0xa0, &self.certificate),
            set(vec![sequence(&signer)]),
        ]);
        sequence(&[oid(SIGNED_DATA), tagged(0xa0, &data)])
    }
}
