//! The arguments, as clap reads them.
//!
//! Owns the commands and the words of their `--help`. An option stands only under the commands that use it; what several
//! commands use may also stand before the command ([`Arguments::common`]). Must not read files or the environment.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::common::{
    CacheOption, CaptionsOption, Common, EmbeddingOptions, MessageOptions, ModelOptions, VectorsOption,
};
use super::options::{
    EmbedOptions, EvalOptions, IndexOptions, MergeOptions, Pick, PushOptions, SearchOptions,
};
use super::placement;
use super::values::{ActivationArgument, ImagesArgument, ThemeArgument};

/// What changed when CLIP arrived, on your own photos and captions, in the terminal.
///
/// Without a command, opens the dashboard, or prints the report where there is no terminal.
/// Without DATASET, uses the 20 bundled photos.
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
    pub vectors: VectorsOption,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// As [`Parser::try_parse_from`], but refuses every option that would be ignored.
    pub fn read(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Self, clap::Error> {
        let mut program = Self::command();
        let matches = program
            .try_get_matches_from_mut(arguments)
            .map_err(|error| placement::explain(&program, error))?;
        placement::check(&mut program, &matches)?;
        let read = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut program))?;
        match read.contradiction() {
            Some(message) => Err(program.error(clap::error::ErrorKind::ArgumentConflict, message)),
            None => Ok(read),
        }
    }

    /// Options that contradict each other from both sides of the command.
    fn contradiction(&self) -> Option<String> {
        let common = self.common();
        if common.quiet && common.verbose > 0 {
            return Some("--quiet cannot be used with --verbose; leave one out".into());
        }
        let chosen = common.models.option();
        if let Some(option) =
            chosen.or(common.device.map(|_| "--device")).filter(|_| !common.vectors.is_empty())
        {
            let message = format!(
                "--vectors cannot be used with {option}: it takes the place of networks; leave one out"
            );
            return Some(message);
        }
        let Some(Command::Models { command: ModelsCommand::Verify { names, .. } }) = &self.command else {
            return None;
        };
        let option = chosen.filter(|_| !names.is_empty())?;
        Some(format!("{option} has no effect beside the names of networks; leave it out"))
    }

    /// The options that several commands use, wherever they stand. What stands after the command wins.
    pub fn common(&self) -> Common {
        let before =
            [self.captions.common(), self.vectors.common(), self.embedding.common(), self.messages.common()];
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
                let given = options.captions.common().or(options.vectors.common());
                given.or(options.embedding.common()).or(options.messages.common())
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
    /// Use a checkpoint of your own: CLIP ViT-B/32, ResNet-50 or a sentence encoder of a known architecture.
    Add {
        /// A file or folder: transformers, open_clip, torchvision, sentence-transformers, or a training checkpoint.
        path: PathBuf,
        /// What to call it: then '--models NAME' uses it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The activation of a CLIP, where its files do not say.
        #[arg(long, value_enum)]
        activation: Option<ActivationArgument>,
        #[command(flatten)]
        cache: CacheOption,
        #[command(flatten)]
        messages: MessageOptions,
    },
    /// Forget a checkpoint that was added. Its files stay.
    Remove {
        /// The name it was added with.
        name: String,
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
            | Self::Add { cache, messages, .. }
            | Self::Remove { cache, messages, .. }
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
            let vectors = options.iter().any(|option| option == "vectors");
            assert_eq!(vectors, command == "eval", "{command}");
            assert!(!options.iter().any(|name| name == "theme" || name == "no-color"), "{command}");
        }
        assert!(read(&["merge", "a", "--out", "b", "--device", "cpu"]).is_err());
        assert!(read(&["-q", "merge", "a", "--out", "b"]).is_ok(), "what it uses may stand before it");
    }

    /// The message when the arguments are refused as wrong use.
    fn refused(arguments: &[&str]) -> String {
        let error = read(arguments).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{arguments:?}");
        error.to_string()
    }

    #[test]
    fn what_a_command_would_ignore_is_refused_by_name() {
        for (arguments, words) in [
            (&["DIR", "eval"][..], "a data set before 'eval'"),
            (&["--images", "off", "eval"], "--images is for the dashboard and has no effect on 'eval'"),
            (&["--theme", "dark", "eval"], "--theme is for the dashboard"),
            (&["--ascii", "search", "DIR", "x"], "--ascii is for the dashboard"),
            (&["--no-color", "eval"], "--no-color is for the dashboard"),
            (&["--print-config", "eval"], "leave out 'eval'"),
            (&["--limit", "3", "eval"], "--limit goes after the command: clipscope eval --limit"),
            (&["--sample", "3", "--seed", "1", "index", "DIR"], "--sample has no effect on 'index'"),
            (&["--models", "mini", "merge", "a", "--out", "b"], "--models has no effect on 'merge'"),
            (&["--device", "cpu", "merge", "a", "--out", "b"], "--device has no effect on 'merge'"),
            (&["--captions", "x", "index", "DIR"], "--captions has no effect on 'index'"),
            (&["--captions", "x", "search", "DIR", "q"], "--captions has no effect on 'search'"),
            (&["--threads", "2", "models", "list"], "--threads has no effect on 'models list'"),
            (&["--models", "mini", "models", "path"], "--models has no effect on 'models path'"),
            (&["--cache-dir", "x", "dataset", "check", "DIR"], "has no effect on 'dataset check'"),
            (&["-v", "man"], "--verbose has no effect on 'man'"),
            (&["--config", "x", "completions", "bash"], "--config has no effect on 'completions'"),
            (&["-q", "eval", "-v"], "--quiet cannot be used with --verbose"),
            (&["models", "verify", "--models", "mini", "resnet50"], "--models has no effect"),
            (&["--models", "mini", "models", "verify", "resnet50"], "--models has no effect"),
            (&["models", "verify", "--clip", "x", "resnet50"], "--clip has no effect"),
        ] {
            let message = refused(arguments);
            assert!(message.contains(words), "{arguments:?}: {message}");
        }
        for arguments in [
            &["--models", "mini", "models", "verify"][..],
            &["--captions", "x", "embed", "--out", "y"],
            &["--captions", "x", "dataset", "check", "DIR"],
            &["--theme", "dark", "--no-color", "--models", "mini", "DIR"],
            &["--limit", "3", "DIR"],
        ] {
            assert!(read(arguments).is_ok(), "{arguments:?}");
        }
    }

    #[test]
    fn an_option_of_elsewhere_is_explained_and_never_offered_as_a_value() {
        for (arguments, words) in [
            (&["eval", "--theme", "dark"][..], "--theme is for the dashboard"),
            (&["eval", "--no-color"], "--no-color is for the dashboard"),
            (&["merge", "a", "--out", "b", "--models=mini"], "--models has no effect on this command"),
            (&["man", "-v"], "-v has no effect on this command"),
            (&["eval", "--aproach", "clip"], "'--approach'"),
            (&["search", "DIR", "x", "--top-k", "-1"], "'-1'"),
        ] {
            let message = refused(arguments);
            assert!(message.contains(words) && !message.contains("as a value"), "{arguments:?}: {message}");
        }
    }

    #[test]
    fn a_search_for_no_photos_is_wrong_use() {
        let message = refused(&["search", "DIR", "x", "--top-k", "0"]);
        assert!(message.contains("--top-k") && message.contains("1 or more"), "{message}");
        assert!(read(&["search", "DIR", "x", "--top-k", "1"]).is_ok());
    }

    #[test]
    fn vectors_take_the_place_of_networks() {
        let files = |arguments: &[&str]| read(arguments).unwrap().common().vectors;
        for arguments in [
            &["--vectors", "a", "--vectors", "b"][..],
            &["eval", "--vectors", "a", "--vectors", "b", "DIR"],
            &["--vectors", "a", "--vectors", "b", "eval", "DIR"],
        ] {
            assert_eq!(files(arguments), [PathBuf::from("a"), "b".into()], "{arguments:?}");
        }
        for option in ["--models", "--clip", "--pre-clip-image", "--pre-clip-text", "--device"] {
            for arguments in [
                &["eval", "--vectors", "a", option, "cpu"][..],
                &[option, "cpu", "eval", "--vectors", "a"],
                &["--vectors", "a", option, "cpu"],
            ] {
                let error = read(arguments).unwrap_err();
                assert_eq!(error.exit_code(), 2, "{arguments:?}");
                assert!(error.to_string().contains(&format!("with {option}:")), "{error}");
            }
        }
        for command in [&["index", "DIR"][..], &["embed", "--out", "x"], &["models", "list"]] {
            let arguments = [&["--vectors", "a"], command].concat();
            let error = read(&arguments).unwrap_err();
            assert!(
                error.exit_code() == 2 && error.to_string().contains("--vectors"),
                "{arguments:?}: {error}"
            );
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
