//! Ranking the photos of an index by a phrase or by another photo, on a worker of its own.
//!
//! Must not compute a score: rankings are those of [`clipscope_core::index`].

use std::sync::Arc;

use super::guarded::guarded;
use crate::tui::engine::Engine;
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::{self, Hit};
use clipscope_core::index::{Finder, Index, Recall};
use clipscope_networks::Role;

/// Photos in a ranking.
const RANKED: usize = 500;

/// What the photos of an index are ranked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RankQuery {
    /// A phrase.
    Phrase(String),
    /// The photo at a place of the index.
    Near(usize),
}

/// A ranking, or why there is none.
#[derive(Debug, Clone)]
pub struct RankDone {
    /// What the photos were ranked by.
    pub query: RankQuery,
    /// The best places and their scores, or the reason, safe to show.
    pub result: Result<Vec<Hit>, String>,
    /// How good an approximate ranking is; `None` when every vector was looked at.
    pub recall: Option<Recall>,
}

/// Ranks the photos of one index.
pub struct Ranker {
    finder: Finder,
    engine: Arc<dyn Engine>,
}

impl Ranker {
    /// Opens the index for many queries. The graph of a large one takes a while to open.
    pub fn open(index: Arc<Index>, engine: Arc<dyn Engine>) -> Self {
        Self { finder: Finder::for_many(index), engine }
    }

    /// Ranks here and now. A panic becomes an error like any other.
    pub fn rank(&self, query: RankQuery) -> RankDone {
        let result = guarded(|| self.hits(&query));
        RankDone { query, result, recall: self.finder.recall() }
    }

    fn hits(&self, query: &RankQuery) -> Result<Vec<Hit>, String> {
        let vector = match query {
            RankQuery::Phrase(phrase) => {
                let vectors = self.engine.embed_caption(phrase)?;
                let found = vectors.into_iter().find(|(role, _)| *role == Role::ClipText);
                let (_, vector) = found.ok_or("the models have no text tower of a shared space")?;
                let unit = Vectors::from_rows(vector.len(), [&*vector]).map_err(|error| error.to_string())?;
                unit.as_slice().to_vec()
            }
            RankQuery::Near(place) => {
                let row = self.finder.index().vector(*place);
                nearest::from_half(row.ok_or("its vector is damaged; run clipscope index")?)
            }
        };
        self.finder.search(&vector, RANKED, f32::NEG_INFINITY).map_err(|error| error.to_string())
    }
}
