//! The file format of a segment: rows that were written together.
//!
//! ```text
//! header   "CLIPSIX1" | dim u32 | rows u32 | names u64 | key [16] | checksum of entries, names and sums u32 | 0 [16]
//!          | checksum of the header u32                                                            (64 bytes)
//! vectors  rows × dim × f16
//! entries  rows × ( content SHA-256 [32] | modified, ns since 1970 i64 | size u64 | name at u64 | name length u32 | 0 u32 )
//! names    paths below the root, bytes as the system gave them
//! sums     one checksum u32 for each BLOCK rows of vectors
//! ```
//! Numbers are little-endian, checksums are CRC-32 (IEEE), which guards against damage, not against an attacker.

use std::borrow::Cow;
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::error::IndexError;
use super::map::map;
use clipscope_base::storage::{self, Access, UnfinishedFile};

const MAGIC: &[u8; 8] = b"CLIPSIX1";
const HEADER: usize = 64;
const ENTRY: usize = 64;
/// Rows whose vectors share a checksum.
pub(super) const BLOCK: usize = 1024;
const EXTENSION: &str = "segment";
/// Digits of the hash that names a segment.
const HASH_DIGITS: usize = 32;

/// Everything about a photo but its vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PhotoFacts {
    /// SHA-256 of the file.
    pub content: [u8; 32],
    /// When it was last modified, in nanoseconds since 1970.
    pub modified: i64,
    /// Its size in bytes.
    pub size: u64,
}

/// An open segment, whose header, entries and names match their checksums.
#[derive(Debug)]
pub(super) struct Segment {
    pub name: String,
    bytes: Mmap,
    dim: usize,
    rows: usize,
    /// Whether each block of vectors is intact: [`UNSEEN`], [`WHOLE`] or [`BROKEN`].
    blocks: Vec<AtomicU8>,
}

const UNSEEN: u8 = 0;
const WHOLE: u8 = 1;
const BROKEN: u8 = 2;

