//! clipscope shows, on real photos and captions, what changed when CLIP arrived.
//!
//! The program: its command line and its dashboard. What they show is made by the crates below it, and an arrow points one
//! way only:
//!
//! ```text
//! dataset → networks → embedding → analysis → report
//!                                           ↘ tui
//! ```
//! - [`cli`] the command line
//! - [`tui`] the dashboard
//! - [`allocator`] where the program's memory comes from

#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod allocator;
pub mod cli;
pub mod tui;
