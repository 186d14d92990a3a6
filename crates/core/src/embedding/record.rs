//! What the cache keeps of one photo or caption.

/// A stored vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The outputs of the tower, one after the other, `[total_dim]`.
    pub vector: Vec<f32>,
    /// Whether the caption was longer than the tower reads.
    pub truncated: bool,
}
