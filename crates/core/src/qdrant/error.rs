//! Why Qdrant cannot be used.

use std::path::PathBuf;

use crate::shards::ShardError;
use clipscope_base::display_safe::display_path;

/// Why Qdrant cannot be used. Its texts are not escaped; whoever prints them does that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QdrantError {
    /// The address is invalid.
    #[error("--engine {url}: {reason}; give an address such as http://localhost:6333")]
    Address {
        /// The address as given, without user name and password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It did not answer.
    #[error(
        "Qdrant at {host} cannot be reached to {action} ({reason}, {tries} tries); check that it runs, and the address"
    )]
    Unreachable {
        /// Host and port.
        host: String,
        /// The request, as a verb.
        action: String,
        /// What went wrong in the last attempt.
        reason: String,
        /// The number of attempts.
        tries: u32,
    },
    /// It refused the request.
    #[error("Qdrant at {host} refuses to {action}: {status} {message}; {remedy}")]
    Refused {
        /// Host and port.
        host: String,
        /// The request, as a verb.
        action: String,
        /// The HTTP status.
        status: u16,
        /// Its message.
        message: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The answer is not one of Qdrant's.
    #[error("{host} does not answer as Qdrant does when asked to {action}: {reason}; check --engine")]
    Protocol {
        /// Host and port.
        host: String,
        /// The request, as a verb.
        action: String,
        /// What is unexpected in it.
        reason: String,
    },
    /// The collection does not exist, or does not fit these vectors.
    #[error("collection '{name}': {problem}; {remedy}")]
    Collection {
        /// The name of the collection.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The files hold vectors that do not belong in one collection.
    #[error(
        "{} and {} hold vectors of different roles or models; push them to different collections",
        display_path(file),
        display_path(other)
    )]
    Mixed {
        /// A file.
        file: PathBuf,
        /// The first file.
        other: PathBuf,
    },
    /// A file of vectors cannot be read.
    #[error(transparent)]
    Shard(#[from] ShardError),
}
