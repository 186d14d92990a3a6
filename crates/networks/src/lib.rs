//! How a photo or a caption becomes a vector.
//!
//! Owns: model cards, the weights and the map that carries them into the imported graphs, decoding and
//! preprocessing of photos, tokenizing, running a network on a batch, and fetching published weights. Must not
//! know: data sets, caches of vectors, metrics or screens. The graphs were imported from ONNX before this crate
//! was built; nothing here reads an ONNX file at run time.

#![deny(unsafe_code)]
#![recursion_limit = "256"]

mod architecture;
mod card;
mod catalog;
mod device;
mod error;
pub mod fetch;
mod graphs;
mod kernels;
mod model_set;
mod models_info;
mod network;
mod network_info;
mod openai_text;
mod photos;
mod role;
mod set_name;
mod tokenizer;
mod tower;
pub mod verify;
pub mod weights;

pub use card::{Card, OutputCard, TextRepair};
pub use catalog::{Catalog, SetDefinition};
pub use device::DeviceKind;
pub use error::ModelError;
pub use model_set::ModelSet;
pub use models_info::{MissingNetwork, ModelsInfo, TowerInfo};
pub use network::Network;
pub use network_info::NetworkInfo;
#[cfg(fuzzing)]
pub use openai_text::check as check_text;
pub use photos::{CropPixels, DecodeLimits, check_photo, decode_photo, photo_note};
pub use role::{Modality, Role};
pub use set_name::SetName;
pub use tokenizer::TokenIds;
pub use tower::Tower;
pub use weights::ModelStore;
#[cfg(fuzzing)]
pub use weights::fuzzing;
