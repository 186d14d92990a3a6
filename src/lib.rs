//! clipscope shows, on real photos and captions, what changed when CLIP arrived.
//!
//! The rooms follow the data, and an arrow points one way only:
//!
//! ```text
//! dataset → models → embedding → analysis → report
//!                                         ↘ tui
//! ```
//!
//! - [`dataset`] what is compared: manifests, scanning, validation
//! - [`models`] how a photo or a caption becomes a vector
//! - [`embedding`] the workers, their events, the cache
//! - [`index`] the vectors of a large collection on disk, kept up to date and searched
//! - [`analysis`] numbers only; knows no files, no networks and no terminal
//! - [`shards`] vectors in Parquet, parts of a data set and the whole
//! - [`engine`] vectors in an engine that spans machines
//! - [`comparison`] joins the four for whoever shows the numbers
//! - [`report`] the numbers as text, JSON and pictures
//! - [`tui`] the dashboard
//! - [`cli`] the command line

#![recursion_limit = "256"]
#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod allocator;
pub mod analysis;
pub mod cli;
pub mod comparison;
pub mod dataset;
pub mod display_safe;
pub mod embedding;
pub mod engine;
pub mod index;
pub mod models;
mod priority;
pub mod report;
pub mod shards;
pub mod tui;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;
