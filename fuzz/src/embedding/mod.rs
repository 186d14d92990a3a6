//! The cache.

#[path = "../../../src/embedding/cache.rs"]
pub mod cache;
