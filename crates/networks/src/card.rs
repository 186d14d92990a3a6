//! The model card: everything about a network that is not its graph or its weights.
//!
//! Preprocessing constants, token limits, dimensions and the logit scale stand on the card only, nowhere in the code.

use serde::Deserialize;

use crate::error::ModelError;
use crate::role::{Modality, Role};

/// One output of a graph.
#[derive(Debug, Clone, Deserialize)]
pub struct OutputCard {
    /// Name of the output in the ONNX graph.
    pub output: String,
    /// What its vectors stand for.
    pub role: Role,
    /// Length of one vector.
    pub dim: usize,
}

/// Resampling filter, with Pillow's names and definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Filter {
    /// Triangle filter, support 1, widened by the scale when shrinking (antialias).
    Bilinear,
    /// Cubic filter with a = −0.5, support 2, widened by the scale when shrinking.
    Bicubic,
}

/// From decoded pixels to the network's input.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Preprocessing {
    /// Length of the shorter side after scaling, in pixels.
    pub resize_shortest: u32,
    /// Resampling filter of the scaling.
    pub filter: Filter,
    /// Side of the square cut from the center, in pixels.
    pub crop: u32,
    /// Per channel, subtracted from values in 0..1.
    pub mean: [f32; 3],
    /// Per channel, the divisor after that.
    pub std: [f32; 3],
}

/// How a text is repaired before it is cut into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TextRepair {
    /// As OpenAI's tokenizer does: mojibake, HTML entities, curly quotes, ligatures, widths, controls, white space. The
    /// words are cut as there, too, whatever the tokenizer file says.
    #[serde(rename = "openai")]
    OpenAi,
}

/// From a caption to token ids.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TokenizerCard {
    /// File beside the card or the checkpoint, in the format of the `tokenizers` library.
    pub file: String,
    /// Most tokens of a caption, special tokens included; longer captions are cut.
    pub max_tokens: usize,
    /// Id of the padding token.
    pub pad_id: u32,
    /// Length that every caption is padded to; `None` pads to the longest caption of the batch.
    pub pad_to: Option<usize>,
    /// `None` where the network was trained on texts as they are.
    #[serde(default)]
    pub text_repair: Option<TextRepair>,
    /// The repository that publishes it; `None` when it is compiled in.
    #[serde(default)]
    pub repo: Option<String>,
    /// Commit or branch of that repository; `None` means `main`.
    #[serde(default)]
    pub revision: Option<String>,
    /// Length of the file in bytes, if known.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// SHA-256 of the file in lower-case hexadecimal, if known.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A file of weights.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WeightsCard {
    /// File name, or path in the repository that publishes it.
    pub file: String,
    /// The repository that publishes it; `None` when it is compiled in.
    #[serde(default)]
    pub repo: Option<String>,
    /// Commit or branch of that repository; `None` means `main`.
    #[serde(default)]
    pub revision: Option<String>,
    /// SHA-256 of the file in lower-case hexadecimal, if known.
    pub sha256: Option<String>,
    /// Length of the file in bytes, if known.
    pub bytes: Option<u64>,
}

/// A network's card, as committed in `models/<network>/card.json`.
///
/// The text of the card is part of [`Tower::key`](crate::Tower::key). A card has fields that only people
/// read, such as `sources`, and `preprocessing_version`, which is raised when the code of preprocessing changes.
#[derive(Debug, Clone, Deserialize)]
pub struct Card {
    /// Name on the command line and on screen.
    pub name: String,
    /// The graph that runs it.
    pub(crate) architecture: String,
    /// What the network reads.
    pub modality: Modality,
    /// Graph outputs in graph order.
    pub outputs: Vec<OutputCard>,
    /// For image networks.
    #[serde(default)]
    pub(crate) preprocessing: Option<Preprocessing>,
    /// For text networks.
    #[serde(default)]
    pub(crate) tokenizer: Option<TokenizerCard>,
    /// Factor on cosine similarities before a softmax over candidates.
    #[serde(default)]
    pub(crate) logit_scale: Option<f32>,
    /// The files of the weights.
    pub(crate) weights: Vec<WeightsCard>,
    /// License of the weights.
    #[serde(rename = "licence")]
    pub(crate) license: String,
    /// For a network whose shared space stands in for CLIP: what it really is.
    #[serde(default)]
    pub(crate) stand_in: Option<String>,
}

impl Card {
    /// Reads a card and checks that it names what its modality needs.
    ///
    /// # Errors
    /// [`ModelError::Card`] naming the network and the field.
    pub(crate) fn parse(network: &str, json: &str) -> Result<Self, ModelError> {
        let fail = |reason: String| ModelError::Card { network: network.into(), reason };
        let card: Self = serde_json::from_str(json).map_err(|error| fail(error.to_string()))?;
        if card.outputs.is_empty() {
            return Err(fail("'outputs' is empty".into()));
        }
        for output in &card.outputs {
            if output.role.modality() != card.modality {
                return Err(fail(format!("output '{}' has the wrong modality", output.output)));
            }
            if output.dim == 0 {
                return Err(fail(format!("output '{}' has dim 0", output.output)));
            }
        }
        match card.modality {
            Modality::Image => {
                let pre =
                    card.preprocessing.as_ref().ok_or_else(|| fail("'preprocessing' is missing".into()))?;
                if pre.crop == 0 || pre.crop > pre.resize_shortest {
                    return Err(fail("'crop' must lie in 1..=resize_shortest".into()));
                }
                if pre.std.iter().any(|value| !value.is_normal()) {
                    return Err(fail("'std' must not be zero".into()));
                }
            }
            Modality::Text => {
                let tokenizer =
                    card.tokenizer.as_ref().ok_or_else(|| fail("'tokenizer' is missing".into()))?;
                if tokenizer.max_tokens < 3 {
                    return Err(fail("'max_tokens' must be at least 3".into()));
                }
            }
        }
        Ok(card)
    }

    /// Whether an output has this role.
    #[must_use]
    pub fn plays(&self, role: Role) -> bool {
        self.dim(role).is_some()
    }

    /// Length of the vectors of a role.
    #[must_use]
    pub fn dim(&self, role: Role) -> Option<usize> {
        self.outputs.iter().find(|output| output.role == role).map(|output| output.dim)
    }

    /// Sum of the lengths of all outputs: the length of one row of vectors in a batch or in the cache.
    #[must_use]
    pub fn total_dim(&self) -> usize {
        self.outputs.iter().map(|output| output.dim).sum()
    }

    /// Splits `[total_dim]` values into the outputs, in graph order. Stops early when there are too few values.
    pub fn split<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = (&'a OutputCard, &'a [f32])> {
        let mut rest = values;
        self.outputs.iter().map_while(move |output| {
            let (part, tail) = rest.split_at_checked(output.dim)?;
            rest = tail;
            Some((output, part))
        })
    }
}
