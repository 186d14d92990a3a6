//! The lines around the panels: header, status, footer.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Pen;
use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::command::Command;
use crate::tui::content::models;
use crate::tui::keymap::{Keymap, Mode};
use crate::tui::model::{RunState, STAND_IN};
use crate::tui::text;
use clipscope_base::words::count;

/// Columns that the news of a fetch need.
const FETCH: usize = 42;

/// Draws the tabs, the models and the data set. What does not fit is left out: the data set first, the words about a
/// stand-in never.
pub fn header(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let stand_in = if app.first.is_stand_in() { text::width(STAND_IN) + 1 } else { 0 };
    // A fetch has its gauge, rate and time even if the tabs then have no room for their names.
    let fetch = if app.fetching.is_some() { FETCH.min(usize::from(area.width) / 2) } else { 0 };
    let room = usize::from(area.width).saturating_sub(stand_in + fetch);
    let forms: [fn(Approach, bool) -> String; 3] = [
        |approach, _| format!(" {} {} ", approach.index() + 1, approach.name()),
        |approach, selected| {
            let number = approach.index() + 1;
            if selected { format!(" {number} {} ", approach.name()) } else { format!(" {number} ") }
        },
        |approach, _| format!("{}", approach.index() + 1),
    ];
    let tabs = forms.map(|form| Approach::ALL.map(|approach| form(approach, approach == app.approach)));
    let width = |tabs: &[String; 4]| tabs.iter().map(|tab| text::width(tab)).sum::<usize>();
    let tabs = tabs.iter().find(|tabs| width(tabs) < room).unwrap_or(&tabs[2]);
    let mut x = area.x;
    for (approach, tab) in Approach::ALL.iter().zip(tabs) {
        let style = if *approach == app.approach { app.theme.selected() } else { Style::new() };
        x = pen.text(x, area.y, area.right().saturating_sub(x), tab, style);
    }
    if stand_in > 0 {
        let at = area.right().saturating_sub(text::width(STAND_IN) as u16).max(x);
        pen.text(at, area.y, area.right() - at, STAND_IN, app.theme.warning());
    }
    let end = area.right().saturating_sub(stand_in as u16);
    if let Some(fetching) = &app.fetching {
        let room = usize::from(end.saturating_sub(x)).saturating_sub(3);
        pen.line(x + 2, area.y, room as u16, &Line::from(models::gauge(app, fetching, room)));
        return;
    }
    let models = format!("{} · {}", app.first.models.set.name(), app.first.models.device.name());
    let data = format!("{} · {}", app.catalog.path, count(app.catalog.photos.len(), "photo"));
    let mut room = usize::from(end.saturating_sub(x)).saturating_sub(2);
    for (part, style) in [(models, Style::new()), (data, app.theme.dim())] {
        // A name cut to a few letters says nothing.
        let part = if text::width(&part) <= room { part } else { text::cut(&part, room) };
        if text::width(&part) < 8 {
            break;
        }
        x = pen.text(x + 2, area.y, room as u16, &part, style);
        room = usize::from(end.saturating_sub(x)).saturating_sub(2);
    }
}

/// Draws the message, or else the progress of the embedding.
pub fn status(app: &App, pen: &mut Pen<'_>, area: Rect) {
    if let Some(notice) = &app.notice {
        pen.text(area.x, area.y, area.width, &notice.text, app.theme.strong());
        return;
    }
    let progress = &app.first.progress;
    let (done, all) = progress.items();
    let mut counted = Vec::new();
    match app.all_left_out().count() {
        0 => {}
        left_out => counted.push(format!("{left_out} left out")),
    }
    match app.notes().count() {
        0 => {}
        notes => counted.push(count(notes, "note")),
    }
    let mut left_out = String::new();
    if !counted.is_empty() {
        left_out = format!(" · {} ({})", counted.join(", "), app.keys.label(Command::LeftOut));
    }
    match &progress.state {
        RunState::Failed(reason) => {
            let text = format!("stopped: {reason}");
            pen.text(area.x, area.y, area.width, &text, app.theme.bad());
        }
        RunState::Starting => {
            let text = format!("loading the networks of {} …{left_out}", app.first.models.set.name());
            pen.text(area.x, area.y, area.width, &text, app.theme.dim());
        }
        RunState::Running => {
            let rate = progress.rate(app.now).map_or_else(String::new, |rate| format!(" · {rate:.1}/s"));
            let rest = progress.remaining(app.now);
            let rest = rest.map_or_else(String::new, |rest| format!(" · {} left", text::span(rest)));
            let photos = format!("{}/{} photos", progress.photos_done, progress.photos);
            let words = format!(" embedding: {photos}, {done}/{all} items{rate}{rest}{left_out}");
            let bar_width = usize::from(area.width).saturating_sub(text::width(&words)).min(24);
            let filled = bar_width * done / all.max(1);
            let bar = format!("{}{}", "█".repeat(filled), "░".repeat(bar_width - filled));
            let line = Line::from(vec![Span::styled(bar, app.theme.good()), Span::raw(words)]);
            pen.line(area.x, area.y, area.width, &line);
        }
        RunState::Finished { elapsed } => {
            let cached = match progress.cached {
                0 => String::new(),
                cached => format!(", {cached} from the cache"),
            };
            let truncated = match progress.truncated {
                0 => String::new(),
                cut => format!(" · {} truncated", count(cut, "caption")),
            };
            let (items, took) = (count(done, "item"), elapsed.as_secs_f64());
            let mut text = format!("{items} in {took:.1} s{cached}{truncated}{left_out}");
            if let Some(offer) = app.offer().map(|offer| format!(" · {offer}"))
                && text::width(&text) + text::width(&offer) <= usize::from(area.width)
            {
                text += &offer;
            }
            pen.text(area.x, area.y, area.width, &text, app.theme.dim());
        }
    }
}

/// Draws the keys that matter in `mode`.
pub fn hints(pen: &mut Pen<'_>, area: Rect, keys: &Keymap, mode: Mode) {
    let mut x = area.x;
    for binding in keys.in_mode(mode) {
        let (Some(hint), Some(key)) = (binding.hint, binding.keys.first()) else { continue };
        // The four approaches share one hint.
        let name = if binding.command == Command::ShowClip { approaches(keys) } else { key.to_string() };
        let needed = text::width(&name) + text::width(hint) + 3;
        if usize::from(area.right().saturating_sub(x)) < needed {
            break;
        }
        x = pen.text(x, area.y, area.width, &name, pen.theme.strong());
        x = pen.text(x, area.y, area.width, &format!(" {hint}  "), pen.theme.dim());
    }
}

/// The keys of the four approaches.
fn approaches(keys: &Keymap) -> String {
    let commands = [Command::ShowImages, Command::ShowTexts, Command::ShowBridge, Command::ShowClip];
    let names = commands.map(|command| keys.label(command));
    if names == ["1", "2", "3", "4"] { "1–4".into() } else { names.join("/") }
}
