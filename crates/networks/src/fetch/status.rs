//! Which files of a model set are on disk.

use std::path::{Path, PathBuf};

use super::{
    error::FetchError,
    hashed::hashed,
    origin::{Fetched, Origin, Verified},
    paths::{FilePaths, regular_length, write_json},
    progress::Progress,
    remote_file::RemoteFile,
};

/// Whether a file is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Nothing of it is on disk.
    Missing,
    /// Its download was interrupted.
    Partial,
    /// It has another length than when it arrived, or another hash than on the model card.
    Damaged,
    /// It is on disk with the right length. Its hash was not computed; a fetch does that.
    Present,
}

/// What a quick look at the folder says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStatus {
    /// Repository and path.
    pub file: String,
    /// Its path on disk, whether it exists or not.
    pub path: PathBuf,
    /// Whether it is on disk.
    pub state: FileState,
    /// Bytes on disk.
    pub bytes: u64,
    /// What it was compared with when it arrived; `None` without a record.
    pub verified: Option<Verified>,
}

/// Looks for `files` below `target_root`. Opens only their origin records, so it is quick.
#[must_use]
pub fn status(target_root: &Path, files: &[RemoteFile]) -> Vec<FileStatus> {
    files.iter().map(|file| status_of(target_root, file)).collect()
}

fn status_of(root: &Path, file: &RemoteFile) -> FileStatus {
    let paths = FilePaths::new(root, file);
    let pinned = file.pinned();
    let origin = paths.read_origin();
    let (state, bytes) = match (paths.length(), regular_length(&paths.part)) {
        (Some(bytes), _) => {
            let fits = match &origin {
                Some(origin) => pinned.is_none_or(|pinned| pinned == origin.sha256),
                // Without a record, as when it was copied there by hand, only its length can be compared.
                None => {
                    let length = file.bytes.filter(|_| pinned.is_some());
                    !paths.origin.exists() && length.is_none_or(|length| length == bytes)
                }
            };
            (if fits { FileState::Present } else { FileState::Damaged }, bytes)
        }
        (None, Some(bytes)) => (FileState::Partial, bytes),
        (None, None) => (FileState::Missing, 0),
    };
    let verified = origin.filter(|_| state == FileState::Present).map(|origin| origin.verified);
    FileStatus { file: paths.label, path: paths.target, state, bytes, verified }
}

/// Finds `file` on disk if its content still hashes to the model card, or to its record when the card has no hash.
///
/// Needs no write access: a cache may be shared and read-only.
pub(super) fn find_complete(
    root: &Path,
    file: &RemoteFile,
    progress: &mut dyn Progress,
) -> Result<Option<Fetched>, FetchError> {
    let paths = FilePaths::new(root, file);
    let Some(bytes) = paths.length() else { return Ok(None) };
    let record = paths.read_origin();
    let expected = match (file.pinned(), &record) {
        (Some(pinned), Some(record)) if pinned != record.sha256 => return Ok(None),
        (Some(pinned), _) => pinned,
        (None, Some(record)) => record.sha256.clone(),
        (None, None) => return Ok(None),
    };
    let tally = hashed(&paths, &paths.target, bytes, progress)?;
    if tally.sha256() != expected {
        return Ok(None);
    }
    let origin = record.unwrap_or_else(|| {
        let url = paths.target.to_string_lossy().into_owned();
        let bytes = tally.bytes();
        let origin = Origin { url, commit: None, sha256: expected, bytes, verified: Verified::Pinned };
        // The file is good without a record, and the folder may be read-only.
        let _ = write_json(&paths.origin, &origin);
        origin
    });
    Ok(Some(Fetched { path: paths.target, origin, already_there: true }))
}
