//! Why the program ends without having done its work, and with which exit code.

use clipscope_core::dataset::DatasetError;
use clipscope_core::index::IndexError;
use clipscope_core::qdrant::QdrantError;
use clipscope_networks::ModelError;

/// An error for the user: the exit code, and one line that says what failed and what to do.
#[derive(Debug)]
pub(super) struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub const CHECK: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const INPUT: u8 = 3;
    pub const MODELS: u8 = 4;

    pub fn new(code: u8, message: impl ToString) -> Self {
        Self { code, message: message.to_string() }
    }

    pub fn input(message: impl ToString) -> Self {
        Self::new(Self::INPUT, message)
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        Self::input(error)
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::input(error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let code = match error {
            ModelError::UnknownSet { .. } | ModelError::Set { .. } => Self::USAGE,
            _ => Self::MODELS,
        };
        Self::new(code, error)
    }
}

impl From<QdrantError> for Failure {
    fn from(error: QdrantError) -> Self {
        Self::input(error)
    }
}
