//! The options of each command.

use std::path::PathBuf;

use clap::Args;

use super::common::{CaptionsOption, EmbeddingOptions, MessageOptions, VectorsOption};
use super::values::{
    ApproachArgument, FormatArgument, Limit, Shard, VectorFormat, at_least_one, cosine, limit, share,
};

/// Which part of a data set to take.
#[derive(Debug, Default, Args)]
pub(super) struct Pick {
    /// Take only the first N photos (of the sample, if one is drawn).
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub limit: Option<usize>,
    /// Draw N photos at random; the same seed gives the same photos on every machine.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub sample: Option<usize>,
    /// Random seed of the sample.
    #[arg(long, value_name = "S", default_value_t = 0, requires = "sample")]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub(super) struct EvalOptions {
    /// A folder of photos or a manifest [default: the 20 bundled photos].
    pub dataset: Option<PathBuf>,
    #[command(flatten)]
    pub pick: Pick,
    /// Approach to report.
    #[arg(long, value_enum, default_value_t = ApproachArgument::All)]
    pub approach: ApproachArgument,
    /// Format of the report [default: what the ending of --out FILE asks for, else text].
    #[arg(long, value_enum)]
    pub format: Option<FormatArgument>,
    /// Write the report to FILE. As CSV, photos go to FILE.csv and numbers to FILE.numbers.csv.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write a labeled heat map of each grid to DIR, as PNG.
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// Exit with code 1 when CLIP's image→text top-1 accuracy is below X (0 to 1).
    #[arg(long, value_name = "X", value_parser = share)]
    pub min_accuracy: Option<f64>,
    /// Exit with code 1 when the number at the path METRIC of the JSON report is below VALUE, such as
    /// clip.text_to_image.r_at.5=0.8. May be given several times.
    #[arg(long, value_name = "METRIC=VALUE", value_parser = limit)]
    pub min: Vec<Limit>,
    /// Exit with code 1 when the number at the path METRIC is above VALUE. May be given several times.
    #[arg(long, value_name = "METRIC=VALUE", value_parser = limit)]
    pub max: Vec<Limit>,
    /// Add the differences to a report that --format json wrote before, item by item.
    #[arg(long, value_name = "OLD.json")]
    pub against: Option<PathBuf>,
    /// Leave the similarity matrices out of the JSON report.
    #[arg(long, conflicts_with = "plots")]
    pub no_matrices: bool,
    /// Add timings to the report.
    #[arg(long)]
    pub timing: bool,
    #[command(flatten)]
    pub captions: CaptionsOption,
    #[command(flatten)]
    pub vectors: VectorsOption,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
}

#[derive(Debug, Args)]
pub(super) struct IndexOptions {
    /// A folder of photos or a manifest.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Where to keep the index [default: DIR/.clipscope-index].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Keep running, and update the index whenever something in DIR changes.
    #[arg(long)]
    pub watch: bool,
    /// Also build the graph for approximate search, for millions of photos.
    #[cfg(feature = "approximate")]
    #[arg(long)]
    pub approximate: bool,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
}

#[derive(Debug, Args)]
pub(super) struct SearchOptions {
    /// A folder of photos, a manifest or an index; an index inside the folder is used. Leave it out with --engine.
    #[arg(value_name = "DIR", required_unless_present = "engine")]
    pub folder: Option<PathBuf>,
    /// What to look for, in words. Combine phrases with a separate '+' or '-':
    /// 'a street' + 'at night' - people.
    #[arg(value_name = "QUERY", required_unless_present_any = ["image", "engine"])]
    pub query: Vec<String>,
    /// Search vectors sent with `push` in the Qdrant at URL, instead of a folder.
    #[arg(long, value_name = "URL", requires = "collection")]
    pub engine: Option<String>,
    /// Qdrant collection to search.
    #[arg(long, value_name = "NAME", requires = "engine")]
    pub collection: Option<String>,
    /// Look for photos like this one; combined with QUERY, if there is one.
    #[arg(long, value_name = "FILE")]
    pub image: Vec<PathBuf>,
    /// How many photos to list.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub top_k: usize,
    /// List only photos whose cosine similarity is at least X.
    #[arg(long, value_name = "X", value_parser = cosine, allow_negative_numbers = true)]
    pub min_score: Option<f32>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print only paths, one per line, escaped for the terminal.
    #[arg(long, conflicts_with = "json")]
    pub paths: bool,
    /// Print only paths, each followed by a zero byte and not escaped, for xargs -0.
    #[arg(short = '0', long = "null", conflicts_with_all = ["json", "paths"])]
    pub null: bool,
    /// Search the index's approximate graph instead of every vector.
    #[cfg(feature = "approximate")]
    #[arg(long)]
    pub approximate: bool,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
}

#[derive(Debug, Args)]
pub(super) struct EmbedOptions {
    /// A folder of photos or a manifest [default: the 20 bundled photos].
    pub dataset: Option<PathBuf>,
    #[command(flatten)]
    pub pick: Pick,
    /// FILE.safetensors, with the names of its rows in FILE.safetensors.json; or FILE.parquet, written as one file per
    /// role, such as FILE.clip_image.parquet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// File format [default: Parquet if FILE ends in .parquet, else safetensors].
    #[arg(long, value_enum)]
    pub format: Option<VectorFormat>,
    /// Embed only part I of N of the data set, counted from 1.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    #[command(flatten)]
    pub captions: CaptionsOption,
    #[command(flatten)]
    pub embedding: EmbeddingOptions,
    #[command(flatten)]
    pub messages: MessageOptions,
}

#[derive(Debug, Args)]
pub(super) struct MergeOptions {
    /// The shards of one role, in any order.
    #[arg(value_name = "SHARD", required = true)]
    pub shards: Vec<PathBuf>,
    /// Parquet file to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub messages: MessageOptions,
}

#[derive(Debug, Args)]
pub(super) struct PushOptions {
    /// Files written by `embed` or `merge`, all of one role.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Address of Qdrant, such as http://localhost:6333; the API key comes from QDRANT_API_KEY.
    #[arg(long, value_name = "URL")]
    pub engine: String,
    /// Qdrant collection; created if it does not exist.
    #[arg(long, value_name = "NAME")]
    pub collection: String,
    /// Vectors per request.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = at_least_one)]
    pub batch: usize,
    #[command(flatten)]
    pub messages: MessageOptions,
}
