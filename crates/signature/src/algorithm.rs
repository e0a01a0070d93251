//! Digests and signature algorithms: which one is named, and does the value fit?
//!
//! All cryptography is done by libraries: `ring` for digests, RSA PKCS#1 and most ECDSA; the RustCrypto crates for what
//! `ring` leaves out (PSS with any salt, P-521, a curve with a digest of another size).

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use serde::{Deserialize, Serialize};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::asn1;

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// MD5: recognised, never computed.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a signature value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSA PKCS#1 v1.5.
    Pkcs1(Digest),
    /// RSA PSS, with a salt of so many bytes.
    Pss(Digest, usize),
    /// ECDSA.
    Ecdsa(Digest),
}

/// Why a signature value was not found right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The algorithm, curve or key size is not one that is checked here.
    Unsupported(String),
    /// The value does not belong to the message and key.
    Wrong,
}

/// The kind of a public key, with what decides its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// RSA and its modulus in bits.
    Rsa {
        /// The length of the modulus.
        modulus_bits: usize,
    },
    /// A NIST curve: 256, 384 or 521.
    Curve {
        /// The size of the curve.
        field_bits: usize,
    },
    /// Something else.
    Other,
}

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const ECDSA_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");
const P521: ObjectIdentifier = oid("1.3.132.0.35");

