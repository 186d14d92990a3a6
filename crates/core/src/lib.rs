//! From a data set to a report.
//!
//! ```text
//! dataset → networks → embedding → analysis → comparison → report
//!                ↗         ↘ index, shards → qdrant
//!     vector_files
//! ```
//! - [`dataset`] photos and captions: manifests, scanning, validation
//! - [`embedding`] worker threads, their events, the cache of vectors
//! - [`index`] the vectors of a large collection on disk, kept up to date and searched
//! - [`shards`] vectors in Parquet files, whole data sets or parts
//! - [`vector_files`] the vectors of any model, from files, in place of networks
//! - [`qdrant`] vectors in a vector engine that spans machines
//! - [`comparison`] joins data set, vectors and numbers for reports and the dashboard
//! - [`report`] the numbers as text, JSON, CSV, Markdown and pictures
//!
//! Must not know: the command line or a terminal.

#![deny(unsafe_code)]

pub mod comparison;
pub mod dataset;
pub mod embedding;
pub mod index;
pub mod qdrant;
pub mod report;
pub mod shards;
pub mod vector_files;
