//! The folder of downloaded checkpoints and of the Burnpacks made from them.

use std::path::PathBuf;

use super::hub_caches::HubCaches;
use crate::card::{TokenizerCard, WeightsCard};
use crate::fetch::RemoteFile;

/// A folder that holds downloaded checkpoints and the Burnpacks made from them.
#[derive(Debug, Clone)]
pub struct ModelStore {
    root: PathBuf,
    verify: bool,
    hub: HubCaches,
}

impl ModelStore {
    /// Names a store below `root`. Nothing is created until something is written.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), verify: true, hub: HubCaches::default() }
    }

    /// Also uses, in place and read-only, what lies in the user's Hugging Face cache. `lookup` finds variables of the
    /// environment.
    #[must_use]
    pub fn with_hub_cache(mut self, lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        self.hub = HubCaches::of_user(lookup);
        self
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
        self.find_file(card.repo.as_deref()?, card.revision.as_deref(), &card.file, card.sha256.as_deref())
    }

    /// The path of a published tokenizer, if it is here.
    pub(crate) fn find_tokenizer(&self, card: &TokenizerCard) -> Option<PathBuf> {
        self.find_file(card.repo.as_deref()?, card.revision.as_deref(), &card.file, card.sha256.as_deref())
    }

    fn find_file(
        &self,
        repo: &str,
        revision: Option<&str>,
        file: &str,
        sha256: Option<&str>,
    ) -> Option<PathBuf> {
        let path = self.path(repo, file);
        if path.is_file() {
            return Some(path);
        }
        self.hub.find(repo, revision.unwrap_or("main"), file, sha256)
    }

    /// Where another program keeps the file, if it was not downloaded by this one.
    #[must_use]
    pub fn find_elsewhere(&self, file: &RemoteFile) -> Option<PathBuf> {
        if self.path(&file.repo, &file.path).is_file() {
            return None;
        }
        self.hub.find(&file.repo, &file.revision, &file.path, file.sha256.as_deref())
    }

    /// The folder of the Burnpacks.
    pub(crate) fn burnpacks(&self) -> PathBuf {
        self.root.join("burnpack")
    }
}
