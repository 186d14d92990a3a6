//! Buffers that layers pass on instead of freeing them.
//!
//! A forward pass allocates and frees tens of megabytes per photo. Getting fresh pages from the system and clearing them
//! took a quarter of the time of the small network. A layer takes the memory for its result from here and gives back that
//! of its input when nothing else holds it.

use std::cell::RefCell;

/// Buffers kept per thread: enough for the input, the padded input and the result of a layer.
const MAX_KEPT: usize = 6;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of `length` values, which are left over from an earlier use.
pub(super) fn take(length: usize) -> Vec<f32> {
    let found = BUFFERS.with_borrow_mut(|buffers| {
        // Large enough, but not so large that a later layer needs it. One that was at least as long is best, since
        // whatever is added to its length has to be cleared.
        let fits = |buffer: &Vec<f32>| (length..=length.saturating_mul(4)).contains(&buffer.capacity());
        let cost = |buffer: &Vec<f32>| (length.saturating_sub(buffer.len()), buffer.capacity());
        let (place, _) = buffers.iter().enumerate().filter(|(_, b)| fits(b)).min_by_key(|(_, b)| cost(b))?;
        Some(buffers.swap_remove(place))
    });
    let mut buffer = found.unwrap_or_default();
    buffer.resize(length, 0.0);
    buffer
}

/// Keeps a buffer for a later layer.
pub(super) fn give(buffer: Vec<f32>) {
    BUFFERS.with_borrow_mut(|buffers| {
        if buffers.len() == MAX_KEPT {
            // The first is the one that was unused for the longest time.
            buffers.remove(0);
        }
        buffers.push(buffer);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_was_given_back_is_taken_again() {
        let first = take(1000);
        let place = first.as_ptr();
        give(first);
        assert_eq!(take(10).len(), 10, "a small buffer does not take the large one");
        let again = take(900);
        assert_eq!((again.as_ptr(), again.len()), (place, 900));
    }

    #[test]
    fn no_more_than_the_limit_is_kept() {
        for _ in 0..3 * MAX_KEPT {
            give(vec![0.0; 10]);
        }
        assert_eq!(BUFFERS.with_borrow(Vec::len), MAX_KEPT);
    }
}
