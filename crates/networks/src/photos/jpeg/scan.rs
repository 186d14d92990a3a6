//! From entropy-coded data to coefficients (T.81, annexes F and G).
//!
//! Owns the coding of blocks and restart intervals. Must not know samples or colors.

use super::Fault;
use super::bits::{Bits, Huffman};
use super::header::{Frame, Scan, Segments, ZIGZAG};

/// Coefficients row by row.
pub(super) type Block = [i16; 64];

/// A channel in a scan.
#[derive(Clone, Copy)]
struct Channel<'t> {
    index: usize,
    dc: Option<&'t Huffman>,
    ac: Option<&'t Huffman>,
    /// The DC coefficient of the block before.
    before: i32,
}

/// A scan that is being read.
pub(super) struct Entropy<'a, 't> {
    bits: Bits<'a>,
    channels: Vec<Channel<'t>>,
    /// Units between restart markers, or 0; and units up to the next one.
    restart: usize,
    left: usize,
    restarts: u8,
    /// Blocks whose remaining coefficients are all zero in this scan.
    end_of_band: u32,
}

impl<'a, 't> Entropy<'a, 't> {
    pub(super) fn new(data: &'a [u8], place: usize, scan: &Scan, known: &'t Segments) -> Result<Self, Fault> {
        let missing = Fault::Damaged("a Huffman table is missing");
        let channels = scan.components.iter().map(|&(index, dc, ac)| {
            let (dc, ac) = (known.dc[dc].as_ref(), known.ac[ac].as_ref());
            let needs_dc = scan.first == 0 && scan.high == 0;
            if (needs_dc && dc.is_none()) || (scan.last > 0 && ac.is_none()) {
                return Err(missing);
            }
            Ok(Channel { index, dc, ac, before: 0 })
        });
        Ok(Self {
            bits: Bits::new(data, place),
            channels: channels.collect::<Result<_, _>>()?,
            restart: known.restart,
            left: known.restart,
            restarts: 0,
            end_of_band: 0,
        })
    }

    /// To be called before each unit.
    #[inline(always)]
    fn unit(&mut self) -> Result<(), Fault> {
        if self.restart > 0 {
            if self.left == 0 {
                self.bits.restart(self.restarts % 8)?;
                self.restarts = (self.restarts + 1) % 8;
                self.left = self.restart;
                self.end_of_band = 0;
                for channel in &mut self.channels {
                    channel.before = 0;
                }
            }
            self.left -= 1;
        }
        Ok(())
    }

    /// Reads one row of units with all channels, and gives each block to `take`: index of the component, column and row of
    /// the block in the row of units, coefficients, index of the last one that is not zero.
    #[inline(always)]
    pub(super) fn unit_row(
        &mut self,
        frame: &Frame,
        mut take: impl FnMut(usize, (usize, usize), &Block, usize),
    ) -> Result<(), Fault> {
        for unit in 0..frame.units_across {
            self.unit()?;
            for channel in &mut self.channels {
                let (Some(dc), Some(ac)) = (channel.dc, channel.ac) else { continue };
                let component = &frame.components[channel.index];
                for row in 0..component.down {
                    for column in 0..component.across {
                        let mut block = [0; 64];
                        let last = sequential(&mut self.bits, dc, ac, &mut channel.before, &mut block)?;
                        take(channel.index, (unit * component.across + column, row), &block, last);
                    }
                }
            }
        }
        self.bits.check()
    }
}

