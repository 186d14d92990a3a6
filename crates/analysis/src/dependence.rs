//! How much evidence trials hold that have photos in common: captions of one photo, pairs of photos, nearest neighbors.
//!
//! Owns the *design effect*, the factor by which the variance of a share exceeds that of independent trials. The interval of
//! the share is Wilson's for `n / design effect` trials. Must not know what a hit is.
//!
//! The variance is the sum of the products of residuals over all pairs of trials with a photo in common: over captions the
//! cluster-robust estimate (Liang & Zeger, "Longitudinal Data Analysis Using Generalized Linear Models", Biometrika 1986),
//! over pairs and matches of photos the dyadic one (Fafchamps & Gubert, "The Formation of Risk Sharing Networks", Journal of
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
    pub const BRIDGE: Self = Self { everywhere: 3.0, ..Self::PAIRING };
}

/// The same for the comparisons of one photo in the bridge, whose description by the anchors is in all of them. It is what
/// simulated spaces of 12 to 60 photos need, and does not fall with their number.
const ONE_PHOTO: f64 = 1.0;

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
    let (hits, n) = total(&groups);
    if n == 0 {
        return None;
    }
    let sums = Sums::of(groups, hits, n);
    let assumed = 1.0 + sums.linked / n as f64;
    let found = (sums.groups > 1.0).then(|| sums.squares * sums.groups / (sums.groups - 1.0));
    let effect = sums.effect(found, assumed).clamp(1.0, assumed.max(1.0));
    Share::worth(hits, n, n as f64 / effect, chance)
}

/// A share over comparisons of two photos. `photos` has the comparisons of each photo, so that each comparison is in two of
/// them; no two photos are compared twice.
pub(crate) fn share_of_pairs(photos: Vec<Tally>, shared: Shared, chance: f64) -> Option<Share> {
    let all_photos = photos.len() as f64;
    let (hits, n) = total(&photos);
    let (hits, n) = (hits / 2, n / 2);
    if n == 0 {
        return None;
    }
    let sums = Sums::of(photos, hits, n);
    // Comparisons that have one photo in common with an average one.
    let linked = sums.linked / n as f64;
    // The product of a comparison with itself is in the sums of both of its photos.
    let found = sums.jackknife().map(|factor| sums.squares * factor - sums.variance);
    // The correlation is never larger than one half (Hoeffding, "A Class of Statistics with Asymptotically Normal
    // Distribution", 1948, theorem 5.2).
    let effect = sums.effect(found, 1.0 + shared.correlation * linked).clamp(1.0, 1.0 + linked / 2.0);
    // What is common to all moves the share by its derivative with respect to the log odds.
    let common = shared.everywhere / all_photos * sums.variance;
    Share::worth(hits, n, n as f64 / (effect + common), chance)
}

/// The share of the comparisons of one photo in the bridge.
pub(crate) fn share_of_one_photo(photo: Tally) -> Option<Share> {
    let n = photo.n as f64;
    let share = photo.hits as f64 / n.max(1.0);
    Share::worth(photo.hits, photo.n, n / (1.0 + ONE_PHOTO * n * share * (1.0 - share)), 0.5)
}

/// An item with the best match of its modality or the other one, as the groups that both belong to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match {
    pub group: usize,
    pub of: usize,
    /// Whether both are of one category.
    pub hit: bool,
}

/// A share of items whose best match is of their category. Two photos that are each other's match hit or miss together and are
/// one trial, and so are several captions of one photo with their matches in one other photo.
pub(crate) fn share_of_matches(groups: usize, matches: &[Match], chance: f64) -> Option<Share> {
    let (hits, n) = (matches.iter().filter(|found| found.hit).count(), matches.len());
    if n == 0 {
        return None;
    }
    let mut touching = vec![Tally::default(); groups];
    let mut between = BTreeMap::<(usize, usize), Tally>::new();
    let mut from = BTreeMap::<(usize, usize), usize>::new();
    let mut of_group = vec![0usize; groups];
    for found in matches {
        touching[found.group].add(found.hit);
        of_group[found.group] += 1;
        if found.of != found.group {
            touching[found.of].add(found.hit);
            let (first, second) = (found.group.min(found.of), found.group.max(found.of));
            between.entry((first, second)).or_default().add(found.hit);
            *from.entry((found.group, found.of)).or_default() += 1;
        }
    }
    let together: usize = between.values().map(|tally| tally.n * (tally.n - 1)).sum();
    let mutual: usize = from.iter().map(|((a, b), count)| count * from.get(&(*b, *a)).unwrap_or(&0)).sum();
    let same_group: usize = of_group.iter().map(|&count| count * count.saturating_sub(1)).sum();

    let sums = Sums::of(touching, hits, n);
    // Trials between the same two groups are in the sums of both.
    let twice = Sums::of(between.into_values().collect(), hits, n).squares;
    let found = sums.jackknife().map(|factor| sums.squares * factor - twice);
    let assumed = 1.0 + (same_group + mutual) as f64 / n as f64;
    let least = 1.0 + together as f64 / n as f64;
    let effect = sums.effect(found, assumed).clamp(least, (n as f64).max(least));
    Share::worth(hits, n, n as f64 / effect, chance)
}

