//! Weights: where they are, how they are read, and how they get into an imported graph.
//!
//! [`inspect`] looks at a checkpoint of the user's, [`CheckpointSummary::network`] makes a network of it, and
//! [`Catalog::add_local`](crate::Catalog::add_local) makes that known. Published weights come through the model cards.

#[allow(unsafe_code)]
mod burnpack;
mod checkpoint;
mod family;
mod folder;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hub_caches;
mod inspect;
mod layout;
mod load;
mod other;
mod pickle;
mod read_error;
mod refusal;
mod settings;
mod store;
mod summary;
mod view;
mod weight_map;

pub use family::{Activation, Family};
pub use inspect::inspect;
pub use layout::Layout;
pub(crate) use load::{Weights, check_files};
pub use refusal::{CheckpointError, Refusal};
pub use store::ModelStore;
pub use summary::{CheckpointSummary, LocalFile, LocalNetwork};
