//! The one function that changes the state.

use std::time::Duration;

use ratatui::layout::Size;

use super::{App, Page, RunState};
use crate::tui::Approach;
use crate::tui::action::{Action, Command};
use crate::tui::error::Left;
use crate::tui::jobs::Effect;
use crate::tui::layout::Panel;

/// Takes in an action and returns what is to be done outside of the state, in this order.
#[must_use]
pub fn update(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Do(command) => {
            app.redraw = true;
            run(app, command);
        }
        Action::Click { x, y } => {
            app.redraw = true;
            app.click(x, y);
        }
        Action::Wheel { x, y, down } => {
            app.redraw = true;
            app.wheel(x, y, down);
        }
        Action::Resize { width, height } => {
            app.redraw = true;
            app.size = Size::new(width, height);
        }
        Action::Tick => {}
        Action::Embedding(event) => app.embedded(event),
        Action::RunEnded => {
            if app.progress.is_running() {
                app.redraw = true;
                app.progress.state = RunState::Failed("the embedding stopped without a reason".into());
            }
        }
        Action::Compared(done) => app.compared(done),
        Action::Photo(done) => app.photo_ready(done),
        Action::Looked(done) => app.looked_done(done),
        Action::Graphics(picker) => {
            app.redraw = true;
            app.picker = Some(picker);
            app.photos.clear();
            app.photo_wanted = None;
        }
        Action::Terminate(signal) => app.effects.push(Effect::Leave(Left::Signal(signal))),
        Action::TerminalGone => app.effects.push(Effect::Leave(Left::TerminalGone)),
        Action::Stop => app.effects.push(Effect::Suspend { group: false }),
        Action::CannotStop => {
            app.redraw = true;
            app.say("there is no shell here that could continue a stopped program");
        }
        Action::Continued => {
            app.redraw = true;
            app.effects.push(Effect::Reenter);
        }
    }
    app.settle();
    std::mem::take(&mut app.effects)
}

fn run(app: &mut App, command: Command) {
    // A message has been read when the next key is pressed.
    if app.notice.as_ref().is_some_and(|notice| notice.until > app.now + Duration::from_secs(1)) {
        app.notice = None;
    }
    let reading = matches!(app.page, Page::Help | Page::LeftOut);
    match command {
        Command::Quit => app.effects.push(Effect::Leave(Left::Quit)),
        Command::Suspend => app.effects.push(Effect::Suspend { group: true }),
        Command::Down if reading => app.scroll_by(Panel::Grid, 1),
        Command::Up if reading => app.scroll_by(Panel::Grid, -1),
        Command::Left => app.step_cells(0, -1),
        Command::Down => app.step_cells(1, 0),
        Command::Up => app.step_cells(-1, 0),
        Command::Right => app.step_cells(0, 1),
        Command::PageUp => app.page(false),
        Command::PageDown => app.page(true),
        Command::RowStart => app.jump(false, false),
        Command::RowEnd => app.jump(false, true),
        Command::First => app.jump(true, false),
        Command::Last => app.jump(true, true),
        Command::ShowImages => app.show(Approach::Images),
        Command::ShowTexts => app.show(Approach::Texts),
        Command::ShowBridge => app.show(Approach::Bridge),
        Command::ShowClip => app.show(Approach::Clip),
        Command::NextPanel => app.focus_on(app.focus.next()),
        Command::PreviousPanel => app.focus_on(app.focus.previous()),
        Command::Open => turn_to(app, Page::Photo),
        Command::Back => turn_to(app, Page::None),
        Command::NextMistake => app.seek_mistake(true),
        Command::PreviousMistake => app.seek_mistake(false),
        Command::ZoomIn => app.zoom(-1),
        Command::ZoomOut => app.zoom(1),
        Command::ZoomFit => app.zoom = crate::tui::grid_plan::Zoom::Fit,
        Command::TurnDirection => app.turn_direction(),
        Command::NextOrder => app.next_order(),
        Command::Help => turn_to(app, if app.page == Page::Help { Page::None } else { Page::Help }),
        Command::LeftOut => turn_to(app, if app.page == Page::LeftOut { Page::None } else { Page::LeftOut }),
    }
}

fn turn_to(app: &mut App, page: Page) {
    app.page = page;
    app.scroll[Panel::Grid as usize] = 0;
}
