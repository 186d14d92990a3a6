//! Below a grid: the cursor in words, the legend, and a map of the visible part.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Pen;
use super::grid_drawing::GridDrawing;
use crate::tui::grid_plan::{CellKind, GridSlot};
use crate::tui::model::Axis;
use crate::tui::scale::Scale;
use crate::tui::text;

/// Columns of the map.
const MAP: u16 = 9;

/// Draws the cursor in words, the legend, and the map.
pub fn draw(drawing: &GridDrawing<'_>, pen: &mut Pen<'_>, area: Rect) {
    drawing.readout(pen, area);
}

impl GridDrawing<'_> {
    fn readout(&self, pen: &mut Pen<'_>, area: Rect) {
        let app = self.app;
        let (row, col) = self.grid.cursor;
        let score = app
            .score_in(self.grid.id, row, col)
            .map_or_else(|| "no score yet".into(), |score| format!("{score:.4}"));
        let side = |axis: &Axis, modality, place: usize| {
            let number = axis.position(place).map_or(0, |position| position + 1);
            let category = app.catalog.category_of(modality, place).unwrap_or(0);
            let name = app.catalog.category_name(category);
            (category, format!("{number} {}", app.catalog.label(modality, place)), name.to_owned())
        };
        let (row_category, row_words, row_name) = side(self.grid.rows, self.grid.id.approach.rows(), row);
        let (col_category, col_words, col_name) = side(self.grid.cols, self.grid.id.approach.cols(), col);
        let together = match (self.belong_together(row, col), row_category == col_category) {
            (true, _) if self.grid.id.approach.rows() == self.grid.id.approach.cols() => "itself",
            (true, _) => "own caption",
            (false, true) => "same category",
            (false, false) => "another category",
        };
        if area.height >= 3 {
            let area = self.minimap(pen, area);
            let line = |sign: &'static str, category: usize, words: String, name: String| {
                Line::from(vec![
                    Span::styled(sign, app.theme.strong()),
                    Span::styled("■ ", app.theme.category(category)),
                    Span::raw(text::cut(
                        &words,
                        usize::from(area.width).saturating_sub(text::width(&name) + 13),
                    )),
                    Span::styled(format!("  {name}"), app.theme.dim()),
                ])
            };
            pen.line(area.x, area.y, area.width, &line("row ", row_category, row_words, row_name));
            pen.line(area.x, area.y + 1, area.width, &line("col ", col_category, col_words, col_name));
            let value = Line::from(vec![
                Span::styled(format!("{} {score}", self.grid.id.approach.score_name()), app.theme.strong()),
                Span::raw(format!("  {together}")),
            ]);
            let x = pen.line(area.x, area.y + 2, area.width, &value);
            self.legend(pen, x + 3, area.y + 2, area.right());
        } else if area.height > 0 {
            let half = usize::from(area.width).saturating_sub(text::width(&score) + 7) / 2;
            let (row, col) = (text::cut(&row_words, half), text::cut(&col_words, half));
            let line = Line::from(vec![
                Span::raw(format!("{row} × {col} = ")),
                Span::styled(score, app.theme.strong()),
            ]);
            pen.line(area.x, area.y, area.width, &line);
        }
    }

    /// Draws what the colors and glyphs mean, if there is room.
    fn legend(&self, pen: &mut Pen<'_>, x: u16, y: u16, end: u16) {
        let Some((low, high)) = self.range else { return };
        let block = match self.plan.cell {
            CellKind::Dense(1) => "  two pairs per character".into(),
            CellKind::Dense(items)
                if self.app.numbers(self.grid.id).is_some_and(|r| r.lacks_matrix(self.grid.id.approach)) =>
            {
                format!("  one of {items}×{items} pairs")
            }
            CellKind::Dense(items) => format!("  mean of {items}×{items} pairs"),
            _ => String::new(),
        };
        let (low, high) = (format!("{low:.2} "), format!(" {high:.2}"));
        let scale = match self.app.theme.scale {
            Scale::Fitted => "",
            Scale::Fixed => "  fixed",
            Scale::Diverging => "  around 0",
        };
        let block = format!("{scale}{block}");
        let needed = text::width(&low) + 5 + text::width(&high) + text::width(&block);
        if usize::from(end.saturating_sub(x)) < needed {
            return;
        }
        let mut spans = vec![Span::styled(low, self.app.theme.dim())];
        for step in 0..5 {
            let share = step as f32 / 4.0;
            let glyph = self.app.theme.glyph(share).to_string();
            spans.push(Span::styled(glyph, Style::new().fg(self.app.theme.heat(share))));
        }
        spans.push(Span::styled(format!("{high}{block}"), self.app.theme.dim()));
        pen.line(x, y, end - x, &Line::from(spans));
    }

    /// Draws a map of the whole grid, unless everything is visible: the visible part filled, the cursor as `+`. Returns what
    /// is left of the area.
    fn minimap(&self, pen: &mut Pen<'_>, area: Rect) -> Rect {
        let (rows, cols) = (self.grid.rows.len(), self.grid.cols.len());
        let seen = |slots: &[GridSlot]| {
            let first = slots.first().map_or(0, |slot| slot.first);
            first..slots.last().map_or(0, |slot| slot.first + slot.count)
        };
        let (seen_rows, seen_cols) = (seen(&self.plan.rows), seen(&self.plan.cols));
        if (seen_rows.len() >= rows && seen_cols.len() >= cols) || area.width < 4 * MAP {
            return area;
        }
        let left = area.right() - MAP;
        let part = |at: u16, of: u16, count: usize| {
            let start = usize::from(at) * count / usize::from(of);
            start..(usize::from(at + 1) * count).div_ceil(usize::from(of)).max(start + 1)
        };
        let meets =
            |a: &std::ops::Range<usize>, b: &std::ops::Range<usize>| a.start < b.end && b.start < a.end;
        let cursor = |axis: &Axis, place| axis.position(place).unwrap_or(0);
        let (row, col) =
            (cursor(self.grid.rows, self.grid.cursor.0), cursor(self.grid.cols, self.grid.cursor.1));
        for y in 0..area.height {
            for x in 0..MAP {
                let (down, across) = (part(y, area.height, rows), part(x, MAP, cols));
                let (sign, style) = if down.contains(&row) && across.contains(&col) {
                    ("+", self.app.theme.selected())
                } else if meets(&down, &seen_rows) && meets(&across, &seen_cols) {
                    ("█", Style::new())
                } else {
                    ("░", self.app.theme.dim())
                };
                pen.text(left + x, area.y + y, 1, sign, style);
            }
        }
        Rect { width: area.width - MAP - 1, ..area }
    }
}
