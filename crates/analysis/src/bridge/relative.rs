//! Relative representations: an item described by its cosines to anchors of its own modality.
//!
//! Owns the rule that no item is its own anchor: its list is built without it, and the items it is compared with are left
//! out on use. Must not know which modality it describes.

use crate::error::AnalysisError;
use crate::matrix::Matrix;
use crate::similarity::similarity;
use crate::vectors::Vectors;

/// For each item the anchors that it may use, best first.
pub(super) struct Relative {
    /// `(number of the anchor, weight)` by descending cosine, ties by number. Never an anchor with the item's own text.
    lists: Vec<Vec<(u32, f64)>>,
    /// The text of each item. Items with equal text count as the same pair.
    text: Vec<usize>,
    /// The text of each anchor.
    anchor_text: Vec<usize>,
    k: usize,
}

/// A relative representation of unit length, `(number of the anchor, weight)` without zeros.
#[derive(Debug, Clone)]
pub(super) struct Sparse {
    entries: Vec<(u32, f64)>,
}

impl Relative {
    /// Lists for all `items`, `[n, dim]`, over the anchors, which are items too. Items with an equal `text` (`[n]`) are never
    /// anchors for each other. Up to `left_out` items besides the item itself can be left out on use.
    pub(super) fn new(
        items: &Vectors,
        text: &[usize],
        anchors: &[usize],
        k: usize,
        power: f64,
        left_out: usize,
    ) -> Result<Self, AnalysisError> {
        let cosines: Matrix = similarity(items, &items.select(anchors))?;
        let anchor_text: Vec<usize> = anchors.iter().map(|&anchor| text[anchor]).collect();
        // Enough for k to remain whichever items are left out on use.
        let kept = k.saturating_add(left_out.saturating_mul(most_frequent(&anchor_text)));
        let lists = (0..items.rows())
            .map(|item| {
                let row = cosines.row(item);
                let usable = |at: &u32| anchor_text[*at as usize] != text[item];
                let mut list: Vec<u32> = (0..anchors.len() as u32).filter(usable).collect();
                let descending =
                    |a: &u32, b: &u32| row[*b as usize].total_cmp(&row[*a as usize]).then_with(|| a.cmp(b));
                if kept < list.len() {
                    if kept > 0 {
                        list.select_nth_unstable_by(kept - 1, descending);
                    }
                    list.truncate(kept);
                }
                list.sort_unstable_by(descending);
                list.into_iter().map(|at| (at, f64::from(row[at as usize]).max(0.0).powf(power))).collect()
            })
            .collect();
        Ok(Self { lists, text: text.to_vec(), anchor_text, k })
    }

    /// Number of anchors, including those that an item may not use.
    pub(super) fn anchors(&self) -> usize {
        self.anchor_text.len()
    }

    /// The representation of `item` by its k best anchors that share no text with it or with the items `without`. Empty when
    /// none has a positive weight.
    pub(super) fn of(&self, item: usize, without: &[usize], into: &mut Sparse) {
        into.entries.clear();
        let left_out =
            |at: u32| without.iter().any(|&other| self.text[other] == self.anchor_text[at as usize]);
        let mut squares = 0.0;
        for &(at, weight) in self.lists[item].iter().filter(|(at, _)| !left_out(*at)).take(self.k) {
            if weight <= 0.0 {
                break;
            }
            squares += weight * weight;
            into.entries.push((at, weight));
        }
        // Large powers can underflow to zero, which has no direction.
        let norm = squares.sqrt();
        if norm > 0.0 {
            into.entries.iter_mut().for_each(|(_, weight)| *weight /= norm);
        } else {
            into.entries.clear();
        }
    }
}

/// How often the most frequent number occurs.
fn most_frequent(numbers: &[usize]) -> usize {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.chunk_by(|a, b| a == b).map(<[usize]>::len).max().unwrap_or(0)
}

impl Sparse {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Writes the entries to `dense`, `[anchors]`, which must be all zeros.
    pub(super) fn spread(&self, dense: &mut [f64]) {
        for &(at, weight) in &self.entries {
            dense[at as usize] = weight;
        }
    }

    /// Zeroes what [`Self::spread`] wrote.
    pub(super) fn clear(&self, dense: &mut [f64]) {
        for &(at, _) in &self.entries {
            dense[at as usize] = 0.0;
        }
    }

