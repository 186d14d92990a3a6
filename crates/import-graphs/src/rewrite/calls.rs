//! Calls that go to the kernels: functions, and the layers that are made from Burn's.

use syn::visit_mut::{VisitMut, visit_expr_call_mut, visit_expr_mut, visit_local_mut};
use syn::{Expr, ExprCall, File, Local, Path, parse_quote};

use super::KERNELS;
use super::expressions::{is_path, method_call, name};

/// Functions of Burn that the kernels have under the same name.
const FUNCTIONS: [(&str, &str); 2] =
    [("softmax", "burn::tensor::activation::softmax"), ("sigmoid", "burn::tensor::activation::sigmoid")];

/// Configurations of Burn that make Burn's layer, which ours is made from.
const CONVERTED: [&str; 3] = ["LinearConfig", "Conv2dConfig", "MaxPool2dConfig"];

/// Replaces the calls and returns how many of them are functions.
pub fn replace(file: &mut File) -> usize {
    let mut calls = Calls { functions: 0 };
    calls.visit_file_mut(file);
    calls.functions
}

struct Calls {
    functions: usize,
}

impl VisitMut for Calls {
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if let Some((function, _)) = FUNCTIONS.iter().find(|(_, path)| is_path(&call.func, path)) {
            let path = kernel(function);
            *call.func = parse_quote!(#path);
            self.functions += 1;
        }
        visit_expr_call_mut(self, call);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_expr_mut(self, expr);
        if let Some(call) = method_call(expr, "matmul", 1) {
            let (path, left, right) = (kernel("matmul"), &call.receiver, &call.args[0]);
            *expr = parse_quote!(#path(#left, #right));
            self.functions += 1;
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_local_mut(self, local);
        let Some(init) = &mut local.init else { return };
        let value = &init.expr;
        if let Some(input) = method_call(value, "erf", 0).and_then(|call| name(&call.receiver)) {
            let path = kernel("erf");
            *init.expr = parse_quote!(#path(#input));
            self.functions += 1;
        } else if is_init(value) && made_by(value).is_some_and(|config| CONVERTED.contains(&&*config)) {
            *init.expr = parse_quote!(#value.into());
        }
    }
}

fn kernel(function: &str) -> Path {
    syn::parse_str(&format!("{KERNELS}::{function}")).expect("a path")
}

/// Whether the value is `….init()` or `….init(device)`.
fn is_init(value: &Expr) -> bool {
    method_call(value, "init", 0).is_some()
        || method_call(value, "init", 1)
            .is_some_and(|call| name(&call.args[0]).is_some_and(|d| d == "device"))
}

/// The type whose function `new` begins the chain of calls.
fn made_by(mut value: &Expr) -> Option<String> {
    while let Expr::MethodCall(call) = value {
        value = &call.receiver;
    }
    let Expr::Call(call) = value else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let mut segments = path.path.segments.iter().rev();
    let function = segments.next()?;
    (function.ident == "new").then(|| segments.next().map(|segment| segment.ident.to_string()))?
}
