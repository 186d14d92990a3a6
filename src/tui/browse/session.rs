//! The loop between the terminal, the screen of an index and its workers.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use ratatui::layout::Size;

use super::{Ask, Browser, RANKED, Ranked, Wanted, view};
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::error::{Left, TuiError};
use crate::tui::input::{self, Input};
use crate::tui::jobs::{Job, PhotoJob, perform};
use crate::tui::probe::Questions;
use crate::tui::settings::Settings;
use crate::tui::signals::{self, SignalGuard};
use crate::tui::terminal::Screen;
use crate::tui::theme::Theme;
use crate::tui::{keymap, watchdog};
use clipscope_analysis::Vectors;
use clipscope_base::display_safe::display_safe;
use clipscope_core::index::{Finder, Index};
use clipscope_networks::Role;

/// What the workers and the terminal have to say.
enum News {
    Input(Input),
    Action(Action),
    Ranked(Ranked),
}

/// Shows an index until the user leaves it. The terminal is given back on every way out.
///
/// # Errors
/// When there is no terminal, or it cannot be written to.
pub fn run(index: Arc<Index>, engine: Arc<dyn Engine>, settings: &Settings) -> Result<Left, TuiError> {
    let environment = |name: &str| std::env::var(name).ok();
    let mut theme = Theme::new(settings.color.resolve(environment));
    theme.name = settings.theme.fixed().unwrap_or_default();
    theme.ascii = settings.ascii;
    theme.scale = settings.scale;
    let mut screen = Screen::enter()?;
    let info = engine.models();
    let models = format!("{} · {}", info.set.name(), info.device.name());
    let size = screen.size().unwrap_or(Size::ZERO);
    let mut browser = Browser::new(Arc::clone(&index), models, info.stand_in, theme, settings.images, size);
    browser.keys = settings.keys.clone();
    browser.theme_follows = settings.theme.fixed().is_none();
    let (actions, actions_in) = unbounded();
    let (inputs, inputs_in) = unbounded();
    let on_duty = Arc::new(());
    let _signals = SignalGuard::new(actions.clone())?;
    let tty = watchdog::open_tty().map_err(TuiError::NoTerminal)?;
    watchdog::start(tty, Arc::downgrade(&on_duty), actions.clone())?;
    input::start(Questions::of(settings), inputs)?;
    let (ranked, ranked_in) = unbounded();
    let engine_of_photos = Arc::clone(&engine);
    let photos = worker("tui-photo", move |job: PhotoJob| {
        let _ = actions.send(perform(engine_of_photos.as_ref(), Job::Photo(job)));
    })?;
    let mut finder = None;
    let queries = worker("tui-search", move |query: Wanted| {
        // Here, since opening the graph of a large index takes a while.
        let finder = finder.get_or_insert_with(|| Finder::for_many(Arc::clone(&index)));
        let result = rank(finder, engine.as_ref(), &query).map_err(|error| display_safe(&error).into_owned());
        let _ = ranked.send(Ranked { query, result, recall: finder.recall() });
    })?;
    let workers = Workers { photos, queries };

    let asks = browser.update(Action::Resize { width: size.width, height: size.height });
    if let Some(left) = carry_out(asks, &workers, &mut screen, &mut browser)? {
        return Ok(left);
    }
    loop {
        if browser.redraw {
            screen.draw(|frame| view::render(&browser, frame.buffer_mut()))?;
            browser.redraw = false;
        }
        let Some(news) = next(&inputs_in, &actions_in, &ranked_in) else { return Ok(Left::Quit) };
        let asks = match news {
            News::Input(Input::Key(key)) => match browser.keys.command(browser.mode(), key) {
                Some(command) => browser.update(Action::Do(command)),
                None => match keymap::typed(browser.mode(), key) {
                    Some(text) => browser.update(Action::Type(text)),
                    None => Vec::new(),
                },
            },
            News::Input(Input::Action(action)) | News::Action(action) => browser.update(action),
            News::Ranked(ranked) => browser.ranked(ranked),
        };
        if let Some(left) = carry_out(asks, &workers, &mut screen, &mut browser)? {
            return Ok(left);
        }
    }
}

fn next(inputs: &Receiver<Input>, actions: &Receiver<Action>, ranked: &Receiver<Ranked>) -> Option<News> {
    select! {
        recv(inputs) -> input => input.ok().map(News::Input),
        recv(actions) -> action => action.ok().map(News::Action),
        recv(ranked) -> ranked => ranked.ok().map(News::Ranked),
    }
}

struct Workers {
    photos: Sender<PhotoJob>,
    queries: Sender<Wanted>,
}

fn carry_out(
    asks: Vec<Ask>,
    workers: &Workers,
    screen: &mut Screen,
    browser: &mut Browser,
) -> Result<Option<Left>, TuiError> {
    for ask in asks {
        match ask {
            Ask::Phrase(phrase) => {
                let _ = workers.queries.send(Wanted::Phrase(phrase));
            }
            Ask::Near(place) => {
                let _ = workers.queries.send(Wanted::Near(place));
            }
            Ask::Photo(job) => {
                let _ = workers.photos.send(job);
            }
            Ask::Suspend { group } if group && !signals::can_stop() => {
                drop(browser.update(Action::CannotStop))
            }
            Ask::Suspend { group } => {
                screen.pause()?;
                signals::stop(group).map_err(TuiError::Terminal)?;
            }
            Ask::Reenter => {
                screen.resume()?;
                browser.size = screen.size().unwrap_or(browser.size);
            }
            Ask::Leave(left) => return Ok(Some(left)),
        }
    }
    Ok(None)
}

/// A thread that does the newest of what it is asked for; what waits behind a newer one is passed over.
fn worker<T: Send + 'static>(
    name: &str,
    mut work: impl FnMut(T) + Send + 'static,
) -> Result<Sender<T>, TuiError> {
    let (sender, orders) = unbounded();
    let live = move || {
        while let Ok(first) = orders.recv() {
            // Keys that repeat come faster than a scan ends.
            std::thread::sleep(Duration::from_millis(15));
            work(orders.try_iter().last().unwrap_or(first));
        }
    };
    std::thread::Builder::new().name(name.into()).spawn(live).map_err(TuiError::Worker)?;
    Ok(sender)
}

/// The best photos for a query. The scores are the index's.
fn rank(
    finder: &Finder,
    engine: &dyn Engine,
    query: &Wanted,
) -> Result<Vec<clipscope_analysis::nearest::Hit>, String> {
    let vector = match query {
        Wanted::Phrase(phrase) => {
            let vectors = engine.embed_caption(phrase)?;
            let found = vectors.into_iter().find(|(role, _)| *role == Role::ClipText);
            let (_, vector) = found.ok_or("the models have no text tower of a shared space")?;
            let unit = Vectors::from_rows(vector.len(), [&*vector]).map_err(|error| error.to_string())?;
            unit.as_slice().to_vec()
        }
        Wanted::Near(place) => {
            let row = finder.index().vector(*place).ok_or("its vector is damaged; run clipscope index")?;
            clipscope_analysis::nearest::from_half(row)
        }
    };
    finder.search(&vector, RANKED, f32::NEG_INFINITY).map_err(|error| error.to_string())
}
