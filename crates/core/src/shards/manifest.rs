//! The manifest in a file of vectors.

use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use clipscope_networks::Role;

/// What a file contains, and which part of the whole it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What else the numbers depend on. Absent in files of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_with: Option<MadeWith>,
}

/// What the numbers of a report depend on besides the rows of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MadeWith {
    /// The model set, by name.
    pub set: String,
    /// What the shared space really is, when it stands in for CLIP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<String>,
    /// Factor on cosines in the shared space before a softmax.
    pub logit_scale: f32,
    /// SHA-256 of the network's weights.
    pub weights_sha256: String,
    /// The null captions in the shared space; only in files of `clip_text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub null_captions: Vec<NullVector>,
}

/// The vector of a null caption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullVector {
    /// The null caption.
    pub text: String,
    /// The components as little-endian `f32`, in base64.
    pub vector: String,
}

impl NullVector {
    /// Encodes a vector.
    #[must_use]
    pub fn new(text: &str, vector: &[f32]) -> Self {
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { text: text.to_owned(), vector: BASE64_STANDARD.encode(bytes) }
    }

    /// The components; `None` if this is not base64 of whole numbers.
    #[must_use]
    pub fn components(&self) -> Option<Vec<f32>> {
        let bytes = BASE64_STANDARD.decode(&self.vector).ok()?;
        let (quads, rest) = bytes.as_chunks::<4>();
        rest.is_empty().then(|| quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect())
    }
}

impl ShardManifest {
    /// The rows of the whole that this file covers.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.first..self.end
    }
}
