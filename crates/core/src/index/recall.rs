//! How good an approximate search is.

use std::fmt;

use serde::Serialize;

/// The recall of an approximate search, measured when its graph was built.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recall {
    /// The mean share of the ten best photos that are found.
    pub recall_at_10: f64,
    /// Number of queries it was measured with.
    pub queries: usize,
}

impl fmt::Display for Recall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recall_at_10, queries } = self;
        write!(formatter, "approximate, recall@10 {recall_at_10:.4} over {queries} queries")
    }
}
