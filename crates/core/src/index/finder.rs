//! The choice between exact search and the approximate graph.
//!
//! Owns that choice and the recall shown with it. Must not compute a score: scores are the index's, however a photo was
//! found.

use std::sync::Arc;

#[cfg(feature = "approximate")]
use super::approximate::Graph;
use super::error::IndexError;
use super::reader::Index;
use super::recall::Recall;
use clipscope_analysis::nearest::Hit;

/// Components that can be read within 0.1 s, which feels immediate (Nielsen 1993, after Miller 1968): 2 GB in half precision
/// at the measured 18 GB/s (BENCHMARKS.md, "Index").
const IMMEDIATE: usize = 1_000_000_000;

/// Whether exact search over this many photos takes long enough to be noticed.
#[must_use]
pub fn is_large(photos: usize, dim: usize) -> bool {
    photos.saturating_mul(dim) >= IMMEDIATE
}

/// An index with a way to search it.
pub struct Finder {
    index: Arc<Index>,
    #[cfg(feature = "approximate")]
    graph: Option<Graph>,
}

impl Finder {
    /// Exact search: every vector is compared.
    #[must_use]
    pub fn exact(index: Arc<Index>) -> Self {
        Self {
            index,
            #[cfg(feature = "approximate")]
            graph: None,
        }
    }

    /// The best way for many queries: the graph, if the index [`is_large`] and has an intact one.
    #[must_use]
    pub fn for_many(index: Arc<Index>) -> Self {
        #[cfg(feature = "approximate")]
        if is_large(index.len(), index.models().dim)
            && let Ok(graph) = Graph::open(&index)
        {
            return Self { index, graph: Some(graph) };
        }
        Self::exact(index)
    }

    /// Approximate search with the graph.
    ///
    /// # Errors
    /// No graph, a graph of other models, or a damaged one.
    #[cfg(feature = "approximate")]
    pub fn approximate(index: Arc<Index>) -> Result<Self, IndexError> {
        let graph = Some(Graph::open(&index)?);
        Ok(Self { index, graph })
    }

    /// The index that is searched.
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

    /// The recall to expect; `None` for exact search.
    #[must_use]
    pub fn recall(&self) -> Option<Recall> {
        #[cfg(feature = "approximate")]
        return self.graph.as_ref().map(Graph::measured_recall);
        #[cfg(not(feature = "approximate"))]
        None
    }
}
