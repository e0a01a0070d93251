//! Why a command could not do what it was asked: wrong use, or input that was checked and found wrong.

use std::process::ExitCode;

use criteria::{Problem, Text};
use scoring::Refusal;

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// The command was used wrongly: no such set, no such file, an option that does not fit.
    Use(Text),
    /// Text files were read and found wrong; the texts are kept to show the places.
    Problems(Vec<Problem>, Vec<(String, String)>),
    /// Figures were read and refused.
    Refused(Vec<Refusal>),
}

impl Failure {
    /// 2 for wrong use, 1 for checked and found wrong.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Use(_) => ExitCode::from(2),
            Self::Problems(..) | Self::Refused(_) => ExitCode::from(1),
        }
    }

    /// Wrong use, in both languages.
    pub fn usage(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Use(Text::new(vi, en))
    }
}
