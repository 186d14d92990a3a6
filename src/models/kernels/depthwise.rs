//! Convolution of each channel by itself, channels last.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::buffers::take;
use super::level::Level;
use super::product::{load, store};

/// Output pixels that share a load of a weight.
const PIXELS: usize = 8;

/// The shape of a depthwise convolution over an image that is already padded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Of the padded images.
    pub images: usize,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// Rows, columns.
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// Rows, columns of the output.
    pub out: [usize; 2],
}

/// `clamp(conv(padded) + bias)`: `padded[images, height, width, channels]`, `weights[kernel rows,
/// kernel columns, channels]`; the result is `[images, out rows, out columns, channels]`.
///
/// # Panics
/// When a slice is not of the shape that `window` says.
pub(crate) fn depthwise(
    level: Level,
    window: Window,
    padded: &[f32],
    weights: &[f32],
    bias: &[f32],
    clamp: (f32, f32),
) -> Vec<f32> {
    let channels = window.channels;
    assert_eq!(padded.len(), window.images * window.height * window.width * channels);
    assert_eq!(weights.len(), window.kernel[0] * window.kernel[1] * channels);
    assert_eq!(bias.len(), channels);
    let mut out = take(window.images * window.out[0] * window.out[1] * channels);
    let whole = channels / level.lanes() * level.lanes();
    let mut part = |level: Level, from, to| {
        level.run(Depthwise { window, padded, weights, bias, clamp, range: (from, to), out: &mut out });
    };
    part(level, 0, whole);
    if whole < channels {
        part(Level::Scalar, whole, channels);
    }
    out
}

struct Depthwise<'a> {
    window: Window,
    padded: &'a [f32],
    weights: &'a [f32],
    bias: &'a [f32],
    clamp: (f32, f32),
    /// Channels, a multiple of the vector's length.
    range: (usize, usize),
    out: &'a mut [f32],
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let [rows, columns] = self.window.out;
        for image in 0..self.window.images {
            for y in 0..rows {
                let mut x = 0;
                while x + PIXELS <= columns {
                    self.pixels::<S, PIXELS>(simd, image, y, x);
                    x += PIXELS;
                }
                // What is left of the line: 7 pixels are common.
                while x + 4 <= columns {
                    self.pixels::<S, 4>(simd, image, y, x);
                    x += 4;
                }
                while x < columns {
                    self.pixels::<S, 1>(simd, image, y, x);
                    x += 1;
                }
            }
        }
    }
}

impl Depthwise<'_> {
    /// `P` neighbouring output pixels.
    #[inline(always)]
    fn pixels<S: Simd, const P: usize>(&mut self, simd: S, image: usize, y: usize, x: usize) {
        let Window { height, width, channels, kernel, stride, out, .. } = self.window;
        let lanes = S::F32_LANES;
        let (low, high) = (simd.splat_f32s(self.clamp.0), simd.splat_f32s(self.clamp.1));
        let corner = ((image * height + y * stride[0]) * width + x * stride[1]) * channels;
        let step = stride[1] * channels;
        let target = ((image * out[0] + y) * out[1] + x) * channels;
        for channel in (self.range.0..self.range.1).step_by(lanes) {
            let bias = load(simd, &self.bias[channel..], lanes);
            let mut sums = [bias; P];
            for ky in 0..kernel[0] {
                for kx in 0..kernel[1] {
                    let weight =
                        load(simd, &self.weights[(ky * kernel[1] + kx) * channels + channel..], lanes);
                    let from = corner + (ky * width + kx) * channels + channel;
                    let line = &self.padded[from..from + (P - 1) * step + lanes];
                    let values: [S::f32s; P] =
                        from_fn(|p| load(simd, &line[p * step..p * step + lanes], lanes));
                    for p in 0..P {
                        sums[p] = simd.mul_add_f32s(weight, values[p], sums[p]);
                    }
                }
            }
            for (p, &sum) in sums.iter().enumerate() {
                let sum = simd.min_f32s(simd.max_f32s(sum, low), high);
                store(simd, &mut self.out[target + p * channels + channel..][..lanes], lanes, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn each_channel_is_convolved_by_itself(
            images in 1..3usize, rows in 1..4usize, columns in 1..21usize, channels in 1..40usize,
            kernel in 1..6usize, stride in 1..3usize,
        ) {
            let window = Window {
                images, channels, kernel: [kernel, kernel], stride: [stride, stride], out: [rows, columns],
                height: (rows - 1) * stride + kernel, width: (columns - 1) * stride + kernel,
            };
            let number = |index: usize| ((index * 7919 + 13) % 2003) as f32 / 1000.0 - 1.0;
            let padded: Vec<f32> = (0..images * window.height * window.width * channels).map(number).collect();
            let weights: Vec<f32> = (0..kernel * kernel * channels).map(|i| number(i + 5)).collect();
            let bias: Vec<f32> = (0..channels).map(|i| number(i + 11)).collect();
            for level in Level::all() {
                let found = depthwise(level, window, &padded, &weights, &bias, (0.0, 6.0));
                for (place, &found) in found.iter().enumerate() {
                    let (pixel, c) = (place / channels, place % channels);
                    let (x, y, image) = (pixel % columns, pixel / columns % rows, pixel / columns / rows);
                    let mut sum = bias[c];
                    for ky in 0..kernel {
                        for kx in 0..kernel {
                            let line = image * window.height + y * stride + ky;
                            let value = padded[(line * window.width + x * stride + kx) * channels + c];
                            sum += value * weights[(ky * kernel + kx) * channels + c];
                        }
                    }
                    proptest::prop_assert!((found - sum.clamp(0.0, 6.0)).abs() < 1e-4, "{level:?} at {place}");
                }
            }
        }
    }
}
