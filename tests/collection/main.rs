//! Data sets, indexes, caches and vector files on disk: sound, broken, damaged, half-written, full.

mod cache_disk;
mod cache_kill;
mod dataset;
mod dataset_command;
mod index;
mod qdrant;
mod shards;
mod vectors;
