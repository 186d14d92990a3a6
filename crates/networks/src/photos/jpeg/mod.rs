//! JPEG files, with the pixels that Pillow (libjpeg-turbo) gives.
//!
//! Owns the decoding of baseline, extended and progressive files with Huffman coding and 8 bits for each channel: gray,
//! YCbCr, RGB, CMYK and YCCK, with any whole-numbered sampling, in one scan or many. Must not know limits, orientation or
//! what follows the picture in the file.
//!
//! The networks were published with Pillow's decoding, and they notice the difference of another: of the decoders in Rust
//! that are fast and safe, none filters the colors of 4:2:0 as libjpeg does, which cost EfficientNet-Lite0 a cosine of up to
//! 0.0003. Every step here has the bits of libjpeg-turbo, and what would show wrong pixels is an error.

mod bits;
mod header;
mod idct;
mod pixels;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;

use pulp::{Simd, WithSimd};

use header::{Frame, Reader, Scan, Segments};
use pixels::{Painter, Plane, Store};
use scan::{Block, Coefficients, Entropy};

use super::jpeg_markers::refuse;

/// Why a file gives no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    EndMissing,
    Damaged(&'static str),
    Unsupported(&'static str),
    Channels(usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndMissing => f.write_str("is damaged or incomplete: its end is missing"),
            Self::Damaged(what) => write!(f, "is damaged: {what}"),
            Self::Unsupported(what) => f.write_str(&refuse(what)),
            Self::Channels(count) => f.write_str(&refuse(&format!("{count} channels"))),
        }
    }
}

/// A JPEG file whose header has been read.
pub(super) struct Jpeg<'a> {
    data: &'a [u8],
    reader: Reader<'a>,
    known: Segments,
    frame: Frame,
    scan: Scan,
}

impl<'a> Jpeg<'a> {
    /// Reads up to the first pixels.
    pub(super) fn open(data: &'a [u8]) -> Result<Self, Fault> {
        let (mut reader, mut known) = (Reader::new(data), Segments::default());
        let scan = reader.next_scan(&mut known)?.ok_or(Fault::Damaged("it has no pixels"))?;
        let frame = known.frame.clone().ok_or(Fault::Damaged("it has no frame"))?;
        Ok(Self { data, reader, known, frame, scan })
    }

    /// Width and height in pixels, at most 65,535.
    pub(super) fn dimensions(&self) -> (u32, u32) {
        (self.frame.width as u32, self.frame.height as u32)
    }

    /// Whether the pixels come in one scan, so that no coefficients have to be kept.
    fn in_one_scan(&self) -> bool {
        !self.frame.progressive && self.scan.components.len() == self.frame.components.len()
    }

    /// Bytes that decoding allocates, without tables: the pixels, two rows of units, and coefficients if they have to be kept.
    pub(super) fn bytes_needed(&self) -> u64 {
        let frame = &self.frame;
        let pixels = 3 * frame.width as u64 * frame.height as u64;
        let samples =
            |rows: usize| frame.components.iter().map(move |c| (c.blocks_across * rows * c.down * 64) as u64);
        let planes = samples(2).sum::<u64>();
        pixels + planes + if self.in_one_scan() { 0 } else { 2 * samples(frame.units_down).sum::<u64>() }
    }

    /// The pixels, row-major interleaved RGB.
    pub(super) fn decode(mut self) -> Result<Vec<u8>, Fault> {
        let quantization =
            |known: &Segments, frame: &Frame, scan: &Scan, tables: &mut [Option<[i16; 64]>]| {
                for &(index, ..) in &scan.components {
                    if tables[index].is_none() {
                        tables[index] = Some(known.quantization_of(&frame.components[index])?);
                    }
                }
                Ok(())
            };
        let mut tables = vec![None; self.frame.components.len()];
        quantization(&self.known, &self.frame, &self.scan, &mut tables)?;
        let one_scan = self.in_one_scan();
        let kept = if one_scan {
            None
        } else {
            let mut kept = Coefficients::new(&self.frame);
            loop {
                self.reader.place =
                    kept.read(self.data, self.reader.place, &self.scan, &self.known, &self.frame)?;
                // What follows a complete picture does not matter.
                if kept.complete() {
                    break;
                }
                match self.reader.next_scan(&mut self.known)? {
                    Some(scan) => self.scan = scan,
                    None if kept.seen() => break,
                    None => return Err(Fault::Damaged("a channel is missing")),
                }
                quantization(&self.known, &self.frame, &self.scan, &mut tables)?;
            }
            Some(kept)
        };
        let tables: Option<Vec<[i16; 64]>> = tables.into_iter().collect();
        let tables = tables.ok_or(Fault::Damaged("a channel is missing"))?;
        let source = match kept {
            None => Source::Scan(Entropy::new(self.data, self.reader.place, &self.scan, &self.known)?),
            Some(kept) => Source::Kept(kept),
        };
        let colors = self.known.colors();
        let task = Task {
            source,
            canvas: Canvas {
                frame: &self.frame,
                quantization: &tables,
                planes: self.frame.components.iter().map(Plane::new).collect(),
            },
            painter: Painter::new(&self.frame, colors),
        };
        vectorized(task)
    }
}

