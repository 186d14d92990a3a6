//! The page that lists what was left out.

use ratatui::text::Line;

use crate::tui::app::App;
use crate::tui::text;
use clipscope_base::display_safe::display_safe;

/// What was left out, and why, and what else was noticed.
pub fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    if app.all_left_out().next().is_none() {
        lines.push(Line::styled("nothing was left out", app.theme.dim()));
    }
    for skipped in app.all_left_out() {
        // Both texts should be safe already; escaping twice changes nothing.
        let file = display_safe(&skipped.file);
        let reason = skipped.reason_behind_file();
        let reason = display_safe(&reason);
        lines.push(Line::styled(text::cut(&file, width), app.theme.strong()));
        lines.extend(
            text::wrap(&reason, width.saturating_sub(2))
                .into_iter()
                .map(|line| Line::raw(format!("  {line}"))),
        );
    }
    if app.notes().next().is_some() {
        lines.push(Line::default());
        lines.push(Line::styled("notes", app.theme.dim()));
    }
    for note in app.notes() {
        lines.extend(text::wrap(&note, width).into_iter().map(Line::raw));
    }
    lines
}
