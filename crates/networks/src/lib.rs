//! How a photo or a caption becomes a vector.
//!
//! Owns: model cards, weights and the map that carries them into the imported graphs,
//! preprocessing, tokenizing, and running a tower on a batch. Must not know: data sets, caches,
//! metrics or screens. Networks come from graphs that were imported when this program was built;
//! nothing here reads an ONNX file at run time.

#![deny(unsafe_code)]
#![recursion_limit = "256"]

#[allow(unsafe_code)]
mod burnpack;
mod card;
mod checkpoint;
mod decode;
mod device;
pub mod fetch;
#[cfg(fuzzing)]
pub mod fuzzing;
mod graphs;
mod info;
mod kernels;
mod pickle;
mod preprocess;
mod resample;
mod set;
mod tokenize;
mod tower;
pub mod verify;
mod weight_map;
mod weights;

use std::path::PathBuf;

use clipscope_base::display_safe::display_path;

pub use card::{Card, Filter, Modality, OutputCard, Preprocessing, Role, TokenizerCard};
pub use decode::{DecodeLimits, decode_photo};
pub use info::{DeviceKind, ModelsInfo, SetName, TowerInfo};
pub use preprocess::{CropPixels, crop_pixels};
pub use set::{ModelSet, NetworkInfo};
pub use tokenize::{TokenBatch, TokenIds};
pub use tower::Tower;
pub use weights::ModelStore;

/// What can go wrong between a file of weights or a photo and a vector.
///
/// Texts that come from outside (file names, decoder messages) are kept raw here; the sinks make
/// them safe to print.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A model card of this program cannot be read.
    #[error("the model card of {network} is not usable: {reason}")]
    Card {
        /// Folder of the network below `models/`.
        network: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint is missing, damaged or of another network.
    #[error("the weights {} do not fit {network}: {reason}", display_path(file))]
    Weights {
        /// Name of the network.
        network: String,
        /// The checkpoint.
        file: PathBuf,
        /// Which tensors are missing, left over or of the wrong shape.
        reason: String,
    },
    /// The weights of a model set are not on this machine.
    #[error("the model set '{set}' is not installed: {reason}")]
    NotInstalled {
        /// `mini` or `reference`.
        set: String,
        /// What is missing and what to do about it.
        reason: String,
    },
    /// The tokenizer file cannot be used.
    #[error("the tokenizer of {network} is not usable: {reason}")]
    Tokenizer {
        /// Name of the network.
        network: String,
        /// The tokenizer's own message.
        reason: String,
    },
    /// The device asked for does not exist in this build or on this machine.
    #[error("device '{device}' is not available: {reason}")]
    Device {
        /// `cpu`, `cuda` or `wgpu`.
        device: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A photo cannot be decoded.
    #[error("{0}")]
    Photo(String),
    /// A forward pass gave something other than what the card promises.
    #[error("{network} gave {found}, its card promises {expected}")]
    Output {
        /// Name of the network.
        network: String,
        /// Shape or values found.
        found: String,
        /// Shape promised.
        expected: String,
    },
}
