//! One photo of a data set with its captions, and the record of what was left out.

use std::{
    borrow::Cow,
    fmt::{self, Display},
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
}
