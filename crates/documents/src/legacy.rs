//! The two encodings from before Unicode that old files are still written in: TCVN3 (fonts named `.Vn…`) and VNI.
//!
//! A font's name tells which it is; where there is none, [`recognise`] looks at which reading gives Vietnamese words. The
//! guess is told, never hidden: see [`Encoding`].

use std::collections::HashMap;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An encoding from before Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// TCVN3 (ABC): one byte a letter; a font whose name ends in H draws capitals with the bytes of small letters.
    Tcvn3 {
        /// Whether the font draws capitals.
        capitals: bool,
    },
    /// VNI for Windows: a letter and, after it, a byte for its marks.
    Vni,
}

/// Small letters of TCVN3 and their bytes, written as the letters that Windows shows for them.
#[rustfmt::skip]
const TCVN3_SMALL: [(char, char); 67] = [
    ('à', 'µ'), ('ả', '¶'), ('ã', '·'), ('á', '¸'), ('ạ', '¹'),
    ('ă', '¨'), ('ằ', '»'), ('ẳ', '¼'), ('ẵ', '½'), ('ắ', '¾'), ('ặ', 'Æ'),
    ('â', '©'), ('ầ', 'Ç'), ('ẩ', 'È'), ('ẫ', 'É'), ('ấ', 'Ê'), ('ậ', 'Ë'),
    ('è', 'Ì'), ('ẻ', 'Î'), ('ẽ', 'Ï'), ('é', 'Ð'), ('ẹ', 'Ñ'),
    ('ê', 'ª'), ('ề', 'Ò'), ('ể', 'Ó'), ('ễ', 'Ô'), ('ế', 'Õ'), ('ệ', 'Ö'),
    ('ì', '×'), ('ỉ', 'Ø'), ('ĩ', 'Ü'), ('í', 'Ý'), ('ị', 'Þ'),
    ('ò', 'ß'), ('ỏ', 'á'), ('õ', 'â'), ('ó', 'ã'), ('ọ', 'ä'),
    ('ô', '«'), ('ồ', 'å'), ('ổ', 'æ'), ('ỗ', 'ç'), ('ố', 'è'), ('ộ', 'é'),
    ('ơ', '¬'), ('ờ', 'ê'), ('ở', 'ë'), ('ỡ', 'ì'), ('ớ', 'í'), ('ợ', 'î'),
    ('ù', 'ï'), ('ủ', 'ñ'), ('ũ', 'ò'), ('ú', 'ó'), ('ụ', 'ô'),
    ('ư', '\u{ad}'), ('ừ', 'õ'), ('ử', 'ö'), ('ữ', '÷'), ('ứ', 'ø'), ('ự', 'ù'),
    ('ỳ', 'ú'), ('ỷ', 'û'), ('ỹ', 'ü'), ('ý', 'ý'), ('ỵ', 'þ'),
    ('đ', '®'),
];

/// The capitals that TCVN3 has bytes for.
const TCVN3_CAPITALS: [(char, char); 7] =
    [('Ă', '¡'), ('Â', '¢'), ('Ê', '£'), ('Ô', '¤'), ('Ơ', '¥'), ('Ư', '¦'), ('Đ', '§')];

/// The marks of VNI after a base: the mark, and what it makes of a, e and o (`aù` is á).
#[rustfmt::skip]
const VNI_PLAIN: [(char, char); 5] = [('ù', '\u{301}'), ('ø', '\u{300}'), ('û', '\u{309}'), ('õ', '\u{303}'), ('ï', '\u{323}')];
#[rustfmt::skip]
const VNI_HAT: [(char, &str); 6] = [
    ('â', "\u{302}"), ('á', "\u{302}\u{301}"), ('à', "\u{302}\u{300}"), ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"), ('ä', "\u{302}\u{323}"),
];
#[rustfmt::skip]
const VNI_BREVE: [(char, &str); 6] = [
    ('ê', "\u{306}"), ('é', "\u{306}\u{301}"), ('è', "\u{306}\u{300}"), ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"), ('ë', "\u{306}\u{323}"),
];
/// The letters of VNI that stand alone.
#[rustfmt::skip]
const VNI_SINGLE: [(char, char); 9] = [
    ('í', 'í'), ('ì', 'ì'), ('æ', 'ỉ'), ('ó', 'ĩ'), ('ò', 'ị'), ('ô', 'ơ'), ('ö', 'ư'), ('î', 'ỵ'), ('ñ', 'đ'),
];

