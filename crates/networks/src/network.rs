//! A network: an architecture, its card, and where its weights are.

use std::borrow::Cow;

use crate::architecture::{self, Architecture};
use crate::card::Card;
use crate::error::ModelError;

/// Where the weights of a network are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WeightsSource {
    /// Compiled into the program: a safetensors file.
    Compiled(&'static [u8]),
    /// In the files that the card names.
    Files,
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

    /// The model card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }
}
