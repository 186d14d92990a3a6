//! What `clipscope index --watch` waits for: changes below a folder, and the wish to end.
//!
//! Owns the quiet time after a change, and the signals from then on. Must not look at photos: what has changed is for the
//! update to find.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::Failure;
use clipscope_base::display_safe::display_path;

/// A change is followed by others: nothing is done before the folder has been quiet for so long…
const QUIET: Duration = Duration::from_millis(500);
/// … or so much time has gone by since the first one.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// An update that failed is tried again after so long, whatever happens in the folder meanwhile.
const RETRY: Duration = Duration::from_secs(10);

/// News of a folder and of the user.
pub(super) struct Watch {
    /// Says that there is news. One that waits stands for all.
    news: mpsc::Receiver<()>,
    /// The exit code once the process is asked to end; 0 until then.
    ended: Arc<AtomicU8>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    /// Watches all below `root` but the index.
    pub(super) fn start(root: &Path, index: &Path) -> Result<Self, Failure> {
        let fail = |error: &dyn std::fmt::Display| {
            Failure::input(format!("cannot watch {}: {error}; run without --watch", display_path(root)))
        };
        let (sender, news) = mpsc::sync_channel(1);
        let ended = Arc::new(AtomicU8::new(0));
        listen(sender.clone(), Arc::clone(&ended)).map_err(|error| fail(&error))?;
        // The index changes with every update, and may lie below the root. It is made now, so that its path can be told.
        std::fs::create_dir_all(index).map_err(|error| fail(&error))?;
        let index = index.canonicalize().unwrap_or_else(|_| index.to_owned());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let own = |event: &notify::Event| {
                event.kind.is_access() || event.paths.iter().all(|path| path.starts_with(&index))
            };
            // After an error something may have been missed: look again.
            if event.is_err() || event.is_ok_and(|event| event.need_rescan() || !own(&event)) {
                let _ = sender.try_send(());
            }
        })
        .map_err(|error| fail(&error))?;
        watcher.watch(root, RecursiveMode::Recursive).map_err(|error| fail(&error))?;
        Ok(Self { news, ended, _watcher: watcher })
    }

    /// Waits for a change and for the quiet after it, or only for a while when the last update `failed`; false once the
    /// process is asked to end.
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

    /// The exit code once a signal has asked the process to end: 128 and its number.
    pub(super) fn ended(&self) -> Option<u8> {
        Some(self.ended.load(Ordering::SeqCst)).filter(|&code| code > 0)
    }
}

/// Turns the first signal that asks the process to end into news; the second ends it at once.
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
