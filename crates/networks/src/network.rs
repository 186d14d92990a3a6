//! A network: an architecture, its card, and where its weights are.

use std::borrow::Cow;
use std::sync::Arc;

use clipscope_base::display_safe::display_path;

use crate::architecture::{self, Architecture};
use crate::card::{Card, WeightsCard};
use crate::error::ModelError;
use crate::weights::{LocalFile, LocalNetwork, ModelStore};

/// Where the weights of a network are.
#[derive(Debug, Clone)]
pub(crate) enum WeightsSource {
    /// Compiled into the program: a safetensors file.
    Compiled(&'static [u8]),
    /// In the files that the card names.
    Files,
    /// In files of the user's, in any layout.
    Local(Arc<LocalNetwork>),
}

/// A network that this program can run, if its weights are here.
pub struct Network {
    /// Where the card was read: a folder below `models/`, or a file.
    pub(crate) place: String,
    pub(crate) card: Card,
    /// The card as text: part of the key of every vector.
    pub(crate) card_json: Cow<'static, str>,
    pub(crate) architecture: &'static Architecture,
    pub(crate) weights: WeightsSource,
    /// A tokenizer that is compiled in; `None` for image networks, and where it is published with the checkpoint.
    pub(crate) tokenizer: Option<&'static [u8]>,
    /// Token ids and vectors of the reference implementation, where they were computed.
    pub(crate) golden: Option<&'static str>,
}

impl Network {
    /// Reads a card and finds the architecture that it names.
    ///
    /// # Errors
    /// [`ModelError::Card`] naming `place`, where the card was read, and what is wrong with it.
    pub(crate) fn read(place: &str, card_json: Cow<'static, str>) -> Result<Self, ModelError> {
        let card = Card::parse(place, &card_json)?;
        let architecture = architecture::find(&card.architecture).ok_or_else(|| ModelError::Card {
            network: place.into(),
            reason: format!("this build has no architecture '{}'", card.architecture),
        })?;
        Ok(Self {
            place: place.into(),
            card,
            card_json,
            architecture,
            weights: WeightsSource::Files,
            tokenizer: architecture.tokenizer,
            golden: None,
        })
    }

    /// The weights of the user's in the graph of `base`, and with its card as far as that is not about weights.
    pub(crate) fn of_user(base: &Self, local: &LocalNetwork, name: String) -> Self {
        let mut card = base.card.clone();
        card.name = name;
        card.license = "not known: your own file".into();
        card.logit_scale = local.logit_scale.or(card.logit_scale);
        card.weights = local.files.iter().map(on_a_card).collect();
        if let Some(tokenizer) = &mut card.tokenizer {
            tokenizer.max_tokens = local.max_tokens.unwrap_or(tokenizer.max_tokens);
            tokenizer.repo = None;
        }
        Self {
            place: local.name.clone(),
            card,
            card_json: base.card_json.clone(),
            architecture: base.architecture,
            weights: WeightsSource::Local(Arc::new(local.clone())),
            tokenizer: base.tokenizer,
            golden: None,
        }
    }

    /// The files of the user's; `None` for a network that is built in or published.
    #[must_use]
    pub fn local(&self) -> Option<&LocalNetwork> {
        match &self.weights {
            WeightsSource::Local(local) => Some(local),
            WeightsSource::Compiled(_) | WeightsSource::Files => None,
        }
    }

    /// The published files that the store lacks, as repository and path.
    pub(crate) fn missing_files(&self, store: &ModelStore) -> Vec<String> {
        // The user's own files are looked at when they are loaded: there is nothing to fetch.
        if self.local().is_some() {
            return Vec::new();
        }
        let weights = self
            .card
            .weights
            .iter()
            .filter(|card| card.repo.is_some() && store.find(card).is_none())
            .map(|card| format!("{}/{}", card.repo.as_deref().unwrap_or_default(), card.file));
        let tokenizer = self.card.tokenizer.iter().filter_map(|card| {
            let repo = card.repo.as_deref()?;
            store.find_tokenizer(card).is_none().then(|| format!("{repo}/{}", card.file))
        });
        weights.chain(tokenizer).collect()
    }

    /// The model card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }
}

/// What a card says about a file of the user's.
fn on_a_card(file: &LocalFile) -> WeightsCard {
    WeightsCard {
        file: display_path(&file.path).into_owned(),
        repo: None,
        revision: None,
        sha256: Some(file.sha256.clone()),
        bytes: Some(file.bytes),
    }
}
