//! The networks that this program knows, and the model sets they make up.
//!
//! Adding a network is one entry here and one `network!` line in `graphs.rs`.

use serde::Serialize;

use crate::graphs::{self, Build};

/// A built-in model set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetName {
    /// Small networks compiled into the program; their shared space is a stand-in, not CLIP.
    Mini,
    /// ResNet-50, DistilUSE and CLIP ViT-B/32 with their official weights.
    Reference,
}

impl SetName {
    /// The name used on the command line, in JSON and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mini => "mini",
            Self::Reference => "reference",
        }
    }
}

/// The committed files of a network, compiled in.
pub(crate) struct NetworkFiles {
    /// Folder below `models/`.
    pub folder: &'static str,
    pub card: &'static str,
    pub weight_map: &'static str,
    pub graph: &'static [u8],
    /// `None` for image networks, and where the tokenizer is published with the checkpoint.
    pub tokenizer: Option<&'static [u8]>,
    /// `None` where the weights are published elsewhere.
    pub weights: Option<&'static [u8]>,
    /// Photos in one forward pass: the number that was fastest on one thread (`cargo bench --bench towers`).
    /// Convolutions lose their cache locality in larger batches.
    pub photos_per_pass: usize,
    /// Token ids and vectors of the reference implementation, where they were computed.
    pub golden: Option<&'static str>,
    pub build: Build,
}

macro_rules! files {
    ($folder:literal, $build:path, tokenizer: $tokenizer:expr, weights: $weights:expr, golden: $golden:expr, photos_per_pass: $photos:literal) => {
        NetworkFiles {
            folder: $folder,
            card: include_str!(concat!("../../../models/", $folder, "/card.json")),
            weight_map: include_str!(concat!("../../../models/", $folder, "/weights.json")),
            graph: include_bytes!(concat!("../../../models/", $folder, "/graph.onnx")),
            tokenizer: $tokenizer,
            weights: $weights,
            photos_per_pass: $photos,
            golden: $golden,
            build: $build,
        }
    };
}

macro_rules! compiled {
    ($file:literal) => {
        Some(include_bytes!(concat!("../../../models/", $file)))
    };
}

macro_rules! golden {
    ($folder:literal) => {
        Some(include_str!(concat!("../../../models/", $folder, "/golden.json")))
    };
}

static MINI: [NetworkFiles; 2] = [
    files!(
        "mini/efficientnet-lite0",
        graphs::mini_image,
        tokenizer: None,
        weights: compiled!("mini/efficientnet-lite0/weights.safetensors"),
        golden: golden!("mini/efficientnet-lite0"),
        photos_per_pass: 1
    ),
    files!(
        "mini/all-minilm-l6-v2",
        graphs::mini_text,
        tokenizer: compiled!("mini/all-minilm-l6-v2/tokenizer.json"),
        weights: compiled!("mini/all-minilm-l6-v2/weights.safetensors"),
        golden: golden!("mini/all-minilm-l6-v2"),
        photos_per_pass: 8
    ),
];

static REFERENCE: [NetworkFiles; 4] = [
    files!("resnet50", graphs::resnet50_image, tokenizer: None, weights: None, golden: None, photos_per_pass: 1),
    files!("distiluse", graphs::distiluse_text, tokenizer: None, weights: None, golden: golden!("distiluse"), photos_per_pass: 8),
    files!("clip-vit-b32/vision", graphs::clip_image, tokenizer: None, weights: None, golden: None, photos_per_pass: 8),
    files!(
        "clip-vit-b32/text",
        graphs::clip_text,
        tokenizer: compiled!("clip-vit-b32/text/tokenizer.json"),
        weights: None,
        golden: golden!("clip-vit-b32/text"),
        photos_per_pass: 8
    ),
];

/// Architectures that are in no set of the above, with the card of one published network each.
static OTHERS: [NetworkFiles; 3] = [
    files!(
        "clip-vit-b32-gelu/vision",
        graphs::clip_gelu_image,
        tokenizer: None,
        weights: None,
        golden: None,
        photos_per_pass: 8
    ),
    files!(
        "clip-vit-b32-gelu/text",
        graphs::clip_gelu_text,
        tokenizer: compiled!("clip-vit-b32/text/tokenizer.json"),
        weights: None,
        golden: golden!("clip-vit-b32/text"),
        photos_per_pass: 8
    ),
    files!(
        "distilbert-512",
        graphs::multilingual_text,
        tokenizer: None,
        weights: None,
        golden: None,
        photos_per_pass: 8
    ),
];

/// The network whose files lie in `folder` below `models/`.
pub(crate) fn network_in(folder: &str) -> Option<&'static NetworkFiles> {
    MINI.iter().chain(&REFERENCE).chain(&OTHERS).find(|files| files.folder == folder)
}

/// The networks of a model set.
pub(crate) fn networks_of(name: SetName) -> &'static [NetworkFiles] {
    match name {
        SetName::Mini => &MINI,
        SetName::Reference => &REFERENCE,
    }
}
