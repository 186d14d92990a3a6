//! Drawing some of the photos, the same on every machine and in every version: no random number crate, whose streams may
//! change, but SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").

/// Keeps `count` items drawn without replacement, each subset equally likely, in their old order.
pub(super) fn sample<T>(items: &mut Vec<T>, count: usize, seed: u64) {
    if count >= items.len() {
        return;
    }
    let mut random = SplitMix64(seed);
    let mut indices: Vec<usize> = (0..items.len()).collect();
    // The first `count` steps of a Fisher-Yates shuffle.
    for position in 0..count {
        let rest = (indices.len() - position) as u64;
        let chosen = position + random.below(rest) as usize;
        indices.swap(position, chosen);
    }
    let mut keep = vec![false; items.len()];
    for &index in &indices[..count] {
        keep[index] = true;
    }
    let mut keep = keep.into_iter();
    items.retain(|_| keep.next().unwrap_or(false));
}

struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound` (not 0), without the bias of a plain remainder: numbers of the last, incomplete run of
    /// remainders are drawn again.
    fn below(&mut self, bound: u64) -> u64 {
        let incomplete = (u64::MAX % bound + 1) % bound;
        loop {
            let number = self.next();
            if number <= u64::MAX - incomplete {
                return number % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_the_published_numbers() {
        // The first outputs for seed 1234567, as the algorithm's public-domain C version prints them.
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn every_item_is_drawn_about_equally_often() {
        let mut drawn = [0_u32; 10];
        for seed in 0..10_000 {
            let mut items: Vec<usize> = (0..10).collect();
            sample(&mut items, 3, seed);
            assert_eq!(items.len(), 3);
            assert!(items.is_sorted());
            for item in items {
                drawn[item] += 1;
            }
        }
        // 3,000 expected, standard deviation 46.
        assert!(drawn.iter().all(|&count| (2_750..3_250).contains(&count)), "{drawn:?}");
    }
}
