//! Keeps two processes from writing files of one repository at once.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::Path,
};

use super::{
    error::{FetchError, disk},
    paths::repo_folder,
    progress::Progress,
};

/// Held while files of a repository are written. The system releases it when the process ends, however it ends.
pub(super) struct RepositoryLock {
    _file: File,
}

impl RepositoryLock {
    /// Takes the lock, and waits for another process to release it if need be.
    pub(super) fn take(root: &Path, repo: &str, progress: &mut dyn Progress) -> Result<Self, FetchError> {
        let folder = repo_folder(root, repo);
        fs::create_dir_all(&folder).map_err(disk("create the folder", &folder))?;
        let path = folder.join(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(disk("open the lock", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress.waiting(&path);
                file.lock().map_err(disk("lock", &path))?;
            }
            Err(TryLockError::Error(error)) => return Err(disk("lock", &path)(error)),
        }
        Ok(Self { _file: file })
    }
}
