//! Writes into a frame without leaving it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::tui::text;
use crate::tui::theme::Theme;

/// A frame to write into. What lies outside is left out.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// The styles in use.
    pub theme: Theme,
}

/// The title of a panel.
#[derive(Debug, Clone, Copy)]
pub struct Title<'a> {
    /// What it says.
    pub text: &'a str,
    /// A rule stands at the left of the panel.
    pub rule: bool,
    /// The panel is in focus.
    pub focused: bool,
}

impl<'a> Pen<'a> {
    /// A pen for `buffer`.
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// Writes `text` at `(x, y)`, cut to `width` columns with `…`. Returns the column after it.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let room = self.room(x, y, width);
        if room == 0 {
            return x;
        }
        let cut = text::cut(text, usize::from(room));
        self.buffer.set_stringn(x, y, &cut, usize::from(room), style).0
    }

    /// Writes a line of several styles, cut to `width` columns.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line<'_>) -> u16 {
        let room = self.room(x, y, width);
        if room == 0 {
            return x;
        }
        self.buffer.set_line(x, y, line, room).0
    }

    /// One cell, if it lies in the frame.
    pub fn cell(&mut self, x: u16, y: u16) -> Option<&mut Cell> {
        self.buffer.cell_mut(Position::new(x, y))
    }

    /// Draws a widget, if all of `area` lies in the frame.
    pub fn widget(&mut self, area: Rect, widget: impl Widget) {
        if self.buffer.area.intersection(area) == area {
            widget.render(area, self.buffer);
        }
    }

    /// Draws the line above a panel, with its title.
    pub fn title(&mut self, area: Rect, Title { text: title, rule, focused }: Title<'_>) {
        let dim = self.theme.dim();
        let style = if focused { self.theme.selected() } else { self.theme.strong() };
        for x in area.x..area.right() {
            self.text(x, area.y, 1, "─", dim);
        }
        if rule {
            for y in area.y + 1..area.bottom() {
                self.text(area.x, y, 1, "│", dim);
            }
            let above = self.buffer.cell(Position::new(area.x, area.y.saturating_sub(1)));
            let continues = above.is_some_and(|cell| cell.symbol() == "│");
            self.text(area.x, area.y, 1, if continues { "├" } else { "┬" }, dim);
        }
        let title = text::cut(title, usize::from(area.width.saturating_sub(4)));
        if !title.is_empty() {
            self.text(area.x + 2, area.y, area.width.saturating_sub(2), &format!(" {title} "), style);
        }
    }

    /// Writes lines, starting with number `scroll`, and says how many more there are.
    pub fn lines(&mut self, area: Rect, lines: &[Line<'_>], scroll: usize) {
        let height = usize::from(area.height);
        let scroll = scroll.min(lines.len().saturating_sub(height));
        for (line, y) in lines.iter().skip(scroll).zip(area.y..area.bottom()) {
            self.line(area.x, y, area.width, line);
        }
        let below = lines.len().saturating_sub(scroll + height);
        if below > 0 && area.width > 12 && area.height > 1 {
            let more = format!(" ↓ {below} more ");
            let at = area.right().saturating_sub(text::width(&more) as u16);
            self.text(at, area.bottom() - 1, area.width, &more, self.theme.dim());
        }
    }

    fn room(&self, x: u16, y: u16, width: u16) -> u16 {
        if self.buffer.area.contains(Position::new(x, y)) {
            width.min(self.buffer.area.right() - x)
        } else {
            0
        }
    }
}
