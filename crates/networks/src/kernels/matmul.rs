//! Products of matrices that are both results of the network, as attention has them.
//!
//! Every value is a sum in the order of the inner dimension, each product added with one rounding, however many rows,
//! columns and pairs there are. Zeros at the end of the inner dimension add nothing. Padding a batch of captions therefore
//! changes no bit of a caption, which a library that chooses its blocks by shape does not promise.

use pulp::{Simd, WithSimd};

use super::buffers::{give, take};
use super::level::Level;
use super::product::{Block, ROWS, Rows, store, tile, vectors};

/// The shape of a product of many pairs of matrices, which are counted by two indices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Batch and heads.
    pub pairs: [usize; 2],
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
}

/// Matrices in memory. The strides are those of batch, head, line and value; one of the last two is 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub values: &'a [f32],
    pub strides: [usize; 4],
}

/// Strides of `[batch, heads, lines, values]`.
pub(super) fn row_major([_, heads, lines, values]: [usize; 4]) -> [usize; 4] {
    [heads * lines * values, lines * values, values, 1]
}

/// Strides of `[batch, heads, lines, values]` when the memory is `[batch, lines, heads, values]`.
pub(super) fn heads_inside([_, heads, lines, values]: [usize; 4]) -> [usize; 4] {
    [lines * heads * values, values, heads * values, 1]
}

/// `left[.., rows, inner] · right[.., inner, columns]` → `[.., rows, columns]` with the strides `to` of batch, head, line and
/// value. The values of a line of `left` and of the result are neighbors.
///
/// # Panics
/// When a view reaches past its values, or `to` past the result.
pub(super) fn products(level: Level, shape: Shape, left: View, right: View, to: [usize; 4]) -> Vec<f32> {
    assert!(left.strides[3] == 1 && to[3] == 1, "lines whose values are neighbors");
    let mut out = take(shape.pairs[0] * shape.pairs[1] * shape.rows * shape.columns);
    level.run(Products { shape, left, right, to, out: &mut out });
    out
}

struct Products<'a> {
    shape: Shape,
    left: View<'a>,
    right: View<'a>,
    to: [usize; 4],
    out: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Shape { pairs: [batch, heads], inner, columns, .. } = self.shape;
        let lanes = S::F32_LANES;
        let panel = lanes * vectors(lanes);
        let mut packed = take(inner * panel);
        for pair in (0..batch).flat_map(|item| (0..heads).map(move |head| [item, head])) {
            for column in (0..columns).step_by(panel) {
                let used = panel.min(columns - column);
                let width = used.next_multiple_of(lanes);
                let packed = &mut packed[..inner * width];
                self.pack(pair, column, used, width, packed);
                match width / lanes {
                    1 => self.strip::<S, 1>(simd, pair, column, packed),
                    2 => self.strip::<S, 2>(simd, pair, column, packed),
                    3 => self.strip::<S, 3>(simd, pair, column, packed),
                    _ => self.strip::<S, 4>(simd, pair, column, packed),
                }
            }
        }
        give(packed);
    }
}

