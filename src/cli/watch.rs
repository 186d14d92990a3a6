//! What `clipscope index --watch` waits for: changes in a folder, and the request to stop.
//!
//! Owns the quiet time after a change, and the signals while watching. Must not look at photos: the update finds out what
//! has changed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::failure::Failure;
use clipscope_base::display_safe::display_path;

/// Changes come in bursts: an update starts once the folder has been quiet for this long,
const QUIET: Duration = Duration::from_millis(500);
/// or this long after the first change.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A failed update is retried after this long, whether or not the folder changes.
const RETRY: Duration = Duration::from_secs(10);

/// Watches a folder and the signals.
pub(super) struct Watch {
    /// Receives a unit when something has happened; one that waits stands for all.
    news: mpsc::Receiver<()>,
    /// The exit code once the process was asked to stop; 0 until then.
    ended: Arc<AtomicU8>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    /// Watches everything below `root` except the index.
    pub(super) fn start(root: &Path, index: &Path) -> Result<Self, Failure> {
        let fail = |error: &dyn std::fmt::Display| {
            Failure::input(format!("cannot watch {}: {error}; run without --watch", display_path(root)))
        };
        let (sender, news) = mpsc::sync_channel(1);
        let ended = Arc::new(AtomicU8::new(0));
        listen(sender.clone(), Arc::clone(&ended)).map_err(|error| fail(&error))?;
        // The index changes with every update, and may lie below the root. It is created now so that its path is known.
        std::fs::create_dir_all(index).map_err(|error| fail(&error))?;
        let index = index.canonicalize().unwrap_or_else(|_| index.to_owned());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let own = |event: &notify::Event| {
                event.kind.is_access() || event.paths.iter().all(|path| path.starts_with(&index))
            };
            // After an error a change may have been missed: look again.
            if event.is_err() || event.is_ok_and(|event| event.need_rescan() || !own(&event)) {
                let _ = sender.try_send(());
            }
        })
        .map_err(|error| fail(&error))?;
        watcher.watch(root, RecursiveMode::Recursive).map_err(|error| fail(&error))?;
        Ok(Self { news, ended, _watcher: watcher })
    }

    /// Waits for a change and the quiet after it, or for the retry when the last update `failed`; false once the process was
    /// asked to stop.
    pub(super) fn wait(&self, failed: bool) -> bool {
        let mut open = match failed {
            true => self.news.recv_timeout(RETRY) != Err(RecvTimeoutError::Disconnected),
            false => self.news.recv().is_ok(),
        };
        let first = Instant::now();
        while open && self.ended().is_none() && first.elapsed() < LONGEST_WAIT {
            match self.news.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
        }
        open && self.ended().is_none()
    }

    /// The exit code once a signal has asked the process to stop: 128 plus its number.
    pub(super) fn ended(&self) -> Option<u8> {
        Some(self.ended.load(Ordering::SeqCst)).filter(|&code| code > 0)
    }
}

/// Reports the first signal that asks the process to stop; a second one ends it at once.
fn listen(sender: SyncSender<()>, ended: Arc<AtomicU8>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let listen = move || {
        for signal in signals.forever() {
            let code = u8::try_from(128 + signal).unwrap_or(u8::MAX);
            if ended.swap(code, Ordering::SeqCst) > 0 {
                let _ = emulate_default_handler(signal);
            }
            let _ = sender.try_send(());
        }
    };
    std::thread::Builder::new().name("watch-signals".into()).spawn(listen)?;
    Ok(())
}
