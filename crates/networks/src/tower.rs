//! A network opened on a device: pixels or captions in, rows of vectors out.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use burn::tensor::{DType, Device, Tensor, TensorData};
use clipscope_base::display_safe::display_path;
use image::RgbImage;
use sha2::{Digest, Sha256};

use crate::card::{Card, Preprocessing};
use crate::device::DeviceKind;
use crate::error::ModelError;
use crate::graphs::Graph;
use crate::kernels;
use crate::network::{Network, WeightsSource};
use crate::photos::{CropPixels, crop_pixels, normalize_into};
use crate::role::{Modality, Role};
use crate::tokenizer::{CaptionTokenizer, TokenIds};
use crate::weights::{ModelStore, Weights, check_files};

/// Where the tokenizer lies that is published with the checkpoint; `None` for a compiled-in one.
fn published_tokenizer(card: &Card, store: &ModelStore) -> Option<PathBuf> {
    let tokenizer = card.tokenizer.as_ref()?;
    let place = || Some(store.path(tokenizer.repo.as_deref()?, &tokenizer.file));
    store.find_tokenizer(tokenizer).or_else(place)
}

/// A network opened on a device. It reads one modality and gives one vector for each role that it plays in its set.
///
/// Opening reads only the card. The weights are loaded by the first forward pass or by [`Tower::load`]. All workers
/// share one tower.
pub struct Tower {
    network: Arc<Network>,
    roles: Vec<Role>,
    device: Device,
    store: ModelStore,
    key: [u8; 32],
    cache_key: [u8; 32],
    tokenizer: OnceLock<Result<CaptionTokenizer, String>>,
    graph: OnceLock<Result<Box<dyn Graph>, String>>,
}

impl Tower {
    /// Opens a network for some roles, without loading its weights.
    pub(crate) fn open(
        network: Arc<Network>,
        roles: Vec<Role>,
        (kind, device): (DeviceKind, Device),
        store: &ModelStore,
    ) -> Self {
        // Everything that decides what a vector means changes the key: the graph, the weight map, the tokenizer, and the card
        // with the hash of the weights, the constants of preprocessing and the version of its code.
        let mut hash = Sha256::new();
        let parts: [&[u8]; 4] = [
            network.architecture.graph,
            network.architecture.weight_map.as_bytes(),
            network.card_json.as_bytes(),
            network.tokenizer.unwrap_or_default(),
        ];
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        if let Some(local) = network.local() {
            hash.update(local.key());
        }
        // Published weights enter through the hash on the card; a published tokenizer has none there.
        if let Some(tokenizer) = published_tokenizer(&network.card, store)
            && let Ok(bytes) = std::fs::read(tokenizer)
        {
            hash.update(Sha256::digest(bytes));
        }
        let key: [u8; 32] = hash.finalize().into();
        // What decides the last bits, too: another device or processor rounds differently.
        let cache_key = Sha256::new()
            .chain_update(key)
            .chain_update(format!("{}, {}", kind.name(), kernels::identity()))
            .finalize()
            .into();
        Self {
            network,
            roles,
            device,
            store: store.clone(),
            key,
            cache_key,
            tokenizer: OnceLock::new(),
            graph: OnceLock::new(),
        }
    }

