//! Scores of data sets too large for whole matrices: those on screen, and those of the row and column of the cursor.

use std::sync::Arc;

use super::guarded::guarded;
use crate::tui::approach::Approach;
use crate::tui::model::{GridId, Results};
use clipscope_analysis::{Matrix, Vectors, similarity};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::{Modality, ModelsInfo, Role};

/// Which scores. All numbers are places in the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookRequest {
    /// Version of the results the positions belong to.
    pub version: u64,
    /// Which grid.
    pub grid: GridId,
    /// Visible rows that have a vector.
    pub rows: Vec<usize>,
    /// Visible columns that have a vector.
    pub cols: Vec<usize>,
    /// The row of the cursor, if it has a vector.
    pub row: Option<usize>,
    /// The column of the cursor, if it has a vector.
    pub col: Option<usize>,
}

/// A request with the vectors it needs.
#[derive(Debug)]
pub struct LookJob {
    /// Which scores.
    pub request: LookRequest,
    /// The collection the positions belong to.
    pub results: Arc<Results>,
    /// The vectors.
    pub embeddings: Embeddings,
    /// Dimensions.
    pub models: ModelsInfo,
}

/// Scores that were looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// `[rows, cols]` of the request.
    pub window: Matrix,
    /// Of the cursor's row with every column of the collection, `[cols of the collection]`.
    pub row: Option<Vec<f32>>,
    /// Of the cursor's column with every row of the collection, `[rows of the collection]`.
    pub col: Option<Vec<f32>>,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct LookDone {
    /// Which scores.
    pub request: LookRequest,
    /// The scores, or why there are none.
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
        let tower = job.models.tower(role).ok_or("the model set has no such network")?;
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

/// The vectors an approach compares. The bridge has no scores of single pairs and is never looked up.
fn role(approach: Approach, modality: Modality) -> Role {
    match (approach, modality) {
        (Approach::Clip, Modality::Image) => Role::ClipImage,
        (Approach::Clip, Modality::Text) => Role::ClipText,
        (_, Modality::Image) => Role::PreClipImage,
        (_, Modality::Text) => Role::PreClipText,
    }
}
