//! Whether a JPEG file without an end-of-image marker has all its pixels.
//!
//! Reads the entropy-coded data as a decoder does (ITU-T T.81, annexes F and G) and counts blocks; coefficients are
//! dropped. Files that need this are rare, so the code is short rather than fast.
//!
//! Owns the counting. Must not know: pixels.

use super::jpeg_markers::{is_frame, segment};

/// Most blocks of all components together: those of 350 megapixels. Each may cost 8 bytes.
const MOST_BLOCKS: usize = 16 << 20;
/// A file that ends in zeros behind this many zeros is a copy that stopped, not a picture.
const ZEROS: usize = 16;

/// A Huffman table: how many codes there are of each length, and their values.
#[derive(Clone, Default)]
struct HuffmanTable {
    counts: [u8; 16],
    values: Vec<u8>,
}

struct Component {
    id: u8,
    /// Blocks across and down in one unit of an interleaved scan.
    sampling: (usize, usize),
    /// Blocks that hold pixels.
    blocks: (usize, usize),
    /// Blocks in a row, with those that fill up the last unit.
    stride: usize,
    /// The lowest bit of each coefficient that has been read; 255 for none.
    lowest: [u8; 64],
    /// The coefficients of each block that are not zero, as bits. Only progressive files need them.
    nonzero: Vec<u64>,
}

struct Frame {
    progressive: bool,
    components: Vec<Component>,
    /// Units of an interleaved scan.
    units: (usize, usize),
}

#[derive(Default)]
struct Tables {
    dc: [HuffmanTable; 4],
    ac: [HuffmanTable; 4],
    restart: usize,
}

/// The position behind the data of the last pixel, or `None` when pixels are missing or damaged.
pub(super) fn end_of_pixels(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..samsung_trailer(bytes).unwrap_or(bytes.len())];
    let mut tables = Tables::default();
    let mut frame: Option<Frame> = None;
    let (mut at, mut scanned) = (2, false);
    loop {
        let found = segment(bytes, at)?;
        // Bytes between the scans that belong to nothing: the end of what is sound.
        if found.stray && scanned {
            return None;
        }
        match found.marker {
            0xC4 => tables.define(found.body)?,
            0xDD => tables.restart = usize::from(u16::from_be_bytes(found.body.try_into().ok()?)),
            0xDA => {
                let frame = frame.as_mut()?;
                let end = frame.read_scan(&tables, found.body, bytes, found.end)?;
                if frame.is_complete() {
                    return Some(end).filter(|&end| !lost_in_zeros(bytes, end));
                }
                (at, scanned) = (end, true);
                continue;
            }
            0xD8 | 0xD9 => return None,
            // A second picture.
            marker if is_frame(marker) && frame.is_some() => return None,
            marker if is_frame(marker) => {
                frame = Some(Frame::read(marker, found.body, bytes.len())?);
            }
            _ => {}
        }
        at = found.end;
    }
}

/// Whether the picture ends inside a run of zeros that goes on: zeros are valid codes in most tables.
fn lost_in_zeros(bytes: &[u8], end: usize) -> bool {
    let before = &bytes[end.saturating_sub(ZEROS)..end];
    bytes.get(end) == Some(&0) && before.iter().all(|&byte| byte == 0)
}

/// Where the data begins that Samsung's cameras append: its directory (`SEFH`) stands at the end and says how far back
/// each block lies.
fn samsung_trailer(bytes: &[u8]) -> Option<usize> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let tail = bytes.len().checked_sub(8).filter(|&tail| bytes[tail + 4..] == *b"SEFT")?;
    let directory = tail.checked_sub(number(tail)?)?;
    bytes[directory..].starts_with(b"SEFH").then_some(())?;
    let entries = number(directory + 8)?.min((tail - directory) / 12);
    let furthest = (0..entries).filter_map(|entry| number(directory + 16 + 12 * entry)).max()?;
    directory.checked_sub(furthest)
}

impl Tables {
    fn define(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&[class, ref counts @ ..], rest)) = body.split_first_chunk::<17>() {
            let length = counts.iter().map(|&count| usize::from(count)).sum();
            let values = rest.get(..length)?.to_vec();
            let kind = if class >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *kind.get_mut(usize::from(class & 15))? = HuffmanTable { counts: *counts, values };
            body = &rest[length..];
        }
        Some(())
    }
}

