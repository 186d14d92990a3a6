//! Where a network's weights are, and how they get into its module.
//!
//! Compiled-in weights go through the weight map at every start. Published checkpoints do so once:
//! their hash is checked, the filled module is saved as a Burnpack, and later starts map that file
//! into memory.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn_store::{BurnpackStore, ModuleSnapshot};
use sha2::{Digest, Sha256};

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

    /// The file that is here: the card's own or one of its alternatives.
    #[must_use]
    pub fn find(&self, card: &WeightsCard) -> Option<PathBuf> {
        let repo = card.repo.as_deref()?;
        std::iter::once(&card.file)
            .chain(&card.alternatives)
            .map(|file| self.path(repo, file))
            .find(|path| path.is_file())
    }

    fn burnpack(&self, key: &[u8]) -> PathBuf {
        let name: String = key.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.root.join("burnpack").join(format!("{name}.bpk"))
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
                let pack = store.burnpack(*key);
                if load_pack(module, &pack) {
                    return Ok(());
                }
                let map = WeightMap::parse(map)?;
                let checkpoint = Arc::new(open(&map, files, store)?);
                map.fill(module, &checkpoint)?;
                // Lets go of the mapped file before the Burnpack is written.
                drop(checkpoint);
                save_pack(module, &pack);
                Ok(())
            }
        }
    }
}

/// Whether the module could be filled from the Burnpack. A damaged one is removed; it is made anew.
fn load_pack<M: ModuleSnapshot>(module: &mut M, pack: &Path) -> bool {
    if !pack.is_file() {
        return false;
    }
    let mut store = BurnpackStore::from_file(pack).auto_extension(false);
    let loaded = module.load_from(&mut store).is_ok_and(|result| {
        result.errors.is_empty() && result.missing.is_empty() && result.unused.is_empty()
    });
    if !loaded {
        let _ = fs::remove_file(pack);
    }
    loaded
}

/// Keeps the filled module for later starts. Failing to is no error: it is only made again.
fn save_pack<M: ModuleSnapshot>(module: &M, pack: &Path) {
    let Some(folder) = pack.parent() else { return };
    if fs::create_dir_all(folder).is_err() {
        return;
    }
    // The store writes to a temporary file, syncs it and renames it.
    let mut store = BurnpackStore::from_file(pack).auto_extension(false).overwrite(true);
    if module.save_into(&mut store).is_err() {
        let _ = fs::remove_file(pack);
    }
}

/// Opens the files of a checkpoint after checking their hashes.
fn open(map: &WeightMap, cards: &[WeightsCard], store: &ModelStore) -> Result<Checkpoint, String> {
    let mut checkpoint = Checkpoint::default();
    for file in &map.files {
        let Some(card) = cards.iter().find(|card| card.file == file.name) else {
            return Err(format!("the card does not name {}", file.name));
        };
        let Some(path) = store.find(card) else {
            return Err(format!("{} is missing; run 'clipscope models fetch'", card.file));
        };
        // The hash on the card is that of the file it names, not of an alternative.
        let own = path.ends_with(&card.file);
        if store.verify && own {
            check_hash(&path, card)?;
        }
        checkpoint.add_file(&path, &file.prefix).map_err(|reason| format!("{}: {reason}", card.file))?;
    }
    for prefix in &map.prefixes {
        checkpoint.strip_prefix(prefix);
    }
    Ok(checkpoint)
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
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == *expected {
        return Ok(());
    }
    Err(format!(
        "{} has the SHA-256 {found}, published is {expected}; delete it and run 'clipscope models fetch'",
        card.file
    ))
}
