//! The inverse cosine transform of a block, with the bits of libjpeg's `islow`.
//!
//! Owns the arithmetic: Loeffler, Ligtenberg and Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications" (1989),
//! in fixed point with 13 fractional bits and 2 bits kept between the passes. Must not know where blocks come from.

use std::num::Wrapping;

type Number = Wrapping<i32>;

/// Fractional bits of the constants.
const FRACTION: usize = 13;
/// Bits kept between the passes.
const KEPT: usize = 2;

const fn fixed(value: f64) -> Number {
    Wrapping((value * (1 << FRACTION) as f64 + 0.5) as i32)
}

/// Eight 8-point transforms side by side: `at(k)[i]` is coefficient `k` of transform `i`. Results are divided by `1 << SHIFT`.
#[inline(always)]
fn transform<const SHIFT: usize>(block: &mut [i32; 64]) {
    let half = Wrapping(1 << (SHIFT - 1));
    for i in 0..8 {
        let at = |k: usize| Wrapping(block[k * 8 + i]);
        // The even part.
        let z = (at(2) + at(6)) * fixed(0.541_196_100);
        let even_2 = z - at(6) * fixed(1.847_759_065);
        let even_3 = z + at(2) * fixed(0.765_366_865);
        let even_0 = (at(0) + at(4)) << FRACTION;
        let even_1 = (at(0) - at(4)) << FRACTION;
        let even = [even_0 + even_3, even_1 + even_2, even_1 - even_2, even_0 - even_3];
        // The odd part.
        let (a, b, c, d) = (at(7), at(5), at(3), at(1));
        let z5 = (a + c + b + d) * fixed(1.175_875_602);
        let z1 = (a + d) * fixed(0.899_976_223);
        let z2 = (b + c) * fixed(2.562_915_447);
        let z3 = z5 - (a + c) * fixed(1.961_570_560);
        let z4 = z5 - (b + d) * fixed(0.390_180_644);
        let odd = [
            d * fixed(1.501_321_110) - z1 + z4,
            c * fixed(3.072_711_026) - z2 + z3,
            b * fixed(2.053_119_869) - z2 + z4,
            a * fixed(0.298_631_336) - z1 + z3,
        ];
        for k in 0..4 {
            block[k * 8 + i] = (even[k] + odd[k] + half).0 >> SHIFT;
            block[(7 - k) * 8 + i] = (even[k] - odd[k] + half).0 >> SHIFT;
        }
    }
}

/// Rows become columns. Three perfect shuffles, which compile to vector instructions.
#[inline(always)]
fn transpose(block: &[i32; 64]) -> [i32; 64] {
    let mut from = *block;
    for _ in 0..3 {
        let mut to = [0; 64];
        for i in 0..32 {
            to[2 * i] = from[i];
            to[2 * i + 1] = from[i + 32];
        }
        from = to;
    }
    from
}

/// Writes the 8×8 samples of a block to `samples`, whose rows begin `stride` apart. `last` is the index (in the order of the
/// file) after which all coefficients are zero.
#[inline(always)]
pub(super) fn samples_of(
    coefficients: &[i16; 64],
    quantization: &[i16; 64],
    last: usize,
    samples: &mut [u8],
    stride: usize,
) {
    let value = |i: usize| i32::from(coefficients[i].wrapping_mul(quantization[i]));
    if last == 0 {
        let sample = (((value(0) << KEPT) + 16) >> 5).saturating_add(128).clamp(0, 255) as u8;
        for row in samples.chunks_mut(stride).take(8) {
            row[..8].fill(sample);
        }
        return;
    }
    let mut block: [i32; 64] = std::array::from_fn(value);
    transform::<{ FRACTION - KEPT }>(&mut block);
    let mut block = transpose(&block);
    transform::<{ FRACTION + KEPT + 3 }>(&mut block);
    let block = transpose(&block);
    let mut bytes = [0u8; 64];
    for (byte, &value) in bytes.iter_mut().zip(&block) {
        *byte = (Wrapping(value) + Wrapping(128)).0.clamp(0, 255) as u8;
    }
    for (row, bytes) in samples.chunks_mut(stride).zip(bytes.as_chunks::<8>().0) {
        row[..8].copy_from_slice(bytes);
    }
}
