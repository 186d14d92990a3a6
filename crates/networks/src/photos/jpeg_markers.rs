//! The segments of a JPEG file: what its headers say, and where the picture ends.
//!
//! Cameras put films, depth maps and previews behind a picture. Nothing behind its end may count, so the end is found by
//! following the segments, never by searching for its bytes.
//!
//! Owns the walk over the segments. Must not know: how coefficients become pixels.

use std::borrow::Cow;

use super::jpeg_scan;

/// Shown with a photo whose file does not say where the picture ends.
pub(super) const NO_END: &str = "the end-of-image marker is missing; all pixels are there";

/// Why a file without a scan is refused.
pub(super) const NO_PICTURE: &str = "is damaged or incomplete: it has no picture";

/// A piece of a JPEG file that begins with a marker.
pub(super) struct Segment<'a> {
    /// The second byte of the marker.
    pub marker: u8,
    /// What follows the length; empty for markers without one.
    pub body: &'a [u8],
    /// Position behind the segment.
    pub end: usize,
    /// Whether the bytes before the marker belong to nothing.
    pub stray: bool,
}

/// The next segment from `at` on; `None` where the file ends or the segment is cut off.
pub(super) fn segment(bytes: &[u8], at: usize) -> Option<Segment<'_>> {
    let mut position = at;
    let marker = loop {
        position += bytes.get(position..)?.iter().position(|&byte| byte == 0xFF)?;
        match *bytes.get(position + 1)? {
            0xFF => position += 1,
            0 => position += 2,
            marker => break marker,
        }
    };
    let stray = bytes[at..position].iter().any(|&byte| byte != 0xFF);
    let start = position + 2;
    if matches!(marker, 0x01 | 0xD0..=0xD9) {
        return Some(Segment { marker, body: &[], end: start, stray });
    }
    let length = usize::from(u16::from_be_bytes(bytes.get(start..start + 2)?.try_into().ok()?));
    let end = start + length.max(2);
    Some(Segment { marker, body: bytes.get(start + 2..end)?, end, stray })
}

/// What the segments before the first scan say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct JpegHeader<'a> {
    /// Pixels, as stored; `None` when no frame has been announced.
    pub size: Option<(u32, u32)>,
    /// The EXIF block, from its byte order on.
    pub exif: Option<&'a [u8]>,
    /// Where the first scan begins; `None` when there is none.
    pub scan: Option<usize>,
}

/// Reads the segments up to the first scan.
///
/// # Errors
/// The name of a coding that is not supported.
pub(super) fn header(bytes: &[u8]) -> Result<JpegHeader<'_>, String> {
    let mut header = JpegHeader::default();
    let mut at = 2;
    while let Some(segment) = segment(bytes, at) {
        match segment.marker {
            0xDA => {
                header.scan = Some(segment.end - segment.body.len() - 4);
                break;
            }
            0xD9 => break,
            0xE1 if header.exif.is_none() => header.exif = segment.body.strip_prefix(b"Exif\0\0"),
            marker if is_frame(marker) && header.size.is_none() => {
                supported(marker, segment.body)?;
                header.size = size(segment.body);
            }
            0xDE => return Err(refuse("hierarchical coding")),
            _ => {}
        }
        at = segment.end;
    }
    Ok(header)
}

/// Whether the marker announces a frame (SOF0 to SOF15 without DHT, JPG and DAC).
pub(super) fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

fn size(frame: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from(u16::from_be_bytes(frame.get(at..at + 2)?.try_into().ok()?)));
    Some((number(3)?, number(1)?))
}

fn supported(frame: u8, body: &[u8]) -> Result<(), String> {
    match frame {
        0xC9..=0xCF => Err(refuse("arithmetic coding")),
        0xC3 => Err(refuse("lossless coding")),
        0xC5..=0xC7 => Err(refuse("hierarchical coding")),
        _ => match body.first() {
            Some(&bits) if bits != 8 => Err(refuse(&format!("a precision of {bits} bits"))),
            _ => Ok(()),
        },
    }
}

pub(super) fn refuse(what: &str) -> String {
    format!(
        "is a JPEG file of a kind that is not decoded ({what} is not supported); save it again as an ordinary JPEG"
    )
}

/// The part of a file that holds the picture.
pub(super) struct JpegPicture<'a> {
    /// From the first byte to the end-of-image marker, which is added where it is missing.
    pub bytes: Cow<'a, [u8]>,
    /// What to tell about the file.
    pub note: Option<&'static str>,
}

/// Cuts off what follows the picture.
///
/// Decoders fill what is missing with gray, and a half-gray photo would be embedded as if it were whole. So a file in which
/// the end-of-image marker does not follow from the segments is used only if every pixel is found in it.
///
/// # Errors
/// The end of a sentence that begins with the file's name.
pub(super) fn picture<'a>(bytes: &'a [u8], header: &JpegHeader<'_>) -> Result<JpegPicture<'a>, String> {
    let scan = header.scan.ok_or(NO_PICTURE)?;
    if let Some(end) = marked_end(bytes, scan) {
        return Ok(JpegPicture { bytes: Cow::Borrowed(&bytes[..end]), note: None });
    }
    let end = jpeg_scan::end_of_pixels(bytes)
        .ok_or("is damaged or incomplete: its end is missing; restore it or save it again")?;
    let closed = [&bytes[..end], b"\xFF\xD9"].concat();
    Ok(JpegPicture { bytes: Cow::Owned(closed), note: Some(NO_END) })
}

/// The position behind the end-of-image marker, when all segments from the first scan on lead to it.
fn marked_end(bytes: &[u8], scan: usize) -> Option<usize> {
    let mut at = scan;
    loop {
        let found = segment(bytes, at)?;
        match found.marker {
            0xD9 if !found.stray => return Some(found.end),
            0xDA if !found.stray => at = end_of_entropy(bytes, found.end)?,
            // Tables, comments and the like between scans; the number of lines.
            0xC4 | 0xCC | 0xDB..=0xDD | 0xE0..=0xEF | 0xFE if !found.stray => at = found.end,
            _ => return None,
        }
    }
}

/// The position of the first marker in the data of a scan that ends it.
fn end_of_entropy(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        match *bytes.get(at + 1)? {
            // A stuffed byte or a restart marker.
            0 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

/// The note on a photo, from the bytes of its file.
#[must_use]
pub fn photo_note(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.starts_with(b"\xFF\xD8\xFF") {
        return None;
    }
    picture(bytes, &header(bytes).ok()?).ok()?.note
}
