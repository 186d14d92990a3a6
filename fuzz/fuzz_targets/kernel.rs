//! Any vectors in blocks of any shape: no access out of bounds, and every entry is the cosine of its two vectors alone.
#![no_main]

use clipscope_analysis::fuzzing::{check_half_scores, check_scores};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[dim, rows, cols], rest)) = data.split_first_chunk::<3>() else { return };
    let (dim, rows, cols) = (usize::from(dim).max(1), usize::from(rows) % 80, usize::from(cols) % 40);
    // Between −1 and 1, as the components of unit vectors; what is missing repeats.
    let mut values = rest.iter().cycle().map(|&byte| (f32::from(byte) - 127.5) / 127.5);
    if rest.is_empty() {
        return;
    }
    let x: Vec<f32> = values.by_ref().take(rows * dim).collect();
    let y: Vec<f32> = values.take(cols * dim).collect();
    check_scores(&x, &y, dim);
    check_half_scores(&x, &y, dim);
});
