//! Where a network's weights are, and how they get into its module.
//!
//! Compiled-in weights go through the weight map at every start. Published checkpoints do so once:
//! their hash is checked, the filled module is saved as a Burnpack, and later starts map that file
//! into memory.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn_store::ModuleSnapshot;
use sha2::{Digest, Sha256};

use super::burnpack;
use super::card::WeightsCard;
use super::checkpoint::Checkpoint;
use super::weight_map::WeightMap;

/// The folder that holds downloaded checkpoints and what was made of them.
#[derive(Debug, Clone)]
pub struct ModelStore {
    root: PathBuf,
    verify: bool,
}

impl ModelStore {
    /// A store below `root`. Nothing is created until something is written.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), verify: true }
    }

    /// Accepts checkpoints whose hash is not the published one. Only for tests, whose weights come
    /// from a formula.
    #[must_use]
    pub fn without_verification(mut self) -> Self {
        self.verify = false;
        self
    }

    /// Folder of the downloaded files.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Where a published file lies once it is here.
    #[must_use]
    pub fn path(&self, repo: &str, file: &str) -> PathBuf {
        self.downloads().join(repo.replace('/', "--")).join(file)
    }

    /// The card's file, if it is here.
    #[must_use]
    pub fn find(&self, card: &WeightsCard) -> Option<PathBuf> {
        let path = self.path(card.repo.as_deref()?, &card.file);
        path.is_file().then_some(path)
    }

    /// The folder of filled modules, and what the file of a tower's key is called there.
    fn burnpack(&self, key: &[u8]) -> (PathBuf, String) {
        (self.root.join("burnpack"), hex::encode(&key[..key.len().min(16)]))
    }
}

/// The weights of one network.
pub(super) enum Weights<'a> {
    /// Compiled into the program.
    Compiled { map: &'a str, bytes: &'static [u8] },
    /// Published files in a store.
    Published { map: &'a str, files: &'a [WeightsCard], store: &'a ModelStore, key: &'a [u8; 32] },
}

impl Weights<'_> {
    /// Fills every parameter of `module`.
    ///
    /// # Errors
    /// What is wrong, naming tensors or the file.
    pub fn fill<M: ModuleSnapshot>(&self, module: &mut M) -> Result<(), String> {
        match self {
            Self::Compiled { map, bytes } => {
                let checkpoint = Arc::new(Checkpoint::from_static(bytes)?);
                WeightMap::parse(map)?.fill(module, &checkpoint)
            }
            Self::Published { map, files, store, key } => {
                let (folder, key) = store.burnpack(*key);
                if burnpack::load(module, &folder, &key) {
                    return Ok(());
                }
                let map = WeightMap::parse(map)?;
                let checkpoint = Arc::new(open(&map, files, store).map_err(with_remedy)?);
                map.fill(module, &checkpoint).map_err(with_remedy)?;
                // Lets go of the mapped file before the Burnpack is written.
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

/// Opens the files of a checkpoint after checking their hashes.
fn open(map: &WeightMap, cards: &[WeightsCard], store: &ModelStore) -> Result<Checkpoint, String> {
    let mut checkpoint = Checkpoint::default();
    for file in &map.files {
        let Some(card) = cards.iter().find(|card| card.file == file.name) else {
            return Err(format!("the card does not name {}", file.name));
        };
        let Some(path) = store.find(card) else {
            return Err(format!("{} is missing", card.file));
        };
        if store.verify {
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
/// The file that differs or is missing, with both hashes.
pub(super) fn check_files(cards: &[WeightsCard], store: &ModelStore) -> Result<(), String> {
    for card in cards.iter().filter(|card| card.repo.is_some()) {
        let path = store.find(card).ok_or_else(|| format!("{} is missing", card.file))?;
        if store.verify {
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
    Err(format!("{} has the SHA-256 {found}, published is {expected}", card.file))
}
