//! A report against one that was written before, photo by photo and caption by caption.
//!
//! Owns which items belong together, the `against` block of the JSON report and its words. Must not compute a difference:
//! [`clipscope_analysis::paired`] does.

mod compare;
mod old_report;
mod words;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use clipscope_analysis::paired::Difference;
use clipscope_analysis::retrieval::R_AT;

pub(super) use compare::compare;
pub use old_report::{OldReport, OldReportError};
pub(super) use words::{heading, models, remarks, sections};

/// The `against` block. Each number stands where it stands in the report itself.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Against {
    pub old: OldLabel,
    /// Photos with a caption that both reports have.
    pub photos: usize,
    /// Different captions that both reports have, of the same photos.
    pub captions: usize,
    /// Draws of the bootstrap behind the intervals.
    pub draws: usize,
    pub seed: u64,
    pub clip: AgainstClip,
    /// What the other report has and this one has not; likewise `only_new`.
    pub only_old: Only,
    pub only_new: Only,
}

/// What the other report says of itself.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OldLabel {
    /// The file it was read from, as given.
    pub report: String,
    /// The data set, as given when it was written.
    pub dataset: String,
    /// The name of the model set.
    pub models: String,
    pub stand_in: Option<String>,
    /// The network of each role.
    pub towers: Vec<OldTower>,
    /// Candidates of each photo.
    pub captions: u64,
    /// Candidates of each caption.
    pub photos: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(super) struct OldTower {
    pub role: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct AgainstClip {
    pub image_to_text: AgainstDirection,
    pub text_to_image: AgainstDirection,
    /// Of the photos.
    pub mean_margin: Option<Difference>,
    pub null_captions: AgainstNull,
}

#[derive(Debug, Clone)]
pub(super) struct AgainstDirection {
    pub r_at: [Option<Difference>; 3],
    pub mrr: Option<Difference>,
    /// Photos have it.
    pub category_top1: Option<Option<Difference>>,
    /// Captions have it here; that of the photos is [`AgainstClip::mean_margin`], as in the report.
    pub mean_margin: Option<Option<Difference>>,
}

impl Serialize for AgainstDirection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("top1", &self.r_at[0])?;
        let by_k: serde_json::Map<String, serde_json::Value> = R_AT
            .iter()
            .zip(self.r_at)
            .map(|(k, found)| Ok((k.to_string(), serde_json::to_value(found)?)))
            .collect::<Result<_, serde_json::Error>>()
            .map_err(serde::ser::Error::custom)?;
        map.serialize_entry("r_at", &by_k)?;
        map.serialize_entry("mrr", &self.mrr)?;
        if let Some(category_top1) = &self.category_top1 {
            map.serialize_entry("category_top1", category_top1)?;
        }
        if let Some(mean_margin) = &self.mean_margin {
            map.serialize_entry("mean_margin", mean_margin)?;
        }
        map.end()
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct AgainstNull {
    pub beaten: Option<Difference>,
}

/// Items that one of two reports does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Only {
    /// Photos with a caption.
    pub photos: Vec<String>,
    pub captions: Vec<OnlyCaption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct OnlyCaption {
    /// The first of its photos.
    pub file: String,
    pub caption: String,
}
