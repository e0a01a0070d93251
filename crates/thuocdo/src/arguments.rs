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
    /// A made-up province in full swing, in the browser: 141 communes and 21 departments
    Demo(DemoArguments),
    /// The platform, in the browser
    Serve(ServeArguments),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// People: adding, inviting
    #[command(subcommand)]
    User(UserCommand),
    /// Units: the official list, a province's real communes
    #[command(subcommand)]
    Units(UnitsCommand),
    /// Rounds: setting one up
    #[command(subcommand)]
    Round(RoundCommand),
    /// A copy of database and evidence, made while the platform runs and checked by opening it
    Backup {
        #[command(flatten)]
        at: DataArguments,
        /// The folder to write the copy into; it must not exist, or be empty
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Puts a backup into an empty place
    Restore {
        /// The folder that `backup` wrote
        from: PathBuf,
        /// The folder to restore into; it must not exist, or be empty
        #[arg(long, value_name = "DIR", default_value = "thuocdo-data")]
        data: PathBuf,
    },
    /// Whether this machine and this data are fit to serve
    Doctor {
        #[command(flatten)]
        at: DataArguments,
        #[command(flatten)]
        checks: CheckArguments,
    },
    /// List, show, check, compare, import and export criteria sets
    #[command(subcommand)]
    Sets(SetsCommand),
    /// The figures workbook to fill in
    Template(TemplateArguments),
    /// Official papers: PDF, Word, Excel
    #[command(subcommand)]
    Report(ReportCommand),
    /// Explained score sheets of units
    Score(ScoreArguments),
    /// Why one indicator of one unit has its points
    Explain(ExplainArguments),
    /// The ranking of units
    Rank(RankArguments),
    /// Digital signatures of files: who signed, and is it valid
    Verify(VerifyArguments),
    /// Made-up figures from a seed, for trying things out
    MadeUp(MadeUpArguments),
}

/// Where the data is.
#[derive(Args, Debug)]
pub struct DataArguments {
    /// The folder with the database and the evidence
    #[arg(long, value_name = "DIR", default_value = "thuocdo-data")]
    pub data: PathBuf,
    /// A PostgreSQL server in place of the folder's database
    #[arg(long, value_name = "URL", env = "THUOCDO_DATABASE")]
    pub database: Option<String>,
}

/// How files of evidence are checked.
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// The folder with the certificates to trust, PEM or DER; by default the folder trust beside the database
    #[arg(long, value_name = "DIR", env = "THUOCDO_TRUST")]
    pub trust: Option<PathBuf>,
    /// Search files for malware by a clamd at HOST:PORT or at the path of its socket; off without it
    #[arg(long, value_name = "ADDR", env = "THUOCDO_CLAMD")]
    pub clamd: Option<String>,
    /// Ask the responders (OCSP) and lists (CRL) that certificates name whether they were revoked; off without it
    #[arg(long, env = "THUOCDO_ONLINE_REVOCATION")]
    pub online_revocation: bool,
    /// Hosts that may be asked though they stand in a private network, HOST or HOST:PORT; needs --online-revocation
    #[arg(
        long,
        value_name = "HOST",
        env = "THUOCDO_ONLINE_ALLOW",
        value_delimiter = ',',
        requires = "online_revocation"
    )]
    pub online_allow: Vec<String>,
}

/// What `demo` needs.
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// The folder to keep the made-up province in; built anew where it is missing or empty
    #[arg(long, value_name = "DIR", default_value = "thuocdo-demo")]
    pub data: PathBuf,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Only build the province, then stop
    #[arg(long)]
    pub build_only: bool,
}

