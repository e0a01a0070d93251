//! As much writing of DER as made-up certificates and signatures need. Nothing is read here.

/// A value with its tag.
pub fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut value = vec![tag];
    let length = content.len();
    if length < 0x80 {
        value.push(length as u8);
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        value.push(0x80 | bytes.len() as u8);
        value.extend(bytes);
    }
    value.extend_from_slice(content);
    value
}

/// SEQUENCE.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// SET OF, in the order that DER asks for.
pub fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tagged(0x31, &parts.concat())
}

/// A small INTEGER.
pub fn integer(number: u64) -> Vec<u8> {
    let mut bytes: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    if bytes.first().is_none_or(|byte| *byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

/// OBJECT IDENTIFIER.
pub fn oid(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let [first, second, rest @ ..] = numbers else { return tagged(0x06, &[]) };
    for number in std::iter::once(&(first * 40 + second)).chain(rest) {
        let mut digits = vec![(number & 0x7f) as u8];
        let mut left = number >> 7;
        while left > 0 {
            digits.push((left & 0x7f) as u8 | 0x80);
            left >>= 7;
        }
        bytes.extend(digits.iter().rev());
    }
    tagged(0x06, &bytes)
}

/// OCTET STRING.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tagged(0x04, bytes)
}

/// BIT STRING of whole bytes.
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tagged(0x03, &[&[0], bytes].concat())
}

/// UTF8String.
pub fn utf8(text: &str) -> Vec<u8> {
    tagged(0x0c, text.as_bytes())
}

/// GeneralizedTime, to the second.
pub fn time(at: jiff::Timestamp) -> Vec<u8> {
    let text = jiff::tz::Offset::UTC.to_datetime(at).strftime("%Y%m%d%H%M%SZ").to_string();
    tagged(0x18, text.as_bytes())
}

/// UTCTime.
pub fn utc_time(text: &str) -> Vec<u8> {
    tagged(0x17, text.as_bytes())
}
