//! The heat map with its labels and its cursor.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use super::grid_drawing::GridDrawing;
use super::{Pen, readout};
use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::content::lacks;
use crate::tui::grid_plan::{CellKind, GridSlot};
use crate::tui::model::{Axis, GridView, Order};
use crate::tui::text;
use clipscope_networks::Modality;

/// The title of a grid.
pub fn title(app: &App, approach: Approach) -> String {
    let side = |modality| match modality {
        Modality::Image => "photos",
        Modality::Text => "captions",
    };
    let (rows, cols) = (side(approach.rows()), side(approach.cols()));
    let order = match app.order_of(approach) {
        Order::Category => String::new(),
        order => format!(", {}", order.name()),
    };
    format!("{rows} × {cols}: {}{order}", approach.score_name())
}

/// Draws a grid and what is written around it.
pub fn draw(app: &App, pen: &mut Pen<'_>, grid: &GridView<'_>) {
    let plan = grid.plan();
    if grid.rows.is_empty() || grid.cols.is_empty() {
        let missing = if grid.rows.is_empty() { grid.id.approach.rows() } else { grid.id.approach.cols() };
        let words =
            if missing == Modality::Image { "no photos to compare" } else { "no captions to compare" };
        pen.text(plan.labels.x, plan.labels.y, plan.labels.width + plan.cells.width, words, app.theme.dim());
        return;
    }
    if let Some(words) = lacks::words(app, grid.id) {
        let area = Rect {
            x: plan.labels.x,
            y: plan.labels.y,
            width: plan.labels.width + plan.cells.width,
            height: plan.labels.height.max(plan.cells.height),
        };
        let style = app.theme.warning();
        let lines = text::wrap(&words, usize::from(area.width));
        let lines: Vec<_> = lines.into_iter().map(|line| Line::styled(line, style)).collect();
        pen.lines(area, &lines, 0);
        return;
    }
    let range = app.range(grid.id).map(|range| app.theme.scale.ends(range));
    let view = GridDrawing { app, grid, plan: &plan, range };
    view.head(pen);
    let overview = if let CellKind::Dense(_) = plan.cell { app.overview(grid, &plan) } else { None };
    for (number, slot) in plan.rows.iter().enumerate() {
        view.label(pen, slot);
        for (col_number, col) in plan.cols.iter().enumerate() {
            match (plan.cell, &overview) {
                (CellKind::Dense(_), Some(overview)) => {
                    view.dense(pen, slot, col, overview.means(number, col_number));
                }
                (CellKind::Dense(half), None) => view.dense(pen, slot, col, view.samples(slot, col, half)),
                _ => view.cell(pen, slot, col),
            }
        }
    }
    for &y in &plan.row_lines {
        for x in plan.cells.x..plan.cols.last().map_or(plan.cells.x, |col| col.at + plan.cell.width()) {
            pen.text(x, y, 1, "─", app.theme.dim());
        }
    }
    let bottom = plan.rows.last().map_or(plan.cells.y, |row| row.at + 1);
    for &x in &plan.col_lines {
        for y in plan.cells.y..bottom {
            pen.text(x, y, 1, if plan.row_lines.contains(&y) { "┼" } else { "│" }, app.theme.dim());
        }
    }
    readout::draw(&view, pen, plan.readout);
}

