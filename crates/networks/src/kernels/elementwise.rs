//! Functions of single values, and of rows of values: softmax and layer norm.

use pulp::{Simd, WithSimd};

use super::level::Level;

/// A function applied to every value of a slice.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Function {
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The error function, within 5e-7.
    Erf,
}

/// Applies `function` in place.
pub(crate) fn apply(level: Level, function: Function, values: &mut [f32]) {
    level.run(Apply { function, values });
}

/// Softmax of each row of `length` values, in place. A value more than 87 below the largest becomes zero. Such values behind
/// the others, as padding has them, change no bit of the others.
pub(crate) fn softmax_rows(level: Level, values: &mut [f32], length: usize) {
    if length > 0 {
        level.run(Softmax { values, length });
    }
}

/// `(x - mean) / sqrt(variance + epsilon) · gamma + beta` for each row, in place, with the mean and variance of the row (Ba,
/// Kiros and Hinton, "Layer Normalization", 2016). An empty `beta` means zeros.
///
/// # Panics
/// When `gamma` is empty, or `beta` is neither empty nor as long as `gamma`.
pub(crate) fn layer_norm_rows(level: Level, values: &mut [f32], gamma: &[f32], beta: &[f32], epsilon: f32) {
    level.run(Norm { values, gamma, beta, epsilon });
}

struct Apply<'a> {
    function: Function,
    values: &'a mut [f32],
}

impl WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.function {
            Function::Sigmoid => map(
                simd,
                self.values,
                #[inline(always)]
                |x| sigmoid(simd, x),
            ),
            Function::Erf => map(
                simd,
                self.values,
                #[inline(always)]
                |x| erf(simd, x),
            ),
        }
    }
}

#[inline(always)]
fn map<S: Simd>(simd: S, values: &mut [f32], function: impl Fn(S::f32s) -> S::f32s) {
    let (whole, rest) = S::as_mut_simd_f32s(values);
    for values in whole {
        *values = function(*values);
    }
    if !rest.is_empty() {
        let values = function(simd.partial_load_f32s(rest));
        simd.partial_store_f32s(rest, values);
    }
}

/// `exp(x)` within 2 units in the last place, for `x` clamped to ±87: reduction to `|r| ≤ ln 2 / 2`, then the polynomial of
/// Cephes' `expf` (Moshier).
#[inline(always)]
fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    // Adding 1.5 · 2^23 rounds to an integer, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = simd.min_f32s(simd.max_f32s(x, simd.splat_f32s(-87.0)), simd.splat_f32s(87.0));
    let shifted = simd.mul_add_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), simd.splat_f32s(ROUND));
    let n = simd.sub_f32s(shifted, simd.splat_f32s(ROUND));
    let r = simd.mul_add_f32s(n, simd.splat_f32s(-0.693_359_4), x);
    let r = simd.mul_add_f32s(n, simd.splat_f32s(2.121_944_4e-4), r);
    let mut p = simd.splat_f32s(1.987_569_1e-4);
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5] {
        p = simd.mul_add_f32s(p, r, simd.splat_f32s(c));
    }
    let p = simd.mul_add_f32s(simd.mul_f32s(p, r), r, simd.add_f32s(r, simd.splat_f32s(1.0)));
    let bits = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    let scale = simd.add_u32s(bits, simd.splat_u32s(127 << 23));
    simd.mul_f32s(p, simd.transmute_f32s_u32s(scale))
}

#[inline(always)]
fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    simd.div_f32s(one, simd.add_f32s(one, exp(simd, simd.neg_f32s(x))))
}

