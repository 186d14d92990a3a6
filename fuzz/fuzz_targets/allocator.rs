//! Allocations made, resized and freed in any order: each keeps its contents.
#![no_main]

use clipscope_fuzz::memory::check_allocations;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|steps: &[u8]| {
    check_allocations(steps);
});