fn total(tallies: &[Tally]) -> (usize, usize) {
    tallies.iter().fold((0, 0), |(hits, n), tally| (hits + tally.hits, n + tally.n))
}

/// What tallies add up to.
#[derive(Debug, Clone, Copy)]
struct Sums {
    /// Number of tallies with trials.
    groups: f64,
    /// Number of ordered pairs of trials in one tally.
    linked: f64,
    /// Sum of the squared residuals of the trials.
    variance: f64,
    /// Sum of the squares of each tally's sum of residuals.
    squares: f64,
    /// Number of tallies with the rarer outcome, over the number of tallies that a trial is in.
    rarer: f64,
}

impl Sums {
    /// The sums of `tallies` over `n` trials with `hits` hits. A trial may be in more than one tally.
    fn of(mut tallies: Vec<Tally>, hits: usize, n: usize) -> Self {
        // The order of the photos must not decide how a sum is rounded.
        tallies.sort_unstable();
        let share = hits as f64 / n as f64;
        let variance = n as f64 * share * (1.0 - share);
        let mut sums = Self { groups: 0.0, linked: 0.0, variance, squares: 0.0, rarer: 0.0 };
        for tally in tallies.iter().filter(|tally| tally.n > 0) {
            sums.groups += 1.0;
            sums.linked += tally.n as f64 * (tally.n - 1) as f64;
            sums.squares += (tally.hits as f64 - share * tally.n as f64).powi(2);
            sums.rarer += f64::from(u8::from(tally.has_rarer(2 * hits <= n)));
        }
        sums.rarer *= n as f64 / total(&tallies).1.max(1) as f64;
        sums
    }

    /// The jackknife's variance of a share over pairs of photos, as a multiple of the plain one.
    fn jackknife(&self) -> Option<f64> {
        let n = self.groups;
        (n > 2.0).then(|| n * (n - 1.0) / (n - 2.0).powi(2))
    }

    /// The design effect: `found / variance`, averaged with `assumed`.
    fn effect(&self, found: Option<f64>, assumed: f64) -> f64 {
        match found {
            Some(found) if self.variance > 0.0 => {
                (self.rarer * found / self.variance + ASSUMED * assumed) / (self.rarer + ASSUMED)
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
            let trial = |i: usize| Match { group: i, of: i ^ 1, hit: i / 2 < hits };
            (0..20).map(trial).collect::<Vec<_>>()
        };
        for hits in [0, 4, 10] {
            let share = share_of_matches(20, &pairs(hits), 0.2).unwrap();
            assert_eq!((share.hits, share.n), (2 * hits, 20));
            assert!(share.independent <= 10.0 + 1e-9, "{}", share.independent);
        }
        // Five captions of each photo, all nearest to captions of one other photo.
        let captions: Vec<Match> = pairs(4).into_iter().flat_map(|trial| [trial; 5]).collect();
        let share = share_of_matches(20, &captions, 0.2).unwrap();
        assert!(share.n == 100 && share.independent <= 10.0 + 1e-9, "{}", share.independent);
        assert_eq!(share_of_matches(3, &[], 0.2), None);
        // Fourteen photos whose best caption is their own, and a chain of six.
        let own: Vec<Match> =
            (0..20).map(|i| Match { group: i, of: if i < 14 { i } else { i - 1 }, hit: i < 14 }).collect();
        let share = share_of_matches(20, &own, 0.2).unwrap();
        assert!((8.0..=20.0).contains(&share.independent), "{}", share.independent);
        let two = [Match { group: 0, of: 1, hit: true }, Match { group: 1, of: 0, hit: true }];
        assert_eq!(share_of_matches(2, &two, 1.0).unwrap().independent, 1.0);
    }

    #[test]
    fn the_order_of_photos_changes_no_bit() {
        let photos: Vec<Tally> = (0..31).map(|photo| tally(photo * 7 % 11, 10 + photo % 3)).collect();
        let mut reversed = photos.clone();
        reversed.reverse();
        assert_eq!(share_of_groups(photos.clone(), 0.1), share_of_groups(reversed, 0.1));
    }
}
