//! From the bytes of an image file to upright 8-bit RGB pixels.
//!
//! The content tells the format, never the extension. Size limits are checked before any pixel is allocated, so a small
//! file that claims to be a huge picture costs nothing. JPEG files are decoded as Pillow decodes them, at full size: decoding at a reduced size
//! takes half the time, but moves the vectors too far from the reference (`tools/reduced_jpeg.py`, BENCHMARKS.md).

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use super::format::{self, HEAD_BYTES};
use super::jpeg::Jpeg;
use super::jpeg_markers;
use super::on_white::{AlphaKind, extra_bytes, opaque};
use super::png_exif;
use super::tiff::TiffPicture;
use super::turn::upright;
use crate::error::ModelError;

/// Limits on the size of photos and the memory for decoding them. Clones share one memory budget: give each worker one.
#[derive(Debug, Clone)]
pub struct DecodeLimits {
    /// Longest side, in pixels.
    pub max_side: u32,
    /// Most bytes that decoding one photo may allocate. It does not depend on the number of workers, so that no photo
    /// is left out because of them.
    pub max_bytes: u64,
    budget: Arc<MemoryBudget>,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self::new(30_000, 512 << 20)
    }
}

impl DecodeLimits {
    /// Limits with a memory budget of their own, shared with their clones.
    #[must_use]
    pub fn new(max_side: u32, max_bytes: u64) -> Self {
        Self { max_side, max_bytes, budget: Arc::default() }
    }

    /// Refuses a picture without pixels or with too many on a side.
    pub(super) fn check_size(&self, width: u32, height: u32) -> Result<(), String> {
        if width == 0 || height == 0 {
            return Err("has no pixels".into());
        }
        if width > self.max_side || height > self.max_side {
            return Err(format!("is {width}×{height} pixels, more than {} on a side", self.max_side));
        }
        Ok(())
    }

    /// Reserves the memory for decoding a picture, or refuses it.
    fn reserve(&self, (width, height): (u32, u32), bytes: u64) -> Result<Reservation<'_>, String> {
        self.check_size(width, height)?;
        if bytes > self.max_bytes {
            return Err(format!(
                "is {width}×{height} pixels and needs {} MiB, more than the {} MiB allowed for one photo; save a smaller copy",
                bytes >> 20,
                self.max_bytes >> 20
            ));
        }
        Ok(self.budget.reserve(bytes))
    }
}

/// Counts the memory reserved by the decoders that are running.
#[derive(Debug, Default)]
struct MemoryBudget {
    reserved_bytes: Mutex<u64>,
    released: Condvar,
}

/// Most bytes that all workers together may reserve.
const TOTAL_BYTES: u64 = 1 << 30;

/// Memory reserved for one photo, released when it is dropped.
struct Reservation<'a> {
    budget: &'a MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    /// Waits until there is room. A photo that is decoded alone always has room, however large it is.
    fn reserve(&self, bytes: u64) -> Reservation<'_> {
        let reserved = self.reserved_bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |reserved: &mut u64| *reserved > 0 && *reserved + bytes > TOTAL_BYTES;
        let mut reserved = self.released.wait_while(reserved, full).unwrap_or_else(PoisonError::into_inner);
        *reserved += bytes;
        Reservation { budget: self, bytes }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        *self.budget.reserved_bytes.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.budget.released.notify_all();
    }
}

/// Said of a file on which a decoder panicked.
pub(super) const PANICKED: &str = "is damaged in a way that the decoder does not handle";

/// Decodes the first frame of a picture, shows it on white where it is transparent, and turns it upright.
///
/// What follows the end of the picture in the file plays no part. The result takes the memory that the pixels were decoded
/// into, wherever they are 8-bit RGB or RGBA.
///
/// # Errors
/// [`ModelError::Photo`] for an unknown format, damaged data, or a picture over the limits.
pub fn decode_photo(bytes: &[u8], limits: &DecodeLimits) -> Result<RgbImage, ModelError> {
    // The decoders are other people's code on other people's files: a panic in them counts as an error in the file.
    catch_unwind(AssertUnwindSafe(|| decode(bytes, limits)))
        .unwrap_or_else(|_| Err(PANICKED.into()))
        .map_err(ModelError::Photo)
}

fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<RgbImage, String> {
    match format::recognize(&bytes[..bytes.len().min(HEAD_BYTES)])? {
        ImageFormat::Jpeg => {
            let header = jpeg_markers::header(bytes)?;
            let exif = header.exif.and_then(Orientation::from_exif_chunk);
            let picture = jpeg_markers::picture(bytes, &header)?;
            let jpeg = Jpeg::open(&picture.bytes).map_err(|fault| fault.to_string())?;
            let size = jpeg.dimensions();
            let _reservation = limits.reserve(size, jpeg.bytes_needed())?;
            let pixels = jpeg.decode().map_err(|fault| fault.to_string())?;
            let picture = RgbImage::from_raw(size.0, size.1, pixels).ok_or(PANICKED)?;
            // A photo is used even if its EXIF block is broken.
            Ok(upright(picture, exif.unwrap_or(Orientation::NoTransforms)))
        }
        ImageFormat::Tiff => {
            let picture = TiffPicture::open(Cursor::new(bytes))?;
            let _reservation = limits.reserve(picture.size, picture.needed_bytes())?;
            let orientation = picture.orientation;
            Ok(upright(picture.decode(limits.max_bytes)?, orientation))
        }
        ImageFormat::Png => {
            let exif = png_exif::find(bytes).and_then(Orientation::from_exif_chunk);
            decode_with_image(bytes, ImageFormat::Png, exif, limits)
        }
        ImageFormat::WebP => decode_with_image(&bytes[..webp_end(bytes)], ImageFormat::WebP, None, limits),
        format => decode_with_image(bytes, format, None, limits),
    }
}

/// Decodes with `image`. Without an `orientation`, it is that of the file's EXIF data, if `image` finds them.
fn decode_with_image(
    bytes: &[u8],
    format: ImageFormat,
    orientation: Option<Orientation>,
    limits: &DecodeLimits,
) -> Result<RgbImage, String> {
    let fail = |error| describe(&error);
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(fail)?;
    let (width, height) = decoder.dimensions();
    // Refused before anything is allocated, and by a sentence of its own.
    limits.check_size(width, height)?;
    let mut decoder_limits = Limits::default();
    decoder_limits.max_image_width = Some(limits.max_side);
    decoder_limits.max_image_height = Some(limits.max_side);
    decoder_limits.max_alloc = Some(limits.max_bytes);
    decoder.set_limits(decoder_limits).map_err(fail)?;
    // A photo is used even if its EXIF block is broken.
    let orientation = orientation.or_else(|| decoder.orientation().ok()).unwrap_or(Orientation::NoTransforms);
    let copy = extra_bytes(decoder.color_type(), u64::from(width) * u64::from(height));
    let _reservation = limits.reserve((width, height), decoder.total_bytes().saturating_add(copy))?;
    let picture = DynamicImage::from_decoder(decoder).map_err(fail)?;
    Ok(upright(opaque(picture, AlphaKind::Straight), orientation))
}

/// Where a WebP file ends, as it says itself. The decoder would look for further parts behind it.
pub(super) fn webp_end(bytes: &[u8]) -> usize {
    let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map_or(0, u32::from_le_bytes);
    let end = (length as usize).saturating_add(8);
    // A length that leaves no room for a picture is wrong, and such files are shown by browsers.
    if end < 20 { bytes.len() } else { end.min(bytes.len()) }
}

