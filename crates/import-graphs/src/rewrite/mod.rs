//! Puts our kernels in place of Burn's layers in the code that the importer wrote.
//!
//! The rewritten code computes the same graph: layers of the same names with the same parameters, a
//! layer together with the addition or the clamp that follows it, and the functions that Burn
//! computes value by value. Whatever does not look as expected stays as it is and is missing from the
//! [`Counts`], which are stated for every network. A layer type that cannot be replaced is an error.

mod calls;
mod expressions;
mod fuse;
mod layers;
mod unused;

#[cfg(test)]
mod tests;

/// Where the layers and functions are for the generated code.
const KERNELS: &str = "crate::kernels";

/// How much of a network was replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Layers of ours in place of Burn's.
    pub layers: usize,
    /// Calls of softmax, sigmoid, erf and the matrix product that go to the kernels.
    pub functions: usize,
    /// Additions and clamps that the layer before them does.
    pub fused: usize,
}

/// Rewrites the source of one graph.
///
/// # Errors
/// When the source is no Rust, or uses a layer whose import is not where the importer used to write it.
pub fn rewrite(source: &str) -> Result<(syn::File, Counts), String> {
    let mut file = syn::parse_file(source)
        .map_err(|error| format!("the importer's output cannot be parsed: {error}"))?;
    layers::import_from_kernels(&mut file)?;
    let fields = layers::Fields::of(&file);
    let functions = calls::replace(&mut file);
    let fused = fuse::fuse(&mut file, &fields);
    unused::remove(&mut file);
    Ok((file, Counts { layers: fields.len(), functions, fused }))
}
