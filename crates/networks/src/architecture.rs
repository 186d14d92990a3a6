//! The architectures that this program includes: imported graphs with their weight maps.
//!
//! Adding one is an entry here and a `network!` line in `graphs.rs`.

use crate::graphs::{self, Build};

/// A graph that was imported when this program was built, with its weight map.
pub(crate) struct Architecture {
    /// The name that cards use.
    pub name: &'static str,
    /// Which checkpoint tensor fills which parameter (`weights.json`).
    pub weight_map: &'static str,
    /// The graph it was imported from: part of the key of every vector.
    pub graph: &'static [u8],
    /// The tokenizer that belongs to it, where that is the same for every checkpoint.
    pub tokenizer: Option<&'static [u8]>,
    /// Photos in one forward pass: the number that was fastest on one thread (`cargo bench --bench towers`).
    /// Convolutions lose their cache locality in larger batches.
    pub photos_per_pass: usize,
    pub build: Build,
}

macro_rules! architecture {
    ($name:literal, $folder:literal, $build:path, tokenizer: $tokenizer:expr, photos_per_pass: $photos:literal) => {
        Architecture {
            name: $name,
            weight_map: include_str!(concat!("../../../models/", $folder, "/weights.json")),
            graph: include_bytes!(concat!("../../../models/", $folder, "/graph.onnx")),
            tokenizer: $tokenizer,
            photos_per_pass: $photos,
            build: $build,
        }
    };
}

macro_rules! tokenizer {
    ($folder:literal) => {
        Some(include_bytes!(concat!("../../../models/", $folder, "/tokenizer.json")))
    };
}

static ARCHITECTURES: [Architecture; 9] = [
    architecture!(
        "efficientnet-lite0",
        "mini/efficientnet-lite0",
        graphs::mini_image,
        tokenizer: None,
        photos_per_pass: 1
    ),
    architecture!(
        "minilm",
        "mini/all-minilm-l6-v2",
        graphs::mini_text,
        tokenizer: tokenizer!("mini/all-minilm-l6-v2"),
        photos_per_pass: 8
    ),
    architecture!("resnet50", "resnet50", graphs::resnet50_image, tokenizer: None, photos_per_pass: 1),
    architecture!("distiluse", "distiluse", graphs::distiluse_text, tokenizer: None, photos_per_pass: 8),
    architecture!(
        "clip-vit-b32-vision",
        "clip-vit-b32/vision",
        graphs::clip_image,
        tokenizer: None,
        photos_per_pass: 8
    ),
    architecture!(
        "clip-vit-b32-text",
        "clip-vit-b32/text",
        graphs::clip_text,
        tokenizer: tokenizer!("clip-vit-b32/text"),
        photos_per_pass: 8
    ),
    architecture!(
        "clip-vit-b32-gelu-vision",
        "clip-vit-b32-gelu/vision",
        graphs::clip_gelu_image,
        tokenizer: None,
        photos_per_pass: 8
    ),
    architecture!(
        "clip-vit-b32-gelu-text",
        "clip-vit-b32-gelu/text",
        graphs::clip_gelu_text,
        tokenizer: tokenizer!("clip-vit-b32/text"),
        photos_per_pass: 8
    ),
    architecture!(
        "distilbert-512",
        "distilbert-512",
        graphs::multilingual_text,
        tokenizer: None,
        photos_per_pass: 8
    ),
];

/// The architecture with this name.
pub(crate) fn find(name: &str) -> Option<&'static Architecture> {
    ARCHITECTURES.iter().find(|architecture| architecture.name == name)
}
