//! Model sets: which towers play which roles, and on which device.

use std::sync::Arc;

use burn::tensor::Device;

use super::ModelError;
use super::card::{Modality, Role};
use super::graphs;
use super::info::{DeviceKind, ModelsInfo, SetName, TowerInfo};
use super::tower::{NetworkFiles, Tower};

fn open_device(kind: DeviceKind) -> Result<Device, ModelError> {
    match kind {
        DeviceKind::Cpu => Ok(Device::flex()),
        DeviceKind::Cuda | DeviceKind::Wgpu => Err(ModelError::Device {
            device: kind.name().into(),
            reason: "this program was built for the CPU only; use --device cpu".into(),
        }),
    }
}

/// The towers of one model set on one device. Cheap to open; weights load on first use.
#[derive(Clone)]
pub struct ModelSet {
    name: SetName,
    device: DeviceKind,
    towers: Vec<Arc<Tower>>,
}

macro_rules! files {
    ($folder:literal, $build:path $(, tokenizer: $tokenizer:literal)?) => {
        NetworkFiles {
            folder: $folder,
            card: include_str!(concat!("../../models/", $folder, "/card.json")),
            weight_map: include_str!(concat!("../../models/", $folder, "/weights.json")),
            graph: include_bytes!(concat!("../../models/", $folder, "/graph.onnx")),
            tokenizer: files!(@ $folder $(, $tokenizer)?),
            weights: include_bytes!(concat!("../../models/", $folder, "/weights.safetensors")),
            build: $build,
        }
    };
    (@ $folder:literal, $tokenizer:literal) => {
        Some(include_bytes!(concat!("../../models/", $folder, "/", $tokenizer)))
    };
    (@ $folder:literal) => { None };
}

static MINI: [NetworkFiles; 2] = [
    files!("mini/efficientnet-lite0", graphs::mini_image),
    files!("mini/all-minilm-l6-v2", graphs::mini_text, tokenizer: "tokenizer.json"),
];

impl ModelSet {
    /// Opens a model set without loading its weights.
    ///
    /// # Errors
    /// [`ModelError::Device`], [`ModelError::NotInstalled`] or [`ModelError::Card`].
    pub fn open(name: SetName, device: DeviceKind) -> Result<Self, ModelError> {
        let burn_device = open_device(device)?;
        let networks: &'static [NetworkFiles] = match name {
            SetName::Mini => &MINI,
            SetName::Reference => {
                return Err(ModelError::NotInstalled {
                    set: name.name().into(),
                    reason: "this version contains only 'mini'; use --models mini".into(),
                });
            }
        };
        let towers = networks
            .iter()
            .map(|files| Tower::new(files, burn_device.clone()).map(Arc::new))
            .collect::<Result<_, _>>()?;
        Ok(Self { name, device, towers })
    }

    /// Which set this is.
    #[must_use]
    pub fn name(&self) -> SetName {
        self.name
    }

    /// Where it runs.
    #[must_use]
    pub fn device(&self) -> DeviceKind {
        self.device
    }

    /// The towers that read a modality.
    pub fn towers(&self, modality: Modality) -> impl Iterator<Item = &Arc<Tower>> {
        self.towers.iter().filter(move |tower| tower.card().modality == modality)
    }

    /// What reports and screens say about this set.
    #[must_use]
    pub fn info(&self) -> ModelsInfo {
        let mut towers: Vec<TowerInfo> = self
            .towers
            .iter()
            .flat_map(|tower| {
                let card = tower.card();
                card.outputs.iter().map(|output| TowerInfo {
                    role: output.role,
                    name: card.name.clone(),
                    dim: output.dim,
                    weights_sha256: card
                        .weights
                        .iter()
                        .map(|weights| weights.sha256.as_str())
                        .collect::<Vec<_>>()
                        .join("+"),
                })
            })
            .collect();
        towers.sort_by_key(|row| row.role);
        ModelsInfo {
            set: self.name,
            device: self.device,
            stand_in: self.stand_in(),
            logit_scale: self.logit_scale(),
            towers,
        }
    }

    /// The factor on cosine similarities, from the card of a tower of the shared space.
    fn logit_scale(&self) -> f32 {
        self.towers
            .iter()
            .filter(|tower| tower.roles().any(|role| role == Role::ClipImage))
            .find_map(|tower| tower.card().logit_scale)
            .unwrap_or(1.0)
    }

    fn stand_in(&self) -> Option<&'static str> {
        match self.name {
            SetName::Mini => Some("stand-in, not CLIP"),
            SetName::Reference => None,
        }
    }

    /// Embeds one caption or phrase with every text tower: `[dim]` a role, as the towers give them.
    ///
    /// # Errors
    /// Whatever keeps a text tower from answering.
    pub fn embed_caption(&self, text: &str) -> Result<Vec<(Role, Vec<f32>)>, ModelError> {
        let mut found = Vec::new();
        for tower in self.towers(Modality::Text) {
            let tokens = tower.tokenize(text)?;
            let vector = tower.embed_captions(&[tokens])?.pop().unwrap_or_default();
            let mut rest = vector.as_slice();
            for output in &tower.card().outputs {
                let Some((part, tail)) = rest.split_at_checked(output.dim) else { break };
                found.push((output.role, part.to_vec()));
                rest = tail;
            }
        }
        Ok(found)
    }
}
