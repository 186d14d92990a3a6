//! What two spaces of different dimension share: their geometry, and how far captions can be matched through
//! other pairs of photo and caption.
//!
//! Owns the protocol. Each photo is paired with its first caption; photos without one are left out. A pair is
//! never its own anchor, nor is one with the same caption text: the lists in `relative` are built without
//! them, and no public function takes anchors from outside. Must not compare the two sets of vectors directly.
//!
//! Sources: Song et al., "Feature Selection via Dependence Maximization", JMLR 2012 and Nguyen et al., "Do
//! Wide and Deep Networks Learn the Same Things?", ICLR 2021 (unbiased CKA); Kriegeskorte et al.,
//! "Representational Similarity Analysis", 2008; Huh et al., "The Platonic Representation Hypothesis", ICML
//! 2024 (mutual k-NN); Moschella et al., "Relative Representations", ICLR 2023; Norelli et al., "ASIF",
//! NeurIPS 2023.

mod alignment;
mod matching;
mod relative;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

pub use super::choice::TwoAfc;
use super::random::{Purpose, Random};
use super::{AnalysisError, Collection, Matrix, Share, check_counts};
use crate::Vectors;

/// At most this many pairs are anchors.
pub const MAX_ANCHORS: usize = 512;

/// What the caller may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Largest anchor cosines kept in a relative representation; all when there are fewer anchors. When it is
    /// less than about the square root of the anchors, representations often share none: such ties are wrong.
    pub k: usize,
    /// Exponent on the kept cosines (negative ones count as 0).
    pub power: f64,
    /// Neighbours in mutual k-NN; at most items − 1.
    pub neighbours: usize,
    /// Permutations behind each p-value.
    pub permutations: usize,
    /// Hold-out draws when there are too many to take every one.
    pub draws: usize,
    /// Start of every random stream; part of the result.
    pub seed: u64,
    /// Pairs compared; of more, a random sample of this size.
    pub max_items: usize,
    /// The grid is kept up to this many cells.
    pub grid_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            k: 64,
            power: 8.0,
            neighbours: 5,
            permutations: 1_000,
            draws: 1_000,
            seed: 20_210_226,
            max_items: 1_000,
            grid_limit: super::GRID_LIMIT,
        }
    }
}

/// Every number between two incompatible spaces; the `bridge` block of the JSON report. `None` means "not
/// defined".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bridge {
    /// Components of an image vector.
    pub image_dim: usize,
    /// Components of a caption vector.
    pub text_dim: usize,
    /// Start of every random stream.
    pub seed: u64,
    /// Photos with a caption in the collection.
    pub pairs: usize,
    /// Pairs compared: all, or a random sample.
    pub items: usize,
    /// Pairs that serve as anchors; one that is being compared never serves.
    pub anchors: usize,
    /// Anchor cosines kept.
    pub k: usize,
    /// Exponent on them.
    pub power: f64,
    /// Unbiased linear CKA of the two similarity structures, in [−1, 1]; around 0 for unrelated spaces. From
    /// 4 items.
    pub cka_unbiased: Option<f64>,
    /// Share of caption orders with a CKA at least as large, the true one counted in.
    pub cka_p: Option<f64>,
    /// Spearman correlation of the two similarity matrices' upper triangles. From 3 items.
    pub rsa: Option<f64>,
    /// As `cka_p`.
    pub rsa_p: Option<f64>,
    /// Permutations behind each p-value.
    pub permutations: usize,
    /// Nearest neighbours that both spaces agree on. From 2 items.
    pub mutual_knn: Option<MutualKnn>,
    /// Leave-two-out two-alternative forced choice: all four scores of a comparison use the other pairs as
    /// anchors, without those that have the caption text of one of the two.
    pub two_afc: TwoAfc,
    /// The same on unrelated data.
    pub two_afc_unrelated: Unrelated,
    /// One pair of each category held out.
    pub holdout: Option<HoldOut>,
    /// `[items, items]` bridge scores in [0, 1]: photo i against caption j through anchors without pairs i
    /// and j. The anchors differ from cell to cell, so a row is not a ranking: read cells in twos, as
    /// `two_afc` does.
    pub grid: Option<Matrix>,
    /// Each pair compared, in the order of the grid.
    pub images: Vec<BridgeImage>,
}

/// Mutual k-nearest neighbours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MutualKnn {
    /// Neighbours of each item.
    pub k: usize,
    /// Mean share of an item's neighbours that are the same in both spaces. Where the k-th place is tied, the
    /// tied items share the places that are left.
    pub value: f64,
    /// `k / (items − 1)`.
    pub chance: f64,
    /// As `cka_p`.
    pub p: Option<f64>,
}

