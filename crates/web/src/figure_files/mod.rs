//! A file of figures on its way into a round: what is known of it by now, what is still to be asked, what it would change.
//! One look serves the pages, the API and the change itself, so that what was shown is what happens.

pub mod plan;
pub mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use criteria::Text;
use cycle::{Capability, FigureFileId, RoundId};
use documents::figures::columns::{self, Heads, Role};
use documents::figures::rows::{Found, OfRound, gather, of_round};
use documents::figures::{Book, Grid};
use scoring::figures::ambiguous;
use scoring::{Notation, Program, Refusal};
use serde::{Deserialize, Serialize};
use store::figure_files::FigureFile;

use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::sandbox::{Answer, CHECK_WAIT, Source, Work};
use plan::Plan;
use units::{Known, Matched, is_total, matched};

/// Most units that are asked about at once; a file with more is of another round.
pub const UNITS_ASKED_MAX: usize = 200;
/// Values of a column that are shown beside its head.
const SAMPLES: usize = 3;
/// Most letters of one of them.
const SAMPLE_LETTERS_MAX: usize = 60;

/// What was answered about a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// What the columns mean, by what tells a sheet's heads from others.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Which sign stands before the decimals, where the file does not tell: `vi` or `en`.
    pub notation: Option<String>,
    /// Which unit some words mean, by its id; 0 leaves their rows out.
    pub units: BTreeMap<String, i64>,
    /// The unit that a file is about in which none is named.
    pub whole: Option<i64>,
    /// Whether the columns are to be looked at again though they are known.
    pub again: bool,
}

impl Answers {
    /// The answers of a file; those of an older kind are asked again.
    pub fn of(file: &FigureFile) -> Self {
        serde_json::from_value(file.answers.clone()).unwrap_or_default()
    }
}

/// A sheet with its heads.
#[derive(Clone, Debug)]
pub struct Columns {
    /// The sheet's name.
    pub sheet: String,
    /// What tells its heads from others.
    pub key: String,
    /// The heads.
    pub heads: Vec<String>,
    /// The first values of each column.
    pub samples: Vec<Vec<String>>,
    /// What each column means: as it was answered, or as it is proposed.
    pub roles: Vec<Role>,
    /// Whether somebody has answered.
    pub answered: bool,
    /// What stands against the answer.
    pub wrong: Option<Text>,
    /// Whether our own workbook says what its columns are.
    own: bool,
}

/// Words that may mean a unit.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The words, as they stand in the file.
    pub words: String,
    /// The units that they may mean, the likeliest first.
    pub likely: Vec<Known>,
    /// Whether they look like a sum over others.
    pub total: bool,
}

/// How far a file is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It cannot be read, or is for something else.
    Broken(Text),
    /// What its columns mean is to be said.
    Columns(Vec<Columns>),
    /// Something in it could be two things.
    Questions {
        /// Numbers that could be two, with their cells.
        numbers: Vec<(String, String)>,
        /// Words that may mean a unit.
        units: Vec<Asked>,
        /// Whether it must be said which unit the whole file is about.
        whole: bool,
    },
    /// What it would change.
    Preview(Box<Plan>),
    /// It was taken in.
    Taken,
}

/// A file and how far it is.
#[derive(Debug)]
pub struct Looked {
    /// The file.
    pub file: FigureFile,
    /// What was answered.
    pub answers: Answers,
    /// The units of the level.
    pub units: Vec<Known>,
    /// The level's set.
    pub program: Arc<Program>,
    /// How far it is.
    pub stage: Stage,
}

/// A file that a person may go on with; for others there is none.
pub fn find(app: &App, person: &Person, round: RoundId, id: FigureFileId) -> Result<FigureFile, Failure> {
    let state = app.store.state();
    let file = state.figure_files.files.get(&id).filter(|file| file.round == round).ok_or(Failure::NotFound)?;
    let of = state.rounds.get(&round).ok_or(Failure::NotFound)?;
    let own = file.made_by == Some(person.account) && state.supplies(&person.authority, of, file.level);
    if !own && !person.may(&state, Capability::RunRound, of.owner) {
        return Err(Failure::NotFound);
    }
    Ok(file.clone())
}

