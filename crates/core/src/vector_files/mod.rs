//! Vectors of any model, made anywhere, in place of networks.
//!
//! A file holds rows of a path, a caption (none for a photo) and a vector, of one role or of several. Rows are matched to the
//! photos and captions of a data set; only vectors that something matches stay in memory.
//!
//! | kind of file | what it is |
//! |---|---|
//! | Parquet | columns `path`, `caption` and `vector`, and optionally `role` and `model`, in any order; others are ignored |
//! | safetensors | what `embed` writes: a tensor per role, with the names of the rows in a JSON file beside it |
//!
//! Owns: reading these files, their rules, and the match. Must not know: networks, how a vector is made, or what is computed
//! from it. Bad input is an error that names the file and the row; rows are counted from 0, as in pyarrow and Polars.

mod collector;
mod columns;
mod error;
mod matching;
mod parquet;
mod row;
mod safetensors;
mod set;
#[cfg(test)]
mod tests;

pub use error::VectorFileError;
pub use set::{Unmatched, VectorFiles};
