//! What can go wrong with the database and the folder of evidence.

use std::fmt;

use criteria::Text;

/// Something went wrong that the one who asked cannot put right.
#[derive(Debug)]
pub enum Error {
    /// The database said no, or could not be reached.
    Database(sqlx::Error),
    /// A migration failed; the database is as it was.
    Migration {
        /// Its number.
        migration: i64,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database was made by a newer version.
    NewerDatabase {
        /// The migration that this version does not know.
        migration: i64,
    },
    /// The database is of an earlier version, and whoever opened it must not bring it up to date.
    OlderDatabase {
        /// The first migration that it lacks.
        migration: i64,
    },
    /// A migration was changed after it had been carried out.
    ChangedMigration {
        /// Its number.
        migration: i64,
    },
    /// What was read back makes no sense.
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// What is wrong with it.
        what: String,
    },
    /// A file could not be read or written.
    File(std::io::Error),
    /// The process is shutting down.
    Closed,
}

impl Error {
    pub(crate) fn inconsistent(table: &'static str, key: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self::Inconsistent { table, key: key.to_string(), what: what.to_string() }
    }

    /// What to tell an operator.
    pub fn text(&self) -> Text {
        match self {
            Self::Database(error) => {
                Text::new(format!("cơ sở dữ liệu báo lỗi: {error}"), format!("the database reports: {error}"))
            }
            Self::Migration { migration, source } => Text::new(
                format!("không nâng cấp được cơ sở dữ liệu (bước {migration}): {source}; dữ liệu vẫn như cũ"),
                format!("the database could not be upgraded (step {migration}): {source}; it is as it was"),
            ),
            Self::NewerDatabase { migration } => Text::new(
                format!("cơ sở dữ liệu do bản mới hơn tạo ra (bước {migration}); hãy dùng bản đó"),
                format!("the database was made by a newer version (step {migration}); use that one"),
            ),
            Self::OlderDatabase { migration } => Text::new(
                format!(
                    "cơ sở dữ liệu thuộc bản trước của chương trình (chưa qua bước nâng cấp {migration}), và lệnh này không \
                     nâng cấp nó: hãy dùng đúng bản đang phục vụ, hoặc dừng máy chủ rồi chạy `thuocdo serve` của bản này \
                     để nâng cấp"
                ),
                format!(
                    "the database is of an earlier version (upgrade step {migration} is missing), and this command does not \
                     upgrade it: use the version that serves, or stop the server and run `thuocdo serve` of this version, \
                     which upgrades"
                ),
            ),
            Self::ChangedMigration { migration } => Text::new(
                format!("bước nâng cấp {migration} khác với bước đã chạy; chương trình này không khớp cơ sở dữ liệu"),
                format!("upgrade step {migration} is not the one that ran; this program does not fit the database"),
            ),
            Self::Inconsistent { table, key, what } => Text::new(
                format!("dữ liệu mâu thuẫn ở bảng {table}, dòng {key}: {what}"),
                format!("the data contradicts itself in table {table}, row {key}: {what}"),
            ),
            Self::File(error) => {
                Text::new(format!("không đọc hay ghi được tệp: {error}"), format!("a file cannot be used: {error}"))
            }
            Self::Closed => Text::new("chương trình đang dừng", "the program is stopping"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}
