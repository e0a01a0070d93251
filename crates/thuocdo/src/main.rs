//! Thước Đo on the command line: reading files, calling the pure crates, printing for people and for programs.

mod arguments;
mod commands;
mod cuts;
mod data;
mod failure;
mod made_up;
mod output;
mod papers;
mod progress;
mod province;
mod roles;
mod signed;
mod year;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::output::Output;

/// Pages are made of many small texts on many threads: a quarter of a page's time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything else: whoever asks hands over a file, not arguments.
    if std::env::args_os().nth(1).is_some_and(|first| first == web::sandbox::ARGUMENT) {
        return web::sandbox::run();
    }
    let arguments = Arguments::parse();
    let output = Output::new(&arguments);
    match commands::run(&arguments, &output) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}