impl Frame {
    /// `None` as well for more blocks than a file of `length` bytes can hold, at one bit each.
    fn read(marker: u8, body: &[u8], length: usize) -> Option<Self> {
        let (head, rest) = body.split_first_chunk::<6>()?;
        let side = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
        let (height, width) = (side(1), side(3));
        let parts: Vec<(u8, usize, usize)> = rest
            .chunks_exact(3)
            .map(|part| (part[0], usize::from(part[1] >> 4), usize::from(part[1] & 15)))
            .collect();
        let sane =
            |&(_, across, down): &(u8, usize, usize)| (1..=4).contains(&across) && (1..=4).contains(&down);
        if width == 0 || height == 0 || parts.is_empty() || parts.len() > 4 || !parts.iter().all(sane) {
            return None;
        }
        let most = |of: fn(&(u8, usize, usize)) -> usize| parts.iter().map(of).max().unwrap_or(1);
        let (across, down) = (most(|part| part.1), most(|part| part.2));
        let units = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        let total: usize = parts.iter().map(|&(_, h, v)| units.0 * h * units.1 * v).sum();
        if total > MOST_BLOCKS.min(8 * length) {
            return None;
        }
        let progressive = marker == 0xC2;
        let components = parts
            .iter()
            .map(|&(id, h, v)| Component {
                id,
                sampling: (h, v),
                blocks: ((width * h).div_ceil(across).div_ceil(8), (height * v).div_ceil(down).div_ceil(8)),
                stride: units.0 * h,
                lowest: [255; 64],
                nonzero: if progressive { vec![0; units.0 * h * units.1 * v] } else { Vec::new() },
            })
            .collect();
        Some(Self { progressive, components, units })
    }

    /// Whether every coefficient has been read to its lowest bit.
    fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.lowest.iter().all(|&bit| bit == 0))
    }

    /// Reads one scan, whose data begins at `start`; the position behind it.
    fn read_scan(&mut self, tables: &Tables, header: &[u8], bytes: &[u8], start: usize) -> Option<usize> {
        let (&count, rest) = header.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits, ..] = rest else { return None };
        let (first, last, high, low) = match self.progressive {
            true => (usize::from(first), usize::from(last), bits >> 4, bits & 15),
            false => (0, 63, 0, 0),
        };
        // A band of higher coefficients belongs to one component and does not hold the first.
        let mixed = self.progressive && if first == 0 { last > 0 } else { count != 1 };
        if last > 63 || first > last || mixed {
            return None;
        }
        let mut chosen = Vec::new();
        for selector in selectors.chunks_exact(2) {
            let component = self.components.iter().position(|component| component.id == selector[0])?;
            let dc = tables.dc.get(usize::from(selector[1] >> 4))?;
            let ac = tables.ac.get(usize::from(selector[1] & 15))?;
            chosen.push((component, dc, ac));
        }
        let mut reader = Reader { bytes, at: start, bits: 0, left: 0, end_of_band: 0 };
        let &(only, ..) = chosen.first()?;
        let units = if chosen.len() == 1 { self.components[only].blocks } else { self.units };
        let band = Band { progressive: self.progressive, first, last, refines: high > 0 };
        for unit in 0..units.0 * units.1 {
            if tables.restart > 0 && unit > 0 && unit % tables.restart == 0 {
                reader.restart()?;
            }
            let (x, y) = (unit % units.0, unit / units.0);
            for &(index, dc, ac) in &chosen {
                let component = &mut self.components[index];
                let (h, v) = if chosen.len() == 1 { (1, 1) } else { component.sampling };
                for block in 0..h * v {
                    let place = (y * v + block / h) * component.stride + x * h + block % h;
                    let mut unused = 0;
                    let nonzero = component.nonzero.get_mut(place).unwrap_or(&mut unused);
                    band.read_block(&mut reader, dc, ac, nonzero)?;
                }
            }
        }
        for (index, ..) in chosen {
            self.components[index].lowest[first..=last].fill(low);
        }
        Some(reader.at)
    }
}

/// The coefficients that a scan holds.
struct Band {
    progressive: bool,
    first: usize,
    last: usize,
    /// Whether it adds a bit to coefficients that are known.
    refines: bool,
}

impl Band {
    fn read_block(
        &self,
        reader: &mut Reader<'_>,
        dc: &HuffmanTable,
        ac: &HuffmanTable,
        nonzero: &mut u64,
    ) -> Option<()> {
        let mut first = self.first;
        if first == 0 {
            if self.refines {
                reader.skip(1)?;
            } else {
                let size = reader.symbol(dc)?;
                reader.skip(size)?;
            }
            first = 1;
        }
        if self.progressive && self.first == 0 {
            return Some(());
        }
        if self.refines { self.refine(reader, ac, nonzero) } else { self.read(reader, ac, first, nonzero) }
    }

