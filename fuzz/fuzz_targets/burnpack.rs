//! Any damage to a mapped Burnpack: the module as it was saved, or no module.
#![no_main]

use clipscope_fuzz::models::weights::check_burnpack;
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| {
        check_burnpack(data);
    }
);
