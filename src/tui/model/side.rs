//! A model set and its results.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::progress::Progress;
use super::refresh::Refresh;
use super::results::Results;
use clipscope_base::display_safe::display_safe;
use clipscope_core::dataset::{Dataset, Skipped};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

/// The words that must stand on every screen when the shared space is a stand-in.
pub const STAND_IN: &str = "stand-in, not CLIP";

/// One of the two model sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SideId {
    /// The set in use. Rows, columns, order and lists follow its numbers.
    #[default]
    First,
    /// The set it is compared with.
    Second,
}

impl SideId {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}

/// A model set with the progress of its embedding and its numbers.
#[derive(Debug)]
pub struct Side {
    /// The models.
    pub models: ModelsInfo,
    /// What is embedded. For the second side, edited captions are not in it yet.
    pub dataset: Arc<Dataset>,
    /// Progress of the embedding.
    pub progress: Progress,
    /// The numbers, once there are some.
    pub results: Option<Arc<Results>>,
    /// Why there are no new numbers, safe to show.
    pub failure: Option<String>,
    /// What could not be embedded, safe to show.
    pub left_out: Vec<Skipped>,
    /// Remarks of the workers that concern no single item, safe to show.
    pub notes: Vec<String>,
    /// For each remark on files: how many photos it concerns, and the place of the first.
    noted: BTreeMap<&'static str, (usize, usize)>,
    pub(crate) embeddings: Embeddings,
    pub(crate) refresh: Refresh,
    /// Number of the run whose events are taken in; 0 before the first one.
    pub(crate) run: u64,
}

impl Side {
    /// A side whose run has not started.
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
            noted: BTreeMap::new(),
            embeddings: Embeddings::new(photos, captions),
            refresh: Refresh::default(),
            run: 0,
        }
    }

    /// Records the start of a run.
    pub fn start(&mut self, run: u64, now: Duration) {
        self.run = run;
        self.noted.clear();
        self.progress = Progress::new(self.progress.photos, self.progress.captions, now);
    }

    /// Counts a remark on the file of a photo that was used.
    pub fn note_photo(&mut self, place: usize, note: &'static str) {
        let (count, first) = self.noted.entry(note).or_insert((0, place));
        *count += 1;
        *first = place.min(*first);
    }

    /// All remarks, one line each, safe to show.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let of_files = self.noted.iter().filter_map(|(note, &(count, first))| {
            let file = display_safe(&self.dataset.items.get(first)?.file);
            Some(match count {
                1 => format!("{file}: {note}"),
                count => format!("{file} and {} more photos: {note}", count - 1),
            })
        });
        self.notes.iter().cloned().chain(of_files)
    }

    /// Whether the numbers are of the current vectors, not of those before an edit.
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
