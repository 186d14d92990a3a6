//! Where a file and its records lie on disk, and how a finished file gets its name.
//!
//! Beside the file `x` lie `x.origin.json` (where it came from and its hash) and, while it is on its way, `x.part` with
//! `x.part.json`, or `x.import`. A file gets its name only after its hash was compared and its bytes were synced. Its
//! origin record is written before that, so a file without one was not put there by this program.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clipscope_base::storage;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    error::{FetchError, disk},
    origin::Origin,
    remote_file::RemoteFile,
};

/// The paths of one file and of what belongs to it.
#[derive(Debug, Clone)]
pub(super) struct FilePaths {
    /// Repository and path, for messages.
    pub(super) label: String,
    pub(super) target: PathBuf,
    pub(super) origin: PathBuf,
    pub(super) part: PathBuf,
    pub(super) part_record: PathBuf,
    /// A file on its way from a folder. It is not `part`, which may be worth continuing.
    pub(super) import: PathBuf,
}

impl FilePaths {
    pub(super) fn new(root: &Path, file: &RemoteFile) -> Self {
        let target = repo_folder(root, &file.repo).join(&file.path);
        let beside = |suffix: &str| {
            let mut name = target.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self {
            label: file.label(),
            origin: beside(".origin.json"),
            part: beside(".part"),
            part_record: beside(".part.json"),
            import: beside(".import"),
            target,
        }
    }

    /// The origin record, if it exists and its length is that of the file on disk.
    pub(super) fn read_origin(&self) -> Option<Origin> {
        let origin: Origin = read_json(&self.origin)?;
        (self.length()? == origin.bytes).then_some(origin)
    }

    /// Length of the finished file, if it exists.
    pub(super) fn length(&self) -> Option<u64> {
        regular_length(&self.target)
    }

    pub(super) fn make_folder(&self) -> Result<(), FetchError> {
        let folder = self.target.parent().unwrap_or(&self.target);
        fs::create_dir_all(folder).map_err(disk("create the folder", folder))
    }

    /// Gives the finished file `unfinished` its name. Its hash was compared before.
    pub(super) fn put_in_place(
        &self,
        unfinished: &Path,
        file: &File,
        origin: &Origin,
    ) -> Result<(), FetchError> {
        file.sync_all().map_err(disk("write", unfinished))?;
        write_json(&self.origin, origin)?;
        fs::rename(unfinished, &self.target).map_err(disk("write", &self.target))?;
        remove(&self.part)?;
        remove(&self.part_record)?;
        let folder = self.target.parent().unwrap_or(&self.target);
        storage::sync_folder(folder).map_err(disk("write", &self.target))
    }
}

/// The folder of a repository. It is one level deep, so that no repository lies within another.
pub(super) fn repo_folder(root: &Path, repo: &str) -> PathBuf {
    root.join(repo.replace('/', "--"))
}

/// Length of a regular file; `None` for anything else.
pub(super) fn regular_length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// Removes a file unless it is gone already.
pub(super) fn remove(path: &Path) -> Result<(), FetchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Reads a record; `None` when it is missing or damaged, since every record can be made again.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a record, all of it or nothing.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FetchError> {
    let mut name = path.to_path_buf().into_os_string();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| disk("write", path)(error.into()))?;
    text.push(b'\n');
    storage::write_through(&temporary, path, &text).map_err(disk("write", path))
}
