//! Retrieval in one shared space: from a photo to its captions and from a caption to its photos.
//!
//! Owns ranks, margins, confidences and the shares made of them. Captions with equal text are one candidate, one query and
//! one part of the softmax. Scores are counted block by block (`scan`); no ranking of a whole collection is ever stored.
//! Must not compare vectors of different models.

mod direction;
mod pairs;
mod scan;

use serde::Serialize;

use crate::choice::TwoAfc;
use crate::collection::Collection;
use crate::error::{AnalysisError, check_counts};
use crate::intervals::{Share, mean};
use crate::matrix::Matrix;
use crate::null_captions::NullCaptions;
pub use crate::ranking::{best, confidence, pessimistic_rank, top_k};
use crate::similarity::similarity;
use crate::vectors::Vectors;
use direction::Owners;
pub use direction::{CategoryRetrieval, Direction, R_AT};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Captions listed for each photo.
    pub top_k: usize,
    /// Whether the result has the similarity matrix.
    pub keep_similarity: bool,
}

/// The numbers of one shared space; the `clip` block of the JSON report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retrieval {
    pub dim: usize,
    /// Factor on a cosine before the softmax.
    pub logit_scale: f32,
    /// Cosines, `[images, captions]`, if asked for.
    pub similarity: Option<Matrix>,
    /// Photos as queries, texts as candidates.
    pub image_to_text: Direction,
    /// Texts as queries, photos as candidates.
    pub text_to_image: Direction,
    /// Photos as queries, by category. Categories without photos are left out.
    pub per_category: Vec<CategoryRetrieval>,
    /// `[images]`
    pub images: Vec<ImageResult>,
    /// `[captions]`
    pub captions: Vec<CaptionResult>,
    /// Share of the pairs i < j in which both photos prefer their own caption to the other's and both captions their own
    /// photo (the group score of Winoground, Thrush et al. 2022; chance 1/6). Each photo is represented by its first
    /// caption; pairs with equal text are left out. The interval counts photos, as that of [`TwoAfc`].
    pub group_score: Option<Share>,
    /// The pairing question (2-AFC), as in the bridge, with the scores of this space and the pairs of the group score.
    pub two_afc: TwoAfc,
    /// Over the photos that have a margin.
    pub mean_margin: Option<f64>,
    /// The photo with the smallest margin; of equal ones the first.
    pub worst_image: Option<WorstImage>,
    /// Present if the vectors of the null captions were given.
    pub null_captions: Option<NullCaptions>,
}

/// One photo as a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageResult {
    pub file: String,
    /// 1 + texts of others that score at least as high as its best own text; `None` without captions.
    pub rank: Option<usize>,
    /// Best own score − best other score; `None` without either.
    pub margin: Option<f64>,
    /// Whether its best caption describes a photo of its category. A tie with another category is a miss.
    pub category_correct: Option<bool>,
    /// The best captions, best first, ties by position. A text is shown as the photo's own caption, or else as its first one.
    pub top_k: Vec<Candidate>,
}

/// One caption in a photo's list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Position in the collection.
    pub index: usize,
    pub caption: String,
    /// The file of its photo.
    pub file: String,
    pub score: f32,
    /// Softmax of `logit_scale · cosine` over all texts.
    pub confidence: f64,
    /// Whether it has the text of one of the photo's captions.
    pub correct: bool,
}

/// One caption as a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaptionResult {
    pub caption: String,
    /// The file of its photo.
    pub file: String,
    /// 1 + other photos that score at least as high as the best photo with this text.
    pub rank: usize,
    /// Best own score − best other score; `None` without another photo.
    pub margin: Option<f64>,
    /// The file of the best photo; of equal ones the first.
    pub best_file: String,
    pub best_score: f32,
}

/// The photo with the smallest margin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstImage {
    /// Position in the collection.
    pub index: usize,
    pub file: String,
    pub margin: f64,
}

/// Computes [`Retrieval`] from `image`, `[images, dim]`, and `text`, `[captions, dim]`.
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
    check_counts(collection, image, text)?;
    if !logit_scale.is_finite() || logit_scale <= 0.0 {
        return Err(AnalysisError::LogitScale(logit_scale));
    }
    let scan = scan::scan(collection, image, text, logit_scale, options.top_k)?;

    let images =
        scan.images.iter().enumerate().map(|(index, row)| image_result(collection, index, row)).collect();
    let of_caption = |index: usize| &scan.texts[collection.text_of(index)];
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
    let owners = Owners::new(collection);
    let compared = pairs::compare(collection, image, text)?;
    Ok(Retrieval {
        dim: image.dim(),
        logit_scale,
        similarity: if options.keep_similarity { Some(similarity(image, text)?) } else { None },
        image_to_text: Direction::new(&image_queries, &owners.photos(), collection.texts()),
        text_to_image: Direction::new(&text_queries, &owners.texts(), collection.images()),
        per_category: CategoryRetrieval::all(collection, &owners, &image_queries),
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
        // A caption always has a positive, its own photo, and hence a rank.
        rank: column.query.rank.unwrap_or(1),
        margin: column.query.margin(),
        best_file: collection.image_files()[column.query.best].clone(),
        best_score: column.best_score,
    }
}
