//! An index as a screen: its state, and the worker that ranks its photos.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use ratatui::Frame;
use ratatui::layout::Size;

use super::state::Browser;
use super::view;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::engine::Engine;
use crate::tui::error::{Left, TuiError};
use crate::tui::event_loop::{self, Screen};
use crate::tui::jobs::RankQuery;
use crate::tui::jobs::rank::Ranker;
use crate::tui::jobs::worker::Worker;
use crate::tui::keymap::{Keymap, Mode};
use crate::tui::probe::Questions;
use crate::tui::settings::Settings;
use crate::tui::terminal::TerminalGuard;
use crate::tui::theme::Theme;
use clipscope_core::index::Index;

/// Shows an index until the user leaves it. The terminal is given back on every way out.
///
/// # Errors
/// When there is no terminal, or it cannot be written to.
pub fn run(index: Arc<Index>, engine: Arc<dyn Engine>, settings: &Settings) -> Result<Left, TuiError> {
    let terminal = TerminalGuard::enter()?;
    let size = terminal.size().unwrap_or(Size::ZERO);
    let info = engine.models();
    let models = format!("{} · {}", info.set.name(), info.device.name());
    let color = settings.color.resolve(|name| std::env::var(name).ok());
    let mut browser = Browser::new(index, models, info.stand_in, Theme::new(color), settings.images, size);
    browser.take_settings(settings);
    let screen = IndexScreen { browser, engine: Arc::clone(&engine), ranking: None };
    event_loop::run(screen, terminal, &engine, Questions::of(settings))
}

struct IndexScreen {
    browser: Browser,
    engine: Arc<dyn Engine>,
    ranking: Option<Worker<RankQuery>>,
}

impl Screen for IndexScreen {
    type Own = RankQuery;

    fn keys(&self) -> &Keymap {
        &self.browser.keys
    }

    fn mode(&self) -> Mode {
        self.browser.mode()
    }

    fn size(&self) -> Size {
        self.browser.size
    }

    fn deadline(&self) -> Option<Duration> {
        self.browser.deadline()
    }

    fn redraw(&mut self) -> &mut bool {
        &mut self.browser.redraw
    }

    fn set_now(&mut self, now: Duration) {
        self.browser.now = now;
    }

    fn start(&mut self, answers: &Sender<Action>) -> Result<Vec<Effect<RankQuery>>, TuiError> {
        let (index, engine) = (Arc::clone(&self.browser.index), Arc::clone(&self.engine));
        let answers = answers.clone();
        let rank = move || {
            // Here, since opening the graph of a large index takes a while.
            let ranker = Ranker::open(index, engine);
            move |query| {
                // A screen that is gone wants no answer.
                let _ = answers.send(Action::Ranked(ranker.rank(query)));
            }
        };
        self.ranking = Some(Worker::start("tui-rank", rank)?);
        Ok(self.browser.start())
    }

    fn update(&mut self, action: Action) -> Vec<Effect<RankQuery>> {
        self.browser.update(action)
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        view::render(&self.browser, frame.buffer_mut());
    }

    fn carry_out(&mut self, query: RankQuery) -> Option<Action> {
        if let Some(ranking) = &self.ranking {
            ranking.submit(query);
        }
        None
    }
}
