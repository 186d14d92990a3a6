//! From vectors to numbers, on a worker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::guarded;
use crate::analysis::{self, bridge};
use crate::comparison::compare;
use crate::dataset::Dataset;
use crate::embedding::Embeddings;
use crate::models::ModelsInfo;
use crate::tui::app::Results;

/// What is compared.
#[derive(Debug)]
pub struct CompareJob {
    /// Rises with every job; the newest result wins.
    pub version: u64,
    /// Photos and captions.
    pub dataset: Arc<Dataset>,
    /// The vectors known so far.
    pub embeddings: Embeddings,
    /// Dimensions and logit scale.
    pub models: ModelsInfo,
    /// Every item is there: the bridge's slow parts are worth their time.
    pub complete: bool,
}

/// The numbers, or why there are none.
#[derive(Debug, Clone)]
pub struct CompareDone {
    /// The job's.
    pub version: u64,
    /// The numbers.
    pub result: Result<Arc<Results>, String>,
    /// The job's.
    pub complete: bool,
    /// How long it took.
    pub took: Duration,
}

/// Options while photos still arrive: the permutation tests, which take most of the time, are left out, and the bridge
/// looks at a sample.
#[must_use]
pub fn preview_options() -> analysis::Options {
    let bridge = bridge::Options { permutations: 0, draws: 50, max_items: 60, ..bridge::Options::default() };
    analysis::Options { bridge, ..analysis::Options::default() }
}

pub(super) fn perform(job: CompareJob) -> CompareDone {
    let started = Instant::now();
    let options = if job.complete { analysis::Options::default() } else { preview_options() };
    let result = guarded(|| {
        compare(&job.dataset, &job.embeddings, &job.models, &options)
            .map(|comparison| Arc::new(Results::new(comparison)))
            .map_err(|error| error.to_string())
    });
    CompareDone { version: job.version, result, complete: job.complete, took: started.elapsed() }
}