/// A whole block; returns the index of the last coefficient that is not zero.
#[inline(always)]
fn sequential(
    bits: &mut Bits<'_>,
    dc: &Huffman,
    ac: &Huffman,
    before: &mut i32,
    block: &mut Block,
) -> Result<usize, Fault> {
    bits.fill();
    let difference = match dc.short(bits) {
        Some((_, value)) => value,
        None => {
            let size = dc.symbol(bits)?;
            bits.take_signed(size.into())
        }
    };
    *before = before.wrapping_add(difference);
    block[0] = *before as i16;
    let (mut index, mut last) = (1, 0);
    while index < 64 {
        bits.fill();
        let value = if let Some((run, value)) = ac.short(bits) {
            index += run;
            value
        } else {
            let symbol = ac.symbol(bits)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                break;
            }
            index += run;
            bits.take_signed(size)
        };
        if index > 63 {
            return Err(Fault::Damaged("a block has too many coefficients"));
        }
        block[usize::from(ZIGZAG[index])] = value as i16;
        last = index;
        index += 1;
    }
    Ok(last)
}

/// The coefficients of all channels, when several scans make up the picture.
pub(super) struct Coefficients {
    /// By component: its blocks row by row.
    pub(super) blocks: Vec<Vec<Block>>,
    /// By component: how many bits of each coefficient are missing; `UNSEEN` before the first scan.
    missing: Vec<[u8; 64]>,
}

const UNSEEN: u8 = u8::MAX;

impl Coefficients {
    pub(super) fn new(frame: &Frame) -> Self {
        let blocks = frame.components.iter().map(|c| vec![[0; 64]; c.blocks_across * c.blocks_down]);
        Self { blocks: blocks.collect(), missing: vec![[UNSEEN; 64]; frame.components.len()] }
    }

    /// Whether no scan can add anything.
    pub(super) fn complete(&self) -> bool {
        self.missing.iter().flatten().all(|&bits| bits == 0)
    }

    /// Whether each channel has its coarsest part.
    pub(super) fn seen(&self) -> bool {
        self.missing.iter().all(|bits| bits[0] != UNSEEN)
    }

    /// Reads one scan; returns where the next marker begins.
    pub(super) fn read(
        &mut self,
        data: &[u8],
        place: usize,
        scan: &Scan,
        known: &Segments,
        frame: &Frame,
    ) -> Result<usize, Fault> {
        for &(index, ..) in &scan.components {
            for missing in &mut self.missing[index][scan.first..=scan.last] {
                // Each bit once, from the top down; so the number of scans is limited, too.
                let known = if scan.high == 0 { UNSEEN } else { scan.high as u8 };
                if *missing != known {
                    return Err(Fault::Damaged("its scans are out of order"));
                }
                *missing = scan.low as u8;
            }
        }
        let mut entropy = Entropy::new(data, place, scan, known)?;
        if let &[(index, ..)] = &scan.components[..] {
            // A scan of one channel has only the blocks that show something.
            let component = &frame.components[index];
            for row in self.blocks[index]
                .chunks_exact_mut(component.blocks_across)
                .take(component.height.div_ceil(8))
            {
                for block in &mut row[..component.width.div_ceil(8)] {
                    entropy.unit()?;
                    entropy.block(0, scan, frame, block)?;
                }
                entropy.bits.check()?;
            }
        } else {
            for unit_row in 0..frame.units_down {
                for unit in 0..frame.units_across {
                    entropy.unit()?;
                    for (channel, &(index, ..)) in scan.components.iter().enumerate() {
                        let component = &frame.components[index];
                        for row in unit_row * component.down..(unit_row + 1) * component.down {
                            let first = row * component.blocks_across + unit * component.across;
                            for block in &mut self.blocks[index][first..first + component.across] {
                                entropy.block(channel, scan, frame, block)?;
                            }
                        }
                    }
                }
                entropy.bits.check()?;
            }
        }
        Ok(entropy.bits.end())
    }
}

