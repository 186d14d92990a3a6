//! The loop between the terminal, a screen and the workers.
//!
//! Waits until something happens, takes in all that has happened, and draws one frame if the screen has changed. Nothing
//! is written while nothing changes. Owns every effect that both screens have. Must not decide anything, which is for
//! [`Screen::update`], or know which screen runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, Sender, unbounded};
use ratatui::Frame;
use ratatui::layout::Size;

use super::action::Action;
use super::effect::Effect;
use super::engine::Engine;
use super::error::{Left, TuiError};
use super::input::{self, Input};
use super::jobs::PhotoDone;
use super::jobs::pool::Pool;
use super::keymap::{self, Keymap, Mode};
use super::probe::Questions;
use super::signals::{self, SignalGuard};
use super::terminal::TerminalGuard;
use super::watchdog;
use clipscope_core::embedding::EventKind;

/// Frames that only show progress are at least this far apart; keys are answered at once.
const FRAME: Duration = Duration::from_millis(33);
/// The system's number for an input/output error.
const EIO: i32 = rustix::io::Errno::IO.raw_os_error();
/// Events taken in between two frames.
const BATCH: usize = 256;

/// One of the screens of the program: its state, and what works for it alone.
pub(super) trait Screen {
    /// What only this screen asks for.
    type Own;

    /// Which key does what.
    fn keys(&self) -> &Keymap;

    /// What keys mean at the moment.
    fn mode(&self) -> Mode;

    /// The size that the next frame is laid out for.
    fn size(&self) -> Size;

    /// When something will change without an action, counted from the start of the program.
    fn deadline(&self) -> Option<Duration>;

    /// Whether something on screen has changed since the last frame. The loop takes it back with each frame.
    fn redraw(&mut self) -> &mut bool;

    /// Tells the time since the start of the program. Called before each update.
    fn set_now(&mut self, now: Duration);

    /// Makes the screen ready for its first frame; what it then asks for is carried out after that frame. Answers of its
    /// own workers go to `answers`.
    fn start(&mut self, answers: &Sender<Action>) -> Result<Vec<Effect<Self::Own>>, TuiError>;

    /// The only way in which the state changes.
    fn update(&mut self, action: Action) -> Vec<Effect<Self::Own>>;

    /// Draws the state.
    fn draw(&self, frame: &mut Frame<'_>);

    /// Does what only this screen asks for; the answer, where there is one at once.
    fn carry_out(&mut self, own: Self::Own) -> Option<Action>;

    /// Adds the channels that [`Screen::news`] reads from.
    fn wait_for<'a>(&'a self, _select: &mut Select<'a>) {}

    /// The next news of the screen's own, if some waits.
    fn news(&mut self) -> Option<Action> {
        None
    }
}

/// Shows a screen in `terminal` until the user leaves it. Whatever happens, the terminal is given back.
///
/// When the terminal itself goes away and the process is still there two seconds later, it is ended: nobody could end it
/// from the keyboard.
///
/// # Errors
/// When there is no keyboard, the terminal cannot be written to, or the system gives no thread.
pub(super) fn run<S: Screen>(
    screen: S,
    terminal: TerminalGuard,
    engine: &Arc<dyn Engine>,
    questions: Questions,
) -> Result<Left, TuiError> {
    let mut event_loop = EventLoop::new(screen, terminal);
    let effects = event_loop.screen.start(&event_loop.actions.0)?;
    // The first frame does not wait for anything that is started below.
    event_loop.draw()?;
    event_loop.start(engine, questions)?;
    match event_loop.carry_out(effects)? {
        Some(left) => Ok(left),
        None => event_loop.work(),
    }
}

struct EventLoop<S> {
    terminal: TerminalGuard,
    screen: S,
    pool: Option<Pool>,
    signals: Option<SignalGuard>,
    started: Instant,
    last_frame: Instant,
    inputs: (Sender<Input>, Receiver<Input>),
    actions: (Sender<Action>, Receiver<Action>),
    /// A key was taken in since the last frame: the next one is not held back.
    answer: bool,
    /// Dropped last: until then the watchdog is on duty.
    on_duty: Arc<()>,
}

/// What the loop woke up for.
enum Woken {
    Input(Input),
    Action(Action),
    Time,
}

impl<S: Screen> EventLoop<S> {
    fn new(screen: S, terminal: TerminalGuard) -> Self {
        let now = Instant::now();
        Self {
            terminal,
            screen,
            pool: None,
            signals: None,
            started: now,
            last_frame: now,
            inputs: unbounded(),
            actions: unbounded(),
            answer: false,
            on_duty: Arc::new(()),
        }
    }

