//! The manifest in a file of vectors.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use clipscope_networks::Role;

/// What a file contains, and which part of the whole it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardManifest {
    /// Version of the layout, 1.
    pub schema: u32,
    /// The role of the vectors.
    pub role: Role,
    /// The network, by name.
    pub network: String,
    /// The key of the tower in hexadecimal. Only vectors with the same key can be compared.
    pub model: String,
    /// Components of a vector.
    pub dim: usize,
    /// The data set as given on the command line, escaped for display.
    pub dataset: String,
    /// SHA-256 over the names and captions of the whole data set, in hexadecimal.
    pub fingerprint: String,
    /// The number of rows of the whole.
    pub total: u64,
    /// The first row of the whole that this file covers.
    pub first: u64,
    /// The row after the last one that this file covers.
    pub end: u64,
    /// Covered rows without a vector, since the photo or caption could not be embedded.
    pub left_out: Vec<u64>,
}

impl ShardManifest {
    /// The rows of the whole that this file covers.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.first..self.end
    }
}
