//! What covers the panels: the photo with its ranking, the keys, what was left out.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, chrome, photo as photo_panel, top_k};
use crate::tui::app::App;
use crate::tui::keymap::Mode;
use crate::tui::layout::Panel;
use crate::tui::text;

/// Columns of the keys on the help page.
const KEYS: usize = 17;

/// The photo of the cursor and what matches it.
pub fn photo(app: &App, pen: &mut Pen<'_>) {
    let (left, right) = app.plan().full_photo();
    pen.title(left, false, "photo", true);
    photo_panel::draw(app, pen, below(left, 0));
    pen.title(right, right.y == left.y, &top_k::title(app), false);
    top_k::draw(app, pen, ranking(app));
}

/// The room for the ranking beside or below the photo.
pub(super) fn ranking(app: &App) -> Rect {
    let (left, right) = app.plan().full_photo();
    below(right, u16::from(right.y == left.y))
}

/// An area without its title and, beside another one, without its rule.
fn below(area: Rect, rule: u16) -> Rect {
    Rect {
        x: area.x + rule.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(rule),
        height: area.height.saturating_sub(1),
    }
}

/// Every key, and what the models and marks mean.
pub fn help(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let area = page(pen, area, "help");
    pen.lines(area, &help_lines(app, area.width), app.scroll[Panel::Grid as usize]);
}

pub(super) fn help_lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let mut lines = Vec::new();
    for binding in app.keys.rows() {
        let place = match binding.modes {
            [Mode::Photo] => " (photo page)",
            [Mode::Export] => " (after x)",
            [Mode::Phrase] => " (in a phrase)",
            [Mode::Phrase, Mode::Edit] => " (in a line)",
            _ => "",
        };
        let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
        lines.push(Line::from(vec![
            Span::styled(text::fit(&keys.join(" "), KEYS), theme.strong()),
            Span::raw(format!("{}{place}", binding.help)),
        ]));
    }
    lines.push(Line::from(vec![
        Span::styled(text::fit("mouse", KEYS), theme.strong()),
        Span::raw("click a cell or a panel, drag a border; the wheel moves rows or scrolls"),
    ]));
    lines.push(Line::default());
    let marks = [
        ("✓", "belongs to the query; inside one modality: is of its category"),
        ("≈", "belongs to another item of its category"),
        ("✗", "belongs to an item of another category"),
        ("underlined", "a photo with its own caption, or an item with itself"),
        ("·", "not embedded yet"),
    ];
    for (mark, meaning) in marks {
        lines.push(Line::from(vec![Span::styled(text::fit(mark, KEYS), theme.strong()), Span::raw(meaning)]));
    }
    lines.push(Line::default());
    let wrapped = |words: &str| -> Vec<Line<'static>> {
        text::wrap(words, usize::from(width)).into_iter().map(Line::raw).collect()
    };
    if let Some(what) = app.models.stand_in {
        lines.push(Line::styled(
            format!("models: {}, {}", app.models.set.name(), chrome::STAND_IN),
            theme.warning(),
        ));
        lines.extend(wrapped(what));
    } else {
        lines.push(Line::styled(format!("models: {}", app.models.set.name()), theme.strong()));
    }
    for tower in &app.models.towers {
        let name = clipscope_base::display_safe::display_safe(&tower.name);
        lines.extend(wrapped(&format!("{}: {name}, {}-d", tower.role.name(), tower.dim)));
    }
    lines
}

/// What was left out, and why, and what else was noticed.
pub fn left_out(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let title = format!("left out: {}", app.all_left_out().count());
    let area = page(pen, area, &title);
    pen.lines(area, &left_out_lines(app, area.width), app.scroll[Panel::Grid as usize]);
}

pub(super) fn left_out_lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    if app.all_left_out().next().is_none() {
        lines.push(Line::styled("nothing was left out", app.theme.dim()));
    }
    for entry in app.all_left_out() {
        // Whoever made the row says that both texts are safe; escaping twice changes nothing.
        let file = clipscope_base::display_safe::display_safe(&entry.file);
        let reason = clipscope_base::display_safe::display_safe(&entry.reason);
        lines.push(Line::styled(text::cut(&file, width), app.theme.strong()));
        lines.extend(
            text::wrap(&reason, width.saturating_sub(2))
                .into_iter()
                .map(|line| Line::raw(format!("  {line}"))),
        );
    }
    if !app.notes.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled("notes", app.theme.dim()));
    }
    for note in &app.notes {
        lines.extend(text::wrap(note, width).into_iter().map(Line::raw));
    }
    lines
}

/// The title of a page; returns what is left for its text.
fn page(pen: &mut Pen<'_>, area: Rect, title: &str) -> Rect {
    pen.title(area, false, title, true);
    inside(area)
}

/// A page without its title and the column at its left.
pub(super) fn inside(area: Rect) -> Rect {
    let left = 1.min(area.width);
    Rect {
        x: area.x + left,
        y: area.y + 1.min(area.height),
        width: area.width - left,
        height: area.height.saturating_sub(1),
    }
}
