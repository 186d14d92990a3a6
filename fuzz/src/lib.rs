//! The parts of clipscope that read what other people wrote, compiled from its own sources.
//!
//! The files are included rather than the crate: a fuzz target then builds without the networks, which take long to
//! compile with instrumentation and read nothing that a stranger gives. Owns what the targets check on top of "no panic".

#![allow(dead_code, reason = "each target uses a part of what the files offer")]

#[path = "../../src/display_safe.rs"]
pub mod display_safe;

#[path = "../../src/dataset/mod.rs"]
pub mod dataset;

#[path = "../../src/index/mod.rs"]
pub mod index;

pub mod analysis;
#[cfg(feature = "config")]
pub mod cli;
pub mod embedding;
#[cfg(feature = "allocator")]
pub mod memory;
pub mod models;
#[cfg(feature = "config")]
pub mod tui;

/// Whether a text may be shown as one line.
pub fn shows(text: &str) -> bool {
    display_safe::display_safe(text) == text
}

/// Pairs of a place, in 256ths of the length, and what is changed there; an odd byte at the end cuts the rest off.
pub fn damage_bytes(bytes: &mut Vec<u8>, damage: &[u8]) {
    let (pairs, odd) = damage.as_chunks::<2>();
    for [place, change] in pairs {
        let place = usize::from(*place) * bytes.len() / 256;
        bytes[place] ^= change;
    }
    if let [length] = odd {
        bytes.truncate(bytes.len() * usize::from(*length) / 256);
    }
}
