//! What the state wants done after an action.
//!
//! Owns the effects of both screens. The event loop carries out those that both have; what only one of them has is that
//! screen's own.

use std::sync::Arc;

use super::error::Left;
use super::jobs::Job;
use super::model::SideId;
use clipscope_core::dataset::Dataset;

/// What is to be done outside of the state; `Own` is what only one screen asks for.
#[derive(Debug)]
pub enum Effect<Own = DashboardEffect> {
    /// Do a job on a worker.
    Job(Job),
    /// Stop the process until the user continues it.
    Suspend {
        /// Also stop the other processes of the shell's job, as Ctrl-Z does outside of the program.
        group: bool,
    },
    /// Enter the terminal's modes again and draw every cell.
    Reenter,
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// Leave the screen.
    Leave(Left),
    /// Do what only this screen asks for.
    Own(Own),
}

/// What only the dashboard asks for. Whoever carries it out owns the runs.
#[derive(Debug)]
pub enum DashboardEffect {
    /// Open a model set: in place of the one in use, or beside it.
    OpenModels {
        /// For which side.
        side: SideId,
        /// The name of the set; the next one that is installed if there is none.
        set: Option<String>,
    },
    /// Fetch what a model set lacks.
    Fetch {
        /// The name of the set.
        set: String,
        /// Carried by all its news.
        number: u64,
    },
    /// Stop the fetch. What has arrived stays.
    StopFetch,
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
}
