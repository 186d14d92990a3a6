//! The command line: arguments in, exit code out.
//!
//! Exit codes: 0 done, 1 the check asked for failed, 2 wrong use, 3 bad input, 4 models missing or
//! wrong, 101 a fault of the program itself. Errors go to stderr in one line that says what to do next. Must not
//! compute anything.

mod approximate;
mod args;
mod common;
mod config;
mod dashboard;
mod dataset;
mod embed;
mod endings;
mod eval;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod index;
mod log;
mod manual;
mod merge;
mod model_choice;
mod model_page;
mod models;
mod options;
mod output;
mod panics;
mod placement;
mod progress;
mod qdrant;
mod query;
mod run;
mod search;
mod values;
mod vectors;
mod watch;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::CommandFactory;

use args::{Arguments, Command};
use clipscope_base::display_safe::display_safe;
use common::Common;
use config::Config;
use failure::Failure;
use output::{print, tell};

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
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
    exit(panics::contained(|| dispatch(&arguments)))
}

/// Reports what went wrong, if anything, and gives the exit code.
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
fn dispatch(arguments: &Arguments) -> Result<u8, Failure> {
    // These two do not depend on a configuration.
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
    let mut common = arguments.common();
    let mut config = Config::load(common.config.as_deref()).map_err(Failure::input)?;
    config.override_with(arguments);
    if arguments.print_config {
        return print(config.to_toml().as_bytes()).map(|()| 0);
    }
    common.models.set = config.models.default.clone();
    common.models.own_sets = config.models.sets.clone();
    common.cache_dir = config.cache_dir.clone();
    let log = config.log.as_deref().map(|file| log::start(file, common.verbose)).transpose()?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), ?arguments, "started");
    let done = command(arguments, &common, &config);
    match &done {
        Ok(code) => tracing::info!(code, "done"),
        Err(failure) => tracing::error!(code = failure.code, "{}", failure.message),
    }
    // Writes what is still pending.
    drop(log);
    done
}

/// Runs the command asked for; the exit code when it has done its work.
fn command(arguments: &Arguments, common: &Common, config: &Config) -> Result<u8, Failure> {
    let done = match &arguments.command {
        Some(Command::Eval(options)) => eval::run(options, common),
        Some(Command::Index(options)) => return index::run(options, common),
        Some(Command::Search(options)) => search::run(options, common),
        Some(Command::Embed(options)) => embed::run(options, common),
        Some(Command::Merge(options)) => merge::run(options, common),
        Some(Command::Push(options)) => qdrant::push(options, common),
        Some(Command::Dataset { command }) => return dataset::run(command, common),
        Some(Command::Models { command }) => models::run(command, common),
        Some(Command::Completions { .. } | Command::Man) => Ok(()),
        None => {
            let (dataset, pick) = (arguments.dataset.as_deref(), &arguments.pick);
            if dashboard::index_asked_for(dataset).is_some() {
                let given = [
                    ("--limit", pick.limit.is_some()),
                    ("--sample", pick.sample.is_some()),
                    ("--captions", common.captions.is_some()),
                    ("--vectors", !common.vectors.is_empty()),
                ];
                if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
                    let message = format!("{option} has no effect on an index; leave it out");
                    return Err(Failure::new(Failure::USAGE, message));
                }
            }
            let plain_report = || match dashboard::index_asked_for(dataset) {
                Some(folder) => dashboard::plain_index(folder, common),
                None => eval::plain_report(dataset, pick, common),
            };
            if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
                return plain_report().map(|()| 0);
            }
            if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
                tell(format_args!(
                    "clipscope: TERM is 'dumb': printing the report instead of opening the dashboard"
                ));
                return plain_report().map(|()| 0);
            }
            return dashboard::run(dataset, pick, config.settings(|name| std::env::var(name).ok()), common);
        }
    };
    done.map(|()| 0)
}
