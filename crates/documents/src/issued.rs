//! Our own papers found again: the mark that a PDF of ours carries, its words, and what differs between what was issued and
//! what came back signed.
//!
//! The mark is kept as a keyword of the file, which a signature that is added to the file leaves where it is. It tells
//! which paper to compare with and proves nothing by itself: what counts is the comparison with the words that were kept.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pdf_text::{joined, layout, rows};

/// What a mark begins with.
const BEGINS: &str = "thuocdo-paper:";
/// Bytes of a paper's code, in hexadecimal letters that nobody guesses.
pub const CODE_BYTES: usize = 20;
/// Pages of a paper that are compared.
const PAGES_MAX: usize = 400;
/// Differences that are told.
pub const DIFFERENCES_MAX: usize = 40;
/// Words of one side of a difference that are told.
const TOLD_WORDS_MAX: usize = 40;
/// How far ahead the same words are looked for behind a difference.
const AHEAD_MAX: usize = 400;
/// How many words in a row must be the same for the texts to run together again.
const TOGETHER: usize = 3;

/// What a paper of ours carries: which one it is, and what its words come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The paper's code.
    pub code: String,
    /// The SHA-256 of its words.
    pub words: String,
}

impl Mark {
    /// As the file keeps it.
    pub fn keyword(&self) -> String {
        format!("{BEGINS}{}:{}", self.code, self.words)
    }

    /// The mark in a file's bytes; of several the first, which a later revision cannot come before.
    pub fn find(file: &[u8]) -> Option<Self> {
        let begins = BEGINS.as_bytes();
        let at = file.windows(begins.len()).position(|window| window == begins)?;
        let rest = file.get(at + begins.len()..)?;
        let code = rest.get(..CODE_BYTES)?;
        let words = rest.get(CODE_BYTES + 1..CODE_BYTES + 65)?;
        let is_hex = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
        let whole = rest.get(CODE_BYTES) == Some(&b':') && is_hex(code) && is_hex(words);
        whole.then(|| Self {
            code: String::from_utf8_lossy(code).into_owned(),
            words: String::from_utf8_lossy(words).into_owned(),
        })
    }
}

/// The words of a PDF in the order of its lines; `None` where it cannot be read.
pub fn words(file: &[u8]) -> Option<Vec<String>> {
    let pages = layout(file, PAGES_MAX)?;
    let mut words = Vec::new();
    for page in pages {
        for line in rows(page.pieces) {
            words.extend(joined(&line, f64::INFINITY).split_whitespace().map(str::to_owned));
        }
    }
    Some(words)
}

/// What words come to.
pub fn hash(words: &[String]) -> String {
    Sha256::digest(words.join(" ").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One place where what came back differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// A few words before it, which are the same.
    pub behind: String,
    /// What was issued there.
    pub issued: String,
    /// What stands there now.
    pub found: String,
}

/// How what came back compares with what was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// The file itself, with signatures added and nothing else.
    Same,
    /// Another file with all its words: written anew by a program, or changed where there are no words.
    SameWords,
    /// Its words differ.
    Altered,
}

impl Likeness {
    /// The name in data.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::SameWords => "same-words",
            Self::Altered => "altered",
        }
    }

    /// The one with this name in data.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Same, Self::SameWords, Self::Altered].into_iter().find(|one| one.key() == key)
    }
}

/// The places where two texts differ, in order, at most [`DIFFERENCES_MAX`].
pub fn differences(issued: &[String], found: &[String]) -> Vec<Difference> {
    let mut out = Vec::new();
    let (mut a, mut b) = (0, 0);
    while (a < issued.len() || b < found.len()) && out.len() < DIFFERENCES_MAX {
        if issued.get(a) == found.get(b) {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let (skip_a, skip_b) = together(&issued[a..], &found[b..]);
        let told = |words: &[String]| {
            let mut text = words.iter().take(TOLD_WORDS_MAX).cloned().collect::<Vec<_>>().join(" ");
            if words.len() > TOLD_WORDS_MAX {
                text.push_str(" …");
            }
            text
        };
        out.push(Difference {
            behind: issued[a.saturating_sub(6)..a].join(" "),
            issued: told(&issued[a..a + skip_a]),
            found: told(&found[b..b + skip_b]),
        });
        (a, b) = (a + skip_a, b + skip_b);
    }
    out
}

/// How many words to leave on each side until the texts run together again; all of them where they never do.
fn together(issued: &[String], found: &[String]) -> (usize, usize) {
    let most = issued.len().max(found.len()).min(AHEAD_MAX);
    for far in 1..=2 * most {
        for skip_a in far.saturating_sub(most)..=far.min(most) {
            let skip_b = far - skip_a;
            let (Some(one), Some(other)) = (issued.get(skip_a..), found.get(skip_b..)) else { continue };
            let need = TOGETHER.min(one.len()).min(other.len());
            let both_end = one.is_empty() && other.is_empty();
            if both_end || (need > 0 && one[..need] == other[..need]) {
                return (skip_a, skip_b);
            }
        }
    }
    (issued.len(), found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_mark_is_found_where_a_file_keeps_it() {
        let mark = Mark { code: "0123456789abcdef0123".to_owned(), words: hash(&list("a b")) };
        let file = format!("%PDF-1.7 …/Keywords({}) …", mark.keyword());
        assert_eq!(Mark::find(file.as_bytes()), Some(mark));
        assert_eq!(Mark::find(b"thuocdo-paper:0123"), None);
        assert_eq!(Mark::find(b""), None);
    }

    #[test]
    fn what_differs_is_told_with_the_words_before_it() {
        let issued = list("Giao công chức Văn hóa chủ trì 12 chỉ số trước ngày 31 tháng 3 năm nay");
        let found = list("Giao công chức Văn hóa chủ trì 10 chỉ số trước ngày 31 tháng 3 năm nay và sau đó");
        let told = differences(&issued, &found);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert_eq!((told[0].issued.as_str(), told[0].found.as_str()), ("12", "10"));
        assert_eq!(told[0].behind, "công chức Văn hóa chủ trì");
        assert_eq!((told[1].issued.as_str(), told[1].found.as_str()), ("", "và sau đó"));
        assert!(differences(&issued, &issued).is_empty());
        assert_eq!(differences(&issued, &[]).len(), 1);
    }
}
