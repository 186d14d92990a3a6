//! The real program in a real pseudo-terminal.

mod dashboard;
mod hostile;
mod keys;
mod soak;
