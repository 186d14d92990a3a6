//! Resampling of 8-bit RGB pictures, bit by bit as Pillow does it.
//!
//! The networks were published with Pillow's preprocessing, and EfficientNet-Lite0 amplifies small differences: a SIMD
//! resizer that is within one level in 255 of Pillow moved its vectors to a cosine of 0.9996, below this project's limit
//! of 0.9999. The arithmetic is therefore that of Pillow's `Resample.c`: filter weights in double precision, normalized,
//! rounded to fixed point with 22 fractional bits; a horizontal pass, rounded to 8 bits, then a vertical one.
//!
//! Only the rows and columns that the crop keeps are computed.

use std::ops::Range;

use image::RgbImage;

use crate::card::Filter;

/// Fractional bits of a weight: 32 bits minus 8 for the pixel and 2 for overshoot.
const PRECISION: u32 = 32 - 8 - 2;

impl Filter {
    /// Half the width of the filter at scale 1.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Self::Bilinear => (1.0 - x).max(0.0),
            // Keys' cubic convolution with a = −0.5, in Pillow's order of operations.
            Self::Bicubic => {
                const A: f64 = -0.5;
                if x < 1.0 {
                    ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
                } else if x < 2.0 {
                    (((x - 5.0) * x + 8.0) * x - 4.0) * A
                } else {
                    0.0
                }
            }
        }
    }
}

/// The source pixels of one output pixel, with their fixed-point weights.
struct SourceSpan {
    first: usize,
    weights: Vec<i32>,
}

/// The source pixels of each output pixel in `wanted`, when a side of `from` pixels is scaled to `to`.
fn source_spans(filter: Filter, from: usize, to: usize, wanted: Range<usize>) -> Vec<SourceSpan> {
    let scale = from as f64 / to as f64;
    let filter_scale = scale.max(1.0);
    let support = filter.support() * filter_scale;
    wanted
        .map(|out| {
            let center = (out as f64 + 0.5) * scale;
            let first = ((center - support + 0.5) as i64).max(0) as usize;
            let last = ((center + support + 0.5) as i64).clamp(0, from as i64) as usize;
            let mut weights: Vec<f64> = (first..last)
                .map(|x| filter.weight((x as f64 - center + 0.5) * (1.0 / filter_scale)))
                .collect();
            let sum: f64 = weights.iter().sum();
            if sum != 0.0 {
                for weight in &mut weights {
                    *weight /= sum;
                }
            }
            let fixed = weights
                .into_iter()
                .map(|weight| {
                    let scaled = weight * f64::from(1u32 << PRECISION);
                    (scaled + if weight < 0.0 { -0.5 } else { 0.5 }) as i32
                })
                .collect();
            SourceSpan { first, weights: fixed }
        })
        .collect()
}

fn to_u8(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// Scales `photo` to `new_size` (width, height) and returns the pixels inside `columns` and `rows`
/// of the result, row-major interleaved RGB.
pub(super) fn resize_region(
    photo: &RgbImage,
    filter: Filter,
    new_size: (usize, usize),
    columns: Range<usize>,
    rows: Range<usize>,
) -> Vec<u8> {
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let across = source_spans(filter, width, new_size.0, columns.clone());
    let down = source_spans(filter, height, new_size.1, rows.clone());
    // Pillow skips a pass that would change nothing; every span is then one pixel of weight 1.
    let first_row = down.iter().map(|span| span.first).min().unwrap_or(0);
    let last_row = down.iter().map(|span| span.first + span.weights.len()).max().unwrap_or(0);

    let stride = columns.len() * 3;
    let mut narrow = Vec::with_capacity((last_row - first_row) * stride);
    for source in photo.as_raw().chunks_exact(width * 3).take(last_row).skip(first_row) {
        for span in &across {
            let pixels = &source[span.first * 3..(span.first + span.weights.len()) * 3];
            let mut sums = [1i32 << (PRECISION - 1); 3];
            for (pixel, &weight) in pixels.chunks_exact(3).zip(&span.weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(value) * weight;
                }
            }
            narrow.extend(sums.map(to_u8));
        }
    }

    let mut out = Vec::with_capacity(rows.len() * stride);
    let mut sums = vec![0i32; stride];
    for span in &down {
        sums.fill(1 << (PRECISION - 1));
        let start = (span.first - first_row) * stride;
        for (row, &weight) in narrow[start..].chunks_exact(stride).zip(&span.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * weight;
            }
        }
        out.extend(sums.iter().copied().map(to_u8));
    }
    out
}
