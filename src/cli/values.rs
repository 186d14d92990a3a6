//! The values of options, on the command line and in the configuration, and what they mean.

use clap::ValueEnum;
use serde::Deserialize;

use crate::tui::scale::Scale;
use crate::tui::{ColorMode, ImageMode, ThemeChoice, ThemeName};
use clipscope_networks::DeviceKind;
use clipscope_networks::weights::Activation;

/// One of several equal parts of a data set, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    part: usize,
    of: usize,
}

impl Shard {
    /// The places of this part among `total`. The parts are disjoint, in order, and cover all places.
    pub fn range(self, total: usize) -> std::ops::Range<usize> {
        // The product of two sizes may need 128 bits.
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

/// More than any machine has cores; each thread takes memory for its stack and its photo.
const MOST_THREADS: usize = 1_024;

pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads) if threads <= MOST_THREADS => Ok(threads),
        _ => Err(format!("give a whole number up to {MOST_THREADS}; 0 means one per core")),
    }
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "give a whole number, 1 or more".into())
}

pub(super) fn cosine(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (-1.0..=1.0).contains(&value) => Ok(value),
        _ => Err("give a cosine similarity between -1 and 1, such as 0.25".into()),
    }
}

/// A number of the JSON report and its limit: `clip.image_to_text.top1=0.4`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    pub path: String,
    pub value: f64,
}

pub(super) fn limit(text: &str) -> Result<Limit, String> {
    let parts =
        text.rsplit_once('=').and_then(|(path, value)| Some((path.trim(), value.trim().parse().ok()?)));
    match parts {
        Some((path, value)) if !path.is_empty() && f64::is_finite(value) => {
            Ok(Limit { path: path.to_owned(), value })
        }
        _ => Err("give a path of the JSON report and a number, such as clip.image_to_text.top1=0.4".into()),
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("give a share between 0 and 1, such as 0.4".into()),
    }
}

/// The function between the two layers of a transformer's perceptron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ActivationArgument {
    /// The exact GELU, as in most of open_clip's models.
    Gelu,
    /// OpenAI's approximation of it.
    QuickGelu,
}

impl From<ActivationArgument> for Activation {
    fn from(argument: ActivationArgument) -> Self {
        match argument {
            ActivationArgument::Gelu => Self::Gelu,
            ActivationArgument::QuickGelu => Self::QuickGelu,
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
pub(super) enum VectorFormat {
    /// One tensor per role, and a JSON file that names the rows.
    Safetensors,
    /// One file per role, with names and hashes beside the vectors.
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ImagesArgument {
    /// The terminal's own graphics if it has them, else half blocks.
    #[default]
    Auto,
    /// Half blocks.
    Half,
    /// None.
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
    /// Dark or light, like the terminal's background.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Grayscale and pure colors.
    HighContrast,
    /// Distinct under the common kinds of color blindness.
    #[value(name = "colour-blind", alias = "color-blind")]
    #[serde(rename = "colour-blind", alias = "color-blind")]
    ColorBlind,
}

impl From<ThemeArgument> for ThemeChoice {
    fn from(argument: ThemeArgument) -> Self {
        match argument {
            ThemeArgument::Auto => Self::Auto,
            ThemeArgument::Dark => Self::Fixed(ThemeName::Dark),
            ThemeArgument::Light => Self::Fixed(ThemeName::Light),
            ThemeArgument::HighContrast => Self::Fixed(ThemeName::HighContrast),
            ThemeArgument::ColorBlind => Self::Fixed(ThemeName::ColorBlind),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ColorArgument {
    /// From COLORTERM and TERM.
    #[default]
    Auto,
    /// Digits, glyphs and text attributes only.
    None,
    /// The terminal's own palette.
    #[value(name = "16")]
    #[serde(rename = "16")]
    Sixteen,
    /// The 256-color palette.
    #[value(name = "256")]
    #[serde(rename = "256")]
    TwoHundredFiftySix,
    /// 24-bit color.
    True,
}

impl From<ColorArgument> for ColorMode {
    fn from(argument: ColorArgument) -> Self {
        match argument {
            ColorArgument::Auto => Self::Auto,
            ColorArgument::None => Self::None,
            ColorArgument::Sixteen => Self::Ansi16,
            ColorArgument::TwoHundredFiftySix => Self::Ansi256,
            ColorArgument::True => Self::True,
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
    /// For reading.
    Text,
    /// Everything, as described by schema/eval.schema.json.
    Json,
    /// One row per photo and one per number: one table on stdout, two files with --out.
    Csv,
    /// Tables for issues and wikis.
    Markdown,
    /// Tables for papers, with booktabs.
    Latex,
}

#[cfg(test)]
mod tests {
    use super::*;

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