/// What `serve` needs.
#[derive(Args, Debug)]
pub struct ServeArguments {
    #[command(flatten)]
    pub at: DataArguments,
    #[command(flatten)]
    pub checks: CheckArguments,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// People come by TLS, through a proxy: cookies are sent over TLS only
    #[arg(long)]
    pub secure: bool,
    /// The address under which people reach the pages, such as https://do.example.vn; stands in e-mails
    #[arg(long, value_name = "URL", env = "THUOCDO_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// A folder with own wordings of papers, see `report forms`
    #[arg(long, value_name = "DIR", env = "THUOCDO_FORMS")]
    pub forms: Option<PathBuf>,
    /// The mail server for reminders: smtp://HOST:PORT or smtps://USER:PASSWORD@HOST; none are mailed without it
    #[arg(long, value_name = "URL", env = "THUOCDO_SMTP", hide_env_values = true, requires = "mail_from")]
    pub smtp: Option<String>,
    /// The sender of e-mails, such as "Thước Đo <thuocdo@example.vn>"
    #[arg(long, value_name = "ADDRESS", env = "THUOCDO_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The issuer of an OpenID Connect provider that people may sign in with beside passwords; needs --public-url
    #[arg(long, value_name = "URL", env = "THUOCDO_OIDC_ISSUER", requires_all = ["oidc_client", "oidc_secret_file", "public_url"])]
    pub oidc_issuer: Option<String>,
    /// The name by which the provider knows this platform
    #[arg(long, value_name = "ID", env = "THUOCDO_OIDC_CLIENT")]
    pub oidc_client: Option<String>,
    /// The file with the secret that the provider gave for it
    #[arg(long, value_name = "FILE", env = "THUOCDO_OIDC_SECRET_FILE")]
    pub oidc_secret_file: Option<PathBuf>,
}

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recomputes the chain, every stored point and the hash of every file of evidence
    Verify {
        #[command(flatten)]
        at: DataArguments,
        /// Check anew every file whose verdict rests on answers from outside, with the answers that were kept
        #[arg(long)]
        signatures: bool,
        #[command(flatten)]
        checks: CheckArguments,
    },
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds a person with a position and prints an invitation
    Add {
        #[command(flatten)]
        at: DataArguments,
        /// E-mail address
        login: String,
        /// Name
        #[arg(long)]
        name: String,
        /// Code of the unit
        #[arg(long, value_name = "CODE")]
        unit: String,
        /// Code of the position; made with `--may` where the unit has none such
        #[arg(long, value_name = "CODE", default_value = "QT")]
        position: String,
        /// What the new position may do, or `all`
        #[arg(long, value_name = "CAPABILITY")]
        may: Vec<String>,
    },
    /// Prints a new invitation, for somebody who lost the password
    Invite {
        #[command(flatten)]
        at: DataArguments,
        /// E-mail address
        login: String,
    },
    /// Takes the second factor off, for somebody who lost the phone and the recovery codes; they are told
    ResetSecondFactor {
        #[command(flatten)]
        at: DataArguments,
        /// E-mail address
        login: String,
    },
    /// Adds people from a CSV or XLSX file (thư điện tử, họ tên, mã đơn vị, chức danh), all or none, and prints invitations
    Import {
        #[command(flatten)]
        at: DataArguments,
        /// The file; one of units (mã, tên, loại, cấp, mã cấp trên) is taken too
        file: PathBuf,
        /// Only tell what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// The accounts and their positions
    List {
        #[command(flatten)]
        at: DataArguments,
    },
}

/// What to do with units.
#[derive(Debug, Subcommand)]
pub enum UnitsCommand {
    /// Adds a province with its real communes, from the official list of 34 provinces and 3,321 communes
    Seed {
        #[command(flatten)]
        at: DataArguments,
        /// Code of the province, such as 46; `all` for the country
        province: String,
    },
    /// Adds units from a CSV file: code,name,kind,level,parent
    Import {
        #[command(flatten)]
        at: DataArguments,
        /// The file
        file: PathBuf,
        /// Only tell what would be added
        #[arg(long)]
        dry_run: bool,
    },
}

