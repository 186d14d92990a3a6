//! The part of a file that has arrived.

use std::{
    fs::{File, OpenOptions},
    io::Write,
};

use serde::{Deserialize, Serialize};

use super::{
    digest::Tally,
    error::{FetchError, disk},
    hashed::hashed,
    paths::{FilePaths, read_json, regular_length, remove, write_json},
    progress::Progress,
};

/// `<file>.part.json`: identifies the content of the part, so that it is never continued with another.
#[derive(Serialize, Deserialize)]
struct PartRecord {
    /// The hash that the whole must have.
    expected: String,
    /// The storage server's own mark of the content, for `If-Range`. It need not be the hub's.
    etag: Option<String>,
}

/// The bytes of a file that are on disk and hashed.
pub(super) struct PartialFile<'a> {
    paths: &'a FilePaths,
    pub(super) file: File,
    pub(super) tally: Tally,
    expected: String,
    pub(super) etag: Option<String>,
    /// Whether it was put together from several answers, which may not fit together.
    pub(super) continued: bool,
}

impl<'a> PartialFile<'a> {
    /// Opens the part and hashes what is on disk. Bytes of another content are dropped.
    pub(super) fn open(
        paths: &'a FilePaths,
        expected: String,
        progress: &mut dyn Progress,
    ) -> Result<Self, FetchError> {
        paths.make_folder()?;
        let record: Option<PartRecord> = read_json(&paths.part_record);
        let record = record.filter(|record| record.expected == expected);
        let mut tally = Tally::default();
        if let (Some(_), Some(bytes @ 1..)) = (&record, regular_length(&paths.part)) {
            tally = hashed(paths, &paths.part, bytes, progress)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&paths.part)
            .map_err(disk("write", &paths.part))?;
        let etag = record.and_then(|record| record.etag);
        let mut part = Self { paths, file, expected, etag, continued: tally.bytes() > 0, tally };
        if part.len() == 0 {
            part.clear()?;
        }
        Ok(part)
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> u64 {
        self.tally.bytes()
    }

    /// Empties the part, ready to be written again.
    pub(super) fn clear(&mut self) -> Result<(), FetchError> {
        self.etag = None;
        self.tally = Tally::default();
        self.continued = false;
        if regular_length(&self.paths.part).is_some_and(|bytes| bytes > 0) {
            self.file.set_len(0).map_err(disk("write", &self.paths.part))?;
        }
        Ok(())
    }

    /// Removes the part and its record from disk.
    pub(super) fn delete(&self) -> Result<(), FetchError> {
        remove(&self.paths.part)?;
        remove(&self.paths.part_record)
    }

    /// Records which content the bytes that follow belong to.
    pub(super) fn record(&mut self, etag: Option<&str>) -> Result<(), FetchError> {
        // Bytes with the same weak ETag may differ, so it is no ground to join them.
        self.etag = etag.filter(|etag| !etag.starts_with("W/")).map(str::to_owned);
        let record = PartRecord { expected: self.expected.clone(), etag: self.etag.clone() };
        write_json(&self.paths.part_record, &record)
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, chunk: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(chunk).map_err(disk("write", &self.paths.part))?;
        self.tally.update(chunk);
        Ok(())
    }
}
