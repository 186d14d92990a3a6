//! Compares a content with every hash that is known for it.

use std::path::Path;

use super::{
    digest::{ContentDigest, Tally, git_blob},
    error::{FetchError, disk},
    origin::Verified,
};

/// The hashes that a content must have.
#[derive(Debug, Clone, Default)]
pub(super) struct ExpectedDigests {
    /// SHA-256 on the model card.
    pub(super) pinned: Option<String>,
    /// The hash that the hub publishes.
    pub(super) published: Option<ContentDigest>,
    /// The hash beside an imported file.
    pub(super) carried: Option<ContentDigest>,
}

impl ExpectedDigests {
    /// The hash that identifies the content when several are known; `None` when none is.
    pub(super) fn strongest(&self) -> Option<ContentDigest> {
        let pinned = self.pinned.as_deref().map(|hex| ContentDigest::Sha256(hex.into()));
        pinned.or_else(|| self.published.clone()).or_else(|| self.carried.clone())
    }

    /// Compares every known hash with the file at `path`, whose SHA-256 and length are in `tally`. The hub's hash comes
    /// first: a content that has it, but not the one on the model card, arrived undamaged.
    pub(super) fn check(&self, tally: &Tally, path: &Path) -> Result<Verified, ContentMismatch> {
        let sha256 = tally.sha256();
        for expected in self.published.iter().chain(&self.carried) {
            let found = match expected {
                ContentDigest::Sha256(_) => ContentDigest::Sha256(sha256.as_str().into()),
                ContentDigest::GitBlob(_) => {
                    ContentDigest::GitBlob(git_blob(path).map_err(disk("read", path))?.into())
                }
            };
            if found != *expected {
                return Err(ContentMismatch::Content { expected: expected.clone(), found });
            }
        }
        if let Some(pinned) = self.pinned.as_ref().filter(|pinned| **pinned != sha256) {
            return Err(ContentMismatch::Pin {
                pinned: ContentDigest::Sha256(pinned.as_str().into()),
                found: ContentDigest::Sha256(sha256.into()),
            });
        }
        Ok(match self {
            Self { pinned: Some(_), .. } => Verified::Pinned,
            Self { published: Some(_), .. } => Verified::Published,
            Self { carried: Some(_), .. } => Verified::Carried,
            _ => Verified::No,
        })
    }
}

/// Why a content is refused.
#[derive(Debug)]
pub(super) enum ContentMismatch {
    /// It has another hash than the hub publishes, or than lay beside it.
    Content { expected: ContentDigest, found: ContentDigest },
    /// Only the hash on the model card differs.
    Pin { pinned: ContentDigest, found: ContentDigest },
    /// It could not be read.
    Disk(FetchError),
}

impl From<FetchError> for ContentMismatch {
    fn from(error: FetchError) -> Self {
        Self::Disk(error)
    }
}

impl ContentMismatch {
    pub(super) fn into_error(self, file: &str, tally: &Tally, remedy: &'static str) -> FetchError {
        match self {
            Self::Content { expected, found } | Self::Pin { pinned: expected, found } => {
                FetchError::Mismatch {
                    file: file.into(),
                    expected,
                    found,
                    looks_like: tally.looks_like(),
                    remedy,
                }
            }
            Self::Disk(error) => error,
        }
    }
}
