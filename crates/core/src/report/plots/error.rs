//! Why a picture could not be made.

use std::path::PathBuf;

use clipscope_base::display_safe::display_path;

/// A picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The file could not be written.
    #[error("cannot write {}: {reason}; choose another folder with --plots", display_path(file))]
    Write { file: PathBuf, reason: String },
    /// The drawing library failed.
    #[error("cannot draw the heat map '{title}': {reason}")]
    Draw { title: String, reason: String },
}
