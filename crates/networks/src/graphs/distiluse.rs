// Made by `cargo run -p import-graphs` from `models/distiluse/graph.onnx`.
// Do not edit by hand.

extern crate alloc;
use crate::kernels::LayerNorm;
use crate::kernels::LayerNormConfig;
use crate::kernels::Linear;
use burn::nn::LinearConfig;
use burn::prelude::*;

#[derive(Module, Debug)]
pub struct Submodule1 {
    constant1: burn::module::Param<Tensor<2>>,
    constant67: burn::module::Param<Tensor<2, Int>>,
    constant2: burn::module::Param<Tensor<2>>,
    layernormalization1: LayerNorm,
    constant71: burn::module::Param<Tensor<1, Bool>>,
    linear1: Linear,
    linear2: Linear,
    linear3: Linear,
    constant118: burn::module::Param<Tensor<1>>,
    linear4: Linear,
    layernormalization2: LayerNorm,
    linear5: Linear,
    constant119: burn::module::Param<Tensor<1>>,
    #[module(skip)]
    device: Device,
}

impl Submodule1 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let constant1: burn::module::Param<Tensor<2>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<2>::zeros([119547, 768], (device, burn::tensor::DType::F32))
            },
            device.clone(),
            false,
            [119547, 768].into(),
        );
        let constant67: burn::module::Param<Tensor<2, Int>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<2, Int>::zeros([1, 512], (device, burn::tensor::DType::I64))
            },
            device.clone(),
            false,
            [1, 512].into(),
        );
        let constant2: burn::module::Param<Tensor<2>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| Tensor::<2>::zeros([512, 768], (device, burn::tensor::DType::F32)),
            device.clone(),
            false,
            [512, 768].into(),
        );
        let layernormalization1 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let constant71: burn::module::Param<Tensor<1, Bool>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<1, Bool>::from_data(
                    burn::tensor::TensorData::from([true]),
                    (device, burn::tensor::DType::Bool(burn::tensor::BoolStore::Native)),
                )
            },
            device.clone(),
            false,
            [1].into(),
        );
        let linear1 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear2 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear3 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let constant118: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<1>::from_data(
                    burn::tensor::TensorData::from([0.125f64]),
                    (device, burn::tensor::DType::F32),
                )
            },
            device.clone(),
            false,
            [1].into(),
        );
        let linear4 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization2 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear5 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let constant119: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<1>::from_data(
                    burn::tensor::TensorData::from([1.4142135381698608f64]),
                    (device, burn::tensor::DType::F32),
                )
            },
            device.clone(),
            false,
            [1].into(),
        );
        Self {
            constant1,
            constant67,
            constant2,
            layernormalization1,
            constant71,
            linear1,
            linear2,
            linear3,
            constant118,
            linear4,
            layernormalization2,
            linear5,
            constant119,
            device: device.clone(),
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        attention_mask: Tensor<2, Int>,
        input_ids: Tensor<2, Int>,
    ) -> (Tensor<3>, Tensor<3>, Tensor<3>, [i64; 4], Tensor<1>, Tensor<4>, [i64; 3], Tensor<1>) {
        let shape1_out1: [i64; 1] = {
            let axes = &attention_mask.clone().dims()[0..1];
            let mut output = [0i64; 1];
            for i in 0..1 {
                output[i] = axes[i] as i64;
            }
            output
        };
        let squeeze1_out1 = shape1_out1[0] as i64;
        let shape2_out1: [i64; 1] = {
            let axes = &attention_mask.clone().dims()[1..2];
            let mut output = [0i64; 1];
            for i in 0..1 {
                output[i] = axes[i] as i64;
            }
            output
        };
        let squeeze2_out1 = shape2_out1[0] as i64;
        let constant1_out1 = self.constant1.val();
        let gather1_out1 = {
            let axis_size = constant1_out1.dims()[0] as i64;
            let negative = input_ids.clone().lower_elem(0i64);
            let corrected = input_ids.clone() + axis_size;
            let indices = input_ids.mask_where(negative, corrected);
            constant1_out1.take::<2, 3>(0, indices)
        };
        let constant67_out1 = self.constant67.val();
        let slice1_out1 = constant67_out1.slice(s![.., 0..shape2_out1[0]]);
        let constant2_out1 = self.constant2.val();
        let gather2_out1 = {
            let axis_size = constant2_out1.dims()[0] as i64;
            let negative = slice1_out1.clone().lower_elem(0i64);
            let corrected = slice1_out1.clone() + axis_size;
            let indices = slice1_out1.mask_where(negative, corrected);
            constant2_out1.take::<2, 3>(0, indices)
        };
        let add1_out1 = gather1_out1.add(gather2_out1);
        let layernormalization1_out1 = {
            let dtype = add1_out1.dtype();
            self.layernormalization1.forward(add1_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let cast1_out1 = attention_mask.bool();
        let range1_out1 = {
            let start = 0i64;
            let delta = 1i64;
            assert!(delta != 0);
            let n = (((squeeze1_out1 as i128 - start as i128) as f64) / delta as f64).ceil().max(0.0) as i64;
            Tensor::arange(0..n, &self.device)
                .cast(burn::tensor::DType::I64)
                .mul_scalar(delta)
                .add_scalar(start)
        };
        let range2_out1 = {
            let start = 0i64;
            let delta = 1i64;
            assert!(delta != 0);
            let n = (((squeeze2_out1 as i128 - start as i128) as f64) / delta as f64).ceil().max(0.0) as i64;
            Tensor::arange(0..n, &self.device)
                .cast(burn::tensor::DType::I64)
                .mul_scalar(delta)
                .add_scalar(start)
        };
        let unsqueeze1_out1: Tensor<3, Int> = range1_out1.unsqueeze_dims::<3>(&[1, 2]);
        let unsqueeze2_out1: Tensor<4, Int> = unsqueeze1_out1.unsqueeze_dims::<4>(&[3]);
        let unsqueeze3_out1: Tensor<3, Int> = range2_out1.unsqueeze_dims::<3>(&[0, 1]);
        let unsqueeze4_out1: Tensor<4, Int> = unsqueeze3_out1.clone().unsqueeze_dims::<4>(&[3]);
        let unsqueeze5_out1: Tensor<4, Int> = unsqueeze3_out1.unsqueeze_dims::<4>(&[2]);
        let constant69_out1 = 0i64;
        let greaterorequal1_out1 = unsqueeze4_out1.greater_equal_elem(constant69_out1);
        let constant71_out1 = self.constant71.val();
        let and1_out1 =
            (constant71_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]).bool_and(greaterorequal1_out1);
        let max1_out1 = unsqueeze2_out1.clone().max_pair(unsqueeze5_out1.clone());
        let shape3_out1: [i64; 4] = {
            let axes = &max1_out1.dims()[0..4];
            let mut output = [0i64; 4];
            for i in 0..4 {
                output[i] = axes[i] as i64;
            }
            output
        };
        let expand1_out1 = {
            let onnx_shape: [i64; 4usize] = shape3_out1;
            let input_dims = unsqueeze2_out1.dims();
            let mut shape = onnx_shape;
            #[allow(clippy::needless_range_loop)]
            for i in 0..4usize {
                let dim_offset = i;
                if shape[dim_offset] == 1 && input_dims[i] > 1 {
                    shape[dim_offset] = input_dims[i] as i64;
                }
            }
            unsqueeze2_out1.expand(shape)
        };
        let unsqueeze6_out1: Tensor<5, Int> = expand1_out1.unsqueeze_dims::<5>(&[-1]);
        let expand2_out1 = {
            let onnx_shape: [i64; 4usize] = shape3_out1;
            let input_dims = unsqueeze5_out1.dims();
            let mut shape = onnx_shape;
            #[allow(clippy::needless_range_loop)]
            for i in 0..4usize {
                let dim_offset = i;
                if shape[dim_offset] == 1 && input_dims[i] > 1 {
                    shape[dim_offset] = input_dims[i] as i64;
                }
            }
            unsqueeze5_out1.expand(shape)
        };
        let unsqueeze7_out1: Tensor<5, Int> = expand2_out1.unsqueeze_dims::<5>(&[-1]);
        let concat1_out1 = burn::tensor::Tensor::cat([unsqueeze6_out1, unsqueeze7_out1].into(), 4);
        let gathernd1_out1 = {
            let data_dims = cast1_out1.dims();
            let indices_i64 = concat1_out1.cast(burn::tensor::DType::I64);
            let idx_dims = indices_i64.dims();
            let k = idx_dims[5 - 1];
            let mut dim_sizes: alloc::vec::Vec<i64> = alloc::vec::Vec::with_capacity(k);
            for i in 0..k {
                dim_sizes.push(data_dims[0 + i] as i64);
            }
            let mut bcast_shape = [1usize; 5];
            bcast_shape[5 - 1] = k;
            let dims_tensor = Tensor::<1, Int>::from_data(
                burn::tensor::TensorData::from(dim_sizes.as_slice()),
                (&self.device, burn::tensor::DType::I64),
            )
            .reshape(bcast_shape);
            let negative = indices_i64.clone().lower_elem(0i64);
            let corrected = indices_i64.clone() + dims_tensor;
            let indices_norm = indices_i64.mask_where(negative, corrected);
            let aug_indices = indices_norm;
            cast1_out1.int().cast(burn::tensor::DType::I64).gather_nd(aug_indices).bool()
        };
        let and2_out1 = and1_out1.bool_and(gathernd1_out1);
        let constant72_out1 = 0f32;
        let constant116_out1 = -340282350000000000000000000000000000000f32;
        let where1_out1 = {
            let cond = and2_out1;
            Tensor::<1>::from_data(
                burn::tensor::TensorData::from([constant116_out1 as f64]),
                (&self.device, burn::tensor::DType::F32),
            )
            .reshape([1, 1, 1, 1])
            .expand(cond.dims())
            .mask_fill(cond, constant72_out1)
        };
        let linear1_out1 = self.linear1.forward(layernormalization1_out1.clone());
        let constant115_out1: [i64; 1] = [-1i64];
        let constant117_out1: [i64; 1] = [64i64];
        let concat2_out1: [i64; 4usize] =
            [&shape1_out1[..], &shape2_out1[..], &constant115_out1[..], &constant117_out1[..]]
                .concat()
                .try_into()
                .unwrap();
        let reshape1_out1 = linear1_out1.reshape(concat2_out1);
        let transpose1_out1 = reshape1_out1.permute([0, 2, 1, 3]);
        let linear2_out1 = self.linear2.forward(layernormalization1_out1.clone());
        let reshape2_out1 = linear2_out1.reshape(concat2_out1);
        let linear3_out1 = self.linear3.forward(layernormalization1_out1.clone());
        let reshape3_out1 = linear3_out1.reshape(concat2_out1);
        let transpose2_out1 = reshape3_out1.permute([0, 2, 1, 3]);
        let transpose3_out1 = reshape2_out1.permute([0, 2, 3, 1]);
        let matmul4_out1 = crate::kernels::matmul(transpose1_out1, transpose3_out1);
        let constant118_out1 = self.constant118.val();
        let mul1_out1 =
            matmul4_out1.mul((constant118_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add2_out1 = mul1_out1.add(where1_out1.clone());
        let softmax1_out1 = crate::kernels::softmax(add2_out1, 3);
        let matmul5_out1 = crate::kernels::matmul(softmax1_out1, transpose2_out1);
        let transpose4_out1 = matmul5_out1.permute([0, 2, 1, 3]);
        let concat3_out1: [i64; 3usize] =
            [&shape1_out1[..], &shape2_out1[..], &constant115_out1[..]].concat().try_into().unwrap();
        let reshape4_out1 = transpose4_out1.reshape(concat3_out1);
        let add3_out1 = self.linear4.forward_add(reshape4_out1, layernormalization1_out1);
        let layernormalization2_out1 = {
            let dtype = add3_out1.dtype();
            self.layernormalization2.forward(add3_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear5_out1 = self.linear5.forward(layernormalization2_out1.clone());
        let constant119_out1 = self.constant119.val();
        let div1_out1 =
            linear5_out1.clone().div((constant119_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf1_out1 = crate::kernels::erf(div1_out1);
        (
            erf1_out1,
            linear5_out1,
            layernormalization2_out1,
            concat2_out1,
            constant118_out1,
            where1_out1,
            concat3_out1,
            constant119_out1,
        )
    }
}

#[derive(Module, Debug)]
pub struct Submodule2 {
    constant120: burn::module::Param<Tensor<1>>,
    constant121: burn::module::Param<Tensor<1>>,
    linear6: Linear,
    layernormalization3: LayerNorm,
    linear7: Linear,
    linear8: Linear,
    linear9: Linear,
    linear10: Linear,
    layernormalization4: LayerNorm,
    linear11: Linear,
    linear12: Linear,
    layernormalization5: LayerNorm,
    linear13: Linear,
    linear14: Linear,
    linear15: Linear,
    linear16: Linear,
    layernormalization6: LayerNorm,
    linear17: Linear,
    linear18: Linear,
    layernormalization7: LayerNorm,
}

impl Submodule2 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let constant120: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<1>::from_data(
                    burn::tensor::TensorData::from([1f64]),
                    (device, burn::tensor::DType::F32),
                )
            },
            device.clone(),
            false,
            [1].into(),
        );
        let constant121: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| {
                Tensor::<1>::from_data(
                    burn::tensor::TensorData::from([0.5f64]),
                    (device, burn::tensor::DType::F32),
                )
            },
            device.clone(),
            false,
            [1].into(),
        );
        let linear6 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization3 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear7 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear8 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear9 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear10 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization4 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear11 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let linear12 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization5 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear13 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear14 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear15 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear16 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization6 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear17 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let linear18 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization7 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        Self {
            constant120,
            constant121,
            linear6,
            layernormalization3,
            linear7,
            linear8,
            linear9,
            linear10,
            layernormalization4,
            linear11,
            linear12,
            layernormalization5,
            linear13,
            linear14,
            linear15,
            linear16,
            layernormalization6,
            linear17,
            linear18,
            layernormalization7,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        erf1_out1: Tensor<3>,
        linear5_out1: Tensor<3>,
        layernormalization2_out1: Tensor<3>,
        concat2_out1: [i64; 4],
        constant118_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat3_out1: [i64; 3],
        constant119_out1: Tensor<1>,
    ) -> (Tensor<3>, Tensor<1>, Tensor<1>) {
        let constant120_out1 = self.constant120.val();
        let add4_out1 = erf1_out1.add((constant120_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let constant121_out1 = self.constant121.val();
        let mul2_out1 = (constant121_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add4_out1);
        let mul3_out1 = linear5_out1.mul(mul2_out1);
        let add5_out1 = self.linear6.forward_add(mul3_out1, layernormalization2_out1);
        let layernormalization3_out1 = {
            let dtype = add5_out1.dtype();
            self.layernormalization3.forward(add5_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear7_out1 = self.linear7.forward(layernormalization3_out1.clone());
        let reshape5_out1 = linear7_out1.reshape(concat2_out1);
        let transpose5_out1 = reshape5_out1.permute([0, 2, 1, 3]);
        let linear8_out1 = self.linear8.forward(layernormalization3_out1.clone());
        let reshape6_out1 = linear8_out1.reshape(concat2_out1);
        let linear9_out1 = self.linear9.forward(layernormalization3_out1.clone());
        let reshape7_out1 = linear9_out1.reshape(concat2_out1);
        let transpose6_out1 = reshape7_out1.permute([0, 2, 1, 3]);
        let transpose7_out1 = reshape6_out1.permute([0, 2, 3, 1]);
        let matmul12_out1 = crate::kernels::matmul(transpose5_out1, transpose7_out1);
        let mul4_out1 =
            matmul12_out1.mul((constant118_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add6_out1 = mul4_out1.add(where1_out1.clone());
        let softmax2_out1 = crate::kernels::softmax(add6_out1, 3);
        let matmul13_out1 = crate::kernels::matmul(softmax2_out1, transpose6_out1);
        let transpose8_out1 = matmul13_out1.permute([0, 2, 1, 3]);
        let reshape8_out1 = transpose8_out1.reshape(concat3_out1);
        let add7_out1 = self.linear10.forward_add(reshape8_out1, layernormalization3_out1);
        let layernormalization4_out1 = {
            let dtype = add7_out1.dtype();
            self.layernormalization4.forward(add7_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear11_out1 = self.linear11.forward(layernormalization4_out1.clone());
        let div2_out1 =
            linear11_out1.clone().div((constant119_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf2_out1 = crate::kernels::erf(div2_out1);
        let add8_out1 = erf2_out1.add((constant120_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul5_out1 = (constant121_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add8_out1);
        let mul6_out1 = linear11_out1.mul(mul5_out1);
        let add9_out1 = self.linear12.forward_add(mul6_out1, layernormalization4_out1);
        let layernormalization5_out1 = {
            let dtype = add9_out1.dtype();
            self.layernormalization5.forward(add9_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear13_out1 = self.linear13.forward(layernormalization5_out1.clone());
        let reshape9_out1 = linear13_out1.reshape(concat2_out1);
        let transpose9_out1 = reshape9_out1.permute([0, 2, 1, 3]);
        let linear14_out1 = self.linear14.forward(layernormalization5_out1.clone());
        let reshape10_out1 = linear14_out1.reshape(concat2_out1);
        let linear15_out1 = self.linear15.forward(layernormalization5_out1.clone());
        let reshape11_out1 = linear15_out1.reshape(concat2_out1);
        let transpose10_out1 = reshape11_out1.permute([0, 2, 1, 3]);
        let transpose11_out1 = reshape10_out1.permute([0, 2, 3, 1]);
        let matmul20_out1 = crate::kernels::matmul(transpose9_out1, transpose11_out1);
        let mul7_out1 = matmul20_out1.mul((constant118_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add10_out1 = mul7_out1.add(where1_out1);
        let softmax3_out1 = crate::kernels::softmax(add10_out1, 3);
        let matmul21_out1 = crate::kernels::matmul(softmax3_out1, transpose10_out1);
        let transpose12_out1 = matmul21_out1.permute([0, 2, 1, 3]);
        let reshape12_out1 = transpose12_out1.reshape(concat3_out1);
        let add11_out1 = self.linear16.forward_add(reshape12_out1, layernormalization5_out1);
        let layernormalization6_out1 = {
            let dtype = add11_out1.dtype();
            self.layernormalization6.forward(add11_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear17_out1 = self.linear17.forward(layernormalization6_out1.clone());
        let div3_out1 = linear17_out1.clone().div((constant119_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf3_out1 = crate::kernels::erf(div3_out1);
        let add12_out1 = erf3_out1.add((constant120_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul8_out1 = (constant121_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add12_out1);
        let mul9_out1 = linear17_out1.mul(mul8_out1);
        let add13_out1 = self.linear18.forward_add(mul9_out1, layernormalization6_out1);
        let layernormalization7_out1 = {
            let dtype = add13_out1.dtype();
            self.layernormalization7.forward(add13_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        (layernormalization7_out1, constant120_out1, constant121_out1)
    }
}

#[derive(Module, Debug)]
pub struct Submodule3 {
    linear19: Linear,
    linear20: Linear,
    linear21: Linear,
    linear22: Linear,
    layernormalization8: LayerNorm,
    linear23: Linear,
    linear24: Linear,
    layernormalization9: LayerNorm,
    linear25: Linear,
    linear26: Linear,
    linear27: Linear,
    linear28: Linear,
    layernormalization10: LayerNorm,
    linear29: Linear,
    linear30: Linear,
    layernormalization11: LayerNorm,
    linear31: Linear,
    linear32: Linear,
    linear33: Linear,
    linear34: Linear,
    layernormalization12: LayerNorm,
    linear35: Linear,
    linear36: Linear,
    layernormalization13: LayerNorm,
    linear37: Linear,
}

impl Submodule3 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let linear19 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear20 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear21 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear22 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization8 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear23 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let linear24 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization9 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear25 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear26 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear27 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear28 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization10 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear29 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let linear30 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization11 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear31 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear32 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear33 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let linear34 = LinearConfig::new(768, 768).with_bias(true).init(device).into();
        let layernormalization12 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear35 = LinearConfig::new(768, 3072).with_bias(true).init(device).into();
        let linear36 = LinearConfig::new(3072, 768).with_bias(true).init(device).into();
        let layernormalization13 = LayerNormConfig::new(768)
            .with_epsilon(0.0000000000009999999960041972f64)
            .with_bias(true)
            .init(device);
        let linear37 = LinearConfig::new(768, 512).with_bias(true).init(device).into();
        Self {
            linear19,
            linear20,
            linear21,
            linear22,
            layernormalization8,
            linear23,
            linear24,
            layernormalization9,
            linear25,
            linear26,
            linear27,
            linear28,
            layernormalization10,
            linear29,
            linear30,
            layernormalization11,
            linear31,
            linear32,
            linear33,
            linear34,
            layernormalization12,
            linear35,
            linear36,
            layernormalization13,
            linear37,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        layernormalization7_out1: Tensor<3>,
        concat2_out1: [i64; 4],
        constant118_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat3_out1: [i64; 3],
        constant119_out1: Tensor<1>,
        constant120_out1: Tensor<1>,
        constant121_out1: Tensor<1>,
        attention_mask: Tensor<2, Int>,
    ) -> Tensor<2> {
        let linear19_out1 = self.linear19.forward(layernormalization7_out1.clone());
        let reshape13_out1 = linear19_out1.reshape(concat2_out1);
        let transpose13_out1 = reshape13_out1.permute([0, 2, 1, 3]);
        let linear20_out1 = self.linear20.forward(layernormalization7_out1.clone());
        let reshape14_out1 = linear20_out1.reshape(concat2_out1);
        let linear21_out1 = self.linear21.forward(layernormalization7_out1.clone());
        let reshape15_out1 = linear21_out1.reshape(concat2_out1);
        let transpose14_out1 = reshape15_out1.permute([0, 2, 1, 3]);
        let transpose15_out1 = reshape14_out1.permute([0, 2, 3, 1]);
        let matmul28_out1 = crate::kernels::matmul(transpose13_out1, transpose15_out1);
        let mul10_out1 =
            matmul28_out1.mul((constant118_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add14_out1 = mul10_out1.add(where1_out1.clone());
        let softmax4_out1 = crate::kernels::softmax(add14_out1, 3);
        let matmul29_out1 = crate::kernels::matmul(softmax4_out1, transpose14_out1);
        let transpose16_out1 = matmul29_out1.permute([0, 2, 1, 3]);
        let reshape16_out1 = transpose16_out1.reshape(concat3_out1);
        let add15_out1 = self.linear22.forward_add(reshape16_out1, layernormalization7_out1);
        let layernormalization8_out1 = {
            let dtype = add15_out1.dtype();
            self.layernormalization8.forward(add15_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear23_out1 = self.linear23.forward(layernormalization8_out1.clone());
        let div4_out1 =
            linear23_out1.clone().div((constant119_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf4_out1 = crate::kernels::erf(div4_out1);
        let add16_out1 = erf4_out1.add((constant120_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul11_out1 = (constant121_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add16_out1);
        let mul12_out1 = linear23_out1.mul(mul11_out1);
        let add17_out1 = self.linear24.forward_add(mul12_out1, layernormalization8_out1);
        let layernormalization9_out1 = {
            let dtype = add17_out1.dtype();
            self.layernormalization9.forward(add17_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear25_out1 = self.linear25.forward(layernormalization9_out1.clone());
        let reshape17_out1 = linear25_out1.reshape(concat2_out1);
        let transpose17_out1 = reshape17_out1.permute([0, 2, 1, 3]);
        let linear26_out1 = self.linear26.forward(layernormalization9_out1.clone());
        let reshape18_out1 = linear26_out1.reshape(concat2_out1);
        let linear27_out1 = self.linear27.forward(layernormalization9_out1.clone());
        let reshape19_out1 = linear27_out1.reshape(concat2_out1);
        let transpose18_out1 = reshape19_out1.permute([0, 2, 1, 3]);
        let transpose19_out1 = reshape18_out1.permute([0, 2, 3, 1]);
        let matmul36_out1 = crate::kernels::matmul(transpose17_out1, transpose19_out1);
        let mul13_out1 =
            matmul36_out1.mul((constant118_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add18_out1 = mul13_out1.add(where1_out1.clone());
        let softmax5_out1 = crate::kernels::softmax(add18_out1, 3);
        let matmul37_out1 = crate::kernels::matmul(softmax5_out1, transpose18_out1);
        let transpose20_out1 = matmul37_out1.permute([0, 2, 1, 3]);
        let reshape20_out1 = transpose20_out1.reshape(concat3_out1);
        let add19_out1 = self.linear28.forward_add(reshape20_out1, layernormalization9_out1);
        let layernormalization10_out1 = {
            let dtype = add19_out1.dtype();
            self.layernormalization10.forward(add19_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear29_out1 = self.linear29.forward(layernormalization10_out1.clone());
        let div5_out1 =
            linear29_out1.clone().div((constant119_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf5_out1 = crate::kernels::erf(div5_out1);
        let add20_out1 = erf5_out1.add((constant120_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul14_out1 = (constant121_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add20_out1);
        let mul15_out1 = linear29_out1.mul(mul14_out1);
        let add21_out1 = self.linear30.forward_add(mul15_out1, layernormalization10_out1);
        let layernormalization11_out1 = {
            let dtype = add21_out1.dtype();
            self.layernormalization11.forward(add21_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear31_out1 = self.linear31.forward(layernormalization11_out1.clone());
        let reshape21_out1 = linear31_out1.reshape(concat2_out1);
        let transpose21_out1 = reshape21_out1.permute([0, 2, 1, 3]);
        let linear32_out1 = self.linear32.forward(layernormalization11_out1.clone());
        let reshape22_out1 = linear32_out1.reshape(concat2_out1);
        let linear33_out1 = self.linear33.forward(layernormalization11_out1.clone());
        let reshape23_out1 = linear33_out1.reshape(concat2_out1);
        let transpose22_out1 = reshape23_out1.permute([0, 2, 1, 3]);
        let transpose23_out1 = reshape22_out1.permute([0, 2, 3, 1]);
        let matmul44_out1 = crate::kernels::matmul(transpose21_out1, transpose23_out1);
        let mul16_out1 = matmul44_out1.mul((constant118_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add22_out1 = mul16_out1.add(where1_out1);
        let softmax6_out1 = crate::kernels::softmax(add22_out1, 3);
        let matmul45_out1 = crate::kernels::matmul(softmax6_out1, transpose22_out1);
        let transpose24_out1 = matmul45_out1.permute([0, 2, 1, 3]);
        let reshape24_out1 = transpose24_out1.reshape(concat3_out1);
        let add23_out1 = self.linear34.forward_add(reshape24_out1, layernormalization11_out1);
        let layernormalization12_out1 = {
            let dtype = add23_out1.dtype();
            self.layernormalization12.forward(add23_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear35_out1 = self.linear35.forward(layernormalization12_out1.clone());
        let div6_out1 = linear35_out1.clone().div((constant119_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf6_out1 = crate::kernels::erf(div6_out1);
        let add24_out1 = erf6_out1.add((constant120_out1).unsqueeze_dims(&[0isize, 1isize]));
        let mul17_out1 = (constant121_out1).unsqueeze_dims(&[0isize, 1isize]).mul(add24_out1);
        let mul18_out1 = linear35_out1.mul(mul17_out1);
        let add25_out1 = self.linear36.forward_add(mul18_out1, layernormalization12_out1);
        let layernormalization13_out1 = {
            let dtype = add25_out1.dtype();
            self.layernormalization13.forward(add25_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let unsqueeze8_out1: Tensor<3, Int> = attention_mask.unsqueeze_dims::<3>(&[-1]);
        let cast2_out1 = unsqueeze8_out1.float().cast(burn::tensor::DType::F32);
        let mul19_out1 = layernormalization13_out1.mul(cast2_out1.clone());
        let reducesum1_out1 = { mul19_out1.sum_dim(1usize).squeeze_dims::<2usize>(&[1]) };
        let reducesum2_out1 = { cast2_out1.sum_dim(1usize).squeeze_dims::<2usize>(&[1]) };
        let clip1_out1 = reducesum2_out1.clamp_min(0.0000000009999999717180685f64);
        let div7_out1 = reducesum1_out1.div(clip1_out1);
        let linear37_out1 = self.linear37.forward(div7_out1);
        let tanh1_out1 = linear37_out1.tanh();
        tanh1_out1
    }
}

#[derive(Module, Debug)]
pub struct Model {
    submodule1: Submodule1,
    submodule2: Submodule2,
    submodule3: Submodule3,
}

impl Model {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let submodule1 = Submodule1::new(device);
        let submodule2 = Submodule2::new(device);
        let submodule3 = Submodule3::new(device);
        Self { submodule1, submodule2, submodule3 }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(&self, input_ids: Tensor<2, Int>, attention_mask: Tensor<2, Int>) -> Tensor<2> {
        let (
            erf1_out1,
            linear5_out1,
            layernormalization2_out1,
            concat2_out1,
            constant118_out1,
            where1_out1,
            concat3_out1,
            constant119_out1,
        ) = self.submodule1.forward(attention_mask.clone(), input_ids);
        let (layernormalization7_out1, constant120_out1, constant121_out1) = self.submodule2.forward(
            erf1_out1,
            linear5_out1,
            layernormalization2_out1,
            concat2_out1.clone(),
            constant118_out1.clone(),
            where1_out1.clone(),
            concat3_out1.clone(),
            constant119_out1.clone(),
        );
        let tanh1_out1 = self.submodule3.forward(
            layernormalization7_out1,
            concat2_out1,
            constant118_out1,
            where1_out1,
            concat3_out1,
            constant119_out1,
            constant120_out1,
            constant121_out1,
            attention_mask,
        );
        tanh1_out1
    }
}
