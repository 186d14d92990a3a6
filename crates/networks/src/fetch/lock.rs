//! Keeps two processes from writing files of one repository at once.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use super::{
    error::{FetchError, disk},
    paths::repo_folder,
    progress::Progress,
};

/// Time between two attempts to take a lock that another process holds.
const AGAIN: Duration = Duration::from_millis(100);

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
                while let Err(refused) = file.try_lock() {
                    match refused {
                        TryLockError::WouldBlock if progress.goes_on() => thread::sleep(AGAIN),
                        TryLockError::WouldBlock => return Err(FetchError::Stopped),
                        TryLockError::Error(error) => return Err(disk("lock", &path)(error)),
                    }
                }
            }
            Err(TryLockError::Error(error)) => return Err(disk("lock", &path)(error)),
        }
        Ok(Self { _file: file })
    }
}