/// The units of a level, by code, each with whether a person may take figures in for it.
pub fn units_of(app: &App, person: &Person, round: RoundId, level: cycle::LevelId) -> Result<Vec<Known>, Failure> {
    let state = app.store.state();
    let of = state.rounds.get(&round).ok_or(Failure::NotFound)?;
    let runs = person.may(&state, Capability::RunRound, of.owner);
    let fills = |unit| [Capability::FillAny, Capability::FillAssigned].iter().any(|one| person.may(&state, *one, unit));
    let mut known = Vec::new();
    for row in state.sheets_of_level(level) {
        if let Some(unit) = state.tree.get(row.unit).filter(|_| row.round == round) {
            known.push(Known::new(row.id, unit.id, (unit.code.as_str(), unit.name.as_str()), runs || fills(unit.id)));
        }
    }
    Ok(known)
}

/// The cells of a file, read in a process of its own.
async fn cells(app: &App, sha256: &str) -> Result<Result<Book, Text>, Failure> {
    let bytes = app.store.evidence.read(sha256).await?.ok_or(Failure::Internal)?;
    let sandbox = app.sandbox.clone();
    let _turn = app.checking.acquire().await.map_err(|_| Failure::Internal)?;
    let looking =
        tokio::task::spawn_blocking(move || sandbox.look(Work::Cells, Source::Bytes(bytes), None, CHECK_WAIT));
    let told = |error: io::Error| {
        tracing::error!(%error, "a file of figures was not read");
        Failure::Internal
    };
    Ok(match looking.await.map_err(|_| Failure::Internal)?.map_err(told)? {
        Ok(Answer::Cells(read)) => *read,
        Ok(_) => return Err(Failure::Internal),
        Err(_) => Err(Text::new(
            "tệp bung ra quá lớn, hoặc đọc quá lâu; hãy chỉ giữ lại các trang có số liệu",
            "the file unpacks to too much, or takes too long to read; keep only the sheets with figures",
        )),
    })
}

/// Looks at a file: as far as what was answered leads.
///
/// # Errors
/// The file cannot be read from the disk, or the process that reads it cannot be started.
pub async fn look(app: &App, person: &Person, file: FigureFile) -> Result<Looked, Failure> {
    let answers = Answers::of(&file);
    let (program, remembered) = {
        let state = app.store.state();
        let level = state.levels.get(&file.level).ok_or(Failure::NotFound)?;
        let program = Arc::clone(&level.program);
        let columns = &state.figure_files.columns;
        let of_set = columns.iter().filter(|((set, _), _)| *set == program.set_hash);
        let remembered: BTreeMap<String, Vec<String>> =
            of_set.map(|((_, heads), roles)| (heads.clone(), roles.clone())).collect();
        (program, remembered)
    };
    let units = units_of(app, person, file.round, file.level)?;
    let mut looked = Looked { file, answers, units, program, stage: Stage::Taken };
    if looked.file.taken_at.is_some() {
        return Ok(looked);
    }
    let book = match cells(app, &looked.file.sha256).await? {
        Ok(book) => book,
        Err(why) => {
            looked.stage = Stage::Broken(why);
            return Ok(looked);
        }
    };
    let (program, answers, known) = (Arc::clone(&looked.program), looked.answers.clone(), looked.units.clone());
    let name = looked.file.name.clone();
    let sorted = tokio::task::spawn_blocking(move || sort(&program, &name, &book, &answers, &remembered, &known));
    looked.stage = match sorted.await.map_err(|_| Failure::Internal)? {
        Sorted::Stage(stage) => *stage,
        Sorted::Figures(figures) => Stage::Preview(Box::new(plan::plan(app, person, &looked, *figures).await?)),
    };
    Ok(looked)
}

/// The figures of a file with the units that they are of, by their places among those known.
pub struct Gathered {
    /// The figures.
    pub figures: scoring::Figures,
    /// What cannot be taken.
    pub refused: Vec<Refusal>,
    /// Words of units that are left out.
    pub left_out: Vec<String>,
    /// Figures of the round, which are not set here.
    pub of_round: Vec<OfRound>,
    /// What was left out of the file itself.
    pub warnings: Vec<Text>,
}

