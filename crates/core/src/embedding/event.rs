//! Events of a run. When they come, and in which order, is specified in [`super::pipeline`].

use std::sync::Arc;
use std::time::Duration;

use super::unit::Unit;
use clipscope_networks::Role;

/// A message from a run.
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
        /// The photo or caption.
        unit: Unit,
        /// One `[dim]` vector per role, finite and not zero.
        vectors: Vec<(Role, Arc<[f32]>)>,
        /// SHA-256 of the content: the bytes of the photo's file, or the caption.
        content: [u8; 32],
        /// Whether every vector came from the cache.
        cached: bool,
        /// Whether the caption was longer than a tower reads.
        truncated: bool,
    },
    /// Something to tell about the file of a photo, which is used all the same. Comes before the photo's `Embedded`.
    Noted {
        /// The photo's place in the data set.
        photo: usize,
        /// The end of a sentence that begins with the file's name.
        note: &'static str,
    },
    /// A photo or caption could not be embedded; the run continues.
    Skipped {
        /// The photo or caption.
        unit: Unit,
        /// The reason, not escaped for display.
        reason: String,
    },
    /// A problem of the whole run that does not end it.
    Notice(String),
    /// The run cannot continue: weights are missing or damaged, or no thread can be started.
    Failed(String),
    /// Every item has had its event.
    Finished {
        /// Time since the start of the run.
        elapsed: Duration,
    },
}
