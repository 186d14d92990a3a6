//! Puts the layers of `src/kernels` in place of Burn's in the code that the importer wrote.
//!
//! The rewritten code computes the same graph: layers of the same names with the same parameters, a
//! convolution together with the addition or the clamp that follows it, and the functions that Burn
//! computes value by value. Whatever does not look as expected stays as it is, but a layer type that
//! cannot be replaced fails the build: the importer has changed then.

/// Layers that have a counterpart, with the path that the importer names.
const LAYERS: [(&str, &str); 5] = [
    ("Linear", "burn::nn::Linear"),
    ("LayerNorm", "burn::nn::LayerNorm"),
    ("LayerNormConfig", "burn::nn::LayerNormConfig"),
    ("Conv2d", "burn::nn::conv::Conv2d"),
    ("MaxPool2d", "burn::nn::pool::MaxPool2d"),
];

const KERNELS: &str = "crate::kernels";

/// Rewrites the source of one graph.
///
/// # Errors
/// When a layer is used whose import is not where the importer used to write it.
pub fn rewrite(source: &str) -> Result<String, String> {
    let mut source =
        source.replace(".init(device);", ".init(device).into();").replace(".init();", ".init().into();");
    // The formatter breaks long paths before `::`.
    while let Some(place) = broken_path(&source) {
        source.replace_range(place, "");
    }
    for (name, path) in LAYERS {
        let import = format!("use {path};");
        let used = source.contains(&format!(": {name},")) || source.contains(&format!("{name}::new("));
        if used && !source.contains(&import) {
            return Err(format!("the generated code uses {name} without '{import}'"));
        }
        source = source.replace(&import, &format!("use {KERNELS}::{name};"));
    }
    for function in ["softmax", "sigmoid"] {
        let (from, to) =
            (format!("burn::tensor::activation::{function}("), format!("{KERNELS}::{function}("));
        source = source.replace(&from, &to);
    }
    let lines: Vec<&str> = source.lines().collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    for line in lines {
        let line = erf(line).unwrap_or_else(|| line.to_owned());
        match out.last().and_then(|last| fuse(last, &line)) {
            Some(fused) => {
                out.pop();
                out.push(fused);
            }
            None => out.push(line),
        }
    }
    Ok(out.join("\n") + "\n")
}

/// The white space in front of a `::` that begins a line.
fn broken_path(source: &str) -> Option<std::ops::Range<usize>> {
    let end = source.match_indices("::").map(|(place, _)| place).find(|&place| {
        let before = &source[..place];
        before.trim_end_matches(' ').ends_with('\n')
            && before.trim_end().ends_with(|c: char| c.is_alphanumeric())
    })?;
    Some(source[..end].trim_end().len()..end)
}

/// `let name = value;` on one line.
fn statement(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_prefix("let ")?.strip_suffix(';')?.split_once(" = ")
}

fn assign(name: &str, value: &str) -> String {
    format!("        let {name} = {value};")
}

fn erf(line: &str) -> Option<String> {
    let (name, value) = statement(line)?;
    let input = value.strip_suffix(".erf()").filter(|input| is_name(input))?;
    Some(assign(name, &format!("{KERNELS}::erf({input})")))
}

/// A layer's forward pass and the statement behind it as one statement, where that statement alone
/// uses the result.
fn fuse(first: &str, second: &str) -> Option<String> {
    let ((result, call), (name, value)) = (statement(first)?, statement(second)?);
    let (layer, arguments) = call.strip_prefix("self.")?.split_once('.')?;
    let convolution = layer.starts_with("conv2d");
    let fused =
        |method: &str, arguments: String| Some(assign(name, &format!("self.{layer}.{method}({arguments})")));
    let (low, high) = ("f64::NEG_INFINITY", "f64::INFINITY");

    if let Some(input) = inside(arguments, "forward") {
        if let Some(other) = added(value, result) {
            return match convolution {
                true => fused("forward_add", format!("{input}, {other}, {low}, {high}")),
                false if layer.starts_with("linear") => fused("forward_add", format!("{input}, {other}")),
                false => None,
            };
        }
        let (low, high) = clamped(value, result).filter(|_| convolution)?;
        return fused("forward_clamp", format!("{input}, {low}, {high}"));
    }
    let unclamped = inside(arguments, "forward_add")?.strip_suffix(&format!(", {low}, {high}"))?;
    let (low, high) = clamped(value, result)?;
    fused("forward_add", format!("{unclamped}, {low}, {high}"))
}

/// What stands between the parentheses of a call of `method`.
fn inside<'a>(call: &'a str, method: &str) -> Option<&'a str> {
    call.strip_prefix(method)?.strip_prefix('(')?.strip_suffix(')')
}

/// The other operand where `value` adds something to `result`.
fn added<'a>(value: &'a str, result: &str) -> Option<&'a str> {
    let (left, right) = value.split_once(".add(")?;
    let right = right.strip_suffix(')')?;
    let other = if left == result { right } else { left };
    let plain = is_name(other.strip_suffix(".clone()").unwrap_or(other));
    (plain && other != result && (left == result || right == result)).then_some(other)
}

/// The bounds where `value` clamps `result`.
fn clamped<'a>(value: &'a str, result: &str) -> Option<(&'a str, &'a str)> {
    if inside(value, "burn::tensor::activation::relu") == Some(result) {
        return Some(("0f64", "f64::INFINITY"));
    }
    inside(value.strip_prefix(result)?, ".clamp")?.split_once(", ")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
