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
use super::jobs::fetch::FetchThread;
use super::keymap::{Keymap, Mode};
use super::model::SideId;
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
    let dashboard =
        Dashboard { app, engine: Arc::clone(&engine), runs: [None, None], answers: None, fetch: None };
    event_loop::run(dashboard, terminal, &engine, Questions::of(&settings))
}

struct Dashboard {
    app: App,
    engine: Arc<dyn Engine>,
    /// The run of each side.
    runs: [Option<Box<dyn Run>>; SideId::ALL.len()],
    /// Where the news of a fetch go.
    answers: Option<Sender<Action>>,
    fetch: Option<FetchThread>,
}

impl Dashboard {
    /// Ends the run of a side without waiting for what its workers have in hand.
    fn end(&mut self, side: SideId) {
        if let Some(run) = self.runs[side as usize].take() {
            let _ = std::thread::Builder::new().name("tui-end-run".into()).spawn(move || drop(run));
        }
    }

    /// The next event of a side's run; its end, where it has ended without a last one.
    fn next_event(&mut self, side: SideId) -> Option<Action> {
        let run = &mut self.runs[side as usize];
        match run.as_ref()?.events().try_recv() {
            Ok(event) => Some(Action::Embedding(event)),
            Err(TryRecvError::Disconnected) => {
                *run = None;
                Some(Action::RunEnded(side))
            }
            Err(TryRecvError::Empty) => None,
        }
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

    fn start(&mut self, answers: &Sender<Action>) -> Result<Vec<Effect>, TuiError> {
        self.answers = Some(answers.clone());
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
            DashboardEffect::OpenModels { side, set } => {
                let opened = match set {
                    Some(set) => self.engine.open(&set, side),
                    None => self.engine.open_next(side),
                };
                Some(match opened {
                    Ok(models) => Action::ModelsOpened { side, models: Box::new(models) },
                    Err(reason) => Action::ModelsRefused { side, reason },
                })
            }
            DashboardEffect::Fetch { set, number } => {
                let engine = Arc::clone(&self.engine);
                self.fetch =
                    self.answers.clone().map(|answers| FetchThread::start(engine, set, number, answers));
                None
            }
            DashboardEffect::StopFetch => {
                self.fetch = None;
                None
            }
            DashboardEffect::Start { side, dataset, generation } => {
                self.end(side);
                self.runs[side as usize] = Some(self.engine.start(side, dataset, generation));
                None
            }
            DashboardEffect::End(side) => {
                self.end(side);
                None
            }
        }
    }

    fn wait_for<'a>(&'a self, select: &mut Select<'a>) {
        for run in self.runs.iter().flatten() {
            select.recv::<Event>(run.events());
        }
    }

    fn news(&mut self) -> Option<Action> {
        SideId::ALL.into_iter().find_map(|side| self.next_event(side))
    }
}
