//! Draws the screen of an index. Reads only.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::state::Browser;
use crate::tui::content::help::key_lines;
use crate::tui::grid_plan::{CellKind, GridPlan};
use crate::tui::jobs::RankQuery;
use crate::tui::layout::{MIN_HEIGHT, MIN_WIDTH};
use crate::tui::text;
use crate::tui::view::{Pen, Title, draw_line, draw_picture, hints};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;

/// Draws into a buffer of any size.
pub fn render(browser: &Browser, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, browser.theme);
    let (width, height) = (browser.size.width, browser.size.height);
    if width < MIN_WIDTH || height < MIN_HEIGHT {
        let stand_in = browser.stand_in.unwrap_or_default();
        let words = format!("{stand_in} needs {MIN_WIDTH}×{MIN_HEIGHT}, has {width}×{height}");
        for (line, y) in text::wrap(&words, usize::from(width)).iter().zip(0..height) {
            pen.text(0, y, width, line, Style::new());
        }
        browser.theme.downgrade(buffer);
        return;
    }
    header(browser, &mut pen);
    if browser.help {
        let lines = key_lines(&browser.keys, browser.theme);
        pen.lines(Rect::new(0, 1, width, height - 3), &lines, browser.help_scroll);
    } else {
        let [area, photo_area, list_area] = browser.areas();
        pen.title(area, Title { text: "photos × photos: cosine", rule: false, focused: true });
        grid(browser, &mut pen);
        if photo_area.width > 0 {
            pen.title(photo_area, Title { text: "photo", rule: true, focused: false });
            photo(browser, &mut pen, inside(photo_area));
            list(browser, &mut pen, list_area);
        }
    }
    status(browser, &mut pen, Rect::new(0, height - 2, width, 1));
    hints(&mut pen, Rect::new(0, height - 1, width, 1), &browser.keys, browser.mode());
    browser.theme.downgrade(buffer);
}

fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 2.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    }
}

fn header(browser: &Browser, pen: &mut Pen<'_>) {
    let width = browser.size.width;
    let words = browser.stand_in.unwrap_or_default();
    let taken = text::width(words) as u16;
    pen.text(width.saturating_sub(taken), 0, taken, words, browser.theme.warning());
    let folder = display_path(browser.index.root());
    let title = format!(" index of {folder} · {} · {}", count(browser.index.len(), "photo"), browser.models);
    pen.text(0, 0, width.saturating_sub(taken + 1), &title, browser.theme.strong());
}

