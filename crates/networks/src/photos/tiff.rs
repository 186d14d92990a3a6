//! TIFF pictures of every common kind, as opaque 8-bit RGB.
//!
//! `image` reads neither palettes nor gray of 2 or 4 bits nor gray with alpha, so the tags are read here. The library for
//! TIFF refuses a palette, too; it is shown a palette's indices as gray values (`Patched`).
//!
//! Owns the meaning of the tags and the way from samples to RGB. Must not know: limits on memory, orientation.

use std::io::{Read, Result as IoResult, Seek, SeekFrom};

use image::RgbImage;
use image::metadata::Orientation;
use tiff::TiffError;
use tiff::decoder::{BufferLayoutPreference, Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffResult};

use super::on_white::{AlphaKind, eight};

const DNG_VERSION: Tag = Tag::Unknown(50706);
const CHUNKY: u16 = 1;

/// What the samples of a pixel mean, before any alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Samples {
    Gray,
    Rgb,
    Cmyk,
    YCbCr,
    Palette(Vec<[u8; 3]>),
}

/// A TIFF file whose tags have been read.
pub(super) struct TiffPicture<R: Read + Seek> {
    decoder: Decoder<Patched<R>>,
    pub size: (u32, u32),
    pub orientation: Orientation,
    samples: Samples,
    /// The alpha sample and how it is meant.
    alpha: Option<(usize, AlphaKind)>,
    bits: u8,
    layout: BufferLayoutPreference,
    /// Samples of a pixel that stand side by side; 1 when each has a plane of its own.
    side_by_side: usize,
}

impl<R: Read + Seek> TiffPicture<R> {
    /// Reads the tags of the first picture.
    ///
    /// # Errors
    /// The end of a sentence that begins with the file's name.
    pub(super) fn open(reader: R) -> Result<Self, String> {
        Self::read_tags(Patched::new(reader)).map_err(|error| describe(&error))?
    }

    /// Two kinds of errors: the library's, and kinds of TIFF that are not decoded.
    fn read_tags(mut reader: Patched<R>) -> TiffResult<Result<Self, String>> {
        let entry = photometric_entry(&mut reader)?;
        reader.seek(SeekFrom::Start(0))?;
        let mut decoder = Decoder::new(reader)?;
        let size = decoder.dimensions()?;
        let number = |decoder: &mut Decoder<_>, tag| decoder.find_tag_unsigned::<u16>(tag);
        let reduced = number(&mut decoder, Tag::NewSubfileType)?.unwrap_or(0) & 1 == 1;
        if decoder.find_tag(DNG_VERSION)?.is_some() || (reduced && decoder.find_tag(Tag::SubIfd)?.is_some()) {
            return Ok(Err(
                "is a camera raw file (DNG, NEF or the like), which is not read; export it as JPEG or TIFF"
                    .into(),
            ));
        }
        let photometric = number(&mut decoder, Tag::PhotometricInterpretation)?;
        let mut palette = None;
        if photometric == Some(3) {
            let Some((at, big_endian)) = entry else {
                return Ok(Err(unsupported("the place of its palette")));
            };
            palette = Some(read_palette(&mut decoder)?);
            let mut reader = decoder.inner().take();
            reader.patch = Some((at, if big_endian { [0, 1] } else { [1, 0] }));
            reader.seek(SeekFrom::Start(0))?;
            decoder = Decoder::new(reader)?;
        }
        let color = decoder.colortype()?;
        let (samples, main) = match (palette, color) {
            (Some(colors), ColorType::Gray(_) | ColorType::Multiband { .. }) => (Samples::Palette(colors), 1),
            (None, ColorType::Gray(_) | ColorType::Multiband { .. }) => (Samples::Gray, 1),
            (None, ColorType::RGB(_) | ColorType::RGBA(_)) => (Samples::Rgb, 3),
            (None, ColorType::CMYK(_) | ColorType::CMYKA(_)) => (Samples::Cmyk, 4),
            (None, ColorType::YCbCr(8)) => (Samples::YCbCr, 3),
            (_, other) => return Ok(Err(unsupported(&format!("the color type {other:?}")))),
        };
        let layout = decoder.image_buffer_layout()?;
        let compressed_jpeg = number(&mut decoder, Tag::Compression)? == Some(7);
        let subsampled =
            decoder.find_tag_unsigned_vec::<u16>(Tag::ChromaSubsampling)?.is_none_or(|steps| steps != [1, 1]);
        let bits = color.bit_depth();
        use tiff::tags::SampleFormat as Format;
        let known = match (layout.sample_format, bits) {
            (Format::Uint, 1 | 2 | 4) => samples == Samples::Gray || matches!(samples, Samples::Palette(_)),
            (Format::Uint, 8) => true,
            (Format::Uint, 16) => !matches!(samples, Samples::Palette(_)),
            (Format::IEEEFP, 32) => samples == Samples::Rgb,
            _ => false,
        };
        if !known {
            return Ok(Err(unsupported(&format!("{bits} bits a sample as {:?}", layout.sample_format))));
        }
        // The library makes other colors of two samples.
        if compressed_jpeg && matches!(color, ColorType::Multiband { .. }) {
            return Ok(Err(unsupported("gray with alpha inside JPEG")));
        }
        if samples == Samples::YCbCr && subsampled && !compressed_jpeg {
            return Ok(Err(unsupported("YCbCr with fewer samples of color")));
        }
        let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?.unwrap_or_default();
        let alpha = match extra.first() {
            Some(1) => Some(AlphaKind::Premultiplied),
            Some(2) => Some(AlphaKind::Straight),
            // Four samples of RGB, and no word about the fourth.
            None if matches!(color, ColorType::RGBA(_)) => Some(AlphaKind::Straight),
            _ => None,
        };
        let alpha = alpha.filter(|_| usize::from(color.num_samples()) > main).map(|kind| (main, kind));
        let planar = number(&mut decoder, Tag::PlanarConfiguration)?.unwrap_or(CHUNKY) != CHUNKY;
        let side_by_side = if planar { 1 } else { usize::from(color.num_samples()) };
        let orientation = number(&mut decoder, Tag::Orientation).ok().flatten();
        let orientation = orientation.and_then(|number| Orientation::from_exif(u8::try_from(number).ok()?));
        Ok(Ok(Self {
            decoder,
            size,
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
            samples,
            alpha,
            bits,
            layout,
            side_by_side,
        }))
    }

