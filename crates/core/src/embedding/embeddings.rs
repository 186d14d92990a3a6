//! The vectors known so far, by role and place in the data set.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::event::EventKind;

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

/// A thing that is embedded: a photo or one caption.
///
/// Both count through the data set in its order; captions run on across photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Index among the photos.
    Photo(usize),
    /// Index among all captions.
    Caption(usize),
    /// Index among the null captions, which belong to no photo.
    NullCaption(usize),
}

/// Vectors as they arrive: four tables of optional rows, filled in any order.
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

    /// Takes in what an event brings; events without a vector or a skip change nothing.
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
            EventKind::Notice(_) | EventKind::Failed(_) | EventKind::Finished { .. } => {}
        }
    }

    /// The vectors of the null captions in the shared space, `[dim]` each, when the first `count`
    /// of them are all known.
    #[must_use]
    pub fn null_captions(&self, count: usize) -> Option<Vec<&[f32]>> {
        (0..count).map(|index| self.null_captions.get(&index).map(AsRef::as_ref)).collect()
    }

    /// Stores a vector; an index outside the data set is ignored.
    pub fn insert(&mut self, role: Role, index: usize, vector: Arc<[f32]>) {
        if let Some(slot) = self.rows[role as usize].get_mut(index) {
            *slot = Some(vector);
        }
    }

    /// The vector of a photo or caption, `[dim]`, as the tower gave it.
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

    /// Notes that a photo or caption will never have its vectors.
    pub fn skip(&mut self, unit: Unit) {
        self.skipped.insert(unit);
    }

    /// Whether a photo or caption was given up.
    #[must_use]
    pub fn is_skipped(&self, unit: Unit) -> bool {
        self.skipped.contains(&unit)
    }

    /// How many vectors of a role are there.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        self.rows[role as usize].iter().flatten().count()
    }
}
