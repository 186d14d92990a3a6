//! Filled modules on disk: made once from a verified checkpoint, mapped into memory afterwards.
//!
//! A file is called after the tower's key and its own CRC-32, so that a flipped bit or a torn tail is
//! noticed: such a file is removed and made anew. Files are written under another name and renamed,
//! never changed, so a mapping stays whole while another process replaces or removes the file. Must
//! not know where checkpoints come from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use burn::tensor::{AllocationProperty, Bytes};
use burn_store::{BurnpackStore, ModuleSnapshot};
use memmap2::Mmap;

const EXTENSION: &str = "bpk";
/// An unfinished file of this age belongs to nobody any more.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// Fills `module` from the file of `key`; false when there is none that is whole and fits.
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

/// Keeps the filled module for later starts. Failing to is no error: it is only made again.
pub(super) fn save<M: ModuleSnapshot>(module: &M, folder: &Path, key: &str) {
    if fs::create_dir_all(folder).is_err() {
        return;
    }
    sweep(folder);
    let new = folder.join(format!("{key}.new-{}", std::process::id()));
    let mut store = BurnpackStore::from_file(&new).auto_extension(false).overwrite(true);
    let saved = module.save_into(&mut store).is_ok()
        && map(&new).is_some_and(|map| fs::rename(&new, folder.join(name(key, &map))).is_ok());
    if !saved {
        let _ = fs::remove_file(new);
    }
}

fn name(key: &str, content: &[u8]) -> String {
    format!("{key}-{:08x}.{EXTENSION}", crc32fast::hash(content))
}

/// The whole files of `key`.
fn files(folder: &Path, key: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let of_key = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(key) && name.ends_with(EXTENSION)
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(of_key).collect();
    files.sort();
    files
}

/// Removes what killed processes left unfinished.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let finished = path.extension().is_some_and(|extension| extension == EXTENSION);
        let age = fs::metadata(&path)
            .and_then(|data| data.modified())
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        if !finished && age.is_some_and(|age| age > LEFTOVER_AGE) {
            let _ = fs::remove_file(path);
        }
    }
}

fn map(path: &Path) -> Option<Mmap> {
    let file = File::open(path).ok()?;
    // SAFETY: files of this folder are written under another name, renamed when they are complete and
    // never changed after that, so the mapped bytes stay what they are.
    unsafe { Mmap::map(&file) }.ok()
}
