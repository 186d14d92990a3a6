//! The end of a text that scrolls.

use super::{accuracy, help, left_out, models, top_k};
use crate::tui::app::{App, Page};
use crate::tui::layout::Panel;
use crate::tui::model::GridId;

/// The first visible line when a panel of text, or the page in its place, is scrolled to its end.
pub fn last_scroll(app: &App, panel: Panel) -> usize {
    let plan = app.plan();
    let models = app.models_page().is_some();
    let area = match (app.page(), panel) {
        (None, _) if models => Some(plan.page_text()),
        (Some(Page::Help | Page::LeftOut), _) => Some(plan.page_text()),
        (Some(Page::Photo), _) => Some(plan.ranking()),
        (None, Panel::TopK | Panel::Accuracy) => plan.inside(panel),
        (None, Panel::Grid | Panel::Photo) => None,
    };
    let Some(area) = area else { return 0 };
    let lines = match (app.page(), panel) {
        (None, _) if models => models::lines(app, area.width),
        (Some(Page::Help), _) => help::lines(app, area.width),
        (Some(Page::LeftOut), _) => left_out::lines(app, area.width),
        (None, Panel::Accuracy) => accuracy::lines(app, GridId::main(app.approach), area.width),
        _ => top_k::lines(app, area),
    };
    lines.len().saturating_sub(usize::from(area.height))
}
