//! The layers that the imported graphs are built from, with the fast path for the CPU.
//!
//! `build.rs` puts these in place of Burn's own layers of the same names. They hold the same
//! parameters under the same names, so the weight map and the Burnpack do not know the difference.
//! On another device than the CPU, or in a shape that the kernels do not know, they do what Burn does.
//!
//! Convolutions keep their results with the channels last and hand out a transposed view: the shape
//! is always the graph's, and the next convolution reads the memory as it lies.

use std::sync::OnceLock;

use burn::module::{Module, Param};
use burn::nn::PaddingConfig2d;
use burn::tensor::module::{conv2d, layer_norm, linear};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::buffers::{give, take};
use super::depthwise::{Window, depthwise};
use super::elementwise::{Function, apply, layer_norm_rows, softmax_rows};
use super::level::Level;
use super::product::{Finish, Packed, Rows};

/// What was made of a layer's weights at its first forward pass.
///
/// A clone is empty: it belongs to a layer that may be given other weights.
#[derive(Debug)]
pub(crate) struct Prepared<T>(OnceLock<T>);

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// `input · weight + bias`, with the weight packed once.
#[derive(Module, Debug)]
pub(crate) struct Linear {
    /// `[inputs, outputs]`
    weight: Param<Tensor<2>>,
    /// `[outputs]`
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    packed: Prepared<Option<Packed>>,
}

impl From<burn::nn::Linear> for Linear {
    fn from(layer: burn::nn::Linear) -> Self {
        Self { weight: layer.weight, bias: layer.bias, packed: Prepared::default() }
    }
}

impl Linear {
    /// `[.., inputs]` → `[.., outputs]`
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self.packed(&input, None) {
            Some(packed) => self.fast(packed, input, None),
            None => self.plain(input),
        }
    }

    /// `forward(input) + other`
    pub(crate) fn forward_add<const D: usize>(&self, input: Tensor<D>, other: Tensor<D>) -> Tensor<D> {
        match self.packed(&input, Some(&other)) {
            Some(packed) => self.fast(packed, input, Some(other)),
            None => self.plain(input).add(other),
        }
    }

    fn plain<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        linear(input, self.weight.val(), self.bias.as_ref().map(Param::val))
    }

    /// The packed weight, where these tensors can be multiplied with it.
    fn packed<const D: usize>(&self, input: &Tensor<D>, other: Option<&Tensor<D>>) -> Option<&Packed> {
        let [inputs, outputs] = self.weight.dims();
        let mut shape = input.dims();
        if !on_cpu(input) || shape.last() != Some(&inputs) {
            return None;
        }
        shape[D - 1] = outputs;
        if other.is_some_and(|other| other.dims() != shape) {
            return None;
        }
        let packed = self.packed.0.get_or_init(|| {
            let weight = self.weight.val().into_data();
            let weight = weight.as_slice::<f32>().ok()?;
            let bias = values_of(self.bias.as_ref())?;
            Some(Packed::new(Level::best(), (1, inputs), outputs, &bias, |k, column| {
                weight[k * outputs + column]
            }))
        });
        packed.as_ref()
    }

    fn fast<const D: usize>(&self, packed: &Packed, input: Tensor<D>, other: Option<Tensor<D>>) -> Tensor<D> {
        let [inputs, outputs] = self.weight.dims();
        let mut shape = input.dims();
        shape[D - 1] = outputs;
        let (values, other) = (floats(input), other.map(floats));
        let starts: Vec<usize> = (0..values.len()).step_by(inputs).collect();
        let rows = Rows { values: &values, starts: &starts, segments: 1, length: inputs, distance: inputs };
        let product = packed.product(&rows, Finish { residual: other.as_deref(), ..Finish::PLAIN });
        give(values);
        other.into_iter().for_each(give);
        tensor(product, shape)
    }
}

/// A two-dimensional convolution with what follows it: an addition and a clamp.
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

/// The weights of a convolution as its kernel reads them.
#[derive(Debug)]
enum ConvKernel {
    /// Every output channel reads every input channel.
    Full(Packed),
    /// Each channel by itself: `weights[rows, columns, channels]`.
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

    /// `forward(input)`, each value cut to `low..=high`.
    pub(crate) fn forward_clamp(&self, input: Tensor<4>, low: f64, high: f64) -> Tensor<4> {
        match self.kernel(&input) {
            Some(kernel) => self.fast(kernel, input, None, (low, high)),
            None => clamp(self.plain(input), low, high),
        }
    }

