//! Saving edited captions: in the project's own manifest, in the file that replaced its captions, or in the text file
//! beside a photo of a folder tree.
//!
//! Each file is read again first, so that only these captions change. A caption is found by its old text; if that is no
//! longer in the file, nothing is replaced. The old file is kept as `<name>.bak`. The new one is written beside it, flushed
//! to disk and renamed into place, so that a crash leaves either the old file or the new one.

mod change;
mod manifest;
mod sidecar;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

pub use self::change::CaptionChange;
use super::{contents::Dataset, error::DatasetError, files::read_regular, item::Item, origin::CaptionStore};
use clipscope_base::storage::{self, UnfinishedFile};

impl Dataset {
    /// Saves captions and returns for each, in their order, the file that was written or why it was not saved. `self` is not
    /// changed.
    ///
    /// Each file is read and written once; its `.bak` is the file before all changes. A refused caption does not affect the
    /// others.
    ///
    /// # Errors
    /// For each caption: when captions of this kind of data set cannot be saved, the photo or the old text is not in the
    /// file (any more), the new text is empty, or the file cannot be written. Then the old file is still in place.
    pub fn save_captions(&self, changes: &[CaptionChange<'_>]) -> Vec<Result<PathBuf, DatasetError>> {
        let mut outcomes: Vec<_> = changes.iter().map(|change| self.file_of(change)).collect();
        let mut files: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Ok(path) = outcome {
                files.entry(path.clone()).or_default().push(index);
            }
        }
        for (path, indices) in files {
            let here: Vec<_> = indices.iter().map(|&index| &changes[index]).collect();
            match self.rewrite(&path, &here) {
                Ok(refused) => {
                    for (index, reason) in indices.into_iter().zip(refused) {
                        if let Some(reason) = reason {
                            outcomes[index] = Err(reason);
                        }
                    }
                }
                Err(error) => {
                    for index in indices {
                        outcomes[index] = Err(error.clone());
                    }
                }
            }
        }
        outcomes
    }

    fn item_of(&self, change: &CaptionChange<'_>) -> Result<&Item, DatasetError> {
        self.items.iter().find(|item| item.file == change.file).ok_or_else(|| {
            DatasetError::not_saved(change.file, "no such photo in the data set", "choose one of its photos")
        })
    }

    /// The file that a caption is saved in, which need not exist.
    fn file_of(&self, change: &CaptionChange<'_>) -> Result<PathBuf, DatasetError> {
        let item = self.item_of(change)?;
        if change.text.trim().is_empty() {
            return Err(DatasetError::not_saved(change.file, "the text is empty", "write a caption"));
        }
        match &self.origin.captions {
            // A link is kept, and its target written.
            CaptionStore::Project(manifest) => {
                fs::canonicalize(manifest).map_err(|error| DatasetError::io(manifest, "read", &error))
            }
            CaptionStore::Sidecar(root) => sidecar::file_of(root, item),
            CaptionStore::None => Err(DatasetError::not_saved(
                &self.path,
                format_args!("this kind of data set ({}) is read-only", self.origin.kind),
                "open it with --captions FILE, a file in the project's own format, which can be saved",
            )),
        }
    }

    /// Writes one file with its changes, and returns for each why it was refused.
    fn rewrite(
        &self,
        path: &Path,
        changes: &[&CaptionChange<'_>],
    ) -> Result<Vec<Option<DatasetError>>, DatasetError> {
        let mut with_items = Vec::with_capacity(changes.len());
        for change in changes {
            with_items.push((self.item_of(change)?, *change));
        }
        let (old, edited) = match &self.origin.captions {
            CaptionStore::Project(manifest) => {
                let old = read_regular(path)?;
                let edited = manifest::edit(manifest, &old, &self.items, &with_items)?;
                (Some(old), edited)
            }
            _ => {
                let old = match fs::symlink_metadata(path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                    _ => Some(read_regular(path)?),
                };
                let edited = sidecar::edit(path, old.as_deref().unwrap_or_default(), &with_items);
                (old, edited)
            }
        };
        if edited.refused.iter().any(Option::is_none) {
            write_with_backup(path, old.as_deref(), &edited.bytes)?;
        }
        Ok(edited.refused)
    }
}

/// Replaces the file at `path` by `new`, and keeps its contents, `old`, in `<path>.bak`.
fn write_with_backup(path: &Path, old: Option<&[u8]>, new: &[u8]) -> Result<(), DatasetError> {
    if let Some(old) = old {
        let mut backup = path.as_os_str().to_owned();
        backup.push(".bak");
        write_atomically(Path::new(&backup), old, path)?;
    }
    write_atomically(path, new, path)
}

/// Writes a file with the permissions of `like`, if that exists.
fn write_atomically(path: &Path, bytes: &[u8], like: &Path) -> Result<(), DatasetError> {
    let unwritable = |error: io::Error| DatasetError::io(path, "written", &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = UnfinishedFile::create_beside(path).map_err(unwritable)?;
    file.write_all(bytes).map_err(unwritable)?;
    if let Ok(metadata) = fs::metadata(like) {
        file.as_file().set_permissions(metadata.permissions()).map_err(unwritable)?;
    }
    file.finish(path).map_err(unwritable)?;
    storage::sync_folder(folder).map_err(unwritable)
}
