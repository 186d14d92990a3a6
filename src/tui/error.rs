//! Why a screen could not open or go on, and how it was left.

/// A screen ended on an error. The terminal is restored by then.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// There is no terminal to draw on.
    #[error("the dashboard needs a terminal: {0}; use `clipscope eval` for a report without one")]
    NoTerminal(std::io::Error),
    /// The terminal refused a frame or a mode.
    #[error("cannot write to the terminal: {0}; run `reset` if it looks odd, or use `clipscope eval`")]
    Terminal(#[from] std::io::Error),
    /// No thread can be started.
    #[error("cannot start a worker thread: {0}; close other programs, or use `clipscope eval`")]
    Worker(std::io::Error),
}

/// How a screen was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// By a command of the user.
    Quit,
    /// By a signal: its number.
    Signal(i32),
    /// Because the terminal went away, as when a connection drops.
    TerminalGone,
}

impl Left {
    /// The exit code a shell expects: 0, or 128 plus the number of the signal (a lost terminal counts as SIGHUP).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
            Self::TerminalGone => 129,
        }
    }
}
