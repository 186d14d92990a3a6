//! The graph for approximate search, as far as `clipscope index` has to do with it.
//!
//! Owns what a build with the feature does after an update, and what one without it says.

use std::path::Path;

use super::common::Common;
use super::failure::Failure;
use super::options::IndexOptions;
use super::output::tell;

/// Said of an index that is large enough.
const GRAPH_PAYS: &str = "with a graph for approximate search, the dashboard would answer faster";

/// Builds the graph of the index in `folder` if it was asked for; otherwise says where one would pay.
#[cfg(feature = "approximate")]
pub(super) fn after_update(
    options: &IndexOptions,
    folder: &Path,
    _is_large: bool,
    common: &Common,
) -> Result<(), Failure> {
    match (options.approximate, common.quiet) {
        (true, _) => build(folder, common),
        (false, true) => Ok(()),
        (false, false) => hint(folder),
    }
}

/// Says where a graph would pay: this build cannot make one.
#[cfg(not(feature = "approximate"))]
pub(super) fn after_update(
    _options: &IndexOptions,
    _folder: &Path,
    is_large: bool,
    common: &Common,
) -> Result<(), Failure> {
    if is_large && !common.quiet {
        tell(format_args!(
            "clipscope: {GRAPH_PAYS}; build with --features approximate, then run 'clipscope index --approximate'"
        ));
    }
    Ok(())
}

/// Builds the graph of the index in `folder` or brings it up to date, and says how good it is.
#[cfg(feature = "approximate")]
fn build(folder: &Path, common: &Common) -> Result<(), Failure> {
    use clipscope_core::index::{Index, approximate::Graph};
    let recall = Graph::build(&Index::open(folder)?)?.measured_recall();
    if !common.quiet {
        tell(format_args!("clipscope: the graph is built: {recall}"));
    }
    Ok(())
}

/// Says when the graph is behind the index, or missing where it would pay.
#[cfg(feature = "approximate")]
fn hint(folder: &Path) -> Result<(), Failure> {
    use clipscope_core::index::{Index, approximate::Graph, is_large};
    let index = Index::open(folder)?;
    match Graph::outside(&index) {
        Some(0) => {}
        Some(outside) => {
            let photos = if outside == 1 { "1 photo is".into() } else { format!("{outside} photos are") };
            tell(format_args!(
                "clipscope: {photos} not in the graph for approximate search yet; --approximate adds them"
            ));
        }
        None if is_large(index.len(), index.models().dim) => {
            tell(format_args!("clipscope: {GRAPH_PAYS}; --approximate builds one"));
        }
        None => {}
    }
    Ok(())
}
