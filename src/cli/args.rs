//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use super::values::{
    ApproachArgument, DeviceArgument, FormatArgument, ImagesArgument, SetArgument, Shard, ThemeArgument,
    VectorFormat, at_least_one, cosine, share, threads,
};

/// What changed when CLIP arrived, on your own photos and captions, in the terminal.
///
/// Without a command, opens the dashboard; when stdout is not a terminal, prints the report.
/// Without DATASET, uses the 20 photos that ship.
#[derive(Debug, Parser)]
#[command(name = "clipscope", version)]
pub(super) struct Arguments {
    /// A folder of photos, a manifest or an index.
    pub dataset: Option<PathBuf>,
    /// How photos are drawn in the dashboard [default: auto].
    #[arg(long, value_enum)]
    pub images: Option<ImagesArgument>,
    /// Colours of the dashboard [default: auto].
    #[arg(long, value_enum)]
    pub theme: Option<ThemeArgument>,
    /// Draw the dashboard with ASCII only.
    #[arg(long)]
    pub ascii: bool,
    /// Print the configuration in effect, as a commented file, and leave.
    #[arg(long)]
    pub print_config: bool,
    #[command(flatten)]
    pub pick: Pick,
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// As [`Parser::try_parse_from`], and refuses what only the dashboard understands together with a command. Options
    /// that every command understands may stand on either side of it.
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
        let message = format!(
            "{misplaced} cannot be used with a command; give what belongs to the command after its name"
        );
        Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message))
    }
}

