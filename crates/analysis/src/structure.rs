//! How one modality looks from inside: what its own similarities say about the categories.
//!
//! Owns intra / inter similarity, separation, AUC, silhouette and nearest-neighbour accuracy of one set of
//! vectors. Must not compare two modalities.

use std::ops::Range;

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::intervals::mean;
use super::similarity::{fold_blocks, similarity};
use super::{AnalysisError, Matrix, Share};
use crate::Vectors;

/// Up to this many items the AUC is exact; above, cosines are counted in [`AUC_BINS`] bins.
const EXACT_AUC_ITEMS: usize = 4_096;

/// Bins over [−1, 1]: 4.8e-7 wide, so that pairs which share one (counted half, as ties are) move the AUC by
/// less than 1e-6.
const AUC_BINS: usize = 1 << 22;

/// The structure of one set of vectors under its categories. `None` means "not defined" and is `null` in
/// JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    /// Components of a vector.
    pub dim: usize,
    /// Items compared.
    pub items: usize,
    /// `[items, items]` cosines; `None` above the limit the caller gave.
    pub similarity: Option<Matrix>,
    /// Mean cosine over pairs of one category.
    pub intra: Option<f64>,
    /// Mean cosine over pairs of different categories.
    pub inter: Option<f64>,
    /// `intra − inter`.
    pub separation: Option<f64>,
    /// Chance that a pair of one category has a larger cosine than a pair of two; ties count half; 0.5 =
    /// none.
    pub auc: Option<f64>,
    /// Mean silhouette with cosine distance (Rousseeuw 1987), categories as clusters; a category of one
    /// scores 0.
    pub silhouette: Option<f64>,
    /// Share of items whose nearest other item has their category; a tie with another category is a miss.
    pub nn_category_accuracy: Option<Share>,
}

impl Serialize for Structure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nearest = self.nn_category_accuracy;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dim", &self.dim)?;
        map.serialize_entry("items", &self.items)?;
        map.serialize_entry("similarity", &self.similarity)?;
        map.serialize_entry("intra", &self.intra)?;
        map.serialize_entry("inter", &self.inter)?;
        map.serialize_entry("separation", &self.separation)?;
        map.serialize_entry("auc", &self.auc)?;
        map.serialize_entry("silhouette", &self.silhouette)?;
        map.serialize_entry("nn_category_accuracy", &nearest.map(|share| share.value))?;
        map.serialize_entry("nn_category_ci", &nearest.map(|share| share.interval()))?;
        map.serialize_entry("nn_category_hits", &nearest.map(|share| share.hits))?;
        map.serialize_entry("nn_category_chance", &nearest.map(|share| share.chance))?;
        map.end()
    }
}

/// Computes every number of [`Structure`]. `categories[i]` is the category of `vectors.row(i)`; the
/// similarity matrix is kept when it has at most `similarity_limit` cells.
///
/// Works for photos and, with [`super::Collection::caption_categories`], for captions; captions of one photo
/// count as items of one category like any others.
///
/// # Errors
/// A number of categories other than the number of vectors.
pub fn evaluate(
    categories: &[usize],
    vectors: &Vectors,
    similarity_limit: usize,
) -> Result<Structure, AnalysisError> {
    let n = vectors.rows();
    if categories.len() != n {
        return Err(AnalysisError::Count { what: "categories", expected: n, found: categories.len() });
    }
    let (labels, sizes) = dense_labels(categories);
    let mut rows = Vec::with_capacity(n);
    let mut pairs = PairScores::new(n);
    fold_blocks(
        vectors,
        vectors,
        |range, scores| scan_block(range, scores, &labels, &sizes, n <= EXACT_AUC_ITEMS),
        |block| {
            rows.extend(block.rows);
            pairs.add(&block.same, &block.other);
        },
    )?;

    let intra = mean_of_pairs(rows.iter().map(|row| (row.same_sum, row.same_pairs)));
    let inter = mean_of_pairs(rows.iter().map(|row| (row.other_sum, row.other_pairs)));
    let silhouette =
        (sizes.len() >= 2 && sizes.len() < n).then(|| mean(rows.iter().map(|row| row.silhouette)));
    let hits = rows.iter().filter(|row| row.nearest_is_same).count();
    let chance = mean(labels.iter().map(|&label| (sizes[label] - 1) as f64 / (n.max(2) - 1) as f64));
    Ok(Structure {
        dim: vectors.dim(),
        items: n,
        similarity: if n.saturating_mul(n) <= similarity_limit {
            Some(similarity(vectors, vectors)?)
        } else {
            None
        },
        intra,
        inter,
        separation: intra.zip(inter).map(|(intra, inter)| intra - inter),
        auc: pairs.auc(),
        silhouette: silhouette.flatten(),
        nn_category_accuracy: if n < 2 {
            None
        } else {
            chance.and_then(|chance| Share::new(hits, n, chance))
        },
    })
}

