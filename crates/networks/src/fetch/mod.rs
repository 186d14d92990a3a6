//! Brings the files of a model set from the hub, or from a folder, onto this machine.
//!
//! Owns: the requests to the hub, their order, and when a file counts as complete. Must not know: what the files mean, or
//! how progress is drawn. Blocks the calling thread; needs no async runtime.
//!
//! # The contract
//! - A file gets its name only when it is complete and its hash was compared: with the SHA-256 on its model card, if it has
//!   one, and with what the hub publishes (the SHA-256 of a large file, git's blob hash of a small one). If both are
//!   SHA-256 and differ, nothing is downloaded. A file without either hash is refused.
//! - After an interruption, what is on disk is hashed again before the rest is requested. If the whole is wrong after such
//!   a continuation, it is downloaded once more from the beginning. If it is wrong again, it is deleted and the error has
//!   both hashes.
//! - Files on disk that hash to their record need no connection and no write access.
//! - Two processes may fetch into one folder: the second reports that it waits, then finds the files complete.
//! - `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` (either case) and `SSL_CERT_FILE` are
//!   respected. The token is sent only to the endpoint's own scheme, host and port, never along a redirect elsewhere.
//! - A fetch stops soon after [`Progress::goes_on`] says no, within the limits of a wait for the network. What has arrived stays.
//! - Every wait for the network has a limit. Failures that may pass are retried with growing pauses.
//!
//! # Why not the `hf-hub` crate
//! hf-hub 1.0 always downloads from the beginning and compares no hash. 0.5, the last version without an async runtime,
//! resumes by appending to what is on disk, compares no hash either, and sets no time limits. Its layout on disk
//! (`models--org--name/snapshots/…`) is understood by [`Fetcher::import`]. The rest is a handful of requests, made with
//! `ureq`.

mod digest;
mod download;
mod error;
mod expected;
mod fetcher;
mod hashed;
mod http;
mod import;
mod lock;
mod origin;
mod part;
mod paths;
mod progress;
mod remote_file;
mod resolve;
mod retry;
mod settings;
mod status;

pub use digest::ContentDigest;
pub use error::FetchError;
pub use fetcher::{Fetcher, FetcherBuilder};
pub use origin::{Fetched, Origin, Verified};
pub use progress::{Planned, Progress};
pub use remote_file::RemoteFile;
pub use status::{FileState, FileStatus, status};
