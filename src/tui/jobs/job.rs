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
