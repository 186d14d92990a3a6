//! Writing the heat maps of a report into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::PlotError;
use super::grids::heat_maps;
use crate::report::contents::Report;

/// What became of the grids of a report.
#[derive(Debug, Clone, Default)]
pub struct WrittenPlots {
    pub files: Vec<PathBuf>,
    /// Why a grid has no picture: it was too large to be kept.
    pub left_out: Vec<String>,
}

/// Writes one PNG per grid of the report into `folder`, which is created.
///
/// # Errors
/// [`PlotError`] naming the file.
pub fn write_all(report: &Report, folder: &Path) -> Result<WrittenPlots, PlotError> {
    let fail = |file: &Path, reason: String| PlotError::Write { file: file.to_path_buf(), reason };
    fs::create_dir_all(folder).map_err(|error| fail(folder, error.to_string()))?;
    let mut written = WrittenPlots::default();
    for grid in heat_maps(report) {
        let (name, map) = match grid {
            Ok(grid) => grid,
            Err(reason) => {
                written.left_out.push(reason);
                continue;
            }
        };
        let file = folder.join(format!("{name}.png"));
        let png = map.png()?;
        fs::write(&file, png).map_err(|error| fail(&file, error.to_string()))?;
        written.files.push(file);
    }
    Ok(written)
}