impl Digest {
    /// The digest that an object identifier names.
    pub(crate) fn of(name: ObjectIdentifier) -> Option<Self> {
        match name {
            MD5 => Some(Self::Md5),
            SHA1 => Some(Self::Sha1),
            SHA256 => Some(Self::Sha256),
            SHA384 => Some(Self::Sha384),
            SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of the parts, one after the other; `None` for MD5.
    pub(crate) fn over(self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        let algorithm = match self {
            Self::Md5 => return None,
            Self::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &ring::digest::SHA256,
            Self::Sha384 => &ring::digest::SHA384,
            Self::Sha512 => &ring::digest::SHA512,
        };
        let mut context = ring::digest::Context::new(algorithm);
        for part in parts {
            context.update(part);
        }
        Some(context.finish().as_ref().to_vec())
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

impl Scheme {
    /// The scheme that an algorithm identifier names; where it names no digest, `digest` is the one beside it.
    pub(crate) fn of(algorithm: &AlgorithmIdentifierOwned, digest: Option<Digest>) -> Result<Self, Refusal> {
        let unsupported = || Refusal::Unsupported(algorithm.oid.to_string());
        Ok(match algorithm.oid {
            RSA => Self::Pkcs1(digest.ok_or_else(unsupported)?),
            RSA_MD5 => Self::Pkcs1(Digest::Md5),
            RSA_SHA1 => Self::Pkcs1(Digest::Sha1),
            RSA_SHA256 => Self::Pkcs1(Digest::Sha256),
            RSA_SHA384 => Self::Pkcs1(Digest::Sha384),
            RSA_SHA512 => Self::Pkcs1(Digest::Sha512),
            RSA_PSS => pss(algorithm).ok_or_else(unsupported)?,
            ECDSA_SHA1 => Self::Ecdsa(Digest::Sha1),
            ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            EC => Self::Ecdsa(digest.ok_or_else(unsupported)?),
            _ => return Err(unsupported()),
        })
    }

    /// The digest that the signature value was made over.
    pub(crate) fn digest(self) -> Digest {
        match self {
            Self::Pkcs1(digest) | Self::Pss(digest, _) | Self::Ecdsa(digest) => digest,
        }
    }

    /// Does `value` belong to `message` and `key`?
    pub(crate) fn verify(self, key: &SubjectPublicKeyInfoOwned, message: &[u8], value: &[u8]) -> Result<(), Refusal> {
        let unsupported = |what: &str| Err(Refusal::Unsupported(what.to_owned()));
        let Some(public) = key.subject_public_key.as_bytes() else { return unsupported("public key") };
        match self {
            Self::Pkcs1(digest) if key.algorithm.oid == RSA => {
                // Small keys are verified too: that they are weak is a matter of the policy, not of arithmetic.
                let algorithm = match digest {
                    Digest::Md5 => return unsupported("MD5"),
                    Digest::Sha1 => &ring::signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    Digest::Sha256 => &ring::signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                    Digest::Sha384 => &ring::signature::RSA_PKCS1_2048_8192_SHA384,
                    Digest::Sha512 => &ring::signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                };
                ring_verify(algorithm, public, message, value)
            }
            Self::Pss(digest, salt) if key.algorithm.oid == RSA || key.algorithm.oid == RSA_PSS => {
                pss_verify(digest, salt, public, message, value)
            }
            Self::Ecdsa(digest) if key.algorithm.oid == EC => {
                match (curve(key), digest) {
                    (Some(P256), Digest::Sha256) => {
                        return ring_verify(&ring::signature::ECDSA_P256_SHA256_ASN1, public, message, value);
                    }
                    (Some(P384), Digest::Sha384) => {
                        return ring_verify(&ring::signature::ECDSA_P384_SHA384_ASN1, public, message, value);
                    }
                    _ => {}
                }
                let Some(hash) = digest.over(&[message]) else { return unsupported("MD5") };
                macro_rules! check {
                    ($curve:ident) => {{
                        let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(public).map_err(|_| Refusal::Wrong)?;
                        let value = $curve::ecdsa::Signature::from_der(value).map_err(|_| Refusal::Wrong)?;
                        key.verify_prehash(&hash, &value).map_err(|_| Refusal::Wrong)
                    }};
                }
                match curve(key) {
                    Some(P256) => check!(p256),
                    Some(P384) => check!(p384),
                    Some(P521) => check!(p521),
                    _ => unsupported("curve"),
                }
            }
            // A value of one kind under a key of another can only be wrong.
            Self::Pkcs1(_) | Self::Pss(..) | Self::Ecdsa(_) => Err(Refusal::Wrong),
        }
    }
}

/// The kind and size of a key.
pub(crate) fn key_kind(key: &SubjectPublicKeyInfoOwned) -> Key {
    match key.algorithm.oid {
        RSA | RSA_PSS => {
            let bytes = key.subject_public_key.as_bytes().unwrap_or_default();
            let modulus =
                asn1::contents(bytes, asn1::SEQUENCE).and_then(|inside| asn1::contents(inside, asn1::INTEGER));
            let Some(modulus) = modulus else { return Key::Other };
            let leading = modulus.iter().take_while(|byte| **byte == 0).count();
            let zeros = modulus.get(leading).map_or(0, |byte| byte.leading_zeros() as usize);
            Key::Rsa { modulus_bits: (modulus.len() - leading) * 8 - zeros }
        }
        EC => match curve(key) {
            Some(P256) => Key::Curve { field_bits: 256 },
            Some(P384) => Key::Curve { field_bits: 384 },
            Some(P521) => Key::Curve { field_bits: 521 },
            _ => Key::Other,
        },
        _ => Key::Other,
    }
}

fn curve(key: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    key.algorithm.parameters.as_ref()?.decode_as().ok()
}

fn ring_verify(
    algorithm: &'static dyn ring::signature::VerificationAlgorithm,
    public: &[u8],
    message: &[u8],
    value: &[u8],
) -> Result<(), Refusal> {
    let key = ring::signature::UnparsedPublicKey::new(algorithm, public);
    key.verify(message, value).map_err(|_| Refusal::Wrong)
}

fn pss_verify(digest: Digest, salt: usize, public: &[u8], message: &[u8], value: &[u8]) -> Result<(), Refusal> {
    let key = rsa::RsaPublicKey::from_pkcs1_der(public).map_err(|_| Refusal::Unsupported("RSA".to_owned()))?;
    let value = rsa::pss::Signature::try_from(value).map_err(|_| Refusal::Wrong)?;
    macro_rules! check {
        ($digest:ty) => {
            rsa::pss::VerifyingKey::<$digest>::new_with_salt_len(key, salt).verify(message, &value)
        };
    }
    let result = match digest {
        Digest::Sha256 => check!(sha2::Sha256),
        Digest::Sha384 => check!(sha2::Sha384),
        Digest::Sha512 => check!(sha2::Sha512),
        Digest::Md5 | Digest::Sha1 => return Err(Refusal::Unsupported(format!("PSS {}", digest.name()))),
    };
    result.map_err(|_| Refusal::Wrong)
}

/// PSS with its parameters, if the mask is generated with the digest of the message. The salt has the length that they
/// state, or 20 bytes (RFC 8017, A.2.3): a value with another one was not made by these parameters.
fn pss(algorithm: &AlgorithmIdentifierOwned) -> Option<Scheme> {
    let parameters = algorithm.parameters.as_ref()?.to_der().ok()?;
    let mut digest = Digest::Sha1;
    let mut mask = Digest::Sha1;
    let mut salt = 20;
    let of = |bytes: &[u8]| AlgorithmIdentifierOwned::from_der(bytes).ok();
    for field in asn1::values(asn1::contents(&parameters, asn1::SEQUENCE)?) {
        match field.tag {
            asn1::CONTEXT_0 => digest = Digest::of(of(field.contents)?.oid)?,
            asn1::CONTEXT_1 => mask = Digest::of(of(&of(field.contents)?.parameters?.to_der().ok()?)?.oid)?,
            asn1::CONTEXT_2 => salt = usize::from(u16::from_der(field.contents).ok()?),
            _ => {}
        }
    }
    (digest == mask).then_some(Scheme::Pss(digest, salt))
}
