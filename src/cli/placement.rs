//! Options that would be ignored are refused by name.
//!
//! Owns what may stand before a command: an option that the command has too, except what picks its photos. Must not read
//! anything but the definition of the command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Error};

/// Options of the dashboard alone.
const DASHBOARD: [&str; 4] = ["images", "theme", "ascii", "no_color"];
/// What picks the photos; it would be easy to mistake for part of the dashboard's.
const PICK: [&str; 4] = ["dataset", "limit", "sample", "seed"];

/// Refuses what stands before a command and has no effect on it.
pub(super) fn check(program: &mut Command, matches: &ArgMatches) -> Result<(), Error> {
    let Some((name, leaf)) = leaf(program, matches) else { return Ok(()) };
    let has = |id: &str| leaf.get_arguments().any(|argument| argument.get_id() == id);
    let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let wrong = program.get_arguments().map(|argument| argument.get_id().as_str()).find_map(|id| {
        let option = format!("--{}", id.replace('_', "-"));
        if !given(id) {
            None
        } else if id == "dataset" {
            Some(format!("a data set before '{name}' is not used; give it after the command"))
        } else if PICK.contains(&id) && has(id) {
            Some(format!("{option} goes after the command: clipscope {name} {option} …"))
        } else if DASHBOARD.contains(&id) {
            Some(format!("{option} is for the dashboard and has no effect on '{name}'; leave it out"))
        } else if id == "print_config" {
            Some(format!("{option} prints the configuration and exits; leave out '{name}'"))
        } else if !has(id) || PICK.contains(&id) {
            Some(format!("{option} has no effect on '{name}'; leave it out"))
        } else {
            None
        }
    });
    match wrong {
        Some(message) => Err(program.error(ErrorKind::ArgumentConflict, message)),
        None => Ok(()),
    }
}

/// The command given and its name, `models list` for one below another.
fn leaf<'a>(program: &'a Command, matches: &ArgMatches) -> Option<(String, &'a Command)> {
    let (mut command, mut matches, mut names) = (program, matches, Vec::new());
    while let Some((name, below)) = matches.subcommand() {
        names.push(name.to_owned());
        (command, matches) = (command.find_subcommand(name)?, below);
    }
    (!names.is_empty()).then(|| (names.join(" "), command))
}

/// Says of an unknown option whether the program has it elsewhere. clap's advice to pass it as a value (`-- --theme`) would make
/// it the name of a file.
pub(super) fn explain(program: &Command, mut error: Error) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    error.remove(ContextKind::Suggested);
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return error };
    let given = option.split_once('=').map_or(option.as_str(), |(name, _)| name);
    let known = program.get_arguments().find(|argument| {
        let long = argument.get_long().is_some_and(|long| given == format!("--{long}"));
        long || argument.get_short().is_some_and(|short| given == format!("-{short}"))
    });
    let Some(known) = known else { return error };
    let tip = if DASHBOARD.contains(&known.get_id().as_str()) {
        format!("{given} is for the dashboard and has no effect on this command; leave it out")
    } else {
        format!("{given} has no effect on this command; leave it out")
    };
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}
