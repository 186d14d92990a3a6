//! A model set with what it has made of the data set.

use std::sync::Arc;
use std::time::Duration;

use super::progress::Progress;
use super::refresh::Refresh;
use super::results::Results;
use clipscope_core::dataset::{Dataset, Skipped};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

/// The words that must stand on every screen when the shared space is a stand-in.
pub const STAND_IN: &str = "stand-in, not CLIP";

/// One of the two model sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SideId {
    /// The set in use: rows, columns, order and lists follow its numbers.
    #[default]
    First,
    /// The set it is compared with.
    Second,
}

impl SideId {
    /// Both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}

/// A model set, how far its embedding is, and the numbers it has given.
#[derive(Debug)]
pub struct Side {
    /// The models.
    pub models: ModelsInfo,
    /// What is embedded. When captions have been edited since, the second side's is not the data set on screen any more.
    pub dataset: Arc<Dataset>,
    /// How far the embedding is.
    pub progress: Progress,
    /// The numbers, once there are some.
    pub results: Option<Arc<Results>>,
    /// Why there are no new numbers, safe to show.
    pub failure: Option<String>,
    /// What could not be embedded, safe to show.
    pub left_out: Vec<Skipped>,
    /// What the workers noticed that cost no item, safe to show.
    pub notes: Vec<String>,
    pub(crate) embeddings: Embeddings,
    pub(crate) refresh: Refresh,
    /// The run whose events are taken in; 0 before the first one.
    pub(crate) run: u64,
}

impl Side {
    /// A side before its run has started.
    #[must_use]
    pub fn new(models: ModelsInfo, dataset: Arc<Dataset>) -> Self {
        let photos = dataset.items.len();
        let captions = dataset.items.iter().map(|item| item.captions.len()).sum();
        Self {
            models,
            dataset,
            progress: Progress::new(photos, captions, Duration::ZERO),
            results: None,
            failure: None,
            left_out: Vec::new(),
            notes: Vec::new(),
            embeddings: Embeddings::new(photos, captions),
            refresh: Refresh::default(),
            run: 0,
        }
    }

    /// Notes that a run has started.
    pub fn start(&mut self, run: u64, now: Duration) {
        self.run = run;
        self.progress = Progress::new(self.progress.photos, self.progress.captions, now);
    }

    /// Whether the numbers at hand are of the vectors at hand, not of those before an edit.
    #[must_use]
    pub fn has_own_numbers(&self) -> bool {
        self.refresh.shown() > 0
    }

    /// Whether the shared space stands in for CLIP.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.models.stand_in.is_some()
    }
}