pub(super) fn describe(error: &image::ImageError) -> String {
    use image::ImageError as E;
    match error {
        E::Limits(_) => "is too large to decode within the memory limit".into(),
        E::Unsupported(inner) => format!("uses a feature that is not supported: {inner}"),
        other => format!("is damaged or incomplete: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgb};

    fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn limits() -> DecodeLimits {
        DecodeLimits::default()
    }

    #[test]
    fn sixteen_bit_gray_becomes_eight_bit_rgb() {
        let gray = image::ImageBuffer::from_pixel(3, 2, Luma([0x8080u16]));
        let bytes = encode(&DynamicImage::ImageLuma16(gray), ImageFormat::Png);
        let rgb = decode_photo(&bytes, &limits()).unwrap();
        assert_eq!(rgb.dimensions(), (3, 2));
        assert_eq!(rgb.get_pixel(0, 0), &Rgb([0x80, 0x80, 0x80]));
    }

    #[test]
    fn hidden_colors_are_not_shown() {
        let clear = image::RgbaImage::from_pixel(2, 2, image::Rgba([200, 10, 20, 0]));
        let bytes = encode(&DynamicImage::ImageRgba8(clear), ImageFormat::Png);
        assert_eq!(decode_photo(&bytes, &limits()).unwrap().get_pixel(1, 1), &Rgb([255; 3]));
    }

    #[test]
    fn text_is_not_a_picture() {
        let error = decode_photo(b"hello, I am a text file", &limits()).unwrap_err().to_string();
        assert!(error.contains("not a picture"), "{error}");
    }

    #[test]
    fn a_truncated_file_is_refused() {
        let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(64, 64, |x, y| {
            Rgb([x as u8 * 4, y as u8 * 4, (x * y) as u8])
        }));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let bytes = encode(&picture, format);
            assert!(decode_photo(&bytes, &limits()).is_ok(), "{format:?}");
            let error = decode_photo(&bytes[..bytes.len() / 2], &limits()).unwrap_err().to_string();
            assert!(error.contains("damaged"), "{format:?}: {error}");
        }
    }

    /// A PNG of 16-bit RGBA that claims a size, and no pixels.
    fn claims(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([16, 6, 0, 0, 0]);
        let crc = crc32(&bytes[12..29]);
        bytes.extend(crc.to_be_bytes());
        bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
        bytes
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_decoded() {
        // 2 GiB of pixels in under 70 bytes.
        let error = decode_photo(&claims(16384, 16384), &limits()).unwrap_err().to_string();
        assert!(error.contains("16384×16384") && error.contains("MiB"), "{error}");
        // Few pixels, but no photo.
        let error = decode_photo(&claims(30_001, 1), &limits()).unwrap_err().to_string();
        assert!(error.contains("30001×1") && error.contains("on a side"), "{error}");
    }

    #[test]
    fn a_bomb_inside_a_small_picture_is_refused_by_its_decoder() {
        // One pixel, but its only frame claims 9,000 × 9,000: 324 MB that the header does not mention.
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0".to_vec();
        bytes.extend([9_000u16.to_le_bytes(), 9_000u16.to_le_bytes()].concat());
        bytes.extend(b"\0\x02\x02D\x01\0;");
        let limits = DecodeLimits { max_bytes: 256 << 20, ..limits() };
        let error = decode_photo(&bytes, &limits).unwrap_err().to_string();
        assert!(error.contains("memory limit"), "{error}");
    }

    #[test]
    fn a_photo_of_61_megapixels_is_within_the_limits() {
        // 8-bit RGB of a large camera: 174 MiB.
        let mut header = claims(9_504, 6_336);
        header[24] = 8;
        header[25] = 2;
        let crc = crc32(&header[12..29]);
        header[29..33].copy_from_slice(&crc.to_be_bytes());
        let error = decode_photo(&header, &limits()).unwrap_err().to_string();
        // Refused because its pixels are missing, not because of their number.
        assert!(error.contains("incomplete"), "{error}");
    }

    #[test]
    fn a_panic_in_a_decoder_is_an_error_in_the_file() {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |name: &[u8; 4], data: &[u8]| {
            bytes.extend((data.len() as u32).to_be_bytes());
            let body = [name, data].concat();
            bytes.extend(&body);
            bytes.extend(crc32(&body).to_be_bytes());
        };
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
        // Not a whole number of colors: png 0.18.1 reads past its end.
        chunk(b"PLTE", &[1, 2, 3, 4, 5]);
        chunk(b"IDAT", b"\x78\x01\x01\x02\0\xfd\xff\0\0\0\x02\0\x01");
        chunk(b"IEND", b"");
        let limits = limits();
        let error = decode_photo(&bytes, &limits).unwrap_err().to_string();
        assert!(error.contains("the decoder does not handle"), "{error}");
        assert_eq!(*limits.budget.reserved_bytes.lock().unwrap(), 0, "its memory is released");
    }

    #[test]
    fn the_workers_share_one_memory_budget() {
        let limits = limits();
        let first = limits.budget.reserve(TOTAL_BYTES - 5);
        let fits = limits.budget.reserve(5);
        let other = limits.clone();
        let waits = std::thread::spawn(move || drop(other.budget.reserve(6)));
        // A thread that does not wait for memory ends within this time.
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(!waits.is_finished());
        drop(fits);
        drop(first);
        waits.join().unwrap();
        assert_eq!(*limits.budget.reserved_bytes.lock().unwrap(), 0);
        drop(limits.budget.reserve(2 * TOTAL_BYTES));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = !0u32;
        for &byte in bytes {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }

    #[test]
    fn exif_orientation_turns_the_photo() {
        let mut picture = RgbImage::new(4, 2);
        picture.put_pixel(0, 0, Rgb([255, 255, 255]));
        let jpeg = encode(&DynamicImage::ImageRgb8(picture), ImageFormat::Jpeg);
        // APP1 with one IFD0 entry: orientation 6 (turn a quarter clockwise).
        let mut exif = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
        exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        let mut turned = jpeg[..2].to_vec();
        turned.extend(exif);
        turned.extend(&jpeg[2..]);
        assert_eq!(decode_photo(&jpeg, &limits()).unwrap().dimensions(), (4, 2));
        assert_eq!(decode_photo(&turned, &limits()).unwrap().dimensions(), (2, 4));
    }
}