    /// Dot product with a spread representation, in [0, 1].
    pub(super) fn dot(&self, dense: &[f64]) -> f64 {
        self.entries.iter().map(|&(at, weight)| weight * dense[at as usize]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 3]]) -> Vectors {
        Vectors::from_rows(3, rows.iter().map(<[f32; 3]>::as_slice)).unwrap()
    }

    fn entries(relative: &Relative, item: usize, without: &[usize]) -> Vec<(u32, f64)> {
        let mut sparse = Sparse::new();
        relative.of(item, without, &mut sparse);
        sparse.entries
    }

    #[test]
    fn the_item_and_what_it_is_compared_with_are_never_anchors() {
        let items =
            vectors(&[[1.0, 0.1, 0.0], [1.0, 0.2, 0.0], [1.0, 0.3, 0.1], [0.9, 0.0, 0.4], [1.0, 1.0, 1.0]]);
        for k in 1..6 {
            let relative = Relative::new(&items, &[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4], k, 2.0, 4).unwrap();
            for item in 0..5 {
                assert!(entries(&relative, item, &[]).iter().all(|&(at, _)| at as usize != item));
                for other in 0..5 {
                    let found = entries(&relative, item, &[other]);
                    assert!(found.iter().all(|&(at, _)| at as usize != item && at as usize != other));
                    let usable = if item == other { 4 } else { 3 };
                    assert_eq!(found.len(), k.min(usable), "the place of one left out is filled by the next");
                }
            }
        }
    }

    #[test]
    fn an_item_with_the_same_caption_is_no_anchor_either() {
        let items =
            vectors(&[[1.0, 0.1, 0.0], [1.0, 0.2, 0.0], [1.0, 0.3, 0.1], [0.9, 0.0, 0.4], [1.0, 1.0, 1.0]]);
        // 0 and 1 share a caption, and so do 2 and 3.
        let relative = Relative::new(&items, &[0, 0, 7, 7, 9], &[0, 1, 2, 3, 4], 1, 2.0, 1).unwrap();
        let places = |item, without: &[usize]| {
            entries(&relative, item, without).iter().map(|entry| entry.0).collect::<Vec<_>>()
        };
        assert_eq!(places(0, &[]), [2]);
        assert_eq!(places(0, &[3]), [4]);
        assert_eq!(places(4, &[2]), [1]);
    }

    #[test]
    fn weights_are_powers_of_the_largest_cosines_at_unit_length() {
        let items = vectors(&[[1.0, 0.0, 0.0], [3.0, 4.0, 0.0], [4.0, 3.0, 0.0], [-1.0, 0.0, 0.0]]);
        let relative = Relative::new(&items, &[0, 1, 2, 3], &[0, 1, 2, 3], 3, 2.0, 0).unwrap();
        // Cosines 0.8, 0.6, −1: squared and normalized, the negative one left out.
        let (a, b) = (0.64, 0.36);
        let norm = f64::sqrt(a * a + b * b);
        let found = entries(&relative, 0, &[]);
        assert_eq!(found.iter().map(|entry| entry.0).collect::<Vec<_>>(), [2, 1]);
        assert!((found[0].1 - a / norm).abs() < 1e-7 && (found[1].1 - b / norm).abs() < 1e-7);
    }

    #[test]
    fn no_anchors_left_is_an_empty_representation() {
        let items = vectors(&[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]);
        let relative = Relative::new(&items, &[0, 1], &[0, 1], 2, 8.0, 1).unwrap();
        assert!(entries(&relative, 0, &[1]).is_empty());
        let none = Relative::new(&items, &[0, 1], &[], 2, 8.0, 1).unwrap();
        assert!(entries(&none, 0, &[]).is_empty());
        assert_eq!(none.anchors(), 0);
        // All but vanished weights must not turn into NaN.
        let far = vectors(&[[1.0, 0.0, 0.0], [1e-30, 1.0, 0.0], [0.0, 1.0, 0.0]]);
        let relative = Relative::new(&far, &[0, 1, 2], &[0, 1, 2], 2, 64.0, 0).unwrap();
        assert!(entries(&relative, 0, &[]).iter().all(|entry| entry.1.is_finite()));
    }
}
