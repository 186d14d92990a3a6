//! Where a file came from and what it was compared with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a file was compared with when it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// The SHA-256 on the model card.
    Pinned,
    /// The hash that the hub publishes.
    Published,
    /// The hash beside an imported file: in a hub cache, or in the origin record of another machine.
    Carried,
    /// Nothing: an imported file whose hash is not known.
    No,
}

/// `<file>.origin.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address on the hub, or the path of an imported file.
    pub url: String,
    /// The commit that the revision stood for.
    pub commit: Option<String>,
    /// SHA-256 of the content, whichever hash the hub publishes.
    pub sha256: String,
    /// Length of the content.
    pub bytes: u64,
    /// What the content was compared with.
    pub verified: Verified,
}

/// A file that is on disk and complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its path on disk.
    pub path: PathBuf,
    /// Where it came from, its length and its hash.
    pub origin: Origin,
    /// Whether it was complete before, so that nothing was transferred.
    pub already_there: bool,
}
