//! The one function that changes the state.

use std::time::Duration;

use ratatui::layout::Size;

use super::{App, InputLine, Page, RunState};
use crate::tui::error::Left;
use crate::tui::jobs::{DashboardEffect, Effect, Format};
use crate::tui::layout::Panel;
use crate::tui::{Action, Approach, Command, ThemeName};

/// The end of the warning about captions that are not saved.
const LEAVES: &str = " again leaves without";

/// Takes in an action and returns what is to be done outside of the state, in this order.
#[must_use]
pub fn update(app: &mut App, action: Action) -> Vec<Effect> {
    // News of the embedding come by the thousand, and move nothing but the axes.
    let news = matches!(action, Action::Embedding(_));
    app.view_stale |= !news && !matches!(action, Action::Tick);
    match action {
        Action::Do(command) => {
            app.redraw = true;
            run(app, command);
        }
        Action::Type(text) => {
            app.redraw = true;
            if app.is_warned() {
                app.notice = None;
            }
            app.type_text(&text);
        }
        Action::Click { x, y } => {
            app.redraw = true;
            app.click(x, y);
        }
        Action::Drag { x, y } => {
            app.redraw = app.redraw || app.dragged.is_some();
            app.drag(x, y);
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
        Action::Clustered(done) => app.clustered(done),
        Action::Text(done) => {
            app.redraw = true;
            if app.phrase.is_some() {
                app.phrase_ranked(done);
            } else {
                app.caption_embedded(done);
            }
        }
        // Of the screen of an index.
        Action::Ranked(_) => {}
        Action::Exported(done) => app.exported(done),
        Action::Saved(done) => app.saved(done),
        Action::Graphics(picker) => {
            app.redraw = true;
            app.picker = Some(picker);
            app.photos.clear();
            app.photo_wanted = None;
        }
        Action::Background(color) if app.theme_follows => {
            let name = ThemeName::for_background(color);
            app.redraw |= name != app.theme.name;
            app.theme.name = name;
        }
        Action::Background(_) => {}
        Action::SecondStarted(models) => app.second_started(*models),
        Action::SecondRefused(reason) => app.second_refused(reason),
        Action::SecondEnded => {
            if let Some(second) = app.second.as_mut().filter(|second| second.progress.is_running()) {
                second.progress.state = RunState::Failed("the embedding stopped without a reason".into());
                app.redraw = true;
            }
        }
        Action::ModelsChanged(models) => app.take_models(*models),
        Action::ModelsStay(reason) => {
            app.redraw = true;
            app.say(reason);
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
    app.settle(news);
    std::mem::take(&mut app.effects)
}

fn run(app: &mut App, command: Command) {
    let warned = app.is_warned();
    // A message has been read when the next key is pressed.
    if app.notice.as_ref().is_some_and(|notice| notice.until > app.now + Duration::from_secs(1)) {
        app.notice = None;
    }
    let reading = matches!(app.page, Page::Help | Page::LeftOut);
    match command {
        Command::Quit if app.unsaved() > 0 && !warned => {
            let what = match app.unsaved() {
                1 => "an edited caption is".to_owned(),
                count => format!("{count} edited captions are"),
            };
            let mode = app.mode();
            let [save, quit] = [Command::Save, Command::Quit].map(|command| app.keys.label_in(mode, command));
            let saves = save.map_or_else(String::new, |save| format!("{save} saves, "));
            app.say(format!("{what} not saved: {saves}{}{LEAVES}", quit.unwrap_or_default()));
        }
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
        Command::NextPanel => app.turn_focus(Panel::next),
        Command::PreviousPanel => app.turn_focus(Panel::previous),
        Command::Open => turn_to(app, Page::Photo),
        Command::Back if app.exporting => app.exporting = false,
        Command::Back => turn_to(app, Page::None),
        Command::NextMistake => app.seek_mistake(true),
        Command::PreviousMistake => app.seek_mistake(false),
        Command::ZoomIn => app.zoom(-1),
        Command::ZoomOut => app.zoom(1),
        Command::ZoomFit => app.zoom = crate::tui::grid_plan::Zoom::Fit,
        Command::NextModels => app.effects.push(Effect::Own(DashboardEffect::NextModels)),
        Command::TurnDirection => app.turn_direction(),
        Command::NextOrder => app.next_order(),
        Command::Compare => app.compare_next(),
        Command::Export => app.exporting = true,
        Command::ExportCsv => app.export(Format::Csv),
        Command::ExportJson => app.export(Format::Json),
        Command::ExportPng => app.export(Format::Png),
        Command::Copy => app.copy(),
        Command::TurnScale => {
            app.theme.scale = app.theme.scale.next();
            app.say(format!("colours: {}", app.theme.scale.name()));
        }
        Command::TurnTheme => {
            app.theme.name = app.theme.name.next();
            app.theme_follows = false;
            app.say(format!("theme: {}", app.theme.name.name()));
        }
        Command::Ascii => app.theme.ascii = !app.theme.ascii,
        Command::FindPhrase => app.open_phrase(),
        Command::EditCaption => app.open_edit(),
        Command::Undo => app.undo(),
        Command::Save => app.save(),
        Command::Keep if app.phrase.is_some() => app.close_phrase(true),
        Command::Keep => app.close_edit(true),
        Command::Cancel if app.phrase.is_some() => app.close_phrase(false),
        Command::Cancel => app.close_edit(false),
        Command::ChooseNext => app.choose(1),
        Command::ChoosePrevious => app.choose(-1),
        Command::LineLeft
        | Command::LineRight
        | Command::LineStart
        | Command::LineEnd
        | Command::Backspace
        | Command::Delete
        | Command::DeleteWord
        | Command::ClearLine => app.with_line(|line| _ = line.edit(command)),
        Command::Help => turn_to(app, if app.page == Page::Help { Page::None } else { Page::Help }),
        Command::LeftOut => turn_to(app, if app.page == Page::LeftOut { Page::None } else { Page::LeftOut }),
    }
}

impl App {
    /// Whether the warning about captions that are not saved is on screen.
    fn is_warned(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.text.ends_with(LEAVES))
    }

    /// Puts text into the line that is open.
    fn type_text(&mut self, text: &str) {
        self.with_line(|line| line.insert(text));
    }

    /// Changes the line that is open, if one is; a new text is embedded in a moment.
    fn with_line(&mut self, change: impl FnOnce(&mut InputLine)) {
        if let Some(phrase) = &mut self.phrase {
            let before = phrase.line.text().to_owned();
            change(&mut phrase.line);
            if phrase.line.text() != before {
                phrase.closing = false;
                self.phrase_changed();
            }
        } else if let Some(edit) = &mut self.edit {
            let before = edit.line.text().to_owned();
            change(&mut edit.line);
            if edit.line.text() != before {
                self.edit_changed();
            }
        }
    }
}

fn turn_to(app: &mut App, page: Page) {
    app.page = page;
    app.scroll[Panel::Grid as usize] = 0;
}
