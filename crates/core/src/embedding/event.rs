//! What the workers of a run report. The rules they keep are in [`super::pipeline`].

use std::sync::Arc;
use std::time::Duration;

use super::embeddings::Unit;
use clipscope_networks::Role;

/// News from a run.
#[derive(Debug, Clone)]
pub struct Event {
    /// The generation the run was started with.
    pub generation: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum EventKind {
    /// A photo or caption has its vectors.
    Embedded {
        /// Which.
        unit: Unit,
        /// One `[dim]` vector a role, finite and not zero.
        vectors: Vec<(Role, Arc<[f32]>)>,
        /// SHA-256 of what was embedded: the bytes of the photo's file, or the caption.
        content: [u8; 32],
        /// Nothing was computed: every vector was in the cache.
        cached: bool,
        /// The caption was longer than a tower reads.
        truncated: bool,
    },
    /// A photo or caption could not be embedded; the run goes on.
    Skipped {
        /// Which.
        unit: Unit,
        /// Why, as raw text.
        reason: String,
    },
    /// Something that concerns the whole run but does not end it.
    Notice(String),
    /// The run cannot go on: weights are missing or damaged, or the system gives no thread.
    Failed(String),
    /// Every item has had its event.
    Finished {
        /// Time since the start of the run.
        elapsed: Duration,
    },
}
