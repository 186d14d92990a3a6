//! A dense table of scores. Owns its shape; must not compute.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// `[rows, cols]` scores, row-major, `f32`. In JSON an array of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl Matrix {
    /// A matrix of `rows × cols` zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Row `row`, `[cols]`.
    ///
    /// # Panics
    /// When `row >= rows()`, as slice indexing does.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    /// The entry at row `row`, column `col`.
    ///
    /// # Panics
    /// When either is out of range, as slice indexing does.
    #[must_use]
    pub fn get(&self, row: usize, col: usize) -> f32 {
        self.row(row)[col]
    }

    /// All entries, `[rows, cols]` row-major.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// All entries, to be filled in.
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
    fn serialises_as_rows() {
        let mut matrix = Matrix::zeros(2, 3);
        matrix.as_mut_slice()[4] = 0.1;
        assert_eq!(matrix.get(1, 1), 0.1);
        assert_eq!(serde_json::to_string(&matrix).unwrap(), "[[0.0,0.0,0.0],[0.0,0.1,0.0]]");
        assert_eq!(serde_json::to_string(&Matrix::zeros(2, 0)).unwrap(), "[[],[]]");
    }
}
