//! The loop between the terminal, the state and the workers.
//!
//! Waits until something happens, takes in all that has happened, and draws one frame if the screen has changed. Nothing
//! is written while nothing changes. Must not decide anything: that is [`update`]'s.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, select, unbounded};
use ratatui::layout::Size;

use super::action::Action;
use super::app::{App, update};
use super::effect::Effect;
use super::engine::{Engine, Run};
use super::error::{Left, TuiError};
use super::input::{self, Input};
use super::jobs::PhotoDone;
use super::jobs::pool::Pool;
use super::keymap;
use super::model::SideId;
use super::probe::Questions;
use super::settings::Settings;
use super::signals::{self, SignalGuard};
use super::terminal::Screen;
use super::watchdog;
use clipscope_core::dataset::Dataset;
use clipscope_core::embedding::{Event, EventKind};

/// Frames that only show progress are at least this far apart; keys are answered at once.
const FRAME: Duration = Duration::from_millis(33);
/// The system's number for an input/output error.
const EIO: i32 = rustix::io::Errno::IO.raw_os_error();
/// Events taken in between two looks at the keyboard.
const BATCH: usize = 256;

/// Shows the dashboard until the user leaves it.
///
/// The terminal is given back on every way out. When the terminal itself goes away and the process is still there two
/// seconds later, it is ended: nobody could end it from the keyboard.
///
/// # Errors
/// When there is no terminal, or it cannot be written to.
pub fn run(dataset: Dataset, engine: Arc<dyn Engine>, settings: Settings) -> Result<Left, TuiError> {
    let screen = Screen::enter()?;
    let size = screen.size().unwrap_or(Size::ZERO);
    let mut app = App::new(dataset, engine.models(), settings.color, settings.images, size);
    app.take_settings(&settings);
    let mut session = Session::new(app, screen, engine);
    // The first frame does not wait for anything that is started below.
    session.draw()?;
    session.start(Questions::of(&settings))?;
    session.work()
}

struct Session {
    app: App,
    screen: Screen,
    engine: Arc<dyn Engine>,
    pool: Option<Pool>,
    /// The run of each side.
    runs: [Option<Box<dyn Run>>; SideId::ALL.len()],
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

/// Writes in the log what is worth a line.
fn note(woken: &Woken) {
    match woken {
        Woken::Input(Input::Action(action)) | Woken::Action(action) => match action {
            Action::Compared(done) => match &done.result {
                Ok(_) => tracing::debug!(version = done.version, took = ?done.took, "compared"),
                Err(reason) => tracing::warn!(version = done.version, reason, "not compared"),
            },
            Action::Photo(PhotoDone { key, result: Err(reason) }) => {
                tracing::warn!(photo = key.place, reason, "a photo cannot be shown");
            }
            Action::Exported(done) => tracing::info!(?done, "exported"),
            Action::Saved(done) => tracing::info!(?done, "saved"),
            Action::Background(color) => tracing::debug!(?color, "background of the terminal"),
            Action::Terminate(signal) => tracing::info!(signal, "asked to end"),
            Action::TerminalGone => tracing::info!("the terminal is gone"),
            Action::Resize { width, height } => tracing::debug!(width, height, "resized"),
            _ => {}
        },
        Woken::Input(Input::Key(key)) => tracing::trace!(?key, "key"),
        Woken::Event(_, None) => tracing::debug!("the embedding has ended"),
        Woken::Event(_, Some(event)) => match &event.kind {
            EventKind::Embedded { unit, cached, .. } => tracing::trace!(?unit, cached, "embedded"),
            EventKind::Skipped { unit, reason } => tracing::warn!(?unit, reason, "skipped"),
            EventKind::Notice(text) => tracing::warn!("{text}"),
            EventKind::Failed(reason) => tracing::error!(reason, "the embedding has failed"),
            EventKind::Finished { elapsed } => tracing::info!(?elapsed, "everything is embedded"),
        },
        Woken::Time => {}
    }
}

/// What the loop woke up for.
enum Woken {
    Input(Input),
    Action(Action),
    /// News from the embedding of a side, or its end.
    Event(SideId, Option<Event>),
    Time,
}

impl Session {
    fn new(app: App, screen: Screen, engine: Arc<dyn Engine>) -> Self {
        let now = Instant::now();
        Self {
            app,
            screen,
            engine,
            pool: None,
            runs: [None, None],
            signals: None,
            started: now,
            last_frame: now,
            inputs: unbounded(),
            actions: unbounded(),
            answer: false,
            on_duty: Arc::new(()),
        }
    }

    fn start(&mut self, questions: Questions) -> Result<(), TuiError> {
        self.signals = Some(SignalGuard::new(self.actions.0.clone())?);
        let tty = watchdog::open_tty().map_err(TuiError::NoTerminal)?;
        watchdog::start(tty, Arc::downgrade(&self.on_duty), self.actions.0.clone())?;
        input::start(questions, self.inputs.0.clone())?;
        self.pool = Some(Pool::new(&self.engine, &self.actions.0)?);
        let effects = self.app.start();
        // Starting cannot end the session.
        self.carry_out(effects).map(|_| ())
    }

