//! Any text as a configuration: settings that read back to themselves when printed, or a reason that fits in a line.
#![no_main]

use clipscope_fuzz::cli::check_config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    check_config(text);
});
