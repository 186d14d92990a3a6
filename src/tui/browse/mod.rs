//! The screen of an index: photo × photo similarity of a collection of any size, and its search.
//!
//! [`Browser`] is its state and the one function that changes it; [`commands`] answers the keys, [`view`] reads only, and
//! [`screen`] brings it to the terminal. Nothing here grows with the collection but one number a photo for the axes: names
//! are read from the mapped index when they are shown, and scores are asked of it for the visible cells only. Must not
//! compute a number: similarities and rankings are those of [`clipscope_core::index::Index`].

mod commands;
mod screen;
mod state;
pub mod view;

pub use screen::run;
pub use state::{Browser, Window};
