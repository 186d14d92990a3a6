//! The vectors of a collection of photos on disk: computed once, kept up to date, searched in place.
//!
//! ```text
//! folder   manifest                    the segments in use, and which of their rows are dead
//!          lock                        held by the one process that is writing
//!          <hash>.segment …            rows: path, size, time, content hash, vector in half precision
//! ```
//! - [`Index`] opens and searches it, [`Finder`] in the fastest way; [`IndexWriter`] changes it; [`update`](fn@update)
//!   brings it up to date with a folder
//!
//! A segment is written once, in full, under a temporary name, flushed and renamed; then the manifest is replaced the same
//! way. A killed process therefore leaves the previous manifest and the segments it names. Readers map the segments, so a
//! writer can remove one without disturbing them. A checksum covers every byte: that of the names is verified when a
//! segment is opened, those of the vectors block by block on first use. Damaged rows are skipped and counted, and the
//! next update computes them again.
//!
//! Owns these files. Must not know: how a photo is decoded or embedded, or what is printed; scores come from
//! [`clipscope_analysis::nearest`].

#[cfg(feature = "approximate")]
#[allow(unsafe_code)]
pub mod approximate;
mod error;
mod finder;
mod manifest;
#[allow(unsafe_code)]
mod map;
mod models;
mod place;
mod reader;
mod recall;
mod segment;
mod update;
mod writer;

pub use error::IndexError;
pub use finder::{Finder, is_large};
pub use models::IndexModels;
pub use place::{FOLDER, find};
pub use reader::{Index, IndexEntry};
pub use recall::Recall;
pub use update::{EmbedOutcome, ListedPhoto, Unlisted, UpdateCounts, update};
pub use writer::{IndexWriter, Opened};
