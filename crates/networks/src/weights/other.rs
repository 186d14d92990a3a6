//! Says what a checkpoint of another architecture is, from names and shapes.
//!
//! A list of 200 tensors of the wrong shape says less than "CLIP ViT-L/14". Must not know: files.

use super::checkpoint::Checkpoint;
use super::layout::Layout;

/// What fits and what was found instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Other {
    /// Such as "CLIP ViT-L/14: width 1024, 24 layers, patches of 14 pixels".
    pub found: String,
    /// Such as "CLIP ViT-B/32: width 768, 12 layers, patches of 32 pixels".
    pub fits: String,
}

/// Width, layers, side of a patch and of the photo.
type Vision = [usize; 4];

/// What a size is called.
const VISION_NAMES: [(Vision, &str); 8] = [
    ([768, 12, 32, 224], "CLIP ViT-B/32"),
    ([768, 12, 32, 256], "CLIP ViT-B/32, 256 pixels"),
    ([768, 12, 16, 224], "CLIP ViT-B/16"),
    ([1024, 24, 14, 224], "CLIP ViT-L/14"),
    ([1024, 24, 14, 336], "CLIP ViT-L/14, 336 pixels"),
    ([1280, 32, 14, 224], "CLIP ViT-H/14"),
    ([1408, 40, 14, 224], "CLIP ViT-g/14"),
    ([1664, 48, 14, 224], "CLIP ViT-bigG/14"),
];
const FITS_VISION: Vision = [768, 12, 32, 224];
/// Width, layers, tokens and vocabulary.
const FITS_TEXT: [usize; 4] = [512, 12, 77, 49_408];
/// Length of a vector in the shared space.
const FITS_SHARED: usize = 512;
/// Blocks in the four stages of a ResNet.
const RESNETS: [([usize; 4], &str); 5] = [
    ([2, 2, 2, 2], "ResNet-18"),
    ([3, 4, 6, 3], "ResNet-50"),
    ([3, 4, 23, 3], "ResNet-101"),
    ([3, 8, 36, 3], "ResNet-152"),
    ([4, 6, 10, 6], "ResNet-50x4"),
];

/// What the tensors are, when it is plainly something else than what fits; `None` leaves the details to a comparison name by
/// name.
pub(super) fn other(checkpoint: &Checkpoint, layout: Layout) -> Option<Other> {
    match layout {
        Layout::HuggingFace | Layout::OpenClip => clip(checkpoint, layout),
        Layout::Torchvision => resnet(checkpoint),
        Layout::SentenceTransformers => None,
    }
}

fn clip(checkpoint: &Checkpoint, layout: Layout) -> Option<Other> {
    let has = |front: &str| checkpoint.names().any(|name| name.starts_with(front));
    if has("visual.layer1.") {
        let blocks = [1, 2, 3, 4].map(|stage| count(checkpoint, &format!("visual.layer{stage}.")));
        let known = RESNETS.iter().find(|(sizes, _)| *sizes == blocks);
        let found =
            known.map_or_else(|| "CLIP with a ResNet".into(), |(_, name)| format!("CLIP with a {name}"));
        return Some(Other { found, fits: vision_words(FITS_VISION) });
    }
    if has("visual.trunk.") {
        let found = "CLIP with a vision tower of timm".into();
        return Some(Other { found, fits: vision_words(FITS_VISION) });
    }
    if let Some(vision) = vision(checkpoint, layout)
        && vision != FITS_VISION
    {
        return Some(Other { found: vision_words(vision), fits: vision_words(FITS_VISION) });
    }
    if let Some(text) = text(checkpoint, layout)
        && text != FITS_TEXT
    {
        return Some(Other { found: text_words(text), fits: text_words(FITS_TEXT) });
    }
    let shared = ["visual_projection.weight", "text_projection.weight"].into_iter().find_map(|name| {
        let (stored, view) = layout.source(name);
        view.shape(checkpoint.shape(&stored).ok()?)?.first().copied()
    });
    let words = |length| format!("a shared space of {length} dimensions");
    shared
        .filter(|&length| length != FITS_SHARED)
        .map(|length| Other { found: words(length), fits: words(FITS_SHARED) })
}

fn vision(checkpoint: &Checkpoint, layout: Layout) -> Option<Vision> {
    let shape = |name: &str| checkpoint.shape(&layout.source(name).0).ok();
    let &[width, _, patch, _] = shape("vision_model.embeddings.patch_embedding.weight")? else {
        return None;
    };
    let &[positions, _] = shape("vision_model.embeddings.position_embedding.weight")? else {
        return None;
    };
    let front = match layout {
        Layout::OpenClip => "visual.transformer.resblocks.",
        _ => "vision_model.encoder.layers.",
    };
    let layers = count(checkpoint, front);
    Some([width, layers, patch, positions.saturating_sub(1).isqrt().saturating_mul(patch)])
}

fn text(checkpoint: &Checkpoint, layout: Layout) -> Option<[usize; 4]> {
    let shape = |name: &str| checkpoint.shape(&layout.source(name).0).ok();
    let &[vocabulary, width] = shape("text_model.embeddings.token_embedding.weight")? else { return None };
    let &[tokens, _] = shape("text_model.embeddings.position_embedding.weight")? else { return None };
    let front = match layout {
        Layout::OpenClip => "transformer.resblocks.",
        _ => "text_model.encoder.layers.",
    };
    Some([width, count(checkpoint, front), tokens, vocabulary])
}

fn resnet(checkpoint: &Checkpoint) -> Option<Other> {
    let blocks = [1, 2, 3, 4].map(|stage| count(checkpoint, &format!("layer{stage}.")));
    let bottleneck = checkpoint.shape("layer1.0.conv3.weight").is_ok();
    let width = checkpoint.shape("layer1.0.conv2.weight").ok().map(<[usize]>::to_vec);
    if blocks == [3, 4, 6, 3] && bottleneck && width == Some(vec![64, 64, 3, 3]) {
        return None;
    }
    let known = RESNETS.iter().find(|(sizes, _)| *sizes == blocks);
    let found = match known {
        _ if blocks == [3, 4, 6, 3] && !bottleneck => "ResNet-34".into(),
        Some((_, name)) if blocks != [3, 4, 6, 3] => (*name).into(),
        _ => format!("a ResNet with {blocks:?} blocks whose 3×3 filters have the shape {width:?}"),
    };
    Some(Other { found, fits: "ResNet-50".into() })
}

/// How many numbers follow `front` in the names.
fn count(checkpoint: &Checkpoint, front: &str) -> usize {
    let mut numbers: Vec<&str> =
        checkpoint.names().filter_map(|name| name.strip_prefix(front)?.split('.').next()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

fn vision_words(vision: Vision) -> String {
    let name = VISION_NAMES.iter().find(|(sizes, _)| *sizes == vision).map_or("CLIP", |(_, name)| name);
    let [width, layers, patch, side] = vision;
    format!(
        "{name}: a vision tower of width {width} with {layers} layers, patches of {patch} pixels, photos of {side} pixels"
    )
}

fn text_words([width, layers, tokens, vocabulary]: [usize; 4]) -> String {
    format!(
        "CLIP: a text tower of width {width} with {layers} layers, {tokens} tokens, a vocabulary of {vocabulary}"
    )
}