enum Sorted {
    Stage(Box<Stage>),
    Figures(Box<Gathered>),
}

/// The words by which a row names its unit.
fn words_of(found: &Found) -> String {
    let both = [found.code.trim(), found.name.trim()];
    both.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn columns_of(
    program: &Program,
    grid: &Grid,
    heads: &Heads,
    answers: &Answers,
    remembered: &BTreeMap<String, Vec<String>>,
) -> Columns {
    let key = heads.key();
    let from_keys = |keys: &Vec<String>| -> Option<Vec<Role>> {
        let roles: Option<Vec<Role>> = keys.iter().map(|key| Role::from_key(program, key)).collect();
        roles.filter(|roles| roles.len() == heads.words.len())
    };
    let answered = answers.columns.get(&key).or_else(|| remembered.get(&key)).and_then(from_keys);
    let roles = answered.clone().unwrap_or_else(|| columns::propose(program, grid, heads));
    let below = |column: usize| -> Vec<String> {
        let values = (heads.data..grid.rows.len()).map(|row| grid.value(row, column)).filter(|value| !value.is_blank());
        values.take(SAMPLES).map(|value| value.shown().chars().take(SAMPLE_LETTERS_MAX).collect::<String>()).collect()
    };
    Columns {
        sheet: grid.name.clone(),
        key,
        heads: heads.words.clone(),
        samples: (0..heads.words.len()).map(below).collect(),
        wrong: columns::contradiction(&roles).filter(|_| answered.is_some()),
        answered: answered.is_some() || heads.known.is_some(),
        own: heads.known.is_some(),
        roles,
    }
}

/// Goes as far as it can without looking at any sheet of a unit.
fn sort(
    program: &Program,
    file: &str,
    book: &Book,
    answers: &Answers,
    remembered: &BTreeMap<String, Vec<String>>,
    known: &[Known],
) -> Sorted {
    let stop = |stage: Stage| Sorted::Stage(Box::new(stage));
    let head = &program.set.head;
    if let Some((set, hash)) = book.made_for.as_ref().filter(|(_, hash)| *hash != program.set_hash) {
        let (id, now) = (&head.id, &program.set_hash);
        return stop(Stage::Broken(Text::new(
            format!(
                "tệp mẫu này làm cho bộ chỉ số “{set}” ({hash}), không phải “{id}” ({now}) của kỳ; hãy tải mẫu mới"
            ),
            format!(
                "this workbook was made for the set \"{set}\" ({hash}), not the round's \"{id}\" ({now}); get a new one"
            ),
        )));
    }
    // In our own workbook only its own sheets count: whatever else is there is somebody's notes.
    let own = book.made_for.is_some();
    let sheets: Vec<(&Grid, Heads)> = book
        .grids
        .iter()
        .filter_map(|grid| Some((grid, columns::find(program, grid)?)))
        .filter(|(grid, heads)| heads.data < grid.rows.len() && (!own || heads.known.is_some()))
        .collect();
    let mut shared: Vec<OfRound> = book.grids.iter().flat_map(|grid| of_round(program, file, grid)).collect();
    if sheets.is_empty() && !shared.is_empty() {
        return stop(Stage::Broken(only_of_round()));
    }
    if sheets.is_empty() {
        return stop(Stage::Broken(Text::new(
            "không thấy hàng đầu đề nào: mỗi trang cần một hàng nêu tên các cột, như “Mã đơn vị”, “Tên đơn vị”, rồi tên số liệu",
            "there is no row of heads: a sheet needs a row that names its columns, such as \"Mã đơn vị\", \"Tên đơn vị\" and figures",
        )));
    }
    let read: Vec<Columns> =
        sheets.iter().map(|(grid, heads)| columns_of(program, grid, heads, answers, remembered)).collect();
    if answers.again && !read.iter().all(|one| one.own) || read.iter().any(|one| !one.answered || one.wrong.is_some()) {
        return stop(Stage::Columns(read));
    }
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for ((grid, heads), columns) in sheets.iter().zip(&read) {
        let gathered = gather(program, file, grid, heads, &columns.roles);
        found.extend(gathered.found);
        shared.extend(gathered.of_round);
        refused.extend(gathered.refused);
    }
    if found.is_empty() && refused.is_empty() && !shared.is_empty() {
        return stop(Stage::Broken(only_of_round()));
    }
    if found.is_empty() && refused.is_empty() {
        return stop(Stage::Broken(Text::new(
            "không có số liệu nào trong các cột đã chọn; chọn lại cột, hoặc điền rồi tải lên lại",
            "there is no figure in the chosen columns; choose the columns anew, or fill the file in and upload it again",
        )));
    }
    let mut asked = Vec::new();
    let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
    let mut left_out = BTreeSet::new();
    let own: Vec<usize> = (0..known.len()).filter(|at| known[*at].own).collect();
    let by_id = |id: &i64| own.iter().copied().find(|at| known[*at].unit.0 == *id);
    for one in &found {
        let words = words_of(one);
        if places.contains_key(&words) {
            continue;
        }
        let place = if words.is_empty() {
            match own[..] {
                [only] => Some(only),
                _ => answers.whole.as_ref().and_then(by_id),
            }
        } else if let Some(id) = answers.units.get(&words) {
            by_id(id)
        } else {
            match matched(known, &one.code, &one.name) {
                Matched::Sure(at) => Some(at).filter(|at| known[*at].own),
                Matched::Doubtful(likely) => {
                    let likely: Vec<Known> =
                        likely.into_iter().filter(|at| known[*at].own).map(|at| known[at].clone()).collect();
                    // Whoever fills in for one unit is not asked about names that are nothing like it.
                    if own.len() > 1 || !likely.is_empty() {
                        asked.push(Asked { words: words.clone(), likely, total: is_total(&one.name) });
                    }
                    None
                }
            }
        };
        if place.is_none() && !words.is_empty() {
            left_out.insert(words.clone());
        }
        places.insert(words, place);
    }
    if asked.len() > UNITS_ASKED_MAX {
        let count = asked.len();
        return stop(Stage::Broken(Text::new(
            format!("{count} tên trong cột đơn vị không phải đơn vị nào của kỳ; hãy xem lại cột đơn vị"),
            format!("{count} names in the column of units are no units of the round; look at that column again"),
        )));
    }
    let whole = places.get("") == Some(&None);
    let mut rows = Vec::new();
    for one in found {
        if let Some(Some(at)) = places.get(&words_of(&one)) {
            let mut raw = one.raw;
            raw.unit = Some(at.to_string());
            rows.push(raw);
        }
    }
    let notation = match answers.notation.as_deref() {
        Some("vi") => Some(Notation::Vietnamese),
        Some("en") => Some(Notation::English),
        _ => None,
    };
    let numbers: Vec<(String, String)> = match notation {
        Some(_) => Vec::new(),
        None => ambiguous(program, &rows).into_iter().map(|row| (row.value.typed(), row.place.clone())).collect(),
    };
    if whole || !asked.is_empty() || !numbers.is_empty() {
        return stop(Stage::Questions { numbers, units: asked, whole });
    }
    let known = scoring::KnownNotation::Otherwise(notation.unwrap_or(Notation::Vietnamese));
    let figures = match scoring::figures::collect(program, rows, known) {
        Ok(figures) => figures,
        Err(more) => {
            refused.extend(more);
            scoring::Figures::default()
        }
    };
    let (left_out, warnings) = (left_out.into_iter().collect(), book.warnings.clone());
    Sorted::Figures(Box::new(Gathered { figures, refused, left_out, of_round: shared, warnings }))
}

/// Nothing but figures of the round.
fn only_of_round() -> Text {
    Text::new(
        "tệp chỉ có số liệu chung của kỳ, không có số liệu của đơn vị nào; số liệu chung ghi ở trang Thiết lập kỳ",
        "the file has figures of the round only, none of a unit; figures of the round are set on the round's settings page",
    )
}
