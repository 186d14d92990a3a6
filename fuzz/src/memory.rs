//! Checks of the program's allocator. The target itself keeps its own, which AddressSanitizer watches.

use std::alloc::{GlobalAlloc, Layout};
use std::slice;

use clipscope::allocator::Allocator;

/// Sizes around which an allocation moves from one allocator to the other.
const LARGE: usize = 32 << 20;
/// Allocations held at once.
const HELD: usize = 4;
/// Distance between the bytes that are checked.
const STRIDE: usize = 509;

struct Allocation {
    start: *mut u8,
    layout: Layout,
    mark: u8,
}

impl Allocation {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the memory is owned until it is freed, and every byte of it was written.
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

/// Allocates, resizes and frees. Each step is four bytes: what to do, with which allocation, and the size.
///
/// # Panics
/// When an allocation is not aligned, not zeroed though that was asked for, or loses its contents.
pub fn check_allocations(steps: &[u8]) {
    let mut held: [Option<Allocation>; HELD] = [const { None }; HELD];
    for &[what, which, low, high] in steps.as_chunks::<4>().0 {
        let size = usize::from(u16::from_le_bytes([low, high]));
        // Small, or around the size at which the allocator changes.
        let size = if what & 4 == 0 { size + 1 } else { LARGE - (1 << 15) + size };
        let slot = &mut held[usize::from(which) % HELD];
        let layout = Layout::from_size_align(size, 1 << (which >> 4 & 7)).expect("it is small");
        match (slot.take(), what & 3) {
            (Some(mut allocation), 0 | 1) => {
                let old = allocation.layout.size();
                // SAFETY: the pointer and the layout are those of the allocation, and the size is not 0.
                allocation.start = unsafe { Allocator.realloc(allocation.start, allocation.layout, size) };
                allocation.layout =
                    Layout::from_size_align(size, allocation.layout.align()).expect("it is small");
                if size > old {
                    // SAFETY: the new end belongs to the allocation, and nothing refers to it yet.
                    unsafe { allocation.start.add(old).write_bytes(allocation.mark, size - old) };
                }
                allocation.check(old);
                *slot = Some(allocation);
            }
            (Some(mut allocation), _) => {
                allocation.check(usize::MAX);
                // SAFETY: allocated with this layout, and not used afterwards.
                unsafe { Allocator.dealloc(allocation.start, allocation.layout) };
            }
            (None, what) => {
                let cleared = what == 3;
                // SAFETY: the size is not 0.
                let start =
                    unsafe { if cleared { Allocator.alloc_zeroed(layout) } else { Allocator.alloc(layout) } };
                assert!(!start.is_null() && start.addr().is_multiple_of(layout.align()));
                let mut allocation = Allocation { start, layout, mark: which ^ low };
                if cleared {
                    allocation.mark = 0;
                    allocation.check(usize::MAX);
                    allocation.mark = which ^ low;
                } else {
                    // SAFETY: the allocation is new, and this long.
                    unsafe { start.write_bytes(allocation.mark, layout.size()) };
                }
                allocation.fill(0);
                *slot = Some(allocation);
            }
        }
    }
    for mut allocation in held.into_iter().flatten() {
        allocation.check(usize::MAX);
        // SAFETY: allocated with this layout, and not used afterwards.
        unsafe { Allocator.dealloc(allocation.start, allocation.layout) };
    }
}
