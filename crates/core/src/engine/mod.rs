//! Vectors in an engine that searches over more machines than one: Qdrant, over its REST interface.
//!
//! Owns the talk with the engine: making a collection, bringing the rows of [`shards`](crate::shards) there so that a
//! repeat changes nothing, and asking it for what is near. Must not embed, read photos or print.
//!
//! A point is a row. Its id is a UUID of version 5 made of role, model key, path and content hash: the same vector has the
//! same id wherever it comes from, and an interrupted push goes on with the ids that the engine does not know yet. Its
//! payload holds `path`, `category`, `caption` (captions only), `content_sha256`, `role` and `model`, and every search is
//! filtered by role and model, so that vectors of different networks never meet.

mod http;
mod point;
mod push;
mod qdrant;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use point::point_id;
pub use push::{Progress, push};
pub use qdrant::{Hit, Qdrant};

use crate::shards::ShardError;
use clipscope_base::display_safe::display_path;

/// Is told something for people, in raw text.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// How to reach an engine. No `Debug`, as it may hold a key.
#[derive(Clone)]
pub struct Settings {
    /// Scheme, host and perhaps port and path, as `http://localhost:6333`.
    pub url: String,
    /// Sent as `api-key`, to this address only. Never shown.
    pub api_key: Option<String>,
    /// For a connection.
    pub connect_timeout: Duration,
    /// For an answer.
    pub answer_timeout: Duration,
    /// Tries for one request, the first one counted.
    pub attempts: u32,
    /// Pause before the second try; doubles from try to try.
    pub first_pause: Duration,
    /// The longest pause, also where the engine asks for one.
    pub longest_pause: Duration,
    /// Told of every failed try that is followed by another.
    pub on_retry: Option<Notice>,
}

impl Settings {
    /// An engine at `url`, asked with patience: 8 tries over about a minute.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            api_key: None,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(60),
            attempts: 8,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            on_retry: None,
        }
    }
}

/// Why the engine cannot be used. Texts of the engine are kept raw; whoever prints them makes them safe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The address given is none.
    #[error("--engine {url}: {reason}; give an address such as http://localhost:6333")]
    Address {
        /// As given, without user name and password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No answer.
    #[error(
        "the engine at {host} cannot be reached to {action} ({reason}, {tries} tries); check that it runs, and the address"
    )]
    Unreachable {
        /// Host and port.
        host: String,
        /// What was wanted.
        action: String,
        /// What the last try met.
        reason: String,
        /// How many there were.
        tries: u32,
    },
    /// An answer that says no.
    #[error("the engine at {host} refuses to {action}: {status} {message}; {remedy}")]
    Refused {
        /// Host and port.
        host: String,
        /// What was wanted.
        action: String,
        /// HTTP status.
        status: u16,
        /// The engine's own words.
        message: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An answer that is not Qdrant's.
    #[error(
        "the engine at {host} does not answer as Qdrant does when asked to {action}: {reason}; check --engine"
    )]
    Protocol {
        /// Host and port.
        host: String,
        /// What was wanted.
        action: String,
        /// What is odd about it.
        reason: String,
    },
    /// The collection is not there, or not made for these vectors.
    #[error("collection '{name}': {problem}; {remedy}")]
    Collection {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Files whose vectors do not belong into one collection.
    #[error(
        "{} and {} hold vectors of different roles or models; push them to different collections",
        display_path(file),
        display_path(other)
    )]
    Mixed {
        /// A file.
        file: PathBuf,
        /// The first one.
        other: PathBuf,
    },
    /// A file of vectors cannot be read.
    #[error(transparent)]
    Shard(#[from] ShardError),
}
