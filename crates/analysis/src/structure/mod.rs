//! The structure of one modality: what its own similarities say about the categories.
//!
//! Owns intra / inter similarity, separation, AUC, silhouette and nearest-neighbor accuracy of one set of
//! vectors. Must not compare two modalities.

mod auc;
mod items;

use std::ops::Range;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::collection::Collection;
use crate::dependence::{Match, share_of_matches};
use crate::error::{AnalysisError, check_count};
use crate::intervals::{Share, mean};
use crate::matrix::Matrix;
use crate::similarity::{fold_blocks, similarity};
use crate::vectors::Vectors;
use auc::{EXACT_AUC_ITEMS, PairScores, Pairs};
use items::Items;

/// The structure of one set of vectors under its categories. `None` means "not defined".
///
/// Captions of one photo say the same thing twice. They are never a pair here, nor each other's neighbor, and captions of
/// equal text are one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    pub dim: usize,
    /// Number of photos, or of different texts that have a category.
    pub items: usize,
    /// Number of texts without one, since their photos are of several. They are in no number but the similarity.
    pub left_out: usize,
    /// Cosines, `[photos, photos]` or `[captions, captions]`; `None` above the caller's limit.
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
    /// Share of items whose nearest other item is of their category. A tie with another category is a miss. The interval
    /// counts photos, and two that are nearest to each other once.
    pub nn_category_accuracy: Option<Share>,
}

impl Serialize for Structure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nearest = self.nn_category_accuracy;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dim", &self.dim)?;
        map.serialize_entry("items", &self.items)?;
        map.serialize_entry("left_out", &self.left_out)?;
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

/// Computes every number of [`Structure`] for photos. `categories[i]` is the category of `vectors.row(i)`; the similarity
/// matrix is kept when it has at most `similarity_limit` cells.
///
/// # Errors
/// The number of categories is not the number of vectors.
pub fn evaluate(
    categories: &[usize],
    vectors: &Vectors,
    similarity_limit: usize,
) -> Result<Structure, AnalysisError> {
    check_count("categories", vectors.rows(), categories.len())?;
    evaluate_items(&Items::alone(categories), vectors, vectors, similarity_limit)
}

/// Computes every number of [`Structure`] for the captions of `collection`, `[captions, dim]`.
///
/// # Errors
/// The number of captions is not the number of vectors.
pub fn evaluate_captions(
    collection: &Collection,
    vectors: &Vectors,
    similarity_limit: usize,
) -> Result<Structure, AnalysisError> {
    check_count("caption vectors", collection.captions(), vectors.rows())?;
    let items = Items::texts(collection);
    evaluate_items(&items, &vectors.select(&items.rows), vectors, similarity_limit)
}

/// `vectors` has a row for each item, `shown` the rows of the similarity matrix.
fn evaluate_items(
    items: &Items,
    vectors: &Vectors,
    shown: &Vectors,
    similarity_limit: usize,
) -> Result<Structure, AnalysisError> {
    let n = items.len();
    let mut rows = Vec::with_capacity(n);
    let mut pairs = PairScores::new(n);
    fold_blocks(
        vectors,
        vectors,
        |range, scores| scan_block(range, scores, items, n <= EXACT_AUC_ITEMS),
        |block| {
            rows.extend(block.rows);
            pairs.add(&block.same, &block.other);
        },
    )?;

    let intra = mean_of_pairs(rows.iter().map(|row| (row.same_sum, row.same_pairs)));
    let inter = mean_of_pairs(rows.iter().map(|row| (row.other_sum, row.other_pairs)));
    let silhouette = (items.sizes.len() >= 2 && (0..n).any(|item| items.same(item) > 0))
        .then(|| mean(rows.iter().map(|row| row.silhouette)));
    let neighbors: Vec<Match> = rows.iter().filter_map(|row| row.nearest).collect();
    let compared = (0..n).filter(|&item| items.others(item) > 0);
    let chance = mean(compared.map(|item| items.same(item) as f64 / items.others(item) as f64));
    Ok(Structure {
        dim: vectors.dim(),
        items: n,
        left_out: items.left_out,
        similarity: if shown.rows().saturating_mul(shown.rows()) <= similarity_limit {
            Some(similarity(shown, shown)?)
        } else {
            None
        },
        intra,
        inter,
        separation: intra.zip(inter).map(|(intra, inter)| intra - inter),
        auc: pairs.auc(),
        silhouette: silhouette.flatten(),
        nn_category_accuracy: chance.and_then(|chance| share_of_matches(items.groups(), &neighbors, chance)),
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
    /// `None` when there is no other item to compare with.
    nearest: Option<Match>,
}

struct Block {
    rows: Vec<Row>,
    /// Cosines of the pairs of one category, each pair once.
    same: Pairs,
    other: Pairs,
}

fn scan_block(range: Range<usize>, scores: &[f32], items: &Items, exact: bool) -> Block {
    let n = items.len();
    let mut block =
        Block { rows: Vec::with_capacity(range.len()), same: Pairs::new(exact), other: Pairs::new(exact) };
    let mut sums = vec![0.0f64; items.sizes.len()];
    let mut left_out = vec![false; n];
    for (item, scores) in range.zip(scores.chunks_exact(n)) {
        let apart = || std::iter::once(item).chain(items.apart[item].iter().map(|&other| other as usize));
        apart().for_each(|other| left_out[other] = true);
        sums.fill(0.0);
        let label = items.labels[item];
        let (mut best_same, mut best_other) = ((f32::NEG_INFINITY, None), (f32::NEG_INFINITY, None));
        let mut row = Row {
            same_sum: 0.0,
            same_pairs: 0,
            other_sum: 0.0,
            other_pairs: 0,
            silhouette: 0.0,
            nearest: None,
        };
        for (other, (&score, &other_label)) in scores.iter().zip(&items.labels).enumerate() {
            if left_out[other] {
                continue;
            }
            sums[other_label] += f64::from(score);
            let same = other_label == label;
            let best = if same { &mut best_same } else { &mut best_other };
            if score > best.0 {
                *best = (score, Some(other));
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
        row.silhouette = silhouette(label, items.same(item), &sums, &items.sizes);
        let hit = best_same.0 > best_other.0;
        let nearest = if hit { best_same.1 } else { best_other.1 };
        row.nearest =
            nearest.map(|nearest| Match { group: items.group[item], of: items.group[nearest], hit });
        block.rows.push(row);
        apart().for_each(|other| left_out[other] = false);
    }
    block
}

/// Silhouette of one item, from the sums of its cosines with the items of each category, of its own with `same` others.
fn silhouette(label: usize, same: usize, cosine_sums: &[f64], sizes: &[usize]) -> f64 {
    if same == 0 {
        return 0.0;
    }
    let within = 1.0 - cosine_sums[label] / same as f64;
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