    fn work(&mut self) -> Result<Left, TuiError> {
        loop {
            if let Some(left) = self.wait()? {
                return Ok(left);
            }
            if self.app.redraw && (self.answer || self.last_frame.elapsed() >= FRAME) {
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

    /// Waits for something to happen and takes in all that has; `Some` ends the session.
    fn wait(&mut self) -> Result<Option<Left>, TuiError> {
        let now = self.started.elapsed();
        let frame = self.app.redraw.then(|| FRAME.saturating_sub(self.last_frame.elapsed()));
        let deadline = self.app.deadline().map(|deadline| deadline.saturating_sub(now));
        let mut next = self.next([frame, deadline].into_iter().flatten().min());
        let mut taken = 0;
        while let Some(woken) = next {
            self.app.now = self.started.elapsed();
            // A window that is dragged to another size gives many of them: they wait for the next frame.
            let resized = matches!(woken, Woken::Input(Input::Action(Action::Resize { .. })));
            self.answer |= matches!(woken, Woken::Input(_)) && !resized;
            note(&woken);
            let effects = match woken {
                Woken::Input(Input::Key(key)) => match self.app.keys.command(self.app.mode(), key) {
                    Some(command) => update(&mut self.app, Action::Do(command)),
                    None => match keymap::typed(self.app.mode(), key) {
                        Some(text) => update(&mut self.app, Action::Type(text)),
                        None => Vec::new(),
                    },
                },
                Woken::Input(Input::Action(action)) | Woken::Action(action) => update(&mut self.app, action),
                Woken::Event(_, Some(event)) => update(&mut self.app, Action::Embedding(event)),
                Woken::Event(side, None) => {
                    self.runs[side as usize] = None;
                    update(&mut self.app, Action::RunEnded(side))
                }
                Woken::Time => update(&mut self.app, Action::Tick),
            };
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

    /// The next thing that happens, or `Time` after `timeout`.
    fn next(&self, timeout: Option<Duration>) -> Option<Woken> {
        let never = crossbeam_channel::never();
        let [first, second] = self.runs.each_ref().map(|run| run.as_ref().map_or(&never, |run| run.events()));
        let time = timeout.map_or_else(crossbeam_channel::never, crossbeam_channel::after);
        select! {
            recv(self.inputs.1) -> input => input.ok().map(Woken::Input),
            recv(self.actions.1) -> action => action.ok().map(Woken::Action),
            recv(first) -> event => Some(Woken::Event(SideId::First, event.ok())),
            recv(second) -> event => Some(Woken::Event(SideId::Second, event.ok())),
            recv(time) -> _ => Some(Woken::Time),
        }
    }

    /// What has happened already: keys first, then workers and signals, then news from the embedding.
    fn waiting(&self) -> Option<Woken> {
        if let Ok(input) = self.inputs.1.try_recv() {
            return Some(Woken::Input(input));
        }
        if let Ok(action) = self.actions.1.try_recv() {
            return Some(Woken::Action(action));
        }
        SideId::ALL.into_iter().find_map(|side| {
            match self.runs[side as usize].as_ref()?.events().try_recv() {
                Ok(event) => Some(Woken::Event(side, Some(event))),
                Err(TryRecvError::Disconnected) => Some(Woken::Event(side, None)),
                Err(TryRecvError::Empty) => None,
            }
        })
    }

    /// Ends the run of a side without waiting for what its workers have in hand.
    fn end_run(&mut self, side: SideId) {
        if let Some(run) = self.runs[side as usize].take() {
            let _ = std::thread::Builder::new().name("tui-end-run".into()).spawn(move || drop(run));
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Option<Left>, TuiError> {
        for effect in effects {
            match effect {
                Effect::Start { side, dataset, generation } => {
                    // The workers of the old run finish what they have in hand; nobody waits for them.
                    self.end_run(side);
                    self.runs[side as usize] = Some(self.engine.start(side, dataset, generation));
                }
                Effect::End(side) => self.end_run(side),
                Effect::Job(job) => {
                    if let Some(pool) = &self.pool {
                        pool.submit(job);
                    }
                }
                Effect::OpenModels(side) => {
                    let answer = match self.engine.open_next(side) {
                        Ok(models) => Action::ModelsOpened { side, models: Box::new(models) },
                        Err(reason) => Action::ModelsRefused { side, reason },
                    };
                    let effects = update(&mut self.app, answer);
                    if let Some(left) = self.carry_out(effects)? {
                        return Ok(Some(left));
                    }
                }
                Effect::Suspend { group } if group && !signals::can_stop() => {
                    let _ = update(&mut self.app, Action::CannotStop);
                }
                Effect::Suspend { group } => {
                    self.screen.pause()?;
                    signals::stop(group).map_err(TuiError::Terminal)?;
                    // The signal that continues the process re-enters.
                }
                // The next frame finds out about another size.
                Effect::Reenter => self.screen.resume()?,
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Leave(left) => return Ok(Some(left)),
            }
        }
        Ok(None)
    }

    fn draw(&mut self) -> Result<(), TuiError> {
        // The size may have changed since the last event told it.
        if let Ok(size) = self.screen.size()
            && size != self.app.size
        {
            let effects = update(&mut self.app, Action::Resize { width: size.width, height: size.height });
            self.carry_out(effects)?;
        }
        self.screen.draw(|frame| super::view::draw(&self.app, frame))?;
        self.app.redraw = false;
        self.answer = false;
        self.last_frame = Instant::now();
        Ok(())
    }
}
