//! The two screens: the dashboard, which shows what the comparison says and fills while photos are still being embedded,
//! and that of an index.
//!
//! ```text
//! keys, mouse, signals, workers → Action → update → Effect → workers, terminal
//!                                            ↓
//!                                     view(&state) → frame
//! ```
//! - [`action`] everything that can happen; [`command`] what the user can ask for; [`keymap`] with which key, on which screen
//! - [`event_loop`] runs either screen: [`dashboard`], or [`browse`] for the photos of an index, in collections of any size
//! - [`model`] what is known: the data set, the model sets and their numbers, the grids
//! - [`app`] the state of the dashboard and the one function that changes it
//! - [`content`] what its panels of text say; [`view`] draws it; both read only
//! - [`effect`] what the state asks for; [`jobs`] work on other threads; [`engine`] the rest of the program
//! - [`layout`], [`grid_plan`] where things stand, for drawing and for the mouse
//!
//! The dashboard computes no number of its own: all come from [`clipscope_core::comparison`] and [`clipscope_analysis`]. Where one
//! character of the grid stands for many pairs it takes their mean, and the legend says so.

mod action;
mod app;
mod approach;
mod ascii;
mod awaited;
mod bindings;
pub mod browse;
mod command;
mod content;
mod dashboard;
mod decode;
mod effect;
pub(crate) mod engine;
mod error;
mod event_loop;
pub(crate) mod grid_plan;
mod input;
mod jobs;
pub mod key;
pub mod keymap;
mod layout;
pub(crate) mod model;
mod multiplexer;
mod notice;
mod palette;
mod photos;
mod probe;
pub(crate) mod scale;
mod sequence;
pub(crate) mod settings;
mod signals;
mod splits;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
mod view;
mod watchdog;

pub use action::Action;
pub use app::{App, update};
pub use approach::Approach;
pub use command::Command;
pub use dashboard::run;
pub use effect::{DashboardEffect, Effect};
pub use engine::{Engine, GridPicture, Run, TextVectors};
pub use error::{Left, TuiError};
pub use jobs::{Job, perform};
pub use palette::ThemeName;
pub use settings::{ColorMode, ImageMode, Settings, ThemeChoice};
