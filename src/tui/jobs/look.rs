//! Looks up scores of data sets too large for a matrix, on a worker: those on screen, and the cursor's row and column.

use std::sync::Arc;

use super::guarded::guarded;
use crate::tui::approach::Approach;
use crate::tui::model::{GridId, Results};
use clipscope_analysis::{Matrix, Vectors, similarity};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::{Modality, ModelsInfo, Role};

/// Which scores to look up. All indices are places in the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookRequest {
    /// Version of the numbers.
    pub version: u64,
    /// The grid.
    pub grid: GridId,
    /// Visible rows that have a vector.
    pub rows: Vec<usize>,
    /// Visible columns that have a vector.
    pub cols: Vec<usize>,
    /// The cursor's row, if it has a vector.
    pub row: Option<usize>,
    /// The cursor's column, if it has a vector.
    pub col: Option<usize>,
}

/// A request with the vectors it needs.
#[derive(Debug)]
pub struct LookJob {
    pub request: LookRequest,
    /// The numbers, which say what was compared.
    pub results: Arc<Results>,
    /// The vectors.
    pub embeddings: Embeddings,
    /// The models of the vectors.
    pub models: ModelsInfo,
}

/// Scores that were looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// `[rows, cols]` of the request.
    pub window: Matrix,
    /// The cursor's row with every column, `[columns compared]`.
    pub row: Option<Vec<f32>>,
    /// The cursor's column with every row, `[rows compared]`.
    pub col: Option<Vec<f32>>,
}

/// Looked-up scores, or why there are none.
#[derive(Debug, Clone)]
pub struct LookDone {
    pub request: LookRequest,
    pub result: Result<Arc<Looked>, String>,
}

pub(super) fn perform(job: LookJob) -> LookDone {
    let result = guarded(|| look(&job).map(Arc::new));
    LookDone { request: job.request, result }
}

fn look(job: &LookJob) -> Result<Looked, String> {
    let LookRequest { grid, rows, cols, row, col, .. } = &job.request;
    let approach = &grid.approach;
    let row_role = role(*approach, approach.rows());
    let col_role = role(*approach, approach.cols());
    let all = |modality| job.results.comparison.places(modality);
    let vectors = |role: Role, places: &[usize]| {
        let tower = job.models.require(role).map_err(|error| error.to_string())?;
        job.embeddings.vectors(tower, places).map_err(|error| error.to_string())
    };
    let scores = |x: &Vectors, y: &Vectors| similarity(x, y).map_err(|error| error.to_string());
    let line = |line_role: Role, place: Option<usize>, all_role: Role, places: &[usize]| match place {
        None => Ok::<_, String>(None),
        Some(place) => {
            let matrix = scores(&vectors(line_role, &[place])?, &vectors(all_role, places)?)?;
            Ok(Some(matrix.as_slice().to_vec()))
        }
    };
    Ok(Looked {
        window: scores(&vectors(row_role, rows)?, &vectors(col_role, cols)?)?,
        row: line(row_role, *row, col_role, all(approach.cols()))?,
        col: line(col_role, *col, row_role, all(approach.rows()))?,
    })
}

/// The role whose vectors an approach compares. The bridge has no scores of single pairs and is never looked up.
fn role(approach: Approach, modality: Modality) -> Role {
    match (approach, modality) {
        (Approach::Clip, Modality::Image) => Role::ClipImage,
        (Approach::Clip, Modality::Text) => Role::ClipText,
        (_, Modality::Image) => Role::PreClipImage,
        (_, Modality::Text) => Role::PreClipText,
    }
}
