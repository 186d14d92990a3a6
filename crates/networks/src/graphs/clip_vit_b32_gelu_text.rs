// Made by `cargo run -p import-graphs` from `models/clip-vit-b32-gelu/text/graph.onnx`.
// Do not edit by hand.

extern crate alloc;
use crate::kernels::LayerNorm;
use crate::kernels::LayerNormConfig;
use crate::kernels::Linear;
use burn::nn::LinearConfig;
use burn::prelude::*;

#[derive(Module, Debug)]
pub struct Submodule1 {
    constant126: burn::module::Param<Tensor<2, Int>>,
    constant1: burn::module::Param<Tensor<2>>,
    constant2: burn::module::Param<Tensor<2>>,
    layernormalization1: LayerNorm,
    linear1: Linear,
    linear2: Linear,
    linear3: Linear,
    constant210: burn::module::Param<Tensor<1>>,
    linear4: Linear,
    layernormalization2: LayerNorm,
    linear5: Linear,
    constant211: burn::module::Param<Tensor<1>>,
    constant212: burn::module::Param<Tensor<1>>,
    constant213: burn::module::Param<Tensor<1>>,
    linear6: Linear,
    layernormalization3: LayerNorm,
    linear7: Linear,
    linear8: Linear,
    linear9: Linear,
    linear10: Linear,
    #[module(skip)]
    device: Device,
}

