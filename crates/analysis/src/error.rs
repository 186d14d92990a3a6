//! Inputs that do not belong together, and the checks that refuse them.

use thiserror::Error;

use crate::collection::Collection;
use crate::vectors::Vectors;

/// Inputs that do not belong together. The numbers are what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AnalysisError {
    /// Two sets of vectors to be compared have different dimensions.
    #[error(
        "vectors of {left} and of {right} components cannot be compared directly; embed both with towers of one model"
    )]
    Dimensions { left: usize, right: usize },
    /// A set has another length than what it stands for.
    #[error("there are {found} {what} for {expected} items; give one for each, in the same order")]
    Count { what: &'static str, expected: usize, found: usize },
    /// The logit scale is not a positive finite number.
    #[error("the logit scale is {0}; the model card must give a positive finite number")]
    LogitScale(f32),
    /// The exponent of the bridge is not a positive finite number.
    #[error("the exponent on anchor cosines is {0}; give a positive finite number, such as 8")]
    Power(f64),
}

/// Checks that there is one vector for each photo and each caption.
pub(crate) fn check_counts(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
) -> Result<(), AnalysisError> {
    check_count("image vectors", collection.images(), image.rows())?;
    check_count("caption vectors", collection.captions(), text.rows())
}

pub(crate) fn check_count(what: &'static str, expected: usize, found: usize) -> Result<(), AnalysisError> {
    if found == expected { Ok(()) } else { Err(AnalysisError::Count { what, expected, found }) }
}

/// Checks that vectors of `x` can be compared with vectors of `y`.
pub(crate) fn check_dimensions(x: &Vectors, y: &Vectors) -> Result<(), AnalysisError> {
    if x.dim() == y.dim() { Ok(()) } else { Err(AnalysisError::Dimensions { left: x.dim(), right: y.dim() }) }
}
