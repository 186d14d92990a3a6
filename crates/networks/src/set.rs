//! Model sets: which towers play which roles, and on which device.

use std::sync::Arc;

use super::ModelError;
use super::card::{Card, Modality, Role};
use super::device;
use super::fetch::RemoteFile;
use super::graphs;
use super::info::{DeviceKind, ModelsInfo, SetName, TowerInfo};
use super::tower::{NetworkFiles, Tower};
use super::weights::ModelStore;

/// The towers of one model set on one device. Cheap to open; weights load on first use.
#[derive(Clone)]
pub struct ModelSet {
    name: SetName,
    device: DeviceKind,
    towers: Vec<Arc<Tower>>,
}

macro_rules! files {
    ($folder:literal, $build:path, tokenizer: $tokenizer:expr, weights: $weights:expr, golden: $golden:expr, at_once: $at_once:literal) => {
        NetworkFiles {
            folder: $folder,
            card: include_str!(concat!("../../../models/", $folder, "/card.json")),
            weight_map: include_str!(concat!("../../../models/", $folder, "/weights.json")),
            graph: include_bytes!(concat!("../../../models/", $folder, "/graph.onnx")),
            tokenizer: $tokenizer,
            weights: $weights,
            photos_at_once: $at_once,
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
        at_once: 1
    ),
    files!(
        "mini/all-minilm-l6-v2",
        graphs::mini_text,
        tokenizer: compiled!("mini/all-minilm-l6-v2/tokenizer.json"),
        weights: compiled!("mini/all-minilm-l6-v2/weights.safetensors"),
        golden: golden!("mini/all-minilm-l6-v2"),
        at_once: 8
    ),
];

static REFERENCE: [NetworkFiles; 4] = [
    files!("resnet50", graphs::resnet50_image, tokenizer: None, weights: None, golden: None, at_once: 1),
    files!("distiluse", graphs::distiluse_text, tokenizer: None, weights: None, golden: golden!("distiluse"), at_once: 8),
    files!("clip-vit-b32/vision", graphs::clip_image, tokenizer: None, weights: None, golden: None, at_once: 8),
    files!(
        "clip-vit-b32/text",
        graphs::clip_text,
        tokenizer: compiled!("clip-vit-b32/text/tokenizer.json"),
        weights: None,
        golden: golden!("clip-vit-b32/text"),
        at_once: 8
    ),
];

fn files_of(name: SetName) -> &'static [NetworkFiles] {
    match name {
        SetName::Mini => &MINI,
        SetName::Reference => &REFERENCE,
    }
}

/// What is known of a network without loading it.
#[derive(Debug, Clone)]
pub struct NetworkInfo {
    /// Name on the card.
    pub name: String,
    /// Folder below `models/`.
    pub folder: &'static str,
    /// Role and length of each output.
    pub outputs: Vec<(Role, usize)>,
    /// Licence of the weights.
    pub licence: String,
    /// Length of its files, as far as it is known.
    pub bytes: u64,
    /// The files that must be fetched; none when it is compiled in.
    pub files: Vec<RemoteFile>,
}

impl NetworkInfo {
    fn new(files: &'static NetworkFiles) -> Result<Self, ModelError> {
        let card = Card::parse(files.folder, files.card)?;
        let remote = |repo: &str, revision: &Option<String>, path: &str| RemoteFile {
            repo: repo.into(),
            revision: revision.clone().unwrap_or_else(|| "main".into()),
            path: path.into(),
            bytes: None,
            sha256: None,
            licence: card.licence.clone(),
            alternatives: Vec::new(),
        };
        let weights = card.weights.iter().filter_map(|weights| {
            Some(RemoteFile {
                bytes: weights.bytes,
                sha256: weights.sha256.clone(),
                ..remote(weights.repo.as_deref()?, &weights.revision, &weights.file)
            })
        });
        let tokenizer = card.tokenizer.iter().filter_map(|tokenizer| {
            Some(RemoteFile {
                bytes: tokenizer.bytes,
                sha256: tokenizer.sha256.clone(),
                ..remote(tokenizer.repo.as_deref()?, &tokenizer.revision, &tokenizer.file)
            })
        });
        Ok(Self {
            folder: files.folder,
            outputs: card.outputs.iter().map(|output| (output.role, output.dim)).collect(),
            bytes: card.weights.iter().filter_map(|weights| weights.bytes).sum(),
            files: weights.chain(tokenizer).collect(),
            licence: card.licence.clone(),
            name: card.name,
        })
    }
}

impl ModelSet {
    /// The networks of a set, installed or not.
    ///
    /// # Errors
    /// [`ModelError::Card`] when a card is unusable.
    pub fn networks(name: SetName) -> Result<Vec<NetworkInfo>, ModelError> {
        files_of(name).iter().map(NetworkInfo::new).collect()
    }

    /// Opens a model set without loading its weights.
    ///
    /// # Errors
    /// [`ModelError::Device`], [`ModelError::NotInstalled`] naming the missing files, or
    /// [`ModelError::Card`].
    pub fn open(name: SetName, device: DeviceKind, store: &ModelStore) -> Result<Self, ModelError> {
        let burn_device = device::open(device)?;
        let towers = files_of(name)
            .iter()
            .map(|files| Tower::new(files, burn_device.clone(), store).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let mut missing: Vec<String> = towers.iter().flat_map(|tower| tower.missing_files()).collect();
        missing.dedup();
        if !missing.is_empty() {
            return Err(ModelError::NotInstalled {
                set: name.name().into(),
                reason: format!(
                    "run 'clipscope models fetch' or use --models mini; missing below {}: {}",
                    store.downloads().display(),
                    missing.join(", "),
                ),
            });
        }
        Ok(Self { name, device, towers })
    }

    /// The best set that is installed: `reference` when all of its files are there, else `mini`.
    ///
    /// # Errors
    /// As [`ModelSet::open`].
    pub fn open_default(device: DeviceKind, store: &ModelStore) -> Result<Self, ModelError> {
        match Self::open(SetName::Reference, device, store) {
            Err(ModelError::NotInstalled { .. }) => Self::open(SetName::Mini, device, store),
            opened => opened,
        }
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

    /// Every tower.
    pub fn all_towers(&self) -> impl Iterator<Item = &Arc<Tower>> {
        self.towers.iter()
    }

    /// The tower that plays a role.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&Arc<Tower>> {
        self.towers.iter().find(|tower| tower.roles().any(|found| found == role))
    }

    /// The set without the towers that have no part in `role`: no other network runs on a photo or a caption.
    #[must_use]
    pub fn only(&self, role: Role) -> Self {
        let towers = self.towers.iter().filter(|tower| tower.roles().any(|found| found == role));
        Self { name: self.name, device: self.device, towers: towers.cloned().collect() }
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
                        .map(|weights| weights.sha256.as_deref().unwrap_or("unknown"))
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
            found.extend(tower.card().split(&vector).map(|(output, part)| (output.role, part.to_vec())));
        }
        Ok(found)
    }
}
