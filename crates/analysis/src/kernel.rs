//! Dot products of many vectors with many: fast, and with the same bits everywhere.
//!
//! Every entry is the sum over the components, first to last, in `f64`, rounded once to `f32`. The product of
//! two `f32` is exact in `f64`, so a fused and a plain multiply-add give the same bits: an entry depends on its two vectors
//! alone, not on where it is in a block, the block's size, the number of threads or the instruction set. Owns this
//! arithmetic only; must not know what the vectors stand for.

/// Columns computed side by side. Packed vectors are stored in panels of this many.
const LANES: usize = 8;

/// The number of rows at which [`Columns::scores`] is fastest; a multiple of every tile height below.
pub(crate) const BLOCK_ROWS: usize = 64;

/// The cosine of two unit vectors of equal length, bit for bit as [`Columns::scores`] computes it.
pub(crate) fn cosine(x: &[f32], y: &[f32]) -> f32 {
    let mut sum = 0.0f64;
    for (&a, &b) in x.iter().zip(y) {
        sum += f64::from(a) * f64::from(b);
    }
    finish(sum)
}

/// Rounds a sum to a cosine. With unit vectors in `f32` the sum may exceed ±1 by rounding.
#[inline(always)]
fn finish(sum: f64) -> f32 {
    (sum as f32).clamp(-1.0, 1.0)
}

/// Unit vectors rearranged for use as the columns of a score block.
pub(crate) struct Columns {
    dim: usize,
    cols: usize,
    /// `[ceil(cols / LANES), dim, LANES]`; lanes past the last column hold zeros.
    panels: Vec<f32>,
    instructions: Instructions,
}

impl Columns {
    /// Packs `[cols, dim]` row-major vectors.
    pub(crate) fn pack(vectors: &[f32], cols: usize, dim: usize) -> Self {
        let mut panels = vec![0.0; cols.div_ceil(LANES) * dim * LANES];
        if dim > 0 {
            for (col, vector) in vectors.chunks_exact(dim).enumerate() {
                let panel = &mut panels[col / LANES * dim * LANES..][..dim * LANES];
                for (component, &value) in vector.iter().enumerate() {
                    panel[component * LANES + col % LANES] = value;
                }
            }
        }
        Self { dim, cols, panels, instructions: Instructions::detect() }
    }

    /// Writes the cosines of `rows` (`[n, dim]` row-major) with every column into `out`, `[n, cols]`
    /// row-major.
    pub(crate) fn scores(&self, rows: &[f32], out: &mut [f32]) {
        let (dim, cols) = (self.dim, self.cols);
        if dim == 0 || cols == 0 {
            out.fill(0.0);
            return;
        }
        let height = self.instructions.tile_rows();
        let packed = pack_rows(rows, dim, height);
        for (index, panel) in self.panels.chunks_exact(dim * LANES).enumerate() {
            let first = index * LANES;
            let width = LANES.min(cols - first);
            for (tile, tile_rows) in packed.chunks_exact(dim * height).enumerate() {
                let mut sums = [[0.0f64; LANES]; MAX_TILE_ROWS];
                self.instructions.tile(tile_rows, panel, &mut sums);
                for (offset, sums) in sums.iter().enumerate().take(height) {
                    let row = tile * height + offset;
                    if let Some(target) = out.get_mut(row * cols + first..row * cols + first + width) {
                        for (target, &sum) in target.iter_mut().zip(sums) {
                            *target = finish(sum);
                        }
                    }
                }
            }
        }
    }
}

/// Rearranges `[n, dim]` rows to `[ceil(n / height), dim, height]` in `f64`; missing rows hold zeros.
fn pack_rows(rows: &[f32], dim: usize, height: usize) -> Vec<f64> {
    let n = rows.len() / dim;
    let mut packed = vec![0.0; n.div_ceil(height) * dim * height];
    for (row, vector) in rows.chunks_exact(dim).enumerate() {
        let tile = &mut packed[row / height * dim * height..][..dim * height];
        for (component, &value) in vector.iter().enumerate() {
            tile[component * height + row % height] = f64::from(value);
        }
    }
    packed
}

/// The tallest tile of any instruction set.
const MAX_TILE_ROWS: usize = 16;
const BASELINE_ROWS: usize = 4;

/// Dot products of a tile: rows by lanes.
type Sums = [[f64; LANES]; MAX_TILE_ROWS];

/// Instruction sets with their own tile. They differ in speed, not in results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Baseline,
}

impl Instructions {
    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        Self::Baseline
    }

    /// Height of a tile, chosen so that the accumulators fill the registers.
    fn tile_rows(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => 16,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 4,
            Self::Baseline => BASELINE_ROWS,
        }
    }

    /// Computes `tile_rows × LANES` dot products. `rows` is `[dim, tile_rows]`, `panel` `[dim, LANES]`.
    fn tile(self, rows: &[f64], panel: &[f32], sums: &mut Sums) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is only made after the processor reported AVX-512F.
            Self::Avx512 => unsafe { tile_avx512(rows, panel, sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is only made after the processor reported AVX2 and FMA.
            Self::Avx2 => unsafe { tile_avx2(rows, panel, sums) },
            Self::Baseline => tile_baseline(rows, panel, sums),
        }
    }
}