fn grid(browser: &Browser, pen: &mut Pen<'_>) {
    let (plan, theme) = (browser.plan(), browser.theme);
    let Some(window) = browser.window.as_ref().filter(|_| !browser.is_empty()) else {
        pen.text(
            plan.labels.x,
            plan.labels.y,
            plan.labels.width + plan.cells.width,
            "no photos",
            theme.dim(),
        );
        return;
    };
    // The photo with itself says nothing about the colors.
    let others = window.scores.as_slice().iter().copied().filter(|&score| score < 0.999);
    let range = others.fold(None, |range: Option<(f32, f32)>, score| {
        Some(range.map_or((score, score), |(low, high)| (low.min(score), high.max(score))))
    });
    let (low, high) = theme.scale.ends(range.unwrap_or((0.0, 1.0)));
    let share = |score: f32| if high > low { ((score - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    let digits = browser.len().max(1).ilog10() as usize + 1;
    let holds = |first: usize, count: usize, at: usize| (first..first + count).contains(&at);
    for (row, slot) in plan.rows.iter().enumerate() {
        let name = browser.place(slot.first).map_or_else(String::new, |place| browser.name(place));
        let room = usize::from(plan.labels.width).saturating_sub(1);
        let name = short(&name, room.saturating_sub(digits + 1));
        let label = text::fit(&format!("{:>digits$} {name}", slot.first + 1), room);
        let here = holds(slot.first, slot.count, browser.cursor.0);
        let style = if here { theme.selected() } else { Style::new() };
        pen.text(plan.labels.x, slot.at, plan.labels.width.saturating_sub(1), &label, style);
        for (col, column) in plan.cols.iter().enumerate() {
            if row >= window.scores.rows() || col >= window.scores.cols() {
                continue;
            }
            let score = window.scores.get(row, col);
            let (words, style) = cell(&plan, theme, score, share(score));
            if here && holds(column.first, column.count, browser.cursor.1) {
                let sign = if plan.cell.width() <= 2 {
                    text::fit("[]", usize::from(plan.cell.width()))
                } else {
                    words
                };
                pen.text(
                    column.at,
                    slot.at,
                    plan.cell.width(),
                    &sign,
                    theme.selected().add_modifier(Modifier::BOLD),
                );
            } else {
                pen.text(column.at, slot.at, plan.cell.width(), &words, style);
            }
        }
    }
    readout(browser, pen, &plan);
}

/// A name without its folders where it does not fit with them: they are often alike, and the file's own name tells more.
fn short(name: &str, room: usize) -> &str {
    name.rsplit_once('/').filter(|_| text::width(name) > room).map_or(name, |(_, file)| file)
}

fn cell(plan: &GridPlan, theme: crate::tui::theme::Theme, score: f32, share: f32) -> (String, Style) {
    let width = usize::from(plan.cell.width());
    match plan.cell {
        CellKind::Digits(_) if theme.has_color() => {
            (text::score(score, width), Style::new().bg(theme.heat(share)).fg(theme.on_heat(share)))
        }
        CellKind::Digits(_) => (text::score(score, width), Style::new()),
        _ => (theme.glyph(share).to_string().repeat(width), Style::new().fg(theme.heat(share))),
    }
}

/// The cursor, spelled out.
fn readout(browser: &Browser, pen: &mut Pen<'_>, plan: &GridPlan) {
    let (Some(row), Some(col)) = (browser.place(browser.cursor.0), browser.place(browser.cursor.1)) else {
        return;
    };
    let score = browser.index.window(&[row], &[col]).get(0, 0);
    let area = plan.readout;
    let words = format!("{score:.3}  {} × {}", browser.name(row), browser.name(col));
    pen.text(area.x, area.y, area.width, &words, browser.theme.strong());
    if area.height > 1 {
        let (across, down) = plan.cell.items();
        let words = if across * down > 1 {
            format!("a cell stands for {down} × {across} photos and shows the first pair")
        } else {
            String::new()
        };
        pen.text(area.x, area.y + 1, area.width, &words, browser.theme.dim());
    }
}

fn photo(browser: &Browser, pen: &mut Pen<'_>, area: Rect) {
    draw_picture(pen, area, browser.images, browser.photo());
}

fn list(browser: &Browser, pen: &mut Pen<'_>, area: Rect) {
    let title = match browser.list.as_ref().map(|list| &list.query) {
        Some(RankQuery::Phrase(phrase)) => format!("photos for “{}”", display_safe(phrase)),
        Some(RankQuery::Near(place)) => format!("nearest photos to {}", browser.name(*place)),
        None => "nearest photos".into(),
    };
    pen.title(area, Title { text: &title, rule: true, focused: false });
    let area = inside(area);
    match browser.list.as_ref().map(|list| &list.result) {
        None => {
            pen.text(area.x, area.y, area.width, "…", browser.theme.dim());
        }
        Some(Err(reason)) => {
            pen.text(area.x, area.y, area.width, reason, browser.theme.bad());
        }
        Some(Ok(hits)) => {
            let visible = usize::from(area.height);
            let first =
                if browser.found.is_some() { (browser.cursor.0 + 1).saturating_sub(visible) } else { 0 };
            for ((rank, hit), y) in hits.iter().enumerate().skip(first).zip(area.y..area.bottom()) {
                let start = format!("{:>4} {:.3} ", rank + 1, hit.score);
                let name = browser.name(hit.row);
                let room = usize::from(area.width).saturating_sub(text::width(&start));
                let words = format!("{start}{}", short(&name, room));
                let chosen = browser.found.is_some() && rank == browser.cursor.0;
                let style = if chosen { browser.theme.selected() } else { Style::new() };
                pen.text(area.x, y, area.width, &words, style);
            }
        }
    }
}

fn status(browser: &Browser, pen: &mut Pen<'_>, area: Rect) {
    if let Some(line) = &browser.line {
        return draw_line(pen, area, "/ ", line);
    }
    let lost = match browser.index.lost() {
        0 => String::new(),
        lost => format!(" · {lost} lost to damage: run clipscope index"),
    };
    let recall = browser.list.as_ref().and_then(|list| list.recall);
    let recall = recall.map(|recall| format!(" · {recall}")).unwrap_or_default();
    let words = match (&browser.notice, &browser.found) {
        (Some(notice), _) => notice.text.clone(),
        (None, Some((phrase, places))) => {
            format!(
                "the best {} for “{}”; / changes the phrase, / then Esc shows all photos{recall}{lost}",
                places.len(),
                display_safe(phrase)
            )
        }
        (None, None) => format!("all photos; / finds some by a phrase{recall}{lost}"),
    };
    pen.text(area.x, area.y, area.width, &words, browser.theme.dim());
}
