//! Keys, mouse and the terminal's answers, as the event loop takes them in.
//!
//! Owns the thread that reads the terminal. An answer is never a key, however late it comes.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use crossbeam_channel::Sender;
use ratatui::crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::action::Action;
use super::awaited::Awaited;
use super::error::TuiError;
use super::probe::{Probe, Questions};
use super::sequence::{PAUSE, Received, Sequences};
use super::watchdog::open_tty;

/// Input from the terminal. The command of a key is looked up later, in the mode it meets.
#[derive(Debug, Clone)]
pub enum Input {
    /// A key press.
    Key(KeyEvent),
    /// Anything else.
    Action(Action),
}

/// Asks the terminal `questions`, and reads from it on a thread of its own until the channel is closed.
///
/// # Errors
/// When there is no terminal to read from, or no thread can be started.
pub fn start(questions: Questions, awaited: Awaited, inputs: Sender<Input>) -> Result<(), TuiError> {
    let tty = open_tty().map_err(TuiError::NoTerminal)?;
    let read = move || {
        let _reading = awaited.reading();
        let probe = Probe::ask(questions, &awaited);
        // A failure says that the terminal is gone, which is for the watchdog to find out; reading on would be a busy loop.
        let _ = Reader { tty, awaited: awaited.clone(), inputs, probe }.read();
    };
    std::thread::Builder::new().name("tui-input".into()).spawn(read).map_err(TuiError::Worker)?;
    Ok(())
}

struct Reader {
    tty: OwnedFd,
    awaited: Awaited,
    inputs: Sender<Input>,
    probe: Probe,
}

impl Reader {
    fn read(&mut self) -> io::Result<()> {
        let mut sequences = Sequences::default();
        let mut received = Vec::new();
        let mut last = Instant::now();
        loop {
            if let Some(picker) = self.probe.graphics(!self.awaited.is_owed()) {
                self.send(Input::Action(Action::Graphics(picker.into())))?;
            }
            let now = Instant::now();
            let patience = sequences.patience(self.awaited.is_owed());
            let given_up = patience.map(|patience| last + patience);
            let due = [given_up, self.probe.due()].into_iter().flatten().min();
            let timeout = due.map(|due| {
                let left = due.saturating_duration_since(now);
                Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: i64::from(left.subsec_nanos()) }
            });
            let ready = match poll(&mut [PollFd::new(&self.tty, PollFlags::IN)], timeout.as_ref()) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                ready => ready? > 0,
            };
            let now = Instant::now();
            if ready {
                let mut bytes = [0; 1_024];
                let count = match rustix::io::read(&self.tty, &mut bytes) {
                    Err(Errno::INTR | Errno::AGAIN) => continue,
                    count => count?,
                };
                if count == 0 {
                    return Ok(());
                }
                self.awaited.came();
                let mut after_pause = now.duration_since(last) >= PAUSE;
                for &byte in &bytes[..count] {
                    sequences.push(byte, after_pause, &mut received);
                    after_pause = false;
                }
                last = now;
            } else if given_up.is_some_and(|given_up| given_up <= now) {
                sequences.give_up(&mut received);
            }
            let news = received.drain(..).filter_map(|one| match one {
                Received::Event(event) => translate(event),
                Received::Reply(reply) => self.probe.take(&reply, &self.awaited).map(Input::Action),
            });
            for input in news.collect::<Vec<_>>() {
                self.send(input)?;
            }
        }
    }

    /// Fails if nobody wants keys any more.
    fn send(&self, input: Input) -> io::Result<()> {
        self.inputs.send(input).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Action(Action::Type(text))),
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
