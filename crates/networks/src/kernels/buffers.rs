//! Memory that goes from one layer to the next.
//!
//! A forward pass allocates and frees tens of megabytes a photo; fresh pages from the system and
//! clearing them took a quarter of the time of the small network. A layer takes its result's
//! memory from here and gives its input's back when nothing else holds it.

use std::cell::RefCell;

/// Buffers that wait on each thread. More than a layer's input, border and result are not in use.
const WAITING: usize = 6;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of `length` values, whatever they are.
pub(super) fn take(length: usize) -> Vec<f32> {
    let found = BUFFERS.with_borrow_mut(|buffers| {
        // One that is large enough; not one much too large, which a later layer wants. Best is one that was as long:
        // what it lacks has to be cleared.
        let fits = |buffer: &Vec<f32>| (length..=length.saturating_mul(4)).contains(&buffer.capacity());
        let cost = |buffer: &Vec<f32>| (length.saturating_sub(buffer.len()), buffer.capacity());
        let (place, _) = buffers.iter().enumerate().filter(|(_, b)| fits(b)).min_by_key(|(_, b)| cost(b))?;
        Some(buffers.swap_remove(place))
    });
    let mut buffer = found.unwrap_or_default();
    buffer.resize(length, 0.0);
    buffer
}

/// Gives a buffer back.
pub(super) fn give(buffer: Vec<f32>) {
    BUFFERS.with_borrow_mut(|buffers| {
        if buffers.len() == WAITING {
            // The oldest is the one that no layer has wanted for longest.
            buffers.remove(0);
        }
        buffers.push(buffer);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_given_back_is_taken_again() {
        let first = take(1000);
        let place = first.as_ptr();
        give(first);
        assert_eq!(take(10).len(), 10, "a small buffer does not take the large one");
        let again = take(900);
        assert_eq!((again.as_ptr(), again.len()), (place, 900));
    }

    #[test]
    fn no_more_than_the_limit_waits() {
        for _ in 0..3 * WAITING {
            give(vec![0.0; 10]);
        }
        assert_eq!(BUFFERS.with_borrow(Vec::len), WAITING);
    }
}
