//! The line for typing, in the place of the status.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::Pen;
use crate::tui::app::{App, Overlay};
use crate::tui::content::models;
use crate::tui::keymap::Mode;
use crate::tui::model::InputLine;
use crate::tui::text;
use clipscope_base::display_safe::display_safe;

/// Draws the open line or question; false if there is none.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) -> bool {
    match &app.overlay {
        Overlay::None | Overlay::Page(_) => return false,
        Overlay::Models(_) => {
            let Some(question) = models::question(app) else { return false };
            pen.text(area.x, area.y, area.width, &question, app.theme.warning());
        }
        Overlay::Phrase(phrase) => input(pen, area, "/ ", &phrase.line),
        Overlay::Edit(edit) => input(pen, area, "caption: ", &edit.line),
        Overlay::Export => {
            let mut words = "export what is on screen as:".to_owned();
            for row in app.keys.in_mode(Mode::Export) {
                if let (Some(hint), Some(key)) = (row.hint, row.keys.first()) {
                    words.push_str(&format!("  {key} {hint} "));
                }
            }
            pen.text(area.x, area.y, area.width, &words, app.theme.strong());
        }
    }
    true
}

/// Draws a line with its name and the place in it.
pub fn input(pen: &mut Pen<'_>, area: Rect, name: &str, line: &InputLine) {
    let room = usize::from(area.width).saturating_sub(text::width(name) + 1);
    let (before, behind) = line.halves();
    // The character under the place is as long as it is for the keys, also where it is shown with escapes.
    let (under, rest) = behind.split_at(behind.graphemes(true).next().map_or(0, str::len));
    let (before, under, rest) = (display_safe(before), display_safe(under), display_safe(rest));
    let under = if under.is_empty() { " ".to_owned() } else { under.into_owned() };
    // A long text is cut to the part around the place.
    let mut shown = before.as_ref();
    while text::width(shown) > room * 3 / 4 {
        let Some(first) = shown.graphemes(true).next() else { break };
        shown = &shown[first.len()..];
    }
    let left = room.saturating_sub(text::width(shown) + text::width(&under));
    let spans = vec![
        Span::styled(name, pen.theme.strong()),
        Span::raw(shown.to_owned()),
        Span::styled(under, Style::new().add_modifier(Modifier::REVERSED)),
        Span::raw(text::cut(&rest, left)),
    ];
    pen.line(area.x, area.y, area.width, &Line::from(spans));
}
