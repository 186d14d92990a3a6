//! Numbers from vectors: every figure that the dashboard and the reports show is computed here, once.
//!
//! ```text
//! Collection + Vectors ─┬─ structure      one modality from inside (Pre-CLIP)
//!                       ├─ bridge         two spaces that cannot be compared directly
//!                       ├─ retrieval      photos and captions in one space (CLIP)
//!                       └─ null_captions  what "no match" scores
//! Query + rows in half precision ─ nearest   the k best of very many
//! ```
//! Pure functions: no files, no networks, no terminal. Sums are taken in `f64` in a fixed order and ties are
//! broken by index, so that equal inputs give equal bytes with any number of threads. A number that is not
//! defined for the data at hand (one photo, one category) is `None` and `null` in JSON; nothing here returns
//! NaN.

#![deny(unsafe_code)]

pub mod bridge;
mod choice;
mod collection;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod intervals;
#[allow(unsafe_code)]
mod kernel;
mod matrix;
#[allow(unsafe_code)]
pub mod nearest;
pub mod null_captions;
mod random;
pub mod retrieval;
mod similarity;
pub mod structure;
mod vectors;

use serde::Serialize;
use thiserror::Error;

pub use bridge::Bridge;
pub use choice::TwoAfc;
pub use collection::{Collection, CollectionError};
pub use intervals::Share;
pub use matrix::Matrix;
pub use null_captions::{NULL_CAPTIONS, NullCaptions};
pub use random::Random;
pub use retrieval::Retrieval;
pub use similarity::similarity;
pub use structure::Structure;
pub use vectors::{VectorError, Vectors};

/// Inputs that do not belong together.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AnalysisError {
    /// Two sets of vectors to be compared have different dimensions.
    #[error(
        "vectors of {left} and of {right} components cannot be compared directly; embed both with towers of one model"
    )]
    Dimensions {
        /// Components on the left side.
        left: usize,
        /// Components on the right side.
        right: usize,
    },
    /// A set has another length than what it stands for.
    #[error("{found} {what} were given for {expected} items; give one for each, in the same order")]
    Count {
        /// What was counted.
        what: &'static str,
        /// Items there are.
        expected: usize,
        /// Entries found.
        found: usize,
    },
    /// The logit scale is not a positive finite number.
    #[error("the logit scale is {0}; the model card must give a positive finite number")]
    LogitScale(f32),
    /// The exponent of the bridge is not a positive finite number.
    #[error("the exponent on anchor cosines is {0}; give a positive finite number (8 is usual)")]
    Power(f64),
}

/// The vectors at hand. Each block of [`Evaluation`] is computed when both vectors it needs are there.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Pre-CLIP photos, `[images, any dim]`.
    pub pre_clip_image: Option<&'a Vectors>,
    /// Pre-CLIP captions, `[captions, any dim]`.
    pub pre_clip_text: Option<&'a Vectors>,
    /// CLIP photos, `[images, dim]`.
    pub clip_image: Option<&'a Vectors>,
    /// CLIP captions, `[captions, dim]`.
    pub clip_text: Option<&'a Vectors>,
    /// Factor on a cosine before the softmax, from the model card (100 for CLIP ViT-B/32).
    pub logit_scale: f32,
    /// CLIP vectors of [`NULL_CAPTIONS`], `[8, dim]`, in that order.
    pub null_text: Option<&'a Vectors>,
}

/// Grids are kept up to this many cells unless the caller says otherwise: 16 MB each.
pub const GRID_LIMIT: usize = 4_000_000;

/// What the caller may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Captions listed for each photo.
    pub top_k: usize,
    /// Similarity matrices (and the bridge's grid) are kept up to this many cells.
    pub similarity_limit: usize,
    /// The bridge's own.
    pub bridge: bridge::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self { top_k: 5, similarity_limit: GRID_LIMIT, bridge: bridge::Options::default() }
    }
}

/// Structure of both modalities before CLIP.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreClip {
    /// Of the photos.
    pub image: Structure,
    /// Of the captions.
    pub text: Structure,
}

/// Every number, by approach; the blocks of `eval --format json` of the same names.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Evaluation {
    /// Inside each modality.
    pub pre_clip: Option<PreClip>,
    /// Between the two modalities' separate spaces.
    pub bridge: Option<Bridge>,
    /// In the shared space.
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
        check_counts(collection, Some(image), Some(text))?;
        evaluation.pre_clip = Some(PreClip {
            image: structure::evaluate(collection.image_category(), image, options.similarity_limit)?,
            text: structure::evaluate(&collection.caption_categories(), text, options.similarity_limit)?,
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

/// Checks that there is one vector for each photo and each caption.
fn check_counts(
    collection: &Collection,
    image: Option<&Vectors>,
    text: Option<&Vectors>,
) -> Result<(), AnalysisError> {
    let sets =
        [("image vectors", image, collection.images()), ("caption vectors", text, collection.captions())];
    for (what, vectors, expected) in sets {
        if let Some(vectors) = vectors
            && vectors.rows() != expected
        {
            return Err(AnalysisError::Count { what, expected, found: vectors.rows() });
        }
    }
    Ok(())
}
