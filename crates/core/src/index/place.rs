//! Where an index lies, and which folder its photos are in.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::IndexError;
use super::manifest::{self, IndexManifest};

/// The folder of the index of a folder of photos, below it. Scans skip hidden names.
pub const FOLDER: &str = ".clipscope-index";

/// The index that belongs to `path`: the folder itself, or the one that `clipscope index` made inside it.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    let is_one = |folder: &PathBuf| match folder.ends_with(FOLDER) {
        // Damaged or not.
        true => manifest::file_in(folder).is_file(),
        // Photos may lie beside an unrelated file called `manifest`.
        false => IndexManifest::is_in(folder),
    };
    [path.to_owned(), path.join(FOLDER)].into_iter().find(is_one)
}

/// The folder of the photos of an index that lies inside it, absolute where possible.
pub(super) fn root_of(folder: &Path) -> PathBuf {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    match folder.parent() {
        Some(parent) if folder.ends_with(FOLDER) => parent.to_owned(),
        _ => folder,
    }
}

/// Refuses a place that was never an index, before anything is written there: a symbolic link where the index of a folder
/// belongs may lead anywhere, and a folder given with `--out` may hold other things.
pub(super) fn check(folder: &Path) -> Result<(), IndexError> {
    let refuse = |file: PathBuf, reason| Err(IndexError::Foreign { file, reason });
    let inside = folder.ends_with(FOLDER);
    if inside && fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_symlink()) {
        return refuse(folder.to_owned(), "is a symbolic link");
    }
    let manifest = manifest::file_in(folder);
    if !inside && manifest.exists() && !IndexManifest::is_in(folder) {
        return refuse(manifest, "is not the manifest of an index");
    }
    Ok(())
}
