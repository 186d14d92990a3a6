//! One network with its card: pixels or captions in, rows of vectors out.

use std::borrow::Cow;
use std::sync::OnceLock;

use burn::tensor::{DType, Device, Tensor, TensorData};
use image::RgbImage;
use sha2::{Digest, Sha256};

use super::ModelError;
use super::card::{Card, Modality, Role, TokenizerCard};
use super::graphs::{Build, Graph};
use super::preprocess::{CropPixels, crop_pixels, normalise_into};
use super::tokenize::{CaptionTokenizer, TokenIds};
use super::weights::{ModelStore, Weights, check_files};

/// The committed files of a network, compiled in.
pub(super) struct NetworkFiles {
    /// Folder below `models/`.
    pub folder: &'static str,
    pub card: &'static str,
    pub weight_map: &'static str,
    pub graph: &'static [u8],
    /// `None` for image networks and where the tokenizer comes with the checkpoint.
    pub tokenizer: Option<&'static [u8]>,
    /// `None` where the weights are published elsewhere.
    pub weights: Option<&'static [u8]>,
    /// Photos that go through the network at once: what measured fastest on one thread
    /// (`cargo bench --bench towers`). Convolutions lose their cache locality in larger batches.
    pub photos_at_once: usize,
    /// Golden token ids and vectors, where there are any.
    pub golden: Option<&'static str>,
    pub build: Build,
}

/// Where the tokenizer lies that comes with the checkpoint; `None` for a compiled-in one.
fn published_tokenizer(card: &Card, store: &ModelStore) -> Option<std::path::PathBuf> {
    let tokenizer = card.tokenizer.as_ref()?;
    Some(store.path(tokenizer.repo.as_deref()?, &tokenizer.file))
}

/// A tower: reads one modality, gives one vector per output of its graph.
///
/// Reading the card is cheap and done at once; the weights are loaded by the first forward pass or
/// by [`Tower::load`]. A tower is shared by all workers.
pub struct Tower {
    card: Card,
    files: &'static NetworkFiles,
    device: Device,
    store: ModelStore,
    cache_key: [u8; 32],
    tokenizer: OnceLock<Result<CaptionTokenizer, String>>,
    graph: OnceLock<Result<Box<dyn Graph>, String>>,
}

impl Tower {
    /// Reads the card.
    ///
    /// # Errors
    /// [`ModelError::Card`] when the card is unusable.
    pub(super) fn new(
        files: &'static NetworkFiles,
        device: Device,
        store: &ModelStore,
    ) -> Result<Self, ModelError> {
        let card = Card::parse(files.folder, files.card)?;
        // Everything that changes a vector changes the key: graph, weights, weight map,
        // preprocessing constants and their code's version, tokenizer.
        let mut hash = Sha256::new();
        let parts: [&[u8]; 4] = [
            files.graph,
            files.weight_map.as_bytes(),
            files.card.as_bytes(),
            files.tokenizer.unwrap_or_default(),
        ];
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        // Published weights are told by the hash on the card; a published tokenizer has none, so its
        // content counts.
        if let Some(tokenizer) = published_tokenizer(&card, store)
            && let Ok(bytes) = std::fs::read(tokenizer)
        {
            hash.update(Sha256::digest(bytes));
        }
        Ok(Self {
            card,
            files,
            device,
            store: store.clone(),
            cache_key: hash.finalize().into(),
            tokenizer: OnceLock::new(),
            graph: OnceLock::new(),
        })
    }

