//! The numbers of a finished run as text, JSON, CSV, Markdown, LaTeX and heat maps.
//!
//! Owns the stable format of `eval --format json` and the other forms of the same numbers. Must not compute any: they come
//! from [`crate::comparison`].

mod against;
mod contents;
mod csv;
mod display;
mod formats;
mod latex;
mod markdown;
mod missing;
mod number_list;
mod number_paths;
pub mod plots;
mod rows;
mod text;

pub use against::{OldReport, OldReportError};
pub use contents::{Approaches, PhotoNote, Report, RunNotes, Timing};
pub use formats::CsvTables;
pub use number_paths::{Bound, NumberCheck, NumberPathError};
