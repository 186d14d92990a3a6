//! Layers with a fast path for the CPU, which the imported graphs use instead of Burn's.
//!
//! `import-graphs` writes them in place of Burn's layers of the same names. They have the same parameters under the same
//! names, so the weight map and the Burnpack are the same. On other devices, and for shapes that the kernels do not
//! support, they call Burn.

use std::sync::OnceLock;

use burn::module::{Module, Param};
use burn::tensor::module::{layer_norm, linear};
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::buffers::give;
use super::elementwise::{Function, apply, layer_norm_rows, softmax_rows};
use super::level::Level;
use super::matmul::{Shape, View, heads_inside, products, row_major};
use super::product::{Finish, Packed, Rows};

/// The weights of a layer in the layout of its kernel, made in the first forward pass.
///
/// A clone is empty, since its layer may be given other weights.
#[derive(Debug)]
pub(crate) struct Prepared<T>(pub(super) OnceLock<T>);

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

/// `input · weight + bias`. The weight is packed once.
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

    /// The packed weight; `None` when the fast path cannot multiply it with these tensors.
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

/// Layer normalization over the last dimension.
#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    gamma: Param<Tensor<1>>,
    beta: Option<Param<Tensor<1>>>,
    epsilon: f64,
    #[module(skip)]
    rows: Prepared<Option<(Vec<f32>, Vec<f32>)>>,
}

/// Burn's configuration, which has the epsilon that cannot be read from Burn's layer.
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

/// The matrix product over the last two dimensions, `[.., rows, inner] · [.., inner, columns]`.
pub(crate) fn matmul<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    let (left_shape, right_shape) = (left.dims(), right.dims());
    let pairs = &left_shape[..D.saturating_sub(2)];
    let fits = D >= 2 && right_shape.starts_with(pairs) && left_shape[D - 1] == right_shape[D - 2];
    if !fits || !on_cpu(&left) || !on_cpu(&right) {
        return left.matmul(right);
    }
    let [rows, inner, columns] = [left_shape[D - 2], left_shape[D - 1], right_shape[D - 1]];
    let pairs = if D == 4 { [pairs[0], pairs[1]] } else { [1, pairs.iter().product()] };
    let [a, b, c] =
        [[rows, inner], [inner, columns], [rows, columns]].map(|[n, m]| [pairs[0], pairs[1], n, m]);
    // Attention's operands are views of `[batch, tokens, heads, values]`. Undoing the transposition first spares a copy;
    // a wrong guess costs one.
    let scores = D == 4 && rows == columns && rows != inner;
    let sums = D == 4 && rows == inner && rows != columns;
    let (left, left_strides) =
        if scores { (left.swap_dims(1, 2), heads_inside(a)) } else { (left, row_major(a)) };
    let (right, right_strides) = if scores {
        let [batch, head, column, k] = heads_inside([pairs[0], pairs[1], columns, inner]);
        (right.swap_dims(1, 3).swap_dims(2, 3), [batch, head, k, column])
    } else if sums {
        (right.swap_dims(1, 2), heads_inside(b))
    } else {
        (right, row_major(b))
    };
    let to = if sums { heads_inside(c) } else { row_major(c) };
    let (left, right) = (floats(left), floats(right));
    let product = products(
        Level::best(),
        Shape { pairs, rows, inner, columns },
        View { values: &left, strides: left_strides },
        View { values: &right, strides: right_strides },
        to,
    );
    give(left);
    give(right);
    let mut shape = left_shape;
    shape[D - 1] = columns;
    if sums {
        shape.swap(1, 2);
        return tensor(product, shape).swap_dims(1, 2);
    }
    tensor(product, shape)
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
pub(super) fn on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

/// A tensor on the CPU.
pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Calls `change` with the values of a tensor that is [`on_cpu`], row-major.
fn in_place<const D: usize>(input: Tensor<D>, change: impl FnOnce(&mut [f32])) -> Tensor<D> {
    let shape = input.dims();
    let mut values = floats(input);
    change(&mut values);
    tensor(values, shape)
}

/// The values of a tensor that is [`on_cpu`], row-major. They are copied only when something else holds them, too.
pub(super) fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    // `on_cpu` checked that these are 32-bit floats, and reading fails for no other reason.
    tensor.into_data().try_into_vec().expect("32-bit floats")
}

/// The values of a parameter; empty without a parameter, `None` when they cannot be read as f32.
pub(super) fn values_of(parameter: Option<&Param<Tensor<1>>>) -> Option<Vec<f32>> {
    match parameter {
        Some(parameter) => parameter.val().into_data().try_into_vec().ok(),
        None => Some(Vec::new()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::Distribution;

    use super::*;

    pub(in crate::kernels) fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex())
    }

    pub(in crate::kernels) fn agree<const D: usize>(found: Tensor<D>, expected: Tensor<D>) {
        assert_eq!(found.dims(), expected.dims());
        for (found, expected) in floats(found).iter().zip(floats(expected)) {
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

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

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn a_product_of_two_tensors_is_burns(
            batch in 1..4usize, heads in 1..4usize, rows in 1..30usize, inner in 1..40usize, columns in 1..40usize,
        ) {
            // Transposed views, as attention multiplies them.
            let columns = if columns % 2 == 0 { rows } else { columns };
            let left = random([batch, rows, heads, inner]).permute([0, 2, 1, 3]);
            let right = random([batch, columns, heads, inner]).permute([0, 2, 3, 1]);
            agree(matmul(left.clone(), right.clone()), left.clone().matmul(right));
            let scores = random([batch, heads, rows, inner]).matmul(random([batch, heads, inner, rows]));
            agree(matmul(scores.clone(), left.clone()), scores.matmul(left.clone()));
            // Square matrices that are no views.
            let plain = random([batch, heads, rows, rows]);
            agree(matmul(plain.clone(), plain.clone()), plain.clone().matmul(plain));
            // One right-hand side for the whole batch.
            let shared = random([1, heads, inner, columns]);
            agree(matmul(left.clone(), shared.clone()), left.matmul(shared));
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