    /// The tower's card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The committed `golden.json`.
    pub(super) fn golden(&self) -> Option<&'static str> {
        self.files.golden
    }

    /// SHA-256 over everything that decides a vector besides the item itself. The weights enter
    /// through the hash on the card.
    #[must_use]
    pub fn cache_key(&self) -> [u8; 32] {
        self.cache_key
    }

    /// Published files that this tower needs and the store does not hold.
    #[must_use]
    pub(super) fn missing_files(&self) -> Vec<String> {
        let weights = self
            .card
            .weights
            .iter()
            .filter(|card| card.repo.is_some() && self.store.find(card).is_none())
            .map(|card| format!("{}/{}", card.repo.as_deref().unwrap_or_default(), card.file));
        let tokenizer = self.card.tokenizer.iter().filter_map(|card| {
            let repo = card.repo.as_deref()?;
            (!self.store.path(repo, &card.file).is_file()).then(|| format!("{repo}/{}", card.file))
        });
        weights.chain(tokenizer).collect()
    }

    /// The roles of the outputs, in the order of [`Tower::embed_photos`]'s vectors.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.card.outputs.iter().map(|output| output.role)
    }

    /// Loads the weights and the tokenizer if that has not been done yet.
    ///
    /// # Errors
    /// [`ModelError::Weights`] or [`ModelError::Tokenizer`]; the same one on every later call.
    pub fn load(&self) -> Result<(), ModelError> {
        if self.card.modality == Modality::Text {
            self.tokenizer()?;
        }
        self.graph().map(|_| ())
    }

    fn graph(&self) -> Result<&dyn Graph, ModelError> {
        let loaded = self.graph.get_or_init(|| {
            let map = self.files.weight_map;
            let weights = match self.files.weights {
                Some(bytes) => Weights::Compiled { map, bytes },
                None => {
                    let (files, store) = (self.card.weights.as_slice(), &self.store);
                    Weights::Published { map, files, store, key: &self.cache_key }
                }
            };
            (self.files.build)(&self.device, &weights)
        });
        loaded.as_ref().map(AsRef::as_ref).map_err(|reason| ModelError::Weights {
            network: self.card.name.clone(),
            file: self.weights_file(),
            reason: reason.clone(),
        })
    }

    /// The file of the weights; the folder of its repository where there are several.
    fn weights_file(&self) -> std::path::PathBuf {
        match self.card.weights.as_slice() {
            [] => self.files.folder.into(),
            [card, rest @ ..] => match &card.repo {
                Some(repo) if rest.is_empty() => self.store.path(repo, &card.file),
                Some(repo) => self.store.path(repo, ""),
                None => format!("models/{}/{}", self.files.folder, card.file).into(),
            },
        }
    }

    fn tokenizer(&self) -> Result<&CaptionTokenizer, ModelError> {
        let fail = |reason: String| ModelError::Tokenizer { network: self.card.name.clone(), reason };
        let loaded = self.tokenizer.get_or_init(|| {
            let card = self.card.tokenizer.as_ref().ok_or("the card names no tokenizer")?;
            let bytes = self.tokenizer_bytes(card)?;
            CaptionTokenizer::new(&self.card.name, &bytes, card)
                .map_err(|error| self.tokenizer_trouble(error))
        });
        loaded.as_ref().map_err(|reason| fail(reason.clone()))
    }

    /// The reason alone, with the file and the remedy where the tokenizer is a fetched file.
    fn tokenizer_trouble(&self, error: ModelError) -> String {
        let reason = match error {
            ModelError::Tokenizer { reason, .. } => reason,
            other => other.to_string(),
        };
        match published_tokenizer(&self.card, &self.store) {
            Some(path) => {
                format!("{}: {reason}; delete the file and run 'clipscope models fetch'", path.display())
            }
            None => reason,
        }
    }

    /// Compares the published files with the hashes on the card.
    ///
    /// # Errors
    /// [`ModelError::Weights`] naming the file, with both hashes.
    pub(super) fn check_files(&self) -> Result<(), ModelError> {
        check_files(&self.card.weights, &self.store).map_err(|reason| ModelError::Weights {
            network: self.card.name.clone(),
            file: self.weights_file(),
            reason,
        })
    }

    fn tokenizer_bytes(&self, card: &TokenizerCard) -> Result<Cow<'static, [u8]>, String> {
        if let Some(bytes) = self.files.tokenizer {
            return Ok(Cow::Borrowed(bytes));
        }
        let repo = card.repo.as_deref().ok_or("the card names no repository for it")?;
        let path = self.store.path(repo, &card.file);
        std::fs::read(&path)
            .map(Cow::Owned)
            .map_err(|error| format!("{}: {error}; run 'clipscope models fetch'", path.display()))
    }

    /// Resizes and crops a photo as this tower's card says.
    ///
    /// # Errors
    /// [`ModelError::Photo`]; [`ModelError::Card`] for a text tower.
    pub fn crop(&self, photo: &RgbImage) -> Result<CropPixels, ModelError> {
        let spec = self.card.preprocessing.as_ref().ok_or_else(|| self.wrong_modality())?;
        crop_pixels(photo, spec)
    }

    /// Tokenizes a caption, cut at the card's limit.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`].
    pub fn tokenize(&self, caption: &str) -> Result<TokenIds, ModelError> {
        self.tokenizer()?.encode(&self.card.name, caption)
    }

    /// SHA-256 of the tokenizer's vocabulary: its tokens in the order of their ids, one a line.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`].
    pub(super) fn vocabulary_sha256(&self) -> Result<String, ModelError> {
        Ok(self.tokenizer()?.vocabulary_sha256())
    }

    /// Runs cropped photos through the network: one vector of [`Card::total_dim`] values a photo,
    /// the outputs one after the other, not yet of unit length.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when the weights do not load, [`ModelError::Output`] when the graph
    /// gives another shape than the card promises.
    pub fn embed_photos(&self, photos: &[CropPixels]) -> Result<Vec<Vec<f32>>, ModelError> {
        let spec = self.card.preprocessing.as_ref().ok_or_else(|| self.wrong_modality())?;
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let side = spec.crop as usize;
        let mut vectors = Vec::with_capacity(photos.len());
        for photos in photos.chunks(self.files.photos_at_once.max(1)) {
            let mut pixels = Vec::with_capacity(photos.len() * 3 * side * side);
            for photo in photos {
                if photo.data.len() != 3 * side * side {
                    return Err(self.wrong_modality());
                }
                normalise_into(photo, spec, &mut pixels);
            }
            vectors.extend(self.embed_normalised(pixels)?);
        }
        Ok(vectors)
    }

    /// Runs normalised pixels `[photos, 3, crop, crop]` through the network, as
    /// [`Tower::embed_photos`] does after preprocessing.
    ///
    /// # Errors
    /// As [`Tower::embed_photos`].
    pub fn embed_normalised(&self, pixels: Vec<f32>) -> Result<Vec<Vec<f32>>, ModelError> {
        let spec = self.card.preprocessing.as_ref().ok_or_else(|| self.wrong_modality())?;
        let side = spec.crop as usize;
        let photos = pixels.len() / (3 * side * side);
        if photos == 0 || pixels.len() != photos * 3 * side * side {
            return Err(self.wrong_modality());
        }
        let data = TensorData::new(pixels, [photos, 3, side, side]);
        let pixels = Tensor::<4>::from_data(data, &self.device);
        let outputs = self.graph()?.photos(pixels).ok_or_else(|| self.wrong_modality())?;
        self.rows(outputs, photos)
    }

    /// Runs tokenized captions through the network, as [`Tower::embed_photos`] does photos.
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
        let outputs = self.graph()?.captions(ids, mask).ok_or_else(|| self.wrong_modality())?;
        self.rows(outputs, batch.rows)
    }

    /// The outputs `[rows, dim]` side by side: one vector a row, checked against the card.
    fn rows(&self, outputs: Vec<Tensor<2>>, rows: usize) -> Result<Vec<Vec<f32>>, ModelError> {
        let wrong = |found: String, expected: String| ModelError::Output {
            network: self.card.name.clone(),
            found,
            expected,
        };
        if outputs.len() != self.card.outputs.len() {
            let expected = format!("{} outputs", self.card.outputs.len());
            return Err(wrong(format!("{} outputs", outputs.len()), expected));
        }
        let mut vectors = vec![Vec::with_capacity(self.card.total_dim()); rows];
        for (tensor, card) in outputs.into_iter().zip(&self.card.outputs) {
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

    fn wrong_modality(&self) -> ModelError {
        ModelError::Output {
            network: self.card.name.clone(),
            found: "an input of the other modality".into(),
            expected: "an input of its own modality".into(),
        }
    }
}
