//! The second factor: codes of an authenticator (RFC 6238), each of which works once, recovery codes, and the key as
//! letters and as a picture to scan.

use criteria::Text;
use cycle::AccountId;
use qrcode::{Color, EcLevel, QrCode};
use store::attempts::Guess;
use store::sessions::kept;
use totp_rs::{Algorithm, Builder};

use crate::app::{App, secret};
use crate::failure::Failure;

/// How many recovery codes are made.
const CODES: usize = 6;
/// Letters of each.
const CODE_LETTERS: usize = 10;
/// Bytes of a key.
const KEY_BYTES: usize = 20;
/// The white edge that a picture to scan needs, in its squares (ISO/IEC 18004).
const EDGE: usize = 4;

/// A second factor that is being set up: what the authenticator and its owner are to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The key, as authenticators take it.
    pub key: String,
    /// The recovery codes, with spaces between.
    pub codes: String,
}

impl Setup {
    /// A new one.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new() -> Result<Self, Failure> {
        let random = || secret().map_err(|_| Failure::Internal);
        let (key, codes) = (random()?, random()?);
        let bytes = unhex(&key[..2 * KEY_BYTES]).ok_or(Failure::Internal)?;
        let codes: Vec<&str> = (0..CODES).map(|at| &codes[at * CODE_LETTERS..(at + 1) * CODE_LETTERS]).collect();
        Ok(Self { key: base32(&bytes), codes: codes.join(" ") })
    }

    /// The one that a form brings back, where it can be one of ours.
    pub fn read(key: &str, codes: &str) -> Option<Self> {
        let codes: Vec<&str> = codes.split_whitespace().collect();
        let ours = |code: &&str| code.len() == CODE_LETTERS && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let fits = unbase32(key)?.len() == KEY_BYTES && codes.len() == CODES && codes.iter().all(ours);
        fits.then(|| Self { key: key.to_owned(), codes: codes.join(" ") })
    }

    /// The key as it is kept, and what is kept of the recovery codes.
    pub fn kept(&self) -> (String, Vec<String>) {
        let bytes = unbase32(&self.key).unwrap_or_default();
        (bytes.iter().map(|byte| format!("{byte:02x}")).collect(), self.codes.split_whitespace().map(kept).collect())
    }

    /// The address that authenticators understand: by a tap on the phone itself, or in the picture.
    pub fn address(&self, login: &str) -> String {
        let login: String = form_urlencoded::byte_serialize(login.as_bytes()).collect();
        format!("otpauth://totp/Thuoc%20Do:{}?secret={}&issuer=Thuoc%20Do", login.replace('+', "%20"), self.key)
    }
}

/// A picture to scan: its side, in squares, and the dark ones as a path of SVG.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The side.
    pub side: usize,
    /// The dark squares, row by row.
    pub path: String,
}

/// The picture of a text; none where it is too long for one.
pub fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, squares) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in squares.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let length = run.len();
                path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + EDGE, y + EDGE));
            }
            x += run.len();
        }
    }
    Some(Picture { side: width + 2 * EDGE, path })
}

/// The half minute that a code of six digits belongs to, where it fits a secret now, or half a minute before or after.
pub fn step_of(secret: &str, code: &str, seconds: u64) -> Option<i64> {
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    let step = totp.with_secret(unhex(secret)?).build().ok()?.check(code, seconds)?;
    i64::try_from(step).ok()
}

