//! What can go wrong on the way of a file from the hub to the disk: one line each, naming the file and the remedy.

use std::{io, path::PathBuf, time::Duration};

use super::digest::Digest;
use clipscope_base::display_safe::{display_path, display_safe};

/// Why a model set could not be fetched. Files that were complete before stay where they are.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An environment variable has a value that cannot be used. The value is not shown: it may hold a secret.
    #[error("{variable} cannot be used: {reason}")]
    Setting {
        /// Name of the variable.
        variable: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A model card names a repository or file that would leave its folder.
    #[error("the name '{}' on a model card is refused: {reason}", display_safe(name))]
    Name {
        /// The name.
        name: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// No connection, or it broke.
    #[error(
        "{}: {} cannot be reached{}: {}; {OFFLINE}",
        display_safe(file), display_safe(host), through(via), display_safe(reason), OFFLINE = OFFLINE
    )]
    Unreachable {
        /// Repository and path of the file.
        file: String,
        /// The host that was asked.
        host: String,
        /// The proxy in between, without its password.
        via: Option<String>,
        /// What the network said.
        reason: String,
    },
    /// The other side was silent for too long.
    #[error(
        "{}: {} {what} within {} s{}; {OFFLINE}",
        display_safe(file), display_safe(host), after.as_secs_f32(), through(via), OFFLINE = OFFLINE
    )]
    TimedOut {
        /// Repository and path of the file.
        file: String,
        /// The host that was asked.
        host: String,
        /// The proxy in between, without its password.
        via: Option<String>,
        /// What did not happen in time.
        what: &'static str,
        /// The limit.
        after: Duration,
    },
    /// The server refused.
    #[error("{}: {} answered {status}{}; {remedy}", display_safe(file), display_safe(host), quoted(message))]
    Refused {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// HTTP status.
        status: u16,
        /// The server's own words, if it sent any.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// No path under which the file may exist does.
    #[error(
        "{}: {} does not have {}{}; this clipscope may be too old for it, or HF_ENDPOINT names an \
         incomplete mirror",
        display_safe(repo),
        display_safe(host),
        display_safe(tried),
        quoted(message)
    )]
    NotFound {
        /// The repository and the revision, joined by `@`.
        repo: String,
        /// Every path that was asked for.
        tried: String,
        /// The host that answered.
        host: String,
        /// The server's own words, if it sent any.
        message: String,
    },
    /// The server answered in a way that makes no sense here.
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
        /// What it did.
        reason: String,
    },
    /// A page for people came in place of the file.
    #[error(
        "{}: {} sent a web page{} in place of the file; a proxy or the login page of a network seems to answer for \
         it: open it in a browser, or check HTTPS_PROXY and HF_ENDPOINT",
        display_safe(file),
        display_safe(host),
        quoted(title)
    )]
    WebPage {
        /// Repository and path of the file.
        file: String,
        /// The host that was asked.
        host: String,
        /// Title of the page.
        title: String,
    },
    /// Neither the hub nor the model card says what the file must hash to.
    #[error(
        "{}: {} publishes no hash for it and the model card has none, so nothing tells a good file from a bad one; \
         unset HF_ENDPOINT, or carry the file in with `clipscope models fetch --from DIR`",
        display_safe(file),
        display_safe(host)
    )]
    NoHash {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
    },
    /// The hub now has another file than the one this program was made for.
    #[error(
        "{}: the model card asks for {pinned}, {} has {published}: update clipscope, or check \
         HF_ENDPOINT",
        display_safe(file),
        display_safe(host)
    )]
    PinDiffers {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// The hash on the model card.
        pinned: Digest,
        /// The hash of what the hub has.
        published: Digest,
    },
    /// The content is not the one asked for.
    #[error(
        "{}: wrong content{}: expected {expected}, got {found}; {remedy}",
        display_safe(file),
        hint(looks_like)
    )]
    Mismatch {
        /// Repository and path of the file, or its place on disk.
        file: String,
        /// The hash that was published or stands on the model card.
        expected: Digest,
        /// The hash of what came.
        found: Digest,
        /// What the content looks like, where that is plain.
        looks_like: Option<&'static str>,
        /// What became of the file and what to do.
        remedy: &'static str,
    },
    /// The server has a longer or shorter file than the hub publishes.
    #[error(
        "{}: the hub publishes {expected} bytes, {} sends {found}{}; try again later, or without a proxy or mirror",
        display_safe(file),
        display_safe(host),
        hint(looks_like)
    )]
    Length {
        /// Repository and path of the file.
        file: String,
        /// The host that answered.
        host: String,
        /// Bytes published.
        expected: u64,
        /// Bytes announced, or received before it was cut off.
        found: u64,
        /// What the content looks like, where that is plain.
        looks_like: Option<&'static str>,
    },
    /// The transfer broke off, more often than it was tried again.
    #[error(
        "{}: the transfer from {} broke off after {have} of {total} bytes: {}; run the same command again to continue \
         there",
        display_safe(file),
        display_safe(host),
        display_safe(reason)
    )]
    Incomplete {
        /// Repository and path of the file.
        file: String,
        /// The host that sent.
        host: String,
        /// Bytes on disk.
        have: u64,
        /// Bytes there should be.
        total: u64,
        /// How it ended the last time.
        reason: String,
    },
    /// A file or folder of the cache cannot be read or written.
    #[error("cannot {action} {}: {cause}{}", display_path(path), disk_remedy(cause, path))]
    Disk {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's message.
        cause: io::Error,
    },
    /// A file carried in by hand is plainly something else.
    #[error("{}: it looks like {looks_like}; carry the file itself in, or fetch it", display_path(path))]
    NotTheFile {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        looks_like: &'static str,
    },
    /// `--from DIR` lacks files.
    #[error(
        "{} has no {}; looked for the path itself, below the repository's name, and in the layout of a hub cache",
        display_path(dir),
        display_safe(missing)
    )]
    NotInFolder {
        /// The folder.
        dir: PathBuf,
        /// The files it lacks, repository and path.
        missing: String,
    },
}

const OFFLINE: &str =
    "check the network and HTTPS_PROXY, or carry the files in with `clipscope models fetch --from DIR`";

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
        Unsupported => format!("; {folder} does not support this: choose a local folder with --cache-dir"),
        _ => String::new(),
    }
}

/// A [`FetchError::Disk`] from what the system said.
pub(super) fn disk(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.into();
    move |cause| FetchError::Disk { action, path, cause }
}

/// A failure, and whether another try makes sense.
#[derive(Debug)]
pub(super) struct Trouble {
    /// Boxed, as it is much larger than what a try that works returns.
    pub(super) error: Box<FetchError>,
    pub(super) again: Again,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The next try would end alike.
    Never,
    /// After the usual pause.
    Later,
    /// After the pause that the server asks for.
    After(Duration),
    /// With another question, so without a pause.
    Now,
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        error.again(Again::Never)
    }
}

impl FetchError {
    /// Whether a file was read well and is the wrong one, so that another may be tried.
    pub(super) fn is_wrong_content(&self) -> bool {
        matches!(self, Self::Mismatch { .. } | Self::NotTheFile { .. })
    }

    pub(super) fn again(self, again: Again) -> Trouble {
        Trouble { error: Box::new(self), again }
    }
}
