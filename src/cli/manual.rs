//! The manual page: the whole program on one page, each command with its own options.
//!
//! Owns its layout; the words are those of `--help`.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::Arguments;

/// The page, as roff.
pub(super) fn page() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut program = Arguments::command().flatten_help(true).disable_help_subcommand(true);
    program.build();
    Man::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands() {
        section(command, &mut page)?;
    }
    Ok(page)
}

/// The options of every command, which are described once, at the top.
const EVERYWHERE: [&str; 5] = ["config", "log", "quiet", "verbose", "help"];

/// Describes a command and those below it.
fn section(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let own = command.clone().mut_args(|argument| {
        let everywhere = EVERYWHERE.contains(&argument.get_id().as_str());
        argument.hide(everywhere)
    });
    let has_options = own.get_arguments().any(|argument| !argument.is_hide_set());
    let name = command.get_bin_name().unwrap_or(command.get_name());
    page.extend_from_slice(format!(".SH {}\n", name.to_uppercase()).as_bytes());
    let man = Man::new(own);
    let mut body = Vec::new();
    man.render_synopsis_section(&mut body)?;
    man.render_description_section(&mut body)?;
    if has_options {
        man.render_options_section(&mut body)?;
    }
    // Sections of the command, one level below those of the page.
    page.extend_from_slice(String::from_utf8_lossy(&body).replace(".SH ", ".SS ").as_bytes());
    for command in command.get_subcommands() {
        section(command, page)?;
    }
    Ok(())
}