/// A code without the spaces that people type.
pub fn plain(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Whether somebody shows the second factor of an account, by a code of the authenticator or a recovery code, or why not.
/// Each works once. It is counted before it is looked at.
pub async fn shown(app: &App, account: AccountId, code: &str) -> Result<Result<(), Text>, Failure> {
    // Turned off meanwhile, by whoever may.
    let Some(secret) = app.store.secrets(account).await?.totp else { return Ok(Ok(())) };
    let guess = Guess::Code(account);
    if let Some(wait) = app.store.count_guess(guess, app.now()).await? {
        return Ok(Err(waits(wait)));
    }
    let code = plain(code);
    let seconds = u64::try_from(app.now().as_second()).unwrap_or(0);
    let fits = match step_of(&secret, &code, seconds) {
        Some(step) => app.store.use_code(account, step).await?,
        None => code.len() > 6 && app.store.use_recovery_code(account, &code.to_lowercase()).await?,
    };
    if !fits {
        return Ok(Err(Text::new(
            "Mã xác thực không đúng, hoặc đã dùng rồi; mỗi mã dùng một lần, hãy chờ mã mới",
            "The authentication code is wrong, or was used; each works once, wait for the next",
        )));
    }
    app.store.forgive_guesses(guess).await?;
    Ok(Ok(()))
}

/// Why no guess is looked at now.
pub fn waits(wait_ms: i64) -> Text {
    let seconds = (wait_ms + 999) / 1000;
    Text::new(
        format!("Sai quá nhiều lần; hãy thử lại sau {seconds} giây"),
        format!("Too many wrong attempts; try again in {seconds} seconds"),
    )
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// A secret as authenticators take it (RFC 4648, base 32).
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<_>>();
    bits.chunks(5)
        .map(|chunk| {
            let value = chunk.iter().fold(0_u8, |value, bit| value << 1 | bit) << (5 - chunk.len());
            char::from(LETTERS[usize::from(value)])
        })
        .collect()
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        let value = match letter.to_ascii_uppercase() {
            letter @ 'A'..='Z' => letter as u8 - b'A',
            letter @ '2'..='7' => letter as u8 - b'2' + 26,
            _ => return None,
        };
        bits.extend((0..5).rev().map(|bit| value >> bit & 1));
    }
    Some(bits.chunks_exact(8).map(|chunk| chunk.iter().fold(0_u8, |byte, bit| byte << 1 | bit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_its_secret_and_its_half_minute() {
        // RFC 6238, appendix B: the secret 12345678901234567890 at 59 seconds gives 94287082; six digits: 287082.
        let secret: String = b"12345678901234567890".iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(step_of(&secret, "287082", 59), Some(1));
        assert_eq!(step_of(&secret, "287082", 80), Some(1), "told by the half minute it is of, whenever it comes");
        assert_eq!(step_of(&secret, "287082", 59 + 120), None);
        assert_eq!(step_of(&secret, "287083", 59), None);
    }

    #[test]
    fn base_32_goes_there_and_back() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(unbase32("MZXW 6YTB OI").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(unbase32("18"), None);
    }

    #[test]
    fn a_setup_comes_back_as_it_was_and_nothing_else_does() {
        let setup = Setup::new().unwrap_or_else(|_| Setup { key: String::new(), codes: String::new() });
        assert_eq!(Setup::read(&setup.key, &setup.codes), Some(setup.clone()));
        assert_eq!(Setup::read(&setup.key, "a b c d e f"), None);
        assert_eq!(Setup::read("AAAA", &setup.codes), None);
        let (key, codes) = setup.kept();
        assert_eq!((key.len(), codes.len()), (2 * KEY_BYTES, CODES));
        assert!(setup.address("lan+x@a.example").starts_with("otpauth://totp/Thuoc%20Do:lan%2Bx%40a.example?secret="));
    }

    #[test]
    fn a_picture_has_three_corners_to_find_it_by_and_a_white_edge() {
        let picture = picture("otpauth://totp/x?secret=MZXW6YTBOI").unwrap_or_default();
        let far = picture.side.saturating_sub(EDGE + 7);
        for (x, y) in [(EDGE, EDGE), (far, EDGE), (EDGE, far)] {
            assert!(picture.path.contains(&format!("M{x} {y}h7v1h-7z")), "{x} {y}: {}", picture.path);
        }
        assert!(!picture.path.contains("M3 ") && !picture.path.contains(" 3h"));
    }
}