/// Which part of a data set to take.
#[derive(Debug, Default, Args)]
pub(super) struct Pick {
    /// Take the first N photos only (of the sample, if one is drawn).
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub limit: Option<usize>,
    /// Draw N photos at random, the same on every machine.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub sample: Option<usize>,
    /// Start of the draw.
    #[arg(long, value_name = "S", default_value_t = 0, requires = "sample")]
    pub seed: u64,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Model set; the default is the best one installed.
    #[arg(long, global = true, value_name = "SET")]
    pub models: Option<SetArgument>,
    /// Where to compute.
    #[arg(long, global = true, value_enum, default_value_t = DeviceArgument::Cpu)]
    pub device: DeviceArgument,
    /// Captions that replace those of the data set, such as a translation.
    #[arg(long, global = true, value_name = "FILE")]
    pub captions: Option<PathBuf>,
    /// Where finished vectors are kept.
    #[arg(long, global = true, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Worker threads; 0 takes one per core.
    #[arg(long, global = true, value_name = "N", default_value_t = 0, value_parser = threads)]
    pub threads: usize,
    /// No colours.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// The configuration, in place of ~/.config/clipscope/config.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Tell in a file what happens.
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Say nothing but the result.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell more in the log; twice for even more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The numbers without the dashboard.
    Eval(EvalOptions),
    /// Keeps the vectors of a folder's photos on disk, so that searching it takes no embedding.
    Index(IndexOptions),
    /// The best photos of a folder or an index for a phrase, for another photo, or for both.
    Search(SearchOptions),
    /// The vectors themselves, as safetensors or Parquet.
    Embed(EmbedOptions),
    /// Joins the Parquet shards of one data set, checked for gaps and doubles.
    Merge(MergeOptions),
    /// Brings Parquet files of vectors to Qdrant, a vector engine that spans machines.
    Push(PushOptions),
    /// Looking at a data set without any model.
    Dataset {
        #[command(subcommand)]
        command: DatasetCommand,
    },
    /// What is installed, fetching it, checking it, and where it lies.
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// Prints a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page, for `man -l -`.
    Man,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Every network: what it is for, its size and licence, and whether it is here.
    List,
    /// Brings the reference models here: about 1.25 GB, resumable, every file verified.
    Fetch {
        /// Networks to fetch; all of the reference set without one.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Take the files from a folder in place of the network.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Compares token ids and vectors with those of the reference implementations.
    Verify {
        /// Networks to check; all of the set in use without one.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// The folder of the downloaded files.
    Path,
}

#[derive(Debug, Subcommand)]
pub(super) enum DatasetCommand {
    /// Says what was understood, what was left out and why, and what a report can say.
    Check {
        /// A folder of photos or a manifest.
        path: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        pick: Pick,
    },
}

#[derive(Debug, Args)]
pub(super) struct EvalOptions {
    /// A folder of photos or a manifest; without it, the 20 photos that ship.
    pub dataset: Option<PathBuf>,
    #[command(flatten)]
    pub pick: Pick,
    /// Which approach to report.
    #[arg(long, value_enum, default_value_t = ApproachArgument::All)]
    pub approach: ApproachArgument,
    /// Form of the report.
    #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
    pub format: FormatArgument,
    /// Write the report to a file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write one labelled heat map a grid, as PNG.
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// Exit with code 1 when CLIP's image→text top-1 is below this share.
    #[arg(long, value_name = "X", value_parser = share)]
    pub min_accuracy: Option<f64>,
    /// Add how long things took.
    #[arg(long)]
    pub timing: bool,
}

#[derive(Debug, Args)]
pub(super) struct IndexOptions {
    /// A folder of photos or a manifest.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Where the index is kept; without it, in DIR/.clipscope-index.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Stay, and bring the index up to date whenever something in DIR changes.
    #[arg(long)]
    pub watch: bool,
    /// Also build the graph for approximate search, for millions of photos.
    #[cfg(feature = "approximate")]
    #[arg(long)]
    pub approximate: bool,
}

#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// A folder of photos, a manifest or an index; left out with --engine. An index inside the folder is used.
    #[arg(value_name = "DIR", required_unless_present = "engine")]
    pub folder: Option<PathBuf>,
    /// What to look for, in words. Further terms follow a '+' or '-' of their own:
    /// 'a street' + 'at night' - people.
    #[arg(value_name = "QUERY", required_unless_present_any = ["image", "engine"])]
    pub query: Vec<String>,
    /// Search the vectors that `push` brought to this Qdrant, in place of a folder.
    #[arg(long, value_name = "URL", requires = "collection")]
    pub engine: Option<String>,
    /// The collection to search.
    #[arg(long, value_name = "NAME", requires = "engine")]
    pub collection: Option<String>,
    /// Look for photos like this one; with QUERY, for both together.
    #[arg(long, value_name = "FILE")]
    pub image: Vec<PathBuf>,
    /// How many photos to list.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top_k: usize,
    /// List only photos whose cosine similarity is at least this.
    #[arg(long, value_name = "X", value_parser = cosine, allow_negative_numbers = true)]
    pub min_score: Option<f32>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print paths only, one a line, made safe to show.
    #[arg(long, conflicts_with = "json")]
    pub paths: bool,
    /// Print paths only, each followed by a zero byte, exactly as the system has them: for xargs -0.
    #[arg(short = '0', long = "null", conflicts_with_all = ["json", "paths"])]
    pub null: bool,
    /// Search the approximate graph of the index in place of every vector.
    #[cfg(feature = "approximate")]
    #[arg(long)]
    pub approximate: bool,
}

#[derive(Debug, Args)]
pub(super) struct EmbedOptions {
    /// A folder of photos or a manifest; without it, the 20 photos that ship.
    pub dataset: Option<PathBuf>,
    #[command(flatten)]
    pub pick: Pick,
    /// FILE.safetensors, whose rows are named in FILE.safetensors.json, or FILE.parquet, which becomes one file a role:
    /// FILE.clip_image.parquet and so on.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Form of the file; without it, Parquet where FILE ends in .parquet.
    #[arg(long, value_enum)]
    pub format: Option<VectorFormat>,
    /// Embed only part I of N of the data set, counted from 1.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

#[derive(Debug, Args)]
pub(super) struct MergeOptions {
    /// The shards of one role, in any order.
    #[arg(value_name = "SHARD", required = true)]
    pub shards: Vec<PathBuf>,
    /// The Parquet file of the whole.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct PushOptions {
    /// Files of `embed` or `merge`, all of one role.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Address of the engine, such as http://localhost:6333; a key is taken from QDRANT_API_KEY.
    #[arg(long, value_name = "URL")]
    pub engine: String,
    /// The collection, made if there is none.
    #[arg(long, value_name = "NAME")]
    pub collection: String,
    /// Vectors in one request.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = at_least_one)]
    pub batch: usize,
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
            let common = (read.common.quiet, read.common.cache_dir, read.common.threads);
            assert_eq!(common, (true, Some("X".into()), 3), "{arguments:?}");
            assert!(
                matches!(read.command, Some(Command::Eval(options)) if options.dataset == Some("DIR".into()))
            );
        }
        assert!(read(&["-q", "DIR"]).unwrap().command.is_none());
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