impl Segment {
    /// Opens the segment `name` of an index of the tower `key` with vectors of `dim` components.
    pub fn open(folder: &Path, name: &str, key: &[u8; 32], dim: usize) -> Result<Self, IndexError> {
        let path = folder.join(name);
        let bytes = map(&path)?;
        let wrong = |reason: &str| IndexError::damaged(&path, reason);
        let header = bytes.first_chunk::<HEADER>().ok_or_else(|| wrong("its header is cut off"))?;
        let (fields, sum) = header.split_at(HEADER - 4);
        if !fields.starts_with(MAGIC) || crc(&[fields]).to_le_bytes() != sum {
            return Err(wrong("its header does not match its checksum"));
        }
        if u32_at(fields, 8) as usize != dim || fields[24..40] != key[..16] {
            return Err(wrong("it was built with other models"));
        }
        let rows = u32_at(fields, 12) as usize;
        let names = usize::try_from(u64_at(fields, 16)).unwrap_or(usize::MAX);
        let length = layout(dim, rows)
            .and_then(|(_, names_at)| names_at.checked_add(names)?.checked_add(rows.div_ceil(BLOCK) * 4));
        if length != Some(bytes.len()) {
            return Err(wrong("its length does not match its header"));
        }
        let blocks = (0..rows.div_ceil(BLOCK)).map(|_| AtomicU8::new(UNSEEN)).collect();
        let segment = Self { name: name.to_owned(), dim, rows, blocks, bytes };
        let entries_at = HEADER + rows * dim * 2;
        if crc(&[&segment.bytes[entries_at..]]) != u32_at(&segment.bytes, 40) {
            return Err(wrong("its entries do not match their checksum"));
        }
        let names_length = names as u64;
        let outside = |row| {
            let entry = segment.entry(row);
            u64_at(entry, 48).checked_add(u64::from(u32_at(entry, 56))).is_none_or(|end| end > names_length)
        };
        if (0..rows).any(outside) {
            return Err(wrong("a name lies outside the file"));
        }
        Ok(segment)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    fn entry(&self, row: usize) -> &[u8] {
        let at = HEADER + self.rows * self.dim * 2 + row * ENTRY;
        &self.bytes[at..at + ENTRY]
    }

    /// The path of a row below the root, in the system's bytes.
    pub fn name_of(&self, row: usize) -> &[u8] {
        let entry = self.entry(row);
        // Checked when the segment was opened.
        let at = HEADER + self.rows * (self.dim * 2 + ENTRY) + u64_at(entry, 48) as usize;
        &self.bytes[at..at + u32_at(entry, 56) as usize]
    }

    pub fn facts(&self, row: usize) -> PhotoFacts {
        let entry = self.entry(row);
        let content = std::array::from_fn(|index| entry[index]);
        PhotoFacts { content, modified: u64_at(entry, 32) as i64, size: u64_at(entry, 40) }
    }

    /// The vector of a row, `2·dim` bytes; `None` when its block is damaged.
    pub fn vector(&self, row: usize) -> Option<&[u8]> {
        let block = self.block(row / BLOCK)?;
        let at = row % BLOCK * self.dim * 2;
        block.get(at..at + self.dim * 2)
    }

    /// The vectors of rows `index·BLOCK ..`, `[rows, 2·dim]`; `None` when they do not match their checksum, which is
    /// computed once.
    pub fn block(&self, index: usize) -> Option<&[u8]> {
        let state = self.blocks.get(index)?;
        let first = index * BLOCK;
        let last = (first + BLOCK).min(self.rows);
        let vectors = &self.bytes[HEADER + first * self.dim * 2..HEADER + last * self.dim * 2];
        let known = match state.load(Ordering::Relaxed) {
            UNSEEN => {
                let sums = self.bytes.len() - self.blocks.len() * 4;
                let whole = crc(&[vectors]) == u32_at(&self.bytes, sums + index * 4);
                let found = if whole { WHOLE } else { BROKEN };
                state.store(found, Ordering::Relaxed);
                found
            }
            known => known,
        };
        (known == WHOLE).then_some(vectors)
    }

    /// Number of blocks of vectors.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

/// Offsets of the entries and the names; `None` when such a segment would not fit the address space.
fn layout(dim: usize, rows: usize) -> Option<(usize, usize)> {
    let entries = rows.checked_mul(dim)?.checked_mul(2)?.checked_add(HEADER)?;
    Some((entries, entries.checked_add(rows.checked_mul(ENTRY)?)?))
}

/// A row to write.
pub(super) struct NewRow<'a> {
    pub name: Cow<'a, [u8]>,
    pub facts: PhotoFacts,
    /// `2·dim` bytes.
    pub vector: Cow<'a, [u8]>,
}

/// Writes a segment durably and returns its name: a hash over its entries and the checksums of its vectors, so that
/// equal segments are one file.
pub(super) fn write<'a>(
    folder: &Path,
    key: &[u8; 32],
    dim: usize,
    rows: impl Iterator<Item = NewRow<'a>>,
) -> Result<String, IndexError> {
    let fail = IndexError::write(folder);
    let mut file = UnfinishedFile::create_in(folder, Access::Umask).map_err(&fail)?;
    let mut out = BufWriter::with_capacity(1 << 20, file.as_file_mut());
    out.write_all(&[0; HEADER]).map_err(&fail)?;
    let (mut entries, mut names, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0usize;
    let mut block = crc32fast::Hasher::new();
    for row in rows {
        if row.vector.len() != dim * 2 {
            return Err(IndexError::Dimension { expected: dim, found: row.vector.len() / 2 });
        }
        out.write_all(&row.vector).map_err(&fail)?;
        block.update(&row.vector);
        entries.extend_from_slice(&row.facts.content);
        entries.extend_from_slice(&row.facts.modified.to_le_bytes());
        entries.extend_from_slice(&row.facts.size.to_le_bytes());
        entries.extend_from_slice(&(names.len() as u64).to_le_bytes());
        entries.extend_from_slice(&(row.name.len() as u32).to_le_bytes());
        entries.extend_from_slice(&[0; 4]);
        names.extend_from_slice(&row.name);
        count += 1;
        if count.is_multiple_of(BLOCK) {
            sums.extend_from_slice(&std::mem::take(&mut block).finalize().to_le_bytes());
        }
    }
    if !count.is_multiple_of(BLOCK) {
        sums.extend_from_slice(&block.finalize().to_le_bytes());
    }
    for part in [&entries, &names, &sums] {
        out.write_all(part).map_err(&fail)?;
    }
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(&(dim as u32).to_le_bytes());
    header.extend_from_slice(&(count as u32).to_le_bytes());
    header.extend_from_slice(&(names.len() as u64).to_le_bytes());
    header.extend_from_slice(&key[..16]);
    header.extend_from_slice(&crc(&[&entries, &names, &sums]).to_le_bytes());
    header.resize(HEADER - 4, 0);
    header.extend_from_slice(&crc(&[&header]).to_le_bytes());
    let mut hash = Sha256::new();
    for part in [&header, &entries, &names, &sums] {
        hash.update(part);
    }
    out.rewind().and_then(|()| out.write_all(&header)).and_then(|()| out.flush()).map_err(&fail)?;
    drop(out);
    let name = format!("{}.{EXTENSION}", hex::encode(&hash.finalize()[..HASH_DIGITS / 2]));
    file.finish(&folder.join(&name)).map_err(&fail)?;
    let _ = storage::sync_folder(folder);
    Ok(name)
}

/// The segments in a folder, whoever wrote them. Foreign files may have the extension, but not a hash as their name.
pub(super) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = storage::files_with_extension(folder, EXTENSION);
    files.retain(|path| {
        let stem = path.file_stem().map_or(&[][..], std::ffi::OsStr::as_encoded_bytes);
        stem.len() == HASH_DIGITS && stem.iter().all(u8::is_ascii_hexdigit)
    });
    files
}

fn crc(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |quad| u32::from_le_bytes(*quad))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
}
