//! Where files lie on disk, and how one gets there without ever being half there.
//!
//! Beside a file `x` of a repository stand `x.origin.json` (where it came from and what it hashes to) and, while it is
//! on its way, `x.part` with `x.part.json`, or `x.import`. A file takes its name only after its hash was compared and its bytes were
//! synced; the origin record is in place before, so that a file without one is a file that this program did not bring.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use clipscope_base::storage;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Progress, RemoteFile,
    digest::{Digest, Tally, git_blob},
    error::{FetchError, disk},
};

/// What a file was compared with when it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// The SHA-256 on the model card.
    Pinned,
    /// The hash that the hub publishes.
    Published,
    /// The hash that lay beside a file carried in by hand: a hub cache, or an origin record of another machine.
    Carried,
    /// Nothing: carried in by hand, with no hash known.
    No,
}

/// `<file>.origin.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address on the hub, or the path of a file carried in by hand.
    pub url: String,
    /// The commit that the revision stood for.
    pub commit: Option<String>,
    /// SHA-256 of the content, whatever the hub publishes.
    pub sha256: String,
    /// Length of the content.
    pub bytes: u64,
    /// What the content was compared with.
    pub verified: Verified,
}

/// The places of one file.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Repository and path, for messages.
    pub(super) label: String,
    pub(super) target: PathBuf,
    pub(super) origin: PathBuf,
    pub(super) part: PathBuf,
    pub(super) part_record: PathBuf,
    /// A file on its way from a folder; apart from `part`, which may be worth continuing.
    pub(super) import: PathBuf,
}

impl Slot {
    pub(super) fn new(root: &Path, repo: &str, path: &str) -> Self {
        let target = repo_folder(root, repo).join(path);
        let beside = |suffix: &str| {
            let mut name = target.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self {
            label: format!("{repo}/{path}"),
            origin: beside(".origin.json"),
            part: beside(".part"),
            part_record: beside(".part.json"),
            import: beside(".import"),
            target,
        }
    }

    /// Every place where `file` may lie, in order of preference.
    pub(super) fn all(root: &Path, file: &RemoteFile) -> Vec<Self> {
        file.paths().map(|path| Self::new(root, &file.repo, path)).collect()
    }

    /// The origin record, when it is there and fits the length on disk.
    pub(super) fn read_origin(&self) -> Option<Origin> {
        let origin: Origin = read_json(&self.origin)?;
        (self.length()? == origin.bytes).then_some(origin)
    }

    /// Length of the finished file, when it is there.
    pub(super) fn length(&self) -> Option<u64> {
        regular_length(&self.target)
    }

    /// Makes the folder of the file.
    pub(super) fn make_folder(&self) -> Result<(), FetchError> {
        let folder = self.target.parent().unwrap_or(&self.target);
        fs::create_dir_all(folder).map_err(disk("create the folder", folder))
    }

    /// Puts the finished `part` into place. Its hash has been compared before.
    pub(super) fn settle(&self, part: &Path, file: &File, origin: &Origin) -> Result<(), FetchError> {
        file.sync_all().map_err(disk("write", part))?;
        write_json(&self.origin, origin)?;
        fs::rename(part, &self.target).map_err(disk("write", &self.target))?;
        remove(&self.part)?;
        remove(&self.part_record)?;
        let folder = self.target.parent().unwrap_or(&self.target);
        storage::sync_folder(folder).map_err(disk("write", &self.target))
    }
}

/// The folder of a repository: one level, so that no repository lies within another.
fn repo_folder(root: &Path, repo: &str) -> PathBuf {
    root.join(repo.replace('/', "--"))
}

/// Length of a regular file; `None` for anything else and for nothing.
pub(super) fn regular_length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// Held while files of a repository are written, against other processes. The system releases it when a process ends,
/// however it ends, so that a lock never outlives its owner.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
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

/// What the content must hash to.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// SHA-256 on the model card.
    pub(super) pinned: Option<String>,
    /// What the hub publishes.
    pub(super) published: Option<Digest>,
    /// What lay beside a file carried in by hand.
    pub(super) carried: Option<Digest>,
}

impl Expected {
    /// The hash that decides when there are several; `None` when nothing is known.
    pub(super) fn strongest(&self) -> Option<Digest> {
        let pinned = self.pinned.as_deref().map(|hex| Digest::Sha256(hex.into()));
        pinned.or_else(|| self.published.clone()).or_else(|| self.carried.clone())
    }

    /// Compares all that is known with the file at `path`, whose SHA-256 and length `tally` holds. What the hub says
    /// comes first: a content that is the hub's, but not the model card's, arrived undamaged.
    pub(super) fn check(&self, tally: &Tally, path: &Path) -> Result<Verified, Unequal> {
        let sha256 = tally.sha256();
        for expected in self.published.iter().chain(&self.carried) {
            let found = match expected {
                Digest::Sha256(_) => Digest::Sha256(sha256.as_str().into()),
                Digest::GitBlob(_) => Digest::GitBlob(git_blob(path).map_err(disk("read", path))?.into()),
            };
            if found != *expected {
                return Err(Unequal::Content { expected: expected.clone(), found });
            }
        }
        if let Some(pinned) = self.pinned.as_ref().filter(|pinned| **pinned != sha256) {
            return Err(Unequal::Pin {
                pinned: Digest::Sha256(pinned.as_str().into()),
                found: Digest::Sha256(sha256.into()),
            });
        }
        Ok(match self {
            Self { pinned: Some(_), .. } => Verified::Pinned,
            Self { published: Some(_), .. } => Verified::Published,
            Self { carried: Some(_), .. } => Verified::Carried,
            _ => Verified::No,
        })
    }
}

/// Why a content is not taken.
#[derive(Debug)]
pub(super) enum Unequal {
    /// It is not what the hub publishes, or what lay beside it.
    Content { expected: Digest, found: Digest },
    /// Nothing else speaks against it, but the model card does.
    Pin { pinned: Digest, found: Digest },
    /// It could not be read.
    Disk(FetchError),
}

impl From<FetchError> for Unequal {
    fn from(error: FetchError) -> Self {
        Self::Disk(error)
    }
}

impl Unequal {
    /// The error for a content that is given up.
    pub(super) fn error(self, file: &str, tally: &Tally, remedy: &'static str) -> FetchError {
        match self {
            Self::Content { expected, found } | Self::Pin { pinned: expected, found } => {
                FetchError::Mismatch {
                    file: file.into(),
                    expected,
                    found,
                    looks_like: tally.looks_like(),
                    remedy,
                }
            }
            Self::Disk(error) => error,
        }
    }
}

/// Removes a file, content with its absence.
pub(super) fn remove(path: &Path) -> Result<(), FetchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk("remove", path)(error)),
        _ => Ok(()),
    }
}

/// A record, or nothing when it is absent or unreadable: every record can be made anew.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a record so that it is whole or not there.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FetchError> {
    let mut name = path.to_path_buf().into_os_string();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| disk("write", path)(error.into()))?;
    text.push(b'\n');
    storage::write_through(&temporary, path, &text).map_err(disk("write", path))
}
