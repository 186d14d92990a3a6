// Made by `cargo run -p import-graphs` from `models/resnet50/graph.onnx`.
// Do not edit by hand.

use crate::kernels::Conv2d;
use crate::kernels::MaxPool2d;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2dConfig;
use burn::nn::pool::MaxPool2dConfig;
use burn::prelude::*;

#[derive(Module, Debug)]
pub struct Model {
    conv2d1: Conv2d,
    maxpool2d1: MaxPool2d,
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
    conv2d50: Conv2d,
    conv2d51: Conv2d,
    conv2d52: Conv2d,
    conv2d53: Conv2d,
}

impl Model {
    #[allow(unused_variables)]
    pub fn new(device: &Device) -> Self {
        let conv2d1 = Conv2dConfig::new([3, 64], [7, 7])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let maxpool2d1 = MaxPool2dConfig::new([3, 3])
            .with_strides([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_ceil_mode(false)
            .init()
            .into();
        let conv2d2 = Conv2dConfig::new([64, 64], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d3 = Conv2dConfig::new([64, 64], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d4 = Conv2dConfig::new([64, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d5 = Conv2dConfig::new([64, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d6 = Conv2dConfig::new([256, 64], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d7 = Conv2dConfig::new([64, 64], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d8 = Conv2dConfig::new([64, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d9 = Conv2dConfig::new([256, 64], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d10 = Conv2dConfig::new([64, 64], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d11 = Conv2dConfig::new([64, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d12 = Conv2dConfig::new([256, 128], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d13 = Conv2dConfig::new([128, 128], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d14 = Conv2dConfig::new([128, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d15 = Conv2dConfig::new([256, 512], [1, 1])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d16 = Conv2dConfig::new([512, 128], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d17 = Conv2dConfig::new([128, 128], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d18 = Conv2dConfig::new([128, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d19 = Conv2dConfig::new([512, 128], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d20 = Conv2dConfig::new([128, 128], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d21 = Conv2dConfig::new([128, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d22 = Conv2dConfig::new([512, 128], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d23 = Conv2dConfig::new([128, 128], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d24 = Conv2dConfig::new([128, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d25 = Conv2dConfig::new([512, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d26 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d27 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d28 = Conv2dConfig::new([512, 1024], [1, 1])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d29 = Conv2dConfig::new([1024, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d30 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d31 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d32 = Conv2dConfig::new([1024, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d33 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d34 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d35 = Conv2dConfig::new([1024, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d36 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d37 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d38 = Conv2dConfig::new([1024, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d39 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d40 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d41 = Conv2dConfig::new([1024, 256], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d42 = Conv2dConfig::new([256, 256], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d43 = Conv2dConfig::new([256, 1024], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d44 = Conv2dConfig::new([1024, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d45 = Conv2dConfig::new([512, 512], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d46 = Conv2dConfig::new([512, 2048], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d47 = Conv2dConfig::new([1024, 2048], [1, 1])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d48 = Conv2dConfig::new([2048, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d49 = Conv2dConfig::new([512, 512], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d50 = Conv2dConfig::new([512, 2048], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d51 = Conv2dConfig::new([2048, 512], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d52 = Conv2dConfig::new([512, 512], [3, 3])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        let conv2d53 = Conv2dConfig::new([512, 2048], [1, 1])
            .with_stride([1, 1])
            .with_padding(PaddingConfig2d::Valid)
            .with_dilation([1, 1])
            .with_groups(1)
            .with_bias(true)
            .init(device)
            .into();
        Self {
            conv2d1,
            maxpool2d1,
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
            conv2d50,
            conv2d51,
            conv2d52,
            conv2d53,
        }
    }

    #[allow(clippy::let_and_return, clippy::approx_constant)]
    pub fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let relu1_out1 = self.conv2d1.forward_clamp(image, 0f64, f64::INFINITY);
        let maxpool2d1_out1 = self.maxpool2d1.forward(relu1_out1);
        let relu2_out1 = self.conv2d2.forward_clamp(maxpool2d1_out1.clone(), 0f64, f64::INFINITY);
        let relu3_out1 = self.conv2d3.forward_clamp(relu2_out1, 0f64, f64::INFINITY);
        let conv2d4_out1 = self.conv2d4.forward(relu3_out1);
        let relu4_out1 = self.conv2d5.forward_add(maxpool2d1_out1, conv2d4_out1, 0f64, f64::INFINITY);
        let relu5_out1 = self.conv2d6.forward_clamp(relu4_out1.clone(), 0f64, f64::INFINITY);
        let relu6_out1 = self.conv2d7.forward_clamp(relu5_out1, 0f64, f64::INFINITY);
        let relu7_out1 = self.conv2d8.forward_add(relu6_out1, relu4_out1, 0f64, f64::INFINITY);
        let relu8_out1 = self.conv2d9.forward_clamp(relu7_out1.clone(), 0f64, f64::INFINITY);
        let relu9_out1 = self.conv2d10.forward_clamp(relu8_out1, 0f64, f64::INFINITY);
        let relu10_out1 = self.conv2d11.forward_add(relu9_out1, relu7_out1, 0f64, f64::INFINITY);
        let relu11_out1 = self.conv2d12.forward_clamp(relu10_out1.clone(), 0f64, f64::INFINITY);
        let relu12_out1 = self.conv2d13.forward_clamp(relu11_out1, 0f64, f64::INFINITY);
        let conv2d14_out1 = self.conv2d14.forward(relu12_out1);
        let relu13_out1 = self.conv2d15.forward_add(relu10_out1, conv2d14_out1, 0f64, f64::INFINITY);
        let relu14_out1 = self.conv2d16.forward_clamp(relu13_out1.clone(), 0f64, f64::INFINITY);
        let relu15_out1 = self.conv2d17.forward_clamp(relu14_out1, 0f64, f64::INFINITY);
        let relu16_out1 = self.conv2d18.forward_add(relu15_out1, relu13_out1, 0f64, f64::INFINITY);
        let relu17_out1 = self.conv2d19.forward_clamp(relu16_out1.clone(), 0f64, f64::INFINITY);
        let relu18_out1 = self.conv2d20.forward_clamp(relu17_out1, 0f64, f64::INFINITY);
        let relu19_out1 = self.conv2d21.forward_add(relu18_out1, relu16_out1, 0f64, f64::INFINITY);
        let relu20_out1 = self.conv2d22.forward_clamp(relu19_out1.clone(), 0f64, f64::INFINITY);
        let relu21_out1 = self.conv2d23.forward_clamp(relu20_out1, 0f64, f64::INFINITY);
        let relu22_out1 = self.conv2d24.forward_add(relu21_out1, relu19_out1, 0f64, f64::INFINITY);
        let relu23_out1 = self.conv2d25.forward_clamp(relu22_out1.clone(), 0f64, f64::INFINITY);
        let relu24_out1 = self.conv2d26.forward_clamp(relu23_out1, 0f64, f64::INFINITY);
        let conv2d27_out1 = self.conv2d27.forward(relu24_out1);
        let relu25_out1 = self.conv2d28.forward_add(relu22_out1, conv2d27_out1, 0f64, f64::INFINITY);
        let relu26_out1 = self.conv2d29.forward_clamp(relu25_out1.clone(), 0f64, f64::INFINITY);
        let relu27_out1 = self.conv2d30.forward_clamp(relu26_out1, 0f64, f64::INFINITY);
        let relu28_out1 = self.conv2d31.forward_add(relu27_out1, relu25_out1, 0f64, f64::INFINITY);
        let relu29_out1 = self.conv2d32.forward_clamp(relu28_out1.clone(), 0f64, f64::INFINITY);
        let relu30_out1 = self.conv2d33.forward_clamp(relu29_out1, 0f64, f64::INFINITY);
        let relu31_out1 = self.conv2d34.forward_add(relu30_out1, relu28_out1, 0f64, f64::INFINITY);
        let relu32_out1 = self.conv2d35.forward_clamp(relu31_out1.clone(), 0f64, f64::INFINITY);
        let relu33_out1 = self.conv2d36.forward_clamp(relu32_out1, 0f64, f64::INFINITY);
        let relu34_out1 = self.conv2d37.forward_add(relu33_out1, relu31_out1, 0f64, f64::INFINITY);
        let relu35_out1 = self.conv2d38.forward_clamp(relu34_out1.clone(), 0f64, f64::INFINITY);
        let relu36_out1 = self.conv2d39.forward_clamp(relu35_out1, 0f64, f64::INFINITY);
        let relu37_out1 = self.conv2d40.forward_add(relu36_out1, relu34_out1, 0f64, f64::INFINITY);
        let relu38_out1 = self.conv2d41.forward_clamp(relu37_out1.clone(), 0f64, f64::INFINITY);
        let relu39_out1 = self.conv2d42.forward_clamp(relu38_out1, 0f64, f64::INFINITY);
        let relu40_out1 = self.conv2d43.forward_add(relu39_out1, relu37_out1, 0f64, f64::INFINITY);
        let relu41_out1 = self.conv2d44.forward_clamp(relu40_out1.clone(), 0f64, f64::INFINITY);
        let relu42_out1 = self.conv2d45.forward_clamp(relu41_out1, 0f64, f64::INFINITY);
        let conv2d46_out1 = self.conv2d46.forward(relu42_out1);
        let relu43_out1 = self.conv2d47.forward_add(relu40_out1, conv2d46_out1, 0f64, f64::INFINITY);
        let relu44_out1 = self.conv2d48.forward_clamp(relu43_out1.clone(), 0f64, f64::INFINITY);
        let relu45_out1 = self.conv2d49.forward_clamp(relu44_out1, 0f64, f64::INFINITY);
        let relu46_out1 = self.conv2d50.forward_add(relu45_out1, relu43_out1, 0f64, f64::INFINITY);
        let relu47_out1 = self.conv2d51.forward_clamp(relu46_out1.clone(), 0f64, f64::INFINITY);
        let relu48_out1 = self.conv2d52.forward_clamp(relu47_out1, 0f64, f64::INFINITY);
        let relu49_out1 = self.conv2d53.forward_add(relu48_out1, relu46_out1, 0f64, f64::INFINITY);
        let reducemean1_out1 = { relu49_out1.mean_dim(2usize).mean_dim(3usize) };
        let reshape1_out1 = reducemean1_out1.reshape([-1, 2048]);
        reshape1_out1
    }
}
