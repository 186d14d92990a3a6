//! One photo of a data set with its captions, and the record of what was left out.

use std::{
    borrow::Cow,
    fmt::{self, Display},
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
    path::PathBuf,
};

use serde::Serialize;

use super::{error::DatasetError, files};
use clipscope_base::display_safe::display_safe;

/// The category of photos that have none: COCO's, Flickr's, and those beside the category folders.
///
/// It stands in reports and shards, so its spelling stays.
pub(super) const UNCATEGORIZED: &str = "uncategorised";

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Unique name relative to the data set's photo folder, separated by '/'.
    pub file: String,
    #[serde(skip)]
    pub source: PhotoSource,
    /// `uncategorised` if the data set gives none.
    pub category: String,
    /// Trimmed, not empty, no duplicates. A photo may have no caption.
    pub captions: Vec<String>,
}

/// Where the bytes of a photo are.
#[derive(Clone, PartialEq, Eq)]
pub enum PhotoSource {
    /// A file inside the data set, by a path without symbolic links.
    File(PathBuf),
    /// A photo compiled into the program.
    Bundled(&'static [u8]),
}

impl PhotoSource {
    /// Reads the undecoded bytes, at most 256 MiB.
    ///
    /// # Errors
    /// When the file is gone, is no longer a regular file, or is too large.
    pub fn read(&self) -> Result<Cow<'static, [u8]>, DatasetError> {
        match self {
            Self::File(path) => files::read_regular(path).map(Cow::Owned),
            Self::Bundled(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }
}

impl PhotoSource {
    /// Opens the photo for reading a part of it, at most 256 MiB.
    ///
    /// # Errors
    /// As [`PhotoSource::read`].
    pub(super) fn open(&self) -> Result<PhotoReader, DatasetError> {
        Ok(match self {
            Self::File(path) => PhotoReader::File(BufReader::new(files::open_photo(path)?)),
            Self::Bundled(bytes) => PhotoReader::Bundled(Cursor::new(bytes)),
        })
    }
}

/// The undecoded bytes of a photo, read as far as they are needed.
#[derive(Debug)]
pub enum PhotoReader {
    File(BufReader<File>),
    Bundled(Cursor<&'static [u8]>),
}

impl Read for PhotoReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(out),
            Self::Bundled(bytes) => bytes.read(out),
        }
    }
}

impl BufRead for PhotoReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::File(file) => file.fill_buf(),
            Self::Bundled(bytes) => bytes.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::File(file) => file.consume(count),
            Self::Bundled(bytes) => bytes.consume(count),
        }
    }
}

impl Seek for PhotoReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bundled(bytes) => bytes.seek(to),
        }
    }
}

impl fmt::Debug for PhotoSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Bundled(bytes) => write!(formatter, "Bundled({} bytes)", bytes.len()),
        }
    }
}

/// Something that was left out, and why. Both texts are safe to display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The photo, category or manifest entry concerned.
    pub file: String,
    /// The place in the manifest, what is wrong there and what to do about it.
    pub reason: String,
}

impl Skipped {
    /// Makes both texts [`display_safe`].
    pub(super) fn new(file: impl Display, reason: impl Display) -> Self {
        let safe = |text: String| display_safe(&text).into_owned();
        Self { file: safe(file.to_string()), reason: safe(reason.to_string()) }
    }

    /// The reason, for whoever shows the file before it: without the file where it begins with it.
    #[must_use]
    pub fn reason_behind_file(&self) -> Cow<'_, str> {
        match self.reason.strip_prefix(self.file.as_str()).and_then(|rest| rest.strip_prefix(':')) {
            // `file:line` is followed by what is wrong, or by a column.
            Some(rest) => match rest.strip_prefix(' ') {
                Some(rest) => rest.into(),
                None => format!("column {rest}").into(),
            },
            None => self.reason.as_str().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_once() {
        let shown = |file: &str, reason: &str| Skipped::new(file, reason).reason_behind_file().into_owned();
        assert_eq!(shown("a.csv:1", "a.csv:1: no caption column"), "no caption column");
        assert_eq!(shown("a.jsonl:1", "a.jsonl:1:32: EOF"), "column 32: EOF");
        assert_eq!(shown("a.jpg", "a.csv:2: no such file"), "a.csv:2: no such file");
        assert_eq!(shown("a", "absent"), "absent");
    }
}
