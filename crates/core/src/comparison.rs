//! Joins a data set and its vectors for the analysis.
//!
//! The reports and the dashboard both get their numbers here, so they cannot differ. While a run is
//! still going on, the comparison covers the photos that are finished: those with every vector of
//! their own and of their captions. Which numbers answer the project's question is decided here too,
//! and how the bridge's protocol is worded. Must not compute a number itself.

use crate::dataset::Dataset;
use crate::embedding::{Embeddings, RowsError, Unit};
use clipscope_analysis::{
    AnalysisError, Bridge, Collection, CollectionError, Evaluation, Inputs, NULL_CAPTIONS, Share, Vectors,
};
use clipscope_networks::{Modality, ModelsInfo, Role};

/// The data could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// A vector has no direction; the pipeline refuses those, so a cache or a caller is at fault.
    #[error("the {} vectors cannot be used: {source}", role.name())]
    Vectors {
        /// Which vectors.
        role: Role,
        /// What is wrong.
        source: RowsError,
    },
    /// The lists made from the data set do not fit together.
    #[error(transparent)]
    Collection(#[from] CollectionError),
    /// The vectors do not fit together.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// The numbers for the photos finished so far, and which those are.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The photos and captions compared.
    pub collection: Collection,
    /// The numbers. Rows and columns of its matrices follow `collection`.
    pub evaluation: Evaluation,
    /// For each photo of `collection`, its place in the data set.
    pub photos: Vec<usize>,
    /// For each caption of `collection`, its place among all captions of the data set.
    pub captions: Vec<usize>,
}

impl Comparison {
    /// For each photo or caption compared, its place in the data set.
    #[must_use]
    pub fn places(&self, modality: Modality) -> &[usize] {
        match modality {
            Modality::Image => &self.photos,
            Modality::Text => &self.captions,
        }
    }
}

/// Compares what is finished. The null captions enter once all of them have their vectors.
///
/// # Errors
/// [`ComparisonError`]; it names the role or the item at fault.
pub fn compare(
    dataset: &Dataset,
    embeddings: &Embeddings,
    models: &ModelsInfo,
    options: &clipscope_analysis::Options,
) -> Result<Comparison, ComparisonError> {
    let (collection, photos, captions) = finished(dataset, embeddings, models)?;
    let vectors = |role: Role| -> Result<Option<Vectors>, ComparisonError> {
        let Some(tower) = models.tower(role) else { return Ok(None) };
        let places = match role.modality() {
            Modality::Image => &photos,
            Modality::Text => &captions,
        };
        let vectors = embeddings.vectors(tower, places);
        vectors.map(Some).map_err(|source| ComparisonError::Vectors { role, source })
    };
    let pre_clip_image = vectors(Role::PreClipImage)?;
    let pre_clip_text = vectors(Role::PreClipText)?;
    let clip_image = vectors(Role::ClipImage)?;
    let clip_text = vectors(Role::ClipText)?;
    // A null caption without a usable vector only costs the null captions' own numbers.
    let null_text = embeddings
        .null_captions(NULL_CAPTIONS.len())
        .zip(clip_text.as_ref())
        .and_then(|(rows, text)| Vectors::from_rows(text.dim(), rows).ok());
    let inputs = Inputs {
        pre_clip_image: pre_clip_image.as_ref(),
        pre_clip_text: pre_clip_text.as_ref(),
        clip_image: clip_image.as_ref(),
        clip_text: clip_text.as_ref(),
        logit_scale: models.logit_scale,
        null_text: null_text.as_ref(),
    };
    let evaluation = clipscope_analysis::evaluate(&collection, &inputs, options)?;
    Ok(Comparison { collection, evaluation, photos, captions })
}

/// The finished part of the data set, with the places it was taken from.
fn finished(
    dataset: &Dataset,
    embeddings: &Embeddings,
    models: &ModelsInfo,
) -> Result<(Collection, Vec<usize>, Vec<usize>), CollectionError> {
    let has = |modality, place| embeddings.is_complete(models, modality, place);
    let categories = dataset.categories();
    let (mut photos, mut files, mut photo_categories) = (Vec::new(), Vec::new(), Vec::new());
    let (mut captions, mut texts, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_caption = 0;
    for (place, item) in dataset.items.iter().enumerate() {
        let own = first_caption..first_caption + item.captions.len();
        first_caption = own.end;
        let settled = |caption| embeddings.is_skipped(Unit::Caption(caption)) || has(Modality::Text, caption);
        if !has(Modality::Image, place) || !own.clone().all(settled) {
            continue;
        }
        for (caption, text) in own.zip(&item.captions) {
            if has(Modality::Text, caption) {
                captions.push(caption);
                texts.push(text.clone());
                owners.push(photos.len());
            }
        }
        photos.push(place);
        files.push(item.file.clone());
        photo_categories.push(categories.iter().position(|name| *name == item.category).unwrap_or(0));
    }
    let collection = Collection::new(categories, files, photo_categories, texts, owners)?;
    Ok((collection, photos, captions))
}

/// One line of the answer to the project's question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnswerRow {
    /// Pre-CLIP, Bridge or CLIP.
    pub approach: &'static str,
    /// What is counted, in few words.
    pub name: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// How often the answer is right, with interval and chance; `None` when it is not defined.
    pub share: Option<Share>,
}

/// Rows of the answer.
pub const ANSWERS: usize = 8;

/// What Pre-CLIP separates, what the bridge recovers without training, and what a shared space adds. `None` unless all
/// three approaches were evaluated. Rows of one question stand together, so that like is compared with like.
#[must_use]
pub fn answer_rows(evaluation: &Evaluation) -> Option<[AnswerRow; ANSWERS]> {
    let (pre_clip, bridge, clip) =
        (evaluation.pre_clip.as_ref()?, evaluation.bridge.as_ref()?, evaluation.clip.as_ref()?);
    let row = |approach, name, question, share| AnswerRow { approach, name, question, share };
    let two = "of two photos and their captions, are they matched the right way round?";
    let within = "the same, both of one category: beyond what the category tells";
    Some([
        row(
            "Pre-CLIP",
            "photos",
            "is a photo's nearest photo of its category?",
            pre_clip.image.nn_category_accuracy,
        ),
        row(
            "Pre-CLIP",
            "captions",
            "is a caption's nearest caption of its category?",
            pre_clip.text.nn_category_accuracy,
        ),
        row("Bridge", "one of two", two, bridge.two_afc.all),
        row("CLIP", "one of two", two, clip.two_afc.all),
        row("Bridge", "in category", within, bridge.two_afc.within),
        row("CLIP", "in category", within, clip.two_afc.within),
        row(
            "CLIP",
            "group score",
            "do both photos and both captions each prefer their own? (group score)",
            clip.group_score,
        ),
        row("CLIP", "caption top-1", "is a photo's best caption of all its own?", clip.image_to_text.top1),
    ])
}

/// How the bridge matches, in one sentence.
#[must_use]
pub fn protocol(bridge: &Bridge) -> String {
    format!(
        "Photos and captions are described by their cosines to {} other pairs, never to the two compared.",
        bridge.anchors_of_a_choice()
    )
}
