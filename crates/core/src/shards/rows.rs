//! The rows of a file of vectors, in memory.

/// Consecutive rows of a file, by column. All columns have the same length; `vectors` is `[rows, dim]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShardRows {
    /// Indices in the whole data set, ascending.
    pub ids: Vec<u64>,
    /// The photos' names.
    pub paths: Vec<String>,
    /// The photos' categories.
    pub categories: Vec<String>,
    /// The captions; `None` for photos.
    pub captions: Vec<Option<String>>,
    /// SHA-256 of the photos' files or of the captions, in hexadecimal.
    pub content_sha256: Vec<String>,
    /// The vectors, one after the other.
    pub vectors: Vec<f32>,
}

impl ShardRows {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}
