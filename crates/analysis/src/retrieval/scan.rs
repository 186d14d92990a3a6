//! One pass over `S = X·Yᵀ`, block by block, that counts hits, ranks and margins for both directions.
//!
//! Owns the results of single queries. Texts stand for their captions, each with the vector of its first caption, so a text
//! that many photos share costs no more than any other. Memory is limited to a few blocks of rows plus a few numbers for
//! each photo and text; the matrix and the rankings are never stored.

use std::ops::Range;

use crate::collection::Collection;
use crate::error::{AnalysisError, check_dimensions};
use crate::kernel::cosine;
use crate::ranking::{best, top_k, weight};
use crate::similarity::fold_blocks;
use crate::vectors::Vectors;

/// One query against all candidates.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Query {
    /// Number of candidates that are a hit.
    pub positives: usize,
    /// 1 + non-positives that score at least as high as the best positive.
    pub rank: Option<usize>,
    pub best_positive: Option<f32>,
    pub best_other: Option<f32>,
    /// The best candidate, of equal ones the first.
    pub best: usize,
    /// Whether the best candidate is of the query's category and strictly above all of other categories.
    pub category_correct: bool,
    /// The share of candidates of the query's category.
    pub category_chance: f64,
}

impl Query {
    pub(super) fn margin(&self) -> Option<f64> {
        Some(f64::from(self.best_positive?) - f64::from(self.best_other?))
    }
}

/// A photo as a query.
pub(super) struct ImageScan {
    pub query: Query,
    pub top: Vec<Listed>,
}

impl ImageScan {
    pub(super) fn margin(&self) -> Option<f64> {
        self.query.margin()
    }
}

/// A text in a photo's list.
pub(super) struct Listed {
    pub text: usize,
    pub score: f32,
    pub confidence: f64,
    pub correct: bool,
}

/// A text as a query.
pub(super) struct TextScan {
    pub query: Query,
    pub best_score: f32,
}

pub(super) struct Scan {
    pub images: Vec<ImageScan>,
    pub texts: Vec<TextScan>,
}

/// Runs every photo and every text as a query.
pub(super) fn scan(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    logit_scale: f32,
    top: usize,
) -> Result<Scan, AnalysisError> {
    check_dimensions(image, text)?;
    let text = text.select(&collection.text_captions());
    let context = Context::new(collection, image, &text, logit_scale, top);
    let mut images = Vec::with_capacity(image.rows());
    let mut columns = Columns::new(text.rows());
    fold_blocks(
        image,
        &text,
        |rows, scores| context.block(rows, scores),
        |block| {
            images.extend(block.images);
            columns.merge(&block.columns);
        },
    )?;
    Ok(Scan { images, texts: context.texts(&columns) })
}

/// Intermediate results of every text as a query, `[texts]` each.
struct Columns {
    /// Non-positive photos that score at least as high as the best positive one.
    ahead: Vec<u32>,
    best_other: Vec<f32>,
    best_same_category: Vec<f32>,
    best_other_category: Vec<f32>,
    best: Vec<(f32, u32)>,
}

impl Columns {
    fn new(texts: usize) -> Self {
        Self {
            ahead: vec![0; texts],
            best_other: vec![f32::NEG_INFINITY; texts],
            best_same_category: vec![f32::NEG_INFINITY; texts],
            best_other_category: vec![f32::NEG_INFINITY; texts],
            best: vec![(f32::NEG_INFINITY, 0); texts],
        }
    }

    /// Adds the results of later rows. Of equal maxima the earlier stays.
    fn merge(&mut self, later: &Self) {
        for (all, new) in self.ahead.iter_mut().zip(&later.ahead) {
            *all += new;
        }
        let maxima = [
            (&mut self.best_other, &later.best_other),
            (&mut self.best_same_category, &later.best_same_category),
            (&mut self.best_other_category, &later.best_other_category),
        ];
        for (all, new) in maxima {
            for (all, new) in all.iter_mut().zip(new) {
                *all = all.max(*new);
            }
        }
        for (all, new) in self.best.iter_mut().zip(&later.best) {
            if new.0 > all.0 {
                *all = *new;
            }
        }
    }
}

