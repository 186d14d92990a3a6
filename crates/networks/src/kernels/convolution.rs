//! Convolution and max pooling, with a fast path for the CPU.
//!
//! Results are stored with the channels last and returned as a transposed view. The shape is always that of the graph, and
//! the next of these layers reads the memory without a copy.

use burn::module::{Module, Param};
use burn::nn::PaddingConfig2d;
use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::buffers::{give, take};
use super::depthwise::depthwise;
use super::layers::{Prepared, floats, on_cpu, tensor, values_of};
use super::level::Level;
use super::pool::max_pool;
use super::product::{Finish, Packed, Rows};
use super::window::Window;

/// A two-dimensional convolution, fused with the addition and the clamp that may follow it.
#[derive(Module, Debug)]
pub(crate) struct Conv2d {
    /// `[outputs, inputs / groups, rows, columns]`
    weight: Param<Tensor<4>>,
    /// `[outputs]`
    bias: Option<Param<Tensor<1>>>,
    stride: [usize; 2],
    kernel_size: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
    #[module(skip)]
    padding: PaddingConfig2d,
    #[module(skip)]
    kernel: Prepared<Option<ConvKernel>>,
}

/// The weights of a convolution in the layout that its kernel reads.
#[derive(Debug)]
enum ConvKernel {
    /// Every output channel reads every input channel.
    Full(Packed),
    /// Every output channel reads one input channel: `weights[rows, columns, channels]`.
    Depthwise { weights: Vec<f32>, bias: Vec<f32> },
}

impl From<burn::nn::conv::Conv2d> for Conv2d {
    fn from(layer: burn::nn::conv::Conv2d) -> Self {
        Self {
            weight: layer.weight,
            bias: layer.bias,
            stride: layer.stride,
            kernel_size: layer.kernel_size,
            dilation: layer.dilation,
            groups: layer.groups,
            padding: layer.padding,
            kernel: Prepared::default(),
        }
    }
}

