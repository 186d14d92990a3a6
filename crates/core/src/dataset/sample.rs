//! Drawing a sample of the photos, the same on every machine and in every version.

use clipscope_analysis::Random;

/// Keeps `count` items, drawn without replacement, in their old order. Every subset is equally likely.
pub(super) fn sample<T>(items: &mut Vec<T>, count: usize, seed: u64) {
    if count >= items.len() {
        return;
    }
    let mut random = Random::new(seed);
    let mut indices: Vec<usize> = (0..items.len()).collect();
    // The first `count` steps of a Fisher-Yates shuffle.
    for position in 0..count {
        let chosen = position + random.below(indices.len() - position);
        indices.swap(position, chosen);
    }
    let mut keep = vec![false; items.len()];
    for &index in &indices[..count] {
        keep[index] = true;
    }
    let mut keep = keep.into_iter();
    items.retain(|_| keep.next().unwrap_or(false));
}

#[cfg(test)]
mod tests {
    use super::*;

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
