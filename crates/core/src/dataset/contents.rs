//! A data set in memory.

use std::{collections::HashSet, fmt};

use clipscope_base::words::count;
use serde::Serialize;

use super::{
    item::{Item, Skipped},
    origin::{DatasetKind, DatasetOrigin},
};

/// Photos with their captions and categories, in the order of the manifest or folder.
///
/// An opened data set holds at least one photo, and each photo once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The folder or manifest as it was given, safe to display; "bundled" for the bundled photos.
    pub path: String,
    pub items: Vec<Item>,
    /// What was left out, in the order of the manifest or folder.
    pub skipped: Vec<Skipped>,
    /// The part of the data set that was asked for; `None` for all of it.
    pub selection: Option<Selection>,
    pub origin: DatasetOrigin,
}

/// A part of a data set: a sample, the first photos, or the first photos of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Photos in the whole data set.
    pub of: usize,
    /// Photos drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
    /// The random seed of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many photos were kept from the start, of the sample if there is one.
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
        formatter.write_str(&count(self.of, "photo"))
    }
}

impl Dataset {
    /// A data set of the given items. Its captions cannot be saved.
    pub fn from_items(path: impl Into<String>, items: Vec<Item>) -> Self {
        let origin = DatasetOrigin::read_only(DatasetKind::Memory);
        Self { path: path.into(), items, skipped: Vec::new(), selection: None, origin }
    }

    /// The categories in order of first appearance.
    pub fn categories(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        self.items
            .iter()
            .map(|item| &item.category)
            .filter(|category| seen.insert(*category))
            .cloned()
            .collect()
    }
}
