//! The cache, and unit vectors.

#[path = "../../../src/embedding/cache.rs"]
pub mod cache;
#[path = "../../../src/embedding/stored.rs"]
mod stored;
#[path = "../../../src/embedding/vectors.rs"]
pub mod vectors;

pub use vectors::{VectorError, Vectors};