/// What one item adds to the totals.
struct Row {
    /// Sum and number of cosines with later items of its category.
    same_sum: f64,
    same_pairs: usize,
    /// The same with later items of other categories.
    other_sum: f64,
    other_pairs: usize,
    silhouette: f64,
    nearest_is_same: bool,
}

struct Block {
    rows: Vec<Row>,
    /// Cosines of pairs of one category and of two, each pair once: the values, or the bins above the exact
    /// limit.
    same: Pairs,
    other: Pairs,
}

fn scan_block(range: Range<usize>, scores: &[f32], labels: &[usize], sizes: &[usize], exact: bool) -> Block {
    let n = labels.len();
    let mut block =
        Block { rows: Vec::with_capacity(range.len()), same: Pairs::new(exact), other: Pairs::new(exact) };
    let mut sums = vec![0.0f64; sizes.len()];
    for (item, scores) in range.zip(scores.chunks_exact(n)) {
        sums.fill(0.0);
        let label = labels[item];
        let (mut best_same, mut best_other) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        let mut row = Row {
            same_sum: 0.0,
            same_pairs: 0,
            other_sum: 0.0,
            other_pairs: 0,
            silhouette: 0.0,
            nearest_is_same: false,
        };
        for (other, (&score, &other_label)) in scores.iter().zip(labels).enumerate() {
            if other == item {
                continue;
            }
            sums[other_label] += f64::from(score);
            let same = other_label == label;
            if same {
                best_same = best_same.max(score);
            } else {
                best_other = best_other.max(score);
            }
            if other > item {
                if same {
                    row.same_sum += f64::from(score);
                    row.same_pairs += 1;
                    block.same.push(score);
                } else {
                    row.other_sum += f64::from(score);
                    row.other_pairs += 1;
                    block.other.push(score);
                }
            }
        }
        row.silhouette = silhouette(label, &sums, sizes);
        row.nearest_is_same = best_same > best_other;
        block.rows.push(row);
    }
    block
}

/// Silhouette of one item from the sums of its cosines with each category (itself left out).
fn silhouette(label: usize, cosine_sums: &[f64], sizes: &[usize]) -> f64 {
    if sizes[label] < 2 {
        return 0.0;
    }
    let own = sizes[label] as f64 - 1.0;
    let within = 1.0 - cosine_sums[label] / own;
    let nearest = cosine_sums
        .iter()
        .zip(sizes)
        .enumerate()
        .filter(|&(other, _)| other != label)
        .map(|(_, (&sum, &size))| 1.0 - sum / size as f64)
        .fold(f64::INFINITY, f64::min);
    let larger = within.max(nearest);
    // All distances zero: scikit-learn's 0/0 is 0 as well.
    if larger > 0.0 && larger.is_finite() { (nearest - within) / larger } else { 0.0 }
}

