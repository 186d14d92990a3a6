//! Any text as a weight map: a filled module, or an error.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use clipscope_networks::fuzzing::fill_from;
use libfuzzer_sys::fuzz_target;
use safetensors::tensor::{Dtype, TensorView};

/// A checkpoint with a tensor for everything a map can do.
fn checkpoint() -> &'static PathBuf {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &FILE
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = folder.path().join("model.safetensors");
            let shapes: [(&str, &[usize]); 7] = [
                ("w", &[2, 3]),
                ("b", &[2]),
                ("n.weight", &[2]),
                ("n.bias", &[2]),
                ("n.running_mean", &[2]),
                ("n.running_var", &[2]),
                ("s", &[]),
            ];
            let bytes = [0u8, 0, 128, 63].repeat(6);
            let views = shapes.map(|(name, shape)| {
                let bytes = &bytes[..shape.iter().product::<usize>() * 4];
                (name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("the lengths agree"))
            });
            fs::write(&file, safetensors::serialize(views, None).expect("it is small"))
                .expect("it can be written");
            (folder, file)
        })
        .1
}

fuzz_target!(|text: &str| {
    fill_from(text, checkpoint());
});
