//! Bits of entropy-coded data, and Huffman codes.
//!
//! Owns where a segment of entropy-coded data ends. Must not know blocks or coefficients.

use super::Fault;

/// Codes of up to this many bits are found in one step, with their value where it fits too.
const LOOK: u32 = 10;

/// The bits between two markers. After the last one it gives zeros, and remembers that it did.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The first byte that is not in `buffer`.
    next: usize,
    /// The next bits, from the highest down; zeros below them.
    buffer: u64,
    held: u32,
    /// How many of the bits ever held were made up.
    made_up: u64,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8], start: usize) -> Self {
        Self { data, next: start, buffer: 0, held: 0, made_up: 0 }
    }

    /// At least 32 bits, unless there are as many already.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.held < 32 {
            if let Some(bytes) = self.data.get(self.next..self.next + 8) {
                let word = u64::from_be_bytes(bytes.try_into().unwrap_or_default());
                // No byte is 0xFF: no complement of a byte is zero.
                let complement = !word;
                if complement.wrapping_sub(0x0101_0101_0101_0101) & !complement & 0x8080_8080_8080_8080 == 0 {
                    let bytes = (63 - self.held) / 8;
                    let kept = word >> (64 - 8 * bytes) << (64 - 8 * bytes);
                    self.buffer |= kept >> self.held;
                    self.held += 8 * bytes;
                    self.next += bytes as usize;
                    return;
                }
            }
            self.fill_bytewise();
        }
    }

    #[cold]
    #[inline(never)]
    fn fill_bytewise(&mut self) {
        while self.held <= 56 {
            let byte = match self.data.get(self.next..) {
                Some([0xFF, 0, ..]) => {
                    self.next += 2;
                    0xFF
                }
                Some([byte, ..]) if *byte != 0xFF => {
                    self.next += 1;
                    *byte
                }
                _ => {
                    self.made_up += 8;
                    0
                }
            };
            self.buffer |= u64::from(byte) << (56 - self.held);
            self.held += 8;
        }
    }

    #[inline(always)]
    fn drop_bits(&mut self, count: u32) {
        self.buffer <<= count;
        self.held = self.held.wrapping_sub(count);
    }

    /// The next `count` bits, at most 16, as a number. They must have been filled.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> i32 {
        // In two steps, so that no bits give zero.
        let value = (self.buffer >> 1 >> (63 - count)) as i32;
        self.drop_bits(count);
        value
    }

    /// A number of `size` bits as JPEG writes it: those that begin with a zero are negative (T.81, F.2.2.1).
    #[inline(always)]
    pub(super) fn take_signed(&mut self, size: u32) -> i32 {
        extend(self.take(size), size)
    }

    /// # Errors
    /// When bits were used that the data does not have.
    #[inline(always)]
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.made_up > u64::from(self.held) { Err(Fault::EndMissing) } else { Ok(()) }
    }

    /// Goes on after the restart marker with this number (0 to 7).
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Fault> {
        self.check()?;
        let place = self.end();
        match self.data.get(place..place + 2) {
            Some([0xFF, marker]) if *marker == 0xD0 + number => {}
            Some(_) => return Err(Fault::Damaged("a restart marker is missing")),
            None => return Err(Fault::EndMissing),
        }
        *self = Self::new(self.data, place + 2);
        Ok(())
    }

    /// Where the next marker begins, or the length of the data.
    pub(super) fn end(&self) -> usize {
        let rest = self.data.get(self.next..).unwrap_or_default();
        let marker = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF));
        marker.map_or(self.data.len(), |place| self.next + place)
    }
}

#[inline(always)]
fn extend(value: i32, size: u32) -> i32 {
    // The half of the range that stands for negative numbers.
    let negative = i32::from(value < (1 << size >> 1));
    value + negative * (1 - (1 << size))
}

/// What a table is for: a difference of DC coefficients, or a run of zeros with the AC coefficient after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Dc,
    Ac,
}

