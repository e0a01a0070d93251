//! One file a command.

mod audit;
mod backup;
mod check;
mod compare;
mod demo;
mod explain;
mod export;
mod import;
mod list;
mod made_up;
mod rank;
mod report;
mod round;
mod score;
mod serve;
mod show;
mod template;
mod units;
mod user;
mod verify;

use std::process::ExitCode;

use crate::arguments::{Arguments, AuditCommand, Command, RoundCommand, SetsCommand};
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;

/// Runs the command that the arguments name.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let library = Library::new(arguments.sets.as_deref());
    match &arguments.command {
        Command::Demo(arguments) => demo::run(&library, output, arguments),
        Command::Serve(arguments) => serve::run(&library, output, arguments),
        Command::Audit(AuditCommand::Verify { at, signatures, checks }) => {
            audit::verify(output, at, signatures.then_some(checks))
        }
        Command::User(command) => user::run(output, command),
        Command::Units(command) => units::run(output, command),
        Command::Round(RoundCommand::Create { at, owner, year, level }) => {
            round::create(&library, output, at, owner, *year, level)
        }
        Command::Backup { at, output: folder } => backup::backup(output, at, folder),
        Command::Restore { from, data } => backup::restore(output, from, data),
        Command::Doctor { at, checks } => backup::doctor(output, at, checks),
        Command::Sets(SetsCommand::List) => list::run(&library, output),
        Command::Sets(SetsCommand::Show { set, plan }) => show::run(&library, output, set, plan.as_deref()),
        Command::Sets(SetsCommand::Check { set }) => check::run(&library, output, set),
        Command::Sets(SetsCommand::Compare { a, b, mapping, write_mapping }) => {
            compare::run(&library, output, a, b, mapping.as_deref(), write_mapping.as_deref())
        }
        Command::Sets(SetsCommand::Export { set, output: file }) => export::run(&library, output, set, file),
        Command::Sets(SetsCommand::Import { file, output: to, id, plan }) => {
            import::run(&library, output, file, to, id.as_deref(), plan.as_deref())
        }
        Command::Template(arguments) => template::run(&library, output, arguments),
        Command::Report(command) => report::run(&library, output, command),
        Command::Score(arguments) => score::run(&library, output, arguments),
        Command::Explain(arguments) => explain::run(&library, output, arguments),
        Command::Rank(arguments) => rank::run(&library, output, arguments),
        Command::Verify(arguments) => verify::run(output, arguments),
        Command::MadeUp(arguments) => made_up::run(&library, output, arguments),
    }
}

/// The threads that scoring may use.
pub fn threads() -> std::num::NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN)
}
