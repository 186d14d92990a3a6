//! The numbers of a finished run as text, JSON, CSV, Markdown and heat maps.
//!
//! Owns the stable format of `eval --format json` and the other forms of the same numbers. Must not compute any: they come
//! from [`crate::comparison`].

mod contents;
mod csv;
mod display;
mod formats;
mod markdown;
mod missing;
mod number_list;
pub mod plots;
mod rows;
mod text;

pub use contents::{Approaches, PhotoNote, Report, RunNotes, Timing};
