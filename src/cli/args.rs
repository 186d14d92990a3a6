//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::models::{DeviceKind, SetName};

/// What changed when CLIP arrived, on your own photos and captions, in the terminal.
///
/// Without a command, opens the dashboard; when stdout is not a terminal, prints the report.
/// Without DATASET, uses the 20 photos that ship.
#[derive(Debug, Parser)]
#[command(name = "clipscope", version, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// A folder of photos or a manifest.
    pub dataset: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Option<Command>,
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
    #[arg(long, global = true, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// No colours.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Say nothing but the result.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice for even more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The numbers without the dashboard.
    Eval(EvalOptions),
    /// Prints a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct EvalOptions {
    /// A folder of photos or a manifest; without it, the 20 photos that ship.
    pub dataset: Option<PathBuf>,
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

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("give a share between 0 and 1, such as 0.4".into()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SetArgument {
    /// Small networks inside the program; a stand-in, not CLIP.
    Mini,
    /// ResNet-50, DistilUSE and CLIP ViT-B/32.
    Reference,
}

impl From<SetArgument> for SetName {
    fn from(argument: SetArgument) -> Self {
        match argument {
            SetArgument::Mini => Self::Mini,
            SetArgument::Reference => Self::Reference,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DeviceArgument {
    Cpu,
    Cuda,
    Wgpu,
}

impl From<DeviceArgument> for DeviceKind {
    fn from(argument: DeviceArgument) -> Self {
        match argument {
            DeviceArgument::Cpu => Self::Cpu,
            DeviceArgument::Cuda => Self::Cuda,
            DeviceArgument::Wgpu => Self::Wgpu,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ApproachArgument {
    PreClip,
    Bridge,
    Clip,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArgument {
    /// For people.
    Text,
    /// Everything; see schema/eval.schema.json.
    Json,
    /// One row per photo.
    Csv,
    /// Tables.
    Markdown,
}
