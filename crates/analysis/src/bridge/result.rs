//! What the bridge found: the `bridge` block of the JSON report.
//!
//! Owns its keys and their order. Must not compute.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::choice::TwoAfc;
use crate::intervals::Share;
use crate::matrix::Matrix;

/// The numbers between two separate spaces; the `bridge` block of the JSON report. `None` means "not defined".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bridge {
    pub image_dim: usize,
    pub text_dim: usize,
    /// Seed of every random stream.
    pub seed: u64,
    /// Number of photos in the collection that have a caption.
    pub pairs: usize,
    /// Number of pairs compared: all, or a random sample.
    pub items: usize,
    /// Number of pairs that serve as anchors, for comparisons of other pairs.
    pub anchors: usize,
    /// Number of anchor cosines kept.
    pub k: usize,
    /// Exponent on the anchor cosines.
    pub power: f64,
    /// Unbiased linear CKA of the two similarity structures, in [−1, 1]; around 0 for unrelated spaces. Needs 4 items.
    pub cka_unbiased: Option<f64>,
    /// Share of caption orders with a CKA at least as large, the true order included.
    pub cka_p: Option<f64>,
    /// Spearman correlation of the two similarity matrices' upper triangles. Needs 3 items.
    pub rsa: Option<f64>,
    /// As `cka_p`.
    pub rsa_p: Option<f64>,
    /// Number of permutations behind each p-value.
    pub permutations: usize,
    /// Nearest neighbors that both spaces agree on. Needs 2 items.
    pub mutual_knn: Option<MutualKnn>,
    /// The pairing question (2-AFC), leave-two-out: the anchors of all four scores are the other pairs, without those that have the caption
    /// text of one of the two.
    pub two_afc: TwoAfc,
    /// The same after shuffling the captions.
    pub two_afc_unrelated: Unrelated,
    /// One pair of each category held out.
    pub holdout: Option<HoldOut>,
    /// Bridge scores in [0, 1], `[items, items]`: photo i against caption j through anchors other than the pairs i and j. The
    /// anchors differ from cell to cell, so a row is not a ranking; only the comparison of `two_afc` is meaningful.
    pub grid: Option<Matrix>,
    /// The pairs in the order of the grid.
    pub images: Vec<BridgeImage>,
}

/// Mutual k-nearest neighbors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MutualKnn {
    /// Number of neighbors of each item.
    pub k: usize,
    /// Mean share of an item's neighbors that are the same in both spaces. Items tied for the last neighbors count in part.
    pub value: f64,
    /// `k / (items − 1)`.
    pub chance: f64,
    /// As `cka_p`.
    pub p: Option<f64>,
}

/// The pairing question (2-AFC) after shuffling the captions among the photos: the level without any relation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unrelated {
    /// Mean over the shuffles.
    pub all: Option<f64>,
    /// The same over pairs of different categories.
    pub across: Option<f64>,
    /// The same over pairs of one category.
    pub within: Option<f64>,
    /// The range that 95 % of further shuffles fall into. Needs 39 shuffles.
    pub all_range: Option<[f64; 2]>,
    /// Number of shuffles; fewer for many items.
    pub shuffles: usize,
}

/// The hold-out: one pair of each category is set aside, and each of these photos chooses among these captions through all
/// other pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldOut {
    /// Share of right choices over all draws; ties are wrong. A photo is in many draws, so the interval is that of as many
    /// trials as there are items. Chance: 1 / held-out texts, averaged over the draws; 1 / categories unless captions
    /// repeat.
    pub accuracy: Share,
    /// Number of draws made.
    pub draws: usize,
    /// Number of different draws; `None` when it does not fit 64 bits.
    pub possible_draws: Option<u64>,
    /// Number of categories, and so of captions to choose from.
    pub categories: usize,
}

impl Serialize for HoldOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("accuracy", &self.accuracy.value)?;
        map.serialize_entry("accuracy_ci", &self.accuracy.interval())?;
        map.serialize_entry("hits", &self.accuracy.hits)?;
        map.serialize_entry("choices", &self.accuracy.n)?;
        map.serialize_entry("chance", &self.accuracy.chance)?;
        map.serialize_entry("draws", &self.draws)?;
        map.serialize_entry("possible_draws", &self.possible_draws)?;
        map.serialize_entry("categories", &self.categories)?;
        map.end()
    }
}

/// A pair of photo and caption.
#[derive(Debug, Clone, PartialEq)]
pub struct BridgeImage {
    /// Position of the photo in the collection.
    pub index: usize,
    pub file: String,
    /// Position of the caption in the collection.
    pub caption_index: usize,
    pub caption: String,
    /// Share of right choices. What the anchors say of this pair is common to all of them, so the interval is that of fewer.
    pub two_afc: Option<Share>,
}

impl Serialize for BridgeImage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("file", &self.file)?;
        map.serialize_entry("caption_index", &self.caption_index)?;
        map.serialize_entry("caption", &self.caption)?;
        map.serialize_entry("two_afc", &self.two_afc.map(|share| share.value))?;
        map.serialize_entry("two_afc_ci", &self.two_afc.map(|share| share.interval()))?;
        map.end()
    }
}

impl Bridge {
    /// Number of anchors in a comparison of two pairs that are anchors themselves. It is lower where other pairs have one of the
    /// two captions.
    #[must_use]
    pub fn anchors_of_a_choice(&self) -> usize {
        self.anchors.saturating_sub(2)
    }

    /// Number of anchor cosines that can be kept: `k`, or all.
    #[must_use]
    pub fn kept_cosines(&self) -> usize {
        self.k.min(self.anchors_of_a_choice())
    }
}
