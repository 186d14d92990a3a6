//! The one function that changes the state.

use ratatui::layout::Size;

use super::overlay::{Overlay, Page};
use super::state::App;
use crate::tui::action::Action;
use crate::tui::approach::{Approach, AxisId};
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::error::Left;
use crate::tui::grid_plan::Zoom;
use crate::tui::jobs::Format;
use crate::tui::layout::Panel;
use crate::tui::model::InputLine;
use crate::tui::palette::ThemeName;

/// How the warning about unsaved captions ends.
const LEAVES: &str = " again quits without saving";

/// Changes the state by an action. Returns what is to be done outside of the state, in order.
#[must_use]
pub fn update(app: &mut App, action: Action) -> Vec<Effect> {
    // Events of the embedding come by the thousand, and change nothing but the axes.
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
            app.with_line(|line| line.insert(&text));
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
        Action::RunEnded(side) => app.run_ended(side),
        Action::Compared(done) => app.compared(done),
        Action::Photo(done) => {
            app.redraw = true;
            app.photos.take(done);
        }
        Action::Looked(done) => app.looked_done(done),
        Action::Clustered(done) => app.clustered(done),
        Action::Text(done) => {
            app.redraw = true;
            match app.overlay {
                Overlay::Phrase(_) => app.phrase_ranked(done),
                _ => app.caption_embedded(done),
            }
        }
        // Only the screen of an index asks for rankings.
        Action::Ranked(_) => {}
        Action::Exported(done) => app.exported(done),
        Action::Saved(done) => app.saved(done),
        Action::Graphics(picker) => {
            app.redraw = true;
            app.photos.set_picker(picker);
        }
        Action::Background(color) if app.theme_follows => {
            let name = ThemeName::for_background(color);
            app.redraw |= name != app.theme.name;
            app.theme.name = name;
        }
        Action::Background(_) => {}
        Action::Sets(done) => app.sets_listed(done),
        Action::Fetching { number, news } => app.fetch_news(number, news),
        Action::Fetched { number, result } => app.fetched(number, result),
        Action::ModelsOpened { side, models } => app.models_opened(side, *models),
        Action::ModelsRefused { side, reason } => app.models_refused(side, reason),
        Action::Terminate(signal) => app.effects.push(Effect::Leave(Left::Signal(signal))),
        Action::TerminalGone => app.effects.push(Effect::Leave(Left::TerminalGone)),
        Action::Stop => app.effects.push(Effect::Suspend { group: false }),
        Action::CannotStop => {
            app.redraw = true;
            app.say("cannot suspend: no shell here could resume the program");
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
    // When a key is pressed, the message has been read.
    if app.notice.as_ref().is_some_and(|notice| notice.goes_with_a_key(app.now)) {
        app.notice = None;
    }
    let reading = matches!(app.page(), Some(Page::Help | Page::LeftOut));
    let choosing = app.models_page().is_some();
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
        Command::Down if choosing => app.step_sets(1),
        Command::Up if choosing => app.step_sets(-1),
        Command::First | Command::RowStart if choosing => app.step_sets(isize::MIN),
        Command::Last | Command::RowEnd if choosing => app.step_sets(isize::MAX),
        Command::Left => app.step_cells(0, -1),
        Command::Down => app.step_cells(1, 0),
        Command::Up => app.step_cells(-1, 0),
        Command::Right => app.step_cells(0, 1),
        Command::PageUp => app.turn_page(-1),
        Command::PageDown => app.turn_page(1),
        Command::RowStart => app.go_to_start(AxisId::Cols),
        Command::RowEnd => app.go_to_end(AxisId::Cols),
        Command::First => app.go_to_start(AxisId::Rows),
        Command::Last => app.go_to_end(AxisId::Rows),
        Command::ShowImages => app.show(Approach::Images),
        Command::ShowTexts => app.show(Approach::Texts),
        Command::ShowBridge => app.show(Approach::Bridge),
        Command::ShowClip => app.show(Approach::Clip),
        Command::NextPanel => app.turn_focus(Panel::next),
        Command::PreviousPanel => app.turn_focus(Panel::previous),
        Command::Open => app.open_page(Page::Photo),
        Command::Back => app.back(),
        Command::NextMistake => app.next_mistake(),
        Command::PreviousMistake => app.previous_mistake(),
        Command::ZoomIn => app.zoom(-1),
        Command::ZoomOut => app.zoom(1),
        Command::ZoomFit => app.zoom = Zoom::Fit,
        Command::Models => app.turn_models_page(),
        Command::UseModels => app.use_chosen_set(),
        Command::CompareWith => app.compare_with_chosen_set(),
        Command::StopFetch => app.stop_or_close(),
        Command::TurnDirection => app.turn_direction(),
        Command::NextOrder => app.next_order(),
        Command::Compare => app.compare_next(),
        Command::Export => app.ask_what_to_export(),
        Command::ExportCsv => app.export(Format::Csv),
        Command::ExportJson => app.export(Format::Json),
        Command::ExportPng => app.export(Format::Png),
        Command::Copy => app.copy(),
        Command::TurnScale => {
            app.theme.scale = app.theme.scale.next();
            app.say(format!("colors: {}", app.theme.scale.name()));
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
        Command::Keep => match app.overlay {
            Overlay::Phrase(_) => app.keep_phrase(),
            _ => app.keep_edit(),
        },
        Command::Cancel => match app.overlay {
            Overlay::Phrase(_) => app.cancel_phrase(),
            _ => app.cancel_edit(),
        },
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
        Command::Help => app.turn_to(Page::Help),
        Command::LeftOut => app.turn_to(Page::LeftOut),
    }
}

impl App {
    /// Whether the warning about unsaved captions is on screen.
    fn is_warned(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.text.ends_with(LEAVES))
    }

    /// Changes the open line, if there is one. A new text will be embedded in a moment.
    fn with_line(&mut self, change: impl FnOnce(&mut InputLine)) {
        let line = match &mut self.overlay {
            Overlay::Phrase(phrase) => &mut phrase.line,
            Overlay::Edit(edit) => &mut edit.line,
            Overlay::None | Overlay::Page(_) | Overlay::Models(_) | Overlay::Export => return,
        };
        let before = line.text().to_owned();
        change(line);
        if line.text() == before {
            return;
        }
        match &mut self.overlay {
            Overlay::Phrase(phrase) => {
                phrase.closing = false;
                self.phrase_changed();
            }
            _ => self.edit_changed(),
        }
    }

    /// Opens a page, or closes it if it is open.
    fn turn_to(&mut self, page: Page) {
        if self.page() == Some(page) { self.back() } else { self.open_page(page) }
    }

    /// Opens a page, unless a line or a question is open.
    fn open_page(&mut self, page: Page) {
        if matches!(self.overlay, Overlay::None | Overlay::Page(_) | Overlay::Models(_)) {
            self.overlay = Overlay::Page(page);
            self.scroll[Panel::Grid as usize] = 0;
        }
    }

    /// Closes a page or a question. A line has its own ways out.
    fn back(&mut self) {
        match self.overlay {
            Overlay::Page(_) | Overlay::Models(_) => self.scroll[Panel::Grid as usize] = 0,
            Overlay::Export => {}
            Overlay::None | Overlay::Phrase(_) | Overlay::Edit(_) => return,
        }
        self.overlay = Overlay::None;
    }
}
