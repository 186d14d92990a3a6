//! What the panels and pages of text say, as lines.
//!
//! Read by the views, which place them, and by the state, which asks how far a text scrolls. Must not draw or change
//! anything.

pub mod accuracy;
mod edit;
pub mod help;
pub mod left_out;
mod scroll;
pub mod share;
pub mod top_k;

pub use scroll::last_scroll;
