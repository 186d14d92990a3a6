//! Why a file of vectors cannot be used.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clipscope_base::display_safe::display_path;

/// A file of vectors that cannot be read, written or merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// The system refused to open or read a file.
    #[error("{}: {source}; check that the file is there and its permissions", display_path(file))]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file has another layout or is damaged.
    #[error("{}: {problem}; write it again with `clipscope embed --out NAME.parquet`", display_path(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The rows to write contradict the manifest.
    #[error("the rows cannot be written: {0}")]
    Unwritable(String),
    /// Two files are not parts of the same whole.
    #[error("{} and {} do not belong together: {what}; {remedy}", display_path(file), display_path(other))]
    Mismatch {
        /// A file.
        file: PathBuf,
        /// The file it was compared with.
        other: PathBuf,
        /// The difference.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Two files cover the same rows.
    #[error("rows {} are {}", span(range), twice(file, other))]
    Double {
        /// A file.
        file: PathBuf,
        /// Another file, or the same one given twice.
        other: PathBuf,
        /// Rows that are in both.
        range: Range<u64>,
    },
    /// No file covers some of the rows.
    #[error("rows {} of {total} are in none of the files; add the shards that hold them", spans(missing))]
    Gap {
        /// The rows that are missing.
        missing: Vec<Range<u64>>,
        /// The number of rows of the whole.
        total: u64,
    },
    /// No files were given.
    #[error("no file to merge; give the shards")]
    Nothing,
}

impl ShardError {
    pub(super) fn io(file: &Path, source: std::io::Error) -> Self {
        Self::Io { file: file.to_path_buf(), source }
    }

    pub(super) fn unreadable(file: &Path, problem: impl ToString) -> Self {
        Self::Unreadable { file: file.to_path_buf(), problem: problem.to_string() }
    }
}

/// Where rows are twice, and what to do.
fn twice(file: &Path, other: &Path) -> String {
    let (name, other_name) = (display_path(file), display_path(other));
    if file == other {
        return format!("there twice: {name} is given twice; give it once");
    }
    format!("in {name} and in {other_name}; leave one of the files out")
}

/// A range of rows with both ends included, as people write it.
fn span(range: &Range<u64>) -> String {
    match range.end.saturating_sub(range.start) {
        0 | 1 => range.start.to_string(),
        _ => format!("{} to {}", range.start, range.end - 1),
    }
}

fn spans(ranges: &[Range<u64>]) -> String {
    ranges.iter().map(span).collect::<Vec<_>>().join(", ")
}
