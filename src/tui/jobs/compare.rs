//! From vectors to numbers, on a worker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::guarded;
use crate::tui::app::Results;
use clipscope_analysis::bridge;
use clipscope_core::comparison::compare;
use clipscope_core::dataset::Dataset;
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

/// What is compared.
#[derive(Debug)]
pub struct CompareJob {
    /// Rises with every job; the newest result wins.
    pub version: u64,
    /// The run that the vectors are of.
    pub generation: u64,
    /// They are those of the second model set.
    pub second: bool,
    /// Photos and captions.
    pub dataset: Arc<Dataset>,
    /// The vectors known so far.
    pub embeddings: Embeddings,
    /// Dimensions and logit scale.
    pub models: ModelsInfo,
    /// How much time the answer may take.
    pub effort: Effort,
}

/// The numbers, or why there are none.
#[derive(Debug, Clone)]
pub struct CompareDone {
    /// The job's.
    pub version: u64,
    /// The job's.
    pub generation: u64,
    /// The job's.
    pub second: bool,
    /// The numbers.
    pub result: Result<Arc<Results>, String>,
    /// How long it took.
    pub took: Duration,
}

/// How much time a comparison may take. All of it goes into the bridge; the other approaches are always whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Photos still arrive: no p-values, and the bridge looks at a sample.
    Preview,
    /// A caption is being typed: no p-values; all else as in the whole comparison, so that before and after compare.
    Typing,
    /// Everything.
    Whole,
}

impl Effort {
    fn options(self) -> clipscope_analysis::Options {
        let whole = clipscope_analysis::Options::default();
        let bridge = match self {
            Self::Preview => bridge::Options { permutations: 0, draws: 50, max_items: 60, ..whole.bridge },
            Self::Typing => bridge::Options { permutations: 0, ..whole.bridge },
            Self::Whole => whole.bridge,
        };
        clipscope_analysis::Options { bridge, ..whole }
    }
}

pub(super) fn perform(job: CompareJob) -> CompareDone {
    let started = Instant::now();
    let options = job.effort.options();
    let result = guarded(|| {
        compare(&job.dataset, &job.embeddings, &job.models, &options)
            .map(|comparison| Arc::new(Results::new(comparison, job.effort)))
            .map_err(|error| error.to_string())
    });
    CompareDone {
        version: job.version,
        generation: job.generation,
        second: job.second,
        result,
        took: started.elapsed(),
    }
}
