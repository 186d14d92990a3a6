//! From files to vectors: decoding, agreement with the reference implementations, and fetching weights.

mod fetch;
mod layouts;
mod parity;
mod photos;
mod reference;
