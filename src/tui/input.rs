//! Keys, mouse and resizes, as the event loop takes them in.

use crossbeam_channel::Sender;
use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};

use super::action::Action;
use super::error::TuiError;
use super::probe::{self, Questions};

/// Input from the terminal. The command of a key is looked up later, in the mode it meets.
#[derive(Debug, Clone)]
pub enum Input {
    /// A key press.
    Key(KeyEvent),
    /// Anything else.
    Action(Action),
}

/// Reads from the terminal on a thread of its own until the channel is closed. First asks the terminal `questions`, whose
/// answers arrive like keys.
///
/// # Errors
/// When no thread can be started.
pub fn start(questions: Questions, inputs: Sender<Input>) -> Result<(), TuiError> {
    let read = move || {
        let known = probe::ask(questions, &mut |key| {
            // A closed channel means that nobody wants keys any more.
            let _ = inputs.send(Input::Key(key));
        });
        if let Some(color) = known.background {
            let _ = inputs.send(Input::Action(Action::Background(color)));
        }
        if inputs.send(Input::Action(Action::Graphics(known.picker.into()))).is_err() {
            return;
        }
        // Whether the terminal is gone is for the watchdog to find out; reading on would be a busy loop.
        while let Ok(event) = event::read() {
            if let Some(input) = translate(event)
                && inputs.send(input).is_err()
            {
                return;
            }
        }
    };
    std::thread::Builder::new().name("tui-input".into()).spawn(read).map_err(TuiError::Worker)?;
    Ok(())
}

fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Action(Action::Type(text))),
        Event::Resize(width, height) => Some(Input::Action(Action::Resize { width, height })),
        Event::Mouse(mouse) => {
            let (x, y) = (mouse.column, mouse.row);
            let action = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Action::Click { x, y },
                MouseEventKind::Drag(MouseButton::Left) => Action::Drag { x, y },
                MouseEventKind::ScrollDown => Action::Wheel { x, y, down: true },
                MouseEventKind::ScrollUp => Action::Wheel { x, y, down: false },
                _ => return None,
            };
            Some(Input::Action(action))
        }
        _ => None,
    }
}
