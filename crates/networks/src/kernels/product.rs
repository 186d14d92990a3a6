//! Matrix product with a right-hand side that is packed once.
//!
//! `out[row, :] = clamp(Σ_k a[row, k] · b[k, :] + bias + residual)`, all matrices row-major. The blocking is that of Goto
//! and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): a tile of `ROWS` rows by one panel of
//! columns stays in registers, a block of the panel in the first-level cache, a block of the left-hand rows in the second.
//!
//! The left-hand side is read without a copy. Its rows may consist of segments of equal length and equal distance. A
//! convolution over a padded image with channels last is then a product, too: a row is an output pixel, a segment one line
//! of its window.
//!
//! The bits of a row do not depend on how many rows there are: a value is its bias, and then the products in the order of
//! `k`, each added with one rounding.
//!
//! Runs on one thread; the workers of the pipeline run in parallel.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::buffers::take;
use super::level::Level;

/// Rows of a tile. 6 × 2 vectors of AVX2, or 6 × 4 of AVX-512, leave registers for the operands.
pub(super) const ROWS: usize = 6;
/// Bytes of a packed block of a panel: what fits in the first-level cache next to the rows.
const BLOCK_BYTES: usize = 16 << 10;
/// Floats of the left-hand side in a block: what fits in the second-level cache.
const LEFT_FLOATS: usize = 64 << 10;

/// The rows of the left-hand side in memory. Segment `s` of row `r` is the `length` floats from `starts[r] + s * distance`.
pub(crate) struct Rows<'a> {
    pub values: &'a [f32],
    pub starts: &'a [usize],
    pub segments: usize,
    pub length: usize,
    pub distance: usize,
}

/// What is done to a sum before it is stored.
#[derive(Clone, Copy)]
pub(crate) struct Finish<'a> {
    /// Added, `[rows, columns]`.
    pub residual: Option<&'a [f32]>,
    /// Smallest and largest value of the result.
    pub clamp: (f32, f32),
}

impl Finish<'_> {
    /// Stores the sum as it is.
    pub(crate) const PLAIN: Self = Self { residual: None, clamp: (f32::NEG_INFINITY, f32::INFINITY) };
}

/// A right-hand side `[inner, columns]` with its bias, in the order in which a [`Level`] reads it.
#[derive(Debug)]
pub(crate) struct Packed {
    level: Level,
    /// For each block of `inner`, for each panel: `[block, panel's columns]`.
    values: Vec<f32>,
    /// Padded with zeros to whole vectors.
    bias: Vec<f32>,
    blocks: Vec<Block>,
    inner: usize,
    columns: usize,
}

/// A part of `inner`: some whole segments, or a part of one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// First index in `inner`.
    start: usize,
    /// First segment, and the index in it.
    segment: usize,
    within: usize,
    segments: usize,
    length: usize,
}

impl Block {
    /// All of `inner`, as one segment.
    pub(super) fn whole(inner: usize) -> Self {
        Self { start: 0, segment: 0, within: 0, segments: 1, length: inner }
    }

    fn inner(&self) -> usize {
        self.segments * self.length
    }
}

/// Number of columns of a panel.
fn panel(level: Level) -> usize {
    level.lanes() * vectors(level.lanes())
}

/// Number of vectors side by side in a tile.
pub(super) const fn vectors(lanes: usize) -> usize {
    if lanes == 8 { 2 } else { 4 }
}

