//! What the state asks of the outside world.

use std::sync::Arc;

use super::error::Left;
use super::jobs::Job;
use super::model::SideId;
use clipscope_core::dataset::Dataset;

/// Something the dashboard wants done after an action. Whoever does it owns the runs.
#[derive(Debug)]
pub enum Effect {
    /// Open the next model set that is installed: in place of the one in use, or beside it.
    OpenModels(SideId),
    /// Start embedding with the models of a side. An earlier run of that side ends.
    Start {
        /// Which side.
        side: SideId,
        /// What to embed.
        dataset: Arc<Dataset>,
        /// Carried by every event of the run.
        generation: u64,
    },
    /// End the run of a side.
    End(SideId),
    /// A job for a worker.
    Job(Job),
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
