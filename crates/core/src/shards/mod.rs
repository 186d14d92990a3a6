//! Vectors in Parquet: the form in which they leave for other programs and come back from other machines.
//!
//! One file holds the vectors of one role, one row a photo or caption. Written as `i` of `n` parts it is a *shard*, whose
//! [`Manifest`] says which rows of the whole it covers, so that [`merge`] can prove that nothing is missing or there
//! twice. Owns the layout of the file and the checks on reading it. Must not embed, print, or decide where a file goes.
//!
//! | column | type | |
//! |---|---|---|
//! | `id` | int64 | place in the whole data set: among the photos, or among all captions |
//! | `path` | string | the photo, '/' separated |
//! | `category` | string | |
//! | `caption` | string, null for photos | |
//! | `content_sha256` | string | hash of the photo's bytes, or of the caption |
//! | `role` | string | as in the JSON reports, `clip_image` for instance |
//! | `model` | string | key of the tower: graph, weights, preprocessing, tokenizer |
//! | `vector` | fixed-size list of float32, length 1 | plain Parquet readers see a list |
//!
//! The manifest is JSON in the file's metadata, under `clipscope`.

mod arrow_schema;
mod merge;
mod read;
mod write;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use merge::merge;
pub use read::ShardReader;
pub use write::ShardWriter;

use clipscope_base::display_safe::display_path;
use clipscope_networks::Role;

/// Version of the layout.
const SCHEMA: u32 = 1;
/// Where the manifest is in the file's metadata.
const METADATA_KEY: &str = "clipscope";
/// Rows that are in memory together, at 2 KB a row of 512 components.
const ROWS_AT_ONCE: usize = 4096;

/// What a file of vectors is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout, 1.
    pub schema: u32,
    /// Which vectors these are.
    pub role: Role,
    /// Name of the network.
    pub network: String,
    /// Key of the tower, in hexadecimal: only vectors with the same key can be compared.
    pub model: String,
    /// Components of a vector.
    pub dim: usize,
    /// The data set as it was given, made displayable.
    pub dataset: String,
    /// SHA-256 over the names and captions of the whole data set, in hexadecimal.
    pub fingerprint: String,
    /// Rows of the whole.
    pub total: u64,
    /// The rows of the whole that this file covers, as `[first, end)`.
    pub first: u64,
    /// See `first`.
    pub end: u64,
    /// Rows among those that have no vector, as their photo or caption could not be embedded.
    pub left_out: Vec<u64>,
}

impl Manifest {
    /// The rows of the whole that this file covers.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.first..self.end
    }
}

/// Some rows of a file, column by column. All columns have the same length; `vectors` is `[rows, dim]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Places in the whole data set, rising.
    pub ids: Vec<u64>,
    /// The photos' names.
    pub paths: Vec<String>,
    /// The photos' categories.
    pub categories: Vec<String>,
    /// The captions; `None` for photos.
    pub captions: Vec<Option<String>>,
    /// SHA-256 of the photos' bytes or of the captions, in hexadecimal.
    pub content_sha256: Vec<String>,
    /// The vectors one after the other.
    pub vectors: Vec<f32>,
}

impl Rows {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// A file of vectors that cannot be read, written or merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// The system refused.
    #[error("{}: {source}; check that the file is there and its permissions", display_path(file))]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not of this layout, or damaged.
    #[error("{}: {problem}; write it again with `clipscope embed --out NAME.parquet`", display_path(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The rows given do not have the shape that the manifest promises.
    #[error("the rows cannot be written: {0}")]
    Unwritable(String),
    /// Two files are not parts of one whole.
    #[error("{} and {} do not belong together: {what}; {remedy}", display_path(file), display_path(other))]
    Mismatch {
        /// A file.
        file: PathBuf,
        /// The one that it was compared with.
        other: PathBuf,
        /// In what they differ.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Two files cover the same rows.
    #[error(
        "rows {} are in {} and in {}; leave one of the files out",
        span(range),
        display_path(file),
        display_path(other)
    )]
    Double {
        /// A file.
        file: PathBuf,
        /// Another, or the same given twice.
        other: PathBuf,
        /// Rows of the whole that are in both.
        range: Range<u64>,
    },
    /// Rows that no file covers.
    #[error("rows {} of {total} are in none of the files; add the shards that hold them", spans(missing))]
    Gap {
        /// Rows of the whole.
        missing: Vec<Range<u64>>,
        /// How many there are.
        total: u64,
    },
    /// There is nothing to merge.
    #[error("no file to merge; give the shards")]
    Nothing,
}

impl ShardError {
    fn io(file: &Path, source: std::io::Error) -> Self {
        Self::Io { file: file.to_path_buf(), source }
    }

    fn unreadable(file: &Path, problem: impl ToString) -> Self {
        Self::Unreadable { file: file.to_path_buf(), problem: problem.to_string() }
    }
}

/// Rows as people count: from the first to the last.
fn span(range: &Range<u64>) -> String {
    match range.end.saturating_sub(range.start) {
        0 | 1 => range.start.to_string(),
        _ => format!("{} to {}", range.start, range.end - 1),
    }
}

fn spans(ranges: &[Range<u64>]) -> String {
    ranges.iter().map(span).collect::<Vec<_>>().join(", ")
}
