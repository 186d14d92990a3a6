//! The model card: everything about a network that is not its graph or its weights.
//!
//! Preprocessing constants, token limits, dimensions and the logit scale are read from here and
//! stand nowhere in the code.

use serde::{Deserialize, Serialize};

use super::ModelError;

/// Which vector of a photo or a caption a tower output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The image network that knows no text.
    PreClipImage,
    /// The sentence encoder that knows no images.
    PreClipText,
    /// The image side of the shared space.
    ClipImage,
    /// The text side of the shared space.
    ClipText,
}

impl Role {
    /// Every role, in the order of the reports.
    pub const ALL: [Self; 4] = [Self::PreClipImage, Self::PreClipText, Self::ClipImage, Self::ClipText];

    /// The name used in JSON and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreClipImage => "pre_clip_image",
            Self::PreClipText => "pre_clip_text",
            Self::ClipImage => "clip_image",
            Self::ClipText => "clip_text",
        }
    }

    /// What goes into the tower that has this role.
    #[must_use]
    pub fn modality(self) -> Modality {
        match self {
            Self::PreClipImage | Self::ClipImage => Modality::Image,
            Self::PreClipText | Self::ClipText => Modality::Text,
        }
    }
}

/// What a tower reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Photos.
    Image,
    /// Captions and phrases.
    Text,
}

/// One output of a graph, in graph order.
#[derive(Debug, Clone, Deserialize)]
pub struct OutputCard {
    /// Name of the output in the ONNX graph.
    pub output: String,
    /// What this program uses it as.
    pub role: Role,
    /// Length of one vector.
    pub dim: usize,
}

/// Resampling filter, with Pillow's names and definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Triangle filter, support 1, widened by the scale when shrinking (antialias).
    Bilinear,
    /// Cubic filter with a = −0.5, support 2, widened by the scale when shrinking.
    Bicubic,
}

/// From decoded pixels to the network's input.
#[derive(Debug, Clone, Deserialize)]
pub struct Preprocessing {
    /// The shorter side is scaled to this many pixels.
    pub resize_shortest: u32,
    /// How.
    pub filter: Filter,
    /// Side of the square cut from the centre.
    pub crop: u32,
    /// Per channel, subtracted from values in 0..1.
    pub mean: [f32; 3],
    /// Per channel, the divisor after that.
    pub std: [f32; 3],
}

/// From a caption to token ids.
#[derive(Debug, Clone, Deserialize)]
pub struct TokenizerCard {
    /// File beside the card or the checkpoint, in the format of the `tokenizers` library.
    pub file: String,
    /// Longer captions are cut here, special tokens included.
    pub max_tokens: usize,
    /// Id that fills up shorter captions.
    pub pad_id: u32,
    /// Fixed length of every row; otherwise the longest caption of the batch.
    pub pad_to: Option<usize>,
    /// The repository that publishes it; `None` when it is compiled in.
    #[serde(default)]
    pub repo: Option<String>,
    /// Commit of that repository.
    #[serde(default)]
    pub revision: Option<String>,
    /// Length of the file, where it is known.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Lower-case hexadecimal SHA-256 of the file, where it is known.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A file of weights.
#[derive(Debug, Clone, Deserialize)]
pub struct WeightsCard {
    /// File name, or path in the repository that publishes it.
    pub file: String,
    /// The repository that publishes it; `None` when it is compiled in.
    #[serde(default)]
    pub repo: Option<String>,
    /// Commit of that repository.
    #[serde(default)]
    pub revision: Option<String>,
    /// Lower-case hexadecimal SHA-256 of the file, where it is known.
    pub sha256: Option<String>,
    /// Length of the file, where it is known.
    pub bytes: Option<u64>,
}

/// A network's card, as committed in `models/<network>/card.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Card {
    /// Name shown to people.
    pub name: String,
    /// Model set it belongs to.
    pub set: String,
    /// What it reads.
    pub modality: Modality,
    /// What the network really is, when it stands in for another.
    #[serde(default)]
    pub stand_in: Option<String>,
    /// Graph outputs in graph order.
    pub outputs: Vec<OutputCard>,
    /// For image networks.
    #[serde(default)]
    pub preprocessing: Option<Preprocessing>,
    /// For text networks.
    #[serde(default)]
    pub tokenizer: Option<TokenizerCard>,
    /// Factor on cosine similarities before a softmax over candidates.
    #[serde(default)]
    pub logit_scale: Option<f32>,
    /// Weight files.
    pub weights: Vec<WeightsCard>,
    /// Licence of the weights.
    pub licence: String,
    /// Raised when preprocessing changes, so that cached vectors are not reused.
    pub preprocessing_version: u32,
}

impl Card {
    /// Reads a card and checks that it names what its modality needs.
    ///
    /// # Errors
    /// [`ModelError::Card`] naming the network and the field.
    pub fn parse(network: &str, json: &str) -> Result<Self, ModelError> {
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

    /// Sum of the lengths of all outputs: what one item takes in the cache.
    #[must_use]
    pub fn total_dim(&self) -> usize {
        self.outputs.iter().map(|output| output.dim).sum()
    }

    /// The part of `vector`, `[total_dim]`, that each output gave. Where it is too short, the last parts are too.
    pub fn split<'a>(&'a self, vector: &'a [f32]) -> impl Iterator<Item = (&'a OutputCard, &'a [f32])> {
        let mut rest = vector;
        self.outputs.iter().map(move |output| {
            let (part, tail) = rest.split_at(output.dim.min(rest.len()));
            rest = tail;
            (output, part)
        })
    }
}
