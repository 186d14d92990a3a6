//! What an expression is, asked in the few forms that the importer writes.

use syn::{Expr, ExprMethodCall, Ident, Path};

/// A plain name.
pub fn name(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

pub fn is_name(expr: &Expr, wanted: &Ident) -> bool {
    name(expr) == Some(wanted)
}

/// The call if it is one of `method` with as many arguments.
pub fn method_call<'a>(expr: &'a Expr, method: &str, arguments: usize) -> Option<&'a ExprMethodCall> {
    match expr {
        Expr::MethodCall(call)
            if call.method == method && call.turbofish.is_none() && call.args.len() == arguments =>
        {
            Some(call)
        }
        _ => None,
    }
}

/// A path without generic arguments as text, `a::b::c`.
pub fn text(path: &Path) -> Option<String> {
    let plain = path.leading_colon.is_none() && path.segments.iter().all(|s| s.arguments.is_none());
    plain.then(|| path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::"))
}

/// Whether an expression is the path `wanted`.
pub fn is_path(expr: &Expr, wanted: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.qself.is_none() && text(&path.path).as_deref() == Some(wanted))
}
