//! How much evidence trials hold that have photos in common: captions of one photo, pairs of photos, nearest neighbors.
//!
//! Owns the *design effect*, the factor by which the variance of a share exceeds that of independent trials. The interval of
//! the share is Wilson's for `n / design effect` trials. Must not know what a hit is.
//!
//! The variance is the sum of the products of residuals over all pairs of trials with a photo in common: over captions the
//! cluster-robust estimate (Liang & Zeger, "Longitudinal Data Analysis Using Generalized Linear Models", Biometrika 1986),
//! over pairs of photos the dyadic one (Fafchamps & Gubert, "The Formation of Risk Sharing Networks", Journal of
//! Development Economics 2007), with the small-sample factor of the jackknife (Sen, "On Some Convergence Properties of
//! U-Statistics", 1960). Wilson's interval for a reduced number of trials: Korn & Graubard, "Confidence Intervals for
//! Proportions with Small Expected Number of Positive Counts Estimated from Survey Data", Survey Methodology 1998.
//!
//! Few errors, or few hits, say little about how they hang together, and none say nothing. The estimate is therefore
//! averaged with what is assumed beforehand, which weighs as much as [`ASSUMED`] photos: that captions of one photo hit or
//! miss together, so that 0 of 20 photos with five captions each has the interval of 0 of 20.

use std::collections::BTreeMap;

use crate::intervals::Share;

/// The weight of the assumed design effect, in photos that take part in the rarer outcome.
const ASSUMED: f64 = 2.0;

/// What comparisons of two photos are assumed to have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    /// The correlation, beforehand, of two comparisons with one photo in common.
    correlation: f64,
    /// The variance of what is common to all comparisons, on the scale of log odds and multiplied by the number of photos.
    everywhere: f64,
}

impl Shared {
    /// The pairing question. A correlation of a quarter follows when some photos have a vector without meaning, so that they
    /// are right in half of their comparisons.
    pub const PAIRING: Self = Self { correlation: 0.25, everywhere: 0.0 };
    /// The group score. One half, the largest possible, follows when such photos are always wrong.
    pub const GROUP_SCORE: Self = Self { correlation: 0.5, everywhere: 0.0 };
    /// The pairing question of the bridge, where all comparisons also share their anchors. No single comparison shows that: the
    /// variance is what simulated spaces of 10 to 160 photos need.
    pub const BRIDGE: Self = Self { everywhere: 2.0, ..Self::PAIRING };
}

/// The trials that one photo takes part in, and how many of them are hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tally {
    pub hits: usize,
    pub n: usize,
}

impl Tally {
    pub fn add(&mut self, hit: bool) {
        self.hits += usize::from(hit);
        self.n += 1;
    }

    /// Whether the rarer outcome is among these trials, where it is a hit or a miss.
    fn has_rarer(&self, hits_are_rarer: bool) -> bool {
        if hits_are_rarer { self.hits > 0 } else { self.hits < self.n }
    }
}

/// The tally of each of `groups` groups, from the group and the outcome of each trial.
pub(crate) fn tallies(groups: usize, trials: impl IntoIterator<Item = (usize, bool)>) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); groups];
    for (group, hit) in trials {
        tallies[group].add(hit);
    }
    tallies
}

/// A share over trials of which each belongs to one group, such as captions to their photo. With one trial in each group
/// the interval is that of independent trials.
pub(crate) fn share_of_groups(groups: Vec<Tally>, chance: f64) -> Option<Share> {
    let sums = Sums::of(groups);
    let (hits, n) = (sums.hits, sums.n);
    if n == 0 {
        return None;
    }
    let assumed = 1.0 + sums.linked / n as f64;
    let found = (sums.groups > 1.0).then(|| sums.squares * sums.groups / (sums.groups - 1.0));
    let effect = sums.effect(found, sums.with_rarer, assumed).clamp(1.0, assumed.max(1.0));
    Share::worth(hits, n, n as f64 / effect, chance)
}

/// A share over comparisons of two photos. `photos` has the comparisons of each photo, so that each comparison is in two of
/// them; no two photos are compared twice.
pub(crate) fn share_of_pairs(photos: Vec<Tally>, shared: Shared, chance: f64) -> Option<Share> {
    let all_photos = photos.len() as f64;
    let sums = Sums::of(photos);
    let (hits, n) = (sums.hits / 2, sums.n / 2);
    if n == 0 {
        return None;
    }
    // Comparisons that have one photo in common with an average one.
    let linked = sums.linked / n as f64;
    // Each product of a comparison with itself is in the sums of both of its photos.
    let found = sums.jackknife().map(|factor| sums.squares * factor - sums.variance / 2.0);
    let pairs = Sums { variance: sums.variance / 2.0, ..sums };
    // The correlation is never larger than one half (Hoeffding, "A Class of Statistics with Asymptotically Normal
    // Distribution", 1948, theorem 5.2).
    let effect = pairs.effect(found, pairs.with_rarer / 2.0, 1.0 + shared.correlation * linked);
    let effect = effect.clamp(1.0, 1.0 + linked / 2.0);
    // What is common to all moves the share by its derivative with respect to the log odds.
    let common = shared.everywhere / all_photos * pairs.variance;
    Share::worth(hits, n, n as f64 / (effect + common), chance)
}

