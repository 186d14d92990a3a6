//! From a data set to vectors: worker threads, progress events, and the cache of finished vectors.
//!
//! Owns: the order of work, the threads, the events and the files of the cache. Must not know: metrics or screens. A bad
//! photo becomes an event and never ends a run.

mod batch;
mod cache;
mod embeddings;
mod event;
mod options;
mod pipeline;
mod record;
mod run;
mod stored;
mod unit;

pub use cache::{CacheError, TowerCache, VectorCache};
pub use embeddings::{Embeddings, RowsError};
pub use event::{Event, EventKind};
pub use options::PipelineOptions;
pub use pipeline::Pipeline;
pub use record::Record;
pub use unit::Unit;
