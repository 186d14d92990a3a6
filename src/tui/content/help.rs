//! The help page: the keys, the marks, the models.

use ratatui::text::{Line, Span};

use crate::tui::app::App;
use crate::tui::keymap::{Binding, Keymap, Mode};
use crate::tui::model::STAND_IN;
use crate::tui::text;
use crate::tui::theme::Theme;
use clipscope_base::display_safe::display_safe;

/// Columns of the keys.
const KEYS: usize = 17;

/// The key table of a screen, one line per row.
pub fn key_lines(keys: &Keymap, theme: Theme) -> Vec<Line<'static>> {
    let line = |binding: &Binding| {
        let place = match binding.modes {
            [Mode::Photo] => " (photo page)",
            [Mode::Export] => " (after x)",
            [Mode::Models] => " (on the page of models)",
            [Mode::Phrase] => " (in a phrase)",
            [Mode::Phrase, Mode::Edit] => " (in a line)",
            _ => "",
        };
        let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
        let keys = Span::styled(text::fit(&keys.join(" "), KEYS), theme.strong());
        Line::from(vec![keys, Span::raw(format!("{}{place}", binding.help))])
    };
    keys.rows().map(line).collect()
}

/// The help page: every key, the marks, the models.
pub fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let mut lines = key_lines(&app.keys, app.theme);
    lines.push(Line::from(vec![
        Span::styled(text::fit("mouse", KEYS), theme.strong()),
        Span::raw("click a cell or a panel, drag a border; the wheel moves rows or scrolls"),
    ]));
    lines.push(Line::default());
    let marks = [
        ("✓", "belongs to the query; among photos or captions alone: is of its category"),
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
    let models = &app.first.models;
    if let Some(what) = models.stand_in {
        lines.push(Line::styled(format!("models: {}, {}", models.set.name(), STAND_IN), theme.warning()));
        lines.extend(wrapped(what));
    } else {
        lines.push(Line::styled(format!("models: {}", models.set.name()), theme.strong()));
    }
    for tower in &models.towers {
        let name = display_safe(&tower.name);
        lines.extend(wrapped(&format!("{}: {name}, {}-d", tower.role.name(), tower.dim)));
    }
    lines
}
