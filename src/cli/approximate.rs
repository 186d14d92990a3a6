//! The approximate graph of an index, as `index --approximate` builds and `search --approximate` uses it.

use std::path::Path;

use super::Failure;
use super::args::Common;
use crate::analysis::nearest::Hit;
use crate::index::Index;
use crate::index::approximate::Graph;

/// Builds the graph of the index in `folder` or brings it up to date, and says how good it is.
pub(super) fn build(folder: &Path, common: &Common) -> Result<(), Failure> {
    let graph = Graph::build(&Index::open(folder)?)?;
    say(&graph, common);
    Ok(())
}

/// The photos that the graph finds.
pub(super) fn search(
    index: &Index,
    query: &[f32],
    k: usize,
    min_score: f32,
    common: &Common,
) -> Result<Vec<Hit>, Failure> {
    let graph = Graph::open(index)
        .map_err(|error| Failure::input(format!("{error}; run 'clipscope index --approximate'")))?;
    say(&graph, common);
    Ok(graph.search(index, query, k, min_score)?)
}

fn say(graph: &Graph, common: &Common) {
    let (recall, queries) = graph.measured_recall();
    if !common.quiet {
        tell(format_args!(
            "clipscope: approximate search; recall@10 was {recall:.4} over {queries} queries when it was built"
        ));
    }
}
