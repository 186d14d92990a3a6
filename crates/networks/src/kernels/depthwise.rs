//! Depthwise convolution, which treats each channel by itself, channels last.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::buffers::take;
use super::level::Level;
use super::product::{load, store};
use super::window::Window;

/// Output pixels that share one load of a weight. The sides of the usual images are multiples of it.
const PIXELS: usize = 7;

/// `clamp(conv(values) + bias)`: `values[images, height, width, channels]`, `weights[kernel rows, kernel
/// columns, channels]`; the result is `[images, rows, columns, channels]`. The image is surrounded by zeros.
///
/// # Panics
/// When a slice does not have the shape that `window` and the length of `bias` give.
pub(super) fn depthwise(
    level: Level,
    window: Window,
    values: &[f32],
    weights: &[f32],
    bias: &[f32],
    clamp: (f32, f32),
) -> Vec<f32> {
    let channels = bias.len();
    let image = window.size[0] * window.size[1] * channels;
    assert_eq!(values.len() % image.max(1), 0, "whole images");
    assert_eq!(weights.len(), window.kernel[0] * window.kernel[1] * channels);
    let images = values.len() / image.max(1);
    let mut out = take(images * window.out[0] * window.out[1] * channels);
    let whole = channels / level.lanes() * level.lanes();
    let mut part = |level: Level, from, to| {
        level.run(Depthwise {
            window,
            images,
            values,
            weights,
            bias,
            clamp,
            range: (from, to),
            out: &mut out,
        });
    };
    part(level, 0, whole);
    if whole < channels {
        part(Level::Scalar, whole, channels);
    }
    out
}

struct Depthwise<'a> {
    window: Window,
    images: usize,
    values: &'a [f32],
    weights: &'a [f32],
    bias: &'a [f32],
    clamp: (f32, f32),
    /// First channel and end; their number is a multiple of the vector length.
    range: (usize, usize),
    out: &'a mut [f32],
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let [rows, columns] = self.window.out;
        for image in 0..self.images {
            for y in 0..rows {
                let mut x = 0;
                while x + PIXELS <= columns {
                    self.pixels::<S, PIXELS>(simd, image, y, x);
                    x += PIXELS;
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
    /// Computes `P` neighboring output pixels.
    #[inline(always)]
    fn pixels<S: Simd, const P: usize>(&mut self, simd: S, image: usize, y: usize, x: usize) {
        let whole = |x| self.window.inside(1, x).len() == self.window.kernel[1];
        if whole(x) && whole(x + P - 1) {
            self.block::<S, P, false>(simd, image, y, x);
        } else {
            self.block::<S, P, true>(simd, image, y, x);
        }
    }

    /// Does the work of [`Self::pixels`]. With `EDGE`, some columns of the kernel lie outside the image.
    #[inline(always)]
    fn block<S: Simd, const P: usize, const EDGE: bool>(
        &mut self,
        simd: S,
        image: usize,
        y: usize,
        x: usize,
    ) {
        let Window { size: [height, width], kernel, stride, padding: [(above, _), (before, _)], out } =
            self.window;
        let (channels, lanes) = (self.bias.len(), S::F32_LANES);
        let (low, high) = (simd.splat_f32s(self.clamp.0), simd.splat_f32s(self.clamp.1));
        let step = stride[1] * channels;
        let target = ((image * out[0] + y) * out[1] + x) * channels;
        for channel in (self.range.0..self.range.1).step_by(lanes) {
            let bias = load(simd, &self.bias[channel..], lanes);
            let mut sums = [bias; P];
            for ky in self.window.inside(0, y) {
                let line = (image * height + y * stride[0] + ky - above) * width;
                for kx in 0..kernel[1] {
                    let weight =
                        load(simd, &self.weights[(ky * kernel[1] + kx) * channels + channel..], lanes);
                    if EDGE {
                        for (p, sum) in sums.iter_mut().enumerate() {
                            // Left of the image, the column wraps around to a large number.
                            let column = ((x + p) * stride[1] + kx).wrapping_sub(before);
                            if column < width {
                                let from = (line + column) * channels + channel;
                                let value = load(simd, &self.values[from..from + lanes], lanes);
                                *sum = simd.mul_add_f32s(weight, value, *sum);
                            }
                        }
                    } else {
                        let from = (line + x * stride[1] + kx - before) * channels + channel;
                        let line = &self.values[from..from + (P - 1) * step + lanes];
                        let values: [S::f32s; P] =
                            from_fn(|p| load(simd, &line[p * step..p * step + lanes], lanes));
                        for p in 0..P {
                            sums[p] = simd.mul_add_f32s(weight, values[p], sums[p]);
                        }
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
    use burn::nn::PaddingConfig2d;

    use super::*;

    proptest::proptest! {
        #[test]
        fn each_channel_is_convolved_by_itself(
            images in 1..3usize, height in 1..14usize, width in 1..24usize, channels in 1..40usize,
            kernel in 1..6usize, stride in 1..3usize, border in 0..3usize,
        ) {
            let padding = PaddingConfig2d::Explicit(border, border, border / 2, border);
            let window = Window::new([height, width], [kernel, kernel], [stride, stride], &padding);
            let number = |index: usize| ((index * 7919 + 13) % 2003) as f32 / 1000.0 - 1.0;
            let values: Vec<f32> = (0..images * height * width * channels).map(number).collect();
            let weights: Vec<f32> = (0..kernel * kernel * channels).map(|i| number(i + 5)).collect();
            let bias: Vec<f32> = (0..channels).map(|i| number(i + 11)).collect();
            let [rows, columns] = window.out;
            for level in Level::all() {
                let found = depthwise(level, window, &values, &weights, &bias, (0.0, 6.0));
                proptest::prop_assert_eq!(found.len(), images * rows * columns * channels);
                for (place, &found) in found.iter().enumerate() {
                    let (pixel, c) = (place / channels, place % channels);
                    let (x, y, image) = (pixel % columns, pixel / columns % rows, pixel / columns / rows);
                    let mut sum = bias[c];
                    for ky in 0..kernel {
                        for kx in 0..kernel {
                            let (line, column) = (y * stride + ky, x * stride + kx);
                            let outside = line < border || line >= border + height;
                            if outside || column < border || column >= border + width {
                                continue;
                            }
                            let line = image * height + line - border;
                            let value = values[(line * width + column - border) * channels + c];
                            sum += value * weights[(ky * kernel + kx) * channels + c];
                        }
                    }
                    proptest::prop_assert!((found - sum.clamp(0.0, 6.0)).abs() < 1e-4, "{level:?} at {place}");
                }
            }
        }
    }
}
