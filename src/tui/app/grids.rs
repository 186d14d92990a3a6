//! The grids on screen: the one of the approach, and the one beside it; their scores.

use std::sync::Arc;

use super::App;
use crate::tui::approach::Approach;
use crate::tui::grid_plan::GridPlan;
use crate::tui::jobs::LookDone;
use crate::tui::layout::{self, Panel};
use crate::tui::model::{GridId, GridView, Linked, Order, Overview, Results, ScoreRange, SideId};

/// Overviews kept: as many as grids are on screen.
const OVERVIEWS: usize = 2;

impl App {
    /// The grid of the approach; `None` while it is not on screen.
    #[must_use]
    pub fn grid(&self) -> Option<GridView<'_>> {
        Some(GridView {
            id: GridId::main(self.approach),
            rows: &self.rows,
            cols: &self.cols,
            cursor: self.cursor,
            grouped: self.order_of(self.approach) == Order::Category,
            area: self.plan().inside(Panel::Grid)?,
            offset: self.offset,
            zoom: self.zoom,
        })
    }

    /// The grid beside it, in a comparison of two approaches or of two model sets.
    #[must_use]
    pub fn linked_grid(&self) -> Option<GridView<'_>> {
        let linked = self.linked.as_ref()?;
        let approach = linked.id.approach;
        Some(GridView {
            id: linked.id,
            rows: &linked.rows,
            cols: &linked.cols,
            cursor: self.carried(self.cursor, self.approach, approach),
            grouped: self.order_of(approach) == Order::Category,
            area: self.plan().linked_inside()?,
            offset: linked.offset,
            zoom: self.zoom,
        })
    }

    /// Where the cells of the grid stand; `None` while the grid is not on screen.
    #[must_use]
    pub fn grid_plan(&self) -> Option<GridPlan> {
        self.grid().map(|grid| grid.plan())
    }

    /// The cursor on the same photos and captions in the grid of another approach.
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

    /// Puts the next approach beside the one on screen; after the last, the same one with the other model set; then none.
    pub(super) fn compare_next(&mut self) {
        let candidates: Vec<Approach> =
            Approach::ALL.into_iter().rev().filter(|approach| *approach != self.approach).collect();
        let next = match self.linked.as_ref().map(|linked| linked.id) {
            None => candidates.first(),
            Some(GridId { side: SideId::Second, .. }) => None,
            Some(GridId { side: SideId::First, approach }) => {
                let at = candidates.iter().position(|candidate| *candidate == approach);
                at.and_then(|at| candidates.get(at + 1))
            }
        };
        let Some(&approach) = next else {
            match self.linked.take().map(|linked| linked.id.side) {
                Some(SideId::Second) => self.drop_second(),
                _ => self.ask_for_models(SideId::Second, None),
            }
            return;
        };
        if !layout::can_compare(self.size) {
            self.say("two grids side by side need a wider terminal");
            return;
        }
        self.linked = Some(Linked::new(GridId::main(approach)));
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
        self.side(grid.side)?.results.as_ref()
    }

    /// The scores that were looked up for a grid.
    pub(crate) fn looked_up(&self, grid: GridId) -> Option<&LookDone> {
        self.looked.iter().find(|looked| looked.request.grid == grid)
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
        // The places of a request are sorted.
        let (row, col) = (position(&looked.request.rows, row)?, position(&looked.request.cols, col)?);
        (row < window.rows() && col < window.cols()).then(|| window.get(row, col))
    }

    /// Lowest and highest score of a grid, for its colors.
    #[must_use]
    pub fn range(&self, grid: GridId) -> Option<ScoreRange> {
        let approach = grid.approach;
        self.numbers(grid)?.range(approach).or_else(|| {
            let looked = self.looked_up(grid)?;
            let scores = looked.result.as_ref().ok()?.window.as_slice();
            let same = approach.rows() == approach.cols();
            let others = scores.iter().copied().filter(|&score| !same || score < 0.999);
            others.fold(None, |range: Option<ScoreRange>, score| {
                Some(range.map_or((score, score), |(low, high)| (low.min(score), high.max(score))))
            })
        })
    }

    /// The means of a grid with many pairs in one character; `None` without a matrix.
    pub(crate) fn overview(&self, grid: &GridView<'_>, plan: &GridPlan) -> Option<Arc<Overview>> {
        let results = self.numbers(grid.id)?;
        let mut kept = self.overviews.borrow_mut();
        if let Some(found) = kept.iter().find(|overview| overview.is_of(results, grid, plan)) {
            return Some(Arc::clone(found));
        }
        let overview = Arc::new(Overview::new(results, grid, plan)?);
        kept.insert(0, Arc::clone(&overview));
        kept.truncate(OVERVIEWS);
        Some(overview)
    }
}
