//! Fetches a model set on a thread of its own, and tells how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::guarded::guarded;
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::model::FetchNews;
use clipscope_base::priority::{self, Priority};

/// News that differ only in their count of bytes are told at most this often.
const TOLD: Duration = Duration::from_millis(100);

/// A fetch that runs. When this is dropped it stops, and nobody waits for that.
pub struct FetchThread {
    stop: Arc<AtomicBool>,
}

impl FetchThread {
    /// Starts fetching. The news, and the outcome at the end, go to `answers` with `number`.
    pub fn start(engine: Arc<dyn Engine>, set: String, number: u64, answers: Sender<Action>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, refused) = (Arc::clone(&stop), answers.clone());
        let work = move || {
            priority::lower(Priority::Numbers);
            let mut told: Option<(Instant, FetchNews)> = None;
            let mut tell = |news: FetchNews| {
                let repeats = told.as_ref().is_some_and(|(at, before)| {
                    at.elapsed() < TOLD && (&before.stage, before.total) == (&news.stage, news.total)
                });
                if !repeats {
                    told = Some((Instant::now(), news.clone()));
                    // A screen that is gone wants no news.
                    let _ = answers.send(Action::Fetching { number, news });
                }
            };
            let result = guarded(|| engine.fetch(&set, &mut tell, &stopped));
            let _ = answers.send(Action::Fetched { number, result });
        };
        if let Err(error) = std::thread::Builder::new().name("tui-fetch".into()).spawn(work) {
            let result = Err(format!("the system gives no thread to fetch with: {error}"));
            let _ = refused.send(Action::Fetched { number, result });
        }
        Self { stop }
    }
}

impl Drop for FetchThread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