impl Packed {
    /// Packs `b(k, column)` for left-hand rows of `segments` segments of `length` floats. An empty bias means zeros.
    pub(crate) fn new(
        level: Level,
        (segments, length): (usize, usize),
        columns: usize,
        bias: &[f32],
        b: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let (lanes, panel) = (level.lanes(), panel(level));
        let padded = columns.next_multiple_of(lanes);
        let inner = segments * length;
        let blocks = blocks(segments, length, (BLOCK_BYTES / 4 / panel).max(1));
        let mut values = Vec::with_capacity(inner * padded);
        for block in &blocks {
            for first in (0..padded).step_by(panel) {
                for k in block.start..block.start + block.inner() {
                    let end = (first + panel).min(padded);
                    values.extend((first..end).map(|c| if c < columns { b(k, c) } else { 0.0 }));
                }
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(padded, 0.0);
        Self { level, values, bias, blocks, inner, columns }
    }

    /// The product, `[rows, columns]`.
    ///
    /// # Panics
    /// When the rows have another length than the packed side, or reach past the end of their values.
    pub(crate) fn product(&self, rows: &Rows, finish: Finish) -> Vec<f32> {
        assert_eq!(
            rows.segments * rows.length,
            self.inner,
            "the rows have another length than the packed side"
        );
        let mut out = take(rows.starts.len() * self.columns);
        if let Some(residual) = finish.residual {
            assert_eq!(residual.len(), out.len(), "the residual has another shape");
        }
        if !out.is_empty() {
            self.level.run(Product { packed: self, rows, finish, out: &mut out });
        }
        out
    }
}

fn blocks(segments: usize, length: usize, most: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    if length <= most {
        let together = (most / length.max(1)).max(1);
        for first in (0..segments).step_by(together) {
            blocks.push(Block {
                start: first * length,
                segment: first,
                within: 0,
                segments: together.min(segments - first),
                length,
            });
        }
    } else {
        // Equal parts, so that none of them is short.
        let part = length.div_ceil(length.div_ceil(most));
        for segment in 0..segments {
            for start in (0..length).step_by(part) {
                blocks.push(Block {
                    start: segment * length + start,
                    segment,
                    within: start,
                    segments: 1,
                    length: part.min(length - start),
                });
            }
        }
    }
    blocks
}

struct Product<'a> {
    packed: &'a Packed,
    rows: &'a Rows<'a>,
    finish: Finish<'a>,
    out: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let packed = self.packed;
        let lanes = S::F32_LANES;
        let panel = lanes * vectors(lanes);
        let padded = packed.bias.len();
        let total = self.rows.starts.len();
        for (number, block) in packed.blocks.iter().enumerate() {
            let (first_block, last_block) = (number == 0, number + 1 == packed.blocks.len());
            let height = (LEFT_FLOATS / block.inner().max(1)).max(ROWS) / ROWS * ROWS;
            for top in (0..total).step_by(height) {
                let bottom = (top + height).min(total);
                for column in (0..padded).step_by(panel) {
                    let width = panel.min(padded - column);
                    let from = block.start * padded + column * block.inner();
                    let b = &packed.values[from..from + width * block.inner()];
                    let at = Place { top, bottom, column, first_block, last_block };
                    match width / lanes {
                        1 => self.strip::<S, 1>(simd, block, b, at),
                        2 => self.strip::<S, 2>(simd, block, b, at),
                        3 => self.strip::<S, 3>(simd, block, b, at),
                        _ => self.strip::<S, 4>(simd, block, b, at),
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Place {
    top: usize,
    bottom: usize,
    column: usize,
    first_block: bool,
    last_block: bool,
}

impl Product<'_> {
    /// Multiplies the rows `top..bottom` with one panel.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, simd: S, block: &Block, b: &[f32], at: Place) {
        let lanes = S::F32_LANES;
        let columns = self.packed.columns;
        let bias: [S::f32s; V] = from_fn(|v| load(simd, &self.packed.bias[at.column + v * lanes..], lanes));
        let (low, high) = (simd.splat_f32s(self.finish.clamp.0), simd.splat_f32s(self.finish.clamp.1));
        for row in (at.top..at.bottom).step_by(ROWS) {
            let here = ROWS.min(at.bottom - row);
            // Rows past the end repeat the last one. Their sums are not stored.
            let starts: [usize; ROWS] = from_fn(|r| self.rows.starts[row + r.min(here - 1)]);
            let mut sums = [bias; ROWS];
            if !at.first_block {
                for (r, sums) in sums.iter_mut().enumerate().take(here) {
                    let line = &self.out[(row + r) * columns + at.column..(row + r + 1) * columns];
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = load(simd, &line[v * lanes..], lanes);
                    }
                }
            }
            let sums = tile::<S, V>(simd, self.rows, &starts, block, b, sums);
            for (r, sums) in sums.iter().enumerate().take(here) {
                let range = (row + r) * columns + at.column..(row + r + 1) * columns;
                let line = &mut self.out[range.clone()];
                for (v, &sum) in sums.iter().enumerate() {
                    let mut sum = sum;
                    if at.last_block {
                        if let Some(residual) = self.finish.residual {
                            let residual = load(simd, &residual[range.clone()][v * lanes..], lanes);
                            sum = simd.add_f32s(sum, residual);
                        }
                        sum = simd.min_f32s(simd.max_f32s(sum, low), high);
                    }
                    store(simd, &mut line[v * lanes..], lanes, sum);
                }
            }
        }
    }
}

/// The innermost loop: multiplies `ROWS` rows with one block of a panel.
#[inline(always)]
pub(super) fn tile<S: Simd, const V: usize>(
    simd: S,
    left: &Rows,
    starts: &[usize; ROWS],
    block: &Block,
    b: &[f32],
    mut sums: [[S::f32s; V]; ROWS],
) -> [[S::f32s; V]; ROWS] {
    let length = block.length;
    let (b, _) = S::as_simd_f32s(b).0.as_chunks::<V>();
    for segment in 0..block.segments {
        let offset = (block.segment + segment) * left.distance + block.within;
        let rows: [&[f32]; ROWS] = from_fn(|r| &left.values[starts[r] + offset..][..length]);
        let b = &b[segment * length..][..length];
        for k in 0..length {
            let b = b[k];
            for r in 0..ROWS {
                let value = simd.splat_f32s(rows[r][k]);
                for v in 0..V {
                    sums[r][v] = simd.mul_add_f32s(value, b[v], sums[r][v]);
                }
            }
        }
    }
    sums
}

/// The first vector of `from`, padded with zeros.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, from: &[f32], lanes: usize) -> S::f32s {
    match S::as_simd_f32s(&from[..lanes.min(from.len())]).0 {
        [whole, ..] => *whole,
        [] => simd.partial_load_f32s(from),
    }
}

/// Stores as much of a vector as fits `to`.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, to: &mut [f32], lanes: usize, values: S::f32s) {
    let length = lanes.min(to.len());
    let to = &mut to[..length];
    if length == lanes {
        if let [whole, ..] = S::as_mut_simd_f32s(to).0 {
            *whole = values;
        }
    } else {
        simd.partial_store_f32s(to, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn a_packed_product_is_the_plain_product(
            rows in 1..20usize, segments in 1..4usize, length in 1..300usize, gap in 0..5usize,
            columns in 1..140usize, seed in 0..1000u32, residual: bool, clamped: bool,
        ) {
            let distance = length + gap;
            let row_size = segments * distance;
            let a = numbers(rows * row_size, seed);
            let b = numbers(segments * length * columns, seed + 1);
            let bias = numbers(columns, seed + 2);
            let extra = numbers(rows * columns, seed + 3);
            let starts: Vec<usize> = (0..rows).map(|row| row * row_size).collect();
            let clamp = if clamped { (0.0, 2.0) } else { (f32::NEG_INFINITY, f32::INFINITY) };
            for level in Level::all() {
                let packed = Packed::new(level, (segments, length), columns, &bias, |k, c| b[k * columns + c]);
                let left = Rows { values: &a, starts: &starts, segments, length, distance };
                let found = packed.product(&left, Finish { residual: residual.then_some(&extra), clamp });
                for row in 0..rows {
                    for column in 0..columns {
                        let mut sum = f64::from(bias[column]);
                        for k in 0..segments * length {
                            let place = row * row_size + k / length * distance + k % length;
                            sum += f64::from(a[place]) * f64::from(b[k * columns + column]);
                        }
                        if residual { sum += f64::from(extra[row * columns + column]); }
                        let expected = sum.clamp(f64::from(clamp.0), f64::from(clamp.1));
                        let difference = (f64::from(found[row * columns + column]) - expected).abs();
                        proptest::prop_assert!(difference < 1e-4, "{level:?} [{row}, {column}]: {difference}");
                    }
                }
            }
        }
    }
}
