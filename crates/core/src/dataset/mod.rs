//! What is compared: photos, their captions and categories, and where they come from.
//!
//! Owns the manifests that are understood (one file a format), the scan of folders, every check of what they say, and the
//! saving of an edited caption. It must not decode images, embed anything or print: it gives bytes, texts and reasons.
//!
//! What can go on goes on: an entry that cannot be used becomes a [`Skipped`] row. What makes the manifest itself
//! meaningless is a [`DatasetError`], which names file and line (or the JSON key path) and what to do next.
//!
//! File names, captions and categories are kept as they were found. They may hold anything, control characters included:
//! whoever shows them calls [`display_safe`](clipscope_base::display_safe::display_safe).

mod bundled;
mod captions;
mod coco;
mod detect;
mod draft;
mod error;
mod files;
mod flickr;
mod huggingface;
mod pick;
mod project;
mod rows;
mod save;
mod summary;
mod table;
mod tree;

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

pub use self::{
    draft::UNCATEGORISED,
    error::DatasetError,
    files::MAX_FILE_BYTES,
    save::CaptionChange,
    summary::{CategoryCount, Scope, Summary},
};
use clipscope_base::display_safe::display_path;

/// Photos with their captions and categories, in the order in which the manifest or the folder gives them.
///
/// An opened data set holds at least one photo, and no photo twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The folder or manifest as it was given, made displayable; "bundled" for the photos that ship.
    pub path: String,
    pub items: Vec<Item>,
    /// What was left out, in the order in which it was met.
    pub skipped: Vec<Skipped>,
    /// Which part of it was asked for; `None` for the whole.
    pub selection: Option<Selection>,
    pub origin: Origin,
}

/// The part of a data set that was asked for: of `of` photos a sample, the first ones, or the first ones of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Photos of the whole data set.
    pub of: usize,
    /// Photos drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
    /// With this seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The first so many, of the sample if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(limit) = self.limit {
            write!(formatter, "the first {limit} of ")?;
        }
        if let Some((sample, seed)) = self.sample.zip(self.seed) {
            write!(formatter, "a sample of {sample} (seed {seed}) of ")?;
        }
        write!(formatter, "{} photos", self.of)
    }
}

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The name below the data set's photo folder, '/' separated. No two items have the same.
    pub file: String,
    #[serde(skip)]
    pub source: Source,
    /// [`UNCATEGORISED`] where nothing gives one.
    pub category: String,
    /// Trimmed, never empty, all different. A photo may have none.
    pub captions: Vec<String>,
}

/// Where the bytes of a photo are.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A file inside the data set, its path free of symbolic links.
    File(PathBuf),
    /// A photo compiled into the binary.
    Bundled(&'static [u8]),
}

impl Source {
    /// The undecoded bytes, at most [`MAX_FILE_BYTES`].
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

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Bundled(bytes) => write!(formatter, "Bundled({} bytes)", bytes.len()),
        }
    }
}

/// Something that was left out, and why. Both texts are already displayable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The photo, category or manifest entry that is concerned.
    pub file: String,
    /// Where the manifest says it, what is wrong with it and what to do.
    pub reason: String,
}

/// What a data set was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub kind: Kind,
    /// Where an edited caption is saved.
    captions: CaptionStore,
}

/// The kinds of data set that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The 20 photos compiled into the binary.
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
    /// Made from items in memory.
    Memory,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bundled => "the photos that ship",
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

/// Where an edited caption can be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CaptionStore {
    /// The format cannot be written by this program.
    None,
    /// A file of the project's own form: the manifest, or the file that replaced its captions.
    Project(PathBuf),
    /// A text file beside each photo of a folder tree, whose root (free of symbolic links) this is.
    Sidecar(PathBuf),
}

/// How a data set is opened. The default takes everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// A file of the project's own form whose descriptions replace all captions of the data set.
    pub captions: Option<PathBuf>,
    /// Keep the first so many photos (of the sample, if one is drawn).
    pub limit: Option<usize>,
    /// Keep so many photos, drawn with this seed, in their order. The same on every machine.
    pub sample: Option<(usize, u64)>,
}

impl Dataset {
    /// The 20 photos that ship, compiled in: 5 categories, one caption a photo.
    pub fn bundled() -> Self {
        bundled::load()
    }

    /// [`Dataset::bundled`] with other captions, a limit or a sample.
    ///
    /// # Errors
    /// When the captions file cannot be used or nothing is left.
    pub fn bundled_with(options: &OpenOptions) -> Result<Self, DatasetError> {
        bundled::load().with_options(options)
    }

    /// Opens a folder or a manifest. What kind it is shows in its names and contents; see [`Kind`].
    ///
    /// # Errors
    /// When there is nothing at `path`, when the manifest means nothing as it is, or when no photo is left.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, DatasetError> {
        Self::read(path)?.require_photos()?.with_options(options)
    }

    /// What [`Dataset::open`] understands of `path`, also where no photo is left: then `images` is 0 and `skipped` says
    /// why. Opens no photo.
    ///
    /// # Errors
    /// When there is nothing at `path`, or when the manifest means nothing as it is.
    pub fn check(path: &Path, options: &OpenOptions) -> Result<Summary, DatasetError> {
        let dataset = Self::read(path)?;
        if dataset.items.is_empty() {
            return Ok(dataset.summary());
        }
        dataset.with_options(options).map(|dataset| dataset.summary())
    }

    fn read(path: &Path) -> Result<Self, DatasetError> {
        let (draft, origin) = detect::read(path)?;
        Ok(Self {
            path: display_path(path).into_owned(),
            items: draft.items,
            skipped: draft.skipped,
            selection: None,
            origin,
        })
    }

    /// A data set of items that were made elsewhere. Edited captions cannot be saved.
    pub fn from_items(path: impl Into<String>, items: Vec<Item>) -> Self {
        let origin = Origin { kind: Kind::Memory, captions: CaptionStore::None };
        Self { path: path.into(), items, skipped: Vec::new(), selection: None, origin }
    }

    /// The categories in order of first appearance.
    pub fn categories(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        self.items
            .iter()
            .map(|item| &item.category)
            .filter(|category| seen.insert(*category))
            .cloned()
            .collect()
    }

    fn with_options(mut self, options: &OpenOptions) -> Result<Self, DatasetError> {
        // Captions first: a captions file covers the whole data set, and must not be blamed for what a limit left out.
        if let Some(file) = &options.captions {
            captions::replace(&mut self, file)?;
        }
        if options.sample.is_some() || options.limit.is_some() {
            self.selection = Some(Selection {
                of: self.items.len(),
                sample: options.sample.map(|(count, _)| count),
                seed: options.sample.map(|(_, seed)| seed),
                limit: options.limit,
            });
        }
        if let Some((count, seed)) = options.sample {
            pick::sample(&mut self.items, count, seed);
        }
        if let Some(limit) = options.limit {
            self.items.truncate(limit);
        }
        if self.items.is_empty() {
            return Err(DatasetError::no_photos(
                &self.path,
                "the limit or sample asked for leaves none; ask for 1 or more",
            ));
        }
        Ok(self)
    }

    fn require_photos(self) -> Result<Self, DatasetError> {
        if !self.items.is_empty() {
            return Ok(self);
        }
        let detail = match self.skipped.as_slice() {
            [] => "it lists none; add photos, or name another folder or manifest".to_owned(),
            [Skipped { file, reason }] => format!("{file}: {reason}"),
            [Skipped { file, reason }, rest @ ..] => {
                format!("{file}: {reason} (and {} more left out)", rest.len())
            }
        };
        Err(DatasetError::no_photos(&self.path, detail))
    }
}
