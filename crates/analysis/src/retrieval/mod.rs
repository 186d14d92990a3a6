//! Retrieval in one shared space: from a photo to its captions and from a caption to its photos.
//!
//! Owns ranks, margins, confidences and the shares made of them. Captions whose text is equal after trimming are
//! one caption: one candidate of a photo, one query, one part of the softmax. Scores are counted block by block
//! (`scan`); no ranking of a whole collection is ever stored. Must not compare vectors of different models.

mod direction;
mod pairs;
mod ranking;
mod scan;

use serde::Serialize;

use super::intervals::mean;
use super::{AnalysisError, Collection, Matrix, NullCaptions, Share, TwoAfc, check_counts};
use crate::Vectors;
pub use direction::{CategoryRetrieval, Direction, R_AT};
pub use ranking::{best, confidence, pessimistic_rank, ranking, top_k};

/// What the caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Captions listed for each photo.
    pub top_k: usize,
    /// Whether to return the `[images, captions]` similarity matrix.
    pub keep_similarity: bool,
}

/// Every number of one shared space; the `clip` block of the JSON report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retrieval {
    /// Components of a vector.
    pub dim: usize,
    /// Factor on a cosine before the softmax.
    pub logit_scale: f32,
    /// `[images, captions]` cosines, when asked for.
    pub similarity: Option<Matrix>,
    /// Photos as queries, the different captions as candidates.
    pub image_to_text: Direction,
    /// The different captions as queries, photos as candidates.
    pub text_to_image: Direction,
    /// Photos as queries, by category; categories without photos are left out.
    pub per_category: Vec<CategoryRetrieval>,
    /// Each photo's result, `[images]`.
    pub images: Vec<ImageResult>,
    /// Each caption's result, `[captions]`.
    pub captions: Vec<CaptionResult>,
    /// Share of pairs i < j for which both photos prefer their own caption to the other's and both captions
    /// their own photo (the group score of Winoground, Thrush et al. 2022; chance 1/6). A photo's first
    /// caption is its own; pairs with the same caption text are left out. A photo is in many pairs, so the
    /// interval is taken as for [`TwoAfc`].
    pub group_score: Option<Share>,
    /// The bridge's choice between two, made with this space's scores: what the bridge is to be compared with.
    /// Pairs as for the group score.
    pub two_afc: TwoAfc,
    /// Mean margin over the photos that have one.
    pub mean_margin: Option<f64>,
    /// The photo with the smallest margin; the first of equals.
    pub worst_image: Option<WorstImage>,
    /// How the photos score against meaningless captions, when their vectors were given.
    pub null_captions: Option<NullCaptions>,
}

/// One photo as a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageResult {
    /// Its file.
    pub file: String,
    /// 1 + different captions of others that score at least as high as its best own one; `None` without captions.
    pub rank: Option<usize>,
    /// Best own score − best other score; `None` when either is missing.
    pub margin: Option<f64>,
    /// Whether its best caption describes a photo of its category; a tie with another category is a miss.
    pub category_correct: Option<bool>,
    /// The best captions, best first, ties by index; of equal ones the photo's own, else the first.
    pub top_k: Vec<Candidate>,
}

/// One caption in a photo's list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Its index in the collection.
    pub index: usize,
    /// Its text.
    pub caption: String,
    /// File of the photo that owns it.
    pub file: String,
    /// Its cosine with the photo.
    pub score: f32,
    /// Softmax over all different captions of `logit_scale · cosine`.
    pub confidence: f64,
    /// Whether it is a caption of the photo, or has the text of one.
    pub correct: bool,
}

/// One caption as a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaptionResult {
    /// Its text.
    pub caption: String,
    /// File of the photo that owns it.
    pub file: String,
    /// 1 + other photos that score at least as high as its best own one.
    pub rank: usize,
    /// Best own score − best other score; `None` when there is no other photo.
    pub margin: Option<f64>,
    /// File of the best photo; the first of equals.
    pub best_file: String,
    /// Its cosine with the caption.
    pub best_score: f32,
}

/// The photo whose caption is hardest to tell from another's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstImage {
    /// Its index in the collection.
    pub index: usize,
    /// Its file.
    pub file: String,
    /// Its margin.
    pub margin: f64,
}

/// Computes every number of [`Retrieval`] from `image`, `[images, dim]`, and `text`, `[captions, dim]`.
///
/// # Errors
/// Vectors that do not fit the collection or each other, or a logit scale that is not positive and finite.
pub fn evaluate(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    logit_scale: f32,
    options: &Options,
) -> Result<Retrieval, AnalysisError> {
    check_counts(collection, Some(image), Some(text))?;
    if !logit_scale.is_finite() || logit_scale <= 0.0 {
        return Err(AnalysisError::LogitScale(logit_scale));
    }
    let scan = scan::scan(collection, image, text, logit_scale, options.top_k)?;

    let images =
        scan.images.iter().enumerate().map(|(index, row)| image_result(collection, index, row)).collect();
    let of_caption = |index: usize| &scan.texts[collection.caption_group(index)];
    let captions = (0..collection.captions())
        .map(|index| caption_result(collection, index, of_caption(index)))
        .collect();
    let margins: Vec<Option<f64>> = scan.images.iter().map(scan::ImageScan::margin).collect();
    let worst = margins
        .iter()
        .enumerate()
        .filter_map(|(index, margin)| margin.map(|margin| (index, margin)))
        .reduce(|worst, next| if next.1 < worst.1 { next } else { worst });
    let image_queries: Vec<&scan::Query> = scan.images.iter().map(|row| &row.query).collect();
    let text_queries: Vec<&scan::Query> = scan.texts.iter().map(|column| &column.query).collect();
    let compared = pairs::compare(collection, image, text)?;
    Ok(Retrieval {
        dim: image.dim(),
        logit_scale,
        similarity: if options.keep_similarity { Some(super::similarity(image, text)?) } else { None },
        image_to_text: Direction::new(&image_queries, collection.texts()),
        text_to_image: Direction::new(&text_queries, collection.images()),
        per_category: CategoryRetrieval::all(collection, &image_queries),
        images,
        captions,
        group_score: compared.group_score,
        two_afc: compared.two_afc,
        mean_margin: mean(margins.iter().flatten().copied()),
        worst_image: worst.map(|(index, margin)| WorstImage {
            index,
            file: collection.image_files()[index].clone(),
            margin,
        }),
        null_captions: None,
    })
}

fn image_result(collection: &Collection, index: usize, row: &scan::ImageScan) -> ImageResult {
    let candidate = |listed: &scan::Listed| {
        let caption = collection.caption_for(index, listed.text);
        Candidate {
            index: caption,
            caption: collection.caption_text()[caption].clone(),
            file: collection.image_files()[collection.caption_image()[caption]].clone(),
            score: listed.score,
            confidence: listed.confidence,
            correct: listed.correct,
        }
    };
    ImageResult {
        file: collection.image_files()[index].clone(),
        rank: row.query.rank,
        margin: row.margin(),
        category_correct: row.query.rank.map(|_| row.query.category_correct),
        top_k: row.top.iter().map(candidate).collect(),
    }
}

fn caption_result(collection: &Collection, index: usize, column: &scan::TextScan) -> CaptionResult {
    CaptionResult {
        caption: collection.caption_text()[index].clone(),
        file: collection.image_files()[collection.caption_image()[index]].clone(),
        // A caption always has its own photo as a positive, hence a rank.
        rank: column.query.rank.unwrap_or(1),
        margin: column.query.margin(),
        best_file: collection.image_files()[column.best_image].clone(),
        best_score: column.best_score,
    }
}
