//! The folder of downloaded checkpoints and of the Burnpacks made from them.

use std::path::PathBuf;

use crate::card::WeightsCard;

/// A folder that holds downloaded checkpoints and the Burnpacks made from them.
#[derive(Debug, Clone)]
pub struct ModelStore {
    root: PathBuf,
    verify: bool,
}

impl ModelStore {
    /// Names a store below `root`. Nothing is created until something is written.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), verify: true }
    }

    /// Accepts checkpoints whose hash is not the published one. Only for tests, whose weights come from a formula.
    #[must_use]
    pub fn without_verification(mut self) -> Self {
        self.verify = false;
        self
    }

    /// Whether a checkpoint must have the hash on its card.
    pub(crate) fn verifies(&self) -> bool {
        self.verify
    }

    /// The folder of the downloaded files.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Where a published file lies once it was fetched.
    #[must_use]
    pub fn path(&self, repo: &str, file: &str) -> PathBuf {
        self.downloads().join(repo.replace('/', "--")).join(file)
    }

    /// The path of the card's file, if it is here.
    pub(crate) fn find(&self, card: &WeightsCard) -> Option<PathBuf> {
        let path = self.path(card.repo.as_deref()?, &card.file);
        path.is_file().then_some(path)
    }

    /// The folder of the Burnpacks.
    pub(crate) fn burnpacks(&self) -> PathBuf {
        self.root.join("burnpack")
    }
}
