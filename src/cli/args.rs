//! The arguments, as clap reads them.
//!
//! Owns the commands and the words of their `--help`. An option stands only under the commands that use it; what several
//! commands use may also stand before the command ([`Arguments::common`]). Must not read files or the environment.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use super::common::{CacheOption, CaptionsOption, Common, EmbeddingOptions, MessageOptions, ModelOptions};
use super::options::{
    EmbedOptions, EvalOptions, IndexOptions, MergeOptions, Pick, PushOptions, SearchOptions,
};
use super::values::{ImagesArgument, ThemeArgument};

/// What changed when CLIP arrived, on your own photos and captions, in the terminal.
///
/// Without a command, opens the dashboard, or prints the report where there is no terminal.
/// Without DATASET, uses the 20 photos that ship with the program.
#[derive(Debug, Parser)]
#[command(name = "clipscope", version)]
pub(super) struct Arguments {
    /// A folder of photos, a manifest, or an index.
    pub dataset: Option<PathBuf>,
    /// How to draw photos in the dashboard [default: auto].
    #[arg(long, value_enum)]
    pub images: Option<ImagesArgument>,
    /// Color theme of the dashboard [default: auto].
    #[arg(long, value_enum)]
    pub theme: Option<ThemeArgument>,
    /// Draw the dashboard with ASCII only.
    #[arg(long)]
    pub ascii: bool,
    /// Draw the dashboard without colors.
    #[arg(long)]
    pub no_color: bool,
    /// Print the configuration in effect as a commented file, and exit.
    #[arg(long)]
    pub print_config: bool,
    #[command(flatten)]
    pub pick: Pick,
    #[command(flatten)]
    pub captions: CaptionsOption,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// As [`Parser::try_parse_from`], but refuses what only the dashboard understands together with a command.
    pub fn read(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Self, clap::Error> {
        let read = Self::try_parse_from(arguments)?;
        if read.command.is_none() {
            return Ok(read);
        }
        let misplaced = if read.dataset.is_some() {
            "a data set before the command"
        } else if read.pick.limit.is_some() || read.pick.sample.is_some() {
            "--limit or --sample before the command"
        } else if read.images.is_some() || read.theme.is_some() || read.ascii {
            "--images, --theme or --ascii, which are for the dashboard,"
        } else {
            return Ok(read);
        };
        let message =
            format!("{misplaced} cannot be used with a command; options of a command go after its name");
        Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message))
    }

    /// The options that several commands use, wherever they stand. What stands after the command wins.
    pub fn common(&self) -> Common {
        let before = [self.captions.common(), self.embedding.common(), self.messages.common()];
        let after = self.command.as_ref().map(Command::common).unwrap_or_default();
        before.into_iter().fold(after, Common::or)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the numbers without the dashboard.
    Eval(EvalOptions),
    /// Build an index of a folder's photos for instant search.
    Index(IndexOptions),
    /// Find the photos that match a phrase, another photo, or both.
    Search(SearchOptions),
    /// Write the vectors themselves, as safetensors or Parquet.
    Embed(EmbedOptions),
    /// Join the Parquet shards of a data set, checking for gaps and duplicates.
    Merge(MergeOptions),
    /// Send Parquet files of vectors to Qdrant, a vector database that spans machines.
    Push(PushOptions),
    /// Inspect a data set without any model.
    Dataset {
        #[command(subcommand)]
        command: DatasetCommand,
    },
    /// List, fetch and verify the networks.
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, for `man -l -`.
    Man,
}

