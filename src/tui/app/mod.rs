//! The state of the dashboard.
//!
//! Owns everything that is on screen and what changes it: [`update`] is the only function that takes an
//! [`Action`](super::Action), and views only read. What needs time or the outside world leaves as an
//! [`Effect`](super::Effect). Must not draw, read files, compute a metric or look at a clock: [`App::now`] is set by the
//! event loop before each update.
//!
//! [`state`] and [`overlay`] are the data; every other file is one part of [`update`].

mod axes;
mod edit;
mod edits;
mod export;
mod grids;
mod lists;
mod mistakes;
mod models_page;
mod moves;
mod overlay;
mod photos;
mod phrase;
mod save;
mod settle;
mod sides;
mod state;
mod update;

pub use overlay::{Edit, Overlay, Page};
pub use photos::PhotoFrame;
pub use state::App;
pub use update::update;
