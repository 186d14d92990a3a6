//! The kinds of jobs.

use super::cluster::ClusterJob;
use super::compare::CompareJob;
use super::export::ExportJob;
use super::look::LookJob;
use super::photo::PhotoJob;
use super::save::SaveJob;
use super::text::TextJob;

/// A job for a worker. Of each kind at most one runs and one waits; a newer one takes the place of the one that waits.
#[derive(Debug)]
pub enum Job {
    /// Compute the numbers.
    Compare(Box<CompareJob>),
    /// Prepare a photo for drawing.
    Photo(PhotoJob),
    /// Look up scores that no matrix has.
    Look(Box<LookJob>),
    /// Order items so that similar ones stand together.
    Cluster(Box<ClusterJob>),
    /// Embed what the user types.
    Text(TextJob),
    /// Look which model sets there are.
    Sets,
    /// Save captions.
    Save(SaveJob),
    /// Export what is on screen to a file.
    Export(Box<ExportJob>),
}