impl Command {
    /// The options after the command that other commands use too.
    fn common(&self) -> Common {
        match self {
            Self::Eval(options) => {
                let given = options.captions.common().or(options.embedding.common());
                given.or(options.messages.common())
            }
            Self::Index(options) => options.embedding.common().or(options.messages.common()),
            Self::Search(options) => options.embedding.common().or(options.messages.common()),
            Self::Embed(options) => {
                let given = options.captions.common().or(options.embedding.common());
                given.or(options.messages.common())
            }
            Self::Merge(options) => options.messages.common(),
            Self::Push(options) => options.messages.common(),
            Self::Dataset { command: DatasetCommand::Check { captions, messages, .. } } => {
                captions.common().or(messages.common())
            }
            Self::Models { command } => command.common(),
            Self::Completions { .. } | Self::Man => Common::default(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// List every network: its roles, size, license, and whether it is installed.
    List {
        #[command(flatten)]
        cache: CacheOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
    /// Download the reference models: about 1.25 GB, resumable, every file verified.
    Fetch {
        /// Networks to fetch [default: all of the reference set].
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Take the files from a folder instead of the network.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        #[command(flatten)]
        cache: CacheOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
    /// Compare token ids and vectors with those of the reference implementations.
    Verify {
        /// Networks to check [default: all of the set in use].
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        models: ModelOptions,
        #[command(flatten)]
        cache: CacheOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
    /// Print the folder of the downloaded files.
    Path {
        #[command(flatten)]
        cache: CacheOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
}

impl ModelsCommand {
    fn common(&self) -> Common {
        match self {
            Self::List { cache, messages }
            | Self::Fetch { cache, messages, .. }
            | Self::Path { cache, messages } => cache.common().or(messages.common()),
            Self::Verify { models, cache, messages, .. } => {
                models.common().or(cache.common()).or(messages.common())
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum DatasetCommand {
    /// Show what was understood, what was left out and why, and what a report can say.
    Check {
        /// A folder of photos or a manifest.
        path: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        pick: Pick,
        #[command(flatten)]
        captions: CaptionsOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    fn read(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::read(["clipscope"].iter().chain(arguments).map(Into::into))
    }

    #[test]
    fn common_options_stand_on_either_side_of_the_command() {
        for arguments in [
            &["-q", "--cache-dir", "X", "--threads", "3", "eval", "DIR"][..],
            &["eval", "-q", "--cache-dir", "X", "--threads", "3", "DIR"],
            &["--cache-dir", "X", "eval", "DIR", "-q", "--threads", "3"],
        ] {
            let read = read(arguments).unwrap();
            let common = read.common();
            let found = (common.quiet, common.cache_dir, common.threads);
            assert_eq!(found, (true, Some("X".into()), Some(3)), "{arguments:?}");
            assert!(
                matches!(read.command, Some(Command::Eval(options)) if options.dataset == Some("DIR".into()))
            );
        }
        assert!(read(&["-q", "DIR"]).unwrap().command.is_none());
    }

    #[test]
    fn what_stands_after_the_command_wins() {
        let arguments = ["--threads", "1", "--models", "mini", "--captions", "a", "eval", "--threads", "2"];
        let common = read(&arguments).unwrap().common();
        assert_eq!((common.threads, common.models.set.as_deref()), (Some(2), Some("mini")));
        assert_eq!(common.captions, Some("a".into()));
    }

    /// The long options under a command, without those that every command has.
    fn options_of(path: &[&str]) -> Vec<String> {
        let mut program = Arguments::command();
        program.build();
        let command = path.iter().fold(&program, |command, name| command.find_subcommand(name).unwrap());
        let names = command.get_arguments().filter_map(|option| option.get_long()).map(String::from);
        names.filter(|name| !["help", "config", "log", "quiet", "verbose"].contains(&name.as_str())).collect()
    }

    #[test]
    fn an_option_stands_only_under_the_commands_that_use_it() {
        assert_eq!(options_of(&["merge"]), ["out"]);
        assert_eq!(options_of(&["push"]), ["engine", "collection", "batch"]);
        assert_eq!(options_of(&["models", "path"]), ["cache-dir"]);
        assert_eq!(options_of(&["models", "fetch"]), ["from", "cache-dir"]);
        assert_eq!(
            options_of(&["models", "verify"]),
            ["models", "clip", "pre-clip-image", "pre-clip-text", "device", "cache-dir"]
        );
        assert_eq!(options_of(&["dataset", "check"]), ["json", "limit", "sample", "seed", "captions"]);
        assert!(options_of(&["completions"]).is_empty() && options_of(&["man"]).is_empty());
        let embedding = ["models", "clip", "pre-clip-text", "device", "cache-dir", "threads"];
        for command in ["eval", "index", "search", "embed"] {
            let options = options_of(&[command]);
            assert!(embedding.iter().all(|name| options.iter().any(|option| option == name)), "{command}");
            let captions = options.iter().any(|option| option == "captions");
            assert_eq!(captions, ["eval", "embed"].contains(&command), "{command}");
            assert!(!options.iter().any(|name| name == "theme" || name == "no-color"), "{command}");
        }
        assert!(read(&["merge", "a", "--out", "b", "--device", "cpu"]).is_err());
        assert!(read(&["--device", "cpu", "merge", "a", "--out", "b"]).is_ok(), "before the command as ever");
    }

    #[test]
    fn what_is_for_the_dashboard_is_refused_beside_a_command() {
        for arguments in [&["DIR", "eval"][..], &["--images", "off", "eval"]] {
            let error = read(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
        }
    }

    #[test]
    fn absurd_numbers_of_threads_are_refused() {
        for wrong in ["99999999", "1025", "-1", "x"] {
            assert!(read(&["eval", &format!("--threads={wrong}")]).is_err(), "{wrong}");
        }
        assert!(read(&["eval", "--threads", "1024"]).is_ok());
    }
}
