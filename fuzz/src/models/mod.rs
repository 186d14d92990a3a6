//! What the decoder and the weight readers need of their parent.

#[cfg(feature = "photos")]
#[path = "../../../src/models/decode.rs"]
mod decode;
#[cfg(feature = "photos")]
pub use decode::{DecodeLimits, decode_photo};

/// The names of model sets and devices, which a configuration may hold.
#[cfg(feature = "config")]
#[path = "../../../src/models/info.rs"]
mod info;
#[cfg(feature = "config")]
pub use info::{DeviceKind, SetName};
#[cfg(feature = "config")]
mod card {
    /// What vectors stand for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
    pub enum Role {}
}

/// The one error of the original that decoding a photo gives.
#[cfg(feature = "photos")]
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("{0}")]
    Photo(String),
}

#[cfg(feature = "weights")]
#[path = "../../../src/models/burnpack.rs"]
mod burnpack;
#[cfg(feature = "weights")]
#[path = "../../../src/models/checkpoint.rs"]
mod checkpoint;
#[cfg(feature = "weights")]
#[path = "../../../src/models/pickle.rs"]
mod pickle;
#[cfg(feature = "weights")]
#[path = "../../../src/models/weight_map.rs"]
mod weight_map;
#[cfg(feature = "weights")]
pub mod weights;
