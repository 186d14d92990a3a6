//! Notices when the terminal is gone.
//!
//! Reading from a terminal that went away can end in a busy loop, and SIGHUP may be ignored or never arrive. So a thread asks
//! the system about the terminal itself. It takes no processor time while all is well.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Weak;
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::action::Action;
use super::error::TuiError;

/// A lost terminal is noticed at once if the system reports it, and within this time if it does not.
const INTERVAL: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// Time for the clean-up once the terminal is gone.
const GRACE: Duration = Duration::from_millis(800);

/// Opens the terminal that keys come from: standard input, or the controlling terminal if input is redirected.
///
/// # Errors
/// When there is none.
pub fn open_tty() -> io::Result<OwnedFd> {
    let stdin = rustix::stdio::stdin();
    if rustix::termios::isatty(stdin) {
        stdin.try_clone_to_owned()
    } else {
        Ok(File::options().read(true).write(true).open("/dev/tty")?.into())
    }
}

/// Watches `tty` for as long as `session` is alive, and reports when it goes away. A process that is still there after the time
/// for the clean-up is ended with the status of SIGHUP, since nobody can end it from the keyboard any more.
///
/// # Errors
/// When no thread can be started.
pub fn start(tty: OwnedFd, session: Weak<()>, actions: Sender<Action>) -> Result<(), TuiError> {
    let watch = move || {
        while !is_gone(&tty) {
            if session.strong_count() == 0 {
                return;
            }
        }
        let _ = actions.send(Action::TerminalGone);
        std::thread::sleep(GRACE);
        if session.strong_count() > 0 {
            std::process::exit(129);
        }
    };
    std::thread::Builder::new().name("tui-watchdog".into()).spawn(watch).map_err(TuiError::Worker)?;
    Ok(())
}

/// Waits for an interval or until the terminal goes away. Returns whether it has gone.
fn is_gone(tty: &OwnedFd) -> bool {
    // No event is asked for: hang-ups and errors are always reported.
    let mut fds = [PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::empty())];
    match poll(&mut fds, Some(&INTERVAL)) {
        Ok(0) => rustix::termios::tcgetattr(tty).is_err_and(|error| error == rustix::io::Errno::IO),
        Ok(_) => true,
        Err(error) => error != rustix::io::Errno::INTR && error != rustix::io::Errno::AGAIN,
    }
}
