//! The file format of the cache's segments.
//!
//! ```text
//! head     "CLIPSCV2" | dim u32 | count u32 | checksum [8]
//! keys     count × content SHA-256 [32]
//! records  count × ( flags u32 | dim × f32 | checksum [8] )
//! ```
//! Numbers are little-endian. A checksum is the start of a SHA-256: in the head over the bytes before it, in a record over its
//! key and the bytes before it. Keys are stored together, so that they can be read without the vectors.
//!
//! Owns this format. Must not know: folders, threads or merging, which are the cache's.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::record::Record;

const MAGIC: &[u8; 8] = b"CLIPSCV2";
const CHECKSUM: usize = 8;
const HEAD: usize = 16 + CHECKSUM;
const KEY: usize = 32;

/// Length of a record in bytes.
fn size(dim: usize) -> usize {
    4 + dim * 4 + CHECKSUM
}

/// Byte offset of record `row` in a segment of `count` records.
pub(super) fn place(dim: usize, count: usize, row: usize) -> u64 {
    (HEAD + KEY * count) as u64 + (size(dim) * row) as u64
}

/// The bytes of a segment.
pub(super) fn segment<'a>(
    dim: usize,
    records: impl Iterator<Item = (&'a [u8; KEY], &'a Record)> + Clone,
) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&u32::try_from(dim).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(records.clone().count()).unwrap_or(u32::MAX).to_le_bytes());
    let sum = checksum(&[&bytes]);
    bytes.extend_from_slice(&sum);
    for (content, _) in records.clone() {
        bytes.extend_from_slice(content);
    }
    for (content, record) in records {
        let start = bytes.len();
        bytes.extend_from_slice(&u32::from(record.truncated).to_le_bytes());
        for value in &record.vector {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let sum = checksum(&[content, &bytes[start..]]);
        bytes.extend_from_slice(&sum);
    }
    bytes
}

/// The keys of the segment at `path` with the offsets of their records, except truncated ones; `None` when its head is damaged
/// or of another tower or format.
pub(super) fn keys(path: &Path, dim: usize) -> Option<Vec<([u8; KEY], u64)>> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut head = [0; HEAD];
    file.read_exact(&mut head).ok()?;
    let (fields, sum) = head.split_at(HEAD - CHECKSUM);
    let number =
        |at: usize| u32::from_le_bytes([fields[at], fields[at + 1], fields[at + 2], fields[at + 3]]) as usize;
    let (stored_dim, count) = (number(8), number(12));
    if !fields.starts_with(MAGIC) || checksum(&[fields]) != sum || stored_dim != dim {
        return None;
    }
    // A file cut off within the keys holds no records.
    let records = length.saturating_sub(place(dim, count, 0)) / size(dim) as u64;
    let whole = usize::try_from(records).unwrap_or(usize::MAX).min(count);
    let mut keys = vec![0; KEY * whole];
    file.read_exact(&mut keys).ok()?;
    let rows = keys.as_chunks::<KEY>().0.iter().enumerate();
    Some(rows.map(|(row, content)| (*content, place(dim, count, row))).collect())
}

/// The record of `content` at byte `at` of the segment at `path`; `None` when it is gone or damaged.
pub(super) fn record(path: &Path, at: u64, content: &[u8; KEY], dim: usize) -> Option<Record> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = vec![0; size(dim)];
    file.read_exact(&mut bytes).ok()?;
    let (fields, sum) = bytes.split_at(size(dim) - CHECKSUM);
    if checksum(&[content, fields]) != sum {
        return None;
    }
    let (flags, values) = fields.split_first_chunk::<4>()?;
    let vector = values.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect();
    Some(Record { vector, truncated: u32::from_le_bytes(*flags) & 1 == 1 })
}

fn checksum(parts: &[&[u8]]) -> [u8; CHECKSUM] {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    let digest = digest.finalize();
    std::array::from_fn(|index| digest[index])
}
