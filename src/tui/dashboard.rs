//! The dashboard as a screen: its state, and the runs that embed for it.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Select, Sender, TryRecvError};
use ratatui::Frame;
use ratatui::layout::Size;

use super::action::Action;
use super::app::{App, update};
use super::effect::{DashboardEffect, Effect};
use super::engine::{Engine, Run};
use super::error::{Left, TuiError};
use super::event_loop::{self, Screen};
use super::keymap::{Keymap, Mode};
use super::probe::Questions;
use super::settings::Settings;
use super::terminal::TerminalGuard;
use super::view;
use clipscope_core::dataset::Dataset;
use clipscope_core::embedding::Event;

/// Shows the dashboard until the user leaves it. The terminal is given back on every way out.
///
/// # Errors
/// When there is no terminal, or it cannot be written to.
pub fn run(dataset: Dataset, engine: Arc<dyn Engine>, settings: Settings) -> Result<Left, TuiError> {
    let terminal = TerminalGuard::enter()?;
    let size = terminal.size().unwrap_or(Size::ZERO);
    let mut app = App::new(dataset, engine.models(), settings.color, settings.images, size);
    app.take_settings(&settings);
    let dashboard = Dashboard { app, engine: Arc::clone(&engine), run: None, second: None };
    event_loop::run(dashboard, terminal, &engine, Questions::of(&settings))
}

struct Dashboard {
    app: App,
    engine: Arc<dyn Engine>,
    run: Option<Box<dyn Run>>,
    /// The run of the second model set.
    second: Option<Box<dyn Run>>,
}

/// Ends a run without waiting for what its workers have in hand.
fn end(run: Option<Box<dyn Run>>) {
    if let Some(run) = run {
        let _ = std::thread::Builder::new().name("tui-end-run".into()).spawn(move || drop(run));
    }
}

/// The next event of a run, or `ended` where it has ended without a last one.
fn next(run: &mut Option<Box<dyn Run>>, ended: Action) -> Option<Action> {
    match run.as_ref()?.events().try_recv() {
        Ok(event) => Some(Action::Embedding(event)),
        Err(TryRecvError::Disconnected) => {
            *run = None;
            Some(ended)
        }
        Err(TryRecvError::Empty) => None,
    }
}

impl Screen for Dashboard {
    type Own = DashboardEffect;

    fn keys(&self) -> &Keymap {
        &self.app.keys
    }

    fn mode(&self) -> Mode {
        self.app.mode()
    }

    fn size(&self) -> Size {
        self.app.size
    }

    fn deadline(&self) -> Option<Duration> {
        self.app.deadline()
    }

    fn redraw(&mut self) -> &mut bool {
        &mut self.app.redraw
    }

    fn set_now(&mut self, now: Duration) {
        self.app.now = now;
    }

    fn start(&mut self, _answers: &Sender<Action>) -> Result<Vec<Effect>, TuiError> {
        Ok(self.app.start())
    }

    fn update(&mut self, action: Action) -> Vec<Effect> {
        update(&mut self.app, action)
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        view::draw(&self.app, frame);
    }

    fn carry_out(&mut self, own: DashboardEffect) -> Option<Action> {
        match own {
            DashboardEffect::Start { dataset, generation } => {
                self.run = Some(self.engine.start(dataset, generation));
                None
            }
            DashboardEffect::NextModels => Some(match self.engine.next_models() {
                Ok(models) => {
                    // Its workers use the old models. They finish what they have in hand; nobody waits for them.
                    end(self.run.take());
                    Action::ModelsChanged(Box::new(models))
                }
                Err(reason) => Action::ModelsStay(reason),
            }),
            DashboardEffect::StartSecond { dataset, generation } => {
                end(self.second.take());
                Some(match self.engine.start_second(dataset, generation) {
                    Ok((models, run)) => {
                        self.second = Some(run);
                        Action::SecondStarted(Box::new(models))
                    }
                    Err(reason) => Action::SecondRefused(reason),
                })
            }
            DashboardEffect::EndSecond => {
                end(self.second.take());
                None
            }
        }
    }

    fn wait_for<'a>(&'a self, select: &mut Select<'a>) {
        for run in [&self.run, &self.second].into_iter().flatten() {
            select.recv::<Event>(run.events());
        }
    }

    fn news(&mut self) -> Option<Action> {
        next(&mut self.run, Action::RunEnded).or_else(|| next(&mut self.second, Action::SecondEnded))
    }
}
