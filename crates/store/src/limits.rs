//! Every limit of what is kept, with its unit.

use std::time::Duration;

/// Connections to an SQLite file: one writes, the others read.
pub const SQLITE_CONNECTIONS: u32 = 4;
/// Connections of one copy to a PostgreSQL server.
pub const POSTGRESQL_CONNECTIONS: u32 = 8;
/// Pages of SQLite's log from which the one who writes moves them into the file, 64 MiB. Beside the writer this is done
/// far sooner, but only who writes can begin the log anew while others write without a pause.
pub const WAL_PAGES_MAX: u32 = 16_384;
/// How long SQLite's log gathers changes before they are moved into the file, in milliseconds.
pub const WAL_REST_MS: u64 = 250;
/// Statements that SQLite is handed at a time within a transaction.
pub const STATEMENTS_TOGETHER_MAX: usize = 24;
/// Longest wait for a connection, in seconds.
pub const CONNECT_SECONDS_MAX: u64 = 30;
/// Most changes that share one transaction: enough that a slow disk is flushed seldom, few enough that who comes next does
/// not wait long.
pub const BATCH_MAX: usize = 24;
/// Most changes that wait at the door.
pub const QUEUE_MAX: usize = 4_096;
/// Largest piece of evidence, in bytes.
pub const EVIDENCE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Most pieces of evidence of one entry.
pub const EVIDENCE_PER_ENTRY_MAX: usize = 100;
/// Longest name of a file, in bytes.
pub const FILE_NAME_BYTES_MAX: usize = 240;
/// Longest note, reason or comment, in bytes.
pub const WORDS_BYTES_MAX: usize = 20_000;
/// Longest reason that an agency keeps to use again, in bytes.
pub const REASON_KEPT_BYTES_MAX: usize = 600;
/// Most reasons that are offered to use again.
pub const REASONS_OFFERED_MAX: i64 = 12;
/// How long a case counts as open before whoever opened it last, in milliseconds.
pub const CLAIM_MS: i64 = 10 * 60 * 1000;
/// Most rounds of explanation of one round.
pub const EXPLANATIONS_MAX: usize = 20;
/// Longest name of a person, position, unit or round, in bytes.
pub const NAME_BYTES_MAX: usize = 500;
/// Largest draft of a criteria set, in bytes of all its files.
pub const DRAFT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most open drafts of criteria sets of one unit.
pub const DRAFTS_MAX: usize = 100;
/// Most papers that are issued in one round.
pub const PAPERS_PER_ROUND_MAX: usize = 50_000;
/// Most copies of one paper that are brought back.
pub const COPIES_PER_PAPER_MAX: usize = 50;
/// Most files of figures of one round.
pub const FIGURE_FILES_PER_ROUND_MAX: usize = 20_000;
/// Most bytes of what is answered about one file of figures.
pub const FIGURE_ANSWERS_BYTES_MAX: usize = 512 * 1024;
/// Longest value of a figure, in bytes.
pub const VALUE_BYTES_MAX: usize = 4_096;
/// Most grades of a level.
pub const GRADES_MAX: usize = 12;
/// Longest name of a grade, in characters: it stands in a column of every ranking.
pub const GRADE_NAME_CHARS_MAX: usize = 40;
/// Most events that a history shows at once.
pub const HISTORY_MAX: i64 = 200;
/// Most tokens of one account.
pub const TOKENS_PER_ACCOUNT_MAX: i64 = 50;
/// How long a file may take to come.
pub const UPLOAD_TAKES_MAX: Duration = Duration::from_hours(24);
/// Sheets kept in memory: those of a province, of some 130 KiB each.
pub const SHEETS_IN_MEMORY_MAX: usize = 320;
/// Sheets that are read into memory to look at all of them; of more, only what they come to is read.
pub const SHEETS_READ_TOGETHER_MAX: usize = SHEETS_IN_MEMORY_MAX / 2;
/// Sheets whose scores are read by one query, where a level has more of them than are kept in memory.
pub const SCORES_TOGETHER_MAX: usize = 200;
/// Sheets of a level that are scored anew in one transaction, so that nobody waits long for it.
pub const RESCORED_TOGETHER_MAX: usize = 16;
/// Levels of publications whose results are kept in memory, 3,321 units to a level at most.
pub const PUBLISHED_IN_MEMORY_MAX: usize = 8;