/// Formula 7.1.26 of Abramowitz and Stegun, "Handbook of Mathematical Functions".
#[inline(always)]
fn erf<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    let size = simd.abs_f32s(x);
    let t = simd.div_f32s(one, simd.mul_add_f32s(size, simd.splat_f32s(0.327_591_1), one));
    let mut p = simd.splat_f32s(1.061_405_4);
    for c in [-1.453_152, 1.421_413_8, -0.284_496_74, 0.254_829_6] {
        p = simd.mul_add_f32s(p, t, simd.splat_f32s(c));
    }
    let tail = exp(simd, simd.neg_f32s(simd.mul_f32s(x, x)));
    let value = simd.sub_f32s(one, simd.mul_f32s(simd.mul_f32s(p, t), tail));
    // The sign of x.
    let sign = simd.and_u32s(simd.transmute_u32s_f32s(x), simd.splat_u32s(1 << 31));
    simd.transmute_f32s_u32s(simd.or_u32s(simd.transmute_u32s_f32s(value), sign))
}

struct Softmax<'a> {
    values: &'a mut [f32],
    length: usize,
}

impl WithSimd for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for row in self.values.chunks_exact_mut(self.length) {
            softmax(simd, row);
        }
    }
}

#[inline(always)]
pub(super) fn softmax<S: Simd>(simd: S, row: &mut [f32]) {
    let mut largest = f32::NEG_INFINITY;
    {
        let (whole, rest) = S::as_simd_f32s(row);
        let mut vector = simd.splat_f32s(f32::NEG_INFINITY);
        for &values in whole {
            vector = simd.max_f32s(vector, values);
        }
        largest = rest.iter().fold(largest.max(simd.reduce_max_f32s(vector)), |a, &b| a.max(b));
    }
    let (shift, least, zero) = (simd.splat_f32s(largest), simd.splat_f32s(-87.0), simd.splat_f32s(0.0));
    map(
        simd,
        row,
        #[inline(always)]
        |x| {
            let x = simd.sub_f32s(x, shift);
            simd.select_f32s(simd.less_than_f32s(x, least), zero, exp(simd, x))
        },
    );
    let scale = simd.splat_f32s(1.0 / sum(simd, row));
    map(
        simd,
        row,
        #[inline(always)]
        |x| simd.mul_f32s(x, scale),
    );
}

/// The sum of a row, lane by lane: zeros behind the others do not change it.
#[inline(always)]
fn sum<S: Simd>(simd: S, row: &[f32]) -> f32 {
    let (whole, rest) = S::as_simd_f32s(row);
    let mut sum = simd.splat_f32s(0.0);
    for &values in whole {
        sum = simd.add_f32s(sum, values);
    }
    simd.reduce_sum_f32s(simd.add_f32s(sum, simd.partial_load_f32s(rest)))
}

struct Norm<'a> {
    values: &'a mut [f32],
    gamma: &'a [f32],
    beta: &'a [f32],
    epsilon: f32,
}

