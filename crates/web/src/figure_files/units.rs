//! Which unit a row of a sheet is about: by its code, else by its name without marks; what leaves a doubt is asked about.

use cycle::{AssessmentId, UnitId};
use scoring::notation::fold;

/// Most units that are offered for one name.
const OFFERED_MAX: usize = 6;

/// A unit that figures may be about.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its sheet.
    pub sheet: AssessmentId,
    /// Its identity.
    pub unit: UnitId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether one may take figures in for it.
    pub own: bool,
    /// The name in plain words.
    plain: String,
    /// The name without what kind of unit it is.
    core: String,
}

impl Known {
    /// A unit by its code and name.
    pub fn new(sheet: AssessmentId, unit: UnitId, (code, name): (&str, &str), own: bool) -> Self {
        let plain = plain(name);
        let core = core(&plain).to_owned();
        Self { sheet, unit, code: code.to_owned(), name: name.to_owned(), own, plain, core }
    }
}

/// Which unit some words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// This one, without a doubt: its place among those known.
    Sure(usize),
    /// Perhaps one of these; none where nothing is like it.
    Doubtful(Vec<usize>),
}

fn plain(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> =
        folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The name without "Ủy ban nhân dân" before it.
fn without_body(plain: &str) -> &str {
    ["uy ban nhan dan ", "ubnd "].into_iter().find_map(|body| plain.strip_prefix(body)).unwrap_or(plain)
}

/// The name without what kind of unit it is either.
fn core(plain: &str) -> &str {
    const KINDS: [&str; 12] = [
        "xa ",
        "phuong ",
        "thi tran ",
        "dac khu ",
        "thanh pho ",
        "tp ",
        "thi xa ",
        "huyen ",
        "quan ",
        "so ",
        "tt ",
        "p ",
    ];
    let plain = without_body(plain);
    KINDS.into_iter().find_map(|kind| plain.strip_prefix(kind)).unwrap_or(plain)
}

/// Whether a row is a sum over others, by what stands in the place of its unit.
pub fn is_total(name: &str) -> bool {
    let plain = plain(name);
    plain == "cong"
        || plain == "tong"
        || plain.starts_with("tong cong")
        || plain.starts_with("tong so")
        || plain == "toan tinh"
}

fn zeros_aside(code: &str) -> &str {
    code.trim().trim_start_matches('0')
}

/// Matches a code and a name, of which one may be empty.
pub fn matched(known: &[Known], code: &str, name: &str) -> Matched {
    let by_code = || {
        // A spreadsheet drops the zeros before a number.
        let wanted = zeros_aside(code);
        let found = known.iter().position(|one| one.code == code.trim());
        found.or_else(|| known.iter().position(|one| zeros_aside(&one.code) == wanted))
    };
    // Our own workbook writes "Name (code)" where two units have one name.
    let bracketed = name.trim().strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    if let Some((_, inner)) = bracketed
        && let Some(at) = known.iter().position(|one| one.code == inner.trim())
    {
        return Matched::Sure(at);
    }
    // A code in the column of names.
    if code.trim().is_empty()
        && let Some(at) = known.iter().position(|one| one.code == name.trim() && !one.code.is_empty())
    {
        return Matched::Sure(at);
    }
    let at = if code.trim().is_empty() { None } else { by_code() };
    match (at, name.trim().is_empty()) {
        (Some(at), true) => Matched::Sure(at),
        (Some(at), false) => match by_name(known, name) {
            Matched::Sure(other) if other != at => Matched::Doubtful(vec![at, other]),
            Matched::Sure(_) => Matched::Sure(at),
            Matched::Doubtful(likely) if likely.contains(&at) => Matched::Sure(at),
            Matched::Doubtful(mut likely) => {
                likely.insert(0, at);
                Matched::Doubtful(likely)
            }
        },
        (None, false) => by_name(known, name),
        (None, true) => Matched::Doubtful(Vec::new()),
    }
}

fn by_name(known: &[Known], name: &str) -> Matched {
    let all = |fits: &dyn Fn(&Known) -> bool| -> Vec<usize> {
        known.iter().enumerate().filter(|(_, one)| fits(one)).map(|(at, _)| at).collect()
    };
    let exact = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let [at] = all(&|one| one.name.to_lowercase() == exact)[..] {
        return Matched::Sure(at);
    }
    let folded = plain(name);
    let wanted = without_body(&folded);
    match all(&|one| without_body(&one.plain) == wanted)[..] {
        [] => {}
        [at] => return Matched::Sure(at),
        ref several => return Matched::Doubtful(several.to_vec()),
    }
    let wanted = core(&folded);
    if wanted.is_empty() {
        return Matched::Doubtful(Vec::new());
    }
    let mut likely: Vec<(usize, usize)> = known
        .iter()
        .enumerate()
        .filter_map(|(at, one)| {
            let away = distance(&one.core, wanted);
            let within = one.core.contains(wanted) || wanted.contains(one.core.as_str());
            let most = (wanted.len() / 4).clamp(1, 3);
            let rank = if within { away.min(most) } else { away };
            (rank <= most).then_some((rank, at))
        })
        .collect();
    likely.sort_unstable();
    Matched::Doubtful(likely.into_iter().take(OFFERED_MAX).map(|(_, at)| at).collect())
}

/// How many letters one must change to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().enumerate() {
        let mut now = vec![row + 1];
        for (column, own) in other.iter().enumerate() {
            let changed = before[column] + usize::from(*own != letter);
            now.push(changed.min(before[column + 1] + 1).min(now[column] + 1));
        }
        before = now;
    }
    before[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Known> {
        let names = [
            ("00123", "Xã Phú Lộc"),
            ("00124", "Phường Hương Thủy"),
            ("00125", "Phường Phú Lộc"),
            ("7", "Xã Hương Thuý"),
        ];
        (1..)
            .zip(names)
            .map(|(id, (code, name))| Known::new(AssessmentId(id), UnitId(id), (code, name), true))
            .collect()
    }

    #[test]
    fn a_unit_is_found_by_code_then_by_name_without_marks_and_doubts_are_told() {
        let known = known();
        for (code, name, expected) in [
            ("00124", "", Matched::Sure(1)),
            ("124", "", Matched::Sure(1)),
            ("", "00124", Matched::Sure(1)),
            ("", "XÃ PHÚ LỘC", Matched::Sure(0)),
            ("", "UBND xa Phu Loc", Matched::Sure(0)),
            ("", "Xã Phú Lộc (00123)", Matched::Sure(0)),
            ("00123", "xã Phú Lộc", Matched::Sure(0)),
            ("00123", "Phú Lộc", Matched::Sure(0)),
            ("00123", "Phường Hương Thủy", Matched::Doubtful(vec![0, 1])),
            ("", "Phú Lộc", Matched::Doubtful(vec![0, 2])),
            ("", "Phường Hương Thuỷ B", Matched::Doubtful(vec![1, 3])),
            ("", "Xã Không Có", Matched::Doubtful(vec![])),
            ("999", "", Matched::Doubtful(vec![])),
        ] {
            assert_eq!(matched(&known, code, name), expected, "{code:?} {name:?}");
        }
        assert!(is_total("TỔNG CỘNG") && !is_total("Xã Tổng Cọt"));
    }
}
