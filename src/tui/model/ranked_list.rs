//! The lists of best matches.

use clipscope_networks::Modality;

/// Which way photos and captions are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From photos to captions.
    #[default]
    ImageToText,
    /// From captions to photos.
    TextToImage,
    /// Both ways at once.
    Both,
}

impl Direction {
    /// The next one, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::ImageToText => Self::TextToImage,
            Self::TextToImage => Self::Both,
            Self::Both => Self::ImageToText,
        }
    }

    /// The name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageToText => "image→text",
            Self::TextToImage => "text→image",
            Self::Both => "both directions",
        }
    }
}

/// Whether a candidate is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It belongs to the query.
    Right,
    /// It belongs to another item of the same category.
    SameCategory,
    /// It belongs to an item of another category.
    Wrong,
    /// There is no right or wrong, as for a phrase.
    None,
}

/// A candidate in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedItem {
    /// Photo or caption.
    pub modality: Modality,
    /// Its place in the data set.
    pub place: usize,
    /// Its score.
    pub score: f32,
    /// Its share of the softmax over all candidates; in the shared space only.
    pub confidence: Option<f64>,
    /// Whether it is right.
    pub mark: Mark,
}

/// Candidates for one query, best first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RankedList {
    /// What the list is about.
    pub title: String,
    /// The query, safe to show.
    pub query: String,
    /// The rank of the right candidate, or another remark.
    pub note: String,
    /// The candidates.
    pub items: Vec<RankedItem>,
}
