//! The command line: arguments in, exit code out.
//!
//! Exit codes: 0 done, 1 the check asked for failed, 2 wrong use, 3 bad input, 4 models missing or
//! wrong. Errors go to stderr in one line that says what to do next. Must not compute anything.

#[cfg(feature = "approximate")]
mod approximate;
mod args;
mod dashboard;
mod embed;
mod eval;
mod index;
mod models;
mod run;
mod search;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::dataset::DatasetError;
use crate::display_safe::{display_path, display_safe};
use crate::index::IndexError;
use crate::models::ModelError;
use args::{Arguments, Command};

/// Why the program ends without having done its work.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    const CHECK: u8 = 1;
    const USAGE: u8 = 2;
    const INPUT: u8 = 3;
    const MODELS: u8 = 4;

    fn new(code: u8, message: impl ToString) -> Self {
        Self { code, message: message.to_string() }
    }

    fn input(message: impl ToString) -> Self {
        Self::new(Self::INPUT, message)
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        Self::input(error)
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::input(error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::new(Self::MODELS, error)
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap writes help and version to stdout with code 0, errors to stderr with code 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(Failure::USAGE);
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match dispatch(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "clipscope: {}", display_safe(&failure.message));
            ExitCode::from(failure.code)
        }
    }
}

/// The exit code of a command that did its work.
fn dispatch(arguments: &Arguments) -> Result<u8, Failure> {
    let common = &arguments.common;
    let done = match &arguments.command {
        Some(Command::Eval(options)) => eval::run(options, common),
        Some(Command::Index(options)) => index::run(options, common),
        Some(Command::Search(options)) => search::run(options, common),
        Some(Command::Embed(options)) => embed::run(options, common),
        Some(Command::Models { command }) => models::run(command, common),
        Some(Command::Completions { shell }) => {
            let mut command = Arguments::command();
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "clipscope", &mut script);
            print(&script)
        }
        None => {
            let dataset = arguments.dataset.as_deref();
            let plain_report = || match dashboard::index_asked_for(dataset) {
                Some(folder) => dashboard::plain_index(folder, common),
                None => eval::plain_report(dataset, common),
            };
            if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
                return plain_report().map(|()| 0);
            }
            if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
                eprintln!("clipscope: TERM is 'dumb', so here is the report in place of the dashboard");
                return plain_report().map(|()| 0);
            }
            return dashboard::run(dataset, arguments.images, common);
        }
    };
    done.map(|()| 0)
}

/// Writes to stdout; a reader that has gone away (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::input(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file asked for with `--out` so that a crash leaves the old one or the new one, never half
/// of it. What is no regular file (`/dev/stdout`, a pipe, a link) is written to as it is.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error: std::io::Error| {
        let name = display_path(path);
        Failure::input(format!("cannot write {name}: {error}; choose another --out"))
    };
    if std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return std::fs::write(path, bytes).map_err(fail);
    }
    let mut temporary = tempfile::Builder::new();
    #[cfg(unix)]
    temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = temporary.tempfile_in(folder.unwrap_or_else(|| ".".as_ref())).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
