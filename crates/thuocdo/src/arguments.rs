//! The command line: stable and scriptable (DESIGN §9).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use criteria::Language;
use scoring::{KnownNotation, Notation};

/// Thước Đo: đo, chấm điểm và xếp hạng chuyển đổi số; mỗi điểm có một chứng minh.
///
/// From the official decision that sets the criteria to a ranking in which every point has a proof.
#[derive(Debug, Parser)]
#[command(name = "thuocdo", version, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    /// Language of what is printed
    #[arg(long, global = true, value_enum, default_value = "vi", env = "THUOCDO_LANG")]
    pub lang: Lang,

    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub json: bool,

    /// A folder of criteria sets to use beside the built-in ones
    #[arg(long, global = true, value_name = "DIR", env = "THUOCDO_SETS")]
    pub sets: Option<PathBuf>,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// A language of the product.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lang {
    /// Tiếng Việt
    Vi,
    /// English
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Vi => Self::Vietnamese,
            Lang::En => Self::English,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A made-up province at work: a ranking of 141 communes and one explained score sheet
    Demo,
    /// List, show, check, compare and export criteria sets
    #[command(subcommand)]
    Sets(SetsCommand),
    /// The figures workbook to fill in
    Template(TemplateArguments),
    /// Explained score sheets of units
    Score(ScoreArguments),
    /// Why one indicator of one unit has its points
    Explain(ExplainArguments),
    /// The ranking of units
    Rank(RankArguments),
    /// Made-up figures from a seed, for trying things out
    MadeUp(MadeUpArguments),
}

/// What to do with criteria sets.
#[derive(Debug, Subcommand)]
pub enum SetsCommand {
    /// The sets and how large they are
    List,
    /// One set: its document, profile, readings, pillars and indicators
    Show {
        /// Id of a set, or the path of its folder
        set: String,
        /// An assignment plan: show who does what
        #[arg(long, value_name = "ID|PATH")]
        plan: Option<String>,
    },
    /// What a sharp-eyed clerk finds in a set or plan; runs its worked examples
    Check {
        /// Id of a set or plan, or the path of its folder
        set: String,
    },
    /// What differs between two sets, and the mapping between them
    Compare {
        /// The earlier set
        a: String,
        /// The later set
        b: String,
        /// The mapping to use instead of a proposed one
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Write the mapping used into a file
        #[arg(long, value_name = "FILE")]
        write_mapping: Option<PathBuf>,
    },
    /// A set as a workbook to read
    Export {
        /// Id of a set, or the path of its folder
        set: String,
        /// The workbook to write
        #[arg(short, long, value_name = "FILE.xlsx")]
        output: PathBuf,
    },
}

/// A set, and the answers to its readings.
#[derive(Args, Debug)]
pub struct SetArguments {
    /// Id of a set, or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub set: String,
    /// The assessed year; by default the set's first
    #[arg(long, value_name = "YEAR")]
    pub year: Option<i16>,
    /// Another answer to a reading, as READING=VARIANT
    #[arg(long, value_name = "READING=VARIANT")]
    pub pick: Vec<String>,
    /// The round: year, answers to readings and grades, as TOML
    #[arg(long, value_name = "FILE.toml")]
    pub round: Option<PathBuf>,
}

/// Figures for a set.
#[derive(Args, Debug)]
pub struct FiguresArguments {
    #[command(flatten)]
    pub set: SetArguments,
    /// The figures: CSV, JSON, or the workbook that `template` writes
    #[arg(long, value_name = "FILE")]
    pub figures: PathBuf,
    /// How numbers are written in the file, where it cannot be told from them
    #[arg(long, value_enum, default_value = "auto")]
    pub notation: NotationArgument,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum NotationArgument {
    /// From the numbers themselves
    Auto,
    /// 1.234,5
    Vi,
    /// 1,234.5
    En,
}

impl From<NotationArgument> for KnownNotation {
    fn from(notation: NotationArgument) -> Self {
        match notation {
            NotationArgument::Auto => Self::Unknown,
            NotationArgument::Vi => Self::Known(Notation::Vietnamese),
            NotationArgument::En => Self::Known(Notation::English),
        }
    }
}

/// What `template` writes.
#[derive(Args, Debug)]
pub struct TemplateArguments {
    #[command(flatten)]
    pub set: SetArguments,
    /// A file with the units, one a line
    #[arg(long, value_name = "FILE")]
    pub units: Option<PathBuf>,
    /// Figures to write into the workbook
    #[arg(long, value_name = "FILE")]
    pub figures: Option<PathBuf>,
    /// The workbook to write
    #[arg(short, long, value_name = "FILE.xlsx")]
    pub output: PathBuf,
}

/// What `score` scores.
#[derive(Args, Debug)]
pub struct ScoreArguments {
    #[command(flatten)]
    pub figures: FiguresArguments,
    /// Only this unit
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
}

/// What `explain` explains.
#[derive(Args, Debug)]
pub struct ExplainArguments {
    #[command(flatten)]
    pub figures: FiguresArguments,
    /// The unit
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// The indicator, such as I.5.2
    #[arg(long, value_name = "ID")]
    pub indicator: String,
}

/// What `rank` ranks.
#[derive(Args, Debug)]
pub struct RankArguments {
    #[command(flatten)]
    pub figures: FiguresArguments,
    /// Redraw weights and judged points so many times and tell each unit's interval of ranks
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub draws: u32,
    /// The seed of the draws
    #[arg(long, value_name = "S", default_value_t = 2023)]
    pub seed: u64,
    /// Last year's figures, to tell what changed
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// Last year's set, where it was another
    #[arg(long, value_name = "ID|PATH", requires = "previous")]
    pub previous_set: Option<String>,
    /// The mapping from last year's set; by default the one kept for the two sets
    #[arg(long, value_name = "FILE", requires = "previous_set")]
    pub mapping: Option<PathBuf>,
}

/// What `made-up` makes up.
#[derive(Args, Debug)]
pub struct MadeUpArguments {
    /// Id of a set, or the path of its folder
    #[arg(long, value_name = "ID|PATH")]
    pub set: String,
    /// How many units
    #[arg(long, value_name = "N", default_value_t = 141)]
    pub units: usize,
    /// The seed
    #[arg(long, value_name = "S", default_value_t = 2023)]
    pub seed: u64,
    /// The CSV file to write; by default standard output
    #[arg(short, long, value_name = "FILE.csv")]
    pub output: Option<PathBuf>,
}
