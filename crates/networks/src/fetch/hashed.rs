//! Hashes a file on disk, and tells how far it is.

use std::io::{Error, ErrorKind};

use super::{
    digest::Tally,
    error::{FetchError, disk},
    paths::FilePaths,
    progress::Progress,
};

/// Hashes the file at `path`, which is that of `paths` or its part, `bytes` long.
///
/// # Errors
/// [`FetchError::Disk`], or [`FetchError::Stopped`] when whoever listens wants no more.
pub(super) fn hashed(
    paths: &FilePaths,
    path: &std::path::Path,
    bytes: u64,
    progress: &mut dyn Progress,
) -> Result<Tally, FetchError> {
    progress.checking(&paths.label, bytes);
    let tally = Tally::of_file(path, &mut |bytes| {
        progress.advanced(bytes);
        // Any error ends the reading; this one is told from those of the disk below.
        if progress.goes_on() { Ok(()) } else { Err(Error::from(ErrorKind::ConnectionAborted)) }
    });
    if !progress.goes_on() {
        return Err(FetchError::Stopped);
    }
    let tally = tally.map_err(disk("read", path))?;
    progress.finished();
    Ok(tally)
}
