//! The manifest formats: how a file is told to be of one, and what its rows are.
//!
//! Owns the decision between the formats, for a manifest as a data set and for one that only replaces captions.

use std::path::{Path, PathBuf};

use super::{
    coco,
    draft::DatasetDraft,
    error::DatasetError,
    files::read_manifest,
    flickr::{self, FlickrFormat},
    huggingface,
    origin::{CaptionStore, DatasetKind, DatasetOrigin},
    project,
    rows::{CaptionRows, DefaultCategory, add_rows, into_draft},
    table::{self, TableLayout},
    tree,
};

/// The format of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifestFormat {
    Project,
    Coco,
    /// Hugging Face's JSON lines.
    JsonLines,
    Flickr(FlickrFormat),
    Table(TableLayout),
}

/// A manifest that was recognized and not interpreted yet.
pub(super) struct Manifest<'a> {
    pub path: &'a Path,
    pub bytes: Vec<u8>,
    pub format: ManifestFormat,
}

impl<'a> Manifest<'a> {
    /// Reads a file and recognizes its format by the extension and the contents.
    pub fn open(path: &'a Path) -> Result<Self, DatasetError> {
        let extension = extension(path);
        let (bytes, format) = match extension.as_str() {
            "json" => {
                let bytes = read_manifest(path)?;
                let format = of_json(&bytes);
                (bytes, format)
            }
            "jsonl" | "ndjson" => (read_manifest(path)?, ManifestFormat::JsonLines),
            "csv" | "tsv" | "txt" | "token" => {
                let bytes = read_manifest(path)?;
                let format = of_lines(path, &bytes)?;
                (bytes, format)
            }
            _ if tree::is_photo_name(path) => {
                let remedy = "give the folder it is in";
                return Err(DatasetError::unrecognized(path, "a photo, not a data set", remedy));
            }
            _ => {
                return Err(DatasetError::unrecognized(
                    path,
                    "not a supported manifest",
                    "give a folder, or a manifest that ends in .json, .jsonl, .csv, .tsv or .txt",
                ));
            }
        };
        Ok(Self { path, bytes, format })
    }

    /// Reads a file of captions. JSON may have any name: such files were of the project's own format before there were others.
    pub fn open_captions(path: &'a Path) -> Result<Self, DatasetError> {
        let bytes = read_manifest(path)?;
        let format = match extension(path).as_str() {
            "jsonl" | "ndjson" => ManifestFormat::JsonLines,
            "csv" | "tsv" | "txt" | "token" if !bytes.trim_ascii_start().starts_with(b"{") => {
                of_lines(path, &bytes)?
            }
            _ => of_json(&bytes),
        };
        Ok(Self { path, bytes, format })
    }

    /// Reads it as a data set, whose photos are beside the manifest or in the format's usual folders.
    pub fn read(&self) -> Result<(DatasetDraft, DatasetOrigin), DatasetError> {
        let Self { path, bytes, format } = self;
        let draft = match format {
            ManifestFormat::Project => project::read(path, bytes)?,
            ManifestFormat::Coco => coco::read(path, bytes)?,
            ManifestFormat::JsonLines | ManifestFormat::Flickr(_) | ManifestFormat::Table(_) => {
                into_draft(path, self.rows()?, &format.photo_folders(), format.default_category())?
            }
        };
        let captions = match format {
            ManifestFormat::Project => CaptionStore::Project((*path).to_owned()),
            _ => CaptionStore::None,
        };
        Ok((draft, DatasetOrigin { kind: format.kind(), captions }))
    }

    /// Adds its photos and captions to a draft that finds the photos elsewhere.
    pub fn read_into(&self, draft: &mut DatasetDraft) -> Result<(), DatasetError> {
        let Self { path, bytes, format } = self;
        match format {
            ManifestFormat::Project => project::read_into(draft, path, bytes),
            ManifestFormat::Coco => coco::read_into(draft, path, bytes),
            ManifestFormat::JsonLines | ManifestFormat::Flickr(_) | ManifestFormat::Table(_) => {
                add_rows(draft, path, self.rows()?, format.default_category());
                Ok(())
            }
        }
    }

    /// The rows of a format with one caption a row; none of the others.
    fn rows(&self) -> Result<CaptionRows, DatasetError> {
        let Self { path, bytes, format } = self;
        Ok(match format {
            ManifestFormat::JsonLines => huggingface::rows(path, bytes),
            ManifestFormat::Flickr(format) => flickr::rows(path, bytes, *format),
            ManifestFormat::Table(layout) => table::rows(path, bytes, *layout)?,
            ManifestFormat::Project | ManifestFormat::Coco => CaptionRows::default(),
        })
    }
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase()
}

fn of_json(bytes: &[u8]) -> ManifestFormat {
    if coco::is_coco(bytes) { ManifestFormat::Coco } else { ManifestFormat::Project }
}

/// Recognizes a format with one caption a row by the first row.
fn of_lines(path: &Path, bytes: &[u8]) -> Result<ManifestFormat, DatasetError> {
    if let Some(format) = flickr::format(bytes) {
        return Ok(ManifestFormat::Flickr(format));
    }
    match table::layout(path, bytes) {
        Some(layout) => Ok(ManifestFormat::Table(layout)),
        None => Err(DatasetError::unrecognized(path, "its first line is not a known header", table::REMEDY)),
    }
}

impl ManifestFormat {
    fn kind(self) -> DatasetKind {
        match self {
            Self::Project => DatasetKind::Project,
            Self::Coco => DatasetKind::Coco,
            Self::JsonLines => DatasetKind::HuggingFace,
            Self::Flickr(_) => DatasetKind::Flickr,
            Self::Table(layout) => layout.kind,
        }
    }

    /// Where the photos may be, relative to the manifest.
    fn photo_folders(self) -> Vec<PathBuf> {
        match self.kind() {
            DatasetKind::HuggingFace => huggingface::photo_folders(),
            _ => flickr::photo_folders(),
        }
    }

    fn default_category(self) -> DefaultCategory {
        match self.kind() {
            DatasetKind::Flickr => DefaultCategory::Uncategorized,
            _ => DefaultCategory::FirstFolder,
        }
    }
}
