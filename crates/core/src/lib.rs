//! From a data set to a report.
//!
//! ```text
//! dataset → networks → embedding → analysis → comparison → report
//!                          ↘ index, shards → engine
//! ```
//! - [`dataset`] what is compared: manifests, scanning, validation
//! - [`embedding`] the workers, their events, the cache
//! - [`index`] the vectors of a large collection on disk, kept up to date and searched
//! - [`shards`] vectors in Parquet, parts of a data set and the whole
//! - [`engine`] vectors in an engine that spans machines
//! - [`comparison`] joins the data set, the vectors and the numbers for whoever shows them
//! - [`report`] the numbers as text, JSON, CSV, Markdown and pictures
//!
//! Must not know: the command line or a terminal.

#![deny(unsafe_code)]

pub mod comparison;
pub mod dataset;
pub mod embedding;
pub mod engine;
pub mod index;
pub mod report;
pub mod shards;