impl Submodule1 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let constant126: burn::module::Param<Tensor<2, Int>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| Tensor::<2, Int>::zeros([1, 77], (device, burn::tensor::DType::I64)),
            device.clone(),
            false,
            [1, 77].into(),
        );
        let constant1: burn::module::Param<Tensor<2>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| Tensor::<2>::zeros([49408, 512], (device, burn::tensor::DType::F32)),
            device.clone(),
            false,
            [49408, 512].into(),
        );
        let constant2: burn::module::Param<Tensor<2>> = burn::module::Param::uninitialized(
            burn::module::ParamId::new(),
            move |device, _require_grad| Tensor::<2>::zeros([77, 512], (device, burn::tensor::DType::F32)),
            device.clone(),
            false,
            [77, 512].into(),
        );
        let layernormalization1 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear1 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear2 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear3 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let constant210: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
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
        let linear4 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization2 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear5 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let constant211: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
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
        let constant212: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
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
        let constant213: burn::module::Param<Tensor<1>> = burn::module::Param::uninitialized(
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
        let linear6 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization3 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear7 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear8 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear9 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear10 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        Self {
            constant126,
            constant1,
            constant2,
            layernormalization1,
            linear1,
            linear2,
            linear3,
            constant210,
            linear4,
            layernormalization2,
            linear5,
            constant211,
            constant212,
            constant213,
            linear6,
            layernormalization3,
            linear7,
            linear8,
            linear9,
            linear10,
            device: device.clone(),
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        input_ids: Tensor<2, Int>,
    ) -> (Tensor<3>, Tensor<1>, Tensor<1>, Tensor<1>, [i64; 4], Tensor<1>, Tensor<4>, [i64; 3], i64) {
        let shape1_out1: [i64; 1] = {
            let axes = &input_ids.clone().dims()[0..1];
            let mut output = [0i64; 1];
            for i in 0..1 {
                output[i] = axes[i] as i64;
            }
            output
        };
        let squeeze1_out1 = shape1_out1[0] as i64;
        let shape2_out1: [i64; 1] = {
            let axes = &input_ids.clone().dims()[1..2];
            let mut output = [0i64; 1];
            for i in 0..1 {
                output[i] = axes[i] as i64;
            }
            output
        };
        let squeeze2_out1 = shape2_out1[0] as i64;
        let constant126_out1 = self.constant126.val();
        let slice1_out1 = constant126_out1.slice(s![.., 0..shape2_out1[0]]);
        let constant1_out1 = self.constant1.val();
        let gather1_out1 = {
            let axis_size = constant1_out1.dims()[0] as i64;
            let negative = input_ids.clone().lower_elem(0i64);
            let corrected = input_ids.clone() + axis_size;
            let indices = input_ids.mask_where(negative, corrected);
            constant1_out1.take::<2, 3>(0, indices)
        };
        let constant2_out1 = self.constant2.val();
        let gather2_out1 = {
            let axis_size = constant2_out1.dims()[0] as i64;
            let negative = slice1_out1.clone().lower_elem(0i64);
            let corrected = slice1_out1.clone() + axis_size;
            let indices = slice1_out1.mask_where(negative, corrected);
            constant2_out1.take::<2, 3>(0, indices)
        };
        let add1_out1 = gather1_out1.add(gather2_out1);
        let range1_out1 = {
            let start = 0i64;
            let delta = 1i64;
            assert!(delta != 0);
            let n = (((squeeze2_out1 as i128 - start as i128) as f64) / delta as f64).ceil().max(0.0) as i64;
            Tensor::arange(0..n, &self.device)
                .cast(burn::tensor::DType::I64)
                .mul_scalar(delta)
                .add_scalar(start)
        };
        let unsqueeze1_out1: Tensor<3, Int> = range1_out1.unsqueeze_dims::<3>(&[0, 1]);
        let unsqueeze2_out1: Tensor<4, Int> = unsqueeze1_out1.clone().unsqueeze_dims::<4>(&[3]);
        let unsqueeze3_out1: Tensor<4, Int> = unsqueeze1_out1.unsqueeze_dims::<4>(&[2]);
        let lessorequal1_out1 = unsqueeze3_out1.lower_equal(unsqueeze2_out1);
        let constant127_out1: [i64; 1] = [1i64];
        let concat2_out1: [i64; 4usize] =
            [&shape1_out1[..], &constant127_out1[..], &shape2_out1[..], &shape2_out1[..]]
                .concat()
                .try_into()
                .unwrap();
        let expand1_out1 = {
            let onnx_shape: [i64; 4usize] = concat2_out1;
            let input_dims = lessorequal1_out1.dims();
            let mut shape = onnx_shape;
            #[allow(clippy::needless_range_loop)]
            for i in 0..4usize {
                let dim_offset = i;
                if shape[dim_offset] == 1 && input_dims[i] > 1 {
                    shape[dim_offset] = input_dims[i] as i64;
                }
            }
            lessorequal1_out1.expand(shape)
        };
        let constant130_out1 = 0f32;
        let constant208_out1 = -340282350000000000000000000000000000000f32;
        let where1_out1 = {
            let cond = expand1_out1;
            Tensor::<1>::from_data(
                burn::tensor::TensorData::from([constant208_out1 as f64]),
                (&self.device, burn::tensor::DType::F32),
            )
            .reshape([1, 1, 1, 1])
            .expand(cond.dims())
            .mask_fill(cond, constant130_out1)
        };
        let layernormalization1_out1 = {
            let dtype = add1_out1.clone().dtype();
            self.layernormalization1.forward(add1_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear1_out1 = self.linear1.forward(layernormalization1_out1.clone());
        let linear2_out1 = self.linear2.forward(layernormalization1_out1.clone());
        let linear3_out1 = self.linear3.forward(layernormalization1_out1);
        let constant203_out1: [i64; 1] = [-1i64];
        let constant209_out1: [i64; 1] = [64i64];
        let concat3_out1: [i64; 4usize] =
            [&shape1_out1[..], &shape2_out1[..], &constant203_out1[..], &constant209_out1[..]]
                .concat()
                .try_into()
                .unwrap();
        let reshape2_out1 = linear1_out1.reshape(concat3_out1);
        let transpose1_out1 = reshape2_out1.permute([0, 2, 1, 3]);
        let reshape3_out1 = linear2_out1.reshape(concat3_out1);
        let reshape4_out1 = linear3_out1.reshape(concat3_out1);
        let transpose2_out1 = reshape4_out1.permute([0, 2, 1, 3]);
        let transpose3_out1 = reshape3_out1.permute([0, 2, 3, 1]);
        let matmul4_out1 = crate::kernels::matmul(transpose1_out1, transpose3_out1);
        let constant210_out1 = self.constant210.val();
        let mul1_out1 =
            matmul4_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add2_out1 = mul1_out1.add(where1_out1.clone());
        let softmax1_out1 = crate::kernels::softmax(add2_out1, 3);
        let matmul5_out1 = crate::kernels::matmul(softmax1_out1, transpose2_out1);
        let transpose4_out1 = matmul5_out1.permute([0, 2, 1, 3]);
        let concat4_out1: [i64; 3usize] =
            [&shape1_out1[..], &shape2_out1[..], &constant203_out1[..]].concat().try_into().unwrap();
        let reshape5_out1 = transpose4_out1.reshape(concat4_out1);
        let add3_out1 = self.linear4.forward_add(reshape5_out1, add1_out1);
        let layernormalization2_out1 = {
            let dtype = add3_out1.clone().dtype();
            self.layernormalization2.forward(add3_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear5_out1 = self.linear5.forward(layernormalization2_out1);
        let constant211_out1 = self.constant211.val();
        let div1_out1 =
            linear5_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf1_out1 = crate::kernels::erf(div1_out1);
        let constant212_out1 = self.constant212.val();
        let add4_out1 = erf1_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let constant213_out1 = self.constant213.val();
        let mul2_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add4_out1);
        let mul3_out1 = linear5_out1.mul(mul2_out1);
        let add5_out1 = self.linear6.forward_add(mul3_out1, add3_out1);
        let layernormalization3_out1 = {
            let dtype = add5_out1.clone().dtype();
            self.layernormalization3.forward(add5_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear7_out1 = self.linear7.forward(layernormalization3_out1.clone());
        let linear8_out1 = self.linear8.forward(layernormalization3_out1.clone());
        let linear9_out1 = self.linear9.forward(layernormalization3_out1);
        let reshape6_out1 = linear7_out1.reshape(concat3_out1);
        let transpose5_out1 = reshape6_out1.permute([0, 2, 1, 3]);
        let reshape7_out1 = linear8_out1.reshape(concat3_out1);
        let reshape8_out1 = linear9_out1.reshape(concat3_out1);
        let transpose6_out1 = reshape8_out1.permute([0, 2, 1, 3]);
        let transpose7_out1 = reshape7_out1.permute([0, 2, 3, 1]);
        let matmul12_out1 = crate::kernels::matmul(transpose5_out1, transpose7_out1);
        let mul4_out1 =
            matmul12_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add6_out1 = mul4_out1.add(where1_out1.clone());
        let softmax2_out1 = crate::kernels::softmax(add6_out1, 3);
        let matmul13_out1 = crate::kernels::matmul(softmax2_out1, transpose6_out1);
        let transpose8_out1 = matmul13_out1.permute([0, 2, 1, 3]);
        let reshape9_out1 = transpose8_out1.reshape(concat4_out1);
        let add7_out1 = self.linear10.forward_add(reshape9_out1, add5_out1);
        (
            add7_out1,
            constant211_out1,
            constant212_out1,
            constant213_out1,
            concat3_out1,
            constant210_out1,
            where1_out1,
            concat4_out1,
            squeeze1_out1,
        )
    }
}

#[derive(Module, Debug)]
pub struct Submodule2 {
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
    linear19: Linear,
    linear20: Linear,
    linear21: Linear,
    linear22: Linear,
    layernormalization8: LayerNorm,
    linear23: Linear,
    linear24: Linear,
}

impl Submodule2 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let layernormalization4 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear11 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear12 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization5 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear13 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear14 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear15 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear16 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization6 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear17 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear18 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization7 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear19 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear20 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear21 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear22 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization8 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear23 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear24 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        Self {
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
            linear19,
            linear20,
            linear21,
            linear22,
            layernormalization8,
            linear23,
            linear24,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        add7_out1: Tensor<3>,
        constant211_out1: Tensor<1>,
        constant212_out1: Tensor<1>,
        constant213_out1: Tensor<1>,
        concat3_out1: [i64; 4],
        constant210_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat4_out1: [i64; 3],
    ) -> Tensor<3> {
        let layernormalization4_out1 = {
            let dtype = add7_out1.clone().dtype();
            self.layernormalization4.forward(add7_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear11_out1 = self.linear11.forward(layernormalization4_out1);
        let div2_out1 =
            linear11_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf2_out1 = crate::kernels::erf(div2_out1);
        let add8_out1 = erf2_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul5_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add8_out1);
        let mul6_out1 = linear11_out1.mul(mul5_out1);
        let add9_out1 = self.linear12.forward_add(mul6_out1, add7_out1);
        let layernormalization5_out1 = {
            let dtype = add9_out1.clone().dtype();
            self.layernormalization5.forward(add9_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear13_out1 = self.linear13.forward(layernormalization5_out1.clone());
        let linear14_out1 = self.linear14.forward(layernormalization5_out1.clone());
        let linear15_out1 = self.linear15.forward(layernormalization5_out1);
        let reshape10_out1 = linear13_out1.reshape(concat3_out1);
        let transpose9_out1 = reshape10_out1.permute([0, 2, 1, 3]);
        let reshape11_out1 = linear14_out1.reshape(concat3_out1);
        let reshape12_out1 = linear15_out1.reshape(concat3_out1);
        let transpose10_out1 = reshape12_out1.permute([0, 2, 1, 3]);
        let transpose11_out1 = reshape11_out1.permute([0, 2, 3, 1]);
        let matmul20_out1 = crate::kernels::matmul(transpose9_out1, transpose11_out1);
        let mul7_out1 =
            matmul20_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add10_out1 = mul7_out1.add(where1_out1.clone());
        let softmax3_out1 = crate::kernels::softmax(add10_out1, 3);
        let matmul21_out1 = crate::kernels::matmul(softmax3_out1, transpose10_out1);
        let transpose12_out1 = matmul21_out1.permute([0, 2, 1, 3]);
        let reshape13_out1 = transpose12_out1.reshape(concat4_out1);
        let add11_out1 = self.linear16.forward_add(reshape13_out1, add9_out1);
        let layernormalization6_out1 = {
            let dtype = add11_out1.clone().dtype();
            self.layernormalization6.forward(add11_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear17_out1 = self.linear17.forward(layernormalization6_out1);
        let div3_out1 =
            linear17_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf3_out1 = crate::kernels::erf(div3_out1);
        let add12_out1 = erf3_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul8_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add12_out1);
        let mul9_out1 = linear17_out1.mul(mul8_out1);
        let add13_out1 = self.linear18.forward_add(mul9_out1, add11_out1);
        let layernormalization7_out1 = {
            let dtype = add13_out1.clone().dtype();
            self.layernormalization7.forward(add13_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear19_out1 = self.linear19.forward(layernormalization7_out1.clone());
        let linear20_out1 = self.linear20.forward(layernormalization7_out1.clone());
        let linear21_out1 = self.linear21.forward(layernormalization7_out1);
        let reshape14_out1 = linear19_out1.reshape(concat3_out1);
        let transpose13_out1 = reshape14_out1.permute([0, 2, 1, 3]);
        let reshape15_out1 = linear20_out1.reshape(concat3_out1);
        let reshape16_out1 = linear21_out1.reshape(concat3_out1);
        let transpose14_out1 = reshape16_out1.permute([0, 2, 1, 3]);
        let transpose15_out1 = reshape15_out1.permute([0, 2, 3, 1]);
        let matmul28_out1 = crate::kernels::matmul(transpose13_out1, transpose15_out1);
        let mul10_out1 = matmul28_out1.mul((constant210_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add14_out1 = mul10_out1.add(where1_out1);
        let softmax4_out1 = crate::kernels::softmax(add14_out1, 3);
        let matmul29_out1 = crate::kernels::matmul(softmax4_out1, transpose14_out1);
        let transpose16_out1 = matmul29_out1.permute([0, 2, 1, 3]);
        let reshape17_out1 = transpose16_out1.reshape(concat4_out1);
        let add15_out1 = self.linear22.forward_add(reshape17_out1, add13_out1);
        let layernormalization8_out1 = {
            let dtype = add15_out1.clone().dtype();
            self.layernormalization8.forward(add15_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear23_out1 = self.linear23.forward(layernormalization8_out1);
        let div4_out1 = linear23_out1.clone().div((constant211_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf4_out1 = crate::kernels::erf(div4_out1);
        let add16_out1 = erf4_out1.add((constant212_out1).unsqueeze_dims(&[0isize, 1isize]));
        let mul11_out1 = (constant213_out1).unsqueeze_dims(&[0isize, 1isize]).mul(add16_out1);
        let mul12_out1 = linear23_out1.mul(mul11_out1);
        let add17_out1 = self.linear24.forward_add(mul12_out1, add15_out1);
        add17_out1
    }
}

#[derive(Module, Debug)]
pub struct Submodule3 {
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
    linear38: Linear,
    linear39: Linear,
    linear40: Linear,
}

impl Submodule3 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let layernormalization9 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear25 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear26 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear27 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear28 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization10 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear29 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear30 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization11 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear31 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear32 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear33 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear34 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization12 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear35 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear36 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization13 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear37 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear38 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear39 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear40 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        Self {
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
            linear38,
            linear39,
            linear40,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        add17_out1: Tensor<3>,
        concat3_out1: [i64; 4],
        constant210_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat4_out1: [i64; 3],
        constant211_out1: Tensor<1>,
        constant212_out1: Tensor<1>,
        constant213_out1: Tensor<1>,
    ) -> Tensor<3> {
        let layernormalization9_out1 = {
            let dtype = add17_out1.clone().dtype();
            self.layernormalization9.forward(add17_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear25_out1 = self.linear25.forward(layernormalization9_out1.clone());
        let linear26_out1 = self.linear26.forward(layernormalization9_out1.clone());
        let linear27_out1 = self.linear27.forward(layernormalization9_out1);
        let reshape18_out1 = linear25_out1.reshape(concat3_out1);
        let transpose17_out1 = reshape18_out1.permute([0, 2, 1, 3]);
        let reshape19_out1 = linear26_out1.reshape(concat3_out1);
        let reshape20_out1 = linear27_out1.reshape(concat3_out1);
        let transpose18_out1 = reshape20_out1.permute([0, 2, 1, 3]);
        let transpose19_out1 = reshape19_out1.permute([0, 2, 3, 1]);
        let matmul36_out1 = crate::kernels::matmul(transpose17_out1, transpose19_out1);
        let mul13_out1 =
            matmul36_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add18_out1 = mul13_out1.add(where1_out1.clone());
        let softmax5_out1 = crate::kernels::softmax(add18_out1, 3);
        let matmul37_out1 = crate::kernels::matmul(softmax5_out1, transpose18_out1);
        let transpose20_out1 = matmul37_out1.permute([0, 2, 1, 3]);
        let reshape21_out1 = transpose20_out1.reshape(concat4_out1);
        let add19_out1 = self.linear28.forward_add(reshape21_out1, add17_out1);
        let layernormalization10_out1 = {
            let dtype = add19_out1.clone().dtype();
            self.layernormalization10.forward(add19_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear29_out1 = self.linear29.forward(layernormalization10_out1);
        let div5_out1 =
            linear29_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf5_out1 = crate::kernels::erf(div5_out1);
        let add20_out1 = erf5_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul14_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add20_out1);
        let mul15_out1 = linear29_out1.mul(mul14_out1);
        let add21_out1 = self.linear30.forward_add(mul15_out1, add19_out1);
        let layernormalization11_out1 = {
            let dtype = add21_out1.clone().dtype();
            self.layernormalization11.forward(add21_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear31_out1 = self.linear31.forward(layernormalization11_out1.clone());
        let linear32_out1 = self.linear32.forward(layernormalization11_out1.clone());
        let linear33_out1 = self.linear33.forward(layernormalization11_out1);
        let reshape22_out1 = linear31_out1.reshape(concat3_out1);
        let transpose21_out1 = reshape22_out1.permute([0, 2, 1, 3]);
        let reshape23_out1 = linear32_out1.reshape(concat3_out1);
        let reshape24_out1 = linear33_out1.reshape(concat3_out1);
        let transpose22_out1 = reshape24_out1.permute([0, 2, 1, 3]);
        let transpose23_out1 = reshape23_out1.permute([0, 2, 3, 1]);
        let matmul44_out1 = crate::kernels::matmul(transpose21_out1, transpose23_out1);
        let mul16_out1 =
            matmul44_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add22_out1 = mul16_out1.add(where1_out1.clone());
        let softmax6_out1 = crate::kernels::softmax(add22_out1, 3);
        let matmul45_out1 = crate::kernels::matmul(softmax6_out1, transpose22_out1);
        let transpose24_out1 = matmul45_out1.permute([0, 2, 1, 3]);
        let reshape25_out1 = transpose24_out1.reshape(concat4_out1);
        let add23_out1 = self.linear34.forward_add(reshape25_out1, add21_out1);
        let layernormalization12_out1 = {
            let dtype = add23_out1.clone().dtype();
            self.layernormalization12.forward(add23_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear35_out1 = self.linear35.forward(layernormalization12_out1);
        let div6_out1 = linear35_out1.clone().div((constant211_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf6_out1 = crate::kernels::erf(div6_out1);
        let add24_out1 = erf6_out1.add((constant212_out1).unsqueeze_dims(&[0isize, 1isize]));
        let mul17_out1 = (constant213_out1).unsqueeze_dims(&[0isize, 1isize]).mul(add24_out1);
        let mul18_out1 = linear35_out1.mul(mul17_out1);
        let add25_out1 = self.linear36.forward_add(mul18_out1, add23_out1);
        let layernormalization13_out1 = {
            let dtype = add25_out1.clone().dtype();
            self.layernormalization13.forward(add25_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear37_out1 = self.linear37.forward(layernormalization13_out1.clone());
        let linear38_out1 = self.linear38.forward(layernormalization13_out1.clone());
        let linear39_out1 = self.linear39.forward(layernormalization13_out1);
        let reshape26_out1 = linear37_out1.reshape(concat3_out1);
        let transpose25_out1 = reshape26_out1.permute([0, 2, 1, 3]);
        let reshape27_out1 = linear38_out1.reshape(concat3_out1);
        let reshape28_out1 = linear39_out1.reshape(concat3_out1);
        let transpose26_out1 = reshape28_out1.permute([0, 2, 1, 3]);
        let transpose27_out1 = reshape27_out1.permute([0, 2, 3, 1]);
        let matmul52_out1 = crate::kernels::matmul(transpose25_out1, transpose27_out1);
        let mul19_out1 = matmul52_out1.mul((constant210_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add26_out1 = mul19_out1.add(where1_out1);
        let softmax7_out1 = crate::kernels::softmax(add26_out1, 3);
        let matmul53_out1 = crate::kernels::matmul(softmax7_out1, transpose26_out1);
        let transpose28_out1 = matmul53_out1.permute([0, 2, 1, 3]);
        let reshape29_out1 = transpose28_out1.reshape(concat4_out1);
        let add27_out1 = self.linear40.forward_add(reshape29_out1, add25_out1);
        add27_out1
    }
}

#[derive(Module, Debug)]
pub struct Submodule4 {
    layernormalization14: LayerNorm,
    linear41: Linear,
    linear42: Linear,
    layernormalization15: LayerNorm,
    linear43: Linear,
    linear44: Linear,
    linear45: Linear,
    linear46: Linear,
    layernormalization16: LayerNorm,
    linear47: Linear,
    linear48: Linear,
    layernormalization17: LayerNorm,
    linear49: Linear,
    linear50: Linear,
    linear51: Linear,
    linear52: Linear,
    layernormalization18: LayerNorm,
    linear53: Linear,
    linear54: Linear,
}

impl Submodule4 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let layernormalization14 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear41 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear42 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization15 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear43 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear44 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear45 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear46 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization16 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear47 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear48 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization17 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear49 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear50 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear51 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear52 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization18 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear53 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear54 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        Self {
            layernormalization14,
            linear41,
            linear42,
            layernormalization15,
            linear43,
            linear44,
            linear45,
            linear46,
            layernormalization16,
            linear47,
            linear48,
            layernormalization17,
            linear49,
            linear50,
            linear51,
            linear52,
            layernormalization18,
            linear53,
            linear54,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        add27_out1: Tensor<3>,
        constant211_out1: Tensor<1>,
        constant212_out1: Tensor<1>,
        constant213_out1: Tensor<1>,
        concat3_out1: [i64; 4],
        constant210_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat4_out1: [i64; 3],
    ) -> Tensor<3> {
        let layernormalization14_out1 = {
            let dtype = add27_out1.clone().dtype();
            self.layernormalization14.forward(add27_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear41_out1 = self.linear41.forward(layernormalization14_out1);
        let div7_out1 =
            linear41_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf7_out1 = crate::kernels::erf(div7_out1);
        let add28_out1 = erf7_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul20_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add28_out1);
        let mul21_out1 = linear41_out1.mul(mul20_out1);
        let add29_out1 = self.linear42.forward_add(mul21_out1, add27_out1);
        let layernormalization15_out1 = {
            let dtype = add29_out1.clone().dtype();
            self.layernormalization15.forward(add29_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear43_out1 = self.linear43.forward(layernormalization15_out1.clone());
        let linear44_out1 = self.linear44.forward(layernormalization15_out1.clone());
        let linear45_out1 = self.linear45.forward(layernormalization15_out1);
        let reshape30_out1 = linear43_out1.reshape(concat3_out1);
        let transpose29_out1 = reshape30_out1.permute([0, 2, 1, 3]);
        let reshape31_out1 = linear44_out1.reshape(concat3_out1);
        let reshape32_out1 = linear45_out1.reshape(concat3_out1);
        let transpose30_out1 = reshape32_out1.permute([0, 2, 1, 3]);
        let transpose31_out1 = reshape31_out1.permute([0, 2, 3, 1]);
        let matmul60_out1 = crate::kernels::matmul(transpose29_out1, transpose31_out1);
        let mul22_out1 =
            matmul60_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add30_out1 = mul22_out1.add(where1_out1.clone());
        let softmax8_out1 = crate::kernels::softmax(add30_out1, 3);
        let matmul61_out1 = crate::kernels::matmul(softmax8_out1, transpose30_out1);
        let transpose32_out1 = matmul61_out1.permute([0, 2, 1, 3]);
        let reshape33_out1 = transpose32_out1.reshape(concat4_out1);
        let add31_out1 = self.linear46.forward_add(reshape33_out1, add29_out1);
        let layernormalization16_out1 = {
            let dtype = add31_out1.clone().dtype();
            self.layernormalization16.forward(add31_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear47_out1 = self.linear47.forward(layernormalization16_out1);
        let div8_out1 =
            linear47_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf8_out1 = crate::kernels::erf(div8_out1);
        let add32_out1 = erf8_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul23_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add32_out1);
        let mul24_out1 = linear47_out1.mul(mul23_out1);
        let add33_out1 = self.linear48.forward_add(mul24_out1, add31_out1);
        let layernormalization17_out1 = {
            let dtype = add33_out1.clone().dtype();
            self.layernormalization17.forward(add33_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear49_out1 = self.linear49.forward(layernormalization17_out1.clone());
        let linear50_out1 = self.linear50.forward(layernormalization17_out1.clone());
        let linear51_out1 = self.linear51.forward(layernormalization17_out1);
        let reshape34_out1 = linear49_out1.reshape(concat3_out1);
        let transpose33_out1 = reshape34_out1.permute([0, 2, 1, 3]);
        let reshape35_out1 = linear50_out1.reshape(concat3_out1);
        let reshape36_out1 = linear51_out1.reshape(concat3_out1);
        let transpose34_out1 = reshape36_out1.permute([0, 2, 1, 3]);
        let transpose35_out1 = reshape35_out1.permute([0, 2, 3, 1]);
        let matmul68_out1 = crate::kernels::matmul(transpose33_out1, transpose35_out1);
        let mul25_out1 = matmul68_out1.mul((constant210_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add34_out1 = mul25_out1.add(where1_out1);
        let softmax9_out1 = crate::kernels::softmax(add34_out1, 3);
        let matmul69_out1 = crate::kernels::matmul(softmax9_out1, transpose34_out1);
        let transpose36_out1 = matmul69_out1.permute([0, 2, 1, 3]);
        let reshape37_out1 = transpose36_out1.reshape(concat4_out1);
        let add35_out1 = self.linear52.forward_add(reshape37_out1, add33_out1);
        let layernormalization18_out1 = {
            let dtype = add35_out1.clone().dtype();
            self.layernormalization18.forward(add35_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear53_out1 = self.linear53.forward(layernormalization18_out1);
        let div9_out1 = linear53_out1.clone().div((constant211_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf9_out1 = crate::kernels::erf(div9_out1);
        let add36_out1 = erf9_out1.add((constant212_out1).unsqueeze_dims(&[0isize, 1isize]));
        let mul26_out1 = (constant213_out1).unsqueeze_dims(&[0isize, 1isize]).mul(add36_out1);
        let mul27_out1 = linear53_out1.mul(mul26_out1);
        let add37_out1 = self.linear54.forward_add(mul27_out1, add35_out1);
        add37_out1
    }
}

#[derive(Module, Debug)]
pub struct Submodule5 {
    layernormalization19: LayerNorm,
    linear55: Linear,
    linear56: Linear,
    linear57: Linear,
    linear58: Linear,
    layernormalization20: LayerNorm,
    linear59: Linear,
    linear60: Linear,
    layernormalization21: LayerNorm,
    linear61: Linear,
    linear62: Linear,
    linear63: Linear,
    linear64: Linear,
    layernormalization22: LayerNorm,
    linear65: Linear,
    linear66: Linear,
    layernormalization23: LayerNorm,
    linear67: Linear,
    linear68: Linear,
    linear69: Linear,
    linear70: Linear,
    layernormalization24: LayerNorm,
    linear71: Linear,
    linear72: Linear,
    layernormalization25: LayerNorm,
    linear73: Linear,
    #[module(skip)]
    device: Device,
}

impl Submodule5 {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let layernormalization19 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear55 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear56 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear57 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear58 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization20 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear59 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear60 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization21 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear61 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear62 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear63 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear64 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization22 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear65 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear66 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization23 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear67 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear68 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear69 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let linear70 = LinearConfig::new(512, 512).with_bias(true).init(device).into();
        let layernormalization24 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear71 = LinearConfig::new(512, 2048).with_bias(true).init(device).into();
        let linear72 = LinearConfig::new(2048, 512).with_bias(true).init(device).into();
        let layernormalization25 =
            LayerNormConfig::new(512).with_epsilon(0.000009999999747378752f64).with_bias(true).init(device);
        let linear73 = LinearConfig::new(512, 512).with_bias(false).init(device).into();
        Self {
            layernormalization19,
            linear55,
            linear56,
            linear57,
            linear58,
            layernormalization20,
            linear59,
            linear60,
            layernormalization21,
            linear61,
            linear62,
            linear63,
            linear64,
            layernormalization22,
            linear65,
            linear66,
            layernormalization23,
            linear67,
            linear68,
            linear69,
            linear70,
            layernormalization24,
            linear71,
            linear72,
            layernormalization25,
            linear73,
            device: device.clone(),
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(
        &self,
        add37_out1: Tensor<3>,
        concat3_out1: [i64; 4],
        constant210_out1: Tensor<1>,
        where1_out1: Tensor<4>,
        concat4_out1: [i64; 3],
        constant211_out1: Tensor<1>,
        constant212_out1: Tensor<1>,
        constant213_out1: Tensor<1>,
        squeeze1_out1: i64,
        input_ids: Tensor<2, Int>,
    ) -> Tensor<2> {
        let layernormalization19_out1 = {
            let dtype = add37_out1.clone().dtype();
            self.layernormalization19.forward(add37_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear55_out1 = self.linear55.forward(layernormalization19_out1.clone());
        let linear56_out1 = self.linear56.forward(layernormalization19_out1.clone());
        let linear57_out1 = self.linear57.forward(layernormalization19_out1);
        let reshape38_out1 = linear55_out1.reshape(concat3_out1);
        let transpose37_out1 = reshape38_out1.permute([0, 2, 1, 3]);
        let reshape39_out1 = linear56_out1.reshape(concat3_out1);
        let reshape40_out1 = linear57_out1.reshape(concat3_out1);
        let transpose38_out1 = reshape40_out1.permute([0, 2, 1, 3]);
        let transpose39_out1 = reshape39_out1.permute([0, 2, 3, 1]);
        let matmul76_out1 = crate::kernels::matmul(transpose37_out1, transpose39_out1);
        let mul28_out1 =
            matmul76_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add38_out1 = mul28_out1.add(where1_out1.clone());
        let softmax10_out1 = crate::kernels::softmax(add38_out1, 3);
        let matmul77_out1 = crate::kernels::matmul(softmax10_out1, transpose38_out1);
        let transpose40_out1 = matmul77_out1.permute([0, 2, 1, 3]);
        let reshape41_out1 = transpose40_out1.reshape(concat4_out1);
        let add39_out1 = self.linear58.forward_add(reshape41_out1, add37_out1);
        let layernormalization20_out1 = {
            let dtype = add39_out1.clone().dtype();
            self.layernormalization20.forward(add39_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear59_out1 = self.linear59.forward(layernormalization20_out1);
        let div10_out1 =
            linear59_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf10_out1 = crate::kernels::erf(div10_out1);
        let add40_out1 = erf10_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul29_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add40_out1);
        let mul30_out1 = linear59_out1.mul(mul29_out1);
        let add41_out1 = self.linear60.forward_add(mul30_out1, add39_out1);
        let layernormalization21_out1 = {
            let dtype = add41_out1.clone().dtype();
            self.layernormalization21.forward(add41_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear61_out1 = self.linear61.forward(layernormalization21_out1.clone());
        let linear62_out1 = self.linear62.forward(layernormalization21_out1.clone());
        let linear63_out1 = self.linear63.forward(layernormalization21_out1);
        let reshape42_out1 = linear61_out1.reshape(concat3_out1);
        let transpose41_out1 = reshape42_out1.permute([0, 2, 1, 3]);
        let reshape43_out1 = linear62_out1.reshape(concat3_out1);
        let reshape44_out1 = linear63_out1.reshape(concat3_out1);
        let transpose42_out1 = reshape44_out1.permute([0, 2, 1, 3]);
        let transpose43_out1 = reshape43_out1.permute([0, 2, 3, 1]);
        let matmul84_out1 = crate::kernels::matmul(transpose41_out1, transpose43_out1);
        let mul31_out1 =
            matmul84_out1.mul((constant210_out1.clone()).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add42_out1 = mul31_out1.add(where1_out1.clone());
        let softmax11_out1 = crate::kernels::softmax(add42_out1, 3);
        let matmul85_out1 = crate::kernels::matmul(softmax11_out1, transpose42_out1);
        let transpose44_out1 = matmul85_out1.permute([0, 2, 1, 3]);
        let reshape45_out1 = transpose44_out1.reshape(concat4_out1);
        let add43_out1 = self.linear64.forward_add(reshape45_out1, add41_out1);
        let layernormalization22_out1 = {
            let dtype = add43_out1.clone().dtype();
            self.layernormalization22.forward(add43_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear65_out1 = self.linear65.forward(layernormalization22_out1);
        let div11_out1 =
            linear65_out1.clone().div((constant211_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let erf11_out1 = crate::kernels::erf(div11_out1);
        let add44_out1 = erf11_out1.add((constant212_out1.clone()).unsqueeze_dims(&[0isize, 1isize]));
        let mul32_out1 = (constant213_out1.clone()).unsqueeze_dims(&[0isize, 1isize]).mul(add44_out1);
        let mul33_out1 = linear65_out1.mul(mul32_out1);
        let add45_out1 = self.linear66.forward_add(mul33_out1, add43_out1);
        let layernormalization23_out1 = {
            let dtype = add45_out1.clone().dtype();
            self.layernormalization23.forward(add45_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear67_out1 = self.linear67.forward(layernormalization23_out1.clone());
        let linear68_out1 = self.linear68.forward(layernormalization23_out1.clone());
        let linear69_out1 = self.linear69.forward(layernormalization23_out1);
        let reshape46_out1 = linear67_out1.reshape(concat3_out1);
        let transpose45_out1 = reshape46_out1.permute([0, 2, 1, 3]);
        let reshape47_out1 = linear68_out1.reshape(concat3_out1);
        let reshape48_out1 = linear69_out1.reshape(concat3_out1);
        let transpose46_out1 = reshape48_out1.permute([0, 2, 1, 3]);
        let transpose47_out1 = reshape47_out1.permute([0, 2, 3, 1]);
        let matmul92_out1 = crate::kernels::matmul(transpose45_out1, transpose47_out1);
        let mul34_out1 = matmul92_out1.mul((constant210_out1).unsqueeze_dims(&[0isize, 1isize, 2isize]));
        let add46_out1 = mul34_out1.add(where1_out1);
        let softmax12_out1 = crate::kernels::softmax(add46_out1, 3);
        let matmul93_out1 = crate::kernels::matmul(softmax12_out1, transpose46_out1);
        let transpose48_out1 = matmul93_out1.permute([0, 2, 1, 3]);
        let reshape49_out1 = transpose48_out1.reshape(concat4_out1);
        let add47_out1 = self.linear70.forward_add(reshape49_out1, add45_out1);
        let layernormalization24_out1 = {
            let dtype = add47_out1.clone().dtype();
            self.layernormalization24.forward(add47_out1.clone().cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let linear71_out1 = self.linear71.forward(layernormalization24_out1);
        let div12_out1 = linear71_out1.clone().div((constant211_out1).unsqueeze_dims(&[0isize, 1isize]));
        let erf12_out1 = crate::kernels::erf(div12_out1);
        let add48_out1 = erf12_out1.add((constant212_out1).unsqueeze_dims(&[0isize, 1isize]));
        let mul35_out1 = (constant213_out1).unsqueeze_dims(&[0isize, 1isize]).mul(add48_out1);
        let mul36_out1 = linear71_out1.mul(mul35_out1);
        let add49_out1 = self.linear72.forward_add(mul36_out1, add47_out1);
        let layernormalization25_out1 = {
            let dtype = add49_out1.dtype();
            self.layernormalization25.forward(add49_out1.cast(burn::tensor::DType::F32)).cast(dtype)
        };
        let range2_out1 = {
            let start = 0i64;
            let delta = 1i64;
            assert!(delta != 0);
            let n = (((squeeze1_out1 as i128 - start as i128) as f64) / delta as f64).ceil().max(0.0) as i64;
            Tensor::arange(0..n, &self.device)
                .cast(burn::tensor::DType::I64)
                .mul_scalar(delta)
                .add_scalar(start)
        };
        let cast1_out1 = input_ids.cast(burn::tensor::DType::I32);
        let argmax_result = cast1_out1.argmax(1);
        let argmax1_out1 = argmax_result.squeeze_dim::<1usize>(1).cast(burn::tensor::DType::I64);
        let unsqueeze4_out1: Tensor<2, Int> = range2_out1.unsqueeze_dims::<2>(&[-1]);
        let unsqueeze5_out1: Tensor<2, Int> = argmax1_out1.unsqueeze_dims::<2>(&[-1]);
        let concat5_out1 = burn::tensor::Tensor::cat([unsqueeze4_out1, unsqueeze5_out1].into(), 1);
        let gathernd1_out1 = {
            let data_dims = layernormalization25_out1.dims();
            let indices_i64 = concat5_out1.cast(burn::tensor::DType::I64);
            let idx_dims = indices_i64.dims();
            let k = idx_dims[2 - 1];
            let mut dim_sizes: alloc::vec::Vec<i64> = alloc::vec::Vec::with_capacity(k);
            for i in 0..k {
                dim_sizes.push(data_dims[0 + i] as i64);
            }
            let mut bcast_shape = [1usize; 2];
            bcast_shape[2 - 1] = k;
            let dims_tensor = Tensor::<1, Int>::from_data(
                burn::tensor::TensorData::from(dim_sizes.as_slice()),
                (&self.device, burn::tensor::DType::I64),
            )
            .reshape(bcast_shape);
            let negative = indices_i64.clone().lower_elem(0i64);
            let corrected = indices_i64.clone() + dims_tensor;
            let indices_norm = indices_i64.mask_where(negative, corrected);
            let aug_indices = indices_norm;
            layernormalization25_out1.gather_nd(aug_indices)
        };
        let linear73_out1 = self.linear73.forward(gathernd1_out1);
        linear73_out1
    }
}

#[derive(Module, Debug)]
pub struct Model {
    submodule1: Submodule1,
    submodule2: Submodule2,
    submodule3: Submodule3,
    submodule4: Submodule4,
    submodule5: Submodule5,
}

impl Model {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let submodule1 = Submodule1::new(device);
        let submodule2 = Submodule2::new(device);
        let submodule3 = Submodule3::new(device);
        let submodule4 = Submodule4::new(device);
        let submodule5 = Submodule5::new(device);
        Self { submodule1, submodule2, submodule3, submodule4, submodule5 }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(&self, input_ids: Tensor<2, Int>) -> Tensor<2> {
        let (
            add7_out1,
            constant211_out1,
            constant212_out1,
            constant213_out1,
            concat3_out1,
            constant210_out1,
            where1_out1,
            concat4_out1,
            squeeze1_out1,
        ) = self.submodule1.forward(input_ids.clone());
        let add17_out1 = self.submodule2.forward(
            add7_out1,
            constant211_out1.clone(),
            constant212_out1.clone(),
            constant213_out1.clone(),
            concat3_out1.clone(),
            constant210_out1.clone(),
            where1_out1.clone(),
            concat4_out1.clone(),
        );
        let add27_out1 = self.submodule3.forward(
            add17_out1,
            concat3_out1.clone(),
            constant210_out1.clone(),
            where1_out1.clone(),
            concat4_out1.clone(),
            constant211_out1.clone(),
            constant212_out1.clone(),
            constant213_out1.clone(),
        );
        let add37_out1 = self.submodule4.forward(
            add27_out1,
            constant211_out1.clone(),
            constant212_out1.clone(),
            constant213_out1.clone(),
            concat3_out1.clone(),
            constant210_out1.clone(),
            where1_out1.clone(),
            concat4_out1.clone(),
        );
        let linear73_out1 = self.submodule5.forward(
            add37_out1,
            concat3_out1,
            constant210_out1,
            where1_out1,
            concat4_out1,
            constant211_out1,
            constant212_out1,
            constant213_out1,
            squeeze1_out1,
            input_ids,
        );
        linear73_out1
    }
}
