//! Draws the state.
//!
//! Reads only: drawing takes `&App`. Every write goes through [`Pen`], which stays inside the frame whatever its size.

mod answer;
mod chrome;
mod grid;
mod grid_drawing;
mod line;
mod pages;
mod pen;
mod photo;
mod readout;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) use chrome::hints;
pub(super) use line::input as draw_line;
pub use pen::{Pen, Title};
pub(super) use photo::draw_picture;

use super::app::{App, Page};
use super::command::Command;
use super::content::{accuracy, top_k};
use super::layout::{MIN_HEIGHT, MIN_WIDTH, Panel, Plan, Shape, inside_rule};
use super::model::{GridId, STAND_IN, Side, SideId};
use super::text;

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
            // The line is in the place of messages.
            Some(_) if line => chrome::status(app, &mut pen, plan.footer),
            _ => hints(&mut pen, plan.footer, &app.keys, app.mode()),
        }
        match app.page() {
            None if app.models_page().is_some() => pages::models(app, &mut pen, &plan),
            None => panels(app, &mut pen, &plan),
            Some(Page::Photo) => pages::photo(app, &mut pen, &plan),
            Some(Page::Help) => pages::help(app, &mut pen, &plan),
            Some(Page::LeftOut) => pages::left_out(app, &mut pen, &plan),
        }
    }
    app.theme.downgrade(buffer);
}

fn panels(app: &App, pen: &mut Pen<'_>, plan: &Plan) {
    for panel in Panel::ALL {
        let (Some(area), Some(inside)) = (plan.panel(panel), plan.inside(panel)) else { continue };
        let title = match panel {
            Panel::Grid => grid::title(app, app.approach),
            Panel::Photo => "photo".into(),
            Panel::TopK => top_k::title(app),
            Panel::Accuracy => accuracy::title(app, GridId::main(app.approach)),
        };
        // With one panel on screen, the title says that there are others.
        let title = if plan.shape == Shape::One {
            format!("{title} ({}: others)", app.keys.label(Command::NextPanel))
        } else {
            title
        };
        let (text, rule) = (title.as_str(), inside.x > area.x);
        pen.title(area, Title { text, rule, focused: app.focus == panel });
        match panel {
            Panel::Grid => {
                if let Some(view) = app.grid() {
                    grid::draw(app, pen, &view);
                }
            }
            Panel::Photo => photo::draw(app, pen, inside),
            Panel::TopK => pen.lines(inside, &top_k::lines(app, inside), app.scroll[panel as usize]),
            Panel::Accuracy => numbers(app, pen, inside, GridId::main(app.approach)),
        }
    }
    if let (Some(area), Some(view)) = (plan.linked(), app.linked_grid()) {
        let approach = view.id.approach;
        let name = match (view.id.side, &app.second) {
            (SideId::Second, Some(second)) => second_name(second),
            _ => (approach.index() + 1).to_string(),
        };
        let title = format!("{name} {}", grid::title(app, approach));
        pen.title(area, Title { text: &title, rule: true, focused: false });
        grid::draw(app, pen, &view);
        if let Some(area) = plan.linked_numbers() {
            let title = accuracy::title(app, view.id);
            pen.title(area, Title { text: &title, rule: true, focused: false });
            numbers(app, pen, inside_rule(area), view.id);
        }
        if let Some(area) = plan.answer() {
            answer::draw(app, pen, area);
        }
    }
}

/// Draws the numbers of a grid.
fn numbers(app: &App, pen: &mut Pen<'_>, area: Rect, grid: GridId) {
    pen.lines(area, &accuracy::lines(app, grid, area.width), app.scroll[Panel::Accuracy as usize]);
}

/// The name of the second model set, which says if it is a stand-in.
fn second_name(second: &Side) -> String {
    let name = second.models.set.name();
    if second.is_stand_in() { format!("{name} ({STAND_IN}):") } else { format!("{name}:") }
}

fn too_small(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let mut y = area.y;
    if app.first.is_stand_in() {
        let style = app.theme.warning();
        pen.text(area.x, y, area.width, STAND_IN, style);
        y += 1;
    }
    let message = format!("needs {MIN_WIDTH}×{MIN_HEIGHT}, has {}×{}", app.size.width, app.size.height);
    for line in text::wrap(&message, usize::from(area.width)) {
        if y < area.bottom() {
            pen.text(area.x, y, area.width, &line, ratatui::style::Style::new());
            y += 1;
        }
    }
}
