//! Mean scores for grids in which one character stands for many pairs.
//!
//! They are kept between frames, so that moving the cursor over a large grid does not average every pair again. Must not draw.

use std::sync::Arc;

use super::axis::Axis;
use super::grid::GridView;
use super::results::{Places, Results};
use crate::tui::approach::Approach;
use crate::tui::grid_plan::{GridPlan, GridSlot};
use clipscope_core::comparison::Comparison;

/// The mean scores of the blocks of a grid. Every character shows two blocks, one above the other.
#[derive(Debug)]
pub(crate) struct Overview {
    /// What was averaged.
    comparison: Arc<Comparison>,
    approach: Approach,
    places: [Vec<usize>; 2],
    slots: [Vec<GridSlot>; 2],
    half: usize,
    /// `[upper, lower]` for each column of each row.
    means: Vec<[Option<f32>; 2]>,
}

impl Overview {
    /// Averages the visible blocks of a grid; `None` without a matrix.
    pub fn new(results: &Results, grid: &GridView<'_>, plan: &GridPlan) -> Option<Self> {
        let approach = grid.id.approach;
        let matrix = results.matrix(approach)?;
        let half = plan.cell.items().1 / 2;
        let positions = |axis: &Axis, places: &Places, first: usize, count: usize| -> Vec<usize> {
            let places_there = axis.places.iter().skip(first).take(count);
            places_there.filter_map(|&place| places.position(place)).collect()
        };
        let (row_places, col_places) = (results.rows(approach), results.cols(approach));
        let cols: Vec<Vec<usize>> =
            plan.cols.iter().map(|slot| positions(grid.cols, col_places, slot.first, slot.count)).collect();
        let mut means = vec![[None; 2]; plan.rows.len() * plan.cols.len()];
        for (slot, means) in plan.rows.iter().zip(means.chunks_exact_mut(plan.cols.len().max(1))) {
            for (part, first) in [slot.first, slot.first + half].into_iter().enumerate() {
                let count = (slot.first + slot.count).saturating_sub(first).min(half);
                let rows = positions(grid.rows, row_places, first, count);
                for (cols, means) in cols.iter().zip(means.iter_mut()) {
                    let scores =
                        rows.iter().flat_map(|&row| cols.iter().map(move |&col| matrix.row(row)[col]));
                    let pairs = rows.len() * cols.len();
                    means[part] = (pairs > 0).then(|| scores.sum::<f32>() / pairs as f32);
                }
            }
        }
        Some(Self {
            comparison: Arc::clone(&results.comparison),
            approach,
            places: [grid.rows.places.clone(), grid.cols.places.clone()],
            slots: [plan.rows.clone(), plan.cols.clone()],
            half,
            means,
        })
    }

    /// The upper and lower mean of a character, by its row and column on screen; `None` where no pair is known.
    pub fn means(&self, row: usize, col: usize) -> [Option<f32>; 2] {
        self.means.get(row * self.slots[1].len() + col).copied().unwrap_or_default()
    }

    /// Whether these are the means of the visible blocks of a grid.
    pub fn is_of(&self, results: &Results, grid: &GridView<'_>, plan: &GridPlan) -> bool {
        Arc::ptr_eq(&self.comparison, &results.comparison)
            && self.approach == grid.id.approach
            && self.half == plan.cell.items().1 / 2
            && (&self.slots[0], &self.slots[1]) == (&plan.rows, &plan.cols)
            && (&self.places[0], &self.places[1]) == (&grid.rows.places, &grid.cols.places)
    }
}
