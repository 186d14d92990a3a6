//! Fusing: a layer's forward pass and the addition or clamp behind it become one call.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Block, Expr, ExprMethodCall, File, Ident, ImplItem, Item, Local, Member, Pat, Stmt, Token, Type,
    parse_quote,
};

use super::expressions::{is_name, is_path, method_call, name, text};
use super::layers::Fields;

const LOW: &str = "f64::NEG_INFINITY";
const HIGH: &str = "f64::INFINITY";

/// Fuses the statements of every method and returns how many additions and clamps are gone.
pub fn fuse(file: &mut File, fields: &Fields) -> usize {
    let mut fused = 0;
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        let Type::Path(path) = &*item.self_ty else { continue };
        let Some(of) = text(&path.path) else { continue };
        for member in &mut item.items {
            if let ImplItem::Fn(function) = member {
                fused += Method::of(&of, fields, &function.block).fuse(&mut function.block);
            }
        }
    }
    fused
}

/// One method, with what has to be known to fuse its statements.
struct Method<'a> {
    of: &'a str,
    fields: &'a Fields,
    /// How often each name stands in the body, the place where it is bound included.
    mentions: HashMap<Ident, usize>,
}

impl<'a> Method<'a> {
    fn of(of: &'a str, fields: &'a Fields, body: &Block) -> Self {
        let mut mentions = HashMap::new();
        count(body.to_token_stream(), &mut mentions);
        Self { of, fields, mentions }
    }

    fn fuse(&self, body: &mut Block) -> usize {
        let mut fused = 0;
        let mut kept: Vec<Stmt> = Vec::with_capacity(body.stmts.len());
        for statement in std::mem::take(&mut body.stmts) {
            match kept.last().and_then(|last| self.fuse_pair(last, &statement)) {
                Some(both) => {
                    kept.pop();
                    kept.push(both);
                    fused += 1;
                }
                None => kept.push(statement),
            }
        }
        body.stmts = kept;
        fused
    }

    /// A layer's forward pass and the statement behind it as one statement, where that statement
    /// alone uses the result.
    fn fuse_pair(&self, first: &Stmt, second: &Stmt) -> Option<Stmt> {
        let (Stmt::Local(first), Stmt::Local(second)) = (first, second) else { return None };
        let (result, call) = (bound(first)?, value(first)?);
        let after = value(second)?;
        // Where it is bound, and the one place where it is used.
        if self.mentions.get(result) != Some(&2) {
            return None;
        }
        let Expr::MethodCall(call) = call else { return None };
        let convolution = match self.layer(call)? {
            "Conv2d" => true,
            "Linear" => false,
            _ => return None,
        };
        let (layer, arguments) = (&call.receiver, &call.args);
        let fused: Expr = match (call.method.to_string().as_str(), arguments.len()) {
            ("forward", 1) => {
                let input = &arguments[0];
                if let Some(other) = added(after, result) {
                    if convolution {
                        let (low, high) = (path(LOW), path(HIGH));
                        parse_quote!(#layer.forward_add(#input, #other, #low, #high))
                    } else {
                        parse_quote!(#layer.forward_add(#input, #other))
                    }
                } else {
                    let (low, high) = clamped(after, result).filter(|_| convolution)?;
                    parse_quote!(#layer.forward_clamp(#input, #low, #high))
                }
            }
            ("forward_add", 4) if is_unclamped(arguments) => {
                let (input, other) = (&arguments[0], &arguments[1]);
                let (low, high) = clamped(after, result)?;
                parse_quote!(#layer.forward_add(#input, #other, #low, #high))
            }
            _ => return None,
        };
        let mut both = second.clone();
        *both.init.as_mut()?.expr = fused;
        Some(Stmt::Local(both))
    }

    /// The type of the layer whose method is called.
    fn layer(&self, call: &ExprMethodCall) -> Option<&str> {
        let Expr::Field(field) = &*call.receiver else { return None };
        let Member::Named(member) = &field.member else { return None };
        if name(&field.base)? != "self" {
            return None;
        }
        self.fields.layer(self.of, member)
    }
}

/// Counts every name in the tokens, those in macros too.
fn count(tokens: TokenStream, mentions: &mut HashMap<Ident, usize>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => *mentions.entry(ident).or_default() += 1,
            TokenTree::Group(group) => count(group.stream(), mentions),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The name that a statement binds, where it binds one only.
fn bound(local: &Local) -> Option<&Ident> {
    let pattern = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pattern => pattern,
    };
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() && pattern.by_ref.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

fn value(local: &Local) -> Option<&Expr> {
    let init = local.init.as_ref()?;
    init.diverge.is_none().then_some(&*init.expr)
}

fn path(text: &str) -> Expr {
    syn::parse_str(text).expect("a path")
}

fn is_unclamped(arguments: &Punctuated<Expr, Token![,]>) -> bool {
    is_path(&arguments[2], LOW) && is_path(&arguments[3], HIGH)
}

/// The other operand where `value` adds something to `result`.
fn added<'a>(value: &'a Expr, result: &Ident) -> Option<&'a Expr> {
    let call = method_call(value, "add", 1)?;
    let (left, right) = (&*call.receiver, &call.args[0]);
    let other = if is_name(left, result) {
        right
    } else if is_name(right, result) {
        left
    } else {
        return None;
    };
    let plain = method_call(other, "clone", 0).map_or(other, |call| &call.receiver);
    name(plain).filter(|name| *name != result)?;
    Some(other)
}

/// The bounds where `value` clamps `result`.
fn clamped(value: &Expr, result: &Ident) -> Option<(Expr, Expr)> {
    if let Expr::Call(call) = value {
        let relu = is_path(&call.func, "burn::tensor::activation::relu");
        let of_result = call.args.len() == 1 && is_name(&call.args[0], result);
        return (relu && of_result).then(|| (parse_quote!(0f64), path(HIGH)));
    }
    let call = method_call(value, "clamp", 2)?;
    is_name(&call.receiver, result).then(|| (call.args[0].clone(), call.args[1].clone()))
}
