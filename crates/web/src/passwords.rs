//! Passwords: hashed with Argon2id; the common and the short are refused.

use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, PasswordHash, PasswordVerifier};
use criteria::Text;
use scoring::notation::fold;

/// Shortest password, in characters (NIST SP 800-63B-4 asks for 15 where it is the only factor, 8 beside another).
pub const CHARACTERS_MIN: usize = 12;
/// Longest password, in bytes.
pub const BYTES_MAX: usize = 1_024;
/// What common passwords are made of. A password that is one of these, again and again or with digits around, is
/// refused.
const COMMON: [&str; 30] = [
    "matkhau",
    "password",
    "123456789",
    "1234567890",
    "12345678",
    "qwertyuiop",
    "qwerty",
    "abc123",
    "iloveyou",
    "anhyeuem",
    "emyeuanh",
    "vietnam",
    "hanoi",
    "saigon",
    "admin",
    "administrator",
    "chuyendoiso",
    "thuocdo",
    "ubnd",
    "welcome",
    "letmein",
    "dragon",
    "monkey",
    "football",
    "111111",
    "000000",
    "123123",
    "654321",
    "khongbiet",
    "toiyeuvietnam",
];

/// Why a password is not taken; `None` where it is.
pub fn weakness(password: &str, login: &str) -> Option<Text> {
    if password.chars().count() < CHARACTERS_MIN {
        return Some(Text::new(
            format!("Mật khẩu cần ít nhất {CHARACTERS_MIN} ký tự"),
            format!("The password needs at least {CHARACTERS_MIN} characters"),
        ));
    }
    if password.len() > BYTES_MAX {
        return Some(Text::new(
            format!("Mật khẩu dài quá {BYTES_MAX} byte"),
            format!("The password is longer than {BYTES_MAX} bytes"),
        ));
    }
    let letters: String = fold(password).chars().filter(|letter| letter.is_alphanumeric()).collect();
    let word = letters.trim_matches(|letter: char| letter.is_ascii_digit());
    let name = fold(login.split('@').next().unwrap_or_default());
    let name: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let repeats = |of: &str| !of.is_empty() && letters.replace(of, "").len() < 4;
    let few = letters.chars().collect::<std::collections::BTreeSet<_>>().len() < 5;
    let digits_only = letters.chars().all(|letter| letter.is_ascii_digit());
    if few
        || digits_only
        || COMMON.iter().any(|common| word == *common || repeats(common))
        || word == name
        || repeats(&name)
    {
        return Some(Text::new(
            "Mật khẩu này quá dễ đoán; hãy chọn một câu chỉ riêng bạn nghĩ ra",
            "This password is too easy to guess; choose a phrase that only you would think of",
        ));
    }
    None
}

/// Hashes a password. Slow by design: not on a thread that answers pages.
pub fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Whether a password is the hashed one. Slow by design.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_short_and_own_names_are_refused() {
        for password in
            ["ngan", "matkhau123456", "Password2023!", "aaaaaaaaaaaaaaaa", "123456789012345", "lan.nguyen2023"]
        {
            assert!(weakness(password, "lan.nguyen@tinh.example").is_some(), "{password}");
        }
        assert_eq!(weakness("con thuyen xanh ra khoi som", "lan@tinh.example"), None);
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let hash = hash("con thuyen xanh ra khoi som").unwrap_or_default();
        assert!(verify("con thuyen xanh ra khoi som", &hash));
        assert!(!verify("con thuyen xanh ra khoi", &hash));
        assert!(!verify("x", "no hash at all"));
    }
}
