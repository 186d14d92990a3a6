//! Orders items so that similar ones stand together, on a worker.
//!
//! Agglomerative clustering (average linkage) on 1 − cosine; the leaves of the tree give the order.

use std::sync::Arc;

use kodama::{Method, linkage};

use super::guarded::guarded;
use crate::tui::approach::Approach;
use crate::tui::model::Results;
use clipscope_analysis::{Vectors, similarity};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::{ModelsInfo, Role};

/// Most items: the tree is made from the distances of all pairs, which take memory.
pub const MOST_ITEMS: usize = 5_000;

/// Items to be ordered.
#[derive(Debug)]
pub struct ClusterJob {
    /// Version of the numbers.
    pub version: u64,
    /// Decides whose vectors: those of photos, or of captions among captions.
    pub approach: Approach,
    /// The numbers, which say what was compared.
    pub results: Arc<Results>,
    /// The vectors.
    pub embeddings: Embeddings,
    /// The models of the vectors.
    pub models: ModelsInfo,
}

/// An order of photos or captions, or why there is none.
#[derive(Debug, Clone)]
pub struct ClusterDone {
    pub version: u64,
    pub approach: Approach,
    /// Places in the data set, similar ones together.
    pub result: Result<Vec<usize>, String>,
}

/// The role whose vectors order the grid of an approach.
#[must_use]
pub fn role(approach: Approach) -> Role {
    match approach {
        Approach::Images | Approach::Bridge => Role::PreClipImage,
        Approach::Texts => Role::PreClipText,
        Approach::Clip => Role::ClipImage,
    }
}

pub(super) fn perform(job: &ClusterJob) -> ClusterDone {
    let result = guarded(|| {
        let role = role(job.approach);
        let places = job.results.comparison.places(role.modality());
        if places.len() > MOST_ITEMS {
            return Err(format!("at most {MOST_ITEMS} items can be clustered"));
        }
        let tower = job.models.require(role).map_err(|error| error.to_string())?;
        let vectors = job.embeddings.vectors(tower, places).map_err(|error| error.to_string())?;
        Ok(order(&vectors)?.into_iter().map(|position| places[position]).collect())
    });
    ClusterDone { version: job.version, approach: job.approach, result }
}

/// The positions of `vectors`, `[rows, dim]`, as leaves of their tree, branches with earlier items first.
fn order(vectors: &Vectors) -> Result<Vec<usize>, String> {
    let n = vectors.rows();
    if n < 2 {
        return Ok((0..n).collect());
    }
    let cosines = similarity(vectors, vectors).map_err(|error| error.to_string())?;
    let mut distances: Vec<f32> =
        (0..n).flat_map(|i| cosines.row(i)[i + 1..].iter().map(|cosine| 1.0 - cosine)).collect();
    drop(cosines);
    let tree = linkage(&mut distances, n, Method::Average);
    // Branches are numbered: first the items, then the result of each step.
    let mut firsts: Vec<usize> = (0..n).collect();
    let mut children = Vec::with_capacity(n - 1);
    for step in tree.steps() {
        let (a, b) = (step.cluster1, step.cluster2);
        children.push(if firsts[a] <= firsts[b] { (a, b) } else { (b, a) });
        firsts.push(firsts[a].min(firsts[b]));
    }
    let mut leaves = Vec::with_capacity(n);
    let mut open = vec![firsts.len() - 1];
    while let Some(branch) = open.pop() {
        match branch.checked_sub(n) {
            None => leaves.push(branch),
            Some(step) => open.extend([children[step].1, children[step].0]),
        }
    }
    Ok(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 2]]) -> Vectors {
        Vectors::from_rows(2, rows.iter().map(<[f32; 2]>::as_slice)).unwrap()
    }

    #[test]
    fn similar_items_stand_together() {
        let rows = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [0.1, 1.0], [1.0, 0.05]];
        let found = order(&vectors(&rows)).unwrap();
        assert_eq!(found.len(), 5);
        let place = |item: usize| found.iter().position(|&found| found == item).unwrap();
        assert!(place(0).max(place(2)).max(place(4)) < place(1).min(place(3)), "{found:?}");
        assert_eq!(found[0], 0, "the branch with the first item comes first");
    }

    #[test]
    fn none_one_and_equal_items_have_an_order() {
        assert_eq!(order(&vectors(&[])).unwrap(), [0usize; 0]);
        assert_eq!(order(&vectors(&[[1.0, 2.0]])).unwrap(), [0]);
        let mut all = order(&vectors(&[[1.0, 2.0]; 6])).unwrap();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }
}
