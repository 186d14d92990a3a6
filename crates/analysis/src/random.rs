//! The random numbers behind permutations and samples: SplitMix64, written out so that a seed printed today
//! gives the same numbers with any later version of any crate.
//!
//! Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (constants as in
//! Vigna's public-domain `splitmix64.c`). Not for secrets.

/// A SplitMix64 stream.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// The stream that starts at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Stream number `index` for `purpose` under `seed`. Permutation 17 is the same whichever thread makes it, and a new
    /// purpose changes none of the others.
    pub(crate) fn stream(seed: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = mix(seed.wrapping_add((purpose as u64).wrapping_mul(GOLDEN_GAMMA)));
        Self::new(mix(purpose.wrapping_add(index.wrapping_mul(GOLDEN_GAMMA))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        mix(self.state)
    }

    /// A number in `0..bound` without bias: numbers of the incomplete last cycle are drawn again. 0 for bound 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        if bound == 0 {
            return 0;
        }
        let incomplete = (u64::MAX % bound + 1) % bound;
        loop {
            let value = self.next();
            if value <= u64::MAX - incomplete {
                return (value % bound) as usize;
            }
        }
    }

    /// A permutation of `0..n` (Fisher–Yates, from the last position down).
    pub(crate) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }

    /// `count` different numbers of `0..n`, ascending; all of them when `count >= n`.
    pub(crate) fn sample(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut order = self.permutation(n);
        order.truncate(count);
        order.sort_unstable();
        order
    }
}

/// What a stream is used for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The sample of items that represents a large collection.
    Items = 1,
    /// The sample of anchors among them.
    Anchors = 2,
    /// Permutations of the caption order for p-values.
    Permutations = 3,
    /// The pairs that are held out.
    HoldOut = 4,
    /// Permutations of the caption order, for the scores of unrelated data.
    Unrelated = 5,
    /// The photos of a bootstrap.
    Bootstrap = 6,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_generator() {
        // First outputs of splitmix64.c from seed 1234567.
        let mut random = Random::new(1_234_567);
        let values: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(values, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn below_stays_below_and_reaches_all() {
        let mut random = Random::new(7);
        let mut seen = [0usize; 5];
        for _ in 0..5_000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn permutations_and_samples_hold_each_number_once() {
        let mut random = Random::stream(7, Purpose::Items, 0);
        let mut order = random.permutation(100);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
        let sample = random.sample(100, 10);
        assert_eq!(sample.len(), 10);
        assert!(sample.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(random.sample(3, 10), [0, 1, 2]);
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_index() {
        let first = |seed, purpose, index| Random::stream(seed, purpose, index).next();
        let base = first(1, Purpose::Items, 0);
        assert_eq!(base, first(1, Purpose::Items, 0));
        assert_ne!(base, first(2, Purpose::Items, 0));
        assert_ne!(base, first(1, Purpose::Anchors, 0));
        assert_ne!(base, first(1, Purpose::Items, 1));
    }
}
