//! What drawing a grid needs.

use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::grid_plan::GridPlan;
use crate::tui::model::{GridView, ScoreRange};

/// A grid with its plan and its colors.
pub struct GridDrawing<'a> {
    pub app: &'a App,
    pub grid: &'a GridView<'a>,
    pub plan: &'a GridPlan,
    /// The ends of the color scale.
    pub range: Option<ScoreRange>,
}

impl GridDrawing<'_> {
    /// A score as a share of the grid's range, from 0 to 1.
    pub fn share(&self, score: f32) -> f32 {
        match self.range {
            Some((low, high)) if high > low => ((score - low) / (high - low)).clamp(0.0, 1.0),
            _ => 0.5,
        }
    }

    /// Whether a cell is of a photo with its own caption, or of an item with itself.
    pub fn belong_together(&self, row: usize, col: usize) -> bool {
        let (app, approach) = (self.app, self.grid.id.approach);
        let photo = app.catalog.photo_of(approach.rows(), row);
        match approach {
            Approach::Images | Approach::Texts => row == col,
            Approach::Bridge | Approach::Clip => photo == app.catalog.photo_of(approach.cols(), col),
        }
    }
}
