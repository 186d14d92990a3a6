//! Embedding a data set on worker threads.
//!
//! The contract with the listener:
//!
//! - There is exactly one [`EventKind::Embedded`] or [`EventKind::Skipped`] for every photo, every caption and every null
//!   caption, in any order, unless the run fails or is canceled.
//! - At most one [`EventKind::Noted`] comes before the `Embedded` of a photo, whether its vectors were cached or not.
//! - [`EventKind::Finished`] is the last event of a run. [`EventKind::Failed`] ends it too, but other workers may still
//!   report what they had finished. After a cancellation there may be neither.
//! - Every event carries the generation the run was started with, so that a listener that has moved on can drop stale ones.
//! - The channel is bounded: the workers pause when the listener stops reading, and end when it is gone.
//! - A vector is durably in the cache before its event is sent, if the cache can be written.
//!
//! The division of work is in [`super::run`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::event::{Event, EventKind};
use super::options::PipelineOptions;
use super::run::{EmbeddingRun, NO_THREAD};
use crate::dataset::Dataset;
use clipscope_networks::ModelSet;

/// Capacity of the event channel.
const CHANNEL: usize = 256;

/// A run in progress. Dropping it cancels the run and waits for the workers.
pub struct Pipeline {
    events: Receiver<Event>,
    canceled: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Pipeline {
    /// Starts embedding a data set; returns once the keys of the cache have been read.
    #[must_use]
    pub fn start(dataset: Arc<Dataset>, set: ModelSet, options: &PipelineOptions) -> Self {
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let (sender, events) = bounded(CHANNEL);
        let canceled = Arc::new(AtomicBool::new(false));
        let run = Arc::new(EmbeddingRun::new(dataset, &set, options, sender, canceled.clone()));
        let workers = (0..threads)
            .filter_map(|index| {
                let run = Arc::clone(&run);
                std::thread::Builder::new().name(format!("embed-{index}")).spawn(move || run.work()).ok()
            })
            .collect::<Vec<_>>();
        if workers.is_empty() {
            // Otherwise the listener would wait forever.
            run.send(EventKind::Failed(NO_THREAD.into()));
        }
        Self { events, canceled, workers }
    }

    /// The events of this run.
    #[must_use]
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Asks the workers to stop after their current batch.
    pub fn cancel(&self) {
        self.canceled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.cancel();
        // A worker may be blocked on a full channel: drain it until all have ended.
        while self.workers.iter().any(|worker| !worker.is_finished()) {
            let _ = self.events.recv_timeout(Duration::from_millis(5));
        }
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
