//! One pass over `S = X·Yᵀ`, block by block, that counts what both directions need.
//!
//! Owns hits, ranks and margins of single queries. Memory stays at a few blocks of rows plus a few numbers
//! for each photo and caption; the matrix and the rankings are never stored.

use std::ops::Range;

use super::super::kernel::cosine;
use super::super::similarity::fold_blocks;
use super::super::{AnalysisError, Collection, Share};
use super::ranking::{top_k, weight};
use crate::embedding::Vectors;

/// One query against all candidates.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Query {
    /// Candidates that are a hit.
    pub positives: usize,
    /// 1 + non-positives that score at least as high as the best positive.
    pub rank: Option<usize>,
    pub best_positive: Option<f32>,
    pub best_other: Option<f32>,
    /// Whether the best candidate is of the query's category, strictly above all of other categories.
    pub category_correct: bool,
    /// Share of candidates that are of the query's category.
    pub category_chance: f64,
}

impl Query {
    pub(super) fn margin(&self) -> Option<f64> {
        Some(f64::from(self.best_positive?) - f64::from(self.best_other?))
    }
}

/// A photo as query.
pub(super) struct ImageScan {
    pub query: Query,
    /// Its best captions: index, score, confidence, whether a hit.
    pub top: Vec<(usize, f32, f64, bool)>,
}

impl ImageScan {
    pub(super) fn margin(&self) -> Option<f64> {
        self.query.margin()
    }
}

/// A caption as query.
pub(super) struct CaptionScan {
    pub query: Query,
    pub best_image: usize,
    pub best_score: f32,
}

pub(super) struct Scan {
    pub images: Vec<ImageScan>,
    pub captions: Vec<CaptionScan>,
    pub group_score: Option<Share>,
}

/// Counts over all photos and captions.
pub(super) fn scan(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    logit_scale: f32,
    top: usize,
) -> Result<Scan, AnalysisError> {
    super::super::similarity::same_dim(image, text)?;
    let context = Context::new(collection, image, text, logit_scale, top);
    let mut images = Vec::with_capacity(image.rows());
    let mut columns = Columns::new(text.rows());
    let mut group = Vec::with_capacity(context.own_scores.len());
    fold_blocks(
        image,
        text,
        |rows, scores| context.block(rows, scores),
        |block| {
            images.extend(block.images);
            group.extend(block.group);
            columns.merge(&block.columns);
        },
    )?;
    Ok(Scan { images, captions: context.captions(&columns), group_score: context.group_score(&group) })
}

/// Running results of every caption as a query, `[captions]` each.
struct Columns {
    /// Non-positive photos that score at least as high as the best positive one.
    ahead: Vec<u32>,
    best_other: Vec<f32>,
    best_same_category: Vec<f32>,
    best_other_category: Vec<f32>,
    best: Vec<(f32, u32)>,
}

impl Columns {
    fn new(captions: usize) -> Self {
        Self {
            ahead: vec![0; captions],
            best_other: vec![f32::NEG_INFINITY; captions],
            best_same_category: vec![f32::NEG_INFINITY; captions],
            best_other_category: vec![f32::NEG_INFINITY; captions],
            best: vec![(f32::NEG_INFINITY, 0); captions],
        }
    }

    /// Adds the results of later rows: counts add up, maxima keep the earlier of equals.
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
    /// For each photo with a caption, bit j: `S_ij` is below both own scores of the pair (i, j).
    group: Vec<Vec<u64>>,
}

/// What every block needs to know.
struct Context<'a> {
    collection: &'a Collection,
    logit_scale: f32,
    top: usize,
    positives: Vec<Vec<usize>>,
    /// Best positive score of each caption as a query.
    caption_best: Vec<f32>,
    /// Category of each caption's photo.
    caption_category: Vec<usize>,
    /// By category: captions that describe it through another photo with the same text.
    also_describe: Vec<Vec<usize>>,
    /// Photos in each category.
    category_images: Vec<usize>,
    /// Photos with a caption and their first caption, ascending, and the score of the two.
    paired: Vec<(usize, usize)>,
    own_scores: Vec<f32>,
    /// Place of each photo in `paired`.
    place: Vec<Option<usize>>,
}

impl<'a> Context<'a> {
    fn new(
        collection: &'a Collection,
        image: &Vectors,
        text: &Vectors,
        logit_scale: f32,
        top: usize,
    ) -> Self {
        let caption_category = collection.caption_categories();
        let mut also_describe = vec![Vec::new(); collection.categories().len()];
        let mut caption_best = Vec::with_capacity(collection.captions());
        for (caption, &own_category) in caption_category.iter().enumerate() {
            for category in collection.described_categories(caption) {
                if category != own_category {
                    also_describe[category].push(caption);
                }
            }
            let positives = collection.positive_images(caption);
            let best = positives.iter().map(|&positive| cosine(image.row(positive), text.row(caption)));
            caption_best.push(best.fold(f32::NEG_INFINITY, f32::max));
        }
        let mut category_images = vec![0; collection.categories().len()];
        for &category in collection.image_category() {
            category_images[category] += 1;
        }
        let paired: Vec<(usize, usize)> = (0..collection.images())
            .filter_map(|image| collection.first_caption(image).map(|caption| (image, caption)))
            .collect();
        let mut place = vec![None; collection.images()];
        for (position, &(image, _)) in paired.iter().enumerate() {
            place[image] = Some(position);
        }
        Self {
            collection,
            logit_scale,
            top,
            positives: (0..collection.images()).map(|image| collection.positive_captions(image)).collect(),
            caption_best,
            caption_category,
            also_describe,
            category_images,
            own_scores: paired.iter().map(|&(i, c)| cosine(image.row(i), text.row(c))).collect(),
            paired,
            place,
        }
    }

