//! The cache of finished vectors on disk.
//!
//! Each tower has a folder, named by its cache key (`Tower::cache_key`), with *segments*
//! ([`super::stored`]): files written once, in full, under a temporary name, flushed and renamed. A killed run therefore
//! leaves whole segments only, and two processes can write at the same time. Every record has its own checksum: a flipped
//! bit costs one record, which is computed again; in the head of a segment it costs that segment.
//!
//! Only the keys are kept in memory; a vector is read when it is needed, so that a large cache costs a small run nothing.
//!
//! Owns these folders. Must not know: what was embedded, or who asks.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use super::record::Record;
use super::stored;
use clipscope_base::display_safe::display_path;
use clipscope_base::storage::{self, Access, UnfinishedFile, files_with_extension};

const EXTENSION: &str = "vectors";
/// More small segments than this are merged when a tower's folder is opened.
const MERGE_ABOVE: usize = 32;
/// Segments smaller than this are merged, until they fill as much. That many bytes are in memory meanwhile.
const MERGED_BYTES: u64 = 64 << 20;
/// Merges per opening; the next opening continues.
const MERGES: usize = 16;

/// A cached vector could not be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write to the cache {}: {source}; use --cache-dir to choose another folder",
    display_path(folder)
)]
pub struct CacheError {
    /// The folder of the tower.
    pub folder: PathBuf,
    /// The system's error.
    pub source: std::io::Error,
}

/// The cache folder.
#[derive(Debug, Clone)]
pub struct VectorCache {
    root: PathBuf,
}

impl VectorCache {
    /// A cache below `root`. Nothing is created until something is stored.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Reads the keys of a tower's stored vectors, and merges the segments of many small runs. Damaged and foreign files are
    /// ignored.
    #[must_use]
    pub fn open(&self, tower_key: &[u8; 32], dim: usize) -> TowerCache {
        let folder = self.root.join("vectors").join(hex::encode(&tower_key[..16]));
        TowerCache::open(folder, dim)
    }
}

/// The stored vectors of one tower, shared by all workers.
#[derive(Debug)]
pub struct TowerCache {
    folder: PathBuf,
    dim: usize,
    places: RwLock<RecordPlaces>,
}

/// Where the records are, by content.
#[derive(Debug, Default)]
struct RecordPlaces {
    records: HashMap<[u8; 32], RecordPlace>,
    /// Further copies of records that are stored more than once, in case one is damaged.
    others: HashMap<[u8; 32], Vec<RecordPlace>>,
}

#[derive(Debug, Clone)]
enum RecordPlace {
    /// In memory only, since it could not be written.
    Memory(Arc<Record>),
    /// At this byte offset of this segment.
    Segment(Arc<Path>, u64),
}

impl RecordPlaces {
    fn add(&mut self, segment: PathBuf, keys: impl IntoIterator<Item = ([u8; 32], u64)>) {
        let segment: Arc<Path> = segment.into();
        for (content, at) in keys {
            if let Some(older) = self.records.insert(content, RecordPlace::Segment(Arc::clone(&segment), at))
            {
                self.others.entry(content).or_default().push(older);
            }
        }
    }

    /// The places of a record, the newest first.
    fn of(&self, content: &[u8; 32]) -> Vec<RecordPlace> {
        let others = self.others.get(content).into_iter().flatten().rev();
        self.records.get(content).into_iter().chain(others).cloned().collect()
    }
}

impl TowerCache {
    fn open(folder: PathBuf, dim: usize) -> Self {
        storage::remove_leftovers(&folder);
        let cache = Self { folder, dim, places: RwLock::default() };
        cache.merge();
        cache.read();
        cache
    }

    /// Reads the keys of all segments.
    fn read(&self) {
        let mut read = RecordPlaces::default();
        for path in files_with_extension(&self.folder, EXTENSION) {
            if let Some(keys) = stored::keys(&path, self.dim) {
                read.add(path, keys);
            }
        }
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        let unwritten = places.records.drain().filter(|(_, place)| matches!(place, RecordPlace::Memory(_)));
        read.records.extend(unwritten);
        *places = read;
    }

