//! The manifest of an index: the segments in use, and which of their rows are dead.
//!
//! A line `clipscope index <version> <SHA-256 of the rest, 16 hex digits>`, then JSON. Replaced as a whole.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::IndexError;
use super::models::IndexModels;
use clipscope_base::storage::{self, Access, UnfinishedFile};

/// The format written, and the newest one read.
const VERSION: u32 = 1;
const WORDS: &str = "clipscope index ";

/// Path of the manifest of the index in `folder`.
pub(super) fn file_in(folder: &Path) -> PathBuf {
    folder.join("manifest")
}

/// The content of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexManifest {
    pub models: IndexModels,
    /// The folder of the photos, unless the index lies inside it.
    pub root: Option<PathBuf>,
    /// Oldest first.
    pub segments: Vec<SegmentListing>,
}

/// A segment as listed in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SegmentListing {
    pub name: String,
    pub rows: usize,
    pub dead: DeadRows,
}

/// The dead rows of a segment, one bit a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DeadRows(Vec<u8>);

impl DeadRows {
    pub fn has(&self, row: usize) -> bool {
        self.0.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    pub fn add(&mut self, row: usize) {
        if self.0.len() <= row / 8 {
            self.0.resize(row / 8 + 1, 0);
        }
        self.0[row / 8] |= 1 << (row % 8);
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

#[derive(Serialize, Deserialize)]
struct ManifestText {
    key: String,
    dim: usize,
    set: String,
    root: Option<String>,
    segments: Vec<SegmentText>,
}

#[derive(Serialize, Deserialize)]
struct SegmentText {
    name: String,
    rows: usize,
    #[serde(default)]
    dead: String,
}

impl IndexManifest {
    /// Whether the file called `manifest` in `folder` starts like one of an index.
    pub fn is_in(folder: &Path) -> bool {
        let path = file_in(folder);
        let mut start = [0; WORDS.len()];
        // Only a regular file is opened: a FIFO would block.
        path.is_file()
            && fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
            && start == WORDS.as_bytes()
    }

    /// Reads the manifest in `folder`.
    pub fn read(folder: &Path) -> Result<Self, IndexError> {
        let file = file_in(folder);
        let bytes = fs::read(&file).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => IndexError::Missing(folder.to_owned()),
            _ => IndexError::read(&file)(error),
        })?;
        let wrong = |reason: &str| IndexError::damaged(&file, reason);
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not text"))?;
        let (line, rest) = text.split_once('\n').ok_or_else(|| wrong("it is cut off"))?;
        let (version, sum) = line
            .strip_prefix(WORDS)
            .and_then(|line| line.split_once(' '))
            .and_then(|(version, sum)| Some((version.parse::<u32>().ok()?, sum)))
            .ok_or_else(|| wrong("its first line is not that of an index"))?;
        if checksum(version, rest) != sum {
            return Err(wrong("it does not match its checksum"));
        }
        if version != VERSION {
            return Err(IndexError::Version { file, found: version, known: VERSION });
        }
        let text: ManifestText = serde_json::from_str(rest).map_err(|error| wrong(&error.to_string()))?;
        Self::from_text(text).ok_or_else(|| wrong("a field has an invalid value"))
    }

    fn from_text(text: ManifestText) -> Option<Self> {
        let mut key = [0; 32];
        hex::decode_to_slice(&text.key, &mut key).ok()?;
        if text.dim == 0 {
            return None;
        }
        let root = match text.root {
            Some(root) => Some(PathBuf::from(os_string(STANDARD.decode(root).ok()?))),
            None => None,
        };
        let segments = text.segments.into_iter().map(|segment| {
            // A segment is a file of the index's own folder.
            let plain =
                Path::new(&segment.name).file_name().is_some_and(|name| name == segment.name.as_str());
            let dead = DeadRows(STANDARD.decode(segment.dead).ok()?);
            // Rows that do not exist cannot be dead.
            let fits = (segment.rows..dead.0.len() * 8).all(|row| !dead.has(row));
            (plain && fits).then_some(SegmentListing { name: segment.name, rows: segment.rows, dead })
        });
        let segments = segments.collect::<Option<_>>()?;
        Some(Self { models: IndexModels { key, dim: text.dim, set: text.set }, root, segments })
    }

    /// Replaces the manifest in `folder` durably.
    pub fn write(&self, folder: &Path) -> Result<(), IndexError> {
        let text = ManifestText {
            key: hex::encode(self.models.key),
            dim: self.models.dim,
            set: self.models.set.clone(),
            root: self.root.as_ref().map(|root| STANDARD.encode(root.as_os_str().as_encoded_bytes())),
            segments: self
                .segments
                .iter()
                .map(|segment| SegmentText {
                    name: segment.name.clone(),
                    rows: segment.rows,
                    dead: STANDARD.encode(&segment.dead.0),
                })
                .collect(),
        };
        let path = file_in(folder);
        let fail = IndexError::write(&path);
        let body = serde_json::to_string(&text).map_err(|error| fail(error.into()))?;
        let mut file = UnfinishedFile::create_in(folder, Access::Umask).map_err(&fail)?;
        write!(file, "{WORDS}{VERSION} {}\n{body}", checksum(VERSION, &body)).map_err(&fail)?;
        file.finish(&path).map_err(&fail)?;
        let _ = storage::sync_folder(folder);
        Ok(())
    }
}

fn checksum(version: u32, body: &str) -> String {
    hex::encode(&Sha256::digest(format!("{version} {body}"))[..8])
}

/// The path with these bytes, as the system gave them.
#[cfg(unix)]
pub(super) fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// The path with these bytes, which were text when they were written.
#[cfg(not(unix))]
pub(super) fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_not_there_cannot_be_dead() {
        let read = |rows, dead: &str| {
            let segments = vec![SegmentText { name: "a.segment".into(), rows, dead: dead.into() }];
            let (key, set) = ("07".repeat(32), "mini".into());
            IndexManifest::from_text(ManifestText { key, dim: 3, set, root: None, segments })
        };
        // Eight bits, and those of the first five rows.
        assert!(read(8, "/w==").is_some() && read(5, "Hw==").is_some());
        assert!(read(5, "/w==").is_none() && read(0, "AQ==").is_none());
    }
}
