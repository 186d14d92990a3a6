//! Why an index cannot be used.

use std::path::{Path, PathBuf};

use clipscope_base::display_safe::display_path;

/// An index that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder holds no index.
    #[error("there is no index in {}; build one with 'clipscope index DIR'", display_path(.0))]
    Missing(PathBuf),
    /// A file does not match its checksum or its format.
    #[error("the index {} is damaged ({reason}); 'clipscope index DIR' repairs it", display_path(file))]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The index was written by a newer version of this program.
    #[error(
        "the index {} has format {found}, this version reads up to {known}; update clipscope, or build a new index with --out",
        display_path(file)
    )]
    Version {
        /// The manifest.
        file: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// Another process is writing the index.
    #[error("another process is updating the index {}; wait for it or stop it", display_path(.0))]
    Busy(PathBuf),
    /// The index belongs to another folder, which still exists.
    #[error(
        "the index {} belongs to {}; choose another folder with --out, or delete the index to build a new one",
        display_path(folder),
        display_path(root)
    )]
    OtherRoot {
        /// The index.
        folder: PathBuf,
        /// The folder of its photos.
        root: PathBuf,
    },
    /// Something that is not an index is in the way; it is not overwritten.
    #[error("{} {reason}; choose another folder with --out", display_path(file))]
    Foreign {
        /// The file or folder in the way.
        file: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// A vector has another dimension than the index.
    #[error(
        "a vector of {found} components does not fit an index of {expected}; use the models that the index was built with"
    )]
    Dimension {
        /// Components in the index.
        expected: usize,
        /// Components found.
        found: usize,
    },
    /// The system refused to read or write a file.
    #[error("cannot {action} {}: {source}{}", display_path(file), if *.write { "; choose another folder with --out" } else { "" })]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: std::io::Error,
        /// Whether it was a write, for which another folder can be chosen.
        write: bool,
    },
}

impl IndexError {
    pub(super) fn read(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action: "read", file: file.to_owned(), source, write: false }
    }

    pub(super) fn write(file: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Io { action: "write", file: file.to_owned(), source, write: true }
    }

    pub(super) fn damaged(file: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), reason: reason.into() }
    }
}
