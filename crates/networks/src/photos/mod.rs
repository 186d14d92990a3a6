//! From the bytes of an image file to the pixels that a network reads.

mod check;
mod decode;
mod format;
mod jpeg;
mod jpeg_markers;
mod jpeg_scan;
mod on_white;
mod png_exif;
mod preprocess;
mod resample;
mod tiff;
mod turn;

pub use check::check_photo;
pub use decode::{DecodeLimits, decode_photo};
pub use jpeg_markers::photo_note;
pub use preprocess::CropPixels;
pub(crate) use preprocess::{crop_pixels, normalize_into};
