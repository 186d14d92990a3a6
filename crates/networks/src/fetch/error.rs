//! What can go wrong between the hub and the disk. Every message is one line with the file and what to do.

use std::{io, path::PathBuf, time::Duration};

use clipscope_base::display_safe::{display_path, display_safe};

use super::digest::ContentDigest;

/// Why a model set could not be fetched. Files that were complete before the error stay.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An environment variable has an invalid value. The value is not shown, since it may be a secret.
    #[error("{variable} cannot be used: {reason}")]
    Setting {
        /// Name of the variable.
        variable: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A model card has a name that would leave its folder, or an invalid hash.
    #[error("the name '{}' on a model card is refused: {reason}", display_safe(name))]
    Name {
        /// The name.
        name: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// The connection failed.
    #[error(
        "{}: {} cannot be reached{}: {}; {OFFLINE}",
        display_safe(file), display_safe(host), through(via), display_safe(reason), OFFLINE = OFFLINE
    )]
    Unreachable {
        /// Repository and path of the file.
        file: String,
        /// The host of the request.
        host: String,
        /// The proxy in between, as host and port.
        via: Option<String>,
        /// The message of the network library.
        reason: String,
    },
    /// The server was silent for too long.
    #[error(
        "{}: {} {what} within {} s{}; {OFFLINE}",
        display_safe(file), display_safe(host), after.as_secs_f32(), through(via), OFFLINE = OFFLINE
    )]
    TimedOut {
        /// Repository and path of the file.
        file: String,
        /// The host of the request.
        host: String,
        /// The proxy in between, as host and port.
        via: Option<String>,
        /// What the server did, as in "did not answer".
        what: &'static str,
        /// The time limit.
        after: Duration,
    },
    /// The server answered with an error.
    #[error("{}: {} answered {status}{}; {remedy}", display_safe(file), display_safe(host), quoted(message))]
    Refused {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// HTTP status.
        status: u16,
        /// The server's own message; empty without one.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// The repository does not have the file.
    #[error(
        "{}: {} does not have {}{}; update clipscope, or check whether HF_ENDPOINT names an incomplete mirror",
        display_safe(repo),
        display_safe(host),
        display_safe(path),
        quoted(message)
    )]
    NotFound {
        /// The repository and the revision, joined by `@`.
        repo: String,
        /// Path of the file.
        path: String,
        /// The host that answered.
        host: String,
        /// The server's own message; empty without one.
        message: String,
    },
    /// The server answered in a way that makes no sense.
    #[error(
        "{}: {} {}; try again later, or without a proxy or mirror",
        display_safe(file),
        display_safe(host),
        display_safe(reason)
    )]
    Protocol {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// What the server did, as in "redirects more than 10 times".
        reason: String,
    },
    /// The server sent a web page instead of the file.
    #[error(
        "{}: {} sent a web page{} in place of the file; a proxy or the login page of a network may be \
         answering: open the address in a browser, or check HTTPS_PROXY and HF_ENDPOINT",
        display_safe(file),
        display_safe(host),
        quoted(title)
    )]
    WebPage {
        /// Repository and path of the file.
        file: String,
        /// The host of the request.
        host: String,
        /// The title of the page.
        title: String,
    },
    /// Neither the hub nor the model card has a hash of the file.
    #[error(
        "{}: {} publishes no hash and the model card has none, so the file cannot be verified; unset HF_ENDPOINT, or \
         import the file with `clipscope models fetch --from DIR`",
        display_safe(file),
        display_safe(host)
    )]
    NoHash {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
    },
    /// The hub has another file than the one on the model card.
    #[error(
        "{}: the model card has {pinned}, but {} has {published}; update clipscope, or check HF_ENDPOINT",
        display_safe(file),
        display_safe(host)
    )]
    PinDiffers {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// The hash on the model card.
        pinned: ContentDigest,
        /// The hash of the file on the hub.
        published: ContentDigest,
    },
    /// The content has the wrong hash.
    #[error(
        "{}: wrong content{}: expected {expected}, got {found}; {remedy}",
        display_safe(file),
        hint(looks_like)
    )]
    Mismatch {
        /// Repository and path of the file, or its path on disk.
        file: String,
        /// The hash that the hub publishes, or that is on the model card.
        expected: ContentDigest,
        /// The hash of the content.
        found: ContentDigest,
        /// What the content looks like, if that is clear.
        looks_like: Option<&'static str>,
        /// What happened to the file, and what to do.
        remedy: &'static str,
    },
    /// The server has a longer or shorter file than the hub publishes.
    #[error(
        "{}: the hub publishes {expected} bytes, but {} sends {found}{}; try again later, or without a proxy or mirror",
        display_safe(file),
        display_safe(host),
        hint(looks_like)
    )]
    Length {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// Published length in bytes.
        expected: u64,
        /// Bytes announced, or received when the download was stopped.
        found: u64,
        /// What the content looks like, if that is clear.
        looks_like: Option<&'static str>,
    },
    /// The transfer broke off in every attempt.
    #[error(
        "{}: the transfer from {} broke off after {have} of {total} bytes: {}; run the same command again to continue",
        display_safe(file),
        display_safe(host),
        display_safe(reason)
    )]
    Incomplete {
        /// Repository and path of the file.
        file: String,
        /// The host that sent it.
        host: String,
        /// Bytes on disk.
        have: u64,
        /// Length of the whole file.
        total: u64,
        /// How the last attempt ended.
        reason: String,
    },
    /// A file or folder of the cache cannot be read or written.
    #[error("cannot {action} {}: {cause}{}", display_path(path), disk_remedy(cause, path))]
    Disk {
        /// What was tried, as in "read".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's message.
        cause: io::Error,
    },
    /// The caller wants it no more: [`Progress::goes_on`](super::Progress::goes_on) said no.
    #[error("stopped; what has arrived is kept")]
    Stopped,
    /// An imported file is clearly something else.
    #[error("{}: it looks like {looks_like}; copy the file itself there, or fetch it", display_path(path))]
    NotTheFile {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        looks_like: &'static str,
    },
    /// `--from DIR` lacks files.
    #[error(
        "{} has no {}; each path may also lie below the name of its repository, or in a Hugging Face cache",
        display_path(folder),
        display_safe(missing)
    )]
    NotInFolder {
        /// The folder.
        folder: PathBuf,
        /// The missing files, as repository and path.
        missing: String,
    },
}

