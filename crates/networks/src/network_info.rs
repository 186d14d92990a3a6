//! What is known of a network without opening it.

use crate::card::TextRepair;
use crate::fetch::RemoteFile;
use crate::network::Network;
use crate::role::Role;
use crate::weights::LocalFile;

/// What the card of a network says, installed or not.
#[derive(Debug, Clone)]
pub struct NetworkInfo {
    /// Name on the card.
    pub name: String,
    /// Folder below `models/`.
    pub folder: String,
    /// Role and length of each output.
    pub outputs: Vec<(Role, usize)>,
    /// How it repairs texts, if it does.
    pub text_repair: Option<TextRepair>,
    /// License of the weights.
    pub license: String,
    /// Length of its weights in bytes, as far as the card says.
    pub bytes: u64,
    /// The files to fetch; none when the network is compiled in or the user's.
    pub files: Vec<RemoteFile>,
    /// The files of a network that the user has added.
    pub local: Vec<LocalFile>,
}

impl NetworkInfo {
    /// What the card of a network says.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        let card = &network.card;
        let remote = |repo: &str, revision: &Option<String>, path: &str| RemoteFile {
            repo: repo.into(),
            revision: revision.clone().unwrap_or_else(|| "main".into()),
            path: path.into(),
            bytes: None,
            sha256: None,
            license: card.license.clone(),
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
        Self {
            folder: network.place.clone(),
            outputs: card.outputs.iter().map(|output| (output.role, output.dim)).collect(),
            text_repair: card.tokenizer.as_ref().and_then(|tokenizer| tokenizer.text_repair),
            bytes: card.weights.iter().filter_map(|weights| weights.bytes).sum(),
            files: weights.chain(tokenizer).collect(),
            local: network.local().map(|local| local.files.clone()).unwrap_or_default(),
            license: card.license.clone(),
            name: card.name.clone(),
        }
    }
}