/// One item with its nearest neighbor, as the groups that both belong to, which are never the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbor {
    pub group: usize,
    pub of: usize,
    pub hit: bool,
}

/// A share of items whose nearest neighbor is of their category. Two items that are nearest to each other are one trial, since
/// they hit or miss together; the items of a group that have their neighbors in the same other group are, too.
pub(crate) fn share_of_neighbors(groups: usize, trials: &[Neighbor], chance: f64) -> Option<Share> {
    let ends = trials.iter().flat_map(|trial| [(trial.group, trial.hit), (trial.of, trial.hit)]);
    let sums = Sums::of(tallies(groups, ends));
    let (hits, n) = (sums.hits / 2, sums.n / 2);
    if n == 0 {
        return None;
    }
    let mut between = BTreeMap::<(usize, usize), Tally>::new();
    let mut from = BTreeMap::<(usize, usize), usize>::new();
    for trial in trials {
        let (first, second) = (trial.group.min(trial.of), trial.group.max(trial.of));
        between.entry((first, second)).or_default().add(trial.hit);
        *from.entry((trial.group, trial.of)).or_default() += 1;
    }
    let together: usize = between.values().map(|tally| tally.n * tally.n).sum();
    let mutual: usize = from.iter().map(|((a, b), count)| count * from.get(&(*b, *a)).unwrap_or(&0)).sum();
    let mut of_group = vec![0usize; groups];
    trials.iter().for_each(|trial| of_group[trial.group] += 1);
    let same_group: usize = of_group.iter().map(|&count| count * count.saturating_sub(1)).sum();

    let squares = Sums::of(between.into_values().collect()).squares;
    let found = sums.jackknife().map(|factor| sums.squares * factor - squares);
    let assumed = 1.0 + (same_group + mutual) as f64 / n as f64;
    let items = Sums { variance: sums.variance / 2.0, ..sums };
    let effect = items.effect(found, items.with_rarer / 2.0, assumed);
    let least = together as f64 / n as f64;
    Share::worth(hits, n, n as f64 / effect.clamp(least.max(1.0), (n as f64).max(least)), chance)
}

/// What tallies add up to.
#[derive(Debug, Clone, Copy)]
struct Sums {
    hits: usize,
    n: usize,
    /// Number of tallies with trials.
    groups: f64,
    /// Number of ordered pairs of trials in one tally.
    linked: f64,
    /// Sum of the squared residuals of the trials.
    variance: f64,
    /// Sum of the squares of each tally's sum of residuals.
    squares: f64,
    /// Number of tallies with the rarer outcome.
    with_rarer: f64,
}

impl Sums {
    fn of(mut tallies: Vec<Tally>) -> Self {
        // The order of the photos must not decide how a sum is rounded.
        tallies.sort_unstable();
        let (hits, n) = tallies.iter().fold((0, 0), |(hits, n), tally| (hits + tally.hits, n + tally.n));
        let share = hits as f64 / n.max(1) as f64;
        let hits_are_rarer = 2 * hits <= n;
        let mut sums = Self {
            hits,
            n,
            groups: 0.0,
            linked: 0.0,
            variance: n as f64 * share * (1.0 - share),
            squares: 0.0,
            with_rarer: 0.0,
        };
        for tally in tallies.iter().filter(|tally| tally.n > 0) {
            sums.groups += 1.0;
            sums.linked += tally.n as f64 * (tally.n - 1) as f64;
            sums.squares += (tally.hits as f64 - share * tally.n as f64).powi(2);
            sums.with_rarer += f64::from(u8::from(tally.has_rarer(hits_are_rarer)));
        }
        sums
    }

    /// The jackknife's variance of a share over pairs of photos, as a multiple of the plain one.
    fn jackknife(&self) -> Option<f64> {
        let n = self.groups;
        (n > 2.0).then(|| n * (n - 1.0) / (n - 2.0).powi(2))
    }