    /// The record of the item with this SHA-256; `None` when there is none or every copy is damaged.
    #[must_use]
    pub fn get(&self, content: &[u8; 32]) -> Option<Arc<Record>> {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner).of(content);
        let found = |places: &[RecordPlace]| {
            places.iter().find_map(|place| match place {
                RecordPlace::Memory(record) => Some(Arc::clone(record)),
                RecordPlace::Segment(segment, at) => {
                    stored::record(segment, *at, content, self.dim).map(Arc::new)
                }
            })
        };
        if let Some(record) = found(&places) {
            return Some(record);
        }
        // Another process may have merged the segment away; its records are then in a newer one.
        let gone =
            |place: &RecordPlace| matches!(place, RecordPlace::Segment(segment, _) if !segment.exists());
        if !places.iter().any(gone) {
            return None;
        }
        self.read();
        found(&self.places.read().unwrap_or_else(PoisonError::into_inner).of(content))
    }

    /// The number of records, damaged ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.read().unwrap_or_else(PoisonError::into_inner).records.len()
    }

    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stores records durably: when this returns, a crash does not lose them.
    ///
    /// Records of the wrong length cannot be this tower's and are left out.
    ///
    /// # Errors
    /// [`CacheError`] when the folder cannot be written. The records then stay available in this process.
    pub fn put(&self, batch: Vec<([u8; 32], Record)>) -> Result<(), CacheError> {
        let batch: Vec<_> = batch.into_iter().filter(|(_, record)| record.vector.len() == self.dim).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let bytes = stored::segment(self.dim, batch.iter().map(|(content, record)| (content, record)));
        let written = self.write_segment(&bytes);
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        match written {
            Ok(path) => {
                let keys = batch.iter().enumerate();
                places.add(
                    path,
                    keys.map(|(row, (content, _))| (*content, stored::place(self.dim, batch.len(), row))),
                );
                Ok(())
            }
            Err(error) => {
                let known = batch
                    .into_iter()
                    .map(|(content, record)| (content, RecordPlace::Memory(Arc::new(record))));
                places.records.extend(known);
                Err(error)
            }
        }
    }

    fn write_segment(&self, bytes: &[u8]) -> Result<PathBuf, CacheError> {
        let fail = |source| CacheError { folder: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(fail)?;
        let mut file = UnfinishedFile::create_in(&self.folder, Access::Owner).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        // The name is the content's hash: equal segments of two processes are one file.
        let name = hex::encode(&Sha256::digest(bytes)[..16]);
        let path = self.folder.join(format!("{name}.{EXTENSION}"));
        file.finish(&path).map_err(fail)?;
        // The vectors are safe; without this call only the name might be lost in a power cut.
        let _ = storage::sync_folder(&self.folder);
        Ok(path)
    }

    /// Rewrites small segments as larger ones. The old ones go only after the new one is in place.
    fn merge(&self) {
        let mut small: Vec<(PathBuf, u64)> = files_with_extension(&self.folder, EXTENSION)
            .into_iter()
            .filter_map(|path| Some((path.metadata().ok()?.len(), path)))
            .filter(|(bytes, _)| *bytes < MERGED_BYTES)
            .map(|(bytes, path)| (path, bytes))
            .collect();
        if small.len() <= MERGE_ABOVE {
            return;
        }
        for _ in 0..MERGES {
            let (mut bytes, mut count) = (0, 0);
            while let Some((_, length)) = small.get(count).filter(|_| bytes < MERGED_BYTES) {
                bytes += length;
                count += 1;
            }
            let merged: Vec<PathBuf> = small.drain(..count).map(|(path, _)| path).collect();
            if merged.len() < 2 || !self.merge_into_one(&merged) {
                return;
            }
        }
    }

    /// Merges `segments`; false when the result could not be written.
    fn merge_into_one(&self, segments: &[PathBuf]) -> bool {
        let mut records = std::collections::BTreeMap::new();
        let mut read = Vec::new();
        for path in segments {
            // Foreign and wholly damaged files are not removed.
            let Some(keys) = stored::keys(path, self.dim) else { continue };
            for (content, at) in keys {
                if let Some(record) = stored::record(path, at, &content, self.dim) {
                    records.insert(content, record);
                }
            }
            read.push(path);
        }
        let Ok(new) = self.write_segment(&stored::segment(self.dim, records.iter())) else { return false };
        for path in read.into_iter().filter(|path| **path != new) {
            let _ = fs::remove_file(path);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn record(seed: u8) -> ([u8; 32], Record) {
        let vector = (0..5).map(|i| f32::from(seed) + i as f32 / 8.0).collect();
        ([seed; 32], Record { vector, truncated: seed % 2 == 1 })
    }

    fn cache_segments(root: &Path) -> Vec<PathBuf> {
        files_with_extension(&root.join("vectors").join(hex::encode(&KEY[..16])), EXTENSION)
    }

    fn only_segment(root: &Path) -> PathBuf {
        let files = cache_segments(root);
        assert_eq!(files.len(), 1);
        files[0].clone()
    }

    #[test]
    fn what_is_put_is_found_by_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1), record(2)]).unwrap();
        let again = cache.open(&KEY, 5);
        assert_eq!(again.len(), 2);
        assert_eq!(*again.get(&[1; 32]).unwrap(), record(1).1);
        assert_eq!(*again.get(&[2; 32]).unwrap(), record(2).1);
        assert!(again.get(&[3; 32]).is_none());
    }

    #[test]
    fn another_tower_or_another_dimension_sees_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1)]).unwrap();
        assert!(cache.open(&[8; 32], 5).is_empty());
        assert!(cache.open(&KEY, 6).is_empty());
        let other = cache.open(&KEY, 6);
        other.put(vec![record(1)]).unwrap();
        assert!(other.is_empty(), "a vector of the wrong length is not taken");
        assert!(cache.open(&KEY, 6).is_empty(), "nor stored");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1), record(2)]).unwrap();
        let path = only_segment(dir.path());
        let good = fs::read(&path).unwrap();
        for position in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[position / 8] ^= 1 << (position % 8);
            fs::write(&path, &bad).unwrap();
            let read = cache.open(&KEY, 5);
            for seed in [1, 2] {
                if let Some(found) = read.get(&[seed; 32]) {
                    assert_eq!(*found, record(seed).1, "bit {position}");
                }
            }
            let found = [1, 2].iter().filter(|&&seed| read.get(&[seed; 32]).is_some()).count();
            assert!(found < 2, "bit {position} went unnoticed");
            // What is stored again is found by the next run, whichever of the two it meets first.
            let other = [record(3), record(2), record(1)];
            read.put(other.to_vec()).unwrap();
            let next = cache.open(&KEY, 5);
            assert!(
                other.iter().all(|(content, record)| *next.get(content).unwrap() == *record),
                "bit {position}"
            );
            fs::remove_file(cache_segments(dir.path()).into_iter().find(|other| *other != path).unwrap())
                .unwrap();
        }
    }

    #[test]
    fn a_torn_tail_costs_only_the_torn_record() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1), record(2)]).unwrap();
        let path = only_segment(dir.path());
        let good = fs::read(&path).unwrap();
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            let found = cache.open(&KEY, 5).len();
            assert!(found < 2, "{length}");
        }
        fs::write(&path, &good[..good.len() - 1]).unwrap();
        assert_eq!(cache.open(&KEY, 5).len(), 1);
    }

    #[test]
    fn many_segments_are_merged_without_loss() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        for seed in 0..=(MERGE_ABOVE as u8) {
            cache.open(&KEY, 5).put(vec![record(seed)]).unwrap();
        }
        assert_eq!(cache.open(&KEY, 5).len(), MERGE_ABOVE + 1);
        only_segment(dir.path());
        let merged = cache.open(&KEY, 5);
        assert_eq!(merged.len(), MERGE_ABOVE + 1);
        assert!((0..=MERGE_ABOVE as u8).all(|seed| *merged.get(&[seed; 32]).unwrap() == record(seed).1));
    }

    #[test]
    fn files_of_other_formats_survive_a_merge() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        for seed in 0..=(MERGE_ABOVE as u8) {
            cache.open(&KEY, 5).put(vec![record(seed)]).unwrap();
        }
        let newer = dir.path().join("vectors").join(hex::encode(&KEY[..16])).join("newer.vectors");
        fs::write(&newer, "CLIPSCV9").unwrap();
        assert_eq!(cache.open(&KEY, 5).len(), MERGE_ABOVE + 1);
        assert_eq!(cache_segments(dir.path()).len(), 2);
        assert!(newer.exists());
    }

    #[test]
    fn a_segment_that_another_process_merged_away_is_found_in_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        let writer = cache.open(&KEY, 5);
        for seed in 0..=(MERGE_ABOVE as u8) {
            writer.put(vec![record(seed)]).unwrap();
        }
        let reader = TowerCache { folder: writer.folder.clone(), dim: 5, places: RwLock::default() };
        reader.read();
        assert_eq!(cache.open(&KEY, 5).len(), MERGE_ABOVE + 1);
        only_segment(dir.path());
        for seed in 0..=(MERGE_ABOVE as u8) {
            assert_eq!(*writer.get(&[seed; 32]).unwrap(), record(seed).1);
            assert_eq!(*reader.get(&[seed; 32]).unwrap(), record(seed).1);
        }
    }

    #[test]
    fn only_keys_are_held_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        let writer = cache.open(&KEY, 5);
        writer.put(vec![record(1)]).unwrap();
        let reader = cache.open(&KEY, 5);
        fs::remove_file(only_segment(dir.path())).unwrap();
        // Neither what was read nor what was written stays.
        assert!(reader.get(&[1; 32]).is_none() && writer.get(&[1; 32]).is_none());
    }

    #[test]
    fn leftovers_of_killed_processes_go_and_those_at_work_stay() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1)]).unwrap();
        let folder = only_segment(dir.path()).parent().unwrap().to_path_buf();
        for (name, hours) in [(".new-old", 2), (".new-fresh", 0)] {
            let file = fs::File::create(folder.join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600))
                .unwrap();
        }
        assert_eq!(cache.open(&KEY, 5).len(), 1);
        assert!(!folder.join(".new-old").exists());
        assert!(folder.join(".new-fresh").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("file");
        fs::write(&blocked, "not a folder").unwrap();
        let cache = VectorCache::new(&blocked).open(&KEY, 5);
        let error = cache.put(vec![record(1)]).unwrap_err().to_string();
        assert!(error.contains("--cache-dir") && error.contains("file"), "{error}");
        assert!(cache.get(&[1; 32]).is_some(), "this process still knows the vector");
    }
}