    /// Bytes that [`TiffPicture::decode`] allocates.
    pub(super) fn needed_bytes(&self) -> u64 {
        let pixels = u64::from(self.size.0) * u64::from(self.size.1);
        let copy = if self.is_rgb8() { 0 } else { pixels.saturating_mul(3) };
        (self.layout.complete_len as u64).saturating_add(copy)
    }

    /// Whether the samples are the result.
    fn is_rgb8(&self) -> bool {
        self.samples == Samples::Rgb && self.bits == 8 && self.side_by_side == 3
    }

    /// Decodes the picture on white, not yet turned. The library may allocate `max_bytes`.
    ///
    /// # Errors
    /// The end of a sentence that begins with the file's name.
    pub(super) fn decode(mut self, max_bytes: u64) -> Result<RgbImage, String> {
        let mut limits = Limits::default();
        let most = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        limits.decoding_buffer_size = self.layout.complete_len.min(most);
        limits.intermediate_buffer_size = most.saturating_sub(self.layout.complete_len);
        limits.ifd_value_size = limits.intermediate_buffer_size;
        let rgb8 = self.is_rgb8();
        self.decoder = self.decoder.with_limits(limits);
        let mut data = DecodingResult::U8(Vec::new());
        self.decoder.read_image_to_buffer(&mut data).map_err(|error| describe(&error))?;
        if data.as_buffer(0).as_bytes().len() < self.layout.complete_len {
            return Err("is too large to decode within the memory limit".into());
        }
        let damaged = || "is damaged or incomplete: its samples are not as many as it says".to_owned();
        let (width, height) = self.size;
        let pixels = match data {
            DecodingResult::U8(bytes) if rgb8 => bytes,
            DecodingResult::U8(bytes) if self.bits < 8 => {
                let row = self.layout.row_stride.map_or(0, |stride| stride.get());
                self.to_rgb(|place, sample| packed(&bytes, row, self.bits, place, sample))
            }
            DecodingResult::U8(bytes) => {
                self.to_rgb(|place, sample| bytes.get(self.index(place, sample)).copied())
            }
            DecodingResult::U16(values) => {
                self.to_rgb(|place, sample| values.get(self.index(place, sample)).copied().map(eight))
            }
            DecodingResult::F32(values) => self.to_rgb(|place, sample| {
                let value = values.get(self.index(place, sample))?;
                Some((value.clamp(0.0, 1.0) * 255.0).round() as u8)
            }),
            _ => return Err(damaged()),
        };
        RgbImage::from_raw(width, height, pixels).ok_or_else(damaged)
    }

    /// Where a sample of a pixel stands, in samples.
    fn index(&self, (x, y): (usize, usize), sample: usize) -> usize {
        let pixel = y * self.size.0 as usize + x;
        let plane =
            self.layout.plane_stride.map_or(0, |stride| stride.get()) / usize::from(self.bits / 8).max(1);
        match self.side_by_side {
            1 => sample * plane + pixel,
            samples => pixel * samples + sample,
        }
    }

