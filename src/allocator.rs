//! Where memory comes from.
//!
//! A forward pass takes and frees tens of megabytes a photo. The system's allocator gives such pieces back at once, and
//! clearing fresh pages, with every worker waiting for the same page table, took a third of a small network's time; mimalloc
//! keeps them. What is larger than any layer's result, as the weights are while they are read, still goes back at once: kept,
//! it would stand beside what is read next.
//!
//! One of the few modules with `unsafe` code: each call is handed on with the arguments it came with.

use std::alloc::{GlobalAlloc, Layout, System};

use mimalloc::MiMalloc;

/// Bytes from which on a piece is the system's.
const LARGE: usize = 32 << 20;

/// mimalloc, but for large pieces.
pub struct Allocator;

fn of(size: usize) -> &'static dyn GlobalAlloc {
    if size < LARGE { &MiMalloc } else { &System }
}

// SAFETY: a piece is given back to the allocator that it is from, since both look at the size it has. Where a change of size
// moves it from one to the other, the provided way is taken: a new piece, a copy, and the old one given back.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: what the caller promises.
        unsafe { of(layout.size()).alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: what the caller promises.
        unsafe { of(layout.size()).alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        // SAFETY: what the caller promises; the size says whose it is.
        unsafe { of(layout.size()).dealloc(piece, layout) }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if (layout.size() < LARGE) == (size < LARGE) {
            // SAFETY: what the caller promises; old and new size are the same allocator's.
            return unsafe { of(size).realloc(piece, layout, size) };
        }
        // SAFETY: the caller promises that the new size, rounded up to the alignment, does not overflow.
        let new_layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the layout is that of the new piece, whose size is not 0.
        let new = unsafe { self.alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both pieces are at least that long, and the new one is nobody else's.
            unsafe { std::ptr::copy_nonoverlapping(piece, new, layout.size().min(size)) };
            // SAFETY: the piece and its layout are the caller's, and nobody uses it any more.
            unsafe { self.dealloc(piece, layout) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::LARGE;

    #[test]
    fn what_is_in_a_piece_survives_every_change_of_size() {
        let mut values: Vec<u8> = Vec::new();
        let sizes = [10, LARGE - 1, LARGE, 2 * LARGE, LARGE + 5, LARGE - 5, 100, 3 * LARGE, 7];
        for (turn, size) in sizes.into_iter().enumerate() {
            let kept = values.len().min(size);
            values.truncate(size);
            values.shrink_to_fit();
            values.reserve_exact(size - kept);
            values.resize(size, turn as u8);
            assert!(values[kept..].iter().all(|&value| usize::from(value) == turn));
            assert!(values.first().is_none_or(|&value| value == 0), "the first is from the first turn");
        }
        assert!(vec![0u64; LARGE / 4].iter().all(|&value| value == 0));
    }
}
