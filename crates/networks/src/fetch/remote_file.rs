//! A file on the hub, as a model card names it.

use super::{digest::ContentDigest, error::FetchError};

/// A file on the hub, as a model card names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Repository on the hub, such as `openai/clip-vit-base-patch32`.
    pub repo: String,
    /// Branch, tag or commit.
    pub revision: String,
    /// Path within the repository, with `/`.
    pub path: String,
    /// Length in bytes, if the card has it. The length that the hub publishes takes precedence.
    pub bytes: Option<u64>,
    /// SHA-256 in hexadecimal, if the card has it.
    pub sha256: Option<String>,
    /// License, to be shown before the download.
    pub license: String,
}

impl RemoteFile {
    /// Repository and path, for messages.
    pub(super) fn label(&self) -> String {
        format!("{}/{}", self.repo, self.path)
    }

    /// The SHA-256 on the model card, in lower case.
    pub(super) fn pinned(&self) -> Option<String> {
        self.sha256.as_ref().map(|hex| hex.to_ascii_lowercase())
    }

    /// Refuses names that would leave the repository or its folder on disk.
    pub(super) fn check(&self) -> Result<(), FetchError> {
        let refuse = |name: &str, reason| Err(FetchError::Name { name: name.into(), reason });
        for name in [&self.path, &self.repo, &self.revision] {
            if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return refuse(name, "it must be relative, without '.' and '..'");
            }
            if name.contains(['\\', ':']) || name.chars().any(char::is_control) {
                return refuse(name, "it has a backslash, a colon or a control character");
            }
        }
        if self.repo.split('/').count() > 2 {
            return refuse(&self.repo, "a repository is 'name' or 'organization/name'");
        }
        match &self.sha256 {
            Some(hex) if !matches!(ContentDigest::parse(hex), Some(ContentDigest::Sha256(_))) => {
                refuse(hex, "a SHA-256 has 64 hexadecimal digits")
            }
            _ => Ok(()),
        }
    }
}