    /// Reads coefficients for the first time.
    fn read(
        &self,
        reader: &mut Reader<'_>,
        ac: &HuffmanTable,
        first: usize,
        nonzero: &mut u64,
    ) -> Option<()> {
        if reader.end_of_band > 0 {
            reader.end_of_band -= 1;
            return Some(());
        }
        let mut at = first;
        while at <= self.last {
            let symbol = reader.symbol(ac)?;
            let (run, size) = (usize::from(symbol >> 4), symbol & 15);
            if size > 0 {
                at += run;
                *nonzero |= 1u64.checked_shl(u32::try_from(at).ok()?)?;
                reader.skip(size)?;
                at += 1;
            } else if run == 15 {
                at += 16;
            } else {
                if self.progressive {
                    reader.end_of_band = reader.run(run)? - 1;
                }
                return Some(());
            }
        }
        (at <= 64).then_some(())
    }

    /// Reads one more bit of the coefficients that are not zero, and those that become so.
    fn refine(&self, reader: &mut Reader<'_>, ac: &HuffmanTable, nonzero: &mut u64) -> Option<()> {
        let mut at = self.first;
        if reader.end_of_band == 0 {
            while at <= self.last {
                let symbol = reader.symbol(ac)?;
                let (mut zeros, size) = (symbol >> 4, symbol & 15);
                if size > 0 {
                    reader.skip(1)?;
                } else if zeros < 15 {
                    reader.end_of_band = reader.run(usize::from(zeros))?;
                    break;
                }
                while at <= self.last {
                    if *nonzero >> at & 1 == 1 {
                        reader.skip(1)?;
                    } else if zeros == 0 {
                        break;
                    } else {
                        zeros -= 1;
                    }
                    at += 1;
                }
                if size > 0 && at <= self.last {
                    *nonzero |= 1 << at;
                }
                at += 1;
            }
        }
        if reader.end_of_band > 0 {
            while at <= self.last {
                if *nonzero >> at & 1 == 1 {
                    reader.skip(1)?;
                }
                at += 1;
            }
            reader.end_of_band -= 1;
        }
        Some(())
    }
}

/// The bits of a scan.
struct Reader<'a> {
    bytes: &'a [u8],
    /// Position behind the byte that is being read.
    at: usize,
    bits: u8,
    left: u8,
    /// Blocks without further coefficients.
    end_of_band: u32,
}

impl Reader<'_> {
    /// The next bit; `None` at a marker.
    fn bit(&mut self) -> Option<u8> {
        if self.left == 0 {
            self.bits = *self.bytes.get(self.at)?;
            self.at += 1;
            if self.bits == 0xFF {
                (*self.bytes.get(self.at)? == 0).then_some(())?;
                self.at += 1;
            }
            self.left = 8;
        }
        self.left -= 1;
        Some(self.bits >> self.left & 1)
    }

    fn skip(&mut self, bits: u8) -> Option<()> {
        (0..bits).try_for_each(|_| self.bit().map(|_| ()))
    }

    fn symbol(&mut self, table: &HuffmanTable) -> Option<u8> {
        let (mut code, mut first, mut index) = (0usize, 0usize, 0usize);
        for &count in &table.counts {
            let count = usize::from(count);
            code = code << 1 | usize::from(self.bit()?);
            if code < first + count {
                return table.values.get(index + code.checked_sub(first)?).copied();
            }
            index += count;
            first = (first + count) << 1;
        }
        None
    }

    /// The length of a run of blocks without further coefficients.
    fn run(&mut self, bits: usize) -> Option<u32> {
        let mut rest = 0;
        for _ in 0..bits {
            rest = rest << 1 | u32::from(self.bit()?);
        }
        Some((1 << bits) + rest)
    }

    /// Goes on behind a restart marker.
    fn restart(&mut self) -> Option<()> {
        while self.bytes.get(self.at..self.at + 2)? == [0xFF, 0xFF] {
            self.at += 1;
        }
        let marker = self.bytes.get(self.at..self.at + 2)?;
        (marker[0] == 0xFF && matches!(marker[1], 0xD0..=0xD7)).then_some(())?;
        (self.at, self.left, self.end_of_band) = (self.at + 2, 0, 0);
        Some(())
    }
}
