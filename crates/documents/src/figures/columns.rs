//! What the columns of a sheet mean: the row of heads is found, and each head likened to the wording of the set.

use std::collections::{BTreeMap, BTreeSet};

use criteria::model::{Figure, Indicator};
use scoring::Program;
use scoring::notation::fold;
use sha2::{Digest, Sha256};

use super::{Grid, Value};
use crate::template::REFERENCES_MARK;

/// Rows at the top of a sheet among which the heads are looked for.
const HEAD_ROWS_MAX: usize = 30;
/// Most letters of a head that are shown and likened.
const HEAD_LETTERS_MAX: usize = 240;
/// How alike a head and a figure's words must be to be proposed, in thousandths.
const ALIKE_MIN: usize = 560;
/// How much likelier than the next the likeliest must be, in thousandths.
const AHEAD_MIN: usize = 40;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Nothing that is taken.
    Ignored,
    /// The unit's code.
    Code,
    /// The unit's name.
    Unit,
    /// The indicator, by number or name: a row is one indicator.
    Indicator,
    /// Which figure of the row's indicator.
    Figure,
    /// The value of the row's figure.
    Value,
    /// Values of one figure, a unit a row; of the profile where there is no indicator.
    Of {
        /// The indicator.
        indicator: Option<String>,
        /// The figure.
        figure: String,
    },
}

impl Role {
    /// The role in data and forms.
    pub fn key(&self) -> String {
        match self {
            Self::Ignored => "-".to_owned(),
            Self::Code => "code".to_owned(),
            Self::Unit => "unit".to_owned(),
            Self::Indicator => "indicator".to_owned(),
            Self::Figure => "figure".to_owned(),
            Self::Value => "value".to_owned(),
            Self::Of { indicator: Some(indicator), figure } => format!("{indicator}/{figure}"),
            Self::Of { indicator: None, figure } => format!("profile/{figure}"),
        }
    }

    /// The role with this key, as far as the set knows what it names.
    pub fn from_key(program: &Program, key: &str) -> Option<Self> {
        Some(match key {
            "-" => Self::Ignored,
            "code" => Self::Code,
            "unit" => Self::Unit,
            "indicator" => Self::Indicator,
            "figure" => Self::Figure,
            "value" => Self::Value,
            _ => {
                let (indicator, figure) = key.split_once('/')?;
                let figure = Some(figure).filter(|figure| !figure.contains('.'))?.to_owned();
                match indicator {
                    "profile" => {
                        program.slot(None, &format!("profile.{figure}"))?;
                        Self::Of { indicator: None, figure }
                    }
                    _ => {
                        program.slot(Some(indicator), &figure)?;
                        Self::Of { indicator: Some(indicator.to_owned()), figure }
                    }
                }
            }
        })
    }
}

/// The heads of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// The words of each column.
    pub words: Vec<String>,
    /// The first row below them, in the grid.
    pub data: usize,
    /// What every column means, where our own workbook says so.
    pub known: Option<Vec<Role>>,
}

impl Heads {
    /// What tells sheets with these heads from others: what is said of the columns is remembered under it.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        for words in &self.words {
            hash.update(fold(words));
            hash.update([0]);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn words_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(words) if !words.is_empty() => Some(words),
        _ => None,
    }
}

/// Whether a text is a number, an answer, or a column's own number such as `(1)`: no word of a head.
fn is_figure(words: &str) -> bool {
    let core = words.trim_matches(['(', ')', '[', ']', ' ', '.']);
    !core.is_empty() && core.chars().all(|letter| letter.is_ascii_digit() || ".,/%=+-x* ()".contains(letter))
        || core.chars().count() == 1
}

const CODE_HEADS: [&str; 8] =
    ["ma", "ma don vi", "ma dvhc", "ma xa", "ma so don vi", "code", "ma don vi hanh chinh", "ma dinh danh"];
