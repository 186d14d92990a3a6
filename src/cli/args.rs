//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

use crate::models::{DeviceKind, SetName};
use crate::tui::theme::Scale;
use crate::tui::{ColorMode, ImageMode, ThemeChoice, ThemeName};

/// What changed when CLIP arrived, on your own photos and captions, in the terminal.
///
/// Without a command, opens the dashboard; when stdout is not a terminal, prints the report.
/// Without DATASET, uses the 20 photos that ship.
#[derive(Debug, Parser)]
#[command(name = "clipscope", version, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// A folder of photos or a manifest.
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
    /// The best photos of a folder for a phrase, or for another photo.
    Search(SearchOptions),
    /// The vectors themselves, as safetensors with a JSON file of the rows' names.
    Embed(EmbedOptions),
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

#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// A folder of photos or a manifest.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What to look for, in words.
    #[arg(required_unless_present = "image", conflicts_with = "image")]
    pub query: Option<String>,
    /// Look for photos like this one.
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// How many photos to list.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top_k: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct EmbedOptions {
    /// A folder of photos or a manifest; without it, the 20 photos that ship.
    pub dataset: Option<PathBuf>,
    /// The safetensors file; the rows' names go to FILE.json.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Embed only part I of N of the data set, counted from 1.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// Part `part` of `of` of a data set, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    part: usize,
    of: usize,
}

impl Shard {
    /// The places of this part among `total`; the parts are disjoint, in order, and cover all.
    pub fn range(self, total: usize) -> std::ops::Range<usize> {
        // In 128 bits, so that no data set is too large for the product.
        let cut = |part: usize| (total as u128 * part as u128 / self.of as u128) as usize;
        cut(self.part - 1)..cut(self.part)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.part, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if 1 <= part && part <= of => Ok(Self { part, of }),
            _ => Err("give a part such as 1/4 (the first of four)".into()),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("give a share between 0 and 1, such as 0.4".into()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ImagesArgument {
    /// The terminal's own graphics where it has them, else half blocks.
    #[default]
    Auto,
    /// Half blocks.
    Half,
    /// Not at all.
    Off,
}

impl From<ImagesArgument> for ImageMode {
    fn from(argument: ImagesArgument) -> Self {
        match argument {
            ImagesArgument::Auto => Self::Auto,
            ImagesArgument::Half => Self::Half,
            ImagesArgument::Off => Self::Off,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ThemeArgument {
    /// Dark or light, as the terminal's background is.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Grey scale and pure colours.
    HighContrast,
    /// Distinct for the common kinds of colour blindness.
    ColourBlind,
}

impl From<ThemeArgument> for ThemeChoice {
    fn from(argument: ThemeArgument) -> Self {
        match argument {
            ThemeArgument::Auto => Self::Auto,
            ThemeArgument::Dark => Self::Fixed(ThemeName::Dark),
            ThemeArgument::Light => Self::Fixed(ThemeName::Light),
            ThemeArgument::HighContrast => Self::Fixed(ThemeName::HighContrast),
            ThemeArgument::ColourBlind => Self::Fixed(ThemeName::ColorBlind),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ColourArgument {
    /// As COLORTERM and TERM say.
    #[default]
    Auto,
    /// Digits, glyphs and text attributes only.
    None,
    /// The terminal's own palette.
    #[value(name = "16")]
    #[serde(rename = "16")]
    Sixteen,
    /// The 256-colour palette.
    #[value(name = "256")]
    #[serde(rename = "256")]
    TwoHundredFiftySix,
    /// 24-bit colour.
    True,
}

impl From<ColourArgument> for ColorMode {
    fn from(argument: ColourArgument) -> Self {
        match argument {
            ColourArgument::Auto => Self::Auto,
            ColourArgument::None => Self::None,
            ColourArgument::Sixteen => Self::Ansi16,
            ColourArgument::TwoHundredFiftySix => Self::Ansi256,
            ColourArgument::True => Self::True,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ScaleArgument {
    /// From the lowest to the highest score of the grid.
    #[default]
    Fitted,
    /// From 0 to 1.
    Fixed,
    /// Around 0.
    Diverging,
}

impl From<ScaleArgument> for Scale {
    fn from(argument: ScaleArgument) -> Self {
        match argument {
            ScaleArgument::Fitted => Self::Fitted,
            ScaleArgument::Fixed => Self::Fixed,
            ScaleArgument::Diverging => Self::Diverging,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn shards_are_disjoint_and_cover_everything() {
        for total in [0, 1, 7, 20, 1000] {
            for of in 1..9 {
                let places: Vec<usize> = (1..=of).flat_map(|part| Shard { part, of }.range(total)).collect();
                assert_eq!(places, (0..total).collect::<Vec<_>>(), "{total} in {of}");
            }
        }
        for wrong in ["0/4", "5/4", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