impl Conv2d {
    /// `[batch, inputs, height, width]` → `[batch, outputs, height, width]`
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.forward_clamp(input, f64::NEG_INFINITY, f64::INFINITY)
    }

    /// `forward(input)`, each value clamped to `low..=high`.
    pub(crate) fn forward_clamp(&self, input: Tensor<4>, low: f64, high: f64) -> Tensor<4> {
        match self.kernel(&input) {
            Some(kernel) => self.fast(kernel, input, None, (low, high)),
            None => clamp(self.plain(input), low, high),
        }
    }

    /// `forward(input) + other`, each value clamped to `low..=high`.
    pub(crate) fn forward_add(&self, input: Tensor<4>, other: Tensor<4>, low: f64, high: f64) -> Tensor<4> {
        match self.kernel(&input) {
            Some(kernel @ ConvKernel::Full(_)) if other.dims() == self.shape(&input) => {
                self.fast(kernel, input, Some(other), (low, high))
            }
            _ => clamp(self.forward(input).add(other), low, high),
        }
    }

    /// The shape of the result.
    fn shape(&self, input: &Tensor<4>) -> [usize; 4] {
        let [images, _, height, width] = input.dims();
        let out = self.window(height, width).out;
        [images, self.weight.dims()[0], out[0], out[1]]
    }

    /// How the kernel moves over an image of this size.
    fn window(&self, height: usize, width: usize) -> Window {
        Window::new([height, width], self.kernel_size, self.stride, &self.padding)
    }

    fn plain(&self, input: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = input.dims();
        let padding = self.window(height, width).padding;
        let options = ConvOptions::new_with_padding(self.stride, padding, self.dilation, self.groups);
        conv2d(input, self.weight.val(), self.bias.as_ref().map(Param::val), options)
    }

    /// The weights for the fast path; `None` when it supports neither the convolution nor the tensor.
    fn kernel(&self, input: &Tensor<4>) -> Option<&ConvKernel> {
        let [_, inputs, _, _] = self.weight.dims();
        if !on_cpu(input) || input.dims()[1] != inputs * self.groups {
            return None;
        }
        self.kernel.0.get_or_init(|| self.prepare()).as_ref()
    }

    fn fast(
        &self,
        kernel: &ConvKernel,
        input: Tensor<4>,
        other: Option<Tensor<4>>,
        (low, high): (f64, f64),
    ) -> Tensor<4> {
        let image = Image::new(input);
        let (images, outputs) = (image.images, self.weight.dims()[0]);
        let window = self.window(image.height, image.width);
        let clamp = (low as f32, high as f32);
        let (image, values) = match kernel {
            ConvKernel::Full(packed) => {
                let image = image.padded(window.padding);
                let other = other.map(|other| floats(other.permute([0, 2, 3, 1])));
                let rows = Rows {
                    values: &image.values,
                    starts: &image.corners(self.stride, window.out),
                    segments: self.kernel_size[0],
                    length: self.kernel_size[1] * image.channels,
                    distance: image.width * image.channels,
                };
                let product = packed.product(&rows, Finish { residual: other.as_deref(), clamp });
                other.into_iter().for_each(give);
                (image, product)
            }
            ConvKernel::Depthwise { weights, bias } => {
                let values = depthwise(Level::best(), window, &image.values, weights, bias, clamp);
                (image, values)
            }
        };
        give(image.values);
        let [rows, columns] = window.out;
        tensor(values, [images, rows, columns, outputs]).permute([0, 3, 1, 2])
    }

    /// Lays out the weights; `None` for a convolution that the fast path does not support.
    fn prepare(&self) -> Option<ConvKernel> {
        let [outputs, inputs, rows, columns] = self.weight.dims();
        let weight = self.weight.val().into_data();
        let weight = weight.as_slice::<f32>().ok()?;
        let mut bias = values_of(self.bias.as_ref())?;
        if self.dilation != [1, 1] {
            return None;
        }
        if self.groups == 1 {
            let place = |k: usize, output: usize| {
                let (tap, input) = (k / inputs, k % inputs);
                weight[(output * inputs + input) * rows * columns + tap]
            };
            let packed = Packed::new(Level::best(), (rows, columns * inputs), outputs, &bias, place);
            return Some(ConvKernel::Full(packed));
        }
        if inputs != 1 || self.groups != outputs {
            return None;
        }
        bias.resize(outputs, 0.0);
        let taps = rows * columns;
        let weights =
            (0..taps * outputs).map(|place| weight[place % outputs * taps + place / outputs]).collect();
        Some(ConvKernel::Depthwise { weights, bias })
    }
}

