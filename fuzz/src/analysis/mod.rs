//! The kernel.

#[path = "../../../src/analysis/kernel.rs"]
mod kernel;

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