    fn block(&self, rows: Range<usize>, scores: &[f32]) -> Block {
        let captions = self.caption_best.len();
        let mut block = Block {
            images: Vec::with_capacity(rows.len()),
            columns: Columns::new(captions),
            group: Vec::new(),
        };
        let mut mask = CategoryMask::new(captions);
        for image in rows.clone() {
            let scores = &scores[(image - rows.start) * captions..(image + 1 - rows.start) * captions];
            mask.set(self, self.collection.image_category()[image]);
            self.count_columns(image, scores, &mask, &mut block.columns);
            block.images.push(self.image(image, scores, &mask));
            if let Some(place) = self.place[image] {
                block.group.push(self.group_bits(place, scores));
            }
        }
        block
    }

    /// Adds photo `image` to the results of every caption.
    fn count_columns(&self, image: usize, scores: &[f32], mask: &CategoryMask, columns: &mut Columns) {
        for gap in gaps(&self.positives[image], scores.len()) {
            let others = columns.best_other[gap.clone()].iter_mut().zip(&mut columns.ahead[gap.clone()]);
            for ((other, ahead), (&score, &own)) in
                others.zip(scores[gap.clone()].iter().zip(&self.caption_best[gap]))
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
                category_correct: same > other,
                category_chance: if scores.is_empty() {
                    0.0
                } else {
                    mask.count as f64 / scores.len() as f64
                },
            },
            top: self.top_captions(positives, scores),
        }
    }

    fn top_captions(&self, positives: &[usize], scores: &[f32]) -> Vec<(usize, f32, f64, bool)> {
        let top = top_k(scores, self.top);
        let Some(&first) = top.first() else { return Vec::new() };
        let max = scores[first];
        let sum: f64 = scores.iter().map(|&score| weight(score, max, self.logit_scale)).sum();
        top.into_iter()
            .map(|caption| {
                let score = scores[caption];
                let confidence = weight(score, max, self.logit_scale) / sum;
                (caption, score, confidence, positives.binary_search(&caption).is_ok())
            })
            .collect()
    }

    fn group_bits(&self, place: usize, scores: &[f32]) -> Vec<u64> {
        let mut bits = vec![0u64; self.paired.len().div_ceil(64)];
        let own = self.own_scores[place];
        for (other, (&(_, caption), &other_own)) in self.paired.iter().zip(&self.own_scores).enumerate() {
            bits[other / 64] |= u64::from(scores[caption] < own.min(other_own)) << (other % 64);
        }
        bits
    }

    fn group_score(&self, bits: &[Vec<u64>]) -> Option<Share> {
        let set = |i: usize, j: usize| bits[i][j / 64] >> (j % 64) & 1 == 1;
        let (mut hits, mut pairs) = (0, 0);
        for (i, &(_, caption)) in self.paired.iter().enumerate() {
            for (j, &(_, other)) in self.paired.iter().enumerate().skip(i + 1) {
                if self.collection.caption_group(caption) != self.collection.caption_group(other) {
                    pairs += 1;
                    hits += usize::from(set(i, j) && set(j, i));
                }
            }
        }
        Share::dependent(hits, pairs, self.paired.len(), 1.0 / 6.0)
    }

    /// Every caption as a query, from the merged columns.
    fn captions(&self, columns: &Columns) -> Vec<CaptionScan> {
        let images = self.collection.images().max(1) as f64;
        (0..self.caption_best.len())
            .map(|caption| {
                let categories = self.collection.described_categories(caption);
                let same: usize = categories.iter().map(|&category| self.category_images[category]).sum();
                CaptionScan {
                    query: Query {
                        positives: self.collection.positive_images(caption).len(),
                        rank: Some(1 + columns.ahead[caption] as usize),
                        best_positive: finite(self.caption_best[caption]),
                        best_other: finite(columns.best_other[caption]),
                        category_correct: columns.best_same_category[caption]
                            > columns.best_other_category[caption],
                        category_chance: same as f64 / images,
                    },
                    best_image: columns.best[caption].1 as usize,
                    best_score: columns.best[caption].0,
                }
            })
            .collect()
    }
}

/// Which captions describe one category.
struct CategoryMask {
    category: Option<usize>,
    hits: Vec<bool>,
    count: usize,
}

impl CategoryMask {
    fn new(captions: usize) -> Self {
        Self { category: None, hits: vec![false; captions], count: 0 }
    }

    fn set(&mut self, context: &Context<'_>, category: usize) {
        if self.category == Some(category) {
            return;
        }
        for (hit, &of) in self.hits.iter_mut().zip(&context.caption_category) {
            *hit = of == category;
        }
        for &caption in &context.also_describe[category] {
            self.hits[caption] = true;
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
