//! Why the dashboard could not start or go on.

/// The dashboard ended other than by the user's wish. The terminal is restored by then.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// There is no terminal to draw on.
    #[error("the dashboard needs a terminal: {0}; use `clipscope eval` for a report without one")]
    NoTerminal(std::io::Error),
    /// The terminal refused a frame or a change of mode.
    #[error("the terminal cannot be written to: {0}; run `reset` if it looks odd, or use `clipscope eval`")]
    Terminal(#[from] std::io::Error),
    /// The system gives no further thread.
    #[error("the dashboard cannot start a worker: {0}; close other programs or use `clipscope eval`")]
    Worker(std::io::Error),
}

/// How the dashboard was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The user asked for it.
    Quit,
    /// A signal asked for it: its number.
    Signal(i32),
    /// The terminal went away, as when a connection drops.
    TerminalGone,
}

impl Left {
    /// The exit code a shell expects: 0, or 128 and the number of the signal (a lost terminal counts as SIGHUP).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
            Self::TerminalGone => 129,
        }
    }
}
