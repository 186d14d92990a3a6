//! The segments between the markers: what a file says about its pixels.
//!
//! Owns the meaning of segments. Must not know entropy-coded data.

use super::Fault;
use super::bits::{Class, Huffman};

/// The place in a block (row by row) of each coefficient in the order of the file, with room for a run past the end.
pub(super) const ZIGZAG: [u8; 80] = {
    let mut places = [63u8; 80];
    let (mut row, mut column) = (0i32, 0i32);
    let mut index = 0;
    while index < 64 {
        places[index] = (row * 8 + column) as u8;
        let up = (row + column) % 2 == 0;
        let (along, across) = if up { (&mut column, &mut row) } else { (&mut row, &mut column) };
        if *along == 7 {
            *across += 1;
        } else if *across == 0 {
            *along += 1;
        } else {
            *along += 1;
            *across -= 1;
        }
        index += 1;
    }
    places
};

/// One channel of the picture.
#[derive(Debug, Clone)]
pub(super) struct Component {
    id: u8,
    /// Samples for each block of the least sampled channel, across and down.
    pub(super) across: usize,
    pub(super) down: usize,
    quantization: usize,
    /// Samples that belong to the picture.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Blocks, as far as the last whole unit of all channels.
    pub(super) blocks_across: usize,
    pub(super) blocks_down: usize,
}

/// Size, channels and coding of the pixels.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) progressive: bool,
    pub(super) components: Vec<Component>,
    /// The highest `across` and `down` of all components.
    pub(super) most_across: usize,
    pub(super) most_down: usize,
    /// Units of all channels (MCUs).
    pub(super) units_across: usize,
    pub(super) units_down: usize,
}

/// What the channels mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    Gray,
    Rgb,
    Ycc,
    /// As Adobe stores it: 255 is no ink.
    Cmyk,
    Ycck,
}

/// The start of a scan: which channels, which tables, which part of the coefficients.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    /// Index of the component, and of its DC and AC tables.
    pub(super) components: Vec<(usize, usize, usize)>,
    pub(super) first: usize,
    pub(super) last: usize,
    /// Bits known before this scan (0 in the first), and bits still missing after it.
    pub(super) high: u32,
    pub(super) low: u32,
}

/// Everything that segments have said so far.
#[derive(Default)]
pub(super) struct Segments {
    pub(super) frame: Option<Frame>,
    /// Row by row.
    pub(super) quantization: [Option<[u16; 64]>; 4],
    pub(super) dc: [Option<Huffman>; 4],
    pub(super) ac: [Option<Huffman>; 4],
    /// Units between restart markers, or 0.
    pub(super) restart: usize,
    jfif: bool,
    adobe: Option<u8>,
}

/// Cursor over the segments of a file.
pub(super) struct Reader<'a> {
    data: &'a [u8],
    pub(super) place: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        // After the two bytes that told the format.
        Self { data, place: 2 }
    }

    /// Reads segments up to the next scan. `None` when the picture ends instead.
    pub(super) fn next_scan(&mut self, known: &mut Segments) -> Result<Option<Scan>, Fault> {
        loop {
            let marker = self.marker()?;
            match marker {
                0xD9 => return Ok(None),
                0xD0..=0xD8 | 0x01 => continue,
                _ => {}
            }
            let mut body = Body(self.segment()?);
            match marker {
                0xDA => return known.scan(&mut body).map(Some),
                0xDB => known.quantization(&mut body)?,
                0xC4 => known.huffman(&mut body)?,
                0xC0..=0xC2 if known.frame.is_none() => known.frame = Some(frame(marker == 0xC2, &mut body)?),
                0xC0..=0xC2 => return Err(Fault::Damaged("it has two frames")),
                0xC9 | 0xCA => return Err(Fault::Unsupported("arithmetic coding")),
                0xC3 => return Err(Fault::Unsupported("lossless coding")),
                0xC5..=0xC7 | 0xCB | 0xCD..=0xCF | 0xDE | 0xDF => {
                    return Err(Fault::Unsupported("hierarchical coding"));
                }
                0xDD => known.restart = body.word()?.into(),
                0xE0 if body.0.starts_with(b"JFIF\0") => known.jfif = true,
                0xEE if body.0.starts_with(b"Adobe") => known.adobe = body.0.get(11).copied(),
                _ => {}
            }
        }
    }

    /// The next marker. Bytes that do not belong to any segment are passed over, as libjpeg does.
    fn marker(&mut self) -> Result<u8, Fault> {
        let rest = self.data.get(self.place..).unwrap_or_default();
        let start = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF));
        let start = start.ok_or(Fault::EndMissing)?;
        self.place += start + 2;
        Ok(rest[start + 1])
    }

    fn segment(&mut self) -> Result<&'a [u8], Fault> {
        let rest = self.data.get(self.place..).unwrap_or_default();
        let length = usize::from(Body(rest).word()?);
        let body = rest.get(2..length).ok_or(if length < 2 {
            Fault::Damaged("a segment has no length")
        } else {
            Fault::EndMissing
        })?;
        self.place += length;
        Ok(body)
    }
}

/// What is left of a segment.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(Fault::EndMissing)?;
        self.0 = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Result<u16, Fault> {
        let pair = self.take(2)?;
        Ok(u16::from_be_bytes([pair[0], pair[1]]))
    }
}

