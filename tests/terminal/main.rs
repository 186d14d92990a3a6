//! The real program in a real pseudo-terminal.

mod dashboard;
mod hostile;
mod index;
mod keys;
mod late;
mod models_page;
mod soak;
mod vectors;
