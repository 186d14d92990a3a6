//! Embeds what the user types, on a worker: a phrase to rank photos or captions by, or an edited caption.

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
    /// Ranking photos or captions by a phrase.
    Phrase(Box<PhraseRanking>),
    /// Replacing those of a caption.
    Caption,
}

/// What is ranked by a phrase.
#[derive(Debug)]
pub struct PhraseRanking {
    /// The role of the vectors that are ranked.
    pub role: Role,
    /// The role of the phrase, in the same space.
    pub phrase_role: Role,
    /// The numbers, which say what was compared.
    pub results: Arc<Results>,
    /// The vectors.
    pub embeddings: Embeddings,
    /// The models of the vectors.
    pub models: ModelsInfo,
}

/// A text to be embedded.
#[derive(Debug)]
pub struct TextJob {
    /// Rises with every job.
    pub number: u64,
    /// The text.
    pub text: String,
    /// What the vectors are for.
    pub usage: TextUse,
}

/// The answer.
#[derive(Debug, Clone)]
pub enum TextAnswer {
    /// The scores of the phrase with everything that is ranked, `[items compared]`.
    Scores(Arc<Results>, Vec<f32>),
    /// The vectors of the caption.
    Vectors(TextVectors),
}

/// An embedded text, or why it could not be embedded.
#[derive(Debug, Clone)]
pub struct TextDone {
    pub number: u64,
    pub text: String,
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

/// Why a set has no vector for a role.
fn no_network(models: &ModelsInfo, role: Role) -> String {
    models.require(role).err().map_or_else(|| "the network gave no vector".into(), |error| error.to_string())
}

fn rank(ranking: &PhraseRanking, phrase: &TextVectors) -> Result<Vec<f32>, String> {
    let (_, phrase) = phrase
        .iter()
        .find(|(role, _)| *role == ranking.phrase_role)
        .ok_or_else(|| no_network(&ranking.models, ranking.phrase_role))?;
    let phrase = Vectors::from_rows(phrase.len(), [phrase.as_ref()]).map_err(|error| error.to_string())?;
    let tower = ranking.models.require(ranking.role).map_err(|error| error.to_string())?;
    let places = ranking.results.comparison.places(ranking.role.modality());
    let ranked = ranking.embeddings.vectors(tower, places).map_err(|error| error.to_string())?;
    let scores = similarity(&phrase, &ranked).map_err(|error| error.to_string())?;
    Ok(scores.as_slice().to_vec())
}
