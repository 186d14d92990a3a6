use quote::ToTokens;
use syn::{ImplItem, Item, Stmt};

use super::{Counts, rewrite};

const FILE: &str = "
    use burn::nn::Linear;
    use burn::nn::conv::Conv2d;
    pub struct Model {
        conv2d1: Conv2d, conv2d2: Conv2d, conv2d3: Conv2d,
        linear1: Linear, linear2: Linear, linear3: Linear, linear4: Linear,
        relu1: Elsewhere,
    }
    impl Model { pub fn forward(&self) { BODY } }
";

/// The statements of a forward pass after rewriting, and how many were fused.
fn body(lines: &[&str]) -> (Vec<String>, Counts) {
    let (file, counts) = rewrite(&FILE.replace("BODY", &lines.concat())).unwrap();
    let functions = file.items.iter().filter_map(|item| match item {
        Item::Impl(item) => Some(&item.items),
        _ => None,
    });
    let statements = functions.flatten().flat_map(|member| match member {
        ImplItem::Fn(function) => function.block.stmts.iter().map(tokens).collect(),
        _ => Vec::new(),
    });
    (statements.collect(), counts)
}

fn tokens(item: &impl ToTokens) -> String {
    item.to_token_stream().to_string()
}

/// The same lines as [`body`] gives them.
fn statements(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| tokens(&syn::parse_str::<Stmt>(line).unwrap())).collect()
}

/// What becomes of a whole file, printed.
fn file(source: &str) -> String {
    prettyplease::unparse(&rewrite(source).unwrap().0)
}

#[test]
fn layers_come_from_the_kernels() {
    let found = file(
        "use burn::nn::conv::Conv2d; use burn::nn::conv::Conv2dConfig; pub struct Model { conv2d1: Conv2d, }",
    );
    let lines: Vec<&str> = found.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "use crate::kernels::Conv2d;",
            "use burn::nn::conv::Conv2dConfig;",
            "pub struct Model {",
            "conv2d1: Conv2d,",
            "}"
        ]
    );
}

#[test]
fn a_layer_imported_from_elsewhere_is_an_error() {
    let problem =
        rewrite("use burn::elsewhere::Linear;\npub struct Model { linear1: Linear,\n }").unwrap_err();
    assert!(problem.contains("Linear"), "{problem}");
}

#[test]
fn a_layer_named_in_another_way_is_an_error() {
    for source in [
        "pub struct Model { linear1: burn::nn::Linear }",
        "use burn::nn::{Linear, LinearConfig}; pub struct Model { linear1: Linear }",
        "use burn::nn::*; pub struct Model { linear1: Linear }",
        "use burn::nn::Linear as Dense; pub struct Model { linear1: Dense }",
        "fn new() { let linear1 = Linear::new(); }",
    ] {
        assert!(rewrite(source).is_err_and(|problem| problem.contains("Linear")), "{source}");
    }
    assert!(rewrite("fn f() { let mode = burn::nn::interpolate::InterpolateMode::Linear; }").is_ok());
}

#[test]
fn layers_that_burn_makes_are_converted() {
    let found = file(
        "use burn::nn::Linear; use burn::nn::LayerNorm; use burn::nn::LayerNormConfig;
        pub struct Model { linear1: Linear, norm1: LayerNorm, pool1: MaxPool2d, embedding1: Embedding }
        use burn::nn::pool::MaxPool2d;
        impl Model { fn new(device: &Device) {
            let linear1 = LinearConfig::new(1, 2).with_bias(true).init(device);
            let norm1 = LayerNormConfig::new(2).init(device);
            let pool1 = MaxPool2dConfig::new([3, 3]).init();
            let embedding1 = EmbeddingConfig::new(1, 2).init(device);
        } }",
    );
    for line in [
        "let linear1 = LinearConfig::new(1, 2).with_bias(true).init(device).into();",
        "let norm1 = LayerNormConfig::new(2).init(device);",
        "let pool1 = MaxPool2dConfig::new([3, 3]).init().into();",
        "let embedding1 = EmbeddingConfig::new(1, 2).init(device);",
    ] {
        assert!(found.contains(line), "{line} is not in\n{found}");
    }
}

