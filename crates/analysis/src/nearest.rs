//! Exact search among very many vectors: one query in `f32` against rows in half precision.
//!
//! A score is the sum over components in 32 lanes (component `i` goes to lane `i mod 32`, each lane a chain of fused
//! multiply-adds in `f32`), the lanes added in halves: 16, 8, 4, 2, 1. Every instruction set keeps to that order, so
//! a score depends on its two vectors alone, not on the machine, the threads or where the row is. Rows are
//! little-endian IEEE 754 half floats, as they lie in a file. Owns this arithmetic and the k best; must not know files.

use half::f16;

use crate::matrix::Matrix;
use crate::vectors::{VectorError, Vectors};

/// Independent sums. Four registers of eight hide the latency of a fused multiply-add.
const LANES: usize = 32;

/// A row and its cosine similarity with the query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub row: usize,
    pub score: f32,
}

/// The best rows so far: highest score first, the lower row first among equals.
#[derive(Debug, Clone)]
pub struct Nearest {
    k: usize,
    min_score: f32,
    hits: Vec<Hit>,
}

impl Nearest {
    /// Keeps at most `k` rows, those with a score of `min_score` or more.
    #[must_use]
    pub fn new(k: usize, min_score: f32) -> Self {
        Self { k, min_score, hits: Vec::new() }
    }

    /// Considers a row. NaN is never a hit.
    pub fn offer(&mut self, hit: Hit) {
        let before = |a: &Hit, b: &Hit| a.score > b.score || (a.score == b.score && a.row < b.row);
        let full = self.hits.len() >= self.k;
        if hit.score.is_nan()
            || hit.score < self.min_score
            || full && self.hits.last().is_none_or(|last| !before(&hit, last))
        {
            return;
        }
        let place = self.hits.partition_point(|better| before(better, &hit));
        self.hits.insert(place, hit);
        self.hits.truncate(self.k);
    }

    /// The best of both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        other.hits.into_iter().for_each(|hit| self.offer(hit));
        self
    }

    #[must_use]
    pub fn into_hits(self) -> Vec<Hit> {
        self.hits
    }
}

/// The unit vector that is searched for.
#[derive(Debug, Clone)]
pub struct Query {
    vector: Vec<f32>,
    instructions: Instructions,
}

impl Query {
    /// Takes a vector of unit length, `[dim]`.
    #[must_use]
    pub fn new(vector: &[f32]) -> Self {
        Self { vector: vector.to_vec(), instructions: Instructions::detect() }
    }

    #[must_use]
    pub fn dim(&self) -> usize {
        self.vector.len()
    }

    /// The cosine similarity with a row of `dim` half floats (`2·dim` bytes), within [−1, 1]. Of rows of another length only
    /// the common part counts.
    #[must_use]
    pub fn score(&self, row: &[u8]) -> f32 {
        self.instructions.dot(&self.vector, row.as_chunks::<2>().0).clamp(-1.0, 1.0)
    }

    /// Offers `rows`, of which the first has the number `first`, to `nearest`.
    pub fn scan(&self, rows: &[u8], first: usize, nearest: &mut Nearest) {
        if self.vector.is_empty() {
            return;
        }
        for (index, row) in rows.chunks_exact(self.vector.len() * 2).enumerate() {
            nearest.offer(Hit { row: first + index, score: self.score(row) });
        }
    }
}

/// Cosines of some rows with others, `[rows.len(), cols.len()]`: the visible cells of a grid too large to keep.
#[must_use]
pub fn window(rows: &[Vec<f32>], cols: &[&[u8]]) -> Matrix {
    let mut matrix = Matrix::zeros(rows.len(), cols.len());
    if !cols.is_empty() {
        for (row, out) in rows.iter().zip(matrix.as_mut_slice().chunks_exact_mut(cols.len())) {
            let query = Query::new(row);
            for (cell, col) in out.iter_mut().zip(cols) {
                *cell = query.score(col);
            }
        }
    }
    matrix
}

/// A shorter sum of unit vectors is only rounding error.
const CANCELED: f32 = 1e-5;

/// Adds unit vectors (`weight` 1) and subtracts others (`weight` −1); the result is scaled to unit length. All terms count
/// the same, as in the analogies of Mikolov et al. (2013).
///
/// # Errors
/// Terms of different dimension (named by the position of the term), and terms that cancel out.
pub fn combine(terms: &[(f32, &Vectors)]) -> Result<Vectors, VectorError> {
    let dim = terms.first().map_or(0, |(_, vectors)| vectors.dim());
    let mut sum = vec![0.0f32; dim];
    for (row, (weight, vectors)) in terms.iter().enumerate() {
        if vectors.dim() != dim || vectors.rows() != 1 {
            return Err(VectorError::WrongDimension { row, expected: dim, found: vectors.as_slice().len() });
        }
        for (sum, value) in sum.iter_mut().zip(vectors.row(0)) {
            *sum += weight * value;
        }
    }
    // The rounding error that is left when terms cancel out would be scaled up.
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length < CANCELED {
        sum.fill(0.0);
    }
    Vectors::from_rows(dim, [sum.as_slice()])
}

