// Made by `cargo run -p import-graphs` from `models/mini/efficientnet-lite0/graph.onnx`.
// Do not edit by hand.

use crate::kernels::Conv2d;
use crate::kernels::Linear;
use burn::nn::LinearConfig;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2dConfig;
use burn::prelude::*;

#[derive(Module, Debug)]
pub struct Model {
    conv2d1: Conv2d,
    conv2d2: Conv2d,
    conv2d3: Conv2d,
    conv2d4: Conv2d,
    conv2d5: Conv2d,
    conv2d6: Conv2d,
    conv2d7: Conv2d,
    conv2d8: Conv2d,
    conv2d9: Conv2d,
    conv2d10: Conv2d,
    conv2d11: Conv2d,
    conv2d12: Conv2d,
    conv2d13: Conv2d,
    conv2d14: Conv2d,
    conv2d15: Conv2d,
    conv2d16: Conv2d,
    conv2d17: Conv2d,
    conv2d18: Conv2d,
    conv2d19: Conv2d,
    conv2d20: Conv2d,
    conv2d21: Conv2d,
    conv2d22: Conv2d,
    conv2d23: Conv2d,
    conv2d24: Conv2d,
    conv2d25: Conv2d,
    conv2d26: Conv2d,
    conv2d27: Conv2d,
    conv2d28: Conv2d,
    conv2d29: Conv2d,
    conv2d30: Conv2d,
    conv2d31: Conv2d,
    conv2d32: Conv2d,
    conv2d33: Conv2d,
    conv2d34: Conv2d,
    conv2d35: Conv2d,
    conv2d36: Conv2d,
    conv2d37: Conv2d,
    conv2d38: Conv2d,
    conv2d39: Conv2d,
    conv2d40: Conv2d,
    conv2d41: Conv2d,
    conv2d42: Conv2d,
    conv2d43: Conv2d,
    conv2d44: Conv2d,
    conv2d45: Conv2d,
    conv2d46: Conv2d,
    conv2d47: Conv2d,
    conv2d48: Conv2d,
    conv2d49: Conv2d,
    linear1: Linear,
}

