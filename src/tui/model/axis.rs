//! The rows and the columns of a grid: which items they stand for, in which order.

use super::catalog::Catalog;
use crate::tui::approach::Approach;
use crate::tui::text;
use clipscope_networks::Modality;

/// Most columns of a label.
const LONGEST_LABEL: usize = 32;

/// The order of rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By category, in the order of the data set.
    #[default]
    Category,
    /// By similarity to the item under the cursor, most similar first.
    Similarity,
    /// By clusters of similar items, regardless of their categories.
    Clusters,
}

impl Order {
    /// The next order, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Category => Self::Similarity,
            Self::Similarity => Self::Clusters,
            Self::Clusters => Self::Category,
        }
    }

    /// The name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Category => "by category",
            Self::Similarity => "by similarity to the cursor",
            Self::Clusters => "by clusters",
        }
    }
}

/// The rows or the columns of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Axis {
    /// Places in the data set, in display order.
    pub places: Vec<usize>,
    /// The category of each item.
    pub categories: Vec<usize>,
    /// Width of the longest label in columns of the screen, up to a limit.
    pub label_width: usize,
    positions: Vec<Option<usize>>,
}

impl Axis {
    /// An axis with the items at `places`, in this order.
    #[must_use]
    pub fn new(catalog: &Catalog, modality: Modality, places: Vec<usize>) -> Self {
        let mut positions = vec![None; catalog.count(modality)];
        for (position, &place) in places.iter().enumerate() {
            positions[place] = Some(position);
        }
        let labels = places.iter().take(1_000).map(|&place| text::width(catalog.label(modality, place)));
        Self {
            label_width: labels.max().unwrap_or(0).min(LONGEST_LABEL),
            categories: places
                .iter()
                .map(|&place| catalog.category_of(modality, place).unwrap_or(0))
                .collect(),
            positions,
            places,
        }
    }

    /// The position of the item at `place`.
    #[must_use]
    pub fn position(&self, place: usize) -> Option<usize> {
        self.positions.get(place).copied().flatten()
    }

    /// How many items the axis has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether the axis has no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// An order in which similar items stand together.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    made_for: (Approach, u64),
    modality: Modality,
    positions: Vec<Option<usize>>,
}

impl Clusters {
    /// An order of one modality's items, made for an approach and a version of its numbers.
    pub fn new(made_for: (Approach, u64), modality: Modality, count: usize, places: Vec<usize>) -> Self {
        let mut positions = vec![None; count];
        for (position, place) in places.into_iter().enumerate() {
            if let Some(known) = positions.get_mut(place) {
                *known = Some(position);
            }
        }
        Self { made_for, modality, positions }
    }

    /// Whether this is the order for an approach and a version of its numbers.
    pub fn is_for(&self, wanted: (Approach, u64)) -> bool {
        self.made_for == wanted
    }

    /// The position of an item. A caption stands with its photo, and a photo with its first caption.
    pub fn position(&self, catalog: &Catalog, modality: Modality, place: usize) -> Option<usize> {
        let place = if modality == self.modality {
            place
        } else {
            catalog.partner(self.modality, catalog.photo_of(modality, place)?)?
        };
        self.positions.get(place).copied().flatten()
    }
}
