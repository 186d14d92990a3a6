//! The allocator as a target calls it: beside the one of the target itself, which AddressSanitizer watches.

#[path = "../../src/allocator.rs"]
mod allocator;

use std::alloc::{GlobalAlloc, Layout};
use std::slice;

use allocator::Allocator;

/// Bytes around which a piece moves from one allocator to the other.
const LARGE: usize = 32 << 20;
/// Pieces that are held at once, and how far apart their bytes are looked at.
const PIECES: usize = 4;
const STRIDE: usize = 509;

struct Piece {
    start: *mut u8,
    layout: Layout,
    mark: u8,
}

impl Piece {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the piece is this one's until it is given back, and every byte of it was written.
        unsafe { slice::from_raw_parts_mut(self.start, self.layout.size()) }
    }

    fn fill(&mut self, from: usize) {
        let mark = self.mark;
        self.bytes()[from..].fill(mark);
    }

    fn check(&mut self, until: usize) {
        let mark = self.mark;
        let until = until.min(self.layout.size());
        assert!(self.bytes()[..until].iter().step_by(STRIDE).all(|&byte| byte == mark));
        assert!(until == 0 || self.bytes()[until - 1] == mark);
    }
}

/// Takes, resizes and gives back pieces, each step of four bytes: what to do, with which piece, how large.
///
/// # Panics
/// When a piece is not aligned, not cleared where that was asked for, or loses what was in it.
pub fn check_pieces(steps: &[u8]) {
    let mut held: [Option<Piece>; PIECES] = [const { None }; PIECES];
    for &[what, which, low, high] in steps.as_chunks::<4>().0 {
        let size = usize::from(u16::from_le_bytes([low, high]));
        // Small ones, and ones on either side of the border.
        let size = if what & 4 == 0 { size + 1 } else { LARGE - (1 << 15) + size };
        let place = &mut held[usize::from(which) % PIECES];
        let layout = Layout::from_size_align(size, 1 << (which >> 4 & 7)).expect("it is small");
        match (place.take(), what & 3) {
            (Some(mut piece), 0 | 1) => {
                let old = piece.layout.size();
                // SAFETY: the piece and its layout are as they were given, and the size is not 0.
                piece.start = unsafe { Allocator.realloc(piece.start, piece.layout, size) };
                piece.layout = Layout::from_size_align(size, piece.layout.align()).expect("it is small");
                if size > old {
                    // SAFETY: the new end was never written; nothing refers to it yet.
                    unsafe { piece.start.add(old).write_bytes(piece.mark, size - old) };
                }
                piece.check(old);
                *place = Some(piece);
            }
            (Some(mut piece), _) => {
                piece.check(usize::MAX);
                // SAFETY: as it was given, and nobody has it any more.
                unsafe { Allocator.dealloc(piece.start, piece.layout) };
            }
            (None, what) => {
                let cleared = what == 3;
                // SAFETY: the size is not 0.
                let start =
                    unsafe { if cleared { Allocator.alloc_zeroed(layout) } else { Allocator.alloc(layout) } };
                assert!(!start.is_null() && start.addr().is_multiple_of(layout.align()));
                let mut piece = Piece { start, layout, mark: which ^ low };
                if cleared {
                    piece.mark = 0;
                    piece.check(usize::MAX);
                    piece.mark = which ^ low;
                } else {
                    // SAFETY: the piece is new, and this long.
                    unsafe { start.write_bytes(piece.mark, layout.size()) };
                }
                piece.fill(0);
                *place = Some(piece);
            }
        }
    }
    for mut piece in held.into_iter().flatten() {
        piece.check(usize::MAX);
        // SAFETY: as it was given, and nobody has it any more.
        unsafe { Allocator.dealloc(piece.start, piece.layout) };
    }
}
