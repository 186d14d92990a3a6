//! Every number of a collection, as far as its vectors are there.
//!
//! Owns which vectors each block needs and which options it gets. Must not compute a number itself.

use serde::Serialize;

use crate::bridge::{self, Bridge};
use crate::collection::Collection;
use crate::error::{AnalysisError, check_counts};
use crate::matrix::GRID_LIMIT;
use crate::null_captions::{self, NULL_CAPTIONS};
use crate::retrieval::{self, Retrieval};
use crate::structure::{self, Structure};
use crate::vectors::Vectors;

/// The vectors there are. A block of [`Evaluation`] is computed when both sets that it needs are given.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// `[images, any dim]`.
    pub pre_clip_image: Option<&'a Vectors>,
    /// `[captions, any dim]`.
    pub pre_clip_text: Option<&'a Vectors>,
    /// `[images, dim]`.
    pub clip_image: Option<&'a Vectors>,
    /// `[captions, dim]`.
    pub clip_text: Option<&'a Vectors>,
    /// Factor on a cosine before the softmax; 100 for CLIP ViT-B/32.
    pub logit_scale: f32,
    /// CLIP vectors of [`NULL_CAPTIONS`] in their order, `[8, dim]`.
    pub null_text: Option<&'a Vectors>,
}

/// Sizes and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Captions listed for each photo.
    pub top_k: usize,
    /// Similarity matrices with more cells are left out of the result.
    pub similarity_limit: usize,
    pub bridge: bridge::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self { top_k: 5, similarity_limit: GRID_LIMIT, bridge: bridge::Options::default() }
    }
}

/// The structure of each modality before CLIP.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreClip {
    pub image: Structure,
    pub text: Structure,
}

/// The blocks of the JSON report of the same names.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Evaluation {
    pub pre_clip: Option<PreClip>,
    pub bridge: Option<Bridge>,
    pub clip: Option<Retrieval>,
}

/// Computes the blocks for which `inputs` holds both sides.
///
/// # Errors
/// Vectors that do not fit the collection or each other, or a logit scale that is not positive and finite.
pub fn evaluate(
    collection: &Collection,
    inputs: &Inputs<'_>,
    options: &Options,
) -> Result<Evaluation, AnalysisError> {
    let mut evaluation = Evaluation::default();
    if let (Some(image), Some(text)) = (inputs.pre_clip_image, inputs.pre_clip_text) {
        check_counts(collection, image, text)?;
        evaluation.pre_clip = Some(PreClip {
            image: structure::evaluate(collection.image_category(), image, options.similarity_limit)?,
            text: structure::evaluate_captions(collection, text, options.similarity_limit)?,
        });
        evaluation.bridge = Some(bridge::evaluate(collection, image, text, &options.bridge)?);
    }
    if let (Some(image), Some(text)) = (inputs.clip_image, inputs.clip_text) {
        let retrieval_options = retrieval::Options {
            top_k: options.top_k,
            keep_similarity: image.rows().saturating_mul(text.rows()) <= options.similarity_limit,
        };
        let mut clip = retrieval::evaluate(collection, image, text, inputs.logit_scale, &retrieval_options)?;
        if let Some(null_text) = inputs.null_text {
            clip.null_captions =
                Some(null_captions::evaluate(collection, image, text, null_text, &NULL_CAPTIONS)?);
        }
        evaluation.clip = Some(clip);
    }
    Ok(evaluation)
}
