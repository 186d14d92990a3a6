//! The grids on screen: the one of the approach, and in a comparison of two approaches the one beside it.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::{App, Axis, Order, Range, Results};
use crate::tui::Approach;
use crate::tui::grid_plan::{GridPlan, Request, Zoom};
use crate::tui::layout::Panel;

/// The grid beside the main one. Its cursor follows the main one's.
#[derive(Debug, Clone)]
pub struct Linked {
    /// What it shows.
    pub approach: Approach,
    /// With the second model set.
    pub second: bool,
    /// Its rows.
    pub rows: Axis,
    /// Its columns.
    pub cols: Axis,
    /// First visible row and column.
    pub offset: (usize, usize),
}

/// What a grid shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridId {
    /// Which scores.
    pub approach: Approach,
    /// Of the second model set.
    pub second: bool,
}

impl GridId {
    /// The grid of an approach with the models in use.
    #[must_use]
    pub fn main(approach: Approach) -> Self {
        Self { approach, second: false }
    }
}

impl Linked {
    /// What it shows.
    #[must_use]
    pub fn id(&self) -> GridId {
        GridId { approach: self.approach, second: self.second }
    }
}

/// A grid as it is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct GridView<'a> {
    /// What it shows.
    pub approach: Approach,
    /// With the second model set.
    pub second: bool,
    /// Its rows.
    pub rows: &'a Axis,
    /// Its columns.
    pub cols: &'a Axis,
    /// Row and column of the cursor, as places in the data set.
    pub cursor: (usize, usize),
    /// Whether items of one category stand together.
    pub grouped: bool,
    /// The panel without its title.
    pub area: Rect,
    offset: (usize, usize),
    zoom: Zoom,
}

impl GridView<'_> {
    /// Where its cells stand.
    #[must_use]
    pub fn plan(&self) -> GridPlan {
        GridPlan::new(&self.request())
    }

    /// What it shows.
    #[must_use]
    pub fn id(&self) -> GridId {
        GridId { approach: self.approach, second: self.second }
    }

    /// The offset at which its cursor is visible.
    pub(super) fn offset_showing_cursor(&self) -> (usize, usize) {
        let row = self.rows.position(self.cursor.0).unwrap_or(0);
        let col = self.cols.position(self.cursor.1).unwrap_or(0);
        GridPlan::offset_showing(&self.request(), row, col)
    }

    fn request(&self) -> Request<'_> {
        Request {
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

impl App {
    /// The grid of the approach; `None` while it is not on screen.
    #[must_use]
    pub fn grid(&self) -> Option<GridView<'_>> {
        Some(GridView {
            approach: self.approach,
            second: false,
            rows: &self.rows,
            cols: &self.cols,
            cursor: self.cursor,
            grouped: self.order_of(self.approach) == Order::Category,
            area: self.plan().inside(Panel::Grid)?,
            offset: self.offset,
            zoom: self.zoom,
        })
    }

    /// The grid beside it, in a comparison of two approaches.
    #[must_use]
    pub fn linked_grid(&self) -> Option<GridView<'_>> {
        let linked = self.linked.as_ref()?;
        Some(GridView {
            approach: linked.approach,
            second: linked.second,
            rows: &linked.rows,
            cols: &linked.cols,
            cursor: self.carried(self.cursor, self.approach, linked.approach),
            grouped: self.order_of(linked.approach) == Order::Category,
            area: self.plan().linked_inside()?,
            offset: linked.offset,
            zoom: self.zoom,
        })
    }

    /// The same photos and captions in the grid of another approach.
    pub(super) fn carried(&self, cursor: (usize, usize), from: Approach, to: Approach) -> (usize, usize) {
        // The bridge has one caption a photo.
        let all_there = to != Approach::Bridge || from == to;
        let carry = |place, from, to| {
            if from == to && all_there {
                return Some(place);
            }
            let photo = self.catalog.photo_of(from, place)?;
            self.catalog.partner(to, photo)
        };
        let row = carry(cursor.0, from.rows(), to.rows());
        let col = carry(cursor.1, from.cols(), to.cols());
        (row.unwrap_or(0), col.unwrap_or(0))
    }

    /// Puts the next approach beside the one on screen, after the last the same one with the other model set, then none.
    pub(super) fn compare_next(&mut self) {
        let candidates: Vec<Approach> =
            Approach::ALL.into_iter().rev().filter(|approach| *approach != self.approach).collect();
        let next = match &self.linked {
            None => candidates.first(),
            Some(linked) if linked.second => None,
            Some(linked) => {
                let at = candidates.iter().position(|approach| *approach == linked.approach);
                at.and_then(|at| candidates.get(at + 1))
            }
        };
        let Some(&approach) = next else {
            let second = self.linked.take().is_some_and(|linked| linked.second);
            if second {
                self.drop_second();
            } else {
                self.ask_for_second();
            }
            return;
        };
        if !crate::tui::layout::can_compare(self.size) {
            self.say("two grids side by side need a wider terminal");
            return;
        }
        self.linked = Some(Linked {
            approach,
            second: false,
            rows: Axis::default(),
            cols: Axis::default(),
            offset: (0, 0),
        });
        self.focus_on(Panel::Grid);
        self.rebuild_axes();
    }

    /// The score of two places in the main grid, when it is known.
    #[must_use]
    pub fn score(&self, row: usize, col: usize) -> Option<f32> {
        self.score_in(GridId::main(self.approach), row, col)
    }

    /// The numbers that a grid shows.
    #[must_use]
    pub fn numbers(&self, grid: GridId) -> Option<&Arc<Results>> {
        if grid.second { self.second.as_ref()?.results.as_ref() } else { self.results.as_ref() }
    }

    /// The score of two places in a grid, when it is known.
    #[must_use]
    pub fn score_in(&self, grid: GridId, row: usize, col: usize) -> Option<f32> {
        if let Some(score) = self.numbers(grid)?.score(grid.approach, row, col) {
            return Some(score);
        }
        let looked = self.looked_up(grid)?;
        let window = &looked.result.as_ref().ok()?.window;
        let position = |places: &[usize], place| places.binary_search(&place).ok();
        // Requests keep their places sorted, so that this is a quick look.
        let (row, col) = (position(&looked.request.rows, row)?, position(&looked.request.cols, col)?);
        (row < window.rows() && col < window.cols()).then(|| window.get(row, col))
    }

    /// Lowest and highest score of a grid, for its colours.
    #[must_use]
    pub fn range(&self, grid: GridId) -> Option<Range> {
        let approach = grid.approach;
        self.numbers(grid)?.range(approach).or_else(|| {
            let looked = self.looked_up(grid)?;
            let scores = looked.result.as_ref().ok()?.window.as_slice();
            let same = approach.rows() == approach.cols();
            let others = scores.iter().copied().filter(|&score| !same || score < 0.999);
            others.fold(None, |range: Option<Range>, score| {
                Some(range.map_or((score, score), |(low, high)| (low.min(score), high.max(score))))
            })
        })
    }
}