    /// `forward(input) + other`, each value cut to `low..=high`.
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
        let [rows, columns] = self.padding(height, width);
        let size = |axis: usize, size: usize, (before, after): (usize, usize)| {
            let free = (size + before + after).checked_sub(self.kernel_size[axis]);
            free.map_or(0, |free| free / self.stride[axis] + 1)
        };
        [images, self.weight.dims()[0], size(0, height, rows), size(1, width, columns)]
    }

    /// Top and bottom, left and right.
    fn padding(&self, height: usize, width: usize) -> [(usize, usize); 2] {
        let same = |size: usize, axis: usize| {
            let covered = (size.div_ceil(self.stride[axis]).max(1) - 1) * self.stride[axis];
            let total = (covered + self.kernel_size[axis]).saturating_sub(size);
            (total / 2, total - total / 2)
        };
        match self.padding {
            PaddingConfig2d::Same => [same(height, 0), same(width, 1)],
            PaddingConfig2d::Valid => [(0, 0); 2],
            PaddingConfig2d::Explicit(top, left, bottom, right) => [(top, bottom), (left, right)],
        }
    }

    fn plain(&self, input: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = input.dims();
        let padding = self.padding(height, width);
        let options = ConvOptions::new_with_padding(self.stride, padding, self.dilation, self.groups);
        conv2d(input, self.weight.val(), self.bias.as_ref().map(Param::val), options)
    }

    /// The kernel's weights, where it knows the convolution and can read the tensor.
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
        let [images, outputs, rows, columns] = self.shape(&input);
        let (out, clamp) = ([rows, columns], (low as f32, high as f32));
        let image = Image::new(input);
        let padding = self.padding(image.height, image.width);
        let image = image.padded(padding);
        let values = match kernel {
            ConvKernel::Full(packed) => {
                let other = other.map(|other| floats(other.permute([0, 2, 3, 1])));
                let rows = Rows {
                    values: &image.values,
                    starts: &image.corners(self.stride, out),
                    segments: self.kernel_size[0],
                    length: self.kernel_size[1] * image.channels,
                    distance: image.width * image.channels,
                };
                let product = packed.product(&rows, Finish { residual: other.as_deref(), clamp });
                other.into_iter().for_each(give);
                product
            }
            ConvKernel::Depthwise { weights, bias } => {
                let window = Window {
                    images,
                    height: image.height,
                    width: image.width,
                    channels: image.channels,
                    kernel: self.kernel_size,
                    stride: self.stride,
                    out,
                };
                depthwise(Level::best(), window, &image.values, weights, bias, clamp)
            }
        };
        give(image.values);
        tensor(values, [images, rows, columns, outputs]).permute([0, 3, 1, 2])
    }

    /// `None` for a convolution that the kernels do not know.
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

    /// With a border of zeros.
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

    /// Where the window of each output pixel begins.
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

/// Layer normalisation over the last dimension.
#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    gamma: Param<Tensor<1>>,
    beta: Option<Param<Tensor<1>>>,
    epsilon: f64,
    #[module(skip)]
    rows: Prepared<Option<(Vec<f32>, Vec<f32>)>>,
}

/// Burn's configuration of the layer, whose epsilon cannot be read from the layer itself.
pub(crate) struct LayerNormConfig(burn::nn::LayerNormConfig);

impl LayerNormConfig {
    pub(crate) fn new(length: usize) -> Self {
        Self(burn::nn::LayerNormConfig::new(length))
    }

    pub(crate) fn with_epsilon(self, epsilon: f64) -> Self {
        Self(self.0.with_epsilon(epsilon))
    }

    pub(crate) fn with_bias(self, bias: bool) -> Self {
        Self(self.0.with_bias(bias))
    }

    pub(crate) fn init(&self, device: &Device) -> LayerNorm {
        let layer = self.0.init(device);
        LayerNorm { gamma: layer.gamma, beta: layer.beta, epsilon: self.0.epsilon, rows: Prepared::default() }
    }
}

impl LayerNorm {
    /// `[.., length]` → the same shape
    pub(crate) fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let shape = input.dims();
        if on_cpu(&input) && shape[D - 1] == self.gamma.dims()[0] {
            let rows = self.rows.0.get_or_init(|| {
                Some((self.gamma.val().into_data().try_into_vec().ok()?, values_of(self.beta.as_ref())?))
            });
            if let Some((gamma, beta)) = rows {
                return in_place(input, |values| {
                    layer_norm_rows(Level::best(), values, gamma, beta, self.epsilon as f32);
                });
            }
        }
        layer_norm(input, self.gamma.val(), self.beta.as_ref().map(Param::val), self.epsilon)
    }
}

