//! Fills the module of an imported graph with its weights.
//!
//! Compiled-in weights go through the weight map at every start. Published checkpoints do so once: their hash is
//! checked, the filled module is saved as a Burnpack, and later starts map that file into memory.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use burn_store::ModuleSnapshot;
use sha2::{Digest, Sha256};

use super::burnpack;
use super::checkpoint::Checkpoint;
use super::store::ModelStore;
use super::weight_map::WeightMap;
use crate::card::WeightsCard;

/// The weights of one network.
pub(crate) enum Weights<'a> {
    /// Compiled in.
    Compiled { map: &'a str, bytes: &'static [u8] },
    /// Published files in a store. `key` names the Burnpack.
    Published { map: &'a str, files: &'a [WeightsCard], store: &'a ModelStore, key: &'a [u8; 32] },
}

impl Weights<'_> {
    /// Fills every parameter of `module`.
    ///
    /// # Errors
    /// What is wrong, with the names of the tensors or the file.
    pub fn fill<M: ModuleSnapshot>(&self, module: &mut M) -> Result<(), String> {
        match self {
            Self::Compiled { map, bytes } => {
                let checkpoint = Arc::new(Checkpoint::from_static(bytes)?);
                WeightMap::parse(map)?.fill(module, &checkpoint)
            }
            Self::Published { map, files, store, key } => {
                let folder = store.burnpacks();
                let key = hex::encode(&key[..16]);
                if burnpack::load(module, &folder, &key) {
                    return Ok(());
                }
                let map = WeightMap::parse(map)?;
                let checkpoint = Arc::new(open(&map, files, store).map_err(with_remedy)?);
                map.fill(module, &checkpoint).map_err(with_remedy)?;
                // Unmaps the checkpoint before the Burnpack is written.
                drop(checkpoint);
                burnpack::save(module, &folder, &key);
                Ok(())
            }
        }
    }
}

fn with_remedy(reason: String) -> String {
    format!("{reason}; delete the file and run 'clipscope models fetch'")
}

/// Opens the files of a checkpoint, after their hashes were checked.
fn open(map: &WeightMap, cards: &[WeightsCard], store: &ModelStore) -> Result<Checkpoint, String> {
    let mut checkpoint = Checkpoint::default();
    for file in &map.files {
        let Some(card) = cards.iter().find(|card| card.file == file.name) else {
            return Err(format!("the model card does not name {}", file.name));
        };
        let Some(path) = store.find(card) else {
            return Err(format!("{} is missing", card.file));
        };
        if store.verifies() {
            check_hash(&path, card)?;
        }
        checkpoint.add_file(&path, &file.prefix).map_err(|reason| format!("{}: {reason}", card.file))?;
    }
    for prefix in &map.prefixes {
        checkpoint.strip_prefix(prefix);
    }
    Ok(checkpoint)
}

/// Compares every published file with the SHA-256 on its card.
///
/// # Errors
/// Names the file that is missing or differs, with both hashes.
pub(crate) fn check_files(cards: &[WeightsCard], store: &ModelStore) -> Result<(), String> {
    for card in cards.iter().filter(|card| card.repo.is_some()) {
        let path = store.find(card).ok_or_else(|| format!("{} is missing", card.file))?;
        if store.verifies() {
            check_hash(&path, card).map_err(with_remedy)?;
        }
    }
    Ok(())
}

fn check_hash(path: &Path, card: &WeightsCard) -> Result<(), String> {
    let Some(expected) = &card.sha256 else { return Ok(()) };
    let fail = |error: std::io::Error| format!("{} cannot be read: {error}", card.file);
    let mut file = fs::File::open(path).map_err(fail)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(fail)? {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    let found = hex::encode(hash.finalize());
    if found == *expected {
        return Ok(());
    }
    Err(format!("{} has the SHA-256 {found}, but {expected} was published", card.file))
}
