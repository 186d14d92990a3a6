//! Vectors of what the user types, on a worker: a phrase that photos or captions are ranked by, or an edited caption.

use std::sync::Arc;

use super::guarded::guarded;
use crate::tui::engine::{Engine, TextVectors};
use crate::tui::model::Results;
use clipscope_analysis::{Vectors, similarity};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::{ModelsInfo, Role};

/// What the vectors are for.
#[derive(Debug)]
pub enum TextUse {
    /// Rank everything that has a vector of the role by a phrase.
    Phrase(Box<PhraseRanking>),
    /// Put them in the place of a caption's.
    Caption,
}

/// What a phrase is compared with.
#[derive(Debug)]
pub struct PhraseRanking {
    /// The side that is ranked.
    pub role: Role,
    /// The role of the phrase, in the same space.
    pub phrase_role: Role,
    /// The collection compared at the moment.
    pub results: Arc<Results>,
    /// The vectors.
    pub embeddings: Embeddings,
    /// Dimensions.
    pub models: ModelsInfo,
}

/// A text to be embedded.
#[derive(Debug)]
pub struct TextJob {
    /// Rises with every job; the newest answer wins.
    pub number: u64,
    /// The text.
    pub text: String,
    /// What for.
    pub usage: TextUse,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum TextAnswer {
    /// The scores of the phrase with the photos or captions of a collection, `[items compared]`.
    Scores(Arc<Results>, Vec<f32>),
    /// The vectors of the caption.
    Vectors(TextVectors),
}

/// A text that was embedded.
#[derive(Debug, Clone)]
pub struct TextDone {
    pub number: u64,
    pub text: String,
    /// What came of it, or why nothing did.
    pub result: Result<TextAnswer, String>,
}

pub(super) fn perform(engine: &dyn Engine, job: TextJob) -> TextDone {
    let result = guarded(|| {
        let vectors = engine.embed_caption(&job.text)?;
        match &job.usage {
            TextUse::Caption => Ok(TextAnswer::Vectors(vectors)),
            TextUse::Phrase(ranking) => {
                rank(ranking, &vectors).map(|scores| TextAnswer::Scores(Arc::clone(&ranking.results), scores))
            }
        }
    });
    TextDone { number: job.number, text: job.text, result }
}

fn rank(ranking: &PhraseRanking, phrase: &TextVectors) -> Result<Vec<f32>, String> {
    let (_, phrase) = phrase
        .iter()
        .find(|(role, _)| *role == ranking.phrase_role)
        .ok_or("the model set has no network for phrases")?;
    let phrase = Vectors::from_rows(phrase.len(), [phrase.as_ref()]).map_err(|error| error.to_string())?;
    let tower = ranking.models.tower(ranking.role).ok_or("the model set has no such network")?;
    let places = ranking.results.comparison.places(ranking.role.modality());
    let ranked = ranking.embeddings.vectors(tower, places).map_err(|error| error.to_string())?;
    let scores = similarity(&phrase, &ranked).map_err(|error| error.to_string())?;
    Ok(scores.as_slice().to_vec())
}