impl GridDrawing<'_> {
    /// Draws category names and numbers above the columns.
    fn head(&self, pen: &mut Pen<'_>) {
        let (app, plan) = (self.app, self.plan);
        if plan.band.height == 0 {
            return;
        }
        let width = plan.cell.width();
        if self.grid.grouped {
            let mut first = 0;
            while let Some(slot) = plan.cols.get(first) {
                let category = self.grid.cols.categories[slot.first];
                let run = plan.cols[first..]
                    .iter()
                    .take_while(|c| self.grid.cols.categories[c.first] == category)
                    .count();
                let end = plan.cols[first + run - 1].at + width;
                let room = (end - slot.at).saturating_sub(u16::from(width == 1));
                let name = app.catalog.category_name(category);
                pen.text(slot.at, plan.band.y, room.max(1), name, app.theme.category(category));
                first += run;
            }
        }
        let cursor = self.grid.cols.position(self.grid.cursor.1);
        let here = |slot: &GridSlot| cursor.is_some_and(|cursor| slot.holds(cursor));
        // Numbers are right-aligned with their columns. The cursor's comes first, then those that leave a gap to it.
        let span = |slot: &GridSlot| {
            let number = (slot.first + 1).to_string();
            let end = slot.at + width;
            (
                end.saturating_sub(text::width(&number) as u16).max(plan.numbers.x),
                end.max(plan.numbers.x + 1),
                number,
            )
        };
        let taken = plan.cols.iter().find(|slot| here(slot)).map(span);
        let mut last_end = 0;
        for slot in &plan.cols {
            let (start, end, number) = span(slot);
            let style = if here(slot) {
                app.theme.selected()
            } else {
                let near = taken.as_ref().is_some_and(|(from, to, _)| start < to + 1 && end + 1 > *from);
                if start <= last_end && last_end > 0 || near {
                    continue;
                }
                app.theme.dim()
            };
            pen.text(start, plan.numbers.y, plan.numbers.right().saturating_sub(start), &number, style);
            last_end = end;
        }
    }

    /// Draws the gutter, the number and the name of a row.
    fn label(&self, pen: &mut Pen<'_>, slot: &GridSlot) {
        let (app, area) = (self.app, self.plan.labels);
        let place = self.grid.rows.places[slot.first];
        let category = self.grid.rows.categories[slot.first];
        let gutter = match self.place_in_category(slot) {
            (true, true) => "╶",
            (true, false) => "┌",
            (false, true) => "└",
            (false, false) => "│",
        };
        let x = pen.text(area.x, slot.at, area.width, gutter, app.theme.category(category));
        let cursor = self.grid.rows.position(self.grid.cursor.0);
        let here = cursor.is_some_and(|cursor| slot.holds(cursor));
        let number_width = self.grid.rows.len().max(1).ilog10() as usize + 1;
        let label = if slot.count > 1 && self.grid.grouped {
            app.catalog.category_name(category)
        } else {
            app.catalog.label(self.grid.id.approach.rows(), place)
        };
        let room = area.right().saturating_sub(x + 1);
        let label = text::fit(&format!("{:>number_width$} {label}", slot.first + 1), usize::from(room));
        pen.text(x, slot.at, room, &label, if here { app.theme.selected() } else { Style::new() });
    }

    /// Whether a row is the first of its category, and whether it is the last.
    fn place_in_category(&self, slot: &GridSlot) -> (bool, bool) {
        let categories = &self.grid.rows.categories;
        let last = slot.first + slot.count - 1;
        let first = slot.first == 0 || categories[slot.first - 1] != categories[slot.first];
        (first, categories.get(last + 1) != categories.get(last))
    }

    fn cell(&self, pen: &mut Pen<'_>, row: &GridSlot, col: &GridSlot) {
        let app = self.app;
        let (row_place, col_place) = (self.grid.rows.places[row.first], self.grid.cols.places[col.first]);
        let score = app.score_in(self.grid.id, row_place, col_place);
        let width = self.plan.cell.width();
        let mut style = Style::new();
        let words = match (score, self.plan.cell) {
            (None, _) => {
                style = app.theme.dim();
                format!("{:>1$}", "·", usize::from(width))
            }
            (Some(score), CellKind::Digits(_)) => {
                if app.theme.has_color() {
                    let share = self.share(score);
                    style = style.bg(app.theme.heat(share)).fg(app.theme.on_heat(share));
                }
                text::score(score, usize::from(width))
            }
            (Some(score), _) => {
                let share = self.share(score);
                style = style.fg(app.theme.heat(share));
                app.theme.glyph(share).to_string().repeat(usize::from(width))
            }
        };
        if score.is_some() && self.belong_together(row_place, col_place) {
            style = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
        }
        if self.grid.cursor == (row_place, col_place) {
            // Not the cell's colors in reverse: those could be another cell's.
            style = app.theme.selected().add_modifier(Modifier::BOLD);
        }
        pen.text(col.at, row.at, width, &words, style);
        if self.grid.cursor == (row_place, col_place) && width <= 2 {
            // A reversed full block would look blank, so the cursor has a sign of its own.
            pen.text(
                col.at,
                row.at,
                width,
                if width == 2 { "[]" } else { "+" },
                Style::new().add_modifier(Modifier::REVERSED),
            );
        }
    }

    /// Draws many pairs in one character: two blocks, one above the other, or one without colors.
    fn dense(&self, pen: &mut Pen<'_>, row: &GridSlot, col: &GridSlot, [upper, lower]: [Option<f32>; 2]) {
        let app = self.app;
        let inside = |axis: &Axis, slot: &GridSlot, place| {
            axis.position(place).is_some_and(|position| slot.holds(position))
        };
        if inside(self.grid.rows, row, self.grid.cursor.0) && inside(self.grid.cols, col, self.grid.cursor.1)
        {
            pen.text(col.at, row.at, 1, "+", app.theme.selected());
            return;
        }
        let theme = app.theme;
        let Some(cell) = pen.cell(col.at, row.at) else { return };
        if theme.has_color() {
            let color = |score: f32| theme.heat(self.share(score));
            match (upper, lower) {
                (Some(upper), Some(lower)) => cell.set_char('▀').set_fg(color(upper)).set_bg(color(lower)),
                (Some(upper), None) => cell.set_char('▀').set_fg(color(upper)),
                (None, Some(lower)) => cell.set_char('▄').set_fg(color(lower)),
                (None, None) => cell.set_char('·').set_style(theme.dim()),
            };
        } else {
            match [upper, lower].into_iter().flatten().reduce(|a, b| (a + b) / 2.0) {
                Some(score) => cell.set_char(theme.glyph(self.share(score))),
                None => cell.set_char(' '),
            };
        }
    }

    /// The first pairs of the two blocks, `half` rows apart. Without a matrix the other pairs are not looked up.
    fn samples(&self, row: &GridSlot, col: &GridSlot, half: usize) -> [Option<f32>; 2] {
        [0, half].map(|below| {
            let row = (below < row.count).then(|| self.grid.rows.places.get(row.first + below))??;
            self.app.score_in(self.grid.id, *row, *self.grid.cols.places.get(col.first)?)
        })
    }
}
