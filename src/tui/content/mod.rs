//! The text of panels and pages, as styled lines.
//!
//! Views place the lines, and the state asks how far a text scrolls. Must not draw or change anything.

pub mod accuracy;
mod edit;
pub mod help;
pub mod lacks;
pub mod left_out;
pub mod models;
mod scroll;
pub mod share;
pub mod top_k;

pub use scroll::last_scroll;
