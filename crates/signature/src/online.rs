//! Who outside the file could tell whether a certificate was revoked, and what their answers are worth.
//!
//! Nothing is fetched here. A report names its wishes: the responders (OCSP) and lists (CRL) that the certificates name
//! themselves. Whoever may ask brings what came back as [`Fetched`] and has the file checked again. What came from outside
//! is believed no sooner than what a file carries, and the report says that it came from there.

use der::asn1::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use crate::algorithm::Digest;
use crate::asn1;
use crate::certificate::{Certificate, clean};
use crate::limits::{ADDRESS_BYTES_MAX, PLACES_MAX};
use crate::path::pem_blocks;
use crate::revocation::{self, Standing};

const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
/// AlgorithmIdentifier of SHA-1 with NULL: the one that every responder knows (RFC 5019, 2.1.1).
const SHA1_IDENTIFIER: &[u8] = &[0x30, 9, 0x06, 5, 0x2b, 0x0e, 3, 2, 0x1a, 0x05, 0];
/// How far ahead of ours the clock of a responder may go.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// What kind of place knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A responder that answers about one certificate (RFC 6960).
    Ocsp,
    /// A list of all that were revoked (RFC 5280, 5).
    Crl,
}

/// Something that would tell more, if somebody fetched it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wish {
    /// What is there.
    pub kind: Place,
    /// Where; `http` or `https`, and chosen by whoever made the certificate.
    pub url: String,
    /// What to ask a responder: an OCSPRequest in DER, to be posted. Empty for a list.
    #[serde(with = "hexadecimal", default, skip_serializing_if = "Vec::is_empty")]
    pub question: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unheard {
    /// The address is one that must not be asked.
    Refused,
    /// Nobody is there, or what is there does not answer the question.
    Down,
    /// The answer took too long.
    Slow,
    /// The answer is too large.
    TooLarge,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Got {
    /// These bytes.
    Bytes(#[serde(with = "hexadecimal")] Vec<u8>),
    /// Nothing.
    Unheard(Unheard),
}

/// A wish that somebody tried to fulfil.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The wish.
    pub wish: Wish,
    /// When.
    pub at: Timestamp,
    /// What came back.
    pub got: Got,
}

/// What an answer said, or why it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The certificate is not revoked.
    Good,
    /// It is.
    Revoked,
    /// The responder does not know the certificate.
    NotKnown,
    /// The answer is about another time: too old, or from the future.
    Stale,
    /// Whoever signed it may not answer for the issuer.
    NotEntitled,
    /// It cannot be read, or is about something else.
    Unfit,
    /// The address is one that must not be asked.
    Refused,
    /// Nobody answered.
    Down,
    /// The answer took too long.
    Slow,
    /// The answer is too large.
    TooLarge,
}

impl From<Unheard> for Told {
    fn from(why: Unheard) -> Self {
        match why {
            Unheard::Refused => Self::Refused,
            Unheard::Down => Self::Down,
            Unheard::Slow => Self::Slow,
            Unheard::TooLarge => Self::TooLarge,
        }
    }
}

/// What was learnt, or not, from outside the file; part of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What kind of place was asked.
    pub kind: Place,
    /// Where.
    pub url: String,
    /// When.
    pub at: Timestamp,
    /// About whose certificate.
    pub about: Option<String>,
    /// What it told.
    pub told: Told,
    /// Until when the answer promises to hold.
    pub until: Option<Timestamp>,
}

/// What was asked for one signature, and what else might be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inquiry {
    pub asked: Vec<Asked>,
    pub wishes: Vec<Wish>,
    /// Whether an answer from outside was what settled something.
    pub settled: bool,
}

impl Inquiry {
    /// Takes over what another signature, such as a timestamp's, asked for.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.asked.extend(other.asked.iter().cloned());
        self.wishes.extend(other.wishes.iter().cloned());
    }

    /// What the answers at hand say of `certificate` at `time`. Where they leave it open, the next place becomes a wish:
    /// one after the other, so that no more is fetched than is needed.
    pub(crate) fn standing(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        time: Timestamp,
        fetched: &[Fetched],
    ) -> Standing {
        let mut found = Standing::Unknown;
        for wish in wishes(certificate, issuer) {
            match fetched.iter().find(|one| one.wish == wish) {
                Some(one) => {
                    let told = weigh(one, certificate, issuer, time);
                    self.asked.push(Asked {
                        kind: wish.kind,
                        url: clean(&wish.url),
                        at: one.at,
                        about: certificate.holder().name,
                        told: match told {
                            Ok((Standing::Revoked(_), _)) => Told::Revoked,
                            Ok(_) => Told::Good,
                            Err(why) => why,
                        },
                        until: told.ok().and_then(|(_, until)| until),
                    });
                    match (told, found) {
                        (Ok((Standing::Revoked(at), _)), Standing::Revoked(known)) => {
                            found = Standing::Revoked(at.min(known));
                        }
                        (Ok((standing @ Standing::Revoked(_), _)), _) | (Ok((standing, _)), Standing::Unknown) => {
                            found = standing;
                        }
                        _ => {}
                    }
                }
                None if found == Standing::Unknown => {
                    self.wishes.push(wish);
                    break;
                }
                None => {}
            }
        }
        self.settled |= found != Standing::Unknown;
        found
    }
}

