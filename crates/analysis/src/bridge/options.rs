//! Settings of the bridge's protocol.

use crate::matrix::GRID_LIMIT;

#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Number of anchor cosines kept in a relative representation, the largest ones. Below about the square root of the number
    /// of anchors, two representations often have none in common; such ties count as wrong.
    pub k: usize,
    /// Exponent on the kept cosines. Negative cosines count as 0.
    pub power: f64,
    /// Neighbors of each item in mutual k-NN.
    pub neighbors: usize,
    /// Permutations behind each p-value.
    pub permutations: usize,
    /// Hold-out draws to sample when there are too many to make them all.
    pub draws: usize,
    /// Seed of every random stream; part of the result.
    pub seed: u64,
    /// Most pairs that are compared. Of more pairs, a random sample of this size is taken.
    pub max_items: usize,
    /// A grid with more cells is left out of the result.
    pub grid_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            k: 64,
            power: 8.0,
            neighbors: 5,
            permutations: 1_000,
            draws: 1_000,
            seed: 20_210_226,
            max_items: 1_000,
            grid_limit: GRID_LIMIT,
        }
    }
}