const UNIT_HEADS: [&str; 16] = [
    "don vi",
    "ten don vi",
    "ten xa",
    "xa",
    "phuong",
    "xa phuong",
    "dia phuong",
    "ten xa phuong",
    "co quan",
    "ten co quan",
    "unit",
    "ubnd xa phuong",
    "ten",
    "xa phuong thi tran",
    "don vi bao cao",
    "co quan don vi",
];
const INDICATOR_HEADS: [&str; 8] =
    ["chi so", "tieu chi", "chi so thanh phan", "indicator", "noi dung", "ten chi so", "ten tieu chi", "ma chi so"];
const FIGURE_HEADS: [&str; 5] = ["figure", "ten so lieu", "so lieu", "noi dung so lieu", "thong tin"];
const VALUE_HEADS: [&str; 9] = [
    "value",
    "gia tri",
    "ket qua",
    "so lieu",
    "ket qua thuc hien",
    "so lieu bao cao",
    "thuc hien",
    "don vi bao cao so lieu",
    "so lieu cua don vi",
];

fn plain(words: &str) -> String {
    fold(words)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Finds the heads: the row that our own workbook marks, else the row near the top that names columns.
pub fn find(program: &Program, grid: &Grid) -> Option<Heads> {
    if let Some(found) = marked(program, grid) {
        return Some(found);
    }
    let known: BTreeSet<&str> =
        [&CODE_HEADS[..], &UNIT_HEADS[..], &INDICATOR_HEADS[..], &FIGURE_HEADS[..], &VALUE_HEADS[..]]
            .concat()
            .into_iter()
            .collect();
    let score = |row: &Vec<Value>| {
        let words: Vec<&str> = row.iter().filter_map(words_of).filter(|words| !is_figure(words)).collect();
        let named = words.iter().filter(|words| known.contains(plain(words).as_str())).count();
        if words.len() < 2 { 0 } else { words.len() + 8 * named }
    };
    let top = grid.rows.len().min(HEAD_ROWS_MAX);
    // The first of the best: a row of words below it is data, or a second row of heads.
    let best = (0..top).rev().max_by_key(|row| score(&grid.rows[*row])).filter(|row| score(&grid.rows[*row]) > 0)?;
    let width = grid.width();
    let unit = (0..width).find(|column| {
        words_of(grid.value(best, *column)).is_some_and(|words| {
            let words = plain(words);
            UNIT_HEADS.contains(&words.as_str()) || CODE_HEADS.contains(&words.as_str())
        })
    });
    // Heads over heads: words over several columns, whose own words stand in the row below.
    let mut data = best + 1;
    let mut rows = vec![best];
    while let Some(row) = grid.rows.get(data).filter(|_| rows.len() < 3) {
        let words = row.iter().filter_map(words_of).filter(|words| !is_figure(words)).count();
        let values = row.iter().filter(|value| !value.is_blank()).count();
        let over = (0..width).filter(|column| !grid.value(data, *column).is_blank());
        let spread = over.filter(|column| grid.value(best, *column).is_blank()).count();
        let no_unit = unit.is_some_and(|unit| grid.value(data, unit).is_blank());
        if words > 0 && words == values && no_unit && spread > 0 {
            rows.push(data);
            data += 1;
        } else {
            break;
        }
    }
    // A row that only numbers the columns.
    while grid.rows.get(data).is_some_and(|row| {
        let filled: Vec<String> = row.iter().filter(|value| !value.is_blank()).map(Value::shown).collect();
        filled.len() >= 2
            && filled.iter().all(|words| is_figure(words) && words.trim_matches(['(', ')']).len() <= 2)
            && numbered(&filled)
    }) {
        data += 1;
    }
    let mut words = vec![String::new(); width];
    for (depth, row) in rows.iter().enumerate() {
        let mut over = String::new();
        for (column, head) in words.iter_mut().enumerate() {
            let own = grid.value(*row, column);
            // What stands over several columns stands in the first of them.
            let below = rows.get(depth + 1).is_some_and(|next| !grid.value(*next, column).is_blank());
            let own = match own.is_blank() {
                false => {
                    over = own.shown();
                    over.clone()
                }
                true if below => over.clone(),
                true => String::new(),
            };
            if !own.is_empty() {
                if !head.is_empty() {
                    head.push_str(" – ");
                }
                head.extend(own.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(HEAD_LETTERS_MAX));
            }
        }
    }
    Some(Heads { words, data, known: None })
}

/// Whether these are the numbers or letters of columns: each one more than the one before.
fn numbered(filled: &[String]) -> bool {
    let numbers: Vec<u32> = filled.iter().filter_map(|words| words.trim_matches(['(', ')']).parse().ok()).collect();
    numbers.len() * 2 >= filled.len() && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1) && numbers.len() > 1
}

