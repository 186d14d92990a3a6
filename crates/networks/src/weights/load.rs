//! Fills the module of an imported graph with its weights.
//!
//! Compiled-in weights go through the weight map at every start. Published checkpoints do so once: their hash is
//! checked, the filled module is saved as a Burnpack, and later starts map that file into memory.

use std::path::Path;
use std::sync::Arc;

use burn_store::ModuleSnapshot;
use clipscope_base::display_safe::display_path;

use super::burnpack;
use super::checkpoint::Checkpoint;
use super::layout;
use super::store::ModelStore;
use super::summary::{LocalNetwork, sha256};
use super::weight_map::WeightMap;
use crate::card::WeightsCard;

/// The weights of one network.
pub(crate) enum Weights<'a> {
    /// Compiled in.
    Compiled { map: &'a str, bytes: &'static [u8] },
    /// Published files in a store. `key` names the Burnpack.
    Published { map: &'a str, files: &'a [WeightsCard], store: &'a ModelStore, key: &'a [u8; 32] },
    /// Files of the user's, in any layout. `key` names the Burnpack.
    Local { map: &'a str, network: &'a LocalNetwork, store: &'a ModelStore, key: &'a [u8; 32] },
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
                let map = WeightMap::parse(map)?;
                fill_once(module, &map, store, key, || open(&map, files, store)).map_err(with_remedy)
            }
            Self::Local { map, network, store, key } => {
                // Without reading the files, so that a start from the Burnpack stays fast.
                for file in &network.files {
                    file.check_length().map_err(|reason| in_file(&file.path, reason))?;
                }
                let map = WeightMap::parse(map)?;
                fill_once(module, &map, store, key, || open_local(&map, network, store))
            }
        }
    }
}

/// Fills the module from the Burnpack of `key`, or else from the checkpoint, and then saves the Burnpack.
fn fill_once<M: ModuleSnapshot>(
    module: &mut M,
    map: &WeightMap,
    store: &ModelStore,
    key: &[u8; 32],
    open: impl FnOnce() -> Result<Checkpoint, String>,
) -> Result<(), String> {
    let folder = store.burnpacks();
    let key = hex::encode(&key[..16]);
    if burnpack::load(module, &folder, &key) {
        return Ok(());
    }
    let checkpoint = Arc::new(open()?);
    map.fill(module, &checkpoint)?;
    // Unmaps the checkpoint before the Burnpack is written.
    drop(checkpoint);
    burnpack::save(module, &folder, &key);
    Ok(())
}

/// Opens the files of the user's network after their hashes were checked, and gives the tensors the names of the map.
fn open_local(map: &WeightMap, network: &LocalNetwork, store: &ModelStore) -> Result<Checkpoint, String> {
    let mut checkpoint = Checkpoint::default();
    for file in &network.files {
        if store.verifies() {
            file.check().map_err(|reason| in_file(&file.path, reason))?;
        }
        checkpoint.add_file(&file.path, &file.prefix).map_err(|reason| in_file(&file.path, reason))?;
    }
    layout::unwrap(&mut checkpoint);
    network.layout.tidy(&mut checkpoint);
    let towers = network.family.towers();
    let needed: Vec<String> = towers.iter().flat_map(|tower| tower.tensors().into_keys()).collect();
    network.layout.apply(&mut checkpoint, needed.iter())?;
    for prefix in &map.prefixes {
        checkpoint.strip_prefix(prefix);
    }
    Ok(checkpoint)
}

fn in_file(path: &Path, reason: impl std::fmt::Display) -> String {
    format!("{}: {reason}", display_path(path))
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
    let found = sha256(path).map_err(|error| format!("{} cannot be read: {error}", card.file))?;
    if found == *expected {
        return Ok(());
    }
    Err(format!("{} has the SHA-256 {found}, but {expected} was published", card.file))
}