impl Entropy<'_, '_> {
    /// What this scan adds to a block.
    fn block(&mut self, channel: usize, scan: &Scan, frame: &Frame, block: &mut Block) -> Result<(), Fault> {
        let Channel { dc, ac, .. } = self.channels[channel];
        let missing = Fault::Damaged("a Huffman table is missing");
        if !frame.progressive {
            let (dc, ac) = (dc.ok_or(missing)?, ac.ok_or(missing)?);
            *block = [0; 64];
            return sequential(&mut self.bits, dc, ac, &mut self.channels[channel].before, block).map(drop);
        }
        match (scan.first, scan.high) {
            (0, 0) => {
                self.bits.fill();
                let size = dc.ok_or(missing)?.symbol(&mut self.bits)?;
                let before = &mut self.channels[channel].before;
                *before = before.wrapping_add(self.bits.take_signed(size.into()));
                block[0] = (*before << scan.low) as i16;
                Ok(())
            }
            (0, _) => {
                self.bits.fill();
                block[0] |= (self.bits.take(1) << scan.low) as i16;
                Ok(())
            }
            (_, 0) => self.first_ac(ac.ok_or(missing)?, scan, block),
            _ => self.refine_ac(ac.ok_or(missing)?, scan, block),
        }
    }

    /// The length of a run of blocks that end here, of which this is the first (T.81, G.1.2.2).
    fn run_of_ends(&mut self, size: u8) -> u32 {
        (1 << size) + self.bits.take(size.into()) as u32
    }

    fn first_ac(&mut self, table: &Huffman, scan: &Scan, block: &mut Block) -> Result<(), Fault> {
        if self.end_of_band > 0 {
            self.end_of_band -= 1;
            return Ok(());
        }
        let mut index = scan.first;
        while index <= scan.last {
            self.bits.fill();
            let value = if let Some((run, value)) = table.short(&mut self.bits) {
                index += run;
                value
            } else {
                let symbol = table.symbol(&mut self.bits)?;
                let (run, size) = (symbol >> 4, symbol & 15);
                if size == 0 && run < 15 {
                    self.end_of_band = self.run_of_ends(run) - 1;
                    break;
                }
                index += usize::from(run);
                self.bits.take_signed(size.into())
            };
            if index > scan.last {
                return Err(Fault::Damaged("a block has too many coefficients"));
            }
            block[usize::from(ZIGZAG[index])] = (value << scan.low) as i16;
            index += 1;
        }
        Ok(())
    }

    fn refine_ac(&mut self, table: &Huffman, scan: &Scan, block: &mut Block) -> Result<(), Fault> {
        let bit = 1i16 << scan.low;
        let mut index = scan.first;
        if self.end_of_band == 0 {
            while index <= scan.last {
                self.bits.fill();
                let symbol = table.symbol(&mut self.bits)?;
                let (mut run, size) = (symbol >> 4, symbol & 15);
                let mut value = 0;
                match size {
                    0 if run < 15 => {
                        self.end_of_band = self.run_of_ends(run);
                        break;
                    }
                    0 => {}
                    1 => value = if self.bits.take(1) == 1 { bit } else { -bit },
                    _ => return Err(Fault::Damaged("a refinement is too large")),
                }
                // Past `run` coefficients that are still zero; those that are not are refined on the way.
                while index <= scan.last {
                    let coefficient = &mut block[usize::from(ZIGZAG[index])];
                    if *coefficient != 0 {
                        refine(&mut self.bits, coefficient, bit);
                    } else if run == 0 {
                        *coefficient = value;
                        index += 1;
                        break;
                    } else {
                        run -= 1;
                    }
                    index += 1;
                }
            }
        }
        if self.end_of_band > 0 {
            for &place in &ZIGZAG[index..=scan.last] {
                let coefficient = &mut block[usize::from(place)];
                if *coefficient != 0 {
                    refine(&mut self.bits, coefficient, bit);
                }
            }
            self.end_of_band -= 1;
        }
        Ok(())
    }
}

/// One more bit of a coefficient that is not zero.
#[inline(always)]
fn refine(bits: &mut Bits<'_>, coefficient: &mut i16, bit: i16) {
    bits.fill();
    if bits.take(1) == 1 && *coefficient & bit == 0 {
        *coefficient = coefficient.wrapping_add(if *coefficient > 0 { bit } else { -bit });
    }
}
