//! Cosine similarity of every vector of one set with every vector of another, whole or in row blocks.
//!
//! Owns the order and the parallelism of the blocks. Must not interpret a score.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{AnalysisError, check_dimensions};
use crate::kernel::{BLOCK_ROWS, Columns};
use crate::matrix::Matrix;
use crate::vectors::Vectors;

/// Blocks computed before their results are merged. Bounds the memory of unmerged results.
const BLOCKS_AT_ONCE: usize = 16;

/// `S = X·Yᵀ`, `[x.rows, y.rows]`: cosines within [−1, 1], computed in `f64` and stored as `f32`.
///
/// # Errors
/// Sets of different dimension.
pub fn similarity(x: &Vectors, y: &Vectors) -> Result<Matrix, AnalysisError> {
    check_dimensions(x, y)?;
    let mut matrix = Matrix::zeros(x.rows(), y.rows());
    let cols = y.rows();
    if x.rows() == 0 || cols == 0 {
        return Ok(matrix);
    }
    let columns = Columns::pack(y.as_slice(), cols, y.dim());
    let blocks = matrix.as_mut_slice().par_chunks_mut(BLOCK_ROWS * cols);
    blocks.enumerate().for_each(|(block, out)| {
        let first = block * BLOCK_ROWS;
        let last = first + out.len() / cols;
        columns.scores(&x.as_slice()[first * x.dim()..last * x.dim()], out);
    });
    Ok(matrix)
}

/// Computes `S = X·Yᵀ` without storing it. `map` sees a range of rows and their scores (`[range.len(),
/// y.rows]` row-major) and runs in parallel; `merge` receives the results one at a time, in row order.
///
/// # Errors
/// Sets of different dimension.
pub(crate) fn fold_blocks<T: Send>(
    x: &Vectors,
    y: &Vectors,
    map: impl Fn(Range<usize>, &[f32]) -> T + Sync,
    mut merge: impl FnMut(T),
) -> Result<(), AnalysisError> {
    check_dimensions(x, y)?;
    let columns = Columns::pack(y.as_slice(), y.rows(), y.dim());
    let starts: Vec<usize> = (0..x.rows()).step_by(BLOCK_ROWS).collect();
    for starts in starts.chunks(BLOCKS_AT_ONCE) {
        let results: Vec<T> = starts
            .par_iter()
            .map(|&first| {
                let rows = first..(first + BLOCK_ROWS).min(x.rows());
                let mut scores = vec![0.0; rows.len() * y.rows()];
                columns.scores(&x.as_slice()[rows.start * x.dim()..rows.end * x.dim()], &mut scores);
                map(rows, &scores)
            })
            .collect();
        results.into_iter().for_each(&mut merge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 2]]) -> Vectors {
        Vectors::from_rows(2, rows.iter().map(<[f32; 2]>::as_slice)).unwrap()
    }

    #[test]
    fn cosines_are_those_of_known_angles() {
        let matrix =
            similarity(&vectors(&[[1.0, 0.0], [0.0, 3.0]]), &vectors(&[[2.0, 0.0], [1.0, 1.0], [-1.0, 0.0]]));
        let matrix = matrix.unwrap();
        assert_eq!((matrix.rows(), matrix.cols()), (2, 3));
        assert_eq!(matrix.row(0), [1.0, std::f32::consts::FRAC_1_SQRT_2, -1.0]);
        assert_eq!(matrix.row(1), [0.0, std::f32::consts::FRAC_1_SQRT_2, 0.0]);
    }

    #[test]
    fn blocks_give_the_rows_of_the_whole() {
        let rows: Vec<[f32; 2]> = (0..300).map(|i| [i as f32 - 150.5, (i * i % 97) as f32 + 1.0]).collect();
        let (x, y) = (vectors(&rows), vectors(&rows[..45]));
        let whole = similarity(&x, &y).unwrap();
        let mut joined = Vec::new();
        fold_blocks(&x, &y, |_, scores| scores.to_vec(), |scores| joined.extend(scores)).unwrap();
        assert_eq!(whole.as_slice(), joined);
    }

    #[test]
    fn other_dimensions_are_refused_and_empty_sets_are_not() {
        let three = Vectors::from_rows(3, [[1.0f32, 0.0, 0.0].as_slice()]).unwrap();
        let two = vectors(&[[1.0, 0.0]]);
        assert!(matches!(similarity(&two, &three), Err(AnalysisError::Dimensions { left: 2, right: 3 })));
        let none = vectors(&[]);
        assert_eq!(similarity(&none, &two).unwrap().rows(), 0);
        assert_eq!(similarity(&two, &none).unwrap().cols(), 0);
    }
}
