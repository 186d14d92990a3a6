//! Work that would hold up the keyboard: comparing, decoding and encoding photos, looking scores up.
//!
//! Each kind of job is plain data in and plain data out; [`pool`] runs it on a thread of its own, and tests run it in
//! place with [`perform`]. Must not touch the state of the dashboard or the terminal.

pub(super) mod cluster;
mod compare;
mod export;
mod look;
mod photo;
pub(super) mod pool;
mod save;
mod text;

use std::sync::Arc;

pub use cluster::{ClusterDone, ClusterJob};
pub use compare::{CompareDone, CompareJob, Effort};
pub use export::{
    EntryExport, ExportDone, ExportJob, Format, ItemExport, ListExport, ScreenExport, made_with,
};
pub use look::{LookDone, LookJob, LookRequest, Looked};
pub use photo::{PhotoDone, PhotoJob, PhotoKey, Picture};
pub use save::{CaptionToSave, SaveDone, SaveJob};
pub use text::{PhraseRanking, TextAnswer, TextDone, TextJob, TextUse};

use super::action::Action;
use super::engine::Engine;
use super::error::Left;
use clipscope_core::dataset::Dataset;

/// What the dashboard wants done after an action.
#[derive(Debug)]
pub enum Effect {
    /// Start embedding. The run belongs to whoever performs the effects.
    Start {
        /// What to embed.
        dataset: Arc<Dataset>,
        /// Carried by every event of the run.
        generation: u64,
    },
    /// Open the other model set and start embedding with it.
    StartSecond {
        /// What to embed.
        dataset: Arc<Dataset>,
        /// Carried by every event of the run.
        generation: u64,
    },
    /// End that run.
    EndSecond,
    /// A job for a worker.
    Job(Job),
    /// Change to the next model set that is installed.
    NextModels,
    /// Stop the process until the user continues it.
    Suspend {
        /// The shell's other processes of this job stop too, as with Ctrl-Z outside of the dashboard.
        group: bool,
    },
    /// Enter the terminal's modes again and draw every cell.
    Reenter,
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// Leave the dashboard.
    Leave(Left),
}

/// A job for a worker. Of each kind at most one runs and one waits; a newer one takes the place of the one that waits.
#[derive(Debug)]
pub enum Job {
    /// Compute the numbers.
    Compare(Box<CompareJob>),
    /// Make a photo ready to be drawn.
    Photo(PhotoJob),
    /// Look scores up that no matrix holds.
    Look(Box<LookJob>),
    /// Find an order in which similar items stand together.
    Cluster(Box<ClusterJob>),
    /// Embed what the user types.
    Text(TextJob),
    /// Save captions.
    Save(SaveJob),
    /// Write what is on screen in a file.
    Export(Box<ExportJob>),
}

/// Does a job here and now. A panic in it becomes an error like any other.
#[must_use]
pub fn perform(engine: &dyn Engine, job: Job) -> Action {
    match job {
        Job::Compare(job) => Action::Compared(compare::perform(*job)),
        Job::Photo(job) => Action::Photo(photo::perform(engine, job)),
        Job::Look(job) => Action::Looked(look::perform(*job)),
        Job::Cluster(job) => Action::Clustered(cluster::perform(&job)),
        Job::Text(job) => Action::Text(text::perform(engine, job)),
        Job::Export(job) => Action::Exported(export::perform(engine, &job)),
        Job::Save(job) => Action::Saved(save::perform(&job)),
    }
}

/// Runs `work` so that a panic in it (a bug, here or in a library) costs this result only.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("internal error; please report it".into()))
        .map_err(|reason| clipscope_base::display_safe::display_safe(&reason).into_owned())
}
