//! Any bytes as a photo: pixels within the limits, or a reason in one line.
#![no_main]

use clipscope_fuzz::models::{DecodeLimits, decode_photo};
use libfuzzer_sys::fuzz_target;

const LIMITS: DecodeLimits = DecodeLimits { max_side: 30_000, max_bytes: 16 << 20 };

fuzz_target!(|data: &[u8]| {
    match decode_photo(data, LIMITS) {
        Ok(photo) => {
            assert!(photo.len() as u64 <= LIMITS.max_bytes && photo.width() > 0 && photo.height() > 0)
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