fn frame(progressive: bool, body: &mut Body<'_>) -> Result<Frame, Fault> {
    if body.byte()? != 8 {
        return Err(Fault::Unsupported("12 bits for each channel"));
    }
    let (height, width) = (usize::from(body.word()?), usize::from(body.word()?));
    let count = usize::from(body.byte()?);
    if height == 0 {
        return Err(Fault::Unsupported("a height that is told after the pixels"));
    }
    if width == 0 {
        return Err(Fault::Damaged("it has no width"));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(Fault::Channels(count));
    }
    let mut told = Vec::with_capacity(count);
    for _ in 0..count {
        let &[id, factors, quantization] = body.take(3)? else { return Err(Fault::EndMissing) };
        let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) || quantization > 3 {
            return Err(Fault::Damaged("a channel is described wrongly"));
        }
        // A single channel is as large as the picture, whatever it says.
        let (across, down) = if count == 1 { (1, 1) } else { (across, down) };
        told.push((id, across, down, usize::from(quantization)));
    }
    let most_across = told.iter().map(|component| component.1).max().unwrap_or(1);
    let most_down = told.iter().map(|component| component.2).max().unwrap_or(1);
    if told.iter().any(|component| most_across % component.1 != 0 || most_down % component.2 != 0) {
        return Err(Fault::Unsupported("channels whose sizes are no multiples of each other"));
    }
    let (units_across, units_down) = (width.div_ceil(8 * most_across), height.div_ceil(8 * most_down));
    let component = |(id, across, down, quantization)| Component {
        id,
        across,
        down,
        quantization,
        width: (width * across).div_ceil(most_across),
        height: (height * down).div_ceil(most_down),
        blocks_across: units_across * across,
        blocks_down: units_down * down,
    };
    let components = told.into_iter().map(component).collect();
    Ok(Frame { width, height, progressive, components, most_across, most_down, units_across, units_down })
}

impl Segments {
    fn quantization(&mut self, body: &mut Body<'_>) -> Result<(), Fault> {
        while !body.0.is_empty() {
            let head = body.byte()?;
            let table = self
                .quantization
                .get_mut(usize::from(head & 15))
                .ok_or(Fault::Damaged("a quantization table is wrong"))?
                .insert([0; 64]);
            for &place in &ZIGZAG[..64] {
                table[usize::from(place)] = if head >> 4 == 0 { body.byte()?.into() } else { body.word()? };
            }
        }
        Ok(())
    }

    fn huffman(&mut self, body: &mut Body<'_>) -> Result<(), Fault> {
        while !body.0.is_empty() {
            let head = body.byte()?;
            let (tables, class) = match head >> 4 {
                0 => (&mut self.dc, Class::Dc),
                1 => (&mut self.ac, Class::Ac),
                _ => return Err(Fault::Damaged("a Huffman table is wrong")),
            };
            let slot =
                tables.get_mut(usize::from(head & 15)).ok_or(Fault::Damaged("a Huffman table is wrong"))?;
            let counts: &[u8; 16] = body.take(16)?.try_into().map_err(|_| Fault::EndMissing)?;
            let symbols = body.take(counts.iter().map(|&count| usize::from(count)).sum())?;
            *slot = Some(Huffman::new(class, counts, symbols)?);
        }
        Ok(())
    }

    fn scan(&self, body: &mut Body<'_>) -> Result<Scan, Fault> {
        let bad = Fault::Damaged("a scan is described wrongly");
        let frame = self.frame.as_ref().ok_or(bad)?;
        let count = body.byte()?;
        let mut components: Vec<(usize, usize, usize)> = Vec::new();
        for _ in 0..count {
            let (id, tables) = (body.byte()?, body.byte()?);
            let free = |index: &usize| components.iter().all(|(taken, ..)| taken != index);
            let index =
                (0..frame.components.len()).find(|index| frame.components[*index].id == id && free(index));
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            if dc > 3 || ac > 3 {
                return Err(bad);
            }
            components.push((index.ok_or(bad)?, dc, ac));
        }
        let (first, last, bits) = (usize::from(body.byte()?), usize::from(body.byte()?), body.byte()?);
        let (high, low) = (u32::from(bits >> 4), u32::from(bits & 15));
        let scan = if frame.progressive {
            Scan { components, first, last, high, low }
        } else {
            Scan { components, first: 0, last: 63, high: 0, low: 0 }
        };
        // DC coefficients of several channels, or AC coefficients of one.
        let part = if scan.first == 0 {
            scan.last == 0 || !frame.progressive
        } else {
            scan.components.len() == 1 && scan.last >= scan.first && scan.last < 64
        };
        if scan.components.is_empty()
            || !part
            || scan.low > 13
            || (scan.high != 0 && scan.high != scan.low + 1)
        {
            return Err(bad);
        }
        Ok(scan)
    }

    /// What the channels mean, by the markers of JFIF and Adobe and then by the channels' names, as libjpeg decides it.
    pub(super) fn colors(&self) -> Colors {
        let components = self.frame.as_ref().map_or(&[][..], |frame| &frame.components);
        match (components, self.jfif, self.adobe) {
            ([_], ..) => Colors::Gray,
            ([_, _, _, _], _, None | Some(0)) => Colors::Cmyk,
            ([_, _, _, _], ..) => Colors::Ycck,
            (_, true, _) => Colors::Ycc,
            (_, _, Some(transform)) => {
                if transform == 0 {
                    Colors::Rgb
                } else {
                    Colors::Ycc
                }
            }
            ([r, g, b], ..) if [r.id, g.id, b.id] == *b"RGB" => Colors::Rgb,
            _ => Colors::Ycc,
        }
    }

    /// The quantization table that a component uses, at the start of its first scan.
    pub(super) fn quantization_of(&self, component: &Component) -> Result<[i16; 64], Fault> {
        let table = self.quantization[component.quantization];
        let table = table.ok_or(Fault::Damaged("a quantization table is missing"))?;
        // Wider values wrap, as in libjpeg-turbo.
        Ok(table.map(|value| value as i16))
    }
}
