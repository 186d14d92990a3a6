//! Max pooling, channels last.

use pulp::{Simd, WithSimd};

use super::buffers::take;
use super::level::Level;
use super::window::Window;

/// The largest value under the window, channel by channel: `values[images, height, width, channels]` →
/// `[images, rows, columns, channels]`. Values outside the image do not count.
///
/// # Panics
/// When `values` is not whole images.
pub(super) fn max_pool(level: Level, window: Window, values: &[f32], channels: usize) -> Vec<f32> {
    let image = window.size[0] * window.size[1] * channels;
    assert_eq!(values.len() % image.max(1), 0, "whole images");
    let images = values.len() / image.max(1);
    let mut out = take(images * window.out[0] * window.out[1] * channels);
    if !out.is_empty() {
        level.run(MaxPool { window, values, channels, out: &mut out });
    }
    out
}

struct MaxPool<'a> {
    window: Window,
    values: &'a [f32],
    channels: usize,
    out: &'a mut [f32],
}

impl WithSimd for MaxPool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { window, values, channels, out } = self;
        let [height, width] = window.size;
        for (place, largest) in out.chunks_exact_mut(channels).enumerate() {
            let (x, line) = (place % window.out[1], place / window.out[1]);
            let (y, image) = (line % window.out[0], line / window.out[0]);
            let (rows, columns) = (window.inside(0, y), window.inside(1, x));
            largest.fill(f32::NEG_INFINITY);
            for row in rows {
                let line = image * height + y * window.stride[0] + row - window.padding[0].0;
                for column in columns.clone() {
                    let from =
                        (line * width + x * window.stride[1] + column - window.padding[1].0) * channels;
                    let (whole, rest) = S::as_mut_simd_f32s(largest);
                    let (from, from_rest) = S::as_simd_f32s(&values[from..from + channels]);
                    for (largest, &value) in whole.iter_mut().zip(from) {
                        *largest = simd.max_f32s(*largest, value);
                    }
                    for (largest, &value) in rest.iter_mut().zip(from_rest) {
                        *largest = largest.max(value);
                    }
                }
            }
        }
    }
}
