//! What a data set was read from, and where its captions can be saved.

use std::{fmt, path::PathBuf};

use serde::Serialize;

/// What a data set was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetOrigin {
    pub kind: DatasetKind,
    pub(super) captions: CaptionStore,
}

impl DatasetOrigin {
    /// The origin of a data set whose captions cannot be saved.
    pub(super) fn read_only(kind: DatasetKind) -> Self {
        Self { kind, captions: CaptionStore::None }
    }
}

/// The kinds of data set that can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetKind {
    /// The 20 photos compiled into the program.
    Bundled,
    /// This project's manifest: `{"category": [{"filename", "description"}]}`.
    Project,
    /// Hugging Face imagefolder: `metadata.csv` or `metadata.jsonl`.
    HuggingFace,
    /// COCO captions JSON.
    Coco,
    /// Flickr8k or Flickr30k captions.
    Flickr,
    /// A CSV file with a header.
    Csv,
    /// A folder tree without a manifest.
    FolderTree,
    /// Items passed to [`Dataset::from_items`](super::Dataset::from_items).
    Memory,
}

impl fmt::Display for DatasetKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bundled => "the bundled photos",
            Self::Project => "project manifest",
            Self::HuggingFace => "Hugging Face imagefolder",
            Self::Coco => "COCO captions",
            Self::Flickr => "Flickr captions",
            Self::Csv => "CSV with headers",
            Self::FolderTree => "folder tree",
            Self::Memory => "items in memory",
        })
    }
}

/// Where edited captions are saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CaptionStore {
    /// Nowhere: this program does not write the format.
    None,
    /// A file of the project's own format: the manifest, or the file that replaced its captions.
    Project(PathBuf),
    /// A text file beside each photo of a folder tree. The path is the root of the tree, free of symbolic links.
    Sidecar(PathBuf),
}
