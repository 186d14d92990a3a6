//! What the decoder and the weight readers need of their parent.

#[cfg(feature = "photos")]
#[path = "../../../src/models/decode.rs"]
mod decode;
#[cfg(feature = "photos")]
pub use decode::{DecodeLimits, decode_photo};

/// The one error of the original that decoding a photo gives.
#[cfg(feature = "photos")]
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("{0}")]
    Photo(String),
}

#[cfg(feature = "weights")]
#[path = "../../../src/models/checkpoint.rs"]
mod checkpoint;
#[cfg(feature = "weights")]
#[path = "../../../src/models/weight_map.rs"]
mod weight_map;
#[cfg(feature = "weights")]
pub mod weights;
