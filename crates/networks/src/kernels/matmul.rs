//! Products of matrices that are both results of the network, as attention has them.
//!
//! Every value is a sum in the order of the inner dimension, each product added with one rounding, however many rows,
//! columns and pairs there are. Zeros at the end of the inner dimension add nothing. Padding a batch of captions therefore
//! changes no bit of a caption, which a library that chooses its blocks by shape does not promise.

use pulp::{Simd, WithSimd};

use super::buffers::{give, take};
use super::level::Level;
use super::product::{Block, ROWS, Rows, store, tile, vectors};

/// The shape of a product of many pairs of matrices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub pairs: usize,
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
}

/// `left[pairs, rows, inner] · right[pairs, inner, columns]` → `[pairs, rows, columns]`, all row-major.
///
/// # Panics
/// When a slice does not have its shape.
pub(super) fn products(level: Level, shape: Shape, left: &[f32], right: &[f32]) -> Vec<f32> {
    let Shape { pairs, rows, inner, columns } = shape;
    assert_eq!(left.len(), pairs * rows * inner, "the left-hand side has another shape");
    assert_eq!(right.len(), pairs * inner * columns, "the right-hand side has another shape");
    let mut out = take(pairs * rows * columns);
    level.run(Products { shape, left, right, out: &mut out });
    out
}

struct Products<'a> {
    shape: Shape,
    left: &'a [f32],
    right: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Shape { pairs, inner, columns, .. } = self.shape;
        let lanes = S::F32_LANES;
        let panel = lanes * vectors(lanes);
        let mut packed = take(inner * panel);
        for pair in 0..pairs {
            let right = &self.right[pair * inner * columns..(pair + 1) * inner * columns];
            for column in (0..columns).step_by(panel) {
                let width = panel.min(columns - column).next_multiple_of(lanes);
                let packed = &mut packed[..inner * width];
                pack(&right[column.min(right.len())..], columns, width.min(columns - column), width, packed);
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

/// Copies the first `used` values of every line of `columns` values, padded with zeros to `width`.
#[inline(always)]
fn pack(right: &[f32], columns: usize, used: usize, width: usize, packed: &mut [f32]) {
    for (k, to) in packed.chunks_exact_mut(width).enumerate() {
        to[..used].copy_from_slice(&right[k * columns..][..used]);
        to[used..].fill(0.0);
    }
}

impl Products<'_> {
    /// Multiplies all rows of a pair with one panel of columns.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, simd: S, pair: usize, column: usize, packed: &[f32]) {
        let Shape { rows, inner, columns, .. } = self.shape;
        let block = Block::whole(inner);
        let left = Rows { values: self.left, starts: &[], segments: 1, length: inner, distance: inner };
        for row in (0..rows).step_by(ROWS) {
            let here = ROWS.min(rows - row);
            // Rows past the end repeat the last one. Their sums are not stored.
            let starts = std::array::from_fn(|r| (pair * rows + row + r.min(here - 1)) * inner);
            let zeros = [[simd.splat_f32s(0.0); V]; ROWS];
            let sums = tile::<S, V>(simd, &left, &starts, &block, packed, zeros);
            for (r, sums) in sums.iter().enumerate().take(here) {
                let line = (pair * rows + row + r) * columns;
                let line = &mut self.out[line + column..line + columns];
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

    fn product(level: Level, from: usize, shape: Shape) -> Vec<f32> {
        let Shape { pairs, rows, inner, columns } = shape;
        let (left, right) = (matrices(from, [pairs, rows, inner]), matrices(from, [pairs, inner, columns]));
        products(level, shape, &left, &right)
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_multiplied(
            pairs in 1..4usize, rows in 1..20usize, inner in 0..90usize, columns in 1..140usize,
        ) {
            for level in Level::all() {
                let found = product(level, 0, Shape { pairs, rows, inner, columns });
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
                let alone = product(level, pair, Shape { pairs: 1, rows, inner, columns });
                let large = Shape {
                    pairs: 3, rows: rows + more_rows, inner: inner + more_inner, columns: columns + more_columns,
                };
                let mut left = matrices(0, [3, large.rows, large.inner]);
                left.chunks_exact_mut(large.inner).for_each(|line| line[inner..].fill(0.0));
                let found = products(level, large, &left, &matrices(0, [3, large.inner, large.columns]));
                for row in 0..rows {
                    let line = (pair * large.rows + row) * large.columns;
                    let expected = &alone[row * columns..(row + 1) * columns];
                    proptest::prop_assert_eq!(bits(&found[line..line + columns]), bits(expected), "{:?}", level);
                }
            }
        }
    }
}
