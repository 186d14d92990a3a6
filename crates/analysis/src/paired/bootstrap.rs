//! Intervals of differences, from clusters drawn again with replacement.
//!
//! Owns the draws and the percentiles. Must not know what a cluster is.

use rayon::prelude::*;

use super::{BootstrapOptions, Total};
use crate::random::{Purpose, Random};

/// The 95 % interval of each metric's mean difference, for `totals` of `[clusters, metrics]`; `None` for a metric that fewer
/// than two clusters have, or without draws.
///
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile interval). Draw number 17 is
/// the same on any thread.
pub(super) fn intervals(
    totals: &[Total],
    metrics: usize,
    options: &BootstrapOptions,
) -> Vec<Option<[f64; 2]>> {
    if metrics == 0 {
        return Vec::new();
    }
    let clusters = totals.len() / metrics;
    let draws: Vec<Vec<f64>> = (0..options.draws as u64)
        .into_par_iter()
        .map(|index| {
            let mut random = Random::stream(options.seed, Purpose::Bootstrap, index);
            let mut sums = vec![Total::default(); metrics];
            for _ in 0..clusters {
                let drawn = random.below(clusters) * metrics;
                for (sum, total) in sums.iter_mut().zip(&totals[drawn..drawn + metrics]) {
                    sum.difference += total.difference;
                    sum.items += total.items;
                }
            }
            // NaN where no drawn cluster has an item of the metric.
            sums.iter().map(|sum| sum.difference / sum.items).collect()
        })
        .collect();
    (0..metrics)
        .map(|metric| {
            let with_items = totals.iter().skip(metric).step_by(metrics).filter(|total| total.items > 0.0);
            if with_items.count() < 2 {
                return None;
            }
            let mut means: Vec<f64> =
                draws.iter().map(|draw| draw[metric]).filter(|mean| !mean.is_nan()).collect();
            means.sort_unstable_by(f64::total_cmp);
            Some([quantile(&means, 0.025)?, quantile(&means, 0.975)?])
        })
        .collect()
}

/// The quantile `q` of ascending values, linear between the two nearest as in numpy; `None` of no value.
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = q * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([0, 1, 2, 4, 8], [0.025, 0.975])
        let values = [0.0, 1.0, 2.0, 4.0, 8.0];
        assert!((quantile(&values, 0.025).unwrap() - 0.1).abs() < 1e-12);
        assert!((quantile(&values, 0.975).unwrap() - 7.6).abs() < 1e-12);
        assert_eq!(quantile(&[3.0], 0.975), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    /// Differences of 60 photos drawn from a known distribution, 300 times: how often the interval holds its mean.
    #[test]
    fn the_interval_holds_the_true_difference_as_often_as_it_says() {
        let mut random = Random::new(11);
        let uniform = |random: &mut Random| random.below(1_000_000) as f64 / 1e6;
        let options = BootstrapOptions { draws: 400, seed: 5 };
        let held = (0..300)
            .filter(|_| {
                // Of one to five captions a photo, each of them the photo's difference and a bit: mean 0.1.
                let totals: Vec<Total> = (0..60)
                    .map(|_| {
                        let captions = 1 + random.below(5);
                        let photo = uniform(&mut random) - 0.4;
                        let difference =
                            (0..captions).map(|_| photo + 0.2 * (uniform(&mut random) - 0.5)).sum();
                        Total { difference, items: captions as f64 }
                    })
                    .collect();
                let [low, high] = intervals(&totals, 1, &options)[0].unwrap();
                low <= 0.1 && 0.1 <= high
            })
            .count();
        assert!((273..=297).contains(&held), "{held} of 300");
    }

    #[test]
    fn a_cluster_counts_as_often_as_it_is_drawn_and_not_once_for_each_item() {
        let width = |totals: &[Total]| {
            let options = BootstrapOptions { draws: 2_000, seed: 1 };
            let [low, high] = intervals(totals, 1, &options)[0].unwrap();
            high - low
        };
        let together: Vec<Total> =
            (0..20).map(|i| Total { difference: f64::from(i % 2) * 5.0, items: 5.0 }).collect();
        let apart: Vec<Total> =
            (0..100).map(|i| Total { difference: f64::from(i % 2), items: 1.0 }).collect();
        assert!(width(&together) > 1.8 * width(&apart));
    }
}
