//! From a data set to vectors: workers, progress events, and the cache of finished vectors.
//!
//! Owns: the order of work, the threads, the events and the files of the cache. Must not know:
//! metrics or screens. A bad photo becomes an event, never the end of a run.

mod batch;
pub mod cache;
mod embeddings;
mod event;
pub mod pipeline;
mod stored;

pub use cache::{CacheError, VectorCache};
pub use embeddings::{Embeddings, RowsError, Unit};
pub use event::{Event, EventKind};
pub use pipeline::{Pipeline, PipelineOptions};
