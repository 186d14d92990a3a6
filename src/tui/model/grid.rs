//! The grids on screen: which scores they show, and how they are laid out.

use ratatui::layout::Rect;

use super::axis::Axis;
use super::side::SideId;
use crate::tui::approach::Approach;
use crate::tui::grid_plan::{GridPlan, GridRequest, Zoom};

/// Identifies a grid: an approach with one of the model sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridId {
    /// The approach.
    pub approach: Approach,
    /// The model set.
    pub side: SideId,
}

impl GridId {
    /// The grid of an approach with the models in use.
    #[must_use]
    pub fn main(approach: Approach) -> Self {
        Self { approach, side: SideId::First }
    }
}

/// The grid beside the main one. Its cursor follows the main one's.
#[derive(Debug, Clone)]
pub struct Linked {
    /// Identity of the grid.
    pub id: GridId,
    /// Its rows.
    pub rows: Axis,
    /// Its columns.
    pub cols: Axis,
    /// First visible row and column, as positions on the axes.
    pub offset: (usize, usize),
}

impl Linked {
    /// A grid whose axes are still to be made.
    #[must_use]
    pub fn new(id: GridId) -> Self {
        Self { id, rows: Axis::default(), cols: Axis::default(), offset: (0, 0) }
    }
}

/// Everything about a grid that decides how it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct GridView<'a> {
    /// Identity of the grid.
    pub id: GridId,
    /// Its rows.
    pub rows: &'a Axis,
    /// Its columns.
    pub cols: &'a Axis,
    /// Row and column of the cursor, as places in the data set.
    pub cursor: (usize, usize),
    /// Whether items of one category stand together.
    pub grouped: bool,
    /// The area inside the panel.
    pub area: Rect,
    pub(crate) offset: (usize, usize),
    pub(crate) zoom: Zoom,
}

impl GridView<'_> {
    /// Where the cells stand on the screen.
    #[must_use]
    pub fn plan(&self) -> GridPlan {
        GridPlan::new(&self.request())
    }

    /// The items under a cell of the screen, as places in the data set.
    #[must_use]
    pub fn places_at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let (row, col) = self.plan().at(x, y)?;
        Some((*self.rows.places.get(row)?, *self.cols.places.get(col)?))
    }

    /// The nearest offset at which the cursor is visible.
    #[must_use]
    pub fn offset_showing_cursor(&self) -> (usize, usize) {
        let row = self.rows.position(self.cursor.0).unwrap_or(0);
        let col = self.cols.position(self.cursor.1).unwrap_or(0);
        GridPlan::offset_showing(&self.request(), row, col)
    }

    fn request(&self) -> GridRequest<'_> {
        GridRequest {
            area: self.area,
            row_categories: &self.rows.categories,
            col_categories: &self.cols.categories,
            grouped: self.grouped,
            label_width: self.rows.label_width,
            zoom: self.zoom,
            offset: self.offset,
        }
    }
}
