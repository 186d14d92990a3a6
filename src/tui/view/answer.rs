//! The approaches compared in numbers, below two grids.
//!
//! The rows are those of the report, from [`clipscope_core::comparison`].

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pen::{Pen, Title};
use crate::tui::app::App;
use crate::tui::content::share;
use crate::tui::layout::answers_in_a_line;
use crate::tui::text;
use clipscope_core::comparison::{AnswerRow, answer_rows};

/// Columns of a share and of the space before it.
const SHARE: usize = share::WIDTH + 1;

/// Draws the answer, one or two rows per line.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let text = "what changed: share, 95 %, chance";
    pen.title(area, Title { text, rule: false, focused: false });
    let answer = app.first.results.as_ref().and_then(|results| answer_rows(&results.comparison.evaluation));
    let Some(rows) = answer else {
        pen.text(area.x, area.y + 1, area.width, "no photo has all its vectors yet", app.theme.dim());
        return;
    };
    let across = answers_in_a_line(area.width);
    let width = area.width / across;
    for (index, row) in (0..).zip(&rows) {
        let (x, y) = (area.x + index % across * width, area.y + 1 + index / across);
        if y < area.bottom() {
            pen.line(x, y, width, &line(app, row, usize::from(width)));
        }
    }
}

fn line(app: &App, row: &AnswerRow, width: usize) -> Line<'static> {
    let room = width.saturating_sub(SHARE + 1);
    let question = format!("{}: {}", row.approach, row.question);
    let name =
        if text::width(&question) < room { question } else { format!("{} {}", row.approach, row.name) };
    let mut spans = vec![Span::styled(format!("{} ", text::fit(&name, room)), Style::new())];
    match &row.share {
        Some(share) => spans.extend(share::spans(&app.theme, share)),
        None => spans.push(Span::styled("not defined", app.theme.dim())),
    }
    Line::from(spans)
}
