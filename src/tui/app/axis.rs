//! The rows and the columns of the grid: which items they stand for, in which order.

use std::sync::Arc;

use super::{App, Catalog};
use crate::tui::jobs::{ClusterDone, ClusterJob, Effect, Effort, Job, cluster};
use crate::tui::{Approach, text};
use clipscope_core::embedding::Unit;
use clipscope_networks::Modality;

/// Labels are cut here at the latest.
const LONGEST_LABEL: usize = 32;

/// The order of rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Items of one category together, as in the data set.
    #[default]
    Category,
    /// By similarity to the item of the cursor, most similar first.
    Similarity,
    /// Similar items together, whatever their category.
    Clusters,
}

impl Order {
    pub(super) fn next(self) -> Self {
        match self {
            Self::Category => Self::Similarity,
            Self::Similarity => Self::Clusters,
            Self::Clusters => Self::Category,
        }
    }

    /// The name shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Category => "by category",
            Self::Similarity => "by similarity to the cursor",
            Self::Clusters => "by clusters",
        }
    }
}

/// The items along one side of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Axis {
    /// Places in the data set, in display order.
    pub places: Vec<usize>,
    /// The category of each.
    pub categories: Vec<usize>,
    /// Columns that the longest label takes, up to a limit.
    pub label_width: usize,
    positions: Vec<Option<usize>>,
}

impl Axis {
    fn new(catalog: &Catalog, modality: Modality, places: Vec<usize>) -> Self {
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

    /// Where `place` stands.
    #[must_use]
    pub fn position(&self, place: usize) -> Option<usize> {
        self.positions.get(place).copied().flatten()
    }

    /// Items along the axis.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
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
    fn position(&self, catalog: &Catalog, modality: Modality, place: usize) -> Option<usize> {
        let place = if modality == self.modality {
            place
        } else {
            catalog.partner(self.modality, catalog.photo_of(modality, place)?)?
        };
        self.positions.get(place).copied().flatten()
    }
}

impl App {
    /// Makes both axes anew: after a change of approach or order, when an item was left out, when the bridge has chosen
    /// its pairs. The cursor stays on its items where they are still there.
    pub(super) fn rebuild_axes(&mut self) {
        self.axes_stale = false;
        self.view_stale = true;
        (self.rows, self.cols) = self.axes(self.approach);
        let on = |axis: &Axis, place| match axis.position(place) {
            Some(_) => place,
            None => axis.places.first().copied().unwrap_or(0),
        };
        self.cursor = (on(&self.rows, self.cursor.0), on(&self.cols, self.cursor.1));
        if let Some(approach) = self.linked.as_ref().map(|linked| linked.approach) {
            let axes = self.axes(approach);
            if let Some(linked) = &mut self.linked {
                (linked.rows, linked.cols) = axes;
            }
        }
    }

    /// Rows and columns of an approach's grid.
    fn axes(&self, approach: Approach) -> (Axis, Axis) {
        let axis =
            |modality, rows| Axis::new(&self.catalog, modality, self.ordered(approach, modality, rows));
        (axis(approach.rows(), true), axis(approach.cols(), false))
    }

    /// The items of one side of a grid in the order chosen.
    fn ordered(&self, approach: Approach, modality: Modality, rows: bool) -> Vec<usize> {
        let mut places = self.catalog.by_category(modality);
        places.retain(|&place| self.can_be_shown(approach, modality, place));
        if self.order_of(approach) == Order::Similarity
            && let Some(scores) = self.order_scores(approach, rows)
        {
            let score = |place: usize| scores.get(place).copied().flatten();
            // Items without a score go last; equal ones keep the order of the categories.
            places.sort_by(|&a, &b| score(b).partial_cmp(&score(a)).unwrap_or(std::cmp::Ordering::Equal));
        }
        if self.order == Order::Clusters
            && let Some(clusters) = &self.clusters
        {
            // Items that are not in the order go last; captions stand with their photos, and the other way round.
            places.sort_by_key(|&place| {
                clusters.position(&self.catalog, modality, place).unwrap_or(usize::MAX)
            });
        }
        places
    }

