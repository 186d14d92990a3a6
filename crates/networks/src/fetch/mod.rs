//! Brings the files of a model set from the hub, or from a folder, onto this machine.
//!
//! Owns: what is asked of the hub, in what order, and when a file counts as arrived. Must not know: what the files mean,
//! nor how progress is drawn. Blocks; needs no runtime.
//!
//! # The contract
//! - A file has its name only when it is whole and its hash was compared: first with the SHA-256 on its model card, where
//!   there is one, and with what the hub publishes (the SHA-256 of a large file, git's blob hash of a small one). Where
//!   both are SHA-256 and differ, nothing is downloaded. A file that neither vouches for is refused.
//! - What came before an interruption is hashed again before the rest is asked for. When the whole is wrong after such a
//!   continuation, it is begun once from zero; when it is wrong then, it is deleted and both hashes are in the error.
//! - Files that are there and still hash to their record open no connection and need no write access.
//! - Two processes may fetch into one folder: the second waits, says so, and finds the files complete.
//! - `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` (either case) and `SSL_CERT_FILE` are
//!   respected. The token goes to the endpoint's own scheme, host and port only, never along a redirect elsewhere.
//! - Every pause of the network is bounded; failures that may pass are tried again, with growing pauses.
//!
//! # Why not the `hf-hub` crate
//! hf-hub 1.0 downloads from the beginning each time and compares no hash; 0.5, the last one without an asynchronous
//! runtime, resumes by appending to what it finds, compares no hash either, and sets no time limits. Its layout on disk
//! (`models--org--name/snapshots/…`) is understood by [`Fetcher::import`]. What is left of the work is a handful of requests,
//! made with `ureq`.

mod digest;
mod download;
mod error;
mod http;
mod import;
mod resolve;
mod settings;
mod status;
mod store;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub use digest::Digest;
pub use error::FetchError;
pub use status::{FileState, FileStatus, status};
pub use store::{Origin, Verified};

use http::Client;
use settings::Settings;
use store::{Lock, Slot};

/// A file of a model set, as its model card names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteFile {
    /// Repository on the hub, such as `openai/clip-vit-base-patch32`.
    pub repo: String,
    /// Branch, tag or commit.
    #[serde(default = "main_branch")]
    pub revision: String,
    /// Path within the repository, with `/`.
    pub path: String,
    /// Length, to be shown before the hub was asked. The hub's own word counts.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// SHA-256 of the file at `path`, in hexadecimal. Alternatives are other files and not held to it.
    #[serde(default)]
    pub sha256: Option<String>,
    /// License, to be shown before the download.
    pub license: String,
    /// Other paths that serve the same purpose, tried in order when the ones before do not exist.
    #[serde(default)]
    pub alternatives: Vec<String>,
}

fn main_branch() -> String {
    "main".into()
}

impl RemoteFile {
    /// `path` and its alternatives.
    fn paths(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.path).chain(&self.alternatives)
    }

    /// The hash on the model card for the file at `path`.
    fn pinned(&self, path: &str) -> Option<String> {
        self.sha256.as_ref().filter(|_| path == self.path).map(|hex| hex.to_ascii_lowercase())
    }

    fn label(&self) -> String {
        format!("{}/{}", self.repo, self.path)
    }

    /// Refuses what would leave the folder or the repository.
    fn check(&self) -> Result<(), FetchError> {
        let refuse = |name: &str, reason| Err(FetchError::Name { name: name.into(), reason });
        for name in self.paths().chain([&self.repo, &self.revision]) {
            if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return refuse(name, "it must be relative, without '.' and '..'");
            }
            if name.contains(['\\', ':']) || name.chars().any(char::is_control) {
                return refuse(name, "it has a backslash, a colon or a control character");
            }
        }
        if self.repo.split('/').count() > 2 {
            return refuse(&self.repo, "a repository is 'name' or 'organisation/name'");
        }
        match &self.sha256 {
            Some(hex) if !matches!(Digest::parse(hex), Some(Digest::Sha256(_))) => {
                refuse(hex, "a SHA-256 has 64 hexadecimal digits")
            }
            _ => Ok(()),
        }
    }
}

/// A file that is on disk and complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it lies.
    pub path: PathBuf,
    /// Which of the paths of its [`RemoteFile`] it is.
    pub name: String,
    /// Where it came from, its length and its hash.
    pub origin: Origin,
    /// Whether it was complete before; nothing was transferred then.
    pub already_there: bool,
}

/// One file as [`Progress::planned`] hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Repository and path.
    pub file: String,
    /// License on the model card.
    pub license: String,
    /// Length, where the hub or the model card says.
    pub bytes: Option<u64>,
    /// Bytes of it that are on disk.
    pub on_disk: u64,
    /// Whether it is complete.
    pub already_there: bool,
}

