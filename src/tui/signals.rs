//! Signals as actions, and stopping like any program under a shell.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::Sender;
use ratatui::crossterm::terminal;
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};

use super::action::Action;
use super::error::TuiError;

/// Signals that ask the program to quit.
const ENDING: [i32; 3] = [SIGTERM, SIGHUP, SIGINT];

/// Turns signals into actions until it is dropped; after that they end the process as usual.
pub struct SignalGuard {
    handle: Handle,
}

impl SignalGuard {
    /// Starts listening.
    ///
    /// # Errors
    /// When the system refuses the handlers or the thread.
    pub fn new(actions: Sender<Action>) -> Result<Self, TuiError> {
        let mut signals = Signals::new(ENDING.iter().chain(&[SIGTSTP, SIGCONT, SIGWINCH]).copied())
            .map_err(TuiError::Worker)?;
        let handle = signals.handle();
        let listen = move || {
            for signal in signals.forever() {
                let action = match signal {
                    SIGTSTP => Action::Stop,
                    SIGCONT => Action::Continued,
                    SIGWINCH => match terminal::size() {
                        Ok((width, height)) => Action::Resize { width, height },
                        Err(_) => continue,
                    },
                    ending => Action::Terminate(ending),
                };
                if actions.send(action).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("tui-signals".into()).spawn(listen).map_err(TuiError::Worker)?;
        Ok(Self { handle })
    }
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        self.handle.close();
        // The handlers stay installed; without this, a second Ctrl-C during the clean-up would be lost.
        for signal in ENDING.into_iter().chain([SIGTSTP]) {
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::new(AtomicBool::new(true)));
        }
    }
}

/// Whether a shell could continue the process after it has stopped itself. Under job control a job has a process group of its
/// own; a process in the group of the session leader (`ssh host clipscope`) would stop forever.
pub fn can_stop() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops the process, and with `group` the rest of its job, until it is continued.
///
/// # Errors
/// When the system refuses.
pub fn stop(group: bool) -> io::Result<()> {
    if group {
        kill_current_process_group(Signal::STOP)?;
        Ok(())
    } else {
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)
    }
}
