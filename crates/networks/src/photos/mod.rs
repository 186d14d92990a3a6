//! From the bytes of an image file to the pixels that a network reads.

mod decode;
mod preprocess;
mod resample;

pub use decode::{DecodeLimits, decode_photo};
pub(crate) use preprocess::normalize_into;
pub use preprocess::{CropPixels, crop_pixels};
