//! A dense table of scores. Owns its shape; must not compute.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// Matrices with more cells are not kept unless the caller says otherwise: 16 MB each.
pub const GRID_LIMIT: usize = 4_000_000;

/// `[rows, cols]` scores, row-major, `f32`. In JSON an array of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl Matrix {
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// # Panics
    /// When `row` is out of range.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    /// # Panics
    /// When `row` or `col` is out of range.
    #[must_use]
    pub fn get(&self, row: usize, col: usize) -> f32 {
        self.row(row)[col]
    }

    /// All entries, `[rows, cols]` row-major.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }
}

impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.rows))?;
        for row in 0..self.rows {
            rows.serialize_element(self.row(row))?;
        }
        rows.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_an_array_of_rows() {
        let mut matrix = Matrix::zeros(2, 3);
        matrix.as_mut_slice()[4] = 0.1;
        assert_eq!(matrix.get(1, 1), 0.1);
        assert_eq!(serde_json::to_string(&matrix).unwrap(), "[[0.0,0.0,0.0],[0.0,0.1,0.0]]");
        assert_eq!(serde_json::to_string(&Matrix::zeros(2, 0)).unwrap(), "[[],[]]");
    }
}