    fn start(&mut self, engine: &Arc<dyn Engine>, questions: Questions) -> Result<(), TuiError> {
        self.signals = Some(SignalGuard::new(self.actions.0.clone())?);
        let tty = watchdog::open_tty().map_err(TuiError::NoTerminal)?;
        watchdog::start(tty, Arc::downgrade(&self.on_duty), self.actions.0.clone())?;
        input::start(questions, self.terminal.awaited(), self.inputs.0.clone())?;
        self.pool = Some(Pool::new(engine, &self.actions.0)?);
        Ok(())
    }

    fn work(&mut self) -> Result<Left, TuiError> {
        loop {
            if let Some(left) = self.take_in()? {
                return Ok(left);
            }
            if *self.screen.redraw() && (self.answer || self.last_frame.elapsed() >= FRAME) {
                match self.draw() {
                    // What a terminal says that is no longer there.
                    Err(TuiError::Terminal(error)) if error.raw_os_error() == Some(EIO) => {
                        return Ok(Left::TerminalGone);
                    }
                    drawn => drawn?,
                }
            }
        }
    }

    /// Waits for something to happen and takes in all that has; `Some` ends the loop.
    fn take_in(&mut self) -> Result<Option<Left>, TuiError> {
        let mut next = Some(self.wait());
        let mut taken = 0;
        while let Some(woken) = next {
            self.screen.set_now(self.started.elapsed());
            // Other things wait for the next frame: a window that is dragged to another size gives many of them.
            self.answer |= matches!(woken, Woken::Input(_));
            note(&woken);
            let action = match woken {
                Woken::Input(Input::Key(key)) => {
                    let mode = self.screen.mode();
                    let command = self.screen.keys().command(mode, key).map(Action::Do);
                    command.or_else(|| keymap::typed(mode, key).map(Action::Type))
                }
                Woken::Input(Input::Action(action)) | Woken::Action(action) => Some(action),
                Woken::Time => Some(Action::Tick),
            };
            let effects = action.map_or_else(Vec::new, |action| self.screen.update(action));
            if let Some(left) = self.carry_out(effects)? {
                return Ok(Some(left));
            }
            taken += 1;
            if taken == BATCH {
                break;
            }
            next = self.waiting();
        }
        Ok(None)
    }

    /// Waits for the next thing that happens, for a frame that is due, or for the screen's deadline.
    fn wait(&mut self) -> Woken {
        loop {
            let frame = self.screen.redraw().then(|| FRAME.saturating_sub(self.last_frame.elapsed()));
            let now = self.started.elapsed();
            let deadline = self.screen.deadline().map(|deadline| deadline.saturating_sub(now));
            let timeout = [frame, deadline].into_iter().flatten().min();
            let mut select = Select::new();
            select.recv(&self.inputs.1);
            select.recv(&self.actions.1);
            self.screen.wait_for(&mut select);
            let timed_out = match timeout {
                Some(timeout) => select.ready_timeout(timeout).is_err(),
                None => {
                    select.ready();
                    false
                }
            };
            drop(select);
            match self.waiting() {
                Some(woken) => return woken,
                None if timed_out => return Woken::Time,
                // What was ready is not there after all.
                None => {}
            }
        }
    }

    /// What has happened already: keys first, then workers and signals, then the screen's own news.
    fn waiting(&mut self) -> Option<Woken> {
        if let Ok(input) = self.inputs.1.try_recv() {
            return Some(Woken::Input(input));
        }
        if let Ok(action) = self.actions.1.try_recv() {
            return Some(Woken::Action(action));
        }
        self.screen.news().map(Woken::Action)
    }

