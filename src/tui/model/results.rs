//! The numbers of a comparison, by place in the data set.
//!
//! Owns the way from a place to a row or column of a matrix, and the range of each grid's scores. Computes no score: all
//! come from [`clipscope_analysis`].

use std::sync::Arc;

use crate::tui::approach::Approach;
use clipscope_analysis::Matrix;
use clipscope_core::comparison::Comparison;
use clipscope_networks::Modality;

/// How much time a comparison may take. Only the bridge differs; the other approaches are always complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// For photos that are still arriving: no p-values, and the bridge looks at a sample.
    Preview,
    /// For a caption that is being typed: no p-values; everything else is complete, so that it compares with before.
    Typing,
    /// Complete.
    Whole,
}

/// The positions of places in a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places(Vec<Option<usize>>);

impl Places {
    fn new(places: impl Iterator<Item = usize>) -> Self {
        let mut positions = Vec::new();
        for (position, place) in places.enumerate() {
            if positions.len() <= place {
                positions.resize(place + 1, None);
            }
            positions[place] = Some(position);
        }
        Self(positions)
    }

    /// The row or column of a place, if it has one.
    #[must_use]
    pub fn position(&self, place: usize) -> Option<usize> {
        self.0.get(place).copied().flatten()
    }
}

/// The lowest and highest score of a grid.
pub type ScoreRange = (f32, f32);

/// A comparison, and where to find things in it.
#[derive(Debug, Clone)]
pub struct Results {
    /// The numbers.
    pub comparison: Arc<Comparison>,
    /// How complete they are.
    pub effort: Effort,
    photos: Places,
    captions: Places,
    bridge_photos: Places,
    bridge_captions: Places,
    ranges: [Option<ScoreRange>; 4],
}

impl Results {
    /// Prepares a comparison. Walks over its matrices once, so it belongs on a worker.
    #[must_use]
    pub fn new(comparison: Comparison, effort: Effort) -> Self {
        let mut results = Self {
            effort,
            photos: Places::new(comparison.photos.iter().copied()),
            captions: Places::new(comparison.captions.iter().copied()),
            bridge_photos: Places::default(),
            bridge_captions: Places::default(),
            ranges: [None; 4],
            comparison: Arc::new(comparison),
        };
        let comparison = Arc::clone(&results.comparison);
        if let Some(bridge) = &comparison.evaluation.bridge {
            results.bridge_photos =
                Places::new(bridge.images.iter().map(|pair| comparison.photos[pair.index]));
            results.bridge_captions =
                Places::new(bridge.images.iter().map(|pair| comparison.captions[pair.caption_index]));
        }
        results.ranges = Approach::ALL.map(|approach| {
            let matrix = results.matrix(approach)?;
            // An item's similarity with itself is 1 and would use up half of the colors.
            let itself = matches!(approach, Approach::Images | Approach::Texts);
            range(matrix, itself)
        });
        results
    }

    /// The matrix of an approach's grid, if there are few enough items for one.
    #[must_use]
    pub fn matrix(&self, approach: Approach) -> Option<&Matrix> {
        let evaluation = &self.comparison.evaluation;
        match approach {
            Approach::Images => evaluation.pre_clip.as_ref()?.image.similarity.as_ref(),
            Approach::Texts => evaluation.pre_clip.as_ref()?.text.similarity.as_ref(),
            Approach::Bridge => evaluation.bridge.as_ref()?.grid.as_ref(),
            Approach::Clip => evaluation.clip.as_ref()?.similarity.as_ref(),
        }
    }

    /// The lowest and highest score of a grid, without those of items with themselves.
    #[must_use]
    pub fn range(&self, approach: Approach) -> Option<ScoreRange> {
        self.ranges[approach.index()]
    }

    /// The positions of the rows of an approach's matrix.
    #[must_use]
    pub fn rows(&self, approach: Approach) -> &Places {
        match approach {
            Approach::Bridge => &self.bridge_photos,
            _ => self.of(approach.rows()),
        }
    }

    /// The positions of the columns of an approach's matrix.
    #[must_use]
    pub fn cols(&self, approach: Approach) -> &Places {
        match approach {
            Approach::Bridge => &self.bridge_captions,
            _ => self.of(approach.cols()),
        }
    }

    /// The positions of a modality's items in the comparison.
    #[must_use]
    pub fn of(&self, modality: Modality) -> &Places {
        match modality {
            Modality::Image => &self.photos,
            Modality::Text => &self.captions,
        }
    }

    /// The place of an item of the comparison.
    #[must_use]
    pub fn place(&self, modality: Modality, position: usize) -> Option<usize> {
        self.comparison.places(modality).get(position).copied()
    }

    /// The score of two places, if the matrix has it.
    #[must_use]
    pub fn score(&self, approach: Approach, row: usize, col: usize) -> Option<f32> {
        let matrix = self.matrix(approach)?;
        Some(matrix.get(self.rows(approach).position(row)?, self.cols(approach).position(col)?))
    }

    /// Whether the numbers exist but the matrix was too large to keep.
    #[must_use]
    pub fn lacks_matrix(&self, approach: Approach) -> bool {
        let evaluation = &self.comparison.evaluation;
        let exists = match approach {
            Approach::Images | Approach::Texts => evaluation.pre_clip.is_some(),
            Approach::Bridge => false,
            Approach::Clip => evaluation.clip.is_some(),
        };
        exists && self.matrix(approach).is_none()
    }
}

fn range(matrix: &Matrix, skip_diagonal: bool) -> Option<ScoreRange> {
    let mut range: Option<ScoreRange> = None;
    for row in 0..matrix.rows() {
        for (col, &score) in matrix.row(row).iter().enumerate() {
            if skip_diagonal && row == col {
                continue;
            }
            range = Some(range.map_or((score, score), |(low, high)| (low.min(score), high.max(score))));
        }
    }
    range
}