    /// Converts all pixels; the result is too short when `sample` finds none.
    fn to_rgb(&self, sample: impl Fn((usize, usize), usize) -> Option<u8>) -> Vec<u8> {
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        let mut rgb = Vec::with_capacity(width * height * 3);
        // Few bits a sample: spread over 0 to 255. Indices are used as they are.
        let scale = if self.bits < 8 { 255 / ((1u8 << self.bits) - 1) } else { 1 };
        let pixel = |place: (usize, usize)| -> Option<[u8; 3]> {
            let color = match &self.samples {
                Samples::Gray => [sample(place, 0)? * scale; 3],
                Samples::Palette(colors) => *colors.get(usize::from(sample(place, 0)?))?,
                Samples::Rgb => [sample(place, 0)?, sample(place, 1)?, sample(place, 2)?],
                Samples::Cmyk => {
                    let light = |value: u8, black: u8| {
                        ((255 - u32::from(value)) * (255 - u32::from(black)) + 127) / 255
                    };
                    let black = sample(place, 3)?;
                    let ink = |channel| Some(light(sample(place, channel)?, black) as u8);
                    [ink(0)?, ink(1)?, ink(2)?]
                }
                Samples::YCbCr => from_ycbcr([sample(place, 0)?, sample(place, 1)?, sample(place, 2)?]),
            };
            Some(match self.alpha {
                Some((at, kind)) => {
                    let alpha = sample(place, at)? * scale;
                    color.map(|value| kind.on_white(value, alpha))
                }
                None => color,
            })
        };
        for y in 0..height {
            for x in 0..width {
                match pixel((x, y)) {
                    Some(color) => rgb.extend(color),
                    None => return rgb,
                }
            }
        }
        rgb
    }
}

/// A sample of fewer than 8 bits; rows begin at a byte.
fn packed(bytes: &[u8], row: usize, bits: u8, (x, y): (usize, usize), sample: usize) -> Option<u8> {
    if sample > 0 {
        return None;
    }
    let bit = x * usize::from(bits);
    let byte = bytes.get(y * row + bit / 8)?;
    Some(byte >> (8 - usize::from(bits) - bit % 8) & ((1 << bits) - 1))
}

/// Full-range YCbCr of ITU-R BT.601, as in JPEG.
fn from_ycbcr([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        .map(|value| value.round().clamp(0.0, 255.0) as u8)
}

/// The color map: all reds, all greens, all blues, 16 bits each. Some programs write 8.
fn read_palette<R: Read + Seek>(decoder: &mut Decoder<R>) -> TiffResult<Vec<[u8; 3]>> {
    let map = decoder.find_tag_unsigned_vec::<u16>(Tag::ColorMap)?.unwrap_or_default();
    let shift = if map.iter().all(|&value| value < 256) { 0 } else { 8 };
    let count = map.len() / 3;
    Ok((0..count)
        .map(|index| [0, 1, 2].map(|channel| (map[channel * count + index] >> shift) as u8))
        .collect())
}

fn unsupported(what: &str) -> String {
    format!("is a TIFF file of a kind that is not decoded ({what} is not supported); save it as PNG or JPEG")
}

fn describe(error: &TiffError) -> String {
    match error {
        TiffError::LimitsExceeded => "is too large to decode within the memory limit".into(),
        TiffError::UnsupportedError(inner) => unsupported(&inner.to_string()),
        other => format!("is damaged or incomplete: {other}"),
    }
}

/// A reader that shows two bytes as others.
struct Patched<R> {
    inner: Option<R>,
    position: u64,
    patch: Option<(u64, [u8; 2])>,
}

impl<R> Patched<R> {
    fn new(inner: R) -> Self {
        Self { inner: Some(inner), position: 0, patch: None }
    }

    /// Leaves an empty reader behind.
    fn take(&mut self) -> Self {
        Self { inner: self.inner.take(), position: self.position, patch: self.patch }
    }
}

impl<R: Read> Read for Patched<R> {
    fn read(&mut self, out: &mut [u8]) -> IoResult<usize> {
        let Some(inner) = &mut self.inner else { return Ok(0) };
        let count = inner.read(out)?;
        if let Some((at, bytes)) = self.patch {
            for (offset, byte) in (at..).zip(bytes) {
                let index = offset.checked_sub(self.position).and_then(|index| usize::try_from(index).ok());
                if let Some(shown) = index.and_then(|index| out[..count].get_mut(index)) {
                    *shown = byte;
                }
            }
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for Patched<R> {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        let Some(inner) = &mut self.inner else { return Ok(0) };
        self.position = inner.seek(to)?;
        Ok(self.position)
    }
}

/// The position of the value of the tag that says what samples mean, in the first directory, and whether its higher byte
/// comes first.
fn photometric_entry<R: Read + Seek>(reader: &mut R) -> IoResult<Option<(u64, bool)>> {
    const PHOTOMETRIC: u64 = 262;
    let mut head = [0; 8];
    reader.read_exact(&mut head)?;
    let big_endian = head[0] == b'M';
    let number = |bytes: &[u8]| {
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        if big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    };
    // BigTIFF has longer offsets and entries.
    let big = number(&head[2..4]) == 43;
    let mut read = |at: u64, length: usize| -> IoResult<[u8; 8]> {
        let mut bytes = [0; 8];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut bytes[..length])?;
        Ok(bytes)
    };
    let (directory, entries, entry, value) = match big {
        true => (number(&read(8, 8)?), 8, 20, 12),
        false => (number(&head[4..8]), 2, 12, 8),
    };
    let count = number(&read(directory, entries)?[..entries]).min(4096);
    for index in 0..count {
        let at = directory.saturating_add(entries as u64 + index * entry);
        if number(&read(at, 2)?[..2]) == PHOTOMETRIC {
            return Ok(Some((at + value, big_endian)));
        }
    }
    Ok(None)
}
