//! How a kernel moves over an image, for convolution and pooling.

use std::ops::Range;

use burn::nn::PaddingConfig2d;

/// The geometry of a kernel that moves over an image. Pairs are rows, columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The image's size.
    pub size: [usize; 2],
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// Before and after the image.
    pub padding: [(usize, usize); 2],
    /// The result's size.
    pub out: [usize; 2],
}

impl Window {
    pub(super) fn new(
        size: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: &PaddingConfig2d,
    ) -> Self {
        let same = |axis: usize| {
            let covered = (size[axis].div_ceil(stride[axis]).max(1) - 1) * stride[axis];
            let total = (covered + kernel[axis]).saturating_sub(size[axis]);
            (total / 2, total - total / 2)
        };
        let padding = match *padding {
            PaddingConfig2d::Same => [same(0), same(1)],
            PaddingConfig2d::Valid => [(0, 0); 2],
            PaddingConfig2d::Explicit(top, left, bottom, right) => [(top, bottom), (left, right)],
        };
        let out = std::array::from_fn(|axis| {
            let (before, after) = padding[axis];
            let free = (size[axis] + before + after).checked_sub(kernel[axis]);
            free.map_or(0, |free| free / stride[axis] + 1)
        });
        Self { size, kernel, stride, padding, out }
    }

    /// The part of the kernel that lies inside the image along an axis, for index `place` of the result.
    pub(super) fn inside(&self, axis: usize, place: usize) -> Range<usize> {
        let (start, before) = (place * self.stride[axis], self.padding[axis].0);
        let first = before.saturating_sub(start).min(self.kernel[axis]);
        let end = (self.size[axis] + before).saturating_sub(start).min(self.kernel[axis]);
        first..end.max(first)
    }
}
