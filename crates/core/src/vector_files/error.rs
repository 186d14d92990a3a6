//! Why a file of vectors cannot be used in place of networks.

use std::path::{Path, PathBuf};

use clipscope_base::display_safe::display_path;

/// A file of vectors that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorFileError {
    /// The system refused to open or read a file.
    #[error("{}: {source}; check that the file is there and its permissions", display_path(file))]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file cannot be used as a whole.
    #[error("{}: {problem}", display_path(file))]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A row cannot be used.
    #[error("{}: row {row}: {problem}", display_path(file))]
    Row {
        /// The file.
        file: PathBuf,
        /// The row, counted from 0.
        row: u64,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl VectorFileError {
    pub(super) fn io(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io { file: file.to_path_buf(), source }
    }

    pub(super) fn file(file: &Path, problem: impl ToString) -> Self {
        Self::File { file: file.to_path_buf(), problem: problem.to_string() }
    }

    pub(super) fn row(file: &Path, row: u64, problem: impl ToString) -> Self {
        Self::Row { file: file.to_path_buf(), row, problem: problem.to_string() }
    }
}

/// The beginning of a text that may be long, for a message.
pub(super) fn brief(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
