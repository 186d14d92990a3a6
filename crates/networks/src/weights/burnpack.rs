//! Filled modules on disk: written once from a verified checkpoint, mapped into memory by later starts.
//!
//! A file is named after the key of its tower and its own CRC-32, so that a flipped bit or a missing end is noticed; such a
//! file is removed and written again. A file is written under a temporary name, renamed and never changed, so a mapping
//! stays valid while another process replaces or removes the file. Must not know: where checkpoints come from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use burn::tensor::{AllocationProperty, Bytes};
use burn_store::{BurnpackStore, ModuleSnapshot};
use clipscope_base::storage::{self, Access, UnfinishedFile};
use memmap2::Mmap;

const EXTENSION: &str = "bpk";

/// Fills `module` from the file of `key`. Returns false when no file is undamaged and fits.
pub(super) fn load<M: ModuleSnapshot>(module: &mut M, folder: &Path, key: &str) -> bool {
    for file in files(folder, key) {
        if load_file(module, &file, key).is_some() {
            return true;
        }
        let _ = fs::remove_file(file);
    }
    false
}

fn load_file<M: ModuleSnapshot>(module: &mut M, file: &Path, key: &str) -> Option<()> {
    let map = map(file)?;
    if file.file_name()?.to_str()? != name(key, &map) {
        return None;
    }
    let bytes = Bytes::from_shared(bytes::Bytes::from_owner(map), AllocationProperty::File);
    let mut store = BurnpackStore::from_bytes(Some(bytes));
    let result = module.load_from(&mut store).ok()?;
    let whole = result.errors.is_empty() && result.missing.is_empty() && result.unused.is_empty();
    whole.then_some(())
}

/// Saves the filled module for later starts. A failure is ignored: the next start fills the module from the checkpoint.
pub(super) fn save<M: ModuleSnapshot>(module: &M, folder: &Path, key: &str) {
    if fs::create_dir_all(folder).is_err() {
        return;
    }
    // Earlier versions had other names for temporary files, so every file without the extension counts as one.
    storage::remove_old_files(folder, |path| path.extension().is_none_or(|extension| extension != EXTENSION));
    let Ok(new) = UnfinishedFile::create(folder, &format!("{key}.new-"), Access::Umask) else { return };
    let mut store = BurnpackStore::from_file(new.path()).auto_extension(false).overwrite(true);
    if module.save_into(&mut store).is_ok()
        && let Some(map) = map(new.path())
    {
        let _ = new.rename(&folder.join(name(key, &map)));
    }
}

fn name(key: &str, content: &[u8]) -> String {
    format!("{key}-{:08x}.{EXTENSION}", crc32fast::hash(content))
}

/// The finished files of `key`.
fn files(folder: &Path, key: &str) -> Vec<PathBuf> {
    let mut files = storage::files_with_extension(folder, EXTENSION);
    files.retain(|path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(key.as_bytes()))
    });
    files
}

fn map(path: &Path) -> Option<Mmap> {
    let file = File::open(path).ok()?;
    // SAFETY: files of this folder are written under a temporary name, renamed when they are complete and never changed
    // after that, so the mapped bytes do not change.
    unsafe { Mmap::map(&file) }.ok()
}
