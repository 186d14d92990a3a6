//! Families: the architectures that one checkpoint can fill, and the tensors that each needs.
//!
//! `models/<network>/tensors.json` lists them with their shapes, under the names of the first layout that the network was
//! exported from; [`Layout`](super::Layout) knows the others. Must not know: files, cards, roles of a model set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::weight_map::WeightMap;
use crate::role::Role;

/// The architectures that one checkpoint fills: both towers of a CLIP, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// torchvision's ResNet-50, without its classifier.
    Resnet50,
    /// DistilBERT, multilingual and cased, masked mean, a dense layer with bias and tanh.
    Distiluse,
    /// The same with a dense layer that has neither: CLIP's multilingual text tower.
    #[serde(rename = "distilbert-512")]
    Distilbert512,
    /// CLIP ViT-B/32 with QuickGELU, `x · sigmoid(1.702 x)`.
    #[serde(rename = "clip-vit-b32")]
    ClipVitB32,
    /// CLIP ViT-B/32 with the exact GELU, `x · (1 + erf(x / √2)) / 2`.
    #[serde(rename = "clip-vit-b32-gelu")]
    ClipVitB32Gelu,
}

/// One graph of a family.
pub(crate) struct FamilyTower {
    /// Its name on cards.
    pub architecture: &'static str,
    /// What its vectors stand for.
    pub role: Role,
    tensors: &'static str,
    weight_map: &'static str,
}

macro_rules! tower {
    ($folder:literal, $architecture:literal, $role:ident) => {
        FamilyTower {
            architecture: $architecture,
            role: Role::$role,
            tensors: include_str!(concat!("../../../../models/", $folder, "/tensors.json")),
            weight_map: include_str!(concat!("../../../../models/", $folder, "/weights.json")),
        }
    };
}

static RESNET50: [FamilyTower; 1] = [tower!("resnet50", "resnet50", PreClipImage)];
static DISTILUSE: [FamilyTower; 1] = [tower!("distiluse", "distiluse", PreClipText)];
static DISTILBERT_512: [FamilyTower; 1] = [tower!("distilbert-512", "distilbert-512", ClipText)];
static CLIP_VIT_B32: [FamilyTower; 2] = [
    tower!("clip-vit-b32/vision", "clip-vit-b32-vision", ClipImage),
    tower!("clip-vit-b32/text", "clip-vit-b32-text", ClipText),
];
static CLIP_VIT_B32_GELU: [FamilyTower; 2] = [
    tower!("clip-vit-b32-gelu/vision", "clip-vit-b32-gelu-vision", ClipImage),
    tower!("clip-vit-b32-gelu/text", "clip-vit-b32-gelu-text", ClipText),
];

impl Family {
    /// Every family that a checkpoint of the user's can fill.
    pub const ALL: [Self; 5] =
        [Self::Resnet50, Self::Distiluse, Self::Distilbert512, Self::ClipVitB32, Self::ClipVitB32Gelu];

    /// The name on the command line, in files and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resnet50 => "resnet50",
            Self::Distiluse => "distiluse",
            Self::Distilbert512 => "distilbert-512",
            Self::ClipVitB32 => "clip-vit-b32",
            Self::ClipVitB32Gelu => "clip-vit-b32-gelu",
        }
    }

    /// The activation that no tensor tells; `None` where the tensors decide.
    #[must_use]
    pub fn activation(self) -> Option<Activation> {
        match self {
            Self::ClipVitB32 => Some(Activation::QuickGelu),
            Self::ClipVitB32Gelu => Some(Activation::Gelu),
            Self::Resnet50 | Self::Distiluse | Self::Distilbert512 => None,
        }
    }

    pub(crate) fn towers(self) -> &'static [FamilyTower] {
        match self {
            Self::Resnet50 => &RESNET50,
            Self::Distiluse => &DISTILUSE,
            Self::Distilbert512 => &DISTILBERT_512,
            Self::ClipVitB32 => &CLIP_VIT_B32,
            Self::ClipVitB32Gelu => &CLIP_VIT_B32_GELU,
        }
    }
}

/// The function between the two layers of a transformer's perceptron. It cannot be seen in weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The exact GELU.
    Gelu,
    /// OpenAI's approximation of it.
    QuickGelu,
}

impl Activation {
    /// The name on the command line and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gelu => "gelu",
            Self::QuickGelu => "quick-gelu",
        }
    }
}

impl FamilyTower {
    /// Every tensor that the graph needs, with its shape.
    ///
    /// # Panics
    /// Never: the committed file is read by a test.
    pub(super) fn tensors(&self) -> BTreeMap<String, Vec<usize>> {
        let short: BTreeMap<String, Vec<usize>> = serde_json::from_str(self.tensors).unwrap_or_default();
        short
            .into_iter()
            .flat_map(|(name, shape)| numbered(&name).into_iter().map(move |name| (name, shape.clone())))
            .collect()
    }

    /// The committed weight map.
    ///
    /// # Errors
    /// The parser's message; never for a committed file.
    pub(super) fn weight_map(&self) -> Result<WeightMap, String> {
        WeightMap::parse(self.weight_map)
    }
}

/// The names that `a.{0-11}.b` stands for; the name itself when it has no braces.
fn numbered(name: &str) -> Vec<String> {
    let parts = name.split_once('{').and_then(|(front, rest)| {
        let (range, back) = rest.split_once('}')?;
        let (first, last) = range.split_once('-')?;
        Some((front, first.parse::<u32>().ok()?, last.parse::<u32>().ok()?, back))
    });
    match parts {
        Some((front, first, last, back)) => {
            (first..=last).map(|number| format!("{front}{number}{back}")).collect()
        }
        None => vec![name.into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_count() {
        assert_eq!(numbered("a.{9-11}.b"), ["a.9.b", "a.10.b", "a.11.b"]);
        assert_eq!(numbered("a.b"), ["a.b"]);
    }

    #[test]
    fn the_listed_tensors_are_those_of_the_weight_map() {
        for family in Family::ALL {
            for tower in family.towers() {
                let names: Vec<String> = tower.tensors().into_keys().collect();
                let needed: Vec<String> = tower.weight_map().unwrap().sources().into_iter().collect();
                assert_eq!(names, needed, "{}", tower.architecture);
            }
        }
    }

    #[test]
    fn every_tower_names_an_architecture_with_its_weight_map() {
        for tower in Family::ALL.iter().flat_map(|family| family.towers()) {
            let found = crate::architecture::find(tower.architecture).unwrap();
            assert_eq!(found.weight_map, tower.weight_map, "{}", tower.architecture);
        }
    }

    #[test]
    fn names_and_serialized_names_are_the_same() {
        for family in Family::ALL {
            let json = serde_json::to_value(family).unwrap();
            assert_eq!(json, family.name());
            assert_eq!(serde_json::from_value::<Family>(json).unwrap(), family);
        }
        for activation in [Activation::Gelu, Activation::QuickGelu] {
            assert_eq!(serde_json::to_value(activation).unwrap(), activation.name());
        }
    }
}
