//! Two results for the same items: how far they differ, and whether chance explains it.
//!
//! Owns differences of shares and means, their p-values and intervals. Must not know what an item is or where its results
//! come from. Items belong to *clusters* (captions to their photo): what is drawn again or turned round is always a whole
//! cluster.

mod bootstrap;
mod exact;

use serde::Serialize;
use std::collections::BTreeMap;

/// One item with both of its results: 0 or 1 for a share, any number for a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Items with the same number are not independent of each other.
    pub cluster: usize,
    pub old: f64,
    pub new: f64,
}

/// What the results of the items add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Hits and misses: there is a p-value.
    Share,
    Mean,
}

/// One number of both results, item by item.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedMetric {
    pub kind: Kind,
    pub pairs: Vec<Pair>,
}

/// A number that two results give for the same items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Over the items that both results have; likewise `new`.
    pub old: f64,
    pub new: f64,
    /// `new − old`.
    pub difference: f64,
    /// 95 % of the difference: percentiles of the bootstrap over clusters. `None` for one cluster.
    pub interval: Option<[f64; 2]>,
    /// Of shares: the chance of a difference at least as large when each cluster is as likely to have changed the other way. With
    /// one item a cluster this is McNemar's exact test.
    pub p: Option<f64>,
    /// Number of items.
    pub n: usize,
    /// Of shares: items that became a hit.
    pub gained: Option<usize>,
    /// Of shares: items that became a miss.
    pub lost: Option<usize>,
}

/// Settings of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootstrapOptions {
    pub draws: usize,
    pub seed: u64,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { draws: 10_000, seed: 20_210_226 }
    }
}

/// The sum of `new − old` of one cluster, and its number of items.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Total {
    difference: f64,
    items: f64,
}

/// Compares every metric. All metrics see the same draws of the clusters that any of them has. `None` for a metric without
/// items.
#[must_use]
pub fn compare(metrics: &[PairedMetric], options: &BootstrapOptions) -> Vec<Option<Difference>> {
    let mut positions = BTreeMap::new();
    for pair in metrics.iter().flat_map(|metric| &metric.pairs) {
        positions.entry(pair.cluster).or_insert(0);
    }
    for (position, (_, place)) in positions.iter_mut().enumerate() {
        *place = position;
    }
    // [clusters, metrics], row-major.
    let mut totals = vec![Total::default(); positions.len() * metrics.len()];
    for (column, metric) in metrics.iter().enumerate() {
        for pair in &metric.pairs {
            let total = &mut totals[positions[&pair.cluster] * metrics.len() + column];
            total.difference += pair.new - pair.old;
            total.items += 1.0;
        }
    }
    let intervals = bootstrap::intervals(&totals, metrics.len(), options);
    let column = |column: usize| totals.iter().skip(column).step_by(metrics.len());
    metrics
        .iter()
        .zip(intervals)
        .enumerate()
        .map(|(place, (metric, interval))| difference(metric, column(place), interval))
        .collect()
}

fn difference<'a>(
    metric: &PairedMetric,
    totals: impl Iterator<Item = &'a Total>,
    interval: Option<[f64; 2]>,
) -> Option<Difference> {
    let n = metric.pairs.len();
    if n == 0 {
        return None;
    }
    let mean = |of: fn(&Pair) -> f64| metric.pairs.iter().map(of).sum::<f64>() / n as f64;
    let count = |of: fn(&Pair) -> bool| metric.pairs.iter().filter(|pair| of(pair)).count();
    let share = metric.kind == Kind::Share;
    let p = share.then(|| {
        // Sums of ones and zeros are whole.
        let changes: Vec<i64> = totals.map(|total| total.difference as i64).collect();
        exact::sign_flip_p(&changes)
    });
    Some(Difference {
        old: mean(|pair| pair.old),
        new: mean(|pair| pair.new),
        difference: mean(|pair| pair.new - pair.old),
        interval,
        p,
        n,
        gained: share.then(|| count(|pair| pair.new > pair.old)),
        lost: share.then(|| count(|pair| pair.new < pair.old)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: Kind, pairs: &[(usize, f64, f64)]) -> PairedMetric {
        let pairs = pairs.iter().map(|&(cluster, old, new)| Pair { cluster, old, new }).collect();
        PairedMetric { kind, pairs }
    }

    #[test]
    fn equal_results_differ_by_nothing() {
        let share = metric(Kind::Share, &[(0, 1.0, 1.0), (1, 0.0, 0.0), (7, 1.0, 1.0)]);
        let margin = metric(Kind::Mean, &[(0, 0.1, 0.1), (7, -0.3, -0.3)]);
        let found = compare(&[share, margin], &BootstrapOptions::default());
        let [Some(share), Some(margin)] = found[..] else { panic!("{found:?}") };
        assert_eq!((share.difference, share.interval, share.p), (0.0, Some([0.0, 0.0]), Some(1.0)));
        assert_eq!((share.n, share.gained, share.lost), (3, Some(0), Some(0)));
        assert_eq!((margin.difference, margin.interval, margin.p), (0.0, Some([0.0, 0.0]), None));
        assert_eq!((margin.n, margin.old), (2, margin.new));
    }

    #[test]
    fn gains_and_losses_are_counted_apart() {
        let found = compare(
            &[metric(Kind::Share, &[(0, 0.0, 1.0), (1, 1.0, 0.0), (2, 1.0, 0.0), (3, 1.0, 1.0)])],
            &BootstrapOptions::default(),
        );
        let found = found[0].unwrap();
        assert_eq!((found.old, found.new, found.difference), (0.75, 0.5, -0.25));
        assert_eq!((found.gained, found.lost, found.p), (Some(1), Some(2), Some(1.0)));
    }

    #[test]
    fn without_items_there_is_no_difference_and_one_cluster_has_no_interval() {
        let none = metric(Kind::Mean, &[]);
        let one = metric(Kind::Mean, &[(4, 0.5, 0.75), (4, 0.5, 0.5)]);
        let found = compare(&[none, one], &BootstrapOptions::default());
        assert_eq!(found[0], None);
        let one = found[1].unwrap();
        assert_eq!((one.difference, one.interval), (0.125, None));
        assert!(compare(&[], &BootstrapOptions::default()).is_empty());
    }

    #[test]
    fn the_order_of_items_and_the_other_metrics_change_no_interval() {
        let pairs: Vec<_> =
            (0..30).map(|i| (i, f64::from(u8::from(i % 3 < 1)), f64::from(i as u8 % 2))).collect();
        let turned: Vec<_> = pairs.iter().rev().copied().collect();
        let options = BootstrapOptions { draws: 200, seed: 3 };
        let alone = compare(&[metric(Kind::Share, &pairs)], &options);
        let both = compare(&[metric(Kind::Mean, &pairs), metric(Kind::Share, &turned)], &options);
        assert_eq!(alone[0], both[1]);
        let other = compare(&[metric(Kind::Share, &pairs)], &BootstrapOptions { seed: 4, ..options });
        assert_ne!(alone[0].unwrap().interval, other[0].unwrap().interval);
    }
}