    /// The order that a grid has: the one chosen, where there is a matrix to take it from.
    #[must_use]
    pub fn order_of(&self, approach: Approach) -> Order {
        let matrix = self.results.as_ref().and_then(|results| results.matrix(approach));
        if self.order == Order::Similarity && matrix.is_none() { Order::Category } else { self.order }
    }

    /// Asks for the order by clusters when it is chosen and not there for the numbers on screen.
    pub(super) fn request_clusters(&mut self) {
        let wanted = (self.approach, self.refresh.shown);
        let Some(results) = &self.results else { return };
        let there = self.clusters.as_ref().is_some_and(|clusters| clusters.made_for == wanted);
        if self.order != Order::Clusters || there || self.clusters_wanted.is_some() {
            return;
        }
        self.clusters_wanted = Some(wanted);
        self.effects.push(Effect::Job(Job::Cluster(Box::new(ClusterJob {
            version: wanted.1,
            approach: wanted.0,
            results: Arc::clone(results),
            embeddings: self.embeddings.clone(),
            models: self.models.clone(),
        }))));
    }

    /// Takes in an order by clusters.
    pub(super) fn clustered(&mut self, done: ClusterDone) {
        self.redraw = true;
        self.clusters_wanted = None;
        match done.result {
            Ok(places) => {
                let modality = cluster::role(done.approach).modality();
                let count = self.catalog.count(modality);
                let mut positions = vec![None; count];
                for (position, place) in places.into_iter().enumerate() {
                    if let Some(slot) = positions.get_mut(place) {
                        *slot = Some(position);
                    }
                }
                self.clusters =
                    Some(Clusters { made_for: (done.approach, done.version), modality, positions });
            }
            Err(reason) => {
                if self.order == Order::Clusters {
                    self.order = Order::Category;
                }
                self.say(reason);
            }
        }
        self.rebuild_axes();
    }

    fn can_be_shown(&self, approach: Approach, modality: Modality, place: usize) -> bool {
        let unit = match modality {
            Modality::Image => Unit::Photo(place),
            Modality::Text => Unit::Caption(place),
        };
        let photo = self.catalog.photo_of(modality, place);
        if self.embeddings.is_skipped(unit)
            || photo.is_some_and(|p| self.embeddings.is_skipped(Unit::Photo(p)))
        {
            return false;
        }
        if approach != Approach::Bridge {
            return true;
        }
        // The bridge pairs each photo with one caption, and looks at a sample of many pairs.
        let bridge = self.results.as_ref().filter(|results| results.comparison.evaluation.bridge.is_some());
        match bridge {
            Some(results) if results.effort != Effort::Preview => {
                let places = match modality {
                    Modality::Image => results.rows(Approach::Bridge),
                    Modality::Text => results.cols(Approach::Bridge),
                };
                places.position(place).is_some()
            }
            _ => photo.and_then(|photo| self.catalog.partner(modality, photo)) == Some(place),
        }
    }

    /// Scores of the item that the order refers to with every place of one side of a grid: rows are put in order by its
    /// column and columns by its row; inside one modality both by its row, so that the diagonal stays one.
    fn order_scores(&self, approach: Approach, rows: bool) -> Option<Vec<Option<f32>>> {
        let results = self.results.as_ref()?;
        let matrix = results.matrix(approach)?;
        let (row, col) = self.carried(self.order_anchor, self.approach, approach);
        let same = approach.rows() == approach.cols();
        let (line, places) = if rows && !same {
            let col = results.cols(approach).position(col)?;
            ((0..matrix.rows()).map(|row| matrix.get(row, col)).collect(), results.rows(approach))
        } else {
            let row = results.rows(approach).position(row)?;
            (matrix.row(row).to_vec(), results.cols(approach))
        };
        let modality = if rows { approach.rows() } else { approach.cols() };
        let score = |place| places.position(place).map(|position| line[position]);
        Some((0..self.catalog.count(modality)).map(score).collect())
    }
}
