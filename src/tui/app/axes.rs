//! Which items stand in the rows and the columns of the grids.

use std::sync::Arc;

use super::App;
use crate::tui::approach::{Approach, AxisId};
use crate::tui::effect::Effect;
use crate::tui::jobs::{ClusterDone, ClusterJob, Job, cluster_role};
use crate::tui::model::{Axis, Clusters, Effort, Order};
use clipscope_core::embedding::Unit;
use clipscope_networks::Modality;

impl App {
    /// Rebuilds both axes: after a change of approach or order, when an item was left out, when the bridge has chosen its
    /// pairs. The cursor stays on its items if they are still there.
    pub(super) fn rebuild_axes(&mut self) {
        self.axes_stale = false;
        self.view_stale = true;
        (self.rows, self.cols) = self.axes(self.approach);
        let on = |axis: &Axis, place| match axis.position(place) {
            Some(_) => place,
            None => axis.places.first().copied().unwrap_or(0),
        };
        self.cursor = (on(&self.rows, self.cursor.0), on(&self.cols, self.cursor.1));
        if let Some(approach) = self.linked.as_ref().map(|linked| linked.id.approach) {
            let axes = self.axes(approach);
            if let Some(linked) = &mut self.linked {
                (linked.rows, linked.cols) = axes;
            }
        }
    }

    /// Rows and columns of an approach's grid.
    fn axes(&self, approach: Approach) -> (Axis, Axis) {
        let axis = |axis| Axis::new(&self.catalog, approach.along(axis), self.ordered(approach, axis));
        (axis(AxisId::Rows), axis(AxisId::Cols))
    }

    /// The items of one axis of a grid in the order chosen.
    fn ordered(&self, approach: Approach, axis: AxisId) -> Vec<usize> {
        let modality = approach.along(axis);
        let mut places = self.catalog.by_category(modality);
        places.retain(|&place| self.can_be_shown(approach, modality, place));
        if self.order_of(approach) == Order::Similarity
            && let Some(scores) = self.order_scores(approach, axis)
        {
            let score = |place: usize| scores.get(place).copied().flatten();
            // Items without a score go last; equal ones keep the order of the categories.
            places.sort_by(|&a, &b| score(b).partial_cmp(&score(a)).unwrap_or(std::cmp::Ordering::Equal));
        }
        if self.order == Order::Clusters
            && let Some(clusters) = &self.clusters
        {
            // Items without a cluster go last.
            places.sort_by_key(|&place| {
                clusters.position(&self.catalog, modality, place).unwrap_or(usize::MAX)
            });
        }
        places
    }

    /// The order of a grid: the chosen one, if there is a matrix to take it from.
    #[must_use]
    pub fn order_of(&self, approach: Approach) -> Order {
        let matrix = self.first.results.as_ref().and_then(|results| results.matrix(approach));
        if self.order == Order::Similarity && matrix.is_none() { Order::Category } else { self.order }
    }

    /// Asks for the order by clusters if it is chosen and missing for the numbers on screen.
    pub(super) fn request_clusters(&mut self) {
        let wanted = (self.approach, self.first.refresh.shown());
        let Some(results) = &self.first.results else { return };
        let there = self.clusters.as_ref().is_some_and(|clusters| clusters.is_for(wanted));
        if self.order != Order::Clusters || there || self.asked.clusters.is_out() {
            return;
        }
        self.asked.clusters.ask(wanted);
        self.effects.push(Effect::Job(Job::Cluster(Box::new(ClusterJob {
            version: wanted.1,
            approach: wanted.0,
            results: Arc::clone(results),
            embeddings: self.first.embeddings.clone(),
            models: self.first.models.clone(),
        }))));
    }

    /// Takes in an order by clusters.
    pub(super) fn clustered(&mut self, done: ClusterDone) {
        let made_for = (done.approach, done.version);
        if !self.asked.clusters.answered(&made_for) {
            return;
        }
        self.redraw = true;
        match done.result {
            Ok(places) => {
                let modality = cluster_role(done.approach).modality();
                let count = self.catalog.count(modality);
                self.clusters = Some(Clusters::new(made_for, modality, count, places));
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
        if self.first.embeddings.is_skipped(unit)
            || photo.is_some_and(|p| self.first.embeddings.is_skipped(Unit::Photo(p)))
        {
            return false;
        }
        if approach != Approach::Bridge {
            return true;
        }
        // The bridge pairs each photo with one caption, and a preview looks at a sample.
        let bridge =
            self.first.results.as_ref().filter(|results| results.comparison.evaluation.bridge.is_some());
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

    /// Scores of the item that the order refers to with every place of an axis. Rows are sorted by its column and columns by
    /// its row; within one modality both by its row, so that the diagonal stays a diagonal.
    fn order_scores(&self, approach: Approach, axis: AxisId) -> Option<Vec<Option<f32>>> {
        let results = self.first.results.as_ref()?;
        let matrix = results.matrix(approach)?;
        let (row, col) = self.carried(self.order_anchor, self.approach, approach);
        let same = approach.rows() == approach.cols();
        let (line, places) = if axis == AxisId::Rows && !same {
            let col = results.cols(approach).position(col)?;
            ((0..matrix.rows()).map(|row| matrix.get(row, col)).collect(), results.rows(approach))
        } else {
            let row = results.rows(approach).position(row)?;
            (matrix.row(row).to_vec(), results.cols(approach))
        };
        let score = |place| places.position(place).map(|position| line[position]);
        Some((0..self.catalog.count(approach.along(axis))).map(score).collect())
    }
}
