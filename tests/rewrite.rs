//! What the build does to the code that the importer writes.

#[path = "../crates/networks/build/rewrite.rs"]
mod rewrite;

use rewrite::rewrite;

fn body(lines: &[&str]) -> Vec<String> {
    let source = lines.iter().map(|line| format!("        {line}\n")).collect::<String>();
    rewrite(&source).unwrap().lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn layers_come_from_the_kernels() {
    let found =
        body(&["use burn::nn::conv::Conv2d;", "use burn::nn::conv::Conv2dConfig;", "conv2d1: Conv2d,"]);
    assert_eq!(
        found,
        ["use crate::models::kernels::Conv2d;", "use burn::nn::conv::Conv2dConfig;", "conv2d1: Conv2d,"]
    );
}

#[test]
fn a_layer_imported_from_elsewhere_fails_the_build() {
    assert!(rewrite("use burn::elsewhere::Linear;\nlinear1: Linear,\n").unwrap_err().contains("Linear"));
}

#[test]
fn a_convolution_takes_the_addition_and_the_clamp_behind_it() {
    let found = body(&[
        "let conv2d1_out1 = self.conv2d1.forward(image);",
        "let clip1_out1 = conv2d1_out1.clamp(0f64, 6f64);",
        "let conv2d2_out1 = self.conv2d2.forward(clip1_out1.clone());",
        "let relu1_out1 = burn::tensor::activation::relu(conv2d2_out1);",
        "let conv2d3_out1 = self.conv2d3.forward(relu1_out1);",
        "let add1_out1 = clip1_out1.add(conv2d3_out1);",
        "let relu2_out1 = burn::tensor::activation::relu(add1_out1);",
    ]);
    assert_eq!(
        found,
        [
            "let clip1_out1 = self.conv2d1.forward_clamp(image, 0f64, 6f64);",
            "let relu1_out1 = self.conv2d2.forward_clamp(clip1_out1.clone(), 0f64, f64::INFINITY);",
            "let relu2_out1 = self.conv2d3.forward_add(relu1_out1, clip1_out1, 0f64, f64::INFINITY);",
        ]
    );
}

#[test]
fn a_result_that_is_used_again_is_left_alone() {
    let lines = [
        "let conv2d1_out1 = self.conv2d1.forward(image);",
        "let clip1_out1 = conv2d1_out1.clone().clamp(0f64, 6f64);",
        "let linear1_out1 = self.linear1.forward(x);",
        "let add1_out1 = linear1_out1.clone().add(y);",
        "let linear2_out1 = self.linear2.forward(x);",
        "let add2_out1 = y.add(z);",
        "let linear3_out1 = self.linear3.forward(x);",
        "let add3_out1 = linear3_out1.add((y).unsqueeze_dims(&[0isize]));",
    ];
    assert_eq!(body(&lines), lines);
}

#[test]
fn a_linear_layer_takes_the_addition_behind_it() {
    let found = body(&[
        "let linear4_out1 = self.linear4.forward(reshape5_out1);",
        "let add2_out1 = norm1_out1.add(linear4_out1);",
    ]);
    assert_eq!(found, ["let add2_out1 = self.linear4.forward_add(reshape5_out1, norm1_out1);"]);
}

#[test]
fn functions_of_one_value_come_from_the_kernels() {
    let found = body(&[
        "let erf1_out1 = div1_out1.erf();",
        "let softmax1_out1 = burn",
        "    ::tensor::activation::softmax(x, 3);",
    ]);
    assert_eq!(
        found,
        [
            "let erf1_out1 = crate::models::kernels::erf(div1_out1);",
            "let softmax1_out1 = crate::models::kernels::softmax(x, 3);",
        ]
    );
}
