//! Computes the numbers from the vectors, on a worker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::guarded::guarded;
use crate::tui::model::{Effort, Results, SideId};
use clipscope_analysis::bridge;
use clipscope_core::comparison::compare;
use clipscope_core::dataset::Dataset;
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

/// A comparison to be made.
#[derive(Debug)]
pub struct CompareJob {
    /// Whose vectors they are.
    pub side: SideId,
    /// Rises with every job.
    pub version: u64,
    /// Photos and captions.
    pub dataset: Arc<Dataset>,
    /// The vectors known so far.
    pub embeddings: Embeddings,
    /// The models of the vectors.
    pub models: ModelsInfo,
    /// How much time the answer may take.
    pub effort: Effort,
}

/// The numbers, or why there are none.
#[derive(Debug, Clone)]
pub struct CompareDone {
    pub side: SideId,
    pub version: u64,
    pub result: Result<Arc<Results>, String>,
    /// How long it took.
    pub took: Duration,
}

/// The options for an effort.
fn options(effort: Effort) -> clipscope_analysis::Options {
    let whole = clipscope_analysis::Options::default();
    let bridge = match effort {
        Effort::Preview => bridge::Options { permutations: 0, draws: 50, max_items: 60, ..whole.bridge },
        Effort::Typing => bridge::Options { permutations: 0, ..whole.bridge },
        Effort::Whole => whole.bridge,
    };
    clipscope_analysis::Options { bridge, ..whole }
}

pub(super) fn perform(job: CompareJob) -> CompareDone {
    let started = Instant::now();
    let options = options(job.effort);
    let result = guarded(|| {
        compare(&job.dataset, &job.embeddings, &job.models, &options)
            .map(|comparison| Arc::new(Results::new(comparison, job.effort)))
            .map_err(|error| error.to_string())
    });
    CompareDone { side: job.side, version: job.version, result, took: started.elapsed() }
}
