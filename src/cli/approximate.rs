//! The approximate graph of an index, as `index --approximate` builds it.

use std::path::Path;

use super::args::Common;
use super::index::GRAPH_PAYS;
use super::{Failure, tell};
use clipscope_core::index::approximate::Graph;
use clipscope_core::index::{Index, is_large};

/// Builds the graph of the index in `folder` or brings it up to date, and says how good it is.
pub(super) fn build(folder: &Path, common: &Common) -> Result<(), Failure> {
    let recall = Graph::build(&Index::open(folder)?)?.measured_recall();
    if !common.quiet {
        tell(format_args!("clipscope: the graph is built: {recall}"));
    }
    Ok(())
}

/// Says when the graph is behind the index, or would pay and is not there.
pub(super) fn hint(folder: &Path) -> Result<(), Failure> {
    let index = Index::open(folder)?;
    match Graph::outside(&index) {
        Some(0) => {}
        Some(outside) => tell(format_args!(
            "clipscope: {outside} photos are not in the graph for approximate search yet; --approximate adds them"
        )),
        None if is_large(index.len(), index.models().dim) => {
            tell(format_args!("clipscope: {GRAPH_PAYS}; --approximate builds it"));
        }
        None => {}
    }
    Ok(())
}