/// Softmax over a dimension.
pub(crate) fn softmax<const D: usize>(input: Tensor<D>, dim: usize) -> Tensor<D> {
    let length = input.dims()[dim];
    if !on_cpu(&input) || dim + 1 != D {
        return burn::tensor::activation::softmax(input, dim);
    }
    in_place(input, |values| softmax_rows(Level::best(), values, length))
}

/// `1 / (1 + exp(-x))`
pub(crate) fn sigmoid<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if !on_cpu(&input) {
        return burn::tensor::activation::sigmoid(input);
    }
    in_place(input, |values| apply(Level::best(), Function::Sigmoid, values))
}

/// The error function.
pub(crate) fn erf<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if !on_cpu(&input) {
        return input.erf();
    }
    in_place(input, |values| apply(Level::best(), Function::Erf, values))
}

/// Whether the kernels can read the tensor.
fn on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

/// A tensor on the CPU.
fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Lets `change` at the values of a tensor that is [`on_cpu`], row by row.
fn in_place<const D: usize>(input: Tensor<D>, change: impl FnOnce(&mut [f32])) -> Tensor<D> {
    let shape = input.dims();
    let mut values = floats(input);
    change(&mut values);
    tensor(values, shape)
}

/// The values of a tensor that is [`on_cpu`], row by row; a copy only where something else holds them.
fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    // `on_cpu` has seen that these are 32-bit floats, and reading them fails for no other reason.
    tensor.into_data().try_into_vec().expect("32-bit floats")
}

fn clamp(values: Tensor<4>, low: f64, high: f64) -> Tensor<4> {
    let values = if low > f64::NEG_INFINITY { values.clamp_min(low) } else { values };
    if high < f64::INFINITY { values.clamp_max(high) } else { values }
}

/// The values of a parameter; none where there is no parameter.
fn values_of(parameter: Option<&Param<Tensor<1>>>) -> Option<Vec<f32>> {
    match parameter {
        Some(parameter) => parameter.val().into_data().try_into_vec().ok(),
        None => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::conv::Conv2dConfig;
    use burn::nn::{LinearConfig, PaddingConfig2d};
    use burn::tensor::Distribution;

    use super::*;

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex())
    }

    fn agree<const D: usize>(found: Tensor<D>, expected: Tensor<D>) {
        assert_eq!(found.dims(), expected.dims());
        for (found, expected) in floats(found).iter().zip(floats(expected)) {
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
    }

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
            // A transposed view, as another convolution gives it.
            let view = Tensor::from_data(input.clone().permute([0, 2, 3, 1]).into_data(), &Device::flex());
            agree(ours.forward(view.permute([0, 3, 1, 2])), expected.clone());
            agree(ours.forward_clamp(input.clone(), 0.0, 0.5), expected.clone().clamp(0.0, 0.5));
            let sum = expected.add(other.clone());
            agree(ours.forward_add(input, other, 0.0, f64::INFINITY), burn::tensor::activation::relu(sum));
        }

        #[test]
        fn a_linear_layer_is_burns(
            rows in 1..5usize, length in 1..9usize, inputs in 1..300usize, outputs in 1..150usize, bias: bool,
        ) {
            let layer = LinearConfig::new(inputs, outputs).with_bias(bias).init(&Device::flex());
            let ours = Linear::from(layer.clone());
            let input = random([rows, length, inputs]);
            let expected = layer.forward(input.clone());
            let other = random(expected.dims());
            agree(ours.forward(input.clone()), expected.clone());
            agree(ours.forward_add(input, other.clone()), expected.add(other));
        }
    }

    #[test]
    fn a_clone_given_other_weights_does_not_use_the_old_ones() {
        let make = || Linear::from(LinearConfig::new(4, 3).init(&Device::flex()));
        let (first, second) = (make(), make());
        let input = random([2, 4]);
        let _ = first.forward(input.clone());
        let changed = Linear { weight: second.weight.clone(), bias: second.bias.clone(), ..first.clone() };
        agree(changed.forward(input.clone()), second.forward(input));
    }

    #[test]
    fn a_shared_tensor_is_not_changed_in_place() {
        let input = random([3, 5]);
        let before = floats(input.clone());
        let _ = softmax(input.clone(), 1);
        assert_eq!(floats(input), before);
    }
}