/// What to do with rounds.
#[derive(Debug, Subcommand)]
pub enum RoundCommand {
    /// Sets up a round for all units of the levels below a unit
    Create {
        #[command(flatten)]
        at: DataArguments,
        /// Code of the unit that runs it
        #[arg(long, value_name = "CODE")]
        owner: String,
        /// The assessed year
        #[arg(long)]
        year: i16,
        /// A level and its set, as LEVEL=SET, such as commune=hue-2263-2023-commune
        #[arg(long, value_name = "LEVEL=SET", required = true)]
        level: Vec<String>,
    },
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
    /// A draft set from an official document: text, Markdown, HTML, DOCX or XLSX
    Import {
        /// The document
        file: PathBuf,
        /// The folder to write the draft into
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// The set's id; by default the folder's name
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// Write an assignment plan laid over this set instead: who does what, by when
        #[arg(long, value_name = "ID|PATH")]
        plan: Option<String>,
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

/// The papers.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// The letter and annex that assign the indicators, from an assignment plan
    Assignment {
        /// The plan's id or folder
        plan: String,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// A criteria set as the annex of a decision
    Set {
        /// The set's id or folder
        set: String,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// A unit's self-assessment, for its head to sign
    SelfAssessment(UnitPaperArguments),
    /// The record of a unit's appraisal
    Appraisal(UnitPaperArguments),
    /// A unit's latest review
    Review(UnitPaperArguments),
    /// A reminder to a unit that is late
    Reminder(UnitPaperArguments),
    /// A unit's assignment letter, as the platform has it
    Duties(UnitPaperArguments),
    /// The survey letter that starts the 15 days
    Survey {
        #[command(flatten)]
        at: DataArguments,
        /// The assessed year; the latest round where it is not said
        #[arg(long)]
        year: Option<i16>,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// The decision that publishes the ranking, with its annexes
    Ranking {
        #[command(flatten)]
        at: DataArguments,
        /// The publication's number on the platform; the latest where it is not said
        #[arg(long)]
        publication: Option<i64>,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// The analysis of a level's published result, for leaders, with charts
    Analysis {
        /// The level: commune, department, district
        level: String,
        #[command(flatten)]
        at: DataArguments,
        /// The publication's number on the platform; the latest where it is not said
        #[arg(long)]
        publication: Option<i64>,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// A unit's certificate of result
    Certificate {
        /// The unit's official code
        unit: String,
        #[command(flatten)]
        at: DataArguments,
        /// The publication's number on the platform; the latest where it is not said
        #[arg(long)]
        publication: Option<i64>,
        #[command(flatten)]
        to: PaperArguments,
    },
    /// Writes the wording of all papers into a folder, to be changed there
    Forms {
        /// The folder; it must not exist
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Whether the wording in a folder can be used
    Check {
        /// The folder
        forms: PathBuf,
    },
    /// A form as a paper in which every fact says what it stands for
    Preview {
        /// The form, such as reminder
        form: String,
        #[command(flatten)]
        to: PaperArguments,
    },
}

/// Where a paper goes, and what its head bears.
#[derive(Args, Debug)]
pub struct PaperArguments {
    /// The file to write; its ending says the format: .pdf, .docx or .xlsx
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// A folder with own wordings, see `report forms`
    #[arg(long, value_name = "DIR", env = "THUOCDO_FORMS")]
    pub forms: Option<PathBuf>,
    /// The number and sign, such as 12/BC-UBND; left open where it is not said
    #[arg(long, default_value = "")]
    pub number: String,
    /// The day, such as 2024-01-15; left open where it is not said
    #[arg(long)]
    pub day: Option<criteria::date::Date>,
}

/// A paper about a unit's sheet.
#[derive(Args, Debug)]
pub struct UnitPaperArguments {
    /// The unit's official code
    pub unit: String,
    #[command(flatten)]
    pub at: DataArguments,
    /// The assessed year; the latest round where it is not said
    #[arg(long)]
    pub year: Option<i16>,
    #[command(flatten)]
    pub to: PaperArguments,
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

/// How `verify` is used, beside its options.
const VERIFY_MORE: &str = "\
Exit codes: 0 nothing was shown to be wrong (valid, indeterminate or unsigned), 1 a signature is invalid, 2 wrong use or a
file that cannot be read.

  thuocdo verify quyet-dinh.pdf --trust trust/
  thuocdo verify ho-so/*.pdf --trust trust/ --json

Checked: signatures in PDF, and CMS (.p7m, .p7s). Signed XML, Word, Excel and OpenDocument files are recognised and named,
not checked. Without --trust a sound signature is indeterminate: trust/README.md says which certificates to install.";

/// What `verify` checks.
#[derive(Args, Debug)]
#[command(after_help = VERIFY_MORE)]
pub struct VerifyArguments {
    /// The files: PDF, .p7m, or .p7s beside the file it signs
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Trust anchors: certificates in PEM or DER, or folders of them
    #[arg(long, value_name = "PATH", env = "THUOCDO_TRUST")]
    pub trust: Vec<PathBuf>,
    /// The folder of the platform's data: papers that it issued are compared with what was issued
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Ask the responders (OCSP) and lists (CRL) that certificates name, where a file does not tell of revocation
    #[arg(long)]
    pub online: bool,
    /// Hosts that may be asked though they stand in a private network, HOST or HOST:PORT; needs --online
    #[arg(long, value_name = "HOST", value_delimiter = ',', requires = "online")]
    pub online_allow: Vec<String>,
    /// The time of checking, such as 2026-06-01T08:00:00+07:00 or 2026-06-01; by default now
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
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