/// The dot product of two rows in half precision, with the bits of a [`Query`] made of the left one.
#[must_use]
pub fn half_dot(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (a.as_chunks::<2>().0, b.as_chunks::<2>().0);
    match Instructions::detect() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: this variant is only made after the processor reported F16C, AVX2 and FMA.
        Instructions::F16c => unsafe { dot_halves_f16c(a, b) },
        Instructions::Baseline => {
            let mut lanes = [0.0f32; LANES];
            for (index, (&a, &b)) in a.iter().zip(b).enumerate() {
                let lane = &mut lanes[index % LANES];
                *lane = f16::from_le_bytes(a).to_f32().mul_add(f16::from_le_bytes(b).to_f32(), *lane);
            }
            add_lanes(lanes)
        }
    }
}

/// A vector in half precision, as rows are kept: `2·dim` bytes.
pub fn to_half(vector: &[f32]) -> impl Iterator<Item = u8> {
    vector.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes())
}

/// A row as `f32`, exactly.
#[must_use]
pub fn from_half(row: &[u8]) -> Vec<f32> {
    row.as_chunks::<2>().0.iter().map(|&value| f16::from_le_bytes(value).to_f32()).collect()
}

/// Instruction sets with their own kernel. They differ in speed, not in results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    F16c,
    Baseline,
}

impl Instructions {
    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("f16c")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
        {
            return Self::F16c;
        }
        Self::Baseline
    }

    fn dot(self, query: &[f32], row: &[[u8; 2]]) -> f32 {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is only made after the processor reported F16C, AVX2 and FMA.
            Self::F16c => unsafe { dot_f16c(query, row) },
            Self::Baseline => dot_baseline(query, row),
        }
    }
}

fn dot_baseline(query: &[f32], row: &[[u8; 2]]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for (index, (&a, &b)) in query.iter().zip(row).enumerate() {
        let lane = &mut lanes[index % LANES];
        *lane = a.mul_add(f16::from_le_bytes(b).to_f32(), *lane);
    }
    add_lanes(lanes)
}

/// Adds the lanes in halves.
#[inline(always)]
fn add_lanes(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        let (low, high) = lanes.split_at_mut(half);
        for (low, &high) in low.iter_mut().zip(high.iter()) {
            *low += high;
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "f16c,avx2,fma")]
fn dot_f16c(query: &[f32], row: &[[u8; 2]]) -> f32 {
    use std::arch::x86_64::_mm256_loadu_ps;
    // SAFETY: eight f32 are read from an array of eight; they need not be aligned.
    let load = |eight: &[f32; 8]| unsafe { _mm256_loadu_ps(eight.as_ptr()) };
    dot_eights(query, row, load, |value| value)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "f16c,avx2,fma")]
fn dot_halves_f16c(a: &[[u8; 2]], b: &[[u8; 2]]) -> f32 {
    dot_eights(a, b, |eight| widen(eight), |half| f16::from_le_bytes(half).to_f32())
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "f16c,avx2,fma")]
fn widen(eight: &[[u8; 2]; 8]) -> std::arch::x86_64::__m256 {
    use std::arch::x86_64::{_mm_loadu_si128, _mm256_cvtph_ps};
    // SAFETY: sixteen bytes are read from an array of sixteen; they need not be aligned.
    _mm256_cvtph_ps(unsafe { _mm_loadu_si128(eight.as_ptr().cast()) })
}

