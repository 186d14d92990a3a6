//! Weights: where they are, how they are read, and how they get into an imported graph.

#[allow(unsafe_code)]
mod burnpack;
mod checkpoint;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hub_caches;
mod load;
mod pickle;
mod store;
mod weight_map;

pub(crate) use load::{Weights, check_files};
pub use store::ModelStore;