/// Two-alternative forced choice after shuffling the captions among the photos: what no relation at all
/// gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unrelated {
    /// Mean over the shuffles.
    pub all: Option<f64>,
    /// Mean over the shuffles, pairs of different categories.
    pub across: Option<f64>,
    /// Mean over the shuffles, pairs of one category.
    pub within: Option<f64>,
    /// 2.5 % and 97.5 % quantiles of `all` over the shuffles; from 40 shuffles.
    pub all_range: Option<[f64; 2]>,
    /// Shuffles made; fewer for many items.
    pub shuffles: usize,
}

/// One pair of each category held out, all others as anchors: which held-out caption fits each held-out
/// photo.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldOut {
    /// Share of right choices over all draws; ties are wrong. A photo is in many draws, so the interval is
    /// taken over the number of items. Chance: 1 / different captions held out, averaged over the draws, which is
    /// 1 / categories unless captions repeat.
    pub accuracy: Share,
    /// Draws made.
    pub draws: usize,
    /// Draws there are; `None` when the number does not fit 64 bits.
    pub possible_draws: Option<u64>,
    /// Categories, hence captions to choose from.
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

/// One pair of photo and caption in the bridge.
#[derive(Debug, Clone, PartialEq)]
pub struct BridgeImage {
    /// The photo's index in the collection.
    pub index: usize,
    /// Its file.
    pub file: String,
    /// The index of its caption in the collection.
    pub caption_index: usize,
    /// Its caption.
    pub caption: String,
    /// Share of its two-alternative choices that were right. They have only this pair in common, so each counts
    /// as one trial.
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
    /// Anchors left for a comparison of two of them: what describes a photo or a caption. Fewer where other pairs
    /// have one of the two captions.
    #[must_use]
    pub fn anchors_of_a_choice(&self) -> usize {
        self.anchors.saturating_sub(2)
    }

    /// Anchor cosines that are kept in fact: [`Options::k`], or all there are.
    #[must_use]
    pub fn kept_cosines(&self) -> usize {
        self.k.min(self.anchors_of_a_choice())
    }
}

/// Computes every number of [`Bridge`] from `image`, `[images, any dim]`, and `text`, `[captions, any other
/// dim]`.
///
/// # Errors
/// Vectors that do not fit the collection, or a power that is not positive and finite.
pub fn evaluate(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    options: &Options,
) -> Result<Bridge, AnalysisError> {
    check_counts(collection, Some(image), Some(text))?;
    if !options.power.is_finite() || options.power <= 0.0 {
        return Err(AnalysisError::Power(options.power));
    }
    let paired: Vec<(usize, usize)> = (0..collection.images())
        .filter_map(|image| collection.first_caption(image).map(|caption| (image, caption)))
        .collect();
    let seed = options.seed;
    let chosen = Random::stream(seed, Purpose::Items, 0).sample(paired.len(), options.max_items);
    let (images, captions): (Vec<usize>, Vec<usize>) = chosen.iter().map(|&pair| paired[pair]).unzip();
    let (x, y) = (image.select(&images), text.select(&captions));
    let n = images.len();
    let pairs = matching::Pairs {
        category: images.iter().map(|&image| collection.image_category()[image]).collect(),
        group: captions.iter().map(|&caption| collection.caption_group(caption)).collect(),
        anchors: Random::stream(seed, Purpose::Anchors, 0).sample(n, MAX_ANCHORS),
    };

    let aligned = alignment::align(&x, &y, options)?;
    let matched =
        matching::leave_two_out(&x, &y, &pairs, options, n.saturating_mul(n) <= options.grid_limit)?;
    let images =
        images.iter().zip(&captions).zip(&matched.item_shares).map(|((&index, &caption_index), &two_afc)| {
            BridgeImage {
                index,
                file: collection.image_files()[index].clone(),
                caption_index,
                caption: collection.caption_text()[caption_index].clone(),
                two_afc,
            }
        });
    Ok(Bridge {
        image_dim: image.dim(),
        text_dim: text.dim(),
        seed,
        pairs: paired.len(),
        items: n,
        anchors: pairs.anchors.len(),
        k: options.k,
        power: options.power,
        cka_unbiased: aligned.cka.value,
        cka_p: aligned.cka.p,
        rsa: aligned.rsa.value,
        rsa_p: aligned.rsa.p,
        permutations: options.permutations,
        mutual_knn: aligned.mutual_knn,
        images: images.collect(),
        two_afc: matched.two_afc,
        two_afc_unrelated: matching::unrelated(&x, &y, &pairs, options)?,
        holdout: matching::hold_out(&x, &y, &pairs, options)?,
        grid: matched.grid,
    })
}
