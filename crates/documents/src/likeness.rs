//! How much two texts share: the smallest hashes of their runs of words (MinHash). Texts that share nearly all of them
//! are near-copies, whatever their files are.

use sha2::{Digest, Sha256};

use crate::plain_words;

/// Words of one run.
const RUN_WORDS: usize = 5;
/// Fewer words than this say nothing.
const WORDS_MIN: usize = 40;
/// Words that are looked at.
const WORDS_MAX: usize = 20_000;
/// How many marks a text has.
pub const MARKS: usize = 16;
/// Shared marks from which on two texts are near-copies: about 8 in 10 runs of words are the same.
pub const NEAR_MARKS: usize = 13;

/// The marks of a text, in order; none for a text that is too short to tell.
pub fn marks(text: &str) -> Vec<u64> {
    let words: Vec<String> = plain_words(text).take(WORDS_MAX).collect();
    if words.len() < WORDS_MIN {
        return Vec::new();
    }
    let mut least = [u64::MAX; MARKS];
    for run in words.windows(RUN_WORDS) {
        let digest = Sha256::digest(run.join(" ").as_bytes());
        let part = |from: usize| digest[from..from + 8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let (one, two) = (part(0), part(8));
        for (at, least) in least.iter_mut().enumerate() {
            // Further hashes from two (Kirsch and Mitzenmacher).
            *least = (*least).min(one.wrapping_add((at as u64).wrapping_mul(two | 1)));
        }
    }
    least.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(a: &str, b: &str) -> usize {
        marks(a).iter().zip(marks(b)).filter(|(a, b)| **a == *b).count()
    }

    #[test]
    fn a_near_copy_shares_nearly_all_and_another_text_nearly_nothing() {
        let words: Vec<String> = (0..400).map(|at| format!("chữ{}", at * 7 % 401)).collect();
        let text = words.join(" ");
        let copy = text.replace("chữ77 ", "khác ");
        let other: Vec<String> = (0..400).map(|at| format!("lời{at}")).collect();
        assert_eq!(shared(&text, &text.to_uppercase()), MARKS);
        assert!(shared(&text, &copy) >= NEAR_MARKS);
        assert!(shared(&text, &other.join(" ")) < 3);
        assert!(marks("quá ngắn").is_empty());
    }
}