/// Labels `0..k` in order of first appearance, and how many items each has.
fn dense_labels(categories: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers = std::collections::HashMap::new();
    let mut sizes = Vec::new();
    let labels = categories
        .iter()
        .map(|category| {
            let label = *numbers.entry(*category).or_insert_with(|| {
                sizes.push(0);
                sizes.len() - 1
            });
            sizes[label] += 1;
            label
        })
        .collect();
    (labels, sizes)
}

fn mean_of_pairs(rows: impl Iterator<Item = (f64, usize)>) -> Option<f64> {
    let (sum, pairs) = rows.fold((0.0, 0), |(sum, pairs), (s, p)| (sum + s, pairs + p));
    (pairs > 0).then(|| sum / pairs as f64)
}

/// Cosines of one kind of pair.
enum Pairs {
    Values(Vec<f32>),
    Bins(Vec<u32>),
}

impl Pairs {
    fn new(exact: bool) -> Self {
        if exact { Self::Values(Vec::new()) } else { Self::Bins(Vec::new()) }
    }

    fn push(&mut self, score: f32) {
        match self {
            Self::Values(values) => values.push(score),
            Self::Bins(bins) => bins.push(bin(score)),
        }
    }
}

/// The bin of a cosine in [−1, 1].
fn bin(score: f32) -> u32 {
    let position = (f64::from(score) + 1.0) * 0.5 * AUC_BINS as f64;
    (position as usize).min(AUC_BINS - 1) as u32
}

/// Cosines of all pairs seen so far, for the AUC.
enum PairScores {
    Exact { same: Vec<f32>, other: Vec<f32> },
    Counted { same: Vec<u64>, other: Vec<u64> },
}

impl PairScores {
    fn new(items: usize) -> Self {
        if items <= EXACT_AUC_ITEMS {
            Self::Exact { same: Vec::new(), other: Vec::new() }
        } else {
            Self::Counted { same: vec![0; AUC_BINS], other: vec![0; AUC_BINS] }
        }
    }

    fn add(&mut self, new_same: &Pairs, new_other: &Pairs) {
        match self {
            Self::Exact { same, other } => {
                for (all, new) in [(same, new_same), (other, new_other)] {
                    if let Pairs::Values(values) = new {
                        all.extend_from_slice(values);
                    }
                }
            }
            Self::Counted { same, other } => {
                for (all, new) in [(same, new_same), (other, new_other)] {
                    if let Pairs::Bins(bins) = new {
                        for &bin in bins {
                            all[bin as usize] += 1;
                        }
                    }
                }
            }
        }
    }

    /// Area under the ROC curve as the Mann–Whitney statistic, ties counted half; `None` when either kind is
    /// absent.
    fn auc(self) -> Option<f64> {
        match self {
            Self::Exact { mut same, mut other } => {
                same.par_sort_unstable_by(f32::total_cmp);
                other.par_sort_unstable_by(f32::total_cmp);
                auc_of_sorted(&same, &other)
            }
            Self::Counted { same, other } => {
                let (mut below, mut twice) = (0u128, 0u128);
                for (&same, &other) in same.iter().zip(&other) {
                    twice += u128::from(same) * (2 * below + u128::from(other));
                    below += u128::from(other);
                }
                let same: u128 = same.iter().map(|&count| u128::from(count)).sum();
                area(twice, same, below)
            }
        }
    }
}

fn auc_of_sorted(same: &[f32], other: &[f32]) -> Option<f64> {
    let (mut below, mut equal_end) = (0, 0);
    let mut twice = 0u128;
    for &score in same {
        while below < other.len() && other[below] < score {
            below += 1;
        }
        equal_end = equal_end.max(below);
        while equal_end < other.len() && other[equal_end] <= score {
            equal_end += 1;
        }
        twice += (below + equal_end) as u128;
    }
    area(twice, same.len() as u128, other.len() as u128)
}

