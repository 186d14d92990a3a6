//! The dashboard: one screen that shows what the comparison says, filling while photos are still being embedded.
//!
//! ```text
//! keys, mouse, signals, workers → Action → update(App) → Effect → workers, terminal
//!                                             ↓
//!                                       view(&App) → frame
//! ```
//! - [`action`] everything that can happen; [`command`] what the user can ask for; [`keymap`] with which key
//! - [`model`] what is known: the data set, the model sets and their numbers, the grids
//! - [`app`] the state and the one function that changes it; [`effect`] what it asks of the outside world
//! - [`content`] what the panels of text say; [`view`] draws everything; both read only
//! - [`jobs`] work on other threads; [`engine`] the rest of the program
//! - [`browse`] the screen of an index, for collections of any size
//! - [`layout`], [`grid_plan`] where things stand, for drawing and for the mouse
//!
//! The dashboard computes no number of its own: all come from [`clipscope_core::comparison`] and [`clipscope_analysis`]. Where one
//! character of the grid stands for many pairs it takes their mean, and the legend says so.

pub mod action;
pub mod app;
pub mod approach;
mod ascii;
pub mod browse;
pub mod command;
mod content;
mod effect;
pub mod engine;
pub mod error;
mod event_loop;
pub mod grid_plan;
mod input;
pub mod jobs;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod palette;
mod probe;
pub mod settings;
mod signals;
mod terminal;
pub mod text;
pub mod theme;
pub mod view;
mod watchdog;

pub use action::Action;
pub use app::{App, update};
pub use approach::Approach;
pub use command::Command;
pub use effect::Effect;
pub use engine::{Engine, GridPicture, Run, TextVectors};
pub use error::{Left, TuiError};
pub use event_loop::run;
pub use jobs::{Job, perform};
pub use palette::ThemeName;
pub use settings::{ColorMode, ImageMode, Settings, ThemeChoice};