// The vector types are spelled out below. Left alone, the compiler vectorizes these loops by row instead of by lane, which is
// ten times slower.

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn tile_avx512(rows: &[f64], panel: &[f32], sums: &mut Sums) {
    use std::arch::x86_64::{
        _mm256_loadu_ps, _mm512_cvtps_pd, _mm512_fmadd_pd, _mm512_set1_pd, _mm512_setzero_pd,
        _mm512_storeu_pd,
    };
    let mut accumulators = [_mm512_setzero_pd(); 16];
    for (rows, panel) in rows.as_chunks::<16>().0.iter().zip(panel.as_chunks::<LANES>().0) {
        // SAFETY: `panel` is an array of eight f32, as many as are read.
        let panel = _mm512_cvtps_pd(unsafe { _mm256_loadu_ps(panel.as_ptr()) });
        for (accumulator, &row) in accumulators.iter_mut().zip(rows) {
            *accumulator = _mm512_fmadd_pd(_mm512_set1_pd(row), panel, *accumulator);
        }
    }
    for (sums, accumulator) in sums.iter_mut().zip(accumulators) {
        // SAFETY: `sums` is an array of eight f64, as many as are written.
        unsafe { _mm512_storeu_pd(sums.as_mut_ptr(), accumulator) };
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn tile_avx2(rows: &[f64], panel: &[f32], sums: &mut Sums) {
    use std::arch::x86_64::{
        _mm_loadu_ps, _mm256_cvtps_pd, _mm256_fmadd_pd, _mm256_set1_pd, _mm256_setzero_pd, _mm256_storeu_pd,
    };
    let mut accumulators = [[_mm256_setzero_pd(); 2]; 4];
    for (rows, panel) in rows.as_chunks::<4>().0.iter().zip(panel.as_chunks::<LANES>().0) {
        let (low, high) = panel.split_at(4);
        // SAFETY: `low` and `high` are four f32 each, as many as are read.
        let (low, high) = unsafe { (_mm_loadu_ps(low.as_ptr()), _mm_loadu_ps(high.as_ptr())) };
        let (low, high) = (_mm256_cvtps_pd(low), _mm256_cvtps_pd(high));
        for (accumulator, &row) in accumulators.iter_mut().zip(rows) {
            let row = _mm256_set1_pd(row);
            accumulator[0] = _mm256_fmadd_pd(row, low, accumulator[0]);
            accumulator[1] = _mm256_fmadd_pd(row, high, accumulator[1]);
        }
    }
    for (sums, accumulator) in sums.iter_mut().zip(accumulators) {
        let (low, high) = sums.split_at_mut(4);
        // SAFETY: `low` and `high` are four f64 each, as many as are written.
        unsafe {
            _mm256_storeu_pd(low.as_mut_ptr(), accumulator[0]);
            _mm256_storeu_pd(high.as_mut_ptr(), accumulator[1]);
        }
    }
}

fn tile_baseline(rows: &[f64], panel: &[f32], sums: &mut Sums) {
    // One row at a time keeps its lanes in the registers that every processor has.
    for (row, sums) in sums.iter_mut().enumerate().take(BASELINE_ROWS) {
        let mut local = [0.0f64; LANES];
        for (rows, panel) in rows.as_chunks::<BASELINE_ROWS>().0.iter().zip(panel.as_chunks::<LANES>().0) {
            for (sum, &col) in local.iter_mut().zip(panel) {
                *sum += rows[row] * f64::from(col);
            }
        }
        *sums = local;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn noise(random: &mut Random, len: usize) -> Vec<f32> {
        (0..len).map(|_| (random.next() >> 40) as f32 / 8_388_608.0 - 1.0).collect()
    }

    #[test]
    fn every_instruction_set_and_block_shape_gives_the_same_bits() {
        let mut random = Random::new(3);
        for (rows, cols, dim) in [(1, 1, 1), (3, 9, 5), (17, 8, 64), (70, 31, 33), (16, 16, 512)] {
            let scale = 1.0 / (dim as f32).sqrt();
            let x: Vec<f32> = noise(&mut random, rows * dim).iter().map(|value| value * scale).collect();
            let y: Vec<f32> = noise(&mut random, cols * dim).iter().map(|value| value * scale).collect();
            let mut columns = Columns::pack(&y, cols, dim);
            let best = columns.instructions;
            for instructions in [best, Instructions::Baseline] {
                columns.instructions = instructions;
                let mut out = vec![f32::NAN; rows * cols];
                columns.scores(&x, &mut out);
                for row in 0..rows {
                    for col in 0..cols {
                        let expected = cosine(&x[row * dim..][..dim], &y[col * dim..][..dim]);
                        assert_eq!(out[row * cols + col].to_bits(), expected.to_bits());
                    }
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_middle_instruction_set_agrees_too() {
        if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
            return;
        }
        let mut random = Random::new(4);
        let (x, y) = (noise(&mut random, 6 * 40), noise(&mut random, 11 * 40));
        let mut columns = Columns::pack(&y, 11, 40);
        let mut results = [Instructions::Avx2, Instructions::Baseline].map(|instructions| {
            columns.instructions = instructions;
            let mut out = vec![0.0; 6 * 11];
            columns.scores(&x, &mut out);
            out
        });
        let (first, second) = results.split_at_mut(1);
        assert_eq!(first, second);
        assert!(results[0].iter().any(|&value| value != 0.0));
    }

    #[test]
    fn overshoot_is_clamped() {
        let x = [0.774_596_7f32; 2];
        assert_eq!(cosine(&x, &x), 1.0);
        assert_eq!(cosine(&[], &[]), 0.0);
    }
}
