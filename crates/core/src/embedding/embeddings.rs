//! The vectors known so far, by role and place in the data set.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::event::EventKind;
use super::unit::Unit;
use clipscope_analysis::{VectorError, Vectors};
use clipscope_networks::{Modality, ModelsInfo, Role, TowerInfo};

/// Why there are no vectors for the places asked for.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// An item has not been embedded.
    #[error("not every item has its vectors yet")]
    Missing,
    /// A vector has no direction or another length.
    #[error(transparent)]
    Unusable(#[from] VectorError),
}

/// The vectors known so far: a table of optional rows per role, filled in any order.
#[derive(Debug, Clone, Default)]
pub struct Embeddings {
    rows: [Vec<Option<Arc<[f32]>>>; 4],
    skipped: HashSet<Unit>,
    null_captions: BTreeMap<usize, Arc<[f32]>>,
}

impl Embeddings {
    /// Empty tables for a data set of this size.
    #[must_use]
    pub fn new(photos: usize, captions: usize) -> Self {
        let rows = Role::ALL.map(|role| {
            let rows = match role.modality() {
                Modality::Image => photos,
                Modality::Text => captions,
            };
            vec![None; rows]
        });
        Self { rows, skipped: HashSet::new(), null_captions: BTreeMap::new() }
    }

    /// Stores the vectors of an [`EventKind::Embedded`] and remembers an [`EventKind::Skipped`]; other events change nothing.
    pub fn record(&mut self, event: &EventKind) {
        match event {
            EventKind::Embedded { unit, vectors, .. } => {
                for (role, vector) in vectors {
                    match unit {
                        Unit::Photo(index) | Unit::Caption(index) => {
                            self.insert(*role, *index, Arc::clone(vector));
                        }
                        Unit::NullCaption(index) if *role == Role::ClipText => {
                            self.null_captions.insert(*index, Arc::clone(vector));
                        }
                        Unit::NullCaption(_) => {}
                    }
                }
            }
            EventKind::Skipped { unit, .. } => {
                self.skipped.insert(*unit);
            }
            EventKind::Noted { .. }
            | EventKind::Notice(_)
            | EventKind::Failed(_)
            | EventKind::Finished { .. } => {}
        }
    }

    /// The vectors of the first `count` null captions in the shared space, `[dim]` each, once all are known.
    #[must_use]
    pub fn null_captions(&self, count: usize) -> Option<Vec<&[f32]>> {
        (0..count).map(|index| self.null_captions.get(&index).map(AsRef::as_ref)).collect()
    }

    /// Stores a vector. An index outside the data set is ignored.
    pub fn insert(&mut self, role: Role, index: usize, vector: Arc<[f32]>) {
        if let Some(row) = self.rows[role as usize].get_mut(index) {
            *row = Some(vector);
        }
    }

    /// The vector of a photo or caption, `[dim]`, not normalized.
    #[must_use]
    pub fn get(&self, role: Role, index: usize) -> Option<&[f32]> {
        self.rows[role as usize].get(index)?.as_deref()
    }

    /// Whether a photo or caption has its vector from every network of `models` that reads it.
    #[must_use]
    pub fn is_complete(&self, models: &ModelsInfo, modality: Modality, index: usize) -> bool {
        let mut roles =
            models.towers.iter().map(|tower| tower.role).filter(|role| role.modality() == modality);
        roles.all(|role| self.get(role, index).is_some())
    }

    /// The vectors of some photos or captions from one network, of unit length, `[places.len(), dim]`.
    ///
    /// # Errors
    /// When one is missing, as every later row would then be another item's, or has no direction.
    pub fn vectors(&self, tower: &TowerInfo, places: &[usize]) -> Result<Vectors, RowsError> {
        let rows: Option<Vec<&[f32]>> = places.iter().map(|&place| self.get(tower.role, place)).collect();
        Vectors::from_rows(tower.dim, rows.ok_or(RowsError::Missing)?).map_err(RowsError::Unusable)
    }

    /// Whether a photo or caption was skipped.
    #[must_use]
    pub fn is_skipped(&self, unit: Unit) -> bool {
        self.skipped.contains(&unit)
    }
}
