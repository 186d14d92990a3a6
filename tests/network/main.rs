//! From files to vectors: decoding, agreement with the reference implementations, and fetching weights.

mod batches;
mod fetch;
mod layouts;
mod parity;
mod photo_endings;
mod photo_kinds;
mod photos;
mod reference;
mod tiff_file;
mod tokens;
