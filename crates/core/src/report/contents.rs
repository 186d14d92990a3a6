//! What a report contains, before it is written in any format.

use serde::Serialize;

use super::against::{self, Against, OldReport};
use super::missing::Contents;
use super::rows::{self, Row};
use crate::comparison::Comparison;
use crate::dataset::{Dataset, Item, Selection, Skipped};
use clipscope_analysis::Evaluation;
use clipscope_networks::{Modality, ModelsInfo};

/// Version of the JSON format.
pub(super) const SCHEMA: u32 = 1;

/// All results of one evaluation.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    schema: u32,
    pub(super) dataset: DatasetReport,
    pub(super) models: ModelsInfo,
    /// `pre_clip`, `bridge` and `clip`.
    #[serde(flatten)]
    pub(super) evaluation: Evaluation,
    /// Only if another report was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) against: Option<Against>,
    /// Only if asked for, so that equal inputs give equal bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    #[serde(skip)]
    pub(super) contents: Contents,
    #[serde(skip)]
    asked: Approaches,
}

/// What was compared and what was left out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DatasetReport {
    /// As given, or `bundled`.
    pub path: String,
    /// Only if a sample or a limit was asked for.
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
    /// What was left out or is incomplete, with the reason.
    pub skipped: Vec<Skipped>,
    /// Captions cut at the token limit of a tower.
    pub truncated_captions: Vec<String>,
    /// Photos that were used, and what is wrong with their files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photo_notes: Vec<PhotoNote>,
}

/// How long a run took, in seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Timing {
    /// From the start of the run to the last vector.
    pub embedding_s: f64,
    /// From the vectors to the numbers.
    pub analysis_s: f64,
    /// Photos and captions whose vectors came from the cache.
    pub cached: usize,
    /// Photos and captions that were embedded.
    pub computed: usize,
}

/// Which approaches a report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approaches {
    pub pre_clip: bool,
    pub bridge: bool,
    pub clip: bool,
}

impl Approaches {
    pub const ALL: Self = Self { pre_clip: true, bridge: true, clip: true };
}

/// What happened to single items during a run.
#[derive(Debug, Clone, Default)]
pub struct RunNotes {
    /// Photos and captions that could not be embedded.
    pub skipped: Vec<Skipped>,
    /// Captions cut at the token limit of a tower.
    pub truncated_captions: Vec<String>,
    /// Photos that were used, and what is wrong with their files, in the order of the data set.
    pub photo_notes: Vec<PhotoNote>,
}

/// Something to tell about the file of a photo that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhotoNote {
    pub file: String,
    /// The end of a sentence that begins with the file's name.
    pub note: String,
}

impl Report {
    /// Combines a comparison with the data set, models and notes it was made from.
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
                photo_notes: notes.photo_notes.clone(),
            },
            models: models.clone(),
            evaluation,
            against: None,
            timing: None,
            contents: Contents::of(&comparison.collection),
            asked: approaches,
        }
    }

    /// Adds the differences to a report that was written before.
    ///
    /// # Errors
    /// Why there is nothing to compare: the model set has no shared space.
    pub fn compare_with(&mut self, old: &OldReport) -> Result<(), String> {
        let Some(clip) = &self.evaluation.clip else {
            return Err(
                "the model set has no networks for the shared space; choose another with --models".into()
            );
        };
        self.against = Some(against::compare(old, clip).map_err(|error| error.to_string())?);
        Ok(())
    }

    /// Whether another report was given that has none of the photos and captions of this one.
    #[must_use]
    pub fn nothing_in_both(&self) -> bool {
        self.against.as_ref().is_some_and(|against| against.photos == 0 && against.captions == 0)
    }

    /// Lets go of the similarity matrices, which no number of the report is made of.
    pub fn drop_matrices(&mut self) {
        let Evaluation { pre_clip, bridge, clip } = &mut self.evaluation;
        if let Some(found) = pre_clip {
            found.image.similarity = None;
            found.text.similarity = None;
        }
        if let Some(found) = bridge {
            found.grid = None;
        }
        if let Some(found) = clip {
            found.similarity = None;
        }
    }

    /// The data set: as given, or `bundled`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.dataset.path
    }

    /// Why none of the approaches asked for has a number that says anything, and what to do about it; `None` where one has.
    #[must_use]
    pub fn nothing_to_compare(&self) -> Option<String> {
        let contents = &self.contents;
        let any = |rows: Vec<Row<'_>>| rows.iter().any(|row| row.value.is_ok());
        let pre_clip = self.evaluation.pre_clip.as_ref().is_some_and(|found| {
            any(rows::structure(&found.image, contents, Modality::Image))
                || any(rows::structure(&found.text, contents, Modality::Text))
        });
        let bridge = self.evaluation.bridge.as_ref().is_some_and(|found| any(rows::bridge(found, contents)));
        let clip = self.evaluation.clip.as_ref().is_some_and(|found| {
            any(rows::direction(&found.image_to_text, contents, "caption"))
                || any(rows::direction(&found.text_to_image, contents, "photo"))
                || any(rows::both_directions(found, contents))
        });
        if pre_clip || bridge || clip {
            None
        } else if self.lacks_networks() {
            Some("the model set has no networks for it; choose another with --models".into())
        } else {
            Some(contents.nothing(self.asked))
        }
    }

    /// Whether the model set has the networks of none of the approaches asked for.
    #[must_use]
    pub fn lacks_networks(&self) -> bool {
        let Evaluation { pre_clip, bridge, clip } = &self.evaluation;
        pre_clip.is_none() && bridge.is_none() && clip.is_none()
    }

    /// The name of the model set, with a remark if it is a stand-in.
    pub(super) fn models_name(&self) -> String {
        let set = self.models.set.name();
        match self.models.stand_in {
            Some(remark) => format!("{set} ({remark})"),
            None => set.to_owned(),
        }
    }
}