    fn carry_out(&mut self, effects: Vec<Effect<S::Own>>) -> Result<Option<Left>, TuiError> {
        for effect in effects {
            let answer = match effect {
                Effect::Job(job) => {
                    if let Some(pool) = &self.pool {
                        pool.submit(job);
                    }
                    None
                }
                Effect::Suspend { group } if group && !signals::can_stop() => Some(Action::CannotStop),
                Effect::Suspend { group } => {
                    self.terminal.pause()?;
                    signals::stop(group).map_err(TuiError::Terminal)?;
                    // The signal that continues the process re-enters.
                    None
                }
                // The next frame finds out about another size.
                Effect::Reenter => {
                    self.terminal.resume()?;
                    None
                }
                Effect::Copy(text) => {
                    self.terminal.copy(&text)?;
                    None
                }
                Effect::Leave(left) => {
                    if left != Left::Quit {
                        self.terminal.awaited().hurry();
                    }
                    return Ok(Some(left));
                }
                Effect::Own(own) => self.screen.carry_out(own),
            };
            if let Some(answer) = answer {
                let effects = self.screen.update(answer);
                if let Some(left) = self.carry_out(effects)? {
                    return Ok(Some(left));
                }
            }
        }
        Ok(None)
    }

    fn draw(&mut self) -> Result<(), TuiError> {
        // The size may have changed since the last event told it.
        if let Ok(size) = self.terminal.size()
            && size != self.screen.size()
        {
            let effects = self.screen.update(Action::Resize { width: size.width, height: size.height });
            self.carry_out(effects)?;
        }
        self.terminal.draw(|frame| self.screen.draw(frame))?;
        *self.screen.redraw() = false;
        self.answer = false;
        self.last_frame = Instant::now();
        Ok(())
    }
}

/// Writes in the log what is worth a line.
fn note(woken: &Woken) {
    let action = match woken {
        Woken::Input(Input::Key(key)) => return tracing::trace!(?key, "key"),
        Woken::Input(Input::Action(action)) | Woken::Action(action) => action,
        Woken::Time => return,
    };
    match action {
        Action::Compared(done) => match &done.result {
            Ok(_) => tracing::debug!(version = done.version, took = ?done.took, "compared"),
            Err(reason) => tracing::warn!(version = done.version, reason, "not compared"),
        },
        Action::Photo(PhotoDone { key, result: Err(reason) }) => {
            tracing::warn!(photo = key.place, reason, "a photo cannot be shown");
        }
        Action::Ranked(done) => match &done.result {
            Ok(hits) => tracing::debug!(query = ?done.query, photos = hits.len(), "ranked"),
            Err(reason) => tracing::warn!(query = ?done.query, reason, "not ranked"),
        },
        Action::Exported(done) => tracing::info!(?done, "exported"),
        Action::Saved(done) => tracing::info!(?done, "saved"),
        Action::Background(color) => tracing::debug!(?color, "background of the terminal"),
        Action::Terminate(signal) => tracing::info!(signal, "asked to end"),
        Action::TerminalGone => tracing::info!("the terminal is gone"),
        Action::Resize { width, height } => tracing::debug!(width, height, "resized"),
        Action::RunEnded(_) => tracing::debug!("the embedding has ended"),
        Action::Embedding(event) => match &event.kind {
            EventKind::Embedded { unit, cached, .. } => tracing::trace!(?unit, cached, "embedded"),
            EventKind::Noted { photo, note } => tracing::warn!(photo, note, "used, with a note"),
            EventKind::Skipped { unit, reason } => tracing::warn!(?unit, reason, "skipped"),
            EventKind::Notice(text) => tracing::warn!("{text}"),
            EventKind::Failed(reason) => tracing::error!(reason, "the embedding has failed"),
            EventKind::Finished { elapsed } => tracing::info!(?elapsed, "everything is embedded"),
        },
        _ => {}
    }
}
