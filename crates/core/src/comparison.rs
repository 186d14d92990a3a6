//! Joins a data set and its vectors for the analysis.
//!
//! The reports and the dashboard both get their numbers here, so they cannot differ. During a run, the comparison covers
//! the finished photos: those with all vectors of their own and of their captions. Also owns which numbers answer the
//! project's question, and how the bridge's protocol is worded. Must not compute a number itself.

use crate::dataset::Dataset;
use crate::embedding::{Embeddings, RowsError, Unit};
use clipscope_analysis::{
    AnalysisError, Bridge, Collection, CollectionError, Evaluation, Inputs, NULL_CAPTIONS, Share, Vectors,
};
use clipscope_base::words::count;
use clipscope_networks::{Modality, ModelsInfo, Role};

/// The data could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// A vector has no direction. The pipeline refuses those, so a cache or a caller is at fault.
    #[error("the {} vectors cannot be used: {source}", role.name())]
    Vectors { role: Role, source: RowsError },
    /// The lists made from the data set do not fit together.
    #[error(transparent)]
    Collection(#[from] CollectionError),
    /// The vectors do not fit together.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// The numbers for the photos finished so far, and where these are in the data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub collection: Collection,
    /// Rows and columns of its matrices follow `collection`.
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

/// Compares what is finished. The null captions take part once all of them have their vectors.
///
/// # Errors
/// [`ComparisonError`], which names the role or the item at fault.
pub fn compare(
    dataset: &Dataset,
    embeddings: &Embeddings,
    models: &ModelsInfo,
    options: &clipscope_analysis::Options,
) -> Result<Comparison, ComparisonError> {
    let Finished { collection, photos, captions } = finished(dataset, embeddings, models)?;
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
    // Without a usable vector for each null caption, only the numbers about these are missing.
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

/// The finished part of a data set.
struct Finished {
    collection: Collection,
    /// As in [`Comparison`].
    photos: Vec<usize>,
    captions: Vec<usize>,
}

fn finished(
    dataset: &Dataset,
    embeddings: &Embeddings,
    models: &ModelsInfo,
) -> Result<Finished, CollectionError> {
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
    Ok(Finished { collection, photos, captions })
}

/// The share, unless it says nothing: where guessing is always right (one category, one candidate) or never (no category has
/// two photos), so is every model.
#[must_use]
pub fn telling(share: Option<Share>) -> Option<Share> {
    share.filter(|share| 0.0 < share.chance && share.chance < 1.0)
}

/// One line of the answer to the project's question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnswerRow {
    /// `Pre-CLIP`, `Bridge` or `CLIP`.
    pub approach: &'static str,
    /// What is counted, in one or two words.
    pub name: &'static str,
    pub question: &'static str,
    /// How often the answer is right; `None` if not defined, or if it says nothing ([`telling`]).
    pub share: Option<Share>,
}

/// The number of rows of [`answer_rows`].
pub const ANSWERS: usize = 8;

/// Lists what Pre-CLIP separates, what the bridge recovers without training, and what a shared space adds. `None` unless
/// all three approaches were evaluated. Rows with the same question are next to each other.
#[must_use]
pub fn answer_rows(evaluation: &Evaluation) -> Option<[AnswerRow; ANSWERS]> {
    let (pre_clip, bridge, clip) =
        (evaluation.pre_clip.as_ref()?, evaluation.bridge.as_ref()?, evaluation.clip.as_ref()?);
    let row = |approach, name, question, share| AnswerRow { approach, name, question, share: telling(share) };
    // The bits of equal captions decide nothing.
    let captions = pre_clip.text.nn_category_accuracy.filter(|_| clip.image_to_text.candidates > 1);
    let two = "given two photos and two captions, are they paired correctly?";
    let within = "the same, with both photos from one category";
    Some([
        row(
            "Pre-CLIP",
            "photos",
            "is a photo's nearest neighbor from its own category?",
            pre_clip.image.nn_category_accuracy,
        ),
        row("Pre-CLIP", "captions", "is a caption's nearest neighbor from its own category?", captions),
        row("Bridge", "pairing", two, bridge.two_afc.all),
        row("CLIP", "pairing", two, clip.two_afc.all),
        row("Bridge", "in category", within, bridge.two_afc.within),
        row("CLIP", "in category", within, clip.two_afc.within),
        row(
            "CLIP",
            "group score",
            "do both photos and both captions prefer their own? (group score)",
            clip.group_score,
        ),
        row("CLIP", "caption top-1", "is a photo's best caption one of its own?", clip.image_to_text.top1),
    ])
}

/// Says in one sentence how the bridge matches.
#[must_use]
pub fn protocol(bridge: &Bridge) -> String {
    format!(
        "Photos and captions are described by their cosines to {}, never to the two compared.",
        count(bridge.anchors_of_a_choice(), "other pair")
    )
}
