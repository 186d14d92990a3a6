//! Removes what the importer writes and a network does not need.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{ExprStruct, Fields, File, Ident, ImplItem, Item, Member, Type};

/// Removes `extern crate alloc` and the fields `device` where nothing uses them.
pub fn remove(file: &mut File) {
    file.items.retain(|item| !matches!(item, Item::ExternCrate(_)));
    if mentions(file.to_token_stream(), "alloc") {
        file.items.insert(
            0,
            syn::parse_quote!(
                extern crate alloc;
            ),
        );
    }
    let without: Vec<Ident> = file.items.iter().filter_map(|item| uses_no_device(file, item)).collect();
    for item in &mut file.items {
        match item {
            Item::Struct(item) if without.contains(&item.ident) => {
                if let Fields::Named(fields) = &mut item.fields {
                    fields.named = std::mem::take(&mut fields.named)
                        .into_iter()
                        .filter(|field| field.ident.as_ref().is_none_or(|name| name != "device"))
                        .collect();
                }
            }
            Item::Impl(item) if without.iter().any(|name| is_type(&item.self_ty, name)) => {
                DeviceField.visit_item_impl_mut(item);
            }
            _ => {}
        }
    }
}

/// The name of the struct if its forward pass does not mention the device that it holds.
///
/// A struct with no other field keeps the device, since a module has to hold something.
fn uses_no_device(file: &File, item: &Item) -> Option<Ident> {
    let Item::Struct(item) = item else { return None };
    let used = file.items.iter().any(|other| match other {
        Item::Impl(other) if is_type(&other.self_ty, &item.ident) => other.items.iter().any(|member| {
            matches!(member, ImplItem::Fn(function)
                if function.sig.receiver().is_some() && mentions(function.block.to_token_stream(), "device"))
        }),
        _ => false,
    });
    (!used && item.fields.len() > 1).then(|| item.ident.clone())
}

fn is_type(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Takes `device: …` out of `Self { … }`.
struct DeviceField;

impl VisitMut for DeviceField {
    fn visit_expr_struct_mut(&mut self, value: &mut ExprStruct) {
        if value.path.is_ident("Self") {
            value.fields = std::mem::take(&mut value.fields)
                .into_iter()
                .filter(|field| !matches!(&field.member, Member::Named(name) if name == "device"))
                .collect();
        }
    }
}
