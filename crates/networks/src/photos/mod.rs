//! From the bytes of an image file to the pixels that a network reads.

mod decode;
mod preprocess;
mod resample;

pub use decode::{DecodeLimits, decode_photo};
pub use preprocess::CropPixels;
pub(crate) use preprocess::{crop_pixels, normalize_into};
