//! The area under the ROC curve over all pairs of items: exact for few, counted in bins for many.

use rayon::prelude::*;

/// Up to this many items the AUC is exact. Above, cosines are counted in [`AUC_BINS`] bins.
pub(super) const EXACT_AUC_ITEMS: usize = 4_096;

/// Bins over [−1, 1]. They are 4.8e-7 wide, so that counting pairs in the same bin as ties changes the AUC by less than
/// 1e-6.
const AUC_BINS: usize = 1 << 22;

/// Cosines of one kind of pair: values, or bins above the exact limit.
pub(super) enum Pairs {
    Values(Vec<f32>),
    Bins(Vec<u32>),
}

impl Pairs {
    pub(super) fn new(exact: bool) -> Self {
        if exact { Self::Values(Vec::new()) } else { Self::Bins(Vec::new()) }
    }

    pub(super) fn push(&mut self, score: f32) {
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
pub(super) enum PairScores {
    Exact { same: Vec<f32>, other: Vec<f32> },
    Counted { same: Vec<u64>, other: Vec<u64> },
}

impl PairScores {
    pub(super) fn new(items: usize) -> Self {
        if items <= EXACT_AUC_ITEMS {
            Self::Exact { same: Vec::new(), other: Vec::new() }
        } else {
            Self::Counted { same: vec![0; AUC_BINS], other: vec![0; AUC_BINS] }
        }
    }

    pub(super) fn add(&mut self, new_same: &Pairs, new_other: &Pairs) {
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

    /// Area under the ROC curve as the Mann–Whitney statistic, ties counted half. `None` when there are no pairs of either
    /// kind.
    pub(super) fn auc(self) -> Option<f64> {
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
    use crate::random::Random;

    #[test]
    fn counting_in_bins_agrees_with_sorting() {
        let mut random = Random::new(11);
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
