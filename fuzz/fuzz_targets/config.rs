//! Any text as a configuration: settings that are read back as the same when printed, or an error in one line.
#![no_main]

use clipscope::cli::fuzzing::check_config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    check_config(text);
});