/// The dot product of `left`, read by `load` eight at a time and by `one` at the end, with a row.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "f16c,avx2,fma")]
#[inline]
fn dot_eights<T: Copy>(
    left: &[T],
    row: &[[u8; 2]],
    load: impl Fn(&[T; 8]) -> std::arch::x86_64::__m256,
    one: impl Fn(T) -> f32,
) -> f32 {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_setzero_ps, _mm256_storeu_ps};
    let length = left.len().min(row.len());
    let mut sums = [_mm256_setzero_ps(); LANES / 8];
    let (left_eights, left_rest) = left[..length].as_chunks::<8>();
    let (row_eights, row_rest) = row[..length].as_chunks::<8>();
    let (left_fours, left_eights) = left_eights.as_chunks::<4>();
    let (row_fours, row_eights) = row_eights.as_chunks::<4>();
    for (a, b) in left_fours.iter().zip(row_fours) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum = _mm256_fmadd_ps(load(a), widen(b), *sum);
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(left_eights).zip(row_eights) {
        *sum = _mm256_fmadd_ps(load(a), widen(b), *sum);
    }
    let mut lanes = [0.0f32; LANES];
    for (lanes, sum) in lanes.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
        // SAFETY: eight f32 are written to an array of eight; it need not be aligned.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), sum) };
    }
    // The rest goes to the lanes after the last full eight.
    let start = left_eights.len() * 8;
    for ((lane, &a), &b) in lanes[start..].iter_mut().zip(left_rest).zip(row_rest) {
        *lane = one(a).mul_add(f16::from_le_bytes(b).to_f32(), *lane);
    }
    add_lanes(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn noise(random: &mut Random, len: usize) -> Vec<f32> {
        let values: Vec<f32> = (0..len).map(|_| (random.next() >> 40) as f32 / 8_388_608.0 - 1.0).collect();
        Vectors::from_rows(len, [values.as_slice()]).unwrap().as_slice().to_vec()
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits_and_nearly_the_exact_cosine() {
        let mut random = Random::new(5);
        for dim in [1, 7, 8, 9, 31, 32, 33, 40, 63, 100, 384, 512, 1000, 1001] {
            let (query, row) = (noise(&mut random, dim), noise(&mut random, dim));
            let half: Vec<u8> = to_half(&row).collect();
            let mut query = Query::new(&query);
            let found = query.score(&half);
            query.instructions = Instructions::Baseline;
            assert_eq!(found.to_bits(), query.score(&half).to_bits(), "{dim}");
            let exact: f64 = query.vector.iter().zip(&row).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            assert!((f64::from(found) - exact).abs() < 1e-3, "{dim}: {found} {exact}");
            let exact_half = Query::new(&from_half(&half)).score(&half);
            assert_eq!(half_dot(&half, &half).clamp(-1.0, 1.0).to_bits(), exact_half.to_bits(), "{dim}");
        }
    }

    #[test]
    fn the_best_are_those_of_a_full_sort_however_the_rows_are_split() {
        let mut random = Random::new(6);
        let hits: Vec<Hit> =
            (0..500).map(|row| Hit { row, score: (random.next() % 40) as f32 / 40.0 }).collect();
        let mut sorted = hits.clone();
        sorted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        for k in [0, 1, 10, 499, 1000] {
            for split in [0, 1, 250, 500] {
                let collect = |hits: &[Hit]| {
                    let mut nearest = Nearest::new(k, 0.25);
                    hits.iter().for_each(|&hit| nearest.offer(hit));
                    nearest
                };
                let found = collect(&hits[split..]).merge(collect(&hits[..split])).into_hits();
                let expected: Vec<Hit> =
                    sorted.iter().copied().filter(|hit| hit.score >= 0.25).take(k).collect();
                assert_eq!(found, expected, "{k} {split}");
            }
        }
        let mut nearest = Nearest::new(3, f32::NEG_INFINITY);
        nearest.offer(Hit { row: 0, score: f32::NAN });
        assert!(nearest.into_hits().is_empty());
    }

    #[test]
    fn terms_are_added_and_taken_away_at_equal_length() {
        let unit = |values: &[f32]| Vectors::from_rows(2, [values]).unwrap();
        let (x, y) = (unit(&[3.0, 0.0]), unit(&[0.0, 0.1]));
        let sum = combine(&[(1.0, &x), (1.0, &y)]).unwrap();
        assert_eq!(sum.as_slice(), [std::f32::consts::FRAC_1_SQRT_2; 2]);
        let difference = combine(&[(1.0, &x), (-1.0, &y)]).unwrap();
        assert_eq!(difference.as_slice()[1], -std::f32::consts::FRAC_1_SQRT_2);
        assert!(matches!(combine(&[(1.0, &x), (-1.0, &x)]), Err(VectorError::Zero { .. })));
        // Added up in this order, the parts differ in their last bits.
        let canceled = combine(&[(1.0, &x), (1.0, &y), (-1.0, &x), (-1.0, &y)]);
        assert!(matches!(canceled, Err(VectorError::Zero { .. })), "{canceled:?}");
        let other = Vectors::from_rows(3, [[1.0f32, 0.0, 0.0].as_slice()]).unwrap();
        assert!(matches!(combine(&[(1.0, &x), (1.0, &other)]), Err(VectorError::WrongDimension { .. })));
    }

    #[test]
    fn a_window_holds_the_scores_of_its_rows_and_columns() {
        let rows = [vec![1.0, 0.0], vec![0.6, 0.8]];
        let halves: Vec<Vec<u8>> = rows.iter().map(|row| to_half(row).collect()).collect();
        let cols: Vec<&[u8]> = halves.iter().map(Vec::as_slice).collect();
        let matrix = window(&rows, &cols);
        assert_eq!(matrix.get(0, 0), 1.0);
        assert!((matrix.get(1, 0) - 0.6).abs() < 1e-6 && (matrix.get(1, 1) - 1.0).abs() < 1e-3);
        assert_eq!(from_half(&halves[0]), rows[0]);
        assert_eq!(window(&rows, &[]).cols(), 0);
    }
}
