//! Reading a report that `eval --format json` wrote.
//!
//! Owns what is read of it, and why a file is refused. Similarity matrices are passed over without being kept.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Seek};
use std::num::NonZeroU32;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::OldTower;
use crate::report::contents::SCHEMA;
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::storage::open_regular;

const REMEDY: &str = "give a report that 'clipscope eval --format json' wrote";

/// A report that cannot be compared with. One line, safe to display.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}; {remedy}")]
pub struct OldReportError {
    place: String,
    problem: String,
    remedy: &'static str,
}

impl OldReportError {
    pub(super) fn new(place: impl Display, problem: impl Display, remedy: &'static str) -> Self {
        Self { place: place.to_string(), problem: display_safe(&problem.to_string()).into_owned(), remedy }
    }

    fn json(path: &Path, error: &serde_json::Error) -> Self {
        let name = display_path(path);
        let message = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let problem = message.strip_suffix(&suffix).unwrap_or(&message);
        match error.classify() {
            serde_json::error::Category::Io => {
                Self::new(name, format_args!("cannot be read: {problem}"), REMEDY)
            }
            serde_json::error::Category::Eof => {
                Self::new(name, "it ends in the middle; it is empty or was cut", REMEDY)
            }
            _ => Self::new(format_args!("{name}:{}:{}", error.line(), error.column()), problem, REMEDY),
        }
    }
}

/// What is compared of a report, read from a file.
#[derive(Debug, Clone)]
pub struct OldReport {
    /// As given.
    pub(super) path: String,
    pub(super) written: Written,
    pub(super) items: ReportItems,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Written {
    pub dataset: WrittenDataset,
    pub models: WrittenModels,
    clip: Option<WrittenClip>,
    /// Candidates, as in [`super::OldLabel`].
    #[serde(skip)]
    pub candidates: [u64; 2],
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct WrittenDataset {
    pub path: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct WrittenModels {
    pub set: String,
    pub stand_in: Option<String>,
    pub towers: Vec<OldTower>,
}

#[derive(Debug, Clone, Deserialize)]
struct WrittenClip {
    image_to_text: WrittenDirection,
    text_to_image: WrittenDirection,
    images: Option<Vec<ReportPhoto>>,
    captions: Option<Vec<ReportCaption>>,
    null_captions: Option<ReportNull>,
}

#[derive(Debug, Clone, Deserialize)]
struct WrittenDirection {
    candidates: u64,
}

/// The results of single photos and captions, as they stand in JSON.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReportItems {
    pub images: Vec<ReportPhoto>,
    pub captions: Vec<ReportCaption>,
    pub null_captions: Option<ReportNull>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReportPhoto {
    pub file: String,
    pub rank: Option<NonZeroU32>,
    pub margin: Option<f64>,
    pub category_correct: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReportCaption {
    pub caption: String,
    pub file: String,
    pub rank: NonZeroU32,
    pub margin: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReportNull {
    pub best: Vec<ReportNullScore>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReportNullScore {
    pub file: String,
    pub score: f64,
    pub best_positive: Option<f64>,
}

impl OldReport {
    /// Reads a report that [`Report::json`](crate::report::Report::json) wrote.
    ///
    /// # Errors
    /// A file that cannot be read, is no report, is one of another version, or has no results of single items.
    pub fn read(path: &Path) -> Result<Self, OldReportError> {
        let name = display_path(path).into_owned();
        let mut file = open(path)?;
        let refused = |problem: &str, remedy| Err(OldReportError::new(&name, problem, remedy));
        // The version first: of another one, nothing else may be as expected.
        #[derive(Deserialize)]
        struct Version {
            schema: Option<Value>,
        }
        let version: Version = serde_json::from_reader(BufReader::new(&file))
            .map_err(|error| OldReportError::json(path, &error))?;
        match version.schema {
            Some(schema) if schema == SCHEMA => {}
            Some(schema) => {
                let problem = format!("the report has schema {schema}, and this version compares {SCHEMA}");
                return refused(&problem, "write it again with this version");
            }
            None => return refused("not a report of clipscope: it has no \"schema\"", REMEDY),
        }
        file.rewind().map_err(|error| unreadable(path, &error))?;
        let mut written: Written = serde_json::from_reader(BufReader::new(&file))
            .map_err(|error| OldReportError::json(path, &error))?;
        let Some(clip) = written.clip.take() else {
            return refused(
                "the report has no numbers of the shared space (\"clip\" is null)",
                "write it with --approach all, and with a model set that has one",
            );
        };
        let (Some(images), Some(captions)) = (clip.images, clip.captions) else {
            return refused(
                "the report has no results of single photos and captions (\"clip.images\", \"clip.captions\")",
                REMEDY,
            );
        };
        written.candidates = [clip.image_to_text.candidates, clip.text_to_image.candidates];
        let items = ReportItems { images, captions, null_captions: clip.null_captions };
        let mut files = std::collections::HashSet::new();
        if let Some(twice) = items.images.iter().find(|photo| !files.insert(photo.file.as_str())) {
            let problem = format!("it lists the photo {} twice", twice.file);
            return refused(&problem, REMEDY);
        }
        Ok(Self { path: name, written, items })
    }
}

fn open(path: &Path) -> Result<File, OldReportError> {
    // The user gave the path, so a link is followed.
    let target = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    let file = open_regular(&target).map_err(|error| unreadable(path, &error))?;
    if !file.metadata().map_err(|error| unreadable(path, &error))?.is_file() {
        return Err(OldReportError::new(display_path(path), "not a regular file", REMEDY));
    }
    Ok(file)
}

fn unreadable(path: &Path, error: &std::io::Error) -> OldReportError {
    let name = display_path(path);
    match error.kind() {
        ErrorKind::NotFound => OldReportError::new(name, "no such file", "check the path given to --against"),
        _ => OldReportError::new(name, format_args!("cannot be read: {error}"), REMEDY),
    }
}
