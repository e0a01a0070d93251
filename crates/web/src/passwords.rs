//! Passwords: hashed with Argon2id, a few at a time; the common and the short are refused.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, PasswordHash, PasswordVerifier};
use criteria::Text;
use scoring::notation::fold;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zxcvbn::{Score, zxcvbn};

use crate::failure::Failure;

/// Shortest password, in characters (NIST SP 800-63B-4 asks for 15 where it is the only factor, 8 beside another).
pub const CHARACTERS_MIN: usize = 12;
/// Longest password, in bytes.
pub const BYTES_MAX: usize = 1_024;
/// Passwords that are hashed together: each takes 19 MiB of memory, and a core.
pub const TOGETHER_MAX: usize = 4;
/// How long somebody waits for a turn.
const WAIT: Duration = Duration::from_secs(3);
/// Characters of a password that are weighed: what they are worth, the whole is worth at least.
const WEIGHED_MAX: usize = 48;
/// Letters and digits that must be left of a password without one's own names.
const LEFT_MIN: usize = 8;
/// Longest word of one's own that is looked for in a password, in characters.
const OWN_CHARACTERS_MAX: usize = 60;

/// What Vietnamese passwords are made of, in letters without marks; the words of other tongues come with the crate. A
/// place, a greeting, a name or a word of the office is soon guessed with any number after it.
const COMMON: &str = "matkhau anhyeuem emyeuanh khongbiet vietnam toiyeuvietnam toiyeu yeuem yeuanh iloveyou admin administrator quantri \
    chuyendoiso thuocdo ubnd uybannhandan uyban hdnd congchuc canbo vanphong vanthu vhxh hanhchinh motcua chinhquyen \
    congan danhgia chidaoso dichvucong xinchao camon tamsu giadinh bome connhoc hanhphuc thanhcong maymanh mayman batngo \
    anhnhoem nhoem saranghae motconvit motngaymoi chucmungnammoi nammoi tinhyeu tinhban banthan hocsinh sinhvien \
    truonghoc congty nhatrang hanoi saigon thanhphohochiminh hochiminh haiphong danang cantho hue thuathienhue quangtri \
    quangninh quangngai quangnam nghean hatinh thanhhoa ninhbinh namdinh hungyen haiduong bacninh bacgiang thainguyen \
    tuyenquang laocai laichau dienbien sonla phutho langson caobang khanhhoa gialai daklak lamdong dalat dongnai \
    nguyenvan nguyenthi nguyenvanan nguyenvana tranvan tranthi levan lethi phamvan phamthi tayninh vinhlong dongthap \
    angiang camau binhduong vungtau nguyen tran pham hoang huynh phan dang bui duong vo ngo le ly do ho van thi anh hung \
    dung tuan minh nam hai long hoa huong lan mai ngoc phuong thao trang linh hong thanh xuan mot ba bon sau bay tam \
    chin muoi";

/// Where passwords are hashed and compared: a few at a time, so that nobody fills the memory by asking. Clones share it.
#[derive(Clone, Debug)]
pub struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TOGETHER_MAX)))
    }
}

/// A place among the few.
#[derive(Debug)]
pub struct Turn(OwnedSemaphorePermit);

impl Hashing {
    /// Waits for a place, not for long.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn turn(&self) -> Result<Turn, Failure> {
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.0).acquire_owned()).await;
        turn.ok().and_then(Result::ok).map(Turn).ok_or(Failure::Busy)
    }
}

impl Turn {
    /// Whether a password is the hashed one.
    pub async fn verify(self, password: String, hash: String) -> bool {
        self.works(move || verify(&password, &hash)).await.unwrap_or(false)
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub async fn hash(self, password: String) -> Result<String, Failure> {
        self.works(move || hash(&password)).await.flatten().ok_or(Failure::Internal)
    }

    /// The place is held until the work is done, whether somebody still waits for it or not.
    async fn works<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = self.0;
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        working.await.ok()
    }
}

/// Why a password is not taken; `None` where it is. `own`: the person's name, login and units, which others know.
pub fn weakness(password: &str, own: &[&str]) -> Option<Text> {
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
    let common: Vec<&str> = COMMON.split(' ').collect();
    // With and without marks and spaces: who guesses tries both.
    let typed: String = password.chars().take(WEIGHED_MAX).collect();
    let plain = fold(&typed);
    let joined: String = plain.chars().filter(|letter| !letter.is_whitespace()).collect();
    let easy = |words: &[&str]| {
        [typed.as_str(), plain.as_str(), joined.as_str()].iter().any(|one| zxcvbn(one, words).score() < Score::Three)
    };
    if joined.chars().all(|letter| letter.is_ascii_digit()) || easy(&common) {
        return Some(Text::new(
            "Mật khẩu này quá dễ đoán: nó ghép từ những chữ, số hay gặp. Hãy chọn một câu chỉ riêng bạn nghĩ ra",
            "This password is too easy to guess: it is made of common words, rows of keys or digits. Choose a phrase that \
             only you would think of",
        ));
    }
    // What is left of it without what others know.
    let mut own: Vec<String> = own.iter().flat_map(|one| words_of(one)).collect();
    own.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let letters: String = joined.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let left = own.iter().fold(letters.clone(), |left, word| left.replace(word.as_str(), ""));
    (left.len() < letters.len() && left.chars().count() < LEFT_MIN).then(|| {
        Text::new(
            "Mật khẩu này dựa vào tên, thư điện tử hoặc đơn vị của bạn, người khác cũng biết; hãy chọn một câu khác",
            "This password rests on your name, e-mail address or unit, which others know; choose another phrase",
        )
    })
}

/// A name or an address as it may stand in a password: whole, and word by word.
fn words_of(own: &str) -> Vec<String> {
    let plain: String = fold(own).chars().take(OWN_CHARACTERS_MAX).collect();
    let mut words: Vec<String> = plain.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect();
    words.push(words.concat());
    words.push(plain.split('@').next().unwrap_or_default().chars().filter(|letter| letter.is_alphanumeric()).collect());
    words.retain(|word| word.chars().count() > 1);
    words
}

/// Hashes a password. Slow by design: pages do it by [`Hashing`].
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
        for password in ["ngan", "matkhau123456", "Password2023!", "aaaaaaaaaaaaaaaa", "123456789012345"] {
            assert!(weakness(password, &[]).is_some(), "{password}");
        }
        let own = ["lan.nguyen@tinh.example", "Xã Hòa Bình"];
        let told = weakness("lan.nguyen2023", &own).map(|text| text.en).unwrap_or_default();
        assert!(told.contains("your name"), "{told}");
        assert_eq!(weakness("con thuyen xanh ra khoi som", &own), None);
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let hash = hash("con thuyen xanh ra khoi som").unwrap_or_default();
        assert!(verify("con thuyen xanh ra khoi som", &hash));
        assert!(!verify("con thuyen xanh ra khoi", &hash));
        assert!(!verify("x", "no hash at all"));
    }
}
