//! Which models an index belongs to.

use clipscope_networks::{ModelError, ModelSet, Role};

/// The models that the vectors of an index come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexModels {
    /// The key of the tower, [`clipscope_networks::Tower::key`].
    pub key: [u8; 32],
    /// Components of each vector.
    pub dim: usize,
    /// The model set, by its name on the command line.
    pub set: String,
}

impl IndexModels {
    /// What a model set's photos are indexed with.
    ///
    /// # Errors
    /// [`ModelError::NoNetwork`] where it has no image network of a shared space.
    pub fn of(set: &ModelSet) -> Result<Self, ModelError> {
        let dim = set.info().require(Role::ClipImage)?.dim;
        let key = set.require(Role::ClipImage)?.key();
        Ok(Self { key, dim, set: set.name().name().to_owned() })
    }
}