const OFFLINE: &str =
    "check the network and HTTPS_PROXY, or import the files with `clipscope models fetch --from DIR`";

fn through(via: &Option<String>) -> String {
    via.as_ref().map_or_else(String::new, |proxy| format!(" through the proxy {}", display_safe(proxy)))
}

fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" ('{}')", display_safe(message)) }
}

fn hint(looks_like: &Option<&'static str>) -> String {
    looks_like.map_or_else(String::new, |what| format!(", it looks like {what}"))
}

fn disk_remedy(cause: &io::Error, path: &std::path::Path) -> String {
    use io::ErrorKind::{
        FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull, Unsupported,
    };
    let folder = display_path(path.parent().unwrap_or(path)).into_owned();
    match cause.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => format!(
            "; free some space in {folder} or choose another folder with --cache-dir, then run the same command again: \
             finished files are kept and the rest continues"
        ),
        PermissionDenied | ReadOnlyFilesystem => {
            format!(
                "; {folder} must be writable: choose another folder with --cache-dir; finished files are kept"
            )
        }
        Unsupported => format!(
            "; the file system of {folder} does not support this: choose a local folder with --cache-dir"
        ),
        _ => String::new(),
    }
}

/// Makes a [`FetchError::Disk`] from an error of the system.
pub(super) fn disk(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.into();
    move |cause| FetchError::Disk { action, path, cause }
}

/// An attempt that failed, and whether to try again.
#[derive(Debug)]
pub(super) struct FailedAttempt {
    /// Boxed, since it is much larger than what a successful attempt returns.
    pub(super) error: Box<FetchError>,
    pub(super) retry: Retry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// The next attempt would fail in the same way.
    Never,
    /// After the usual pause.
    Later,
    /// After the pause that the server asks for.
    After(Duration),
    /// With another request, so without a pause.
    Now,
}

impl From<FetchError> for FailedAttempt {
    fn from(error: FetchError) -> Self {
        error.retry(Retry::Never)
    }
}

impl FetchError {
    /// Whether a file was read completely and is the wrong one, so that another candidate may be tried.
    pub(super) fn is_wrong_content(&self) -> bool {
        matches!(self, Self::Mismatch { .. } | Self::NotTheFile { .. })
    }

    pub(super) fn retry(self, retry: Retry) -> FailedAttempt {
        FailedAttempt { error: Box::new(self), retry }
    }
}
