//! Numbers from vectors: every figure that the dashboard and the reports show is computed here, once.
//!
//! ```text
//! Collection + Vectors ─┬─ structure      one modality from inside (Pre-CLIP)
//!                       ├─ bridge         two spaces that cannot be compared directly
//!                       ├─ retrieval      photos and captions in one space (CLIP)
//!                       └─ null_captions  what "no match" scores
//! Query + rows in half precision ─ nearest   the k best of very many
//! ```
//! Pure functions: no files, no networks, no terminal. Sums are taken in `f64` in a fixed order and ties are broken by
//! position, so equal inputs give equal bytes with any number of threads. A number that is not defined for the data (one
//! photo, one category) is `None`, and `null` in JSON; nothing here returns NaN.
//!
//! Photos and captions are numbered by their position in the [`Collection`]: row `i` of the image vectors is photo `i`. The
//! bridge compares a selection of pairs and numbers its *items* from 0; `images` leads back to the collection. Captions
//! with equal text are one *text*, and texts have numbers of their own.

#![deny(unsafe_code)]

pub mod bridge;
mod choice;
mod collection;
mod dependence;
mod error;
mod evaluation;
#[cfg(fuzzing)]
pub mod fuzzing;
mod intervals;
#[allow(unsafe_code)]
mod kernel;
mod matrix;
#[allow(unsafe_code)]
pub mod nearest;
mod null_captions;
mod random;
mod ranking;
pub mod retrieval;
mod similarity;
pub mod structure;
mod vectors;

pub use bridge::Bridge;
pub use choice::TwoAfc;
pub use collection::{Collection, CollectionError};
pub use error::AnalysisError;
pub use evaluation::{Evaluation, Inputs, Options, PreClip, evaluate};
pub use intervals::Share;
pub use matrix::{GRID_LIMIT, Matrix};
pub use null_captions::{NULL_CAPTIONS, NullCaptions};
pub use random::Random;
pub use retrieval::Retrieval;
pub use similarity::similarity;
pub use structure::Structure;
pub use vectors::{VectorError, Vectors};
