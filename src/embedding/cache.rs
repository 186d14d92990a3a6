//! Finished vectors on disk.
//!
//! One folder per tower, named by the tower's key (graph, weights, preprocessing, tokenizer); in it
//! *segments*: files that are written once, in full, under a temporary name, synced and renamed. A
//! killed run therefore leaves whole segments and nothing else, and two processes can write at the
//! same time. Every record carries its own checksum: a flipped bit or a missing tail costs the
//! records it hits, which are computed again.
//!
//! ```text
//! segment  "CLIPSCV1" | dim u32 | count u32 | checksum [8]     then `count` records
//! record   content SHA-256 [32] | flags u32 | dim × f32 | checksum [8]
//! ```
//! Numbers are little-endian; a checksum is the start of the SHA-256 of all bytes before it in its
//! header or record.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::display_safe::display_path;

const MAGIC: &[u8; 8] = b"CLIPSCV1";
const CHECKSUM: usize = 8;
const HEADER: usize = 16 + CHECKSUM;
const EXTENSION: &str = "vectors";
/// How the names of unfinished files start.
pub(crate) const TEMPORARY: &str = ".new-";
/// An unfinished file of this age belongs to nobody any more.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);
/// More segments than this are merged into one when a tower's folder is opened.
const MERGE_ABOVE: usize = 32;

/// A cached vector could not be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write to the cache {}: {source}; use --cache-dir to choose another folder",
    display_path(folder)
)]
pub struct CacheError {
    /// The folder of the tower.
    pub folder: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// What is stored for one photo or caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The outputs of the tower one after the other, `[total_dim]`.
    pub vector: Vec<f32>,
    /// The caption was longer than the tower reads.
    pub truncated: bool,
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

    /// Reads what is stored for a tower. Damaged and foreign files are passed over.
    #[must_use]
    pub fn open(&self, tower_key: &[u8; 32], dim: usize) -> TowerCache {
        let folder = self.root.join("vectors").join(hex(&tower_key[..16]));
        TowerCache::open(folder, dim)
    }
}

/// The stored vectors of one tower, shared by all workers.
#[derive(Debug)]
pub struct TowerCache {
    folder: PathBuf,
    dim: usize,
    records: RwLock<HashMap<[u8; 32], Arc<Record>>>,
}

impl TowerCache {
    fn open(folder: PathBuf, dim: usize) -> Self {
        let mut records = HashMap::new();
        let mut segments = Vec::new();
        for path in files_ending(&folder, EXTENSION) {
            // Another process may have merged the file away meanwhile; its records are then in a
            // newer segment, and at worst they are computed again.
            let Ok(bytes) = fs::read(&path) else { continue };
            for (content, record) in parse_segment(&bytes, dim) {
                records.insert(content, Arc::new(record));
            }
            segments.push(path);
        }
        remove_leftovers(&folder);
        let cache = Self { folder, dim, records: RwLock::new(records) };
        if segments.len() > MERGE_ABOVE {
            cache.merge(&segments);
        }
        cache
    }

