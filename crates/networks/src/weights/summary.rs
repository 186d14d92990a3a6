//! What is known of a checkpoint of the user's, and the network made of it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::family::{Activation, Family};
use super::layout::Layout;
use super::refusal::{CheckpointError, Refusal};
use crate::role::Role;

/// A file on this machine, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalFile {
    /// Where it lies.
    pub path: PathBuf,
    /// In front of the names of its tensors, to tell them from those of another file of the same network.
    #[serde(default)]
    pub prefix: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl LocalFile {
    /// Looks at a file.
    pub(super) fn read(path: &Path, prefix: &str) -> io::Result<Self> {
        let bytes = fs::metadata(path)?.len();
        Ok(Self { path: path.into(), prefix: prefix.into(), bytes, sha256: sha256(path)? })
    }

    /// Compares the file with what it was.
    ///
    /// # Errors
    /// Says that it is gone or has changed, and what to do.
    pub fn check(&self) -> Result<(), String> {
        self.check_length()?;
        let found = sha256(&self.path).map_err(|error| format!("it cannot be read: {error}"))?;
        if found == self.sha256 {
            return Ok(());
        }
        Err(format!(
            "it has changed since it was added: its SHA-256 is {found} and was {}; run 'clipscope models add' again",
            self.sha256
        ))
    }

    /// Compares only the length, which takes no time.
    ///
    /// # Errors
    /// As [`LocalFile::check`].
    pub fn check_length(&self) -> Result<(), String> {
        let found = fs::metadata(&self.path).map_err(|error| format!("it cannot be read: {error}"))?.len();
        if found == self.bytes {
            return Ok(());
        }
        Err(format!(
            "it has changed since it was added: it has {found} bytes and had {}; run 'clipscope models add' again",
            self.bytes
        ))
    }
}

/// SHA-256 of a file in lower-case hexadecimal.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// What a file or folder of weights is.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckpointSummary {
    /// What was looked at.
    pub path: PathBuf,
    /// Whose names the tensors have.
    pub layout: Layout,
    /// What a training program put in front of every name, such as `state_dict.module.`; empty when there was nothing.
    pub wrapping: String,
    /// Tensors beside those of the network, such as an optimizer's, which are not read.
    pub left_out: usize,
    /// What it can fill, by names and shapes alone: both activations of CLIP when it is one.
    pub families: Vec<Family>,
    /// The roles it can play: one when it holds one tower.
    pub roles: Vec<Role>,
    /// What its configuration says about the activation. `None` when there is none: it is never guessed.
    pub activation: Option<Activation>,
    /// `exp` of its `logit_scale`; `None` when it has none.
    pub logit_scale: Option<f32>,
    /// Most tokens of a caption, where its configuration says.
    pub max_tokens: Option<usize>,
    /// Its files.
    pub files: Vec<LocalFile>,
    /// The tokenizer in its folder.
    pub tokenizer: Option<LocalFile>,
}

impl CheckpointSummary {
    /// The network made of it. `activation` is what the user says.
    ///
    /// # Errors
    /// When nobody says the activation, or user and configuration say different ones.
    pub fn network(
        &self,
        name: &str,
        activation: Option<Activation>,
    ) -> Result<LocalNetwork, CheckpointError> {
        let refused = |reason| CheckpointError { path: self.path.clone(), reason };
        let told = match (self.activation, activation) {
            (Some(found), Some(given)) if found != given => {
                return Err(refused(Refusal::OtherActivation { found, given }));
            }
            (found, given) => found.or(given),
        };
        let fits = |family: &&Family| family.activation().is_none() || family.activation() == told;
        let family = *self.families.iter().find(fits).ok_or_else(|| refused(Refusal::UnknownActivation))?;
        // CLIP's tokenizer is compiled in.
        if self.tokenizer.is_none() && matches!(family, Family::Distilbert512 | Family::Distiluse) {
            return Err(refused(Refusal::NoTokenizer));
        }
        Ok(LocalNetwork {
            name: name.into(),
            family,
            layout: self.layout,
            roles: self.roles.clone(),
            logit_scale: self.logit_scale,
            max_tokens: self.max_tokens,
            files: self.files.clone(),
            tokenizer: self.tokenizer.clone(),
        })
    }
}

/// A network whose weights are files of the user's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalNetwork {
    /// Name shown to people.
    pub name: String,
    /// The graph it fills.
    pub family: Family,
    /// Whose names the tensors have.
    pub layout: Layout,
    /// The roles it can play.
    pub roles: Vec<Role>,
    /// Factor on cosines before a softmax; `None` leaves the card's.
    #[serde(default)]
    pub logit_scale: Option<f32>,
    /// Most tokens of a caption; `None` leaves the card's.
    #[serde(default)]
    pub max_tokens: Option<usize>,
    /// Its files.
    pub files: Vec<LocalFile>,
    /// Its own tokenizer; `None` for the one compiled in.
    #[serde(default)]
    pub tokenizer: Option<LocalFile>,
}

impl LocalNetwork {
    /// Everything about it that a vector depends on, besides graph and card. Its name is no part of it.
    pub(crate) fn key(&self) -> String {
        let mut key = format!("{}\n{:?}\n", self.layout.name(), self.max_tokens);
        for file in self.files.iter().chain(&self.tokenizer) {
            key.push_str(&format!("{}\n{}\n", file.prefix, file.sha256));
        }
        key
    }
}