    /// The model card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.network.card
    }

    /// The committed `golden.json`.
    pub(crate) fn golden(&self) -> Option<&'static str> {
        self.network.golden
    }

    /// SHA-256 over everything besides the photo or caption that a vector depends on: graph, weights, preprocessing and
    /// tokenizer. The weights enter through the hash on the card. Vectors with equal keys can be compared.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        self.key
    }

    /// [`Tower::key`] with what decides the last bits of a vector: the device, the version of the kernels and the
    /// processor's instructions. Equal content has equal bits under equal keys on the CPU.
    #[must_use]
    pub fn cache_key(&self) -> [u8; 32] {
        self.cache_key
    }

    /// The roles it plays in its set, in the order of [`Role::ALL`].
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Takes the vectors of the roles that it plays, `[dim]` each, from the `[total_dim]` values of a forward pass.
    pub fn vectors<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = (Role, &'a [f32])> {
        let parts = self.card().split(values).map(|(output, part)| (output.role, part));
        parts.filter(|(role, _)| self.roles.contains(role))
    }

    /// Loads the weights and the tokenizer unless they are loaded.
    ///
    /// # Errors
    /// [`ModelError::Weights`] or [`ModelError::Tokenizer`]. A failure is final: later calls return it again.
    pub fn load(&self) -> Result<(), ModelError> {
        if self.card().modality == Modality::Text {
            self.tokenizer()?;
        }
        self.graph().map(|_| ())
    }

    fn graph(&self) -> Result<&dyn Graph, ModelError> {
        let loaded = self.graph.get_or_init(|| {
            let map = self.network.architecture.weight_map;
            let weights = match &self.network.weights {
                WeightsSource::Compiled(bytes) => Weights::Compiled { map, bytes },
                WeightsSource::Local(network) => {
                    Weights::Local { map, network, store: &self.store, key: &self.cache_key }
                }
                WeightsSource::Files => {
                    let (files, store) = (self.card().weights.as_slice(), &self.store);
                    Weights::Published { map, files, store, key: &self.key }
                }
            };
            (self.network.architecture.build)(&self.device, &weights)
        });
        loaded.as_ref().map(AsRef::as_ref).map_err(|reason| ModelError::Weights {
            network: self.card().name.clone(),
            file: self.weights_file(),
            reason: reason.clone(),
        })
    }

    /// The file of the weights, or the folder of its repository when there are several.
    fn weights_file(&self) -> PathBuf {
        if let Some(file) = self.network.local().and_then(|local| local.files.first()) {
            return file.path.clone();
        }
        match self.card().weights.as_slice() {
            [] => self.network.place.clone().into(),
            [card, rest @ ..] => match &card.repo {
                Some(repo) if rest.is_empty() => {
                    self.store.find(card).unwrap_or_else(|| self.store.path(repo, &card.file))
                }
                Some(repo) => self.store.path(repo, ""),
                None => format!("models/{}/{}", self.network.place, card.file).into(),
            },
        }
    }

    fn tokenizer(&self) -> Result<&CaptionTokenizer, ModelError> {
        let fail = |reason: String| ModelError::Tokenizer { network: self.card().name.clone(), reason };
        let loaded = self.tokenizer.get_or_init(|| {
            let card = self.card().tokenizer.as_ref().ok_or("the model card names no tokenizer")?;
            let bytes = self.tokenizer_bytes()?;
            CaptionTokenizer::new(&self.card().name, &bytes, card)
                .map_err(|error| self.tokenizer_reason(error))
        });
        loaded.as_ref().map_err(|reason| fail(reason.clone()))
    }

    /// The reason alone. For a fetched tokenizer it names the file and says what to do.
    fn tokenizer_reason(&self, error: ModelError) -> String {
        let reason = match error {
            ModelError::Tokenizer { reason, .. } => reason,
            other => other.to_string(),
        };
        match published_tokenizer(self.card(), &self.store) {
            Some(path) => {
                format!("{}: {reason}; delete the file and run 'clipscope models fetch'", display_path(&path))
            }
            None => reason,
        }
    }

    /// Compares the published files with the hashes on the card.
    ///
    /// # Errors
    /// [`ModelError::Weights`] naming the file, with both hashes.
    pub(crate) fn check_files(&self) -> Result<(), ModelError> {
        let fail = |file: PathBuf, reason: String| ModelError::Weights {
            network: self.card().name.clone(),
            file,
            reason,
        };
        for file in self.network.local().iter().flat_map(|local| &local.files) {
            file.check().map_err(|reason| fail(file.path.clone(), reason))?;
        }
        check_files(&self.card().weights, &self.store).map_err(|reason| fail(self.weights_file(), reason))
    }

    fn tokenizer_bytes(&self) -> Result<Cow<'static, [u8]>, String> {
        if let Some(file) = self.network.local().and_then(|local| local.tokenizer.as_ref()) {
            let fail = |reason: String| format!("{}: {reason}", display_path(&file.path));
            file.check().map_err(fail)?;
            return std::fs::read(&file.path).map(Cow::Owned).map_err(|error| fail(error.to_string()));
        }
        if let Some(bytes) = self.network.tokenizer {
            return Ok(Cow::Borrowed(bytes));
        }
        let path = published_tokenizer(self.card(), &self.store)
            .ok_or("the model card names no repository for it")?;
        std::fs::read(&path).map(Cow::Owned).map_err(|error| {
            format!("cannot read {}: {error}; run 'clipscope models fetch'", display_path(&path))
        })
    }

    /// Resizes and crops a photo as the card says.
    ///
    /// # Errors
    /// [`ModelError::Photo`]; [`ModelError::Input`] for a text tower.
    pub fn crop(&self, photo: &RgbImage) -> Result<CropPixels, ModelError> {
        let spec = self.preprocessing()?;
        crop_pixels(photo, spec)
    }

    /// Tokenizes a caption and cuts it at the card's limit.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`].
    pub fn tokenize(&self, caption: &str) -> Result<TokenIds, ModelError> {
        self.tokenizer()?.encode(&self.card().name, caption)
    }

    /// SHA-256 of the tokenizer's vocabulary: its tokens in the order of their ids, one per line.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`].
    pub(crate) fn vocabulary_sha256(&self) -> Result<String, ModelError> {
        Ok(self.tokenizer()?.vocabulary_sha256())
    }

    /// Runs cropped photos through the network. Each photo gives [`Card::total_dim`] values: the outputs one after the
    /// other, not yet of unit length. On the CPU, no bit of them depends on the other photos.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when the weights cannot be loaded, [`ModelError::Input`] for a text tower or a crop of
    /// another size, [`ModelError::Output`] when the graph returns another shape than the card says.
    pub fn embed_photos(&self, photos: &[CropPixels]) -> Result<Vec<Vec<f32>>, ModelError> {
        let spec = self.preprocessing()?;
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let side = spec.crop as usize;
        let mut vectors = Vec::with_capacity(photos.len());
        for photos in photos.chunks(self.network.architecture.photos_per_pass.max(1)) {
            let mut pixels = Vec::with_capacity(photos.len() * 3 * side * side);
            for photo in photos {
                if photo.data.len() != 3 * side * side {
                    return Err(self.wrong_input());
                }
                normalize_into(photo, spec, &mut pixels);
            }
            vectors.extend(self.embed_normalized(pixels)?);
        }
        Ok(vectors)
    }

    /// Runs normalized pixels `[photos, 3, crop, crop]` through the network: [`Tower::embed_photos`] without its
    /// preprocessing.
    ///
    /// # Errors
    /// As [`Tower::embed_photos`].
    pub fn embed_normalized(&self, pixels: Vec<f32>) -> Result<Vec<Vec<f32>>, ModelError> {
        let spec = self.preprocessing()?;
        let side = spec.crop as usize;
        let photos = pixels.len() / (3 * side * side);
        if photos == 0 || pixels.len() != photos * 3 * side * side {
            return Err(self.wrong_input());
        }
        let data = TensorData::new(pixels, [photos, 3, side, side]);
        let pixels = Tensor::<4>::from_data(data, &self.device);
        let outputs = self.graph()?.photos(pixels).ok_or_else(|| self.wrong_input())?;
        self.rows(outputs, photos)
    }

    /// Runs tokenized captions through the network. Vectors are laid out as by [`Tower::embed_photos`]. On the CPU, no
    /// bit of them depends on the other captions, although they are padded to the longest of them: all kernels sum in
    /// an order that padding and the number of rows do not change.
    ///
    /// # Errors
    /// As [`Tower::embed_photos`].
    pub fn embed_captions(&self, captions: &[TokenIds]) -> Result<Vec<Vec<f32>>, ModelError> {
        if captions.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self.tokenizer()?.batch(captions);
        let shape = [batch.rows, batch.length];
        let device = (&self.device, DType::I64);
        let ids = Tensor::from_data(TensorData::new(batch.ids, shape), device);
        let mask = Tensor::from_data(TensorData::new(batch.mask, shape), device);
        let outputs = self.graph()?.captions(ids, mask).ok_or_else(|| self.wrong_input())?;
        self.rows(outputs, batch.rows)
    }

    /// Joins the outputs `[rows, dim]` to one vector per row, after checking them against the card.
    fn rows(&self, outputs: Vec<Tensor<2>>, rows: usize) -> Result<Vec<Vec<f32>>, ModelError> {
        let wrong = |found: String, expected: String| ModelError::Output {
            network: self.card().name.clone(),
            found,
            expected,
        };
        if outputs.len() != self.card().outputs.len() {
            let expected = format!("{} outputs", self.card().outputs.len());
            return Err(wrong(format!("{} outputs", outputs.len()), expected));
        }
        let mut vectors = vec![Vec::with_capacity(self.card().total_dim()); rows];
        for (tensor, card) in outputs.into_iter().zip(&self.card().outputs) {
            let shape = tensor.dims();
            if shape != [rows, card.dim] {
                return Err(wrong(format!("{shape:?}"), format!("[{rows}, {}]", card.dim)));
            }
            let values: Vec<f32> = tensor
                .into_data()
                .convert::<f32>()
                .try_to_vec()
                .map_err(|error| wrong(format!("{error:?}"), "32-bit floats".into()))?;
            for (vector, row) in vectors.iter_mut().zip(values.chunks_exact(card.dim)) {
                vector.extend_from_slice(row);
            }
        }
        Ok(vectors)
    }

    fn preprocessing(&self) -> Result<&Preprocessing, ModelError> {
        self.card().preprocessing.as_ref().ok_or_else(|| self.wrong_input())
    }

    fn wrong_input(&self) -> ModelError {
        let expected = match &self.card().preprocessing {
            Some(spec) => format!("photos of {0}×{0} pixels", spec.crop),
            None => "captions".into(),
        };
        ModelError::Input { network: self.card().name.clone(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn vectors_of_texts_that_were_not_repaired_have_another_key() {
        let network = Arc::clone(Catalog::built_in().unwrap().network("clip-vit-b32-text").unwrap());
        let unrepaired = network.card_json.replace(r#""text_repair": "openai""#, r#""text_repair": null"#);
        assert_ne!(unrepaired, network.card_json);
        let unrepaired = Arc::new(Network::read(&network.place, unrepaired.into()).unwrap());
        let store = ModelStore::new("unused");
        let open = |network| {
            Tower::open(network, vec![Role::ClipText], (DeviceKind::Cpu, Device::default()), &store)
        };
        let (now, before) = (open(network), open(unrepaired));
        assert_ne!(now.cache_key(), before.cache_key());
        assert_ne!(now.tokenize("don’t").unwrap(), before.tokenize("don’t").unwrap());
        assert_eq!(now.tokenize("don't").unwrap(), before.tokenize("don't").unwrap());
    }
}