#[test]
fn a_convolution_takes_the_addition_and_the_clamp_behind_it() {
    let (found, counts) = body(&[
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
        statements(&[
            "let clip1_out1 = self.conv2d1.forward_clamp(image, 0f64, 6f64);",
            "let relu1_out1 = self.conv2d2.forward_clamp(clip1_out1.clone(), 0f64, f64::INFINITY);",
            "let relu2_out1 = self.conv2d3.forward_add(relu1_out1, clip1_out1, 0f64, f64::INFINITY);",
        ])
    );
    assert_eq!(counts, Counts { layers: 7, functions: 0, fused: 4 });
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
    assert_eq!(body(&lines).0, statements(&lines));
}

#[test]
fn a_result_that_is_used_further_down_is_left_alone() {
    for last in
        ["let copy = linear1_out1;", "let copy = { use_it!(linear1_out1) };", "(add1_out1, linear1_out1)"]
    {
        let lines =
            ["let linear1_out1 = self.linear1.forward(x);", "let add1_out1 = linear1_out1.add(y);", last];
        let (found, counts) = body(&lines);
        assert_eq!(found[..2], statements(&lines[..2]), "{last}");
        assert_eq!(counts.fused, 0, "{last}");
    }
}

#[test]
fn only_layers_of_the_kernels_are_fused() {
    let lines = [
        "let relu1_out1 = self.relu1.forward(x);",
        "let add1_out1 = relu1_out1.add(y);",
        "let linear1_out1 = self.linear1.forward(x);",
        "let relu2_out1 = burn::tensor::activation::relu(linear1_out1);",
    ];
    assert_eq!(body(&lines).0, statements(&lines));
}

#[test]
fn a_linear_layer_takes_the_addition_behind_it() {
    let (found, counts) = body(&[
        "let linear4_out1 = self.linear4.forward(reshape5_out1);",
        "let add2_out1 = norm1_out1.add(linear4_out1);",
    ]);
    assert_eq!(found, statements(&["let add2_out1 = self.linear4.forward_add(reshape5_out1, norm1_out1);"]));
    assert_eq!(counts.fused, 1);
}

#[test]
fn functions_come_from_the_kernels() {
    let (found, counts) = body(&[
        "let erf1_out1 = div1_out1.erf();",
        "let softmax1_out1 = burn",
        "    ::tensor::activation::softmax(x, 3);",
        "let matmul1_out1 = transpose1_out1.matmul(transpose3_out1.clone());",
    ]);
    assert_eq!(
        found,
        statements(&[
            "let erf1_out1 = crate::kernels::erf(div1_out1);",
            "let softmax1_out1 = crate::kernels::softmax(x, 3);",
            "let matmul1_out1 = crate::kernels::matmul(transpose1_out1, transpose3_out1.clone());",
        ])
    );
    assert_eq!(counts.functions, 3);
}

#[test]
fn a_device_is_held_only_where_it_is_used() {
    let source = |body: &str| {
        format!(
            "extern crate alloc;
            pub struct Model {{ constant1: Param, #[module(skip)] device: Device }}
            impl Model {{
                pub fn new(device: &Device) -> Self {{ Self {{ constant1, device: device.clone() }} }}
                pub fn forward(&self) {{ {body} }}
            }}"
        )
    };
    let unused = file(&source("self.constant1.val()"));
    assert!(!unused.contains("device: Device") && !unused.contains("device.clone()"), "{unused}");
    assert!(unused.contains("pub fn new(device: &Device)") && !unused.contains("alloc"), "{unused}");
    let used = file(&source("alloc::vec::from_elem(&self.device)"));
    assert!(used.contains("device: Device") && used.contains("device.clone()"), "{used}");
    assert!(used.contains("extern crate alloc;"), "{used}");
}