/// Where a certificate says that one may ask about it: responders first, whose answers are small.
fn wishes(certificate: &Certificate, issuer: &Certificate) -> Vec<Wish> {
    let question = question(certificate, issuer);
    let asked = responders(certificate).into_iter().filter_map(|url| {
        question.as_ref().map(|question| Wish { kind: Place::Ocsp, url, question: question.clone() })
    });
    let listed = lists(certificate).into_iter().map(|url| Wish { kind: Place::Crl, url, question: Vec::new() });
    asked.chain(listed).take(PLACES_MAX).collect()
}

fn address(name: &GeneralName) -> Option<String> {
    let GeneralName::UniformResourceIdentifier(address) = name else { return None };
    let address = address.as_str();
    let scheme = address.split_once("://")?.0;
    let fit = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    (fit && address.len() <= ADDRESS_BYTES_MAX).then(|| address.to_owned())
}

fn responders(certificate: &Certificate) -> Vec<String> {
    let found = certificate.parsed.tbs_certificate().get_extension::<AuthorityInfoAccessSyntax>();
    let Ok(Some((_, places))) = found else { return Vec::new() };
    places.0.iter().filter(|one| one.access_method == OCSP).filter_map(|one| address(&one.access_location)).collect()
}

/// The lists that a certificate names, each for all reasons and by its own issuer.
pub(crate) fn lists(certificate: &Certificate) -> Vec<String> {
    let found = certificate.parsed.tbs_certificate().get_extension::<CrlDistributionPoints>();
    let Ok(Some((_, points))) = found else { return Vec::new() };
    let whole = points.0.iter().filter(|point| point.reasons.is_none() && point.crl_issuer.is_none());
    let names = whole.filter_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => None,
    });
    names.flatten().filter_map(address).collect()
}

/// An OCSPRequest about one certificate, without a nonce: answers are made ahead (RFC 5019, 2.1).
fn question(certificate: &Certificate, issuer: &Certificate) -> Option<Vec<u8>> {
    let key = issuer.parsed.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes()?;
    let name_hash = asn1::wrap(asn1::OCTET_STRING, &Digest::Sha1.over(&[&certificate.issuer()])?);
    let key_hash = asn1::wrap(asn1::OCTET_STRING, &Digest::Sha1.over(&[key])?);
    let serial = asn1::wrap(asn1::INTEGER, certificate.serial());
    let certificate_id = asn1::wrap(asn1::SEQUENCE, &[SHA1_IDENTIFIER, &name_hash, &key_hash, &serial].concat());
    // Request, requestList, TBSRequest, OCSPRequest.
    Some((0..4).fold(certificate_id, |inside, _| asn1::wrap(asn1::SEQUENCE, &inside)))
}

/// What an answer says of a certificate at a time, and until when it promises to hold.
fn weigh(
    fetched: &Fetched,
    certificate: &Certificate,
    issuer: &Certificate,
    time: Timestamp,
) -> Result<(Standing, Option<Timestamp>), Told> {
    let bytes = match &fetched.got {
        Got::Bytes(bytes) => bytes,
        Got::Unheard(why) => return Err((*why).into()),
    };
    let word = match fetched.wish.kind {
        Place::Ocsp => revocation::answer(bytes, certificate, issuer, time, fetched.at)?,
        Place::Crl => {
            // Meant to be DER; some servers give text.
            let der = if bytes.starts_with(b"-----") { pem_blocks(bytes, "X509 CRL").pop() } else { None };
            revocation::list(der.as_deref().unwrap_or(bytes), certificate, issuer, time)?
        }
    };
    let ahead = fetched.at.checked_add(CLOCKS_DIFFER).unwrap_or(Timestamp::MAX);
    if word.issued > ahead { Err(Told::Stale) } else { Ok((word.standing, word.until)) }
}

/// Bytes as text.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
        let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = text.as_bytes().chunks(2);
        let bytes = pairs.map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        bytes.collect::<Option<_>>().ok_or_else(|| de::Error::custom("not hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fetched_survives_being_written_down() {
        let wish = Wish { kind: Place::Ocsp, url: "http://o.example/".to_owned(), question: vec![0x30, 0xff] };
        for got in [Got::Bytes(vec![0, 1, 0xab]), Got::Unheard(Unheard::Slow)] {
            let one = Fetched { wish: wish.clone(), at: Timestamp::UNIX_EPOCH, got };
            let text = serde_json::to_string(&one).unwrap_or_default();
            assert_eq!(serde_json::from_str::<Fetched>(&text).ok(), Some(one), "{text}");
        }
        let odd = r#"{"wish":{"kind":"crl","url":"x"},"at":"2026-01-01T00:00:00Z","got":{"bytes":"abc"}}"#;
        assert!(serde_json::from_str::<Fetched>(odd).is_err());
    }
}
