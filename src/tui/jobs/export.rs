//! Exports what is on screen to a file, on a worker.
//!
//! An existing file is never overwritten: the name gets a number.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::guarded::guarded;
use crate::tui::engine::{Engine, GridPicture};
use clipscope_analysis::Matrix;
use clipscope_base::display_safe::{csv_safe, display_path};
use clipscope_base::storage;

/// Most files of one name.
const MOST_FILES: usize = 999;

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The grid, one line per row.
    Csv,
    /// The grid, the cursor and the lists.
    Json,
    /// The grid as a picture.
    Png,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Png => "png",
        }
    }
}

/// A row or a column of the grid. All texts are safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemExport {
    /// File of the photo, or of the caption's photo.
    pub file: String,
    /// Its category.
    pub category: String,
    /// The caption; `None` for a photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

impl ItemExport {
    fn label(&self) -> &str {
        self.caption.as_deref().unwrap_or(&self.file)
    }
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedExport {
    /// The photo or caption.
    #[serde(flatten)]
    pub item: ItemExport,
    /// Its score.
    pub score: f32,
    /// Share of the softmax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// `right`, `same category` or `wrong`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<&'static str>,
}

/// A list on screen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListExport {
    /// What is listed.
    pub title: String,
    /// The query.
    pub query: String,
    /// Rank of the right candidate, or another remark.
    pub note: String,
    /// Best first.
    pub entries: Vec<RankedExport>,
}

/// What is on screen, in the order on screen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScreenExport {
    /// The approach.
    pub approach: &'static str,
    /// The data set.
    pub dataset: String,
    /// The model set.
    pub models: String,
    /// What the shared space really is, when it stands in for CLIP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<&'static str>,
    /// What the scores are.
    pub score: &'static str,
    /// The order of rows and columns.
    pub order: &'static str,
    /// Rows of the grid.
    pub rows: Vec<ItemExport>,
    /// Columns of the grid.
    pub cols: Vec<ItemExport>,
    /// `[rows, cols]`.
    pub scores: Matrix,
    /// Row and column of the cursor.
    pub cursor: Option<(usize, usize)>,
    /// What matches the cursor best.
    pub lists: Vec<ListExport>,
}

impl ScreenExport {
    fn made_with(&self) -> String {
        made_with(&self.models, self.stand_in)
    }
}

/// The model set, with what its shared space really is if it stands in for CLIP.
pub fn made_with(models: &str, stand_in: Option<&str>) -> String {
    stand_in.map_or_else(|| models.to_owned(), |what| format!("{models} ({what})"))
}

/// An export to be written.
#[derive(Debug)]
pub struct ExportJob {
    pub format: Format,
    pub folder: PathBuf,
    pub screen: ScreenExport,
}

/// The file written, safe to show, or why there is none.
pub type ExportDone = Result<String, String>;

pub(super) fn perform(engine: &dyn Engine, job: &ExportJob) -> ExportDone {
    guarded(|| {
        let bytes = match job.format {
            Format::Csv => csv(&job.screen)?,
            Format::Json => {
                let mut bytes = serde_json::to_vec_pretty(&job.screen).map_err(|error| error.to_string())?;
                bytes.push(b'\n');
                bytes
            }
            Format::Png => engine.plot(&picture(&job.screen))?,
        };
        let stem = format!("clipscope-{}", job.screen.approach.to_lowercase());
        let path = write_new(&job.folder, &stem, job.format.extension(), &bytes)?;
        Ok(display_path(&path).into_owned())
    })
}

fn csv(screen: &ScreenExport) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Wherever the file goes, scores of a stand-in must not be taken for CLIP's.
    let corner = csv_safe(&screen.made_with()).into_owned();
    let header =
        std::iter::once(corner).chain(screen.cols.iter().map(|col| csv_safe(col.label()).into_owned()));
    writer.write_record(header).map_err(|error| error.to_string())?;
    for (place, row) in screen.rows.iter().enumerate() {
        let scores = screen.scores.row(place).iter().map(ToString::to_string);
        let record = std::iter::once(csv_safe(row.label()).into_owned()).chain(scores);
        writer.write_record(record).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

fn picture(screen: &ScreenExport) -> GridPicture<'_> {
    let labels = |items: &[ItemExport]| items.iter().map(|item| item.label().to_owned()).collect();
    let breaks = |items: &[ItemExport]| {
        (1..items.len()).filter(|&place| items[place].category != items[place - 1].category).collect()
    };
    let kind = |items: &[ItemExport]| match items.first() {
        Some(ItemExport { caption: Some(_), .. }) => "captions",
        _ => "photos",
    };
    GridPicture {
        title: format!("{}: {}, models {}", screen.approach, screen.score, screen.made_with()),
        matrix: &screen.scores,
        rows: labels(&screen.rows),
        cols: labels(&screen.cols),
        row_breaks: breaks(&screen.rows),
        col_breaks: breaks(&screen.cols),
        axes: (kind(&screen.rows), kind(&screen.cols)),
    }
}

/// Writes a new file.
fn write_new(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let fail = |path: &Path, error: std::io::Error| {
        format!(
            "{}: cannot be written: {error}; start clipscope in a folder that you can write to",
            display_path(path)
        )
    };
    for number in 1..=MOST_FILES {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{stem}{number}.{extension}"));
        match storage::write_new(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(&path, error)),
        }
    }
    Err(format!("there are already {MOST_FILES} files called {stem} here; move some away"))
}
