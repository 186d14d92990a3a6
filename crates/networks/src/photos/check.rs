//! Whether a file is a photo, from its headers alone.
//!
//! Owns what can be said without decoding pixels. Must not know: where files come from.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{ImageDecoder, ImageFormat, ImageReader};

use super::decode::{DecodeLimits, PANICKED, describe, webp_end};
use super::format::{self, HEAD_BYTES};
use super::jpeg_markers;
use super::tiff::TiffPicture;
use crate::error::ModelError;

/// Most bytes that are read of a file.
const MOST_BYTES: u64 = 256 << 20;
/// Bytes of a JPEG file in which its headers are looked for before all of it is read.
const JPEG_HEADERS: u64 = 256 << 10;

/// Reads the headers of a picture: its format, its size, and that it has one.
///
/// # Errors
/// [`ModelError::Photo`] for what [`decode_photo`](super::decode_photo) would refuse without decoding pixels.
pub fn check_photo(reader: impl BufRead + Seek, limits: &DecodeLimits) -> Result<(), ModelError> {
    catch_unwind(AssertUnwindSafe(|| {
        size(reader).and_then(|(width, height)| limits.check_size(width, height))
    }))
    .unwrap_or_else(|_| Err(PANICKED.into()))
    .map_err(ModelError::Photo)
}

fn size(mut reader: impl BufRead + Seek) -> Result<(u32, u32), String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let head = up_to(&mut reader, HEAD_BYTES as u64).map_err(unreadable)?;
    let format = format::recognize(&head)?;
    match format {
        ImageFormat::Jpeg => {
            let mut bytes = up_to(&mut reader, JPEG_HEADERS).map_err(unreadable)?;
            if bytes.len() as u64 == JPEG_HEADERS && jpeg_markers::header(&bytes)?.scan.is_none() {
                bytes = up_to(&mut reader, MOST_BYTES).map_err(unreadable)?;
            }
            let header = jpeg_markers::header(&bytes)?;
            header.size.filter(|_| header.scan.is_some()).ok_or_else(|| jpeg_markers::NO_PICTURE.into())
        }
        ImageFormat::Tiff => {
            reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
            Ok(TiffPicture::open(reader)?.size)
        }
        // The list of its parts has no end of its own.
        ImageFormat::WebP => {
            let bytes = up_to(&mut reader, MOST_BYTES).map_err(unreadable)?;
            dimensions(std::io::Cursor::new(&bytes[..webp_end(&bytes)]), format)
        }
        _ => {
            reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
            dimensions(reader, format)
        }
    }
}

/// The first bytes of a file.
fn up_to(reader: &mut (impl Read + Seek), length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(0))?;
    reader.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn dimensions(reader: impl BufRead + Seek, format: ImageFormat) -> Result<(u32, u32), String> {
    let decoder = ImageReader::with_format(reader, format).into_decoder();
    decoder.map(|decoder| decoder.dimensions()).map_err(|error| describe(&error))
}
