//! The structure of one modality: what its own similarities say about the categories.
//!
//! Owns intra / inter similarity, separation, AUC, silhouette and nearest-neighbor accuracy of one set of
//! vectors. Must not compare two modalities.

mod auc;

use std::ops::Range;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{AnalysisError, check_count};
use crate::intervals::{Share, mean};
use crate::matrix::Matrix;
use crate::similarity::{fold_blocks, similarity};
use crate::vectors::Vectors;
use auc::{EXACT_AUC_ITEMS, PairScores, Pairs};

/// The structure of one set of vectors under its categories. `None` means "not defined".
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    pub dim: usize,
    pub items: usize,
    /// Cosines, `[items, items]`; `None` above the caller's limit.
    pub similarity: Option<Matrix>,
    /// Mean cosine over pairs of one category.
    pub intra: Option<f64>,
    /// Mean cosine over pairs of different categories.
    pub inter: Option<f64>,
    /// `intra − inter`.
    pub separation: Option<f64>,
    /// Chance that a pair of one category has a larger cosine than a pair of two. Ties count half; 0.5 is no better than
    /// guessing.
    pub auc: Option<f64>,
    /// Mean silhouette (Rousseeuw 1987) with cosine distance and categories as clusters. A category of one scores 0.
    pub silhouette: Option<f64>,
    /// Share of items whose nearest other item is of their category. A tie with another category is a miss.
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
/// # Errors
/// The number of categories is not the number of vectors.
pub fn evaluate(
    categories: &[usize],
    vectors: &Vectors,
    similarity_limit: usize,
) -> Result<Structure, AnalysisError> {
    let n = vectors.rows();
    check_count("categories", n, categories.len())?;
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

/// The contribution of one item to the totals.
struct Row {
    /// Sum of the cosines with later items of its category.
    same_sum: f64,
    same_pairs: usize,
    other_sum: f64,
    other_pairs: usize,
    silhouette: f64,
    nearest_is_same: bool,
}

struct Block {
    rows: Vec<Row>,
    /// Cosines of the pairs of one category, each pair once.
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

/// Silhouette of one item, from the sums of its cosines with the other items of each category.
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
    // 0/0 when all distances are zero; scikit-learn gives 0 as well.
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
    fn two_tight_categories_score_zeros_and_ones() {
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
        // Every neighbor ties with one of the other category.
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
}
