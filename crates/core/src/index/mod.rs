//! The vectors of a collection of photos on disk: made once, kept up to date, searched without being read.
//!
//! ```text
//! folder   manifest                    which segments count, and which of their rows are dead
//!          lock                        held by the one process that writes
//!          <hash>.segment …            rows: path, size, time, content hash, vector in half precision
//! ```
//! - [`Index`] opens and searches it, [`Finder`] in the fastest way; [`Writer`] changes it; [`update`](fn@update) brings it up to date with a folder
//!
//! Segments are written once, in full, under a temporary name, synced and renamed; then the manifest is replaced in the
//! same way. A process that is killed leaves the last manifest and the segments it names. Readers map the segments, so
//! a writer that takes one away does not disturb them. Every byte is covered by a checksum: the rows' names are checked
//! when a segment is opened, the vectors block by block when they are first used; what is damaged is left out and
//! counted, and the next update computes it again.
//!
//! Owns these files. It must not decode photos, run networks or print; scores come from [`clipscope_analysis::nearest`].

#[cfg(feature = "approximate")]
#[allow(unsafe_code)]
pub mod approximate;
mod finder;
mod manifest;
#[allow(unsafe_code)]
mod map;
mod reader;
mod segment;
mod update;
mod writer;

use std::path::{Path, PathBuf};

pub use finder::{Finder, Recall, is_large};
pub use reader::{Entry, Index};
pub use update::{Counts, Listed, Outcome, Unlisted, update};
pub use writer::{Opened, Writer};

use clipscope_base::display_safe::display_path;
use clipscope_networks::{ModelSet, Role};
use manifest::Manifest;

/// The folder of the index of a folder of photos, below it. Scans pass over hidden names.
pub const FOLDER: &str = ".clipscope-index";

/// What the vectors of an index were made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The key of the tower, [`clipscope_networks::Tower::cache_key`].
    pub key: [u8; 32],
    /// Components of each vector.
    pub dim: usize,
    /// The model set, by the name used on the command line.
    pub set: String,
}

impl Made {
    /// What a model set's photos are indexed with; `None` where it has no image network of a shared space.
    #[must_use]
    pub fn with(set: &ModelSet) -> Option<Self> {
        let info = set.info();
        let dim = info.tower(Role::ClipImage)?.dim;
        let key = set.tower(Role::ClipImage)?.cache_key();
        Some(Self { key, dim, set: set.name().name().to_owned() })
    }
}

/// An index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is none.
    #[error("there is no index in {}; make one with 'clipscope index DIR'", display_path(.0))]
    Missing(PathBuf),
    /// It cannot be trusted.
    #[error(
        "the index {} is damaged ({reason}); 'clipscope index DIR' makes it whole again",
        display_path(file)
    )]
    Damaged {
        /// The file at fault.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the index {} has the format {found}, this program knows {known}; update clipscope, or make the index anew with --out",
        display_path(file)
    )]
    Version {
        /// The manifest.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Another process writes it.
    #[error("another process is at work on the index {}; wait for it or stop it", display_path(.0))]
    Busy(PathBuf),
    /// It is the index of another folder, which is still there.
    #[error(
        "the index {} belongs to {}; choose another folder with --out, or delete the index to make it anew",
        display_path(folder),
        display_path(root)
    )]
    OtherRoot {
        /// The index.
        folder: PathBuf,
        /// The folder of its photos.
        root: PathBuf,
    },
    /// What is there is no index, and is not overwritten.
    #[error("{} {reason}; choose another folder with --out", display_path(file))]
    Foreign {
        /// What is in the way.
        file: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// A vector has another dimension than the index.
    #[error(
        "a vector of {found} components was given to an index of {expected}; use the models it was made with"
    )]
    Dimension {
        /// Components in the index.
        expected: usize,
        /// Components found.
        found: usize,
    },
    /// The system refused something.
    #[error("cannot {action} {}: {source}{}", display_path(file), if *.write { "; choose another folder with --out" } else { "" })]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// It was to be written.
        write: bool,
    },
}

impl IndexError {
    fn read(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action: "read", file: file.to_owned(), source, write: false }
    }

    fn write(file: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Io { action: "write", file: file.to_owned(), source, write: true }
    }

    fn damaged(file: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), reason: reason.into() }
    }
}

/// The index that belongs to `path`: the folder itself, or the one that `clipscope index` made inside it.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    let is_one = |folder: &PathBuf| match folder.ends_with(FOLDER) {
        // Damaged or not.
        true => manifest::file_in(folder).is_file(),
        // Photos may lie beside a file that is called like a manifest.
        false => Manifest::is_in(folder),
    };
    [path.to_owned(), path.join(FOLDER)].into_iter().find(is_one)
}