/// `twice / 2` ordered pairs out of `same × other`.
fn area(twice: u128, same: u128, other: u128) -> Option<f64> {
    (same > 0 && other > 0).then(|| twice as f64 / (2.0 * same as f64 * other as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 2]]) -> Vectors {
        Vectors::from_rows(2, rows.iter().map(<[f32; 2]>::as_slice)).unwrap()
    }

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
    }

    #[test]
    fn two_tight_categories() {
        // Two pairs of equal vectors at a right angle: nothing to compute but zeros and ones.
        let structure =
            evaluate(&[7, 7, 2, 2], &vectors(&[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), 16).unwrap();
        close(structure.intra, 1.0);
        close(structure.inter, 0.0);
        close(structure.separation, 1.0);
        close(structure.auc, 1.0);
        close(structure.silhouette, 1.0);
        let nearest = structure.nn_category_accuracy.unwrap();
        assert_eq!((nearest.hits, nearest.n), (4, 4));
        close(Some(nearest.chance), 1.0 / 3.0);
        assert_eq!(structure.similarity.unwrap().get(0, 1), 1.0);
    }

    #[test]
    fn a_category_of_one_scores_zero_and_can_never_be_found() {
        let structure = evaluate(&[0, 0, 1], &vectors(&[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 0).unwrap();
        close(structure.silhouette, 2.0 / 3.0);
        assert_eq!(structure.nn_category_accuracy.unwrap().hits, 2);
        assert_eq!(structure.similarity, None);
    }

    #[test]
    fn equal_vectors_carry_no_structure() {
        let structure = evaluate(&[0, 0, 1, 1], &vectors(&[[1.0, 2.0]; 4]), 16).unwrap();
        close(structure.separation, 0.0);
        close(structure.auc, 0.5);
        close(structure.silhouette, 0.0);
        // Every neighbour ties with one of the other category.
        assert_eq!(structure.nn_category_accuracy.unwrap().hits, 0);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let none = evaluate(&[], &vectors(&[]), 16).unwrap();
        assert_eq!(
            (none.intra, none.auc, none.silhouette, none.nn_category_accuracy),
            (None, None, None, None)
        );
        let one = evaluate(&[0], &vectors(&[[1.0, 0.0]]), 16).unwrap();
        assert_eq!(
            (one.intra, one.inter, one.silhouette, one.nn_category_accuracy),
            (None, None, None, None)
        );
        let one_category = evaluate(&[0, 0], &vectors(&[[1.0, 0.0], [0.0, 1.0]]), 16).unwrap();
        close(one_category.intra, 0.0);
        assert_eq!((one_category.inter, one_category.auc, one_category.silhouette), (None, None, None));
        let singles = evaluate(&[0, 1], &vectors(&[[1.0, 0.0], [0.0, 1.0]]), 16).unwrap();
        assert_eq!((singles.intra, singles.separation, singles.silhouette), (None, None, None));
        assert!(matches!(evaluate(&[0], &vectors(&[]), 16), Err(AnalysisError::Count { .. })));
    }

    #[test]
    fn counting_in_bins_agrees_with_sorting() {
        let mut random = crate::random::Random::new(11);
        let mut draw = |shift: f32| {
            (0..3_000).map(|_| (random.next() >> 40) as f32 / 16_777_216.0 - 0.5 + shift).collect::<Vec<_>>()
        };
        let (same, other) = (draw(0.1), draw(0.0));
        let auc = |mut scores: PairScores, new: fn(bool) -> Pairs, exact| {
            let (mut a, mut b) = (new(exact), new(exact));
            same.iter().for_each(|&score| a.push(score));
            other.iter().for_each(|&score| b.push(score));
            scores.add(&a, &b);
            scores.auc().unwrap()
        };
        let exact = auc(PairScores::new(2), Pairs::new, true);
        let counted = auc(PairScores::new(EXACT_AUC_ITEMS + 1), Pairs::new, false);
        assert!((exact - counted).abs() < 1e-6, "{exact} {counted}");
        assert!(exact > 0.55);
    }
}
