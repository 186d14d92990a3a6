//! Rankings of one query's scores, for what is on screen. Must not be used on whole collections: `retrieval` counts instead.

/// Candidates by descending score, ties by position, in the most literal form.
#[cfg(test)]
fn ranking(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // Stable, so that equal scores keep the order of their indices; 0.0 and −0.0 are equal.
    order.sort_by(|&a, &b| scores[b].partial_cmp(&scores[a]).unwrap_or(std::cmp::Ordering::Equal));
    order
}

/// The `k` best candidates by descending score, ties by position. Scores must be finite, as cosines of unit vectors are.
#[must_use]
pub fn top_k(scores: &[f32], k: usize) -> Vec<usize> {
    let k = k.min(scores.len());
    let mut top: Vec<usize> = Vec::with_capacity(k + 1);
    if k == 0 {
        return top;
    }
    for (candidate, &score) in scores.iter().enumerate() {
        if top.len() == k && score <= scores[top[k - 1]] {
            continue;
        }
        let place = top.partition_point(|&better| scores[better] >= score);
        top.insert(place, candidate);
        top.truncate(k);
    }
    top
}

/// The best candidate and its score; of equal ones the first.
#[must_use]
pub fn best(scores: &[f32]) -> Option<(usize, f32)> {
    let first = *top_k(scores, 1).first()?;
    Some((first, scores[first]))
}

/// The rank of the best of `positives` (ascending): 1 + the number of other candidates that score at least as high. Ties
/// count against it. `None` without positives.
#[must_use]
pub fn pessimistic_rank(scores: &[f32], positives: &[usize]) -> Option<usize> {
    let best = positives.iter().map(|&positive| scores[positive]).reduce(f32::max)?;
    let at_least = scores.iter().filter(|&&score| score >= best).count();
    let own = positives.iter().filter(|&&positive| scores[positive] >= best).count();
    Some(1 + at_least - own)
}

/// Softmax of `logit_scale · score` over the candidates, in `f64`.
///
/// Source: CLIP (Radford et al. 2021), figure 3; the scale is `exp(t)` of the trained temperature.
#[must_use]
pub fn confidence(scores: &[f32], logit_scale: f32) -> Vec<f64> {
    let Some(max) = scores.iter().copied().reduce(f32::max) else { return Vec::new() };
    let weights: Vec<f64> = scores.iter().map(|&score| weight(score, max, logit_scale)).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// `exp(logit_scale · (score − max))`: the best candidate weighs 1, so nothing overflows.
pub(crate) fn weight(score: f32, max: f32, logit_scale: f32) -> f64 {
    (f64::from(logit_scale) * (f64::from(score) - f64::from(max))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_by_index_in_lists_and_against_the_positive_in_ranks() {
        let scores = [0.5, 0.9, 0.5, -0.1, 0.9];
        assert_eq!(ranking(&scores), [1, 4, 0, 2, 3]);
        for k in 0..=6 {
            assert_eq!(top_k(&scores, k), ranking(&scores)[..k.min(5)]);
        }
        assert_eq!(best(&scores), Some((1, 0.9)));
        assert_eq!(pessimistic_rank(&scores, &[1]), Some(2));
        assert_eq!(pessimistic_rank(&scores, &[1, 4]), Some(1));
        assert_eq!(pessimistic_rank(&scores, &[0, 3]), Some(4));
        assert_eq!(pessimistic_rank(&scores, &[]), None);
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn confidence_is_a_softmax_of_scaled_cosines() {
        let confidence = confidence(&[0.31, 0.30, 0.31], 100.0);
        assert!((confidence.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((confidence[0] / confidence[1] - 1f64.exp()).abs() < 1e-5);
        assert_eq!(confidence[0], confidence[2]);
        assert!(super::confidence(&[1.0, -1.0], f32::MAX).iter().all(|value| value.is_finite()));
        assert!(super::confidence(&[], 1.0).is_empty());
    }
}
