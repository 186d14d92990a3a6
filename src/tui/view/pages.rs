//! The pages in the place of the panels: the photo with its ranking, the keys, what was left out.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pen::{Pen, Title};
use super::photo as photo_panel;
use crate::tui::app::App;
use crate::tui::content::{help as help_text, left_out as left_out_text, models as models_text, top_k};
use crate::tui::layout::{Panel, Plan, below_title};

/// Draws the photo of the cursor and what matches it.
pub fn photo(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    let (left, right) = plan.full_photo();
    pen.title(left, Title { text: "photo", rule: false, focused: true });
    photo_panel::draw(app, pen, below_title(left));
    let (title, rule) = (top_k::title(app), right.y == left.y);
    pen.title(right, Title { text: &title, rule, focused: false });
    let area = plan.ranking();
    pen.lines(area, &top_k::lines(app, area), app.scroll[Panel::TopK as usize]);
}

/// Draws the help page.
pub fn help(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    text(app, pen, plan, "help", help_text::lines);
}

/// Draws what was left out, and why.
pub fn left_out(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    let title = format!("left out: {}", app.all_left_out().count());
    text(app, pen, plan, &title, left_out_text::lines);
}

/// Draws the model sets.
pub fn models(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    text(app, pen, plan, "models", models_text::lines);
}

/// Draws a page of text.
fn text(
    app: &App,
    pen: &mut Pen<'_>,
    plan: &Plan,
    title: &str,
    lines: impl FnOnce(&App, u16) -> Vec<Line<'static>>,
) {
    pen.title(plan.body, Title { text: title, rule: false, focused: true });
    let area: Rect = plan.page_text();
    pen.lines(area, &lines(app, area.width), app.scroll[Panel::Grid as usize]);
}