struct Vni {
    pairs: HashMap<(char, char), char>,
    singles: HashMap<char, char>,
    back: HashMap<char, String>,
}

fn capital(letter: char) -> char {
    letter.to_uppercase().next().unwrap_or(letter)
}

fn vni() -> &'static Vni {
    static TABLE: OnceLock<Vni> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Vni { pairs: HashMap::new(), singles: HashMap::new(), back: HashMap::new() };
        for (written, letter) in VNI_SINGLE {
            for (written, letter) in [(written, letter), (capital(written), capital(letter))] {
                table.singles.insert(written, letter);
                table.back.insert(letter, written.to_string());
            }
        }
        let mut pair = |base: char, mark: char, letter: String| {
            let mut composed = letter.nfc();
            let (Some(letter), None) = (composed.next(), composed.next()) else { return };
            for (base, mark, letter) in [(base, mark, letter), (capital(base), capital(mark), capital(letter))] {
                table.pairs.insert((base, mark), letter);
                table.back.entry(letter).or_insert_with(|| [base, mark].iter().collect());
            }
        };
        for (mark, tone) in VNI_PLAIN {
            for (base, letter) in [('a', 'a'), ('e', 'e'), ('o', 'o'), ('u', 'u'), ('y', 'y'), ('ô', 'ơ'), ('ö', 'ư')]
            {
                if (base, mark) != ('y', 'ï') {
                    pair(base, mark, [letter, tone].iter().collect());
                }
            }
        }
        for (mark, marks) in VNI_HAT {
            for base in ['a', 'e', 'o'] {
                pair(base, mark, format!("{base}{marks}"));
            }
        }
        for (mark, marks) in VNI_BREVE {
            pair('a', mark, format!("a{marks}"));
        }
        table
    })
}

fn tcvn3() -> &'static HashMap<char, char> {
    static TABLE: OnceLock<HashMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| TCVN3_SMALL.into_iter().chain(TCVN3_CAPITALS).map(|(letter, byte)| (byte, letter)).collect())
}

impl Encoding {
    /// The encoding that a font's name tells, such as `.VnTimeH` or `VNI-Times`.
    pub fn of_font(name: &str) -> Option<Self> {
        // A subset's name begins with six letters and a plus.
        let name = name.split_once('+').map_or(name, |(_, name)| name).to_lowercase();
        let name = name.trim_start_matches('.');
        if name.starts_with("vni") {
            return Some(Self::Vni);
        }
        let family = name.split(['-', ',', ' ']).next().unwrap_or_default();
        family.starts_with("vn").then(|| Self::Tcvn3 { capitals: family.ends_with('h') })
    }

    /// Text in this encoding, whose bytes were taken for those of Windows-1252, in Unicode.
    pub fn decode(self, text: &str) -> String {
        match self {
            Self::Tcvn3 { capitals } => {
                let letters = text.chars().map(|letter| tcvn3().get(&letter).copied().unwrap_or(letter));
                if capitals { letters.map(capital).collect() } else { letters.collect() }
            }
            Self::Vni => {
                let table = vni();
                let mut decoded = String::with_capacity(text.len());
                let mut letters = text.chars().peekable();
                while let Some(letter) = letters.next() {
                    let pair = letters.peek().and_then(|mark| table.pairs.get(&(letter, *mark)));
                    if let Some(pair) = pair {
                        decoded.push(*pair);
                        letters.next();
                    } else {
                        decoded.push(table.singles.get(&letter).copied().unwrap_or(letter));
                    }
                }
                decoded
            }
        }
    }

    /// The other way round: Unicode in this encoding, as Windows-1252 would show its bytes. What it has no bytes for stays.
    pub fn encode(self, text: &str) -> String {
        let composed = text.nfc();
        match self {
            Self::Tcvn3 { capitals } => composed
                .map(|letter| {
                    let small = if capitals { letter.to_lowercase().next().unwrap_or(letter) } else { letter };
                    let known = TCVN3_SMALL.iter().chain(&TCVN3_CAPITALS).find(|(one, _)| *one == small);
                    known.map_or(small, |(_, byte)| *byte)
                })
                .collect(),
            Self::Vni => {
                let mut encoded = String::new();
                for letter in composed {
                    match vni().back.get(&letter) {
                        Some(written) => encoded.push_str(written),
                        None => encoded.push(letter),
                    }
                }
                encoded
            }
        }
    }
}

