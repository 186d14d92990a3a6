//! Dispatches a job to the function that does it.

use super::job::Job;
use super::{cluster, compare, export, look, photo, save, sets, text};
use crate::tui::action::Action;
use crate::tui::engine::Engine;

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
        Job::Sets => Action::Sets(sets::perform(engine)),
        Job::Save(job) => Action::Saved(save::perform(&job)),
    }
}
