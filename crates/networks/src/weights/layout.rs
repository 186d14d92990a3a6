//! Layouts: how different programs name and store the same tensors.
//!
//! The weight maps speak the names of one layout for each architecture: those of transformers for CLIP, of torchvision for
//! ResNet-50, of sentence-transformers for the text towers. open_clip has other names, stores queries, keys and values of
//! attention as one tensor, and projections transposed; the tables below say so. What a training program wraps around the
//! names is taken off first. Must not know: files, shapes that an architecture needs.

use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::view::View;

/// Whose names the tensors of a checkpoint have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// CLIP as transformers saves it, whole or one tower with its projection.
    HuggingFace,
    /// CLIP as open_clip and OpenAI's code save it.
    OpenClip,
    /// ResNet-50 as torchvision and timm save it.
    Torchvision,
    /// A transformer and a dense layer in files of their own, as sentence-transformers saves them.
    SentenceTransformers,
}

/// Dictionaries that training programs put the tensors into, beside the state of an optimizer and more.
const CONTAINERS: [&str; 3] = ["state_dict.", "model_state_dict.", "model."];
/// What wrappers for many devices or for a compiler put in front of every name.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];
/// What OpenAI's code saves beside the tensors, and an old buffer of open_clip.
const OPEN_CLIP_EXTRAS: [&str; 4] = ["input_resolution", "context_length", "vocab_size", "attn_mask"];

/// Names in a layout that tell it from the others.
const SIGNS: [(Layout, &[&str]); 4] = [
    (Layout::HuggingFace, &["vision_model.", "text_model."]),
    (
        Layout::OpenClip,
        &["visual.", "token_embedding.weight", "text.token_embedding.weight", "text_projection"],
    ),
    (Layout::SentenceTransformers, &["2_Dense.", "transformer.layer.", "distilbert.transformer.layer."]),
    (Layout::Torchvision, &["layer1.0.conv1.weight"]),
];

/// Where transformers and open_clip keep the same tensor of CLIP. `*` is one part of a name between dots, or the end of one.
const OPEN_CLIP: [(&str, &str, View); 11] = [
    ("vision_model.embeddings.class_embedding", "visual.class_embedding", View::Whole),
    ("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight", View::Whole),
    ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding", View::Whole),
    ("vision_model.pre_layrnorm.*", "visual.ln_pre.*", View::Whole),
    ("vision_model.post_layernorm.*", "visual.ln_post.*", View::Whole),
    ("visual_projection.weight", "visual.proj", View::Transposed),
    ("text_model.embeddings.token_embedding.weight", "token_embedding.weight", View::Whole),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding", View::Whole),
    ("text_model.final_layer_norm.*", "ln_final.*", View::Whole),
    ("text_projection.weight", "text_projection", View::Transposed),
    ("logit_scale", "logit_scale", View::Whole),
];
/// The same within a layer.
const OPEN_CLIP_LAYER: [(&str, &str, View); 8] = [
    ("layer_norm1.*", "ln_1.*", View::Whole),
    ("layer_norm2.*", "ln_2.*", View::Whole),
    ("mlp.fc1.*", "mlp.c_fc.*", View::Whole),
    ("mlp.fc2.*", "mlp.c_proj.*", View::Whole),
    ("self_attn.out_proj.*", "attn.out_proj.*", View::Whole),
    ("self_attn.q_proj.*", "attn.in_proj_*", View::Third(0)),
    ("self_attn.k_proj.*", "attn.in_proj_*", View::Third(1)),
    ("self_attn.v_proj.*", "attn.in_proj_*", View::Third(2)),
];
/// The layers of both towers.
const OPEN_CLIP_LAYERS: [(&str, &str); 2] = [
    ("vision_model.encoder.layers.*.", "visual.transformer.resblocks.*."),
    ("text_model.encoder.layers.*.", "transformer.resblocks.*."),
];

/// What [`unwrap`] took off.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unwrapped {
    /// In front of every name, such as `state_dict.module.`; empty when there was nothing.
    pub prefix: String,
    /// Tensors beside those of the network, such as an optimizer's.
    pub left_out: usize,
}

/// Takes off what a training program put around the tensors.
pub(super) fn unwrap(checkpoint: &mut Checkpoint) -> Unwrapped {
    let mut off = Unwrapped::default();
    while Layout::of(checkpoint).is_none() {
        let starts = |prefix: &&&str| checkpoint.names().any(|name| name.starts_with(**prefix));
        let all_start = |prefix: &&&str| checkpoint.names().all(|name| name.starts_with(**prefix));
        let found = WRAPPERS.iter().find(all_start).or_else(|| CONTAINERS.iter().find(starts));
        let Some(&prefix) = found.filter(starts) else { break };
        off.left_out += checkpoint.rename(|name| name.strip_prefix(prefix).map(String::from));
        off.prefix.push_str(prefix);
    }
    off
}

