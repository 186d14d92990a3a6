//! The numbers of a finished run as text, JSON and pictures.
//!
//! Owns the stable shape of `eval --format json` and every other form of the same numbers. Computes
//! none of them: they come from [`crate::comparison`].

mod csv;
mod markdown;
mod number;
pub mod plots;
mod summary;
mod text;

use serde::Serialize;

use crate::comparison::Comparison;
use crate::dataset::{Dataset, Item, Selection, Skipped};
use clipscope_analysis::Evaluation;
use clipscope_base::display_safe::json_safe;
use clipscope_networks::ModelsInfo;

/// Version of the JSON shape.
pub const SCHEMA: u32 = 1;

/// Everything that one evaluation has to say.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What was compared.
    pub dataset: DatasetReport,
    /// With which networks.
    pub models: ModelsInfo,
    /// `pre_clip`, `bridge` and `clip`.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// Only when asked for, so that equal inputs give equal bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
}

/// What was compared and what was left out.
#[derive(Debug, Clone, Serialize)]
pub struct DatasetReport {
    /// As given, or `bundled`.
    pub path: String,
    /// Only where a sample or a limit was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// Photos compared.
    pub images: usize,
    /// Captions compared.
    pub captions: usize,
    /// In the order of the grids.
    pub categories: Vec<String>,
    /// The photos compared, in the order of the grids.
    pub items: Vec<Item>,
    /// What was left out or otherwise not taken as given, with the reason.
    pub skipped: Vec<Skipped>,
    /// Captions that were longer than a tower reads; their ends were not seen.
    pub truncated_captions: Vec<String>,
}

/// How long things took, in seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Timing {
    /// From the start of the run to the last vector.
    pub embedding_s: f64,
    /// From the vectors to the numbers.
    pub analysis_s: f64,
    /// Photos and captions whose vectors were in the cache.
    pub cached: usize,
    /// Photos and captions that were embedded.
    pub computed: usize,
}

/// Which approaches a report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approaches {
    /// Inside each modality, without CLIP.
    pub pre_clip: bool,
    /// Between the incompatible spaces.
    pub bridge: bool,
    /// In the shared space.
    pub clip: bool,
}

impl Approaches {
    /// All of them.
    pub const ALL: Self = Self { pre_clip: true, bridge: true, clip: true };
}

/// What happened to single items during the run.
#[derive(Debug, Clone, Default)]
pub struct RunNotes {
    /// Photos and captions that could not be embedded.
    pub skipped: Vec<Skipped>,
    /// Captions cut at the token limit.
    pub truncated_captions: Vec<String>,
}

impl Report {
    /// Puts a comparison together with what it was made of.
    #[must_use]
    pub fn new(
        dataset: &Dataset,
        comparison: &Comparison,
        models: &ModelsInfo,
        notes: &RunNotes,
        approaches: Approaches,
    ) -> Self {
        let mut evaluation = comparison.evaluation.clone();
        if !approaches.pre_clip {
            evaluation.pre_clip = None;
        }
        if !approaches.bridge {
            evaluation.bridge = None;
        }
        if !approaches.clip {
            evaluation.clip = None;
        }
        let items: Vec<Item> = comparison.photos.iter().map(|&place| dataset.items[place].clone()).collect();
        let categories = dataset
            .categories()
            .into_iter()
            .filter(|category| items.iter().any(|item| item.category == *category))
            .collect();
        Self {
            schema: SCHEMA,
            dataset: DatasetReport {
                path: dataset.path.clone(),
                selection: dataset.selection,
                images: comparison.photos.len(),
                captions: comparison.captions.len(),
                categories,
                items,
                skipped: dataset.skipped.iter().chain(&notes.skipped).cloned().collect(),
                truncated_captions: notes.truncated_captions.clone(),
            },
            models: models.clone(),
            evaluation,
            timing: None,
        }
    }

    /// The report as JSON, indented, with a newline at the end. Texts are as they were found; characters that must not
    /// reach a terminal are escaped as JSON does it.
    ///
    /// # Errors
    /// When a number cannot be written as JSON; the analysis gives none such.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string_pretty(self)?;
        Ok(json_safe(&text).into_owned() + "\n")
    }

    /// One table with a header. The column `row` says what a line is about: `photo`, one a photo; `category`
    /// and `number`, one a number, with interval and chance where it is a share, named as in the JSON report. Fields
    /// are safe to open in a spreadsheet.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::render(self)
    }

    /// The report as Markdown tables.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// The report for people, in plain text of at most 100 columns.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }
}
