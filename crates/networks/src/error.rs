//! What can go wrong between a file of weights or a photo and a vector.

use std::path::PathBuf;

use clipscope_base::display_safe::display_path;

use crate::role::Role;
use crate::weights::CheckpointError;

/// Why a network cannot be opened or gives no vector.
///
/// File names and messages of decoders are kept raw; whoever prints them makes them safe.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A model card is invalid.
    #[error("the model card of {network} is invalid: {reason}")]
    Card {
        /// Where the card was read.
        network: String,
        /// The field that is wrong, and how.
        reason: String,
    },
    /// A checkpoint is missing, damaged or belongs to another network.
    #[error("cannot load the weights of {network} from {}: {reason}", display_path(file))]
    Weights {
        /// Name of the network.
        network: String,
        /// The checkpoint.
        file: PathBuf,
        /// Which tensors are missing, left over or of the wrong shape.
        reason: String,
    },
    /// A checkpoint of the user's cannot be used.
    #[error("cannot use {0}")]
    Checkpoint(#[from] CheckpointError),
    /// There is no model set with this name.
    #[error("there is no model set '{set}'; choose from {known}")]
    UnknownSet {
        /// The name asked for.
        set: String,
        /// The names there are.
        known: String,
    },
    /// A model set gives a role to a network that cannot play it.
    #[error("the model set '{set}' cannot be used: {reason}")]
    Set {
        /// Name of the set.
        set: String,
        /// Which role, and why not.
        reason: String,
    },
    /// A model set has no network for a role that is needed.
    #[error("the model set '{set}' has no network for {}: {remedy}", role.name())]
    NoNetwork {
        /// Name of the set.
        set: String,
        /// The role that is needed.
        role: Role,
        /// What to do.
        remedy: String,
    },
    /// No weights of a model set are on this machine.
    #[error("the model set '{set}' is not installed: {reason}")]
    NotInstalled {
        /// Name of the set.
        set: String,
        /// Which files are missing and what to do about it.
        reason: String,
    },
    /// The tokenizer file is missing or damaged.
    #[error("cannot use the tokenizer of {network}: {reason}")]
    Tokenizer {
        /// Name of the network.
        network: String,
        /// The tokenizer library's message.
        reason: String,
    },
    /// This build or this machine does not have the requested device.
    #[error("device '{device}' is not available: {reason}")]
    Device {
        /// `cpu`, `cuda` or `wgpu`.
        device: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A photo cannot be decoded. The text continues a sentence that begins with the file's name.
    #[error("{0}")]
    Photo(String),
    /// The input is of the other modality or of the wrong size.
    #[error("{network} reads {expected} and was given something else")]
    Input {
        /// Name of the network.
        network: String,
        /// What it reads.
        expected: String,
    },
    /// A forward pass returned something other than what the card says.
    #[error("{network} returned {found}; its model card says {expected}")]
    Output {
        /// Name of the network.
        network: String,
        /// Shape or type of the values.
        found: String,
        /// Shape or type on the card.
        expected: String,
    },
}
