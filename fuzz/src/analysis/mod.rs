//! The kernels, and the one type of their parent that they need.

#[path = "../../../src/analysis/kernel.rs"]
mod kernel;
#[path = "../../../src/analysis/matrix.rs"]
mod matrix;
#[path = "../../../src/analysis/nearest.rs"]
pub mod nearest;

pub use matrix::Matrix;
use nearest::{Query, from_half, half_dot, to_half};

/// Cosines of `rows` `[n, dim]` with `cols` `[m, dim]` in one block.
///
/// # Panics
/// When an entry differs by a bit from the cosine of its two vectors alone.
pub fn check_scores(rows: &[f32], cols: &[f32], dim: usize) {
    let (n, m) = (rows.len() / dim, cols.len() / dim);
    let mut out = vec![f32::NAN; n * m];
    kernel::Columns::pack(cols, m, dim).scores(rows, &mut out);
    for (place, score) in out.iter().enumerate() {
        let (row, col) = (place / m, place % m);
        let alone = kernel::cosine(&rows[row * dim..][..dim], &cols[col * dim..][..dim]);
        assert_eq!(score.to_bits(), alone.to_bits(), "row {row}, column {col}");
    }
}

/// Cosines of `rows` `[n, dim]` with `cols` `[m, dim]` in half precision.
///
/// # Panics
/// When a cosine depends on where the row lies in memory, or on which side is widened.
pub fn check_half_scores(rows: &[f32], cols: &[f32], dim: usize) {
    // One byte in front, so that no row is aligned.
    let shifted: Vec<u8> = std::iter::once(0).chain(to_half(cols)).collect();
    for row in rows.chunks_exact(dim) {
        let half: Vec<u8> = to_half(row).collect();
        let query = Query::new(&from_half(&half));
        for col in shifted[1..].chunks_exact(dim * 2) {
            let score = query.score(col);
            assert_eq!(score.to_bits(), query.score(&col.to_vec()).to_bits());
            assert_eq!(score.to_bits(), half_dot(&half, col).clamp(-1.0, 1.0).to_bits());
        }
    }
}