impl Model {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let conv2d1 = Conv2dConfig::new([3, 32], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d2 = Conv2dConfig::new([32, 32], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(32)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d3 = Conv2dConfig::new([32, 16], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d4 = Conv2dConfig::new([16, 96], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d5 = Conv2dConfig::new([96, 96], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1))
            .with_dilation([1, 1])
            .with_groups(96)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d6 = Conv2dConfig::new([96, 24], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d7 = Conv2dConfig::new([24, 144], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d8 = Conv2dConfig::new([144, 144], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(144)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d9 = Conv2dConfig::new([144, 24], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d10 = Conv2dConfig::new([24, 144], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d11 = Conv2dConfig::new([144, 144], [5, 5])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 2, 2))
            .with_dilation([1, 1])
            .with_groups(144)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d12 = Conv2dConfig::new([144, 40], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d13 = Conv2dConfig::new([40, 240], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d14 = Conv2dConfig::new([240, 240], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(240)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d15 = Conv2dConfig::new([240, 40], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d16 = Conv2dConfig::new([40, 240], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d17 = Conv2dConfig::new([240, 240], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1))
            .with_dilation([1, 1])
            .with_groups(240)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d18 = Conv2dConfig::new([240, 80], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d19 = Conv2dConfig::new([80, 480], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d20 = Conv2dConfig::new([480, 480], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(480)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d21 = Conv2dConfig::new([480, 80], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d22 = Conv2dConfig::new([80, 480], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d23 = Conv2dConfig::new([480, 480], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(480)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d24 = Conv2dConfig::new([480, 80], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d25 = Conv2dConfig::new([80, 480], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d26 = Conv2dConfig::new([480, 480], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(480)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d27 = Conv2dConfig::new([480, 112], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d28 = Conv2dConfig::new([112, 672], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d29 = Conv2dConfig::new([672, 672], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(672)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d30 = Conv2dConfig::new([672, 112], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d31 = Conv2dConfig::new([112, 672], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d32 = Conv2dConfig::new([672, 672], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(672)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d33 = Conv2dConfig::new([672, 112], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d34 = Conv2dConfig::new([112, 672], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d35 = Conv2dConfig::new([672, 672], [5, 5])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 2, 2))
            .with_dilation([1, 1])
            .with_groups(672)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d36 = Conv2dConfig::new([672, 192], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d37 = Conv2dConfig::new([192, 1152], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d38 = Conv2dConfig::new([1152, 1152], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(1152)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d39 = Conv2dConfig::new([1152, 192], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d40 = Conv2dConfig::new([192, 1152], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d41 = Conv2dConfig::new([1152, 1152], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(1152)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d42 = Conv2dConfig::new([1152, 192], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d43 = Conv2dConfig::new([192, 1152], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d44 = Conv2dConfig::new([1152, 1152], [5, 5])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
            .with_dilation([1, 1])
            .with_groups(1152)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d45 = Conv2dConfig::new([1152, 192], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d46 = Conv2dConfig::new([192, 1152], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d47 = Conv2dConfig::new([1152, 1152], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1152)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d48 = Conv2dConfig::new([1152, 320], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d49 = Conv2dConfig::new([320, 1280], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let linear1 = LinearConfig::new(1280, 1000).with_bias(true).init(device).into();
        Self {
            conv2d1,
            conv2d2,
            conv2d3,
            conv2d4,
            conv2d5,
            conv2d6,
            conv2d7,
            conv2d8,
            conv2d9,
            conv2d10,
            conv2d11,
            conv2d12,
            conv2d13,
            conv2d14,
            conv2d15,
            conv2d16,
            conv2d17,
            conv2d18,
            conv2d19,
            conv2d20,
            conv2d21,
            conv2d22,
            conv2d23,
            conv2d24,
            conv2d25,
            conv2d26,
            conv2d27,
            conv2d28,
            conv2d29,
            conv2d30,
            conv2d31,
            conv2d32,
            conv2d33,
            conv2d34,
            conv2d35,
            conv2d36,
            conv2d37,
            conv2d38,
            conv2d39,
            conv2d40,
            conv2d41,
            conv2d42,
            conv2d43,
            conv2d44,
            conv2d45,
            conv2d46,
            conv2d47,
            conv2d48,
            conv2d49,
            linear1,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(&self, image: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let clip1_out1 = self.conv2d1.forward_clamp(image, 0f64, 6f64);
        let clip2_out1 = self.conv2d2.forward_clamp(clip1_out1, 0f64, 6f64);
        let conv2d3_out1 = self.conv2d3.forward(clip2_out1);
        let clip3_out1 = self.conv2d4.forward_clamp(conv2d3_out1, 0f64, 6f64);
        let clip4_out1 = self.conv2d5.forward_clamp(clip3_out1, 0f64, 6f64);
        let conv2d6_out1 = self.conv2d6.forward(clip4_out1);
        let clip5_out1 = self.conv2d7.forward_clamp(conv2d6_out1.clone(), 0f64, 6f64);
        let clip6_out1 = self.conv2d8.forward_clamp(clip5_out1, 0f64, 6f64);
        let add1_out1 = self.conv2d9.forward_add(clip6_out1, conv2d6_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip7_out1 = self.conv2d10.forward_clamp(add1_out1, 0f64, 6f64);
        let clip8_out1 = self.conv2d11.forward_clamp(clip7_out1, 0f64, 6f64);
        let conv2d12_out1 = self.conv2d12.forward(clip8_out1);
        let clip9_out1 = self.conv2d13.forward_clamp(conv2d12_out1.clone(), 0f64, 6f64);
        let clip10_out1 = self.conv2d14.forward_clamp(clip9_out1, 0f64, 6f64);
        let add2_out1 =
            self.conv2d15.forward_add(clip10_out1, conv2d12_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip11_out1 = self.conv2d16.forward_clamp(add2_out1, 0f64, 6f64);
        let clip12_out1 = self.conv2d17.forward_clamp(clip11_out1, 0f64, 6f64);
        let conv2d18_out1 = self.conv2d18.forward(clip12_out1);
        let clip13_out1 = self.conv2d19.forward_clamp(conv2d18_out1.clone(), 0f64, 6f64);
        let clip14_out1 = self.conv2d20.forward_clamp(clip13_out1, 0f64, 6f64);
        let add3_out1 =
            self.conv2d21.forward_add(clip14_out1, conv2d18_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip15_out1 = self.conv2d22.forward_clamp(add3_out1.clone(), 0f64, 6f64);
        let clip16_out1 = self.conv2d23.forward_clamp(clip15_out1, 0f64, 6f64);
        let add4_out1 = self.conv2d24.forward_add(clip16_out1, add3_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip17_out1 = self.conv2d25.forward_clamp(add4_out1, 0f64, 6f64);
        let clip18_out1 = self.conv2d26.forward_clamp(clip17_out1, 0f64, 6f64);
        let conv2d27_out1 = self.conv2d27.forward(clip18_out1);
        let clip19_out1 = self.conv2d28.forward_clamp(conv2d27_out1.clone(), 0f64, 6f64);
        let clip20_out1 = self.conv2d29.forward_clamp(clip19_out1, 0f64, 6f64);
        let add5_out1 =
            self.conv2d30.forward_add(clip20_out1, conv2d27_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip21_out1 = self.conv2d31.forward_clamp(add5_out1.clone(), 0f64, 6f64);
        let clip22_out1 = self.conv2d32.forward_clamp(clip21_out1, 0f64, 6f64);
        let add6_out1 = self.conv2d33.forward_add(clip22_out1, add5_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip23_out1 = self.conv2d34.forward_clamp(add6_out1, 0f64, 6f64);
        let clip24_out1 = self.conv2d35.forward_clamp(clip23_out1, 0f64, 6f64);
        let conv2d36_out1 = self.conv2d36.forward(clip24_out1);
        let clip25_out1 = self.conv2d37.forward_clamp(conv2d36_out1.clone(), 0f64, 6f64);
        let clip26_out1 = self.conv2d38.forward_clamp(clip25_out1, 0f64, 6f64);
        let add7_out1 =
            self.conv2d39.forward_add(clip26_out1, conv2d36_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip27_out1 = self.conv2d40.forward_clamp(add7_out1.clone(), 0f64, 6f64);
        let clip28_out1 = self.conv2d41.forward_clamp(clip27_out1, 0f64, 6f64);
        let add8_out1 = self.conv2d42.forward_add(clip28_out1, add7_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip29_out1 = self.conv2d43.forward_clamp(add8_out1.clone(), 0f64, 6f64);
        let clip30_out1 = self.conv2d44.forward_clamp(clip29_out1, 0f64, 6f64);
        let add9_out1 = self.conv2d45.forward_add(clip30_out1, add8_out1, f64::NEG_INFINITY, f64::INFINITY);
        let clip31_out1 = self.conv2d46.forward_clamp(add9_out1, 0f64, 6f64);
        let clip32_out1 = self.conv2d47.forward_clamp(clip31_out1, 0f64, 6f64);
        let conv2d48_out1 = self.conv2d48.forward(clip32_out1);
        let clip33_out1 = self.conv2d49.forward_clamp(conv2d48_out1, 0f64, 6f64);
        let reducemean1_out1 = { clip33_out1.mean_dim(2usize).mean_dim(3usize) };
        let reshape1_out1 = reducemean1_out1.reshape([-1, 1280]);
        let linear1_out1 = self.linear1.forward(reshape1_out1.clone());
        let relu1_out1 = burn::tensor::activation::relu(linear1_out1);
        let mul1_out1 = relu1_out1.clone().mul(relu1_out1);
        let reducel21_out1 = {
            let input_dtype = mul1_out1.clone().dtype();
            mul1_out1.clone().square().sum_dim(1usize).cast(burn::tensor::DType::F32).sqrt().cast(input_dtype)
        };
        let clip34_out1 = reducel21_out1.clamp_min(0.0000000000009999999960041972f64);
        let div1_out1 = mul1_out1.div(clip34_out1);
        (reshape1_out1, div1_out1)
    }
}
