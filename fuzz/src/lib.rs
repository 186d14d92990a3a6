//! What several fuzz targets share.
//!
//! Targets call the public API of the crates, and their modules `fuzzing`, which exist only when built for fuzzing. Owns
//! what targets check beyond "no panic".

#[cfg(feature = "program")]
pub mod memory;

use clipscope_base::display_safe::display_safe;

/// Whether a text is safe to display as it is.
pub fn is_safe(text: &str) -> bool {
    display_safe(text) == text
}

/// Changes `bytes` by pairs of a position, in 256ths of the length, and a mask to flip; an odd byte at the end cuts off the
/// rest.
pub fn damage_bytes(bytes: &mut Vec<u8>, damage: &[u8]) {
    let (pairs, odd) = damage.as_chunks::<2>();
    for [position, mask] in pairs {
        let position = usize::from(*position) * bytes.len() / 256;
        bytes[position] ^= mask;
    }
    if let [length] = odd {
        bytes.truncate(bytes.len() * usize::from(*length) / 256);
    }
}
