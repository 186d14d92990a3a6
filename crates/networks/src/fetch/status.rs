//! What of a model set is on disk.

use std::path::{Path, PathBuf};

use super::{
    Fetched, Progress, RemoteFile,
    digest::Tally,
    error::{FetchError, disk},
    store::{Origin, Slot, Verified, regular_length, write_json},
};

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Nothing of it is there.
    Missing,
    /// A transfer of it was interrupted.
    Partial,
    /// It is there, but has another length than when it arrived, or is not the one on the model card.
    Damaged,
    /// It is there. Its length was looked at, its hash was not: that is what a fetch does.
    Present,
}

/// A file of a model set, as far as a look at the folder tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStatus {
    /// Repository and path.
    pub file: String,
    /// Where it lies or will lie.
    pub path: PathBuf,
    /// How far it is.
    pub state: FileState,
    /// Bytes on disk.
    pub bytes: u64,
    /// What it was compared with when it arrived; `None` when it has no record.
    pub verified: Option<Verified>,
}

/// What of `files` lies below `target_root`. Reads no file but the small records, so it is quick.
#[must_use]
pub fn status(target_root: &Path, files: &[RemoteFile]) -> Vec<FileStatus> {
    files
        .iter()
        .map(|file| {
            // The best of the paths that may serve; the first of equals, which is the preferred one.
            let mut best: Option<FileStatus> = None;
            for (slot, name) in Slot::all(target_root, file).into_iter().zip(file.paths()) {
                let pinned = file.pinned(name);
                let length = file.bytes.filter(|_| pinned.is_some());
                let status = status_of(slot, pinned.as_deref(), length);
                if best.as_ref().is_none_or(|best| rank(status.state) > rank(best.state)) {
                    best = Some(status);
                }
            }
            best.unwrap_or_else(|| FileStatus {
                file: file.label(),
                path: target_root.to_path_buf(),
                state: FileState::Missing,
                bytes: 0,
                verified: None,
            })
        })
        .collect()
}

fn rank(state: FileState) -> u8 {
    match state {
        FileState::Missing => 0,
        FileState::Partial => 1,
        FileState::Damaged => 2,
        FileState::Present => 3,
    }
}

fn status_of(slot: Slot, pinned: Option<&str>, length: Option<u64>) -> FileStatus {
    let origin = slot.read_origin();
    let (state, bytes) = match (slot.length(), regular_length(&slot.part)) {
        (Some(bytes), _) => {
            let fits = match &origin {
                Some(origin) => pinned.is_none_or(|pinned| pinned == origin.sha256),
                // Without a record, carried in by hand: its length at least is known.
                None => !slot.origin.exists() && length.is_none_or(|length| length == bytes),
            };
            (if fits { FileState::Present } else { FileState::Damaged }, bytes)
        }
        (None, Some(bytes)) => (FileState::Partial, bytes),
        (None, None) => (FileState::Missing, 0),
    };
    let verified = origin.filter(|_| state == FileState::Present).map(|origin| origin.verified);
    FileStatus { file: slot.label, path: slot.target, state, bytes, verified }
}

/// `file`, if it is there and its content still hashes to its record, or to the model card where it has none.
///
/// Needs no write access: a cache may be shared and read-only.
pub(super) fn complete(
    root: &Path,
    file: &RemoteFile,
    progress: &mut dyn Progress,
) -> Result<Option<Fetched>, FetchError> {
    for (slot, name) in Slot::all(root, file).into_iter().zip(file.paths()) {
        let pinned = file.pinned(name);
        let record = slot.read_origin();
        let Some(bytes) = slot.length() else { continue };
        let expected = match (&pinned, &record) {
            (Some(pinned), Some(record)) if *pinned != record.sha256 => continue,
            (Some(pinned), _) => pinned.clone(),
            (None, Some(record)) => record.sha256.clone(),
            (None, None) => continue,
        };
        progress.checking(&slot.label, bytes);
        let tally = Tally::of_file(&slot.target, &mut |bytes| progress.advanced(bytes))
            .map_err(disk("read", &slot.target))?;
        progress.finished();
        if tally.sha256() != expected {
            continue;
        }
        let origin = record.unwrap_or_else(|| {
            let url = slot.target.to_string_lossy().into_owned();
            let origin = Origin {
                url,
                commit: None,
                sha256: expected,
                bytes: tally.bytes(),
                verified: Verified::Pinned,
            };
            // Only a convenience, and the folder may be read-only: the file is good with or without it.
            let _ = write_json(&slot.origin, &origin);
            origin
        });
        return Ok(Some(Fetched { path: slot.target, name: name.clone(), origin, already_there: true }));
    }
    Ok(None)
}
