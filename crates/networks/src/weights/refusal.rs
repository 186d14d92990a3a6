//! Why a checkpoint of the user's cannot be used.

use std::path::PathBuf;

use clipscope_base::display_safe::display_path;

use super::family::Activation;
use super::read_error::ReadError;

/// A file or folder that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", display_path(path))]
pub struct CheckpointError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Refusal,
}

/// What is wrong with a checkpoint.
///
/// Names of tensors are kept raw; whoever prints them makes them safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be opened or read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It has no bytes, or no tensors.
    #[error("it holds no tensors")]
    Empty,
    /// A folder without weights, or with several and nothing that says which.
    #[error("{0}")]
    NoWeights(String),
    /// It is neither safetensors nor a PyTorch file.
    #[error("it is neither a safetensors file nor a PyTorch checkpoint")]
    NotACheckpoint,
    /// Its pickle names something else than tensors, or it is code. Nothing was executed.
    #[error("{0}")]
    Unsafe(String),
    /// It begins as a checkpoint and does not go on as one.
    #[error("{0}")]
    Damaged(String),
    /// No program that is known here names tensors so.
    #[error(
        "its tensors are named as in no layout known here; the first are {0}; known are CLIP of transformers and of \
         open_clip, ResNet-50 of torchvision, and DistilBERT with a dense layer of sentence-transformers"
    )]
    UnknownLayout(String),
    /// It is a network, but another one.
    #[error("it is {found}; what fits is {fits}")]
    OtherArchitecture {
        /// What names and shapes tell.
        found: String,
        /// What this program has a graph for.
        fits: String,
    },
    /// Tensors are missing, left over, or of another shape. The first few are named.
    #[error("{0}")]
    Tensors(String),
    /// A configuration file says something that the graph does not do.
    #[error("{file}: {reason}")]
    Configuration {
        /// Its name.
        file: String,
        /// The key, what it says and what fits.
        reason: String,
    },
    /// Nothing says which activation the weights were trained with.
    #[error(
        "nothing says whether it was trained with the exact GELU or with QuickGELU, and weights do not show it; say \
         --activation gelu or --activation quick-gelu (OpenAI's weights and most trained from them: quick-gelu; \
         open_clip's own: gelu unless the model's name ends in -quickgelu)"
    )]
    UnknownActivation,
    /// The user says one activation, the configuration another.
    #[error(
        "its configuration says that it was trained with {}, not with {}; leave --activation out, or correct the configuration",
        found.name(), given.name()
    )]
    OtherActivation {
        /// In the configuration.
        found: Activation,
        /// Of the user.
        given: Activation,
    },
    /// A text network without the tokenizer that belongs to it.
    #[error(
        "tokenizer.json is missing, and this text network has no tokenizer compiled in; write it, in Python: \
         transformers.AutoTokenizer.from_pretrained('FOLDER').save_pretrained('FOLDER')"
    )]
    NoTokenizer,
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable(reason) => Self::Unreadable(reason),
            ReadError::Empty => Self::Empty,
            ReadError::NotACheckpoint => Self::NotACheckpoint,
            ReadError::Unsafe(reason) => Self::Unsafe(reason),
            ReadError::TorchScript => Self::Unsafe(error.to_string()),
            ReadError::Damaged(_) => Self::Damaged(error.to_string()),
        }
    }
}
