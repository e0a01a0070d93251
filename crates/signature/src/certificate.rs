//! A certificate: its bytes, what it says about its holder, and what it may be used for.

use der::asn1::ObjectIdentifier;
use der::{Any, Decode, Encode, Tag, Tagged};
use jiff::Timestamp;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::name::Name;

use crate::asn1;
use crate::limits::NAME_CHARS_MAX;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANISATION_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const TITLE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.12");
const EMAIL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");
pub(crate) const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
pub(crate) const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
/// Purposes that are nobody's will upon a document: web servers, programs, OCSP responders, timestamping authorities.
pub(crate) const MACHINE_PURPOSES: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
    TIME_STAMPING,
    OCSP_SIGNING,
];

/// A certificate that could be read.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// Its DER, as received.
    pub der: Vec<u8>,
    /// What stands in it.
    pub parsed: x509_cert::Certificate,
}

/// Who holds a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The common name, or what else names the holder.
    pub name: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// The units within it, from the largest.
    pub units: Vec<String>,
    /// The position (chức vụ).
    pub position: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

impl Certificate {
    /// Reads DER; bytes after the certificate are refused.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        Some(Self { der: der.to_vec(), parsed: x509_cert::Certificate::from_der(der).ok()? })
    }

    /// The bytes that the issuer signed, as received.
    pub(crate) fn signed_bytes(&self) -> Option<&[u8]> {
        Some(asn1::read(asn1::contents(&self.der, asn1::SEQUENCE)?)?.0.raw)
    }

    /// From when it is valid.
    pub(crate) fn not_before(&self) -> Timestamp {
        timestamp(&self.parsed.tbs_certificate().validity().not_before)
    }

    /// Until when it is valid.
    pub(crate) fn not_after(&self) -> Timestamp {
        timestamp(&self.parsed.tbs_certificate().validity().not_after)
    }

    /// The subject's DER.
    pub(crate) fn subject(&self) -> Vec<u8> {
        self.parsed.tbs_certificate().subject().to_der().unwrap_or_default()
    }

    /// The issuer's DER.
    pub(crate) fn issuer(&self) -> Vec<u8> {
        self.parsed.tbs_certificate().issuer().to_der().unwrap_or_default()
    }

    /// Whether this name is the issuer's, in whatever kind of string each is written (RFC 5280, 7.1).
    pub(crate) fn is_issued_by(&self, name: &Name) -> bool {
        let own = self.parsed.tbs_certificate().issuer();
        let parts = |name: &Name| -> Vec<_> { name.iter().map(|part| (part.oid, text(&part.value))).collect() };
        own == name || parts(own) == parts(name)
    }

    /// The serial number's bytes.
    pub(crate) fn serial(&self) -> &[u8] {
        self.parsed.tbs_certificate().serial_number().as_bytes()
    }

    /// The serial number in hexadecimal, as certificate viewers show it.
    pub(crate) fn serial_text(&self) -> String {
        use std::fmt::Write;
        let bytes = self.serial();
        let digits = bytes.iter().position(|byte| *byte != 0).map_or(bytes, |from| bytes.get(from..).unwrap_or(bytes));
        digits.iter().fold(String::new(), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The key identifier that the certificate states.
    pub(crate) fn key_identifier(&self) -> Option<Vec<u8>> {
        let found = self.parsed.tbs_certificate().get_extension::<SubjectKeyIdentifier>().ok()??;
        Some(found.1.0.as_bytes().to_vec())
    }

    /// Who holds it.
    pub(crate) fn holder(&self) -> Holder {
        let mut holder = holder(self.parsed.tbs_certificate().subject());
        if holder.email.is_none()
            && let Ok(Some((_, names))) = self.parsed.tbs_certificate().get_extension::<SubjectAltName>()
        {
            holder.email = names.0.iter().find_map(|name| match name {
                GeneralName::Rfc822Name(address) => Some(clean(address.as_str())),
                _ => None,
            });
        }
        holder
    }

    /// Who issued it, in one phrase.
    pub(crate) fn issuer_text(&self) -> Option<String> {
        let issuer = holder(self.parsed.tbs_certificate().issuer());
        match (issuer.name, issuer.organisation) {
            (Some(name), Some(organisation)) if name != organisation => Some(format!("{name} ({organisation})")),
            (Some(name), _) | (None, Some(name)) => Some(name),
            (None, None) => None,
        }
    }

    /// The purposes that it states.
    pub(crate) fn purposes(&self) -> Vec<ObjectIdentifier> {
        match self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>() {
            Ok(Some((_, purposes))) => purposes.0,
            _ => Vec::new(),
        }
    }

    /// Whether it states this purpose; `None` where it states no purposes at all.
    pub(crate) fn has_purpose(&self, purpose: ObjectIdentifier) -> Option<bool> {
        match self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>() {
            Ok(Some((_, purposes))) => Some(purposes.0.contains(&purpose)),
            Ok(None) => None,
            Err(_) => Some(false),
        }
    }

    /// Whether its key may sign documents: digital signature or non-repudiation, or nothing said.
    pub(crate) fn may_sign(&self) -> bool {
        match self.parsed.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) => usage.digital_signature() || usage.non_repudiation(),
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// Whether `self` carries the value that `issuer`'s key made over it.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> bool {
        let scheme = crate::algorithm::Scheme::of(self.parsed.signature_algorithm(), None);
        let (Ok(scheme), Some(bytes), Some(value)) = (scheme, self.signed_bytes(), self.parsed.signature().as_bytes())
        else {
            return false;
        };
        let key = issuer.parsed.tbs_certificate().subject_public_key_info();
        self.issuer() == issuer.subject() && scheme.verify(key, bytes, value).is_ok()
    }
}

/// An instant of X.509.
pub(crate) fn timestamp(time: &x509_cert::time::Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn holder(name: &Name) -> Holder {
    let mut holder = Holder::default();
    for attribute in name.iter() {
        let Some(text) = text(&attribute.value).map(|text| clean(&text)).filter(|text| !text.is_empty()) else {
            continue;
        };
        match attribute.oid {
            COMMON_NAME => holder.name = Some(text),
            ORGANISATION => holder.organisation = Some(text),
            ORGANISATION_UNIT => holder.units.push(text),
            TITLE => holder.position = Some(text),
            EMAIL => holder.email = Some(text),
            _ => {}
        }
    }
    if holder.name.is_none() {
        holder.name = holder.organisation.clone().or_else(|| holder.units.last().cloned());
    }
    holder
}

/// A string of a name, in whichever of the many string types it is written.
fn text(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::VisibleString | Tag::NumericString => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        Tag::BmpString => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        // Teletex and the rest: what is written in practice is Latin-1 or UTF-8.
        _ => Some(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }),
    }
}

/// A name fit to be shown: one line, of bounded length, without characters that turn or hide what stands beside them.
pub(crate) fn clean(text: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let shown: String = text.chars().map(|letter| if hidden(letter) { ' ' } else { letter }).collect();
    let one_line: Vec<&str> = shown.split_whitespace().collect();
    one_line.join(" ").chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_turn_the_line_around_or_break_it() {
        assert_eq!(clean("Nguyễn Văn\u{202e} An\n\tGiám đốc"), "Nguyễn Văn An Giám đốc");
        assert_eq!(clean(&"x".repeat(1_000)).len(), NAME_CHARS_MAX);
    }
}
