//! How an index is searched: by looking at every vector, or through the approximate graph where one was built and pays.
//!
//! Owns that choice and what is said of it. Must not compute a score: those are the index's, however a photo was found.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

#[cfg(feature = "approximate")]
use super::approximate::Graph;
use super::{Index, IndexError};
use clipscope_analysis::nearest::Hit;

/// Components of all vectors together that can be read within the 0.1 s that feel immediate (Nielsen 1993, after Miller
/// 1968): 2 GB in half precision, at the 18 GB/s that were measured (BENCHMARKS.md, "Index").
const IMMEDIATE: usize = 1_000_000_000;

/// Whether a user would wait for a search that looks at every vector of so many photos.
#[must_use]
pub fn is_large(photos: usize, dim: usize) -> bool {
    photos.saturating_mul(dim) >= IMMEDIATE
}

/// How much of the truth an approximate search finds, as it was measured when the graph was built.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recall {
    /// The mean share of the ten best photos that are found.
    pub recall_at_10: f64,
    /// Queries over which it was measured.
    pub queries: usize,
}

impl fmt::Display for Recall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recall_at_10, queries } = self;
        write!(formatter, "approximate, recall@10 {recall_at_10:.4} over {queries} queries")
    }
}

/// An index and the way in which it is searched.
pub struct Finder {
    index: Arc<Index>,
    #[cfg(feature = "approximate")]
    graph: Option<Graph>,
}

impl Finder {
    /// Looks at every vector.
    #[must_use]
    pub fn exact(index: Arc<Index>) -> Self {
        Self {
            index,
            #[cfg(feature = "approximate")]
            graph: None,
        }
    }

    /// For many queries: uses the graph of an index that [`is_large`], if there is a sound one.
    #[must_use]
    pub fn for_many(index: Arc<Index>) -> Self {
        #[cfg(feature = "approximate")]
        if is_large(index.len(), index.made().dim)
            && let Ok(graph) = Graph::open(&index)
        {
            return Self { index, graph: Some(graph) };
        }
        Self::exact(index)
    }

    /// Uses the graph.
    ///
    /// # Errors
    /// No graph, one of other models, or a damaged one.
    #[cfg(feature = "approximate")]
    pub fn approximate(index: Arc<Index>) -> Result<Self, IndexError> {
        let graph = Some(Graph::open(&index)?);
        Ok(Self { index, graph })
    }

    /// What is searched.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// As [`Index::search`]; see [`Finder::recall`] for how much of it is found.
    ///
    /// # Errors
    /// A query of another dimension.
    pub fn search(&self, query: &[f32], k: usize, min_score: f32) -> Result<Vec<Hit>, IndexError> {
        #[cfg(feature = "approximate")]
        if let Some(graph) = &self.graph {
            return graph.search(&self.index, query, k, min_score);
        }
        self.index.search(query, k, min_score)
    }

    /// `None` when every vector is looked at.
    #[must_use]
    pub fn recall(&self) -> Option<Recall> {
        #[cfg(feature = "approximate")]
        return self.graph.as_ref().map(Graph::measured_recall);
        #[cfg(not(feature = "approximate"))]
        None
    }
}
