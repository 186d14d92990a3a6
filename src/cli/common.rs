//! The options that several commands use.
//!
//! Owns the groups in which they stand under a command, and how they are brought together.

use std::path::PathBuf;

use clap::Args;

use super::model_choice::ModelChoice;
use super::values::{DeviceArgument, threads};
use clipscope_networks::DeviceKind;

/// The options that several commands use, as given on the command line and in the configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct Common {
    pub models: ModelChoice,
    /// Files whose vectors stand in place of networks.
    pub vectors: Vec<PathBuf>,
    pub device: Option<DeviceArgument>,
    pub captions: Option<PathBuf>,
    pub cache_dir: Option<PathBuf>,
    pub threads: Option<usize>,
    pub config: Option<PathBuf>,
    pub log: Option<PathBuf>,
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
}

impl Common {
    /// What is given here, and where it is not, what `other` gives.
    pub fn or(self, other: Self) -> Self {
        Self {
            models: self.models.or(other.models),
            vectors: if self.vectors.is_empty() { other.vectors } else { self.vectors },
            device: self.device.or(other.device),
            captions: self.captions.or(other.captions),
            cache_dir: self.cache_dir.or(other.cache_dir),
            threads: self.threads.or(other.threads),
            config: self.config.or(other.config),
            log: self.log.or(other.log),
            quiet: self.quiet || other.quiet,
            verbose: self.verbose.max(other.verbose),
        }
    }
}

impl Common {
    /// The device asked for, or the CPU.
    pub fn device(&self) -> DeviceKind {
        self.device.unwrap_or(DeviceArgument::Cpu).into()
    }

    /// The number of threads asked for; 0 stands for one per core.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or(0)
    }
}

/// Which networks compute, and where.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelOptions {
    /// Model set; 'clipscope models list' shows them [default: the best one installed].
    #[arg(long, value_name = "SET")]
    models: Option<String>,
    /// Use another CLIP: a name such as clip-vit-b32, or IMAGE,TEXT.
    #[arg(long, value_name = "NETWORK")]
    clip: Option<String>,
    /// Use another image network that knows no text.
    #[arg(long, value_name = "NETWORK")]
    pre_clip_image: Option<String>,
    /// Use another sentence encoder that knows no images.
    #[arg(long, value_name = "NETWORK")]
    pre_clip_text: Option<String>,
    /// Where to compute [default: cpu].
    #[arg(long, value_enum)]
    device: Option<DeviceArgument>,
}

impl ModelOptions {
    pub fn common(&self) -> Common {
        let models = ModelChoice {
            set: self.models.clone(),
            clip: self.clip.clone(),
            pre_clip_image: self.pre_clip_image.clone(),
            pre_clip_text: self.pre_clip_text.clone(),
            ..ModelChoice::default()
        };
        Common { models, device: self.device, ..Common::default() }
    }
}

/// Vectors in place of networks.
#[derive(Debug, Clone, Args)]
pub(super) struct VectorsOption {
    /// Use the vectors in FILE instead of networks: Parquet of any model, or what `embed` wrote. May be repeated.
    #[arg(long, value_name = "FILE")]
    vectors: Vec<PathBuf>,
}

impl VectorsOption {
    pub fn common(&self) -> Common {
        Common { vectors: self.vectors.clone(), ..Common::default() }
    }
}

/// Where vectors and models are kept.
#[derive(Debug, Clone, Args)]
pub(super) struct CacheOption {
    /// Folder of cached vectors and downloaded models [default: clipscope in the user's cache folder].
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

impl CacheOption {
    pub fn common(&self) -> Common {
        Common { cache_dir: self.cache_dir.clone(), ..Common::default() }
    }
}

/// How photos and captions are embedded.
#[derive(Debug, Clone, Args)]
pub(super) struct EmbeddingOptions {
    #[command(flatten)]
    models: ModelOptions,
    #[command(flatten)]
    cache: CacheOption,
    /// Worker threads; 0 means one per core [default: 0].
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
}

impl EmbeddingOptions {
    pub fn common(&self) -> Common {
        let threads = Common { threads: self.threads, ..Common::default() };
        threads.or(self.models.common()).or(self.cache.common())
    }
}

/// Other captions than those of the data set.
#[derive(Debug, Clone, Args)]
pub(super) struct CaptionsOption {
    /// Replace the data set's captions with those in FILE, such as a translation.
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
}

impl CaptionsOption {
    pub fn common(&self) -> Common {
        Common { captions: self.captions.clone(), ..Common::default() }
    }
}

/// What is read before a command does its work, and what it says meanwhile.
#[derive(Debug, Clone, Args)]
pub(super) struct MessageOptions {
    /// Configuration file [default: ~/.config/clipscope/config.toml].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write a log to FILE.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print nothing but the result.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Log more; -vv logs everything.
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl MessageOptions {
    pub fn common(&self) -> Common {
        Common {
            config: self.config.clone(),
            log: self.log.clone(),
            quiet: self.quiet,
            verbose: self.verbose,
            ..Common::default()
        }
    }
}
