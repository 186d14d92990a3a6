//! Moving the cursor, the zoom, the scroll positions and the focus.

use super::overlay::Page;
use super::state::App;
use crate::tui::approach::{Approach, AxisId};
use crate::tui::content;
use crate::tui::grid_plan::Zoom;
use crate::tui::keymap::Mode;
use crate::tui::layout::{Panel, Shape};
use crate::tui::model::{Axis, Order, SideId};

impl App {
    /// Moves the cursor by a number of rows and columns, stopping at the edges.
    pub(super) fn step(&mut self, down: isize, right: isize) {
        let moved = |axis: &Axis, place, by: isize| {
            let position = axis.position(place).unwrap_or(0);
            let last = axis.len().saturating_sub(1);
            axis.places.get(position.saturating_add_signed(by).min(last)).copied().unwrap_or(place)
        };
        self.cursor = (moved(&self.rows, self.cursor.0, down), moved(&self.cols, self.cursor.1, right));
    }

    /// Moves the cursor by cells. A cell of a zoomed-out grid holds several items.
    pub(super) fn step_cells(&mut self, down: isize, right: isize) {
        let (across, tall) = self.grid_plan().map_or((1, 1), |plan| plan.cell.items());
        let signed = |items: usize| isize::try_from(items).unwrap_or(isize::MAX);
        self.step(down.saturating_mul(signed(tall)), right.saturating_mul(signed(across)));
    }

    /// Moves by a number of screenfuls: in the grid, in the text panel in focus, or on the open page.
    pub(super) fn turn_page(&mut self, times: isize) {
        let plan = self.plan();
        let text = match self.page() {
            None if self.models_page().is_some() => Some((Panel::Grid, plan.body.height)),
            Some(Page::Photo) => Some((Panel::TopK, plan.body.height)),
            Some(Page::Help | Page::LeftOut) => Some((Panel::Grid, plan.body.height)),
            None if matches!(self.focus, Panel::TopK | Panel::Accuracy) => {
                plan.inside(self.focus).map(|area| (self.focus, area.height))
            }
            None => None,
        };
        if let Some((panel, height)) = text {
            let lines = usize::from(height).saturating_sub(1).max(1);
            self.scroll_by(panel, times * lines.cast_signed());
        } else {
            let rows: usize =
                self.grid_plan().map_or(1, |plan| plan.rows.iter().map(|slot| slot.count).sum());
            self.step(times * rows.max(1).cast_signed(), 0);
        }
    }

    /// Scrolls a panel of text, stopping at its end.
    pub(super) fn scroll_by(&mut self, panel: Panel, lines: isize) {
        let last = content::last_scroll(self, panel);
        let scroll = &mut self.scroll[panel as usize];
        // The text may be shorter by now.
        *scroll = (*scroll).min(last).saturating_add_signed(lines).min(last);
    }

    /// Puts the cursor on the first row or column; goes to the start of a page of text.
    pub(super) fn go_to_start(&mut self, along: AxisId) {
        if self.mode() == Mode::Page {
            self.scroll[Panel::Grid as usize] = 0;
        } else if let Some(&place) = self.axis(along).places.first() {
            self.put_cursor(along, place);
        }
    }

    /// Puts the cursor on the last row or column; goes to the end of a page of text.
    pub(super) fn go_to_end(&mut self, along: AxisId) {
        if self.mode() == Mode::Page {
            self.scroll_by(Panel::Grid, isize::MAX);
        } else if let Some(&place) = self.axis(along).places.last() {
            self.put_cursor(along, place);
        }
    }

    fn axis(&self, along: AxisId) -> &Axis {
        match along {
            AxisId::Rows => &self.rows,
            AxisId::Cols => &self.cols,
        }
    }

    fn put_cursor(&mut self, along: AxisId, place: usize) {
        match along {
            AxisId::Rows => self.cursor.0 = place,
            AxisId::Cols => self.cursor.1 = place,
        }
    }

    /// Shows another approach; the cursor stays on the same photos and captions.
    pub(super) fn show(&mut self, approach: Approach) {
        if approach == self.approach {
            return;
        }
        self.cursor = self.carried(self.cursor, self.approach, approach);
        // Beside an approach stands another one, or the same one of the second model set.
        match self.linked.as_mut().map(|linked| &mut linked.id) {
            Some(id) if id.side == SideId::Second => id.approach = approach,
            Some(id) if id.approach == approach => id.approach = self.approach,
            _ => {}
        }
        self.approach = approach;
        self.order_anchor = self.cursor;
        self.scroll = [0; 4];
        self.rebuild_axes();
    }

