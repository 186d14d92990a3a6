//! Draws the state, one file a panel.
//!
//! Reads only: a draw takes `&App` and cannot change what it shows. Every write goes through [`Pen`], which stays inside
//! the frame whatever size it has.

mod accuracy;
mod answer;
mod chrome;
mod edit;
mod grid;
mod line;
mod pages;
mod pen;
mod photo;
mod readout;
mod top_k;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) use chrome::hints;
pub(super) use line::input as draw_line;
pub(super) use pages::key_lines;
pub use pen::Pen;
pub(super) use photo::draw_picture;

use super::app::{App, GridId, Page, Second};
use super::layout::{MIN_HEIGHT, MIN_WIDTH, Panel, Shape, inside_rule};

/// Draws a frame.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    render(app, frame.buffer_mut());
}

/// Draws into a buffer of any size.
pub fn render(app: &App, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, app.theme);
    let plan = app.plan();
    if plan.shape == Shape::TooSmall {
        too_small(app, &mut pen, plan.body);
    } else {
        chrome::header(app, &mut pen, plan.header);
        let line = line::draw(app, &mut pen, plan.status);
        if !line {
            chrome::status(app, &mut pen, plan.status);
        }
        match &app.notice {
            // The line has the place of messages.
            Some(_) if line => chrome::status(app, &mut pen, plan.footer),
            _ => hints(&mut pen, plan.footer, &app.keys, app.mode()),
        }
        match app.page {
            Page::None => panels(app, &mut pen),
            Page::Photo => pages::photo(app, &mut pen),
            Page::Help => pages::help(app, &mut pen, plan.body),
            Page::LeftOut => pages::left_out(app, &mut pen, plan.body),
        }
    }
    app.theme.downgrade(buffer);
}

/// How far a panel of text, or the page in its place, can be scrolled.
pub(super) fn last_scroll(app: &App, panel: Panel) -> usize {
    let plan = app.plan();
    let (lines, area) = match (app.page, panel) {
        (Page::Help, _) => {
            let area = pages::inside(plan.body);
            (pages::help_lines(app, area.width), Some(area))
        }
        (Page::LeftOut, _) => {
            let area = pages::inside(plan.body);
            (pages::left_out_lines(app, area.width), Some(area))
        }
        (Page::Photo, _) => {
            let area = pages::ranking(app);
            (top_k::lines(app, area), Some(area))
        }
        (Page::None, Panel::TopK) => {
            let area = plan.inside(panel);
            (area.map_or_else(Vec::new, |area| top_k::lines(app, area)), area)
        }
        (Page::None, Panel::Accuracy) => {
            let (area, grid) = (plan.inside(panel), GridId::main(app.approach));
            (area.map_or_else(Vec::new, |area| accuracy::lines(app, grid, area.width)), area)
        }
        (Page::None, Panel::Grid | Panel::Photo) => (Vec::new(), None),
    };
    lines.len().saturating_sub(area.map_or(0, |area| usize::from(area.height)))
}

fn panels(app: &App, pen: &mut Pen<'_>) {
    let plan = app.plan();
    for panel in Panel::ALL {
        let (Some(area), Some(inside)) = (plan.panel(panel), plan.inside(panel)) else { continue };
        let title = match panel {
            Panel::Grid => grid::title(app, app.approach),
            Panel::Photo => "photo".into(),
            Panel::TopK => top_k::title(app),
            Panel::Accuracy => accuracy::title(app, GridId::main(app.approach)),
        };
        // With one panel on screen the title says that there are others.
        let title = if plan.shape == Shape::One {
            format!("{title} ({}: others)", app.keys.label(super::Command::NextPanel))
        } else {
            title
        };
        pen.title(area, inside.x > area.x, &title, app.focus == panel);
        match panel {
            Panel::Grid => {
                if let Some(view) = app.grid() {
                    grid::draw(app, pen, &view);
                }
            }
            Panel::Photo => photo::draw(app, pen, inside),
            Panel::TopK => top_k::draw(app, pen, inside),
            Panel::Accuracy => accuracy::draw(app, pen, inside, GridId::main(app.approach)),
        }
    }
    if let (Some(area), Some(view)) = (plan.linked(), app.linked_grid()) {
        let name = match &app.second {
            Some(second) if view.second => second_name(second),
            _ => (view.approach.index() + 1).to_string(),
        };
        let title = format!("{name} {}", grid::title(app, view.approach));
        pen.title(area, true, &title, false);
        grid::draw(app, pen, &view);
        if let Some(area) = plan.linked_numbers() {
            pen.title(area, true, &accuracy::title(app, view.id()), false);
            accuracy::draw(app, pen, inside_rule(area), view.id());
        }
        if let Some(area) = plan.answer() {
            answer::draw(app, pen, area);
        }
    }
}

/// The second model set, and that it is a stand-in where it is one.
fn second_name(second: &Second) -> String {
    let name = second.models.set.name();
    if second.models.stand_in.is_some() {
        format!("{name} ({}):", chrome::STAND_IN)
    } else {
        format!("{name}:")
    }
}

fn too_small(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let mut y = area.y;
    if chrome::is_stand_in(app) {
        let style = app.theme.warning();
        pen.text(area.x, y, area.width, chrome::STAND_IN, style);
        y += 1;
    }
    let message = format!("needs {MIN_WIDTH}×{MIN_HEIGHT}, has {}×{}", app.size.width, app.size.height);
    for line in super::text::wrap(&message, usize::from(area.width)) {
        if y < area.bottom() {
            pen.text(area.x, y, area.width, &line, ratatui::style::Style::new());
            y += 1;
        }
    }
}
