//! Settings of a run.

use super::cache::VectorCache;

/// How to embed a data set.
#[derive(Debug, Clone, Default)]
pub struct PipelineOptions {
    /// Number of worker threads; 0 means one per core.
    pub threads: usize,
    /// Where finished vectors are kept; without a cache everything is computed.
    pub cache: Option<VectorCache>,
    /// Texts that belong to no photo and are embedded with the captions.
    pub null_captions: Vec<String>,
    /// Carried by every event.
    pub generation: u64,
    /// Whether someone is using the program meanwhile: the workers then take only spare processor time.
    pub background: bool,
}