/// A Huffman table (T.81, annex C and F.2.2.3).
#[derive(Clone)]
pub(super) struct Huffman {
    /// By the next `LOOK` bits: code and value in one. `value << 16 | run << 8 | bits`, zero when they do not fit.
    whole: Box<[u32; 1 << LOOK]>,
    /// By the next `LOOK` bits: `symbol << 8 | bits` of the code, zero when it is longer.
    codes: Box<[u16; 1 << LOOK]>,
    /// By length: one more than the last code, moved to the top of 17 bits.
    limits: [u32; 18],
    /// By length: what to add to a code for the place of its symbol.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Huffman {
    /// `counts`: how many codes there are of each length from 1 to 16.
    pub(super) fn new(class: Class, counts: &[u8; 16], listed: &[u8]) -> Result<Self, Fault> {
        let bad = Fault::Damaged("a Huffman table is wrong");
        let mut symbols = [0; 256];
        symbols.get_mut(..listed.len()).ok_or(bad)?.copy_from_slice(listed);
        if class == Class::Dc && listed.iter().any(|&size| size > 15) {
            return Err(bad);
        }
        let mut table = Self {
            whole: Box::new([0; 1 << LOOK]),
            codes: Box::new([0; 1 << LOOK]),
            limits: [0; 18],
            offsets: [0; 17],
            symbols,
        };
        let (mut code, mut place) = (0u32, 0usize);
        for length in 1..=16u32 {
            table.offsets[length as usize] = place as i32 - code as i32;
            for _ in 0..counts[length as usize - 1] {
                if code >= 1 << length {
                    return Err(bad);
                }
                if length <= LOOK {
                    let first = (code as usize) << (LOOK - length);
                    let symbol = *listed.get(place).ok_or(bad)?;
                    table.codes[first..first + (1 << (LOOK - length))]
                        .fill(u16::from(symbol) << 8 | length as u16);
                }
                code += 1;
                place += 1;
            }
            table.limits[length as usize] = code << (17 - length);
            code <<= 1;
        }
        table.limits[17] = u32::MAX;
        for (next, whole) in table.whole.iter_mut().enumerate() {
            *whole = whole_entry(class, next as u32, table.codes[next]);
        }
        Ok(table)
    }

    /// The next symbol. 16 bits must have been filled.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        let entry = self.codes[(bits.buffer >> (64 - LOOK)) as usize];
        if entry != 0 {
            bits.drop_bits(u32::from(entry & 0xFF));
            return Ok((entry >> 8) as u8);
        }
        self.long_symbol(bits)
    }

    #[cold]
    #[inline(never)]
    fn long_symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        let next = (bits.buffer >> 47) as u32;
        let mut length = LOOK as usize + 1;
        while next >= self.limits[length] {
            length += 1;
        }
        if length > 16 {
            // Zeros that were made up are not to blame.
            bits.drop_bits(16);
            bits.check()?;
            return Err(Fault::Damaged("a Huffman code means nothing"));
        }
        let place = (next >> (17 - length)) as i32 + self.offsets[length];
        bits.drop_bits(length as u32);
        Ok(self.symbols[place as usize & 0xFF])
    }

    /// `(run, value)` when code and value are within the next bits; the commonest case. A run of sixteen zeros is fifteen
    /// and a zero.
    #[inline(always)]
    pub(super) fn short(&self, bits: &mut Bits<'_>) -> Option<(usize, i32)> {
        let entry = self.whole[(bits.buffer >> (64 - LOOK)) as usize];
        if entry == 0 {
            return None;
        }
        bits.drop_bits(entry & 0xFF);
        Some(((entry >> 8 & 0xFF) as usize, entry as i32 >> 16))
    }
}

fn whole_entry(class: Class, next: u32, code: u16) -> u32 {
    let (symbol, length) = (u32::from(code >> 8), u32::from(code & 0xFF));
    let (run, size) = (symbol >> 4, symbol & 15);
    if length == 0 || length + size > LOOK || (class == Class::Ac && size == 0 && run != 15) {
        return 0;
    }
    let value = next >> (LOOK - length - size) & ((1 << size) - 1);
    (extend(value as i32, size) as u32) << 16 | run << 8 | (length + size)
}