struct Block {
    images: Vec<ImageScan>,
    columns: Columns,
}

/// Everything that is known before the first block.
struct Context<'a> {
    collection: &'a Collection,
    logit_scale: f32,
    top: usize,
    /// The texts that are a hit for each photo, ascending.
    positives: Vec<Vec<usize>>,
    /// The number of photos that are a hit for each text.
    positive_images: Vec<usize>,
    /// The best positive score of each text as a query.
    text_best: Vec<f32>,
    /// The category of the first photo with each text.
    text_category: Vec<usize>,
    /// For each category, the texts that describe it through a later photo.
    also_describe: Vec<Vec<usize>>,
    /// The number of photos in the categories that each text describes.
    described_images: Vec<usize>,
}

impl<'a> Context<'a> {
    /// `text` is `[texts, dim]`.
    fn new(
        collection: &'a Collection,
        image: &Vectors,
        text: &Vectors,
        logit_scale: f32,
        top: usize,
    ) -> Self {
        let mut category_images = vec![0; collection.categories().len()];
        for &category in collection.image_category() {
            category_images[category] += 1;
        }
        let first = collection.text_captions();
        let mut context = Self {
            collection,
            logit_scale,
            top,
            positives: (0..collection.images()).map(|image| collection.texts_of(image)).collect(),
            positive_images: Vec::with_capacity(first.len()),
            text_best: Vec::with_capacity(first.len()),
            text_category: first.iter().map(|&caption| collection.caption_category(caption)).collect(),
            also_describe: vec![Vec::new(); collection.categories().len()],
            described_images: Vec::with_capacity(first.len()),
        };
        // Once per text, not per caption: the cost would be quadratic in the number of photos that share a text.
        for (number, &caption) in first.iter().enumerate() {
            let categories = collection.described_categories(caption);
            context.described_images.push(categories.iter().map(|&category| category_images[category]).sum());
            for category in categories {
                if category != context.text_category[number] {
                    context.also_describe[category].push(number);
                }
            }
            let positives = collection.positive_images(caption);
            let best = positives.iter().map(|&positive| cosine(image.row(positive), text.row(number)));
            context.text_best.push(best.fold(f32::NEG_INFINITY, f32::max));
            context.positive_images.push(positives.len());
        }
        context
    }

    fn block(&self, rows: Range<usize>, scores: &[f32]) -> Block {
        let texts = self.text_best.len();
        let mut block = Block { images: Vec::with_capacity(rows.len()), columns: Columns::new(texts) };
        let mut mask = CategoryMask::new(texts);
        for image in rows.clone() {
            let scores = &scores[(image - rows.start) * texts..(image + 1 - rows.start) * texts];
            mask.set(self, self.collection.image_category()[image]);
            self.count_columns(image, scores, &mask, &mut block.columns);
            block.images.push(self.image(image, scores, &mask));
        }
        block
    }

    /// Adds the scores of photo `image` to the results of every text.
    fn count_columns(&self, image: usize, scores: &[f32], mask: &CategoryMask, columns: &mut Columns) {
        for gap in gaps(&self.positives[image], scores.len()) {
            let others = columns.best_other[gap.clone()].iter_mut().zip(&mut columns.ahead[gap.clone()]);
            for ((other, ahead), (&score, &own)) in
                others.zip(scores[gap.clone()].iter().zip(&self.text_best[gap]))
            {
                *other = other.max(score);
                *ahead += u32::from(score >= own);
            }
        }
        let same = columns.best_same_category.iter_mut().zip(&mut columns.best_other_category);
        for ((same, other), (&score, &hit)) in same.zip(scores.iter().zip(&mask.hits)) {
            *same = same.max(if hit { score } else { f32::NEG_INFINITY });
            *other = other.max(if hit { f32::NEG_INFINITY } else { score });
        }
        for (best, &score) in columns.best.iter_mut().zip(scores) {
            if score > best.0 {
                *best = (score, image as u32);
            }
        }
    }

