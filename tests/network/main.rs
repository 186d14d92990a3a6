//! From files to vectors: decoding, agreement with the reference implementations, and fetching weights.

mod batches;
mod fetch;
mod parity;
mod photos;
mod reference;
