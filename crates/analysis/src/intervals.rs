//! Shares, with the counts, 95 % interval and chance level that a reader needs to judge them.
//!
//! Owns Wilson's interval and chance levels. Must not know what is being counted; how many independent trials dependent ones
//! are worth is the part of `dependence`.

use serde::Serialize;

/// Two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson 95 % interval of the share `hits / n`, for as much evidence as `independent` independent trials hold, which need
/// not be whole. `None` for no trials.
///
/// Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
fn wilson(hits: usize, n: usize, independent: f64) -> Option<(f64, f64)> {
    if n == 0 || independent <= 0.0 {
        return None;
    }
    let (p, z2) = (hits.min(n) as f64 / n as f64, Z * Z);
    let center = (p + z2 / (2.0 * independent)) / (1.0 + z2 / independent);
    let variance = p * (1.0 - p) / independent + z2 / (4.0 * independent * independent);
    let half = Z / (1.0 + z2 / independent) * variance.sqrt();
    // At p = 0 and p = 1 the bound is 0 and 1 exactly; rounding would leave 1e-17.
    let lo = if p <= 0.0 { 0.0 } else { (center - half).max(0.0) };
    let hi = if p >= 1.0 { 1.0 } else { (center + half).min(1.0) };
    Some((lo, hi))
}

/// A share of trials with its interval and its chance level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// `hits / n`.
    pub value: f64,
    pub hits: usize,
    /// Number of trials.
    pub n: usize,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end of the 95 % interval.
    pub hi: f64,
    /// The value that guessing would give.
    pub chance: f64,
    /// The number of independent trials that the interval is computed for: `n`, or fewer where trials have a photo in common.
    #[serde(skip)]
    pub independent: f64,
}

impl Share {
    /// The share `hits` of `n` independent trials; `None` without trials.
    #[must_use]
    pub fn new(hits: usize, n: usize, chance: f64) -> Option<Self> {
        Self::worth(hits, n, n as f64, chance)
    }

    /// The share `hits` of `n` trials that are worth only `independent` independent ones. The interval is that of the same
    /// share of `independent` trials. `None` without trials.
    pub(crate) fn worth(hits: usize, n: usize, independent: f64, chance: f64) -> Option<Self> {
        let (lo, hi) = wilson(hits, n, independent)?;
        Some(Self { value: hits as f64 / n as f64, hits, n, lo, hi, chance, independent })
    }

    /// Whether trials have so much in common that the interval is wider than that of `n` independent ones.
    #[must_use]
    pub fn is_dependent(&self) -> bool {
        self.independent < self.n as f64
    }

    #[must_use]
    pub fn interval(&self) -> [f64; 2] {
        [self.lo, self.hi]
    }

    /// Whether guessing is ruled out at 95 %: the chance level is below the interval.
    #[must_use]
    pub fn beats_chance(&self) -> bool {
        self.chance < self.lo
    }
}

/// Chance that a random order of `candidates` puts one of `positives` among the first `k`:
/// `1 − C(candidates − positives, k) / C(candidates, k)`; `k / candidates` for one positive.
pub(crate) fn chance_within(k: usize, positives: usize, candidates: usize) -> f64 {
    if positives == 0 || candidates == 0 {
        return 0.0;
    }
    let positives = positives.min(candidates);
    let k = k.min(candidates);
    if positives == 1 {
        // The product below, telescoped and therefore exact.
        return k as f64 / candidates as f64;
    }
    let mut none = 1.0;
    for drawn in 0..k {
        none *= (candidates - drawn).saturating_sub(positives) as f64 / (candidates - drawn) as f64;
    }
    1.0 - none
}

/// Mean of `values`, added in their order; `None` without values.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sum = 0.0;
    let mut n = 0usize;
    for value in values {
        sum += value;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(interval: Option<(f64, f64)>) -> (f64, f64) {
        let (lo, hi) = interval.unwrap();
        ((lo * 100.0).round() / 100.0, (hi * 100.0).round() / 100.0)
    }

    #[test]
    fn intervals_agree_with_published_ones() {
        assert_eq!(rounded(wilson(19, 20, 20.0)), (0.76, 0.99));
        assert_eq!(rounded(wilson(20, 20, 20.0)), (0.84, 1.0));
        assert_eq!(rounded(wilson(0, 20, 20.0)), (0.0, 0.16));
        // Newcombe 1998, table I: 81 of 263.
        let (lo, hi) = wilson(81, 263, 263.0).unwrap();
        assert!((lo - 0.2553).abs() < 5e-5 && (hi - 0.3662).abs() < 5e-5, "{lo} {hi}");
    }

    #[test]
    fn the_ends_are_exact_and_no_trials_have_no_interval() {
        assert_eq!(wilson(0, 7, 7.0).unwrap().0, 0.0);
        assert_eq!(wilson(7, 7, 3.3).unwrap().1, 1.0);
        assert_eq!(wilson(0, 0, 0.0), None);
        assert_eq!(Share::new(0, 0, 0.5), None);
        assert_eq!(Share::worth(0, 0, 3.0, 0.5), None);
    }

    #[test]
    fn dependent_trials_widen_the_interval() {
        let independent = Share::new(150, 190, 0.5).unwrap();
        let dependent = Share::worth(150, 190, 20.0, 0.5).unwrap();
        assert_eq!(independent.value, dependent.value);
        assert!(dependent.lo < independent.lo && dependent.hi > independent.hi);
        assert!(dependent.is_dependent() && !independent.is_dependent());
    }

    #[test]
    fn the_chance_of_a_hit_is_exact() {
        assert_eq!(chance_within(1, 1, 20), 0.05);
        assert_eq!(chance_within(5, 1, 20), 0.25);
        assert_eq!(chance_within(10, 1, 5), 1.0);
        assert_eq!(chance_within(1, 0, 5), 0.0);
        assert_eq!(chance_within(4, 2, 5), 1.0);
        // Two positives of five, two places: 1 − (3/5)(2/4).
        assert!((chance_within(2, 2, 5) - 0.7).abs() < 1e-15);
        assert!((chance_within(1, 5, 25) - 0.2).abs() < 1e-15);
    }
}