/// A task with the vector instructions that it is compiled for.
struct With<'a, 't, L> {
    level: L,
    task: Task<'a, 't>,
}

impl<L: Store> WithSimd for With<'_, '_, L> {
    type Output = Result<Vec<u8>, Fault>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        self.task.run(self.level)
    }
}

/// Runs `task` compiled for AVX2 where there is AVX2.
fn vectorized(task: Task<'_, '_>) -> Result<Vec<u8>, Fault> {
    #[cfg(target_arch = "x86_64")]
    if let Some(level) = pulp::x86::V3::try_new() {
        return Simd::vectorize(level, With { level, task });
    }
    Simd::vectorize(pulp::Scalar, With { level: pulp::Scalar, task })
}

/// Where the coefficients come from.
enum Source<'a, 't> {
    Scan(Entropy<'a, 't>),
    Kept(Coefficients),
}

/// The samples of all channels that the pixels being painted need.
struct Canvas<'t> {
    frame: &'t Frame,
    quantization: &'t [[i16; 64]],
    planes: Vec<Plane>,
}

impl Canvas<'_> {
    /// Puts the samples of a block where they belong. `last` is the index after which all coefficients are zero.
    #[inline(always)]
    fn put(
        &mut self,
        unit_row: usize,
        index: usize,
        (column, row): (usize, usize),
        block: &Block,
        last: usize,
    ) {
        let row = unit_row * self.frame.components[index].down + row;
        let plane = &mut self.planes[index];
        let stride = plane.stride;
        idct::samples_of(block, &self.quantization[index], last, plane.block(column, row), stride);
    }
}

/// Samples and pixels, one row of units after the other.
struct Task<'a, 't> {
    source: Source<'a, 't>,
    canvas: Canvas<'t>,
    painter: Painter,
}

impl Task<'_, '_> {
    #[inline(always)]
    fn run(self, store: impl Store) -> Result<Vec<u8>, Fault> {
        let Self { mut source, mut canvas, mut painter } = self;
        let frame = canvas.frame;
        let stride = frame.width * 3;
        let mut rgb = vec![0; stride * frame.height];
        let mut rows = rgb.chunks_exact_mut(stride).enumerate();
        for unit_row in 0..frame.units_down {
            match &mut source {
                Source::Scan(entropy) => entropy.unit_row(
                    frame,
                    #[inline(always)]
                    |index, place, block, last| canvas.put(unit_row, index, place, block, last),
                )?,
                Source::Kept(kept) => {
                    for (index, component) in frame.components.iter().enumerate() {
                        let (across, in_row) =
                            (component.blocks_across, component.blocks_across * component.down);
                        let blocks = &kept.blocks[index][unit_row * in_row..(unit_row + 1) * in_row];
                        for (number, block) in blocks.iter().enumerate() {
                            let last = if block[1..] == [0; 63] { 0 } else { 63 };
                            canvas.put(unit_row, index, (number % across, number / across), block, last);
                        }
                    }
                }
            }
            // The last pixels of a row of units need samples of the next one.
            let ready = if unit_row + 1 == frame.units_down {
                frame.height
            } else {
                (unit_row * 8 + 7) * frame.most_down
            };
            let from = if unit_row == 0 { 0 } else { (unit_row * 8 - 1) * frame.most_down };
            for (y, row) in rows.by_ref().take(ready.saturating_sub(from)) {
                painter.row(store, &canvas.planes, y, row);
            }
        }
        Ok(rgb)
    }
}