    /// Photo `image` as a query.
    fn image(&self, image: usize, scores: &[f32], mask: &CategoryMask) -> ImageScan {
        let positives = &self.positives[image];
        let best_positive = positives.iter().map(|&positive| scores[positive]).reduce(f32::max);
        let mut best_other = f32::NEG_INFINITY;
        let mut ahead = 0usize;
        for gap in gaps(positives, scores.len()) {
            let own = best_positive.unwrap_or(f32::INFINITY);
            for &score in &scores[gap] {
                best_other = best_other.max(score);
                ahead += usize::from(score >= own);
            }
        }
        let (mut same, mut other) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for (&score, &hit) in scores.iter().zip(&mask.hits) {
            same = same.max(if hit { score } else { f32::NEG_INFINITY });
            other = other.max(if hit { f32::NEG_INFINITY } else { score });
        }
        ImageScan {
            query: Query {
                positives: positives.len(),
                rank: best_positive.map(|_| 1 + ahead),
                best_positive,
                best_other: finite(best_other),
                best: best(scores).map_or(0, |(text, _)| text),
                category_correct: same > other,
                category_chance: if scores.is_empty() {
                    0.0
                } else {
                    mask.count as f64 / scores.len() as f64
                },
            },
            top: self.top_texts(positives, scores),
        }
    }

    fn top_texts(&self, positives: &[usize], scores: &[f32]) -> Vec<Listed> {
        let top = top_k(scores, self.top);
        let Some(&first) = top.first() else { return Vec::new() };
        let max = scores[first];
        let sum: f64 = scores.iter().map(|&score| weight(score, max, self.logit_scale)).sum();
        top.into_iter()
            .map(|text| {
                let score = scores[text];
                let confidence = weight(score, max, self.logit_scale) / sum;
                Listed { text, score, confidence, correct: positives.binary_search(&text).is_ok() }
            })
            .collect()
    }

    /// Every text as a query, from the merged columns.
    fn texts(&self, columns: &Columns) -> Vec<TextScan> {
        let images = self.collection.images().max(1) as f64;
        (0..self.text_best.len())
            .map(|text| TextScan {
                query: Query {
                    positives: self.positive_images[text],
                    rank: Some(1 + columns.ahead[text] as usize),
                    best_positive: finite(self.text_best[text]),
                    best_other: finite(columns.best_other[text]),
                    best: columns.best[text].1 as usize,
                    category_correct: columns.best_same_category[text] > columns.best_other_category[text],
                    category_chance: self.described_images[text] as f64 / images,
                },
                best_score: columns.best[text].0,
            })
            .collect()
    }
}

/// The texts that describe one category.
struct CategoryMask {
    category: Option<usize>,
    hits: Vec<bool>,
    count: usize,
}

impl CategoryMask {
    fn new(texts: usize) -> Self {
        Self { category: None, hits: vec![false; texts], count: 0 }
    }

    fn set(&mut self, context: &Context<'_>, category: usize) {
        if self.category == Some(category) {
            return;
        }
        for (hit, &of) in self.hits.iter_mut().zip(&context.text_category) {
            *hit = of == category;
        }
        for &text in &context.also_describe[category] {
            self.hits[text] = true;
        }
        self.count = self.hits.iter().filter(|&&hit| hit).count();
        self.category = Some(category);
    }
}

/// The ranges of `0..len` between the ascending `positives`.
fn gaps(positives: &[usize], len: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let starts = std::iter::once(0).chain(positives.iter().map(|&positive| positive + 1));
    let ends = positives.iter().copied().chain(std::iter::once(len));
    starts.zip(ends).filter(|(start, end)| start < end).map(|(start, end)| start..end)
}

fn finite(score: f32) -> Option<f32> {
    score.is_finite().then_some(score)
}
