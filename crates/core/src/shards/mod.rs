//! Vectors in Parquet files, for other programs and for work on several machines.
//!
//! A file holds the vectors of one role, one row per photo or caption. As part `i` of `n` it is a *shard*, whose
//! [`ShardManifest`] says which rows of the whole it covers, so that [`merge`] can prove that no row is missing or
//! duplicated.
//!
//! Owns: the layout of these files and the checks when one is read. Must not know: how vectors are made, or where a file
//! goes.
//!
//! | column | type | |
//! |---|---|---|
//! | `id` | int64 | index in the whole data set, among the photos or among all captions |
//! | `path` | string | the photo, '/' separated |
//! | `category` | string | |
//! | `caption` | string, null for photos | |
//! | `content_sha256` | string | hash of the photo's bytes, or of the caption |
//! | `role` | string | as in the JSON reports, `clip_image` for instance |
//! | `model` | string | key of the tower: graph, weights, preprocessing, tokenizer |
//! | `vector` | fixed-size list of float32, length 1 | plain Parquet readers see a list |
//!
//! The manifest is JSON in the metadata of the file, under `clipscope`. Files that other programs wrote are read by
//! [`vector_files`](crate::vector_files).

mod arrow_schema;
mod error;
pub(crate) mod layout;
mod manifest;
mod merge;
mod read;
mod rows;
mod write;

pub use error::ShardError;
pub use layout::role_file;
pub use manifest::{MadeWith, NullVector, ShardManifest};
pub use merge::merge;
pub use read::ShardReader;
pub use rows::ShardRows;
pub use write::ShardWriter;
