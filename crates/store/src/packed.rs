//! Many rows as one text.
//!
//! The way of a row from the database – with SQLite out of a thread of its own, always with the names and kinds of all its
//! columns – costs more than what it says. Where thousands are read at once, the database joins them: each value as its
//! length in bytes, a colon and its text, and `-:` where there is none. The same SQL does so on both engines.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, rows_in};
use crate::error::Error;

/// Rows of a table to read.
pub(crate) struct Query<'a> {
    /// The table, for what is said of a row that contradicts itself.
    pub table: &'static str,
    /// The columns, in the order in which they are asked for.
    pub columns: &'a [&'a str],
    /// Everything from `FROM`, with a `GROUP BY` that says which rows become one text.
    pub rest: &'a str,
}

impl Query<'_> {
    fn sql(&self) -> String {
        let value = |column: &&str| {
            format!("COALESCE(octet_length(CAST({column} AS TEXT)) || ':' || CAST({column} AS TEXT), '-:')")
        };
        let values: Vec<String> = self.columns.iter().map(value).collect();
        format!("SELECT string_agg({}, '') {}", values.join(" || "), self.rest)
    }

    /// Reads the rows one by one, in no order.
    ///
    /// # Errors
    /// The database cannot be read; what `each` says of a row.
    pub async fn read(
        &self,
        connection: &mut AnyConnection,
        values: &[Value],
        mut each: impl FnMut(&Fields<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for row in rows_in(connection, &self.sql(), values).await? {
            let text: String = row.try_get(0)?;
            let mut rest = text.as_str();
            let mut fields = Fields { table: self.table, values: Vec::with_capacity(self.columns.len()) };
            while !rest.is_empty() {
                fields.values.clear();
                for _ in self.columns {
                    let (value, after) =
                        split(rest).ok_or_else(|| Error::inconsistent(self.table, "", "a row breaks off"))?;
                    fields.values.push(value);
                    rest = after;
                }
                each(&fields)?;
            }
        }
        Ok(())
    }
}

/// The first value of a text, and what follows it.
fn split(text: &str) -> Option<(Option<&str>, &str)> {
    let (length, rest) = text.split_once(':')?;
    if length == "-" {
        return Some((None, rest));
    }
    let (value, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some((Some(value), rest))
}

/// The values of a row.
pub(crate) struct Fields<'a> {
    table: &'static str,
    values: Vec<Option<&'a str>>,
}

impl<'a> Fields<'a> {
    /// A text that may be missing.
    pub fn maybe(&self, at: usize) -> Option<&'a str> {
        self.values.get(at).copied().flatten()
    }

    /// A text.
    pub fn text(&self, at: usize) -> Result<&'a str, Error> {
        self.maybe(at).ok_or_else(|| self.wrong(format!("column {at} is empty")))
    }

    /// A number, a day and the like, that may be missing.
    pub fn maybe_parsed<T: FromStr>(&self, at: usize) -> Result<Option<T>, Error> {
        self.maybe(at).map(|text| text.parse().map_err(|_| self.wrong(text))).transpose()
    }

    /// A number, a day and the like.
    pub fn parsed<T: FromStr>(&self, at: usize) -> Result<T, Error> {
        let text = self.text(at)?;
        text.parse().map_err(|_| self.wrong(text))
    }

    /// A column of JSON that may be missing.
    pub fn maybe_json<T: DeserializeOwned>(&self, at: usize) -> Result<Option<T>, Error> {
        self.maybe(at).map(|text| serde_json::from_str(text).map_err(|error| self.wrong(error))).transpose()
    }

    /// A column of JSON.
    pub fn json<T: DeserializeOwned>(&self, at: usize) -> Result<T, Error> {
        serde_json::from_str(self.text(at)?).map_err(|error| self.wrong(error))
    }

    /// What is said of a row that contradicts itself.
    pub fn wrong(&self, what: impl Display) -> Error {
        Error::inconsistent(self.table, self.key(), what)
    }

    /// What the row begins with names it.
    fn key(&self) -> &str {
        self.maybe(0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn values_hold_whatever_they_hold() {
        let text = "5:một-:0:4:a:-:2:đ";
        let mut rest = text;
        let mut found = Vec::new();
        while let Some((value, after)) = split(rest) {
            found.push(value);
            rest = after;
        }
        assert_eq!((found, rest), (vec![Some("một"), None, Some(""), Some("a:-:"), Some("đ")], ""));
        for broken in ["", "x", "5:ab", "1:đ", "-1:a", ":"] {
            assert_eq!(split(broken), None, "{broken}");
        }
    }
}