    /// The design effect: `found / variance`, averaged with `assumed`. `rarer` is the number of photos that speak for the
    /// former.
    fn effect(&self, found: Option<f64>, rarer: f64, assumed: f64) -> f64 {
        match found {
            Some(found) if self.variance > 0.0 => {
                (rarer * found / self.variance + ASSUMED * assumed) / (rarer + ASSUMED)
            }
            _ => assumed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(hits: usize, n: usize) -> Tally {
        Tally { hits, n }
    }

    #[test]
    fn one_trial_in_each_group_is_independent() {
        let groups = (0..20).map(|group| tally(usize::from(group < 19), 1)).collect();
        assert_eq!(share_of_groups(groups, 0.05), Share::new(19, 20, 0.05));
        assert_eq!(share_of_groups(Vec::new(), 0.5), None);
    }

    #[test]
    fn captions_that_hit_and_miss_together_count_as_their_photo() {
        let photos = |hit: usize| (0..20).map(|photo| tally(if photo < hit { 5 } else { 0 }, 5)).collect();
        for hit in [0, 20] {
            let share = share_of_groups(photos(hit), 0.1).unwrap();
            assert_eq!((share.n, share.independent), (100, 20.0));
        }
        assert!((share_of_groups(photos(9), 0.1).unwrap().independent - 20.0).abs() < 1e-9);
        // Three of five everywhere: a caption says no more about its companions than about others.
        let share = share_of_groups(vec![tally(3, 5); 20], 0.1).unwrap();
        assert!(share.independent > 70.0 && share.independent <= 100.0, "{}", share.independent);
    }

    #[test]
    fn comparisons_count_photos_as_far_as_photos_decide_them() {
        // Every photo with each of the others: a photo among the first `bad` loses all its comparisons.
        let photos = |bad: usize| {
            let of = |photo| if photo < bad { tally(0, 19) } else { tally(19 - bad, 19) };
            (0..20).map(of).collect::<Vec<_>>()
        };
        let none = share_of_pairs(photos(0), Shared::PAIRING, 0.5).unwrap();
        assert_eq!((none.hits, none.n), (190, 190));
        // 190 comparisons, each with 36 others that share a photo, correlated by a quarter.
        assert!((none.independent - 19.0).abs() < 1e-9);
        let some = share_of_pairs(photos(4), Shared::PAIRING, 0.5).unwrap();
        // Close to the ten pairs without a common photo.
        assert!((10.0..12.0).contains(&some.independent), "{}", some.independent);
        // Half right for everyone.
        let even = share_of_pairs(vec![tally(10, 20); 21], Shared::PAIRING, 0.5).unwrap();
        assert!(even.independent > 80.0 && even.independent <= 210.0, "{}", even.independent);
        assert_eq!(share_of_pairs(Vec::new(), Shared::PAIRING, 0.5), None);
        // All of them depend on the anchors as well.
        let bridge = share_of_pairs(vec![tally(10, 20); 21], Shared::BRIDGE, 0.5).unwrap();
        assert!(bridge.independent < 21.0 * 2.0, "{}", bridge.independent);
        // Comparisons without a common photo are independent.
        let apart =
            share_of_pairs(vec![tally(1, 1), tally(1, 1), tally(0, 1), tally(0, 1)], Shared::PAIRING, 0.5);
        assert_eq!(apart, Share::new(1, 2, 0.5));
    }

    #[test]
    fn items_that_are_nearest_to_each_other_are_one_trial() {
        let pairs = |hits: usize| {
            let trial = |i: usize| Neighbor { group: i, of: i ^ 1, hit: i / 2 < hits };
            (0..20).map(trial).collect::<Vec<_>>()
        };
        for hits in [0, 4, 10] {
            let share = share_of_neighbors(20, &pairs(hits), 0.2).unwrap();
            assert_eq!((share.hits, share.n), (2 * hits, 20));
            assert!(share.independent <= 10.0 + 1e-9, "{}", share.independent);
        }
        // Five captions of each photo, all nearest to captions of one other photo.
        let captions: Vec<Neighbor> = pairs(4).into_iter().flat_map(|trial| [trial; 5]).collect();
        let share = share_of_neighbors(20, &captions, 0.2).unwrap();
        assert!(share.n == 100 && share.independent <= 10.0 + 1e-9, "{}", share.independent);
        assert_eq!(share_of_neighbors(3, &[], 0.2), None);
        let two = [Neighbor { group: 0, of: 1, hit: true }, Neighbor { group: 1, of: 0, hit: true }];
        assert_eq!(share_of_neighbors(2, &two, 1.0).unwrap().independent, 1.0);
    }

    #[test]
    fn the_order_of_photos_changes_no_bit() {
        let photos: Vec<Tally> = (0..31).map(|photo| tally(photo * 7 % 11, 10 + photo % 3)).collect();
        let mut reversed = photos.clone();
        reversed.reverse();
        assert_eq!(share_of_groups(photos.clone(), 0.1), share_of_groups(reversed, 0.1));
    }
}
