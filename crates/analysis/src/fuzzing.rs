//! Checks of the kernels for the fuzz targets, which reach only what is public.

use crate::kernel::{Columns, cosine};
use crate::nearest::{Query, from_half, half_dot, to_half};

/// Compares the cosines of `rows` `[n, dim]` with `cols` `[m, dim]`, computed in one block, with those of single pairs.
///
/// # Panics
/// When an entry differs by a bit from the cosine of its two vectors alone.
pub fn check_scores(rows: &[f32], cols: &[f32], dim: usize) {
    let (n, m) = (rows.len() / dim, cols.len() / dim);
    let mut out = vec![f32::NAN; n * m];
    Columns::pack(cols, m, dim).scores(rows, &mut out);
    for (entry, score) in out.iter().enumerate() {
        let (row, col) = (entry / m, entry % m);
        let alone = cosine(&rows[row * dim..][..dim], &cols[col * dim..][..dim]);
        assert_eq!(score.to_bits(), alone.to_bits(), "row {row}, column {col}");
    }
}

/// Computes the cosines of `rows` `[n, dim]` with `cols` `[m, dim]` in half precision.
///
/// # Panics
/// When a cosine depends on where the row is in memory, or on which side is widened.
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
