//! The layer types: their imports, and the fields that hold them.

use std::collections::HashMap;

use syn::visit::Visit;
use syn::{File, Ident, Item, ItemUse, Path, Type, UseTree};

use super::KERNELS;
use super::expressions::text;

/// Types that have a counterpart in the kernels, with the path that the importer names.
const LAYERS: [(&str, &str); 5] = [
    ("Linear", "burn::nn::Linear"),
    ("LayerNorm", "burn::nn::LayerNorm"),
    ("LayerNormConfig", "burn::nn::LayerNormConfig"),
    ("Conv2d", "burn::nn::conv::Conv2d"),
    ("MaxPool2d", "burn::nn::pool::MaxPool2d"),
];

/// Imports the layers from the kernels.
///
/// # Errors
/// When a layer is used that is not imported on its own, from where the importer used to import it.
pub fn import_from_kernels(file: &mut File) -> Result<(), String> {
    let mut imported = Vec::new();
    for item in &mut file.items {
        let Item::Use(import) = item else { continue };
        let Some(path) = single(import) else { continue };
        if let Some((name, _)) = LAYERS.iter().find(|(_, layer)| *layer == path) {
            import.tree = syn::parse_str(&format!("{KERNELS}::{name}")).expect("a path");
            imported.push(*name);
        }
    }
    let mut used = Used { imported, problem: None };
    used.visit_file(file);
    used.problem.map_or(Ok(()), Err)
}

/// The path of an import that is no group, glob or renaming.
fn single(import: &ItemUse) -> Option<String> {
    let mut path = String::new();
    let mut tree = &import.tree;
    loop {
        match tree {
            UseTree::Path(part) => {
                path += &format!("{}::", part.ident);
                tree = &part.tree;
            }
            UseTree::Name(name) => return Some(path + &name.ident.to_string()),
            _ => return None,
        }
    }
}

/// Looks for uses of layers that were not replaced.
struct Used {
    imported: Vec<&'static str>,
    problem: Option<String>,
}

impl Used {
    fn fail(&mut self, how: &str, name: &str, expected: &str) {
        self.problem.get_or_insert_with(|| {
            format!("the generated code {how} {name} without 'use {expected};', so it cannot be replaced")
        });
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_path(&mut self, path: &'ast Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        for (name, layer) in LAYERS {
            match parts.iter().position(|part| part == name) {
                Some(0) if !self.imported.contains(&name) => self.fail("uses", name, layer),
                // A layer has a module before it; a variant such as `InterpolateMode::Linear` has a type.
                Some(at) if at > 0 && parts[at - 1].starts_with(char::is_lowercase) && parts[0] == "burn" => {
                    self.fail("names the path of", name, layer);
                }
                _ => {}
            }
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_use_rename(&mut self, rename: &'ast syn::UseRename) {
        if let Some((name, layer)) = LAYERS.iter().find(|(name, _)| rename.ident == name) {
            self.fail("renames", name, layer);
        }
    }
}

/// The fields that hold a layer of the kernels, by struct and field.
pub struct Fields(HashMap<(String, String), String>);

impl Fields {
    pub fn of(file: &File) -> Self {
        let mut fields = HashMap::new();
        for item in &file.items {
            let Item::Struct(item) = item else { continue };
            for field in &item.fields {
                let (Some(name), Type::Path(path)) = (&field.ident, &field.ty) else { continue };
                if let Some(layer) = text(&path.path).filter(|path| LAYERS.iter().any(|(l, _)| l == path)) {
                    fields.insert((item.ident.to_string(), name.to_string()), layer);
                }
            }
        }
        Self(fields)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The layer in a field of a struct.
    pub fn layer(&self, of: &str, field: &Ident) -> Option<&str> {
        self.0.get(&(of.to_owned(), field.to_string())).map(String::as_str)
    }
}
