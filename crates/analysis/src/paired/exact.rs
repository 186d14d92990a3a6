//! The exact test for paired hits and misses.
//!
//! Owns the distribution of a sum of signs. Must not know what is counted.

/// Two-sided p-value of the sum of `changes` when each of them is as likely to have the other sign; 1 when nothing changed.
///
/// Changes of one size make it a binomial test of how many went up: McNemar's exact test (McNemar, "Note on the sampling error
/// of the difference between correlated proportions or percentages", Psychometrika 1947). Changes of several sizes (several
/// captions of a photo that changed together) are counted over all their signs.
pub(super) fn sign_flip_p(changes: &[i64]) -> f64 {
    let sizes: Vec<usize> =
        changes.iter().filter(|change| **change != 0).map(|change| change.unsigned_abs() as usize).collect();
    let Some(&first) = sizes.first() else { return 1.0 };
    if sizes.iter().all(|&size| size == first) {
        let up = changes.iter().filter(|change| **change > 0).count();
        return binomial_p(up, sizes.len());
    }
    let observed = changes.iter().sum::<i64>().unsigned_abs() as usize;
    let span: usize = sizes.iter().sum();
    // The chance of each sum of the sizes that went up.
    let mut chances = vec![0.0; span + 1];
    chances[0] = 1.0;
    let mut reached = 0;
    for &size in &sizes {
        reached += size;
        for sum in (0..=reached).rev() {
            let without = chances[sum];
            let with = if sum >= size { chances[sum - size] } else { 0.0 };
            chances[sum] = 0.5 * (without + with);
        }
    }
    let extreme = |up: usize| (2 * up).abs_diff(span) >= observed;
    let p: f64 = chances.iter().enumerate().filter(|(up, _)| extreme(*up)).map(|(_, chance)| chance).sum();
    p.min(1.0)
}

/// The most tosses whose number of ways is a floating-point number; beyond, only their proportions are computed.
const LARGEST_DIRECT: usize = 1_000;

/// Twice the chance of at most `min(hits, n − hits)` heads in `n` tosses of a coin, and at most 1.
fn binomial_p(hits: usize, n: usize) -> f64 {
    let fewer = hits.min(n - hits);
    if n <= LARGEST_DIRECT {
        let (mut ways, mut sum) = (1.0, 1.0);
        for i in 1..=fewer {
            ways = ways * (n - i + 1) as f64 / i as f64;
            sum += ways;
        }
        return (sum * 0.5f64.powi(n as i32 - 1)).min(1.0);
    }
    // From the largest term down, relative to it: the terms themselves may be too small for a number.
    let largest: f64 = (1..=fewer).map(|i| ((n - fewer + i) as f64 / i as f64).ln()).sum::<f64>()
        - n as f64 * std::f64::consts::LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for i in (1..=fewer).rev() {
        term *= i as f64 / (n - i + 1) as f64;
        sum += term;
    }
    (2.0 * largest.exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12 * expected.max(1e-3), "{found} {expected}");
    }

    #[test]
    fn small_cases_are_those_of_the_binomial() {
        let changes = |up, down| [vec![1; up], vec![0; 9], vec![-1; down]].concat();
        close(sign_flip_p(&changes(0, 3)), 0.25);
        close(sign_flip_p(&changes(5, 0)), 0.0625);
        close(sign_flip_p(&changes(1, 5)), 0.21875);
        close(sign_flip_p(&changes(4, 4)), 1.0);
        assert_eq!(sign_flip_p(&changes(1, 2)), 1.0);
        assert_eq!(sign_flip_p(&changes(0, 0)), 1.0);
        assert_eq!(sign_flip_p(&[]), 1.0);
    }

    #[test]
    fn changes_of_one_size_are_one_test_whatever_the_size() {
        assert_eq!(sign_flip_p(&[2, -2, -2, -2]), sign_flip_p(&[1, -1, -1, -1]));
    }

    #[test]
    fn changes_of_several_sizes_agree_with_all_their_signs() {
        for changes in [&[3, -1, -1][..], &[2, 1, 1, -1], &[-5, 2, -2, 1, 1], &[1, 2, 3, 4, 5, 6]] {
            let observed = changes.iter().sum::<i64>().abs();
            let all = 1u32 << changes.len();
            let extreme = (0..all).filter(|signs| {
                let sum: i64 =
                    (0..).zip(changes).map(|(i, c)| if signs >> i & 1 == 1 { *c } else { -c }).sum();
                sum.abs() >= observed
            });
            close(sign_flip_p(changes), extreme.count() as f64 / f64::from(all));
        }
    }

    #[test]
    fn both_ways_to_the_same_number_agree_where_they_meet() {
        let p = |n: usize| binomial_p(n * 45 / 100, n);
        let (before, after) = (p(LARGEST_DIRECT), p(LARGEST_DIRECT + 20));
        assert!(after < before && after > 0.8 * before, "{before} {after}");
    }

    #[test]
    fn thousands_of_changes_neither_overflow_nor_vanish() {
        let p = sign_flip_p(&[vec![1; 2_100], vec![-1; 1_900]].concat());
        assert!((0.001..0.002).contains(&p), "{p}");
        // One change of another size takes the other way to nearly the same number.
        let mixed = sign_flip_p(&[vec![1; 2_098], vec![-1; 1_900], vec![2]].concat());
        assert!((p / mixed - 1.0).abs() < 0.05, "{p} {mixed}");
        assert!(sign_flip_p(&vec![1; 5_000]) < 1e-300);
    }
}