/// The letters with marks, small and capital: 134.
pub fn letters() -> impl Iterator<Item = char> {
    TCVN3_SMALL.into_iter().flat_map(|(letter, _)| [letter, capital(letter)])
}

/// How much like Vietnamese a text is: words with marks that could be syllables, less those that could not.
fn likeness(text: &str) -> i64 {
    let mut sum = 0;
    for word in text.split(|letter: char| !letter.is_alphanumeric() && letter.is_ascii() || letter.is_whitespace()) {
        if word.is_ascii() {
            continue;
        }
        sum += if is_syllable(word) { 1 } else { -2 };
    }
    sum
}

/// Whether a word could be a Vietnamese syllable: its letters, one run of vowels, at most one tone.
fn is_syllable(word: &str) -> bool {
    let (mut tones, mut runs, mut in_run, mut count) = (0, 0, false, 0);
    for letter in word.chars().flat_map(char::to_lowercase) {
        count += 1;
        if !letter.is_ascii_alphanumeric() && !TCVN3_SMALL.iter().any(|(known, _)| *known == letter) {
            return false;
        }
        tones += letter.nfd().filter(|mark| "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(*mark)).count();
        let base = letter.nfd().find(|part| !is_combining_mark(*part)).unwrap_or(letter);
        let vowel = "aeiouy".contains(base);
        runs += usize::from(vowel && !in_run);
        in_run = vowel;
    }
    tones <= 1 && runs <= 1 && count <= 7
}

/// The encoding that a text is in, where reading it so gives more Vietnamese than reading it as it stands.
pub fn recognise(text: &str) -> Option<Encoding> {
    let as_it_is = likeness(text);
    [Encoding::Tcvn3 { capitals: false }, Encoding::Vni]
        .into_iter()
        .map(|encoding| (likeness(&encoding.decode(text)), encoding))
        .filter(|(score, _)| *score >= 3 && *score > as_it_is)
        .max_by_key(|(score, _)| *score)
        .map(|(_, encoding)| encoding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = "Quyết định về việc thành lập Ban Chỉ đạo chuyển đổi số của Ủy ban nhân dân xã";

    #[test]
    fn each_of_the_134_letters_comes_back() {
        let all: Vec<char> = letters().collect();
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 134);
        for letter in all {
            let text = letter.to_string();
            assert_eq!(Encoding::Vni.decode(&Encoding::Vni.encode(&text)), text);
            let own = TCVN3_SMALL.iter().chain(&TCVN3_CAPITALS).any(|(known, _)| *known == letter);
            let encoding = Encoding::Tcvn3 { capitals: !own };
            let encoded = encoding.encode(&text);
            assert_eq!(encoding.decode(&encoded), text);
        }
    }

    proptest! {
        #[test]
        fn words_come_back(picks in proptest::collection::vec((0_usize..134, "[a-zA-Z0-9 ,./]{0,4}"), 0..40)) {
            let all: Vec<char> = letters().collect();
            // Between two letters with marks stands a consonant: "a" before a mark of VNI would be another letter.
            let text: String = picks.iter().flat_map(|(at, between)| {
                std::iter::once(all[*at]).chain("t".chars()).chain(between.chars()).chain("t".chars()).collect::<Vec<_>>()
            }).collect();
            prop_assert_eq!(Encoding::Vni.decode(&Encoding::Vni.encode(&text)), text.clone());
            let small = text.to_lowercase();
            let plain = Encoding::Tcvn3 { capitals: false };
            prop_assert_eq!(plain.decode(&plain.encode(&small)), small);
        }
    }

    #[test]
    fn a_text_tells_its_encoding() {
        let tcvn3 = Encoding::Tcvn3 { capitals: false };
        assert_eq!(recognise(&tcvn3.encode(SAMPLE)), Some(tcvn3));
        assert_eq!(recognise(&Encoding::Vni.encode(SAMPLE)), Some(Encoding::Vni));
        for plain in [SAMPLE, "A decision on the steering committee", "", "12/QĐ-UBND", "über café naïve façade"] {
            assert_eq!(recognise(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_font_tells_its_encoding() {
        assert_eq!(Encoding::of_font("ABCDEF+.VnTimeH"), Some(Encoding::Tcvn3 { capitals: true }));
        assert_eq!(Encoding::of_font(".VnTime-Bold"), Some(Encoding::Tcvn3 { capitals: false }));
        assert_eq!(Encoding::of_font("VNI-Times"), Some(Encoding::Vni));
        assert_eq!(Encoding::of_font("Times New Roman"), None);
    }
}