    /// The stored record of an item, by the SHA-256 of its content.
    #[must_use]
    pub fn get(&self, content: &[u8; 32]) -> Option<Arc<Record>> {
        self.records.read().unwrap_or_else(PoisonError::into_inner).get(content).cloned()
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stores records durably: when this returns, a crash does not lose them.
    ///
    /// Records of another length than the tower's are left out; they cannot be this tower's.
    ///
    /// # Errors
    /// [`CacheError`] when the folder cannot be written. The records are then still known to this
    /// process.
    pub fn put(&self, batch: Vec<([u8; 32], Record)>) -> Result<(), CacheError> {
        let batch: Vec<_> = batch.into_iter().filter(|(_, record)| record.vector.len() == self.dim).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let bytes = segment(self.dim, batch.iter().map(|(content, record)| (content, record)));
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        records.extend(batch.into_iter().map(|(content, record)| (content, Arc::new(record))));
        drop(records);
        self.write_segment(&bytes)
    }

    fn write_segment(&self, bytes: &[u8]) -> Result<(), CacheError> {
        let fail = |source| CacheError { folder: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(fail)?;
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.folder).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        file.as_file().sync_data().map_err(fail)?;
        // The name is the content's hash: equal segments of two processes are one file.
        let name = hex(&Sha256::digest(bytes)[..16]);
        file.persist(self.folder.join(format!("{name}.{EXTENSION}"))).map_err(|error| fail(error.error))?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// Rewrites many small segments as one. The old ones go only after the new one is in place.
    fn merge(&self, segments: &[PathBuf]) {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<_> = records.iter().map(|(c, record)| (c, record.as_ref())).collect();
        sorted.sort_by_key(|(content, _)| **content);
        let bytes = segment(self.dim, sorted.into_iter());
        drop(records);
        let name = format!("{}.{EXTENSION}", hex(&Sha256::digest(&bytes)[..16]));
        if self.write_segment(&bytes).is_ok() {
            for path in segments.iter().filter(|path| !path.ends_with(&name)) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Makes a rename survive a power cut, where the system can do that for folders.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Removes temporary files of processes that were killed. A recent one may be another process's at
/// work, so only old ones go.
pub(crate) fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > LEFTOVER_AGE));
        if old && entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The files of a folder that end in `.extension`, in byte order; none when it cannot be read.
pub(crate) fn files_ending(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
}

fn segment<'a>(dim: usize, records: impl Iterator<Item = (&'a [u8; 32], &'a Record)>) -> Vec<u8> {
    let mut body = Vec::new();
    let mut count = 0u32;
    for (content, record) in records {
        let start = body.len();
        body.extend_from_slice(content);
        body.extend_from_slice(&u32::from(record.truncated).to_le_bytes());
        for value in &record.vector {
            body.extend_from_slice(&value.to_le_bytes());
        }
        let sum = checksum(&body[start..]);
        body.extend_from_slice(&sum);
        count += 1;
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&u32::try_from(dim).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes.append(&mut body);
    bytes
}

/// The intact records of a segment; none when the header is damaged or of another tower.
fn parse_segment(bytes: &[u8], dim: usize) -> Vec<([u8; 32], Record)> {
    let Some((header, body)) = bytes.split_at_checked(HEADER) else { return Vec::new() };
    let (fields, sum) = header.split_at(HEADER - CHECKSUM);
    let stored_dim = u32::from_le_bytes([fields[8], fields[9], fields[10], fields[11]]);
    if !fields.starts_with(MAGIC) || checksum(fields) != sum || stored_dim as usize != dim {
        return Vec::new();
    }
    let size = 32 + 4 + dim * 4 + CHECKSUM;
    body.chunks_exact(size)
        .filter_map(|record| {
            let (fields, sum) = record.split_at(size - CHECKSUM);
            if checksum(fields) != sum {
                return None;
            }
            let (content, rest) = fields.split_first_chunk::<32>()?;
            let (flags, values) = rest.split_first_chunk::<4>()?;
            let vector = values
                .chunks_exact(4)
                .map(|quad| f32::from_le_bytes([quad[0], quad[1], quad[2], quad[3]]))
                .collect();
            let truncated = u32::from_le_bytes(*flags) & 1 == 1;
            Some((*content, Record { vector, truncated }))
        })
        .collect()
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|index| digest[index])
}

/// Two lower-case hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn record(seed: u8) -> ([u8; 32], Record) {
        let vector = (0..5).map(|i| f32::from(seed) + i as f32 / 8.0).collect();
        ([seed; 32], Record { vector, truncated: seed % 2 == 1 })
    }

    fn only_segment(root: &Path) -> PathBuf {
        let files = files_ending(&root.join("vectors").join(hex(&KEY[..16])), EXTENSION);
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
            assert!(read.len() < 2, "bit {position} went unnoticed");
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
        assert_eq!(cache.open(&KEY, 5).len(), MERGE_ABOVE + 1);
    }

    #[test]
    fn leftovers_of_killed_processes_go_and_those_at_work_stay() {
        let dir = tempfile::tempdir().unwrap();
        let cache = VectorCache::new(dir.path());
        cache.open(&KEY, 5).put(vec![record(1)]).unwrap();
        let folder = only_segment(dir.path()).parent().unwrap().to_path_buf();
        for (name, hours) in [(".new-old", 2), (".new-fresh", 0)] {
            let file = fs::File::create(folder.join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
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
