//! Pieces of memory, taken, resized and given back in any order: each keeps what is in it.
#![no_main]

use clipscope_fuzz::memory::check_pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|steps: &[u8]| {
    check_pieces(steps);
});
