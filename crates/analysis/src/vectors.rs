//! Unit-length embedding vectors, the only form in which they enter the analysis.
//!
//! Owns normalization and the refusal of vectors without a direction. Must not read files or know networks.

use thiserror::Error;

/// A row cannot become a unit vector. `row` is its position in the input, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VectorError {
    #[error("vector {row} is all zeros, so it has no direction; leave this item out or embed it again")]
    Zero { row: usize },
    #[error("vector {row} holds a value that is not a finite number; leave this item out or embed it again")]
    NotFinite { row: usize },
    #[error(
        "vector {row} has {found} components where {expected} were expected; embed it with the same model"
    )]
    WrongDimension { row: usize, expected: usize, found: usize },
}

/// Unit-length vectors, `[rows, dim]`, row-major, `f32`.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    dim: usize,
    rows: usize,
    data: Vec<f32>,
}

/// How far the length of a unit vector may be from 1 after its components were rounded to `f32`: at most 2⁻²⁴, and a little
/// more for components that are almost zero.
const ROUNDING: f64 = 1e-7;

impl Vectors {
    /// Scales each row of `dim` components to length 1. The length is computed in `f64`.
    ///
    /// A row that has this length as well as `f32` can tell is kept bit for bit, so that vectors that were written to a file
    /// and read again give the same numbers.
    ///
    /// # Errors
    /// The first row that is zero, not finite or of another dimension.
    pub fn from_rows<'a, I>(dim: usize, rows: I) -> Result<Self, VectorError>
    where
        I: IntoIterator<Item = &'a [f32]>,
    {
        let rows = rows.into_iter();
        let mut data = Vec::with_capacity(rows.size_hint().0.saturating_mul(dim));
        let mut count = 0;
        for (row, values) in rows.enumerate() {
            if values.len() != dim {
                return Err(VectorError::WrongDimension { row, expected: dim, found: values.len() });
            }
            if values.iter().any(|value| !value.is_finite()) {
                return Err(VectorError::NotFinite { row });
            }
            // In f64 the square of any finite f32 is finite, and of any non-zero one it is not zero.
            let norm = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
            if norm == 0.0 {
                return Err(VectorError::Zero { row });
            }
            if (norm - 1.0).abs() <= ROUNDING {
                data.extend_from_slice(values);
            } else {
                data.extend(values.iter().map(|&value| (f64::from(value) / norm) as f32));
            }
            count = row + 1;
        }
        Ok(Self { dim, rows: count, data })
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of components of each vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// # Panics
    /// When `row` is out of range.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.dim..(row + 1) * self.dim]
    }

    /// All vectors, `[rows, dim]` row-major.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// The vectors at `rows`, in that order: `[rows.len(), dim]`.
    ///
    /// # Panics
    /// When one is out of range.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut data = Vec::with_capacity(rows.len() * self.dim);
        for &row in rows {
            data.extend_from_slice(self.row(row));
        }
        Self { dim: self.dim, rows: rows.len(), data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<'a>(rows: &'a [&'a [f32]]) -> impl Iterator<Item = &'a [f32]> {
        rows.iter().copied()
    }

    #[test]
    fn rows_become_unit_length() {
        let vectors = Vectors::from_rows(2, rows(&[&[3.0, 4.0], &[0.0, -2.0]])).unwrap();
        assert_eq!((vectors.rows(), vectors.dim()), (2, 2));
        assert_eq!(vectors.as_slice(), [0.6, 0.8, 0.0, -1.0]);
        assert_eq!(vectors.select(&[1, 1, 0]).as_slice(), [0.0, -1.0, 0.0, -1.0, 0.6, 0.8]);
    }

    #[test]
    fn rows_of_unit_length_keep_their_bits() {
        let mut state = 7_u32;
        for dim in 2..40 {
            for _ in 0..200 {
                let row: Vec<f32> = (0..dim)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 8) as f32 / 8_388_608.0 - 1.0
                    })
                    .collect();
                let once = Vectors::from_rows(dim, rows(&[&row])).unwrap();
                let twice = Vectors::from_rows(dim, rows(&[once.row(0)])).unwrap();
                assert_eq!(once, twice, "{row:?}");
            }
        }
    }

    #[test]
    fn extreme_lengths_neither_overflow_nor_vanish() {
        let tiny = f32::from_bits(1);
        let vectors = Vectors::from_rows(2, rows(&[&[f32::MAX, 0.0], &[0.0, tiny]])).unwrap();
        assert_eq!(vectors.as_slice(), [1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_row_without_a_direction_is_named() {
        let make = |bad: &[f32]| Vectors::from_rows(2, rows(&[&[1.0, 0.0], bad]));
        assert_eq!(make(&[0.0, -0.0]), Err(VectorError::Zero { row: 1 }));
        assert_eq!(make(&[0.0, f32::NAN]), Err(VectorError::NotFinite { row: 1 }));
        assert_eq!(make(&[f32::NEG_INFINITY, 1.0]), Err(VectorError::NotFinite { row: 1 }));
        assert_eq!(make(&[1.0]), Err(VectorError::WrongDimension { row: 1, expected: 2, found: 1 }));
        assert_eq!(Vectors::from_rows(0, rows(&[&[]])), Err(VectorError::Zero { row: 0 }));
    }

    #[test]
    fn no_rows_is_an_empty_set() {
        let vectors = Vectors::from_rows(512, rows(&[])).unwrap();
        assert_eq!((vectors.rows(), vectors.dim()), (0, 512));
    }
}
