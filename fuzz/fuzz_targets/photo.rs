//! Any bytes as a photo: pixels within the limits, or an error.
//!
//! A panic inside a decoder becomes an error too; only one that gets through ends the target.
#![no_main]

use std::sync::LazyLock;

use clipscope_networks::{DecodeLimits, check_photo, decode_photo, photo_note};
use libfuzzer_sys::fuzz_target;

static LIMITS: LazyLock<DecodeLimits> = LazyLock::new(|| DecodeLimits::new(30_000, 16 << 20));

fuzz_target!(
    init: {
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| {
        let _ = photo_note(data);
        let checked = check_photo(std::io::Cursor::new(data), &LIMITS);
        match decode_photo(data, &LIMITS) {
            Ok(photo) => {
                assert!(checked.is_ok());
                assert!(photo.len() as u64 <= LIMITS.max_bytes && photo.width() > 0 && photo.height() > 0)
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
);
