//! The sizes of a heat map in pixels.

use super::axis::{HeatMapAxis, ShownLabels};
use clipscope_analysis::Matrix;

/// Rows or columns above which only categories are labeled.
const MAX_LABELS: usize = 60;

pub(super) struct HeatMapLayout {
    pub cell: u32,
    /// The corner of the grid.
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    /// Whether values are written into the cells.
    pub values: bool,
    pub row_labels: ShownLabels,
    pub col_labels: ShownLabels,
}

impl HeatMapLayout {
    pub(super) fn new(title: &str, matrix: &Matrix, rows: &HeatMapAxis, cols: &HeatMapAxis) -> Self {
        let (height, width) = (matrix.rows() as u32, matrix.cols() as u32);
        let cell = (1200 / height.max(width).max(1)).clamp(1, 34);
        let shown = |axis: &HeatMapAxis| {
            if axis.labels.len() <= MAX_LABELS && cell >= 14 {
                ShownLabels::Each
            } else if axis.blocks.is_empty() {
                ShownLabels::None
            } else {
                ShownLabels::Blocks
            }
        };
        let (row_labels, col_labels) = (shown(rows), shown(cols));
        let left = if row_labels == ShownLabels::None { 24 } else { 250 };
        let top = if col_labels == ShownLabels::None { 56 } else { 270 };
        let title = title.chars().count() as u32 * 11 + 40;
        Self {
            cell,
            left,
            top,
            width: (left + width * cell + 30).max(left + 380).max(title),
            height: top + height * cell + 70,
            values: cell >= 24,
            row_labels,
            col_labels,
        }
    }
}