impl Products<'_> {
    /// Copies `used` columns of the right-hand side, padded with zeros to `width`: `[inner, width]`.
    #[inline(always)]
    fn pack(&self, pair: [usize; 2], column: usize, used: usize, width: usize, packed: &mut [f32]) {
        let View { values, strides: [batch, head, line, value] } = self.right;
        let first = pair[0] * batch + pair[1] * head + column * value;
        if value == 1 {
            for (k, to) in packed.chunks_exact_mut(width).enumerate() {
                to[..used].copy_from_slice(&values[first + k * line..][..used]);
                to[used..].fill(0.0);
            }
            return;
        }
        assert_eq!(line, 1, "columns whose values are neighbors");
        packed.fill(0.0);
        for c in 0..used {
            let from = &values[first + c * value..][..self.shape.inner];
            for (to, &from) in packed.chunks_exact_mut(width).zip(from) {
                to[c] = from;
            }
        }
    }

    /// Multiplies all rows of a pair with one panel of columns.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, simd: S, pair: [usize; 2], column: usize, packed: &[f32]) {
        let Shape { rows, inner, columns, .. } = self.shape;
        let block = Block::whole(inner);
        let left =
            Rows { values: self.left.values, starts: &[], segments: 1, length: inner, distance: inner };
        let place = |strides: [usize; 4], row| pair[0] * strides[0] + pair[1] * strides[1] + row * strides[2];
        for row in (0..rows).step_by(ROWS) {
            let here = ROWS.min(rows - row);
            // Rows past the end repeat the last one. Their sums are not stored.
            let starts = std::array::from_fn(|r| place(self.left.strides, row + r.min(here - 1)));
            let zeros = [[simd.splat_f32s(0.0); V]; ROWS];
            let sums = tile::<S, V>(simd, &left, &starts, &block, packed, zeros);
            for (r, sums) in sums.iter().enumerate().take(here) {
                let line = &mut self.out[place(self.to, row + r) + column..][..columns - column];
                for (v, &sum) in sums.iter().enumerate() {
                    store(simd, &mut line[v * S::F32_LANES..], S::F32_LANES, sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value of a matrix that depends on its place only.
    fn number(place: [usize; 3]) -> f32 {
        let [pair, line, column] = place;
        ((pair * 7919 + line * 104_729 + column * 1299 + 13) % 2003) as f32 / 1000.0 - 1.0
    }

    fn matrices(from: usize, [pairs, lines, columns]: [usize; 3]) -> Vec<f32> {
        let places = (from..from + pairs)
            .flat_map(|pair| (0..lines).flat_map(move |line| (0..columns).map(move |c| [pair, line, c])));
        places.map(number).collect()
    }

    fn multiply(level: Level, shape: Shape, left: &[f32], right: &[f32]) -> Vec<f32> {
        let Shape { pairs: [batch, heads], rows, inner, columns } = shape;
        let strides = |lines, values| row_major([batch, heads, lines, values]);
        let left = View { values: left, strides: strides(rows, inner) };
        let right = View { values: right, strides: strides(inner, columns) };
        products(level, shape, left, right, strides(rows, columns))
    }

    fn product(level: Level, from: usize, shape: Shape) -> Vec<f32> {
        let Shape { pairs: [batch, heads], rows, inner, columns } = shape;
        let (left, right) = ([batch * heads, rows, inner], [batch * heads, inner, columns]);
        multiply(level, shape, &matrices(from, left), &matrices(from, right))
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_multiplied(
            pairs in 1..4usize, rows in 1..20usize, inner in 0..90usize, columns in 1..140usize,
        ) {
            for level in Level::all() {
                let found = product(level, 0, Shape { pairs: [1, pairs], rows, inner, columns });
                for (place, found) in found.iter().enumerate() {
                    let (pair, row, column) = (place / columns / rows, place / columns % rows, place % columns);
                    let value = |k| f64::from(number([pair, row, k])) * f64::from(number([pair, k, column]));
                    let expected: f64 = (0..inner).map(value).sum();
                    let difference = (f64::from(*found) - expected).abs();
                    proptest::prop_assert!(difference < 1e-4, "{level:?} {place}: {found}, not {expected}");
                }
            }
        }

        #[test]
        fn no_bit_depends_on_the_other_rows_columns_and_pairs_or_on_zeros_behind(
            pair in 0..3usize, rows in 1..20usize, inner in 1..90usize, columns in 1..70usize,
            more_rows in 0..20usize, more_inner in 0..40usize, more_columns in 0..70usize,
        ) {
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            for level in Level::all() {
                let alone = product(level, pair, Shape { pairs: [1, 1], rows, inner, columns });
                let large = Shape {
                    pairs: [3, 1], rows: rows + more_rows, inner: inner + more_inner, columns: columns + more_columns,
                };
                let mut left = matrices(0, [3, large.rows, large.inner]);
                left.chunks_exact_mut(large.inner).for_each(|line| line[inner..].fill(0.0));
                let found = multiply(level, large, &left, &matrices(0, [3, large.inner, large.columns]));
                for row in 0..rows {
                    let line = (pair * large.rows + row) * large.columns;
                    let expected = &alone[row * columns..(row + 1) * columns];
                    proptest::prop_assert_eq!(bits(&found[line..line + columns]), bits(expected), "{:?}", level);
                }
            }
        }
    }
}
