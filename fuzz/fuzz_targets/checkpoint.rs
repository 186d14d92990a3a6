//! Any bytes as a checkpoint: tensors with as many values as their shapes say, or an error.
//!
//! A panic inside a reader, which is a library, becomes an error too; only one that gets through ends the target.
#![no_main]

use std::fs;
use std::sync::OnceLock;

use clipscope_networks::fuzzing::read_checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        std::panic::set_hook(Box::new(|_| {}));
    },
    |data: &[u8]| {
        static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        let file = folder.path().join("checkpoint");
        fs::write(&file, data).expect("the folder can be written");
        read_checkpoint(&file);
    }
);
