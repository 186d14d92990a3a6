//! The top-k panel: what matches the cursor best.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::lacks;
use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::model::{GridId, Mark, RankedItem, RankedList};
use crate::tui::text;
use clipscope_networks::Modality;

/// Columns of a score bar.
const BAR: usize = 6;

/// The title of the panel.
pub fn title(app: &App) -> String {
    match app.lists.as_slice() {
        [one] => one.title.clone(),
        [] => "best matches".into(),
        _ => "best matches, both directions".into(),
    }
}

/// The lines of the lists in a panel of this size.
pub fn lines(app: &App, area: Rect) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for list in &app.lists {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        // Two lists share the panel in halves.
        list_lines(
            app,
            list,
            usize::from(area.width),
            &mut lines,
            area.height / app.lists.len().max(1) as u16,
        );
    }
    if lines.is_empty() {
        let lacks = lacks::words(app, GridId::main(app.approach));
        let words = match app.first.failure.clone().or(lacks) {
            Some(reason) => reason,
            None => "this item has no vectors yet".into(),
        };
        lines.extend(
            text::wrap(&words, usize::from(area.width))
                .into_iter()
                .map(|line| Line::styled(line, app.theme.dim())),
        );
    }
    lines
}

fn list_lines(app: &App, list: &RankedList, width: usize, lines: &mut Vec<Line<'static>>, room: u16) {
    if app.lists.len() > 1 {
        lines.push(Line::styled(text::cut(&list.title, width), app.theme.strong()));
    }
    lines.push(Line::raw(text::cut(&list.query, width)));
    let note = text::wrap(&list.note, width);
    let noted = note.len();
    lines.extend(note.into_iter().map(|line| Line::styled(line, app.theme.dim())));
    if list.items.is_empty() && app.phrase().is_none() {
        lines.push(Line::styled("scores are being looked up …", app.theme.dim()));
    }
    let low = list.items.iter().map(|item| item.score).fold(f32::INFINITY, f32::min);
    let high = list.items.iter().map(|item| item.score).fold(f32::NEG_INFINITY, f32::max);
    let shown = if app.lists.len() > 1 {
        usize::from(room).saturating_sub(3 + noted).max(1)
    } else {
        list.items.len()
    };
    for (index, item) in list.items.iter().take(shown).enumerate() {
        let share = if high > low { (item.score - low) / (high - low) } else { 1.0 };
        lines.push(row(app, index + 1, item, share, width));
    }
}

fn row(app: &App, rank: usize, item: &RankedItem, share: f32, width: usize) -> Line<'static> {
    let theme = &app.theme;
    let (glyph, style) = match item.mark {
        Mark::Right => ("✓", theme.good()),
        Mark::SameCategory => ("≈", theme.warning()),
        Mark::Wrong => ("✗", theme.bad()),
        Mark::None => (" ", Style::new()),
    };
    let bridge = app.approach == Approach::Bridge;
    let current = match item.modality {
        Modality::Image
            if app.approach.rows() == Modality::Image && (bridge || app.approach == Approach::Clip) =>
        {
            app.cursor.0 == item.place
        }
        _ => app.cursor.1 == item.place && app.approach.cols() == item.modality,
    };
    let score = text::score(item.score, if width >= 34 { 6 } else { 4 });
    let mut spans = vec![
        Span::styled(format!("{rank:>3} "), if current { theme.selected() } else { theme.dim() }),
        Span::styled(glyph, style),
        Span::raw(score),
        Span::raw(" "),
    ];
    let mut used = 4 + 1 + if width >= 34 { 6 } else { 4 } + 1;
    if width >= 44 {
        // In eighths, so that close scores can be told apart.
        let eighths = (share * (BAR * 8) as f32).round() as usize;
        let full = eighths / 8;
        let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
        let bar = text::fit(&format!("{}{part}", "█".repeat(full.min(BAR))), BAR + 1);
        used += BAR + 1;
        spans.push(Span::styled(bar, style));
    }
    if let Some(confidence) = item.confidence.filter(|_| width >= 28) {
        spans.push(Span::styled(format!("{:>4.0}% ", confidence * 100.0), theme.dim()));
        used += 6;
    }
    let category = app.catalog.category_of(item.modality, item.place).unwrap_or(0);
    spans.push(Span::styled("■ ", theme.category(category)));
    used += 2;
    let label = app.catalog.label(item.modality, item.place);
    spans.push(Span::styled(text::cut(label, width.saturating_sub(used)), Style::new()));
    Line::from(spans)
}