    pub(super) fn zoom(&mut self, step: isize) {
        let Some(plan) = self.grid_plan() else { return };
        let level = plan.level.saturating_add_signed(step).min(plan.last_level);
        if level == plan.level {
            let edge = if step < 0 { "cells cannot be larger" } else { "the whole grid is visible" };
            self.say(edge);
        }
        self.zoom = Zoom::Level(level);
    }

    pub(super) fn turn_direction(&mut self) {
        self.direction = self.direction.next();
        self.scroll[Panel::TopK as usize] = 0;
        let name = self.direction.name();
        if self.approach == Approach::Clip {
            self.say(name);
        } else {
            self.say(format!("{name} on the CLIP tab; this tab has no direction"));
        }
    }

    pub(super) fn next_order(&mut self) {
        self.order = self.order.next();
        let matrix =
            self.first.results.as_ref().is_some_and(|results| results.matrix(self.approach).is_some());
        if self.order == Order::Similarity && !matrix {
            // The bridge has no scores of single pairs beyond its grid, and too many items have no grid.
            self.order = self.order.next();
        }
        if self.first.results.is_none() {
            self.order = Order::Category;
            self.say("other orders need vectors, and there are none yet");
        } else {
            let name = self.order.name();
            self.say(format!("order: {name}"));
        }
        self.order_anchor = self.cursor;
        self.offset = (0, 0);
        self.rebuild_axes();
    }

    /// Moves the focus to the next panel in a direction; beside two grids, to the next one that is shown.
    pub(super) fn turn_focus(&mut self, next: impl Fn(Panel) -> Panel) {
        let plan = self.plan();
        let mut panel = next(self.focus);
        while plan.linked().is_some() && plan.panel(panel).is_none() && panel != self.focus {
            panel = next(panel);
        }
        self.focus_on(panel);
    }

    /// Moves the focus to a panel.
    pub(super) fn focus_on(&mut self, panel: Panel) {
        self.focus = panel;
        if panel != Panel::Grid {
            self.beside = panel;
        }
    }

    /// Handles a click: on a cell it moves the cursor, on a border it takes hold of it, anywhere else it moves the focus.
    pub(super) fn click(&mut self, x: u16, y: u16) {
        if self.mode() != Mode::Main {
            return;
        }
        self.dragged = self.plan().divider_at(x, y);
        if self.dragged.is_some() {
            return;
        }
        if let Some(grid) = self.linked_grid()
            && let Some(cursor) = grid.places_at(x, y)
        {
            let approach = grid.id.approach;
            self.cursor = self.carried(cursor, approach, self.approach);
            return;
        }
        let plan = self.plan();
        let Some(panel) = plan.at(x, y) else { return };
        if plan.shape != Shape::TooSmall {
            self.focus_on(panel);
        }
        if panel == Panel::Grid
            && let Some(cursor) = self.grid().and_then(|grid| grid.places_at(x, y))
        {
            self.cursor = cursor;
        }
    }

    /// Moves the border that was taken hold of.
    pub(super) fn drag(&mut self, x: u16, y: u16) {
        if let Some(divider) = self.dragged {
            self.splits = self.splits.moved(divider, self.plan().body, x, y);
        }
    }

    /// Handles the wheel: rows in the grid, lines elsewhere.
    pub(super) fn wheel(&mut self, x: u16, y: u16, down: bool) {
        let lines = if down { 3 } else { -3 };
        match self.page() {
            Some(Page::Help | Page::LeftOut) => self.scroll_by(Panel::Grid, lines),
            Some(Page::Photo) => self.scroll_by(Panel::TopK, lines),
            None if self.models_page().is_some() => self.scroll_by(Panel::Grid, lines),
            None => match self.plan().at(x, y) {
                Some(Panel::Grid | Panel::Photo) => self.step_cells(lines / 3, 0),
                Some(panel) => self.scroll_by(panel, lines),
                None => {}
            },
        }
    }

    /// Scrolls both grids to the cursor.
    pub(super) fn follow_cursor(&mut self) {
        if let Some(offset) = self.grid().map(|grid| grid.offset_showing_cursor()) {
            self.offset = offset;
        }
        let offset = self.linked_grid().map(|grid| grid.offset_showing_cursor());
        if let (Some(linked), Some(offset)) = (&mut self.linked, offset) {
            linked.offset = offset;
        }
    }
}
