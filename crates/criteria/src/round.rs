//! What a round decides about a set before it is used: the year, answers to readings, grades.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Grade;
use crate::problem::Problem;
use crate::toml_file;

/// A round's decisions about a set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// The assessed year.
    #[serde(default)]
    pub year: Option<i16>,
    /// Answers to readings: reading to variant.
    #[serde(default, rename = "pick")]
    pub picks: BTreeMap<String, String>,
    /// Grades, highest first; they take the place of the set's.
    #[serde(default, rename = "grade")]
    pub grades: Vec<Grade>,
}

impl Round {
    /// Reads a round's file.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        match toml_file::read(file, text, &mut problems) {
            Some(round) if problems.is_empty() => Ok(round),
            _ => Err(problems),
        }
    }
}