/// Images with the channels last: `[images, height, width, channels]`.
struct Image {
    values: Vec<f32>,
    images: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl Image {
    fn new(tensor: Tensor<4>) -> Self {
        let [images, channels, height, width] = tensor.dims();
        Self { values: floats(tensor.permute([0, 2, 3, 1])), images, height, width, channels }
    }

    /// Adds a border of zeros.
    fn padded(self, [rows, columns]: [(usize, usize); 2]) -> Self {
        let Self { images, channels, .. } = self;
        let (height, width) = (self.height + rows.0 + rows.1, self.width + columns.0 + columns.1);
        if (height, width) == (self.height, self.width) {
            return self;
        }
        let mut padded = take(images * height * width * channels);
        let (line, padded_line) = (self.width * channels, width * channels);
        let (left, right) = (columns.0 * channels, columns.0 * channels + line);
        for (number, to) in padded.chunks_exact_mut(padded_line.max(1)).enumerate() {
            let (image, y) = (number / height, number % height);
            if y < rows.0 || y >= rows.0 + self.height {
                to.fill(0.0);
                continue;
            }
            let from = (image * self.height + y - rows.0) * line;
            to[..left].fill(0.0);
            to[left..right].copy_from_slice(&self.values[from..from + line]);
            to[right..].fill(0.0);
        }
        give(self.values);
        Self { values: padded, images, height, width, channels }
    }

    /// Offset of the first value under the window, for each output pixel.
    fn corners(&self, stride: [usize; 2], out: [usize; 2]) -> Vec<usize> {
        let mut corners = Vec::with_capacity(self.images * out[0] * out[1]);
        for image in 0..self.images {
            for y in 0..out[0] {
                let line = (image * self.height + y * stride[0]) * self.width;
                corners.extend((0..out[1]).map(|x| (line + x * stride[1]) * self.channels));
            }
        }
        corners
    }
}

fn clamp(values: Tensor<4>, low: f64, high: f64) -> Tensor<4> {
    let values = if low > f64::NEG_INFINITY { values.clamp_min(low) } else { values };
    if high < f64::INFINITY { values.clamp_max(high) } else { values }
}

/// Max pooling, channel by channel.
#[derive(Module, Debug)]
pub(crate) struct MaxPool2d {
    layer: burn::nn::pool::MaxPool2d,
}

impl From<burn::nn::pool::MaxPool2d> for MaxPool2d {
    fn from(layer: burn::nn::pool::MaxPool2d) -> Self {
        Self { layer }
    }
}

impl MaxPool2d {
    /// `[batch, channels, height, width]` → `[batch, channels, rows, columns]`
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let layer = &self.layer;
        if !on_cpu(&input) || layer.ceil_mode || layer.dilation != [1, 1] {
            return layer.forward(input);
        }
        let [images, channels, height, width] = input.dims();
        let window = Window::new([height, width], layer.kernel_size, layer.stride, &layer.padding);
        let image = Image::new(input);
        let values = max_pool(Level::best(), window, &image.values, channels);
        give(image.values);
        let [rows, columns] = window.out;
        tensor(values, [images, rows, columns, channels]).permute([0, 3, 1, 2])
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::nn::pool::MaxPool2dConfig;
    use burn::tensor::Device;

    use super::super::layers::tests::{agree, random};
    use super::*;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn a_convolution_is_burns(
            images in 1..3usize, inputs in 1..20usize, outputs in 1..40usize, height in 5..14usize, width in 5..14usize,
            kernel in 1..6usize, stride in 1..3usize, before in 0..3usize, after in 0..3usize, kind in 0..4usize,
        ) {
            let (groups, outputs) = match kind {
                0 => (inputs, inputs),
                1 => (inputs, 2 * inputs),
                _ => (1, outputs),
            };
            let layer = Conv2dConfig::new([inputs, outputs], [kernel, kernel])
                .with_stride([stride, stride])
                .with_groups(groups)
                .with_bias(kind < 3)
                .with_padding(PaddingConfig2d::Explicit(before, after, after, before))
                .init(&Device::flex());
            let ours = Conv2d::from(layer.clone());
            let input = random([images, inputs, height, width]);
            let expected = layer.forward(input.clone());
            let other = random(expected.dims());
            // A transposed view, as another convolution returns it.
            let view = Tensor::from_data(input.clone().permute([0, 2, 3, 1]).into_data(), &Device::flex());
            agree(ours.forward(view.permute([0, 3, 1, 2])), expected.clone());
            agree(ours.forward_clamp(input.clone(), 0.0, 0.5), expected.clone().clamp(0.0, 0.5));
            let sum = expected.add(other.clone());
            agree(ours.forward_add(input, other, 0.0, f64::INFINITY), burn::tensor::activation::relu(sum));
        }

        #[test]
        fn max_pooling_is_burns(
            images in 1..3usize, channels in 1..20usize, height in 3..14usize, width in 3..14usize,
            kernel in 2..4usize, stride in 1..4usize, border in 0..2usize,
        ) {
            let layer = MaxPool2dConfig::new([kernel, kernel])
                .with_strides([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(border, border, border, border))
                .init();
            let input = random([images, channels, height, width]);
            agree(MaxPool2d::from(layer.clone()).forward(input.clone()), layer.forward(input));
        }
    }
}