impl Layout {
    /// The name in files and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HuggingFace => "hugging-face",
            Self::OpenClip => "open-clip",
            Self::Torchvision => "torchvision",
            Self::SentenceTransformers => "sentence-transformers",
        }
    }

    /// The layout whose names the tensors have.
    pub(super) fn of(checkpoint: &Checkpoint) -> Option<Self> {
        let has = |signs: &[&str]| {
            checkpoint.names().any(|name| {
                signs.iter().any(|sign| name == *sign || sign.ends_with('.') && name.starts_with(sign))
            })
        };
        SIGNS.iter().find(|(_, signs)| has(signs)).map(|(layout, _)| *layout)
    }

    /// Where the layout keeps a tensor of the weight map: its name there, and the view of it.
    pub(super) fn source(self, name: &str) -> (String, View) {
        let other = match self {
            Self::OpenClip => open_clip(name),
            Self::HuggingFace | Self::Torchvision | Self::SentenceTransformers => None,
        };
        other.unwrap_or_else(|| (name.into(), View::Whole))
    }

    /// Takes off the variants of a layout's names: a text tower in a module of its own, and what is no weight.
    pub(super) fn tidy(self, checkpoint: &mut Checkpoint) {
        match self {
            Self::OpenClip => {
                checkpoint.rename(|name| {
                    let name = name.strip_prefix("text.").unwrap_or(name);
                    (!OPEN_CLIP_EXTRAS.contains(&name)).then(|| name.into())
                });
            }
            Self::SentenceTransformers => checkpoint.strip_prefix("distilbert."),
            Self::HuggingFace | Self::Torchvision => {}
        }
    }

    /// Gives the tensors the names and shapes that the weight map speaks of. `needed` are those names.
    ///
    /// # Errors
    /// Names a tensor whose shape cannot be taken apart.
    pub(super) fn apply<'a>(
        self,
        checkpoint: &mut Checkpoint,
        needed: impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        let views: Vec<_> = needed
            .map(|name| {
                let (stored, view) = self.source(name);
                (name.clone(), stored, view)
            })
            .collect();
        checkpoint.take_views(&views)
    }
}

fn open_clip(name: &str) -> Option<(String, View)> {
    for (ours, theirs, view) in OPEN_CLIP {
        if let Some(found) = replaced(name, ours, theirs) {
            return Some((found, view));
        }
    }
    for (front, their_front) in OPEN_CLIP_LAYERS {
        for (ours, theirs, view) in OPEN_CLIP_LAYER {
            if let Some(found) = replaced(name, &format!("{front}{ours}"), &format!("{their_front}{theirs}"))
            {
                return Some((found, view));
            }
        }
    }
    None
}

/// `theirs` with what stands for the stars of `ours` in `name`; `None` when `ours` does not fit.
fn replaced(name: &str, ours: &str, theirs: &str) -> Option<String> {
    if name.split('.').count() != ours.split('.').count() {
        return None;
    }
    let mut found = theirs.to_string();
    for (part, pattern) in name.split('.').zip(ours.split('.')) {
        if pattern == "*" {
            found = found.replacen('*', part, 1);
        } else if part != pattern {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::family::Family;

    fn in_open_clip(name: &str) -> (String, View) {
        Layout::OpenClip.source(name)
    }

    #[test]
    fn a_name_is_found_in_the_other_layout() {
        let name = "text_model.encoder.layers.10.self_attn.v_proj.bias";
        let stored = "transformer.resblocks.10.attn.in_proj_bias";
        assert_eq!(in_open_clip(name), (stored.into(), View::Third(2)));
        let name = "vision_model.encoder.layers.3.mlp.fc2.weight";
        assert_eq!(
            in_open_clip(name),
            ("visual.transformer.resblocks.3.mlp.c_proj.weight".into(), View::Whole)
        );
        assert_eq!(in_open_clip("visual_projection.weight"), ("visual.proj".into(), View::Transposed));
        assert_eq!(Layout::HuggingFace.source(name), (name.into(), View::Whole));
    }

    #[test]
    fn every_tensor_of_clip_has_a_place_in_open_clip() {
        for tower in Family::ClipVitB32.towers() {
            for name in tower.tensors().keys() {
                let (stored, _) = in_open_clip(name);
                assert!(!stored.contains("_model.") && !stored.contains('*'), "{name}: {stored}");
            }
        }
    }
}