/// Hears how far a fetch is, on the thread that fetches.
///
/// Order: `checking … advanced* finished` for every file that is there; `planned` once, before any transfer; then for every
/// missing file `waiting?`, `started advanced* (retrying | started advanced*)* finished`. `started` again for the same file
/// sets its count of bytes back to `resumed_from`. After an error nothing more is heard. Names and reasons are raw text:
/// whoever shows them makes them safe.
pub trait Progress {
    /// Everything that belongs to `set`, with sizes and licenses.
    fn planned(&mut self, set: &str, files: &[Planned]) {
        let _ = (set, files);
    }
    /// A file on disk is being hashed.
    fn checking(&mut self, file: &str, total_bytes: u64) {
        let _ = (file, total_bytes);
    }
    /// A transfer begins; `resumed_from` bytes are there already.
    fn started(&mut self, file: &str, total_bytes: Option<u64>, resumed_from: u64);
    /// So many more bytes.
    fn advanced(&mut self, bytes: u64);
    /// Another try follows after `pause`.
    fn retrying(&mut self, reason: &str, pause: Duration) {
        let _ = (reason, pause);
    }
    /// Another process holds `lock`; this one goes on when it is done.
    fn waiting(&mut self, lock: &Path);
    /// The file that was started or checked is done with.
    fn finished(&mut self);
}

/// Fetches files into a folder: `<root>/<repository, '/' as '--'>/<path>`.
pub struct Fetcher {
    root: PathBuf,
    client: Client,
}

/// Sets a [`Fetcher`] up, beginning with the public hub, no token and no proxy.
pub struct FetcherBuilder {
    root: PathBuf,
    settings: Settings,
}

impl FetcherBuilder {
    /// Takes over endpoint, token, proxies and certificates from the variables that `lookup` knows.
    ///
    /// # Errors
    /// [`FetchError::Setting`] naming the variable.
    pub fn variables(mut self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, FetchError> {
        self.settings.read(lookup)?;
        Ok(self)
    }

    /// The hub's address.
    ///
    /// # Errors
    /// [`FetchError::Setting`] when it is not an http or https address.
    pub fn endpoint(mut self, endpoint: &str) -> Result<Self, FetchError> {
        self.settings.set_endpoint(endpoint)?;
        Ok(self)
    }

    /// The token sent to the endpoint.
    ///
    /// # Errors
    /// [`FetchError::Setting`] when it cannot stand in a header.
    pub fn token(mut self, token: &str) -> Result<Self, FetchError> {
        self.settings.set_token(token)?;
        Ok(self)
    }

    /// How long a connection may take, and how long the other side may be silent.
    #[must_use]
    pub fn timeouts(mut self, connect: Duration, read: Duration) -> Self {
        (self.settings.connect_timeout, self.settings.read_timeout) = (connect, read);
        self
    }

    /// Tries in a row that may bring nothing, at least one, and the pause before the second, which doubles from try to
    /// try.
    #[must_use]
    pub fn retries(mut self, attempts: u32, first_pause: Duration) -> Self {
        (self.settings.attempts, self.settings.first_pause) = (attempts.max(1), first_pause);
        self
    }

    /// The fetcher. Opens nothing.
    #[must_use]
    pub fn build(self) -> Fetcher {
        Fetcher { root: self.root, client: Client::new(self.settings) }
    }
}

impl Fetcher {
    /// A fetcher with the settings of the environment.
    ///
    /// # Errors
    /// [`FetchError::Setting`] naming the variable that cannot be used.
    pub fn from_env(target_root: PathBuf) -> Result<Self, FetchError> {
        Ok(Self::builder(target_root).variables(&|name| std::env::var(name).ok())?.build())
    }

    /// A fetcher that knows nothing of the environment.
    #[must_use]
    pub fn builder(target_root: PathBuf) -> FetcherBuilder {
        FetcherBuilder { root: target_root, settings: Settings::default() }
    }

    /// Makes every file of the model set `set` complete, in the order of `files`.
    ///
    /// # Errors
    /// The first [`FetchError`]; files that were complete by then stay.
    pub fn fetch(
        &self,
        set: &str,
        files: &[RemoteFile],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Fetched>, FetchError> {
        for file in files {
            file.check()?;
        }
        let mut jobs = Vec::new();
        for file in files {
            jobs.push(match status::complete(&self.root, file, progress)? {
                Some(fetched) => Job::Done(file, fetched),
                None => Job::Missing(file, Box::new(self.resolve(file, progress)?)),
            });
        }
        progress.planned(set, &jobs.iter().map(Job::planned).collect::<Vec<_>>());
        jobs.into_iter()
            .map(|job| match job {
                Job::Done(_, fetched) => Ok(fetched),
                Job::Missing(file, remote) => {
                    let _lock = Lock::take(&self.root, &file.repo, progress)?;
                    // Another process may have brought it while this one was waiting.
                    match status::complete(&self.root, file, progress)? {
                        Some(fetched) => Ok(fetched),
                        None => self.download(&remote, progress),
                    }
                }
            })
            .collect()
    }
}

/// A file of a fetch.
enum Job<'a> {
    Done(&'a RemoteFile, Fetched),
    Missing(&'a RemoteFile, Box<resolve::Remote>),
}

impl Job<'_> {
    fn planned(&self) -> Planned {
        match self {
            Self::Done(file, fetched) => Planned {
                file: format!("{}/{}", file.repo, fetched.name),
                license: file.license.clone(),
                bytes: Some(fetched.origin.bytes),
                on_disk: fetched.origin.bytes,
                already_there: true,
            },
            Self::Missing(file, remote) => Planned {
                file: remote.slot.label.clone(),
                license: file.license.clone(),
                bytes: remote.bytes.or(file.bytes.filter(|_| remote.name == file.path)),
                on_disk: store::regular_length(&remote.slot.part).unwrap_or(0),
                already_there: false,
            },
        }
    }
}
