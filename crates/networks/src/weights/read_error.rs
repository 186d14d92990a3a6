//! Why a file of weights cannot be read, told apart for whoever has to say what to do.

/// What is wrong with a file, without its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadError {
    /// It cannot be opened or read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// It is of another kind.
    #[error("it is neither a safetensors file nor a PyTorch checkpoint")]
    NotACheckpoint,
    /// Its pickle names something else than tensors. Nothing was executed.
    #[error("{0}")]
    Unsafe(String),
    /// A compiled module, which is code with tensors inside.
    #[error(
        "it is a TorchScript archive, which holds code; save its tensors alone, in Python: \
         torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pt')"
    )]
    TorchScript,
    /// It begins as a checkpoint and does not go on as one.
    #[error("it is damaged or cut off: {0}")]
    Damaged(String),
}

impl ReadError {
    pub fn unreadable(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<String> for ReadError {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

impl From<&str> for ReadError {
    fn from(reason: &str) -> Self {
        Self::Damaged(reason.into())
    }
}
