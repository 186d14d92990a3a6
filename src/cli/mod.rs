//! The command line: arguments in, exit code out.
//!
//! Exit codes: 0 done, 1 the check asked for failed, 2 wrong use, 3 bad input, 4 models missing or
//! wrong; 101 a fault of the program itself. Errors go to stderr in one line that says what to do next. Must not
//! compute anything.

#[cfg(feature = "approximate")]
mod approximate;
mod args;
mod config;
mod dashboard;
mod dataset;
mod embed;
mod engine;
mod eval;
#[cfg(fuzzing)]
pub mod fuzzing;
mod index;
mod log;
mod manual;
mod merge;
mod models;
mod panics;
mod run;
mod search;
mod values;
mod watch;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use args::{Arguments, Command};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::storage::UnfinishedFile;
use clipscope_core::dataset::DatasetError;
use clipscope_core::index::IndexError;
use clipscope_networks::ModelError;
use config::Config;

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
    let mut arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap writes help and version to stdout with code 0, errors to stderr with code 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(Failure::USAGE);
            if error.use_stderr() {
                // It repeats arguments, which may be the names of files.
                for text in error.render().to_string().lines() {
                    tell(format_args!("{}", display_safe(text)));
                }
            } else {
                let _ = error.print();
            }
            return ExitCode::from(code);
        }
    };
    exit(panics::contained(|| dispatch(&mut arguments)))
}

/// Says what went wrong, if anything; the exit code.
fn exit(outcome: Result<u8, Failure>) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            tell(format_args!("clipscope: {}", display_safe(&failure.message)));
            ExitCode::from(failure.code)
        }
    }
}

/// Reads the configuration, starts the log, and runs what was asked for.
fn dispatch(arguments: &mut Arguments) -> Result<u8, Failure> {
    // What is about the program itself does not depend on a configuration.
    match &arguments.command {
        Some(Command::Completions { shell }) => {
            let mut command = Arguments::command();
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "clipscope", &mut script);
            return print(&script).map(|()| 0);
        }
        Some(Command::Man) => {
            let page = manual::page().map_err(Failure::input)?;
            return print(&page).map(|()| 0);
        }
        _ => {}
    }
    let mut config = Config::load(arguments.common.config.as_deref()).map_err(Failure::input)?;
    config.override_with(arguments);
    if arguments.print_config {
        return print(config.to_toml().as_bytes()).map(|()| 0);
    }
    arguments.common.models = config.models;
    arguments.common.cache_dir = config.cache_dir.clone();
    let arguments = &*arguments;
    let common = &arguments.common;
    let log = config.log.as_deref().map(|file| log::start(file, common.verbose)).transpose()?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), ?arguments, "started");
    let done = command(arguments, &config);
    match &done {
        Ok(code) => tracing::info!(code, "done"),
        Err(failure) => tracing::error!(code = failure.code, "{}", failure.message),
    }
    // Writes what is still on its way.
    drop(log);
    done
}

/// Runs the command asked for; the exit code when it did its work.
fn command(arguments: &Arguments, config: &Config) -> Result<u8, Failure> {
    let common = &arguments.common;
    let done = match &arguments.command {
        Some(Command::Eval(options)) => eval::run(options, common),
        Some(Command::Index(options)) => return index::run(options, common),
        Some(Command::Search(options)) => search::run(options, common),
        Some(Command::Embed(options)) => embed::run(options, common),
        Some(Command::Merge(options)) => merge::run(options, common),
        Some(Command::Push(options)) => engine::push(options, common),
        Some(Command::Dataset { command }) => return dataset::run(command, common),
        Some(Command::Models { command }) => models::run(command, common),
        Some(Command::Completions { .. } | Command::Man) => Ok(()),
        None => {
            let (dataset, pick) = (arguments.dataset.as_deref(), &arguments.pick);
            let plain_report = || match dashboard::index_asked_for(dataset) {
                Some(folder) => dashboard::plain_index(folder, common),
                None => eval::plain_report(dataset, pick, common),
            };
            if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
                return plain_report().map(|()| 0);
            }
            if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
                tell(format_args!(
                    "clipscope: TERM is 'dumb', so here is the report in place of the dashboard"
                ));
                return plain_report().map(|()| 0);
            }
            return dashboard::run(dataset, pick, config.settings(|name| std::env::var(name).ok()), common);
        }
    };
    done.map(|()| 0)
}

/// Writes a line to stderr. Nobody may be there to read it (`2> >(head -1)`, a terminal that is gone), which is no reason
/// to stop; `eprintln!` panics then.
fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
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
    write_file_with(path, |file| {
        file.write_all(bytes).map_err(|error| {
            let name = display_path(path);
            Failure::input(format!("cannot write {name}: {error}; choose another --out"))
        })
    })
}

/// [`write_file`] for what is written piece by piece.
fn write_file_with<T>(
    path: &Path,
    write: impl FnOnce(&mut std::fs::File) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let fail = |error: std::io::Error| {
        Failure::input(format!("cannot write {}: {error}; choose another --out", display_path(path)))
    };
    if std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return write(&mut std::fs::File::create(path).map_err(fail)?);
    }
    let mut file = UnfinishedFile::create_beside(path).map_err(fail)?;
    let written = write(file.as_file_mut())?;
    file.finish(path).map_err(fail)?;
    Ok(written)
}