impl WithSimd for Norm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.gamma.len();
        let zeros = vec![0.0; if self.beta.is_empty() { length } else { 0 }];
        let beta = if self.beta.is_empty() { &zeros } else { self.beta };
        assert_eq!(beta.len(), length, "gamma and beta have the same length");
        let (gamma, gamma_rest) = S::as_simd_f32s(self.gamma);
        let (beta, beta_rest) = S::as_simd_f32s(beta);
        for row in self.values.chunks_exact_mut(length) {
            let mean = sum(simd, row) / length as f32;
            let shift = simd.splat_f32s(mean);
            let (whole, rest) = S::as_mut_simd_f32s(row);
            let mut squares = simd.splat_f32s(0.0);
            for values in whole.iter_mut() {
                *values = simd.sub_f32s(*values, shift);
                squares = simd.mul_add_f32s(*values, *values, squares);
            }
            let mut variance = simd.reduce_sum_f32s(squares);
            for value in rest.iter_mut() {
                *value -= mean;
                variance += *value * *value;
            }
            let scale = 1.0 / (variance / length as f32 + self.epsilon).sqrt();
            for ((value, gamma), beta) in rest.iter_mut().zip(gamma_rest).zip(beta_rest) {
                *value = *value * scale * gamma + beta;
            }
            let scale = simd.splat_f32s(scale);
            for ((values, &gamma), &beta) in whole.iter_mut().zip(gamma).zip(beta) {
                *values = simd.mul_add_f32s(simd.mul_f32s(*values, scale), gamma, beta);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error function by its series, or ±1 where the series converges slowly.
    fn plain_erf(x: f64) -> f64 {
        if x.abs() > 4.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn functions_of_one_value_agree_with_double_precision() {
        let inputs: Vec<f32> = (-12_003..12_000).map(|i| i as f32 / 1000.0).collect();
        for level in Level::all() {
            for function in [Function::Sigmoid, Function::Erf] {
                let mut found = inputs.clone();
                apply(level, function, &mut found);
                for (&x, &found) in inputs.iter().zip(&found) {
                    let x = f64::from(x);
                    let expected = match function {
                        Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
                        Function::Erf => plain_erf(x),
                    };
                    assert!(
                        (f64::from(found) - expected).abs() < 5e-7,
                        "{level:?} {function:?}({x}): {found}"
                    );
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn padding_behind_a_row_changes_no_bit_of_its_softmax(
            length in 1..90usize, padding in 1..90usize, seed in 0..1000usize, masked in 0..2usize,
        ) {
            let number = |i: usize| (((i + seed) * 7919 + 13) % 2003) as f32 / 100.0 - 10.0;
            let mask = [f32::MIN, f32::NEG_INFINITY][masked];
            let row: Vec<f32> = (0..length).map(number).collect();
            for level in Level::all() {
                let mut alone = row.clone();
                softmax_rows(level, &mut alone, length);
                // Two rows, so that the second begins anywhere.
                let padded: Vec<f32> = row.iter().copied().chain(std::iter::repeat_n(mask, padding)).collect();
                let mut padded = padded.repeat(2);
                softmax_rows(level, &mut padded, length + padding);
                alone.resize(length + padding, 0.0);
                for found in padded.chunks_exact(length + padding) {
                    let same = found.iter().zip(&alone).all(|(a, b)| a.to_bits() == b.to_bits());
                    proptest::prop_assert!(same, "{level:?}: {found:?}, not {alone:?}");
                }
            }
        }

        #[test]
        fn rows_agree_with_the_plain_formulas(length in 1..90usize, rows in 1..4usize, seed in 0..1000usize) {
            let number = |i: usize| (((i + seed) * 7919 + 13) % 2003) as f32 / 100.0 - 10.0;
            let values: Vec<f32> = (0..rows * length).map(number).collect();
            let gamma: Vec<f32> = (0..length).map(|i| number(i + 3)).collect();
            let beta: Vec<f32> = (0..length).map(|i| number(i + 7)).collect();
            for level in Level::all() {
                let (mut soft, mut norm) = (values.clone(), values.clone());
                softmax_rows(level, &mut soft, length);
                layer_norm_rows(level, &mut norm, &gamma, &beta, 1e-5);
                for row in 0..rows {
                    let range = row * length..(row + 1) * length;
                    let x: Vec<f64> = values[range.clone()].iter().map(|&x| f64::from(x)).collect();
                    let largest = x.iter().fold(f64::MIN, |a, &b| a.max(b));
                    let total: f64 = x.iter().map(|x| (x - largest).exp()).sum();
                    let mean = x.iter().sum::<f64>() / length as f64;
                    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / length as f64;
                    for (i, x) in x.iter().enumerate() {
                        let expected = (x - largest).exp() / total;
                        proptest::prop_assert!((f64::from(soft[range.start + i]) - expected).abs() < 1e-6);
                        let expected = (x - mean) / (variance + 1e-5).sqrt() * f64::from(gamma[i]) + f64::from(beta[i]);
                        proptest::prop_assert!((f64::from(norm[range.start + i]) - expected).abs() < 1e-3);
                    }
                }
            }
        }
    }
}
