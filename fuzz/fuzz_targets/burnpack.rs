//! Any damage to a Burnpack: the module is loaded as it was saved, or not at all.
#![no_main]

use clipscope_fuzz::damage_bytes;
use clipscope_networks::fuzzing::check_burnpack;
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        check_burnpack(folder.path(), |bytes| damage_bytes(bytes, data));
    }
);