/// The heads of a sheet of our own workbook.
fn marked(program: &Program, grid: &Grid) -> Option<Heads> {
    let mark = |row: &Vec<Value>| row.first().and_then(words_of) == Some(REFERENCES_MARK);
    let at = grid.rows.iter().position(mark)?;
    let width = grid.width();
    let mut roles = vec![Role::Ignored; width];
    let mut words = vec![String::new(); width];
    for column in 0..width {
        let reference = grid.value(at, column).shown();
        words[column].clone_from(&reference);
        roles[column] = match (column, reference.strip_prefix("profile.")) {
            (0, _) => Role::Unit,
            (_, Some(figure)) => Role::Of { indicator: None, figure: figure.to_owned() },
            (_, None) => Role::from_key(program, &reference).unwrap_or(Role::Ignored),
        };
    }
    // Figures of the round are set where the round is set up, not by units.
    if roles.iter().skip(1).all(|role| *role == Role::Ignored) {
        return None;
    }
    Some(Heads { words, data: at + 1, known: Some(roles) })
}

/// How alike two texts are by their words, in thousandths: twice what they share over all that they have.
fn alike(one: &[String], other: &[String]) -> usize {
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    one.iter().for_each(|word| *left.entry(word).or_default() += 1);
    let mut shared = 0;
    for word in other {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    2_000 * shared / (one.len() + other.len())
}

fn split(words: &str) -> Vec<String> {
    plain(words).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A number such as `1.2.1` or `I.1.2` at the beginning of some words, or anywhere between brackets.
fn number_in(words: &str) -> Option<String> {
    words.split(|letter: char| letter.is_whitespace() || "():;–".contains(letter)).find_map(|piece| {
        let piece = piece.trim_matches('.');
        let dots = piece.matches('.').count();
        let fits = piece
            .split('.')
            .all(|part| !part.is_empty() && part.len() <= 5 && (part.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        let digit = piece.bytes().any(|byte| byte.is_ascii_digit());
        (fits && digit && (1..=5).contains(&dots)).then(|| piece.to_owned())
    })
}

/// The indicators that some words mean, by number or name: one where they leave no doubt.
pub fn indicators_meant<'p>(program: &'p Program, words: &str, sheet: &str) -> Vec<&'p Indicator> {
    let folded = plain(words);
    let all = || program.set.indicators();
    if let Some(one) = all().find(|one| one.id.eq_ignore_ascii_case(words.trim())) {
        return vec![one];
    }
    let number = number_in(words);
    let mut found: Vec<&Indicator> = match &number {
        Some(number) => all().filter(|one| one.id.eq_ignore_ascii_case(number) || one.no == *number).collect(),
        None => Vec::new(),
    };
    if found.is_empty() {
        found = all().filter(|one| plain(&one.name) == folded && !folded.is_empty()).collect();
    }
    if found.len() > 1 {
        // The same number in several pillars: the sheet may be named after one of them, or the words have its name too.
        let pillar = sheet.split(|letter: char| !letter.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or("");
        let of_sheet: Vec<&Indicator> =
            found.iter().copied().filter(|one| one.id.split('.').next() == Some(pillar)).collect();
        let named: Vec<&Indicator> = found.iter().copied().filter(|one| folded.contains(&plain(&one.name))).collect();
        for narrowed in [of_sheet, named] {
            if narrowed.len() == 1 {
                return narrowed;
            }
        }
    }
    found
}

/// The figure of an indicator that some words mean.
pub fn figure_meant(figures: &[Figure], words: &str) -> Option<usize> {
    if let Some(at) =
        figures.iter().position(|figure| figure.id == words.trim() || plain(&figure.label) == plain(words))
    {
        return Some(at);
    }
    let own = split(words);
    let mut likely: Vec<(usize, usize)> =
        figures.iter().enumerate().map(|(at, figure)| (alike(&own, &split(&figure.label)), at)).collect();
    likely.sort_unstable_by(|one, other| other.cmp(one));
    match likely[..] {
        [(best, at), (next, _), ..] if best >= ALIKE_MIN && best >= next + AHEAD_MIN => Some(at),
        [(best, at)] if best >= ALIKE_MIN => Some(at),
        _ => None,
    }
}

/// Proposes what the columns of a sheet mean, by their heads and by what stands below them.
pub fn propose(program: &Program, grid: &Grid, heads: &Heads) -> Vec<Role> {
    if let Some(known) = &heads.known {
        return known.clone();
    }
    let width = heads.words.len();
    let folded: Vec<String> = heads.words.iter().map(|words| plain(words)).collect();
    let mut roles = vec![Role::Ignored; width];
    let named = |names: &[&str]| folded.iter().position(|head| names.contains(&head.as_str()));
    let code = named(&CODE_HEADS);
    let unit = named(&UNIT_HEADS).or_else(|| {
        folded.iter().position(|head| head.starts_with("ten don vi") || head.starts_with("don vi ") && head.len() < 24)
    });
    // A column of indicators shows it by what stands in it.
    let below = |column: usize| {
        (heads.data..grid.rows.len())
            .map(move |row| grid.value(row, column))
            .filter(|value| !value.is_blank())
            .take(200)
    };
    let means = |column: usize| {
        let (mut all, mut meant) = (0, 0);
        for value in below(column) {
            all += 1;
            meant += usize::from(!indicators_meant(program, &value.shown(), &grid.name).is_empty());
        }
        all > 0 && meant * 2 >= all
    };
    let indicator =
        (0..width).filter(|column| Some(*column) != unit && Some(*column) != code).find(|column| means(*column));
    if let Some(column) = code {
        roles[column] = Role::Code;
    }
    if let Some(column) = unit {
        roles[column] = Role::Unit;
    }
    if let Some(indicator) = indicator {
        roles[indicator] = Role::Indicator;
        let free = |roles: &[Role], column: usize| roles[column] == Role::Ignored;
        let labels: BTreeSet<String> = program
            .set
            .indicators()
            .flat_map(Indicator::all_figures)
            .flat_map(|figure| [plain(&figure.label), plain(&figure.id)])
            .collect();
        let figure = (0..width).filter(|column| free(&roles, *column)).find(|column| {
            let (all, known) = below(*column).fold((0, 0), |(all, known), value| {
                (all + 1, known + usize::from(labels.contains(&plain(&value.shown()))))
            });
            all > 0 && known * 2 >= all
        });
        if let Some(column) = figure {
            roles[column] = Role::Figure;
        }
        let value = (0..width)
            .filter(|column| free(&roles, *column))
            .max_by_key(|column| {
                let head = folded[*column].as_str();
                let named = VALUE_HEADS.contains(&head) || head.contains("so lieu") || head.contains("ket qua");
                let kept = ["diem", "ghi chu", "han", "thoi gian"].iter().any(|word| head.contains(word));
                let numbers =
                    below(*column).filter(|value| !matches!(value, Value::Text(words) if !is_figure(words))).count();
                (named, !kept, numbers, width - *column)
            })
            .filter(|column| below(*column).next().is_some());
        if let Some(column) = value {
            roles[column] = Role::Value;
        }
        return roles;
    }
    of_heads(program, grid, heads, &mut roles);
    roles
}

/// Likens the heads to the figures of the set; each figure goes to the column that is likest.
fn of_heads(program: &Program, grid: &Grid, heads: &Heads, roles: &mut [Role]) {
    struct Known {
        indicator: Option<String>,
        figure: String,
        texts: Vec<Vec<String>>,
    }
    let mut known: Vec<Known> = Vec::new();
    for figure in &program.set.head.profile {
        known.push(Known { indicator: None, figure: figure.id.clone(), texts: vec![split(&figure.label)] });
    }
    for indicator in program.set.indicators() {
        let figures = indicator.all_figures();
        for figure in &figures {
            let mut texts = vec![split(&figure.label), split(&format!("{} {}", indicator.name, figure.label))];
            if figures.len() == 1 {
                texts.push(split(&indicator.name));
            }
            let (indicator, figure) = (Some(indicator.id.clone()), figure.id.clone());
            known.push(Known { indicator, figure, texts });
        }
    }
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (column, words) in heads.words.iter().enumerate() {
        if roles[column] != Role::Ignored || words.is_empty() {
            continue;
        }
        let meant = match number_in(words) {
            Some(_) => indicators_meant(program, words, &grid.name),
            None => Vec::new(),
        };
        if let [one] = meant[..] {
            let figures = one.all_figures();
            let rest: String = match number_in(words) {
                Some(number) => words.replacen(&number, " ", 1),
                None => words.clone(),
            };
            let at = if figures.len() == 1 { Some(0) } else { figure_meant(&figures, &rest) };
            let at = at.or_else(|| {
                // The head may say the indicator's name before the figure's.
                let own = split(&rest);
                let name = split(&one.name);
                let left: Vec<String> = own.into_iter().filter(|word| !name.contains(word)).collect();
                figure_meant(&figures, &left.join(" "))
            });
            let place = at.and_then(|at| {
                let wanted = (&Some(one.id.clone()), &figures[at].id);
                known.iter().position(|known| (&known.indicator, &known.figure) == wanted)
            });
            if let Some(place) = place {
                found.push((2_000, column, place));
            }
            continue;
        }
        let own = split(words);
        let likest = |place: usize| known[place].texts.iter().map(|text| alike(&own, text)).max().unwrap_or(0);
        let mut likely: Vec<(usize, usize)> = (0..known.len()).map(|place| (likest(place), place)).collect();
        likely.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        if let [(best, place), (next, _), ..] = likely[..]
            && best >= ALIKE_MIN
            && best >= next + AHEAD_MIN
        {
            found.push((best, column, place));
        }
    }
    found.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut given = BTreeSet::new();
    for (_, column, place) in found {
        if given.insert(place) {
            let one = &known[place];
            roles[column] = Role::Of { indicator: one.indicator.clone(), figure: one.figure.clone() };
        }
    }
}

/// What stands against these roles together, in words for people.
pub fn contradiction(roles: &[Role]) -> Option<criteria::Text> {
    use criteria::Text;
    let count = |role: &Role| roles.iter().filter(|one| *one == role).count();
    let of = roles.iter().filter(|role| matches!(role, Role::Of { .. })).count();
    let twice = roles
        .iter()
        .enumerate()
        .find_map(|(at, role)| (*role != Role::Ignored && roles[..at].contains(role)).then(|| role.key()));
    if let Some(key) = twice {
        return Some(Text::new(
            format!("hai cột cùng được chọn là “{key}”; mỗi thứ chỉ một cột"),
            format!("two columns are chosen as \"{key}\"; each thing has one column"),
        ));
    }
    let rows = count(&Role::Indicator) > 0;
    match (rows, count(&Role::Value) > 0, of > 0) {
        (true, false, _) => Some(Text::new(
            "có cột chỉ số thì cần chọn cột giá trị",
            "where a column names the indicator, the column of its value must be chosen",
        )),
        (false, true, _) => Some(Text::new(
            "có cột giá trị thì cần chọn cột chỉ số",
            "where a column holds the value, the column that names the indicator must be chosen",
        )),
        (true, true, true) => Some(Text::new(
            "hoặc mỗi hàng một chỉ số, hoặc mỗi cột một số liệu, không cả hai",
            "either a row is an indicator or a column is a figure, not both",
        )),
        _ => None,
    }
}
